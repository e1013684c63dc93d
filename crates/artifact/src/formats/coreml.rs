//! Core ML models (`.mlmodel`, and the `model.mlmodel` of a package): what a model asks its host for, and which files it
//! names.
//!
//! A model is data for Apple's framework. It leaves it in three places: layers and models that the host implements, models
//! that it links, and files that hold its weights. Everything else streams by.
//!
//! Numbers of fields: <https://github.com/apple/coremltools/tree/main/mlmodel/format>

pub(crate) mod rules;
pub(crate) mod weights;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Severity;

use super::{
    outside,
    protobuf::{Fault, Field, Text, Value, Wire, number, shown},
};
use crate::{
    escape,
    outline::{LONGEST_NAME, MAX_NAMES},
    read::{Halt, Pass},
    scope::Scope,
};

/// The newest specification that is known, of Core ML 9 (2025).
const KNOWN_VERSION: u64 = 10;

/// In front of the paths of files that belong to the package.
const OF_PACKAGE: &str = "@model_path/";

/// Types of models whose parameters are numbers and names alone.
const PLAIN: &[u32] = &[
    300, 301, 302, 304, 400, 401, 402, 404, 501, 560, 600, 601, 602, 603, 604, 606, 607, 609, 610, 900, 2000,
    2001, 2002, 2003, 2004, 2005, 2006,
];

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let mut model = Model::default();
    let mut wire = Wire::new(pass, scope);
    wire.whole(|wire, end| model.read(wire, end))?;
    for (name, length) in &model.weights {
        wire.scope.data(name, Some(*length), 0);
    }
    let outline = &mut *wire.scope.outline;
    let join = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let facts = [
        ("specification-version", model.version.map(|version| version.to_string()).unwrap_or_default()),
        ("author", model.author),
        ("licence", model.licence),
        ("custom-classes", join(&model.classes)),
        ("external-files", join(&model.files)),
        ("layers", model.layers.to_string()),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty() && value != "0") {
        outline.fact(name, value);
    }
    Ok(())
}

#[derive(Default)]
struct Model {
    version: Option<u64>,
    author: String,
    licence: String,
    classes: BTreeSet<String>,
    files: BTreeSet<String>,
    /// Files of weights in the package, and how far each is needed.
    weights: BTreeMap<String, u64>,
    layers: u64,
}

impl Model {
    fn read(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let mut kind = None;
        while let Some(field) = wire.field(end)? {
            if field.number >= 200 {
                if kind.is_some_and(|kind| kind != field.number) {
                    wire.twice(&field, "the type of a model");
                }
                kind = Some(field.number);
            }
            match field.number {
                1 => {
                    let version = number(&field).unwrap_or(0);
                    if version > KNOWN_VERSION {
                        let message = format!(
                            "the version of the specification is {version}, the newest known one is {KNOWN_VERSION}"
                        );
                        wire.add(rules::UnknownVersion::META, field.at, message);
                    }
                    self.version = Some(version);
                }
                2 => wire.message(&field, "a model", |wire, end| self.description(wire, end))?,
                10 => drop(wire.varints(&field, &mut |_| ())?),
                200 | 201 => wire.message(&field, "a pipeline", |wire, end| {
                    while let Some(field) = wire.field(end)? {
                        match field.number {
                            1 => wire.message(&field, "a pipeline", |wire, end| self.pipeline(wire, end))?,
                            _ => wire.unknown(&field, "a pipeline")?,
                        }
                    }
                    Ok(())
                })?,
                202 => wire.message(&field, "a pipeline", |wire, end| self.pipeline(wire, end))?,
                303 | 403 | 500 => wire.message(&field, "a network", |wire, end| self.network(wire, end))?,
                502 => wire.message(&field, "a program", |wire, end| self.program(wire, end))?,
                555 => self.custom(wire, &field, "a model")?,
                556 => wire.message(&field, "a linked model", |wire, end| self.linked(wire, end))?,
                3000 => Self::serialized(wire, &field)?,
                kind if PLAIN.contains(&kind) => drop(wire.bytes(&field, "the parameters of a model")?),
                _ => wire.unknown(&field, "a model")?,
            }
        }
        Ok(())
    }

    fn description(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 | 10 | 13 | 20 | 50 => drop(wire.bytes(&field, "a description of values")?),
                11 | 12 | 21 => drop(wire.name(&field, "the name of a value")?),
                100 => wire.message(&field, "the description", |wire, end| self.metadata(wire, end))?,
                _ => wire.unknown(&field, "the description")?,
            }
        }
        Ok(())
    }

    fn metadata(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 | 2 => drop(wire.string(&field, "a description")?),
                3 => self.author = wire.name(&field, "the author")?.unwrap_or_default().start,
                4 => self.licence = wire.name(&field, "the licence")?.unwrap_or_default().start,
                100 => wire.message(&field, "the metadata", |wire, end| {
                    while let Some(field) = wire.field(end)? {
                        match field.number {
                            1 => {
                                let key =
                                    wire.name(&field, "the key of a metadata entry")?.unwrap_or_default();
                                let keys = &mut wire.scope.outline.metadata_keys;
                                crate::outline::note(keys, escape(&key.start, 80));
                            }
                            2 => drop(wire.string(&field, "the value of a metadata entry")?),
                            _ => wire.unknown(&field, "a metadata entry")?,
                        }
                    }
                    Ok(())
                })?,
                _ => wire.unknown(&field, "the metadata")?,
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a pipeline", |wire, end| self.read(wire, end))?,
                2 => drop(wire.name(&field, "the name of a model")?),
                _ => wire.unknown(&field, "a pipeline")?,
            }
        }
        Ok(())
    }

    fn network(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a network", |wire, end| self.layer(wire, end))?,
                2 | 10 | 100 | 101 => drop(wire.bytes(&field, "a part of a network's description")?),
                5 | 6 => drop(wire.varints(&field, &mut |_| ())?),
                200 => drop(wire.name(&field, "the name of a layer")?),
                _ => wire.unknown(&field, "a network")?,
            }
        }
        Ok(())
    }

    fn layer(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        self.layers += 1;
        while let Some(field) = wire.field(end)? {
            match field.number {
                1..=3 => drop(wire.name(&field, "the name of a layer or value")?),
                4 | 5 => drop(wire.bytes(&field, "a description of values")?),
                10 => drop(wire.varints(&field, &mut |_| ())?),
                500 => self.custom(wire, &field, "a layer")?,
                // Networks in a branch (1 and 2) and in a loop (3 and 4).
                605 | 615 => wire.message(&field, "a layer", |wire, end| {
                    while let Some(field) = wire.field(end)? {
                        match (field.number, field.value) {
                            (1..=4, Value::Length(_)) if field.number != 2 => {
                                wire.message(&field, "a layer", |wire, end| self.network(wire, end))?;
                            }
                            // A branch's other network; a loop's condition is the name of a value, which is no message.
                            (2, Value::Length(length)) => {
                                let name = usize::try_from(length).unwrap_or(usize::MAX).min(4096);
                                if wire.pass.peek(name)?.first() == Some(&0x0a) {
                                    wire.message(&field, "a layer", |wire, end| self.network(wire, end))?;
                                } else {
                                    wire.name(&field, "the name of a value")?;
                                }
                            }
                            (1, _) => {}
                            _ => wire.unknown(&field, "a layer")?,
                        }
                    }
                    Ok(())
                })?,
                // The types of layers are too many to be worth a list; their parameters are numbers.
                100..=2000 => drop(wire.bytes(&field, "the parameters of a layer")?),
                _ => wire.unknown(&field, "a layer")?,
            }
        }
        Ok(())
    }

    /// Reads a layer or model that the host implements.
    fn custom(
        &mut self,
        wire: &mut Wire<'_, '_, '_, '_>,
        field: &Field,
        of: &'static str,
    ) -> Result<(), Fault> {
        wire.message(field, of, |wire, end| {
            let mut class = Text::default();
            while let Some(field) = wire.field(end)? {
                match field.number {
                    10 => class = wire.name(&field, "the name of a class")?.unwrap_or_default(),
                    20 => drop(wire.bytes(&field, "the weights of a custom layer")?),
                    30 => wire.message(&field, "a custom class", |wire, end| parameter(wire, end, &class))?,
                    40 => drop(wire.string(&field, "a description")?),
                    _ => wire.unknown(&field, "a custom class")?,
                }
            }
            let message = format!("{of} is the class {} of the program that loads it", shown(&class));
            wire.add(rules::CustomClass::META, field.at, message);
            if self.classes.len() < MAX_NAMES {
                self.classes.insert(escape(&class.start, 80));
            }
            Ok(())
        })
    }

    fn linked(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let at = wire.pass.position();
        let mut paths = Vec::new();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a linked model", |wire, end| {
                    while let Some(field) = wire.field(end)? {
                        match field.number {
                            1 | 2 => wire.message(&field, "a linked model", |wire, end| {
                                while let Some(field) = wire.field(end)? {
                                    match field.number {
                                        1 => paths.extend(wire.name(&field, "the name of a model")?),
                                        _ => wire.unknown(&field, "a linked model")?,
                                    }
                                }
                                Ok(())
                            })?,
                            _ => wire.unknown(&field, "a linked model")?,
                        }
                    }
                    Ok(())
                })?,
                _ => wire.unknown(&field, "a linked model")?,
            }
        }
        for path in &paths {
            // A search path is a list.
            let leaves = path.start.split(':').find_map(outside::leaves).or(outside::leaves(&path.start));
            let (severity, why) = match leaves {
                Some(why) => (Severity::High, why),
                None => (Severity::Medium, "it is another file"),
            };
            wire.add_as(
                rules::LinkedModel::META,
                severity,
                at,
                format!("the model is in {}: {why}", shown(path)),
            );
            if self.files.len() < MAX_NAMES {
                self.files.insert(escape(&path.start, 80));
            }
        }
        Ok(())
    }

    /// Reads a model that is packed as bytes.
    fn serialized(wire: &mut Wire<'_, '_, '_, '_>, field: &Field) -> Result<(), Fault> {
        wire.message(field, "a packed model", |wire, end| {
            while let Some(field) = wire.field(end)? {
                match field.number {
                    1 => drop(wire.name(&field, "the kind of a model")?),
                    2 => {
                        let start = wire.pass.position();
                        let length = wire.bytes(&field, "a packed model")?;
                        let reason = "a model that is packed in a form that only Core ML knows";
                        wire.scope.unexamined(start, start + length, reason);
                    }
                    _ => wire.unknown(&field, "a packed model")?,
                }
            }
            Ok(())
        })
    }

    fn program(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => drop(wire.varints(&field, &mut |_| ())?),
                2 => wire.message(&field, "a program", |wire, end| {
                    entry(wire, end, &mut |wire, end| self.function(wire, end))
                })?,
                3 => drop(wire.string(&field, "a description")?),
                4 => self.values(wire, &field)?,
                _ => wire.unknown(&field, "a program")?,
            }
        }
        Ok(())
    }

    fn function(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => drop(wire.bytes(&field, "a description of values")?),
                2 => drop(wire.name(&field, "a set of operators")?),
                3 => wire.message(&field, "a function", |wire, end| {
                    entry(wire, end, &mut |wire, end| self.block(wire, end))
                })?,
                4 => self.values(wire, &field)?,
                _ => wire.unknown(&field, "a function")?,
            }
        }
        Ok(())
    }

    fn block(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => drop(wire.bytes(&field, "a description of values")?),
                2 => drop(wire.name(&field, "the name of a value")?),
                3 => wire.message(&field, "a block", |wire, end| self.operation(wire, end))?,
                4 => self.values(wire, &field)?,
                _ => wire.unknown(&field, "a block")?,
            }
        }
        Ok(())
    }

    fn operation(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        let at = wire.pass.position();
        self.layers += 1;
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => {
                    let name = wire.name(&field, "the name of an operator")?.unwrap_or_default();
                    if name.start.starts_with("custom") {
                        let message =
                            format!("the operator {} is a class of the program that loads it", shown(&name));
                        wire.add(rules::CustomClass::META, at, message);
                    }
                }
                2 => wire.message(&field, "an operator", |wire, end| {
                    entry(wire, end, &mut |wire, end| {
                        while let Some(field) = wire.field(end)? {
                            match field.number {
                                1 => {
                                    wire.message(&field, "an argument", |wire, end| self.binding(wire, end))?;
                                }
                                _ => wire.unknown(&field, "an argument")?,
                            }
                        }
                        Ok(())
                    })
                })?,
                3 => drop(wire.bytes(&field, "a description of values")?),
                4 => wire.message(&field, "an operator", |wire, end| self.block(wire, end))?,
                5 => self.values(wire, &field)?,
                _ => wire.unknown(&field, "an operator")?,
            }
        }
        Ok(())
    }

    fn binding(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => drop(wire.name(&field, "the name of a value")?),
                2 => wire.message(&field, "an argument", |wire, end| self.value(wire, end))?,
                _ => wire.unknown(&field, "an argument")?,
            }
        }
        Ok(())
    }

    /// Reads an entry of attributes.
    fn values(&mut self, wire: &mut Wire<'_, '_, '_, '_>, field: &Field) -> Result<(), Fault> {
        wire.message(field, "attributes", |wire, end| {
            entry(wire, end, &mut |wire, end| self.value(wire, end))
        })
    }

    fn value(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => drop(wire.string(&field, "a description")?),
                2 => drop(wire.bytes(&field, "a type")?),
                3 => drop(wire.bytes(&field, "a value")?),
                5 => wire.message(&field, "a value", |wire, end| self.blob(wire, end))?,
                _ => wire.unknown(&field, "a value")?,
            }
        }
        Ok(())
    }

    /// Reads which bytes of which file a value is.
    fn blob(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        wire.scope.outline.tensors += 1;
        let (mut name, mut start) = (None, 0_u64);
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => {
                    let path = wire.name(&field, "the name of a file")?.unwrap_or_default();
                    let inner = path.start.strip_prefix(OF_PACKAGE).unwrap_or(&path.start);
                    if let Some(why) = outside::leaves(inner) {
                        let message = format!("weights are in {}: {why}", shown(&path));
                        wire.add(rules::Outside::META, field.at, message);
                    } else if inner.len() <= LONGEST_NAME {
                        name = Some(inner.to_owned());
                    }
                    if self.files.len() < MAX_NAMES {
                        self.files.insert(escape(&path.start, 80));
                    }
                }
                2 => {
                    start = number(&field).unwrap_or(0);
                    if number(&field).is_none_or(|offset| offset > i64::MAX.cast_unsigned()) {
                        let message = "weights start behind any file";
                        wire.add(rules::BadOffset::META, field.at, message);
                    }
                }
                _ => wire.unknown(&field, "a place of weights")?,
            }
        }
        // The offset is that of a header, and nothing is said of the length.
        let length = start.saturating_add(weights::ALIGNMENT);
        if let Some(name) = name
            && (self.weights.len() < MAX_NAMES || self.weights.contains_key(&name))
        {
            let reach = self.weights.entry(name).or_insert(0);
            *reach = length.max(*reach);
        }
        Ok(())
    }
}

/// Reads an entry of a map whose value is a message.
fn entry(
    wire: &mut Wire<'_, '_, '_, '_>,
    end: u64,
    read: &mut dyn FnMut(&mut Wire<'_, '_, '_, '_>, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => drop(wire.name(&field, "a name")?),
            2 => wire.message(&field, "an entry", |wire, end| read(wire, end))?,
            _ => wire.unknown(&field, "an entry")?,
        }
    }
    Ok(())
}

/// Reads a parameter of a custom class.
fn parameter(wire: &mut Wire<'_, '_, '_, '_>, end: u64, class: &Text) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => drop(wire.name(&field, "the name of a parameter")?),
            2 => wire.message(&field, "a parameter", |wire, end| {
                while let Some(field) = wire.field(end)? {
                    if field.number == 20 {
                        let text = wire.string(&field, "a parameter")?.unwrap_or_default();
                        if let Some(why) = outside::leaves(&text.start) {
                            let message = format!(
                                "a parameter of the class {} is {}: {why}",
                                shown(class),
                                shown(&text)
                            );
                            wire.add(rules::Outside::META, field.at, message);
                        }
                    } else if matches!(field.value, Value::Length(_)) {
                        wire.bytes(&field, "a parameter")?;
                    }
                }
                Ok(())
            })?,
            _ => wire.unknown(&field, "a parameter")?,
        }
    }
    Ok(())
}
