//! The state folder: keys, trust and ledger of one project.
//!
//! ```text
//! .bartizan/
//!   .gitignore            *
//!   keys/root.key         signs trust.toml and nothing else; protected by a passphrase where one was given
//!   keys/root.pub         its public half
//!   keys/collector.key    signs what a check states
//!   keys/log.key          signs the ledger's checkpoints
//!   keys/same-value.key   says which findings hold the same value
//!   trust.toml            who may state what; trust.toml.dsse holds the root's signature
//!   ledger/               the log, in the C2SP tlog-tiles layout, and the signed envelopes
//! ```

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bartizan_attest::{
    AttestError, Collector, Envelope, KeyFingerprint, NoteVerifier, Sealing, SignedTrust, SigningKey, Trust,
    TrustContent, TrustFault, VerifyingKey,
};
use bartizan_detect::SameValueKey;
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{
    Draft, Identity, Ledger, LedgerError, Subjects,
    fs::{MemoryFs, RealFs, RealFsError},
};
use bartizan_project::Project;
use jiff::SignedDuration;

/// The folder beside the project file.
pub const STATE_FOLDER: &str = ".bartizan";

/// The name that the statements of a check carry.
pub const LOCAL_COLLECTOR: &str = "local";

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

/// A state folder that was opened: whose evidence counts, where it is, and the keys to add to it.
#[derive(Debug)]
pub struct State {
    /// Whose evidence counts.
    pub trust: Trust,
    /// The log.
    pub ledger: Ledger,
    /// Signs what a check states.
    pub collector: SigningKey,
    /// The name of the collector in the trust file.
    pub collector_name: String,
    /// Says which findings hold the same value.
    pub same_value: SameValueKey,
    /// Why nothing that is added outlives the run, where that is so.
    pub not_recorded: Option<String>,
}

/// Why the state of a project cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is none.
    #[error("there are no keys for this project; `bartizan key new` makes them")]
    Absent,
    /// There is one already.
    #[error("{} exists already; keys are never overwritten", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A file of it cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A key or envelope is not fit for use.
    #[error("cannot use {}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: AttestError,
    },
    /// The trust file is not to be believed.
    #[error("cannot believe the trust file")]
    Trust(#[from] TrustFault),
    /// A key is not the one that the project or the trust file names.
    #[error("the {what} key is {found}, but {by} names {expected}")]
    OtherKey {
        /// Which key.
        what: &'static str,
        /// What lies in the folder.
        found: KeyFingerprint,
        /// Where another is named.
        by: &'static str,
        /// What is named there.
        expected: String,
    },
    /// The folder cannot hold a ledger.
    #[error(transparent)]
    Folder(#[from] RealFsError),
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The randomness that new keys are made of.
#[derive(Clone, Copy, Debug)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// 32 bytes for one purpose; different purposes share nothing.
    fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut bytes = b"bartizan/seed/v1\0".to_vec();
        bytes.extend(self.0);
        bytes.extend(purpose.as_bytes());
        *Digest::of(&bytes).as_bytes()
    }

    /// A key for one purpose.
    pub fn key(&self, purpose: &str) -> SigningKey {
        SigningKey::from_seed(self.derive(purpose))
    }

    fn half(&self, purpose: &str) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.derive(purpose)[..16]);
        half
    }
}

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

impl State {
    /// Opens the state folder of `project` for a check.
    pub fn open(folder: &Path, project: &Project) -> Result<Self, StateError> {
        if fs::symlink_metadata(folder).is_err() {
            return Err(StateError::Absent);
        }
        let keys = folder.join("keys");
        let trust = open_trust(folder, project)?;
        let log = read_key(&keys.join("log.key"))?;
        if log.verifying_key() != *trust.log().key() {
            let expected = trust.log().key().fingerprint().to_string();
            return Err(StateError::OtherKey {
                what: "log",
                found: log.fingerprint(),
                by: "trust.toml",
                expected,
            });
        }
        let collector = read_key(&keys.join("collector.key"))?;
        let entry = trust.collector(&collector.fingerprint());
        let collector_name = entry.map_or_else(|| LOCAL_COLLECTOR.to_owned(), |entry| entry.name.clone());
        let same_value = read(&keys.join("same-value.key"), 32)?;
        let same_value: [u8; 32] = same_value.try_into().map_err(|_| StateError::Io {
            action: "use",
            path: keys.join("same-value.key"),
            source: io::Error::new(io::ErrorKind::InvalidData, "it does not hold 32 bytes"),
        })?;
        let identity = Identity::writer(trust.log().name().clone(), log);
        let ledger = Ledger::open(Arc::new(RealFs::open(&folder.join("ledger"))?), identity)?;
        Ok(Self {
            trust,
            ledger,
            collector,
            collector_name,
            same_value: SameValueKey::new(&same_value),
            not_recorded: None,
        })
    }

    /// Keys and a ledger that live as long as the run.
    pub fn in_memory(
        project: &str,
        seed: &Seed,
        why: impl Into<String>,
        now: Timestamp,
    ) -> Result<Self, StateError> {
        let (root, log, collector) = (seed.key("root"), seed.key("log"), seed.key("collector"));
        let content = trust_content(project, seed, &log, &collector, Vec::new(), now);
        let SignedTrust { toml, envelope } = content.sign(None, &root)?;
        let trust = Trust::open(toml.as_bytes(), &envelope, None, &root.verifying_key())?;
        let identity = Identity::writer(trust.log().name().clone(), log);
        Ok(Self {
            trust,
            ledger: Ledger::create(Arc::new(MemoryFs::new()), identity)?,
            collector,
            collector_name: LOCAL_COLLECTOR.to_owned(),
            same_value: SameValueKey::new(&seed.derive("same-value")),
            not_recorded: Some(why.into()),
        })
    }
}

/// Opens the trust file of a state folder and holds it against what the project pins.
pub fn open_trust(folder: &Path, project: &Project) -> Result<Trust, StateError> {
    let path = folder.join("keys/root.pub");
    let pem = read(&path, 4096)?;
    let pem = String::from_utf8_lossy(&pem);
    let root = VerifyingKey::from_pem(&pem).map_err(|source| StateError::Key { path, source })?;
    let toml = read(&folder.join("trust.toml"), bartizan_attest::MAX_TRUST as u64)?;
    let path = folder.join("trust.toml.dsse");
    let envelope = read(&path, bartizan_attest::MAX_ENVELOPE as u64)?;
    let envelope = Envelope::parse(&envelope).map_err(|source| StateError::Key { path, source })?;
    let pinned_root =
        project.trust.root.as_ref().map(|pin| pinned("root", pin.as_str(), &root)).transpose()?;
    let trust = Trust::open(&toml, &envelope, pinned_root.as_ref(), &root)?;
    if let Some(pin) = &project.trust.log {
        let key = trust.log().key();
        if pinned("log", pin.as_str(), key)? != key.fingerprint() {
            let expected = pin.as_str().to_owned();
            return Err(StateError::OtherKey {
                what: "log",
                found: key.fingerprint(),
                by: "bartizan.toml",
                expected,
            });
        }
    }
    Ok(trust)
}

fn pinned(what: &'static str, pin: &str, found: &VerifyingKey) -> Result<KeyFingerprint, StateError> {
    pin.parse().map_err(|_| StateError::OtherKey {
        what,
        found: found.fingerprint(),
        by: "bartizan.toml",
        expected: pin.to_owned(),
    })
}

fn trust_content(
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
    let until = now.checked_add(VALID_FOR).unwrap_or(Timestamp::MAX);
    let local = Collector {
        name: LOCAL_COLLECTOR.to_owned(),
        key: collector.verifying_key(),
        may: MAY.into(),
        from: now,
        until,
        revoked: None,
    };
    collectors.insert(0, local);
    TrustContent {
        project: project.to_owned(),
        self_attested: true,
        log: NoteVerifier::new(origin, log.verifying_key()),
        collectors,
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

fn read_key(path: &Path) -> Result<SigningKey, StateError> {
    let failed = |source| StateError::Io { action: "read", path: path.to_owned(), source };
    let file = crate::files::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode();
    let content = read(path, 16 * 1024)?;
    SigningKey::load(&content, mode, None).map_err(|source| StateError::Key { path: path.to_owned(), source })
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, StateError> {
    crate::files::read(path, limit).map_err(|source| StateError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), StateError> {
    let failed = |source| StateError::Io { action: "write", path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)
}

fn make_folder(path: &Path) -> Result<(), StateError> {
    let failed = |source| StateError::Io { action: "make", path: path.to_owned(), source };
    DirBuilder::new().mode(0o700).create(path).map_err(failed)
}
