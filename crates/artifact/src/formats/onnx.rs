//! ONNX models: `ModelProto` and what lies in it, graphs in attributes of nodes included.
//!
//! An ONNX file is data for a runtime, and what it can do is what the runtime's operators do. So each operator outside of
//! the standard is told by its domain, and each place where the file names another file is held against the folder that
//! it lies in. Tensors stream by; their descriptions are held against their bytes.
//!
//! Numbers of fields: <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>

mod external;
mod operator;
pub(crate) mod rules;
mod tensor;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Digest, Severity};

use self::{external::Files, operator::Node};
use super::protobuf::{Fault, Field, Text, Wire, number, shown};
use crate::{
    outline::MAX_NAMES,
    read::{Halt, Pass},
    scope::Scope,
};

/// The newest version of the format whose fields are known here: that of ONNX 1.23.
const KNOWN_VERSION: u64 = 14;

/// The key under which ONNX Runtime takes its own settings from a model, where `ORT_LOAD_CONFIG_FROM_MODEL` is set.
const RUNTIME_SETTINGS: &str = "ort_config";

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let mut model = Model::default();
    let mut wire = Wire::new(pass, scope);
    wire.whole(|wire, end| model.read(wire, end))?;
    model.settle(&mut wire);
    Ok(())
}

/// What is known of a model.
#[derive(Default)]
struct Model {
    version: Option<u64>,
    producer: Option<String>,
    producer_version: Option<String>,
    opsets: BTreeMap<String, u64>,
    nodes: u64,
    /// Operators that the model defines itself, by domain and name.
    functions: BTreeSet<Digest>,
    /// Operators of unknown domains, with the offset of the first node and how many there are.
    unknown: BTreeMap<Digest, Unknown>,
    domains: BTreeSet<String>,
    /// Files that hold tensors.
    files: Files,
}

/// An operator that is not known: its domain and name, the offset of the first node, and how many there are.
struct Unknown {
    domain: String,
    name: String,
    at: u64,
    count: u64,
}

/// What tells an operator from others: names may be long, and only as many are kept as are shown.
fn key(domain: &str, name: &str) -> Digest {
    Digest::of(format!("{domain}\0{name}").as_bytes())
}

impl Model {
    fn read(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => self.version(wire, &field)?,
                2 => self.producer = wire.name(&field, "the producer")?.map(|text| text.start),
                3 => {
                    self.producer_version =
                        wire.name(&field, "the producer's version")?.map(|text| text.start);
                }
                4 => drop(wire.name(&field, "the model's domain")?),
                5 => {
                    if number(&field).is_none() {
                        wire.unknown(&field, "the model")?;
                    }
                }
                6 => drop(wire.string(&field, "the description")?),
                7 => wire.message(&field, "the model", |wire, end| self.graph(wire, end))?,
                8 => wire.message(&field, "the model", |wire, end| self.opset(wire, end))?,
                14 => wire.message(&field, "the model", metadata)?,
                20 => wire.message(&field, "the model", |wire, end| self.training(wire, end))?,
                25 => wire.message(&field, "the model", |wire, end| self.function(wire, end))?,
                26 => drop(wire.bytes(&field, "a description of devices")?),
                _ => wire.unknown(&field, "the model")?,
            }
        }
        Ok(())
    }

    fn version(&mut self, wire: &mut Wire<'_, '_, '_, '_>, field: &Field) -> Result<(), Fault> {
        let Some(version) = number(field) else { return wire.unknown(field, "the model") };
        if self.version.is_some_and(|first| first != version) {
            wire.twice(field, "the version of the format");
        }
        if version > KNOWN_VERSION {
            let message =
                format!("the version of the format is {version}, the newest known one is {KNOWN_VERSION}");
            wire.add(rules::UnknownVersion::META, field.at, message);
        }
        self.version = Some(version);
        Ok(())
    }

    fn opset(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let (mut domain, mut version) = (String::new(), 0);
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => domain = wire.name(&field, "a domain")?.map_or(domain, |text| text.start),
                2 => version = number(&field).unwrap_or(version),
                _ => wire.unknown(&field, "a set of operators")?,
            }
        }
        if self.opsets.len() < MAX_NAMES {
            self.opsets.insert(domain, version);
        }
        Ok(())
    }

    /// Reads a graph: of the model, of an attribute of a node, or one for training.
    fn graph(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let mut tensors = BTreeSet::new();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a graph", |wire, end| self.node(wire, end))?,
                2 => drop(wire.name(&field, "the name of a graph")?),
                5 => wire.message(&field, "a graph", |wire, end| {
                    let name = tensor::read(wire, end, true, &mut self.files)?;
                    unique(wire, &field, &mut tensors, &name);
                    Ok(())
                })?,
                10 => drop(wire.string(&field, "a description")?),
                11..=14 => drop(wire.bytes(&field, "a description of values")?),
                15 => wire.message(&field, "a graph", |wire, end| self.sparse(wire, end))?,
                16 => wire.message(&field, "a graph", metadata)?,
                _ => wire.unknown(&field, "a graph")?,
            }
        }
        Ok(())
    }

    fn node(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let at = wire.pass.position();
        self.nodes += 1;
        let mut node = Node::default();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 | 2 => drop(wire.name(&field, "the name of a value")?),
                3 => drop(wire.name(&field, "the name of a node")?),
                4 => single(wire, &field, "the operator of a node", &mut node.operator)?,
                5 => wire.message(&field, "a node", |wire, end| self.attribute(wire, end, &mut node))?,
                6 => drop(wire.string(&field, "a description")?),
                7 => single(wire, &field, "the domain of a node", &mut node.domain)?,
                8 => drop(wire.name(&field, "the overload of a node")?),
                9 => wire.message(&field, "a node", metadata)?,
                10 => drop(wire.bytes(&field, "a description of devices")?),
                _ => wire.unknown(&field, "a node")?,
            }
        }
        let domain = node.domain();
        if self.domains.len() < MAX_NAMES {
            self.domains.insert(if domain.is_empty() { "ai.onnx" } else { domain }.to_owned());
        }
        if node.judge(wire, at) {
            let key = key(domain, node.operator());
            if self.unknown.len() < wire.scope.limits.names || self.unknown.contains_key(&key) {
                let fresh = || Unknown {
                    domain: crate::escape(domain, 80),
                    name: crate::escape(node.operator(), 80),
                    at,
                    count: 0,
                };
                self.unknown.entry(key).or_insert_with(fresh).count += 1;
            } else {
                let position = wire.pass.position();
                wire.scope.unexamined(
                    at,
                    position,
                    "a node of a domain that is not known, beyond those that are kept",
                );
            }
        }
        Ok(())
    }

    fn attribute(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64, node: &mut Node) -> Result<(), Fault> {
        let mut name = None;
        let mut values = Vec::new();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => single(wire, &field, "the name of an attribute", &mut name)?,
                2 | 7 => drop(wire.fixed(&field, 4, "a list of numbers")?),
                3 | 8 | 20 => drop(wire.varints(&field, &mut |_| ())?),
                4 | 9 => {
                    let text = wire.string(&field, "the value of an attribute")?;
                    if values.len() < 16 {
                        values.extend(text);
                    }
                }
                5 | 10 => wire.message(&field, "an attribute", |wire, end| {
                    tensor::read(wire, end, false, &mut self.files).map(drop)
                })?,
                6 | 11 => wire.message(&field, "an attribute", |wire, end| self.graph(wire, end))?,
                13 => drop(wire.string(&field, "a description")?),
                14 | 15 => drop(wire.bytes(&field, "a description of values")?),
                21 => drop(wire.name(&field, "the name of an attribute")?),
                22 | 23 => wire.message(&field, "an attribute", |wire, end| self.sparse(wire, end))?,
                _ => wire.unknown(&field, "an attribute")?,
            }
        }
        node.attribute(name.unwrap_or_default(), values);
        Ok(())
    }

    fn sparse(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 | 2 => wire.message(&field, "a sparse tensor", |wire, end| {
                    tensor::read(wire, end, false, &mut self.files).map(drop)
                })?,
                3 => drop(wire.varints(&field, &mut |_| ())?),
                _ => wire.unknown(&field, "a sparse tensor")?,
            }
        }
        Ok(())
    }

    fn training(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 | 2 => wire.message(&field, "the training", |wire, end| self.graph(wire, end))?,
                3 | 4 => wire.message(&field, "the training", metadata)?,
                _ => wire.unknown(&field, "the training")?,
            }
        }
        Ok(())
    }

    fn function(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let at = wire.pass.position();
        let (mut name, mut domain, mut overload) = (None, None, None);
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => single(wire, &field, "the name of a function", &mut name)?,
                4..=6 => drop(wire.name(&field, "the name of a value")?),
                7 => wire.message(&field, "a function", |wire, end| self.node(wire, end))?,
                8 => drop(wire.string(&field, "a description")?),
                9 => wire.message(&field, "a function", |wire, end| self.opset(wire, end))?,
                10 => single(wire, &field, "the domain of a function", &mut domain)?,
                11 => wire.message(&field, "a function", |wire, end| {
                    self.attribute(wire, end, &mut Node::default())
                })?,
                12 => drop(wire.bytes(&field, "a description of values")?),
                13 => single(wire, &field, "the overload of a function", &mut overload)?,
                14 => wire.message(&field, "a function", metadata)?,
                _ => wire.unknown(&field, "a function")?,
            }
        }
        let (name, domain) = (name.unwrap_or_default(), domain.unwrap_or_default());
        if operator::is_standard(&domain.start) {
            let message = format!("the model replaces the standard operator {}", shown(&name));
            wire.add(rules::ReplacesOperator::META, at, message);
        }
        let overload = overload.unwrap_or_default().start;
        let fresh = self.functions.len() >= wire.scope.limits.names
            || self.functions.insert(key(&domain.start, &name.start))
            || !overload.is_empty();
        if !fresh {
            wire.add(rules::DuplicateName::META, at, format!("two functions are called {}", shown(&name)));
        }
        Ok(())
    }

    /// Says what follows from the whole model.
    fn settle(self, wire: &mut Wire<'_, '_, '_, '_>) {
        for (key, Unknown { domain, name, at, count }) in &self.unknown {
            if self.functions.contains(key) {
                continue;
            }
            let message = format!(
                "the operator {name} of the domain {domain} is not known, a library of its own implements it; nodes: {count}"
            );
            wire.scope.add(rules::UnknownOperator::META, *at, *at, message);
        }
        self.files.settle(wire.scope);
        let outline = &mut *wire.scope.outline;
        let opsets: Vec<_> = self
            .opsets
            .iter()
            .map(|(domain, version)| {
                let domain = if domain.is_empty() { "ai.onnx" } else { domain };
                format!("{domain} {version}")
            })
            .collect();
        let join = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let producer =
            [self.producer, self.producer_version].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let facts = [
            ("onnx-version", self.version.map(|version| version.to_string()).unwrap_or_default()),
            ("producer", producer.trim().to_owned()),
            ("operator-sets", opsets.join(", ")),
            ("operator-domains", join(&self.domains)),
            ("external-files", self.files.shown()),
            ("nodes", self.nodes.to_string()),
        ];
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            outline.fact(name, value);
        }
    }
}

/// Reads a name of which there is one.
fn single(
    wire: &mut Wire<'_, '_, '_, '_>,
    field: &Field,
    of: &'static str,
    value: &mut Option<Text>,
) -> Result<(), Fault> {
    let text = wire.name(field, of)?;
    if let (Some(first), Some(text)) = (&value, &text)
        && first.start != text.start
    {
        wire.twice(field, of);
    }
    if text.is_some() {
        *value = text;
    }
    Ok(())
}

/// Tells a name that was there before.
fn unique(wire: &mut Wire<'_, '_, '_, '_>, field: &Field, names: &mut BTreeSet<Digest>, name: &Text) {
    if name.start.is_empty() || name.length > name.start.len() as u64 {
        return;
    }
    let digest = Digest::of(name.start.as_bytes());
    if names.contains(&digest) {
        wire.add(
            rules::DuplicateName::META,
            field.at,
            format!("two initialisers are called {}", shown(name)),
        );
    } else if names.len() < wire.scope.limits.tensors {
        names.insert(digest);
    } else {
        let (at, end) = (field.at, wire.pass.position());
        wire.scope.unexamined(
            at,
            end,
            "whether the name of an initialiser stands twice, beyond those that are kept",
        );
    }
}

/// Reads a key and a value that stand for themselves.
fn metadata(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    let at = wire.pass.position();
    let (mut key, mut value) = (None, None);
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => key = wire.name(&field, "the key of a metadata entry")?,
            2 => value = wire.string(&field, "the value of a metadata entry")?,
            _ => wire.unknown(&field, "a metadata entry")?,
        }
    }
    let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
    if key.start == RUNTIME_SETTINGS {
        // Settings name libraries, files and paths for profiles.
        let paths = ["path", "library", "file_prefix", "dll", ".so"];
        let severity = if paths.iter().any(|path| value.start.contains(path)) {
            Severity::High
        } else {
            Severity::Medium
        };
        wire.add_as(
            rules::RuntimeSettings::META,
            severity,
            at,
            "the model brings settings for ONNX Runtime along",
        );
    }
    crate::outline::note(&mut wire.scope.outline.metadata_keys, crate::escape(&key.start, 80));
    Ok(())
}
