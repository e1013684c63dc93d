//! What a project file says and what is wrong with it, as people see it.

use bartizan_project::{
    Approval, AssetKind, Capability, Classification, ElementKind, Isolation, Limits, ProjectRole, ZoneTrust,
    parse,
};

const EXAMPLE: &str = include_str!("example.toml");

fn faults(text: &str) -> String {
    let parsed = parse(text);
    assert_eq!(
        parsed.project.is_none(),
        !parsed.faults.is_empty(),
        "a project exists exactly when nothing is wrong"
    );
    parsed.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_of_the_design_is_a_project() {
    assert_eq!(faults(EXAMPLE), "");
    let project = parse(EXAMPLE).project.unwrap();
    assert_eq!((project.name.as_str(), project.role), ("helpdesk", ProjectRole::SystemProducer));
    let tickets = &project.assets[&"tickets".parse().unwrap()];
    assert_eq!((tickets.kind, tickets.classification), (AssetKind::Dataset, Classification::Personal));
    assert_eq!(project.actors[&"supplier".parse().unwrap()].capability, Capability::Oc3);
    let tool = &project.elements[&"orders-api".parse().unwrap()];
    assert_eq!(
        tool.effects.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["read:orders", "write:refunds"]
    );
    assert_eq!(project.ignores[0].expires.to_string(), "2027-03-01");
    insta::assert_snapshot!(project.location("asset.tickets.path"), @"bartizan.toml:24:8 (asset.tickets.path)");
    insta::assert_snapshot!(project.location("asset.tickets"), @"bartizan.toml:22:8 (asset.tickets)");
    insta::assert_snapshot!(project.location("asset.tickets.model"), @"bartizan.toml:22:8 (asset.tickets.model)");
    insta::assert_snapshot!(project.location(&project.flows[0].key()), @"bartizan.toml:50:1 (flow[gateway>assistant-server])");
}

#[test]
fn what_is_left_out_has_a_cautious_default() {
    let text = "format = 1\n[project]\nname = \"p\"\n[element.tool]\nkind = \"tool\"\n[element.web]\nkind = \"external-api\"\n\
        [asset.a]\nkind = \"code\"\n[actor.x]\nkind = \"state\"";
    let project = parse(text).project.unwrap();
    let tool = &project.elements[&"tool".parse().unwrap()];
    assert_eq!((tool.approval, tool.isolation, tool.limits), (Approval::None, Isolation::None, Limits::None));
    assert!(!tool.authenticates && !tool.logs);
    assert_eq!(project.element_trust(&"web".parse().unwrap()), ZoneTrust::Public);
    assert_eq!(project.element_trust(&"tool".parse().unwrap()), ZoneTrust::Internal);
    assert_eq!(project.assets[&"a".parse().unwrap()].classification, Classification::Internal);
    assert_eq!(project.actors[&"x".parse().unwrap()].capability, Capability::Oc5);
    assert_eq!(project.elements[&"web".parse().unwrap()].kind, ElementKind::ExternalApi);
    assert_eq!(project.all_actors().len(), 7);
}

#[test]
fn all_faults_are_told_at_once() {
    let text = r#"format = 1
[project]
name = "helpdesk"
role = "system-produser"
owner = "me"
[group.data]
role = "data-enginer"
members = ["ana@example.com", "ben"]
[asset.tickets]
kind = "datset"
pth = "data/tickets.jsonl"
owner = "dta"
[asset.assistant]
kind = "model"
path = "../model/"
digest = "sha256:123"
derived_from = ["tickets", "base"]
[element.Orders]
kind = "tool"
[element.bot]
kind = "agent"
zone = "dmz"
effects = ["writes:refunds"]
limits = { requests = 3 }
[[flow]]
from = "bot"
carries = "user-prompts"
[[ignore]]
rule = "pii3"
path = "/etc/*"
expires = "2027-03-01"
[asset.tickets.source]
url = "ftp://example.com"
[[element]]
"#;
    insta::assert_snapshot!(faults(text), @r"
    4:8: `system-produser` is not a project role; expected one of `model-producer`, `system-producer`, `acquirer`; did you mean `system-producer`?
    5:1: `owner` is not a key of `project`; expected one of `baselines`, `name`, `purpose`, `role`
    7:8: `data-enginer` is not a group role; expected one of `executive`, `product-owner`, `data-engineer`, `labeller`, `model-trainer`, `platform-engineer`, `app-developer`, `red-teamer`, `appsec-engineer`, `release-manager`, `gateway-operator`, `incident-responder`, `vulnerability-coordinator`, `privacy-legal`, `procurement`, `content-reviewer`; did you mean `data-engineer`?
    8:31: a value of `group.data.members` is not an e-mail address; expected an e-mail address
    10:8: `datset` is not an asset kind; expected one of `dataset`, `model`, `adapter`, `tokenizer`, `prompt`, `code`, `config`, `container`, `key`, `endpoint`, `log`, `lock-file`; did you mean `dataset`?
    11:1: `pth` is not a key of `asset.tickets`; expected one of `classification`, `derived_from`, `description`, `digest`, `kind`, `model`, `owner`, `path`, `source`; did you mean `path`?
    12:9: no group is called `dta`; expected `data`; did you mean `data`?
    15:8: `../model/` is not a path; expected a path relative to the project file, with `/`, without `..`
    16:10: `sha256:123` is not a digest; expected a digest (`sha256:` and 64 hexadecimal digits)
    17:28: no asset is called `base`; expected one of `assistant`, `tickets`
    18:10: `Orders` cannot name an entry of `element`; expected an id (1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit)
    22:8: no zone is called `dmz`; expected one of `internal`, `internet`, `partner`, `restricted`
    23:12: `writes:refunds` is not an effect as verb:resource; expected an effect as verb:resource, such as write:refunds
    24:12: `requests` is not a key of `element.bot.limits`; expected one of `budget_per_day`, `requests_per_minute`, `tokens_per_minute`
    25:1: `to` is missing; expected an id (1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit)
    27:11: `flow[0].carries` is a string; expected a list of strings
    28:1: `reason` is missing; expected the reason in words
    29:8: `pii3` is not a rule code; expected a rule code, such as PII003
    30:8: `/etc/*` is not a path pattern; expected a path pattern relative to the project file, with `/`, without `..`
    31:11: `ignore[0].expires` is a string; expected a day without quotes, such as 2027-03-01
    33:7: a value of `asset.tickets.source.url` is not an address; expected an address that starts with https:// or http:// and holds no credentials
    34:3: duplicate key
    ");
}

#[test]
fn faults_of_syntax_stand_beside_the_others() {
    insta::assert_snapshot!(faults("format = 1\n[project]\nname = \"a\nrole = \"acquirer\"\n[asset.x]\nkind = \"dataset\"\nkind = \"model\"\n[group.g\nrole = 3\n"), @r#"
    3:10: invalid basic string; expected `"`
    7:1: duplicate key
    8:9: unclosed table; expected `]`
    9:1: `role` is not a key of the file; expected one of `actor`, `asset`, `element`, `flow`, `format`, `gate`, `group`, `ignore`, `project`, `treatment`, `trust`, `zone`
    "#);
    insta::assert_snapshot!(faults(""), @r"
    1:1: `format` is missing; expected `format = 1` as the first line
    1:1: `project` is missing; expected a table [project] with a name
    ");
    insta::assert_snapshot!(faults("format = 2\n[project]\nname = \" \""), @r"
    1:10: format 2 is not known to this version; expected `1`
    3:8: `project.name` is empty; expected 1 to 80 characters
    ");
}

#[test]
fn a_zone_that_is_built_in_keeps_its_trust() {
    insta::assert_snapshot!(faults("format = 1\n[project]\nname = \"a\"\n[zone.internet]\ntrust = \"internal\"\n[zone.dmz]\ntrust = \"partner\""), @"4:7: `internet` is built in with trust `public`; expected another name for the zone");
}

#[test]
fn an_asset_cannot_be_its_own_ancestor() {
    let text = "format = 1\n[project]\nname = \"a\"\n[asset.a]\nkind = \"model\"\nderived_from = [\"b\"]\n[asset.b]\nkind = \"model\"\n\
        derived_from = [\"a\"]\n[asset.c]\nkind = \"model\"\nderived_from = [\"b\"]";
    insta::assert_snapshot!(faults(text), @r"
    6:16: `a` is derived from itself; expected assets that come before it
    9:16: `b` is derived from itself; expected assets that come before it
    ");
}

#[test]
fn what_a_file_says_is_escaped_in_messages() {
    let text = "format = 1\n[project]\nname = \"a\"\n\"\\u001b[2J\\u202e\" = 1\n[asset.\"../x\"]\nkind = \"model\"\n";
    insta::assert_snapshot!(faults(text), @r"
    4:1: `\u{1b}[2J\u{202e}` is not a key of `project`; expected one of `baselines`, `name`, `purpose`, `role`
    5:8: `../x` cannot name an entry of `asset`; expected an id (1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit)
    ");
}

/// Ids with a dot are quoted in TOML and in key paths, so they find their place.
#[test]
fn an_id_with_a_dot_has_a_place() {
    let text = "format = 1\n[project]\nname = \"a\"\n[asset.\"v1.0\"]\nkind = \"model\"\n";
    let project = parse(text).project.unwrap();
    insta::assert_snapshot!(project.location("asset.\"v1.0\".kind"), @r#"bartizan.toml:5:8 (asset."v1.0".kind)"#);
}

#[test]
fn two_flows_between_the_same_elements_have_two_names() {
    let flow = "[[flow]]\nfrom = \"a\"\nto = \"b\"\n";
    let text = format!(
        "format = 1\n[project]\nname = \"a\"\n[element.a]\nkind = \"tool\"\n[element.b]\nkind = \"tool\"\n{flow}{flow}"
    );
    let flows = parse(&text).project.unwrap().flows;
    assert_eq!(flows.iter().map(|flow| flow.id.as_str()).collect::<Vec<_>>(), ["a>b", "a>b#2"]);
}

#[test]
fn a_name_is_one_line() {
    for name in ["a\\nb", "a\\u001B[2J"] {
        let parsed = parse(&format!("format = 1\n[project]\nname = \"{name}\"\n"));
        let faults: Vec<_> = parsed.faults.iter().map(ToString::to_string).collect();
        assert!(
            faults.iter().any(|fault| fault.contains("a line end or another control")),
            "{name}: {faults:?}"
        );
    }
}
