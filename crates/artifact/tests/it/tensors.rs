//! Safetensors: each rule fires where it should, and the reference library agrees.

use bartizan_artifact::FileClass;
use proptest::prelude::*;
use safetensors::SafeTensors;

use crate::look::{codes, named, text};
use bartizan_corpus::safetensors::{safetensors, unpadded};

#[test]
fn a_sound_file_is_described_and_clean() {
    let header = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2],"data_offsets":[16,20]},
        "a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"z":{"dtype":"I64","shape":[0],"data_offsets":[20,20]}}"#;
    let file = safetensors(header, &[1; 20]);
    SafeTensors::deserialize(&file).unwrap();
    let seen = named("model.safetensors", &file);
    assert_eq!((seen.class, codes(&seen)), (FileClass::Clean, Vec::new()));
    insta::assert_snapshot!(serde_json::to_string(&seen.outline).unwrap(), @r#"{"tensors":3,"parameters":6,"dtypes":{"F16":1,"F32":1,"I64":1},"metadata_keys":["format"]}"#);
}

/// Header, bytes of data, and the rules that fire.
pub(crate) const CASES: &[(&str, usize, &[&str])] = &[
    ("{}", 0, &[]),
    (r#"{"w":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#, 1, &[]),
    (r#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}"#, 2, &["STS002"]),
    (r#"{"w":{"dtype":"U8","shape":[2]}}"#, 2, &["STS002"]),
    (r#"{"w":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}"#, 2, &["STS002"]),
    (r#"{"w":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}"#, 2, &["STS002"]),
    (r#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2,3]}}"#, 2, &["STS002"]),
    (r#"{"w":["U8",[2],[0,2]]}"#, 2, &["STS002"]),
    (r#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}} x"#, 2, &["STS002"]),
    (
        r#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
        4,
        &["STS003"],
    ),
    (r#"{"w":{"dtype":"U8","dtype":"I8","shape":[2],"data_offsets":[0,2]}}"#, 2, &["STS003"]),
    (
        r#"{"\u0077":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
        4,
        &["STS003"],
    ),
    (r#"{"w":{"dtype":"F128","shape":[1],"data_offsets":[0,16]}}"#, 16, &["STS004"]),
    (r#"{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,12]}}"#, 12, &["STS005"]),
    (r#"{"w":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#, 2, &["STS005"]),
    (r#"{"w":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}"#, 0, &["STS005"]),
    (r#"{"w":{"dtype":"U8","shape":[4096],"data_offsets":[0,4096]}}"#, 16, &["STS006", "STS008"]),
    (r#"{"w":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}"#, 2, &["STS005", "STS006", "STS008"]),
    (
        r#"{"w":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551615,18446744073709551615]}}"#,
        1,
        &["STS005", "STS006", "STS008"],
    ),
    (
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
        6,
        &["STS007"],
    ),
    (
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}"#,
        4,
        &["STS007"],
    ),
    (
        r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}"#,
        4,
        &["STS008"],
    ),
    (r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 4, &["STS008"]),
    (r#"{"__metadata__":{"epochs":3}}"#, 0, &["STS009"]),
    (r#"{"__metadata__":["pt"]}"#, 0, &["STS009"]),
    (r#"{"__metadata__":null}"#, 0, &[]),
    (r#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, &["STS003"]),
    (r#"{"__metadata__":{"title":"<SCRIPT src=x>"}}"#, 0, &["STS010"]),
    (r#"{"__metadata__":{"licence":"see https://example.com"}}"#, 0, &[]),
    (r#" {"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 1, &["STS013"]),
    (r#"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"loader":{"a":[1]}}}"#, 1, &["STS013"]),
];

#[test]
fn each_rule_fires_where_it_should_and_nowhere_else() {
    for (header, data, want) in CASES {
        let file = safetensors(header, &vec![0; *data]);
        let seen = named("m.safetensors", &file);
        assert_eq!(codes(&seen), *want, "{header}\n{}", text(&seen));
        agree(&file);
    }
}

#[test]
fn a_header_length_that_cannot_be_is_found() {
    let mut long = u64::MAX.to_le_bytes().to_vec();
    long.extend(b"{\"w\":1}");
    let mut beyond = 64_u64.to_le_bytes().to_vec();
    beyond.extend(b"{}");
    insta::assert_snapshot!(text(&named("m.safetensors", &long)), @r"
    safetensors: finding
    high STS001 m.safetensors at byte 0: the header claims 18446744073709551615 bytes; readers refuse more than 100000000
    not examined: m.safetensors at byte 8: a header that no reader accepts
    ");
    assert_eq!(codes(&named("m.safetensors", &beyond)), ["STS001", "STS012"]);
    assert_eq!(codes(&named("m.safetensors", &unpadded("{}", b""))), ["STS012"]);
    assert_eq!(named("m.safetensors", b"").class, FileClass::Review);
}

#[test]
fn names_from_the_file_are_escaped() {
    let header = "{\"a\\u202eb\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}";
    insta::assert_snapshot!(text(&named("m.safetensors", &safetensors(header, b"\0"))), @r"
    safetensors: finding
    high STS005 m.safetensors!a\u{202e}b at byte 9: type and shape ask for 2 bytes, the offsets hold 1
    ");
}

/// The one direction that matters: what is clean here loads there, and what is refused there has a problem here.
fn agree(file: &[u8]) {
    let seen = named("m.safetensors", file);
    let reference = SafeTensors::deserialize(file);
    if seen.class == FileClass::Clean {
        assert!(reference.is_ok(), "clean, but refused: {:?}", reference.err());
    }
    if reference.is_err() {
        assert!(!seen.problems.is_empty(), "refused, but without a problem: {:?}", reference.err());
    }
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![8 => (0_u64..9).prop_map(|number| number.to_string()), 1 => Just("1e2".to_owned()), 1 => Just("-1".to_owned()),
        1 => Just("18446744073709551615".to_owned()), 1 => Just("4294967296".to_owned())]
}

fn entry() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(vec!["\"a\"", "\"b\"", "\"c\"", "\"__metadata__\"", "\"\\u0061\""]);
    let dtype =
        proptest::sample::select(vec!["\"U8\"", "\"F16\"", "\"F4\"", "\"F6_E2M3\"", "\"f32\"", "7", "null"]);
    let shape = proptest::collection::vec(number(), 0..3).prop_map(|shape| format!("[{}]", shape.join(",")));
    let offsets = (number(), number()).prop_map(|(start, end)| format!("[{start},{end}]"));
    let extra = proptest::sample::select(vec!["", "", "", ",\"x\":[{}]", ",\"shape\":[1]"]);
    let metadata = proptest::sample::select(vec!["{}", "{\"k\":\"v\"}", "{\"k\":1}", "null", "[]"]);
    (name, dtype, shape, offsets, extra, metadata).prop_map(
        |(name, dtype, shape, offsets, extra, metadata)| {
            if name == "\"__metadata__\"" {
                format!("{name}:{metadata}")
            } else {
                format!("{name}:{{\"dtype\":{dtype},\"shape\":{shape},\"data_offsets\":{offsets}{extra}}}")
            }
        },
    )
}

/// Tensors that lie one behind the other, so that sound files are common too.
fn sound() -> impl Strategy<Value = Vec<u8>> {
    let tensor =
        (proptest::sample::select(vec![("U8", 8_u64), ("F16", 16), ("F4", 4), ("F64", 64)]), 0_u64..5);
    proptest::collection::vec(tensor, 0..5).prop_map(|tensors| {
        let (mut entries, mut end) = (Vec::new(), 0);
        for (index, ((dtype, bits), elements)) in tensors.into_iter().enumerate() {
            let start = end;
            end += elements * bits / 8;
            entries.push(format!("\"t{index}\":{{\"dtype\":\"{dtype}\",\"shape\":[{elements}],\"data_offsets\":[{start},{end}]}}"));
        }
        safetensors(&format!("{{{}}}", entries.join(",")), &vec![0; usize::try_from(end).unwrap()])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn odd_headers_agree_with_the_reference(entries in proptest::collection::vec(entry(), 0..3), data in 0_usize..9) {
        agree(&safetensors(&format!("{{{}}}", entries.join(",")), &vec![0; data]));
    }

    #[test]
    fn damaged_files_agree_with_the_reference(
        file in sound(),
        damage in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = file;
        if let Some((at, byte)) = damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        // A file that is no longer routed here is not passed either.
        let seen = named("m.safetensors", &file);
        let reference = SafeTensors::deserialize(&file);
        prop_assert!(reference.is_ok() || seen.class != FileClass::Clean, "{}", text(&seen));
    }
}
