//! Settings in YAML, as Hydra, `NeMo`, `MLflow` and others read them.
//!
//! A YAML document may say of which class a value is to be made; loaders that are not safe ones make it. And libraries
//! built on Hydra call what an entry `_target_` names.

pub(crate) mod rules;

use std::collections::BTreeMap;

use bartizan_finding::{Occurrence, Severity};
use saphyr_parser::{Event, Parser, Tag};

use crate::{
    escape,
    formats::{
        config::{rules as cfg, target},
        pickle, requirements,
    },
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// Values that aliases may stand for in all. Such a document is small, and what it stands for fills the memory.
const MOST_VALUES: u64 = 10_000_000;
/// Tags of plain values that a safe loader does not take, and that do nothing.
const PLAIN: [&str; 12] =
    ["bool", "bytes", "complex", "dict", "float", "int", "list", "long", "none", "str", "tuple", "unicode"];
/// What an expression in a value calls.
const CALLS: [&str; 6] = ["__import__", "os.system", "subprocess", "eval(", "exec(", "__class__"];

/// Reads a file of this kind to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let Some(text) = crate::formats::python::text(pass, scope)? else { return Ok(()) };
    let name = scope.name.rsplit('/').next().unwrap_or(scope.name).to_ascii_lowercase();
    let packages = ["conda.yaml", "conda.yml", "environment.yaml", "environment.yml", "python_env.yaml"];
    let kind = if name == "mlmodel" {
        Kind::MlModel
    } else if packages.contains(&name.as_str()) {
        Kind::Packages
    } else {
        Kind::Settings
    };
    document(&text, 0, kind, scope);
    Ok(())
}

/// Characters between two whose offsets are kept.
const MARK: usize = 256;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Settings,
    /// The description of a model of `MLflow`.
    MlModel,
    /// Packages that are installed.
    Packages,
    /// What a model card says about the model.
    Card,
}

/// Looks at a document that starts at the offset `start`.
pub(crate) fn document(text: &str, start: u64, kind: Kind, scope: &mut Scope<'_, '_>) {
    let end = start + text.len() as u64;
    if text.len() > scope.limits.yaml_bytes {
        scope.unexamined(start, end, format!("YAML of more than {} bytes", scope.limits.yaml_bytes));
        return;
    }
    let mut reader = Reader {
        text,
        start,
        kind,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        values: 0,
        marks: text.char_indices().step_by(MARK).map(|(at, _)| at).collect(),
    };
    let mut bomb = false;
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = reader.offset(error.marker().index());
                let message = format!("the file is not YAML: {}", escape(error.info(), 80));
                scope.add(rules::NotYaml::META, at, end, message);
                scope.unexamined(at, end, "behind the point where the file is not YAML");
                return;
            }
        };
        let at = reader.offset(span.start.index());
        if reader.open.len() > scope.limits.json_depth {
            scope.unexamined(at, end, "nested deeper than is followed");
            return;
        }
        reader.event(event, at, scope);
        if reader.values > MOST_VALUES && !bomb {
            bomb = true;
            let message = "aliases make the document stand for millions of values";
            scope.add(rules::Bomb::META, at, end, message);
        }
    }
}

/// A mapping or sequence that is open.
struct Open {
    /// The last key, where this is a mapping.
    key: Option<String>,
    is_mapping: bool,
    /// The next scalar is a key.
    is_key: bool,
    anchor: usize,
    /// Values in it so far.
    values: u64,
}

struct Reader<'t> {
    text: &'t str,
    start: u64,
    kind: Kind,
    open: Vec<Open>,
    /// Values that each anchor stands for.
    anchors: BTreeMap<usize, u64>,
    values: u64,
    /// The offsets of every so many characters.
    marks: Vec<usize>,
}

impl Reader<'_> {
    /// The offset of a character.
    fn offset(&self, index: usize) -> u64 {
        let bytes = self.marks.get(index / MARK).copied().unwrap_or(self.text.len());
        let rest = self.text.get(bytes..).unwrap_or_default();
        let more: usize = rest.chars().take(index % MARK).map(char::len_utf8).sum();
        self.start + (bytes + more) as u64
    }

    fn event(&mut self, event: Event<'_>, at: u64, scope: &mut Scope<'_, '_>) {
        match event {
            Event::Scalar(text, _, anchor, tag) => {
                if let Some(tag) = tag {
                    tagged(&tag, &text, at, scope);
                }
                let is_key = self.open.last().is_some_and(|open| open.is_mapping && open.is_key);
                if is_key {
                    if let Some(open) = self.open.last_mut() {
                        open.key = Some(text.chars().take(256).collect());
                        open.is_key = false;
                    }
                    return;
                }
                self.anchors.insert(anchor, 1);
                self.scalar(&text, at, scope);
                self.count(1);
            }
            Event::SequenceStart(anchor, tag) => {
                if let Some(tag) = tag {
                    tagged(&tag, "", at, scope);
                }
                self.push(anchor, false);
            }
            Event::MappingStart(anchor, tag) => {
                if let Some(tag) = tag {
                    tagged(&tag, "", at, scope);
                }
                self.push(anchor, true);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.anchors.insert(open.anchor, open.values);
                    self.count(open.values);
                }
            }
            Event::Alias(anchor) => {
                let values = self.anchors.get(&anchor).copied().unwrap_or(1);
                self.count(values);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }

    fn push(&mut self, anchor: usize, is_mapping: bool) {
        self.open.push(Open { key: None, is_mapping, is_key: is_mapping, anchor, values: 0 });
    }

    /// A value has ended.
    fn count(&mut self, values: u64) {
        self.values = self.values.saturating_add(values);
        if let Some(open) = self.open.last_mut() {
            open.values = open.values.saturating_add(values).saturating_add(1);
            open.is_key = open.is_mapping && !open.is_key;
            if self.open.len() == 1 {
                self.values = self.open.first().map_or(0, |open| open.values);
            }
        }
    }

    /// The innermost key, and how many mappings and sequences are around.
    fn key(&self) -> &str {
        self.open.iter().rev().find_map(|open| open.key.as_deref()).unwrap_or_default()
    }

    fn scalar(&self, text: &str, at: u64, scope: &mut Scope<'_, '_>) {
        let key = self.key();
        let direct = self.open.last().is_some_and(|open| open.is_mapping);
        match key {
            "_target_" if direct => target(text, true, at, scope),
            "target" | "class_path" | "init_class" | "entrypoint" | "callable" if direct => {
                target(text, false, at, scope);
            }
            "loader_module" if direct && self.kind == Kind::MlModel && !text.starts_with("mlflow.") => {
                let message = format!("the model is loaded by the module {}", escape(text, SHOWN));
                let harm = pickle::harm(text, "_load_pyfunc");
                let severity = if harm.is_some() { Severity::Critical } else { Severity::Medium };
                let occurrence = Occurrence::new(cfg::Instantiates::META, scope.range(at, at), message);
                scope.problems.push(occurrence.severity(severity));
            }
            "code" if direct && self.kind == Kind::MlModel && !text.is_empty() && text != "null" => {
                let message = format!("the model runs code that lies beside it: {}", escape(text, SHOWN));
                scope.add(cfg::OwnCode::META, at, at, message);
            }
            "trust_remote_code" if text.eq_ignore_ascii_case("true") => {
                let message = "the configuration asks for code from elsewhere to be trusted";
                scope.add(cfg::TrustsRemoteCode::META, at, at, message);
            }
            _ => {}
        }
        match self.kind {
            Kind::Packages => requirements::line(text, at, scope),
            Kind::Card => fact(key, text, self.open.len(), scope),
            _ => {}
        }
        // Resolvers compute such values; the one that everybody writes is called `eval`.
        if let Some((_, inner)) = text.split_once("${")
            && CALLS.iter().any(|call| inner.contains(call))
        {
            let message = format!("a value is to be computed and calls something: {}", escape(text, SHOWN));
            scope.add(rules::Computes::META, at, at, message);
        }
    }
}

/// Entries of a model card that people want to know.
fn fact(key: &str, text: &str, depth: usize, scope: &mut Scope<'_, '_>) {
    if depth > 2 {
        return;
    }
    let name = match key {
        "license" => "licence",
        "base_model" => "base-model",
        "datasets" => "datasets",
        "library_name" => "library",
        "pipeline_tag" => "task",
        "language" => "language",
        "tags" => "tags",
        _ => return,
    };
    let text = match scope.outline.facts.get(name) {
        Some(before) if before.chars().count() < SHOWN => format!("{before}, {}", escape(text, SHOWN)),
        Some(_) => return,
        None => text.to_owned(),
    };
    scope.outline.facts.insert(name, escape(&text, SHOWN).replace("\\\\", "\\"));
}

/// Looks at the tag of a value.
fn tagged(tag: &Tag, text: &str, at: u64, scope: &mut Scope<'_, '_>) {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    let named = whole.rsplit_once("python/").map(|(_, rest)| rest);
    let Some(rest) = named.filter(|_| whole.contains("python/")) else {
        // Ruby, Java and PHP loaders have tags of the same kind; no loader of models takes them.
        let foreign = ["ruby/", "java", "php/"];
        if foreign.iter().any(|start| tag.suffix.starts_with(start)) {
            let message = format!("a value is to be made of a class: {}", escape(&whole, SHOWN));
            let occurrence = Occurrence::new(rules::MakesObject::META, scope.range(at, at), message);
            scope.problems.push(occurrence.severity(Severity::Medium));
        }
        return;
    };
    let (kind, path) = rest.split_once(':').unwrap_or((rest, ""));
    if PLAIN.contains(&kind) {
        return;
    }
    let path = if path.is_empty() { text } else { path };
    let path = path.replace("%2E", ".").replace("%5F", "_");
    let harm = path.rsplit_once('.').or(Some(("builtins", path.as_str())));
    let harm = harm.and_then(|(module, name)| pickle::harm(module, name));
    let shown = escape(&path, SHOWN);
    let (severity, message) = match harm {
        Some(harm) => (
            Severity::Critical,
            format!("reading the file with an unsafe loader takes {shown}, which {harm}"),
        ),
        None if kind == "name" => {
            (Severity::Medium, format!("reading the file with an unsafe loader takes {shown}"))
        }
        None => (Severity::High, format!("reading the file with an unsafe loader makes or imports {shown}")),
    };
    let occurrence = Occurrence::new(rules::MakesObject::META, scope.range(at, at), message);
    scope.problems.push(occurrence.severity(severity));
}
