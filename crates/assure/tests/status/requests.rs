//! Requests as facts of a statement, and in words.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{
    Asked, ClaimKind, ClaimScope, DecisionKind, ExceptionScope, LossItem, Request, RuleName,
};
use bartizan_finding::{Digest, LossKind, Timestamp};
use proptest::{option, prelude::*};
use serde_json::json;

use crate::{
    case::digest,
    people::{exception, hours, request},
};

fn texts() -> impl Strategy<Value = String> {
    "[^\\s]\\PC{0,40}"
}

fn ids<T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    "[a-z0-9][a-z0-9_.-]{0,20}".prop_map(|id| id.parse().expect("an id"))
}

fn digests() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

fn rules() -> impl Strategy<Value = RuleName> {
    "[A-Z]{2,4}[0-9]{3}(/[a-z][a-z0-9-]{0,12})?".prop_map(|rule| rule.parse().expect("a rule"))
}

prop_compose! {
    fn exceptions()(
        (rule, fingerprint, control, subject) in
            (option::of(rules()), option::of(digests()), option::of(ids()), option::of(digests())),
        (asset, place, route, cell) in
            (option::of(ids()), option::of(texts()), option::of(texts()), option::of(texts())),
    ) -> Asked {
        let named = rule.is_some() || fingerprint.is_some() || control.is_some();
        let fingerprint = if named { fingerprint } else { Some(digest("finding")) };
        let subject = if fingerprint.is_some() { subject } else { subject.or(Some(digest("file"))) };
        let narrowed = rule.is_some() || fingerprint.is_some();
        let (asset, place) = if narrowed { (asset, place) } else { (None, None) };
        Asked::Exception(ExceptionScope { rule, fingerprint, asset, place, control, subject, route, cell })
    }
}

fn losses() -> impl Strategy<Value = Asked> {
    let item = (prop::sample::select(LossKind::ALL.to_vec()), "[a-z][a-z0-9> /-]{0,30}", digests()).prop_map(
        |(kind, id, digest)| LossItem { kind, id, digest: (kind == LossKind::GatePolicy).then_some(digest) },
    );
    prop::collection::btree_set(item, 1..6).prop_map(Asked::Loss)
}

fn claims() -> impl Strategy<Value = Asked> {
    let kinds = prop::sample::select(vec![ClaimKind::NotApplicable, ClaimKind::Inherited]);
    (ids(), kinds, option::of(digests()), option::of(digests())).prop_map(
        |(control, kind, subject, supplier)| Asked::Claim(ClaimScope { control, kind, subject, supplier }),
    )
}

prop_compose! {
    fn requests()(
        asked in prop_oneof![
            exceptions(),
            losses(),
            claims(),
            (ids(), option::of(ids())).prop_map(|(gate, asset)| Asked::BreakGlass { gate, asset }),
        ],
        (reason, owner, compensating) in (texts(), ids(), option::of(texts())),
        (seconds, nanos) in (-60_000_000_000_i64..250_000_000_000, 0..1_000_000_000_i32),
    ) -> Request {
        let expires = Timestamp::new(seconds, nanos).expect("a moment");
        Request { asked, reason, owner, compensating, expires }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_as_facts_reads_back_the_same(request in requests()) {
        let facts = request.to_facts();
        prop_assert!(facts.keys().all(|name| name.starts_with("decision.")));
        prop_assert_eq!(Request::from_facts(&facts), Ok(request));
    }

    #[test]
    fn a_fact_of_another_type_is_refused(request in requests(), which: prop::sample::Index) {
        let mut facts = request.to_facts();
        let name = facts.keys().nth(which.index(facts.len())).expect("a fact").clone();
        for value in [json!(null), json!(7), json!([]), json!({}), json!([{"kind": "element"}]), json!("")] {
            facts.insert(name.clone(), value);
            prop_assert!(Request::from_facts(&facts).is_err(), "{name}");
        }
    }

    #[test]
    fn a_fact_that_nobody_knows_is_refused(request in requests(), name in "[a-z]{1,12}") {
        let mut facts = request.to_facts();
        facts.insert(format!("decision.x-{name}"), json!("x"));
        prop_assert!(Request::from_facts(&facts).is_err());
    }

    #[test]
    fn what_it_is_about_is_one_visible_line(request in requests()) {
        let about = request.about();
        prop_assert!(!about.is_empty() && about.chars().count() < 700 && !about.contains(bartizan_finding::hides));
    }
}

#[test]
fn facts_with_other_names_are_passed_over() {
    let mut facts = exception().to_facts();
    facts.insert("tool".to_owned(), json!({"name": "bartizan"}));
    assert_eq!(Request::from_facts(&facts), Ok(exception()));
    assert_eq!(Request::from_facts(&BTreeMap::default()), Err("it does not say `decision.kind`".to_owned()));
}

#[test]
fn a_loss_names_each_thing_once_and_a_policy_by_its_new_text() {
    let read = |losses: serde_json::Value| {
        let mut facts = request(Asked::Loss(BTreeSet::new()), 480).to_facts();
        facts.insert("decision.losses".to_owned(), losses);
        Request::from_facts(&facts).map(|request| request.about())
    };
    let text = digest("text").to_string();
    let many: Vec<_> = (0..257).map(|n| json!({"kind": "asset", "id": n.to_string()})).collect();
    for (losses, expected) in [
        (json!([{"kind": "element", "id": "orders-api"}]), Ok("the element orders-api")),
        (
            json!([{"kind": "gate-policy", "id": "deploy", "digest": text}]),
            Ok("another policy of the gate deploy"),
        ),
        (json!([]), Err("it names nothing that may be gone")),
        (json!(many), Err("it names more than 256 losses")),
        (json!([{"kind": "asset", "id": "a"}, {"id": "a", "kind": "asset"}]), Err("it names a loss twice")),
        (
            json!([{"kind": "gate-policy", "id": "deploy"}]),
            Err("the digest of the new text belongs to the policy"),
        ),
        (
            json!([{"kind": "gate", "id": "deploy", "digest": text}]),
            Err("the digest of the new text belongs to"),
        ),
        (json!([{"kind": "asset", "id": " "}]), Err("the id of a loss is blank")),
        (json!([{"kind": "asset", "id": "a\u{1b}[2J"}]), Err("a control character")),
        (json!([{"kind": "person", "id": "ana"}]), Err("is not a kind with an id")),
        (json!([{"kind": "asset", "id": "a", "why": "b"}]), Err("is not a kind with an id")),
        (json!({"kind": "asset", "id": "a"}), Err("is not a list")),
    ] {
        match (read(losses), expected) {
            (Ok(about), Ok(expected)) => assert_eq!(about, expected),
            (Err(fault), Err(expected)) => assert!(fault.contains(expected), "{fault}"),
            (read, expected) => panic!("{read:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn a_decision_lasts_no_longer_than_its_kind_may() {
    let gate = Asked::BreakGlass { gate: "deploy".parse().unwrap(), asset: None };
    let loss = Asked::Loss(BTreeSet::from([LossItem {
        kind: LossKind::Asset,
        id: "tickets".to_owned(),
        digest: None,
    }]));
    for (asked, until, fault) in [
        (exception().asked, 400 * 24, None),
        (exception().asked, 400 * 24 + 1, Some("an exception lasts at most 400 days")),
        (loss.clone(), 400 * 24, None),
        (loss, 400 * 24 + 1, Some("an agreement to a loss lasts at most 400 days")),
        (gate.clone(), 24, None),
        (gate.clone(), 25, Some("a break-glass lasts at most 24 hours")),
        (gate, 0, Some("it ends before it was asked for")),
    ] {
        let request = request(asked, until);
        assert_eq!(request.fault(hours(0), hours(0)).as_deref(), fault, "{:?} {until}", request.kind());
    }
    let from_the_future = exception().fault(hours(1), hours(0));
    assert_eq!(from_the_future.as_deref(), Some("it was asked for in the future"));
    for kind in DecisionKind::ALL {
        assert_eq!(DecisionKind::from_name(kind.as_str()), Some(*kind));
    }
}

#[test]
fn a_rule_is_named_by_code_or_by_row() {
    for (text, written) in [("PKL001", Some("PKL001")), ("SEC001/stripe-live", Some("SEC001/stripe-live"))] {
        assert_eq!(text.parse::<RuleName>().ok().map(|rule| rule.to_string()).as_deref(), written);
    }
    for bad in ["", "PKL", "pkl001", "PKL001/", "PKL001/Os", "PKL001/a/b", "PKL001/a b", "/os-system"] {
        assert!(bad.parse::<RuleName>().is_err(), "{bad}");
    }
}
