//! Measures the most memory that inspecting takes where containers lie in containers: each with the largest window that
//! is read at its depth, and with bytes that do not compress, so that none is small. Prints one line for each chain.

use std::{env, fs, ops::ControlFlow, path::PathBuf, process::Command};

use bartizan_artifact::{FileReader, Limits, inspect};
use bartizan_corpus::{
    compressed::{lz4, xz_window, zstd},
    sevenzip::{Archive, LZMA2, file},
    zip::{Member, zip},
};

type Failure = Box<dyn std::error::Error>;

/// Each from the outermost container to the innermost: `x` and the letter of a window for xz, `7` and a window for 7-Zip,
/// `z` and a window for Zstandard, `l` for LZ4 with blocks of 4 MiB, `b` for bzip2, `d` for deflate in ZIP.
const CHAINS: [&[&str]; 10] = [
    &[],
    &["x28"],
    &["x24"],
    &["z23"],
    &["l"],
    &["x24", "x23", "x22", "x21", "x20", "x19"],
    &["x24", "x22", "x20", "x18", "x16", "x16"],
    &["z23", "z21", "z19", "z17", "z15", "z13"],
    &["724", "722", "720", "718", "716", "716"],
    &["x24", "x22", "l", "x20", "x18", "x16"],
];

fn main() -> Result<(), Failure> {
    if let Some(path) = env::args_os().nth(1) {
        return look(path.into());
    }
    let folder = env::temp_dir().join(format!("bartizan-peak-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let payloads = [("bytes", noise(20 << 20)), ("source", source())];
    for (what, payload) in payloads {
        for chain in CHAINS {
            let mut bytes = payload.clone();
            for layer in chain.iter().rev() {
                bytes = wrap(layer, &bytes)?;
            }
            let path = folder.join("model.bin");
            fs::write(&path, bytes)?;
            let out = Command::new(env::current_exe()?).arg(&path).output()?;
            print!("{what:7} {:40} {}", chain.join(" "), String::from_utf8_lossy(&out.stdout));
        }
    }
    fs::remove_dir_all(folder)?;
    Ok(())
}

fn look(path: PathBuf) -> Result<(), Failure> {
    let start = std::time::Instant::now();
    let seen =
        inspect(&FileReader::new(fs::File::open(path)?)?, "modeling.py", &Limits::default(), &mut |_| {
            ControlFlow::Continue(())
        })?;
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{peak} {:?} {} {:.1?}", seen.class, seen.format, start.elapsed());
    for place in &seen.unexamined {
        println!("          {}", place.reason);
    }
    Ok(())
}

fn wrap(layer: &str, data: &[u8]) -> Result<Vec<u8>, Failure> {
    let (kind, log) = layer.split_at(1);
    // A window of 2^n is stated as 2 (n - 12) by LZMA2.
    let log: u8 = if log.is_empty() { 0 } else { log.parse()? };
    Ok(match kind {
        "x" => xz_window(data, 2 * (log - 12)),
        "7" => {
            let mut archive = Archive::new(LZMA2, vec![file("a", data)]);
            archive.properties = vec![2 * (log - 12)];
            archive.bytes()
        }
        "z" => zstd_window(data, log),
        "l" => lz4_large(data),
        "b" => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            std::io::Write::write_all(&mut encoder, data)?;
            encoder.finish()?
        }
        _ => zip(&[Member::deflated("a", data)]),
    })
}

/// A frame that states a window of so many bits.
fn zstd_window(data: &[u8], log: u8) -> Vec<u8> {
    let single = zstd(data);
    // A descriptor without flags and the window stand for that of one segment and its length.
    [b"\x28\xb5\x2f\xfd\0".as_slice(), &[(log - 10) << 3], &single[9..]].concat()
}

/// Blocks of 4 MiB.
fn lz4_large(data: &[u8]) -> Vec<u8> {
    let mut file = lz4(&[]);
    file.truncate(7);
    file[5] = 0x70;
    file[6] = 0x73;
    for block in data.chunks(4 << 20) {
        let header = u32::try_from(block.len()).unwrap_or(0) | 1 << 31;
        file.extend([&header.to_le_bytes(), block].concat());
    }
    file.extend([0; 4]);
    file
}

/// Bytes that do not compress, and that no reader knows (the generator is xorshift).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = vec![0xfe; 16];
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes
}

/// Source whose tree is large, in an archive that is too large to be held.
fn source() -> Vec<u8> {
    let code = "x,".repeat(255 << 10);
    zip(&[Member::stored("modeling.py", code.as_bytes()), Member::stored("noise", &noise(20 << 20))])
}
