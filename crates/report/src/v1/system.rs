//! What the project file declares, as the program understood it.

use bartizan_finding::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The system under protection, its people's decisions left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct System {
    /// What it is for, in the owner's words.
    pub purpose: String,
    /// Ids of the baselines that the project follows.
    pub baselines: Vec<String>,
    /// The trust zones that have something in them, least trusted first.
    pub zones: Vec<Zone>,
    /// What is worth protecting.
    pub assets: Vec<DeclaredAsset>,
    /// The boxes of the system model.
    pub elements: Vec<Element>,
    /// The arrows of the system model.
    pub flows: Vec<Flow>,
    /// The threat actors, declared and built in.
    pub actors: Vec<Actor>,
    /// What was decided about threats.
    pub treatments: Vec<Treatment>,
    /// Findings that do not decide the outcome.
    pub ignores: Vec<Ignore>,
    /// Where a policy decides.
    pub gates: Vec<Gate>,
}

/// A trust zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Zone {
    /// Its id.
    pub id: String,
    /// `public`, `partner`, `internal` or `restricted`.
    pub trust: String,
    /// From 0 (anybody) to 3 (a few people).
    #[schemars(range(min = 0, max = 3))]
    pub rank: u8,
}

/// An asset, as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredAsset {
    /// Its id.
    pub id: String,
    /// `dataset`, `model`, `prompt`…
    pub kind: String,
    /// Relative to the project; absent where it is not a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `public`, `internal`, `personal`…
    pub classification: String,
    /// Id of the group that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The SHA-256 that the project pins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pinned: Option<Digest>,
    /// Under which terms it was taken, as an SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Where it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Ids of the assets that it was made from.
    pub derived_from: Vec<String>,
    /// The model that someone else hosts, as `provider/name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// A box of the system model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Element {
    /// Its id.
    pub id: String,
    /// `gateway`, `model-server`, `tool`…
    pub kind: String,
    /// Id of its zone.
    pub zone: String,
    /// Id of the group that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Ids of the assets that it offers to others.
    pub serves: Vec<String>,
    /// Ids of the assets that it works with.
    pub uses: Vec<String>,
    /// What it does to the world, as `verb:resource`.
    pub effects: Vec<String>,
    /// What guards it, in words: `authenticates`, `limits`, `logs`, `approval`, and its isolation.
    pub guards: Vec<String>,
}

/// An arrow of the system model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flow {
    /// Its id, made from its ends.
    pub id: String,
    /// Id of the element where it starts.
    pub from: String,
    /// Id of the element where it ends.
    pub to: String,
    /// What it carries.
    pub carries: Vec<String>,
    /// Whether its ends stand in zones of different trust.
    pub crosses: bool,
    /// What guards it, in words: `authenticated`, `encrypted`, `inspected`, `sanitised`.
    pub guards: Vec<String>,
}

/// A threat actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Actor {
    /// Its id.
    pub id: String,
    /// What it is, in relation to the system.
    pub kind: String,
    /// `OC1` (a hobbyist) to `OC5` (a state at its best).
    pub capability: String,
    /// Ids of the elements that it reaches beyond what its kind implies.
    pub access: Vec<String>,
}

/// A decision about a threat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Treatment {
    /// Which threats: `THR003`, or `THR003/orders-api`.
    pub threat: String,
    /// `mitigate`, `accept`, `transfer` or `avoid`.
    pub decision: String,
    /// Id of the group that answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// Whether it still holds.
    pub holds: bool,
}

/// A finding that does not decide the outcome, as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ignore {
    /// The rule's code.
    pub rule: String,
    /// Where, as a pattern over paths.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// Whether it still holds.
    pub holds: bool,
}

/// A point of the lifecycle where a policy decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// Its id.
    pub id: String,
    /// The Cedar policy file, relative to the project.
    pub policy: String,
}
