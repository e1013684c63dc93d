use crate::shown::shown_to;

/// Why a key, a note, an envelope or a statement cannot be read or written.
///
/// What a well-formed but unacceptable envelope or trust file lacks is said by [`crate::Refusal`] and
/// [`crate::TrustFault`]. No variant holds key material, and text that came from outside is escaped and cut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestError {
    /// There are more bytes than any honest one has; nothing was read.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What was to be read.
        what: &'static str,
        /// The most bytes that are read.
        limit: usize,
    },
    /// It does not have the form it must have.
    #[error("{what} is malformed: {why}")]
    Malformed {
        /// What was to be read or written.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Others than its owner can read or change a private key file.
    #[error("private key file has mode {mode:04o}: others than its owner can use it; run `chmod 600` on it")]
    Exposed {
        /// The permission bits.
        mode: u32,
    },
    /// The private key is encrypted and no passphrase was given.
    #[error("private key is encrypted and needs its passphrase")]
    PassphraseNeeded,
    /// The passphrase does not decrypt the private key.
    #[error("passphrase does not open the private key")]
    WrongPassphrase,
    /// A signature that names a known key is not by that key.
    #[error("{what} has a signature of `{name}` that does not match its content")]
    BadSignature {
        /// What was signed.
        what: &'static str,
        /// The name of the key.
        name: String,
    },
    /// No known key has signed it.
    #[error("{what} is signed by no known key")]
    UnknownSigner {
        /// What was signed.
        what: &'static str,
    },
}

impl AttestError {
    /// Parsers repeat what they were given, so their words are escaped and cut here.
    pub(crate) fn malformed(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Malformed { what, why: shown_to(&why.to_string(), 240) }
    }

    /// Refuses more than `limit` bytes before any of them is looked at.
    pub(crate) fn check_size(what: &'static str, size: usize, limit: usize) -> Result<(), Self> {
        if size > limit { Err(Self::TooLarge { what, limit }) } else { Ok(()) }
    }
}
