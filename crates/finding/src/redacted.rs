use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What may be said about a secret or a personal datum: what kind it is and roughly how long, never the value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Redacted {
    /// What it is, such as `e-mail` or `stripe-live`.
    pub kind: Cow<'static, str>,
    /// Roughly how long it is.
    pub length: LengthClass,
    /// At most two characters that are the same for every value of the kind or say nothing about this one;
    /// absent for short identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// Says which findings hold the same value, under a key that is not in the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_value: Option<SameValue>,
}

/// Equal for equal values, comparable only under one key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SameValue {
    /// Names the key: the first 8 bytes of its SHA-256, in hexadecimal.
    pub key_id: String,
    /// HMAC-SHA-256 of kind and value, the first 16 bytes in hexadecimal.
    pub mac: String,
}

/// The length of a value, coarse enough to help no search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LengthClass {
    /// Up to 8 bytes.
    UpTo8,
    /// 9 to 16 bytes.
    UpTo16,
    /// 17 to 32 bytes.
    UpTo32,
    /// 33 to 128 bytes.
    UpTo128,
    /// More than 128 bytes.
    Longer,
}

impl LengthClass {
    /// The class of a value of `length` bytes.
    pub const fn of(length: usize) -> Self {
        match length {
            0..=8 => Self::UpTo8,
            9..=16 => Self::UpTo16,
            17..=32 => Self::UpTo32,
            33..=128 => Self::UpTo128,
            _ => Self::Longer,
        }
    }
}
