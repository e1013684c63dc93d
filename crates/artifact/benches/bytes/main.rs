//! What looking at a file costs beside reading and hashing it: `cargo xtask bench bytes`.
//!
//! The files are half a gigabyte of the same weights each and lie in the page cache, so that the disk takes no part.

mod files;

use std::{error::Error, io, ops::ControlFlow, path::Path};

use bartizan_artifact::{FileClass, FileReader, Limits, ReadAt as _, STEP, inspect};
use bartizan_finding::{Digest, Hasher};
use bartizan_measure::{Clock, Figure, interleave, peak_memory};
use files::TENSORS;

const PLAIN: &str = "plain read and SHA-256";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = |name: &str| folder.path().join(name);
    let [safetensors, gguf, torch] = [path("weights.safetensors"), path("weights.gguf"), path("weights.pt")];
    files::safetensors(&safetensors)?;
    files::gguf(&gguf)?;
    files::torch(&torch)?;

    let [plain, seen, seen_gguf, seen_torch] = interleave(
        Clock::Cpu,
        7,
        [
            &mut || plain(&safetensors).map(|_| ()),
            &mut || look(&safetensors).map(|_| ()),
            &mut || look(&gguf).map(|_| ()),
            &mut || look(&torch).map(|_| ()),
        ],
    )?;
    plain_and_seen_agree(&[&safetensors, &gguf, &torch])?;

    plain.rate(PLAIN, gigabytes(&safetensors)?, "GB/s").print();
    for (times, name, path) in [
        (seen, "inspect safetensors", &safetensors),
        (seen_gguf, "inspect GGUF", &gguf),
        (seen_torch, "inspect PyTorch archive", &torch),
    ] {
        times.rate(name, gigabytes(path)?, "GB/s").ratio_to(PLAIN).at_least(0.85).print();
    }
    let pickle = path("records.pkl");
    files::pickle(&pickle)?;
    let [times] = interleave(Clock::Cpu, 7, [&mut || run(&pickle)])?;
    times.milliseconds("inspect a pickle of three million opcodes").at_most(150.0).print();
    Figure::new("peak memory", peak_memory() as f64 / 1e6, "MB", 1).print();
    Ok(())
}

fn gigabytes(path: &Path) -> io::Result<f64> {
    Ok(std::fs::metadata(path)?.len() as f64 / 1e9)
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

/// The digest of a file that is found clean.
fn look(path: &Path) -> io::Result<Option<Digest>> {
    let reader = FileReader::open(path)?;
    let mut go_on = |_| ControlFlow::Continue(());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let seen = inspect(&reader, &name, &Limits::default(), &mut go_on)?;
    assert_eq!(seen.class, FileClass::Clean, "{:?}", seen.problems);
    assert_eq!(seen.bytes_read, seen.size);
    // What an archive of PyTorch holds is counted as members: the storages, and three beside them.
    let members = seen.outline.facts.get("archive-members").map(|count| count.parse());
    assert!(seen.outline.tensors == TENSORS || members == Some(Ok(TENSORS + 3)), "{:?}", seen.outline);
    Ok(seen.digest)
}

/// Inspects a pickle that is clean and long.
fn run(path: &Path) -> io::Result<()> {
    let reader = FileReader::open(path)?;
    let mut go_on = |_| ControlFlow::Continue(());
    let seen = inspect(&reader, "records.pkl", &Limits::default(), &mut go_on)?;
    assert_eq!(seen.class, FileClass::Clean, "{:?}", seen.problems);
    assert!(seen.outline.opcodes > 3_000_000, "{}", seen.outline.opcodes);
    Ok(())
}

fn plain_and_seen_agree(paths: &[&Path]) -> io::Result<()> {
    for path in paths {
        assert_eq!(look(path)?, Some(plain(path)?), "both saw the same bytes");
    }
    Ok(())
}
