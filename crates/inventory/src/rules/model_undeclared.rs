use std::collections::BTreeMap;

use bartizan_artifact::escape;
use bartizan_finding::{Location, Occurrence, Rule, Severity};

use crate::{
    Found, Kind, UndeclaredKind,
    reconcile::{Lying, Reality, Seen, Thing},
    rules::ObservedRule,
};

/// A model or adapter lies in the project and no asset covers it.
///
/// ## What it finds
/// Files of weights, by their names, in the folder of the project file and below no asset of the kind model, adapter,
/// tokenizer or dataset. It is high where the format can run code when it is loaded, such as a pickle. What lies among
/// tests, examples and documentation is only counted, in REC008.
/// ## Why it matters
/// What no asset covers is not scanned, not pinned and not signed for; whoever can put a file there can have it loaded.
/// ## Example
/// `checkpoints/optimizer.pkl` lies beside `model/`, which is declared.
/// ## Fix
/// Remove the file, or add the stanza that the finding names, with its owner and where it comes from:
/// `[asset.optimizer-pkl]` with `kind = "model"` and `path = "checkpoints/optimizer.pkl"`.
/// ## References
/// - owasp-llm:2026/LLM04
/// - NIST SP 800-218A, PO.5.3
/// - NIST SP 800-218, PS.1.1
#[derive(Rule)]
#[rule(code = "REC001", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub struct ModelUndeclared;

impl ObservedRule for ModelUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        // The pieces of one model are one finding.
        let mut models: BTreeMap<&str, Vec<&Lying>> = BTreeMap::new();
        for lying in reality.cover.lying.iter().filter(|lying| lying.found.kind.is_weights()) {
            models.entry(whole(&lying.found)).or_default().push(lying);
        }
        for pieces in models.into_values() {
            let Some(first) = pieces.first().map(|lying| &lying.found) else { continue };
            let adapter = first.kind == Kind::Adapter;
            let what = if adapter { "an adapter" } else { "a model" };
            let more = match pieces.len() {
                1 => String::new(),
                count => format!(", the first of {count} pieces,"),
            };
            let mut message = format!("{what} lies at `{}`{more} and no asset covers it", first.shown());
            let runs_code = pieces.iter().find_map(|lying| lying.runs_code.as_ref());
            if let Some(file) = runs_code {
                message.push_str("; its format can run code when it is loaded");
                if *file != first.path {
                    message.push_str(&format!(", as in `{}`", escape(file, 160)));
                }
            }
            let severity = if runs_code.is_some() { Severity::High } else { Severity::Medium };
            sink(Seen {
                occurrence: Occurrence::new(Self::META, Location::file(&*first.path), message)
                    .severity(severity),
                kind: if adapter { UndeclaredKind::Adapter } else { UndeclaredKind::Model },
                name: first.path.clone(),
                thing: Thing::Files(pieces.iter().map(|lying| lying.found.clone()).collect()),
            });
        }
    }
}

/// What the pieces of one model have in common (`model` of `model-00001-of-00002.safetensors`); else the whole path.
fn whole(found: &Found) -> &str {
    let stem = found.path.rsplit_once('.').map_or(found.path.as_str(), |(stem, _)| stem);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let piece = |stem: &str| {
        let (rest, total) = stem.rsplit_once("-of-")?;
        let (name, number) = rest.rsplit_once(['-', '_'])?;
        (digits(total) && digits(number)).then_some(name.len())
    };
    let named = if found.folder { None } else { piece(stem) };
    named.and_then(|length| found.path.get(..length)).unwrap_or(&found.path)
}
