//! What code scanning takes in: GitHub refuses a file that is larger than 10 MB when compressed, a run of more than
//! 25,000 results and a rule of more than 20 tags, and cuts the short texts of rules after 1,024 characters
//! (GitHub Docs, *SARIF support for code scanning* and *SARIF results exceed one or more limits*).

use std::cmp::Reverse;

use crate::v1::Finding;

/// Most results of a run.
pub(super) const MAX_RESULTS: usize = 25_000;

/// Most places that a run names as not examined.
pub(super) const MAX_NOTIFICATIONS: usize = 1_000;

/// Most tags of a rule.
pub(super) const MAX_TAGS: usize = 20;

/// Most characters of a rule's short texts.
pub(super) const MAX_RULE_TEXT: usize = 1_000;

/// Most bytes that results may have of their own. They are taken as if they could not be compressed at all; what all
/// results have in common compresses to about [`FRAME`] bytes in each.
const MAX_OWN: usize = 9_000_000;

/// Compressed, what a result has beside its own texts.
const FRAME: usize = 160;

/// Which findings the file has: all where they fit, else those that count before those that are suppressed, and the
/// worst first. They stay in the order of the report.
pub(crate) fn chosen<'f>(findings: &[&'f Finding]) -> Vec<&'f Finding> {
    let mut order: Vec<(usize, &Finding)> = findings.iter().copied().enumerate().collect();
    order.sort_by_key(|(at, finding)| (finding.suppressed.is_some(), Reverse(finding.severity), *at));
    let mut own = 0;
    let fits = |(_, finding): &(usize, &Finding)| {
        own += FRAME + weight(finding);
        own <= MAX_OWN
    };
    let mut chosen: Vec<_> = order.into_iter().take(MAX_RESULTS).take_while(fits).collect();
    chosen.sort_by_key(|(at, _)| *at);
    chosen.into_iter().map(|(_, finding)| finding).collect()
}

/// About how many bytes stand in the result of a finding alone, after compression: a text counts twice, since what is
/// written as escapes or in percents is longer than it was, and is found in more than one place.
fn weight(finding: &Finding) -> usize {
    let sample = |at: &str| {
        let shared = at.bytes().zip(finding.place.bytes()).take_while(|(one, other)| one == other).count();
        24 + 2 * (at.len() - shared)
    };
    let samples: usize = finding.samples.iter().map(|one| sample(&one.at)).sum();
    let reason = finding.suppressed.as_ref().map_or(0, |why| why.reason.len());
    2 * (finding.message.len() + finding.place.len() + reason) + samples + finding.fingerprint.len()
}
