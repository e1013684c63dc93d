//! Which coders are read: Methods.txt of the 7-Zip SDK.

use super::header::Folder;
use crate::codec::{Codec, Filter, Raw};

/// What a folder is packed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Known(Codec),
    Encrypted,
    Unknown(String),
}

/// How a folder is unpacked.
pub(super) fn packing(folder: &Folder) -> Packing {
    if folder.coders.iter().any(|coder| coder.id == [0x06, 0xf1, 0x07, 0x01]) {
        return Packing::Encrypted;
    }
    let unknown = || {
        let names: Vec<_> = folder.coders.iter().map(|coder| name(&coder.id)).collect();
        Packing::Unknown(names.join(" and "))
    };
    let Some(chain) = &folder.chain else { return unknown() };
    let mut coders = chain.iter().filter(|coder| coder.id != [0]);
    let (filter, packer) = match (coders.next(), coders.next(), coders.next()) {
        (None, ..) => return Packing::Known(Codec::Stored),
        (Some(last), None, _) => (Filter::None, last),
        (Some(outer), Some(last), None) => match filter(&outer.id, &outer.properties) {
            Some(filter) => (filter, last),
            None => return unknown(),
        },
        _ => return unknown(),
    };
    let size = folder.size;
    let codec = match (packer.id.as_slice(), packer.properties.as_slice()) {
        ([0x03, 0x01, 0x01], [properties, d0, d1, d2, d3]) => Codec::RawLzma(Raw {
            properties: *properties,
            window: u32::from_le_bytes([*d0, *d1, *d2, *d3]),
            size,
            filter,
        }),
        ([0x21], [window @ 0..=40]) => {
            let window = match window {
                40 => u32::MAX,
                window => (2 | u32::from(window & 1)) << (window / 2 + 11),
            };
            Codec::RawLzma2(Raw { properties: 0, window, size, filter })
        }
        _ if filter != Filter::None => return unknown(),
        ([0x04, 0x01, 0x08], _) => Codec::Deflate,
        ([0x04, 0x02, 0x02], _) => Codec::Bzip2,
        ([0x04, 0xf7, 0x11, 0x01], _) => Codec::Zstd,
        ([0x04, 0xf7, 0x11, 0x04], _) => Codec::Lz4,
        _ => return unknown(),
    };
    Packing::Known(codec)
}

fn filter(id: &[u8], properties: &[u8]) -> Option<Filter> {
    Some(match id {
        [0x03] => Filter::Delta(u32::from(*properties.first()?) + 1),
        [0x04] | [0x03, 0x03, 0x01, 0x03] => Filter::X86,
        [0x05] | [0x03, 0x03, 0x02, 0x05] => Filter::Ppc,
        [0x06] | [0x03, 0x03, 0x04, 0x01] => Filter::Ia64,
        [0x07] | [0x03, 0x03, 0x05, 0x01] => Filter::Arm,
        [0x08] | [0x03, 0x03, 0x07, 0x01] => Filter::ArmThumb,
        [0x09] | [0x03, 0x03, 0x08, 0x05] => Filter::Sparc,
        [0x0a] => Filter::Arm64,
        [0x0b] => Filter::RiscV,
        _ => return None,
    })
}

fn name(id: &[u8]) -> String {
    match id {
        [0x00] => "Copy".to_owned(),
        [0x21] => "LZMA2".to_owned(),
        [0x03, 0x01, 0x01] => "LZMA".to_owned(),
        [0x03, 0x03, 0x01, 0x1b] => "BCJ2".to_owned(),
        [0x03, 0x04, 0x01] => "PPMd".to_owned(),
        [0x04, 0x01, 0x09] => "Deflate64".to_owned(),
        [0x04, 0xf7, 0x11, 0x02] => "Brotli".to_owned(),
        id => id.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
    }
}
