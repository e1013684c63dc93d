use bartizan_finding::{Digest, Timestamp};
use jiff::SignedDuration;

use crate::AttestError;

mod certificate;
mod cms;
mod message;
mod signature;

pub(crate) use certificate::Certificate;

use certificate::Search;
use cms::SignedToken;
use message::Info;

/// The most bytes of a token or response that are read. Those of public authorities have 1 to 8 KiB.
pub const MAX_TOKEN: usize = 64 * 1024;

/// The most certificates of a token, and the most signers that are told apart.
const MAX_CERTIFICATES: usize = 16;

const WHAT: &str = "time stamp";

/// An authority whose time stamps count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampAuthority {
    /// The name in the trust file.
    pub name: String,
    /// The DER of a certificate: that of a root, of an intermediate, or the one that signs the time stamps.
    pub certificate: Vec<u8>,
}

impl TimestampAuthority {
    /// An authority by its certificate, in DER or in the PEM form that most publish. Refused is what the trust file
    /// could not hold.
    pub fn new(name: impl Into<String>, certificate: &[u8]) -> Result<Self, AttestError> {
        let malformed = |error| AttestError::malformed("certificate", error);
        AttestError::check_size("certificate", certificate.len(), MAX_TOKEN)?;
        let certificate = if certificate.starts_with(b"-----BEGIN") {
            der::pem::decode_vec(certificate).map_err(malformed)?.1
        } else {
            certificate.to_vec()
        };
        let authority = Self { name: name.into(), certificate };
        authority.check()?;
        Ok(authority)
    }

    /// Whose certificate it is, as people read it, escaped and cut.
    pub fn subject(&self) -> Result<String, AttestError> {
        Ok(Certificate::parse(&self.certificate)?.subject())
    }
}

/// The DER of a request for a time stamp over `imprint` (RFC 3161, section 2.4.1), to be sent as
/// `application/timestamp-query`. It asks for the authority's certificate. `nonce` is random, and ties the response to
/// this request.
///
/// # Panics
/// Never: a digest and a number have a DER form.
pub fn timestamp_request(imprint: &Digest, nonce: u64) -> Vec<u8> {
    message::request(imprint, nonce).expect("a digest and a number have a DER form")
}

/// A time stamp token (RFC 3161, with RFC 5816): an authority says that it has seen a digest at a time.
///
/// Parsing verifies nothing; [`TimestampToken::verify`] does, and hands out what was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampToken(Vec<u8>);

/// What a verified time stamp says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stamp {
    /// The time.
    pub at: Timestamp,
    /// How far the true time may be from it on either side, where the authority says so.
    pub accuracy: Option<SignedDuration>,
    /// The name of the authority in the trust file.
    pub by: String,
    /// The serial number of the time stamp, in hexadecimal digits.
    pub serial: String,
    /// The object identifier of the policy that it was issued under.
    pub policy: String,
}

impl Stamp {
    /// The latest that the true time may be: what was stamped was there by then.
    pub fn latest(&self) -> Timestamp {
        self.at.checked_add(self.accuracy.unwrap_or_default()).unwrap_or(Timestamp::MAX)
    }
}

/// Why a time stamp does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampFault {
    /// It does not have the form it must have.
    #[error(transparent)]
    Malformed(#[from] AttestError),
    /// The authority has answered that it gives none.
    #[error("authority has not granted a time stamp: {status} ({why})")]
    NotGranted {
        /// Its status.
        status: &'static str,
        /// Its reasons, escaped.
        why: String,
    },
    /// It is over another digest, or over one of another kind.
    #[error("time stamp is over other bytes")]
    OtherImprint,
    /// It does not answer this request.
    #[error("time stamp answers another request: its nonce differs")]
    OtherNonce,
    /// It is not signed by exactly one signer.
    #[error("time stamp has {count} signers, and one is called for")]
    Signers {
        /// How many there are.
        count: usize,
    },
    /// The signature leaves open what it is over or whose it is.
    #[error("time stamp has no signed attribute {name}")]
    MissingAttribute {
        /// The attribute.
        name: &'static str,
    },
    /// The signed attributes are about other content.
    #[error("time stamp was changed after it was signed")]
    OtherContent,
    /// The certificate that the attributes or the signer name is not there, or they name two.
    #[error("time stamp does not come with the certificate that it names")]
    OtherCertificate,
    /// The signature is not by the certified key.
    #[error("signature of the time stamp does not match its content")]
    BadSignature,
    /// The certificate is for other things.
    #[error("certificate of `{subject}` is not for time stamps: {why}")]
    NotForTimeStamps {
        /// Whose it is, escaped.
        subject: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The certificate was not valid at the time of the time stamp.
    #[error("certificate of `{subject}` is not valid at {at}, only from {from} to {until}")]
    NotValidThen {
        /// Whose it is, escaped.
        subject: String,
        /// The time of the time stamp.
        at: Timestamp,
        /// The first moment at which the certificate is valid.
        from: Timestamp,
        /// The last second at which it is.
        until: Timestamp,
    },
    /// No chain of valid certificates leads to an authority that counts.
    #[error("certificate of `{subject}` does not lead to an authority that the trust file names")]
    UnknownAuthority {
        /// Whose it is, escaped.
        subject: String,
    },
    /// It uses something that this program does not know or no longer takes.
    #[error("time stamp uses {what}, which is not understood")]
    NotUnderstood {
        /// What it uses.
        what: String,
    },
}

impl TimestampToken {
    /// Takes the token out of an authority's response (RFC 3161, section 2.4.2), of at most [`MAX_TOKEN`] bytes.
    pub fn from_response(der: &[u8]) -> Result<Self, TimestampFault> {
        Self::parse(message::token_of(der)?)
    }

    /// Reads a token in DER of at most [`MAX_TOKEN`] bytes, with nothing behind it.
    pub fn parse(der: &[u8]) -> Result<Self, TimestampFault> {
        AttestError::check_size(WHAT, der.len(), MAX_TOKEN)?;
        let token = SignedToken::parse(der)?;
        Info::parse(token.content)?;
        Ok(Self(der.to_vec()))
    }

    /// The DER, as it was read.
    pub fn to_der(&self) -> &[u8] {
        &self.0
    }

    /// Verifies that one of `authorities` has seen `imprint`, and says when.
    ///
    /// `nonce` is that of the request while its response is looked at, and absent for a token that was kept. The
    /// signer's certificate is for time stamps alone and was valid at the time that it states; a chain of at most four
    /// certificates leads from it to one in the trust file. Whether a certificate was revoked later is not asked: that
    /// would need the network, and the trust file can drop an authority.
    pub fn verify(
        &self,
        imprint: &Digest,
        nonce: Option<u64>,
        authorities: &[TimestampAuthority],
    ) -> Result<Stamp, TimestampFault> {
        let token = SignedToken::parse(&self.0)?;
        let info = Info::parse(token.content)?;
        if !info.is_over(imprint) {
            return Err(TimestampFault::OtherImprint);
        }
        if nonce.is_some_and(|nonce| !info.answers(nonce)) {
            return Err(TimestampFault::OtherNonce);
        }
        let anchors = authorities
            .iter()
            .map(|authority| Ok((authority, Certificate::parse(&authority.certificate)?)))
            .collect::<Result<Vec<_>, AttestError>>()?;
        let signer = token.signer(anchors.iter().map(|(_, certificate)| certificate))?;
        signer.check_signer(info.at)?;
        let search = Search { others: &token.certificates, anchors: &anchors, at: info.at };
        let authority = search.authority(signer);
        let authority =
            authority.ok_or_else(|| TimestampFault::UnknownAuthority { subject: signer.subject() })?;
        let serial = message::hex(info.serial.as_bytes());
        let (at, accuracy, policy) = (info.at, info.accuracy, info.policy.to_string());
        Ok(Stamp { at, accuracy, by: authority.name.clone(), serial, policy })
    }
}

impl TimestampFault {
    fn malformed(why: impl std::fmt::Display) -> Self {
        Self::Malformed(AttestError::malformed(WHAT, why))
    }
}

impl From<der::Error> for TimestampFault {
    fn from(error: der::Error) -> Self {
        Self::malformed(error)
    }
}

#[cfg(test)]
pub(crate) mod tests;
