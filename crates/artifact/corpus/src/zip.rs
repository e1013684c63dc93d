//! Writes ZIP archives whose headers say whatever they are told.

use std::io::Write as _;

use flate2::{Compression, Crc, write::DeflateEncoder};

use crate::{
    Sample,
    pickle::{Pickle, system},
};

/// A member, as the local header and the directory describe it.
#[derive(Clone, Debug)]
pub struct Member {
    pub local: Header,
    pub central: Header,
    pub data: Vec<u8>,
    /// Where the directory says that the local header is; where it is, unless said otherwise.
    pub offset: Option<u32>,
    pub attributes: u32,
    /// Checksum and sizes behind the bytes.
    pub descriptor: Vec<u8>,
}

/// What both headers say of a member.
#[derive(Clone, Debug)]
pub struct Header {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u32,
    pub size: u32,
    pub extra: Vec<u8>,
}

impl Member {
    /// Not compressed.
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self::packed(name, data, data.to_vec(), 0)
    }

    /// Compressed with deflate.
    pub fn deflated(name: &str, data: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        Self::packed(name, data, encoder.finish().unwrap(), 8)
    }

    /// A member whose packed bytes are given.
    pub fn packed(name: &str, data: &[u8], packed: Vec<u8>, method: u16) -> Self {
        let mut crc = Crc::new();
        crc.update(data);
        let header = Header {
            name: name.as_bytes().to_vec(),
            flags: 0x800,
            method,
            crc: crc.sum(),
            packed: u32::try_from(packed.len()).unwrap(),
            size: u32::try_from(data.len()).unwrap(),
            extra: Vec::new(),
        };
        let (offset, descriptor) = (None, Vec::new());
        Self { local: header.clone(), central: header, data: packed, offset, attributes: 0, descriptor }
    }

    /// As `PyTorch` writes it: aligned by an extra field, with checksum and sizes behind the bytes.
    #[must_use]
    pub fn torch(mut self) -> Self {
        for header in [&mut self.local, &mut self.central] {
            header.flags |= 8;
        }
        let Header { crc, packed, size, .. } = self.central;
        self.descriptor =
            [b"PK\x07\x08".to_vec(), [crc, packed, size].map(u32::to_le_bytes).concat()].concat();
        (self.local.crc, self.local.packed, self.local.size) = (0, 0, 0);
        self.local.extra = b"FB\x05\0ZZZZZ".to_vec();
        self
    }
}

impl Header {
    fn common(&self) -> Vec<u8> {
        let short = |value: u16| value.to_le_bytes().to_vec();
        [
            short(self.flags),
            short(self.method),
            vec![0; 4],
            [self.crc, self.packed, self.size].map(u32::to_le_bytes).concat(),
            short(u16::try_from(self.name.len()).unwrap()),
            short(u16::try_from(self.extra.len()).unwrap()),
        ]
        .concat()
    }
}

/// Members, and the offset and length of the directory behind them.
pub fn body(members: &[Member]) -> (Vec<u8>, u32, u32) {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let at = member.offset.unwrap_or(u32::try_from(file.len()).unwrap());
        let Member { local, central, .. } = member;
        file.extend([b"PK\x03\x04\x14\0".as_slice(), &local.common(), &local.name, &local.extra].concat());
        file.extend([member.data.as_slice(), &member.descriptor].concat());
        directory.extend([b"PK\x01\x02\x14\x03\x14\0".as_slice(), &central.common(), &[0; 6]].concat());
        directory.extend([member.attributes.to_le_bytes(), at.to_le_bytes()].concat());
        directory.extend([central.name.clone(), central.extra.clone()].concat());
    }
    let start = u32::try_from(file.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    file.extend(directory);
    (file, start, length)
}

/// An end record.
pub fn end(count: usize, length: u32, start: u32) -> Vec<u8> {
    let count = u16::try_from(count).unwrap().to_le_bytes();
    [b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &length.to_le_bytes(), &start.to_le_bytes(), &[0; 2]]
        .concat()
}

/// An archive of members.
pub fn zip(members: &[Member]) -> Vec<u8> {
    let (file, start, length) = body(members);
    [file, end(members.len(), length, start)].concat()
}

/// With an end record for large archives, whose locator is off by `off`.
pub fn zip64(members: &[Member], off: u64) -> Vec<u8> {
    let (mut file, start, length) = body(members);
    let at = file.len() as u64;
    let count = (members.len() as u64).to_le_bytes();
    let sizes = [u64::from(length).to_le_bytes(), u64::from(start).to_le_bytes()].concat();
    file.extend(
        [b"PK\x06\x06".as_slice(), &44_u64.to_le_bytes(), &[45, 0, 45, 0], &[0; 8], &count, &count, &sizes]
            .concat(),
    );
    file.extend([b"PK\x06\x07\0\0\0\0".as_slice(), &(at + off).to_le_bytes(), &[1, 0, 0, 0]].concat());
    [file, end(0xffff, u32::MAX, u32::MAX)].concat()
}

/// The member with a change.
#[must_use]
pub fn changed(mut member: Member, change: impl FnOnce(&mut Member)) -> Member {
    change(&mut member);
    member
}

const FAMILY: &str = "zip";

/// An extra field.
pub fn extra(id: u16, body: &[u8]) -> Vec<u8> {
    [id.to_le_bytes().as_slice(), &u16::try_from(body.len()).unwrap().to_le_bytes(), body].concat()
}

/// Another name in UTF-8 (APPNOTE.TXT 4.6.9).
pub fn unicode_name(name: &str, other: &str) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name.as_bytes());
    extra(0x7075, &[&[1], crc.sum().to_le_bytes().as_slice(), other.as_bytes()].concat())
}

/// Compressed with LZMA, whose end the length says.
pub fn lzma(name: &str, data: &[u8]) -> Member {
    let packed = [b"\x09\x14\x05\0\0\0\0\x01\0".as_slice(), &crate::compressed::lzma_data(data)].concat();
    Member::packed(name, data, packed, 14)
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.zip", bytes, codes);
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.zip", bytes);
    let evil = system().stop();
    let plain = Pickle::proto(4).raw(b"N").stop();
    let one = |member: Member| zip(&[member]);
    let text = || Member::stored("a.txt", b"text");
    let both = |member: Member, change: fn(&mut Header)| {
        changed(member, |member| {
            change(&mut member.local);
            change(&mut member.central);
        })
    };
    let named = |a: &str, b: &str| zip(&[Member::stored(a, &plain), Member::stored(b, &evil)]);
    let packed = |packed: Vec<u8>, method| one(Member::packed("data.pkl", &evil, packed, method));
    let sound = one(text());
    let nested = (0..4).fold(evil.clone(), |inner, _| one(Member::deflated("a", &inner)));
    vec![
        hostile("pickle in deflate", one(Member::deflated("data.pkl", &evil)), &["PKL001"]),
        hostile("pickle in bzip2", packed(crate::compressed::bzip2(&evil), 12), &["PKL001"]),
        hostile("pickle in LZMA", one(lzma("data.pkl", &evil)), &["PKL001"]),
        hostile("pickle in Zstandard", packed(crate::compressed::zstd(&evil), 93), &["PKL001"]),
        hostile("pickle in xz", packed(crate::compressed::xz(&evil), 95), &["PKL001"]),
        hostile("pickle four archives deep", nested, &["PKL001"]),
        hostile(
            "pickle under the name of a config",
            one(Member::stored("archive/model.config", &evil)),
            &["PKL001"],
        )
        .from_advisory("CVE-2025-1889"),
        hostile(
            "other name in front",
            one(changed(Member::stored("data.pkl", &evil), |member| {
                member.local.name = b"data.txt".to_vec();
            })),
            &["PKL001", "ZIP003"],
        )
        .from_advisory("CVE-2025-1944"),
        hostile(
            "said to be encrypted",
            one(both(Member::stored("data.pkl", &evil), |header| header.flags |= 1)),
            &["PKL001", "ZIP008"],
        )
        .from_advisory("CVE-2025-1945"),
        hostile(
            "said to be a patch",
            one(both(Member::stored("data.pkl", &evil), |header| header.flags |= 0x20)),
            &["PKL001", "ZIP008"],
        )
        .from_advisory("CVE-2025-1945"),
        hostile(
            "said to be encrypted strongly",
            one(both(Member::stored("data.pkl", &evil), |header| header.flags |= 0x40)),
            &["PKL001", "ZIP008"],
        )
        .from_advisory("CVE-2025-1945"),
        hostile(
            "said to be masked",
            one(both(Member::stored("data.pkl", &evil), |header| header.flags |= 0x2000)),
            &["PKL001", "ZIP008"],
        ),
        hostile(
            "wrong checksum",
            one(both(Member::stored("data.pkl", &evil), |header| header.crc = 0)),
            &["PKL001", "ZIP009"],
        )
        .from_advisory("CVE-2025-10156"),
        hostile(
            "other length in the directory",
            one(changed(Member::stored("data.pkl", &evil), |member| member.central.size = 20)),
            &["PKL001", "ZIP003"],
        ),
        hostile("same name", named("a.pkl", "a.pkl"), &["PKL001", "ZIP004"]),
        hostile("same name but for case", named("a.pkl", "A.PKL"), &["PKL001", "ZIP004"]),
        hostile("same name but for a dot", named("a.pkl", "a.pkl."), &["PKL001", "ZIP004"]),
        hostile("same name but for white space", named("a.pkl", "a.pkl "), &["PKL001", "ZIP004"]),
        hostile("same name but for a slash", named("b/a.pkl", "b//a.pkl"), &["PKL001", "ZIP004"]),
        hostile("same name but for a folder", named("a.pkl", "./a.pkl"), &["PKL001", "ZIP004"]),
        hostile(
            "same name but for a backslash",
            named("b/a.pkl", "b\\a.pkl"),
            &["PKL001", "ZIP004", "ZIP005"],
        ),
        hostile("same name but for a zero", named("a.pkl", "a.pkl\0.txt"), &["PKL001", "ZIP004", "ZIP005"]),
        hostile(
            "other name in UTF-8",
            one(changed(Member::stored("a.txt", &evil), |member| {
                member.central.extra = unicode_name("a.txt", "a.pkl");
            })),
            &["PKL001", "ZIP003"],
        ),
        hostile(
            "other name in UTF-8 that leads out",
            one(changed(text(), |member| member.central.extra = unicode_name("a.txt", "../x"))),
            &["ZIP003"],
        ),
        hostile(
            "field for large archives twice",
            one(changed(text(), |member| {
                member.central.extra = [extra(1, &[0; 8]), extra(1, &[1; 8])].concat();
            })),
            &["ZIP003"],
        ),
        hostile("folder with bytes", one(Member::stored("folder/", b"bytes")), &["ZIP003"]),
        hostile("name that leads out", one(Member::stored("../x", b"text")), &["ZIP005"])
            .from_advisory("CVE-2025-12060"),
        hostile("absolute name", one(Member::stored("/etc/x", b"text")), &["ZIP005"]),
        hostile("link", one(changed(text(), |member| member.attributes = 0o120_777 << 16)), &["ZIP005"]),
        hostile("pickle in front", [evil.clone(), sound.clone()].concat(), &["ART003", "PKL001"]),
        hostile(
            "archive behind an archive",
            [one(Member::stored("data.pkl", &evil)), sound.clone()].concat(),
            &["ZIP007"],
        ),
        hostile(
            "archive in the comment of an archive",
            {
                let inner = one(Member::stored("data.pkl", &evil));
                let mut outer = sound.clone();
                let at = outer.len() - 2;
                outer[at..].copy_from_slice(&u16::try_from(inner.len()).unwrap().to_le_bytes());
                [outer, inner].concat()
            },
            &["PKL001", "ZIP002", "ZIP007"],
        ),
        hostile(
            "two members in one place",
            zip(&[
                text(),
                changed(text(), |member| {
                    member.central.name = b"b.txt".to_vec();
                    member.offset = Some(0);
                }),
            ]),
            &["ZIP006"],
        ),
        hostile(
            "length in LZMA that is not there",
            one(both(lzma("a.txt", b"text"), |header| header.size = 90)),
            &["ZIP009"],
        ),
        benign("text", sound.clone()),
        benign("in LZMA", one(lzma("a.txt", b"text"))),
        benign("in bzip2", one(Member::packed("a.txt", b"text", crate::compressed::bzip2(b"text"), 12))),
        benign("in Zstandard", one(Member::packed("a.txt", b"text", crate::compressed::zstd(b"text"), 93))),
        benign(
            "folders",
            zip(&[
                Member::stored("a/", b""),
                Member::deflated("a/b.txt", b"text"),
                Member::stored("empty.txt", b""),
            ]),
        ),
        benign(
            "same name in UTF-8",
            one(changed(text(), |member| member.central.extra = unicode_name("a.txt", "a.txt"))),
        ),
        benign("for large archives", zip64(&[text()], 0)),
    ]
}
