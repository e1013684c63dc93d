//! What must hold of a trust file's content, whoever writes or reads it.

use std::collections::BTreeSet;

use bartizan_finding::PredicateKind;

use super::{Collector, TrustContent, TrustFault, file::malformed};
use crate::{AttestError, KeyFingerprint, KeyRole, TimestampAuthority, shown::shown, timestamp::Certificate};

/// The most collectors of a trust file.
const MAX_COLLECTORS: usize = 256;

/// The most witnesses, and the most timestamp authorities, of a trust file: as many as a C2SP note has to have room
/// for signatures of (<https://c2sp.org/signed-note>, *Format*).
const MAX_OUTSIDE: usize = 16;

/// What only a person decides.
const DECISIONS: [PredicateKind; 2] = [PredicateKind::Approval, PredicateKind::Exception];

/// What a person may state beyond decisions: what people do and machines only take down.
const DEEDS: [PredicateKind; 3] =
    [PredicateKind::Drill, PredicateKind::GateDecision, PredicateKind::TrainingRecord];

impl TrustContent {
    /// What a reader of the file would refuse, apart from keys in two roles.
    pub(super) fn check(&self) -> Result<(), AttestError> {
        check_name("project", &self.project)?;
        if self.collectors.len() > MAX_COLLECTORS {
            return Err(malformed("more than 256 collectors"));
        }
        if self.witnesses.len() > MAX_OUTSIDE || self.authorities.len() > MAX_OUTSIDE {
            return Err(malformed("more than 16 witnesses or more than 16 timestamp authorities"));
        }
        self.collectors.iter().try_for_each(Collector::check)?;
        self.authorities.iter().try_for_each(TimestampAuthority::check)?;
        let mut names = BTreeSet::new();
        let witnesses = self.witnesses.iter().map(|witness| ("witness", witness.name().as_str()));
        let authorities = self.authorities.iter().map(|one| ("timestamp authority", one.name.as_str()));
        for (what, name) in
            std::iter::once(("log", self.log.name().as_str())).chain(witnesses).chain(authorities)
        {
            if !names.insert(name) {
                return Err(malformed(format!(
                    "the {what} `{}` has a name that stands before it",
                    shown(name)
                )));
            }
        }
        Ok(())
    }

    /// A key that signs two kinds of thing lets a signature over one be used for the other, and makes each compromise
    /// two. Only the certificates of an authority may follow each other with one key.
    pub(super) fn check_roles(&self, root: KeyFingerprint) -> Result<(), TrustFault> {
        let mut seen = vec![(root, KeyRole::Root), (self.log.key().fingerprint(), KeyRole::Log)];
        let collectors =
            self.collectors.iter().map(|collector| (collector.key.fingerprint(), KeyRole::Collector));
        let witnesses = self.witnesses.iter().map(|witness| (witness.key().fingerprint(), KeyRole::Witness));
        seen.extend(collectors.chain(witnesses));
        for authority in &self.authorities {
            seen.push((authority.key()?, KeyRole::TimestampAuthority));
        }
        for (at, (key, other)) in seen.iter().enumerate() {
            let earlier = seen.iter().take(at).find(|(known, _)| known == key);
            if let Some((_, one)) =
                earlier.filter(|(_, one)| [*one, *other] != [KeyRole::TimestampAuthority; 2])
            {
                return Err(TrustFault::KeyUsedTwice { key: *key, one: *one, other: *other });
            }
        }
        Ok(())
    }
}

impl Collector {
    /// Whether it is a person: its name is an e-mail address, with one `@` and no space.
    pub fn is_person(&self) -> bool {
        let parts = self.name.split_once('@');
        parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
            && !self.name.contains(char::is_whitespace)
    }

    /// What a reader of the file would refuse of this entry alone.
    pub(super) fn check(&self) -> Result<(), AttestError> {
        let name = &self.name;
        check_name("collector", name)?;
        let others = |kinds: &[PredicateKind]| self.may.iter().find(|kind| !kinds.contains(kind)).copied();
        let decision = self.may.iter().find(|kind| DECISIONS.contains(kind));
        let beyond = others(&[DECISIONS.as_slice(), &DEEDS].concat());
        let why = if self.may.is_empty() {
            "may state nothing".to_owned()
        } else if self.may.contains(&PredicateKind::Trust) {
            "may state trust, which the root key alone may".to_owned()
        } else if let Some(kind) = decision.filter(|_| !self.is_person()) {
            format!("may make {kind} statements, which only a person may, whose name is an e-mail address")
        } else if let Some(kind) = beyond.filter(|_| self.is_person()) {
            format!("is a person and may make {kind} statements, which are made by programs")
        } else if self.from >= self.until {
            "ends before it begins".to_owned()
        } else {
            return Ok(());
        };
        Err(malformed(format!("the collector `{}` {why}", shown(name))))
    }
}

impl TimestampAuthority {
    /// What a reader of the file would refuse of this entry alone.
    pub(crate) fn check(&self) -> Result<(), AttestError> {
        self.key().map(|_| ())
    }

    /// The fingerprint of the certified key; refused is what is no certificate, and a name that is none.
    fn key(&self) -> Result<KeyFingerprint, AttestError> {
        check_name("timestamp authority", &self.name)?;
        Certificate::parse(&self.certificate).map(|certificate| certificate.key_fingerprint()).map_err(
            |why| {
                malformed(format!(
                    "the timestamp authority `{}` has no certificate: {why}",
                    shown(&self.name)
                ))
            },
        )
    }
}

fn check_name(what: &str, name: &str) -> Result<(), AttestError> {
    if (1..=256).contains(&name.len()) && !name.contains(char::is_control) {
        return Ok(());
    }
    Err(malformed(format!("the {what} name `{}` is empty, long or has a control character", shown(name))))
}
