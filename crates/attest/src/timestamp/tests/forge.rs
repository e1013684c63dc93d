//! An authority whose every byte a test decides: certificates and tokens, written by hand and signed with Ed25519.

use bartizan_finding::Digest;
use der::{Encode as _, asn1::ObjectIdentifier};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512, digest};

use crate::{SigningKey, TimestampAuthority};

pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
pub(crate) const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub(crate) const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
const SHA_512: &str = "2.16.840.1.101.3.4.2.3";
const ED25519: &str = "1.3.101.112";
pub(crate) const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [&head, content].concat()
}

pub(crate) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    ObjectIdentifier::new(text).unwrap().to_der().unwrap()
}

pub(crate) fn int(number: u64) -> Vec<u8> {
    number.to_der().unwrap()
}

fn name(common: &str) -> Vec<u8> {
    let attribute = seq(&[&oid("2.5.4.3"), &tlv(0x0c, common.as_bytes())]);
    seq(&[&tlv(0x31, &attribute)])
}

pub(crate) fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { tlv(0x01, &[0xff]) } else { Vec::new() };
    seq(&[&oid(kind), &critical, &tlv(0x04, value)])
}

/// That the certificate is for these uses.
pub(crate) fn usages(critical: bool, kinds: &[&str]) -> Vec<u8> {
    let kinds: Vec<u8> = kinds.iter().flat_map(|kind| oid(kind)).collect();
    extension("2.5.29.37", critical, &tlv(0x30, &kinds))
}

/// That the certificate may issue others, with at most so many issuers in between.
pub(crate) fn authority(between: Option<u64>) -> Vec<u8> {
    let between = between.map(int).unwrap_or_default();
    extension("2.5.29.19", true, &seq(&[&tlv(0x01, &[0xff]), &between]))
}

/// A certificate. Keys are those of the seeds.
#[derive(Clone)]
pub(crate) struct Certified {
    pub(crate) subject: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) key: u8,
    pub(crate) by: u8,
    pub(crate) serial: u64,
    pub(crate) from: &'static str,
    pub(crate) until: &'static str,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Certified {
    pub(crate) fn der(&self) -> Vec<u8> {
        let algorithm = seq(&[&oid(ED25519)]);
        let time = |text: &str| tlv(0x17, text.as_bytes());
        let key = SigningKey::from_seed([self.key; 32]).verifying_key().to_spki_der();
        let extensions = tlv(0xa3, &tlv(0x30, &self.extensions.concat()));
        let signed = seq(&[
            &tlv(0xa0, &int(2)),
            &int(self.serial),
            &algorithm,
            &name(self.issuer),
            &seq(&[&time(self.from), &time(self.until)]),
            &name(self.subject),
            &key,
            &extensions,
        ]);
        let signature = SigningKey::from_seed([self.by; 32]).sign(&signed);
        seq(&[&signed, &algorithm, &tlv(0x03, &[&[0], signature.as_slice()].concat())])
    }

    pub(crate) fn as_authority(&self, name: &str) -> TimestampAuthority {
        TimestampAuthority { name: name.to_owned(), certificate: self.der() }
    }
}

/// Which attribute names the signer's certificate.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Naming {
    Old,
    New,
    Both,
    Missing,
    WrongHash,
    /// The old one names the certificate, the new one another.
    Torn,
    OtherIssuer,
}

/// A token and everything that goes into it.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) root: Certified,
    pub(crate) middle: Certified,
    pub(crate) signer: Certified,
    /// The certificates that come with the token.
    pub(crate) sent: fn(&Plan) -> Vec<Vec<u8>>,
    /// More of them.
    pub(crate) more: Vec<Vec<u8>>,
    pub(crate) imprint: Digest,
    pub(crate) imprint_algorithm: &'static str,
    pub(crate) nonce: Option<u64>,
    pub(crate) version: u64,
    pub(crate) time: &'static str,
    pub(crate) accuracy: Vec<u8>,
    /// What stands behind the nonce.
    pub(crate) rest: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) attribute_type: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) naming: Naming,
    pub(crate) by_key_id: bool,
    pub(crate) unsigned: bool,
    pub(crate) signers: usize,
    /// Changes the content after its hash was taken.
    pub(crate) content: fn(&mut Vec<u8>),
    /// Changes the attributes after they were signed.
    pub(crate) attributes: fn(&mut Vec<Vec<u8>>),
    /// The seed of the key that signs, where it is not the certified one.
    pub(crate) signed_by: Option<u8>,
    pub(crate) signature_algorithm: &'static str,
}

/// A token of a signer under an intermediate under a root, over the SHA-256 of `head`, from 2026-05-01.
pub(crate) fn good() -> Plan {
    let certified = |subject, issuer, key, by, extensions| Certified {
        subject,
        issuer,
        key,
        by,
        serial: key.into(),
        from: "260101000000Z",
        until: "261231235959Z",
        extensions,
    };
    let key_id = extension("2.5.29.14", false, &tlv(0x04, b"signer"));
    Plan {
        root: certified("Root", "Root", 20, 20, vec![authority(None)]),
        middle: certified("Middle", "Root", 21, 20, vec![authority(Some(0))]),
        signer: certified("Signer", "Middle", 22, 21, vec![usages(true, &[TIME_STAMPING]), key_id]),
        sent: |plan| vec![plan.signer.der(), plan.middle.der()],
        more: Vec::new(),
        imprint: Digest::of(b"head"),
        imprint_algorithm: SHA_256,
        nonce: Some(42),
        version: 1,
        time: "20260501120000.25Z",
        accuracy: seq(&[&int(1), &tlv(0x80, &[1, 244])]),
        rest: Vec::new(),
        content_type: TST_INFO,
        attribute_type: TST_INFO,
        hash: SHA_512,
        naming: Naming::New,
        by_key_id: false,
        unsigned: false,
        signers: 1,
        content: |_| {},
        attributes: |_| {},
        signed_by: None,
        signature_algorithm: ED25519,
    }
}

impl Plan {
    pub(crate) fn token(&self) -> Vec<u8> {
        let mut content = self.info();
        let attributes = self.attributes(&content);
        (self.content)(&mut content);
        let signer = self.signer_info(attributes);
        let certificates = tlv(0xa0, &[(self.sent)(self), self.more.clone()].concat().concat());
        let data = seq(&[
            &int(3),
            &tlv(0x31, &seq(&[&oid(self.hash)])),
            &seq(&[&oid(self.content_type), &tlv(0xa0, &tlv(0x04, &content))]),
            &certificates,
            &tlv(0x31, &signer.repeat(self.signers)),
        ]);
        seq(&[&oid("1.2.840.113549.1.7.2"), &tlv(0xa0, &data)])
    }

    pub(crate) fn response(&self) -> Vec<u8> {
        seq(&[&seq(&[&int(0)]), &self.token()])
    }

    fn info(&self) -> Vec<u8> {
        let algorithm = seq(&[&oid(self.imprint_algorithm), &tlv(0x05, &[])]);
        seq(&[
            &int(self.version),
            &oid("1.2.3.4"),
            &seq(&[&algorithm, &tlv(0x04, self.imprint.as_bytes())]),
            &int(0xab_cdef),
            &tlv(0x18, self.time.as_bytes()),
            &self.accuracy,
            &self.nonce.map(int).unwrap_or_default(),
            &self.rest,
        ])
    }

    fn attributes(&self, content: &[u8]) -> Vec<Vec<u8>> {
        let attribute = |kind, value: &[u8]| seq(&[&oid(kind), &tlv(0x31, value)]);
        let hash = if self.hash == SHA_256 { &SHA256 } else { &SHA512 };
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", &oid(self.attribute_type)),
            attribute("1.2.840.113549.1.9.4", &tlv(0x04, digest(hash, content).as_ref())),
        ];
        let certificate = self.signer.der();
        let spoilt =
            if matches!(self.naming, Naming::WrongHash | Naming::Torn) { b"x".as_slice() } else { b"" };
        let issuer = if self.naming == Naming::OtherIssuer { "Other" } else { self.signer.issuer };
        let issuer = seq(&[&seq(&[&tlv(0xa4, &name(issuer))]), &int(self.signer.serial)]);
        let old = digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        let new = digest(&SHA256, &[certificate.as_slice(), spoilt].concat());
        let id = |hash: &[u8]| seq(&[&seq(&[&seq(&[&tlv(0x04, hash), &issuer])])]);
        if matches!(self.naming, Naming::Old | Naming::Both | Naming::Torn) {
            attributes.push(attribute("1.2.840.113549.1.9.16.2.12", &id(old.as_ref())));
        }
        if !matches!(self.naming, Naming::Old | Naming::Missing) {
            attributes.push(attribute("1.2.840.113549.1.9.16.2.47", &id(new.as_ref())));
        }
        attributes
    }

    fn signer_info(&self, mut attributes: Vec<Vec<u8>>) -> Vec<u8> {
        let mut sorted = attributes.clone();
        sorted.sort();
        let key = SigningKey::from_seed([self.signed_by.unwrap_or(self.signer.key); 32]);
        let signature = key.sign(&tlv(0x31, &sorted.concat()));
        (self.attributes)(&mut attributes);
        let id = if self.by_key_id {
            tlv(0x80, b"signer")
        } else {
            seq(&[&name(self.signer.issuer), &int(self.signer.serial)])
        };
        let attributes = if self.unsigned { Vec::new() } else { tlv(0xa0, &attributes.concat()) };
        seq(&[
            &int(1),
            &id,
            &seq(&[&oid(self.hash)]),
            &attributes,
            &seq(&[&oid(self.signature_algorithm)]),
            &tlv(0x04, &signature),
        ])
    }
}
