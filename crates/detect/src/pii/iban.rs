use bartizan_finding::{Rule, RuleMeta};

use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::{View, alnum, word},
};

/// The text holds an international bank account number.
///
/// ## What it finds
/// A country code of the SWIFT register, two check digits that are right (ISO 7064, mod 97-10) and as many letters
/// and digits as the country uses, in one piece or in groups of four.
/// ## Why it matters
/// An account number names a person or firm and is enough to draw direct debits in many countries.
/// ## Example
/// `GB82 WEST 1234 5698 7654 32`, the example of the standard.
/// ## Fix
/// Remove or replace the numbers before training, or declare the asset `personal` when it is meant to hold them.
/// ## References
/// - <https://www.iso.org/standard/81090.html>
/// - <https://www.swift.com/standards/data-standards/iban-international-bank-account-number>
#[derive(Debug, Rule)]
#[rule(code = "PII003", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct Iban;

/// Country and length, from the SWIFT IBAN register (release 99).
const COUNTRIES: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

impl Detector for Iban {
    fn family(&self) -> Family {
        Family::PersonalData
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::CheckDigits)
    }

    fn bounds(&self) -> Bounds {
        // 33 characters in groups of four have eight spaces.
        Bounds { lead: 2, max_match: 41, context: 1 }
    }

    fn rank(&self) -> Rank {
        Rank::Specific
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let Some(start) = view.anchor.checked_sub(2) else { return };
        let country = view.slice(start, view.anchor);
        let Some((_, length)) = COUNTRIES.iter().find(|(code, _)| *code == country) else { return };
        if view.was(start, word) {
            return;
        }
        let Some((number, end)) = number(view, start, *length) else { return };
        if !view.is(end, alnum) && mod_97(&number) == 1 {
            found(Hit::new(Self::META, "iban", start, end));
        }
    }
}

/// The characters of the number without its spaces, which stand between groups of four or nowhere.
fn number(view: &View<'_>, start: usize, length: usize) -> Option<(Vec<u8>, usize)> {
    let spaced = view.get(start + 4) == Some(b' ');
    let mut number = Vec::with_capacity(length);
    let mut at = start;
    while number.len() < length {
        if spaced && !number.is_empty() && number.len().is_multiple_of(4) {
            if view.get(at)? != b' ' {
                return None;
            }
            at += 1;
        }
        let byte = view.get(at).filter(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())?;
        number.push(byte);
        at += 1;
    }
    Some((number, at))
}

/// ISO 7064, mod 97-10: the country and check digits moved to the end, letters as 10 to 35.
fn mod_97(number: &[u8]) -> u32 {
    let turned = number.iter().cycle().skip(4).take(number.len());
    turned.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}
