//! A JSON reader that takes bytes from a pass, keeps nothing it was not asked to keep, and does not recurse.
//!
//! It accepts RFC 8259 and nothing more, so that whatever `serde_json` refuses in a header is refused here.

mod events;
mod walk;

use bartizan_finding::{Digest, Hasher};
pub(crate) use events::Event;
pub(crate) use walk::Step;

use crate::{
    read::{Halt, Pass},
    text::Utf8,
};

/// Why reading ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The pass ended.
    Halt(Halt),
    /// The text is not JSON, at this offset of the file.
    Syntax(u64, &'static str),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// A JSON string: as much of it as was asked for, and what tells it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// The decoded start.
    pub(crate) start: String,
    /// The decoded length in bytes.
    pub(crate) length: u64,
    /// Of the whole decoded string, where not all of it is in `start`.
    beyond: Option<Digest>,
}

impl Text {
    /// The digest of the whole decoded string.
    pub(crate) fn digest(&self) -> Digest {
        self.beyond.unwrap_or_else(|| Digest::of(self.start.as_bytes()))
    }
}

/// A JSON value, of which only what a header needs is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Text(Text),
    Unsigned(u64),
    Bool(bool),
    Null,
    /// Another number, an array or an object.
    Other,
}

/// Reads one JSON text of at most `left` bytes.
pub(crate) struct Json<'p, 'a> {
    pass: &'p mut Pass<'a>,
    left: u64,
    depth: usize,
    python: bool,
}

impl<'p, 'a> Json<'p, 'a> {
    pub(crate) fn new(pass: &'p mut Pass<'a>, length: u64, depth: usize) -> Self {
        Self { pass, left: length, depth, python: false }
    }

    /// Takes `NaN`, `Infinity` and `-Infinity` as numbers, as Python's `json` writes and reads them.
    #[must_use]
    pub(crate) fn python(mut self) -> Self {
        self.python = true;
        self
    }

    /// Offset in the file of the next byte.
    pub(crate) fn position(&self) -> u64 {
        self.pass.position()
    }

    /// Passes white space and shows the byte behind it.
    pub(crate) fn ahead(&mut self) -> Result<Option<u8>, Fault> {
        while self.left > 0 {
            match self.pass.chunk()?.first() {
                None => return Ok(None),
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.pass_byte(),
                Some(&byte) => return Ok(Some(byte)),
            }
        }
        Ok(None)
    }

    /// Passes white space and then `byte`, if it is there.
    pub(crate) fn eat(&mut self, byte: u8) -> Result<bool, Fault> {
        let there = self.ahead()? == Some(byte);
        if there {
            self.pass_byte();
        }
        Ok(there)
    }

    /// As [`Self::eat`], and it must be there.
    pub(crate) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), Fault> {
        if self.eat(byte)? { Ok(()) } else { Err(self.fault(what)) }
    }

    /// Walks the entries of an object or array whose opening was passed: whether there is another one.
    pub(crate) fn another(&mut self, first: &mut bool, close: u8) -> Result<bool, Fault> {
        if self.eat(close)? {
            // `[1,]` comes here only with `first` set, because a comma is followed by a value below.
            return Ok(false);
        }
        if !std::mem::replace(first, false) {
            self.expect(b',', "expected a comma")?;
            if self.ahead()? == Some(close) {
                return Err(self.fault("a comma without a value behind it"));
            }
        }
        Ok(true)
    }

    /// Reads a key and its colon.
    pub(crate) fn key(&mut self, keep: usize) -> Result<Text, Fault> {
        self.expect(b'"', "expected a key in quotes")?;
        let key = self.string(keep)?;
        self.expect(b':', "expected a colon")?;
        Ok(key)
    }

    /// Reads any value; an array or object is passed over.
    pub(crate) fn scalar(&mut self, keep: usize) -> Result<Scalar, Fault> {
        match self.ahead()? {
            Some(b'"') => {
                self.pass_byte();
                self.string(keep).map(Scalar::Text)
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'n') => self.word(b"null").map(|()| Scalar::Null),
            Some(b't') => self.word(b"true").map(|()| Scalar::Bool(true)),
            Some(b'f') => self.word(b"false").map(|()| Scalar::Bool(false)),
            Some(b'N') if self.python => self.word(b"NaN").map(|()| Scalar::Other),
            Some(b'I') if self.python => self.word(b"Infinity").map(|()| Scalar::Other),
            Some(b'{' | b'[') => self.nested(),
            Some(_) => Err(self.fault("expected a value")),
            None => Err(self.fault("the text ends where a value should be")),
        }
    }

    /// Passes over an array or object without recursion.
    fn nested(&mut self) -> Result<Scalar, Fault> {
        let mut open: Vec<(u8, bool)> = Vec::new();
        loop {
            if self.eat(b'{')? {
                open.push((b'}', true));
            } else if self.eat(b'[')? {
                open.push((b']', true));
            } else {
                self.scalar(0)?;
            }
            // The value itself lies inside the header's own object and the tensor's.
            if open.len() + 2 > self.depth {
                return Err(self.fault("nested too deep"));
            }
            loop {
                let Some((close, first)) = open.last_mut() else { return Ok(Scalar::Other) };
                let close = *close;
                if self.another(first, close)? {
                    if close == b'}' {
                        self.key(0)?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    /// Reads what follows an opening quote.
    fn string(&mut self, keep: usize) -> Result<Text, Fault> {
        let mut kept = Vec::new();
        // Most strings are short and kept whole; only what is not kept has to be hashed as it streams by.
        let mut hasher: Option<Hasher> = None;
        let mut length = 0;
        let mut utf8 = Utf8::strict();
        let mut valid = true;
        let mut add = |bytes: &[u8]| {
            valid &= utf8.push(bytes);
            length += bytes.len() as u64;
            if hasher.is_none() && keep - kept.len() < bytes.len() {
                let mut fresh = Hasher::new();
                fresh.update(&kept);
                hasher = Some(fresh);
            }
            if let Some(hasher) = &mut hasher {
                hasher.update(bytes);
            }
            kept.extend_from_slice(&bytes[..bytes.len().min(keep - kept.len())]);
        };
        loop {
            let room = usize::try_from(self.left).unwrap_or(usize::MAX);
            let chunk = self.pass.chunk()?;
            let chunk = &chunk[..chunk.len().min(room)];
            let plain =
                chunk.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).unwrap_or(chunk.len());
            add(&chunk[..plain]);
            let stop = chunk.get(plain).copied();
            self.pass.advance(plain);
            self.left -= plain as u64;
            match stop {
                None if plain == 0 => return Err(self.fault("a string without an end")),
                None => {}
                Some(b'"') => {
                    self.pass_byte();
                    break;
                }
                Some(b'\\') => {
                    self.pass_byte();
                    let c = self.escaped()?;
                    add(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Some(_) => return Err(self.fault("a control character in a string")),
            }
        }
        if !(valid && utf8.finish()) {
            return Err(self.fault("a string that is not UTF-8"));
        }
        let cut = match std::str::from_utf8(&kept) {
            Ok(_) => kept.len(),
            Err(error) => error.valid_up_to(),
        };
        kept.truncate(cut);
        Ok(Text {
            start: String::from_utf8(kept).unwrap_or_default(),
            length,
            beyond: hasher.map(Hasher::finish),
        })
    }

    /// Reads what follows a backslash.
    fn escaped(&mut self) -> Result<char, Fault> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex4()?;
                let code = if (0xd800..0xdc00).contains(&first) {
                    if (self.next()?, self.next()?) != (b'\\', b'u') {
                        return Err(self.fault("half of a surrogate pair"));
                    }
                    let second = self.hex4()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return Err(self.fault("half of a surrogate pair"));
                    }
                    0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| self.fault("half of a surrogate pair"))?
            }
            _ => return Err(self.fault("an unknown escape")),
        })
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.next()?).to_digit(16);
            code = code << 4 | digit.ok_or_else(|| self.fault("expected four hexadecimal digits"))?;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Scalar, Fault> {
        let negative = self.eat(b'-')?;
        if negative && self.python && self.digit() == Some(b'I') {
            return self.word(b"Infinity").map(|()| Scalar::Other);
        }
        let mut value = Some(0_u64);
        let mut digits = 0;
        let leading_zero = self.digit() == Some(b'0');
        while let Some(digit @ b'0'..=b'9') = self.digit() {
            self.pass_byte();
            digits += 1;
            value = value.and_then(|value| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        }
        if digits == 0 || leading_zero && digits > 1 {
            return Err(self.fault("not a number"));
        }
        let mut whole = !negative;
        if self.digit() == Some(b'.') {
            whole = false;
            self.pass_byte();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.digit() {
            whole = false;
            self.pass_byte();
            if let Some(b'+' | b'-') = self.digit() {
                self.pass_byte();
            }
            self.digits()?;
        }
        Ok(value.filter(|_| whole).map_or(Scalar::Other, Scalar::Unsigned))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let mut any = false;
        while let Some(b'0'..=b'9') = self.digit() {
            self.pass_byte();
            any = true;
        }
        if any { Ok(()) } else { Err(self.fault("not a number")) }
    }

    /// The next byte inside a number; the end of the text or of the pass ends the number.
    fn digit(&mut self) -> Option<u8> {
        if self.left == 0 { None } else { self.pass.chunk().ok()?.first().copied() }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        for want in word {
            if self.next()? != *want {
                return Err(self.fault("expected a value"));
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<u8, Fault> {
        if self.left == 0 {
            return Err(self.fault("the text ends inside a value"));
        }
        let byte = self.pass.byte()?;
        self.left -= 1;
        Ok(byte)
    }

    fn pass_byte(&mut self) {
        self.pass.advance(1);
        self.left -= 1;
    }

    fn fault(&self, what: &'static str) -> Fault {
        Fault::Syntax(self.position(), what)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::*;

    fn accepts(text: &[u8]) -> bool {
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::new(&text, &mut watch);
        let mut json = Json::new(&mut pass, text.len() as u64, 128);
        json.scalar(64).is_ok() && json.ahead() == Ok(None)
    }

    #[test]
    fn takes_json_and_nothing_more() {
        let good: &[&str] =
            &["{}", "[]", " [1, -0.5e+3, \"\\ud83d\\ude00\\n\", null, {\"a\": [true, false]}] "];
        let bad: &[&str] = &[
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\"}",
            "[01]",
            "[1.]",
            "[+1]",
            "[.5]",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\u{1}\"",
            "nul",
            "[1] 2",
            "{1:2}",
            "[1 2]",
            "{,}",
            "[,]",
            "\"",
        ];
        for text in good {
            assert!(accepts(text.as_bytes()), "{text}");
        }
        for text in bad {
            assert!(!accepts(text.as_bytes()), "{text}");
        }
        assert!(!accepts(b"\"\xff\""));
        assert!(!accepts("[".repeat(200).as_bytes()));
    }

    #[test]
    fn the_digest_is_of_the_whole_string_however_much_is_kept() {
        let whole = "a\u{e9}b".repeat(50);
        let text = format!("\"{}\"", whole.replace('b', "\\u0062"));
        for keep in [0, 1, 2, 3, 199, 200, 201, 1000] {
            let mut watch = |_| ControlFlow::Continue(());
            let bytes = text.as_bytes();
            let mut pass = Pass::new(&bytes, &mut watch);
            let value = Json::new(&mut pass, text.len() as u64, 4).scalar(keep).unwrap();
            let Scalar::Text(value) = value else { panic!("a string") };
            assert_eq!((value.digest(), value.length), (Digest::of(whole.as_bytes()), 200), "{keep}");
            assert!(whole.starts_with(&value.start) && value.start.len() + 1 >= keep.min(200));
        }
    }

    fn walks(text: &[u8]) -> bool {
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::new(&text, &mut watch);
        Json::new(&mut pass, text.len() as u64, 128).walk(0, &mut |_, _, _| {}).is_ok()
    }

    fn noise() -> impl Strategy<Value = String> {
        let part = proptest::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\"", "1", "0", "-", ".", "e5", "null", "true",
            "\\u0041", " ", "é",
        ]);
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn agrees_with_serde_json(text in noise()) {
            // serde_json refuses numbers beyond the range of a double; none is generated here.
            let reference = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            prop_assert_eq!(accepts(text.as_bytes()), reference, "{}", text);
            prop_assert_eq!(walks(text.as_bytes()), reference, "{}", text);
        }
    }
}
