//! The same weights in one format after another.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use flate2::Crc;

/// Tensors of each file.
pub(crate) const TENSORS: u64 = 64;
const TENSOR_BYTES: u64 = 8 << 20;
const TENSOR_ELEMENTS: u64 = TENSOR_BYTES / 4;
/// A tensor is a block this often.
const REPEATS: usize = 8;

pub(crate) fn safetensors(path: &Path) -> io::Result<()> {
    let tensors: Vec<_> = (0..TENSORS)
        .map(|at| {
            let (start, end) = (at * TENSOR_BYTES, (at + 1) * TENSOR_BYTES);
            format!(
                r#""layer.{at}":{{"dtype":"F32","shape":[{TENSOR_ELEMENTS}],"data_offsets":[{start},{end}]}}"#
            )
        })
        .collect();
    let header = format!("{{{}}}", tensors.join(","));
    let header = format!("{header:<width$}", width = header.len().next_multiple_of(8));
    write(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        Blocks::new().try_for_each(|block| tensor(file, &block))
    })
}

pub(crate) fn gguf(path: &Path) -> io::Result<()> {
    let string = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let mut header = [b"GGUF".as_slice(), &3_u32.to_le_bytes()].concat();
    header.extend([TENSORS, 1].map(u64::to_le_bytes).concat());
    header.extend([string("general.architecture"), 8_u32.to_le_bytes().to_vec(), string("llama")].concat());
    for at in 0..TENSORS {
        header.extend(string(&format!("layer.{at}")));
        header.extend(1_u32.to_le_bytes());
        header.extend(TENSOR_ELEMENTS.to_le_bytes());
        // The type F32.
        header.extend(0_u32.to_le_bytes());
        header.extend((at * TENSOR_BYTES).to_le_bytes());
    }
    header.resize(header.len().next_multiple_of(32), 0);
    write(path, |file| {
        file.write_all(&header)?;
        Blocks::new().try_for_each(|block| tensor(file, &block))
    })
}

pub(crate) fn torch(path: &Path) -> io::Result<()> {
    write(path, |file| {
        let mut archive = Archive { file, position: 0, directory: Vec::new(), members: 0 };
        archive.member("weights/data.pkl", &state(), 1)?;
        archive.member("weights/byteorder", b"little", 1)?;
        for (at, block) in Blocks::new().enumerate() {
            archive.member(&format!("weights/data/{at}"), &block, REPEATS)?;
        }
        archive.member("weights/version", b"3\n", 1)?;
        archive.finish()
    })
}

/// Records as programs pickle them, in some three million opcodes.
pub(crate) fn pickle(path: &Path) -> io::Result<()> {
    let mut stream = b"\x80\x04](".to_vec();
    for at in 0..180_000_u32 {
        let name = format!("record-{at}");
        stream.extend(b"}\x94(\x8c\x02id\x94J");
        stream.extend(at.to_le_bytes());
        stream.extend([b"\x8c\x04name\x94\x8c", &[name.len() as u8][..], name.as_bytes()].concat());
        stream.extend(b"\x94\x8c\x05score\x94G?\xe0\0\0\0\0\0\0\x8c\x04tags\x94]\x94(K\x01K\x02eu");
    }
    stream.extend(b"e.");
    write(path, |file| file.write_all(&stream))
}

/// The pickle that puts the storages together to tensors.
fn state() -> Vec<u8> {
    let text = |text: &str| [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let int = |number: u64| [b"J", &(number as u32).to_le_bytes()[..]].concat();
    let mut state = b"\x80\x02}(".to_vec();
    for at in 0..TENSORS {
        state.extend(text(&format!("layer.{at}")));
        state.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        state.extend([text("storage"), b"ctorch\nFloatStorage\n".to_vec(), text(&at.to_string())].concat());
        state.extend([text("cpu"), int(TENSOR_ELEMENTS), b"tQK\0".to_vec(), int(TENSOR_ELEMENTS)].concat());
        state.extend(b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR");
    }
    state.extend(b"u.");
    state
}

/// A ZIP archive of stored members, as far as it is written.
struct Archive<'f, W> {
    file: &'f mut W,
    position: u32,
    directory: Vec<u8>,
    members: u16,
}

impl<W: Write> Archive<'_, W> {
    /// Writes a member: a block, so many times.
    fn member(&mut self, name: &str, block: &[u8], times: usize) -> io::Result<()> {
        let mut crc = Crc::new();
        (0..times).for_each(|_| crc.update(block));
        let size = (block.len() * times) as u32;
        // No flags, stored, no time.
        let mut common = vec![0; 8];
        common.extend([crc.sum(), size, size].map(u32::to_le_bytes).concat());
        common.extend((name.len() as u32).to_le_bytes());
        let local = [b"PK\x03\x04\x14\0", &common[..], name.as_bytes()].concat();
        self.file.write_all(&local)?;
        (0..times).try_for_each(|_| self.file.write_all(block))?;
        self.directory.extend([b"PK\x01\x02\x14\0\x14\0", &common[..], &[0; 10]].concat());
        self.directory.extend(self.position.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.position += local.len() as u32 + size;
        self.members += 1;
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.file.write_all(&self.directory)?;
        self.file.write_all(b"PK\x05\x06\0\0\0\0")?;
        self.file.write_all(&[self.members; 2].map(u16::to_le_bytes).concat())?;
        self.file.write_all(&[self.directory.len() as u32, self.position].map(u32::to_le_bytes).concat())?;
        self.file.write_all(&[0; 2])
    }
}

/// One block for each tensor: weights between 0 and 1 from a linear congruential generator, bytes without a pattern.
struct Blocks {
    state: u64,
    left: u64,
}

impl Blocks {
    const fn new() -> Self {
        Self { state: 42, left: TENSORS }
    }

    fn weight(&mut self) -> f32 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 40) as f32 / (1 << 24) as f32
    }
}

impl Iterator for Blocks {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(1)?;
        let elements = TENSOR_ELEMENTS / REPEATS as u64;
        Some((0..elements).flat_map(|_| self.weight().to_le_bytes()).collect())
    }
}

fn tensor(file: &mut impl Write, block: &[u8]) -> io::Result<()> {
    (0..REPEATS).try_for_each(|_| file.write_all(block))
}

fn write(path: &Path, contents: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    contents(&mut file)?;
    file.into_inner()?.sync_all()
}
