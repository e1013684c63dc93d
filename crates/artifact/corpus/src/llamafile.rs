//! Writes llamafiles: a program and an archive behind it.

use crate::{
    Sample,
    pickle::system,
    zip::{Member, body, end},
};

const FAMILY: &str = "llamafile";

/// The start of a program for several systems.
pub const APE: &[u8] = b"MZqFpD='\n";

/// A program that starts with these bytes, and an archive behind it whose offsets count from the start of the file.
pub fn llamafile(start: &[u8], members: &[Member]) -> Vec<u8> {
    let mut program = start.to_vec();
    program.resize(4096, 0x90);
    let shift = u32::try_from(program.len()).unwrap();
    let moved: Vec<Member> = {
        let mut at = shift;
        let mut moved = Vec::new();
        for member in members {
            let (alone, start, _) = body(std::slice::from_ref(member));
            drop(alone);
            moved.push(Member { offset: Some(at), ..member.clone() });
            at += start;
        }
        moved
    };
    let (archive, directory, length) = body(&moved);
    [program, archive, end(members.len(), length, directory + shift)].concat()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    let args = || Member::stored(".args", b"-m\nmodel.gguf\n");
    let bad = || Member::stored("weights.pkl", &system().stop());
    let elf: &[u8] = b"\x7fELF\x02\x01\x01\0";
    let broken = Member::stored(
        "model.gguf",
        b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    );
    let broken = || broken.clone();
    vec![
        hostile(
            "pickle beside the weights",
            "model.llamafile",
            llamafile(APE, &[args(), bad()]),
            &["ART005", "PKL001"],
        ),
        hostile(
            "pickle in a program for Linux",
            "model.llamafile",
            llamafile(elf, &[args(), bad()]),
            &["ART005", "PKL001"],
        ),
        hostile(
            "pickle that is compressed",
            "model.llamafile",
            llamafile(APE, &[args(), Member::deflated("x", &system().stop())]),
            &["ART005", "PKL001"],
        ),
        hostile(
            "weights with impossible counts",
            "model.llamafile",
            llamafile(APE, &[args(), broken()]),
            &["ART005", "GGF003"],
        ),
        hostile(
            "name that leads out",
            "model.llamafile",
            llamafile(APE, &[args(), Member::stored("../x", b"text")]),
            &["ART005", "ZIP005"],
        ),
        hostile("under the name of weights", "model.gguf", llamafile(APE, &[args()]), &["ART002", "ART005"]),
        hostile(
            "program with an archive without weights",
            "tool.exe",
            llamafile(elf, &[Member::stored("a.txt", b"text")]),
            &["ART003", "ART005"],
        ),
    ]
}
