use bartizan_finding::{Confidence, Rule, RuleMeta, Severity};

use super::context;
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::{View, alnum, digit, word},
};

/// The text holds a payment card number.
///
/// ## What it finds
/// 12 to 19 digits that start with the issuer range of a brand, have a length that the brand uses and a right check
/// digit (Luhn), written in one piece or in the groups that are embossed on cards.
/// ## Why it matters
/// Card numbers are money. PCI DSS allows them nowhere near training data, and a model repeats rare digit
/// strings exactly.
/// ## Example
/// `4111 1111 1111 1111`, the test number of most payment providers.
/// ## Fix
/// Remove the numbers at their source, keep at most the last four digits, and tell the payment officer when they
/// were real.
/// ## References
/// - <https://www.iso.org/standard/70484.html>
/// - <https://docs-prv.pcisecuritystandards.org/PCI%20DSS/Standard/PCI-DSS-v4_0_1.pdf>
#[derive(Debug, Rule)]
#[rule(code = "PII002", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct PaymentCard;

/// A brand's range of leading digits (both ends count, and have the same number of digits) and its lengths.
struct Brand {
    from: u32,
    to: u32,
    lengths: &'static [usize],
}

const BRANDS: &[Brand] = &[
    Brand { from: 4, to: 4, lengths: &[13, 16, 19] },       // Visa
    Brand { from: 51, to: 55, lengths: &[16] },             // Mastercard
    Brand { from: 2221, to: 2720, lengths: &[16] },         // Mastercard
    Brand { from: 34, to: 34, lengths: &[15] },             // American Express
    Brand { from: 37, to: 37, lengths: &[15] },             // American Express
    Brand { from: 6011, to: 6011, lengths: &[16, 19] },     // Discover
    Brand { from: 644, to: 659, lengths: &[16, 19] },       // Discover
    Brand { from: 62, to: 62, lengths: &[16, 17, 18, 19] }, // UnionPay
    Brand { from: 3528, to: 3589, lengths: &[16, 17, 18, 19] }, // JCB
    Brand { from: 300, to: 305, lengths: &[14] },           // Diners Club
    Brand { from: 36, to: 36, lengths: &[14] },             // Diners Club
    Brand { from: 38, to: 39, lengths: &[14, 16] },         // Diners Club
    Brand { from: 2200, to: 2204, lengths: &[16] },         // Mir
    Brand { from: 5018, to: 5018, lengths: &[12, 13, 14, 15, 16, 17, 18, 19] }, // Maestro
    Brand { from: 5020, to: 5020, lengths: &[12, 13, 14, 15, 16, 17, 18, 19] }, // Maestro
    Brand { from: 5038, to: 5038, lengths: &[12, 13, 14, 15, 16, 17, 18, 19] }, // Maestro
    Brand { from: 6304, to: 6304, lengths: &[12, 13, 14, 15, 16, 17, 18, 19] }, // Maestro
    Brand { from: 6759, to: 6763, lengths: &[12, 13, 14, 15, 16, 17, 18, 19] }, // Maestro
];

/// How cards print their digits.
const GROUPS: &[&[usize]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 1]];

const WORDS: &[&str] =
    &["card", "visa", "master", "amex", "credit", "debit", "pan", "maestro", "diners", "kreditkarte"];

impl Detector for PaymentCard {
    fn family(&self) -> Family {
        Family::PersonalData
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Card)
    }

    fn bounds(&self) -> Bounds {
        Bounds { lead: 0, max_match: 23, context: 40 }
    }

    fn rank(&self) -> Rank {
        Rank::Likely
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let start = view.anchor;
        let end = view.run(start, 20, digit);
        let (end, grouped) = if end - start == 4 {
            let Some(end) = GROUPS.iter().find_map(|groups| grouped(view, start, groups)) else { return };
            (end, true)
        } else {
            (end, false)
        };
        let digits: Vec<u8> =
            view.slice(start, end).iter().filter(|byte| digit(**byte)).map(|b| b - b'0').collect();
        if !stands_alone(view, start, end) || !branded(&digits) || !luhn(&digits) {
            return;
        }
        let named = context::before(view, start, 40, WORDS);
        // One in ten numbers has a right check digit, and only these lengths are rare as numbers of other things.
        if !grouped && !named && !matches!(digits.len(), 15 | 16) {
            return;
        }
        let mut hit = Hit::new(Self::META, "payment-card", start, end);
        if !grouped && !named {
            // A bare number of the right form may be any other number.
            (hit.severity, hit.confidence) = (Severity::Low, Confidence::Medium);
        }
        found(hit);
    }
}

fn grouped(view: &View<'_>, start: usize, groups: &[usize]) -> Option<usize> {
    let separator = view.get(start + groups[0])?;
    let mut at = start;
    for (i, &length) in groups.iter().enumerate() {
        if i > 0 {
            if view.get(at)? != separator {
                return None;
            }
            at += 1;
        }
        if view.run(at, length, digit) != at + length {
            return None;
        }
        at += length;
    }
    (!view.is(at, digit)).then_some(at)
}

/// Not a piece of a longer number, a decimal fraction, an identifier or a UUID.
fn stands_alone(view: &View<'_>, start: usize, end: usize) -> bool {
    let joined = |byte| matches!(byte, b'.' | b'-' | b'+');
    let left = view.was(start, word) || view.was(start, joined) && (start < 2 || view.was(start - 1, alnum));
    let right =
        view.is(end, word) || view.is(end, |byte| matches!(byte, b'.' | b'-')) && view.is(end + 1, alnum);
    !left && !right
}

fn branded(digits: &[u8]) -> bool {
    BRANDS.iter().any(|brand| {
        let width = brand.from.ilog10() as usize + 1;
        let Some(head) = digits.get(..width) else { return false };
        let head = head.iter().fold(0, |head, digit| head * 10 + u32::from(*digit));
        (brand.from..=brand.to).contains(&head) && brand.lengths.contains(&digits.len())
    })
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| match (i % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}
