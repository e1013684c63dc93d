//! The bytes of arrays that joblib keeps in the stream.

use std::{io, ops::ControlFlow};

use super::{
    super::{array::Elements, memo::Memo, opcode::opcode, value::Value},
    Event, Fault, Machine, Outcome, Step,
};
use crate::read::{Pass, ReadAt, STEP};

/// Values on top of the stack that another reading of the stream starts with.
const STACK: usize = 1 << 16;
/// What another reading costs at least, in opcodes.
const LEAST_WORK: u64 = 64;

impl Machine<'_, '_> {
    /// Goes on behind the `BUILD` of a wrapper, as joblib does.
    pub(super) fn array(&mut self, elements: &Elements) -> Step {
        self.leave_frame();
        if self.frame_end.is_some() {
            self.frame_event("an array of joblib's lies inside a frame");
            return Err(Fault::Limited("the bytes of an array lie where no writer puts them"));
        }
        if let Elements::File(name) = elements {
            (self.sink)(Event::OtherFile { name: name.as_deref(), at: self.at });
            self.stack.pop();
            self.stack.push(Value::Object);
            return Ok(());
        }
        self.as_opcodes(*elements == Elements::Pickle)?;
        match elements {
            Elements::Raw { bytes, aligned } => self.raw(*bytes, *aligned)?,
            Elements::Pickle => self.objects()?,
            _ => return Err(Fault::Limited("an array whose size the stream does not tell plainly")),
        }
        (self.sink)(Event::Array);
        self.stack.pop();
        self.stack.push(Value::Object);
        Ok(())
    }

    fn raw(&mut self, bytes: u64, aligned: bool) -> Step {
        let padding = if aligned { u64::from(self.pass.byte()?) } else { 0 };
        let left = self.pass.size() - self.pass.position();
        if padding.checked_add(bytes).is_none_or(|length| length > left) {
            return Err(Fault::Broken("an array beyond the end of the stream"));
        }
        self.pass.skip(padding)?;
        self.nested(bytes)?;
        self.pass.skip(bytes)?;
        Ok(())
    }

    /// Arrays of objects are pickles of their own, which joblib gives to `pickle.load`.
    fn objects(&mut self) -> Step {
        let mut inner = Machine::new(self.pass, self.limits, self.sink);
        inner.plain = true;
        inner.opcodes = self.opcodes;
        let outcome = inner.run();
        self.opcodes = inner.opcodes;
        self.depends |= inner.depends;
        match outcome {
            Outcome::Stopped(_) => Ok(()),
            Outcome::Broken { at, why } => {
                self.at = at;
                Err(Fault::Broken(why))
            }
            Outcome::Limited { at, why } => {
                self.at = at;
                Err(Fault::Limited(why))
            }
            Outcome::Halted(halt) => Err(halt.into()),
        }
    }

    /// Reads what follows as `pickle.load` would: as opcodes, on the stack and memo that there are. Most bytes are none,
    /// and the reading ends with the first.
    fn as_opcodes(&mut self, objects: bool) -> Step {
        if self.pass.peek(1)?.first().is_none_or(|byte| opcode(*byte).is_none()) {
            return Ok(());
        }
        let base = self.pass.position();
        let from = self.stack.len().saturating_sub(STACK);
        // Copying the stack is work as well, and arrays may be many.
        let copied = (self.stack.len() - from) as u64 + LEAST_WORK;
        self.otherwise = self.otherwise.saturating_sub(copied);
        if self.otherwise == 0 {
            (self.sink)(Event::OtherwiseTooLong { at: base });
            return Ok(());
        }
        let limits = crate::Limits { pickle_opcodes: self.otherwise, ..*self.limits };
        let length = self.pass.size() - base;
        let window = Window { bytes: self.pass.peek(STEP)?, length };
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(&window, &mut watch);
        let sink = &mut *self.sink;
        let mut told = |event: Event<'_>| {
            if matches!(event, Event::Import(_) | Event::Call { .. } | Event::ComputedImport { .. }) {
                sink(Event::Otherwise { event: &event, base, objects });
            }
        };
        let mut other = Machine::new(&mut pass, &limits, &mut told);
        other.plain = true;
        other.protocol = self.protocol;
        other.protocol_told = true;
        other.budget = self.budget.clone();
        other.memo = Memo::over(&self.memo);
        other.stack = self.stack[from..].to_vec();
        other.marks = self.marks.iter().filter_map(|mark| mark.checked_sub(from)).collect();
        let outcome = other.run();
        self.otherwise = self.otherwise.saturating_sub(other.opcodes);
        let cut = from > 0 && other.stack.is_empty();
        drop(other);
        // It halts only where the window ends and the file does not.
        if cut || matches!(outcome, Outcome::Limited { .. } | Outcome::Halted(_)) {
            (self.sink)(Event::OtherwiseTooLong { at: base });
        }
        Ok(())
    }
}

/// The bytes at hand of what lies ahead, as the start of a file of its own.
struct Window<'w> {
    bytes: &'w [u8],
    length: u64,
}

impl ReadAt for Window<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read_at(offset, buffer)? {
            0 if offset < self.length && !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}
