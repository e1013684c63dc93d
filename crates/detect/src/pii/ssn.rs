use bartizan_finding::{Confidence, Rule, RuleMeta};

use super::context;
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::{View, alnum, digit, word},
};

/// The text holds a United States social security number.
///
/// ## What it finds
/// Three, two and four digits that the Social Security Administration can have issued, joined by hyphens. Joined by
/// spaces or in one piece they count only where the words before say what they are.
/// ## Why it matters
/// The number opens credit in a person's name and never changes.
/// ## Example
/// `SSN: 536-90-4399`, a number that was printed in court records.
/// ## Fix
/// Remove or replace the numbers before training, or declare the asset `personal` when it is meant to hold them.
/// ## References
/// - <https://www.ssa.gov/employer/randomization.html>
/// - <https://www.ssa.gov/history/ssn/misused.html>
#[derive(Debug, Rule)]
#[rule(code = "PII005", severity = "medium", confidence = "medium", controls = ["data-scan"])]
pub(crate) struct UsSsn;

const WORDS: &[&str] =
    &["ssn", "social security", "social-security", "social_security", "socialsecurity", "soc sec"];

impl Detector for UsSsn {
    fn family(&self) -> Family {
        Family::PersonalData
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Serial)
    }

    fn bounds(&self) -> Bounds {
        Bounds { lead: 0, max_match: 11, context: 48 }
    }

    fn rank(&self) -> Rank {
        Rank::Likely
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let start = view.anchor;
        let Some((number, end, separator)) = number(view, start) else { return };
        let joined = |byte| matches!(byte, b'-' | b'.' | b'/' | b'+');
        let left = view.was(start, |byte| word(byte) || joined(byte));
        let right = view.is(end, word) || view.is(end, joined) && view.is(end + 1, alnum);
        if left || right || !issued(number) {
            return;
        }
        let named = context::before(view, start, 48, WORDS);
        let confidence = match (separator, named) {
            (_, true) => Confidence::High,
            (Some(b'-'), false) if number != [123, 45, 6789] => Confidence::Medium,
            (Some(b'-'), false) => Confidence::Low,
            _ => return,
        };
        found(Hit { confidence, ..Hit::new(Self::META, "us-ssn", start, end) });
    }
}

/// Area, group and serial, the end, and what joins them.
fn number(view: &View<'_>, start: usize) -> Option<([u32; 3], usize, Option<u8>)> {
    let value = |from: usize, length: usize| {
        (view.run(from, length, digit) == from + length).then(|| {
            view.slice(from, from + length).iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
        })
    };
    let area = value(start, 3)?;
    let next = view.get(start + 3)?;
    if digit(next) {
        return Some(([area, value(start + 3, 2)?, value(start + 5, 4)?], start + 9, None));
    }
    let group = value(start + 4, 2)?;
    if view.get(start + 6)? != next {
        return None;
    }
    Some(([area, group, value(start + 7, 4)?], start + 11, Some(next)))
}

/// Whether the number can have been issued and is not one of those that were printed in advertisements and
/// withdrawn.
fn issued(number: [u32; 3]) -> bool {
    let [area, group, serial] = number;
    !matches!(area, 0 | 666 | 900..)
        && group != 0
        && serial != 0
        && !matches!(number, [78, 5, 1120] | [219, 9, 9999])
}
