//! Rules over the project file: each where it holds and where it does not.

use std::collections::BTreeSet;

use bartizan_finding::{Occurrence, registry_faults};
use bartizan_project::{Project, check, missing_path, parse, rules, unused_ignores, unused_treatments};
use jiff::civil::date;

fn project(body: &str) -> Project {
    let parsed = parse(&format!("format = 1\n[project]\nname = \"p\"\n{body}"));
    assert_eq!(parsed.faults, [], "{body}");
    parsed.project.expect("a project without faults exists")
}

fn line(occurrence: &Occurrence) -> String {
    format!("{} {}: {}\n", occurrence.rule.code, occurrence.location, occurrence.message)
}

fn found(body: &str) -> String {
    check(&project(body), date(2026, 11, 22)).iter().map(line).collect()
}

#[test]
fn codes_are_unique() {
    assert_eq!(registry_faults(rules()), [] as [String; 0]);
    let codes: Vec<_> = rules().into_iter().map(|rule| rule.code.as_str()).collect();
    assert_eq!(codes.join(" "), "PRJ001 PRJ002 PRJ003 PRJ004 PRJ005 PRJ006 PRJ007 PRJ008 PRJ009 PRJ010");
}

#[test]
fn a_careful_project_is_silent() {
    let body = "[group.g]\nrole = \"executive\"\nmembers = [\"a@example.com\"]\n[asset.d]\nkind = \"dataset\"\nowner = \"g\"\n\
        source = { url = \"https://example.com\", licence = \"MIT\" }\n[asset.e]\nkind = \"dataset\"\nowner = \"g\"\nderived_from = [\"d\"]\n\
        [asset.m]\nkind = \"model\"\nowner = \"g\"\nderived_from = [\"e\"]\n[asset.h]\nkind = \"model\"\nowner = \"g\"\nmodel = \"x/y\"\n\
        [element.t]\nkind = \"tool\"\neffects = [\"read:x\"]\n[element.s]\nkind = \"model-server\"\nowner = \"g\"\n\
        [[ignore]]\nrule = \"PII003\"\npath = \"a\"\nreason = \"r\"\nexpires = 2026-11-22\n\
        [[treatment]]\nthreat = \"THR001\"\ndecision = \"accept\"\nowner = \"g\"\nreason = \"r\"\nexpires = 2026-11-22\n";
    assert_eq!(found(body), "");
}

#[test]
fn a_careless_project_is_not() {
    let body = "[group.g]\nrole = \"executive\"\n[asset.d]\nkind = \"dataset\"\n[asset.d2]\nkind = \"dataset\"\nowner = \"g\"\n\
        source = { url = \"https://example.com\" }\n[asset.m]\nkind = \"adapter\"\nowner = \"g\"\n\
        [element.t]\nkind = \"tool\"\neffects = [\"write:x\"]\n[element.s]\nkind = \"model-server\"\n\
        [[ignore]]\nrule = \"PII003\"\npath = \"a/*\"\nreason = \"r\"\nexpires = 2026-11-21\n\
        [[treatment]]\nthreat = \"THR001\"\ndecision = \"accept\"\nowner = \"g\"\nreason = \"r\"\nexpires = 2026-11-21\n";
    insta::assert_snapshot!(found(body), @r"
    PRJ002 bartizan.toml:6:8 (asset.d): the dataset `d` has no owner
    PRJ003 bartizan.toml:6:8 (asset.d): the data set `d` lacks a source and a licence
    PRJ003 bartizan.toml:8:8 (asset.d2): the data set `d2` lacks a licence
    PRJ004 bartizan.toml:12:8 (asset.m): the adapter `m` does not say where it comes from
    PRJ005 bartizan.toml:4:8 (group.g): the group `g` (executive) has no members
    PRJ006 bartizan.toml:20:1 (ignore[0]): the ignore of PII003 in `a/*` expired on 2026-11-21
    PRJ008 bartizan.toml:25:1 (treatment[0]): the decision to accept THR001 expired on 2026-11-21
    PRJ010 bartizan.toml:18:10 (element.s): the model-server `s` has no owner
    PRJ010 bartizan.toml:15:10 (element.t): the tool `t` has no owner
    ");
}

#[test]
fn what_others_see_is_said_with_its_place() {
    let project = project(
        "[group.g]\nrole = \"executive\"\n[asset.d]\nkind = \"dataset\"\npath = \"d.jsonl\"\n\
        [[ignore]]\nrule = \"PII003\"\npath = \"a/*\"\nreason = \"r\"\nexpires = 2026-11-21\n\
        [[treatment]]\nthreat = \"THR001/x\"\ndecision = \"accept\"\nowner = \"g\"\nreason = \"r\"\nexpires = 2026-11-21\n",
    );
    insta::assert_snapshot!(line(&missing_path(&project, &"d".parse().unwrap(), "no such file")), @"PRJ001 bartizan.toml:8:8 (asset.d.path): the asset `d` is not at `d.jsonl`: no such file");
    assert!(unused_ignores(&project, &BTreeSet::from([0])).is_empty());
    insta::assert_snapshot!(line(&unused_ignores(&project, &BTreeSet::new())[0]), @"PRJ007 bartizan.toml:9:1 (ignore[0]): the ignore of PII003 in `a/*` hides nothing");
    assert!(unused_treatments(&project, &BTreeSet::new()).is_empty());
    insta::assert_snapshot!(line(&unused_treatments(&project, &BTreeSet::from([0]))[0]), @"PRJ009 bartizan.toml:14:1 (treatment[0]): no threat answers to THR001/x");
}

#[test]
fn patterns_over_paths() {
    let project = |pattern: &str| {
        let ignore = format!(
            "[[ignore]]\nrule = \"PII003\"\npath = \"{pattern}\"\nreason = \"r\"\nexpires = 2027-01-01\n"
        );
        project(&ignore).ignores[0].path.clone()
    };
    for (pattern, path, matches) in [
        ("data/samples/*", "data/samples/a.txt", true),
        ("data/samples/*", "data/samples/x/a.txt", false),
        ("data/**", "data/x/y/a.txt", true),
        ("**/*.md", "README.md", true),
        ("**/*.md", "a/b/c.md", true),
        ("**/b/*.md", "a/b/c.md", true),
        ("a?c", "abc", true),
        ("a?c", "a/c", false),
        ("*", "a/b", false),
        ("./a", "a", true),
        ("a", "A", false),
    ] {
        assert_eq!(project(pattern).matches(path), matches, "{pattern} {path}");
    }
    let many = project(&"*a".repeat(300));
    assert!(many.matches(&"a".repeat(4000)) && !many.matches(&"b".repeat(4000)));
}
