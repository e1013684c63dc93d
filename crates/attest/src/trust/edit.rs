//! The changes that people make to a trust file. Each returns the changed content, which the root key then signs.

use bartizan_finding::Timestamp;

use super::{Collector, Revocation, TrustContent};
use crate::{AttestError, KeyFingerprint, NoteName, TimestampAuthority, Witness, shown::shown};

/// Why a trust file is not changed as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// What is to be added stands there.
    #[error("trust file already names the {what} `{name}`")]
    Present {
        /// What it is.
        what: &'static str,
        /// Its name or fingerprint, escaped.
        name: String,
    },
    /// What is to be changed does not stand there.
    #[error("trust file does not name the {what} `{name}`")]
    Absent {
        /// What it is.
        what: &'static str,
        /// Its name or fingerprint, escaped.
        name: String,
    },
    /// The key is revoked from an earlier time on, and no later file may take that back.
    #[error("key {key} is already revoked from {at} on")]
    RevokedBefore {
        /// The key.
        key: KeyFingerprint,
        /// The time that stands there.
        at: Timestamp,
    },
    /// A revocation needs a reason.
    #[error("a revocation says why: its reason is empty")]
    NoReason,
    /// The result would be refused by whoever reads it.
    #[error(transparent)]
    Malformed(#[from] AttestError),
}

impl TrustContent {
    /// With one more collector. Refused are a key that a collector has already, and an entry that no reader would
    /// take. The same name with another key is a collector whose key was replaced.
    pub fn with_collector(mut self, collector: Collector) -> Result<Self, EditFault> {
        if self.collectors.iter().any(|other| other.key == collector.key) {
            let name = collector.key.fingerprint().to_string();
            return Err(EditFault::Present { what: "key", name });
        }
        self.collectors.push(collector);
        self.checked()
    }

    /// With a collector's key revoked: what it signed counts only if somebody outside saw it before `at`, the time of
    /// the compromise. A revocation is moved to an earlier time, never to a later one.
    pub fn with_revoked(
        mut self,
        key: &KeyFingerprint,
        at: Timestamp,
        reason: &str,
    ) -> Result<Self, EditFault> {
        if reason.trim().is_empty() {
            return Err(EditFault::NoReason);
        }
        let collector = self.collector_mut(key)?;
        if let Some(before) = collector.revoked.as_ref().filter(|before| before.at <= at) {
            return Err(EditFault::RevokedBefore { key: *key, at: before.at });
        }
        collector.revoked = Some(Revocation { at, reason: reason.to_owned() });
        self.checked()
    }

    /// With a collector's key ended at `at`, as when it is replaced: what it signed before goes on counting. A key
    /// that would never have been valid is left out, unless it is revoked; an end that is earlier stays.
    pub fn with_ended(mut self, key: &KeyFingerprint, at: Timestamp) -> Result<Self, EditFault> {
        let collector = self.collector_mut(key)?;
        if collector.from < at {
            collector.until = collector.until.min(at);
        } else if collector.revoked.is_none() {
            self.collectors.retain(|collector| collector.key.fingerprint() != *key);
        }
        self.checked()
    }

    /// With one more witness.
    pub fn with_witness(mut self, witness: Witness) -> Result<Self, EditFault> {
        if self.witnesses.iter().any(|other| other.name() == witness.name()) {
            return Err(EditFault::Present { what: "witness", name: witness.name().to_string() });
        }
        self.witnesses.push(witness);
        self.checked()
    }

    /// Without the witness of this name. Its cosignatures then count no longer.
    pub fn without_witness(mut self, name: &NoteName) -> Result<Self, EditFault> {
        let before = self.witnesses.len();
        self.witnesses.retain(|witness| witness.name() != name);
        if self.witnesses.len() == before {
            return Err(EditFault::Absent { what: "witness", name: shown(name.as_str()) });
        }
        Ok(self)
    }

    /// With one more timestamp authority.
    pub fn with_authority(mut self, authority: TimestampAuthority) -> Result<Self, EditFault> {
        if self.authorities.iter().any(|other| other.name == authority.name) {
            return Err(EditFault::Present { what: "timestamp authority", name: shown(&authority.name) });
        }
        self.authorities.push(authority);
        self.checked()
    }

    /// Without the timestamp authority of this name. Its time stamps then count no longer.
    pub fn without_authority(mut self, name: &str) -> Result<Self, EditFault> {
        let before = self.authorities.len();
        self.authorities.retain(|authority| authority.name != name);
        if self.authorities.len() == before {
            return Err(EditFault::Absent { what: "timestamp authority", name: shown(name) });
        }
        Ok(self)
    }

    fn collector_mut(&mut self, key: &KeyFingerprint) -> Result<&mut Collector, EditFault> {
        let found = self.collectors.iter_mut().find(|collector| collector.key.fingerprint() == *key);
        found.ok_or_else(|| EditFault::Absent { what: "key", name: key.to_string() })
    }

    fn checked(self) -> Result<Self, EditFault> {
        self.check()?;
        Ok(self)
    }
}
