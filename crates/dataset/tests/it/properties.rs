use std::{cell::RefCell, collections::BTreeMap, ops::ControlFlow};

use bartizan_dataset::{Kind, Limits, scan};
use bartizan_detect::{Engine, Selection};
use proptest::prelude::*;
use serde_json::Value;

use crate::{Pieces, lines, scanned};

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        "[a-z@. ]{0,12}",
        Just("ana@acme.io".to_owned()),
        "[\\x00-\\x1f\"\\\\]{0,4}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-d/~\u{e9}]{0,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Types and total length of text by pointer, as `serde_json` sees them.
fn count(value: &Value, pointer: &str, into: &mut BTreeMap<String, (BTreeMap<Kind, u64>, u64)>) {
    let kind = match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
    };
    let length = match value {
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => 0,
        other => other.to_string().len(),
    };
    let entry = into.entry(pointer.to_owned()).or_default();
    *entry.0.entry(kind).or_default() += 1;
    entry.1 += length as u64;
    match value {
        Value::Array(all) => all.iter().for_each(|one| count(one, &format!("{pointer}/*"), into)),
        Value::Object(all) => {
            for (key, one) in all {
                count(one, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        _ => {}
    }
}

/// Occurrences in texts, each scanned alone.
fn alone(value: &Value, engine: &Engine) -> usize {
    match value {
        Value::String(text) => engine.scan_all(text.as_bytes()).len(),
        Value::Array(all) => all.iter().map(|one| alone(one, engine)).sum(),
        Value::Object(all) => all.values().map(|one| alone(one, engine)).sum(),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_serde_json_writes_is_read_as_it_was(rows in proptest::collection::vec(value(), 1..6)) {
        let mut text = rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        text.push('\n');
        let (scan, found) = scanned("a.jsonl", text.as_bytes());
        prop_assert_eq!(scan.records, rows.len() as u64);
        let faults: Vec<_> = found.iter().filter(|one| {
            let code = one.rule.code.as_str();
            code.starts_with("DAT") && code != "DAT005"
        }).collect();
        prop_assert!(faults.is_empty(), "{:?}", faults);
        let mut expected = BTreeMap::new();
        for row in &rows {
            count(row, "", &mut expected);
        }
        let seen: BTreeMap<_, _> = scan.columns.iter()
            .map(|one| (one.pointer.clone(), (one.types.clone(), one.total_length))).collect();
        prop_assert_eq!(seen, expected);
        let engine = Engine::new(Selection::all(), None);
        let least: usize = rows.iter().map(|row| alone(row, &engine)).sum();
        let in_text = found.iter().filter(|one| !one.rule.code.as_str().starts_with("DAT")).count();
        prop_assert!(in_text >= least, "{} of {}", in_text, least);
    }

    #[test]
    fn any_bytes_are_read_to_the_end_in_any_pieces(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "d83d", "\\ude00", "null", "tru", "-0.1e", "12", "\n", " ",
                "\u{feff}", "\0", "a", "\"k\": ", "ana@acme.io", "{\"a\": 1}\n",
            ]).prop_map(|text| text.as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..4),
        ], 0..40),
        sizes in proptest::collection::vec(1_usize..9, 0..40),
        name in proptest::sample::select(vec!["a.jsonl", "a.json", "a.csv", "a.txt"]),
    ) {
        let bytes = pieces.concat();
        let (whole, found) = scanned(name, &bytes);
        prop_assert_eq!(whole.bytes_read, bytes.len() as u64);
        let engine = Engine::new(Selection::all(), None);
        let mut again = Vec::new();
        let reader = Pieces(&bytes, RefCell::new(sizes));
        let cut = scan(&reader, name, &engine, &Limits::default(), &mut |_| ControlFlow::Continue(()), &mut |one| again.push(one)).unwrap();
        prop_assert_eq!(lines(&found), lines(&again));
        prop_assert_eq!((whole.records, whole.columns, whole.digest), (cut.records, cut.columns, cut.digest));
        let rows_are_json = bytes.split(|byte| *byte == b'\n').filter(|row| !row.trim_ascii().is_empty()).all(|row| {
            serde_json::from_slice::<Value>(row).is_ok()
        });
        let broken = found.iter().any(|one| matches!(one.rule.code.as_str(), "DAT001" | "DAT002" | "DAT003" | "DAT004" | "DAT009"));
        if name == "a.jsonl" && !bytes.starts_with(b"\xef\xbb\xbf") && whole.unexamined.is_empty() {
            // A lone surrogate in a key and 1e999 are refused by one of the two only; neither is made here.
            prop_assert_eq!(!rows_are_json, broken, "{}", String::from_utf8_lossy(&bytes));
        }
    }
}
