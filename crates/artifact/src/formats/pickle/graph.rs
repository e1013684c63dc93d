//! The objects that a pickle describes, as nodes that refer to each other: what a conversion takes tensors from.
//!
//! Nothing is imported or called. A call is a node that says what would be called with what, and whoever reads the graph
//! decides which calls it knows. Nodes are numbered rather than nested, so that neither depth nor cycles cost anything.

use std::collections::HashMap;

use super::{
    TORCH_MAGIC,
    literal::{self, Number},
    opcode as op,
    opcode::opcode,
};
use crate::{
    Limits,
    read::{Halt, Pass},
};

/// A node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(u32);

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    None,
    Bool(bool),
    Int(i64),
    /// An integer that does not fit; and the one that old `PyTorch` files start with.
    BigInt,
    Magic,
    Float(f64),
    Text(Box<str>),
    /// Bytes that lie in the stream.
    Bytes {
        start: u64,
        length: u64,
    },
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Set(Vec<Id>),
    Global {
        module: Box<str>,
        name: Box<str>,
    },
    /// A call: of what, with what, and the state that was set afterwards.
    Object {
        class: Id,
        arguments: Id,
        items: Vec<(Id, Id)>,
        state: Option<Id>,
    },
    /// What the loader gives for an id.
    Persistent(Id),
    /// What the stream alone does not tell.
    Unknown,
}

/// Why there is no graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The stream breaks off at this offset.
    Broken(u64, &'static str),
    /// It holds more than is kept.
    TooMuch,
    /// The pass ended.
    Halted(Halt),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

/// What a stream describes.
#[derive(Debug)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    pub(crate) root: Id,
}

/// Bytes of all strings together.
const TEXT: usize = 64 << 20;

impl Graph {
    /// Reads one stream, from its first opcode to `STOP`.
    pub(crate) fn read(pass: &mut Pass<'_>, limits: &Limits) -> Result<Self, Fault> {
        let mut reader = Reader {
            pass,
            most: limits.pickle_values,
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            text: TEXT,
        };
        let root = reader.run()?;
        Ok(Self { nodes: reader.nodes, root })
    }

    pub(crate) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id.0 as usize).unwrap_or(&Node::Unknown)
    }

    /// All nodes.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Id> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(Id)
    }

    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn int(&self, id: Id) -> Option<i64> {
        match self.node(id) {
            Node::Int(value) => Some(*value),
            Node::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The items of a tuple or list.
    pub(crate) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.node(id) {
            Node::Tuple(items) | Node::List(items) => Some(items),
            _ => None,
        }
    }

    /// Numbers of a tuple or list that are none below zero.
    pub(crate) fn sizes(&self, id: Id) -> Option<Vec<u64>> {
        self.items(id)?.iter().map(|item| u64::try_from(self.int(*item)?).ok()).collect()
    }

    /// `module.name` of an import.
    pub(crate) fn path(&self, id: Id) -> Option<String> {
        match self.node(id) {
            Node::Global { module, name } => Some(format!("{module}.{name}")),
            _ => None,
        }
    }
}

struct Reader<'r, 'a> {
    pass: &'r mut Pass<'a>,
    most: usize,
    nodes: Vec<Node>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
    text: usize,
}

type Step<T = ()> = Result<T, &'static str>;

const EMPTY: &str = "the stack is empty";

impl Reader<'_, '_> {
    fn run(&mut self) -> Result<Id, Fault> {
        loop {
            let at = self.pass.position();
            let byte = match self.pass.byte() {
                Err(Halt::End) => return Err(Fault::Broken(at, "the stream has no STOP")),
                byte => byte?,
            };
            if byte == op::STOP {
                return self.pop().map_err(|why| Fault::Broken(at, why));
            }
            let argument = match self.argument(byte) {
                Err(Fault::Halted(Halt::End)) => {
                    return Err(Fault::Broken(at, "the stream ends inside an opcode"));
                }
                argument => argument?,
            };
            self.step(byte, argument).map_err(|why| Fault::Broken(at, why))?;
            if self.nodes.len() > self.most || self.stack.len() > self.most || self.memo.len() > self.most {
                return Err(Fault::TooMuch);
            }
        }
    }

    /// Reads what follows an opcode.
    fn argument(&mut self, byte: u8) -> Result<Argument, Fault> {
        let at = self.pass.position();
        Ok(match byte {
            op::BININT => Argument::Int(i32::from_le_bytes(self.pass.take()?).into()),
            op::BININT1 | op::BINPUT | op::BINGET | op::PROTO | op::EXT1 => {
                Argument::Int(self.pass.byte()?.into())
            }
            op::BININT2 | op::EXT2 => Argument::Int(u16::from_le_bytes(self.pass.take()?).into()),
            op::LONG_BINPUT | op::LONG_BINGET | op::EXT4 => {
                Argument::Int(u32::from_le_bytes(self.pass.take()?).into())
            }
            op::FRAME => {
                self.pass.take::<8>()?;
                Argument::None
            }
            op::BINFLOAT => Argument::Float(f64::from_be_bytes(self.pass.take()?)),
            op::LONG1 => {
                let length = self.pass_byte()?;
                return self.long(length);
            }
            op::LONG4 => {
                let length = u32::from_le_bytes(self.pass.take()?);
                return self.long(length.into());
            }
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING => {
                let length = self.pass_byte()?;
                return self.string(length);
            }
            op::BINUNICODE | op::BINSTRING => {
                let length = u32::from_le_bytes(self.pass.take()?);
                return self.string(length.into());
            }
            op::BINUNICODE8 => {
                let length = u64::from_le_bytes(self.pass.take()?);
                return self.string(length);
            }
            op::SHORT_BINBYTES => {
                let length = self.pass_byte()?;
                return self.bytes(length);
            }
            op::BINBYTES => {
                let length = u32::from_le_bytes(self.pass.take()?);
                return self.bytes(length.into());
            }
            op::BINBYTES8 | op::BYTEARRAY8 => {
                let length = u64::from_le_bytes(self.pass.take()?);
                return self.bytes(length);
            }
            op::INT | op::LONG | op::FLOAT | op::STRING | op::UNICODE | op::PUT | op::GET | op::PERSID => {
                Argument::Line(self.line()?)
            }
            op::GLOBAL | op::INST => {
                let module = self.line()?;
                Argument::Lines(module, self.line()?)
            }
            byte if opcode(byte).is_none() => return Err(Fault::Broken(at - 1, "an unknown opcode")),
            _ => Argument::None,
        })
    }

    fn pass_byte(&mut self) -> Result<u64, Fault> {
        Ok(self.pass.byte()?.into())
    }

    fn bytes(&mut self, length: u64) -> Result<Argument, Fault> {
        self.fits(length)?;
        let start = self.pass.position();
        self.pass.skip(length)?;
        Ok(Argument::Bytes { start, length })
    }

    fn fits(&self, length: u64) -> Result<(), Fault> {
        if length > self.pass.size() - self.pass.position() { Err(Fault::Halted(Halt::End)) } else { Ok(()) }
    }

    fn long(&mut self, length: u64) -> Result<Argument, Fault> {
        self.fits(length)?;
        let bytes = self.kept(length)?;
        Ok(match bytes.as_slice() {
            bytes if bytes == TORCH_MAGIC => Argument::Magic,
            bytes if bytes.len() <= 8 => {
                let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
                let mut whole = [if negative { 0xff } else { 0 }; 8];
                whole[..bytes.len()].copy_from_slice(bytes);
                Argument::Int(i64::from_le_bytes(whole))
            }
            _ => Argument::Big,
        })
    }

    fn string(&mut self, length: u64) -> Result<Argument, Fault> {
        self.fits(length)?;
        let bytes = self.kept(length)?;
        Ok(String::from_utf8(bytes).map_or(Argument::Big, |text| Argument::Text(text.into())))
    }

    fn kept(&mut self, length: u64) -> Result<Vec<u8>, Fault> {
        self.text = usize::try_from(length)
            .ok()
            .and_then(|length| self.text.checked_sub(length))
            .ok_or(Fault::TooMuch)?;
        let mut bytes = Vec::new();
        self.pass.each(length, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(bytes)
    }

    fn line(&mut self) -> Result<Vec<u8>, Fault> {
        let mut line = Vec::new();
        loop {
            let byte = self.pass.byte()?;
            if byte == b'\n' {
                return Ok(line);
            }
            self.text = self.text.checked_sub(1).ok_or(Fault::TooMuch)?;
            line.push(byte);
        }
    }

    fn step(&mut self, byte: u8, argument: Argument) -> Step {
        match byte {
            op::PROTO | op::FRAME => {}
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            op::POP_MARK => {
                self.above()?;
            }
            op::DUP => {
                let top = self.top()?;
                self.stack.push(top);
            }
            op::NONE => self.push(Node::None),
            op::NEWTRUE | op::NEWFALSE => self.push(Node::Bool(byte == op::NEWTRUE)),
            op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => {
                let index = if byte == op::MEMOIZE { self.memo.len() as u64 } else { argument.index()? };
                let top = self.top()?;
                self.memo.insert(index, top);
            }
            op::GET | op::BINGET | op::LONG_BINGET => {
                let id = self.memo.get(&argument.index()?).ok_or("the memo has no such entry")?;
                self.stack.push(*id);
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                let node = match (self.node(module), self.node(name)) {
                    (Node::Text(module), Node::Text(name)) => {
                        Node::Global { module: module.clone(), name: name.clone() }
                    }
                    _ => Node::Unknown,
                };
                self.push(node);
            }
            op::REDUCE | op::NEWOBJ => {
                let (arguments, class) = (self.pop()?, self.pop()?);
                self.object(class, arguments);
            }
            op::NEWOBJ_EX => {
                let (_, arguments, class) = (self.pop()?, self.pop()?, self.pop()?);
                self.object(class, arguments);
            }
            op::OBJ | op::INST => {
                let mut items = self.above()?;
                let class = match argument {
                    Argument::Lines(module, name) => self.add(global(&module, &name)),
                    _ if items.is_empty() => return Err(EMPTY),
                    _ => items.remove(0),
                };
                let arguments = self.add(Node::Tuple(items));
                self.object(class, arguments);
            }
            op::BUILD => {
                let (state, target) = (self.pop()?, self.top()?);
                if let Node::Object { state: slot, .. } = self.node_mut(target) {
                    *slot = Some(state);
                }
            }
            op::BINPERSID => {
                let id = self.pop()?;
                self.push(Node::Persistent(id));
            }
            _ if argument.is_none() => return self.container(byte),
            _ => return self.value(byte, argument),
        }
        Ok(())
    }

    /// Opcodes that make containers and fill them.
    fn container(&mut self, byte: u8) -> Step {
        match byte {
            op::EMPTY_TUPLE => self.push(Node::Tuple(Vec::new())),
            op::TUPLE => {
                let items = self.above()?;
                self.push(Node::Tuple(items));
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let items = self.last(usize::from(byte - op::TUPLE1) + 1)?;
                self.push(Node::Tuple(items));
            }
            op::EMPTY_LIST => self.push(Node::List(Vec::new())),
            op::LIST => {
                let items = self.above()?;
                self.push(Node::List(items));
            }
            op::APPEND => {
                let items = self.last(1)?;
                self.extend(&items)?;
            }
            op::APPENDS | op::ADDITEMS => {
                let items = self.above()?;
                self.extend(&items)?;
            }
            op::EMPTY_DICT => self.push(Node::Dict(Vec::new())),
            op::DICT => {
                let items = self.above()?;
                self.push(Node::Dict(pairs(&items)?));
            }
            op::SETITEM => {
                let items = self.last(2)?;
                self.set(&items)?;
            }
            op::SETITEMS => {
                let items = self.above()?;
                self.set(&items)?;
            }
            op::EMPTY_SET => self.push(Node::Set(Vec::new())),
            op::FROZENSET => {
                let items = self.above()?;
                self.push(Node::Set(items));
            }
            _ => self.push(Node::Unknown),
        }
        Ok(())
    }

    /// Opcodes whose value stands behind them.
    fn value(&mut self, byte: u8, argument: Argument) -> Step {
        let node = match argument {
            Argument::Int(_) if matches!(byte, op::EXT1 | op::EXT2 | op::EXT4) => Node::Unknown,
            Argument::Int(value) => Node::Int(value),
            Argument::Float(value) => Node::Float(value),
            Argument::Big => Node::BigInt,
            Argument::Magic => Node::Magic,
            Argument::Text(text) => Node::Text(text),
            Argument::Bytes { start, length } => Node::Bytes { start, length },
            Argument::Lines(module, name) => global(&module, &name),
            Argument::Line(line) => match byte {
                op::INT | op::LONG => {
                    let digits =
                        line.strip_suffix(b"L").filter(|_| byte == op::LONG).unwrap_or(line.as_slice());
                    match literal::int(digits) {
                        Number::Bool => Node::Bool(line == b"01"),
                        Number::Int(Some(value)) => Node::Int(value),
                        Number::Int(None) | Number::Maybe => Node::BigInt,
                        Number::Invalid => return Err("a number that is none"),
                    }
                }
                op::FLOAT => std::str::from_utf8(&line)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .map_or(Node::Unknown, Node::Float),
                op::STRING => text(literal::quoted(&line).and_then(|bytes| String::from_utf8(bytes).ok())),
                op::UNICODE => text(literal::raw_unicode(&line)),
                _ => {
                    let id = self.add(text(String::from_utf8(line).ok()));
                    Node::Persistent(id)
                }
            },
            Argument::None => Node::Unknown,
        };
        self.push(node);
        Ok(())
    }

    fn add(&mut self, node: Node) -> Id {
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    fn push(&mut self, node: Node) {
        let id = self.add(node);
        self.stack.push(id);
    }

    fn object(&mut self, class: Id, arguments: Id) {
        self.push(Node::Object { class, arguments, items: Vec::new(), state: None });
    }

    fn node(&self, id: Id) -> &Node {
        self.nodes.get(id.0 as usize).unwrap_or(&Node::Unknown)
    }

    fn node_mut(&mut self, id: Id) -> &mut Node {
        // Ids are made with their nodes, so there is always one.
        &mut self.nodes[id.0 as usize]
    }

    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Step<Id> {
        self.stack.last().copied().filter(|_| self.stack.len() > self.fence()).ok_or(EMPTY)
    }

    fn pop(&mut self) -> Step<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// Takes what lies above the last mark.
    fn above(&mut self) -> Step<Vec<Id>> {
        let mark = self.marks.pop().ok_or("there is no mark")?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    /// Takes the last `count` values.
    fn last(&mut self, count: usize) -> Step<Vec<Id>> {
        let from = self.stack.len().checked_sub(count).filter(|from| *from >= self.fence()).ok_or(EMPTY)?;
        Ok(self.stack.split_off(from))
    }

    fn extend(&mut self, more: &[Id]) -> Step {
        let target = self.top()?;
        if let Node::List(items) | Node::Set(items) = self.node_mut(target) {
            items.extend_from_slice(more);
        }
        Ok(())
    }

    fn set(&mut self, more: &[Id]) -> Step {
        let more = pairs(more)?;
        let target = self.top()?;
        if let Node::Dict(items) | Node::Object { items, .. } = self.node_mut(target) {
            items.extend(more);
        }
        Ok(())
    }
}

/// What follows an opcode.
#[derive(Debug)]
enum Argument {
    None,
    Int(i64),
    Big,
    Magic,
    Float(f64),
    Text(Box<str>),
    Bytes { start: u64, length: u64 },
    Line(Vec<u8>),
    Lines(Vec<u8>, Vec<u8>),
}

impl Argument {
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    fn index(&self) -> Step<u64> {
        match self {
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::Line(line) => literal::index(line),
            _ => None,
        }
        .ok_or("a memo index that is no number")
    }
}

fn pairs(items: &[Id]) -> Step<Vec<(Id, Id)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    } else {
        Err("a key without a value")
    }
}

fn global(module: &[u8], name: &[u8]) -> Node {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into();
    Node::Global { module: text(module), name: text(name) }
}

fn text(text: Option<String>) -> Node {
    text.map_or(Node::Unknown, |text| Node::Text(text.into()))
}
