//! The wire format of Protocol Buffers, read as a stream: ONNX, TensorFlow and Core ML are written in it.
//!
//! Fields come in any order and may come more than once, so that a reader judges each as it passes and what belongs
//! together at the end of its message. Nothing is kept of large fields: they stream by, and only their first bytes are
//! looked at. A message that cannot be read is told and passed; the one around it goes on behind it, because the length
//! of each message is stated in front.
//!
//! Wire format: <https://protobuf.dev/programming-guides/encoding/>

pub(crate) mod rules;
pub(crate) mod sniff;

use bartizan_finding::{Occurrence, Severity, hides};

use crate::{
    escape,
    foreign::{Foreign, WINDOW},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
    text::Utf8,
};

/// Bytes of a text that are kept.
pub(crate) const KEEP: usize = 4096;

/// An unknown field of so many bytes can hold more than a later version of the format would add.
const LARGE: u64 = 1024;

/// Why a message could not be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Halt(Halt),
    /// The bytes mean nothing from this offset on.
    Broken(u64, &'static str),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// A field of a message; one with a length has its bytes still before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) number: u32,
    pub(crate) value: Value,
    /// Offset of its tag.
    pub(crate) at: u64,
}

/// The value of a field, as its wire type has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Varint(u64),
    Fixed64(u64),
    Length(u64),
    Fixed32(u32),
}

/// A string field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// What was kept of it; bytes that are no UTF-8 are replaced.
    pub(crate) start: String,
    /// Its length in bytes.
    pub(crate) length: u64,
    pub(crate) is_utf8: bool,
    /// Offset of its field.
    pub(crate) at: u64,
}

/// Messages, read in order from a pass.
pub(crate) struct Wire<'w, 'a, 's, 'f> {
    pub(crate) pass: &'w mut Pass<'a>,
    pub(crate) scope: &'w mut Scope<'s, 'f>,
    depth: usize,
}

impl<'w, 'a, 's, 'f> Wire<'w, 'a, 's, 'f> {
    /// At the start of the outermost message.
    pub(crate) fn new(pass: &'w mut Pass<'a>, scope: &'w mut Scope<'s, 'f>) -> Self {
        Self { pass, scope, depth: 0 }
    }

    /// Reads the outermost message, to the end of the pass. What cannot be read is told.
    pub(crate) fn whole(
        &mut self,
        read: impl FnOnce(&mut Self, u64) -> Result<(), Fault>,
    ) -> Result<(), Halt> {
        let end = self.pass.size();
        match read(self, end) {
            Ok(()) => Ok(()),
            Err(Fault::Halt(halt)) => Err(halt),
            Err(Fault::Broken(at, what)) => {
                self.broken(at, end, what);
                self.pass.skip(end.saturating_sub(self.pass.position()))
            }
        }
    }

    /// The next field of a message that ends at `end`; none at its end.
    pub(crate) fn field(&mut self, end: u64) -> Result<Option<Field>, Fault> {
        let at = self.pass.position();
        if at >= end {
            return Ok(None);
        }
        let tag = self.varint(end)?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
        let number = number.ok_or(Fault::Broken(at, "a field has the number 0, or one that is too large"))?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint(end)?),
            1 => Value::Fixed64(u64::from_le_bytes(self.take(end)?)),
            2 => {
                let length = self.varint(end)?;
                if length > end - self.pass.position() {
                    return Err(Fault::Broken(at, "a field claims more bytes than are left of its message"));
                }
                Value::Length(length)
            }
            3 | 4 => return Err(Fault::Broken(at, "a field is a group, which no such format has")),
            5 => Value::Fixed32(u32::from_le_bytes(self.take(end)?)),
            _ => return Err(Fault::Broken(at, "a field has a wire type that does not exist")),
        };
        Ok(Some(Field { number, value, at }))
    }

    /// Reads the message in a field. What cannot be read of it is told, and its rest is passed.
    pub(crate) fn message(
        &mut self,
        field: &Field,
        of: &'static str,
        read: impl FnOnce(&mut Self, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Value::Length(length) = field.value else { return self.unknown(field, of) };
        let end = self.pass.position() + length;
        if self.depth >= self.scope.limits.message_depth {
            self.scope.add(
                rules::Malformed::META,
                field.at,
                end,
                "messages are nested deeper than any reader follows",
            );
            self.scope.unexamined(field.at, end, "messages that are nested too deep");
            return Ok(self.pass.skip(length)?);
        }
        self.depth += 1;
        let result = read(self, end);
        self.depth -= 1;
        match result {
            Err(Fault::Broken(at, what)) => self.broken(at, end, what),
            result => result?,
        }
        Ok(self.pass.skip(end.saturating_sub(self.pass.position()))?)
    }

    /// Reads a string.
    pub(crate) fn text(&mut self, field: &Field, of: &'static str) -> Result<Option<Text>, Fault> {
        let Value::Length(length) = field.value else {
            self.unknown(field, of)?;
            return Ok(None);
        };
        let mut utf8 = Utf8::strict();
        let mut kept = Vec::new();
        self.pass.each(length, &mut |piece| {
            utf8.push(piece);
            kept.extend_from_slice(&piece[..piece.len().min(KEEP - kept.len())]);
        })?;
        let start = String::from_utf8_lossy(&kept).into_owned();
        Ok(Some(Text { start, length, is_utf8: utf8.finish(), at: field.at }))
    }

    /// Reads a string that names something, and tells one that a person cannot read.
    pub(crate) fn name(&mut self, field: &Field, of: &'static str) -> Result<Option<Text>, Fault> {
        let text = self.text(field, of)?;
        if let Some(text) = &text
            && (!text.is_utf8 || text.start.chars().any(hides))
        {
            let end = self.pass.position();
            let message = format!("a name holds what cannot be seen, or is not UTF-8: {}", shown(text));
            self.scope.add(rules::UnreadableName::META, field.at, end, message);
        }
        Ok(text)
    }

    /// Reads a string of bytes whose start is looked at as that of [`Self::bytes`] is.
    pub(crate) fn string(&mut self, field: &Field, of: &'static str) -> Result<Option<Text>, Fault> {
        if let Value::Length(length) = field.value {
            self.look(length, of)?;
        }
        self.text(field, of)
    }

    /// Passes bytes that mean nothing here, such as numbers, and looks at how they start; their length.
    pub(crate) fn bytes(&mut self, field: &Field, of: &'static str) -> Result<u64, Fault> {
        let Value::Length(length) = field.value else {
            self.unknown(field, of)?;
            return Ok(0);
        };
        self.look(length, of)?;
        self.pass.skip(length)?;
        Ok(length)
    }

    /// Looks at the next bytes for contents of another format.
    fn look(&mut self, length: u64, of: &'static str) -> Result<(), Fault> {
        let window = usize::try_from(length).unwrap_or(usize::MAX).min(WINDOW);
        if let Some(foreign) = Foreign::at(self.pass.peek(window)?) {
            let start = self.pass.position();
            let place = self.scope.range(start, start + length);
            let what = format!("{of} starts");
            self.scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, &what));
        }
        Ok(())
    }

    /// Shows the numbers of a field that may be packed, and says how many they are.
    pub(crate) fn varints(&mut self, field: &Field, show: &mut dyn FnMut(u64)) -> Result<u64, Fault> {
        match field.value {
            Value::Varint(number) => {
                show(number);
                Ok(1)
            }
            Value::Length(length) => {
                let end = self.pass.position() + length;
                let mut count = 0;
                while self.pass.position() < end {
                    show(self.varint(end)?);
                    count += 1;
                }
                Ok(count)
            }
            Value::Fixed64(_) | Value::Fixed32(_) => {
                self.unknown(field, "a list of numbers")?;
                Ok(0)
            }
        }
    }

    /// Passes numbers of a fixed width that may be packed, and says how many they are.
    pub(crate) fn fixed(&mut self, field: &Field, width: u64, of: &'static str) -> Result<u64, Fault> {
        match field.value {
            Value::Fixed32(_) if width == 4 => Ok(1),
            Value::Fixed64(_) if width == 8 => Ok(1),
            Value::Length(length) => {
                if length % width != 0 {
                    let end = self.pass.position() + length;
                    let message = format!("{of} is no whole number of values");
                    self.scope.add(rules::Malformed::META, field.at, end, message);
                }
                Ok(self.bytes(field, of)? / width)
            }
            _ => {
                self.unknown(field, of)?;
                Ok(0)
            }
        }
    }

    /// Passes a field that the format does not have, or has with another type, and tells it.
    pub(crate) fn unknown(&mut self, field: &Field, of: &'static str) -> Result<(), Fault> {
        let length = match field.value {
            Value::Length(length) => self.bytes(field, "an unknown field").map(|_| length)?,
            _ => 0,
        };
        let message = if length > 0 {
            format!("{of} has an unknown field of {length} bytes, number {}", field.number)
        } else {
            format!("{of} has an unknown field, number {}", field.number)
        };
        let place = self.scope.range(field.at, self.pass.position());
        // Of the outermost message it may be what the bytes really are: a file of another format than this one.
        let severity = if length >= LARGE || self.depth == 0 { Severity::Medium } else { Severity::Info };
        self.scope
            .problems
            .push(Occurrence::new(rules::UnknownField::META, place, message).severity(severity));
        Ok(())
    }

    /// Tells a field of which there should be one and of which there is another, different one.
    pub(crate) fn twice(&mut self, field: &Field, of: &'static str) {
        let message = format!("{of} is stated twice, and not alike");
        self.scope.add(rules::StatedTwice::META, field.at, self.pass.position(), message);
    }

    /// Adds a problem that reaches from an offset to where the reader is.
    pub(crate) fn add(
        &mut self,
        rule: &'static bartizan_finding::RuleMeta,
        at: u64,
        message: impl Into<String>,
    ) {
        self.scope.add(rule, at, self.pass.position(), message);
    }

    /// The same, with another severity than the rule's own.
    pub(crate) fn add_as(
        &mut self,
        rule: &'static bartizan_finding::RuleMeta,
        severity: Severity,
        at: u64,
        message: impl Into<String>,
    ) {
        let place = self.scope.range(at, self.pass.position());
        self.scope.problems.push(Occurrence::new(rule, place, message).severity(severity));
    }

    fn broken(&mut self, at: u64, end: u64, what: &'static str) {
        self.scope.add(rules::Malformed::META, at, end, what);
        self.scope.unexamined(at, end, format!("behind the point where {what}"));
    }

    fn varint(&mut self, end: u64) -> Result<u64, Fault> {
        let at = self.pass.position();
        let mut value = 0_u64;
        for index in 0..10 {
            if self.pass.position() >= end {
                return Err(Fault::Broken(at, "the message ends inside a number"));
            }
            let byte = self.byte()?;
            // The tenth byte has room for one bit; readers drop the others, each in its own way.
            if index == 9 && byte > 1 {
                return Err(Fault::Broken(at, "a number has more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                if index > 0 && byte == 0 {
                    let message = "a number is written longer than it needs to be";
                    self.scope.add(rules::LongNumber::META, at, at + index + 1, message);
                }
                return Ok(value);
            }
        }
        Err(Fault::Broken(at, "a number has more than 64 bits"))
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let at = self.pass.position();
        self.pass.byte().map_err(|halt| match halt {
            Halt::End => Fault::Broken(at, "the file ends inside a number"),
            halt => Fault::Halt(halt),
        })
    }

    fn take<const N: usize>(&mut self, end: u64) -> Result<[u8; N], Fault> {
        let at = self.pass.position();
        if end - at < N as u64 {
            return Err(Fault::Broken(at, "the message ends inside a number"));
        }
        Ok(self.pass.take()?)
    }
}

/// A text from a file, fit for a message.
pub(crate) fn shown(text: &Text) -> String {
    escape(&text.start, SHOWN)
}

/// The number of a field that is one.
pub(crate) const fn number(field: &Field) -> Option<u64> {
    match field.value {
        Value::Varint(number) => Some(number),
        _ => None,
    }
}
