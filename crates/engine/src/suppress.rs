//! Which findings do not decide the outcome, and by what: an `[[ignore]]` entry, a recorded exception, a baseline.
//! All of them stay in the report and are counted.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{Decided, covers};
use bartizan_finding::{AssetId, Digest, Finding, FindingSet, Location, Severity, SuppressedBy, Suppression};
use bartizan_project::{Project, SubjectRef};
use bartizan_report::compare::Known;
use jiff::civil::Date;

use crate::{bytes::Bytes, check::Baseline};

/// Families whose findings decide gates, so that no single person can ignore them.
const NEVER_IGNORED: [&str; 2] = ["REC", "TRU"];

/// Findings about the project as declared, which no file answers for.
const OF_PROJECT: [&str; 4] = ["PRJ", "REC", "THR", "TRU"];

/// The digest of what a finding is about: an exception holds for these bytes and no others.
pub(crate) struct SubjectsOf<'a> {
    project: &'a Project,
    root: Digest,
    assets: &'a BTreeMap<AssetId, Bytes>,
    files: BTreeMap<&'a str, Digest>,
}

impl<'a> SubjectsOf<'a> {
    pub(crate) fn new(project: &'a Project, assets: &'a BTreeMap<AssetId, Bytes>) -> Self {
        let files = assets.values().flat_map(|bytes| &bytes.files);
        let files = files.filter_map(|(name, _, digest)| Some((name.as_str(), (*digest)?))).collect();
        Self { project, root: project.root(), assets, files }
    }

    /// A file by its bytes, a folder by all of them, a threat by the element that it ends at, whatever else by the
    /// project as declared; nothing for what could not be read.
    pub(crate) fn of(&self, finding: &Finding) -> Option<Digest> {
        if !is_of_bytes(finding) {
            let last = match finding.samples.first().map(|sample| &sample.location) {
                Some(Location::Model { elements }) => elements.last(),
                _ => None,
            };
            let element = last.and_then(|id| id.parse().ok()).map(SubjectRef::Element);
            return element.and_then(|element| self.project.subject(&element)).or(Some(self.root));
        }
        let path = finding.samples.first().and_then(|sample| sample.location.path());
        let file = path.and_then(|path| self.files.get(path)).copied();
        file.or_else(|| self.assets.get(finding.asset.as_ref()?)?.whole)
    }

    /// The subjects of the statements that count a finding: the file of a scan, the asset of a comparison with what is
    /// pinned, the project of an assessment.
    pub(crate) fn counted_for(&self, finding: &Finding) -> Vec<Digest> {
        match finding.rule.family() {
            "INT" => finding.asset.as_ref().and_then(|id| self.assets.get(id)?.whole).into_iter().collect(),
            _ if is_of_bytes(finding) => self.of(finding).into_iter().collect(),
            _ => vec![self.root],
        }
    }
}

fn is_of_bytes(finding: &Finding) -> bool {
    finding.asset.is_some() && !OF_PROJECT.contains(&finding.rule.family())
}

/// Marks the findings that the project file ignores, and says which of its entries did something.
pub(crate) fn ignore(findings: &mut [Finding], project: &Project, today: Date) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    let can_be = |finding: &&mut Finding| {
        finding.severity < Severity::High && !NEVER_IGNORED.contains(&finding.rule.family())
    };
    for finding in findings.iter_mut().filter(can_be) {
        let path =
            finding.samples.first().and_then(|sample| sample.location.path()).unwrap_or(&finding.place);
        let ignore = project.ignores.iter().enumerate().find(|(_, ignore)| {
            ignore.rule == finding.rule && today <= ignore.expires && ignore.path.matches(path)
        });
        if let Some((number, ignore)) = ignore {
            used.insert(number);
            finding.suppressed = Some(Suppression {
                by: SuppressedBy::Ignore,
                reason: ignore.reason.clone(),
                expires: Some(ignore.expires.to_string()),
            });
        }
    }
    used
}

/// Entries that ignored nothing, as findings.
pub(crate) fn unused_ignores(project: &Project, used: &BTreeSet<usize>) -> Vec<Finding> {
    let mut findings = FindingSet::new();
    for occurrence in bartizan_project::unused_ignores(project, used) {
        findings.push(None, occurrence);
    }
    findings.finish()
}

/// Marks the findings that a decision in force lets pass.
pub(crate) fn except(findings: &mut [Finding], decided: &[Decided], subjects: &SubjectsOf<'_>) {
    for finding in findings.iter_mut().filter(|finding| finding.suppressed.is_none()) {
        let subject = subjects.of(finding);
        if let Some(decision) = decided.iter().find(|one| one.state.holds() && covers(one, finding, subject))
        {
            finding.suppressed = Some(Suppression {
                by: SuppressedBy::Exception(decision.id.clone()),
                reason: decision.request.reason.clone(),
                expires: Some(crate::check::day(decision.expires).to_string()),
            });
        }
    }
}

/// Marks the findings that are not new since the baseline that the caller named.
pub(crate) fn since(findings: &mut [Finding], baseline: &Baseline) {
    let known = Known::of(&baseline.report);
    for finding in findings.iter_mut().filter(|finding| finding.suppressed.is_none()) {
        if known.holds(&finding.fingerprint.hex(), finding.severity.into(), finding.count) {
            let reason = format!("It stands in the baseline {}, so it is not new.", baseline.name);
            finding.suppressed = Some(Suppression { by: SuppressedBy::Baseline, reason, expires: None });
        }
    }
}
