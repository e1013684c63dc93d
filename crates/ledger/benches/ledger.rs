//! What recording and auditing cost: `cargo xtask bench ledger`, or `cargo bench -p bartizan-ledger -- FOLDER`.
//!
//! Appends are compared with the least that durability costs on the same disk in the same run: the same bytes
//! appended to one file, with one fdatasync for each batch.

#![expect(clippy::disallowed_methods, reason = "a benchmark takes the time")]

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
use bartizan_measure::{Clock, Figure, Times, interleave};

type Outcome = Result<(), Box<dyn Error>>;

const BATCH: u64 = 1000;

fn main() -> Outcome {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let folder = tempfile::tempdir_in(folder)?;
    appends(folder.path())?;
    acknowledgements(folder.path(), 1)?;
    acknowledgements(folder.path(), 25)?;
    audits()
}

/// Durable appends in batches, each entry with its own envelope of 1 kB and all with one, against raw appends.
fn appends(folder: &Path) -> Outcome {
    let mut file = File::create(folder.join("raw"))?;
    let own_ledger = create(&folder.join("own"))?;
    let shared_ledger = create(&folder.join("shared"))?;
    let [mut raw, mut own, mut shared] = [const { Vec::new() }; 3];
    for round in 0..9 {
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
    let rate = |times: &Times, name: &str| times.rate(name, BATCH as f64, "entries/s");
    let base = "raw append and fdatasync";
    rate(&Times::new(raw), base).print();
    for (times, what) in [(own, "own envelopes"), (shared, "one envelope")] {
        let times = Times::new(times);
        rate(&times, &format!("append, {what}")).at_least(5000.0).print();
        rate(&times, &format!("append, {what}, beside raw")).ratio_to(base).print();
    }
    Ok(())
}

/// How long a thread waits for its receipts, when eight threads append `most` entries at once, one time after the
/// other.
fn acknowledgements(folder: &Path, most: u64) -> Outcome {
    let ledger = Arc::new(create(&folder.join(format!("group-{most}")))?);
    let committer = Committer::start(ledger, Batching::default(), now)?;
    let start = Instant::now();
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8_u64)
            .map(|worker| {
                let committer = &committer;
                scope.spawn(move || {
                    let append = |step| {
                        let drafts = (0..most).map(|n| draft(worker << 32 | step << 16 | n, false)).collect();
                        committer.submit(drafts)?.wait()
                    };
                    (0..150_u64).map(|step| timed(|| append(step))).collect::<Result<Vec<_>, _>>()
                })
            })
            .collect();
        let joined =
            workers.into_iter().map(|worker| worker.join().expect("an appending thread does not panic"));
        joined.collect::<Result<Vec<_>, _>>()
    })?
    .concat();
    let rate = times.len() as f64 * most as f64 / start.elapsed().as_secs_f64();
    let times = Times::new(times);
    let name = format!("8 threads, {most} at once:");
    times.milliseconds(&format!("{name} acknowledged")).print();
    let p99 = times.percentile(99) * 1e3;
    Figure::new(&format!("{name} acknowledged, p99"), p99, "ms", times.runs()).at_most(50.0).print();
    Figure::new(&format!("{name} rate"), rate, "entries/s", 1).print();
    Ok(())
}

/// The audit of a million entries, and reading them all. They lie in memory, so that the disk takes no part.
fn audits() -> Outcome {
    let count = 1_000_000;
    let fs = MemoryFs::new();
    let ledger = Ledger::create(Arc::new(fs.clone()), identity())?;
    for start in (0..count).step_by(50_000) {
        let drafts: Vec<_> = (start..start + 50_000).map(|number| draft(number, true)).collect();
        ledger.append(&drafts, now())?;
    }
    let head = ledger.head()?;
    let view = ledger.view()?;
    let paths = fs.files();
    let bundles = paths.iter().filter(|path| path.starts_with("tile/entries"));
    let bundles = bundles.map(|path| fs.read(path, u64::MAX)).collect::<Result<Vec<_>, _>>()?;

    let mut hash = || {
        for bundle in &bundles {
            std::hint::black_box(Digest::of(bundle));
        }
        Ok(())
    };
    let mut audit = || {
        let options = Audit { head: Some(&head), ..Audit::default() };
        let verification = verify(&fs, ledger.identity().keys(), &options);
        assert!(verification.is_whole() && verification.entries == count, "{verification:?}");
        Ok(())
    };
    let mut read = || {
        let mut expected = 0..count;
        view.entries(0..count).try_for_each(|entry| {
            entry.map(|entry| assert_eq!(expected.next(), Some(entry.index), "every entry comes in its turn"))
        })?;
        Ok::<_, Box<dyn Error>>(())
    };
    let [hash, audit, read] = interleave(Clock::Wall, 3, [&mut hash, &mut audit, &mut read])?;
    hash.seconds("SHA-256 of 1,000,000 entries, one thread").print();
    audit.seconds("audit of the structure of 1,000,000 entries").at_most(10.0).print();
    read.seconds("reading 1,000,000 records, each checked against the root").print();
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
    let (time, outcome) = Clock::Wall.time(work);
    outcome.map(|_| time)
}
