//! Making the keys of a project, and renewing the one that runs out.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use bartizan_attest::{
    Collector, Envelope, KeyFingerprint, NoteVerifier, Sealing, SignedTrust, SigningKey, TrustContent,
};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Identity, Ledger, Subjects, fs::RealFs};
use bartizan_project::Project;
use jiff::SignedDuration;

use super::{LOCAL_COLLECTOR, Seed, StateError, open_trust, read_key};

/// How long the keys that `init` makes are valid.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What a check may state. Nothing that a person has to say.
const MAY: [PredicateKind; 5] = [
    PredicateKind::Assessment,
    PredicateKind::CheckRun,
    PredicateKind::DataScan,
    PredicateKind::IntegrityCheck,
    PredicateKind::ModelScan,
];

/// The keys that were made, by their fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Established {
    /// The root key: pin it as `trust.root`.
    pub root: KeyFingerprint,
    /// The log key: pin it as `trust.log`.
    pub log: KeyFingerprint,
    /// The collector key.
    pub collector: KeyFingerprint,
    /// Whether the root key is protected by a passphrase.
    pub sealed: bool,
}

/// Makes keys, a trust file and an empty ledger in `folder`, which does not exist yet. More `collectors` than the
/// local one may be named.
pub fn establish(
    folder: &Path,
    project: &str,
    seed: &Seed,
    passphrase: Option<&str>,
    collectors: Vec<Collector>,
    now: Timestamp,
) -> Result<Established, StateError> {
    if fs::symlink_metadata(folder).is_ok() {
        return Err(StateError::Exists { path: folder.to_owned() });
    }
    let keys = folder.join("keys");
    make_folder(folder)?;
    make_folder(&keys)?;
    write(&folder.join(".gitignore"), b"*\n", 0o644)?;

    let (root, log, collector) = (seed.key("root"), seed.key("log"), seed.key("collector"));
    let (salt, iv) = (seed.half("salt"), seed.half("iv"));
    let sealing = passphrase.map(|passphrase| Sealing { passphrase: passphrase.as_bytes(), salt, iv });
    for (name, key, sealing) in
        [("root", &root, sealing.as_ref()), ("log", &log, None), ("collector", &collector, None)]
    {
        let path = keys.join(format!("{name}.key"));
        let pem = key.to_pem(sealing).map_err(|source| StateError::Key { path: path.clone(), source })?;
        write(&path, pem.as_bytes(), 0o600)?;
    }
    write(&keys.join("root.pub"), root.verifying_key().to_pem().as_bytes(), 0o644)?;
    write(&keys.join("same-value.key"), &seed.derive("same-value"), 0o600)?;

    let content = trust_content(project, seed, &log, &collector, collectors, now);
    let SignedTrust { toml, envelope } = content.sign(None, &root)?;
    write(&folder.join("trust.toml"), toml.as_bytes(), 0o644)?;
    write(&folder.join("trust.toml.dsse"), &envelope.to_bytes(), 0o644)?;

    let origin = content.log.name().clone();
    let ledger = RealFs::create(&folder.join("ledger"))?;
    let ledger = Ledger::create(Arc::new(ledger), Identity::writer(origin, log.clone()))?;
    ledger.append(&[trust_draft(&toml, &envelope, &root, now)], now)?;
    Ok(Established {
        root: root.fingerprint(),
        log: log.fingerprint(),
        collector: collector.fingerprint(),
        sealed: passphrase.is_some(),
    })
}

/// Replaces the local collector's key by a new one, before or after the old one runs out: a new trust file that
/// follows the old one, signed by the root key and recorded in the log. What the old key signed while it was valid goes
/// on counting.
pub fn renew_collector(
    folder: &Path,
    project: &Project,
    seed: &Seed,
    passphrase: Option<&str>,
    now: Timestamp,
) -> Result<Established, StateError> {
    let keys = folder.join("keys");
    let trust = open_trust(folder, project)?;
    let root = read_key(&keys.join("root.key"), passphrase)?;
    if root.fingerprint() != trust.root() {
        let expected = trust.root().to_string();
        return Err(StateError::OtherKey {
            what: "root",
            found: root.fingerprint(),
            by: "trust.toml",
            expected,
        });
    }
    let log = read_key(&keys.join("log.key"), None)?;
    let old = read_key(&keys.join("collector.key"), None)?.fingerprint();
    let new = seed.key("collector");

    let mut content = trust.content().clone();
    for collector in content.collectors.iter_mut().filter(|collector| collector.key.fingerprint() == old) {
        collector.until = collector.until.min(now);
    }
    // A key that was never valid for a moment has signed nothing that counts.
    content.collectors.retain(|collector| collector.from < collector.until);
    content.collectors.push(local_collector(&new, now));
    let SignedTrust { toml, envelope } = content.sign(Some(&trust), &root)?;
    let key =
        new.to_pem(None).map_err(|source| StateError::Key { path: keys.join("collector.key"), source })?;

    let identity = Identity::writer(trust.log().name().clone(), log.clone());
    let ledger = Ledger::open(Arc::new(RealFs::open(&folder.join("ledger"))?), identity)?;
    ledger.append(&[trust_draft(&toml, &envelope, &root, now)], now)?;
    replace(&keys.join("collector.key"), key.as_bytes(), 0o600)?;
    replace(&folder.join("trust.toml"), toml.as_bytes(), 0o644)?;
    replace(&folder.join("trust.toml.dsse"), &envelope.to_bytes(), 0o644)?;
    Ok(Established {
        root: root.fingerprint(),
        log: log.fingerprint(),
        collector: new.fingerprint(),
        sealed: passphrase.is_some(),
    })
}

pub(super) fn trust_content(
    project: &str,
    seed: &Seed,
    log: &SigningKey,
    collector: &SigningKey,
    mut collectors: Vec<Collector>,
    now: Timestamp,
) -> TrustContent {
    let number: String = Digest::from_bytes(seed.derive("origin")).hex().chars().take(16).collect();
    let origin =
        format!("bartizan.local/{number}").parse().expect("letters, digits, dot and slash name a log");
    collectors.insert(0, local_collector(collector, now));
    TrustContent {
        project: project.to_owned(),
        self_attested: true,
        log: NoteVerifier::new(origin, log.verifying_key()),
        collectors,
    }
}

/// What the trust file says of the collector that a check is.
fn local_collector(key: &SigningKey, now: Timestamp) -> Collector {
    Collector {
        name: LOCAL_COLLECTOR.to_owned(),
        key: key.verifying_key(),
        may: MAY.into(),
        from: now,
        until: now.checked_add(VALID_FOR).unwrap_or(Timestamp::MAX),
        revoked: None,
    }
}

/// The entry that records a trust file: the root's envelope over its bytes.
fn trust_draft(toml: &str, envelope: &Envelope, root: &SigningKey, now: Timestamp) -> Draft {
    Draft::Statement {
        envelope: envelope.to_bytes(),
        predicate: PredicateKind::Trust.uri(),
        subjects: Subjects::of([Digest::of(toml.as_bytes())]),
        collected: now,
        expires: None,
        key: root.fingerprint(),
        actor: "root".to_owned(),
    }
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), StateError> {
    let failed = |source| StateError::Io { action: "write", path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)
}

/// Writes a file whole beside the old one, then gives it the old one's name.
fn replace(path: &Path, content: &[u8], mode: u32) -> Result<(), StateError> {
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    write(&unfinished, content, mode)?;
    fs::rename(&unfinished, path).map_err(|source| StateError::Io {
        action: "replace",
        path: path.to_owned(),
        source,
    })
}

fn make_folder(path: &Path) -> Result<(), StateError> {
    let failed = |source| StateError::Io { action: "make", path: path.to_owned(), source };
    DirBuilder::new().mode(0o700).create(path).map_err(failed)
}
