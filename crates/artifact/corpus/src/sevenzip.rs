//! Writes 7-Zip archives whose header says whatever it is told.

use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::Write as _;

use crate::{
    Sample,
    compressed::{bzip2, lzma_data, lzma2, zstd},
    pickle::{Pickle, system},
    safetensors::safetensors,
};

const FAMILY: &str = "sevenzip";

/// Ids of coders.
pub const COPY: &[u8] = &[0x00];
pub const LZMA: &[u8] = &[0x03, 0x01, 0x01];
pub const LZMA2: &[u8] = &[0x21];
pub const DEFLATE: &[u8] = &[0x04, 0x01, 0x08];
pub const BZIP2: &[u8] = &[0x04, 0x02, 0x02];
pub const ZSTD: &[u8] = &[0x04, 0xf7, 0x11, 0x01];
pub const PPMD: &[u8] = &[0x03, 0x04, 0x01];
pub const AES: &[u8] = &[0x06, 0xf1, 0x07, 0x01];

/// A file or folder.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    /// None for a folder.
    pub data: Option<Vec<u8>>,
    pub anti: bool,
    pub attributes: u32,
}

/// A file.
pub fn file(name: &str, data: &[u8]) -> File {
    File { name: name.to_owned(), data: Some(data.to_vec()), anti: false, attributes: 0x20 }
}

/// An archive of one folder.
#[derive(Clone, Debug)]
pub struct Archive {
    pub files: Vec<File>,
    pub coder: &'static [u8],
    pub properties: Vec<u8>,
    /// A filter that the bytes pass through.
    pub filter: Option<(&'static [u8], Vec<u8>)>,
    /// What stands in front of the packed stream, between it and the header, and behind that.
    pub gaps: [Vec<u8>; 3],
    /// Whether the header is packed.
    pub packed_header: Option<&'static [u8]>,
    /// What is done to the checksum of the first file.
    pub crc: u32,
    pub twice: bool,
}

impl Archive {
    pub fn new(coder: &'static [u8], files: Vec<File>) -> Self {
        let properties = match coder {
            LZMA => vec![0, 0, 0, 1, 0],
            LZMA2 => vec![16],
            AES => vec![0x13, 0],
            _ => Vec::new(),
        };
        Self {
            files,
            coder,
            properties,
            filter: None,
            gaps: Default::default(),
            packed_header: None,
            crc: 0,
            twice: false,
        }
    }

    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let parts: Vec<&Vec<u8>> =
            self.files.iter().filter_map(|file| file.data.as_ref()).filter(|data| !data.is_empty()).collect();
        let plain: Vec<u8> = parts.iter().flat_map(|part| part.iter().copied()).collect();
        let packed = pack(self.coder, &plain);
        let start = self.gaps[0].len() as u64;
        let mut header = vec![1];
        if !parts.is_empty() {
            header.push(4);
            header.extend(streams(start, packed.len(), &self.coders(), plain.len(), self.filter.is_some()));
            header.extend([0x08, 0x0d]);
            header.extend(number(parts.len() as u64));
            if parts.len() > 1 {
                header.push(9);
            }
            for part in parts.iter().rev().skip(1).rev() {
                header.extend(number(part.len() as u64));
            }
            header.extend([0x0a, 1]);
            for (index, part) in parts.iter().enumerate() {
                header.extend((crc(part) ^ if index == 0 { self.crc } else { 0 }).to_le_bytes());
            }
            header.extend([0, 0]);
        }
        header.push(5);
        header.extend(number(self.files.len() as u64));
        let blank: Vec<bool> =
            self.files.iter().map(|file| file.data.as_ref().is_none_or(Vec::is_empty)).collect();
        if blank.contains(&true) {
            header.extend(property(0x0e, &bits(&blank)));
            let of = |test: fn(&File) -> bool| -> Vec<bool> {
                self.files
                    .iter()
                    .zip(&blank)
                    .filter(|(_, blank)| **blank)
                    .map(|(file, _)| test(file))
                    .collect()
            };
            header.extend(property(0x0f, &bits(&of(|file| file.data.is_some()))));
            header.extend(property(0x10, &bits(&of(|file| file.anti))));
        }
        let names: Vec<u8> = self
            .files
            .iter()
            .flat_map(|file| file.name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes))
            .collect();
        for _ in 0..=usize::from(self.twice) {
            header.extend(property(0x11, &[vec![0], names.clone()].concat()));
        }
        let attributes: Vec<u8> = self.files.iter().flat_map(|file| file.attributes.to_le_bytes()).collect();
        header.extend(property(0x15, &[vec![1, 0], attributes].concat()));
        header.extend([0, 0]);
        let mut body = [self.gaps[0].clone(), packed].concat();
        if let Some(coder) = self.packed_header {
            let packed = pack(coder, &header);
            let at = body.len() as u64;
            let mut coders = vec![u8::try_from(coder.len()).unwrap()];
            coders.extend(coder);
            if let LZMA2 = coder {
                coders[0] |= 0x20;
                coders.extend([1, 16]);
            }
            let outer = [
                vec![0x17],
                streams(at, packed.len(), &[vec![1], coders].concat(), header.len(), false),
                vec![0],
            ]
            .concat();
            body.extend(packed);
            header = outer;
        }
        body.extend(&self.gaps[1]);
        let place = [
            (body.len() as u64).to_le_bytes().to_vec(),
            (header.len() as u64).to_le_bytes().to_vec(),
            crc(&header).to_le_bytes().to_vec(),
        ]
        .concat();
        let first = [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), &crc(&place).to_le_bytes(), &place].concat();
        [first, body, header, self.gaps[2].clone()].concat()
    }

    fn coders(&self) -> Vec<u8> {
        let one = |id: &[u8], properties: &[u8]| {
            let flags = u8::try_from(id.len()).unwrap() | if properties.is_empty() { 0 } else { 0x20 };
            let mut coder = [vec![flags], id.to_vec()].concat();
            if !properties.is_empty() {
                coder.push(u8::try_from(properties.len()).unwrap());
                coder.extend(properties);
            }
            coder
        };
        match &self.filter {
            None => [vec![1], one(self.coder, &self.properties)].concat(),
            // The filter takes what the coder gives.
            Some((id, properties)) => {
                [vec![2], one(id, properties), one(self.coder, &self.properties), vec![0, 1]].concat()
            }
        }
    }
}

fn streams(start: u64, packed: usize, coders: &[u8], size: usize, two: bool) -> Vec<u8> {
    let size = number(size as u64);
    [
        vec![6],
        number(start),
        vec![1, 9],
        number(packed as u64),
        vec![0, 7, 0x0b, 1, 0],
        coders.to_vec(),
        vec![0x0c],
        if two { size.clone() } else { Vec::new() },
        size,
        vec![0],
    ]
    .concat()
}

fn pack(coder: &[u8], plain: &[u8]) -> Vec<u8> {
    match coder {
        LZMA => lzma_data(plain),
        LZMA2 => lzma2(plain),
        BZIP2 => bzip2(plain),
        ZSTD => zstd(plain),
        DEFLATE => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        _ => plain.to_vec(),
    }
}

fn property(id: u8, body: &[u8]) -> Vec<u8> {
    [vec![id], number(body.len() as u64), body.to_vec()].concat()
}

fn bits(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8)
        .map(|chunk| chunk.iter().enumerate().fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at)))
        .collect()
}

fn number(value: u64) -> Vec<u8> {
    if value < 0x80 {
        vec![value as u8]
    } else if value < 0x4000 {
        vec![0x80 | (value >> 8) as u8, value as u8]
    } else {
        [vec![0xff], value.to_le_bytes().to_vec()].concat()
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, archive: Archive, codes| {
        Sample::hostile(FAMILY, what, path, archive.bytes(), codes)
    };
    let benign = |what: &str, archive: Archive| Sample::benign(FAMILY, what, "model.7z", archive.bytes());
    let evil = system().stop();
    let plain = Pickle::proto(4).raw(b"N").stop();
    let text = || file("a.txt", b"text\n");
    let bad = || file("data.pkl", &evil);
    let weights = safetensors(r#"{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#, &[0; 8]);
    let link = |target: &str, attributes| File { attributes, ..file("link", target.as_bytes()) };
    let with =
        |change: fn(&mut Archive)| Archive::new(COPY, vec![text(), file("b.pkl", &plain)]).with(change);
    let folder = || File { name: "models".to_owned(), data: None, anti: false, attributes: 0x10 };
    let nullif = "https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face";
    let mut files = vec![
        hostile(
            "pickle under the name of a checkpoint",
            "model.pt",
            Archive::new(LZMA2, vec![bad()]),
            &["ART002", "PKL001"],
        )
        .from_advisory(nullif),
        hostile(
            "pickle under the name of weights",
            "pytorch_model.bin",
            Archive::new(LZMA, vec![bad()]),
            &["ART002", "PKL001"],
        )
        .from_advisory(nullif),
        hostile("pickle, as it is", "model.7z", Archive::new(COPY, vec![bad()]), &["PKL001"]),
        hostile("pickle in LZMA", "model.7z", Archive::new(LZMA, vec![bad()]), &["PKL001"]),
        hostile("pickle in LZMA2", "model.7z", Archive::new(LZMA2, vec![bad()]), &["PKL001"]),
        hostile("pickle in Deflate", "model.7z", Archive::new(DEFLATE, vec![bad()]), &["PKL001"]),
        hostile("pickle in bzip2", "model.7z", Archive::new(BZIP2, vec![bad()]), &["PKL001"]),
        hostile("pickle in Zstandard", "model.7z", Archive::new(ZSTD, vec![bad()]), &["PKL001"]),
        hostile(
            "pickle behind a text in one stream",
            "model.7z",
            Archive::new(LZMA2, vec![text(), bad()]),
            &["PKL001"],
        ),
        hostile(
            "pickle under a harmless name",
            "model.7z",
            Archive::new(LZMA2, vec![file("notes.txt", &evil)]),
            &["PKL001"],
        ),
        hostile(
            "pickle with a packed header",
            "model.7z",
            Archive::new(LZMA2, vec![bad()]).with(|archive| archive.packed_header = Some(LZMA2)),
            &["PKL001"],
        ),
        hostile(
            "pickle with a copied header",
            "model.7z",
            Archive::new(LZMA2, vec![bad()]).with(|archive| archive.packed_header = Some(COPY)),
            &["PKL001"],
        ),
        hostile(
            "pickle with a wrong checksum",
            "model.7z",
            Archive::new(LZMA2, vec![bad()]).with(|archive| archive.crc = 1),
            &["PKL001", "SVZ007"],
        ),
        hostile(
            "archive in an archive",
            "model.7z",
            Archive::new(COPY, vec![file("a.7z", &Archive::new(LZMA2, vec![bad()]).bytes())]),
            &["PKL001"],
        ),
        hostile("encrypted members", "model.7z", Archive::new(AES, vec![bad()]), &["SVZ006"]),
        hostile(
            "encrypted list of members",
            "model.7z",
            Archive::new(LZMA2, vec![bad()]).with(|archive| archive.packed_header = Some(AES)),
            &["SVZ006"],
        ),
        hostile(
            "name that leads out",
            "model.7z",
            Archive::new(COPY, vec![file("../x", b"text")]),
            &["SVZ003"],
        ),
        hostile(
            "name that leads out on Windows",
            "model.7z",
            Archive::new(COPY, vec![file("a\\..\\..\\x", b"text")]),
            &["SVZ003"],
        ),
        hostile("absolute name", "model.7z", Archive::new(COPY, vec![file("/etc/x", b"text")]), &["SVZ003"]),
        hostile("name on a drive", "model.7z", Archive::new(COPY, vec![file("C:\\x", b"text")]), &["SVZ003"]),
        hostile(
            "link as Unix marks it",
            "model.7z",
            Archive::new(COPY, vec![link("/etc", 0o120_777 << 16 | 0x8000)]),
            &["SVZ003"],
        )
        .from_advisory("CVE-2025-11001"),
        hostile(
            "link as Windows marks it",
            "model.7z",
            Archive::new(COPY, vec![link("C:\\", 0x400)]),
            &["SVZ003"],
        ),
        hostile(
            "entry that deletes",
            "model.7z",
            Archive::new(COPY, vec![text(), File { anti: true, ..file("b.txt", b"") }]),
            &["SVZ003"],
        ),
        hostile("name twice", "model.7z", Archive::new(COPY, vec![text(), text()]), &["SVZ004"]),
        hostile("names twice", "model.7z", with(|archive| archive.twice = true), &["SVZ002"]),
        hostile(
            "bytes in front",
            "model.7z",
            with(|archive| archive.gaps[0] = b"hidden".to_vec()),
            &["SVZ005"],
        ),
        hostile(
            "bytes between",
            "model.7z",
            with(|archive| archive.gaps[1] = b"hidden".to_vec()),
            &["SVZ005"],
        ),
        hostile(
            "bytes behind",
            "model.7z",
            with(|archive| archive.gaps[2] = b"hidden".to_vec()),
            &["SVZ005"],
        ),
        hostile(
            "pickle behind the header",
            "model.7z",
            with(|archive| archive.gaps[2] = system().stop()),
            &["SVZ005"],
        ),
    ];
    let sound = Archive::new(COPY, vec![text()]).bytes();
    let mut damaged = |what: &str, change: fn(&mut Vec<u8>), codes| {
        let mut bytes = sound.clone();
        change(&mut bytes);
        files.push(Sample::hostile(FAMILY, what, "model.7z", bytes, codes));
    };
    damaged("cut in its header", |bytes| bytes.truncate(bytes.len() - 3), &["SVZ001"]);
    damaged("cut in its first header", |bytes| bytes.truncate(20), &["SVZ001"]);
    damaged(
        "header with a wrong checksum",
        |bytes| {
            let last = bytes.len() - 1;
            bytes[last] ^= 0x40;
        },
        &["SVZ001"],
    );
    damaged("first header with a wrong checksum", |bytes| bytes[8] ^= 1, &["SVZ001"]);
    damaged("header far away", |bytes| bytes[17] = 0x7f, &["SVZ001"]);
    let mut trailing = Archive::new(LZMA2, vec![text(), bad()]).bytes();
    trailing[33] = 0xff;
    files.push(Sample::hostile(FAMILY, "stream that breaks off", "model.7z", trailing, &["SVZ007"]));
    files.extend([
        benign("text and tensors", Archive::new(LZMA2, vec![text(), file("model.safetensors", &weights)])),
        benign("as they are", Archive::new(COPY, vec![text(), file("b.pkl", &plain)])),
        benign("in LZMA", Archive::new(LZMA, vec![text(), file("b.pkl", &plain)])),
        benign("in Deflate", Archive::new(DEFLATE, vec![text()])),
        benign("in bzip2", Archive::new(BZIP2, vec![text()])),
        benign("in Zstandard", Archive::new(ZSTD, vec![text()])),
        benign(
            "with a packed header",
            Archive::new(LZMA2, vec![text()]).with(|archive| archive.packed_header = Some(LZMA2)),
        ),
        benign(
            "folders and empty files",
            Archive::new(LZMA2, vec![folder(), text(), file("empty.txt", b"")]),
        ),
        benign(
            "difference of bytes",
            Archive::new(LZMA2, vec![file("b.txt", b"t\xf1\x13\xfc\x96")]).with(|archive| {
                archive.filter = Some((&[3], vec![0]));
                archive.crc = crc(b"t\xf1\x13\xfc\x96") ^ crc(b"text\n");
            }),
        ),
        benign("nothing", Archive::new(COPY, vec![])),
    ]);
    files
}
