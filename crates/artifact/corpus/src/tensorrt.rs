//! `TensorRT` engines, which are never clean: only hostile ones are here.

use crate::Sample;

const FAMILY: &str = "tensorrt";

/// An engine with something in it.
pub fn engine(magic: &[u8], inside: &[u8]) -> Vec<u8> {
    [magic, &[0, 0, 0, 0, 0xe8, 0, 0, 0], &[0x5a; 200], b"\0\0", inside, b"\0\0", &[0xa5; 200]].concat()
}

/// An ELF file for a machine.
pub fn elf(machine: u16) -> Vec<u8> {
    [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".as_slice(), &machine.to_le_bytes(), &[0; 44]].concat()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    vec![
        hostile("library for a PC", "model.engine", engine(b"ptrt", &elf(62)), &["TRT001", "TRT002"]),
        hostile("library for an ARM host", "model.plan", engine(b"ftrt", &elf(183)), &["TRT001", "TRT002"]),
        hostile("path of a library", "model.engine", engine(b"ftrt", b"/tmp/libplugin.so"), &["TRT003"]),
        hostile(
            "path of a versioned library",
            "model.engine",
            engine(b"ftrt", b"../libplugin.so.10"),
            &["TRT003"],
        ),
        hostile(
            "path of a library for Windows",
            "model.trt",
            engine(b"ptrt", b"C:\\plugins\\evil.dll"),
            &["TRT003"],
        ),
        hostile(
            "library behind code for the device",
            "model.engine",
            engine(b"ftrt", &[elf(190), elf(62)].concat()),
            &["TRT002"],
        ),
    ]
}
