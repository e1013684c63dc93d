//! Opcodes whose value stands in the stream: numbers, strings, bytes.

use super::{
    super::{
        TORCH_MAGIC,
        literal::{self, Number},
        opcode as op, payload,
        value::Value,
        wrapped,
    },
    Event, Fault, Machine, Step, is_special,
};
use crate::text::Utf8;

/// Bytes of a string or line that are kept. No module or class has a longer name; longer strings are known by type.
const KEEP: usize = 512;
/// Bytes of a longer text that decide whether it is a program's.
const SCRIPT: usize = 4096;

/// A line of protocol 0, without its end.
pub(super) struct Line {
    pub(super) kept: Vec<u8>,
    pub(super) whole: bool,
}

impl Machine<'_, '_> {
    /// Reads a line; `CPython` refuses one that is empty or has no end.
    pub(super) fn line(&mut self) -> Result<Line, Fault> {
        let line = self.any_line()?;
        if line.kept.is_empty() { Err(Fault::Broken("an empty line")) } else { Ok(line) }
    }

    pub(super) fn any_line(&mut self) -> Result<Line, Fault> {
        self.kept_line(KEEP)
    }

    /// Reads a line, and keeps so many bytes of it.
    fn kept_line(&mut self, keep: usize) -> Result<Line, Fault> {
        let mut line = Line { kept: Vec::new(), whole: true };
        loop {
            let chunk = self.pass.chunk()?;
            if chunk.is_empty() {
                return Err(Fault::Broken("a line without an end"));
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            let room = keep.saturating_sub(line.kept.len()).min(piece.len());
            line.kept.extend_from_slice(&piece[..room]);
            line.whole &= room == piece.len();
            let passed = piece.len() + usize::from(end.is_some());
            self.pass.advance(passed);
            if end.is_some() {
                return Ok(line);
            }
        }
    }

    pub(super) fn text_number(&mut self, byte: u8) -> Step {
        let line = self.line()?;
        let text = match byte {
            op::LONG => line.kept.strip_suffix(b"L").unwrap_or(&line.kept),
            _ => &line.kept,
        };
        let number = match byte {
            _ if !line.whole => Number::Maybe,
            op::INT => literal::int(text),
            op::LONG => literal::long(text),
            _ => match literal::float(text) {
                Some(true) => {
                    self.stack.push(Value::Float);
                    return Ok(());
                }
                Some(false) => Number::Invalid,
                None => Number::Maybe,
            },
        };
        self.stack.push(match number {
            Number::Int(value) => value.map_or(Value::BigInt, Value::Int),
            Number::Bool => Value::Bool,
            Number::Maybe => {
                self.depends = true;
                if byte == op::FLOAT { Value::Float } else { Value::BigInt }
            }
            Number::Invalid => return Err(Fault::Broken("a number that is none")),
        });
        Ok(())
    }

    pub(super) fn binary_long(&mut self, byte: u8) -> Step {
        let length = if byte == op::LONG1 { u64::from(self.pass.byte()?) } else { self.signed_length()? };
        let kept = self.read(length, 10, |_| {})?;
        self.stack.push(if length == 10 && kept == TORCH_MAGIC {
            Value::TorchMagic
        } else if length <= 8 {
            let negative = kept.last().is_some_and(|byte| *byte & 0x80 != 0);
            let mut bytes = [if negative { 0xff } else { 0 }; 8];
            bytes[..kept.len()].copy_from_slice(&kept);
            Value::Int(i64::from_le_bytes(bytes))
        } else {
            Value::BigInt
        });
        Ok(())
    }

    pub(super) fn text_string(&mut self, byte: u8) -> Step {
        let keep = usize::try_from(self.limits.nested_bytes).unwrap_or(usize::MAX).max(KEEP);
        let line = self.kept_line(keep)?;
        if byte == op::STRING && line.kept.is_empty() {
            return Err(Fault::Broken("an empty line"));
        }
        if !line.whole {
            self.depends = true;
            let start = line.kept.strip_prefix(b"'").unwrap_or(&line.kept);
            if wrapped::is_candidate(start.get(..wrapped::GLANCE).unwrap_or(start), true) {
                (self.sink)(Event::Nested { data: start, at: self.at });
            }
            let is_script = payload::speaks(&line.kept).is_some();
            self.stack.push(if is_script { Value::Script } else { Value::Text(None) });
            return Ok(());
        }
        if byte == op::UNICODE {
            let text = literal::raw_unicode(&line.kept).ok_or(Fault::Broken("text with a broken escape"))?;
            self.told(text.as_bytes(), true);
            let value = self.short(&text);
            self.stack.push(value);
            return Ok(());
        }
        let bytes = literal::quoted(&line.kept).ok_or(Fault::Broken("a string without its quotes"))?;
        self.told(&bytes, false);
        let whole = bytes.len() <= KEEP;
        self.push_old_string(bytes, whole);
        Ok(())
    }

    /// Shows a string that was decoded to the sink, if it may be a pickle or hold one.
    fn told(&mut self, bytes: &[u8], text: bool) {
        let glance = bytes.get(..wrapped::GLANCE).unwrap_or(bytes);
        if bytes.len() as u64 >= wrapped::least(text) && wrapped::is_candidate(glance, text) {
            (self.sink)(Event::Nested { data: bytes, at: self.at });
        }
    }

    /// A text, which is kept where it is short.
    fn short(&mut self, text: &str) -> Value {
        if text.len() <= KEEP {
            self.special |= is_special(text);
            return self.budget.text(text);
        }
        let start = text.as_bytes().get(..SCRIPT).unwrap_or(text.as_bytes());
        if payload::speaks(start).is_some() { Value::Script } else { Value::Text(None) }
    }

    pub(super) fn unicode(&mut self, byte: u8) -> Step {
        let length = match byte {
            op::SHORT_BINUNICODE => u64::from(self.pass.byte()?),
            op::BINUNICODE => u64::from(u32::from_le_bytes(self.pass.take()?)),
            _ => u64::from_le_bytes(self.pass.take()?),
        };
        if length > KEEP as u64 {
            return self.long_text(length);
        }
        self.hidden(length)?;
        let room = usize::try_from(length).unwrap_or(KEEP);
        let bytes = self.pass.peek(room)?;
        if bytes.len() < room {
            return Err(Fault::Broken("a length beyond the end of the stream"));
        }
        let value = if let Ok(text) = std::str::from_utf8(bytes) {
            self.special |= is_special(text);
            self.budget.text(text)
        } else {
            let mut utf8 = Utf8::surrogatepass();
            if !(utf8.push(bytes) && utf8.finish()) {
                // The bytes are read all the same, and may reach beyond a frame.
                self.pass.advance(room);
                return Err(Fault::Broken("text that is not UTF-8"));
            }
            Value::Text(None)
        };
        self.pass.advance(room);
        self.stack.push(value);
        Ok(())
    }

    /// A text of which only the type is kept, and whether it starts like a program's.
    fn long_text(&mut self, length: u64) -> Step {
        if length > self.pass.size() - self.pass.position() {
            return Err(Fault::Broken("a length beyond the end of the stream"));
        }
        self.hidden(length)?;
        let start = self.pass.peek(SCRIPT)?;
        let is_script = payload::speaks(start).is_some();
        let mut utf8 = Utf8::surrogatepass();
        self.read(length, 0, |piece| {
            utf8.push(piece);
        })?;
        if !utf8.finish() {
            return Err(Fault::Broken("text that is not UTF-8"));
        }
        self.stack.push(if is_script { Value::Script } else { Value::Text(None) });
        Ok(())
    }

    pub(super) fn binary_string(&mut self, byte: u8) -> Step {
        let length = if byte == op::BINSTRING { self.signed_length()? } else { u64::from(self.pass.byte()?) };
        self.nested(length)?;
        let kept = self.read(length, KEEP, |_| {})?;
        self.push_old_string(kept, length <= KEEP as u64);
        Ok(())
    }

    /// Pushes a string of Python 2. Its encoding is a parameter of the loader; ASCII is the default, others are used.
    pub(super) fn push_old_string(&mut self, bytes: Vec<u8>, whole: bool) {
        self.depends |= !whole || !bytes.is_ascii();
        let text = String::from_utf8(bytes).ok().filter(|text| whole && text.is_ascii());
        self.special |= text.as_deref().is_some_and(is_special);
        self.stack.push(text.map_or(Value::Text(None), |text| self.budget.text(&text)));
    }

    pub(super) fn bytes(&mut self, byte: u8) -> Step {
        let length = match byte {
            op::SHORT_BINBYTES => u64::from(self.pass.byte()?),
            op::BINBYTES => u64::from(u32::from_le_bytes(self.pass.take()?)),
            _ => u64::from_le_bytes(self.pass.take()?),
        };
        self.nested(length)?;
        self.read(length, 0, |_| {})?;
        self.stack.push(if byte == op::BYTEARRAY8 { Value::ByteArray } else { Value::Bytes });
        Ok(())
    }

    pub(super) fn signed_length(&mut self) -> Result<u64, Fault> {
        let length = i32::from_le_bytes(self.pass.take()?);
        u64::try_from(length).map_err(|_| Fault::Broken("a negative length"))
    }

    /// Passes `length` bytes, keeps the first `keep` of them and shows all.
    pub(super) fn read(
        &mut self,
        length: u64,
        keep: usize,
        mut show: impl FnMut(&[u8]),
    ) -> Result<Vec<u8>, Fault> {
        if length > self.pass.size() - self.pass.position() {
            return Err(Fault::Broken("a length beyond the end of the stream"));
        }
        let mut kept = Vec::new();
        self.pass.each(length, &mut |piece| {
            let room = (keep - kept.len()).min(piece.len());
            kept.extend_from_slice(&piece[..room]);
            show(piece);
        })?;
        Ok(kept)
    }

    /// Shows the coming byte string to the sink if it may be a pickle, or hold one. It is looked at where it lies in the
    /// buffer, which is why a long one is not: its start decides whether that matters.
    pub(super) fn nested(&mut self, length: u64) -> Step {
        self.candidate(length, false)
    }

    /// The same of a text.
    fn hidden(&mut self, length: u64) -> Step {
        self.candidate(length, true)
    }

    fn candidate(&mut self, length: u64, text: bool) -> Step {
        if length < wrapped::least(text) || length > self.pass.size() - self.pass.position() {
            return Ok(());
        }
        let glance = usize::try_from(length).unwrap_or(usize::MAX).min(wrapped::GLANCE);
        if !wrapped::is_candidate(self.pass.peek(glance)?, text) {
            return Ok(());
        }
        let at = self.pass.position();
        let window = usize::try_from(length.min(self.limits.nested_bytes)).unwrap_or(usize::MAX);
        let data = self.pass.peek(window)?.to_vec();
        (self.sink)(Event::Nested { data: &data, at });
        if (data.len() as u64) < length && data.first() == Some(&op::PROTO) {
            (self.sink)(Event::NestedTooLong { at: at + data.len() as u64, end: at + length });
        }
        Ok(())
    }

    pub(super) fn read_only(&mut self) -> Step {
        let top = match self.top()? {
            Value::Bytes => Value::Bytes,
            Value::ByteArray | Value::Buffer => Value::Buffer,
            top if top.is_open() => {
                self.depends = true;
                Value::Unknown
            }
            _ => return Err(Fault::Broken("a value that is no buffer")),
        };
        self.stack.pop();
        self.stack.push(top);
        Ok(())
    }
}
