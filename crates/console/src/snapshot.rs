//! One finished run, with what pages look up in it.

use std::collections::BTreeMap;

use bartizan_report::v1::{Control, Decision, Finding, GateResult, Report, Risk, Threat};

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
    decisions: BTreeMap<String, usize>,
    gates: BTreeMap<String, usize>,
    /// The findings that a decision lets pass, by the decision's id.
    passed: BTreeMap<String, Vec<usize>>,
}

impl Snapshot {
    pub(crate) fn new(report: Report) -> Self {
        fn index<T>(items: &[T], key: impl Fn(&T) -> &str) -> BTreeMap<String, usize> {
            items.iter().enumerate().map(|(at, item)| (key(item).to_owned(), at)).collect()
        }
        let mut passed: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, finding) in report.findings.iter().enumerate() {
            let decision = finding.suppressed.as_ref().and_then(|suppressed| suppressed.decision.as_ref());
            if let Some(id) = decision {
                passed.entry(id.clone()).or_default().push(at);
            }
        }
        Self {
            findings: index(&report.findings, |finding| &finding.fingerprint),
            threats: index(&report.threats, |threat| &threat.id),
            controls: index(&report.controls, |control| &control.id),
            risks: index(&report.risks, |risk| &risk.threat),
            decisions: index(&report.decisions, |decision| &decision.id),
            gates: index(&report.gates, |gate| &gate.gate),
            passed,
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

    pub(crate) fn decision(&self, id: &str) -> Option<&Decision> {
        self.decisions.get(id).and_then(|at| self.report.decisions.get(*at))
    }

    pub(crate) fn gate(&self, name: &str) -> Option<&GateResult> {
        self.gates.get(name).and_then(|at| self.report.gates.get(*at))
    }

    /// The findings that a decision lets pass, as the report orders them.
    pub(crate) fn passed(&self, decision: &str) -> Vec<&Finding> {
        let places = self.passed.get(decision).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|at| self.report.findings.get(*at)).collect()
    }
}
