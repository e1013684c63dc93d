//! Writes `LightGBM` models.

use crate::{Sample, compressed::gzip, pickle::system};

const FAMILY: &str = "lightgbm";

/// A tree of three leaves, with changes.
pub fn tree(changes: &[(&str, &str)]) -> String {
    let lines = [
        ("num_leaves", "3"),
        ("num_cat", "0"),
        ("split_feature", "0 1"),
        ("split_gain", "1.5 0.5"),
        ("threshold", "0.25 1e-10"),
        ("decision_type", "2 2"),
        ("left_child", "1 -1"),
        ("right_child", "-2 -3"),
        ("leaf_value", "-0.1 0.2 0.3"),
        ("leaf_weight", "1 2 3"),
        ("leaf_count", "10 20 30"),
        ("internal_value", "0 0.1"),
        ("internal_weight", "6 3"),
        ("internal_count", "60 30"),
        ("is_linear", "0"),
        ("shrinkage", "0.1"),
    ];
    let mut tree = "Tree=0\n".to_owned();
    for (key, value) in lines {
        let value = changes.iter().find(|(changed, _)| *changed == key).map_or(value, |(_, value)| value);
        tree += &format!("{key}={value}\n");
    }
    tree + "\n\n"
}

/// A model of trees; the sizes are theirs unless said otherwise.
pub fn model(trees: &[String], sizes: Option<&str>, parameters: &str) -> Vec<u8> {
    let own: Vec<_> = trees.iter().map(|tree| tree.len().to_string()).collect();
    let sizes = sizes.map_or_else(|| own.join(" "), str::to_owned);
    format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n\
         objective=binary sigmoid:1\nfeature_names=age income\nfeature_infos=[0:1] [0:1]\ntree_sizes={sizes}\n\n\
         {}end of trees\n\nfeature_importances:\nage=1\nincome=1\n\nparameters:\n[boosting: gbdt]\n{parameters}\n\
         end of parameters\n\npandas_categorical:null\n",
        trees.concat()
    )
    .into_bytes()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.txt", bytes, codes);
    let with = |key: &str, value: &str| model(&[tree(&[]), tree(&[(key, value)])], None, "");
    let base64 = crate::pickle::base64(&system().stop());
    let bad = with("left_child", "7 -1");
    let cut = bad[..bad.len() - 250].to_vec();
    let mut samples = vec![
        hostile("child outside the tree", bad.clone(), &["LGB002"]),
        hostile("child that is the root", with("left_child", "0 -1"), &["LGB002"]),
        hostile("child of two nodes", with("right_child", "1 -3"), &["LGB002"]),
        hostile("leaf outside the tree", with("right_child", "-2 -90"), &["LGB002"]),
        hostile("child that is no number", with("left_child", "1 x"), &["LGB002"]),
        hostile("child beyond all numbers", with("left_child", "99999999999999999999 -1"), &["LGB002"]),
        hostile("feature that is not there", with("split_feature", "0 70000"), &["LGB002"]),
        hostile("feature of negative number", with("split_feature", "0 -1"), &["LGB002"]),
        hostile("too few thresholds", with("threshold", "0.25"), &["LGB002"]),
        hostile("too many leaves", with("num_leaves", "2000000000"), &["LGB002"]),
        hostile("leaves of negative number", with("num_leaves", "-3"), &["LGB002"]),
        hostile("no leaves", with("num_leaves", "0"), &["LGB002"]),
        hostile("too few values of leaves", with("leaf_value", "0.1"), &["LGB002"]),
        hostile("sizes beyond the file", model(&[tree(&[])], Some("99999999"), ""), &["LGB002"]),
        hostile("sizes that are negative", model(&[tree(&[])], Some("-1"), ""), &["LGB002"]),
        hostile("more sizes than trees", model(&[tree(&[])], Some("100 200"), ""), &["LGB002"]),
        hostile("cut off behind a tree that is none", cut, &["LGB001", "LGB002"]),
        hostile(
            "code in a parameter",
            model(&[tree(&[])], None, "[data: __import__('os').system('true')]"),
            &["LGB003"],
        ),
        hostile("command in a parameter", model(&[tree(&[])], None, "[data: |sh -c true]"), &["LGB003"]),
        hostile("pickle in a line", model(&[tree(&[])], None, &format!("state={base64}")), &["LGB003"]),
    ];
    samples.push(Sample::hostile(FAMILY, "compressed", "model.txt.gz", gzip(&bad), &["LGB002"]));
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.txt", bytes);
    let leaf: Vec<_> =
        ["split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child"]
            .map(|key| (key, ""))
            .to_vec();
    let leaf = tree(&[leaf, vec![("num_leaves", "1"), ("leaf_value", "0.5")]].concat());
    samples.extend([
        benign("one tree", model(&[tree(&[])], None, "[num_leaves: 31]")),
        benign("three trees", model(&[tree(&[]), tree(&[]), tree(&[])], None, "[machines: ]")),
        benign("tree of one leaf", model(&[leaf], None, "")),
        benign("no trees", model(&[], None, "")),
        benign("pandas", [model(&[tree(&[])], None, ""), b"\n".to_vec()].concat()),
    ]);
    samples
}
