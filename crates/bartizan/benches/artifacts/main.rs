//! Model files, side by side with the scanners of others: `cargo xtask bench artifacts`.
//!
//! All judge the same files in the same run. What is compared is the verdict on each file of the corpus, and the time
//! that the processor spends. The corpus is ours, so the rates are a bar for us and a comparison on common ground, not a
//! measure of what is out there.

#![expect(clippy::disallowed_methods, reason = "a bench of programs starts them")]

mod corpus;
mod peers;

use std::{
    error::Error,
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use bartizan_corpus::{pickle::Pickle, safetensors::safetensors};
use bartizan_measure::{Clock, Figure, interleave, peak_memory_of_children};
use corpus::{Corpus, Verdict};
use peers::Peer;

/// Opcodes of the long pickle.
const OPCODES: usize = 3_000_000;
/// Bytes of the tensor whose structure is proven.
const TENSOR: u64 = 2 << 30;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let peers = peers::all()?;
    structure(folder.path())?;
    tiny(folder.path(), &peers)?;
    long(folder.path(), &peers)?;
    all(&Corpus::write(&folder.path().join("corpus"))?, &peers)
}

/// The structure of a safetensors file of two gibibytes, the whole program. First, because the memory that is told is the
/// most that any program that was waited for ever held.
fn structure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let path = folder.join("large.safetensors");
    let header = format!(r#"{{"w":{{"dtype":"U8","shape":[{TENSOR}],"data_offsets":[0,{TENSOR}]}}}}"#);
    let head = safetensors(&header, &[]);
    let mut file = File::create(&path)?;
    file.write_all(&head)?;
    file.set_len(head.len() as u64 + TENSOR)?;
    let arguments = ["model", "scan", "--quiet", "--structure", "large.safetensors"];
    let [times] = interleave(Clock::CpuOfChildren, 15, [&mut || bartizan(folder, &arguments, 0)])?;
    times.milliseconds("structure of 2 GiB of safetensors, whole program").at_most(20.0).print();
    let most = peak_memory_of_children() as f64 / 1e6;
    Figure::new("its peak memory", most, "MB", 1).at_most(16.0).print();
    std::fs::remove_file(path)?;
    Ok(())
}

/// One small pickle, the whole program.
fn tiny(folder: &Path, peers: &[Peer]) -> Result<(), Box<dyn Error>> {
    let name = "a small pickle, whole program";
    std::fs::write(folder.join("tiny.pkl"), Pickle::proto(4).raw(b"}").stop())?;
    let [times] = interleave(
        Clock::CpuOfChildren,
        31,
        [&mut || bartizan(folder, &["model", "scan", "--quiet", "tiny.pkl"], 0)],
    )?;
    times.milliseconds(name).at_most(10.0).print();
    for peer in peers {
        let [times] = interleave(Clock::CpuOfChildren, 3, [&mut || peer.program(folder, "tiny.pkl")])?;
        times.milliseconds(&format!("{name}: {}", peer.name)).ratio_to(name).print();
    }
    Ok(())
}

/// A pickle of three million opcodes.
fn long(folder: &Path, peers: &[Peer]) -> Result<(), Box<dyn Error>> {
    let name = "a pickle of 3,000,000 opcodes, whole program";
    let mut file = BufWriter::new(File::create(folder.join("long.pkl"))?);
    file.write_all(b"\x80\x04](")?;
    for number in 0..OPCODES / 3 {
        // A number, a short text and a tuple of both.
        let low = u8::try_from(number % 251)?;
        file.write_all(&[b'K', low, 0x8c, 1, b'a' + low % 26, 0x86])?;
    }
    file.write_all(b"e.")?;
    file.flush()?;
    let [times] = interleave(
        Clock::CpuOfChildren,
        7,
        [&mut || bartizan(folder, &["model", "scan", "--quiet", "long.pkl"], 0)],
    )?;
    times.milliseconds(name).at_most(150.0).print();
    for peer in peers {
        let (time, verdicts) = Clock::CpuOfChildren.time(|| peer.judge(folder, &["long.pkl".to_owned()]));
        let verdict = verdicts?.first().copied().unwrap_or(Verdict::Error);
        let name_of_peer = format!("{name}: {} ({})", peer.name, verdict.as_str());
        Figure::new(&name_of_peer, time.as_secs_f64() * 1e3, "ms", 1).ratio_to(name).print();
    }
    Ok(())
}

/// The whole corpus.
fn all(corpus: &Corpus, peers: &[Peer]) -> Result<(), Box<dyn Error>> {
    let name = "the whole corpus";
    let [times] = interleave(Clock::CpuOfChildren, 5, [&mut || corpus.scan().map(|_| ())])?;
    times.seconds(name).at_most(3.0).print();
    let seen = corpus.scan()?;
    corpus.tell("bartizan", &seen, true);
    for peer in peers {
        let (time, verdicts) = Clock::CpuOfChildren.time(|| peer.judge(&corpus.root, &corpus.paths));
        let label = format!("{name}: {}", peer.name);
        Figure::new(&label, time.as_secs_f64(), "s", 1).ratio_to(name).print();
        corpus.tell(peer.name, &verdicts?, false);
    }
    Ok(())
}

/// Runs the program to its end, which must be this exit code.
fn bartizan(folder: &Path, arguments: &[&str], code: i32) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env!("CARGO_BIN_EXE_bartizan"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.code() == Some(code) {
        Ok(())
    } else {
        Err(format!("`bartizan {}`: {status}", arguments.join(" ")).into())
    }
}
