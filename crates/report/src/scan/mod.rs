//! What a scan of model files saw, as data: `bartizan/scan/v1`, and as text and SARIF.
//!
//! Additive only, as [`crate::v1`] is.

mod sarif;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};

pub use self::{sarif::render as sarif, text::render as text};
use crate::{
    json::visible,
    v1::{Finding, RuleText, Severity, Tool, Unexamined},
};

/// The value of [`ScanReport::schema`].
pub const SCHEMA: &str = "bartizan/scan/v1";

/// What a scan saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Bartizan scan, version 1")]
pub struct ScanReport {
    /// Always `bartizan/scan/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// The version of the rules for model files.
    pub rule_set: u32,
    /// 0 nothing at or over the threshold; 1 findings at or over it; 3 nothing to scan; 4 not all could be looked at.
    pub exit_code: u8,
    /// From which severity on a finding counts against the outcome.
    pub fail_on: Severity,
    /// The verdict in one sentence.
    pub summary: String,
    /// Whether only the structure was asked for, where that says all but the values.
    pub structure_only: bool,
    /// How many files have each class.
    pub classes: BTreeMap<Class, u64>,
    /// The files, by name.
    pub files: Vec<ScannedFile>,
    /// What is wrong between files rather than in one of them.
    pub findings: Vec<Finding>,
    /// What was not opened.
    pub unexamined: Vec<Unexamined>,
    /// The rules that found something, by code.
    pub rules: Vec<RuleText>,
}

/// The verdict about a file. Each wins over those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something of severity high or critical is wrong.
    Finding,
    /// The file could not be read, or changed while it was read.
    Error,
    /// Something was not looked at, so that nothing follows from the absence of findings.
    Inconclusive,
    /// A person should look: the worst is of severity medium.
    Review,
    /// All of it was looked at, and nothing is worse than low.
    Clean,
}

impl Class {
    /// All, worst first.
    pub const WORST_FIRST: [Self; 5] =
        [Self::Finding, Self::Error, Self::Inconclusive, Self::Review, Self::Clean];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Error => "error",
            Self::Inconclusive => "inconclusive",
            Self::Review => "review",
            Self::Clean => "clean",
        }
    }
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScannedFile {
    /// Its name.
    pub path: String,
    /// The verdict.
    pub class: Class,
    /// What its bytes are; absent where it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Bytes that were read.
    pub bytes_read: u64,
    /// SHA-256, 64 hexadecimal digits; absent unless every byte was read and the file stayed as it was meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Whether a file of this format can run code in whoever loads it; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carries_code: Option<bool>,
    /// What it holds.
    pub outline: Outline,
    /// What is wrong with it, worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub unexamined: Vec<Unexamined>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outline {
    /// Tensors that it describes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tensors: u64,
    /// Elements of all tensors.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parameters: u64,
    /// How many tensors have each element type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dtypes: BTreeMap<String, u64>,
    /// Pickle programs in it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pickles: u64,
    /// What those import, as `module.name`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub globals: Vec<String>,
    /// What it says about itself, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
fn is_zero(figure: &u64) -> bool {
    *figure == 0
}

impl ScanReport {
    /// All findings: of files, then between them.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.files.iter().flat_map(|file| &file.findings).chain(&self.findings)
    }

    /// The report as JSON: indented, fields in the order of the types, a line feed at the end.
    ///
    /// # Panics
    /// Never: the types hold only strings, numbers, lists and maps with string keys.
    pub fn to_json(&self) -> String {
        visible(&serde_json::to_string_pretty(self).expect("a report holds nothing that JSON cannot say"))
    }
}

/// The JSON Schema (draft 2020-12), indented, with a line feed at the end.
///
/// # Panics
/// Never: a schema is JSON.
pub fn schema_text() -> String {
    let schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<ScanReport>().to_value();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}
