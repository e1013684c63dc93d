//! `LightGBM` models, in text: a head of `key=value` lines, trees of such lines, and the parameters of the training.
//!
//! A model is data and calls nothing. What can do harm is its shape, because readers follow the numbers of children and
//! features without asking, and `tree_sizes` by which they find the trees.

pub(crate) mod rules;

use super::{
    pickle::{self, payload},
    trees::{self, MOST_NODES},
};
use crate::{
    escape,
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// Bytes of a line that are kept: of the numbers of a tree, each is read as it streams by.
const KEEP: usize = 16 << 10;
/// Bytes of a number at most.
const DIGITS: usize = 64;

/// Whether a text starts like a model.
pub(crate) fn is_model(head: &[u8]) -> bool {
    let rest = head.strip_prefix(b"tree\n").or_else(|| head.strip_prefix(b"tree\r\n"));
    rest.is_some_and(|rest| rest.starts_with(b"version=v"))
}

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut model =
        Model { scope, tree: None, trees: 0, features: None, sizes: Vec::new(), first: None, ended: None };
    while pass.position() < size {
        model.line(pass)?;
    }
    model.finish(size);
    Ok(())
}

struct Model<'m, 's, 'f> {
    scope: &'m mut Scope<'s, 'f>,
    tree: Option<Tree>,
    trees: u64,
    /// The number of features.
    features: Option<i64>,
    sizes: Vec<i64>,
    /// Where the first tree starts, and where the trees end.
    first: Option<u64>,
    ended: Option<u64>,
}

/// The arrays of a tree, by name, and whether each has one value for each leaf instead of each inner node.
const ARRAYS: [(&str, bool); 6] = [
    ("left_child", false),
    ("right_child", false),
    ("split_feature", false),
    ("threshold", false),
    ("decision_type", false),
    ("leaf_value", true),
];

struct Tree {
    start: u64,
    leaves: Option<i64>,
    children: [Vec<i64>; 2],
    lengths: [Option<u64>; ARRAYS.len()],
    /// The highest and lowest feature that a node splits by.
    features: (i64, i64),
}

impl Model<'_, '_, '_> {
    fn line(&mut self, pass: &mut Pass<'_>) -> Result<(), Halt> {
        let start = pass.position();
        let head = pass.peek(DIGITS)?;
        let end = head.iter().position(|byte| matches!(byte, b'=' | b'\n'));
        let name = end.map_or("", |end| std::str::from_utf8(&head[..end]).unwrap_or_default());
        let value = end.is_some_and(|end| head.get(end) == Some(&b'='));
        if let Some(array) = ARRAYS.iter().position(|(known, _)| value && *known == name)
            && self.tree.is_some()
        {
            pass.skip(name_length(ARRAYS[array].0))?;
            return self.numbers(pass, array);
        }
        if value && name == "tree_sizes" {
            pass.skip(name_length("tree_sizes"))?;
            let mut sizes = Vec::new();
            numbers(pass, &mut |number| {
                if sizes.len() < MOST_NODES {
                    sizes.push(number.unwrap_or(-1));
                }
            })?;
            self.sizes = sizes;
            return Ok(());
        }
        let line = whole_line(pass)?;
        self.plain(&line, start);
        Ok(())
    }

    /// A line that is no array.
    fn plain(&mut self, line: &[u8], start: u64) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches('\r');
        let found = if pickle::is_hidden(
            text.split_once('=').map_or(text, |(_, value)| value).as_bytes(),
            self.scope.limits,
        ) {
            Some("a pickle")
        } else {
            payload::commands(text.as_bytes())
        };
        if let Some(what) = found {
            let message = format!("a line of the model holds {what}: {}", escape(text, SHOWN));
            self.scope.add(rules::HiddenOrder::META, start, start + line.len() as u64, message);
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match key {
            "Tree" => {
                self.settle();
                self.first.get_or_insert(start);
                self.trees += 1;
                self.tree = Some(Tree {
                    start,
                    leaves: None,
                    children: [Vec::new(), Vec::new()],
                    lengths: [None; ARRAYS.len()],
                    features: (-1, 0),
                });
            }
            "end of trees" => {
                self.settle();
                self.ended.get_or_insert(start);
            }
            "num_leaves" => {
                if let Some(tree) = &mut self.tree {
                    tree.leaves = value.parse().ok();
                }
            }
            "max_feature_idx" if self.features.is_none() => {
                self.features = value.parse::<i64>().ok().and_then(|highest| highest.checked_add(1));
            }
            "objective" | "version" if self.first.is_none() => {
                let fact = if key == "version" { "archive-version" } else { "objective" };
                self.scope.outline.fact(fact, value);
            }
            _ => {}
        }
    }

    fn numbers(&mut self, pass: &mut Pass<'_>, array: usize) -> Result<(), Halt> {
        let Some(tree) = &mut self.tree else { return Ok(()) };
        let mut length = 0;
        numbers(pass, &mut |number| {
            length += 1;
            match (array, number) {
                (0 | 1, number) if tree.children[array].len() < MOST_NODES => {
                    tree.children[array].push(number.unwrap_or(i64::MAX));
                }
                (2, number) => {
                    let number = number.unwrap_or(i64::MAX);
                    tree.features = (tree.features.0.max(number), tree.features.1.min(number));
                }
                _ => {}
            }
        })?;
        tree.lengths[array] = Some(length);
        Ok(())
    }

    /// Judges a tree of which all was read.
    fn settle(&mut self) {
        let Some(tree) = self.tree.take() else { return };
        let index = self.trees - 1;
        let mut say = |what: &str| {
            self.scope.add(rules::BadTree::META, tree.start, tree.start, format!("tree {index} has {what}"));
        };
        let Some(leaves) =
            tree.leaves.and_then(|leaves| u64::try_from(leaves).ok()).filter(|leaves| *leaves > 0)
        else {
            return say("no count of its leaves");
        };
        let inner = leaves - 1;
        for ((name, of_leaves), length) in ARRAYS.iter().zip(tree.lengths) {
            let want = if *of_leaves { leaves } else { inner };
            // A tree of one leaf has the leaf's value alone.
            if length.unwrap_or(0) != want {
                say(&format!("{want} values of {name} to give, and gives {}", length.unwrap_or(0)));
            }
        }
        let leaf = |child: i64| child < 0 && child.unsigned_abs() > leaves;
        if tree.children.iter().flatten().any(|child| leaf(*child)) {
            say("a leaf that the tree does not have");
        }
        let children = tree.children.iter().flatten().filter_map(|child| u64::try_from(*child).ok());
        if let Some(fault) =
            trees::fault(children, usize::try_from(inner).unwrap_or(usize::MAX).min(MOST_NODES))
        {
            say(fault);
        }
        if tree.features.1 < 0 || self.features.is_some_and(|features| tree.features.0 >= features) {
            say("a split by a feature that the model does not have");
        }
        if inner > MOST_NODES as u64 {
            self.scope.unexamined(
                tree.start,
                tree.start,
                format!("the shape of tree {index}, which is too large"),
            );
        }
    }

    fn finish(&mut self, size: u64) {
        let cut = self.ended.is_none();
        self.settle();
        self.scope.outline.fact("trees", &self.trees.to_string());
        if cut {
            self.scope.add(rules::BadModel::META, size, size, "the model ends before its trees do");
            self.scope.unexamined(size, size, "a model that is cut off");
        }
        if self.features.is_none() {
            self.scope.add(rules::BadModel::META, 0, 0, "the model does not say how many features it has");
        }
        let (Some(first), Some(end)) = (self.first, self.ended) else { return };
        if self.sizes.is_empty() {
            return;
        }
        let sum = self.sizes.iter().try_fold(0_u64, |sum, size| sum.checked_add(u64::try_from(*size).ok()?));
        // A tree may stand behind the line that ends them.
        let length = end.checked_sub(first);
        if self.sizes.len() as u64 != self.trees || length.is_none() || sum != length {
            let message = "the sizes that the model states for its trees are not theirs";
            self.scope.add(rules::BadTree::META, first.min(end), end, message);
        }
    }
}

fn name_length(name: &str) -> u64 {
    name.len() as u64 + 1
}

/// Passes the rest of a line and gives its start.
fn whole_line(pass: &mut Pass<'_>) -> Result<Vec<u8>, Halt> {
    let mut line = Vec::new();
    loop {
        let chunk = pass.chunk()?;
        if chunk.is_empty() {
            return Ok(line);
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let piece = &chunk[..end.unwrap_or(chunk.len())];
        let room = (KEEP - line.len()).min(piece.len());
        line.extend_from_slice(&piece[..room]);
        let passed = piece.len() + usize::from(end.is_some());
        pass.advance(passed);
        if end.is_some() {
            return Ok(line);
        }
    }
}

/// Passes the rest of a line and shows its integers; what is none is shown as such.
fn numbers(pass: &mut Pass<'_>, show: &mut dyn FnMut(Option<i64>)) -> Result<(), Halt> {
    let mut word = Vec::new();
    loop {
        let chunk = pass.chunk()?;
        let mut passed = 0;
        let mut ended = chunk.is_empty();
        for byte in chunk {
            passed += 1;
            if !byte.is_ascii_whitespace() {
                if word.len() < DIGITS {
                    word.push(*byte);
                }
                continue;
            }
            if !word.is_empty() {
                show(std::str::from_utf8(&word).ok().and_then(|word| word.parse().ok()));
                word.clear();
            }
            if *byte == b'\n' {
                ended = true;
                break;
            }
        }
        pass.advance(passed);
        if ended {
            if !word.is_empty() {
                show(std::str::from_utf8(&word).ok().and_then(|word| word.parse().ok()));
            }
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_tree_behind_the_end_of_trees_has_no_length() {
        let text =
            "tree\nversion=v4\nmax_feature_idx=1\nend of trees\n\ntree_sizes=251\n\nTree=0\nnum_leaves=1\n";
        let mut watch = |_| std::ops::ControlFlow::Continue(());
        let seen = crate::inspect(&text.as_bytes(), "model.txt", &crate::Limits::default(), &mut watch);
        assert_eq!(seen.expect("memory can always be read").bytes_read, text.len() as u64);
    }
}
