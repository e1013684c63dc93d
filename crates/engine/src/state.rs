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

mod make;

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use bartizan_attest::{
    AttestError, EditFault, Envelope, KeyFingerprint, SignedTrust, SigningKey, Trust, TrustFault, TrustHead,
    VerifyingKey,
};
use bartizan_detect::SameValueKey;
use bartizan_finding::{Digest, Timestamp};
use bartizan_ledger::{
    Identity, Ledger, LedgerError,
    fs::{MemoryFs, RealFs, RealFsError},
};
use bartizan_project::Project;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use make::{Established, MACHINE_MAY, change_trust, establish, make_key, renew_collector};

/// The folder beside the project file.
pub const STATE_FOLDER: &str = ".bartizan";

/// The name that the statements of a check carry.
pub const LOCAL_COLLECTOR: &str = "local";

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
    /// Guards the index of the evidence.
    pub index_secret: [u8; 32],
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
    /// The trust file cannot be changed like this.
    #[error("cannot change the trust file")]
    Edit(#[from] EditFault),
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

/// The trust file with the root's signature over it and the root's public key, to be handed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustFiles {
    /// The root's public key, in PEM.
    pub root: String,
    /// The trust file.
    pub toml: String,
    /// The DSSE envelope with the root's signature, as JSON.
    pub envelope: Value,
}

impl TrustFiles {
    /// Reads those of a state folder; the trust file as its envelope holds it, so that the two always agree. Ask
    /// [`open_trust`] first whether they are to be believed.
    pub fn read(folder: &Path) -> Result<Self, StateError> {
        let path = folder.join("trust.toml.dsse");
        let bytes = read(&path, bartizan_attest::MAX_ENVELOPE as u64)?;
        let envelope =
            Envelope::parse(&bytes).map_err(|source| StateError::Key { path: path.clone(), source })?;
        let json = serde_json::from_slice(&bytes).map_err(|error| StateError::Io {
            action: "use",
            path: path.clone(),
            source: error.into(),
        })?;
        Ok(Self {
            root: text(folder.join("keys/root.pub"), read(&folder.join("keys/root.pub"), 4096)?)?,
            toml: text(path, envelope.payload().to_vec())?,
            envelope: json,
        })
    }

    /// Verifies them against the fingerprint of the root key that is known on another way.
    pub fn open(&self, root: &VerifyingKey, pinned: &KeyFingerprint) -> Result<Trust, TrustFault> {
        let bytes = self.envelope.to_string().into_bytes();
        Trust::open(self.toml.as_bytes(), &Envelope::parse(&bytes)?, Some(pinned), root)
    }
}

/// Who signs what a run states, where it is not the local collector.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The name in the trust file of whoever takes the statements in.
    pub name: String,
    /// The key.
    pub key: SigningKey,
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

impl State {
    /// Opens the state folder of `project` for a check.
    pub fn open(folder: &Path, project: &Project) -> Result<Self, StateError> {
        if fs::symlink_metadata(folder).is_err() {
            return Err(StateError::Absent);
        }
        let keys = folder.join("keys");
        let trust = open_trust(folder, project)?;
        let log = read_key(&keys.join("log.key"), None)?;
        if log.verifying_key() != *trust.log().key() {
            let expected = trust.log().key().fingerprint().to_string();
            return Err(StateError::OtherKey {
                what: "log",
                found: log.fingerprint(),
                by: "trust.toml",
                expected,
            });
        }
        let collector = read_key(&keys.join("collector.key"), None)?;
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
            index_secret: index_secret(&same_value),
            same_value: SameValueKey::new(&same_value),
            not_recorded: None,
        })
    }

    /// Keys and a ledger that live as long as the run. Its statements are those of `signer`, where one is named.
    pub fn in_memory(
        project: &str,
        seed: &Seed,
        signer: Option<&Signer>,
        why: impl Into<String>,
        now: Timestamp,
    ) -> Result<Self, StateError> {
        let (root, log) = (seed.key("root"), seed.key("log"));
        let (collector_name, collector) = match signer {
            Some(signer) => (signer.name.clone(), signer.key.clone()),
            None => (LOCAL_COLLECTOR.to_owned(), seed.key("collector")),
        };
        let local = make::local_collector(&collector_name, &collector, now);
        let content = make::trust_content(project, seed, &log, vec![local]);
        let SignedTrust { toml, envelope } = content.sign(None, &root)?;
        let trust = Trust::open(toml.as_bytes(), &envelope, None, &root.verifying_key())?;
        let identity = Identity::writer(trust.log().name().clone(), log);
        Ok(Self {
            trust,
            ledger: Ledger::create(Arc::new(MemoryFs::new()), identity)?,
            collector,
            collector_name,
            index_secret: seed.derive("index"),
            same_value: SameValueKey::new(&seed.derive("same-value")),
            not_recorded: Some(why.into()),
        })
    }
}

/// A secret of the state folder for one more purpose.
fn index_secret(same_value: &[u8; 32]) -> [u8; 32] {
    *Digest::of(&[b"bartizan/index/v1\0".as_slice(), same_value].concat()).as_bytes()
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
    let trust = match Trust::open(&toml, &envelope, pinned_root.as_ref(), &root) {
        Err(TrustFault::OtherBytes) => after(&toml, &envelope, pinned_root.as_ref(), &root)?,
        opened => opened?,
    };
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

/// The trust file of an envelope that was put in its place before a change was cut short: the one right after that whose
/// bytes still lie beside it. Any other bytes were put there by somebody else.
fn after(
    before: &[u8],
    envelope: &Envelope,
    pinned_root: Option<&KeyFingerprint>,
    root: &VerifyingKey,
) -> Result<Trust, TrustFault> {
    let trust = Trust::open(envelope.payload(), envelope, pinned_root, root)?;
    let known = TrustHead { serial: trust.head().serial.saturating_sub(1), digest: Digest::of(before) };
    trust.follows(&known).map_err(|_| TrustFault::OtherBytes)?;
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

/// Reads a private key, which others than its owner must not be able to read.
pub fn read_key(path: &Path, passphrase: Option<&str>) -> Result<SigningKey, StateError> {
    let failed = |source| StateError::Io { action: "read", path: path.to_owned(), source };
    let file = crate::files::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.mode();
    let content = read(path, 16 * 1024)?;
    SigningKey::load(&content, mode, passphrase.map(str::as_bytes))
        .map_err(|source| StateError::Key { path: path.to_owned(), source })
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, StateError> {
    crate::files::read(path, limit).map_err(|source| StateError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn text(path: PathBuf, bytes: Vec<u8>) -> Result<String, StateError> {
    String::from_utf8(bytes).map_err(|_| StateError::Io {
        action: "use",
        path,
        source: io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
    })
}
