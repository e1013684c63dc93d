//! The unpickler's machine, run on types instead of objects.
//!
//! Stack, marks and memo move exactly as in `CPython`'s C unpickler (`Modules/_pickle.c`); nothing is imported,
//! called or built. Where `CPython` would raise whatever the imported code does, the run ends as [`Outcome::Broken`];
//! where it depends on that code, the run goes on and [`Machine::depends`] says so.

mod arguments;
mod arrays;
mod reach;

use std::rc::Rc;

use super::{
    literal,
    memo::Memo,
    opcode as op,
    opcode::opcode,
    value::{Budget, Global, Value},
};
use crate::{
    Limits,
    read::{Halt, Pass},
};

/// `CPython` keeps the memo in an array twice as long as the highest index; beyond this it may run out of memory.
const PLAUSIBLE_INDEX: u64 = 1 << 20;
/// Something that the stream does, other than move plain values.
#[derive(Debug)]
pub(super) enum Event<'e> {
    /// It imports a name.
    Import(&'e Rc<Global>),
    /// It imports a name that it computes, or that is too long to be one.
    ComputedImport { at: u64 },
    /// It calls something.
    Call { opcode: &'static str, callable: &'e Value, arguments: &'e Value, at: u64 },
    /// It sets the state of something.
    Build { target: &'e Value, state: &'e Value, special: bool, at: u64 },
    /// It asks the interpreter's extension registry.
    Extension { code: u32, at: u64 },
    /// It asks the loader for an object.
    Persistent { id: &'e Value, at: u64 },
    /// It takes bytes that are not in the file.
    OutOfBand { at: u64 },
    /// A byte string that could be a pickle itself.
    Nested { data: &'e [u8], at: u64 },
    /// A byte string that starts like a pickle and is too long to be looked at.
    NestedTooLong { at: u64, end: u64 },
    /// joblib takes an array from the stream.
    Array,
    /// joblib takes an array from another file.
    OtherFile { name: Option<&'e str>, at: u64 },
    /// What the stream does where the bytes of an array, or the pickle of its objects, are taken for opcodes, as
    /// `pickle.load` does.
    Otherwise { event: &'e Event<'e>, base: u64, objects: bool },
    /// The bytes of an array, as opcodes, go on for too long to be followed.
    OtherwiseTooLong { at: u64 },
    /// Its frames do not hold whole opcodes.
    Frame { what: &'static str, at: u64 },
    /// It does not keep to the protocol that it names.
    Protocol { what: &'static str, at: u64 },
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// At `STOP`, with this value.
    Stopped(Value),
    /// Where `CPython` raises an error.
    Broken { at: u64, why: &'static str },
    /// At one of our own limits.
    Limited { at: u64, why: &'static str },
    /// With the pass.
    Halted(Halt),
}

enum Fault {
    Broken(&'static str),
    Limited(&'static str),
    Halted(Halt),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::End => Self::Broken("the stream ends inside an opcode"),
            halt => Self::Halted(halt),
        }
    }
}

type Step = Result<(), Fault>;

/// The machine, for one stream.
pub(super) struct Machine<'m, 'a> {
    pass: &'m mut Pass<'a>,
    limits: &'m Limits,
    sink: &'m mut dyn FnMut(Event<'_>),
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: Memo<'m>,
    budget: Budget,
    frame_end: Option<u64>,
    start: u64,
    /// Offset of the opcode that is being run.
    at: u64,
    protocol: u8,
    protocol_told: bool,
    /// Whether the bytes of arrays are read as joblib reads them: since one of its classes was imported.
    joblib: bool,
    /// Whether they never are.
    plain: bool,
    /// Opcodes that may still be spent on reading the bytes of arrays as opcodes.
    otherwise: u64,
    /// Whether the stream has a special name as text: what something that was called gave may hold it as a key.
    special: bool,
    /// Opcodes that were run.
    pub(super) opcodes: u64,
    /// Whether success hung on what imported code, a loader or `CPython`'s memory does.
    pub(super) depends: bool,
}

impl<'m, 'a> Machine<'m, 'a> {
    pub(super) fn new(
        pass: &'m mut Pass<'a>,
        limits: &'m Limits,
        sink: &'m mut dyn FnMut(Event<'_>),
    ) -> Self {
        let start = pass.position();
        Self {
            pass,
            limits,
            sink,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Memo::default(),
            budget: Budget::new(limits.pickle_kept_bytes),
            frame_end: None,
            start,
            at: start,
            protocol: 0,
            protocol_told: false,
            joblib: false,
            plain: false,
            otherwise: limits.pickle_rereading,
            special: false,
            opcodes: 0,
            depends: false,
        }
    }

    /// Runs one stream, from its first opcode to `STOP`.
    pub(super) fn run(&mut self) -> Outcome {
        loop {
            self.at = self.pass.position();
            match self.step() {
                Ok(None) => {}
                Ok(Some(value)) => return Outcome::Stopped(value),
                Err(Fault::Broken(why)) => {
                    // An opcode that reaches beyond its frame may be another one elsewhere.
                    self.leave_frame();
                    return Outcome::Broken { at: self.at, why };
                }
                Err(Fault::Limited(why)) => return Outcome::Limited { at: self.at, why },
                Err(Fault::Halted(halt)) => return Outcome::Halted(halt),
            }
        }
    }

    /// The types of the memo's entries.
    #[cfg(test)]
    pub(super) fn memo(&self) -> std::collections::BTreeMap<u64, &'static str> {
        self.memo.types()
    }

    /// Runs one opcode; `STOP` gives the value of the stream.
    fn step(&mut self) -> Result<Option<Value>, Fault> {
        if self.opcodes >= self.limits.pickle_opcodes {
            return Err(Fault::Limited("more opcodes than are interpreted"));
        }
        let byte = self.pass.byte().map_err(|halt| match halt {
            Halt::End => Fault::Broken("the stream has no STOP"),
            halt => Fault::Halted(halt),
        })?;
        let Some(known) = opcode(byte) else { return Err(Fault::Broken("an unknown opcode")) };
        self.opcodes += 1;
        if known.protocol > self.protocol.max(1) && byte != op::PROTO && !self.protocol_told {
            self.protocol_told = true;
            (self.sink)(Event::Protocol {
                what: "an opcode of a later protocol than it declares",
                at: self.at,
            });
        }
        if byte == op::STOP {
            let value = self.pop()?;
            self.leave_frame();
            if self.frame_end.is_some() {
                self.frame_event("a frame goes on behind STOP");
            }
            return Ok(Some(value));
        }
        self.execute(byte, known.name)?;
        if byte != op::FRAME {
            self.leave_frame();
        }
        if self.stack.len() > self.limits.pickle_values {
            return Err(Fault::Limited("more values on the stack than are kept"));
        }
        if self.marks.len() > self.limits.pickle_values {
            return Err(Fault::Limited("more marks on the stack than are kept"));
        }
        if self.memo.len() > self.limits.pickle_values {
            return Err(Fault::Limited("more values in the memo than are kept"));
        }
        Ok(None)
    }

    fn execute(&mut self, byte: u8, name: &'static str) -> Step {
        match byte {
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => self.pop_or_unmark()?,
            op::POP_MARK => {
                let mark = self.marker()?;
                self.stack.truncate(mark);
            }
            op::DUP => {
                let top = self.top()?.clone();
                self.stack.push(top);
            }
            op::NONE => self.stack.push(Value::None),
            op::NEWTRUE | op::NEWFALSE => self.stack.push(Value::Bool),
            op::INT | op::LONG | op::FLOAT => self.text_number(byte)?,
            op::BININT => {
                let bytes = self.pass.take()?;
                self.stack.push(Value::Int(i64::from(i32::from_le_bytes(bytes))));
            }
            op::BININT1 => {
                let [value] = self.pass.take()?;
                self.stack.push(Value::Int(i64::from(value)));
            }
            op::BININT2 => {
                let bytes = self.pass.take()?;
                self.stack.push(Value::Int(i64::from(u16::from_le_bytes(bytes))));
            }
            op::LONG1 | op::LONG4 => self.binary_long(byte)?,
            op::BINFLOAT => {
                self.pass.take::<8>()?;
                self.stack.push(Value::Float);
            }
            op::STRING | op::UNICODE => self.text_string(byte)?,
            op::BINUNICODE | op::SHORT_BINUNICODE | op::BINUNICODE8 => self.unicode(byte)?,
            op::BINSTRING | op::SHORT_BINSTRING => self.binary_string(byte)?,
            op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 | op::BYTEARRAY8 => self.bytes(byte)?,
            op::NEXT_BUFFER => {
                self.depends = true;
                (self.sink)(Event::OutOfBand { at: self.at });
                self.stack.push(Value::Buffer);
            }
            op::READONLY_BUFFER => self.read_only()?,
            op::EMPTY_TUPLE => self.push_tuple(self.stack.len()),
            op::TUPLE => {
                let mark = self.marker()?;
                self.push_tuple(mark);
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let count = usize::from(byte - op::TUPLE1) + 1;
                let start = self.stack.len().checked_sub(count).filter(|start| *start >= self.fence());
                self.push_tuple(start.ok_or(Fault::Broken("the stack is empty"))?);
            }
            op::EMPTY_LIST => self.stack.push(Value::List),
            op::LIST => {
                let mark = self.marker()?;
                self.stack.truncate(mark);
                self.stack.push(Value::List);
            }
            op::APPEND => self.append(self.below(1)?)?,
            op::APPENDS => {
                let mark = self.marker()?;
                self.append(mark)?;
            }
            op::EMPTY_DICT => {
                let dict = self.new_dict();
                self.stack.push(dict);
            }
            op::DICT => self.dict()?,
            op::SETITEM => self.set_items(self.below(2)?)?,
            op::SETITEMS => {
                let mark = self.marker()?;
                self.set_items(mark)?;
            }
            op::EMPTY_SET => self.stack.push(Value::Set),
            op::ADDITEMS => self.add_items()?,
            op::FROZENSET => {
                let mark = self.marker()?;
                self.hashable(mark, 1)?;
                self.stack.truncate(mark);
                self.stack.push(Value::FrozenSet);
            }
            op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => self.put(byte)?,
            op::GET | op::BINGET | op::LONG_BINGET => self.get(byte)?,
            op::GLOBAL | op::STACK_GLOBAL => self.global(byte)?,
            op::REDUCE => {
                let arguments = self.pop()?;
                let callable = self.pop()?;
                self.call(name, &callable, &arguments)?;
            }
            op::NEWOBJ | op::NEWOBJ_EX => self.new_object(byte, name)?,
            op::INST | op::OBJ => self.instance(byte, name)?,
            op::BUILD => self.build()?,
            op::PERSID | op::BINPERSID => self.persistent(byte)?,
            op::EXT1 | op::EXT2 | op::EXT4 => self.extension(byte)?,
            op::PROTO => self.proto()?,
            op::FRAME => self.frame()?,
            _ => return Err(Fault::Broken("an unknown opcode")),
        }
        Ok(())
    }

    // The stack. The values above the last mark are fenced off from those below.

    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<&Value, Fault> {
        if self.stack.len() <= self.fence() {
            return Err(Fault::Broken("the stack is empty"));
        }
        self.stack.last().ok_or(Fault::Broken("the stack is empty"))
    }

    fn pop(&mut self) -> Result<Value, Fault> {
        self.top()?;
        self.stack.pop().ok_or(Fault::Broken("the stack is empty"))
    }

    fn pop_or_unmark(&mut self) -> Step {
        if self.marks.last() == Some(&self.stack.len()) {
            self.marks.pop();
        } else {
            self.pop()?;
        }
        Ok(())
    }

    fn marker(&mut self) -> Result<usize, Fault> {
        self.marks.pop().ok_or(Fault::Broken("there is no mark"))
    }

    /// The height of the stack without its top `count` values; there must be one more below them.
    fn below(&self, count: usize) -> Result<usize, Fault> {
        let height = self.stack.len().checked_sub(count).filter(|height| *height > self.fence());
        height.ok_or(Fault::Broken("the stack is empty"))
    }

    /// The container under the values from `from` on; `None` where there are no values, and `CPython` looks no further.
    fn container(&self, from: usize) -> Result<Option<Value>, Fault> {
        if from <= self.fence() || from > self.stack.len() {
            return Err(Fault::Broken("the stack is empty"));
        }
        let there = from < self.stack.len();
        Ok(self.stack.get(from - 1).filter(|_| there).cloned())
    }

    fn push_tuple(&mut self, from: usize) {
        let tuple = self.budget.tuple(self.stack.drain(from..));
        self.stack.push(tuple);
    }

    fn append(&mut self, from: usize) -> Step {
        match self.container(from)? {
            None | Some(Value::List) => {}
            Some(target) if target.is_open() || matches!(target, Value::ByteArray) => self.depends = true,
            Some(_) => return Err(Fault::Broken("a value that cannot be appended to")),
        }
        self.stack.truncate(from);
        Ok(())
    }

    /// A dictionary; of those behind the import of one of joblib's wrappers more is kept, because they may fill it in.
    fn new_dict(&self) -> Value {
        if self.joblib { Value::State(Rc::default()) } else { Value::dict() }
    }

    fn dict(&mut self) -> Step {
        let mark = self.marker()?;
        let dict = self.new_dict();
        self.check_pairs(mark, &dict)?;
        self.stack.truncate(mark);
        self.stack.push(dict);
        Ok(())
    }

    fn set_items(&mut self, from: usize) -> Step {
        match self.container(from)? {
            None => {}
            Some(dict @ (Value::Dict(_) | Value::State(_))) => self.check_pairs(from, &dict)?,
            Some(target)
                if target.is_open() || matches!(target, Value::List | Value::ByteArray | Value::Buffer) =>
            {
                if !(self.stack.len() - from).is_multiple_of(2) {
                    return Err(Fault::Broken("a key without a value"));
                }
                self.depends = true;
            }
            Some(_) => return Err(Fault::Broken("a value that has no items")),
        }
        self.stack.truncate(from);
        Ok(())
    }

    /// Checks the keys and values from `from` on, and notes special names among the keys.
    fn check_pairs(&mut self, from: usize, dict: &Value) -> Step {
        if !(self.stack.len() - from).is_multiple_of(2) {
            return Err(Fault::Broken("a key without a value"));
        }
        self.hashable(from, 2)?;
        let (special, state) = match dict {
            Value::Dict(special) => (&**special, None),
            Value::State(state) => (&state.special, Some(state)),
            _ => return Ok(()),
        };
        for [key, value] in self.stack[from..].as_chunks().0 {
            let Some(key) = key.as_text() else { continue };
            if is_special(key) {
                special.set(true);
            }
            if let Some(state) = state {
                state.set(key, value);
            }
        }
        Ok(())
    }

    fn hashable(&mut self, from: usize, step: usize) -> Step {
        for key in self.stack[from..].iter().step_by(step) {
            match key.is_hashable() {
                Some(true) => {}
                Some(false) => return Err(Fault::Broken("a key that cannot be hashed")),
                None => self.depends = true,
            }
        }
        Ok(())
    }

    fn add_items(&mut self) -> Step {
        let mark = self.marker()?;
        match self.container(mark)? {
            None => {}
            Some(Value::Set) => self.hashable(mark, 1)?,
            Some(target) if target.is_open() => self.depends = true,
            Some(_) => return Err(Fault::Broken("a value that is no set")),
        }
        self.stack.truncate(mark);
        Ok(())
    }

    // The memo.

    fn put(&mut self, byte: u8) -> Step {
        let index = match byte {
            op::MEMOIZE => self.memo.len() as u64,
            op::BINPUT => u64::from(self.pass.byte()?),
            op::LONG_BINPUT => u64::from(u32::from_le_bytes(self.pass.take()?)),
            _ => self.line_index()?,
        };
        self.depends |= index > PLAUSIBLE_INDEX;
        let value = self.budget.for_long(self.top()?);
        self.memo.put(index, value);
        Ok(())
    }

    fn get(&mut self, byte: u8) -> Step {
        let index = match byte {
            op::BINGET => u64::from(self.pass.byte()?),
            op::LONG_BINGET => u64::from(u32::from_le_bytes(self.pass.take()?)),
            _ => self.line_index()?,
        };
        let value = self.memo.get(index).cloned();
        self.stack.push(value.ok_or(Fault::Broken("the memo has no such entry"))?);
        Ok(())
    }

    fn line_index(&mut self) -> Result<u64, Fault> {
        let line = self.line()?;
        literal::index(&line.kept)
            .filter(|_| line.whole)
            .ok_or(Fault::Broken("a memo index that is no number"))
    }
}

/// Whether setting an attribute of this name changes more than data. Libraries keep the documentation of a result with
/// the first of the exceptions, and graphs of `NetworkX` a dictionary with the second; the others name modules.
fn is_special(name: &str) -> bool {
    !matches!(name, "__doc__" | "__networkx_cache__" | "__main__" | "__mp_main__" | "__builtin__")
        && name.len() > 4
        && name.starts_with("__")
        && name.ends_with("__")
}
