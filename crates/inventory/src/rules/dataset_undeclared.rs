use bartizan_finding::{Location, Occurrence, Rule};

use crate::{
    Kind, UndeclaredKind,
    reconcile::{Reality, Seen, Thing},
    rules::ObservedRule,
};

/// Data lie in the project and no asset covers them.
///
/// ## What it finds
/// Files of data, by their names, in the folder of the project file and below no asset. An asset of code that is the
/// whole folder (`path = "."`) says nothing about the data in it. What lies among tests, examples and documentation is
/// only counted, in REC008.
/// ## Why it matters
/// Nobody answers for where such data come from, what they hold and under which terms, and no check looks for
/// personal data or hidden text in them.
/// ## Example
/// `data/export.csv` lies beside the declared `data/tickets.jsonl`.
/// ## Fix
/// Remove the data, or add the stanza that the finding names, with its owner, classification and source:
/// `[asset.export-csv]` with `kind = "dataset"` and `path = "data/export.csv"`.
/// ## References
/// - NIST SP 800-218A, PW.3.1
/// - NIST SP 800-218A, PS.1.3
#[derive(Rule)]
#[rule(code = "REC002", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub struct DatasetUndeclared;

impl ObservedRule for DatasetUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        for lying in reality.cover.lying.iter().filter(|lying| lying.found.kind == Kind::Dataset) {
            let found = &lying.found;
            let message = match found.files {
                1 => format!("data lie at `{}` and no asset covers them", found.shown()),
                files => format!("{files} files of data lie in `{}` and no asset covers them", found.shown()),
            };
            sink(Seen {
                occurrence: Occurrence::new(Self::META, Location::file(&*found.path), message),
                kind: UndeclaredKind::Dataset,
                name: found.path.clone(),
                thing: Thing::Files(vec![found.clone()]),
            });
        }
    }
}
