//! Writes ZIP archives whose headers say whatever they are told.

use std::io::Write as _;

use flate2::{Compression, Crc, write::DeflateEncoder};

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
