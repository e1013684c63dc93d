use bartizan_finding::RuleMeta;

use crate::{detector::Detector, hidden, pii, secrets};

/// Raised when what is detected changes, so that evidence says by which rules it was made.
pub const RULE_SET: u32 = 1;

/// All rules of this crate, by code.
pub fn rules() -> Vec<&'static RuleMeta> {
    vec![
        hidden::TagCharacters::META,
        hidden::ZeroWidth::META,
        hidden::BidiControls::META,
        hidden::VariationSelectors::META,
        hidden::HangulFillers::META,
        pii::Email::META,
        pii::PaymentCard::META,
        pii::Iban::META,
        pii::IpAddress::META,
        pii::UsSsn::META,
        secrets::Secret::META,
    ]
}

/// One detector per line; a secret's row is a detector of its own.
pub(crate) fn detectors() -> Vec<Box<dyn Detector>> {
    let mut all: Vec<Box<dyn Detector>> = vec![
        Box::new(hidden::TagCharacters),
        Box::new(hidden::ZeroWidth),
        Box::new(hidden::BidiControls),
        Box::new(hidden::VariationSelectors),
        Box::new(hidden::HangulFillers),
        Box::new(pii::Email),
        Box::new(pii::PaymentCard),
        Box::new(pii::Iban),
        Box::new(pii::IpV4),
        Box::new(pii::IpV6),
        Box::new(pii::UsSsn),
    ];
    all.extend(secrets::detectors());
    all
}

#[cfg(test)]
mod tests {
    use bartizan_finding::registry_faults;

    use super::*;

    #[test]
    fn codes_are_unique() {
        assert_eq!(registry_faults(rules()), Vec::<String>::new());
        let codes: Vec<_> = rules().iter().map(|rule| format!("{} {}", rule.code, rule.name)).collect();
        insta::assert_snapshot!(codes.join("\n"), @r"
        HID001 tag-characters
        HID002 zero-width
        HID003 bidi-controls
        HID004 variation-selectors
        HID005 hangul-fillers
        PII001 email
        PII002 payment-card
        PII003 iban
        PII004 ip-address
        PII005 us-ssn
        SEC001 secret
        ");
    }

    #[test]
    fn every_detector_speaks_for_a_listed_rule_and_keeps_its_window_small() {
        for detector in detectors() {
            assert!(rules().iter().any(|rule| rule.code == detector.rule().code), "{detector:?}");
            let bounds = detector.bounds();
            assert!(bounds.behind() <= 1100 && bounds.ahead() <= 17 * 1024, "{detector:?} {bounds:?}");
        }
    }
}
