//! What a file holds, in figures and names.

use std::collections::BTreeMap;

use bartizan_finding::Location;
use serde::Serialize;

use crate::{escape, problems::SHOWN};

/// Names that an outline lists at most; the figures go on.
pub(crate) const MAX_NAMES: usize = 256;

/// What a reader understood of a file. Names are escaped and cut; lists are capped, figures are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// Tensors that the file describes.
    #[serde(skip_serializing_if = "is_zero")]
    pub tensors: u64,
    /// Elements of all tensors.
    #[serde(skip_serializing_if = "is_zero")]
    pub parameters: u64,
    /// How many tensors have each element type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dtypes: BTreeMap<String, u64>,
    /// Names of the file's own metadata, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metadata_keys: Vec<String>,
    /// Pickle programs that follow one another in the file.
    #[serde(skip_serializing_if = "is_zero")]
    pub pickles: u64,
    /// Opcodes of those programs.
    #[serde(skip_serializing_if = "is_zero")]
    pub opcodes: u64,
    /// What those programs import, as `module.name`, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub globals: Vec<String>,
    /// Files of text inside it, which were judged as what a loader reads, and which text detectors have not seen.
    #[serde(skip_serializing_if = "is_zero")]
    pub texts: u64,
    /// What the file says about itself, by name: `architecture`, `name`, `quantisation`, `context-length`, `licence`,
    /// `tokenizer`, `vocabulary`, `chat-template` (its SHA-256), `archive-members`, `torch-version` and the like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<&'static str, String>,
    /// Other files of its folder that the file names.
    #[serde(skip)]
    pub references: Vec<Reference>,
}

/// Another file that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it is for.
    pub kind: ReferenceKind,
    /// Its name, from the folder of the file that names it; as it stands there.
    pub name: String,
    /// Where it is named.
    pub place: Location,
}

/// What another file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReferenceKind {
    /// Python source that a loader imports.
    Code,
    /// A part of the weights.
    Shard,
    /// Plain numbers, of which nothing but this file says what they are.
    Data {
        /// Bytes up to the end of the last tensor in it, where that is known.
        length: Option<u64>,
    },
}

/// The longest name of a file that is kept, in bytes. Systems take 255 for each part of a path.
pub(crate) const LONGEST_NAME: usize = 1024;

/// Other files that an outline lists at most.
const MOST_REFERENCES: usize = 10_000;

impl Outline {
    /// Adds another file that is named; `false` where there are too many.
    pub(crate) fn refer(&mut self, kind: ReferenceKind, name: &str, place: Location) -> bool {
        let fits = self.references.len() < MOST_REFERENCES;
        if fits {
            self.references.push(Reference { kind, name: name.to_owned(), place });
        }
        fits
    }

    /// Adds a fact whose text comes from the file.
    pub(crate) fn fact(&mut self, name: &'static str, text: &str) {
        self.facts.insert(name, escape(text, SHOWN));
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_zero(figure: &u64) -> bool {
    *figure == 0
}

/// Adds `name` to a sorted list of at most [`MAX_NAMES`].
pub(crate) fn note(names: &mut Vec<String>, name: String) {
    if let Err(at) = names.binary_search(&name)
        && names.len() < MAX_NAMES
    {
        names.insert(at, name);
    }
}
