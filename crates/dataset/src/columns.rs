use std::collections::BTreeMap;

use bartizan_artifact::escape;
use serde::Serialize;

/// What one column holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// JSON pointer (RFC 6901), with `*` for each index of an array; empty for the record itself.
    pub pointer: String,
    /// Records that have it.
    pub rows: u64,
    /// How often it held each type.
    pub types: BTreeMap<Kind, u64>,
    /// Length in bytes of the shortest text or number, unescaped; 0 when there was none.
    pub min_length: u64,
    /// Length of the longest.
    pub max_length: u64,
    /// Length of all together; the mean is this over the number of strings, numbers, booleans and nulls.
    pub total_length: u64,
}

/// The type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An array.
    Array,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// A number.
    Number,
    /// An object.
    Object,
    /// A string.
    String,
}

/// Names a column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(usize);

/// The columns of a file: a tree of keys.
#[derive(Debug)]
pub(crate) struct Columns {
    nodes: Vec<Node>,
    most: usize,
    /// Whether a key went to [`Self::REST`].
    pub(crate) overflowed: bool,
}

#[derive(Debug, Default)]
struct Node {
    pointer: String,
    children: BTreeMap<Box<[u8]>, Id>,
    /// The child for all elements of an array.
    elements: Option<Id>,
    /// The child for all keys that must not be shown.
    hidden: Option<Id>,
    rows: u64,
    last_row: u64,
    /// The object that named it last.
    last_object: u64,
    types: [u64; 6],
    /// The first row of each type.
    first: [u64; 6],
    lengths: Option<(u64, u64, u64)>,
}

const KINDS: [Kind; 6] = [Kind::Array, Kind::Boolean, Kind::Null, Kind::Number, Kind::Object, Kind::String];

impl Columns {
    /// The record itself.
    pub(crate) const ROOT: Id = Id(0);
    /// All columns beyond the limit.
    pub(crate) const REST: Id = Id(1);

    pub(crate) fn new(most: usize) -> Self {
        let rest = Node { pointer: "/…".to_owned(), ..Node::default() };
        Self { nodes: vec![Node::default(), rest], most, overflowed: false }
    }

    pub(crate) fn pointer(&self, id: Id) -> &str {
        &self.nodes[id.0].pointer
    }

    /// The column of a key that has been seen under `parent`.
    pub(crate) fn known(&self, parent: Id, key: &[u8]) -> Option<Id> {
        self.nodes[parent.0].children.get(key).copied()
    }

    /// The column of a key that may be shown.
    pub(crate) fn key(&mut self, parent: Id, key: &[u8]) -> Id {
        if let Some(known) = self.known(parent, key) {
            return known;
        }
        let name = String::from_utf8_lossy(key).replace('~', "~0").replace('/', "~1");
        let id = self.add(parent, &escape(&name, 80));
        if id != Self::REST {
            self.nodes[parent.0].children.insert(key.into(), id);
        }
        id
    }

    /// The column of all keys of `parent` that must not be shown.
    pub(crate) fn hidden(&mut self, parent: Id) -> Id {
        if let Some(known) = self.nodes[parent.0].hidden {
            return known;
        }
        let id = self.add(parent, "[redacted]");
        self.nodes[parent.0].hidden = (id != Self::REST).then_some(id);
        id
    }

    /// The column of all elements of the array `parent`.
    pub(crate) fn elements(&mut self, parent: Id) -> Id {
        if let Some(known) = self.nodes[parent.0].elements {
            return known;
        }
        let id = self.add(parent, "*");
        self.nodes[parent.0].elements = (id != Self::REST).then_some(id);
        id
    }

    fn add(&mut self, parent: Id, name: &str) -> Id {
        if parent == Self::REST || self.nodes.len() >= self.most + 2 {
            self.overflowed = true;
            return Self::REST;
        }
        let pointer = format!("{}/{name}", self.nodes[parent.0].pointer);
        self.nodes.push(Node { pointer, ..Node::default() });
        Id(self.nodes.len() - 1)
    }

    /// Says that the object numbered `object` names the column; false when it has named it before.
    pub(crate) fn name(&mut self, id: Id, object: u64) -> bool {
        let node = &mut self.nodes[id.0];
        id == Self::REST || std::mem::replace(&mut node.last_object, object) != object
    }

    /// Counts a value.
    pub(crate) fn count(&mut self, id: Id, kind: Kind, row: u64) {
        let node = &mut self.nodes[id.0];
        node.rows += u64::from(node.last_row != row);
        node.last_row = row;
        let slot = kind as usize;
        if node.types[slot] == 0 {
            node.first[slot] = row;
        }
        node.types[slot] += 1;
    }

    /// Counts the length of a value.
    pub(crate) fn measure(&mut self, id: Id, length: u64) {
        let lengths = &mut self.nodes[id.0].lengths;
        *lengths = Some(lengths.map_or((length, length, length), |(min, max, total)| {
            (min.min(length), max.max(length), total + length)
        }));
    }

    /// Columns with values of several types, `null` not counted: the pointer, the row in which the second type came
    /// first, and the types.
    pub(crate) fn mixed(&self) -> Vec<(&str, u64, Vec<Kind>)> {
        let mixed =
            self.nodes.iter().enumerate().filter(|(i, _)| *i != Self::REST.0).filter_map(|(_, node)| {
                let seen =
                    KINDS.into_iter().filter(|kind| *kind != Kind::Null && node.types[*kind as usize] > 0);
                let mut seen: Vec<_> = seen.map(|kind| (node.first[kind as usize], kind)).collect();
                seen.sort_unstable();
                let second = seen.get(1)?.0;
                Some((node.pointer.as_str(), second, seen.iter().map(|(_, kind)| *kind).collect()))
            });
        mixed.collect()
    }

    /// The columns that held something, by pointer.
    pub(crate) fn finish(self) -> Vec<Column> {
        let mut columns: Vec<_> = self
            .nodes
            .into_iter()
            .filter(|node| node.rows > 0)
            .map(|node| {
                let (min_length, max_length, total_length) = node.lengths.unwrap_or_default();
                let types =
                    KINDS.into_iter().map(|kind| (kind, node.types[kind as usize])).filter(|(_, n)| *n > 0);
                Column {
                    pointer: node.pointer,
                    rows: node.rows,
                    types: types.collect(),
                    min_length,
                    max_length,
                    total_length,
                }
            })
            .collect();
        columns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        columns
    }
}

impl Kind {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Null => "null",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }
}
