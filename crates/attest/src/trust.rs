use std::collections::BTreeSet;

use bartizan_finding::{Digest, Location, Occurrence, PredicateKind, Timestamp};

use crate::{
    AttestError, Envelope, KeyFingerprint, KeyRole, NoteVerifier, SigningKey, TRUST_PAYLOAD,
    TimestampAuthority, VerifyingKey, Witness, rules::TrustFileRefused,
};

mod content;
mod edit;
mod file;

pub use edit::EditFault;

/// The most bytes of a trust file that are read.
pub const MAX_TRUST: usize = 256 * 1024;

/// Whose evidence counts: a trust file that was verified.
///
/// It comes from [`Trust::open`] alone, so whoever holds one holds what the root key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    content: TrustContent,
    serial: u64,
    previous: Option<Digest>,
    digest: Digest,
    root: KeyFingerprint,
    root_pinned: bool,
}

/// What a trust file says, apart from its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustContent {
    /// The project whose evidence it is about.
    pub project: String,
    /// Whether root and collector lie on one machine, so that whoever holds it can state anything. Every page and
    /// pack says so.
    pub self_attested: bool,
    /// The name and key of the ledger's log.
    pub log: NoteVerifier,
    /// Who may state what, at most 256.
    pub collectors: Vec<Collector>,
    /// The witnesses whose cosignatures count, at most 16.
    pub witnesses: Vec<Witness>,
    /// The authorities whose time stamps count, at most 16.
    pub authorities: Vec<TimestampAuthority>,
}

/// Who may make which statements, and when. A collector whose key was replaced stands here once for each key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// The name that its statements carry.
    pub name: String,
    /// The key that signs them.
    pub key: VerifyingKey,
    /// The kinds of statement that it may make.
    pub may: BTreeSet<PredicateKind>,
    /// The first moment at which the key is valid.
    pub from: Timestamp,
    /// The first moment at which it is no longer.
    pub until: Timestamp,
    /// Since when the key is in other hands, where it is.
    pub revoked: Option<Revocation>,
}

/// The end of trust in a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The time of the compromise, or the earliest that cannot be ruled out.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// The newest trust file that someone has seen; kept so that an older one is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrustHead {
    /// Its serial.
    pub serial: u64,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
}

/// Why a trust file is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    /// It or its envelope does not have the form it must have.
    #[error(transparent)]
    Malformed(#[from] AttestError),
    /// The root key at hand is not the one that the project pins.
    #[error("root key is {found}, but the project pins {pinned}")]
    OtherRoot {
        /// The fingerprint in the project file.
        pinned: KeyFingerprint,
        /// The fingerprint of the root key at hand.
        found: KeyFingerprint,
    },
    /// The log key is not the one that the project pins.
    #[error("trust file names the log key {found}, but the project pins {pinned}")]
    OtherLog {
        /// The fingerprint in the project file.
        pinned: KeyFingerprint,
        /// The fingerprint of the log key in the trust file.
        found: KeyFingerprint,
    },
    /// The root key has not signed the envelope.
    #[error("trust file is not signed by the root key {root}")]
    NotSigned {
        /// The root key.
        root: KeyFingerprint,
    },
    /// The envelope holds other bytes than the file.
    #[error("trust file was changed after the root key signed it")]
    OtherBytes,
    /// One key has two roles or two collectors.
    #[error("key {key} is used twice: as {one} and as {other}")]
    KeyUsedTwice {
        /// The key.
        key: KeyFingerprint,
        /// Its first role.
        one: KeyRole,
        /// Its second role.
        other: KeyRole,
    },
    /// A newer file has been seen.
    #[error("trust file was rolled back: it has serial {serial}, and serial {known} has been seen")]
    RolledBack {
        /// Its serial.
        serial: u64,
        /// The serial that was seen.
        known: u64,
    },
    /// It is not the file that was seen under its serial, or does not follow the one that was.
    #[error("trust file with serial {serial} does not follow the one that has been seen")]
    Forked {
        /// Its serial.
        serial: u64,
    },
    /// Files between it and the one that was seen are missing.
    #[error("trust file has serial {serial} and {known} has been seen: the files between them are missing")]
    Gap {
        /// Its serial.
        serial: u64,
        /// The serial that was seen.
        known: u64,
    },
    /// A history of trust files does not begin with the first.
    #[error("history of the trust file begins with serial {serial}: the files before it are missing")]
    Headless {
        /// The serial of the first that is there.
        serial: u64,
    },
    /// A history of trust files holds none.
    #[error("history of the trust file is empty")]
    NoFile,
    /// It trusts a revoked key again, or moves the time of its compromise to a later one.
    #[error("trust file weakens the revocation of the key {key}")]
    Unrevoked {
        /// The key.
        key: KeyFingerprint,
    },
}

impl TrustFault {
    /// The finding that it is.
    pub fn occurrence(&self, location: Location) -> Occurrence {
        Occurrence::new(TrustFileRefused::META, location, format!("No evidence can be judged: {self}."))
    }
}

impl Trust {
    /// Verifies and reads a trust file: the envelope beside it must hold exactly `bytes` and a signature of
    /// `root_key`, and where the project pins a root, `root_key` must be that one.
    ///
    /// Nothing is parsed before its signature is verified. Whether it is the newest is asked with
    /// [`Trust::follows`] and [`Trust::succeeds`].
    pub fn open(
        bytes: &[u8],
        envelope: &Envelope,
        pinned_root: Option<&KeyFingerprint>,
        root_key: &VerifyingKey,
    ) -> Result<Self, TrustFault> {
        let root = root_key.fingerprint();
        if let Some(pinned) = pinned_root.filter(|pinned| **pinned != root) {
            return Err(TrustFault::OtherRoot { pinned: *pinned, found: root });
        }
        if envelope.payload_type() != TRUST_PAYLOAD || !envelope.is_signed_by(root_key) {
            return Err(TrustFault::NotSigned { root });
        }
        if envelope.payload() != bytes {
            return Err(TrustFault::OtherBytes);
        }
        let file = file::parse(bytes)?;
        file.content.check_roles(root)?;
        Ok(Self {
            content: file.content,
            serial: file.serial,
            previous: file.previous,
            digest: Digest::of(bytes),
            root,
            root_pinned: pinned_root.is_some(),
        })
    }

    /// Verifies a history of trust files, oldest first, and returns the newest.
    ///
    /// Each is opened as [`Trust::open`] does and [succeeds](Trust::succeeds) the one before; the first is the first
    /// there ever was, because a revocation could stand in one that is missing.
    pub fn open_chain<'a>(
        files: impl IntoIterator<Item = (&'a [u8], &'a Envelope)>,
        pinned_root: Option<&KeyFingerprint>,
        root_key: &VerifyingKey,
    ) -> Result<Self, TrustFault> {
        let mut newest: Option<Self> = None;
        for (bytes, envelope) in files {
            let trust = Self::open(bytes, envelope, pinned_root, root_key)?;
            match &newest {
                Some(before) => trust.succeeds_strictly(before)?,
                None if trust.serial == 1 => {}
                None => return Err(TrustFault::Headless { serial: trust.serial }),
            }
            newest = Some(trust);
        }
        newest.ok_or(TrustFault::NoFile)
    }

    /// The project whose evidence it is about.
    pub fn project(&self) -> &str {
        &self.content.project
    }

    /// All that it says.
    pub fn content(&self) -> &TrustContent {
        &self.content
    }

    /// Who may state what.
    pub fn collectors(&self) -> &[Collector] {
        &self.content.collectors
    }

    /// The collector entry with this key.
    pub fn collector(&self, key: &KeyFingerprint) -> Option<&Collector> {
        self.collectors().iter().find(|collector| collector.key.fingerprint() == *key)
    }

    /// The name and key of the ledger's log.
    pub fn log(&self) -> &NoteVerifier {
        &self.content.log
    }

    /// The witnesses whose cosignatures count.
    pub fn witnesses(&self) -> &[Witness] {
        &self.content.witnesses
    }

    /// The authorities whose time stamps count.
    pub fn authorities(&self) -> &[TimestampAuthority] {
        &self.content.authorities
    }

    /// Whether the log key is the one that the project pins.
    pub fn check_log(&self, pinned: &KeyFingerprint) -> Result<(), TrustFault> {
        let found = self.log().key().fingerprint();
        if found == *pinned { Ok(()) } else { Err(TrustFault::OtherLog { pinned: *pinned, found }) }
    }

    /// Whether root and collector lie on one machine.
    pub fn self_attested(&self) -> bool {
        self.content.self_attested
    }

    /// The root key that signed it.
    pub fn root(&self) -> KeyFingerprint {
        self.root
    }

    /// Whether the project pins that root key. Where it does not, the key was believed because it lay there.
    pub fn root_pinned(&self) -> bool {
        self.root_pinned
    }

    /// What to remember of it.
    pub fn head(&self) -> TrustHead {
        TrustHead { serial: self.serial, digest: self.digest }
    }

    /// Whether it is the file that was seen last, or the one right after it.
    pub fn follows(&self, known: &TrustHead) -> Result<(), TrustFault> {
        let serial = self.serial;
        match serial.checked_sub(known.serial) {
            None => Err(TrustFault::RolledBack { serial, known: known.serial }),
            Some(0) if self.digest == known.digest => Ok(()),
            Some(1) if self.previous == Some(known.digest) => Ok(()),
            Some(0 | 1) => Err(TrustFault::Forked { serial }),
            Some(_) => Err(TrustFault::Gap { serial, known: known.serial }),
        }
    }

    /// Whether it may take the place of `predecessor`: it follows it, is about the same project, and a key that was
    /// revoked is left out or stays revoked from the same or an earlier time.
    pub fn succeeds(&self, predecessor: &Self) -> Result<(), TrustFault> {
        self.follows(&predecessor.head())?;
        if self.project() != predecessor.project() {
            return Err(TrustFault::Forked { serial: self.serial });
        }
        for before in predecessor.collectors() {
            let key = before.key.fingerprint();
            if let (Some(revoked), Some(now)) = (&before.revoked, self.collector(&key))
                && now.revoked.as_ref().is_none_or(|now| now.at > revoked.at)
            {
                return Err(TrustFault::Unrevoked { key });
            }
        }
        Ok(())
    }
}

impl Trust {
    /// In a history one file does not stand twice.
    fn succeeds_strictly(&self, predecessor: &Self) -> Result<(), TrustFault> {
        if self.serial == predecessor.serial {
            return Err(TrustFault::Forked { serial: self.serial });
        }
        self.succeeds(predecessor)
    }
}

/// The bytes of a trust file and the envelope that lies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTrust {
    /// The content of `trust.toml`.
    pub toml: String,
    /// The content of `trust.toml.dsse`.
    pub envelope: Envelope,
}

impl TrustContent {
    /// Writes and signs the first trust file, or the one after `predecessor`. Refused is what [`Trust::open`] or
    /// [`Trust::succeeds`] would refuse.
    pub fn sign(&self, predecessor: Option<&Trust>, root: &SigningKey) -> Result<SignedTrust, TrustFault> {
        let head = predecessor.map(Trust::head);
        let toml = file::write(self, head)?;
        let envelope = Envelope::sign_bytes(TRUST_PAYLOAD, toml.clone().into_bytes(), root);
        let trust = Trust::open(toml.as_bytes(), &envelope, None, &root.verifying_key())?;
        if let Some(predecessor) = predecessor {
            trust.succeeds(predecessor)?;
        }
        Ok(SignedTrust { toml, envelope })
    }
}

#[cfg(test)]
pub(crate) mod tests;
