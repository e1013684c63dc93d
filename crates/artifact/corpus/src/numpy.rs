//! Writes `NumPy` arrays whose headers say whatever they are told.

use crate::{
    Sample,
    pickle::{Pickle, system},
    zip::{Member, zip},
};

const FAMILY: &str = "numpy";

/// An array of a version with a header as it is, padded as `numpy.save` pads it.
pub fn npy(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
    let prefix = if version == 1 { 10 } else { 12 };
    let length = (prefix + header.len() + 1).next_multiple_of(64) - prefix;
    let header = format!("{header}{}\n", " ".repeat(length - 1 - header.len()));
    let mut file = [b"\x93NUMPY".as_slice(), &[version, 0]].concat();
    if version == 1 {
        file.extend(u16::try_from(length).unwrap().to_le_bytes());
    } else {
        file.extend(u32::try_from(length).unwrap().to_le_bytes());
    }
    [file, header.into_bytes(), data.to_vec()].concat()
}

/// The header of an array.
pub fn header(descr: &str, shape: &str) -> String {
    format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}")
}

/// An array of version 1.
pub fn array(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy(1, &header(descr, shape), data)
}

/// The pickle of an array of two objects, as `numpy.save` writes it.
pub fn objects() -> Vec<u8> {
    Pickle::proto(4)
        .global("numpy._core.multiarray", "_reconstruct")
        .global("numpy", "ndarray")
        .raw(b"K\x00\x85C\x01b\x87R(K\x01K\x02\x85")
        .global("numpy", "dtype")
        .text("O8")
        .raw(b"\x89\x88\x87R(K\x03")
        .text("|")
        .raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89]\x94(")
        .text("a")
        .raw(b"Netb")
        .stop()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = hostile();
    samples.extend(benign());
    samples
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    let evil = system().stop();
    let plain = [0; 16];
    let object = |descr: &str| array(descr, "(2,)", &evil);
    let elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0";
    let mut samples = vec![
        hostile("array of objects", "labels.npy", object("'|O'"), &["NPY002", "PKL001"])
            .from_advisory("CVE-2019-6446"),
        hostile("array of objects, O8", "labels.npy", object("'|O8'"), &["NPY002", "PKL001"])
            .from_advisory("CVE-2019-6446"),
        hostile("array of objects, O", "labels.npy", object("'O'"), &["NPY002", "PKL001"]),
        hostile("array of objects under no name", "labels.bin", object("'|O'"), &["NPY002", "PKL001"]),
        hostile(
            "structure with an object",
            "t.npy",
            object("[('a', '<f8'), ('b', '|O')]"),
            &["NPY002", "PKL001"],
        ),
        hostile("structure in a structure", "t.npy", object("[('a', [('b', [('c', '|O')])])]"), &["PKL001"]),
        hostile("subarray of objects", "t.npy", object("[('a', '|O', (2, 2))]"), &["PKL001"]),
        hostile("pair of objects and a shape", "t.npy", object("('|O', (2,))"), &["PKL001"]),
        hostile("field with a title", "t.npy", object("[(('title', 'name'), '|O')]"), &["PKL001"]),
        hostile("spelled object", "t.npy", object("'object'"), &["NPY006", "PKL001"]),
        hostile("spelled object_", "t.npy", object("'object_'"), &["NPY006", "PKL001"]),
        hostile("a list in one word", "t.npy", object("'f8,O'"), &["NPY006", "PKL001"]),
        hostile("a shape in one word", "t.npy", object("'(2,)O'"), &["NPY006", "PKL001"]),
        hostile(
            "numbers, and a pickle behind",
            "w.npy",
            [array("'<f8'", "(2,)", &plain), evil.clone()].concat(),
            &["NPY004", "PKL001"],
        ),
        hostile(
            "no elements, and a pickle behind",
            "w.npy",
            [array("'<f8'", "(0,)", &[]), evil.clone()].concat(),
            &["NPY004", "PKL001"],
        ),
        hostile(
            "numbers that are a pickle",
            "w.npy",
            array("'|u1'", &format!("({},)", evil.len()), &evil),
            &["NPY005"],
        ),
        hostile("numbers that are a program", "w.npy", array("'|u1'", "(16,)", elf), &["NPY005"]),
        hostile("texts that are a program", "w.npy", array("'|S16'", "(1,)", elf), &["NPY005"]),
        hostile(
            "nothing that is a pickle",
            "w.npy",
            array("'|V4'", "(8,)", &[evil.clone(), vec![0; 64]].concat()[..32]),
            &["NPY005"],
        ),
        hostile("shape beyond the file", "w.npy", array("'<f8'", "(1000000,)", &plain), &["NPY003"]),
        hostile(
            "shape that cannot be counted",
            "w.npy",
            array("'<f8'", "(9223372036854775807, 9223372036854775807)", &plain),
            &["NPY003"],
        ),
        hostile(
            "long integer in the shape",
            "w.npy",
            array("'<f8'", "(99999999999999999999L,)", &plain),
            &["NPY003"],
        ),
        hostile(
            "text of endless length",
            "w.npy",
            array("'<U4611686018427387905'", "(2,)", &plain),
            &["NPY003"],
        ),
        hostile(
            "header that imports",
            "w.npy",
            array("__import__('os').system('true')", "(2,)", &plain),
            &["NPY001"],
        ),
        hostile("header with eval", "w.npy", array("'<f8'", "eval('(2,)')", &plain), &["NPY001"]),
        hostile(
            "second array of objects",
            "w.npy",
            [array("'<f8'", "(2,)", &plain), object("'|O'")].concat(),
            &["NPY002", "PKL001"],
        ),
        hostile(
            "archive of arrays of objects",
            "w.npz",
            zip(&[Member::deflated("a.npy", &object("'|O'"))]),
            &["NPY002", "PKL001"],
        )
        .from_advisory("CVE-2019-6446"),
        hostile(
            "pickle in an archive of arrays",
            "w.npz",
            zip(&[Member::stored("a.npy", &array("'<f8'", "(2,)", &plain)), Member::stored("b.npy", &evil)]),
            &["PKL001"],
        ),
        hostile(
            "program in an archive of arrays",
            "w.npz",
            zip(&[Member::stored("a.npy", &array("'|u1'", "(16,)", elf))]),
            &["NPY005"],
        ),
    ];
    for version in [2, 3] {
        let bytes = npy(version, &header("'|O'", "(2,)"), &evil);
        samples.push(Sample::hostile(
            FAMILY,
            format!("array of objects, version {version}"),
            "l.npy",
            bytes,
            &["NPY002", "PKL001"],
        ));
    }
    samples
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let doubles =
        |count: u8| (0..count).flat_map(|number| f64::from(number).to_le_bytes()).collect::<Vec<_>>();
    let matrix = array("'<f8'", "(2, 3)", &doubles(6));
    vec![
        benign("matrix", "w.npy", matrix.clone()),
        benign("version 2", "w.npy", npy(2, &header("'<f8'", "(2, 3)"), &doubles(6))),
        benign("version 3", "w.npy", npy(3, &header("[('größe', '<f8')]", "(2,)"), &doubles(2))),
        benign("one number", "w.npy", array("'<f4'", "()", &[0; 4])),
        benign("no numbers", "w.npy", array("'<f8'", "(0, 3)", &[])),
        benign(
            "Fortran order",
            "w.npy",
            npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", &doubles(6)),
        ),
        benign("truth values", "m.npy", array("'|b1'", "(3,)", &[0, 1, 1])),
        benign("texts", "names.npy", array("'<U3'", "(1,)", b"a\0\0\0b\0\0\0c\0\0\0")),
        benign("dates", "d.npy", array("'<M8[ns]'", "(1,)", &[0; 8])),
        benign(
            "structure",
            "t.npy",
            array("[('id', '<i4'), ('box', '<f4', (2, 2)), ('', '|V4')]", "(1,)", &[0; 24]),
        ),
        benign("complex numbers", "c.npy", array("'<c16'", "(1,)", &[0; 16])),
        benign("Python 2", "w.npy", array("'<f8'", "(2L,)", &doubles(2))),
        benign("two arrays", "w.npy", [matrix.clone(), matrix.clone()].concat()),
        benign("texts as objects", "labels.npy", array("'|O'", "(2,)", &objects())),
        benign(
            "archive",
            "w.npz",
            zip(&[Member::stored("x.npy", &matrix), Member::stored("y.npy", &matrix)]),
        ),
        benign("compressed archive", "w.npz", zip(&[Member::deflated("x.npy", &matrix)])),
    ]
}
