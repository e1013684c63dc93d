use bartizan_finding::{Location, Occurrence, Rule, Severity};

use crate::{
    Kind, UndeclaredKind,
    reconcile::{Reality, Seen, Thing},
    rules::ObservedRule,
};

/// A prompt or tokenizer lies in the project and no asset covers it.
///
/// ## What it finds
/// Prompts and tokenizers, by their names and folders, below no asset. It is low where only the name of a single file
/// speaks for it. Instructions to the assistants of developers (`AGENTS.md`, `.cursor/`) are only counted, in REC008.
/// ## Why it matters
/// Whoever can change a prompt changes what the system does, and whoever can change a tokenizer changes what the model
/// reads. Only what is declared is looked at for hidden text and held against its digest.
/// ## Example
/// `prompts/escalation.md` was added and only `prompts/system.md` is declared.
/// ## Fix
/// Add the stanza that the finding names: `[asset.escalation-md]` with `kind = "prompt"` and
/// `path = "prompts/escalation.md"`, or declare the folder.
/// ## References
/// - NIST SP 800-218A, PS.1.2
/// - owasp-llm:2026/LLM01
#[derive(Rule)]
#[rule(code = "REC003", severity = "medium", confidence = "medium", controls = ["prompt-hygiene"])]
pub struct PromptUndeclared;

impl ObservedRule for PromptUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        let is_text = |kind| matches!(kind, Kind::Prompt | Kind::Tokenizer);
        for lying in reality.cover.lying.iter().filter(|lying| is_text(lying.found.kind)) {
            let found = &lying.found;
            let tokenizer = found.kind == Kind::Tokenizer;
            let sure = tokenizer || found.folder().to_lowercase().contains("prompt");
            let what = if tokenizer { "a tokenizer" } else { "a prompt" };
            let message = format!("{what} lies at `{}` and no asset covers it", found.shown());
            let severity = if sure { Severity::Medium } else { Severity::Low };
            sink(Seen {
                occurrence: Occurrence::new(Self::META, Location::file(&*found.path), message)
                    .severity(severity),
                kind: if tokenizer { UndeclaredKind::Tokenizer } else { UndeclaredKind::Prompt },
                name: found.path.clone(),
                thing: Thing::Files(vec![found.clone()]),
            });
        }
    }
}
