//! Graphs of TensorFlow: `GraphDef`, `MetaGraphDef` and `SavedModel`, and the metadata that Keras writes beside it.
//!
//! A graph is a program for TensorFlow's executor, and loading a `SavedModel` runs a part of it. Operators are judged by
//! what they can do, wherever they are: in the graph, in the functions of its library, or in attributes. Names of files
//! are followed from the constants that hold them to the operators that open them. Code of Python in layers of Keras is
//! told.
//!
//! Numbers of fields: `tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph}.proto` and
//! `tensorflow/core/framework/{graph,node_def,attr_value,function,tensor}.proto`.

mod graph;
mod keras;
mod node;
pub(crate) mod operator;
pub(crate) mod rules;

use std::collections::BTreeSet;

use bartizan_finding::Digest;
use graph::Graph;

use super::{
    outside,
    protobuf::{
        Fault, Field, Text, Wire, number, shown,
        sniff::{self, Part},
    },
};
use crate::{
    escape,
    outline::MAX_NAMES,
    read::{Halt, Pass, STEP},
    scope::Scope,
};

/// The only version of the schema.
const SCHEMA: u64 = 1;

/// Reads a `SavedModel`, or a file that Keras or TensorFlow writes beside one, to its end.
pub(crate) fn read_saved_model(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let part = sniff::saved_model_part(pass.peek(STEP)?, size);
    let mut model = Model::default();
    let mut wire = Wire::new(pass, scope);
    match part {
        Part::Keras => return wire.whole(keras::metadata),
        Part::Checksums => return wire.whole(fingerprint),
        Part::Graphs => {}
    }
    wire.whole(|wire, end| model.saved_model(wire, end))?;
    model.settle(&mut wire);
    Ok(())
}

/// Reads a `MetaGraphDef` to its end.
pub(crate) fn read_meta_graph(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let mut model = Model::default();
    let mut wire = Wire::new(pass, scope);
    wire.whole(|wire, end| model.meta_graph(wire, end))?;
    model.settle(&mut wire);
    Ok(())
}

/// Reads a `GraphDef` to its end.
pub(crate) fn read_graph(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let mut model = Model::default();
    let mut wire = Wire::new(pass, scope);
    wire.whole(|wire, end| {
        let graph = Graph::read(wire, end, &mut model)?;
        graph.settle(wire, &BTreeSet::new());
        Ok(())
    })?;
    model.settle(&mut wire);
    Ok(())
}

/// What is known of all graphs.
#[derive(Default)]
struct Model {
    graphs: u64,
    nodes: u64,
    functions: u64,
    producer: Option<String>,
    tags: BTreeSet<String>,
    assets: BTreeSet<String>,
    /// Bytes of nodes that are kept.
    kept: usize,
}

impl Model {
    fn saved_model(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => {
                    if number(&field) != Some(SCHEMA) {
                        wire.add(rules::UnknownSchema::META, field.at, "the version of the schema is not 1");
                    }
                }
                2 => wire.message(&field, "the model", |wire, end| self.meta_graph(wire, end))?,
                _ => wire.unknown(&field, "the model")?,
            }
        }
        Ok(())
    }

    fn meta_graph(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        self.graphs += 1;
        let mut graphs = Vec::new();
        let mut assets = BTreeSet::new();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a graph", |wire, end| self.info(wire, end))?,
                2 => wire.message(&field, "a graph", |wire, end| {
                    graphs.push(Graph::read(wire, end, self)?);
                    Ok(())
                })?,
                3..=5 => drop(wire.bytes(&field, "a part of a graph's description")?),
                6 => wire.message(&field, "a graph", |wire, end| self.asset(wire, end, &mut assets))?,
                7 => wire.message(&field, "a graph", objects)?,
                _ => wire.unknown(&field, "a graph")?,
            }
            // The graphs of one message are merged by libraries; more than a few are no graph's.
            if graphs.len() > 4 {
                wire.twice(&field, "the graph");
                graphs.remove(0).settle(wire, &assets);
            }
        }
        for graph in graphs {
            graph.settle(wire, &assets);
        }
        Ok(())
    }

    /// Reads what a graph says about itself.
    fn info(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 | 6 => drop(wire.name(&field, "a version")?),
                4 => {
                    if let Some(tag) = wire.name(&field, "a tag")?
                        && self.tags.len() < MAX_NAMES
                    {
                        self.tags.insert(escape(&tag.start, 80));
                    }
                }
                5 => self.producer = wire.name(&field, "the version of TensorFlow")?.map(|text| text.start),
                2 | 3 | 8 => drop(wire.bytes(&field, "a part of a graph's description")?),
                7 => drop(wire.varints(&field, &mut |_| ())?),
                _ => wire.unknown(&field, "the description of a graph")?,
            }
        }
        Ok(())
    }

    /// Reads which file an asset is, and which constant holds its name.
    fn asset(
        &mut self,
        wire: &mut Wire<'_, '_, '_, '_>,
        end: u64,
        tensors: &mut BTreeSet<Digest>,
    ) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "an asset", |wire, end| {
                    while let Some(field) = wire.field(end)? {
                        match field.number {
                            1 => {
                                let name =
                                    wire.name(&field, "the name of a tensor")?.unwrap_or_default().start;
                                let name = name.split(':').next().unwrap_or_default();
                                if tensors.len() < wire.scope.limits.names {
                                    tensors.insert(Digest::of(name.as_bytes()));
                                }
                            }
                            2..=5 => drop(skip(wire, &field)?),
                            _ => wire.unknown(&field, "an asset")?,
                        }
                    }
                    Ok(())
                })?,
                2 => {
                    let Some(path) = wire.name(&field, "the name of an asset")? else { continue };
                    if let Some(why) = outside::leaves(&path.start) {
                        let message = format!("an asset is the file {}: {why}", shown(&path));
                        wire.add(rules::AssetOutside::META, field.at, message);
                    }
                    if self.assets.len() < MAX_NAMES {
                        self.assets.insert(escape(&path.start, 80));
                    }
                }
                _ => wire.unknown(&field, "an asset")?,
            }
        }
        Ok(())
    }

    fn settle(self, wire: &mut Wire<'_, '_, '_, '_>) {
        let outline = &mut *wire.scope.outline;
        let join = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let facts = [
            ("tensorflow-version", self.producer.unwrap_or_default()),
            ("tags", join(&self.tags)),
            ("assets", join(&self.assets)),
            ("nodes", self.nodes.to_string()),
            ("functions", self.functions.to_string()),
        ];
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            outline.fact(name, value);
        }
    }
}

/// Passes a field of any type.
fn skip(wire: &mut Wire<'_, '_, '_, '_>, field: &Field) -> Result<u64, Fault> {
    match field.value {
        super::protobuf::Value::Length(_) => wire.bytes(field, "a part of a description"),
        _ => Ok(0),
    }
}

/// Reads the objects that a `SavedModel` restores.
fn objects(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => wire.message(&field, "the objects", object)?,
            2 => drop(wire.bytes(&field, "a function")?),
            _ => wire.unknown(&field, "the objects")?,
        }
    }
    Ok(())
}

fn object(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            4 => wire.message(&field, "an object", user_object)?,
            13 | 14 => drop(wire.name(&field, "the name of a class")?),
            1..=16 => drop(skip(wire, &field)?),
            _ => wire.unknown(&field, "an object")?,
        }
    }
    Ok(())
}

fn user_object(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => drop(wire.name(&field, "the kind of an object")?),
            2 => drop(wire.bytes(&field, "a version")?),
            3 => keras::json(wire, &field)?,
            _ => wire.unknown(&field, "an object")?,
        }
    }
    Ok(())
}

/// Reads the checksums that TensorFlow writes beside a `SavedModel`.
fn fingerprint(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1..=5 if number(&field).is_some() => {}
            6 | 7 => drop(skip(wire, &field)?),
            _ => wire.unknown(&field, "the checksums")?,
        }
    }
    Ok(())
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
