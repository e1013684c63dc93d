//! What recording and auditing cost: `cargo bench -p bartizan-ledger [-- FOLDER]`.
//!
//! Appends are compared with the least that durability costs on the same disk in the same run: the same bytes
//! appended to one file, with one fdatasync for each batch.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark takes the time and prints it"
)]

use std::{
    error::Error,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bartizan_attest::SigningKey;
use bartizan_finding::{Digest, Timestamp};
use bartizan_ledger::{
    Audit, Batching, Committer, Draft, Identity, Ledger, MemoryFs, RealFs, Subjects, fs::Fs, verify,
};

type Outcome = Result<(), Box<dyn Error>>;

const BATCH: u64 = 1000;

fn main() -> Outcome {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let folder = tempfile::tempdir_in(folder)?;
    appends(folder.path())?;
    acknowledgements(folder.path())?;
    audits()
}

/// Durable appends in batches, each entry with its own envelope of 1 kB and all with one, against raw appends.
fn appends(folder: &Path) -> Outcome {
    let rounds = 7;
    let mut raw = Vec::new();
    let mut own = Vec::new();
    let mut shared = Vec::new();
    let mut file = File::create(folder.join("raw"))?;
    let own_ledger = create(&folder.join("own"))?;
    let shared_ledger = create(&folder.join("shared"))?;
    for round in 0..rounds {
        let drafts = |same| (0..BATCH).map(|n| draft(round * BATCH + n, same)).collect::<Vec<_>>();
        let (own_drafts, shared_drafts) = (drafts(false), drafts(true));
        raw.push(timed(|| {
            // An entry of about 420 bytes and an envelope of 1 kB.
            for _ in 0..BATCH {
                file.write_all(&[b'x'; 1420])?;
            }
            file.sync_data()
        })?);
        own.push(timed(|| own_ledger.append(&own_drafts, now()))?);
        shared.push(timed(|| shared_ledger.append(&shared_drafts, now()))?);
    }
    let per_second = |times: &mut Vec<Duration>| BATCH as f64 / median(times).as_secs_f64();
    let raw = per_second(&mut raw);
    for (what, times) in [("own envelopes", &mut own), ("one envelope", &mut shared)] {
        let rate = per_second(times);
        println!(
            "append, batches of {BATCH}, {what}: {rate:.0} entries/s, {:.3} of raw append and fdatasync",
            rate / raw
        );
    }
    println!("raw append and fdatasync: {raw:.0} entries/s");
    Ok(())
}

/// How long a thread waits for its receipt, when eight threads append one entry after the other.
fn acknowledgements(folder: &Path) -> Outcome {
    let ledger = Arc::new(create(&folder.join("group"))?);
    let committer = Committer::start(ledger, Batching::default(), now)?;
    let start = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8_u64)
            .map(|worker| {
                let committer = &committer;
                scope.spawn(move || {
                    let append = |step| committer.submit(vec![draft(worker << 32 | step, false)])?.wait();
                    (0..150).filter_map(|step| timed(|| append(step)).ok()).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("acknowledge, 8 threads: median {:.1} ms, p99 {:.1} ms, {rate:.0} entries/s", at(50), at(99));
    Ok(())
}

/// The audit of a million entries, and reading them all.
fn audits() -> Outcome {
    let count = 1_000_000;
    let fs = MemoryFs::new();
    let ledger = Ledger::create(Arc::new(fs.clone()), identity())?;
    for start in (0..count).step_by(50_000) {
        let drafts: Vec<_> = (start..start + 50_000).map(|number| draft(number, true)).collect();
        ledger.append(&drafts, now())?;
    }
    let head = ledger.head()?;
    let options = Audit { head: Some(&head), ..Audit::default() };
    let mut found = Vec::new();
    let audit = timed(|| {
        found.push(verify(&fs, ledger.identity().keys(), &options));
        Ok::<_, std::io::Error>(())
    })?;
    assert!(found.iter().all(|verification| verification.is_whole() && verification.entries == count));
    let view = ledger.view()?;
    let mut read = 0;
    let entries = timed(|| {
        view.entries(0..count).try_for_each(|entry| entry.map(|entry| read += u64::from(entry.index < count)))
    })?;
    let mut bytes = Vec::new();
    for path in fs.files().iter().filter(|path| path.starts_with("tile/entries")) {
        bytes.push(fs.read(path, u64::MAX)?);
    }
    let hash = timed(|| {
        for bundle in &bytes {
            std::hint::black_box(Digest::of(bundle));
        }
        Ok::<_, std::io::Error>(())
    })?;
    let size = bytes.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    println!(
        "audit of {count} entries ({size:.0} MB): {audit:.2?}, {:.1} times their SHA-256 on one core",
        audit.as_secs_f64() / hash.as_secs_f64()
    );
    println!("reading {read} records, each checked against the root: {entries:.2?}");
    Ok(())
}

fn create(folder: &Path) -> Result<Ledger, Box<dyn Error>> {
    Ok(Ledger::create(Arc::new(RealFs::create(folder)?), identity())?)
}

fn identity() -> Identity {
    Identity::writer(
        "bartizan.example/bench".parse().expect("the name is well formed"),
        SigningKey::from_seed([1; 32]),
    )
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("the time is in range")
}

fn draft(number: u64, same: bool) -> Draft {
    let mut envelope = vec![b'x'; 1000];
    envelope[..8].copy_from_slice(&(if same { 0 } else { number }).to_be_bytes());
    Draft::Statement {
        envelope,
        predicate: "urn:bartizan:gateway-window:v1".to_owned(),
        subjects: Subjects::of([Digest::of(&number.to_be_bytes())]),
        collected: now(),
        expires: Some(now()),
        key: bartizan_key(),
        actor: "gateway-1".to_owned(),
    }
}

fn bartizan_key() -> bartizan_attest::KeyFingerprint {
    // Made once: deriving a public key takes longer than all else that a draft needs.
    static KEY: std::sync::OnceLock<bartizan_attest::KeyFingerprint> = std::sync::OnceLock::new();
    *KEY.get_or_init(|| SigningKey::from_seed([2; 32]).fingerprint())
}

fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<Duration, E> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
