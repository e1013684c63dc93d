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
