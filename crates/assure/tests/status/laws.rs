//! What holds of every status, whatever the evidence.

use std::collections::BTreeMap;

use bartizan_assure::{Assessment, Decisions, Evidence, InScope, Scope, Status, assess};
use bartizan_finding::{ControlId, PredicateKind};
use bartizan_standards::{Control, controls};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    case::{day, digest, evidence, scope, subject, today},
    catalogue,
};

const NAMES: [&str; 3] = ["a", "b", "c"];

/// Every control judged over the three subjects.
fn full_scope(catalogue: &[Control]) -> Scope {
    let mut scope = scope(&ControlId::new("none"), None);
    let subjects = || InScope::Subjects(NAMES.into_iter().map(subject).collect());
    scope.controls = catalogue.iter().map(|control| (control.id.clone(), subjects())).collect();
    scope
}

/// Statements of the kinds that the small controls read, good and bad, old and new.
fn statements() -> impl Strategy<Value = Vec<Evidence>> {
    let kinds = [
        PredicateKind::ModelScan,
        PredicateKind::IntegrityCheck,
        PredicateKind::Drill,
        PredicateKind::Approval,
        PredicateKind::Assessment,
    ];
    let subjects = ["a", "b", "c", "project"];
    let one = (0..kinds.len(), 0..subjects.len(), 60_i64..100, any::<[bool; 3]>(), 1_u32..4, 0_u64..3);
    let one =
        one.prop_map(move |(kind, name, collected, [complete, good, refused], rules, count)| Evidence {
            index: 0,
            confirms: None,
            predicate: kinds[kind],
            subjects: vec![digest(subjects[name])],
            collected: day(collected).expect("a day"),
            expires: None,
            complete,
            counts: BTreeMap::from([("PKL001".to_owned(), if good { 0 } else { count })]),
            facts: BTreeMap::from([
                ("digest.matches".to_owned(), json!(good)),
                ("drill.passed".to_owned(), json!(good)),
                ("approval.by-author".to_owned(), json!(!good)),
                ("without-source".to_owned(), if good { json!([]) } else { json!(["b"]) }),
            ]),
            rule_sets: BTreeMap::from([("bartizan-artifact".to_owned(), rules)]),
            collector: "ci".to_owned(),
            refused: (refused && !good).then(|| "the key is not known".to_owned()),
        });
    prop::collection::vec(one, 0..14).prop_map(|mut statements| {
        for (index, statement) in (1..).zip(&mut statements) {
            statement.index = index;
        }
        statements
    })
}

/// Judges statements, of which those of kind `approval` stand for what people agreed to.
fn judge(catalogue: &[Control], scope: &Scope, evidence: &[Evidence]) -> Assessment {
    let agreed = |one: &&Evidence| one.predicate == PredicateKind::Approval && one.refused.is_none();
    let approvals = evidence.iter().filter(agreed).cloned().collect();
    let decisions = Decisions { approvals, ..Decisions::default() };
    assess(catalogue, scope, evidence, &decisions, today())
}

fn statuses(assessment: &Assessment) -> Vec<Status> {
    let subjects = assessment.controls.iter().flat_map(|control| &control.subjects);
    subjects
        .map(|subject| subject.status)
        .chain(assessment.controls.iter().map(|control| control.status))
        .collect()
}

#[test]
fn without_evidence_nothing_is_satisfied() {
    for catalogue in [controls().to_vec(), catalogue().unwrap()] {
        let assessment = judge(&catalogue, &full_scope(&catalogue), &[]);
        assert!(statuses(&assessment).iter().all(|status| *status == Status::Unknown));
        let tasks = assessment.tasks.iter().map(|task| task.status);
        let items = assessment.tasks.iter().flat_map(|task| task.items.iter().map(|item| item.status));
        for status in tasks.chain(items) {
            assert!(matches!(status, Status::Unknown | Status::NotApplicable), "{status}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_evidence_does_not_matter(
        (statements, shuffled) in statements().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let catalogue = catalogue()?;
        let scope = full_scope(&catalogue);
        prop_assert_eq!(judge(&catalogue, &scope, &statements), judge(&catalogue, &scope, &shuffled));
    }

    #[test]
    fn refused_evidence_changes_no_status(statements in statements(), extra in statements()) {
        let catalogue = catalogue()?;
        let scope = full_scope(&catalogue);
        let before = judge(&catalogue, &scope, &statements);
        let mut more = statements;
        more.extend(extra.into_iter().map(|statement| Evidence {
            index: statement.index + 1_000,
            refused: Some("the collector may not make it".to_owned()),
            ..statement
        }));
        let after = judge(&catalogue, &scope, &more);
        prop_assert_eq!(statuses(&before), statuses(&after));
        prop_assert!(after.refused.len() >= before.refused.len());
    }

    #[test]
    fn an_approval_that_nobody_folded_changes_no_status(statements in statements(), extra in statements()) {
        let catalogue = catalogue()?;
        let scope = full_scope(&catalogue);
        let before = assess(&catalogue, &scope, &statements, &Decisions::default(), today());
        let mut more = statements;
        more.extend(extra.into_iter().map(|statement| Evidence {
            index: statement.index + 1_000,
            predicate: PredicateKind::Approval,
            ..statement
        }));
        let after = assess(&catalogue, &scope, &more, &Decisions::default(), today());
        prop_assert_eq!(statuses(&before), statuses(&after));
    }

    #[test]
    fn evidence_about_something_else_changes_no_status(statements in statements(), extra in statements()) {
        let catalogue = catalogue()?;
        let scope = full_scope(&catalogue);
        let before = judge(&catalogue, &scope, &statements);
        let mut more = statements;
        more.extend(extra.into_iter().map(|statement| Evidence {
            index: statement.index + 1_000,
            subjects: vec![digest("elsewhere")],
            // A newer rule set elsewhere says nothing about runs here.
            rule_sets: BTreeMap::from([("bartizan-artifact".to_owned(), 9)]),
            ..statement
        }));
        prop_assert_eq!(statuses(&before), statuses(&judge(&catalogue, &scope, &more)));
    }

    #[test]
    fn a_control_is_as_bad_as_its_worst_subject(statements in statements()) {
        let catalogue = catalogue()?;
        let assessment = judge(&catalogue, &full_scope(&catalogue), &statements);
        for control in &assessment.controls {
            let worst = control.subjects.iter().map(|subject| subject.status).min();
            prop_assert_eq!(Some(control.status), worst);
            prop_assert!(!control.why.is_empty() && !control.next.is_empty());
        }
        let of_groups = assessment.groups.iter().map(|group| group.tally.total()).sum::<u64>();
        prop_assert_eq!(of_groups, assessment.controls.len() as u64);
    }

    #[test]
    fn an_incomplete_run_never_improves(statements in statements(), name in 0..NAMES.len()) {
        let catalogue = catalogue()?;
        let scope = full_scope(&catalogue);
        let before = judge(&catalogue, &scope, &statements);
        let mut more = statements;
        more.push(evidence(&format!("#5000 model-scan {} incomplete", NAMES[name]))
            .map_err(|error| TestCaseError::fail(error.to_string()))?);
        let after = judge(&catalogue, &scope, &more);
        for (before, after) in before.controls.iter().zip(&after.controls) {
            for (before, after) in before.subjects.iter().zip(&after.subjects) {
                let improved = after.status > before.status;
                // An expired run was good once; an incomplete one says less, and is named for what it is.
                let is_renamed = before.status == Status::Expired && after.status == Status::Unknown;
                prop_assert!(!improved || is_renamed, "{} became {}", before.status, after.status);
            }
        }
    }
}

/// Ten thousand statements about a thousand subjects, of which a fifth are about the project and decide nothing, so
/// that every judgement has to read all of them; the bench does it with the whole catalogue.
#[test]
fn many_statements_about_many_subjects_are_judged_at_once() {
    let names: Vec<_> = (0..1_000).map(|number| format!("file-{number}")).collect();
    let mut scope = scope(&ControlId::new("none"), None);
    let some = ["model-scan", "data-secrets", "tool-authority", "usage-limits"];
    let catalogue: Vec<_> =
        controls().iter().filter(|control| some.contains(&control.id.as_str())).cloned().collect();
    for control in &catalogue {
        let subjects = names.iter().map(|name| subject(name)).collect();
        scope.controls.insert(control.id.clone(), InScope::Subjects(subjects));
    }
    let mut statements = Vec::new();
    for number in 0..10_000_u64 {
        let kind = ["model-scan", "data-scan", "integrity-check", "drill", "assessment"][number as usize % 5];
        let name = if kind == "assessment" { "project" } else { &names[number as usize % names.len()] };
        let found = if number % 7 == 0 { "PKL001=1 SEC001=1" } else { "digest.matches=true" };
        statements.push(evidence(&format!("#{number} {kind} {name} {found}")).unwrap());
    }
    let all = assess(&catalogue, &scope, &statements, &Decisions::default(), today());
    assert!(all.controls.iter().all(|control| control.subjects.len() == 1_000));
    let of = |id: &str| all.controls.iter().find(|control| control.id.as_str() == id).unwrap();
    // One statement in five is a scan, and one in seven of those found something.
    assert!(
        of("model-scan").tally.of(Status::Failing) > 0 && of("model-scan").tally.of(Status::Satisfied) > 0
    );
    // Two thousand statements about the project say nothing that decides.
    assert_eq!(of("tool-authority").tally.of(Status::Unknown), 1_000);
}
