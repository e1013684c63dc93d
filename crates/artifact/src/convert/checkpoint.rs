//! What a checkpoint holds: tensors by name, metadata, and what cannot be carried over.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    ops::ControlFlow,
};

use super::{
    ConvertError,
    dtype::{self, Dtype},
    storage::{Part, Storages},
    tensor::View,
};
use crate::{
    Format, Limits, escape,
    formats::pickle::graph::{Fault, Graph, Id, Node},
    read::{Pass, ReadAt, STEP},
};

/// Something that was left behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped {
    /// Where it stands, by the names that lead to it.
    pub name: String,
    /// What it is, as a fragment.
    pub what: String,
    /// Whether it is a tensor or an array.
    pub is_tensor: bool,
}

/// The tensors of a file, by name, as views of bytes in it.
pub struct Checkpoint<'r> {
    pub(super) storages: Storages<'r>,
    pub(super) tensors: BTreeMap<String, Tensor>,
    pub(super) metadata: BTreeMap<String, String>,
    dropped: Vec<Dropped>,
}

/// A tensor: a view, and what it is a view of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    pub(super) view: View,
    pub(super) part: Part,
}

impl<'r> Checkpoint<'r> {
    /// Takes the tensors of a file that is a checkpoint; those alone whose names start with `select` and a dot, without
    /// it, where that is given.
    ///
    /// # Errors
    /// Where it cannot be read or is no checkpoint, two tensors have one name, or there are none.
    pub fn read(reader: &'r dyn ReadAt, limits: &Limits, select: Option<&str>) -> Result<Self, ConvertError> {
        let mut head = vec![0; STEP];
        let filled = fill(reader, &mut head)?;
        let (storages, graph, base) = match Format::of(&head[..filled], reader.len()) {
            Format::Zip => archive(reader, limits)?,
            Format::PyTorchLegacy => legacy(reader, limits)?,
            Format::Pickle => {
                let mut watch = |_| ControlFlow::Continue(());
                let graph = graph(&mut Pass::over(reader, &mut watch), limits)?;
                (Storages::plain(reader, *limits), graph, None)
            }
            format => return Err(ConvertError::Unknown(format!("its format is {format}"))),
        };
        let mut walk = Walk {
            graph: &graph,
            storages: &storages,
            base: base.as_deref(),
            limits,
            tensors: BTreeMap::new(),
            metadata: BTreeMap::new(),
            dropped: BTreeSet::new(),
            same: None,
            visits: 0,
        };
        walk.node(graph.root, String::new(), 0);
        let Walk { mut tensors, mut metadata, dropped, same, .. } = walk;
        if let Some(name) = same {
            return Err(ConvertError::SameName(name));
        }
        let mut dropped: Vec<Dropped> = dropped.into_iter().collect();
        if let Some(select) = select {
            let below = |name: &str| name.strip_prefix(select)?.strip_prefix('.').map(str::to_owned);
            tensors = tensors.into_iter().filter_map(|(name, one)| Some((below(&name)?, one))).collect();
            metadata = metadata.into_iter().filter_map(|(name, one)| Some((below(&name)?, one))).collect();
            dropped.retain(|one| below(&one.name).is_some());
        }
        if tensors.is_empty() {
            let below = select.map_or_else(|| "in it".to_owned(), |select| format!("below `{select}`"));
            return Err(ConvertError::Empty(below));
        }
        Ok(Self { storages, tensors, metadata, dropped })
    }

    /// What is not carried over, by name.
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }
}

fn fill(reader: &dyn ReadAt, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read_at(filled as u64, &mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

fn graph(pass: &mut Pass<'_>, limits: &Limits) -> Result<Graph, ConvertError> {
    Graph::read(pass, limits).map_err(|fault| {
        ConvertError::Unknown(match fault {
            Fault::Broken(at, why) => format!("its pickle breaks off at byte {at}: {why}"),
            Fault::TooMuch => "its pickle holds more than is kept".to_owned(),
            Fault::Halted(_) => "it cannot be read to its end".to_owned(),
        })
    })
}

type Parts<'r> = (Storages<'r>, Graph, Option<String>);

/// An archive with one `data.pkl`.
fn archive<'r>(reader: &'r dyn ReadAt, limits: &Limits) -> Result<Parts<'r>, ConvertError> {
    let storages = Storages::archive(reader, *limits)?;
    let is_pickle = |name: &&String| name.rsplit('/').next() == Some("data.pkl");
    let mut pickles = storages.members.keys().filter(is_pickle);
    let (Some(pickle), None) = (pickles.next().cloned(), pickles.next()) else {
        let why = "an archive with no data.pkl, or with several";
        return Err(ConvertError::Unknown(why.to_owned()));
    };
    let part = Part::Member(pickle.clone());
    let graph = storages.with(&part, &mut |reader| {
        let mut watch = |_| ControlFlow::Continue(());
        Ok(graph(&mut Pass::over(reader, &mut watch), limits))
    })??;
    Ok((storages, graph, Some(pickle)))
}

/// A file of before version 1.6: magic number, protocol, system, object, keys, and then the storages in the order of
/// their keys, each behind its number of elements.
fn legacy<'r>(reader: &'r dyn ReadAt, limits: &Limits) -> Result<Parts<'r>, ConvertError> {
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(reader, &mut watch);
    for _ in 0..3 {
        graph(&mut pass, limits)?;
    }
    let object = graph(&mut pass, limits)?;
    let keys = graph(&mut pass, limits)?;
    let widths = widths(&object);
    let mut storages = Storages::plain(reader, *limits);
    let mut at = pass.position();
    for key in keys.items(keys.root).unwrap_or_default() {
        let key = keys.text(*key).unwrap_or_default();
        let mut count = [0; 8];
        let have = pass.look(at, &mut count).unwrap_or(0);
        let length = widths.get(key).and_then(|width| u64::from_le_bytes(count).checked_mul(*width));
        let Some(length) = length.filter(|_| have == 8) else {
            return Err(ConvertError::Unknown(format!("the storage {} is not there", escape(key, 40))));
        };
        at += 8;
        storages.stretches.insert(key.to_owned(), (at, length));
        at = at.saturating_add(length);
    }
    Ok((storages, object, None))
}

/// Bytes of an element of each storage that a graph asks for.
fn widths(graph: &Graph) -> BTreeMap<String, u64> {
    let storages = graph.ids().filter_map(|id| match graph.node(id) {
        Node::Persistent(id) => storage(graph, *id),
        _ => None,
    });
    storages.map(|storage| (storage.key.to_owned(), storage.dtype.width)).collect()
}

/// `('storage', class, key, location, elements)`, and a view before version 1.6, which nothing writes any more.
struct Storage<'g> {
    dtype: Dtype,
    key: &'g str,
}

fn storage(graph: &Graph, id: Id) -> Option<Storage<'_>> {
    let [kind, class, key, ..] = graph.items(id)? else { return None };
    let dtype = dtype::of_storage(&graph.path(*class)?)?;
    (graph.text(*kind) == Some("storage")).then_some(())?;
    Some(Storage { dtype, key: graph.text(*key)? })
}

/// Levels of names.
const DEPTH: usize = 64;
/// Values that become metadata, and bytes of one.
const METADATA: usize = 10_000;
const VALUE: usize = 4096;

struct Walk<'w, 'r> {
    graph: &'w Graph,
    storages: &'w Storages<'r>,
    /// The member that the pickle is, where there is an archive.
    base: Option<&'w str>,
    limits: &'w Limits,
    tensors: BTreeMap<String, Tensor>,
    metadata: BTreeMap<String, String>,
    dropped: BTreeSet<Dropped>,
    same: Option<String>,
    visits: usize,
}

impl Walk<'_, '_> {
    fn node(&mut self, id: Id, name: String, depth: usize) {
        self.visits += 1;
        if depth > DEPTH || self.visits > self.limits.pickle_values {
            return self.drop(&name, "nested deeper, or more often, than is followed");
        }
        let graph = self.graph;
        match graph.node(id) {
            Node::Dict(items) => self.entries(items, &name, depth),
            Node::Tuple(items) | Node::List(items) | Node::Set(items) => match self.plain(id) {
                Some(text) => self.tell(name, text),
                None => {
                    for (index, item) in items.iter().enumerate() {
                        self.node(*item, join(&name, &index.to_string()), depth + 1);
                    }
                }
            },
            Node::Object { class, arguments, items, state } => {
                let Some(path) = graph.path(*class) else {
                    return self.drop(&name, "something that is called and was computed");
                };
                self.object(&path, *arguments, items, *state, name, depth);
            }
            Node::Persistent(_) => self.drop(&name, "a storage by itself"),
            Node::Global { .. } => {
                let path = graph.path(id).unwrap_or_default();
                self.drop(&name, &format!("the class or function {}", escape(&path, 80)));
            }
            Node::Bytes { .. } => self.drop(&name, "bytes"),
            Node::Unknown | Node::BigInt | Node::Magic => {
                self.drop(&name, "a value that cannot be written down");
            }
            _ => {
                let text = self.plain(id).unwrap_or_default();
                self.tell(name, text);
            }
        }
    }

    fn entries(&mut self, items: &[(Id, Id)], name: &str, depth: usize) {
        for (key, value) in items {
            let key = match self.graph.node(*key) {
                Node::Text(text) => text.to_string(),
                Node::Int(number) => number.to_string(),
                _ => {
                    self.drop(name, "an entry whose key is neither text nor number");
                    continue;
                }
            };
            self.node(*value, join(name, &key), depth + 1);
        }
    }

    fn object(
        &mut self,
        path: &str,
        arguments: Id,
        items: &[(Id, Id)],
        state: Option<Id>,
        name: String,
        depth: usize,
    ) {
        let graph = self.graph;
        let given = graph.items(arguments).unwrap_or_default();
        match (path, given) {
            ("collections.OrderedDict" | "collections.defaultdict" | "collections.Counter", _) => {
                // Python 2 and protocol 0 hand the pairs over as a list.
                for pair in given.first().and_then(|list| graph.items(*list)).unwrap_or_default() {
                    if let Some([key, value]) = graph.items(*pair) {
                        self.entries(&[(*key, *value)], &name, depth);
                    }
                }
                self.entries(items, &name, depth);
            }
            (
                "torch._utils._rebuild_parameter" | "torch._utils._rebuild_parameter_with_state",
                [data, ..],
            ) => self.node(*data, name, depth + 1),
            ("torch._tensor._rebuild_from_type_v2", [function, _, inner, ..]) => {
                let path = graph.path(*function).unwrap_or_default();
                self.object(&path, *inner, &[], None, name, depth + 1);
            }
            (
                "torch._utils._rebuild_tensor" | "torch._utils._rebuild_tensor_v2",
                [storage, offset, size, stride, ..],
            ) => {
                self.tensor(name, *storage, [*offset, *size, *stride], None);
            }
            ("torch._utils._rebuild_tensor_v3", [storage, offset, size, stride, _, _, dtype, ..]) => {
                self.tensor(name, *storage, [*offset, *size, *stride], Some(*dtype));
            }
            ("numpy.core.multiarray._reconstruct" | "numpy._core.multiarray._reconstruct", _) => {
                self.array(name, state.and_then(|state| graph.items(state)));
            }
            (
                "numpy.core.numeric._frombuffer" | "numpy._core.numeric._frombuffer",
                [data, dtype, shape, order],
            ) => {
                let columns_first = graph.text(*order) == Some("F");
                self.bytes(name, *data, *dtype, *shape, columns_first);
            }
            _ => self.other(path, state, &name, depth),
        }
    }

    /// A module of `PyTorch` that was pickled whole gives its parameters the names of its state dict.
    fn other(&mut self, path: &str, state: Option<Id>, name: &str, depth: usize) {
        let graph = self.graph;
        let what = format!("an object of {}", escape(path, 80));
        self.drop(name, &what);
        let Some(Node::Dict(fields)) = state.map(|state| graph.node(state)) else { return };
        for (key, value) in fields {
            if matches!(graph.text(*key), Some("_parameters" | "_buffers" | "_modules")) {
                self.node(*value, name.to_owned(), depth + 1);
            }
        }
    }

    fn tensor(&mut self, name: String, storage_id: Id, layout: [Id; 3], dtype: Option<Id>) {
        let graph = self.graph;
        let Node::Persistent(id) = graph.node(storage_id) else {
            return self.drop_tensor(&name, "a tensor without a storage");
        };
        let Some(storage) = storage(graph, *id) else {
            return self.drop_tensor(&name, "a tensor of a type that safetensors does not have");
        };
        let [offset, size, stride] = layout;
        let offset = graph.int(offset).and_then(|offset| u64::try_from(offset).ok());
        let (Some(offset), Some(shape), Some(strides)) = (offset, graph.sizes(size), graph.sizes(stride))
        else {
            return self.drop_tensor(&name, "a tensor whose shape is not made of numbers");
        };
        let stated = dtype.map(|dtype| graph.path(dtype).and_then(|path| dtype::of_torch(&path)));
        let Some(dtype) = stated.unwrap_or(Some(storage.dtype)) else {
            return self.drop_tensor(&name, "a tensor of a type that safetensors does not have");
        };
        let part = if let Some(pickle) = self.base {
            Part::Member(format!("{}data/{}", root(pickle), storage.key))
        } else {
            let (start, length) = self.storages.stretches.get(storage.key).copied().unwrap_or_default();
            Part::Stretch { start, length }
        };
        let view = View { dtype, swapped: false, shape, strides, offset };
        self.add(name, view, part);
    }

    /// The state of an array: version, shape, type, whether columns come first, bytes.
    fn array(&mut self, name: String, state: Option<&[Id]>) {
        let Some([_, shape, dtype, columns_first, data]) = state else {
            return self.drop_tensor(&name, "an array without its values");
        };
        let columns_first = self.graph.int(*columns_first) == Some(1);
        self.bytes(name, *data, *dtype, *shape, columns_first);
    }

    fn bytes(&mut self, name: String, data: Id, dtype: Id, shape: Id, columns_first: bool) {
        let graph = self.graph;
        let (Some(code), Some(shape)) = (numpy_code(graph, dtype), graph.sizes(shape)) else {
            return self.drop_tensor(&name, "an array whose type or shape is not plain");
        };
        let Some((dtype, swapped)) = dtype::of_numpy(&code) else {
            let what = format!("an array of the type {}, which safetensors does not have", escape(&code, 20));
            return self.drop_tensor(&name, &what);
        };
        let Node::Bytes { start, length } = *graph.node(data) else {
            return self.drop_tensor(&name, "an array whose values are not stored as bytes");
        };
        let Some(view) = View::whole(dtype, swapped, shape, columns_first) else {
            return self.drop_tensor(&name, "an array without end");
        };
        let part = match self.base {
            Some(member) => Part::Within { member: member.to_owned(), start, length },
            None => Part::Stretch { start, length },
        };
        self.add(name, view, part);
    }

    fn add(&mut self, name: String, view: View, part: Part) {
        let Some(length) = self.storages.length(&part) else {
            return self.drop_tensor(&name, "a tensor whose storage is not there");
        };
        let needs = view.reach().and_then(|reach| reach.checked_mul(view.dtype.width));
        if view.shape.len() != view.strides.len()
            || view.bytes().is_none()
            || needs.is_none_or(|needs| needs > length)
        {
            return self.drop_tensor(&name, "a tensor that reaches beyond its storage");
        }
        let name = if name.is_empty() { "tensor".to_owned() } else { name };
        if self.tensors.insert(name.clone(), Tensor { view, part }).is_some() {
            self.same.get_or_insert(escape(&name, 200));
        }
    }

    /// A plain value as JSON; none where it is not one.
    fn plain(&self, id: Id) -> Option<String> {
        Some(match self.graph.node(id) {
            Node::None => "null".to_owned(),
            Node::Bool(value) => value.to_string(),
            Node::Int(value) => value.to_string(),
            Node::Float(value) => value.to_string(),
            Node::Text(text) => text.to_string(),
            Node::Tuple(items) | Node::List(items) if items.len() <= 64 => {
                let mut parts = Vec::new();
                for item in items {
                    parts.push(match self.graph.node(*item) {
                        Node::Int(value) => value.to_string(),
                        Node::Float(value) => value.to_string(),
                        Node::Bool(value) => value.to_string(),
                        _ => return None,
                    });
                }
                format!("[{}]", parts.join(","))
            }
            _ => return None,
        })
    }

    fn tell(&mut self, name: String, text: String) {
        if name.is_empty() || text.len() > VALUE || self.metadata.len() >= METADATA {
            return self.drop(&name, "a value that is too long for metadata");
        }
        self.metadata.insert(name, text);
    }

    fn drop(&mut self, name: &str, what: &str) {
        self.leave(name, what, false);
    }

    fn drop_tensor(&mut self, name: &str, what: &str) {
        self.leave(name, what, true);
    }

    fn leave(&mut self, name: &str, what: &str, is_tensor: bool) {
        if self.dropped.len() < METADATA || is_tensor {
            self.dropped.insert(Dropped { name: escape(name, 200), what: what.to_owned(), is_tensor });
        }
    }
}

/// The code of a type of `NumPy`: an object of `numpy.dtype` whose state has the byte order, or one of its named classes.
fn numpy_code(graph: &Graph, id: Id) -> Option<String> {
    let Node::Object { class, arguments, state, .. } = graph.node(id) else { return None };
    (graph.path(*class)? == "numpy.dtype").then_some(())?;
    let code = graph.text(*graph.items(*arguments)?.first()?)?;
    let order = state.and_then(|state| graph.items(state)).and_then(|state| graph.text(*state.get(1)?));
    let plain = code.trim_start_matches(['<', '>', '=', '|']);
    Some(if order == Some(">") { format!(">{plain}") } else { code.to_owned() })
}

/// The folder of a member, with its slash.
fn root(member: &str) -> &str {
    member.rfind('/').map_or("", |at| member.split_at(at + 1).0)
}

fn join(name: &str, key: &str) -> String {
    if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") }
}
