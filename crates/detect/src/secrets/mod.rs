//! Secrets: one rule with a table of rows, one for each kind of key.

mod assigned;
mod checks;
mod pem;
mod row;
mod sample;
mod span;
mod table;
mod token;
mod url;

use bartizan_finding::{Rule, Variant};

use crate::detector::Detector;
use table::TABLE;

/// The text holds a secret.
///
/// ## What it finds
/// Keys, tokens and passwords, each by the form that its issuer gives it: a fixed start, an alphabet, a length and,
/// where there is one, a checksum. Each kind is a variant of this rule. Placeholders such as `ghp_xxxx…` and the
/// examples of documentation are left out.
/// ## Why it matters
/// Whoever reads the data has the secret, and a model that was trained on it can give it away. Deleting it from the
/// data does not take it back.
/// ## Example
/// A chat log in which a developer pastes a configuration file with its database URL and password.
/// ## Fix
/// Revoke the secret at its issuer first, then remove it from the data and from every copy and model made of it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/798.html>
/// - <https://genai.owasp.org/llmrisk/llm022025-sensitive-information-disclosure/>
#[derive(Debug, Rule)]
#[rule(
    code = "SEC001",
    severity = "high",
    confidence = "high",
    controls = ["data-secrets"],
    variants = &VARIANTS
)]
pub(crate) struct Secret;

/// The rows as the rule shows them.
static VARIANTS: [Variant; TABLE.len()] = {
    let mut variants = [const { Variant { id: "", title: "", reference: "", hit: String::new, miss: String::new } };
        TABLE.len()];
    let mut i = 0;
    while i < TABLE.len() {
        let row = &TABLE[i];
        variants[i] =
            Variant { id: row.id, title: row.title, reference: row.reference, hit: row.hit, miss: row.miss };
        i += 1;
    }
    variants
};

/// A detector for each row.
pub(crate) fn detectors() -> impl Iterator<Item = Box<dyn Detector>> {
    TABLE.iter().map(|row| Box::new(row::RowDetector(row)) as Box<dyn Detector>)
}
