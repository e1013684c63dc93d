//! JSON (RFC 8259), a byte at a time.

/// Hears what a text consists of. The pieces of a string or number come in order, split anywhere.
pub(crate) trait Events {
    /// An array or object starts.
    fn open(&mut self, object: bool);
    /// It ends.
    fn close(&mut self);
    /// A key, string, number, `true`, `false` or `null` starts.
    fn start(&mut self, scalar: Scalar);
    /// A piece of it, unescaped. `raw` says that it stood so in the file.
    fn piece(&mut self, bytes: &[u8], raw: bool);
    /// It ends.
    fn end(&mut self);
    /// An escape of a lone surrogate, which is no character.
    fn lone_surrogate(&mut self);
    /// The text breaks the grammar; the bytes from here to the end of the row come as [`Self::rest`].
    fn fault(&mut self, fault: Fault);
    /// Bytes that were not parsed.
    fn rest(&mut self, bytes: &[u8]);
}

/// What is not an array or object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Key,
    String,
    Number,
    Boolean,
    Null,
}

/// How a text breaks the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something else was expected here.
    Expected(&'static str),
    /// It is nested deeper than is read.
    Deep,
}

/// How a row ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// There was nothing but white space.
    Blank,
    /// A complete value.
    Complete,
    /// The value is not complete.
    Unfinished,
    /// A fault was reported.
    Broken,
}

/// The state of a parse.
#[derive(Debug)]
pub(crate) struct Tokens {
    state: State,
    /// For each open container whether it is an object.
    stack: Vec<bool>,
    /// A high surrogate that waits for its low one.
    high: Option<u16>,
    key: bool,
    depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value must follow; nothing has come yet in the row.
    Begin,
    Value,
    /// After `[`.
    ValueOrEnd,
    /// After `,` in an object.
    Key,
    /// After `{`.
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    String,
    Escape,
    /// Digits of `\u` that have come, and their value.
    Unicode(u8, u16),
    /// The rest of a word.
    Word(&'static [u8]),
    Number(Number),
    /// The value is complete.
    Done,
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Integer,
    Dot,
    Fraction,
    Exponent,
    Sign,
    Power,
}

impl Number {
    /// The state after one more byte, or none when the number ends before it.
    fn step(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Minus, b'0') => Self::Zero,
            (Self::Minus | Self::Integer, b'0'..=b'9') => Self::Integer,
            (Self::Zero | Self::Integer, b'.') => Self::Dot,
            (Self::Zero | Self::Integer | Self::Fraction, b'e' | b'E') => Self::Exponent,
            (Self::Dot | Self::Fraction, b'0'..=b'9') => Self::Fraction,
            (Self::Exponent, b'+' | b'-') => Self::Sign,
            (Self::Exponent | Self::Sign | Self::Power, b'0'..=b'9') => Self::Power,
            _ => return None,
        })
    }

    const fn complete(self) -> bool {
        matches!(self, Self::Zero | Self::Integer | Self::Fraction | Self::Power)
    }
}

impl Tokens {
    /// A parse of values nested at most `depth` levels.
    pub(crate) fn new(depth: usize) -> Self {
        Self { state: State::Begin, stack: Vec::new(), high: None, key: false, depth }
    }

    /// Takes the next bytes of a row.
    pub(crate) fn push(&mut self, bytes: &[u8], events: &mut dyn Events) {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += self.step(rest, events);
        }
    }

    /// Ends the row, and is ready for the next.
    pub(crate) fn finish(&mut self, events: &mut dyn Events) -> End {
        let end = match self.state {
            State::Begin => End::Blank,
            State::Done => End::Complete,
            State::Broken => End::Broken,
            State::Number(number) if self.stack.is_empty() && number.complete() => {
                events.end();
                End::Complete
            }
            State::String | State::Escape | State::Unicode(..) | State::Word(_) | State::Number(_) => {
                self.lone(events);
                events.end();
                End::Unfinished
            }
            _ => End::Unfinished,
        };
        self.stack.clear();
        (self.state, self.high) = (State::Begin, None);
        end
    }

    /// Takes at least one byte of `bytes`, which are not empty, and says how many.
    fn step(&mut self, bytes: &[u8], events: &mut dyn Events) -> usize {
        match self.state {
            State::Broken => {
                events.rest(bytes);
                bytes.len()
            }
            State::String => self.string(bytes, events),
            State::Escape => self.escape(bytes, events),
            State::Unicode(count, value) => self.unicode(count, value, bytes, events),
            State::Word(rest) => match rest.split_first() {
                Some((wanted, rest)) if *wanted == bytes[0] => {
                    events.piece(&bytes[..1], true);
                    self.state = State::Word(rest);
                    if rest.is_empty() {
                        events.end();
                        self.after_value();
                    }
                    1
                }
                _ => self.broken(bytes, "true, false or null", events),
            },
            State::Number(number) => match number.step(bytes[0]) {
                Some(next) => {
                    events.piece(&bytes[..1], true);
                    self.state = State::Number(next);
                    1
                }
                None if number.complete() => {
                    events.end();
                    self.after_value();
                    self.step(bytes, events)
                }
                None => self.broken(bytes, "a digit", events),
            },
            _ if matches!(bytes[0], b' ' | b'\t' | b'\n' | b'\r') => 1,
            _ => self.structure(bytes, events),
        }
    }

    fn structure(&mut self, bytes: &[u8], events: &mut dyn Events) -> usize {
        match (self.state, bytes[0]) {
            (State::Begin | State::Value | State::ValueOrEnd, b'{' | b'[') => {
                if self.stack.len() == self.depth {
                    events.fault(Fault::Deep);
                    self.state = State::Broken;
                    return self.step(bytes, events);
                }
                let object = bytes[0] == b'{';
                self.stack.push(object);
                events.open(object);
                self.state = if object { State::KeyOrEnd } else { State::ValueOrEnd };
            }
            (State::ValueOrEnd, b']') | (State::KeyOrEnd, b'}') => self.close(events),
            (State::CommaOrEnd, b']') if self.stack.last() == Some(&false) => self.close(events),
            (State::CommaOrEnd, b'}') if self.stack.last() == Some(&true) => self.close(events),
            (State::CommaOrEnd, b',') => {
                self.state = if self.stack.last() == Some(&true) { State::Key } else { State::Value };
            }
            (State::Colon, b':') => self.state = State::Value,
            (State::Key | State::KeyOrEnd, b'"') => self.begin(Scalar::Key, State::String, events),
            (State::Begin | State::Value | State::ValueOrEnd, first) => match first {
                b'"' => self.begin(Scalar::String, State::String, events),
                b't' => self.begin_with(Scalar::Boolean, State::Word(b"rue"), bytes, events),
                b'f' => self.begin_with(Scalar::Boolean, State::Word(b"alse"), bytes, events),
                b'n' => self.begin_with(Scalar::Null, State::Word(b"ull"), bytes, events),
                b'-' => self.begin_with(Scalar::Number, State::Number(Number::Minus), bytes, events),
                b'0' => self.begin_with(Scalar::Number, State::Number(Number::Zero), bytes, events),
                b'1'..=b'9' => self.begin_with(Scalar::Number, State::Number(Number::Integer), bytes, events),
                _ => return self.broken(bytes, "a value", events),
            },
            (state, _) => {
                let expected = match state {
                    State::Key | State::KeyOrEnd => "a key",
                    State::Colon => "a colon",
                    State::CommaOrEnd => "a comma or the end",
                    _ => "the end of the row",
                };
                return self.broken(bytes, expected, events);
            }
        }
        1
    }

    fn begin(&mut self, scalar: Scalar, state: State, events: &mut dyn Events) {
        self.key = scalar == Scalar::Key;
        self.state = state;
        events.start(scalar);
    }

    fn begin_with(&mut self, scalar: Scalar, state: State, bytes: &[u8], events: &mut dyn Events) {
        self.begin(scalar, state, events);
        events.piece(&bytes[..1], true);
    }

    fn close(&mut self, events: &mut dyn Events) {
        self.stack.pop();
        events.close();
        self.after_value();
    }

    fn after_value(&mut self) {
        self.state = if self.stack.is_empty() { State::Done } else { State::CommaOrEnd };
    }

    fn broken(&mut self, bytes: &[u8], expected: &'static str, events: &mut dyn Events) -> usize {
        self.lone(events);
        events.fault(Fault::Expected(expected));
        self.state = State::Broken;
        self.step(bytes, events)
    }

    fn string(&mut self, bytes: &[u8], events: &mut dyn Events) -> usize {
        let plain =
            bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)).unwrap_or(bytes.len());
        if plain > 0 {
            self.lone(events);
            events.piece(&bytes[..plain], true);
            return plain;
        }
        match bytes[0] {
            b'"' => {
                self.lone(events);
                events.end();
                if self.key {
                    self.state = State::Colon;
                } else {
                    self.after_value();
                }
                1
            }
            b'\\' => {
                self.state = State::Escape;
                1
            }
            _ => self.broken(bytes, "no control character in a string", events),
        }
    }

    fn escape(&mut self, bytes: &[u8], events: &mut dyn Events) -> usize {
        let byte = match bytes[0] {
            b'u' => {
                self.state = State::Unicode(0, 0);
                return 1;
            }
            b'"' | b'\\' | b'/' => bytes[0],
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            _ => return self.broken(bytes, "an escape", events),
        };
        self.lone(events);
        events.piece(&[byte], false);
        self.state = State::String;
        1
    }

    fn unicode(&mut self, count: u8, value: u16, bytes: &[u8], events: &mut dyn Events) -> usize {
        let Some(digit) = char::from(bytes[0]).to_digit(16) else {
            return self.broken(bytes, "four hexadecimal digits", events);
        };
        let value = value << 4 | digit as u16;
        self.state = State::Unicode(count + 1, value);
        if count == 3 {
            self.state = State::String;
            self.unit(value, events);
        }
        1
    }

    /// Takes a unit of UTF-16.
    fn unit(&mut self, unit: u16, events: &mut dyn Events) {
        let pair = self.high.take();
        if pair.is_none() && (0xD800..0xDC00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        for decoded in char::decode_utf16(pair.into_iter().chain([unit])) {
            match decoded {
                Ok(c) => events.piece(c.encode_utf8(&mut [0; 4]).as_bytes(), false),
                Err(error)
                    if (0xD800..0xDC00).contains(&error.unpaired_surrogate())
                        && pair != Some(error.unpaired_surrogate()) =>
                {
                    self.high = Some(error.unpaired_surrogate());
                }
                Err(_) => lone(events),
            }
        }
    }

    /// Gives up on a high surrogate whose low one did not come.
    fn lone(&mut self, events: &mut dyn Events) {
        if self.high.take().is_some() {
            lone(events);
        }
    }
}

fn lone(events: &mut dyn Events) {
    events.lone_surrogate();
    events.piece("\u{FFFD}".as_bytes(), false);
}
