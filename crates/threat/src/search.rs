//! Ways through the system: from where something starts, to a model, and on to where it ends.

use std::collections::BTreeSet;

use bartizan_project::{Approval, DataClass, ElementKind, Flow};

use crate::{
    model::Node,
    system::{System, carries},
};

/// A leg of a way: what the flows on it must carry.
pub(crate) type Leg = &'static [DataClass];

/// One way, from its start to its end.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// Numbers of the elements, in order.
    pub(crate) nodes: Vec<usize>,
    /// Numbers of the flows between them.
    pub(crate) flows: Vec<usize>,
    /// From how many other starts the end is reached.
    pub(crate) more: u64,
    /// The doubt of its start.
    pub(crate) doubt: u8,
}

/// The best ways over one or two legs; between two legs stands an element that thinks.
///
/// A way is better when fewer doubts and guards stand on it, then when it is shorter. All inspections of a way
/// together count as one guard: they look for the same things. One search serves every end (or, looking back,
/// every start), so that a rule takes no longer for many models than for one.
pub(crate) struct Search<'s, 'p> {
    system: &'s System<'p>,
    legs: Vec<Leg>,
    /// Where the search began, and how doubtful each is: the starts, or looking back the ends.
    roots: Vec<(usize, u8)>,
    /// Whether it looks back from the ends.
    back: bool,
    /// Elements that no way touches.
    closed: Vec<bool>,
    /// Flows that no way uses.
    shut: fn(&Flow) -> bool,
    /// For each state its cost and the state and flow before it.
    best: Vec<Option<Reached>>,
}

#[derive(Clone, Copy)]
struct Reached {
    cost: Cost,
    before: Option<(usize, Option<usize>)>,
}

/// Doubts and guards, then flows.
pub(crate) type Cost = (u8, u32);

impl<'s, 'p> Search<'s, 'p> {
    /// Ways from `starts` to wherever they lead.
    pub(crate) fn from(system: &'s System<'p>, starts: Vec<(usize, u8)>, legs: &[Leg]) -> Self {
        Self::new(system, starts, legs, false, &|_| false, |_| false)
    }

    /// Ways from `starts` that touch no element of which `closed` is true.
    pub(crate) fn around(
        system: &'s System<'p>,
        starts: Vec<(usize, u8)>,
        legs: &[Leg],
        closed: &dyn Fn(usize) -> bool,
    ) -> Self {
        Self::new(system, starts, legs, false, closed, |_| false)
    }

    /// Ways from wherever they come to `ends`.
    pub(crate) fn toward(system: &'s System<'p>, ends: Vec<usize>, legs: &[Leg]) -> Self {
        Self::toward_without(system, ends, legs, |_| false)
    }

    /// Ways to `ends` that use no flow of which `shut` is true.
    pub(crate) fn toward_without(
        system: &'s System<'p>,
        ends: Vec<usize>,
        legs: &[Leg],
        shut: fn(&Flow) -> bool,
    ) -> Self {
        let legs: Vec<Leg> = legs.iter().rev().copied().collect();
        Self::new(system, ends.into_iter().map(|at| (at, 0)).collect(), &legs, true, &|_| false, shut)
    }

    fn new(
        system: &'s System<'p>,
        mut roots: Vec<(usize, u8)>,
        legs: &[Leg],
        back: bool,
        closed: &dyn Fn(usize) -> bool,
        shut: fn(&Flow) -> bool,
    ) -> Self {
        let closed: Vec<bool> = (0..system.elements.len()).map(closed).collect();
        roots.retain(|(at, _)| !closed[*at]);
        let states = legs.len() * 2 * system.elements.len();
        let mut search =
            Self { system, legs: legs.to_vec(), roots, back, closed, shut, best: vec![None; states] };
        search.run();
        search
    }

    /// The best way to an element on the last leg (looking back: from it), if there is one.
    pub(crate) fn way(&self, at: usize) -> Option<Way> {
        let (_, mut state) = self.reached(at)?;
        let (mut nodes, mut flows) = (vec![self.node(state)], Vec::new());
        while let Some((before, flow)) = self.best[state]?.before {
            if let Some(flow) = flow {
                flows.push(flow);
                nodes.push(self.node(before));
            }
            state = before;
        }
        let root = self.node(state);
        let doubt = self.roots.iter().find(|(at, _)| *at == root).map_or(0, |(_, doubt)| *doubt);
        if !self.back {
            nodes.reverse();
            flows.reverse();
        }
        Some(Way { nodes, flows, more: self.roots_of(at).saturating_sub(1), doubt })
    }

    /// What the best way costs.
    pub(crate) fn cost(&self, at: usize) -> Option<Cost> {
        self.reached(at).map(|(cost, _)| cost)
    }

    /// Whether there is a way without any guard on it.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.best[self.state(self.legs.len() - 1, false, at)].is_some()
    }

    fn reached(&self, at: usize) -> Option<(Cost, usize)> {
        let last = self.legs.len() - 1;
        let states = [self.state(last, false, at), self.state(last, true, at)];
        states.into_iter().filter_map(|state| Some((self.best[state]?.cost, state))).min()
    }

    /// Dijkstra over (leg, guarded, element); the set is ordered by cost and then by state, so that equal ways
    /// are always decided the same way.
    fn run(&mut self) {
        let mut queue = BTreeSet::new();
        for (root, doubt) in self.roots.clone() {
            let state = self.state(0, false, root);
            let cost = (doubt, 0);
            self.best[state] = Some(Reached { cost, before: None });
            queue.insert((cost, state));
        }
        while let Some((cost, state)) = queue.pop_first() {
            for (next, step, flow) in self.steps(state) {
                let cost = (cost.0 + step, cost.1 + u32::from(flow.is_some()));
                if self.best[next].is_none_or(|known| cost < known.cost) {
                    if let Some(known) = self.best[next] {
                        queue.remove(&(known.cost, next));
                    }
                    self.best[next] = Some(Reached { cost, before: Some((state, flow)) });
                    queue.insert((cost, next));
                }
            }
        }
    }

    /// The states that follow a state: those over a flow, and the same element on the next leg.
    fn steps(&self, state: usize) -> Vec<(usize, u8, Option<usize>)> {
        let (leg, guarded, at) = (self.leg(state), self.guarded(state), self.node(state));
        let mut steps = Vec::new();
        let kind = self.system.elements[at].kind;
        if leg + 1 < self.legs.len() && kind.thinks() {
            steps.push((self.state(leg + 1, guarded, at), 0, None));
        }
        let is_root = leg == 0 && self.best[state].is_some_and(|reached| reached.before.is_none());
        if !is_root && !passes(kind) {
            return steps;
        }
        let flows = if self.back { &self.system.into[at] } else { &self.system.out[at] };
        for flow in flows.iter().filter(|flow| self.usable(**flow, leg)) {
            let (from, to, declared) = self.system.flows[*flow];
            let next = if self.back { from } else { to };
            if !self.closed[next] {
                let guard = guarded || self.guards(declared, to);
                steps.push((self.state(leg, guard, next), u8::from(guard && !guarded), Some(*flow)));
            }
        }
        steps
    }

    fn usable(&self, flow: usize, leg: usize) -> bool {
        let declared = self.system.flows[flow].2;
        carries(declared, self.legs[leg]) && !(self.shut)(declared)
    }

    /// Whether something on this step can stop an attack.
    fn guards(&self, flow: &Flow, to: usize) -> bool {
        let element = self.system.elements[to];
        flow.inspected || element.kind == ElementKind::HumanApprover || element.approval != Approval::None
    }

    /// From how many roots an element is reached on the last leg: a search the other way that ignores guards.
    fn roots_of(&self, at: usize) -> u64 {
        let count = self.system.elements.len();
        let mut is_root = vec![false; count];
        for (root, _) in &self.roots {
            is_root[*root] = true;
        }
        let mut seen = vec![false; self.legs.len() * count];
        let mut stack = vec![(self.legs.len() - 1, at)];
        while let Some((leg, at)) = stack.pop() {
            if std::mem::replace(&mut seen[leg * count + at], true) {
                continue;
            }
            if leg > 0 && self.system.elements[at].kind.thinks() {
                stack.push((leg - 1, at));
            }
            let flows = if self.back { &self.system.out[at] } else { &self.system.into[at] };
            for flow in flows.iter().filter(|flow| self.usable(**flow, leg)) {
                let (from, to, _) = self.system.flows[*flow];
                let next = if self.back { to } else { from };
                let goes_on = leg == 0 && is_root[next] || passes(self.system.elements[next].kind);
                if !self.closed[next] && goes_on {
                    stack.push((leg, next));
                }
            }
        }
        self.roots.iter().filter(|(root, _)| seen[*root]).count() as u64
    }

    fn state(&self, leg: usize, guarded: bool, node: usize) -> usize {
        (leg * 2 + usize::from(guarded)) * self.system.elements.len() + node
    }

    fn leg(&self, state: usize) -> usize {
        state / (2 * self.system.elements.len())
    }

    fn guarded(&self, state: usize) -> bool {
        (state / self.system.elements.len()) % 2 == 1
    }

    fn node(&self, state: usize) -> usize {
        state % self.system.elements.len()
    }
}

/// Whether something that reaches an element goes on from there. People and stores of logs and identities are
/// ends; a training job makes something else of what it takes in.
const fn passes(kind: ElementKind) -> bool {
    !matches!(
        kind,
        ElementKind::User
            | ElementKind::LogStore
            | ElementKind::IdentityProvider
            | ElementKind::TrainingJob
            | ElementKind::EvalJob
            | ElementKind::Registry
    )
}

impl Way {
    /// The way as the path of a threat.
    pub(crate) fn path(&self, system: &System<'_>) -> Vec<Node> {
        self.nodes.iter().map(|at| Node::Element(system.ids[*at].clone())).collect()
    }

    /// Where it starts.
    pub(crate) fn start(&self) -> usize {
        self.nodes.first().copied().unwrap_or_default()
    }

    /// Whether a guard looks at what passes on one of its flows.
    pub(crate) fn is_inspected(&self, system: &System<'_>) -> bool {
        self.flows.iter().any(|flow| system.flows[*flow].2.inspected)
    }

    /// Whether markup and hidden text are taken out on one of its flows.
    pub(crate) fn is_sanitised(&self, system: &System<'_>) -> bool {
        self.flows.iter().any(|flow| system.flows[*flow].2.sanitised)
    }

    /// Who says yes before what the way ends in happens.
    pub(crate) fn approval(&self, system: &System<'_>) -> Approval {
        let people = |at: &usize| system.elements[*at].kind == ElementKind::HumanApprover;
        let own = self.nodes.last().map_or(Approval::None, |end| system.elements[*end].approval);
        if self.nodes.iter().any(people) { Approval::Human } else { own }
    }

    /// The first element on the way that thinks.
    pub(crate) fn model(&self, system: &System<'_>) -> Option<usize> {
        self.nodes.iter().copied().find(|at| system.elements[*at].kind.thinks())
    }

    /// Whether no element before its end thinks.
    pub(crate) fn is_direct(&self, system: &System<'_>) -> bool {
        self.model(system).is_none_or(|at| self.nodes.last() == Some(&at))
    }
}
