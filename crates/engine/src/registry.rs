//! All rules of the program, from the registries of the crates that hold them.

use std::collections::BTreeMap;

use bartizan_finding::{RuleCode, RuleMeta};

/// Every rule, by code.
pub fn rules() -> Vec<&'static RuleMeta> {
    let mut rules = [
        bartizan_artifact::rules(),
        bartizan_attest::rules(),
        bartizan_dataset::rules(),
        bartizan_detect::rules(),
        bartizan_inventory::rules(),
        bartizan_project::rules(),
        bartizan_threat::rules(),
        crate::rules::rules(),
    ]
    .concat();
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    rules
}

/// The rule with this code.
pub fn rule(code: &RuleCode) -> Option<&'static RuleMeta> {
    rules().into_iter().find(|rule| rule.code == *code)
}

/// The rule-set version of each crate, by the crate's name.
pub fn rule_sets() -> BTreeMap<String, u32> {
    [
        ("bartizan-artifact", bartizan_artifact::RULE_SET),
        ("bartizan-attest", bartizan_attest::RULE_SET),
        ("bartizan-dataset", bartizan_dataset::RULE_SET),
        ("bartizan-detect", bartizan_detect::RULE_SET),
        ("bartizan-inventory", bartizan_inventory::RULE_SET),
        ("bartizan-project", bartizan_project::RULE_SET),
        ("bartizan-threat", bartizan_threat::RULE_SET),
    ]
    .map(|(name, version)| (name.to_owned(), version))
    .into()
}

#[cfg(test)]
mod tests {
    use bartizan_finding::registry_faults;

    use super::*;

    #[test]
    fn codes_are_unique_and_none_is_lost() {
        assert_eq!(registry_faults(rules()), Vec::<String>::new());
        let codes: Vec<_> = rules().iter().map(|rule| format!("{} {}", rule.code, rule.name)).collect();
        insta::assert_snapshot!("codes", codes.join("\n"));
    }

    #[test]
    fn no_reference_dangles() {
        for rule in rules() {
            for reference in rule.references {
                assert_eq!(bartizan_standards::check_reference(reference), Ok(()), "{}", rule.code);
            }
        }
    }

    #[test]
    fn rules_speak_of_controls_that_exist() {
        for rule in rules() {
            for control in rule.controls {
                assert!(
                    bartizan_standards::control(control).is_some(),
                    "{} speaks of `{control}`",
                    rule.code
                );
            }
        }
    }
}
