//! What was lost: losses do not wear off, and what goes with another is said once.

use std::collections::BTreeMap;

use bartizan_finding::{Digest, LossKind, registry_faults};
use bartizan_inventory::{Agreed, Declared, Lost, Names, losses, lost_occurrences, not_compared, rules};
use bartizan_project::Project;
use proptest::prelude::*;
use serde_json::json;

const HELPDESK: &str = "[asset.model]\nkind = \"model\"\nmodel = \"x/y\"\n[element.gateway]\nkind = \"gateway\"\n[element.orders-api]\nkind = \"tool\"\n\
    [[flow]]\nfrom = \"gateway\"\nto = \"orders-api\"\n[[flow]]\nfrom = \"orders-api\"\nto = \"gateway\"\n[gate.deploy]\npolicy = \"d.cedar\"\n";
const WITHOUT_TOOL: &str = "[asset.model]\nkind = \"model\"\nmodel = \"x/y\"\n[element.gateway]\nkind = \"gateway\"\n[gate.deploy]\npolicy = \"d.cedar\"\n";

fn project(body: &str) -> Project {
    let parsed = bartizan_project::parse(&format!("format = 1\n[project]\nname = \"p\"\n{body}"));
    assert!(parsed.faults.is_empty(), "{:?}", parsed.faults);
    parsed.project.unwrap()
}

fn on(name: &str, ids: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), ids.iter().map(|id| (*id).to_owned()).collect())
}

fn policy(text: &str) -> BTreeMap<String, Digest> {
    BTreeMap::from([("deploy".to_owned(), Digest::of(text.as_bytes()))])
}

fn before() -> Declared {
    let threats = [
        on("THR001-a", &["gateway"]),
        on("THR002-b", &["gateway", "orders-api"]),
        on("THR003-c", &["orders-api"]),
    ];
    let controls = [on("tool-authority", &["orders-api"]), on("usage-limits", &["gateway", "orders-api"])];
    Declared::of(&project(HELPDESK), threats, controls, policy("old"))
}

fn without_tool() -> Declared {
    let threats = [on("THR001-a", &["gateway"])];
    Declared::of(&project(WITHOUT_TOOL), threats, [on("usage-limits", &["gateway"])], policy("old"))
}

fn agreed(text: &str, index: u64) -> Agreed {
    let (kind, id) = LossKind::parse(text).unwrap();
    Agreed { kind, id: id.to_owned(), digest: None, index }
}

fn lines(lost: &[Lost]) -> String {
    let line = |one: &Lost| {
        let with = one.with.as_ref().map_or(String::new(), |(kind, id)| format!(" with {kind}/{id}"));
        let agreed = one.agreed.map_or(String::new(), |position| format!(" agreed {position}"));
        format!("{}/{} at {}{with}{agreed}\n", one.kind, one.id, one.last_seen)
    };
    lost.iter().map(line).collect()
}

#[test]
fn codes_are_unique() {
    assert_eq!(registry_faults(rules()), [] as [String; 0]);
    let codes: Vec<_> = rules().into_iter().map(|rule| rule.code.as_str()).collect();
    assert_eq!(
        codes.join(" "),
        "REC001 REC002 REC003 REC004 REC005 REC006 REC007 REC008 REC101 REC102 REC103 REC104 REC105"
    );
}

#[test]
fn a_removed_tool_is_one_finding_and_all_of_its_losses() {
    let lost = losses(&[(3, before()), (7, before())], &without_tool(), &[]);
    insta::assert_snapshot!(lines(&lost));
    let found = lost_occurrences(&lost);
    let text: Vec<_> = found
        .iter()
        .map(|one| format!("{} {} {}: {}", one.rule.code, one.severity, one.location, one.message))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn a_loss_stays_until_it_is_agreed_to_and_all_that_went_with_it_is_agreed_to_then() {
    let history = [(3, before()), (7, before()), (9, without_tool()), (12, without_tool())];
    let open = |agreed: &[Agreed]| {
        losses(&history, &without_tool(), agreed).iter().filter(|one| one.agreed.is_none()).count()
    };
    assert_eq!(open(&[]), 6);
    // Too early, of another kind, of another thing.
    assert_eq!(
        open(&[
            agreed("element/orders-api", 6),
            agreed("asset/orders-api", 13),
            agreed("element/gateway", 13)
        ]),
        6
    );
    assert_eq!(open(&[agreed("flow/gateway>orders-api", 8)]), 5);
    assert_eq!(open(&[agreed("element/orders-api", 8)]), 0);
    assert!(
        lost_occurrences(&losses(&history, &without_tool(), &[agreed("element/orders-api", 8)])).is_empty()
    );
}

#[test]
fn what_is_weakened_and_not_removed_is_a_loss_of_its_own() {
    let now =
        Declared::of(&project(HELPDESK), [on("THR001-a", &["gateway"])], ["usage-limits"], policy("old"));
    let lost = losses(&[(3, before())], &now, &[]);
    assert_eq!(lines(&lost), "threat/THR002-b at 3\nthreat/THR003-c at 3\ncontrol/tool-authority at 3\n");
    let codes: Vec<_> = lost_occurrences(&lost).iter().map(|one| one.rule.code.as_str()).collect();
    assert_eq!(codes, ["REC101", "REC101", "REC102"]);
    // Nothing is lost where nothing changed, and what is new is no loss.
    assert_eq!(losses(&[(3, before())], &before(), &[]), []);
    assert_eq!(losses(&[(3, without_tool())], &before(), &[]), []);
}

#[test]
fn assets_flows_and_gates() {
    let no_flow = HELPDESK.replace("[[flow]]\nfrom = \"gateway\"\nto = \"orders-api\"\n", "");
    let no_flow = no_flow
        .replace("[asset.model]\nkind = \"model\"\nmodel = \"x/y\"\n", "")
        .replace("gate.deploy", "gate.release");
    let now = Declared::of(
        &project(&no_flow),
        [on("THR001-a", &["gateway"])],
        ["tool-authority", "usage-limits"],
        BTreeMap::new(),
    );
    let lost = losses(&[(3, before())], &now, &[]);
    insta::assert_snapshot!(lines(&lost));
    let text: Vec<_> = lost_occurrences(&lost)
        .iter()
        .map(|one| format!("{} {} {}: {}", one.rule.code, one.severity, one.location, one.message))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn a_policy_stays_what_was_agreed() {
    let with = |text: &str| Declared::of(&project(HELPDESK), [""; 0], [""; 0], policy(text));
    let may = |text: &str, index| Agreed {
        kind: LossKind::GatePolicy,
        id: "deploy".to_owned(),
        digest: Some(Digest::of(text.as_bytes())),
        index,
    };
    let history = [(1, with("old")), (4, with("new")), (5, with("new"))];
    for (now, agreements, expected) in [
        ("old", vec![], ""),
        ("new", vec![], "gate-policy/deploy at 1\n"),
        ("new", vec![may("new", 3)], "gate-policy/deploy at 1 agreed 0\n"),
        ("new", vec![may("other", 3)], "gate-policy/deploy at 1\n"),
        ("new", vec![agreed("gate-policy/deploy", 3)], "gate-policy/deploy at 1\n"),
        ("other", vec![may("new", 3)], "gate-policy/deploy at 5\n"),
        ("old", vec![may("new", 3)], "gate-policy/deploy at 5\n"),
        ("old", vec![may("new", 3), may("old", 6)], ""),
        // A gate that may be gone and comes back starts anew.
        ("new", vec![agreed("gate/deploy", 2)], ""),
    ] {
        assert_eq!(lines(&losses(&history, &with(now), &agreements)), expected, "{now} {agreements:?}");
    }
    let lost = losses(&history, &with("new"), &[]);
    insta::assert_snapshot!(lost_occurrences(&lost)[0].message);
}

#[test]
fn the_fact_is_read_back_and_bounded() {
    let declared = before();
    assert_eq!(Declared::from_fact(&declared.to_fact()), Ok(declared.clone()));
    let many = |count: usize, path: usize| {
        let path: Vec<_> = (0..path).map(|step| format!("element-{step}")).collect();
        let threats = (0..count).map(|number| (format!("THR001-{number:012}"), path.clone()));
        Declared::of(&project(HELPDESK), threats, [""; 0], policy("old"))
    };
    for (count, path, whole, rests) in
        [(100, 5, true, true), (8_000, 5, true, false), (20_000, 0, false, false)]
    {
        let fact = many(count, path).to_fact();
        assert!(fact.to_string().len() <= bartizan_inventory::MAX_FACT_BYTES, "{count}");
        let read = Declared::from_fact(&fact).unwrap();
        let threats = read.threats.all();
        assert_eq!(threats.is_some(), whole, "{count}");
        assert_eq!(threats.is_some_and(|all| all.values().all(|on| !on.is_empty())), rests, "{count}");
        // What was cut and is the same is known; what was cut and is another is not.
        assert!(not_compared(&[(1, read.clone())], &many(count, path)).is_empty());
        assert_eq!(
            not_compared(&[(1, read.clone())], &many(count - 1, path)).contains(&LossKind::Threat),
            !whole
        );
        assert_eq!(losses(&[(1, read)], &many(count, path), &[]), []);
    }
}

#[test]
fn facts_that_are_not_in_order_are_refused() {
    let good = before().to_fact();
    let with = |key: &str, value: serde_json::Value| {
        let mut fact = good.clone();
        fact[key] = value;
        fact
    };
    for (fact, why) in [
        (json!(null), "what was declared has no format"),
        (with("format", json!(2)), "format 2 of what was declared is not known"),
        (with("assets", json!("x")), "the assets of what was declared are not in order"),
        (with("assets", json!(["a", "a"])), "the assets of what was declared are not in order"),
        (with("elements", json!(["a\u{1b}"])), "the elements of what was declared are not in order"),
        (with("elements", json!([[]])), "the elements of what was declared are not in order"),
        (with("flows", json!({"count": 1})), "the flows of what was declared are not in order"),
        (with("gates", json!([["deploy", "x"]])), "the gates of what was declared are not in order"),
        (with("threats", json!([["x".repeat(1_000)]])), "the threats of what was declared are not in order"),
        (json!({"format": 1}), "what was declared lacks its assets"),
    ] {
        assert_eq!(Declared::from_fact(&fact), Err(why.to_owned()));
    }
}

fn names(ids: &[u8]) -> Names {
    Names::All(ids.iter().map(|id| (format!("e{id}"), Vec::new())).collect())
}

fn some() -> impl Strategy<Value = Declared> {
    let ids = || proptest::collection::vec(0_u8..4, 0..4);
    let threats = proptest::collection::btree_map(0_u8..4, ids(), 0..4);
    (ids(), ids(), threats, proptest::collection::btree_map(0_u8..2, 0_u8..3, 0..3)).prop_map(
        |(assets, elements, threats, gates)| Declared {
            assets: names(&assets),
            elements: names(&elements),
            threats: Names::All(
                threats
                    .into_iter()
                    .map(|(id, on)| (format!("t{id}"), on.iter().map(|id| format!("e{id}")).collect()))
                    .collect(),
            ),
            gates: Names::All(
                gates
                    .into_iter()
                    .map(|(id, text)| (format!("g{id}"), vec![Digest::of(&[text]).to_string()]))
                    .collect(),
            ),
            ..Declared::default()
        },
    )
}

fn agreement() -> impl Strategy<Value = Agreed> {
    (0_usize..7, 0_u8..4, 0_u8..3, 0_u64..12).prop_map(|(kind, id, text, index)| {
        let kind = LossKind::ALL[kind];
        let letter = match kind {
            LossKind::Threat => 't',
            LossKind::Gate | LossKind::GatePolicy => 'g',
            _ => 'e',
        };
        Agreed { kind, id: format!("{letter}{id}"), digest: Some(Digest::of(&[text])), index }
    })
}

/// Kind and id of what nobody agreed to.
fn open(lost: &[Lost]) -> Vec<(LossKind, String)> {
    lost.iter().filter(|one| one.agreed.is_none()).map(|one| (one.kind, one.id.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Checking again, and recording what is there now, takes no loss away.
    #[test]
    fn losses_do_not_wear_off(
        history in proptest::collection::vec(some(), 0..5),
        now in some(),
        agreed in proptest::collection::vec(agreement(), 0..6),
        runs in 1_u64..4,
    ) {
        let mut history: Vec<_> = (0_u64..).step_by(2).zip(history).collect();
        let first = losses(&history, &now, &agreed);
        history.extend((0..runs).map(|run| (100 + run, now.clone())));
        let again = losses(&history, &now, &agreed);
        // What is new to the log has nothing that it could have lost.
        for one in open(&first) {
            prop_assert!(open(&again).contains(&one), "{one:?}");
        }
    }

    #[test]
    fn the_order_of_agreements_and_of_the_history_does_not_matter(
        history in proptest::collection::vec(some(), 0..5),
        now in some(),
        agreed in proptest::collection::vec(agreement(), 0..6),
    ) {
        let history: Vec<_> = (0_u64..).step_by(2).zip(history).collect();
        let one = losses(&history, &now, &agreed);
        let (mut turned, mut back) = (agreed.clone(), history.clone());
        turned.reverse();
        back.reverse();
        let other = losses(&back, &now, &turned);
        prop_assert_eq!(open(&one), open(&other));
        let seen = |lost: &[Lost]| lost.iter().map(|one| (one.kind, one.id.clone(), one.last_seen)).collect::<Vec<_>>();
        prop_assert_eq!(seen(&one), seen(&other));
    }

    /// What is declared again after its loss was agreed to is required again.
    #[test]
    fn what_comes_back_is_required_again(history in proptest::collection::vec(some(), 1..4), id in 0_u8..4) {
        let mut history: Vec<_> = (0_u64..).step_by(2).zip(history).collect();
        let may_go = [agreed(&format!("element/e{id}"), 50)];
        let lost = (LossKind::Element, format!("e{id}"));
        prop_assert!(!open(&losses(&history, &Declared::default(), &may_go)).contains(&lost));
        history.push((60, Declared { elements: names(&[id]), ..Declared::default() }));
        prop_assert!(open(&losses(&history, &Declared::default(), &may_go)).contains(&lost));
    }

    /// Whatever stands in a statement is read or refused, and what is read says the same again.
    #[test]
    fn any_fact_is_read_or_refused(declared in some(), cut in 0_usize..400) {
        let text = declared.to_fact().to_string();
        prop_assert_eq!(Declared::from_fact(&serde_json::from_str(&text).unwrap()), Ok(declared));
        if let Some(Ok(fact)) = text.get(..cut.min(text.len())).map(serde_json::from_str::<serde_json::Value>) {
            let _ = Declared::from_fact(&fact);
        }
    }
}
