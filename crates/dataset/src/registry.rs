use bartizan_finding::RuleMeta;

use crate::{csv::rules, structure};

/// Raised when what is detected changes, so that evidence says by which rules it was made.
pub const RULE_SET: u32 = 3;

/// All rules of this crate, by code. Those about the text itself are `bartizan_detect::rules`.
pub fn rules() -> Vec<&'static RuleMeta> {
    vec![
        structure::InvalidJson::META,
        structure::InvalidUnicode::META,
        structure::NulBytes::META,
        structure::TruncatedLastRow::META,
        structure::MixedTypes::META,
        structure::EmptyDataset::META,
        structure::DuplicateKey::META,
        structure::ManyColumns::META,
        structure::ByteOrderMark::META,
        rules::RaggedRow::META,
        rules::BrokenQuotes::META,
        rules::SpreadsheetFormula::META,
        rules::DuplicateColumn::META,
        rules::MixedDelimiters::META,
    ]
}

#[cfg(test)]
mod tests {
    use bartizan_finding::registry_faults;

    #[test]
    fn codes_are_unique() {
        let all = super::rules().into_iter().chain(bartizan_detect::rules());
        assert_eq!(registry_faults(all), Vec::<String>::new());
        insta::assert_snapshot!(
            super::rules().iter().map(|rule| format!("{} {}", rule.code, rule.name)).collect::<Vec<_>>().join("\n"),
            @r"
        DAT001 invalid-json
        DAT002 invalid-unicode
        DAT003 nul-bytes
        DAT004 truncated-last-row
        DAT005 mixed-types
        DAT006 empty-dataset
        DAT007 duplicate-key
        DAT008 many-columns
        DAT009 byte-order-mark
        DAT010 ragged-row
        DAT011 broken-quotes
        DAT012 spreadsheet-formula
        DAT013 duplicate-column
        DAT014 mixed-delimiters
        "
        );
    }
}
