//! Subjects of evidence that are no files: what evidence about a group, an element or a flow is about is the
//! digest of what the project says of it.
//!
//! A change of any security-relevant field changes the digest, and evidence about the old digest no longer speaks
//! for the new one: an agent that gains a tool must be tested again although its name is the same.

use std::collections::BTreeMap;

use bartizan_finding::{ActorId, AssetId, Digest, ElementId, GroupId};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    model::Project,
    values::{FlowId, ZoneId},
};

/// The fields that make up a subject's digest, by table. The schema shows them as `x-security-relevant`. A field
/// that holds its default is left out of the digest, so that a field that a later version adds moves no digest.
pub const SECURITY_RELEVANT: &[(&str, &[&str])] = &[
    ("Group", &["role", "members", "trains"]),
    ("Actor", &["kind", "capability", "access"]),
    ("Zone", &["trust"]),
    ("Asset", &["kind", "path", "digest", "owner", "classification", "source", "derived_from", "model"]),
    (
        "Element",
        &[
            "kind",
            "zone",
            "serves",
            "uses",
            "effects",
            "approval",
            "authenticates",
            "limits",
            "logs",
            "isolation",
            "owner",
        ],
    ),
    ("Flow", &["from", "to", "carries", "authenticated", "encrypted", "inspected", "sanitised"]),
    ("Gate", &["policy"]),
];

/// What evidence can be about, besides files and people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum SubjectRef {
    /// A group.
    Group(GroupId),
    /// A declared actor.
    Actor(ActorId),
    /// A declared zone.
    Zone(ZoneId),
    /// An asset, as it is declared (not its bytes).
    Asset(AssetId),
    /// An element.
    Element(ElementId),
    /// A flow.
    Flow(FlowId),
}

impl SubjectRef {
    /// The key of its table in the project file.
    pub fn key(&self) -> String {
        match self {
            Self::Group(id) => crate::read::join("group", id.as_str()),
            Self::Actor(id) => crate::read::join("actor", id.as_str()),
            Self::Zone(id) => crate::read::join("zone", id.as_str()),
            Self::Asset(id) => crate::read::join("asset", id.as_str()),
            Self::Element(id) => crate::read::join("element", id.as_str()),
            Self::Flow(id) => format!("flow[{id}]"),
        }
    }
}

impl Project {
    /// The digest of a subject: SHA-256 of the canonical JSON (RFC 8785) of its security-relevant fields; none
    /// when the project has no such thing.
    pub fn subject(&self, subject: &SubjectRef) -> Option<Digest> {
        let (table, id, fields) = match subject {
            SubjectRef::Group(id) => ("Group", id.as_str(), fields(self.groups.get(id)?)),
            SubjectRef::Actor(id) => ("Actor", id.as_str(), fields(self.actors.get(id)?)),
            SubjectRef::Zone(id) => ("Zone", id.as_str(), fields(self.zones.get(id)?)),
            SubjectRef::Asset(id) => ("Asset", id.as_str(), fields(self.assets.get(id)?)),
            SubjectRef::Element(id) => {
                let element = self.elements.get(id)?;
                let mut fields = fields(element);
                // A zone that is trusted otherwise makes another element of whatever stands in it.
                fields.insert("zone_trust".to_owned(), self.trust_of(&element.zone).as_str().into());
                ("Element", id.as_str(), fields)
            }
            SubjectRef::Flow(id) => ("Flow", id.as_str(), fields(self.flow(id)?)),
        };
        Some(digest(table, id, fields))
    }

    /// Every subject of the project with its digest.
    pub fn subjects(&self) -> BTreeMap<SubjectRef, Digest> {
        let mut all: Vec<SubjectRef> = Vec::new();
        all.extend(self.groups.keys().cloned().map(SubjectRef::Group));
        all.extend(self.actors.keys().cloned().map(SubjectRef::Actor));
        all.extend(self.zones.keys().cloned().map(SubjectRef::Zone));
        all.extend(self.assets.keys().cloned().map(SubjectRef::Asset));
        all.extend(self.elements.keys().cloned().map(SubjectRef::Element));
        let mut subjects: BTreeMap<_, _> =
            all.into_iter().filter_map(|subject| Some((subject.clone(), self.subject(&subject)?))).collect();
        // Flows are found by a walk over the list, so they are not looked up one by one.
        subjects.extend(
            self.flows.iter().map(|flow| {
                (SubjectRef::Flow(flow.id.clone()), digest("Flow", flow.id.as_str(), fields(flow)))
            }),
        );
        subjects
    }

    /// The digest of the project: over its role, baselines and pinned keys, its gates, and the digests of all its
    /// subjects.
    pub fn root(&self) -> Digest {
        let subjects: BTreeMap<String, Digest> =
            self.subjects().into_iter().map(|(subject, digest)| (subject.key(), digest)).collect();
        let root = json!({
            "schema": "bartizan/project/v1",
            "name": self.name,
            "role": self.role,
            "baselines": self.baselines,
            "trust": self.trust,
            "gates": self.gates,
            "subjects": subjects,
        });
        canonical(&root)
    }
}

/// The security-relevant fields of an entry, without those that hold their default.
fn fields(entry: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(entry) {
        Ok(Value::Object(map)) => map.into_iter().filter(|(_, value)| *value != Value::Bool(false)).collect(),
        _ => Map::new(),
    }
}

fn digest(table: &str, id: &str, mut entry: Map<String, Value>) -> Digest {
    let relevant =
        SECURITY_RELEVANT.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, fields)| *fields);
    entry.retain(|name, _| relevant.contains(&name.as_str()) || name == "zone_trust");
    canonical(&json!({ "schema": "bartizan/subject/v1", "table": table, "id": id, "fields": entry }))
}

fn canonical(value: &Value) -> Digest {
    let bytes =
        serde_json_canonicalizer::to_vec(value).expect("values of strings, numbers and maps are canonical");
    Digest::of(&bytes)
}
