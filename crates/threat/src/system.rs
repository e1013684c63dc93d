//! The project as a graph.

use std::collections::BTreeMap;

use bartizan_finding::{AssetId, ElementId};
use bartizan_project::{
    Approval, Asset, AssetKind, DataClass, Element, ElementKind, Flow, Project, Verb, ZoneTrust,
};

/// The elements of a project, numbered in the order of their ids, and the flows between them.
pub(crate) struct System<'p> {
    pub(crate) project: &'p Project,
    pub(crate) ids: Vec<&'p ElementId>,
    pub(crate) elements: Vec<&'p Element>,
    /// Trust of the zone of each element.
    pub(crate) trust: Vec<ZoneTrust>,
    /// Flows with the numbers of their ends.
    pub(crate) flows: Vec<(usize, usize, &'p Flow)>,
    /// Flows that leave each element, by the number of the receiver.
    pub(crate) out: Vec<Vec<usize>>,
    /// Flows that reach each element, by the number of the sender.
    pub(crate) into: Vec<Vec<usize>>,
}

impl<'p> System<'p> {
    pub(crate) fn new(project: &'p Project) -> Self {
        let ids: Vec<&ElementId> = project.elements.keys().collect();
        let elements: Vec<&Element> = project.elements.values().collect();
        let trust = elements.iter().map(|element| project.trust_of(&element.zone)).collect();
        let number: BTreeMap<&ElementId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let ends = |flow: &'p Flow| Some((*number.get(&flow.from)?, *number.get(&flow.to)?, flow));
        let mut flows: Vec<_> = project.flows.iter().filter_map(ends).collect();
        // The order in the file must not decide between two ways that are equally short.
        flows.sort_by_key(|(from, to, flow)| (*from, *to, flow.id.clone()));
        let mut out = vec![Vec::new(); ids.len()];
        let mut into = vec![Vec::new(); ids.len()];
        for (at, (from, to, _)) in flows.iter().enumerate() {
            out[*from].push(at);
            into[*to].push(at);
        }
        Self { project, ids, elements, trust, flows, out, into }
    }

    /// Numbers of the elements of which `holds` is true.
    pub(crate) fn all(&self, holds: impl Fn(&Element) -> bool) -> Vec<usize> {
        (0..self.elements.len()).filter(|at| holds(self.elements[*at])).collect()
    }

    /// The assets that an element serves or uses.
    pub(crate) fn assets_of(&self, at: usize) -> impl Iterator<Item = (&'p AssetId, &'p Asset)> {
        let assets = &self.project.assets;
        self.elements[at].assets().filter_map(|id| assets.get_key_value(id))
    }

    /// Whether an element stands where people outside the organisation are.
    pub(crate) fn is_outside(&self, at: usize) -> bool {
        matches!(self.trust[at], ZoneTrust::Public | ZoneTrust::Partner)
    }

    /// Where prompts of strangers come from: people, and whatever in a public or partner zone sends prompts.
    pub(crate) fn prompt_origins(&self) -> Vec<(usize, u8)> {
        let sends = |at: usize| self.out[at].iter().any(|flow| carries(self.flows[*flow].2, PROMPTS));
        let who = |at: &usize| {
            let kind = self.elements[*at].kind;
            sends(*at) && !kind.thinks() && (kind == ElementKind::User || self.is_outside(*at))
        };
        (0..self.elements.len()).filter(who).map(|at| (at, u8::from(!self.is_outside(at)))).collect()
    }

    /// Where content comes from that others may have written, and how doubtful that is: 0 for what stands in a
    /// public or partner zone, 1 for what holds data with a source outside or data that nobody is said to write,
    /// 2 for a tool that reads something.
    pub(crate) fn content_origins(&self) -> Vec<(usize, u8)> {
        let doubt = |at: usize| {
            let element = self.elements[at];
            let sends = self.out[at].iter().any(|flow| carries(self.flows[*flow].2, CONTENT));
            if !sends
                || element.kind.thinks()
                || matches!(element.kind, ElementKind::Gateway | ElementKind::User)
            {
                return None;
            }
            if self.is_outside(at) {
                return Some(0);
            }
            let foreign = |asset: &Asset| asset.kind == AssetKind::Dataset && asset.source.is_some();
            let stores = matches!(
                element.kind,
                ElementKind::Retriever
                    | ElementKind::VectorStore
                    | ElementKind::Memory
                    | ElementKind::DataPipeline
            );
            let unwritten = !self.into[at].iter().any(|flow| carries(self.flows[*flow].2, CONTENT));
            if stores && unwritten {
                return Some(1);
            }
            if element.kind == ElementKind::DataPipeline
                && self.assets_of(at).any(|(_, asset)| foreign(asset))
            {
                return Some(1);
            }
            (element.kind == ElementKind::Tool && element.has(|verb| verb == Verb::Read)).then_some(2)
        };
        (0..self.elements.len()).filter_map(|at| Some((at, doubt(at)?))).collect()
    }

    /// Where answers are read by people or programs outside.
    pub(crate) fn readers(&self) -> Vec<usize> {
        let outside = |at: &usize| self.is_outside(*at) && !self.elements[*at].kind.thinks();
        (0..self.elements.len()).filter(outside).collect()
    }

    /// Elements that change the world.
    pub(crate) fn acting(&self) -> Vec<usize> {
        self.all(|element| element.has(Verb::changes))
    }

    /// Whether every call of an element was approved by someone: by its own declaration, or because calls come
    /// from people alone.
    pub(crate) fn is_approved(&self, at: usize) -> bool {
        let mut calls = self.into[at].iter().filter(|flow| carries(self.flows[**flow].2, ACTS)).peekable();
        let by_people = calls.peek().is_some()
            && calls.all(|flow| self.elements[self.flows[*flow].0].kind == ElementKind::HumanApprover);
        by_people || self.elements[at].approval != Approval::None
    }
}

/// Prompts on their way to a model.
pub(crate) const PROMPTS: &[DataClass] = &[DataClass::UserPrompts];
/// Content that is looked up or handed to a model.
pub(crate) const CONTENT: &[DataClass] =
    &[DataClass::Documents, DataClass::RetrievedContent, DataClass::ToolResults];
/// What a model answers, on its way to people.
pub(crate) const ANSWERS: &[DataClass] = &[DataClass::Completions];
/// What makes a tool do something.
pub(crate) const ACTS: &[DataClass] = &[DataClass::ToolCalls];
/// What a model answers, on its way to a tool: an agent may read it as a call.
pub(crate) const DECISIONS: &[DataClass] = &[DataClass::ToolCalls, DataClass::Completions];

/// Whether a flow may carry one of `classes`. A flow that does not say what it carries may carry anything.
pub(crate) fn carries(flow: &Flow, classes: &[DataClass]) -> bool {
    flow.carries.is_empty() || classes.iter().any(|class| flow.carries.contains(class))
}
