//! What holds for every policy of a form and for all facts.

use std::collections::BTreeSet;

use bartizan_finding::ControlId;
use bartizan_policy::{Facts, FindingCounts, Gate, Organisation, Question, Status, Verdict, decide, starter};
use proptest::{collection::btree_set, prelude::*, sample::select};

use crate::fixture::{CONTROLS, above, question, schema};

/// Facts of which any may be missing.
fn facts() -> impl Strategy<Value = Facts> {
    let statuses = CONTROLS
        .map(|control| prop::option::of(select(Status::ALL.to_vec())).prop_map(move |s| (control, s)));
    let counts = prop::array::uniform8(0_u64..3);
    let flags = prop::array::uniform7(any::<bool>());
    (statuses, counts, flags, prop::option::of(0_u64..2000)).prop_map(|(statuses, counts, flags, age)| {
        Facts {
            statuses: statuses
                .into_iter()
                .filter_map(|(id, status)| Some((ControlId::new(id), status?)))
                .collect(),
            findings: FindingCounts {
                critical: counts[0],
                high: counts[1],
                medium: counts[2],
                low: counts[3],
            },
            suppressed: counts[4],
            unexamined: counts[5],
            undeclared: counts[6],
            lost: counts[7],
            evidence_age_hours: age,
            reconciled: flags[0],
            recorded: flags[1],
            log_verified: flags[2],
            witnessed: flags[3],
            self_attested: flags[4],
            checked: flags[5],
            break_glass: flags[6],
            ..Facts::default()
        }
    })
}

/// A gate of rules of the form `unless { context.satisfied.contains(…) }`.
fn unless_satisfied(controls: &BTreeSet<&str>) -> Gate {
    let rule = |control: &&str| {
        format!(
            "@id(\"{control}\") @control(\"{control}\") @fix(\"Mend it.\")\n\
             forbid (principal, action == Action::\"deploy\", resource)\n\
             unless {{ context.satisfied.contains(Control::\"{control}\") }};"
        )
    };
    let rules = controls.iter().map(rule).collect::<Vec<_>>().join("\n");
    crate::fixture::gate(&(crate::fixture::PERMIT.to_owned() + &rules))
}

fn verdict(gate: &Gate, organisation: &Organisation, facts: Facts) -> Verdict {
    decide(gate, organisation, &Question { facts, ..question() }).verdict
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_evidence_never_closes_and_less_never_opens(
        controls in btree_set(select(CONTROLS.to_vec()), 1..=CONTROLS.len()),
        facts in facts(),
        changed in select(CONTROLS.to_vec()),
        worse in select(Status::ALL.to_vec()),
    ) {
        let gate = unless_satisfied(&controls);
        let before = verdict(&gate, &Organisation::none(), facts.clone());
        let mut more = facts.clone();
        more.statuses.insert(ControlId::new(changed), Status::Satisfied);
        if before == Verdict::Allow {
            prop_assert_eq!(verdict(&gate, &Organisation::none(), more), Verdict::Allow);
        }
        let mut less = facts.clone();
        less.statuses.remove(&ControlId::new(changed));
        let mut other = facts.clone();
        if worse != Status::Satisfied {
            other.statuses.insert(ControlId::new(changed), worse);
        }
        for fewer in [less, other, Facts { checked: false, ..facts.clone() }, Facts { log_verified: false, ..facts }] {
            if before == Verdict::Deny {
                prop_assert_eq!(verdict(&gate, &Organisation::none(), fewer), Verdict::Deny);
            }
        }
    }

    #[test]
    fn a_rule_of_the_organisation_always_wins(facts in facts(), control in select(CONTROLS.to_vec())) {
        let text = starter("deploy", &["platform-engineer"], &[]);
        let gate = Gate::parse("deploy", "deploy.cedar", &text, &schema()).unwrap();
        let frozen = above("");
        prop_assert_eq!(verdict(&gate, &frozen, facts.clone()), Verdict::Deny);
        let asks = above(&format!("unless {{ context.satisfied.contains(Control::\"{control}\") }}"));
        let is_satisfied = facts.statuses.get(&ControlId::new(control)) == Some(&Status::Satisfied);
        let alone = verdict(&gate, &Organisation::none(), facts.clone());
        prop_assert_eq!(verdict(&gate, &asks, facts), if is_satisfied { alone } else { Verdict::Deny });
    }

    #[test]
    fn the_verdict_follows_from_what_it_lists(facts in facts(), controls in btree_set(select(CONTROLS.to_vec()), 1..3)) {
        let gate = unless_satisfied(&controls);
        let question = Question { facts: facts.clone(), ..question() };
        let ruling = decide(&gate, &Organisation::none(), &question);
        let expected = match (ruling.refusals.is_empty(), facts.break_glass) {
            (true, _) => Verdict::Allow,
            (false, true) => Verdict::BreakGlass,
            (false, false) => Verdict::Deny,
        };
        prop_assert_eq!(ruling.verdict, expected);
        let open = controls.iter().filter(|id| facts.statuses.get(&ControlId::new(id)) != Some(&Status::Satisfied));
        let named: BTreeSet<_> = ruling.refusals.iter().filter_map(|refusal| refusal.control.as_deref()).collect();
        prop_assert_eq!(named, open.copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(decide(&gate, &Organisation::none(), &question), ruling, "the same question has the same answer");
    }

    #[test]
    fn any_text_is_a_gate_or_has_faults(text in r#"(permit|forbid|\(|\)|principal|action|resource|context|when|unless|\{|\}|;|@id\("a"\)|@fix\("b"\)|\.|==|in|Action::"deploy"|Role::"x"|"|//|\n|é| ){0,40}"#) {
        match Gate::parse("deploy", "deploy.cedar", &text, &schema()) {
            Ok(gate) => prop_assert_eq!(gate.rules().iter().filter(|rule| rule.id == "a").count(), 1),
            Err(error) => prop_assert!(!error.faults().is_empty()),
        }
    }
}
