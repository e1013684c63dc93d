//! What a project declares and what follows from it, as an assessment records it.

use std::collections::BTreeMap;

use bartizan_finding::{Digest, Hasher, LossKind};
use bartizan_project::Project;
use serde_json::{Map, Value, json};

/// The fact of an `assessment` statement that holds it is at most this long, in bytes of JSON.
pub const MAX_FACT_BYTES: usize = 200_000;

/// The form of the fact.
const FORMAT: u64 = 1;

/// A fact that holds more names than this is not ours.
const MAX_NAMES: usize = 100_000;

/// What an assessment looked at: names, and what they rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Ids of the assets.
    pub assets: Names,
    /// Ids of the elements.
    pub elements: Names,
    /// Names of the flows, as `from>to`.
    pub flows: Names,
    /// Ids of the derived threats, each with the elements and assets on its path.
    pub threats: Names,
    /// Ids of the controls that apply, each with the elements and assets that they apply to, where that is known.
    pub controls: Names,
    /// Ids of the gates, each with the digest of its policy's text.
    pub gates: Names,
}

/// A set of names, whole or, where it was too long to record, only what tells it from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// All of them, each with what it rests on, in order; for a gate that is the digest of its policy.
    All(BTreeMap<String, Vec<String>>),
    /// How many there were, and SHA-256 over their names.
    Cut {
        /// How many.
        count: u64,
        /// Over the names and, of gates, the policies.
        digest: Digest,
    },
}

/// A threat or control, and the ids of elements and assets that it rests on, in order; none where they are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// Its id.
    pub name: String,
    /// The ids on a threat's path, or those that a control applies to.
    pub on: Vec<String>,
}

impl From<String> for Resting {
    fn from(name: String) -> Self {
        Self { name, on: Vec::new() }
    }
}

impl From<&str> for Resting {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl From<(String, Vec<String>)> for Resting {
    fn from((name, on): (String, Vec<String>)) -> Self {
        Self { name, on }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::All(BTreeMap::new())
    }
}

impl Declared {
    /// What `project` declares. `threats` are the derived ones, best with the ids on the path of each in order;
    /// `controls` are those that apply, best with the ids that each applies to: what goes with a lost element is then
    /// said once. `gate_policies` holds the digest of each gate's policy text.
    pub fn of<T: Into<Resting>, C: Into<Resting>>(
        project: &Project,
        threats: impl IntoIterator<Item = T>,
        controls: impl IntoIterator<Item = C>,
        gate_policies: BTreeMap<String, Digest>,
    ) -> Self {
        let bare = |name: &str| (name.to_owned(), Vec::new());
        let mut gates: BTreeMap<_, _> = project.gates.keys().map(|id| bare(id.as_str())).collect();
        for (id, policy) in gate_policies {
            gates.insert(id, vec![policy.to_string()]);
        }
        Self {
            assets: Names::All(project.assets.keys().map(|id| bare(id.as_str())).collect()),
            elements: Names::All(project.elements.keys().map(|id| bare(id.as_str())).collect()),
            flows: Names::All(project.flows.iter().map(|flow| bare(flow.id.as_str())).collect()),
            threats: Names::All(resting(threats)),
            controls: Names::All(resting(controls)),
            gates: Names::All(gates),
        }
    }

    /// The value of the fact `declared` of an `assessment` statement. What would make it longer than
    /// [`MAX_FACT_BYTES`] is left out: first what threats and controls rest on, then whole sets, longest first, of
    /// which a count and a digest stay.
    pub fn to_fact(&self) -> Value {
        let mut sets = self.sets().map(|(kind, names)| (kind, names.to_value(kind, true)));
        let long = |sets: &[(LossKind, Value); 6]| {
            sets.iter().map(|(_, value)| length(value)).sum::<usize>() + 200 > MAX_FACT_BYTES
        };
        for rests in [LossKind::Threat, LossKind::Control] {
            if long(&sets)
                && let Some((_, value)) = sets.iter_mut().find(|(kind, _)| *kind == rests)
            {
                *value = self.set(rests).to_value(rests, false);
            }
        }
        while long(&sets) {
            let Some((kind, value)) = sets.iter_mut().max_by_key(|(_, value)| length(value)) else { break };
            *value = self.set(*kind).cut(*kind).to_value(*kind, false);
        }
        let mut fact = Map::from_iter([("format".to_owned(), json!(FORMAT))]);
        fact.extend(sets.map(|(kind, value)| (plural(kind).to_owned(), value)));
        Value::Object(fact)
    }

    /// Reads the fact; what is wrong with it, as a fragment that reads well after a colon.
    pub fn from_fact(fact: &Value) -> Result<Self, String> {
        match fact.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(other) => return Err(format!("format {other} of what was declared is not known")),
            None => return Err("what was declared has no format".to_owned()),
        }
        let mut left = MAX_NAMES;
        let mut set = |kind: LossKind| {
            let name = plural(kind);
            let value = fact.get(name).ok_or_else(|| format!("what was declared lacks its {name}"))?;
            Names::from_value(value, kind, &mut left)
                .ok_or_else(|| format!("the {name} of what was declared are not in order"))
        };
        Ok(Self {
            assets: set(LossKind::Asset)?,
            elements: set(LossKind::Element)?,
            flows: set(LossKind::Flow)?,
            threats: set(LossKind::Threat)?,
            controls: set(LossKind::Control)?,
            gates: set(LossKind::Gate)?,
        })
    }

    /// The names of one kind. The policy of a gate stands with the gates.
    pub fn set(&self, kind: LossKind) -> &Names {
        match kind {
            LossKind::Asset => &self.assets,
            LossKind::Element => &self.elements,
            LossKind::Flow => &self.flows,
            LossKind::Threat => &self.threats,
            LossKind::Control => &self.controls,
            LossKind::Gate | LossKind::GatePolicy => &self.gates,
        }
    }

    fn sets(&self) -> [(LossKind, &Names); 6] {
        [
            LossKind::Asset,
            LossKind::Element,
            LossKind::Flow,
            LossKind::Threat,
            LossKind::Control,
            LossKind::Gate,
        ]
        .map(|kind| (kind, self.set(kind)))
    }
}

impl Names {
    /// Whether `name` is among them; nobody knows where the set was cut.
    pub fn has(&self, name: &str) -> Option<bool> {
        match self {
            Self::All(names) => Some(names.contains_key(name)),
            Self::Cut { .. } => None,
        }
    }

    /// The names with what they rest on; none where the set was cut.
    pub fn all(&self) -> Option<&BTreeMap<String, Vec<String>>> {
        match self {
            Self::All(names) => Some(names),
            Self::Cut { .. } => None,
        }
    }

    /// SHA-256 over the names, which is the same whether or not the set was cut.
    pub(crate) fn digest(&self, kind: LossKind) -> Digest {
        match self {
            Self::Cut { digest, .. } => *digest,
            Self::All(names) => {
                let mut hasher = Hasher::new();
                hasher.update(b"bartizan/declared/v1\0");
                hasher.update(plural(kind).as_bytes());
                for (name, rests) in names {
                    hasher.update(b"\0");
                    hasher.update(name.as_bytes());
                    // A policy is what a gate is; what a threat rests on may be left out of the fact.
                    for policy in rests.iter().filter(|_| kind == LossKind::Gate) {
                        hasher.update(b"\x01");
                        hasher.update(policy.as_bytes());
                    }
                }
                hasher.finish()
            }
        }
    }

    fn cut(&self, kind: LossKind) -> Self {
        match self {
            Self::All(names) => Self::Cut { count: names.len() as u64, digest: self.digest(kind) },
            Self::Cut { .. } => self.clone(),
        }
    }

    fn to_value(&self, kind: LossKind, whole: bool) -> Value {
        match self {
            Self::Cut { count, digest } => json!({ "count": count, "digest": digest }),
            Self::All(names) => names
                .iter()
                .map(|(name, rests)| {
                    if rests.is_empty() || !whole && kind != LossKind::Gate {
                        return Value::from(name.as_str());
                    }
                    std::iter::once(name).chain(rests).map(|one| Value::from(one.as_str())).collect()
                })
                .collect(),
        }
    }

    fn from_value(value: &Value, kind: LossKind, left: &mut usize) -> Option<Self> {
        if value.is_object() {
            let count = value.get("count")?.as_u64()?;
            let digest = value.get("digest")?.as_str()?.parse().ok()?;
            return Some(Self::Cut { count, digest });
        }
        let mut take = |value: &Value| {
            *left = left.checked_sub(1)?;
            value.as_str().filter(|name| is_name(name)).map(str::to_owned)
        };
        let mut names = BTreeMap::new();
        for one in value.as_array()? {
            let (name, rests) = match one.as_array() {
                None => (take(one)?, Vec::new()),
                Some(parts) => {
                    let (name, rests) = parts.split_first()?;
                    (take(name)?, rests.iter().map(&mut take).collect::<Option<Vec<_>>>()?)
                }
            };
            let in_order = kind != LossKind::Gate
                || rests.len() <= 1 && rests.iter().all(|policy| policy.parse::<Digest>().is_ok());
            if !in_order || names.insert(name, rests).is_some() {
                return None;
            }
        }
        Some(Self::All(names))
    }
}

/// Whether a text can be the name of anything that is declared or derived: an id, a flow, a digest.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=160).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.>#:".contains(&byte))
}

fn resting<T: Into<Resting>>(of: impl IntoIterator<Item = T>) -> BTreeMap<String, Vec<String>> {
    of.into_iter().map(Into::into).map(|Resting { name, on }| (name, on)).collect()
}

fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| length(item) + 1).sum::<usize>() + 2,
        // Names hold nothing that JSON escapes.
        Value::String(text) => text.len() + 2,
        _ => 128,
    }
}

const fn plural(kind: LossKind) -> &'static str {
    match kind {
        LossKind::Threat => "threats",
        LossKind::Control => "controls",
        LossKind::Asset => "assets",
        LossKind::Element => "elements",
        LossKind::Flow => "flows",
        LossKind::Gate | LossKind::GatePolicy => "gates",
    }
}
