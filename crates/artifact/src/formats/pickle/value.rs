//! What the interpreter knows about a value: its type, and its contents where they matter and are small.

use std::{cell::Cell, fmt::Write as _, ops::Deref, rc::Rc};

use super::array::{Dtype, State, Wrapper};

/// Tuples are kept with their items up to this many items and levels; that is enough for arguments and storage ids.
const TUPLE_ITEMS: usize = 16;
const TUPLE_DEPTH: u8 = 8;

/// A dotted name that is put together from calls may become this long.
const DOTTED: usize = 1000;
/// A storage of which the stream does not say how large it is.
pub(super) const UNKNOWN_SIZE: i64 = -1;

/// A value on the abstract stack or in the memo.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool,
    /// An integer that fits.
    Int(i64),
    /// Another integer.
    BigInt,
    /// The integer that old `PyTorch` files start with.
    TorchMagic,
    Float,
    /// A string, where it is short.
    Text(Option<Kept<Box<str>>>),
    /// A string that is too long to be kept and starts like program text.
    Script,
    Bytes,
    ByteArray,
    /// A view of bytes.
    Buffer,
    /// A tuple, with its items where it is small.
    Tuple(Option<Kept<Items>>),
    List,
    /// A dictionary, and whether one of its keys is a special name such as `__class__`.
    Dict(Rc<Cell<bool>>),
    /// A dictionary of which is kept what joblib's wrappers of arrays are told in one.
    State(Rc<State>),
    Set,
    FrozenSet,
    /// Something imported.
    Global(Rc<Global>),
    /// What came out of a call.
    Object,
    /// A description of the elements of arrays.
    Dtype(Rc<Dtype>),
    /// What joblib puts in the place of an array.
    Wrapper(Rc<Wrapper>),
    /// What a loader put in for a persistent id: a storage of so many elements, or [`UNKNOWN_SIZE`].
    Persistent(i64),
    /// What nobody can know from the file alone.
    Unknown,
}

/// The items of a tuple.
#[derive(Debug)]
pub(super) struct Items {
    pub(super) values: Box<[Value]>,
    depth: u8,
    /// Known from the start: a tuple may hold one item in many places, and asking each would take forever.
    hashable: Option<bool>,
}

/// A name that the stream imports.
#[derive(Debug)]
pub(super) struct Global {
    pub(super) module: String,
    pub(super) name: String,
    pub(super) at: u64,
    /// Whether the stream called it.
    pub(super) called: Cell<bool>,
}

impl Global {
    /// `module.name`.
    pub(super) fn path(&self) -> String {
        let mut path = self.module.clone();
        let _ = write!(path, ".{}", self.name);
        path
    }

    /// Whether it is one of Python's built-in names.
    pub(super) fn is_builtin(&self) -> bool {
        matches!(&*self.module, "builtins" | "__builtin__")
    }

    /// Whether an import of it can succeed. Lines of text can look like one: those of a table whose first column starts
    /// with the opcode's letter.
    pub(super) fn may_exist(&self) -> bool {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_alphanumeric() || "._-/$<>".contains(c) || !c.is_ascii())
        };
        is_name(&self.module) && is_name(&self.name)
    }
}

/// The module and dotted name that a call of `getattr` reaches, where it is given an import and a name.
///
/// Before protocol 4, picklers write the name `Outer.inner` as `getattr(Outer, "inner")`, so that both are judged alike.
pub(super) fn attribute_of_import(callable: &Global, arguments: &Value) -> Option<(String, String)> {
    if !callable.is_builtin() || callable.name != "getattr" {
        return None;
    }
    let [Value::Global(owner), Value::Text(Some(name))] = arguments.items()? else { return None };
    let dotted = format!("{}.{}", owner.name, &**name);
    (dotted.len() <= DOTTED).then(|| (owner.module.clone(), dotted))
}

/// How many more bytes may be kept at this time.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    left: Rc<Cell<usize>>,
    reserve: usize,
}

/// What the allocator takes beside the bytes themselves, about.
const OVERHEAD: usize = 48;

/// Something kept; its bytes return to the budget when nothing refers to it any more.
#[derive(Debug)]
pub(super) struct Kept<T>(Rc<Charge<T>>);

#[derive(Debug)]
struct Charge<T> {
    value: T,
    bytes: usize,
    budget: Budget,
}

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self { left: Rc::new(Cell::new(bytes)), reserve: bytes / 4 }
    }

    fn keep<T>(&self, value: T, bytes: usize) -> Option<Kept<T>> {
        let bytes = bytes + size_of::<Charge<T>>() + OVERHEAD;
        self.left.set(self.left.get().checked_sub(bytes)?);
        Some(Kept(Rc::new(Charge { value, bytes, budget: self.clone() })))
    }

    /// A string.
    pub(super) fn text(&self, text: &str) -> Value {
        Value::Text(self.keep(text.into(), text.len()))
    }

    /// The value, to be put aside. The last quarter of the budget is left to what comes and goes on the stack, so
    /// that a stream with a great many strings can still be followed.
    pub(super) fn for_long(&self, value: &Value) -> Value {
        match value {
            Value::Text(Some(_)) if self.left.get() < self.reserve => Value::Text(None),
            Value::Tuple(Some(_)) if self.left.get() < self.reserve => Value::Tuple(None),
            value => value.clone(),
        }
    }

    /// A tuple.
    pub(super) fn tuple(&self, items: impl ExactSizeIterator<Item = Value>) -> Value {
        if items.len() > TUPLE_ITEMS {
            return Value::Tuple(None);
        }
        let items: Vec<_> = items.collect();
        let depth = items.iter().map(Value::depth).max().unwrap_or(0) + 1;
        if depth > TUPLE_DEPTH {
            return Value::Tuple(None);
        }
        let bytes = items.len() * size_of::<Value>();
        Value::Tuple(
            self.keep(
                Items { hashable: all_hashable(&items), values: items.into_boxed_slice(), depth },
                bytes,
            ),
        )
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Drop for Charge<T> {
    fn drop(&mut self) {
        let left = &self.budget.left;
        left.set(left.get() + self.bytes);
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl Value {
    pub(super) fn dict() -> Self {
        Self::Dict(Rc::new(Cell::new(false)))
    }

    /// The name of the type in Python; `?` where the file alone does not tell.
    #[cfg(test)]
    pub(super) const fn type_name(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool => "bool",
            Self::Int(_) | Self::BigInt | Self::TorchMagic => "int",
            Self::Float => "float",
            Self::Text(_) | Self::Script => "str",
            Self::Bytes => "bytes",
            Self::ByteArray => "bytearray",
            Self::Buffer => "memoryview",
            Self::Tuple(_) => "tuple",
            Self::List => "list",
            Self::Dict(_) | Self::State(_) => "dict",
            Self::Set => "set",
            Self::FrozenSet => "frozenset",
            Self::Global(_) => "type",
            Self::Object | Self::Dtype(_) | Self::Wrapper(_) | Self::Persistent(_) => "Standin",
            Self::Unknown => "?",
        }
    }

    /// Levels of tuples; kept small, so that a chain of tuples can be dropped without deep recursion. A tuple whose
    /// items are not kept counts as one level, because it holds nothing.
    fn depth(&self) -> u8 {
        match self {
            Self::Tuple(Some(items)) => items.depth,
            Self::Tuple(None) => 1,
            _ => 0,
        }
    }

    /// The text of a string that was kept.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(Some(text)) => Some(text),
            _ => None,
        }
    }

    /// The items of a tuple that were kept.
    pub(super) fn items(&self) -> Option<&[Value]> {
        match self {
            Self::Tuple(Some(items)) => Some(&items.values),
            _ => None,
        }
    }

    /// Whether a dictionary has a key such as `__class__`.
    pub(super) fn is_special(&self) -> bool {
        match self {
            Self::Dict(special) => special.get(),
            Self::State(state) => state.special.get(),
            _ => false,
        }
    }

    /// Whether what the value does is not known from its type: a loader or imported code decides.
    pub(super) const fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Global(_)
                | Self::Object
                | Self::Dtype(_)
                | Self::Wrapper(_)
                | Self::Persistent(_)
                | Self::Unknown
        )
    }

    /// Whether the value can be a key; `None` where that is not known.
    pub(super) fn is_hashable(&self) -> Option<bool> {
        match self {
            Self::List | Self::Dict(_) | Self::State(_) | Self::Set | Self::ByteArray => Some(false),
            Self::Object
            | Self::Dtype(_)
            | Self::Wrapper(_)
            | Self::Persistent(_)
            | Self::Unknown
            | Self::Buffer
            | Self::Tuple(None) => None,
            Self::Tuple(Some(items)) => items.hashable,
            _ => Some(true),
        }
    }
}

/// A tuple hashes its items and fails with the first that cannot be hashed.
fn all_hashable(items: &[Value]) -> Option<bool> {
    let mut all = Some(true);
    for item in items {
        match item.is_hashable() {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}
