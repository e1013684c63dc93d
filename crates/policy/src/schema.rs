//! The schema that policies are held against.

use std::{collections::BTreeSet, str::FromStr as _, sync::Arc};

use bartizan_finding::Digest;
use cedar_policy::{EntityId, EntityTypeName, EntityUid, Schema as CedarSchema, Validator};

use crate::{
    builtin,
    facts::{COUNTS, FINDINGS, FINDINGS_RECORD, FLAGS},
    fault::{PolicyError, printable},
    read::Statement,
    status,
};

/// The transitions that every project has, whether or not it declares gates at them.
pub const TRANSITIONS: [&str; 5] = ["train", "release", "deploy", "share", "unseal"];

/// The ids that a policy may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The controls of the catalogue. At least one.
    pub controls: BTreeSet<String>,
    /// The gates of the project; [`TRANSITIONS`] are always there.
    pub actions: BTreeSet<String>,
    /// The roles of the lifecycle. At least one.
    pub roles: BTreeSet<String>,
    /// The kinds of assets.
    pub asset_kinds: BTreeSet<String>,
    /// The classifications of assets.
    pub classifications: BTreeSet<String>,
}

/// A vocabulary as Cedar reads it. Cheap to clone.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    base: Base,
    builtin: Vec<Statement>,
}

/// What a text is held against.
pub(crate) struct Base {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) cedar: CedarSchema,
    pub(crate) validator: Validator,
    text: String,
    digest: Digest,
}

/// The types of entities, for the one nearest to a mistyped one.
pub(crate) const TYPES: [&str; 8] =
    ["Action", "Asset", "Collector", "Control", "Group", "Person", "Project", "Role"];

impl Schema {
    /// Makes the schema of a vocabulary.
    pub fn generate(vocabulary: &Vocabulary) -> Result<Self, PolicyError> {
        let mut vocabulary = vocabulary.clone();
        vocabulary.actions.extend(TRANSITIONS.map(str::to_owned));
        if vocabulary.controls.is_empty() || vocabulary.roles.is_empty() {
            return Err(PolicyError::Vocabulary("it has no control or no role".to_owned()));
        }
        let text = text(&vocabulary);
        let unusable =
            |error: &dyn std::fmt::Display| PolicyError::Vocabulary(printable(&error.to_string(), 200));
        let (cedar, warnings) = CedarSchema::from_cedarschema_str(&text).map_err(|error| unusable(&error))?;
        if let Some(warning) = warnings.into_iter().next() {
            return Err(unusable(&warning));
        }
        let digest = Digest::of(text.as_bytes());
        let validator = Validator::new(cedar.clone());
        let base = Base { vocabulary, cedar, validator, text, digest };
        let builtin = builtin::read(&base)?;
        Ok(Self(Arc::new(Inner { base, builtin })))
    }

    /// The schema in Cedar's own syntax, for people and editors.
    pub fn text(&self) -> &str {
        &self.0.base.text
    }

    /// The digest of [`Schema::text`].
    pub fn digest(&self) -> Digest {
        self.0.base.digest
    }

    pub(crate) fn base(&self) -> &Base {
        &self.0.base
    }

    pub(crate) fn builtin(&self) -> &[Statement] {
        &self.0.builtin
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Schema").field(&self.0.base.digest).finish()
    }
}

/// Names an entity.
pub(crate) fn entity(type_name: &'static str, id: &str) -> EntityUid {
    let type_name = EntityTypeName::from_str(type_name).expect("the types of the schema are identifiers");
    EntityUid::from_type_name_and_id(type_name, EntityId::new(id))
}

/// An id as a string of Cedar.
pub(crate) fn quoted(id: &str) -> String {
    format!("\"{}\"", id.escape_default())
}

fn text(vocabulary: &Vocabulary) -> String {
    let all = |ids: &BTreeSet<String>, indent: &str| {
        let ids: Vec<_> = ids.iter().map(|id| format!("{indent}{}", quoted(id))).collect();
        ids.join(",\n")
    };
    let words = |ids: &BTreeSet<String>| {
        let ids: Vec<_> = ids.iter().map(|id| printable(id, 64)).collect();
        ids.join(", ")
    };
    let mut out = String::from(
        "// What policies may speak of: made by Bartizan from the catalogue and the project file.\n\n\
         // The controls of the catalogue.\nentity Control enum [\n",
    );
    out.push_str(&all(&vocabulary.controls, "    "));
    out.push_str(
        "\n];\n\n// The roles of the lifecycle. A person has those of their groups.\nentity Role enum [\n",
    );
    out.push_str(&all(&vocabulary.roles, "    "));
    out.push_str(
        "\n];\n\n// A group of the project file.\nentity Group;\n\n\
         // Who asks, by the name in the trust file.\n\
         entity Person in [Group, Role];\nentity Collector in [Role];\n\n\
         // What it is done with. `digest` is that of the bytes.\n\
         entity Project;\nentity Asset {\n",
    );
    out.push_str(&format!("    kind: String, // {}\n", words(&vocabulary.asset_kinds)));
    out.push_str(&format!("    classification: String, // {}\n", words(&vocabulary.classifications)));
    out.push_str("    owner?: Group,\n    digest?: String,\n};\n\n// What is known at the transition.\ntype Facts = {\n");
    out.push_str("    // The controls of each status.\n");
    for status in status::ORDER {
        out.push_str(&format!("    {}: Set<Control>,\n", status::set(status)));
    }
    out.push_str(&format!("    // Findings that stand.\n    {FINDINGS_RECORD}: {{\n"));
    for count in &FINDINGS {
        out.push_str(&format!("        {}: Long,\n", count.name));
    }
    out.push_str("    },\n");
    for count in &COUNTS {
        out.push_str(&format!("    {}: Long, // {}\n", count.name, count.doc));
    }
    for flag in &FLAGS {
        out.push_str(&format!("    {}: Bool, // {}\n", flag.name, flag.words[1]));
    }
    out.push_str("};\n\n// The gates.\naction\n");
    out.push_str(&all(&vocabulary.actions, "    "));
    out.push_str(
        "\nappliesTo {\n    principal: [Person, Collector],\n    resource: [Project, Asset],\n    context: Facts,\n};\n",
    );
    out
}
