//! The names of the files that anchors are kept in.

use std::{fmt, str::FromStr};

use super::MAX_STAMPS;
use crate::{Head, head::MAX_SIZE};

/// The name of a file in the folder of anchors. Names of one head stand together, the smaller sizes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) size: u64,
    /// The first 12 digits of the root.
    pub(super) root: String,
    pub(super) part: Part,
}

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The checkpoint.
    Checkpoint,
    /// A time stamp of it, from 1.
    Stamp(u8),
}

impl Name {
    pub(super) fn of(head: &Head, part: Part) -> Self {
        Self { size: head.size, root: head.root.hex().chars().take(12).collect(), part }
    }

    /// Whether both are about one head.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        (self.size, &self.root) == (other.size, &other.root)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.size, self.root)?;
        match self.part {
            Part::Checkpoint => f.write_str(".checkpoint"),
            Part::Stamp(1) => f.write_str(".tsr"),
            Part::Stamp(number) => write!(f, ".{number}.tsr"),
        }
    }
}

/// The text is the name of no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoName;

impl FromStr for Name {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let (size, rest) = text.split_once('-').ok_or(NoName)?;
        let (root, rest) = rest.split_once('.').ok_or(NoName)?;
        let part = match rest {
            "checkpoint" => Part::Checkpoint,
            "tsr" => Part::Stamp(1),
            numbered => {
                let number = numbered.strip_suffix(".tsr").and_then(|number| number.parse().ok());
                Part::Stamp(number.filter(|number| (2..=MAX_STAMPS).contains(number)).ok_or(NoName)?)
            }
        };
        let size = size.parse().ok().filter(|size| *size <= MAX_SIZE).ok_or(NoName)?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if root.len() != 12 || !root.bytes().all(hex) {
            return Err(NoName);
        }
        let name = Self { size, root: root.to_owned(), part };
        // One file has one name.
        if name.to_string() == text { Ok(name) } else { Err(NoName) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_other_spellings_are_none() {
        for text in ["0-0123456789ab.checkpoint", "1042-f80a31c27e55.tsr", "7-f80a31c27e55.16.tsr"] {
            assert_eq!(text.parse::<Name>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "lock",
            "1-f80a31c27e55",
            "01-f80a31c27e55.tsr",
            "+1-f80a31c27e55.tsr",
            "1-F80a31c27e55.tsr",
            "1-f80a31c27e5.tsr",
            "1-f80a31c27e55.1.tsr",
            "1-f80a31c27e55.17.tsr",
            "1-f80a31c27e55.02.tsr",
            "99999999999999999999-f80a31c27e55.tsr",
            "562949953421313-f80a31c27e55.tsr",
            "1-f80a31c27e55.tsr ",
        ] {
            assert_eq!(text.parse::<Name>(), Err(NoName), "{text}");
        }
    }
}
