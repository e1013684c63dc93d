//! A report held against an earlier one: what is new since.

use std::collections::{BTreeMap, BTreeSet};

use crate::v1::{Finding, Report, Severity, SuppressedBy};

/// Fingerprints of the findings of `report` that are new since `baseline`: see [`Known::holds`].
pub fn new_since(report: &Report, baseline: &Report) -> BTreeSet<String> {
    let known = Known::of(baseline);
    let is_new = |finding: &&Finding| !known.holds(&finding.fingerprint, finding.severity, finding.count);
    report.findings.iter().filter(is_new).map(|finding| finding.fingerprint.clone()).collect()
}

/// What stands in a baseline, by fingerprint: how bad, and how often.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    findings: BTreeMap<&'a str, Vec<(Severity, u64)>>,
}

impl<'a> Known<'a> {
    /// What stands in a report. What an ignore or an exception let pass there does not, since it would otherwise
    /// outlive the day on which they end; what passed because it stood in a still older baseline does.
    pub fn of(baseline: &'a Report) -> Self {
        let mut findings: BTreeMap<&str, Vec<(Severity, u64)>> = BTreeMap::new();
        for finding in baseline.findings.iter().filter(|finding| stands(finding)) {
            findings.entry(&finding.fingerprint).or_default().push((finding.severity, finding.count));
        }
        Self { findings }
    }

    /// Whether a finding stands in it: with this fingerprint, and no milder and no rarer than it is now. What got
    /// worse or more is new again.
    pub fn holds(&self, fingerprint: &str, severity: Severity, count: u64) -> bool {
        let before = self.findings.get(fingerprint).map_or(&[][..], Vec::as_slice);
        before.iter().any(|(then, times)| severity <= *then && count <= *times)
    }
}

fn stands(finding: &Finding) -> bool {
    finding.suppressed.as_ref().is_none_or(|suppression| suppression.by == SuppressedBy::Baseline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, v1::Suppression};

    fn suppressed(by: SuppressedBy) -> Suppression {
        Suppression { by, decision: None, reason: "Known.".to_owned(), expires: None }
    }

    /// Two reports with the same one finding, of severity high and counted three times.
    fn pair() -> (Report, Report) {
        let mut report = sample::busy();
        report.findings.retain(|finding| finding.name() == "SEC901/cloud-key");
        assert_eq!((report.findings.len(), report.findings[0].count), (1, 3));
        assert_eq!(report.findings[0].severity, Severity::High);
        (report.clone(), report)
    }

    #[test]
    fn only_the_same_finding_that_is_no_worse_and_no_more_is_known() {
        type Change = fn(&mut Finding);
        let cases: [(&str, Change, bool); 9] = [
            ("nothing", |_| {}, false),
            ("less", |finding| finding.count = 2, false),
            ("milder", |finding| finding.severity = Severity::Low, false),
            ("a line further down", |finding| finding.samples.clear(), false),
            ("other words", |finding| finding.message.push('x'), false),
            ("more", |finding| finding.count = 4, true),
            ("worse", |finding| finding.severity = Severity::Critical, true),
            ("elsewhere", |finding| finding.fingerprint = "f".repeat(64), true),
            ("suppressed now", |finding| finding.suppressed = Some(suppressed(SuppressedBy::Ignore)), false),
        ];
        for (what, change, new) in cases {
            let (mut report, baseline) = pair();
            change(&mut report.findings[0]);
            assert_eq!(!new_since(&report, &baseline).is_empty(), new, "{what}");
        }
    }

    #[test]
    fn what_was_let_pass_for_a_time_does_not_outlive_it() {
        for (by, new) in
            [(SuppressedBy::Ignore, true), (SuppressedBy::Exception, true), (SuppressedBy::Baseline, false)]
        {
            let (report, mut baseline) = pair();
            baseline.findings[0].suppressed = Some(suppressed(by));
            assert_eq!(!new_since(&report, &baseline).is_empty(), new, "{by:?}");
        }
    }

    #[test]
    fn without_a_past_everything_is_new_and_what_is_gone_is_not() {
        let report = sample::busy();
        assert_eq!(new_since(&report, &sample::empty()).len(), report.findings.len());
        assert!(new_since(&sample::empty(), &report).is_empty());
        // All but the finding that an ignore let pass stand in it.
        assert_eq!(
            new_since(&report, &report).len(),
            report.findings.iter().filter(|one| !stands(one)).count()
        );
    }
}
