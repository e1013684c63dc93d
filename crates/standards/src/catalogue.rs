use std::sync::LazyLock;

use bartizan_finding::ControlId;
use serde::Serialize;

use crate::{Control, Reference};

/// One file per control, in the order in which people read them.
const FILES: [(&str, &str); 50] = [
    ("threat-model", include_str!("../data/controls/threat-model.toml")),
    ("ownership", include_str!("../data/controls/ownership.toml")),
    ("role-training", include_str!("../data/controls/role-training.toml")),
    ("secure-development-policy", include_str!("../data/controls/secure-development-policy.toml")),
    ("declared-is-observed", include_str!("../data/controls/declared-is-observed.toml")),
    ("exception-governance", include_str!("../data/controls/exception-governance.toml")),
    ("gate-enforced", include_str!("../data/controls/gate-enforced.toml")),
    ("automated-checks", include_str!("../data/controls/automated-checks.toml")),
    ("evidence-log", include_str!("../data/controls/evidence-log.toml")),
    ("audit-trail", include_str!("../data/controls/audit-trail.toml")),
    ("boundary-protection", include_str!("../data/controls/boundary-protection.toml")),
    ("model-integrity", include_str!("../data/controls/model-integrity.toml")),
    ("model-provenance", include_str!("../data/controls/model-provenance.toml")),
    ("model-card", include_str!("../data/controls/model-card.toml")),
    ("ai-bom", include_str!("../data/controls/ai-bom.toml")),
    ("training-provenance", include_str!("../data/controls/training-provenance.toml")),
    ("training-isolation", include_str!("../data/controls/training-isolation.toml")),
    ("weight-access", include_str!("../data/controls/weight-access.toml")),
    ("separation-of-duties", include_str!("../data/controls/separation-of-duties.toml")),
    ("release-approval", include_str!("../data/controls/release-approval.toml")),
    ("dataset-integrity", include_str!("../data/controls/dataset-integrity.toml")),
    ("data-provenance", include_str!("../data/controls/data-provenance.toml")),
    ("data-licence", include_str!("../data/controls/data-licence.toml")),
    ("data-scan", include_str!("../data/controls/data-scan.toml")),
    ("data-secrets", include_str!("../data/controls/data-secrets.toml")),
    ("data-hidden-text", include_str!("../data/controls/data-hidden-text.toml")),
    ("poisoning-analysis", include_str!("../data/controls/poisoning-analysis.toml")),
    ("model-scan", include_str!("../data/controls/model-scan.toml")),
    ("safe-serialization", include_str!("../data/controls/safe-serialization.toml")),
    ("remote-code-review", include_str!("../data/controls/remote-code-review.toml")),
    ("code-review", include_str!("../data/controls/code-review.toml")),
    ("prompt-hygiene", include_str!("../data/controls/prompt-hygiene.toml")),
    ("tool-authority", include_str!("../data/controls/tool-authority.toml")),
    ("tool-integrity", include_str!("../data/controls/tool-integrity.toml")),
    ("retrieval-isolation", include_str!("../data/controls/retrieval-isolation.toml")),
    ("egress-limits", include_str!("../data/controls/egress-limits.toml")),
    ("human-oversight", include_str!("../data/controls/human-oversight.toml")),
    ("red-team", include_str!("../data/controls/red-team.toml")),
    ("dual-use-evaluation", include_str!("../data/controls/dual-use-evaluation.toml")),
    ("gateway-authentication", include_str!("../data/controls/gateway-authentication.toml")),
    ("usage-limits", include_str!("../data/controls/usage-limits.toml")),
    ("input-inspection", include_str!("../data/controls/input-inspection.toml")),
    ("output-moderation", include_str!("../data/controls/output-moderation.toml")),
    ("runtime-monitoring", include_str!("../data/controls/runtime-monitoring.toml")),
    ("misuse-monitoring", include_str!("../data/controls/misuse-monitoring.toml")),
    ("transparency-notice", include_str!("../data/controls/transparency-notice.toml")),
    ("stop-and-rollback", include_str!("../data/controls/stop-and-rollback.toml")),
    ("incident-response", include_str!("../data/controls/incident-response.toml")),
    ("vulnerability-intake", include_str!("../data/controls/vulnerability-intake.toml")),
    ("model-review", include_str!("../data/controls/model-review.toml")),
];

static CONTROLS: LazyLock<Vec<Control>> = LazyLock::new(|| {
    let parse = |(_, text): &(&str, &str)| toml::from_str(text);
    let controls = FILES.iter().map(parse).collect::<Result<_, _>>();
    controls.expect("every file of the catalogue is read by a test")
});

/// The controls, in the order in which people read them.
pub fn controls() -> &'static [Control] {
    &CONTROLS
}

/// The control with this id.
pub fn control(id: &ControlId) -> Option<&'static Control> {
    controls().iter().find(|control| control.id == *id)
}

/// How a control names an entry of a framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Its evidence shows the entry in full.
    Covers,
    /// Its evidence shows a part of it.
    CoversPart,
    /// It speaks of the same thing; evidence for the one says nothing about the other.
    Sees,
}

/// A control that names an entry.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The control.
    pub control: &'static Control,
    /// How.
    pub how: How,
}

/// The controls that name this very entry, in the order of the catalogue.
pub fn naming(reference: &Reference) -> Vec<Naming> {
    let named = |control: &'static Control| {
        let among = |references: &[Reference]| references.contains(reference);
        let how = if among(&control.covers) {
            How::Covers
        } else if among(&control.covers_part) {
            How::CoversPart
        } else if among(&control.see) {
            How::Sees
        } else {
            return None;
        };
        Some(Naming { control, how })
    };
    controls().iter().filter_map(named).collect()
}

impl How {
    /// A few words that read well after the name of the control.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Covers => "shows it",
            Self::CoversPart => "shows a part of it",
            Self::Sees => "speaks of the same",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bartizan_finding::PredicateKind;

    use super::*;
    use crate::{
        Consideration, Criterion, Edge, Edition, EntryKind, Strength, crosswalk, entries, item, items, role,
        task,
    };

    fn edges() -> impl Iterator<Item = (&'static Control, &'static Edge)> {
        controls().iter().flat_map(|control| control.edges().map(move |(_, edge)| (control, edge)))
    }

    #[test]
    fn every_file_holds_the_control_of_its_name() {
        for ((name, text), control) in FILES.iter().zip(controls()) {
            assert_eq!(control.id.as_str(), *name);
            toml::from_str::<Control>(text).unwrap();
        }
        let ids: BTreeSet<_> = controls().iter().map(|control| &control.id).collect();
        assert_eq!(ids.len(), FILES.len());
        assert!(control(&ControlId::new("no-such-control")).is_none());
    }

    #[test]
    fn every_id_that_a_control_names_exists() {
        for control in controls() {
            assert!(role(&control.owner).is_some(), "{}: {}", control.id, control.owner);
            let covered: Vec<_> = control.covers.iter().chain(&control.covers_part).collect();
            assert!(!covered.is_empty(), "{}", control.id);
            for reference in &covered {
                assert!(task(reference).is_some(), "{}: {reference}", control.id);
            }
            let distinct: BTreeSet<_> = covered.iter().collect();
            assert_eq!(distinct.len(), covered.len(), "{} names an item twice", control.id);
            assert!(!control.considerations.is_empty() && !control.means.is_empty(), "{}", control.id);
        }
    }

    #[test]
    fn every_control_is_at_home_in_several_frameworks() {
        for control in controls() {
            let lineages: BTreeSet<_> =
                control.see.iter().map(|reference| reference.edition.lineage()[0]).collect();
            assert!(lineages.len() >= 3, "{} sees {lineages:?}", control.id);
            let distinct: BTreeSet<_> = control.see.iter().collect();
            assert_eq!(distinct.len(), control.see.len(), "{} sees an entry twice", control.id);
            assert!(control.see.iter().all(|reference| reference.resolve().is_some()), "{}", control.id);
        }
    }

    /// An entry that no control names is a question to which the program has no answer.
    #[test]
    fn what_no_control_names() {
        let mut lines = Vec::new();
        let recommended = items().filter(|(_, item)| item.kind == crate::ItemKind::Recommendation);
        let shown = recommended.filter(|(_, item)| naming(&Edition::Ssdf218a.entry(&item.id)).is_empty());
        lines.push(format!(
            "ssdf-218a:2024: {}",
            shown.map(|(_, item)| item.id.as_str()).collect::<Vec<_>>().join(" ")
        ));
        for edition in [Edition::OwaspLlm2026, Edition::OwaspAsi2026, Edition::OwaspMcp2025, Edition::Aisvs10]
        {
            let chief = entries(edition)
                .iter()
                .filter(|entry| matches!(entry.kind, EntryKind::Risk | EntryKind::Section));
            let unnamed = chief.filter(|entry| naming(&edition.entry(&entry.id)).is_empty());
            lines.push(format!(
                "{edition}: {}",
                unnamed.map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(" ")
            ));
        }
        let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
        insta::assert_snapshot!("unnamed", lines.join("\n"));
    }

    #[test]
    fn whoever_names_an_entry_is_found() {
        let of = |text: &str| {
            let named = naming(&text.parse().unwrap());
            named.iter().map(|one| format!("{} {}", one.control.id, one.how.as_str())).collect::<Vec<_>>()
        };
        assert_eq!(of("ssdf-218a:2024/PW.6.1.C1"), ["safe-serialization shows it"]);
        assert!(of("ssdf-218a:2024/PW.4.4.R2").contains(&"model-scan shows a part of it".to_owned()));
        assert!(of("owasp-llm:2026/LLM04").contains(&"model-scan speaks of the same".to_owned()));
        assert!(of("owasp-llm:2023/LLM01").is_empty());
        let reference: Reference = "ssdf-218a:2024/PW.4.4.R2".parse().unwrap();
        assert!(item(&reference).is_some() && !crosswalk(&reference).is_empty());
    }

    #[test]
    fn every_consideration_is_served() {
        for consideration in Consideration::ALL {
            let served =
                controls().iter().filter(|control| control.considerations.contains(&consideration)).count();
            assert!(served >= 2, "{consideration} is served by {served} controls");
        }
    }

    #[test]
    fn every_clause_can_be_shown_in_full_and_can_be_refuted() {
        for control in controls() {
            let ids: BTreeSet<_> = control.clauses.iter().map(|clause| &clause.id).collect();
            assert!(!ids.is_empty() && ids.len() == control.clauses.len(), "{}", control.id);
            for clause in &control.clauses {
                let sufficient = clause.edges.iter().any(|edge| edge.strength == Strength::Sufficient);
                assert!(sufficient, "{}/{} can never be shown", control.id, clause.id);
            }
        }
        for (control, edge) in edges() {
            let asks = !(edge.criteria.is_empty() && edge.fully.is_empty());
            assert!(asks, "{}: evidence of which nothing is asked satisfies by existing", control.id);
            assert!((1..=24 * 366).contains(&edge.max_age_hours), "{}", control.id);
        }
    }

    #[test]
    fn criteria_over_rules_ask_for_a_rule_set() {
        for (control, edge) in edges() {
            let reads_rules =
                edge.criteria.iter().any(|criterion| matches!(criterion, Criterion::NoFinding { .. }));
            // A comparison with a pinned digest needs no rules to be up to date.
            if reads_rules && edge.kind != PredicateKind::IntegrityCheck {
                assert!(!edge.rule_sets.is_empty(), "{}", control.id);
            }
            for name in edge.rule_sets.keys() {
                assert!(name.starts_with("bartizan-"), "{}: {name}", control.id);
            }
        }
    }

    #[test]
    fn sentences_end_and_promise_nothing() {
        const NEVER: [&str; 5] = ["compliant", "certified", "approved", "safe", "guaranteed"];
        for control in controls() {
            let clauses = control.clauses.iter().map(|clause| &clause.text);
            let obtain = control.edges().map(|(_, edge)| &edge.obtain);
            for text in [&control.why, &control.mend].into_iter().chain(clauses).chain(obtain) {
                assert!(text.ends_with('.') && !text.contains('\n'), "{}: {text}", control.id);
                let words: Vec<_> =
                    text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
                assert!(
                    !NEVER.iter().any(|never| words.iter().any(|word| word == never)),
                    "{}: {text}",
                    control.id
                );
            }
            assert!(control.title.chars().count() <= 72, "{}", control.title);
        }
    }

    /// The names of facts are a contract with whoever collects evidence.
    #[test]
    fn facts_that_controls_read() {
        let mut facts = BTreeSet::new();
        for (_, edge) in edges() {
            let criteria = edge.criteria.iter().chain(&edge.fully).filter_map(Criterion::fact);
            for fact in criteria.chain(edge.when.keys().map(String::as_str)) {
                facts.insert(format!("{} {fact}", edge.kind));
            }
        }
        insta::assert_snapshot!("facts", facts.into_iter().collect::<Vec<_>>().join("\n"));
    }

    /// What an auditor reads: which evidence satisfies which control.
    #[test]
    fn which_edges_satisfy() {
        let mut lines = Vec::new();
        for control in controls() {
            for clause in &control.clauses {
                for edge in &clause.edges {
                    let said = |criteria: &[Criterion]| {
                        criteria.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
                    };
                    let (id, clause, kind, strength) = (&control.id, &clause.id, edge.kind, edge.strength);
                    let (hours, must, fully) = (edge.max_age_hours, said(&edge.criteria), said(&edge.fully));
                    let line = format!("{id}/{clause}: {strength} by {kind} under {hours} h old");
                    lines.push(match (must.is_empty(), fully.is_empty()) {
                        (false, true) => format!("{line}: {must}"),
                        (true, false) => format!("{line}, in full when {fully}"),
                        _ => format!("{line}: {must}; in full when {fully}"),
                    });
                }
            }
        }
        insta::assert_snapshot!("edges", lines.join("\n"));
    }
}
