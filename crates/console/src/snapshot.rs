//! One finished run, with what pages look up in it.

use std::collections::BTreeMap;

use bartizan_report::v1::{Control, Finding, Report, Risk, Threat};

/// A report and its indexes. Immutable: a new run makes a new one.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// What the run reported.
    pub(crate) report: Report,
    findings: BTreeMap<String, usize>,
    threats: BTreeMap<String, usize>,
    controls: BTreeMap<String, usize>,
    /// By the threat's id.
    risks: BTreeMap<String, usize>,
}

impl Snapshot {
    pub(crate) fn new(report: Report) -> Self {
        fn index<T>(items: &[T], key: impl Fn(&T) -> &str) -> BTreeMap<String, usize> {
            items.iter().enumerate().map(|(at, item)| (key(item).to_owned(), at)).collect()
        }
        Self {
            findings: index(&report.findings, |finding| &finding.fingerprint),
            threats: index(&report.threats, |threat| &threat.id),
            controls: index(&report.controls, |control| &control.id),
            risks: index(&report.risks, |risk| &risk.threat),
            report,
        }
    }

    pub(crate) fn finding(&self, fingerprint: &str) -> Option<&Finding> {
        self.findings.get(fingerprint).and_then(|at| self.report.findings.get(*at))
    }

    pub(crate) fn threat(&self, id: &str) -> Option<&Threat> {
        self.threats.get(id).and_then(|at| self.report.threats.get(*at))
    }

    pub(crate) fn risk(&self, threat: &str) -> Option<&Risk> {
        self.risks.get(threat).and_then(|at| self.report.risks.get(*at))
    }

    pub(crate) fn control(&self, id: &str) -> Option<&Control> {
        self.controls.get(id).and_then(|at| self.report.controls.get(*at))
    }
}
