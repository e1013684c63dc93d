//! What people agree to, and what that does.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{
    Asked, DecisionFaultKind, DecisionState, LossItem, Reach, Request, SetAside, Stated, Status,
    agreed_losses, approvals, break_glass, evidence_age_hours,
};
use bartizan_finding::{AssetId, GateId, LossKind};
use proptest::prelude::*;
use serde_json::json;

use crate::{
    case::{digest, evidence},
    people::{ANA, BEN, EVE, Who, World, asks, exception, finding, hours, request, says},
};

#[test]
fn what_is_decided_reads_well() {
    let mut world = World::excepted();
    let mut asked = exception();
    if let Asked::Exception(scope) = &mut asked.asked {
        scope.place = Some("model/a.pkl".to_owned());
    }
    // Ends soon; has ended; nobody agrees.
    for (index, until) in [(20, 4), (22, -1), (24, 720)] {
        let asked = asks(index, ANA, &Request { expires: hours(until), ..asked.clone() });
        if until < 720 {
            world.stated.push(says(index + 1, BEN, "decision", asked.envelope));
        }
        world.stated.push(asked);
    }
    let told = world.judge().decided.into_iter().map(|decided| {
        let (about, approvers) = (decided.request.about(), decided.approvers.join(", "));
        format!(
            "{} {about}: {}; {} [{approvers}] {:?}",
            decided.index, decided.state, decided.why, decided.effective
        )
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @"
    10 PKL001 in sha256:3b9c358f36f0…: in force; ben@example.com agreed, and it holds until 2024-03-13 22:13 UTC. [ben@example.com] Some(11)
    20 PKL001 in model/a.pkl: expiring; ben@example.com agreed, and it ends on 2024-02-23 02:13 UTC. [ben@example.com] Some(21)
    22 PKL001 in model/a.pkl: expired; It ended on 2024-02-22 21:13 UTC. [ben@example.com] Some(23)
    24 PKL001 in model/a.pkl: pending; Somebody other than ana@example.com has yet to agree. [] None
    ");
}

#[test]
fn a_decision_is_named_by_its_envelope_and_ends_with_the_first_that_ends() {
    let mut world = World::excepted();
    world.stated[1].expires = hours(100);
    let outcome = world.judge();
    let decided = &outcome.decided[0];
    assert_eq!(decided.id.len(), 12);
    assert!(decided.envelope.hex().starts_with(&decided.id));
    assert_eq!((decided.expires, decided.effective), (hours(100), Some(11)));
    // Somebody else agrees for longer.
    world.stated.push(says(12, EVE, "decision", decided.envelope));
    let outcome = world.judge();
    let decided = &outcome.decided[0];
    assert_eq!((decided.expires, decided.effective), (hours(480), Some(11)));
    assert_eq!(decided.approvers, ["ben@example.com", "eve@example.com"]);
}

#[test]
fn people_are_told_before_it_ends() {
    let gate = || Asked::BreakGlass { gate: GateId::new("deploy"), asset: None };
    for (asked, until, state) in [
        (exception().asked, 14 * 24, DecisionState::Expiring),
        (exception().asked, 14 * 24 + 1, DecisionState::InForce),
        (gate(), 1, DecisionState::Expiring),
        (gate(), 2, DecisionState::InForce),
    ] {
        let mut world = World::asked(&request(asked, until));
        (world.stated[0].collected, world.stated[1].collected) = (hours(-2), hours(-1));
        assert_eq!(world.judge().decided[0].state, state, "{until}");
    }
}

#[test]
fn what_stands_twice_counts_once_and_is_named() {
    let mut world = World::excepted();
    let again = |stated: &Stated, index| Stated { index, ..stated.clone() };
    let (request, approval) = (again(&world.stated[0], 20), again(&world.stated[1], 21));
    world.stated.extend([request, approval]);
    let outcome = world.judge();
    assert_eq!((outcome.decided.len(), outcome.decided[0].approvers.len()), (1, 1));
    assert_eq!(outcome.status("model-scan"), Status::Excepted);
    let faults: Vec<_> = outcome.faults.iter().map(|fault| (fault.index, fault.kind)).collect();
    assert_eq!(faults, [(20, DecisionFaultKind::Repeated), (21, DecisionFaultKind::Repeated)]);
}

#[test]
fn somebody_else_may_agree_after_who_asked_tried() {
    let mut world = World::excepted();
    let about = world.stated[0].envelope;
    world.stated[1] = says(11, ANA, "decision", about);
    assert_eq!(world.judge().decided[0].state, DecisionState::Refused);
    world.stated.push(says(12, BEN, "decision", about));
    let outcome = world.judge();
    assert_eq!((outcome.decided[0].state, outcome.decided[0].effective), (DecisionState::InForce, Some(12)));
    assert_eq!(outcome.faults[0].decision, Some(outcome.decided[0].id.clone()));
}

#[test]
fn exceptions_for_single_findings_reach_status_together() {
    let mut world = World::new();
    world.findings = vec![
        (finding("model/a.pkl", None, 2), Some(digest("file"))),
        (finding("model/a.pkl!data.pkl", None, 1), Some(digest("file"))),
    ];
    world.evidence = vec![evidence("#1 model-scan file rules=9 PKL001=3").unwrap()];
    for (index, number) in [(20, 0), (22, 1)] {
        assert_eq!(world.judge().status("model-scan"), Status::Failing);
        let mut asked = exception();
        if let Asked::Exception(scope) = &mut asked.asked {
            scope.fingerprint = world.findings[number].0.fingerprint.hex().parse().ok();
        }
        let asked = asks(index, ANA, &asked);
        world.stated.extend([says(index + 1, BEN, "decision", asked.envelope), asked]);
    }
    let outcome = world.judge();
    assert_eq!(outcome.covered, [true, true]);
    assert_eq!(outcome.status("model-scan"), Status::Excepted);
    let findings = SetAside::Findings { key: "PKL001".to_owned(), most: 3 };
    let of_scan = outcome.decisions.exceptions.iter().filter(|one| one.control.as_str() == "model-scan");
    let reach: Vec<_> = of_scan.map(|one| one.reach.clone()).collect();
    assert_eq!(reach, vec![Reach::Rules(vec![findings]); 2]);
    // Each decision is told of with the control.
    let notes =
        &outcome.assessment.controls.iter().find(|one| one.id.as_str() == "model-scan").unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("The file is never loaded.")), "{notes:?}");
}

#[test]
fn a_rule_for_some_bytes_needs_no_findings_at_hand() {
    let mut world = World::excepted();
    world.findings.clear();
    world.evidence.push(evidence("#5 model-scan file rules=9 PKL001/eval=4").unwrap());
    assert_eq!(world.judge().status("model-scan"), Status::Excepted);
}

#[test]
fn an_exception_for_a_control_covers_no_finding() {
    let mut asked = exception();
    if let Asked::Exception(scope) = &mut asked.asked {
        (scope.rule, scope.control) = (None, Some("model-scan".parse().unwrap()));
    }
    let outcome = World::asked(&asked).judge();
    assert_eq!((outcome.status("model-scan"), outcome.covered), (Status::Excepted, vec![false]));
}

#[test]
fn a_finding_about_no_known_bytes_is_covered_by_its_fingerprint() {
    let mut asked = exception();
    let mut world = World::new();
    world.findings[0].1 = None;
    if let Asked::Exception(scope) = &mut asked.asked {
        (scope.subject, scope.fingerprint) = (None, world.findings[0].0.fingerprint.hex().parse().ok());
    }
    let of = World::asked(&asked);
    world.stated = of.stated;
    assert_eq!(world.judge().covered, [true]);
}

#[test]
fn losses_are_agreed_as_long_as_the_agreement_holds() {
    let item = |kind, id: &str, digest| LossItem { kind, id: id.to_owned(), digest };
    let items = BTreeSet::from([
        item(LossKind::Element, "orders-api", None),
        item(LossKind::GatePolicy, "deploy", Some(digest("new text"))),
    ]);
    let mut world = World::asked(&request(Asked::Loss(items), 480));
    let losses = agreed_losses(&world.judge().decided);
    let told: Vec<_> = losses.iter().map(|loss| (loss.kind.as_str(), loss.id.as_str(), loss.index)).collect();
    assert_eq!(told, [("element", "orders-api", 11), ("gate-policy", "deploy", 11)]);
    assert_eq!(losses[1].digest, Some(digest("new text")));
    assert_eq!(losses[0].decision, world.judge().decided[0].id);
    world.stated.truncate(1);
    assert_eq!(agreed_losses(&world.judge().decided), []);
}

#[test]
fn a_break_glass_opens_its_gate_for_what_it_names_and_while_it_lasts() {
    let (deploy, release) = (GateId::new("deploy"), GateId::new("release"));
    let (assistant, base) = (AssetId::new("assistant"), AssetId::new("base"));
    let asked = Asked::BreakGlass { gate: deploy.clone(), asset: Some(assistant.clone()) };
    let mut world = World::asked(&request(asked, 20));
    (world.stated[0].collected, world.stated[1].collected) = (hours(-2), hours(-1));
    let decided = world.judge().decided;
    for (gate, asset, at, opens) in [
        (&deploy, Some(&assistant), 0, true),
        (&deploy, Some(&assistant), 19, true),
        (&deploy, Some(&assistant), 20, false),
        (&deploy, Some(&base), 0, false),
        (&deploy, None, 0, false),
        (&release, Some(&assistant), 0, false),
    ] {
        assert_eq!(break_glass(&decided, gate, asset, hours(at)).is_some(), opens, "{gate} {asset:?} {at}");
    }
    world.stated.truncate(1);
    assert_eq!(break_glass(&world.judge().decided, &deploy, Some(&assistant), hours(0)), None);
}

/// Releases of the model, by who signed and the author whom they name.
fn released(signers: &[(Who, &str)]) -> World {
    let mut world = World::new();
    for (index, (who, author)) in (30..).zip(signers) {
        let mut stated = says(index, *who, "release", digest("model"));
        stated.facts.insert("approval.author".to_owned(), json!(author));
        stated.facts.insert("approval.approvers".to_owned(), json!(9));
        stated.facts.insert("approval.by-author".to_owned(), json!(false));
        world.stated.push(stated);
    }
    world
}

#[test]
fn a_release_counts_signatures_and_no_typed_number() {
    let eve_by_ben: Who = ("eve@example.com", BEN.1);
    for (signers, expected) in [
        (vec![], Status::Unknown),
        (vec![(BEN, "ana@example.com")], Status::Partial),
        (vec![(BEN, "ana@example.com"), (BEN, "ana@example.com")], Status::Partial),
        (vec![(BEN, "ana@example.com"), (("Ben@example.com ", "key-2"), "ana@example.com")], Status::Partial),
        (vec![(BEN, "ana@example.com"), (eve_by_ben, "ana@example.com")], Status::Partial),
        (vec![(BEN, "ana@example.com"), (EVE, "ana@example.com")], Status::Satisfied),
        // The author is among them, by name, by key, or by the word of one of them.
        (vec![(BEN, "eve@example.com"), (EVE, "eve@example.com")], Status::Failing),
        (vec![(BEN, "ana@example.com"), (EVE, "BEN@example.com")], Status::Failing),
        (vec![(ANA, "zoe@example.com"), (("zoe@example.com", ANA.1), "zoe@example.com")], Status::Failing),
        // Without an author nobody can say that they are others.
        (vec![(BEN, " "), (EVE, "")], Status::Unknown),
        (vec![(BEN, "ana@example.com"), (EVE, "")], Status::Partial),
    ] {
        assert_eq!(released(&signers).judge().status("release-approval"), expected, "{signers:?}");
    }
}

#[test]
fn a_statement_that_claims_two_approvers_is_no_evidence() {
    let mut world = World::new();
    let line = r#"#1 approval model approval.of="release" approval.approvers=2 approval.by-author=false"#;
    world.evidence.push(evidence(line).unwrap());
    assert_eq!(world.judge().status("release-approval"), Status::Unknown);
}

#[test]
fn a_release_can_be_taken_back_and_ends() {
    let good = released(&[(BEN, "ana@example.com"), (EVE, "ana@example.com")]);
    assert_eq!(good.judge().status("release-approval"), Status::Satisfied);
    let mut taken_back = good.clone();
    taken_back.stated.push(says(40, ANA, "revocation", good.stated[0].envelope));
    let outcome = taken_back.judge();
    assert_eq!((outcome.status("release-approval"), outcome.faults), (Status::Partial, vec![]));
    let mut one_over = good.clone();
    one_over.stated[0].expires = hours(-1);
    assert_eq!(one_over.judge().status("release-approval"), Status::Partial);
    let mut both_over = one_over;
    both_over.stated[1].expires = hours(-1);
    assert_eq!(both_over.judge().status("release-approval"), Status::Expired);
    let mut too_old = good.clone();
    too_old.stated[0].collected = hours(-2_161);
    assert_eq!(too_old.judge().status("release-approval"), Status::Expired);
    let mut future = good;
    future.stated[0].collected = hours(1);
    assert_eq!(future.judge().status("release-approval"), Status::Partial);
}

#[test]
fn folded_agreement_says_who_signed_and_what_all_of_them_say() {
    let mut world = released(&[(BEN, "ana@example.com"), (EVE, "ana@example.com")]);
    world.fact(0, "approval.note", json!("looked at the evaluation"));
    world.fact(0, "approval.version", json!("1.2"));
    world.fact(1, "approval.version", json!("1.2"));
    let (folded, faults) = approvals(&world.stated, world.as_of);
    assert!(faults.is_empty());
    let [one] = &folded[..] else { panic!("{folded:?}") };
    let expected = [
        ("approval.approvers", json!(2)),
        ("approval.author", json!("ana@example.com")),
        ("approval.by-author", json!(false)),
        ("approval.of", json!("release")),
        ("approval.signers", json!(["ben@example.com", "eve@example.com"])),
        ("approval.version", json!("1.2")),
    ];
    assert_eq!(one.facts, BTreeMap::from(expected.map(|(name, value)| (name.to_owned(), value))));
    assert_eq!((one.index, one.collector.as_str()), (31, "ben@example.com, eve@example.com"));
}

#[test]
fn what_was_excepted_is_no_evidence_whose_age_counts() {
    let mut world = World::excepted();
    world.stated.extend(released(&[(BEN, "ana@example.com"), (EVE, "ana@example.com")]).stated);
    world.evidence.push(evidence("#2 redteam-run model refused").unwrap());
    let assessment = world.judge().assessment;
    let with = |status| {
        let controls = assessment.controls.iter().filter(move |control| control.status == status);
        controls.map(|control| control.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(with(Status::Satisfied), ["release-approval"]);
    assert_eq!(with(Status::Excepted), ["model-scan"]);
    assert!(with(Status::Unknown).contains(&"usage-limits"));
    // The release is a day old; the scan is not part of what counts, because its findings are excepted.
    assert_eq!((evidence_age_hours(&assessment), assessment.refused.len()), (Some(24), 1));
    assert_eq!(evidence_age_hours(&World::new().judge().assessment), None);
}

/// Statements of three people about two requests and a model, in any order and number.
fn histories() -> impl Strategy<Value = Vec<Stated>> {
    let people = prop::sample::select(vec![ANA, BEN, EVE, ("ben@example.com", ANA.1)]);
    let words = prop::sample::select(vec!["ask", "ask-2", "decision", "revocation", "release"]);
    let one = (people, words, 0..3_usize, -60_i64..2);
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let other = Request { reason: "Another one.".to_owned(), ..exception() };
        let requests = [asks(0, ANA, &exception()), asks(0, BEN, &other)];
        let targets = [requests[0].envelope, requests[1].envelope, digest("model")];
        let stated = (1..).zip(all).map(|(index, (who, word, target, collected))| {
            let stated = match word {
                "ask" => asks(index, ANA, &exception()),
                "ask-2" => asks(index, BEN, &other),
                of => says(index, who, of, targets[target]),
            };
            Stated { collected: hours(collected), ..stated }
        });
        stated.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_statements_are_gathered_does_not_matter(
        (stated, shuffled) in histories().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let judge = |stated| World { stated, ..World::new() }.judge();
        let (one, other) = (judge(stated), judge(shuffled));
        prop_assert_eq!(one.decided, other.decided);
        prop_assert_eq!(one.faults, other.faults);
        prop_assert_eq!(one.decisions, other.decisions);
    }

    #[test]
    fn nothing_holds_that_two_people_did_not_sign(stated in histories()) {
        let world = World { stated, ..World::new() };
        for decided in world.judge().decided.iter().filter(|decided| decided.state.holds()) {
            let signed = |one: &&Stated| one.subjects == [decided.envelope] && one.index > decided.index;
            let asked = world.stated.iter().find(|one| one.index == decided.index).expect("it was asked");
            let others = world.stated.iter().filter(signed);
            let mut others = others.filter(|one| one.signer != asked.signer && one.key != asked.key);
            prop_assert!(others.any(|one| one.facts["approval.of"] == "decision"));
            let is_revocation = |one: &&Stated| one.facts.get("approval.of") == Some(&json!("revocation"));
            let horizon = hours(0) + jiff::SignedDuration::from_mins(5);
            let mut revoked = world.stated.iter().filter(signed).filter(is_revocation);
            prop_assert!(revoked.all(|one| one.collected > horizon));
        }
    }

    #[test]
    fn a_revocation_ends_whatever_it_is_about(stated in histories()) {
        let mut world = World { stated, ..World::new() };
        for envelope in world.judge().decided.iter().map(|decided| decided.envelope).collect::<Vec<_>>() {
            world.stated.push(says(100 + world.stated.len() as u64, EVE, "revocation", envelope));
        }
        prop_assert!(world.judge().decided.iter().all(|decided| !decided.state.holds()));
    }
}
