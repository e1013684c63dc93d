use bartizan_finding::{Occurrence, Rule};

use crate::{
    UndeclaredKind,
    reconcile::{Reality, Seen, Thing},
    rules::ObservedRule,
};

/// Code, settings and examples lie in the project and no asset covers them.
///
/// ## What it finds
/// Everything else that an inventory would list: code, pinned packages, settings, variables, what containers are made
/// from, and models, data and prompts among tests, examples and documentation. All of it is one finding.
/// ## Why it matters
/// It need not be declared for the project to be in order. But a check looks only at what is declared, and whoever reads
/// that nothing was found should know where nobody looked.
/// ## Example
/// `src/`, `requirements.txt` and `.env` lie beside a declared model.
/// ## Fix
/// Declare what matters, with the stanzas that the finding stands for. Code and pinned packages are worth it: secrets
/// and hidden text are then looked for in them.
/// ## References
/// - NIST SP 800-218, PS.1.1
/// - NIST SP 800-218A, PO.5.3
#[derive(Rule)]
#[rule(code = "REC008", severity = "info", confidence = "high", controls = [])]
pub struct RestUndeclared;

impl ObservedRule for RestUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        const SHOWN: usize = 6;
        let aside = &reality.cover.aside;
        if aside.is_empty() {
            return;
        }
        let shown: Vec<_> =
            aside.iter().take(SHOWN).map(|found| format!("`{}` ({})", found.shown(), found.kind)).collect();
        let more = match aside.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("no asset covers {}{more}, so nobody looked there", shown.join(", "));
        sink(Seen {
            occurrence: Occurrence::new(Self::META, reality.project.location("project"), message),
            kind: UndeclaredKind::Rest,
            name: "rest".to_owned(),
            thing: Thing::Files(aside.clone()),
        });
    }
}
