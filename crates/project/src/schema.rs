//! The JSON Schema of the project file, for editors and for other tools.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::Value;

use crate::{
    model::{Actor, Asset, Element, Flow, Gate, Group, Ignore, Treatment, TrustPins, Zone},
    subject::SECURITY_RELEVANT,
    values::{ID_PATTERN, ZoneId},
    words::{Baseline, ProjectRole},
};

/// The JSON Schema (draft 2020-12) of the project file. Fields marked `x-security-relevant` are those that make
/// up the digest of a subject; see [`crate::Project::subject`].
pub fn schema() -> Value {
    let generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), "urn:bartizan:project:v1".into());
    }
    for (table, fields) in SECURITY_RELEVANT {
        for field in *fields {
            let pointer = format!("/$defs/{table}/properties/{field}");
            if let Some(Value::Object(property)) = schema.pointer_mut(&pointer) {
                property.insert("x-security-relevant".to_owned(), true.into());
            }
        }
    }
    schema
}

/// One LLM system under protection, as `bartizan.toml` describes it.
#[derive(JsonSchema)]
#[schemars(title = "bartizan.toml", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct File {
    /// The version of this format.
    format: FormatOne,
    /// What is protected.
    project: Head,
    /// Keys that are pinned here.
    #[schemars(default)]
    trust: Option<TrustPins>,
    /// People by lifecycle role.
    #[schemars(default)]
    group: BTreeMap<IdText, Group>,
    /// Threat actors; the built-in ones need no entry.
    #[schemars(default)]
    actor: BTreeMap<IdText, Actor>,
    /// Trust zones; `internet`, `partner`, `internal` and `restricted` need no entry.
    #[schemars(default)]
    zone: BTreeMap<ZoneId, Zone>,
    /// What is worth protecting.
    #[schemars(default)]
    asset: BTreeMap<IdText, Asset>,
    /// The boxes of the system model.
    #[schemars(default)]
    element: BTreeMap<IdText, Element>,
    /// The arrows of the system model.
    #[schemars(default)]
    flow: Vec<Flow>,
    /// What was decided about threats.
    #[schemars(default)]
    treatment: Vec<Treatment>,
    /// Findings that one person may leave out of the outcome.
    #[schemars(default)]
    ignore: Vec<Ignore>,
    /// Where a policy decides.
    #[schemars(default)]
    gate: BTreeMap<IdText, Gate>,
}

/// What is protected.
#[derive(JsonSchema)]
#[schemars(title = "Project", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Head {
    /// What it is called.
    #[schemars(length(min = 1, max = 80))]
    name: String,
    /// What it is for.
    #[schemars(length(min = 1, max = 4000))]
    purpose: Option<String>,
    /// What the project does with models; `system-producer` where it is left out.
    role: Option<ProjectRole>,
    /// What it wants to be measured against.
    #[schemars(default)]
    baselines: std::collections::BTreeSet<Baseline>,
}

macro_rules! schema_texts {
    ($($name:ident = $schema:tt;)*) => {$(
        /// Stands for a type of another crate in the schema.
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

schema_texts! {
    FormatOne = { "const": 1 };
    IdText = { "type": "string", "pattern": ID_PATTERN };
    RuleText = { "type": "string", "pattern": "^[A-Z]{2,4}[0-9]{3}$" };
    ThreatText = { "type": "string", "pattern": "^THR[0-9]{3}(/[a-z0-9][a-z0-9_.-]{0,63})?$" };
    Sha256Text = { "type": "string", "pattern": "^sha256:[0-9A-Fa-f]{64}$" };
    Day = { "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" };
}
