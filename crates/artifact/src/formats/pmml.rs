//! PMML documents: models of statistics and data mining in XML.

pub(crate) mod rules;

use super::xml::Document;
use crate::{escape, problems::SHOWN, scope::Scope};

/// What is known of a document.
#[derive(Debug, Default)]
pub(crate) struct Model {
    elements: u64,
    models: u64,
    /// Functions that the document defines itself.
    defined: std::collections::BTreeSet<String>,
    /// Functions that it calls by a name with dots, and where.
    called: Vec<(String, u64)>,
}

/// Calls by name that are kept.
const MOST_CALLS: usize = 1000;

impl Document for Model {
    fn open(&mut self, name: &str, attributes: &[(String, String)], at: u64, scope: &mut Scope<'_, '_>) {
        self.elements += 1;
        let get =
            |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        match name {
            "PMML" => {
                if let Some(version) = get("version") {
                    scope.outline.fact("archive-version", version);
                }
            }
            "DefineFunction" => {
                if let Some(function) = get("name").filter(|_| self.defined.len() < MOST_CALLS) {
                    self.defined.insert(function.to_owned());
                }
            }
            // The built-in functions have no dots; `x-` marks those of a vendor.
            "Apply" => {
                if let Some(function) = get("function").filter(|name| name.contains('.'))
                    && self.called.len() < MOST_CALLS
                {
                    self.called.push((function.to_owned(), at));
                }
            }
            "Application" => {
                if let Some(application) = get("name") {
                    scope.outline.fact("writer", application);
                }
            }
            "TableLocator" => {
                scope.add(
                    rules::ForeignTable::META,
                    at,
                    at,
                    "the document takes data from a table elsewhere",
                );
            }
            "InlineTable" | "Extension" => {}
            name if name.ends_with("Model") || name == "Scorecard" || name == "TreeModel" => self.models += 1,
            _ => {}
        }
    }

    fn finish(&mut self, scope: &mut Scope<'_, '_>) {
        scope.outline.fact("models", &self.models.to_string());
        for (function, at) in self.called.iter().filter(|(function, _)| !self.defined.contains(function)) {
            let message = format!("the document calls {}, which it does not define", escape(function, SHOWN));
            scope.add(rules::ForeignFunction::META, *at, *at, message);
        }
    }
}
