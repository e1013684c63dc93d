//! What is held against the values of a model.

use crate::{
    escape,
    formats::{
        pickle::{self, payload},
        trees::{self, MOST_NODES},
    },
    json::Step,
    problems::SHOWN,
    scope::Scope,
};

use super::rules;

/// A value of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'v> {
    Text(&'v str),
    Int(i64),
    /// Another number, or no number.
    Other,
}

/// Arrays that have one value for each node.
const PER_NODE: [&str; 7] = [
    "left_children",
    "right_children",
    "parents",
    "split_conditions",
    "split_indices",
    "default_left",
    "sum_hessian",
];

/// The values that were shown so far.
pub(super) struct Model<'m, 's, 'f> {
    scope: &'m mut Scope<'s, 'f>,
    tree: Tree,
    trees: u64,
    /// Whether there was anything of a learner.
    learner: bool,
}

/// The tree that is being shown.
#[derive(Default)]
struct Tree {
    index: Option<u64>,
    at: u64,
    children: [Vec<u64>; 2],
    lengths: [u64; PER_NODE.len()],
    nodes: Option<u64>,
    features: Option<u64>,
    highest: u64,
    negative: bool,
}

impl<'m, 's, 'f> Model<'m, 's, 'f> {
    pub(super) fn new(scope: &'m mut Scope<'s, 'f>) -> Self {
        Self { scope, tree: Tree::default(), trees: 0, learner: false }
    }

    /// Takes a value with the keys and indices that lead to it.
    pub(super) fn value(&mut self, path: &[Step], value: &Value<'_>, at: u64) {
        self.learner |= path.first().and_then(Step::key) == Some("learner");
        match value {
            Value::Text(text) => self.text(path, text, at),
            Value::Int(_) | Value::Other => self.number(path, value, at),
        }
    }

    /// Says what follows from all values together.
    pub(super) fn finish(&mut self) {
        self.settle();
        if !self.learner {
            self.scope.add(rules::BadModel::META, 0, 0, "the model has no learner");
        }
        self.scope.outline.fact("trees", &self.trees.to_string());
    }

    fn text(&mut self, path: &[Step], text: &str, at: u64) {
        let key = path.last().and_then(Step::key);
        let below = path.iter().rev().nth(1).and_then(Step::key);
        match (below, key) {
            (Some("objective"), Some("name")) => self.scope.outline.fact("objective", text),
            (Some("gradient_booster"), Some("name")) => self.scope.outline.fact("booster", text),
            (Some("tree_param"), Some("num_nodes" | "num_feature")) => {
                self.enter(path, at);
                let number = text.parse().ok();
                if number.is_none() {
                    let message =
                        format!("a tree says that it has {} nodes or features", escape(text, SHOWN));
                    self.scope.add(rules::BadTree::META, at, at, message);
                }
                if key == Some("num_nodes") {
                    self.tree.nodes = number;
                } else {
                    self.tree.features = number;
                }
            }
            _ => {}
        }
        let found = if pickle::is_hidden(text.as_bytes(), self.scope.limits) {
            Some("a pickle")
        } else {
            payload::commands(text.as_bytes())
        };
        if let Some(what) = found {
            let shown = escape(key.or(below).unwrap_or_default(), SHOWN);
            self.scope.add(
                rules::HiddenOrder::META,
                at,
                at,
                format!("the text {shown} of the model is {what}"),
            );
        }
    }

    fn number(&mut self, path: &[Step], value: &Value<'_>, at: u64) {
        let [.., Step::Key(array), Step::Index(_)] = path else { return };
        let Some(which) = PER_NODE.iter().position(|name| name == array) else { return };
        self.enter(path, at);
        self.tree.lengths[which] += 1;
        match (which, value) {
            (0 | 1, Value::Int(child @ 0..)) => {
                let children = &mut self.tree.children[which];
                if children.len() < MOST_NODES {
                    children.push(child.unsigned_abs());
                }
            }
            (0 | 1, Value::Int(child)) => self.tree.negative |= *child != -1,
            (4, Value::Int(feature)) => {
                self.tree.highest = self.tree.highest.max(u64::try_from(*feature).unwrap_or(u64::MAX));
            }
            (4, _) => self.tree.highest = u64::MAX,
            _ => {}
        }
    }

    /// Notes that a value belongs to a tree, which may be the next one.
    fn enter(&mut self, path: &[Step], at: u64) {
        let mut steps = path.iter().skip_while(|step| step.key() != Some("trees"));
        let Some(Step::Index(index)) = steps.nth(1) else { return };
        if self.tree.index != Some(*index) {
            self.settle();
            self.trees += 1;
            self.tree = Tree { index: Some(*index), at, ..Tree::default() };
        }
    }

    /// Judges a tree of which all was shown.
    fn settle(&mut self) {
        let tree = std::mem::take(&mut self.tree);
        let Some(index) = tree.index else { return };
        let mut say = |what: &str| {
            self.scope.add(rules::BadTree::META, tree.at, tree.at, format!("tree {index} has {what}"));
        };
        let nodes = tree.nodes.unwrap_or(tree.lengths[0]);
        if tree.nodes.is_none() {
            say("no count of its nodes");
        }
        if let Some((name, length)) = PER_NODE.iter().zip(tree.lengths).find(|(_, length)| *length != nodes) {
            say(&format!("{nodes} nodes and {length} of {name}"));
        }
        if tree.negative {
            say("a child of negative number");
        }
        if tree.features.is_some_and(|features| tree.highest >= features.max(1)) {
            say("a split by a feature that the model does not have");
        }
        let count = usize::try_from(nodes).unwrap_or(usize::MAX).min(MOST_NODES);
        if let Some(fault) = trees::fault(tree.children.iter().flatten().copied(), count) {
            say(fault);
        }
        if nodes > MOST_NODES as u64 {
            self.scope.unexamined(tree.at, tree.at, format!("the shape of tree {index}, which is too large"));
        }
    }
}
