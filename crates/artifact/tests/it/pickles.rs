//! Pickles as picklers write them, and streams made to exhaust a reader.

use std::io;

use bartizan_artifact::{FileClass, Format, Limits, ReadAt, inspect};
use proptest::prelude::*;

use crate::look::{codes, named, text};
use bartizan_corpus::pickle::Pickle;

/// The state of a small `PyTorch` file of before version 1.6: five streams and one storage of two floats.
fn old_torch(storage: &[u8]) -> Vec<u8> {
    let state = Pickle::proto(2)
        .global("collections", "OrderedDict")
        .raw(b")R(")
        .text("weight")
        .global("torch._utils", "_rebuild_tensor_v2")
        .raw(b"(")
        .storage("0", 2)
        .raw(b"NtQK\x00K\x02\x85K\x01\x85\x89")
        .global("collections", "OrderedDict")
        .raw(b")RtRu")
        .stop();
    let mut file =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.".to_vec();
    file.extend(state);
    file.extend(Pickle::proto(2).raw(b"]").text("0").raw(b"a").stop());
    file.extend(storage);
    file
}

#[test]
fn what_picklers_write_is_clean() {
    let array = Pickle::proto(3)
        .global("numpy.core.multiarray", "_reconstruct")
        .global("numpy", "ndarray")
        .raw(b"K\x00\x85C\x01b\x87R(K\x01K\x02\x85")
        .global("numpy", "dtype")
        .text("f8")
        .raw(b"\x89\x88\x87R(K\x03")
        .text("<")
        .raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C\x10")
        .raw(&[0; 16])
        .raw(b"tb")
        .stop();
    let mut storage = 2_u64.to_le_bytes().to_vec();
    storage.extend([0; 8]);
    for (what, bytes) in [
        (
            "dictionary",
            Pickle::proto(4)
                .raw(b"}\x94(")
                .text("a")
                .raw(b"K\x01")
                .text("b")
                .raw(b"]\x94(K\x01K\x02eu")
                .stop(),
        ),
        ("framed", Pickle::framed(b"}\x94\x8c\x01aK\x01s.")),
        ("protocol 0", b"(dp0\nVa\np1\nI1\nsVb\np2\nF1.5\ns.".to_vec()),
        (
            "bytes in protocol 2",
            Pickle::proto(2).global("_codecs", "encode").text("x").text("latin1").raw(b"\x86R").stop(),
        ),
        (
            "an object with a text of its own",
            Pickle::proto(2)
                .global("collections", "OrderedDict")
                .raw(b")R}")
                .text("__doc__")
                .text("x")
                .raw(b"sb")
                .stop(),
        ),
        ("array", array),
        ("old torch", old_torch(&storage)),
    ] {
        let seen = named("model.pkl", &bytes);
        let format = if what == "old torch" { Format::PyTorchLegacy } else { Format::Pickle };
        assert_eq!((seen.format, seen.class), (format, FileClass::Clean), "{what}\n{}", text(&seen));
        assert_eq!(codes(&seen), Vec::<&str>::new(), "{what}");
    }
    assert_eq!(codes(&named("model.pt", &old_torch(&[0; 15]))), ["PKL008"]);
}

#[test]
fn an_unknown_class_asks_for_a_person() {
    let bytes =
        Pickle::proto(2).global("project.models._own", "SVC").raw(b")\x81}").text("C").raw(b"K\x01sb").stop();
    insta::assert_snapshot!(text(&named("model.pkl", &bytes)), @r"
    pickle: review
    medium PKL002 model.pkl at byte 2: the pickle imports project.models._own.SVC, which is not known to be inert
    ");
    insta::assert_snapshot!(serde_json::to_string(&named("model.pkl", &bytes).outline).unwrap(), @r#"{"pickles":1,"opcodes":10,"globals":["project.models._own.SVC"]}"#);
}

#[test]
fn bytes_that_are_not_in_the_file_are_unexamined() {
    let seen = named("model.pkl", &Pickle::proto(5).raw(b"\x97").stop());
    assert_eq!((seen.class, seen.unexamined.len()), (FileClass::Inconclusive, 1));
}

#[test]
fn claims_of_size_cost_nothing() {
    let huge = u64::MAX.to_le_bytes();
    for opcode in [b"\x8d", b"\x8e", b"\x96", b"\x95"] {
        let seen = named("model.pkl", &Pickle::proto(5).raw(opcode).raw(&huge).raw(b"abc").0);
        assert_eq!(seen.class, FileClass::Inconclusive, "{}", text(&seen));
    }
    let seen = named("model.pkl", &Pickle::proto(2).raw(b"Nr\xff\xff\xff\xff").stop());
    assert_eq!(seen.class, FileClass::Clean);
}

#[test]
fn deep_and_wide_streams_end_within_limits() {
    let limits =
        Limits { pickle_values: 1000, pickle_opcodes: 100_000, pickle_kept_bytes: 4096, ..Limits::default() };
    let mut tuples = Pickle::proto(2).raw(b"N");
    tuples.0.extend(vec![0x85; 90_000]);
    let mut doubling = Pickle::proto(2).raw(b"N");
    doubling.0.extend([b'2', 0x86].repeat(40_000));
    // Eight levels of sixteen: asked one by one, four thousand million items.
    let mut wide = b"\x80\x02N".to_vec();
    for _ in 0..8 {
        wide.extend(b"q\x000(");
        wide.extend(b"h\x00".repeat(16));
        wide.push(b't');
    }
    wide = [b"\x80\x02}".as_slice(), &wide[2..], b"Ns."].concat();
    let mut strings = Pickle::proto(2);
    for index in 0..900 {
        strings = strings.text(&format!("{index:0200}"));
    }
    for (what, bytes, class) in [
        ("tuples in tuples", tuples.stop(), FileClass::Clean),
        ("many pickles", b"\x80\x02N.".repeat(20_000), FileClass::Inconclusive),
        ("many old pickles", b"N.".repeat(20_000), FileClass::Inconclusive),
        ("wide tuples of the same as keys", wide, FileClass::Clean),
        ("pairs of the same", doubling.stop(), FileClass::Clean),
        ("strings", strings.stop(), FileClass::Clean),
        ("stack", Pickle::proto(2).raw(&[b'N'; 2000]).stop(), FileClass::Inconclusive),
        ("marks", Pickle::proto(2).raw(&[b'('; 2000]).raw(b"N").stop(), FileClass::Inconclusive),
        ("opcodes", Pickle::proto(2).raw(&b"N0".repeat(60_000)).stop(), FileClass::Inconclusive),
    ] {
        let seen =
            inspect(&bytes, "model.pkl", &limits, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        assert_eq!(seen.class, class, "{what}\n{}", text(&seen));
    }
}

/// Gives at most a few bytes at a time.
pub(crate) struct Slow<'b>(pub(crate) &'b [u8], pub(crate) usize);

impl ReadAt for Slow<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.1);
        self.0.read_at(offset, &mut buffer[..count])
    }
}

#[test]
fn files_are_judged_alike_however_their_bytes_arrive() {
    for (what, bytes, _) in crate::bypasses::structural() {
        for step in [1, 2, 7] {
            let mut go = |_| std::ops::ControlFlow::Continue(());
            let slow = inspect(&Slow(&bytes, step), "model.pkl", &Limits::default(), &mut go).unwrap();
            assert_eq!(format!("{slow:?}"), format!("{:?}", named("model.pkl", &bytes)), "{what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_bytes_are_inspected(noise in proptest::collection::vec(any::<u8>(), 0..400), start in 0_usize..3) {
        let bytes = [b"\x80\x04".as_slice(), b"(c", b""][start].iter().copied().chain(noise).collect::<Vec<_>>();
        named("model.pkl", &bytes);
    }
}
