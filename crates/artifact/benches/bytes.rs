//! What looking at a file costs beside reading and hashing it: `cargo xtask bench bytes`.
//!
//! The file is half a gigabyte of safetensors and lies in the page cache, so that the disk takes no part.

use std::{
    error::Error,
    fs::File,
    io::{self, Write as _},
    ops::ControlFlow,
    path::Path,
};

use bartizan_artifact::{FileClass, FileReader, Limits, ReadAt as _, STEP, inspect};
use bartizan_finding::{Digest, Hasher};
use bartizan_measure::{Clock, Figure, interleave, peak_memory};

const TENSORS: u64 = 64;
const TENSOR_BYTES: u64 = 8 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = folder.path().join("weights");
    let gigabytes = write(&path)? as f64 / 1e9;

    let (mut plain_digest, mut seen_digest) = (None, None);
    let mut plain = || plain(&path).map(|digest| plain_digest = Some(digest));
    let mut seen = || {
        let reader = FileReader::open(&path)?;
        let mut go_on = |_| ControlFlow::Continue(());
        let inspection = inspect(&reader, "weights.safetensors", &Limits::default(), &mut go_on)?;
        assert_eq!(inspection.class, FileClass::Clean, "{:?}", inspection.problems);
        assert_eq!((inspection.bytes_read, inspection.outline.tensors), (inspection.size, TENSORS));
        seen_digest = inspection.digest;
        io::Result::Ok(())
    };
    let [plain, seen] = interleave(Clock::Cpu, 7, [&mut plain, &mut seen])?;
    assert!(plain_digest.is_some() && plain_digest == seen_digest, "both saw the same bytes");

    plain.rate("plain read and SHA-256", gigabytes, "GB/s").print();
    seen.rate("inspect safetensors", gigabytes, "GB/s")
        .ratio_to("plain read and SHA-256")
        .at_least(0.85)
        .print();
    Figure::new("peak memory", peak_memory() as f64 / 1e6, "MB", 1).print();
    Ok(())
}

/// The digest of a file, and nothing else of it.
fn plain(path: &Path) -> io::Result<Digest> {
    let reader = FileReader::open(path)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; STEP];
    let mut offset = 0;
    loop {
        let count = reader.read_at(offset, &mut buffer)?;
        if count == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..count]);
        offset += count as u64;
    }
}

/// Writes the file and says how long it is.
fn write(path: &Path) -> io::Result<u64> {
    let tensors: Vec<_> = (0..TENSORS)
        .map(|at| {
            let (start, end) = (at * TENSOR_BYTES, (at + 1) * TENSOR_BYTES);
            let count = TENSOR_BYTES / 4;
            format!(r#""layer.{at}":{{"dtype":"F32","shape":[{count}],"data_offsets":[{start},{end}]}}"#)
        })
        .collect();
    let header = format!("{{{}}}", tensors.join(","));
    let header = format!("{header:<width$}", width = header.len().next_multiple_of(8));
    let mut file = File::create(path)?;
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    // Weights between 0 and 1 from a linear congruential generator: bytes without a pattern.
    let mut state = 42_u64;
    let mut weight = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    for _ in 0..TENSORS {
        let block: Vec<u8> = (0..TENSOR_BYTES / 8 / 4).flat_map(|_| weight().to_le_bytes()).collect();
        (0..8).try_for_each(|_| file.write_all(&block))?;
    }
    file.sync_all()?;
    Ok(8 + header.len() as u64 + TENSORS * TENSOR_BYTES)
}
