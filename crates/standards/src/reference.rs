use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An edition of a framework whose entries this crate holds. Ids mean nothing without it: they were renumbered
/// and reused between editions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Edition {
    /// NIST SP 800-218, Secure Software Development Framework, version 1.1 of February 2022.
    #[serde(rename = "ssdf:1.1")]
    Ssdf11,
    /// NIST SP 800-218A, its community profile for generative AI, of July 2024.
    #[serde(rename = "ssdf-218a:2024")]
    Ssdf218a,
}

/// An entry of an edition, written `ssdf-218a:2024/PW.4.4.R2`.
///
/// A reference that exists is well formed; whether the edition holds it is for [`crate::task`] and
/// [`crate::item`] to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// The edition.
    pub edition: Edition,
    /// The id within it: of a task (`PW.4.4`) or an item (`PW.4.4.R2`).
    pub id: String,
}

/// The text is not a reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a reference: expected an edition and an id, such as ssdf-218a:2024/PW.4.4.R2")]
pub struct BadReference(String);

impl Edition {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ssdf11, Self::Ssdf218a];

    /// The tag that stands before an id.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ssdf11 => "ssdf:1.1",
            Self::Ssdf218a => "ssdf-218a:2024",
        }
    }

    /// The publication.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ssdf11 => "NIST SP 800-218, SSDF version 1.1",
            Self::Ssdf218a => "NIST SP 800-218A",
        }
    }

    /// Names an entry of this edition.
    pub fn entry(self, id: impl Into<String>) -> Reference {
        Reference { edition: self, id: id.into() }
    }
}

impl FromStr for Reference {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        let (tag, id) = text.split_once('/').ok_or_else(|| BadReference(text.to_owned()))?;
        let edition = Edition::ALL.into_iter().find(|edition| edition.tag() == tag);
        match edition {
            Some(edition) if is_entry(id) => Ok(edition.entry(id)),
            _ => Err(BadReference(text.to_owned())),
        }
    }
}

/// Whether the id is that of an item rather than a task: its last part is a letter and a number.
pub(crate) fn is_item(id: &str) -> bool {
    is_entry(id) && id.rsplit('.').next().is_some_and(|last| last.starts_with(['R', 'C', 'N']))
}

/// Two capital letters, two numbers, and optionally R, C or N with a number: `PW.4.4.R2`.
fn is_entry(id: &str) -> bool {
    let is_number =
        |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<_> = id.split('.').collect();
    let [group, practice, task, item @ ..] = parts.as_slice() else { return false };
    let item_is_well_formed = match item {
        [] => true,
        [item] => item.strip_prefix(['R', 'C', 'N']).is_some_and(is_number),
        _ => false,
    };
    let group_is_well_formed = group.len() == 2 && group.bytes().all(|b| b.is_ascii_uppercase());
    group_is_well_formed && is_number(practice) && is_number(task) && item_is_well_formed
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.edition.tag(), self.id)
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

impl TryFrom<String> for Reference {
    type Error = BadReference;

    fn try_from(text: String) -> Result<Self, BadReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_edition() {
        for good in ["ssdf:1.1/PO.1.1", "ssdf-218a:2024/PW.4.4.R2", "ssdf-218a:2024/RV.2.1.N1"] {
            assert_eq!(good.parse::<Reference>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "PO.1.1",
            "ssdf:1.2/PO.1.1",
            "ssdf:1.1/",
            "ssdf:1.1/PO.1",
            "ssdf:1.1/po.1.1",
            "ssdf-218a:2024/PO.1.1.X1",
            "ssdf-218a:2024/PO.1.1.R",
            "ssdf-218a:2024/PO.1.1.R1.1",
            "ssdf:1.1/PO.111.1",
        ] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
