//! The form of `trust.toml`.

use std::collections::BTreeSet;

use bartizan_finding::{Digest, PredicateKind, Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use toml::value::Datetime;

use super::{Collector, MAX_TRUST, Revocation, TrustContent, TrustHead};
use crate::{
    AttestError, KeyFingerprint, NoteVerifier, TimestampAuthority, VerifyingKey, Witness, shown::shown,
};

const WHAT: &str = "trust file";
const FORMAT: u32 = 1;

pub(super) struct TrustFile {
    pub(super) content: TrustContent,
    pub(super) serial: u64,
    pub(super) previous: Option<Digest>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<TrustFile, AttestError> {
    AttestError::check_size(WHAT, bytes.len(), MAX_TRUST)?;
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
    let wire: Wire = toml::from_str(text).map_err(|error| malformed(error.message()))?;
    if wire.format != FORMAT {
        return Err(malformed(format!("its format is {} and this program knows {FORMAT}", wire.format)));
    }
    if (wire.serial == 1) != wire.previous.is_none() || wire.serial == 0 {
        return Err(malformed("serial 1 has no `previous`, every later one has"));
    }
    let log = NoteVerifier::new(wire.log.name.parse()?, read_key(&wire.log.key, wire.log.fingerprint)?);
    let collectors = wire.collectors.into_iter().map(read_collector).collect::<Result<_, _>>()?;
    let witnesses = wire.witnesses.into_iter().map(|wire| read_witness(&wire)).collect::<Result<_, _>>()?;
    let authorities = wire.authorities.into_iter().map(read_authority).collect::<Result<_, _>>()?;
    let content = TrustContent {
        project: wire.project,
        self_attested: wire.self_attested,
        log,
        collectors,
        witnesses,
        authorities,
    };
    content.check()?;
    Ok(TrustFile { content, serial: wire.serial, previous: wire.previous })
}

/// Writes the file that stands after `head`.
pub(super) fn write(content: &TrustContent, head: Option<TrustHead>) -> Result<String, AttestError> {
    let serial = head.map_or(Some(1), |head| head.serial.checked_add(1));
    let collectors = content.collectors.iter().map(|collector| {
        let revoked = collector
            .revoked
            .as_ref()
            .map(|revoked| Ok(WireRevocation { at: datetime(revoked.at)?, reason: revoked.reason.clone() }));
        Ok(WireCollector {
            name: collector.name.clone(),
            key: write_key(&collector.key),
            fingerprint: Some(collector.key.fingerprint()),
            may: collector.may.iter().copied().collect(),
            from: datetime(collector.from)?,
            until: datetime(collector.until)?,
            revoked: revoked.transpose()?,
        })
    });
    let witnesses = content
        .witnesses
        .iter()
        .map(|witness| WireWitness { name: witness.name().to_string(), key: witness.to_string() });
    let authorities = content.authorities.iter().map(|authority| WireAuthority {
        name: authority.name.clone(),
        certificate: STANDARD.encode(&authority.certificate),
    });
    let wire = Wire {
        format: FORMAT,
        project: content.project.clone(),
        serial: serial.ok_or_else(|| malformed("the serials are used up"))?,
        previous: head.map(|head| head.digest),
        self_attested: content.self_attested,
        log: WireLog {
            name: content.log.name().to_string(),
            key: write_key(content.log.key()),
            fingerprint: Some(content.log.key().fingerprint()),
        },
        collectors: collectors.collect::<Result<_, AttestError>>()?,
        witnesses: witnesses.collect(),
        authorities: authorities.collect(),
    };
    let table = toml::to_string(&wire).map_err(malformed)?;
    Ok(format!("# Whose evidence counts. The root key signs these exact bytes in trust.toml.dsse.\n{table}"))
}

/// A field that is not known could restrict what the known ones grant, so it refuses the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: u32,
    project: String,
    serial: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Digest>,
    #[serde(default)]
    self_attested: bool,
    log: WireLog,
    #[serde(rename = "collector", default)]
    collectors: Vec<WireCollector>,
    #[serde(rename = "witness", default, skip_serializing_if = "Vec::is_empty")]
    witnesses: Vec<WireWitness>,
    #[serde(rename = "timestamp_authority", default, skip_serializing_if = "Vec::is_empty")]
    authorities: Vec<WireAuthority>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLog {
    name: String,
    key: String,
    /// Says the key once more, in the form that people compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<KeyFingerprint>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCollector {
    name: String,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<KeyFingerprint>,
    may: Vec<PredicateKind>,
    from: Datetime,
    until: Datetime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<WireRevocation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRevocation {
    at: Datetime,
    reason: String,
}

/// The name helps people; the key is a vkey, which holds it too.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireWitness {
    name: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireAuthority {
    name: String,
    certificate: String,
}

fn read_witness(wire: &WireWitness) -> Result<Witness, AttestError> {
    let witness: Witness = wire.key.parse()?;
    if witness.name().as_str() == wire.name {
        return Ok(witness);
    }
    Err(malformed(format!(
        "the witness `{}` has a key with the name `{}`",
        shown(&wire.name),
        witness.name()
    )))
}

fn read_authority(wire: WireAuthority) -> Result<TimestampAuthority, AttestError> {
    let name = wire.name;
    let certificate = STANDARD.decode(wire.certificate);
    let certificate = certificate.map_err(|_| {
        malformed(format!("the certificate of the timestamp authority `{}` is not base64", shown(&name)))
    })?;
    Ok(TimestampAuthority { name, certificate })
}

fn read_collector(wire: WireCollector) -> Result<Collector, AttestError> {
    let collector = Collector {
        key: read_key(&wire.key, wire.fingerprint)?,
        may: wire.may.iter().copied().collect::<BTreeSet<_>>(),
        from: timestamp(wire.from)?,
        until: timestamp(wire.until)?,
        revoked: match wire.revoked {
            Some(WireRevocation { at, reason }) => Some(Revocation { at: timestamp(at)?, reason }),
            None => None,
        },
        name: wire.name,
    };
    if collector.may.len() != wire.may.len() {
        let name = shown(&collector.name);
        return Err(malformed(format!("of what the collector `{name}` may state, one kind stands twice")));
    }
    Ok(collector)
}

fn read_key(encoded: &str, fingerprint: Option<KeyFingerprint>) -> Result<VerifyingKey, AttestError> {
    let der = STANDARD.decode(encoded);
    let der = der.map_err(|_| malformed(format!("`{}` is not the base64 of a key", shown(encoded))))?;
    let key = VerifyingKey::from_spki_der(&der)?;
    match fingerprint {
        Some(stated) if stated != key.fingerprint() => {
            Err(malformed(format!("the fingerprint {stated} is not that of its key, {}", key.fingerprint())))
        }
        _ => Ok(key),
    }
}

fn write_key(key: &VerifyingKey) -> String {
    STANDARD.encode(key.to_spki_der())
}

/// TOML has times without an offset; which moment they mean depends on who reads them.
fn timestamp(time: Datetime) -> Result<Timestamp, AttestError> {
    let text = time.to_string();
    if time.date.is_none() || time.time.is_none() || time.offset.is_none() {
        return Err(malformed(format!("`{text}` has no date, time or offset: write 2026-05-01T00:00:00Z")));
    }
    text.parse().map_err(malformed)
}

fn datetime(time: Timestamp) -> Result<Datetime, AttestError> {
    time.to_string().parse().map_err(malformed)
}

pub(super) fn malformed(why: impl std::fmt::Display) -> AttestError {
    AttestError::malformed(WHAT, why)
}
