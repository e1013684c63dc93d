//! Tar archives: what they are, what a person reads, and Python's `tarfile` beside our reader.

use bartizan_artifact::{FileClass, Format};
use bartizan_corpus::{
    oci::image,
    pickle::{Pickle, system},
    tar::{Entry, pax, sparse, tar, torch_tar},
    torch::torch,
};

use crate::look::{codes, named, text};

#[test]
fn archives_are_told_apart() {
    let file = |name: &str| Entry::file(name, b"text");
    let weights = torch(&[("0", &[0; 8])], &[]);
    let old = file("a").with(|entry| (entry.magic, entry.flag) = ([0; 8], 0));
    let cases = [
        (tar(&[file("a")]), Format::Tar),
        (tar(&[old]), Format::Tar),
        (tar(&[file("model_config.yaml"), Entry::file("model_weights.ckpt", &weights)]), Format::Nemo),
        (tar(&image(&[tar(&[file("a")])])), Format::OciLayout),
        (torch_tar(&Pickle::proto(2).raw(b"}").stop(), &[0; 8]), Format::Tar),
    ];
    for (bytes, want) in cases {
        let seen = named("model", &bytes);
        assert_eq!((seen.format, seen.class), (want, FileClass::Clean), "{}", text(&seen));
    }
}

#[test]
fn what_pytorch_wrote_first_is_accounted_for() {
    let plain = Pickle::proto(2).raw(b"}").stop();
    let sound = named("model.pt", &torch_tar(&plain, &[0; 8]));
    assert_eq!((sound.outline.tensors, sound.outline.pickles), (1, 7));
    let program = named("model.pt", &torch_tar(&plain, b"\x7fELF\x02\x01\x01\0"));
    assert_eq!(codes(&program), ["PTH004"]);
    assert_ne!(program.class, FileClass::Clean);
}

#[test]
fn what_a_person_reads() {
    let file = tar(&[
        Entry::of(b'2', "models", "/srv"),
        Entry::file("models/data.pkl", &system().stop()),
        pax(b'x', &[("size", b"0")]),
        Entry::file("notes.txt", &tar(&[Entry::file("inner.pkl", &system().stop())])),
        sparse("big", &[(0, 4)], 1 << 20, b"text"),
    ]);
    insta::assert_snapshot!(text(&named("model.tar", &file)), @r"
    tar archive: finding
    high TAR004 model.tar!models at byte 0: the link leads to an absolute path
    high TAR004 model.tar!models/data.pkl at byte 512: the member is written through a link of the archive
    critical PKL001/process model.tar!models/data.pkl at byte 26: loading the file calls posix.system, which starts programs
    high TAR002 model.tar!notes.txt at byte 2560: the extended header states another length than the header
    critical PKL001/process model.tar!inner.pkl at byte 26: loading the file calls posix.system, which starts programs
    high TAR007 model.tar at byte 5120: a member follows behind the point where Python stops reading
    not examined: model.tar!big: format not supported: no known signature
    ");
}
