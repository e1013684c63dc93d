use std::sync::LazyLock;

use bartizan_finding::ControlId;

use crate::Control;

/// One file per control, in the order in which people read them.
const FILES: [(&str, &str); 20] = [
    ("threat-model", include_str!("../data/controls/threat-model.toml")),
    ("ownership", include_str!("../data/controls/ownership.toml")),
    ("role-training", include_str!("../data/controls/role-training.toml")),
    ("evidence-log", include_str!("../data/controls/evidence-log.toml")),
    ("model-integrity", include_str!("../data/controls/model-integrity.toml")),
    ("model-provenance", include_str!("../data/controls/model-provenance.toml")),
    ("data-provenance", include_str!("../data/controls/data-provenance.toml")),
    ("release-approval", include_str!("../data/controls/release-approval.toml")),
    ("model-scan", include_str!("../data/controls/model-scan.toml")),
    ("safe-serialization", include_str!("../data/controls/safe-serialization.toml")),
    ("data-scan", include_str!("../data/controls/data-scan.toml")),
    ("data-secrets", include_str!("../data/controls/data-secrets.toml")),
    ("data-hidden-text", include_str!("../data/controls/data-hidden-text.toml")),
    ("prompt-hygiene", include_str!("../data/controls/prompt-hygiene.toml")),
    ("tool-authority", include_str!("../data/controls/tool-authority.toml")),
    ("retrieval-isolation", include_str!("../data/controls/retrieval-isolation.toml")),
    ("red-team", include_str!("../data/controls/red-team.toml")),
    ("usage-limits", include_str!("../data/controls/usage-limits.toml")),
    ("runtime-monitoring", include_str!("../data/controls/runtime-monitoring.toml")),
    ("stop-and-rollback", include_str!("../data/controls/stop-and-rollback.toml")),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bartizan_finding::PredicateKind;

    use super::*;
    use crate::{Consideration, Criterion, Edge, Strength, role, task};

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
        insta::assert_snapshot!(facts.into_iter().collect::<Vec<_>>().join("\n"), @r#"
        approval approval.approvers
        approval approval.by-author
        approval approval.of
        assessment assets.without-owner
        assessment datasets.without-source
        assessment groups.without-members
        assessment injection-paths.unguarded
        assessment models.without-provenance
        assessment risks.untreated-high
        assessment serving.without-limits
        assessment threats.derived
        assessment tools.write-without-approval
        check-run ledger.verified
        check-run ledger.witnessed
        drill drill.passed
        drill drill.procedure
        gate-decision gate.allowed
        gate-decision gate.id
        gateway-window gateway.fail-open-routes
        gateway-window gateway.limits-enforced
        gateway-window gateway.uninspected
        integrity-check digest.matches
        model-scan format.carries-code
        redteam-run redteam.attempts
        redteam-run redteam.failed
        redteam-run redteam.objective
        training-record training.members-missing
        training-record training.passed
        "#);
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
        insta::assert_snapshot!(lines.join("\n"), @r#"
        threat-model/derived: sufficient by assessment under 720 h old, in full when `threats.derived` is at least 1
        threat-model/treated: sufficient by assessment under 720 h old: `risks.untreated-high` is empty
        threat-model/treated: context by approval under 8760 h old: `approval.approvers` is at least 1
        ownership/owned: sufficient by assessment under 720 h old: `assets.without-owner` is empty
        ownership/staffed: sufficient by assessment under 720 h old: `groups.without-members` is empty
        role-training/trained: sufficient by training-record under 4320 h old: `training.passed` is true; `training.members-missing` is empty
        evidence-log/verified: sufficient by check-run under 168 h old: `ledger.verified` is true; no finding of TRU at medium or above; in full when `ledger.witnessed` is true
        model-integrity/pinned: sufficient by integrity-check under 24 h old: `digest.matches` is true; no finding of INT at low or above
        model-provenance/declared: sufficient by assessment under 720 h old: the subject is not among `models.without-provenance`
        model-provenance/bound: sufficient by integrity-check under 720 h old: `digest.matches` is true
        data-provenance/declared: sufficient by assessment under 720 h old: the subject is not among `datasets.without-source`
        data-provenance/declared: context by integrity-check under 720 h old: `digest.matches` is true
        release-approval/agreed: sufficient by approval under 2160 h old: `approval.by-author` is false; in full when `approval.approvers` is at least 2
        release-approval/agreed: context by gate-decision under 2160 h old: `gate.allowed` is true
        model-scan/read: sufficient by model-scan under 720 h old: no finding of ART, CFG, GGF, PKL, PTH, STS, TPL, ZIP at medium or above
        safe-serialization/format: sufficient by model-scan under 8760 h old: `format.carries-code` is false
        data-scan/personal: sufficient by data-scan under 720 h old: no finding of PII at low or above
        data-scan/structure: sufficient by data-scan under 720 h old: no finding of DAT at medium or above
        data-secrets/none-found: sufficient by data-scan under 720 h old: no finding of SEC at low or above
        data-hidden-text/none-found: sufficient by data-scan under 720 h old: no finding of HID at medium or above
        prompt-hygiene/clean: sufficient by data-scan under 720 h old: no finding of SEC, PII at low or above; no finding of HID at medium or above
        tool-authority/declared: sufficient by assessment under 720 h old: the subject is not among `tools.write-without-approval`
        tool-authority/enforced: sufficient by redteam-run under 720 h old: `redteam.failed` is empty; in full when `redteam.attempts` is at least 20
        tool-authority/enforced: partial by approval under 4320 h old: `approval.approvers` is at least 1
        retrieval-isolation/declared: sufficient by assessment under 720 h old: the subject is not among `injection-paths.unguarded`
        retrieval-isolation/tried: sufficient by redteam-run under 720 h old: `redteam.failed` is empty; in full when `redteam.attempts` is at least 20
        red-team/attacked: sufficient by redteam-run under 720 h old: `redteam.failed` is empty; in full when `redteam.attempts` is at least 100
        usage-limits/declared: sufficient by assessment under 720 h old: the subject is not among `serving.without-limits`
        usage-limits/enforced: sufficient by gateway-window under 1 h old: `gateway.limits-enforced` is true; in full when `gateway.fail-open-routes` is empty
        runtime-monitoring/watched: sufficient by gateway-window under 1 h old: `gateway.uninspected` is empty; in full when `gateway.fail-open-routes` is empty
        stop-and-rollback/stopped: sufficient by drill under 4320 h old: `drill.passed` is true
        stop-and-rollback/rolled-back: sufficient by drill under 4320 h old: `drill.passed` is true
        "#);
    }
}
