//! `CatBoost` models, right and wrong.

use crate::{
    Sample,
    flatbuffers::{
        Slot::{self, Absent, Offset, Tables, Texts, U8, U32},
        Table, buffer, ints, longs, text,
    },
    pickle::system,
};

const FAMILY: &str = "catboost";

/// A core with trees: splits, and sizes and places of trees.
pub fn core(splits: &[i32], sizes: &[i32], starts: &[i32], parts: &[&str], version: Slot) -> Vec<u8> {
    let feature = Table(vec![U8(0), U32(0), U32(0), ints(&[0, 1]), text("age")]);
    let trees = Table(vec![
        U32(1),
        ints(splits),
        ints(sizes),
        ints(starts),
        Absent,
        Tables(vec![feature]),
        Absent,
        Absent,
        longs(&[0, 0]),
        longs(&[0, 0]),
    ]);
    let parts =
        if parts.is_empty() { Absent } else { Texts(parts.iter().map(|part| (*part).to_owned()).collect()) };
    let info = Table(vec![text("params"), text("{\"iterations\": 1}")]);
    buffer(&Table(vec![version, Slot::Table(trees), Tables(vec![info]), parts]), &[], &[])
}

/// A file with a core and what follows it.
pub fn file(core: &[u8], behind: &[u8]) -> Vec<u8> {
    [b"CBM1".as_slice(), &u32::try_from(core.len()).unwrap().to_le_bytes(), core, behind].concat()
}

fn version() -> Slot {
    text("FlabuffersModel_v1")
}

fn sound() -> Vec<u8> {
    core(&[0, 1], &[1, 1], &[0, 1], &[], version())
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.cbm", bytes, codes);
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.cbm", bytes);
    let whole = file(&sound(), &[]);
    let counted = core(&[0, 1], &[1, 1], &[0, 1], &["static_provider_v1"], version());
    let table = buffer(&Table(vec![Absent, Slot::Vector(4, vec![0; 4])]), &[], &[]);
    let length = u32::try_from(table.len()).unwrap().to_le_bytes();
    let statistics = [&1_u32.to_le_bytes(), length.as_slice(), &table].concat();
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 56]].concat();
    vec![
        hostile("core longer than the file", [b"CBM1\0\0\0\x10".as_slice(), &sound()].concat(), &["CTB001"]),
        hostile("core of 2^64 - 1 bytes", [b"CBM1".as_slice(), &[0xff; 12], &sound()].concat(), &["CTB001"]),
        hostile("model that is cut", whole[..whole.len() / 2].to_vec(), &["CTB001"]),
        hostile(
            "tree behind its splits",
            file(&core(&[0, 1], &[1, 6], &[0, 2_000_000_000], &[], version()), &[]),
            &["CTB003"],
        ),
        hostile(
            "tree of a negative size",
            file(&core(&[0, 1], &[1, -1], &[0, 1], &[], version()), &[]),
            &["CTB003"],
        ),
        hostile(
            "more sizes than places",
            file(&core(&[0, 1], &[1, 1, 1], &[0], &[], version()), &[]),
            &["CTB003"],
        ),
        hostile(
            "text out of the file",
            file(&core(&[0], &[1], &[0], &[], Offset(1 << 30)), &[]),
            &["FLB001"],
        ),
        hostile(
            "text without an end",
            file(&core(&[0], &[1], &[0], &[], Slot::Vector(1 << 30, vec![0; 8])), &[]),
            &["FLB001"],
        ),
        hostile("part that is named and not there", file(&counted, &[]), &["CTB001"]),
        hostile("part that is cut", file(&counted, &statistics[..statistics.len() - 4]), &["CTB001"]),
        hostile(
            "part with bytes behind it",
            file(&counted, &[statistics.as_slice(), &[0; 9]].concat()),
            &["CTB001"],
        ),
        hostile("pickle behind the model", file(&sound(), &system().stop()), &["CTB004", "FLB003"]),
        hostile(
            "program in an unknown part",
            file(&core(&[0], &[1], &[0], &["vendor_v1"], version()), &elf),
            &["CTB002", "FLB003"],
        ),
        benign("trees", whole),
        benign("trees with statistics", file(&counted, &statistics)),
    ]
}
