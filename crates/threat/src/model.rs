use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use bartizan_finding::{
    ActorId, AssetId, ControlId, Digest, ElementId, GroupId, Location, RuleCode, Severity,
};
use bartizan_project::Decision;
use bartizan_standards::Consideration;
use jiff::civil::Date;
use serde::Serialize;

use crate::level::Level;

/// What was derived from a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Model {
    /// The threats, by rule and path.
    pub threats: Vec<Threat>,
    /// A risk for each threat, in the same order.
    pub risks: Vec<Risk>,
    /// The controls that treat the threats, each with the threats that ask for it.
    pub controls: BTreeMap<ControlId, Vec<ThreatId>>,
    /// Indexes of the project's treatments that no threat answers to.
    pub unused_treatments: BTreeSet<usize>,
}

/// Names a threat: the rule's code and twelve digits of the SHA-256 of its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ThreatId(String);

/// Something that could go wrong here, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Threat {
    /// Its name; the same as long as the path is.
    pub id: ThreatId,
    /// The rule.
    pub rule: RuleCode,
    /// The rule's title.
    pub title: &'static str,
    /// Likelihood times impact; see [`Level`].
    pub severity: Severity,
    /// Why it holds here, in one sentence.
    pub why: String,
    /// The shortest of the least guarded ways, in the order in which the attack goes.
    pub path: Vec<Node>,
    /// From how many other places the same end is reached.
    pub more: u64,
    /// Who is able to.
    pub actors: BTreeSet<ActorId>,
    /// What it is about.
    pub consideration: Consideration,
    /// Ids in public lists: `owasp-llm:2026/LLM01`, `atlas:5.6.0/AML.T0051`.
    pub references: Vec<&'static str>,
    /// What treats it.
    pub controls: Vec<ControlId>,
    /// How likely it is.
    pub likelihood: Level,
    /// How bad it is.
    pub impact: Level,
    /// Where the project file says what it rests on.
    pub location: Location,
}

/// A step of a threat's path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Node {
    /// An element of the system model.
    Element(ElementId),
    /// An asset.
    Asset(AssetId),
}

/// A threat, weighed and assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// The threat.
    pub threat: ThreatId,
    /// From 1 to 5.
    pub likelihood: u8,
    /// From 1 to 5.
    pub impact: u8,
    /// Likelihood times impact.
    pub score: u8,
    /// What the score means.
    pub severity: Severity,
    /// What it is about.
    pub consideration: Consideration,
    /// Who answers for it: the owner of what the path ends in, else of what it passes, else the product owner or
    /// the executive.
    pub owner: Option<GroupId>,
    /// What was decided.
    pub treatment: Treated,
    /// What would treat it.
    pub controls: Vec<ControlId>,
}

/// Whether somebody decided about a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Treated {
    /// Nobody did.
    Untreated,
    /// Somebody did, and the decision no longer holds.
    Expired {
        /// The last day on which it held.
        expires: Date,
    },
    /// It was decided.
    Decided {
        /// What.
        decision: Decision,
        /// Who answers for the decision.
        owner: GroupId,
        /// Why.
        reason: String,
        /// The last day on which it holds.
        expires: Date,
    },
}

impl ThreatId {
    pub(crate) fn new(rule: &RuleCode, path: &[Node]) -> Self {
        let mut text = String::from("bartizan/threat/v1");
        for node in path {
            text.push('\0');
            text.push_str(match node {
                Node::Element(_) => "element:",
                Node::Asset(_) => "asset:",
            });
            text.push_str(node.as_str());
        }
        let digits: String = Digest::of(text.as_bytes()).hex().chars().take(12).collect();
        Self(format!("{rule}-{digits}"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ThreatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Node {
    /// The id of the element or asset.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Element(id) => id.as_str(),
            Self::Asset(id) => id.as_str(),
        }
    }
}

impl Treated {
    /// The word for it: `untreated`, `expired`, or what was decided.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Untreated => "untreated",
            Self::Expired { .. } => "expired",
            Self::Decided { decision, .. } => decision.as_str(),
        }
    }

    /// Whether nothing that holds today was decided.
    pub const fn is_open(&self) -> bool {
        !matches!(self, Self::Decided { .. })
    }
}

impl Threat {
    /// What the path ends in; a treatment names it.
    pub fn target(&self) -> &str {
        self.path.last().map_or("", Node::as_str)
    }

    /// The path as people read it.
    pub fn path_text(&self) -> String {
        self.path.iter().map(Node::as_str).collect::<Vec<_>>().join(" > ")
    }

    /// Everything about the threat, in lines of plain text.
    pub fn summary(&self) -> String {
        let join = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(", ");
        let more = if self.more == 0 { String::new() } else { format!(" (and {} more)", self.more) };
        let level = |level: &Level| format!("{}: {}", level.value, level.reasons.join("; "));
        format!(
            "{} {}: {}\n  path        {}{more}\n  why         {}\n  likelihood  {}\n  impact      {}\n  actors      {}\n  \
             controls    {}\n  at          {}\n",
            self.id,
            self.severity,
            self.title,
            self.path_text(),
            self.why,
            level(&self.likelihood),
            level(&self.impact),
            join(&mut self.actors.iter().map(ToString::to_string)),
            join(&mut self.controls.iter().map(ToString::to_string)),
            self.location,
        )
    }
}
