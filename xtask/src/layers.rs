//! The arrows between the crates: what cargo resolves against what `xtask/layers.toml` allows.
//!
//! The comparison is pure and works on names; [`check`] alone asks cargo. Bans look at the graph that cargo
//! resolves for the whole workspace on every platform, which is never smaller than the graph of one crate: a ban
//! that passes here passes in every build.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::files;
use crate::host::Host;
use crate::run::{Call, counted, say, say_all};

/// Compares the workspace with its list and fails with every arrow that is not allowed.
pub(crate) fn check(host: &Host) -> Result<()> {
    let text = files::read_text(&host.root.join("xtask/layers.toml"))?;
    let rules: Rules = toml::from_str(&text).context("cannot parse xtask/layers.toml")?;
    let metadata = Call::new("cargo", &host.root).args(["metadata", "--format-version", "1"]).stdout()?;
    let metadata: Metadata = serde_json::from_str(&metadata).context("cannot parse what cargo printed")?;
    let graph = Graph::from(&metadata);
    let faults = faults(&rules, &graph);
    if faults.is_empty() {
        let arrows: usize = graph.ours.values().map(|arrows| arrows.normal.len()).sum();
        say(&format!("{} crates and the {arrows} arrows between them are as listed", graph.ours.len()));
        return Ok(());
    }
    say_all(&faults);
    bail!("{} against xtask/layers.toml", counted(faults.len(), "fault"))
}

/// `xtask/layers.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    /// Of each crate of the workspace, those that it may use.
    uses: BTreeMap<String, BTreeSet<String>>,
    /// Crates that the tests and benches of every crate may use, wherever they lie.
    #[serde(default)]
    for_tests: BTreeSet<String>,
    #[serde(default)]
    ban: Vec<Ban>,
}

/// Packages that only some crates may reach.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ban {
    packages: BTreeSet<String>,
    except: BTreeSet<String>,
    /// Whether the ban looks at a crate's own dependencies alone.
    #[serde(default)]
    direct: bool,
    reason: String,
}

/// What uses what, by name.
#[derive(Default)]
struct Graph {
    /// The crates of the workspace with the crates of the workspace that they use.
    ours: BTreeMap<String, Arrows>,
    /// Every package, ours and others', with the packages that it uses when it is built as a dependency.
    all: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Default)]
struct Arrows {
    /// Used by the crate itself or by its build script.
    normal: BTreeSet<String>,
    /// Used by its tests and benches alone.
    dev: BTreeSet<String>,
}

/// Every way in which the graph departs from the rules, in a stable order.
fn faults(rules: &Rules, graph: &Graph) -> Vec<String> {
    let mut faults = list_faults(rules, graph);
    for (name, arrows) in &graph.ours {
        let Some(allowed) = rules.uses.get(name) else { continue };
        for used in arrows.normal.difference(allowed) {
            faults.push(format!("{name} uses {used}, which its list does not name"));
        }
        let below = below(rules, name);
        let allowed = |used: &str| below.contains(used) || rules.for_tests.contains(used);
        for used in arrows.dev.iter().filter(|used| !allowed(used)) {
            faults.push(format!("the tests of {name} use {used}, which does not lie below it"));
        }
    }
    for ban in &rules.ban {
        let bound = graph.ours.keys().filter(|name| !ban.except.contains(*name));
        for path in bound.filter_map(|name| path_to(graph, name, ban)) {
            faults.push(format!("{}: {}", path.join(" → "), ban.reason));
        }
    }
    faults
}

/// What is wrong with the list itself: crates that it lacks or invents, and arrows in a circle.
fn list_faults(rules: &Rules, graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for name in graph.ours.keys().filter(|name| !rules.uses.contains_key(*name)) {
        faults.push(format!("{name} has no list; add one under [uses]"));
    }
    let named = rules.uses.iter().flat_map(|(name, uses)| std::iter::once(name).chain(uses));
    let named = named.chain(rules.ban.iter().flat_map(|ban| &ban.except));
    let named: BTreeSet<_> = named.chain(&rules.for_tests).collect();
    for name in named.into_iter().filter(|name| !graph.ours.contains_key(*name)) {
        faults.push(format!("{name} is listed and is no crate of the workspace"));
    }
    for name in rules.uses.keys().filter(|name| below(rules, name).contains(name.as_str())) {
        faults.push(format!("the list lets {name} use itself by way of others"));
    }
    faults
}

/// Every crate that `name` may use, directly or by way of others.
fn below<'a>(rules: &'a Rules, name: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<_> = rules.uses.get(name).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if seen.insert(next.as_str()) {
            open.extend(rules.uses.get(next).into_iter().flatten());
        }
    }
    seen
}

/// The shortest path from a crate to a package that it may not reach.
fn path_to<'a>(graph: &'a Graph, from: &'a str, ban: &Ban) -> Option<Vec<&'a str>> {
    let mut came_from = BTreeMap::from([(from, None)]);
    let mut open = VecDeque::from([from]);
    while let Some(next) = open.pop_front() {
        if ban.packages.contains(next) {
            let mut path = vec![next];
            while let Some(Some(previous)) = came_from.get(path[path.len() - 1]) {
                path.push(*previous);
            }
            path.reverse();
            return Some(path);
        }
        if ban.direct && next != from {
            continue;
        }
        for used in graph.all.get(next).into_iter().flatten() {
            came_from.entry(used).or_insert_with(|| {
                open.push_back(used);
                Some(next)
            });
        }
    }
    None
}

/// What `cargo metadata` prints, as far as it is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<NodeDep>,
}

#[derive(Deserialize)]
struct NodeDep {
    pkg: String,
    dep_kinds: Vec<DepKind>,
}

#[derive(Deserialize)]
struct DepKind {
    kind: Option<String>,
}

impl From<&Metadata> for Graph {
    fn from(metadata: &Metadata) -> Self {
        let names: BTreeMap<&str, &str> = metadata
            .packages
            .iter()
            .map(|package| {
                let ours = metadata.workspace_members.contains(&package.id);
                let short = if ours { package.name.strip_prefix("bartizan-") } else { None };
                (package.id.as_str(), short.unwrap_or(&package.name))
            })
            .collect();
        let mut graph = Self::default();
        for node in &metadata.resolve.nodes {
            let Some(name) = names.get(node.id.as_str()) else { continue };
            let mut arrows = Arrows::default();
            for dep in &node.deps {
                let Some(used) = names.get(dep.pkg.as_str()) else { continue };
                let ours = metadata.workspace_members.contains(&dep.pkg);
                for kind in &dep.dep_kinds {
                    let dev = kind.kind.as_deref() == Some("dev");
                    if kind.kind.is_none() {
                        graph.all.entry((*name).to_owned()).or_default().insert((*used).to_owned());
                    }
                    if ours {
                        let side = if dev { &mut arrows.dev } else { &mut arrows.normal };
                        side.insert((*used).to_owned());
                    }
                }
            }
            if metadata.workspace_members.contains(&node.id) {
                graph.ours.insert((*name).to_owned(), arrows);
            }
        }
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        for_tests = ["measure"]

        [uses]
        measure = []
        finding = []
        detect = ["finding"]
        engine = ["detect", "finding"]

        [[ban]]
        packages = ["tokio"]
        except = ["engine"]
        reason = "below engine all is synchronous"

        [[ban]]
        packages = ["anyhow"]
        direct = true
        except = []
        reason = "errors are enums"
    "#;

    /// `a > b` is a normal arrow, `a ~ b` one of tests; a word alone is a crate without arrows.
    fn graph(ours: &[&str], arrows: &[&str]) -> Graph {
        let mut graph = Graph::default();
        for name in ours {
            graph.ours.insert((*name).into(), Arrows::default());
        }
        for arrow in arrows {
            let (dev, (from, to)) = match arrow.split_once(" > ") {
                Some(ends) => (false, ends),
                None => (true, arrow.split_once(" ~ ").expect("an arrow is `a > b` or `a ~ b`")),
            };
            if !dev {
                graph.all.entry(from.into()).or_default().insert(to.into());
            }
            let known = graph.ours.contains_key(to);
            if let Some(arrows) = graph.ours.get_mut(from).filter(|_| known) {
                let side = if dev { &mut arrows.dev } else { &mut arrows.normal };
                side.insert(to.into());
            }
        }
        graph
    }

    fn judged(arrows: &[&str]) -> Vec<String> {
        let rules = toml::from_str(RULES).expect("the rules above parse");
        faults(&rules, &graph(&["detect", "engine", "finding", "measure"], arrows))
    }

    #[test]
    fn listed_arrows_pass() {
        let arrows = ["detect > finding", "engine > detect", "engine ~ finding", "engine > tokio"];
        assert_eq!(judged(&arrows), [""; 0]);
    }

    #[test]
    fn arrows_that_no_list_names_are_told() {
        assert_eq!(judged(&["finding > detect"]), ["finding uses detect, which its list does not name"]);
        assert_eq!(judged(&["detect > engine"])[0], "detect uses engine, which its list does not name");
    }

    #[test]
    fn tests_may_use_what_lies_below_and_no_more() {
        assert_eq!(judged(&["engine ~ finding"]), [""; 0]);
        let expected = ["the tests of detect use engine, which does not lie below it"];
        assert_eq!(judged(&["detect ~ engine"]), expected);
    }

    #[test]
    fn what_is_for_tests_is_for_nothing_else() {
        assert_eq!(judged(&["detect ~ measure", "finding ~ measure"]), [""; 0]);
        assert_eq!(judged(&["detect > measure"]), ["detect uses measure, which its list does not name"]);
    }

    #[test]
    fn a_ban_names_the_shortest_path() {
        let arrows = ["detect > http", "http > rt", "rt > tokio", "http > tokio", "engine > tokio"];
        let expected = ["detect → http → tokio: below engine all is synchronous"];
        assert_eq!(judged(&arrows), expected);
    }

    #[test]
    fn a_direct_ban_ignores_what_others_use() {
        assert_eq!(judged(&["detect > miette", "miette > anyhow"]), [""; 0]);
        assert_eq!(judged(&["detect > anyhow"]), ["detect → anyhow: errors are enums"]);
    }

    #[test]
    fn the_list_and_the_workspace_hold_the_same_crates() {
        let rules = toml::from_str(RULES).expect("the rules above parse");
        let expected = [
            "gateway has no list; add one under [uses]",
            "engine is listed and is no crate of the workspace",
        ];
        assert_eq!(faults(&rules, &graph(&["detect", "finding", "gateway", "measure"], &[])), expected);
    }

    #[test]
    fn the_list_may_not_run_in_a_circle() {
        let rules = toml::from_str("[uses]\na = ['b']\nb = ['a']").expect("the rules above parse");
        let expected =
            ["the list lets a use itself by way of others", "the list lets b use itself by way of others"];
        assert_eq!(faults(&rules, &graph(&["a", "b"], &[])), expected);
    }

    #[test]
    fn metadata_becomes_a_graph_of_short_names() {
        let metadata = serde_json::json!({
            "packages": [
                {"id": "1", "name": "bartizan-detect"}, {"id": "2", "name": "bartizan-finding"},
                {"id": "3", "name": "memchr"}, {"id": "4", "name": "proptest"},
            ],
            "workspace_members": ["1", "2"],
            "resolve": {"nodes": [
                {"id": "1", "deps": [
                    {"pkg": "2", "dep_kinds": [{"kind": null, "target": null}]},
                    {"pkg": "3", "dep_kinds": [{"kind": null, "target": null}]},
                    {"pkg": "4", "dep_kinds": [{"kind": "dev", "target": null}]},
                ]},
                {"id": "2", "deps": []}, {"id": "3", "deps": []}, {"id": "4", "deps": []},
            ]},
        });
        let graph = Graph::from(&serde_json::from_value::<Metadata>(metadata).expect("it has the shape"));
        assert_eq!(graph.ours.keys().collect::<Vec<_>>(), ["detect", "finding"]);
        assert_eq!(graph.ours["detect"].normal, BTreeSet::from(["finding".to_owned()]));
        assert!(graph.ours["detect"].dev.is_empty());
        assert_eq!(graph.all["detect"], BTreeSet::from(["finding".to_owned(), "memchr".to_owned()]));
    }
}
