//! The tables of the project page as files. Their rows are those of the report.

use bartizan_report::v1::{
    Actor, Asset, DeclaredAsset, Element, Flow, Gate, Ignore, Report, Treatment, Unexamined,
};
use serde::Serialize;

use crate::{
    call::{Answer, Call},
    export::export,
};

const DECLARED: &[&str] = &[
    "id",
    "kind",
    "path",
    "classification",
    "owner",
    "pinned",
    "licence",
    "source",
    "derived_from",
    "model",
];
const ELEMENTS: &[&str] = &["id", "kind", "zone", "owner", "serves", "uses", "effects", "guards"];
const FLOWS: &[&str] = &["from", "to", "carries", "crosses", "guards"];
const ACTORS: &[&str] = &["id", "kind", "capability", "access"];
const TREATMENTS: &[&str] = &["threat", "decision", "owner", "reason", "expires", "holds"];
const IGNORES: &[&str] = &["rule", "path", "reason", "expires", "holds"];
const UNEXAMINED: &[&str] = &["asset", "at", "reason"];
const READ: &[&str] = &["id", "kind", "path", "files", "bytes", "digest"];

/// The table that `show` names, where a file of it is asked for.
pub(super) fn file(call: &Call<'_>, show: &str, report: &Report) -> Option<Answer> {
    let system = &report.system;
    match show {
        "assets" => rows(call, show, DECLARED, &system.assets, declared),
        "elements" => rows(call, show, ELEMENTS, &system.elements, element),
        "flows" => rows(call, show, FLOWS, &system.flows, flow),
        "actors" => rows(call, show, ACTORS, &system.actors, actor),
        "treatments" => rows(call, show, TREATMENTS, &system.treatments, treatment),
        "ignores" => rows(call, show, IGNORES, &system.ignores, ignore),
        "gates" => rows(call, show, &["id", "policy"], &system.gates, gate),
        "unexamined" => rows(call, show, UNEXAMINED, &report.unexamined, unexamined),
        "read" => rows(call, show, READ, &report.assets, read),
        _ => None,
    }
}

fn rows<T: Serialize>(
    call: &Call<'_>,
    name: &str,
    head: &[&str],
    rows: &[T],
    cells: fn(&T) -> Vec<String>,
) -> Option<Answer> {
    export(call, name, head, &rows.iter().collect::<Vec<_>>(), cells)
}

fn declared(one: &DeclaredAsset) -> Vec<String> {
    vec![
        one.id.clone(),
        one.kind.clone(),
        one.path.clone().unwrap_or_default(),
        one.classification.clone(),
        one.owner.clone().unwrap_or_default(),
        one.pinned.map(|digest| digest.to_string()).unwrap_or_default(),
        one.licence.clone().unwrap_or_default(),
        one.source.clone().unwrap_or_default(),
        one.derived_from.join(" "),
        one.model.clone().unwrap_or_default(),
    ]
}

fn element(one: &Element) -> Vec<String> {
    let lists = [&one.serves, &one.uses, &one.effects, &one.guards].map(|list| list.join(" "));
    let owner = one.owner.clone().unwrap_or_default();
    [one.id.clone(), one.kind.clone(), one.zone.clone(), owner].into_iter().chain(lists).collect()
}

fn flow(one: &Flow) -> Vec<String> {
    let (carries, guards) = (one.carries.join(" "), one.guards.join(" "));
    vec![one.from.clone(), one.to.clone(), carries, one.crosses.to_string(), guards]
}

fn actor(one: &Actor) -> Vec<String> {
    vec![one.id.clone(), one.kind.clone(), one.capability.clone(), one.access.join(" ")]
}

fn treatment(one: &Treatment) -> Vec<String> {
    let told = [&one.threat, &one.decision, &one.owner, &one.reason, &one.expires].map(String::clone);
    told.into_iter().chain([one.holds.to_string()]).collect()
}

fn ignore(one: &Ignore) -> Vec<String> {
    let told = [&one.rule, &one.path, &one.reason, &one.expires].map(String::clone);
    told.into_iter().chain([one.holds.to_string()]).collect()
}

fn gate(one: &Gate) -> Vec<String> {
    vec![one.id.clone(), one.policy.clone()]
}

fn unexamined(one: &Unexamined) -> Vec<String> {
    vec![one.asset.clone().unwrap_or_default(), one.at.clone(), one.reason.clone()]
}

fn read(one: &Asset) -> Vec<String> {
    vec![
        one.id.clone(),
        one.kind.clone(),
        one.path.clone().unwrap_or_default(),
        one.files.to_string(),
        one.bytes.to_string(),
        one.digest.map(|digest| digest.to_string()).unwrap_or_default(),
    ]
}
