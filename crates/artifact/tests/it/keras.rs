//! HDF5, Keras, `MessagePack` and Orbax: what is changed, cut or lengthened is read to its end and never passed.

use bartizan_artifact::{FileClass, Format, Limits, inspect};
use bartizan_corpus::{
    Sample, Truth,
    hdf5::{Array, Child, Group, Layout, weights},
    keras::{archive, h5, sequential},
    msgpack,
    zip::{Member, zip},
};
use std::ops::ControlFlow;

use crate::look::{codes, named, text};

fn own() -> Vec<Sample> {
    let samples = bartizan_corpus::samples().into_iter();
    samples.filter(|sample| ["hdf5", "keras", "msgpack", "orbax"].contains(&sample.family)).collect()
}

/// A generator of Marsaglia's xorshift family; the same numbers in each run.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap()
}

#[test]
fn a_file_with_changed_bytes_is_read_to_its_end() {
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for sample in own() {
        for round in 0..12 {
            let mut bytes = sample.bytes.clone();
            for _ in 0..=round % 4 {
                let at = next(&mut state) % bytes.len();
                bytes[at] = match round % 3 {
                    0 => bytes[at] ^ 1 << (next(&mut state) % 8),
                    1 => 0xff,
                    _ => u8::try_from(next(&mut state) % 256).unwrap(),
                };
            }
            if round % 4 == 3 {
                bytes.truncate(next(&mut state) % bytes.len() + 1);
            }
            // Reading it asserts that each byte was read once and that the digest is of all of them.
            named(&sample.path, &bytes);
        }
    }
}

#[test]
fn a_file_that_was_cut_is_not_passed() {
    for sample in own().iter().filter(|sample| sample.truth == Truth::Benign) {
        let ends = ["h5", "hdf5", "keras", "msgpack", "ocdbt"];
        if !ends.iter().any(|end| sample.path.ends_with(end)) {
            continue;
        }
        for count in [1, 2, 3, 5, 9, sample.bytes.len() / 3] {
            let seen = named(&sample.path, &sample.bytes[..sample.bytes.len() - count]);
            assert_ne!(
                seen.class,
                FileClass::Clean,
                "{} without {count} bytes\n{}",
                sample.what,
                text(&seen)
            );
        }
    }
}

#[test]
fn bytes_behind_a_file_are_told() {
    for sample in own().iter().filter(|sample| sample.truth == Truth::Benign) {
        if !["h5", "hdf5", "keras", "msgpack"].iter().any(|end| sample.path.ends_with(end)) {
            continue;
        }
        let seen = named(&sample.path, &[sample.bytes.as_slice(), b"\x01\x02\x03"].concat());
        assert_ne!(seen.class, FileClass::Clean, "{}\n{}", sample.what, text(&seen));
    }
}

#[test]
fn bytes_that_arrive_slowly_are_judged_alike() {
    struct Slow<'b>(&'b [u8]);
    impl bartizan_artifact::ReadAt for Slow<'_> {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = buffer.len().min(1021);
            self.0.read_at(offset, &mut buffer[..count])
        }
    }
    for sample in own() {
        let limits = Limits::default();
        let seen = inspect(&Slow(&sample.bytes), &sample.path, &limits, &mut |_| ControlFlow::Continue(()));
        let whole = named(&sample.path, &sample.bytes);
        assert_eq!(text(&seen.unwrap()), text(&whole), "{}", sample.what);
    }
}

#[test]
fn what_people_read_about_a_hostile_model() {
    let function =
        r#"{"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}"#;
    let layer = format!(
        r#"{{"module": "keras.layers", "class_name": "Dense", "config": {{"activation": {function}}}}}"#
    );
    let stolen =
        weights().array("w", Array::floats(&[4]).layout(Layout::External(vec!["/etc/hostname".to_owned()])));
    let linked = stolen.link("x", Child::External("other.h5".to_owned(), "/x".to_owned()));
    let members = [
        Member::stored("config.json", sequential(&[layer]).as_bytes()),
        Member::deflated("model.weights.h5", &linked.old()),
        Member::stored("run.py", b"pass\n"),
    ];
    insta::assert_snapshot!(text(&named("model.keras", &zip(&members))), @r"
    Keras archive: finding
    critical KER002 model.keras!config.json at byte 167: the configuration asks for `os.system`, which starts programs
    high HDF003 model.keras!model.weights.h5!/x at byte 35472: the link leads to `/x` in the file `other.h5`
    high HDF002 model.keras!model.weights.h5!/w at byte 35304: the array's bytes are in the file `/etc/hostname`
    medium KER009 model.keras!run.py: Keras writes no member of this name
    ");
    let tree = msgpack::map(&[("params", msgpack::map(&[("w", msgpack::array(&[3], "float32", &[0; 8]))]))]);
    insta::assert_snapshot!(text(&named("flax_model.msgpack", &tree)), @r"
    MessagePack: finding
    high MSG004 flax_model.msgpack!params/w at byte 11: an array takes 12 bytes, and has 8
    ");
}

#[test]
fn what_a_model_holds_is_told() {
    let seen = named("model.h5", &h5(&sequential(&[])).old());
    assert_eq!((seen.format, seen.outline.tensors, seen.outline.parameters), (Format::KerasHdf5, 2, 10));
    assert_eq!(seen.outline.dtypes["F32"], 2);
    assert_eq!(seen.outline.facts["keras-version"], "2.13.1");
    let seen = named("model.keras", &archive(&sequential(&[]), &[]));
    assert_eq!((seen.format, seen.outline.tensors), (Format::Keras, 4));
    assert_eq!(seen.outline.facts["keras-version"], "3.11.0");
}

/// A file that points to itself from everywhere costs no more than one that does not.
#[test]
fn work_is_bounded() {
    // A group that holds itself under many names, and a tree that does not end.
    let mut root = Group::new();
    for index in 0..120 {
        root = root.link(&format!("g{index:03}"), Child::Root);
    }
    let seen = named("loop.h5", &root.old());
    assert_eq!(codes(&seen), ["HDF012"]);
    // The builder puts the root's address in when the checksum is written.
    let seen = named("loop.h5", &root.new_form());
    assert_eq!(codes(&seen), ["HDF006", "HDF012"]);
    let mut deep = [0x81, 0xa1, b'a'].repeat(100_000);
    deep.push(0xc0);
    assert_ne!(named("deep.msgpack", &deep).class, FileClass::Clean);
}
