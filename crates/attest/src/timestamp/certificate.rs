//! Certificates (RFC 5280), and the way from the one that signed to one in the trust file.

use bartizan_finding::Timestamp;
use der::{
    Decode as _, Encode as _, Reader as _, SliceReader,
    asn1::{BitStringRef, ObjectIdentifier},
};
use x509_cert::{
    TbsCertificate,
    ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
    name::Name,
    serial_number::SerialNumber,
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
    time::Time,
};

use super::{TimestampFault, signature::verify};
use crate::{AttestError, KeyFingerprint, TimestampAuthority, shown::shown};

/// The most bytes of a certificate that are read. Those of public authorities have 1 to 3 KiB.
const MAX_CERTIFICATE: usize = 16 * 1024;

/// The most certificates on the way from signer to anchor, both counted: a root, two intermediates and the signer.
const MAX_CHAIN: usize = 4;

/// The most signatures that are verified on the search for a way, however many certificates have one name.
const MAX_VERIFICATIONS: u32 = 48;

/// id-kp-timeStamping (RFC 3161, section 2.3).
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// anyExtendedKeyUsage (RFC 5280, section 4.2.1.12).
const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// The extensions that a critical mark is heeded of: key usage, alternative name of the subject (which is not asked
/// for), basic constraints, policies (any is taken), extended key usage. Another one that is critical could restrict
/// what the certificate is for, so it refuses it (RFC 5280, section 4.2).
const UNDERSTOOD: [ObjectIdentifier; 5] = [
    ObjectIdentifier::new_unwrap("2.5.29.15"),
    ObjectIdentifier::new_unwrap("2.5.29.17"),
    ObjectIdentifier::new_unwrap("2.5.29.19"),
    ObjectIdentifier::new_unwrap("2.5.29.32"),
    ObjectIdentifier::new_unwrap("2.5.29.37"),
];

const WHAT: &str = "certificate";

/// A certificate, of which nothing is verified yet.
pub(crate) struct Certificate<'a> {
    der: &'a [u8],
    signed: &'a [u8],
    algorithm: AlgorithmIdentifierOwned,
    signature: &'a [u8],
    tbs: TbsCertificate,
}

impl<'a> Certificate<'a> {
    /// Reads one certificate in DER and nothing behind it.
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, AttestError> {
        AttestError::check_size(WHAT, der.len(), MAX_CERTIFICATE)?;
        let certificate = Self::read(der).map_err(|error| AttestError::malformed(WHAT, error))?;
        if certificate.tbs.signature() != &certificate.algorithm {
            return Err(AttestError::malformed(WHAT, "it names two signature algorithms"));
        }
        Ok(certificate)
    }

    /// The signed part is taken as it lies there, so that its signature is verified over these very bytes.
    fn read(der: &'a [u8]) -> Result<Self, der::Error> {
        let mut reader = SliceReader::new(der)?;
        let certificate = reader.sequence(|reader| {
            let signed = reader.tlv_bytes()?;
            let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
            let signature = BitStringRef::decode(reader)?.as_bytes().unwrap_or_default();
            let tbs = TbsCertificate::from_der(signed)?;
            Ok::<_, der::Error>(Self { der, signed, algorithm, signature, tbs })
        })?;
        reader.finish()?;
        Ok(certificate)
    }

    /// The fingerprint of the certified key.
    pub(crate) fn key_fingerprint(&self) -> KeyFingerprint {
        let der = self.key().to_der();
        KeyFingerprint::of_spki_der(&der.expect("what was read as DER has a DER form"))
    }

    pub(super) fn der(&self) -> &'a [u8] {
        self.der
    }

    pub(super) fn key(&self) -> &SubjectPublicKeyInfoOwned {
        self.tbs.subject_public_key_info()
    }

    pub(super) fn issuer(&self) -> &Name {
        self.tbs.issuer()
    }

    pub(super) fn serial(&self) -> &SerialNumber {
        self.tbs.serial_number()
    }

    /// The value of the subject key identifier (RFC 5280, section 4.2.1.2).
    pub(super) fn subject_key_id(&self) -> Option<Vec<u8>> {
        let extension = self.tbs.get_extension::<x509_cert::ext::pkix::SubjectKeyIdentifier>();
        extension.ok().flatten().map(|(_, id)| id.0.as_bytes().to_vec())
    }

    /// The subject as people read it, escaped and cut.
    pub(super) fn subject(&self) -> String {
        shown(&self.tbs.subject().to_string())
    }

    /// Whether it is for time stamps (RFC 3161, section 2.3) and was valid at `at`.
    pub(super) fn check_signer(&self, at: Timestamp) -> Result<(), TimestampFault> {
        let wrong = |why| TimestampFault::NotForTimeStamps { subject: self.subject(), why };
        let usage = self.tbs.get_extension::<ExtendedKeyUsage>();
        match usage.map_err(|_| wrong("its extended key usage cannot be read"))? {
            None => return Err(wrong("it has no extended key usage")),
            Some((false, _)) => return Err(wrong("its extended key usage is not critical")),
            Some((true, ExtendedKeyUsage(usages))) if usages == [TIME_STAMPING] => {}
            Some(_) => return Err(wrong("its extended key usage is not time stamping alone")),
        }
        let usage = self.tbs.get_extension::<KeyUsage>();
        if usage
            .map_err(|_| wrong("its key usage cannot be read"))?
            .is_some_and(|(_, usage)| !usage.digital_signature() && !usage.non_repudiation())
        {
            return Err(wrong("its key usage is not signatures"));
        }
        if !self.is_understood() {
            return Err(wrong("it has a critical extension that is not understood"));
        }
        let validity = self.tbs.validity();
        let (from, until) = (time(validity.not_before), time(validity.not_after));
        match (from, until) {
            (Some(from), Some(until)) if from > at || at.as_second() > until.as_second() => {
                Err(TimestampFault::NotValidThen { subject: self.subject(), at, from, until })
            }
            (Some(_), Some(_)) => Ok(()),
            _ => Err(wrong("its validity cannot be read")),
        }
    }

    /// Whether it may have issued a certificate for time stamps at `at`, with so many issuers between the two.
    fn may_issue(&self, at: Timestamp, between: usize) -> bool {
        let validity = self.tbs.validity();
        let valid = time(validity.not_before).is_some_and(|from| from <= at)
            && time(validity.not_after).is_some_and(|until| at.as_second() <= until.as_second());
        let constraints = self.tbs.get_extension::<BasicConstraints>().ok().flatten();
        let is_authority = constraints.is_some_and(|(_, constraints)| {
            constraints.ca
                && constraints.path_len_constraint.is_none_or(|length| between <= usize::from(length))
        });
        let signs = self
            .tbs
            .get_extension::<KeyUsage>()
            .is_ok_and(|usage| usage.is_none_or(|(_, usage)| usage.key_cert_sign()));
        let for_time = self.tbs.get_extension::<ExtendedKeyUsage>().is_ok_and(|usage| {
            usage.is_none_or(|(_, usage)| usage.0.contains(&TIME_STAMPING) || usage.0.contains(&ANY_USAGE))
        });
        valid && is_authority && signs && for_time && self.is_understood()
    }

    fn is_understood(&self) -> bool {
        let extensions = self.tbs.extensions().map(Vec::as_slice).unwrap_or_default();
        extensions.iter().all(|extension| !extension.critical || UNDERSTOOD.contains(&extension.extn_id))
    }

    fn is_issued_by(&self, issuer: &Self) -> bool {
        verify(issuer.key(), self.algorithm.oid, None, self.signed, self.signature).is_ok()
    }
}

/// The search for a way from a signer to a certificate in the trust file.
pub(super) struct Search<'a> {
    /// The certificates that came with the token.
    pub(super) others: &'a [Certificate<'a>],
    /// Those that are trusted, and whose they are.
    pub(super) anchors: &'a [(&'a TimestampAuthority, Certificate<'a>)],
    /// When they have to have been valid.
    pub(super) at: Timestamp,
}

impl<'a> Search<'a> {
    /// The authority that the signer is, or to which a chain of signatures leads from it.
    pub(super) fn authority(&self, signer: &Certificate<'_>) -> Option<&'a TimestampAuthority> {
        let mut left = MAX_VERIFICATIONS;
        self.climb(&[signer], &mut left)
    }

    fn climb(&self, chain: &[&Certificate<'_>], left: &mut u32) -> Option<&'a TimestampAuthority> {
        let last = *chain.last()?;
        if let Some((authority, _)) = self.anchors.iter().find(|(_, anchor)| anchor.der == last.der) {
            return Some(authority);
        }
        if chain.len() == MAX_CHAIN {
            return None;
        }
        let between = chain.len() - 1;
        let mut may_have_issued = |issuer: &Certificate<'_>| {
            let fits =
                issuer.tbs.subject() == last.tbs.issuer() && issuer.may_issue(self.at, between) && *left > 0;
            if !fits {
                return false;
            }
            *left -= 1;
            last.is_issued_by(issuer)
        };
        if let Some((authority, _)) = self.anchors.iter().find(|(_, anchor)| may_have_issued(anchor)) {
            return Some(authority);
        }
        let fresh: Vec<_> =
            self.others.iter().filter(|other| chain.iter().all(|known| known.der != other.der)).collect();
        let issuers: Vec<_> = fresh.into_iter().filter(|other| may_have_issued(other)).collect();
        for issuer in issuers {
            let longer = [chain, &[issuer]].concat();
            if let Some(found) = self.climb(&longer, left) {
                return Some(found);
            }
        }
        None
    }
}

fn time(time: Time) -> Option<Timestamp> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
}
