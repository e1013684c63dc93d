//! A graph with its functions: which operators are in it, and which constants become names of files.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Digest;

use super::{
    Model,
    node::Node,
    operator::{self, Effect, Sink},
    rules, single,
};
use crate::{
    escape,
    formats::{
        outside,
        protobuf::{Fault, Wire},
    },
};

/// Steps from an operator that opens a file back to constants that are followed.
const STEPS: usize = 64;

/// Bytes of nodes that are kept to know which file an operator opens, of all graphs of a file.
const KEPT: usize = 8 << 20;
/// What a text costs beside its bytes.
const NODE: usize = 64;

/// What is known of a graph and its functions.
#[derive(Default)]
pub(super) struct Graph {
    /// Names of its functions, which nodes call like operators.
    functions: BTreeSet<Digest>,
    /// Operators that are not known, with their names as they are shown, the offset of the first node and how many
    /// there are.
    unknown: BTreeMap<Digest, (String, u64, u64)>,
    /// Nodes of the graph itself, and of each function.
    bodies: Vec<Body>,
}

/// Nodes that see each other by name.
#[derive(Default)]
struct Body {
    texts: BTreeMap<String, Vec<String>>,
    forwards: BTreeMap<String, Vec<String>>,
    opens: Vec<(u64, String, Sink, Vec<String>)>,
    /// Bytes of all of these.
    kept: usize,
}

impl Graph {
    pub(super) fn read(wire: &mut Wire<'_, '_, '_, '_>, end: u64, model: &mut Model) -> Result<Self, Fault> {
        let mut graph = Self::default();
        let mut body = Body::default();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a graph", |wire, end| graph.node(wire, end, model, &mut body))?,
                2 => wire.message(&field, "a graph", |wire, end| graph.library(wire, end, model))?,
                3 => drop(wire.varints(&field, &mut |_| ())?),
                4 | 5 => drop(wire.bytes(&field, "a part of a graph's description")?),
                _ => wire.unknown(&field, "a graph")?,
            }
        }
        graph.keep(body, model);
        Ok(graph)
    }

    fn node(
        &mut self,
        wire: &mut Wire<'_, '_, '_, '_>,
        end: u64,
        model: &mut Model,
        body: &mut Body,
    ) -> Result<(), Fault> {
        let at = wire.pass.position();
        let (node, unknown) = Node::read(wire, end, model)?;
        let most = wire.scope.limits.names;
        if unknown {
            let key = Digest::of(node.operator.as_bytes());
            if self.unknown.len() < most || self.unknown.contains_key(&key) {
                let shown = escape(&node.operator, 80);
                self.unknown.entry(key).or_insert((shown, at, 0)).2 += 1;
            } else {
                wire.scope.unexamined(
                    at,
                    end,
                    "a node whose operator is not known, beyond those that are kept",
                );
            }
        }
        let sink = operator::sink(&node.operator);
        let texts = node.texts.iter().chain(&node.inputs).chain([&node.name, &node.operator]);
        let bytes: usize = texts.map(|text| text.len() + NODE).sum();
        if model.kept + body.kept + bytes > KEPT {
            if sink.is_some() {
                wire.scope.unexamined(at, end, "which file an operator opens, beyond those that are kept");
            }
            return Ok(());
        }
        if sink.is_none() && node.texts.is_empty() && !operator::forwards(&node.operator) {
            return Ok(());
        }
        body.kept += bytes;
        if operator::forwards(&node.operator) {
            body.forwards.insert(node.name.clone(), node.inputs.clone());
        }
        if let Some(sink) = sink {
            body.opens.push((at, node.operator, sink, node.inputs));
        } else if !node.texts.is_empty() {
            body.texts.insert(node.name, node.texts);
        }
        Ok(())
    }

    fn library(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64, model: &mut Model) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "the functions", |wire, end| self.function(wire, end, model))?,
                2 | 3 => drop(wire.bytes(&field, "the gradient of a function")?),
                _ => wire.unknown(&field, "the functions")?,
            }
        }
        Ok(())
    }

    fn function(
        &mut self,
        wire: &mut Wire<'_, '_, '_, '_>,
        end: u64,
        model: &mut Model,
    ) -> Result<(), Fault> {
        model.functions += 1;
        let mut body = Body::default();
        let mut name = None;
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => wire.message(&field, "a function", |wire, end| {
                    while let Some(field) = wire.field(end)? {
                        if field.number == 1 {
                            single(wire, &field, "the name of a function", &mut name)?;
                        } else {
                            super::skip(wire, &field)?;
                        }
                    }
                    Ok(())
                })?,
                3 => {
                    wire.message(&field, "a function", |wire, end| self.node(wire, end, model, &mut body))?;
                }
                2 | 4..=8 => drop(super::skip(wire, &field)?),
                _ => wire.unknown(&field, "a function")?,
            }
        }
        if let Some(name) = name
            && self.functions.len() < wire.scope.limits.names
        {
            if operator::known(&name.start) != operator::Known::No {
                let message = format!("a function has the name of the operator {}", escape(&name.start, 80));
                wire.scope.add(rules::ReplacesOperator::META, end, end, message);
            }
            self.functions.insert(Digest::of(name.start.as_bytes()));
        }
        self.keep(body, model);
        Ok(())
    }

    fn keep(&mut self, body: Body, model: &mut Model) {
        if !body.opens.is_empty() {
            model.kept += body.kept;
            self.bodies.push(body);
        }
    }

    /// Says what follows from the whole graph. `assets` are the constants whose values are replaced by the paths of
    /// assets when the model is loaded.
    pub(super) fn settle(self, wire: &mut Wire<'_, '_, '_, '_>, assets: &BTreeSet<Digest>) {
        for (key, (name, at, count)) in &self.unknown {
            if !self.functions.contains(key) {
                let name = if name.is_empty() { "without a name" } else { name };
                let message = format!("the operator {name} is not known; nodes: {count}");
                wire.scope.add(rules::UnknownOperator::META, *at, *at, message);
            }
        }
        for body in &self.bodies {
            for (at, operator, sink, inputs) in &body.opens {
                for text in body.reach(inputs.get(sink.input), assets) {
                    let is_cache = operator.starts_with("CacheDataset") && !text.is_empty();
                    let why = outside::leaves(&text).or(is_cache.then_some("it keeps there what passes by"));
                    let Some(why) = why else { continue };
                    let does = if sink.effect == Effect::WritesFile { "writes" } else { "reads" };
                    let (operator, text) = (escape(operator, 80), escape(&text, 80));
                    let message = format!("the operator {operator} {does} the file {text}: {why}");
                    wire.scope.add(rules::FilePath::META, *at, *at, message);
                }
            }
        }
    }
}

impl Body {
    /// The constants that an input goes back to.
    fn reach(&self, input: Option<&String>, assets: &BTreeSet<Digest>) -> Vec<String> {
        let mut open: Vec<&str> = input.map(String::as_str).into_iter().collect();
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(input) = open.pop() {
            let name = input.trim_start_matches('^').split(':').next().unwrap_or_default();
            if seen.len() >= STEPS || assets.contains(&Digest::of(name.as_bytes())) || !seen.insert(name) {
                continue;
            }
            found.extend(self.texts.get(name).into_iter().flatten().cloned());
            open.extend(self.forwards.get(name).into_iter().flatten().map(String::as_str));
        }
        found
    }
}
