//! Making the keys of a project, and renewing the one that runs out.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use bartizan_attest::{
    Collector, EditFault, Envelope, KeyFingerprint, NoteVerifier, Sealing, SignedTrust, SigningKey, Trust,
    TrustContent, VerifyingKey,
};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Identity, Ledger, Subjects, fs::RealFs};
use bartizan_project::Project;
use jiff::SignedDuration;

use super::{LOCAL_COLLECTOR, Seed, StateError, open_trust, read_key};

/// How long the keys that `init` makes are valid.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What a check may state, and what gates decide. Nothing that a person has to say.
pub const MACHINE_MAY: [PredicateKind; 6] = [
    PredicateKind::Assessment,
    PredicateKind::CheckRun,
    PredicateKind::DataScan,
    PredicateKind::GateDecision,
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

    let local = local_collector(LOCAL_COLLECTOR, &collector, now);
    let content = trust_content(project, seed, &log, [vec![local], collectors].concat());
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

/// Replaces the local collector's key by a new one, before or after the old one runs out. What the old key signed
/// while it was valid goes on counting.
pub fn renew_collector(
    folder: &Path,
    project: &Project,
    seed: &Seed,
    passphrase: Option<&str>,
    now: Timestamp,
) -> Result<Established, StateError> {
    let path = folder.join("keys/collector.key");
    let old = read_key(&path, None)?.fingerprint();
    let new = seed.key("collector");
    let key = new.to_pem(None).map_err(|source| StateError::Key { path: path.clone(), source })?;
    let trust = change_trust(folder, project, passphrase, now, |content| {
        content.with_ended(&old, now)?.with_collector(local_collector(LOCAL_COLLECTOR, &new, now))
    })?;
    replace(&path, key.as_bytes(), 0o600)?;
    Ok(Established {
        root: trust.root(),
        log: trust.log().key().fingerprint(),
        collector: new.fingerprint(),
        sealed: passphrase.is_some(),
    })
}

/// Changes whose evidence counts: a new trust file that follows the old one, signed by the root key and recorded in
/// the log.
pub fn change_trust(
    folder: &Path,
    project: &Project,
    passphrase: Option<&str>,
    now: Timestamp,
    edit: impl FnOnce(TrustContent) -> Result<TrustContent, EditFault>,
) -> Result<Trust, StateError> {
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
    let content = edit(trust.content().clone())?;
    let SignedTrust { toml, envelope } = content.sign(Some(&trust), &root)?;
    let identity = Identity::writer(trust.log().name().clone(), log);
    let ledger = Ledger::open(Arc::new(RealFs::open(&folder.join("ledger"))?), identity)?;
    ledger.append(&[trust_draft(&toml, &envelope, &root, now)], now)?;
    // The envelope holds the file too: whoever is cut short after this has changed the trust (see `super::open_trust`).
    replace(&folder.join("trust.toml.dsse"), &envelope.to_bytes(), 0o644)?;
    replace(&folder.join("trust.toml"), toml.as_bytes(), 0o644)?;
    open_trust(folder, project)
}

/// Makes a key for a person or for a collector elsewhere: a private file that only its owner can read, which does not
/// exist yet. Gives the public half.
pub fn make_key(path: &Path, seed: &Seed, passphrase: Option<&str>) -> Result<VerifyingKey, StateError> {
    let (salt, iv) = (seed.half("salt"), seed.half("iv"));
    let sealing = passphrase.map(|passphrase| Sealing { passphrase: passphrase.as_bytes(), salt, iv });
    let key = seed.key("own");
    let pem =
        key.to_pem(sealing.as_ref()).map_err(|source| StateError::Key { path: path.to_owned(), source })?;
    write(path, pem.as_bytes(), 0o600)?;
    Ok(key.verifying_key())
}

pub(super) fn trust_content(
    project: &str,
    seed: &Seed,
    log: &SigningKey,
    collectors: Vec<Collector>,
) -> TrustContent {
    let number: String = Digest::from_bytes(seed.derive("origin")).hex().chars().take(16).collect();
    let origin =
        format!("bartizan.local/{number}").parse().expect("letters, digits, dot and slash name a log");
    TrustContent {
        project: project.to_owned(),
        self_attested: true,
        log: NoteVerifier::new(origin, log.verifying_key()),
        collectors,
        witnesses: Vec::new(),
        authorities: Vec::new(),
    }
}

/// What the trust file says of the collector that a check is.
pub(super) fn local_collector(name: &str, key: &SigningKey, now: Timestamp) -> Collector {
    Collector {
        name: name.to_owned(),
        key: key.verifying_key(),
        may: MACHINE_MAY.into(),
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
