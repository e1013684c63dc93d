//! Digests of what the project says: they move with what matters for security and with nothing else.

use bartizan_project::{Project, SubjectRef, parse};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("example.toml");

fn project(text: &str) -> Project {
    let parsed = parse(text);
    assert_eq!(parsed.faults, [], "{text}");
    parsed.project.expect("a project without faults exists")
}

/// The subjects whose digests differ, by key, and whether the root does.
fn moved(from: &str, to: &str) -> (Vec<String>, bool) {
    assert!(EXAMPLE.contains(from), "{from}");
    let (before, after) = (project(EXAMPLE), project(&EXAMPLE.replacen(from, to, 1)));
    let (old, new) = (before.subjects(), after.subjects());
    let keys = old.keys().chain(new.keys()).filter(|subject| old.get(subject) != new.get(subject));
    let mut keys: Vec<_> = keys.map(SubjectRef::key).collect();
    keys.dedup();
    (keys, before.root() != after.root())
}

#[test]
fn what_readers_read_moves_nothing() {
    for (from, to) in [
        ("format = 1", "# a comment\nformat = 1"),
        ("kind = \"gateway\"", "kind = \"gateway\"\ndescription = \"the door\""),
        ("purpose = \"Answers customers' questions about their orders\"", "purpose = \"Otherwise\""),
        ("[\"write:refunds\", \"read:orders\"]", "[\"read:orders\", \"write:refunds\"]"),
        ("kind = \"gateway\"", "kind = \"gateway\"\nlogs = false\nzone = \"internal\""),
        ("reason = \"synthetic\"", "reason = \"made up\""),
        ("path = \"data/tickets.jsonl\"", "path = \"./data/tickets.jsonl\""),
    ] {
        assert_eq!(moved(from, to), (vec![], false), "{from}");
    }
}

#[test]
fn what_matters_moves_its_subject_and_the_root() {
    for (from, to, subject) in [
        ("[\"write:refunds\", \"read:orders\"]", "[\"read:orders\"]", "element.orders-api"),
        ("approval = \"human\"", "approval = \"policy\"", "element.orders-api"),
        ("authenticates = true", "authenticates = false", "element.gateway"),
        ("requests_per_minute = 60", "requests_per_minute = 61", "element.gateway"),
        ("zone = \"internal\"", "zone = \"restricted\"", "element.orders-api"),
        ("serves = [\"assistant\"]", "serves = [\"base\"]", "element.assistant-server"),
        ("owner = \"data\"", "owner = \"training\"", "asset.tickets"),
        ("classification = \"personal\"", "classification = \"sensitive\"", "asset.tickets"),
        ("members = [\"ana@example.com\"]", "members = []", "group.data"),
        ("capability = \"OC3\"", "capability = \"OC4\"", "actor.supplier"),
        (
            "carries = [\"user-prompts\"]",
            "carries = [\"user-prompts\"]\ninspected = true",
            "flow[gateway>assistant-server]",
        ),
    ] {
        assert_eq!(moved(from, to), (vec![subject.to_owned()], true), "{from}");
    }
    for (from, to) in [
        ("policies/deploy.cedar", "policies/other.cedar"),
        ("role = \"system-producer\"", "role = \"acquirer\""),
        ("baselines = [\"ssdf-218a\"]", "baselines = []"),
        ("root = \"SHA256:47", "root = \"SHA256:48"),
    ] {
        assert_eq!(moved(from, to), (vec![], true), "{from}");
    }
}

/// An element is another one when its zone is trusted otherwise.
#[test]
fn the_trust_of_a_zone_belongs_to_what_stands_in_it() {
    let with = |trust: &str| {
        let zone =
            format!("[zone.dmz]\ntrust = \"{trust}\"\n[element.orders-api]\nkind = \"tool\"\nzone = \"dmz\"");
        project(&EXAMPLE.replace("[element.orders-api]\nkind = \"tool\"\nzone = \"internal\"", &zone))
            .subjects()
    };
    let (inner, outer) = (with("internal"), with("partner"));
    let keys: Vec<_> =
        inner.iter().filter(|(key, digest)| outer[*key] != **digest).map(|(key, _)| key.key()).collect();
    assert_eq!(keys, ["zone.dmz", "element.orders-api"]);
}

/// Written down so that a change of the form, which voids all evidence, is noticed.
#[test]
fn the_digests_stay() {
    let project = project(EXAMPLE);
    let tool = SubjectRef::Element("orders-api".parse().unwrap());
    insta::assert_snapshot!(project.subject(&tool).unwrap(), @"sha256:8bf3e37a4b8956f717364bce1b1f8da3d614b95582384bd018f763b8f20051c5");
    insta::assert_snapshot!(project.root(), @"sha256:9a121643a4e6d9c16cddfad7df2833dc0fc30bf5aefa7a2b3b53a35a75ecf2d4");
    assert_eq!(project.subjects()[&tool], project.subject(&tool).unwrap());
    assert_eq!(project.subject(&SubjectRef::Element("nothing".parse().unwrap())), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// The order of tables says nothing, except for flows between the same two elements.
    #[test]
    fn the_order_of_tables_moves_nothing(seed in any::<u64>()) {
        let (head, tables) = EXAMPLE.split_once("\n[trust]").unwrap();
        let mut tables: Vec<&str> = tables.split("\n[").collect();
        tables[0] = tables[0].trim();
        let trust = format!("trust]\n{}", tables[0]);
        tables[0] = &trust;
        let mut state = seed | 1;
        for at in (1..tables.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            tables.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        let text = format!("{head}\n[{}", tables.join("\n["));
        prop_assert_eq!(project(&text).root(), project(EXAMPLE).root());
    }
}
