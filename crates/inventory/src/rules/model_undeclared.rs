use bartizan_artifact::escape;
use bartizan_finding::{Location, Occurrence, Rule, Severity};

use crate::{
    Kind, UndeclaredKind,
    reconcile::{Reality, Seen, Thing},
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
/// - NIST SP 800-218A, PO.5.3
/// - NIST SP 800-218, PS.1.1
#[derive(Rule)]
#[rule(code = "REC001", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub struct ModelUndeclared;

impl ObservedRule for ModelUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        for lying in reality.cover.lying.iter().filter(|lying| lying.found.kind.is_weights()) {
            let found = &lying.found;
            let what = if found.kind == Kind::Adapter { "an adapter" } else { "a model" };
            let mut message = format!("{what} lies at `{}` and no asset covers it", found.shown());
            let mut severity = Severity::Medium;
            if let Some(first) = &lying.runs_code {
                severity = Severity::High;
                message.push_str("; its format can run code when it is loaded");
                if *first != found.path {
                    message.push_str(&format!(", as in `{}`", escape(first, 160)));
                }
            }
            let occurrence =
                Occurrence::new(Self::META, Location::file(&*found.path), message).severity(severity);
            sink(Seen {
                occurrence,
                kind: if found.kind == Kind::Adapter {
                    UndeclaredKind::Adapter
                } else {
                    UndeclaredKind::Model
                },
                name: found.path.clone(),
                thing: Thing::Files(vec![found.clone()]),
            });
        }
    }
}
