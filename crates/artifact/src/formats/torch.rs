//! What `PyTorch` saves in a ZIP archive since version 1.6: a pickle `data.pkl`, and the storages that it asks for as
//! members beside it. A `TorchScript` archive holds source code as well, and a second pickle for its constants.

pub(crate) mod rules;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Occurrence, Severity};

use super::zip::kind::Kind;
use crate::{
    Format,
    foreign::{Foreign, WINDOW},
    formats::{pickle, python},
    problems::Problems,
    read::{Halt, Pass, STEP},
    scope::Scope,
};

/// The pickle that makes an archive one of `PyTorch`. Its reader does not tell upper from lower case.
const PICKLE: &str = "data.pkl";
/// Pickles of `TorchScript` archives, beside the first.
const SCRIPT_PICKLES: [&str; 2] = ["constants.pkl", "bytecode.pkl"];
/// Folders of storages.
const STORAGES: [&str; 4] = ["data/", "constants/", "tensors/", "traced_inputs/"];
/// Models in one archive that are told apart; `PyTorch` itself writes one. What lies in further ones is an archive's
/// member like any other.
const MOST_ROOTS: usize = 16;
/// Members of plain text that `PyTorch` writes about the archive, and the fact that they are.
const NOTES: [(&str, Option<&str>); 5] = [
    (".data/serialization_id", None),
    (".format_version", None),
    (".storage_alignment", None),
    ("byteorder", Some("byte-order")),
    ("version", Some("archive-version")),
];

/// What is known of an archive as one of `PyTorch`.
#[derive(Debug, Default)]
pub(crate) struct Torch {
    /// Folders with a `data.pkl`, each with its slash at the end; empty for the archive itself.
    roots: BTreeSet<String>,
    script: bool,
    /// Members that are storages, and their sizes.
    storages: BTreeMap<String, u64>,
    used: BTreeSet<String>,
    sources: u64,
    /// Sources that were looked at and only compute.
    inert: u64,
    facts: BTreeMap<&'static str, String>,
}

impl Torch {
    /// Looks at the names and sizes of the members.
    pub(crate) fn of(members: &[(&str, u64)]) -> Self {
        let mut torch = Self::default();
        for &(name, _) in members {
            let (root, last) = split(name);
            if last.eq_ignore_ascii_case(PICKLE) && torch.roots.len() < MOST_ROOTS {
                torch.roots.insert(root.to_owned());
            }
        }
        for &(name, size) in members {
            let Some(inner) = torch.inner(name) else { continue };
            let is_script = SCRIPT_PICKLES.contains(&inner) || inner.starts_with("code/");
            let is_storage = STORAGES.iter().any(|folder| {
                inner.strip_prefix(folder).is_some_and(|key| !key.is_empty() && !key.contains('/'))
            });
            torch.script |= is_script;
            if is_storage && !has_extension(inner, "pkl") {
                torch.storages.insert(name.to_owned(), size);
            }
        }
        torch
    }

    /// Whether a member is tensor bytes alone.
    fn is_storage(&self, name: &str) -> bool {
        self.storages.contains_key(name)
    }

    /// Whether `PyTorch` reads a member as a pickle, whatever it looks like.
    fn is_pickle(&self, name: &str) -> bool {
        let last = split(name).1;
        last.eq_ignore_ascii_case(PICKLE) || self.script && SCRIPT_PICKLES.contains(&last)
    }

    /// Whether a member is source code of the program in the archive.
    pub(crate) fn is_source(&self, name: &str) -> bool {
        self.inner(name).is_some_and(|inner| inner.starts_with("code/") && has_extension(inner, "py"))
    }

    /// Takes note of such a member; whether it was looked at and only computes.
    pub(crate) fn source(&mut self, inert: bool) {
        self.sources += 1;
        self.inert += u64::from(inert);
    }

    /// Takes note of a member of text; whether it is one that belongs to such an archive.
    fn note(&mut self, name: &str, head: &[u8]) -> bool {
        let Some(inner) = self.inner(name) else { return false };
        let Some((_, fact)) = NOTES.iter().find(|(known, _)| *known == inner) else { return false };
        if let Some(fact) = fact {
            self.facts
                .insert(fact, String::from_utf8_lossy(head.get(..64).unwrap_or(head)).trim().to_owned());
        }
        true
    }

    /// Holds the storages that the pickle that is being read asks for against the members.
    fn expect(&mut self, pickle: &str, storages: BTreeMap<String, u64>, problems: &mut Problems<'_>) {
        let Some(root) = self.root(pickle) else { return };
        let own = pickle.rsplit_once('.').map_or(pickle, |(stem, _)| stem).to_owned() + "/";
        let folders: Vec<_> =
            std::iter::once(own).chain(STORAGES.iter().map(|folder| format!("{root}{folder}"))).collect();
        for (key, want) in storages {
            let mut members = folders.iter().map(|folder| format!("{folder}{key}"));
            let found = members.find_map(|member| Some((*self.storages.get(&member)?, member)));
            let Some((have, member)) = found else {
                let message = "the pickle asks for a storage that is not in the archive";
                problems.add(rules::MissingStorage::META, problems.range(&[&key], 0, 0), message);
                continue;
            };
            // Of the inputs that a trace was made with, PyTorch keeps the shape and not the values.
            let without_values = have == 0 && member.contains("traced_inputs/");
            if have != want && !without_values {
                let message = format!("the storage has {have} bytes, the pickle asks for {want}");
                let severity = if have < want { Severity::High } else { Severity::Medium };
                let place = problems.range(&[&member], 0, 0);
                problems.push(Occurrence::new(rules::StorageSize::META, place, message).severity(severity));
            }
            self.used.insert(member);
        }
    }

    /// The folder with a `data.pkl` that a member lies in: the innermost, where there are several.
    fn root(&self, name: &str) -> Option<&str> {
        self.roots
            .iter()
            .filter(|root| name.starts_with(root.as_str()))
            .map(String::as_str)
            .max_by_key(|root| root.len())
    }

    /// The name of a member within its root.
    fn inner<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.root(name)?)
    }
}

impl Kind for Torch {
    fn applies(&self) -> bool {
        !self.roots.is_empty()
    }

    fn format(&self) -> Option<Format> {
        match (self.roots.is_empty(), self.script) {
            (true, _) => None,
            (false, true) => Some(Format::TorchScript),
            (false, false) => Some(Format::PyTorch),
        }
    }

    fn member(&mut self, pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt> {
        let name = scope.name;
        let mut hidden = None;
        if self.is_storage(name) {
            hidden = Foreign::at(pass.peek(WINDOW)?);
            let Some(foreign) = hidden else { return Ok(true) };
            let place = scope.range(0, 0);
            scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, "the bytes start"));
        }
        let size = pass.size();
        let format = Format::of(pass.peek(STEP)?, size);
        // In an archive of TorchScript the names of some pickles are no imports.
        if self.is_pickle(name) || hidden == Some(Foreign::Pickle) || self.script && format.is_pickle() {
            let (limits, script) = (scope.limits, self.script);
            let storages = pickle::read_member(pass, script, limits, scope.outline, scope.problems)?;
            self.expect(name, storages, scope.problems);
            return Ok(true);
        }
        if self.is_source(name) {
            let is_text = format.is_text() || format == Format::Empty;
            let inert = is_text && python::script::read(pass, scope)?;
            self.source(inert);
            if is_text {
                return Ok(true);
            }
        }
        Ok(hidden.is_some() || format.is_text() && self.note(name, pass.peek(STEP)?))
    }

    fn settle(&mut self, scope: &mut Scope<'_, '_>) {
        for (name, value) in &self.facts {
            scope.outline.fact(name, value);
        }
        for member in self.storages.keys().filter(|member| !self.used.contains(*member)) {
            let place = scope.problems.range(&[member], 0, 0);
            let message = "no pickle of the archive asks for this storage";
            scope.problems.add(rules::UnusedStorage::META, place, message);
        }
        if self.script {
            scope.outline.fact("source-files", &self.sources.to_string());
            let read = self.sources > 0 && self.inert == self.sources;
            let (severity, what) = if read {
                (Severity::Info, "that only computes")
            } else {
                (Severity::Medium, "of unknown effect")
            };
            let message =
                format!("the archive holds a program {what} for TorchScript; source files: {}", self.sources);
            let occurrence = Occurrence::new(rules::Program::META, scope.problems.file(), message);
            scope.problems.push(occurrence.severity(severity));
        }
    }
}

/// The folder of a member, with its slash, and its own name.
fn split(name: &str) -> (&str, &str) {
    name.rfind('/').map_or(("", name), |at| name.split_at(at + 1))
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(extension))
}
