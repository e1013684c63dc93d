//! All rules of this crate.

use bartizan_finding::RuleMeta;

use crate::rules::{
    AlteredEvidence, ClockBehind, FutureDated, MalformedEvidence, OtherProject, RevokedKey, TrustFileRefused,
    UnknownKey,
};

/// The version of what these rules detect; it goes up when that changes.
pub const RULE_SET: u32 = 1;

/// The rules over evidence, the clock and the trust file, by code.
pub fn rules() -> Vec<&'static RuleMeta> {
    vec![
        UnknownKey::META,
        ClockBehind::META,
        MalformedEvidence::META,
        FutureDated::META,
        RevokedKey::META,
        TrustFileRefused::META,
        OtherProject::META,
        AlteredEvidence::META,
    ]
}

#[cfg(test)]
mod tests {
    use bartizan_finding::registry_faults;

    use super::*;

    #[test]
    fn codes_stand_once_and_in_order() {
        assert_eq!(registry_faults(rules()), Vec::<String>::new());
        assert!(rules().is_sorted_by_key(|rule| rule.code.as_str()));
        assert!(rules().iter().all(|rule| rule.code.family() == "TRU"));
    }

    #[test]
    fn codes_are_never_reused() {
        let listing: Vec<_> =
            rules().iter().map(|rule| format!("{} {} {}", rule.code, rule.severity, rule.name)).collect();
        insta::assert_snapshot!(listing.join("\n"), @r#"
        TRU001 high unknown-key
        TRU002 medium clock-behind
        TRU003 medium malformed-evidence
        TRU004 medium future-dated
        TRU005 high revoked-key
        TRU006 critical trust-file-refused
        TRU007 medium other-project
        TRU008 high altered-evidence
        "#);
    }
}
