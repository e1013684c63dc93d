use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::shown::shown;

/// The text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an id: expected 1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit"
)]
pub struct BadId(String);

const fn is_id(bytes: &[u8]) -> bool {
    if bytes.is_empty() || bytes.len() > 64 || !bytes[0].is_ascii_alphanumeric() {
        return false;
    }
    let mut i = 0;
    while i < bytes.len() {
        if !matches!(bytes[i], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.') {
            return false;
        }
        i += 1;
    }
    true
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// Names one in a constant.
            ///
            /// # Panics
            /// At compile time, when `id` is not well formed.
            pub const fn new(id: &'static str) -> Self {
                assert!(is_id(id.as_bytes()), "an id is 1 to 64 of a-z, 0-9, `-`, `_` and `.`");
                Self(Cow::Borrowed(id))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                if is_id(text.as_bytes()) { Ok(Self(Cow::Owned(text))) } else { Err(BadId(shown(&text))) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

ids! {
    /// A group of people with a role in the lifecycle.
    GroupId;
    /// A threat actor.
    ActorId;
    /// Something worth protecting.
    AssetId;
    /// A box in the system model.
    ElementId;
    /// A gate of the project.
    GateId;
    /// A control of the catalogue.
    ControlId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_lower_case_and_has_no_separator() {
        assert_eq!("orders-api".parse::<ElementId>().unwrap().to_string(), "orders-api");
        for bad in ["", "-a", ".a", "A", "a b", "a/b", "a\n", "ü", &"a".repeat(65)] {
            assert!(bad.parse::<AssetId>().is_err(), "{bad}");
        }
    }
}
