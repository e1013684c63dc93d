//! What it costs to come from a log to evidence: `cargo xtask bench gather`, or
//! `cargo bench -p bartizan-engine --bench gather -- FOLDER ENTRIES`.
//!
//! The long log is that of a project of ten thousand files, each looked at a hundred times with another result, and a
//! run after every thousand statements. It lies on the disk of the folder, as it would, and takes about 5 GB there
//! while the program runs.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bartizan_attest::{
    Collector, Envelope, NotExamined, NoteVerifier, Predicate, ProjectRef, SigningKey, Statement, Subject,
    Tool, Trust, TrustContent,
};
use bartizan_engine::gather::{Gathered, Resumed, STANDS_BY};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{
    Archive, ArchiveLimits, ArchiveWriter, Audit, Draft, Identity, Ledger, MemoryFs, RealFs, Subjects,
    log_files, verify,
};
use bartizan_measure::{Clock, Figure, Times, interleave, peak_memory};
use rayon::prelude::*;
use serde_json::json;

type Outcome = Result<(), Box<dyn Error>>;

/// Files of the project.
const FILES: u64 = 10_000;

/// Secret of the state folder.
const SECRET: [u8; 32] = [4; 32];

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let folder = arguments.next().map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let entries = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir_in(folder)?;
    import(folder.path())?;
    ten_thousand()?;
    long(&folder.path().join("long"), entries)
}

/// The statements of a bundle, judged and recorded in one batch, on the disk.
fn import(folder: &Path) -> Outcome {
    let trust = trust()?;
    let lines: Vec<Vec<u8>> = (0..FILES).into_par_iter().map(|number| envelope(number, 0)).collect();
    let mut round = 0;
    let mut work = || {
        round += 1;
        let ledger = on_disk(&folder.join(format!("import-{round}")))?;
        let drafts: Vec<_> = lines.par_iter().map(|line| judged(&trust, line)).collect::<Result<_, _>>()?;
        let receipts = ledger.append(&drafts, now())?;
        assert_eq!(receipts.len() as u64, FILES);
        Ok::<_, Box<dyn Error>>(())
    };
    let [times] = interleave(Clock::Wall, 3, [&mut work])?;
    times.seconds("import of 10,000 statements").at_most(5.0).print();
    Ok(())
}

fn judged(trust: &Trust, line: &[u8]) -> Result<Draft, String> {
    let envelope = Envelope::parse(line).map_err(|error| error.to_string())?;
    let expect = bartizan_attest::Expect { project: "bench", predicate: None };
    let seen = bartizan_attest::Seen { logged_at: None, witnessed: None, as_of: now() };
    let verified = trust.judge(&envelope, &expect, &seen).map_err(|refusal| refusal.to_string())?;
    Ok(draft(&verified.statement, line.to_vec()))
}

/// Ten thousand statements, each about a file of its own: none can be let go.
fn ten_thousand() -> Outcome {
    let trust = trust()?;
    let ledger = Ledger::create(Arc::new(MemoryFs::new()), identity()?)?;
    ledger.append(&batch(0, FILES), now())?;
    let view = ledger.view()?;
    let pack = pack(&ledger)?;
    let mut gather = || {
        let mut gathered = Gathered::default();
        gathered.read_on(&ledger, &view, &trust, &[], now())?;
        assert_eq!(gathered.evidence().len() as u64, FILES);
        Ok::<_, Box<dyn Error>>(())
    };
    let mut verify_pack = || {
        let archive = Archive::open(&pack[..], &ArchiveLimits::default())?;
        let folder = archive.folder("ledger");
        let keys = identity()?;
        let found = verify(&*folder, keys.keys(), &Audit::default());
        assert!(found.is_whole() && found.blobs == Some(FILES), "{found:?}");
        let ledger = Ledger::open(folder, Identity::reader(keys.origin().clone(), [*keys.keys()[0].key()]))?;
        let mut gathered = Gathered::default();
        gathered.read_on(&ledger, &ledger.view()?, &trust, &[], now())?;
        assert_eq!(gathered.counted, FILES);
        Ok(())
    };
    let [gather, verify_pack] = interleave(Clock::Wall, 3, [&mut gather, &mut verify_pack])?;
    gather.seconds("evidence of 10,000 statements, each read and judged").at_most(1.0).print();
    Figure::new("pack of 10,000 statements", pack.len() as f64 / 1e6, "MB", 1).print();
    verify_pack.seconds("the pack read, audited, each statement judged").at_most(2.0).print();
    Ok(())
}

fn pack(ledger: &Ledger) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = ArchiveWriter::new(Vec::new());
    for file in log_files(&ledger.view()?, true)? {
        let (path, bytes) = file?;
        writer.add(&format!("ledger/{path}"), &bytes)?;
    }
    Ok(writer.finish()?)
}

/// A log of a million entries, from the first and with an index.
fn long(folder: &Path, entries: u64) -> Outcome {
    let trust = trust()?;
    let ledger = on_disk(folder)?;
    for start in (0..entries).step_by(FILES as usize) {
        let mut drafts = batch(start, FILES.min(entries - start));
        let runs: Vec<_> = drafts.chunks(1000).map(|part| run(start, part)).collect();
        drafts.truncate(drafts.len() - runs.len());
        drafts.extend(runs);
        ledger.append(&drafts, now())?;
    }
    let view = ledger.view()?;
    let name = format!("{} entries", view.len());

    let before = peak_memory();
    let mut whole = Gathered::default();
    let (time, read) = Clock::Wall.time(|| whole.read_on(&ledger, &view, &trust, &[], now()));
    read?;
    Times::new(vec![time]).seconds(&format!("{name}: read and judged from the first")).print();
    Figure::new(&format!("{name}: memory for it"), (peak_memory() - before) as f64 / 1e6, "MB", 1).print();
    let index = whole.index(&SECRET, &view, &trust, &[])?.ok_or("the index can be made")?;
    Figure::new(&format!("{name}: index"), index.len() as f64 / 1e3, "kB", 1).print();
    Figure::new(&format!("{name}: that can matter"), whole.trusted.len() as f64, "statements", 1).print();
    let evidence = whole.evidence();

    // A hundred statements more than the index knows of.
    ledger.append(&batch(entries, 100), now())?;
    let mut resume = || {
        let ledger = Ledger::open(Arc::clone(ledger.fs()), identity()?)?;
        let view = ledger.view()?;
        let (gathered, how) = Gathered::resume(Some(&index), &SECRET, &ledger, &view, &trust, &[], now())?;
        assert_eq!(how, Resumed::Index { size: entries });
        assert!(gathered.evidence().len() >= evidence.len());
        Ok::<_, Box<dyn Error>>(())
    };
    let [times] = interleave(Clock::Wall, 5, [&mut resume])?;
    times.seconds(&format!("{name}: opened, with an index")).at_most(3.0).print();
    fs::remove_dir_all(folder)?;
    Ok(())
}

fn on_disk(folder: &Path) -> Result<Ledger, Box<dyn Error>> {
    Ok(Ledger::create(Arc::new(RealFs::create(folder)?), identity()?)?)
}

fn identity() -> Result<Identity, Box<dyn Error>> {
    Ok(Identity::writer("bartizan.example/bench".parse()?, SigningKey::from_seed([1; 32])))
}

fn collector() -> SigningKey {
    SigningKey::from_seed([2; 32])
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("the time is in range")
}

fn trust() -> Result<Trust, Box<dyn Error>> {
    let root = SigningKey::from_seed([3; 32]);
    let others = (10..13).map(|seed| (format!("host-{seed}"), SigningKey::from_seed([seed; 32])));
    let all = others.chain([("ci".to_owned(), collector())]);
    let content = TrustContent {
        project: "bench".to_owned(),
        self_attested: false,
        log: NoteVerifier::new(
            "bartizan.example/bench".parse()?,
            SigningKey::from_seed([1; 32]).verifying_key(),
        ),
        collectors: all
            .map(|(name, key)| Collector {
                name,
                key: key.verifying_key(),
                may: [PredicateKind::ModelScan, PredicateKind::CheckRun].into(),
                from: Timestamp::UNIX_EPOCH,
                until: Timestamp::MAX,
                revoked: None,
            })
            .collect(),
        witnesses: Vec::new(),
        authorities: Vec::new(),
    };
    let signed = content.sign(None, &root)?;
    Ok(Trust::open(signed.toml.as_bytes(), &signed.envelope, None, &root.verifying_key())?)
}

/// Statements `from`, `from` + 1 and so on, each about the file of its number.
fn batch(from: u64, count: u64) -> Vec<Draft> {
    (from..from + count)
        .into_par_iter()
        .map(|number| {
            let statement = scan(number % FILES, number / FILES);
            let envelope = Envelope::sign(&statement, &collector()).expect("the statement is in order");
            draft(&statement, envelope.to_bytes())
        })
        .collect()
}

fn envelope(file: u64, round: u64) -> Vec<u8> {
    Envelope::sign(&scan(file, round), &collector()).expect("the statement is in order").to_bytes()
}

fn draft(statement: &Statement, envelope: Vec<u8>) -> Draft {
    Draft::Statement {
        envelope,
        predicate: statement.kind.uri(),
        subjects: Subjects::of(statement.subjects.iter().map(|subject| subject.digest)),
        collected: statement.predicate.collected,
        expires: Some(statement.predicate.expires),
        key: collector().fingerprint(),
        actor: "ci".to_owned(),
    }
}

fn scan(file: u64, round: u64) -> Statement {
    let name = format!("model/layers/part-{file:05}.safetensors");
    let counts = BTreeMap::from([("STS001".to_owned(), round), ("ART003".to_owned(), 0)]);
    let facts =
        BTreeMap::from([("format".to_owned(), json!("safetensors")), ("tensors".to_owned(), json!(211))]);
    statement(PredicateKind::ModelScan, name, file, counts, facts)
}

/// A run that stands by a part of a batch.
fn run(start: u64, part: &[Draft]) -> Draft {
    let listed: Vec<_> = part
        .iter()
        .filter_map(|draft| match draft {
            Draft::Statement { envelope, .. } => Some(Digest::of(envelope).hex()),
            Draft::Erase { .. } => None,
        })
        .step_by(10)
        .collect();
    let facts =
        BTreeMap::from([(STANDS_BY.to_owned(), json!(listed)), ("ledger.entries".to_owned(), json!(start))]);
    let statement = statement(PredicateKind::CheckRun, "bench".to_owned(), u64::MAX, BTreeMap::new(), facts);
    let envelope = Envelope::sign(&statement, &collector()).expect("the statement is in order");
    draft(&statement, envelope.to_bytes())
}

fn statement(
    kind: PredicateKind,
    name: String,
    subject: u64,
    counts: BTreeMap<String, u64>,
    facts: BTreeMap<String, serde_json::Value>,
) -> Statement {
    Statement {
        subjects: vec![Subject { name, digest: Digest::of(&subject.to_be_bytes()) }],
        kind,
        predicate: Predicate {
            tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
            project: ProjectRef { name: "bench".to_owned(), root: Digest::of(b"root") },
            collector: "ci".to_owned(),
            rule_sets: BTreeMap::from([("bartizan-artifact".to_owned(), 100)]),
            parameters: BTreeMap::from([("asset.kind".to_owned(), json!("model"))]),
            counts,
            facts,
            complete: true,
            unexamined: NotExamined::default(),
            bytes_read_at: now(),
            collected: now(),
            expires: Timestamp::from_second(1_802_592_000).expect("the time is in range"),
        },
    }
}
