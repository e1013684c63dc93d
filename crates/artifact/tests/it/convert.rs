//! Checkpoints become safetensors that the reference library reads, and nothing of them runs.

use std::ops::ControlFlow;

use bartizan_artifact::{
    FileClass, Limits,
    convert::{Checkpoint, ConvertError},
    inspect,
};
use bartizan_corpus::{
    pickle::{Pickle, system},
    torch::{State, torch},
    zip::{Member, zip},
};
use safetensors::SafeTensors;

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Converts, verifies, and reads the result with the reference library.
fn converted(file: &Vec<u8>, select: Option<&str>) -> (Vec<u8>, Vec<(String, String)>) {
    let checkpoint = Checkpoint::read(file, &Limits::default(), select).unwrap();
    let mut out = Vec::new();
    let converted = checkpoint.write(&mut out).unwrap();
    checkpoint.verify(&converted, &out).unwrap();
    let seen =
        inspect(&out, "m.safetensors", &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(seen.class, FileClass::Clean, "{:?}", seen.problems);
    let dropped = checkpoint.dropped().iter().map(|one| (one.name.clone(), one.what.clone())).collect();
    (out, dropped)
}

#[test]
fn a_state_dict_keeps_names_types_and_values() {
    let state = State::new()
        .tensor("layer.weight", "FloatStorage", "0", 0, &[2, 3], &[3, 1])
        .tensor("layer.transposed", "FloatStorage", "0", 0, &[3, 2], &[1, 3])
        .tensor("layer.bias", "HalfStorage", "1", 1, &[2], &[1])
        .tensor("steps", "LongStorage", "2", 0, &[], &[])
        .stop();
    let weight: Vec<f32> = (0..6_u8).map(f32::from).collect();
    let file = zip(&[
        Member::stored("archive/data.pkl", &state),
        Member::stored("archive/data/0", &floats(&weight)),
        Member::deflated("archive/data/1", &[9, 9, 1, 2, 3, 4]),
        Member::stored("archive/data/2", &7_u64.to_le_bytes()),
    ]);
    let (out, dropped) = converted(&file, None);
    assert!(dropped.is_empty(), "{dropped:?}");
    let read = SafeTensors::deserialize(&out).unwrap();
    let mut names = read.names();
    names.sort_unstable();
    assert_eq!(names, ["layer.bias", "layer.transposed", "layer.weight", "steps"]);
    assert_eq!(read.tensor("layer.weight").unwrap().data(), floats(&weight));
    let transposed = read.tensor("layer.transposed").unwrap();
    assert_eq!(
        (transposed.shape(), transposed.data()),
        ([3, 2].as_slice(), &*floats(&[0., 3., 1., 4., 2., 5.]))
    );
    let bias = read.tensor("layer.bias").unwrap();
    assert_eq!((bias.dtype(), bias.data()), (safetensors::Dtype::F16, [1, 2, 3, 4].as_slice()));
    assert_eq!(read.tensor("steps").unwrap().shape(), [] as [usize; 0]);
}

#[test]
fn what_would_run_is_left_behind_and_named() {
    let evil = Pickle::proto(2)
        .raw(b"}(")
        .text("model")
        .raw(&State::new().tensor("w", "FloatStorage", "0", 0, &[2], &[1]).body())
        .text("hook")
        .raw(&system().0[2..])
        .text("epoch")
        .raw(b"K\x03u")
        .stop();
    let file = zip(&[Member::stored("a/data.pkl", &evil), Member::stored("a/data/0", &floats(&[1., 2.]))]);
    let (out, dropped) = converted(&file, None);
    assert_eq!(dropped, [("hook".to_owned(), "an object of posix.system".to_owned())]);
    let (_, metadata) = SafeTensors::read_metadata(&out).unwrap();
    assert_eq!(metadata.metadata().as_ref().unwrap()["epoch"], "3");
    assert!(SafeTensors::deserialize(&out).unwrap().tensor("model.w").is_ok());
    let (out, dropped) = converted(&file, Some("model"));
    assert!(dropped.is_empty() && SafeTensors::deserialize(&out).unwrap().tensor("w").is_ok());
}

#[test]
fn tensors_that_cannot_be_are_not_made_up() {
    for (what, tensor, storage) in [
        ("beyond its storage", ("FloatStorage", 0, 4), floats(&[1., 2.])),
        ("offset beyond its storage", ("FloatStorage", 2, 1), floats(&[1., 2.])),
        ("of a type that safetensors has not", ("QInt8Storage", 0, 1), floats(&[1.])),
    ] {
        let (class, offset, length) = tensor;
        let state = State::new()
            .tensor("good", "FloatStorage", "1", 0, &[1], &[1])
            .tensor("bad", class, "0", offset, &[length], &[1])
            .stop();
        let file = zip(&[
            Member::stored("a/data.pkl", &state),
            Member::stored("a/data/0", &storage),
            Member::stored("a/data/1", &floats(&[5.])),
        ]);
        let checkpoint = Checkpoint::read(&file, &Limits::default(), None).unwrap();
        let dropped = checkpoint.dropped();
        assert!(
            dropped.len() == 1 && dropped[0].is_tensor && dropped[0].name == "bad",
            "{what}: {dropped:?}"
        );
    }
    let nothing = torch(&[], &[]);
    assert!(matches!(Checkpoint::read(&nothing, &Limits::default(), None), Err(ConvertError::Empty(_))));
    let other = b"\x7fELF\x02\x01\x01\0".to_vec();
    assert!(matches!(Checkpoint::read(&other, &Limits::default(), None), Err(ConvertError::Unknown(_))));
}
