//! The decisions that were handed on, as they lie in a folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bartizan_attest::Trust;
use bartizan_engine::{
    files,
    gate::pass::{self, Admission, AdmissionVerdict, Believed, MAX_PASS, Pass, Rest, Wanted},
    state::TrustFiles,
};
use bartizan_finding::{Digest, Timestamp};

use crate::{arguments::AdmitArguments, environment::Environment};

/// The most files of the folder. With more nothing is judged: whoever deploys has to clear out what has ended.
const MAX_FILES: usize = 1_000;

/// The most bytes of them together.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Files that do not count are named up to this many.
const SHOWN: usize = 3;

/// Decisions that can be believed.
#[derive(Debug)]
pub(super) struct Decisions {
    believed: Vec<Believed>,
    /// Files that hold none that can be, with the reason.
    others: Vec<(String, String)>,
}

impl Decisions {
    /// Reads and verifies every file of the folder. Trust files (`bartizan trust export`) may lie beside decisions: a
    /// decision is judged by the newest trust file of its project, whichever brings it.
    pub(super) fn read(arguments: &AdmitArguments, now: Timestamp) -> Result<Self, String> {
        let (mut passes, mut others) = (Vec::new(), Vec::new());
        let mut newest: BTreeMap<String, Trust> = BTreeMap::new();
        let mut note = |trust: &Trust| {
            let known = newest.get(trust.project());
            if known.is_none_or(|known| known.head().serial < trust.head().serial) {
                newest.insert(trust.project().to_owned(), trust.clone());
            }
        };
        let mut left = MAX_BYTES;
        for (name, path) in listed(&arguments.decisions)? {
            let bytes = match files::read(&path, MAX_PASS.min(left)) {
                Ok(bytes) => bytes,
                Err(error) if left < MAX_PASS => {
                    return Err(format!(
                        "the decisions have more than {MAX_BYTES} bytes together: {name}: {error}"
                    ));
                }
                Err(error) => {
                    others.push((name, format!("it cannot be read: {error}")));
                    continue;
                }
            };
            left = left.saturating_sub(bytes.len() as u64);
            let parsed = match serde_json::from_slice::<TrustFiles>(&bytes) {
                Ok(files) => pass::open(&files, &arguments.root).map(|trust| (None, trust)),
                Err(_) => Pass::parse(&bytes).and_then(|pass| {
                    let trust = pass.open(&arguments.root)?;
                    Ok((Some(pass), trust))
                }),
            };
            match parsed {
                Ok((pass, trust)) => {
                    note(&trust);
                    passes.extend(pass.map(|pass| (name, pass, trust)));
                }
                Err(why) => others.push((name, why)),
            }
        }
        let mut believed = Vec::new();
        for (name, pass, trust) in passes {
            let newer = newest.get(trust.project()).filter(|newest| newest.head() != trust.head());
            match pass.believe(&Rest { trust: &trust, newer, project: None, now }) {
                Ok(one) => believed.push(one),
                Err(why) => others.push((name, why)),
            }
        }
        Ok(Self { believed, others })
    }

    /// What there is at the moment, for whoever starts the program.
    pub(super) fn told(arguments: &AdmitArguments) -> String {
        let found = match Self::read(arguments, Environment::now()) {
            Ok(found) => found,
            Err(why) => return bartizan_artifact::escape(&why, 700),
        };
        let mut text = match found.believed.len() {
            1 => "1 decision counts".to_owned(),
            count => format!("{count} decisions count"),
        };
        text.push_str(&found.others());
        bartizan_artifact::escape(&text, 700)
    }

    /// What they say of a digest. One that allows it is enough where the same principal was not refused since; one
    /// without break-glass is named first.
    pub(super) fn on(&self, arguments: &AdmitArguments, subject: Digest, now: Timestamp) -> Admission {
        let wanted = Wanted {
            root: &arguments.root,
            gate: &arguments.gate,
            subject,
            project: None,
            organisation: None,
            now,
        };
        let about: Vec<_> = self.believed.iter().filter(|one| one.is_about(&subject)).collect();
        let newest = about.iter().filter(|one| !about.iter().any(|other| other.replaces(one)));
        let found: Vec<_> = newest.map(|one| one.admit(&wanted)).collect();
        let rank = |admission: &&Admission| match admission.verdict {
            AdmissionVerdict::Allow => {
                (0, admission.break_glass.is_some(), std::cmp::Reverse(admission.expires))
            }
            _ => (1, false, std::cmp::Reverse(admission.expires)),
        };
        match found.iter().min_by_key(rank) {
            Some(best) => best.clone(),
            None => Admission {
                verdict: AdmissionVerdict::Deny,
                sentence: format!("No decision that counts is about it{}.", self.others()),
                principal: None,
                break_glass: None,
                expires: None,
            },
        }
    }

    /// What does not count, in a fragment that follows another.
    fn others(&self) -> String {
        let shown = self.others.iter().take(SHOWN);
        let mut text =
            shown.fold(String::new(), |text, (name, why)| text + &format!("; {name} does not count: {why}"));
        if let Some(more) = self.others.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("; nor do {more} more"));
        }
        text
    }
}

/// The files of the folder, by name. What begins with a dot is left out: Kubernetes keeps what it mounts in such folders
/// and links to it.
fn listed(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let failed = |error: std::io::Error| format!("the folder of decisions cannot be read: {error}");
    let root = folder.canonicalize().map_err(failed)?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&root).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if found.len() == MAX_FILES {
            return Err(format!("there are more than {MAX_FILES} files in the folder of decisions"));
        }
        // A link that leads out of the folder is opened as what it is, which fails.
        let path = root.join(&name);
        let target = path.canonicalize().ok().filter(|target| target.starts_with(&root));
        found.push((name, target.unwrap_or(path)));
    }
    found.sort();
    Ok(found)
}
