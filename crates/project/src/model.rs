//! The typed model: what a project file says once it is known to be well formed and every reference resolves.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{ActorId, AssetId, Digest, ElementId, GateId, GroupId, Location, RuleCode};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    schema::{Day, IdText, RuleText, Sha256Text, ThreatText},
    span::Span,
    values::{
        Effect, Fingerprint, FlowId, HostedModel, Licence, Member, PathPattern, RelPath, ThreatScope, Url,
        ZoneId,
    },
    words::{
        ActorKind, Approval, AssetKind, Baseline, Capability, Classification, DataClass, Decision,
        ElementKind, GroupRole, Isolation, ProjectRole, ZoneTrust,
    },
};

/// One LLM system under protection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// What it is called.
    pub name: String,
    /// What it is for, in the owner's words; empty when nothing was said.
    pub purpose: String,
    /// What the project does with models.
    pub role: ProjectRole,
    /// What it wants to be measured against.
    pub baselines: BTreeSet<Baseline>,
    /// The keys that are pinned here.
    pub trust: TrustPins,
    /// People by lifecycle role.
    pub groups: BTreeMap<GroupId, Group>,
    /// The declared threat actors; [`Project::all_actors`] adds the built-in ones.
    pub actors: BTreeMap<ActorId, Actor>,
    /// The declared zones; [`Project::trust_of`] knows the built-in ones too.
    pub zones: BTreeMap<ZoneId, Zone>,
    /// What is worth protecting.
    pub assets: BTreeMap<AssetId, Asset>,
    /// The boxes of the system model.
    pub elements: BTreeMap<ElementId, Element>,
    /// The arrows of the system model, in the order of the file.
    pub flows: Vec<Flow>,
    /// What was decided about threats.
    pub treatments: Vec<Treatment>,
    /// Findings that one person may leave out of the outcome.
    pub ignores: Vec<Ignore>,
    /// Where a policy decides.
    pub gates: BTreeMap<GateId, Gate>,
    /// Where each table and key stands in the file, by key path (`asset.tickets.path`); empty for a project that
    /// was inferred.
    #[serde(skip)]
    pub spans: BTreeMap<String, Span>,
}

/// Keys that are pinned in the project file, so that nobody who can write the state folder can replace them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TrustPins {
    /// The key that signs `trust.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Fingerprint>,
    /// The key that signs the ledger's checkpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Fingerprint>,
}

/// People with a role in the lifecycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Group {
    /// What the group does.
    pub role: GroupRole,
    /// Who is in it, by e-mail address.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub members: BTreeSet<Member>,
    /// The models and adapters that the group trains.
    #[schemars(default, with = "BTreeSet<IdText>")]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub trains: BTreeSet<AssetId>,
    /// For readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A threat actor. The built-in ones, one per kind, need no entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Actor {
    /// What the actor is, in relation to the system.
    pub kind: ActorKind,
    /// Operational capacity; what the kind usually has, where it is left out.
    #[schemars(with = "Option<Capability>")]
    pub capability: Capability,
    /// Elements that the actor reaches beyond what its kind implies.
    #[schemars(default, with = "BTreeSet<IdText>")]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub access: BTreeSet<ElementId>,
    /// For readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A trust zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Zone {
    /// How far what happens there can be trusted.
    pub trust: ZoneTrust,
    /// For readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Something worth protecting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Asset {
    /// What it is.
    pub kind: AssetKind,
    /// The file or folder that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<RelPath>,
    /// The SHA-256 that its bytes must have: of the file, or the directory hash of the folder.
    #[schemars(with = "Option<Sha256Text>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The group that answers for it.
    #[schemars(with = "Option<IdText>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<GroupId>,
    /// How harmful its loss is; `internal` where it is left out.
    #[schemars(with = "Option<Classification>")]
    pub classification: Classification,
    /// Where it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The assets that it was made from.
    #[schemars(default, with = "BTreeSet<IdText>")]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub derived_from: BTreeSet<AssetId>,
    /// The model that someone else hosts, as `provider/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<HostedModel>,
    /// For readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Where an asset was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Source {
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// Under which terms, as an SPDX expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<Licence>,
}

/// A box of the system model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Element {
    /// What it is.
    pub kind: ElementKind,
    /// The trust zone that it stands in: `internet` for users and external APIs and `internal` for all others,
    /// where it is left out.
    #[schemars(with = "Option<ZoneId>")]
    pub zone: ZoneId,
    /// Assets that it offers to others: the model behind a server, the data set behind a store.
    #[schemars(default, with = "BTreeSet<IdText>")]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub serves: BTreeSet<AssetId>,
    /// Assets that it reads or works with.
    #[schemars(default, with = "BTreeSet<IdText>")]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub uses: BTreeSet<AssetId>,
    /// What it does to the world, as `verb:resource`.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub effects: BTreeSet<Effect>,
    /// Who must say yes before its effects happen; nobody, where it is left out.
    #[schemars(with = "Option<Approval>")]
    pub approval: Approval,
    /// Whether it knows who calls it and refuses others.
    #[schemars(default)]
    pub authenticates: bool,
    /// Whether it limits what one caller may use up: `true`, or the limits themselves.
    #[schemars(with = "Option<LimitsText>")]
    #[serde(skip_serializing_if = "Limits::is_none")]
    pub limits: Limits,
    /// Whether what happens there is logged.
    #[schemars(default)]
    pub logs: bool,
    /// What keeps it apart from its surroundings; nothing, where it is left out.
    #[schemars(with = "Option<Isolation>")]
    pub isolation: Isolation,
    /// The group that answers for it.
    #[schemars(with = "Option<IdText>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<GroupId>,
    /// For readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What one caller of an element may use up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Limits {
    /// Nothing is limited.
    #[default]
    None,
    /// It is said that there are limits, but not which.
    Declared(bool),
    /// These.
    Set(LimitSet),
}

/// The limits of an element for one caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct LimitSet {
    /// Requests in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub requests_per_minute: Option<u32>,
    /// Tokens, read and written, in a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub tokens_per_minute: Option<u32>,
    /// Money in a day, in whole units of the currency that the owner is billed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    pub budget_per_day: Option<u32>,
}

/// How the file writes [`Limits`].
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum LimitsText {
    Flag(bool),
    Table(LimitSet),
}

/// Data moving from one element to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Flow {
    /// Its name, made from its ends.
    #[schemars(skip)]
    pub id: FlowId,
    /// Where it starts.
    #[schemars(with = "IdText")]
    pub from: ElementId,
    /// Where it ends.
    #[schemars(with = "IdText")]
    pub to: ElementId,
    /// What it carries.
    #[schemars(default)]
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub carries: BTreeSet<DataClass>,
    /// Whether the receiver knows who sends.
    #[schemars(default)]
    pub authenticated: bool,
    /// Whether nobody between can read it.
    #[schemars(default)]
    pub encrypted: bool,
    /// Whether a guard looks at all of the content and can stop it.
    #[schemars(default)]
    pub inspected: bool,
    /// Whether markup, links and hidden text are taken out.
    #[schemars(default)]
    pub sanitised: bool,
    /// For readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What was decided about a threat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Treatment {
    /// Which threats: `THR003`, or `THR003/orders-api` for those that end there.
    #[schemars(with = "ThreatText")]
    pub threat: ThreatScope,
    /// What was decided.
    pub decision: Decision,
    /// The group that answers for the decision.
    #[schemars(with = "IdText")]
    pub owner: GroupId,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The last day on which it holds.
    #[schemars(with = "Day")]
    pub expires: Date,
}

/// A finding that is shown and counted but does not decide the outcome. Only for findings below high, and it
/// never satisfies a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ignore {
    /// The rule.
    #[schemars(with = "RuleText")]
    pub rule: RuleCode,
    /// Where, as a pattern over paths.
    pub path: PathPattern,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// The last day on which it holds.
    #[schemars(with = "Day")]
    pub expires: Date,
}

/// A point of the lifecycle where a policy decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Gate {
    /// The Cedar policy file.
    pub policy: RelPath,
}

impl Project {
    /// A project that declares nothing but its name, for folders without a project file.
    pub fn bare(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            purpose: String::new(),
            role: ProjectRole::SystemProducer,
            baselines: BTreeSet::new(),
            trust: TrustPins::default(),
            groups: BTreeMap::new(),
            actors: BTreeMap::new(),
            zones: BTreeMap::new(),
            assets: BTreeMap::new(),
            elements: BTreeMap::new(),
            flows: Vec::new(),
            treatments: Vec::new(),
            ignores: Vec::new(),
            gates: BTreeMap::new(),
            spans: BTreeMap::new(),
        }
    }

    /// The trust of a zone, declared or built in. A zone that nobody declared is as public as it gets; parsing
    /// lets none through.
    pub fn trust_of(&self, zone: &ZoneId) -> ZoneTrust {
        self.zones
            .get(zone)
            .map(|zone| zone.trust)
            .or_else(|| built_in_trust(zone.as_str()))
            .unwrap_or(ZoneTrust::Public)
    }

    /// The trust of the zone that an element stands in; public for an element that does not exist.
    pub fn element_trust(&self, id: &ElementId) -> ZoneTrust {
        self.elements.get(id).map_or(ZoneTrust::Public, |element| self.trust_of(&element.zone))
    }

    /// The declared actors and, under the name of its kind, a built-in one for each kind that has no declared one.
    pub fn all_actors(&self) -> BTreeMap<ActorId, Actor> {
        let mut actors = self.actors.clone();
        for kind in ActorKind::ALL {
            if self.actors.values().any(|actor| actor.kind == *kind) {
                continue;
            }
            let id = ActorId::new(kind.as_str());
            let capability = kind.default_capability();
            actors.entry(id).or_insert(Actor {
                kind: *kind,
                capability,
                access: BTreeSet::new(),
                description: None,
            });
        }
        actors
    }

    /// The flow of that name.
    pub fn flow(&self, id: &FlowId) -> Option<&Flow> {
        self.flows.iter().find(|flow| flow.id == *id)
    }

    /// Where `key` (such as `asset.tickets.path`) stands in the file; where it does not stand there, the nearest
    /// table around it, and at last the start of the file.
    pub fn location(&self, key: &str) -> Location {
        let mut outer = key;
        let span = loop {
            if let Some(span) = self.spans.get(outer) {
                break *span;
            }
            match outer.rfind('.').and_then(|at| outer.get(..at)) {
                Some(shorter) => outer = shorter,
                None => break Span { start: 0, end: 0, line: 1, column: 1 },
            }
        };
        let Span { start, end, line, column } = span;
        Location::Project { key: key.to_owned(), start: start as u64, end: end as u64, line, column }
    }
}

/// The zones that need no entry.
pub const BUILT_IN_ZONES: [(&str, ZoneTrust); 4] = [
    ("internet", ZoneTrust::Public),
    ("partner", ZoneTrust::Partner),
    ("internal", ZoneTrust::Internal),
    ("restricted", ZoneTrust::Restricted),
];

pub(crate) fn built_in_trust(zone: &str) -> Option<ZoneTrust> {
    BUILT_IN_ZONES.into_iter().find(|(id, _)| *id == zone).map(|(_, trust)| trust)
}

impl Flow {
    /// The key under which its place in the file is known: `flow[gateway>server]`.
    pub fn key(&self) -> String {
        format!("flow[{}]", self.id)
    }
}

impl Element {
    /// Whether it has an effect of which `verb` is true.
    pub fn has(&self, verb: impl Fn(crate::words::Verb) -> bool) -> bool {
        self.effects.iter().any(|effect| verb(effect.verb))
    }

    /// The assets that it serves or uses.
    pub fn assets(&self) -> impl Iterator<Item = &AssetId> {
        self.serves.union(&self.uses)
    }
}

impl Limits {
    /// Whether nothing is limited.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}
