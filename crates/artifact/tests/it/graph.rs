//! Graphs in the wire formats of Protocol Buffers and `FlatBuffers`: what is told of them, and what hostile bytes do.

use bartizan_artifact::{FileClass, Format};
use bartizan_corpus::{
    Sample, Truth, catboost, coreml, onnx, protobuf::Message, samples, tensorflow, tensorrt, tflite,
};

use crate::look::{codes, named, text};

const FAMILIES: [&str; 7] = ["catboost", "coreml", "executorch", "onnx", "tensorflow", "tensorrt", "tflite"];

fn ours() -> impl Iterator<Item = Sample> {
    samples().into_iter().filter(|sample| FAMILIES.contains(&sample.family))
}

#[test]
fn what_writers_write_is_described() {
    let seen = named("model.onnx", &onnx::sound().0);
    assert_eq!((seen.format, seen.format.is_inspected()), (Format::Onnx, true));
    assert_eq!((seen.outline.tensors, seen.outline.parameters), (1, 4));
    insta::assert_snapshot!(serde_json::to_string(&seen.outline.facts).unwrap(), @r#"{"nodes":"1","onnx-version":"8","operator-domains":"ai.onnx","operator-sets":"ai.onnx 18","producer":"pytorch 2.9.0"}"#);
    let graph = tensorflow::graph(&[tensorflow::node("x", "Placeholder", &[], &[])]);
    let seen = named("saved_model.pb", &tensorflow::saved(&tensorflow::meta(&graph)));
    assert_eq!((seen.format, seen.format.carries_code()), (Format::SavedModel, Some(true)));
    insta::assert_snapshot!(serde_json::to_string(&seen.outline.facts).unwrap(), @r#"{"functions":"0","nodes":"1","tags":"serve","tensorflow-version":"2.21.0"}"#);
    let seen = named("model.tflite", &tflite::Model::new().build());
    assert_eq!((seen.outline.tensors, seen.outline.parameters), (3, 4));
    insta::assert_snapshot!(serde_json::to_string(&seen.outline.facts).unwrap(), @r#"{"description":"MLIR Converted.","nodes":"1","schema-version":"3"}"#);
    let formats: Vec<_> = ours()
        .filter(|sample| sample.truth == Truth::Benign)
        .map(|sample| named(&sample.path, &sample.bytes).format)
        .collect();
    for format in [Format::MetaGraph, Format::GraphDef, Format::CoreMl, Format::ExecuTorch, Format::CatBoost]
    {
        assert!(formats.contains(&format), "{format}");
    }
}

/// Files that a person should look at: their names, and the rule that says so.
pub(crate) fn questionable() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let unknown = onnx::model(&onnx::graph(&[onnx::node("vendor.ops", "Attention", &[])], &[]));
    let mut newer = onnx::sound();
    newer.0[1] = 99;
    let kind = onnx::model(&onnx::graph(&[], &[onnx::tensor("w", 99, &[1], &[0])]));
    let settings = onnx::sound().message(14, &Message::new().text(1, "ort_config").text(2, "{}"));
    let operator = tensorflow::graph(&[tensorflow::node("x", "IO>KafkaReadableInit", &[], &[])]);
    let schema = Message::new().number(1, 9).message(2, &tensorflow::meta(&operator));
    let object = Message::new().text(1, "_tf_keras_layer").text(3, "{\"class_name\": \"Lam");
    let objects = Message::new().message(1, &Message::new().message(4, &object));
    let broken = tensorflow::saved(&tensorflow::meta(&operator).message(7, &objects));
    let mut custom = tflite::Model::new();
    custom.operators = vec![tflite::custom("VendorAttention")];
    let mut version = tflite::Model::new();
    version.version = 9;
    let mut program = bartizan_corpus::executorch::Program::new();
    program.delegates = vec![bartizan_corpus::executorch::delegate("VendorBackend", 1, 0)];
    let core = catboost::core(&[0], &[1], &[0], &["vendor_v1"], bartizan_corpus::flatbuffers::text("v9"));
    let part = catboost::file(&core, &[0; 8]);
    let mut name = tflite::Model::new();
    name.description = bartizan_corpus::flatbuffers::text("a\u{1b}[2J");
    let long = onnx::sound().tag(5, 0).raw(&[0x81, 0]).0;
    let hidden = onnx::model(&onnx::graph(&[], &[onnx::tensor("a\u{202e}b", 1, &[1], &[0; 4])]));
    let mut operator_of_vendor = bartizan_corpus::executorch::Program::new();
    operator_of_vendor.operators = vec![bartizan_corpus::executorch::operator("vendor::attention")];
    vec![
        ("model.pte", operator_of_vendor.build(), "ETX003"),
        ("model.onnx", unknown.0, "ONX004"),
        ("model.onnx", newer.0, "ONX011"),
        ("model.onnx", kind.0, "ONX007"),
        ("model.onnx", settings.0, "ONX010"),
        ("model.onnx", long, "PBF002"),
        ("model.onnx", hidden.0, "PBF006"),
        ("graph.pb", operator.0, "TFG002"),
        ("saved_model.pb", schema.0, "TFG008"),
        ("saved_model.pb", broken, "TFG009"),
        ("model.tflite", custom.build(), "TFL002"),
        ("model.tflite", version.build(), "TFL006"),
        ("model.pte", program.build(), "ETX004"),
        ("model.mlmodel", coreml::model(500, &Message::new()).number(1, 99).0, "CML005"),
        ("model.cbm", part, "CTB002"),
        ("model.tflite", name.build(), "FLB004"),
        ("model.engine", tensorrt::engine(b"ftrt", b""), "TRT001"),
    ]
}

#[test]
fn what_is_not_known_asks_for_review() {
    for (name, bytes, code) in questionable() {
        let seen = named(name, &bytes);
        assert!(codes(&seen).contains(&code), "{name} {code}: {}", text(&seen));
        assert_ne!(seen.class, FileClass::Finding, "{}", text(&seen));
    }
}

/// A file that starts like the checksums beside a model, and like another format, is still what it is.
#[test]
fn no_graph_hides_behind_the_start_of_another_file() {
    let evil = tensorflow::meta(&tensorflow::graph(&[tensorflow::node("n", "WriteFile", &["x"], &[])]));
    let bytes = Message::new().number(1, 1).number(2, 0).message(2, &evil).0;
    let seen = named("saved_model.pb", &bytes);
    assert!(codes(&seen).contains(&"TFG001"), "{}", text(&seen));
    // A description of a Core ML model so long that the graph behind it is out of view.
    let long = Message::new().message(100, &Message::new().text(1, &"a".repeat(70_000)));
    let bytes = Message::new().number(1, 4).message(2, &long).raw(&onnx::sound().0[2..]).0;
    let seen = named("model.bin", &bytes);
    assert_ne!(seen.class, FileClass::Clean, "{}", text(&seen));
}

/// Text and other files stay what they are.
#[test]
fn no_other_file_is_taken_for_a_graph() {
    for bytes in [
        b"\n# Title\n\nText that starts with a line break.\n".as_slice(),
        b"\n\x20\n\x1edef f():\n    return 1\n\n\n\nprint(1)\n",
        b"\x08\x01",
        b"\x0a\x00\x12\x00",
        b"\x0a\x05hello",
        b"ftrt is a word\n",
        b"CBM1 is a word\n",
        b"\0\0\0\0ET1x",
        b"\x08\x96\x01",
    ] {
        let format = named("file", bytes).format;
        assert!(matches!(format, Format::Text | Format::Other), "{format}: {}", bytes.escape_ascii());
    }
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut bytes = vec![0; 64];
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
        let format = named("file", &bytes).format;
        assert!(
            !matches!(
                format,
                Format::Onnx | Format::CoreMl | Format::SavedModel | Format::MetaGraph | Format::GraphDef
            ),
            "{format}: {}",
            bytes.escape_ascii()
        );
    }
}

/// Whatever the bytes: each is read once, nothing panics, and what cannot be read is told.
#[test]
fn changed_bytes_are_read_to_their_end() {
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below as u64).unwrap()
    };
    for sample in ours() {
        for round in 0..24 {
            let mut bytes = sample.bytes.clone();
            match round % 3 {
                0 => {
                    for _ in 0..=random(3) {
                        let at = random(bytes.len());
                        bytes[at] ^= 1 << random(8);
                    }
                }
                1 => bytes.truncate(random(bytes.len())),
                _ => {
                    let at = random(bytes.len());
                    bytes.splice(at..at, vec![random(256) as u8; 1 + random(64)]);
                }
            }
            named(&sample.path, &bytes);
        }
    }
}

/// A file that was cut inside a field, a table or a segment is never clean.
#[test]
fn what_is_cut_is_not_clean() {
    for sample in ours().filter(|sample| sample.truth == Truth::Benign && sample.path != "models.zip") {
        for cut in 1..sample.bytes.len().min(200) {
            let bytes = &sample.bytes[..sample.bytes.len() - cut];
            let seen = named(&sample.path, bytes);
            // Fields of the outermost message end without a mark, and zeros that align the end may be missing.
            let known = match sample.family {
                "onnx" | "tensorflow" | "coreml" => seen.format != Format::Text && !ends_with_a_field(bytes),
                "tflite" => sample.what.contains("behind"),
                _ => true,
            };
            if known {
                assert_ne!(
                    seen.class,
                    FileClass::Clean,
                    "{} without {cut} bytes: {}",
                    sample.what,
                    text(&seen)
                );
            }
        }
    }
}

/// Whether bytes are whole fields.
fn ends_with_a_field(bytes: &[u8]) -> bool {
    let mut at = 0;
    let number = |at: &mut usize| {
        let mut value = 0_u64;
        for shift in 0..10 {
            let byte = *bytes.get(*at)?;
            *at += 1;
            value |= u64::from(byte & 0x7f) << (7 * shift);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    while at < bytes.len() {
        let Some(tag) = number(&mut at) else { return false };
        let length = match tag & 7 {
            0 => number(&mut at).map(|_| 0),
            2 => number(&mut at),
            _ => None,
        };
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else { return false };
        at = at.saturating_add(length);
    }
    at == bytes.len()
}
