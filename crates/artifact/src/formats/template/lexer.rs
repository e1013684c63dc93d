//! Splits a template as Jinja's lexer does, with the default delimiters that all chat templates use.

/// A part of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// The start of a block.
    Open,
    /// A name or keyword.
    Name(&'t str),
    /// A string, with its escapes resolved.
    Text(String),
    /// Any other character, except those of numbers and white space.
    Mark(char),
}

/// Where the lexer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    Expression,
    Statement,
}

/// Gives the tokens of all blocks, one after another.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    rest: &'t str,
    place: Place,
    /// Brackets that are open; inside them the end of a block is no end.
    brackets: usize,
    broke_off: bool,
}

impl<'t> Lexer<'t> {
    pub(super) const fn new(template: &'t str) -> Self {
        Self { rest: template, place: Place::Outside, brackets: 0, broke_off: false }
    }

    /// Whether the current block is a statement, `{% … %}`.
    pub(super) fn in_statement(&self) -> bool {
        self.place == Place::Statement
    }

    /// Whether the template ended inside a block, comment or string.
    pub(super) const fn broke_off(&self) -> bool {
        self.broke_off
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        loop {
            if self.place == Place::Outside {
                return self.open();
            }
            let Some(first) = self.rest.chars().next() else {
                self.broke_off = true;
                return None;
            };
            if self.brackets == 0 && self.close() {
                continue;
            }
            if first.is_whitespace() {
                self.rest = self.rest.trim_start();
                continue;
            }
            let word =
                self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
            if word > 0 {
                let (name, rest) = self.rest.split_at(word);
                self.rest = rest;
                if first.is_numeric() {
                    continue;
                }
                return Some(Token::Name(name));
            }
            let mut chars = self.rest.chars();
            chars.next();
            self.rest = chars.as_str();
            match first {
                '"' | '\'' => return self.text(first).map(Token::Text),
                '(' | '[' | '{' => self.brackets += 1,
                ')' | ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            return Some(Token::Mark(first));
        }
    }

    /// Passes text and comments up to the next block.
    fn open(&mut self) -> Option<Token<'t>> {
        loop {
            let at = self.rest.find('{')?;
            let (_, rest) = self.rest.split_at(at);
            if let Some(rest) = rest.strip_prefix("{#") {
                self.past(rest, "#}")?;
            } else if let Some(inner) = rest.strip_prefix("{%") {
                if let Some(raw) = raw(inner) {
                    self.end_raw(raw)?;
                    continue;
                }
                return Some(self.enter(inner, Place::Statement));
            } else if let Some(inner) = rest.strip_prefix("{{") {
                return Some(self.enter(inner, Place::Expression));
            } else {
                self.rest = rest.strip_prefix('{').unwrap_or_default();
            }
        }
    }

    fn enter(&mut self, inner: &'t str, place: Place) -> Token<'t> {
        self.rest = inner.strip_prefix(['-', '+']).unwrap_or(inner);
        self.place = place;
        self.brackets = 0;
        Token::Open
    }

    fn past(&mut self, rest: &'t str, end: &str) -> Option<()> {
        let found = rest.split_once(end);
        self.broke_off |= found.is_none();
        self.rest = found?.1;
        Some(())
    }

    /// Goes behind the statement that ends raw text.
    fn end_raw(&mut self, mut rest: &'t str) -> Option<()> {
        loop {
            self.past(rest, "{%")?;
            rest = self.rest;
            let inner = rest.strip_prefix(['-', '+']).unwrap_or(rest).trim_start();
            if let Some(behind) = inner.strip_prefix("endraw").and_then(end_of_statement) {
                self.rest = behind;
                return Some(());
            }
        }
    }

    /// Goes behind the end of the block, if it is here.
    fn close(&mut self) -> bool {
        let end = if self.place == Place::Statement { "%}" } else { "}}" };
        let plain = self.rest.strip_prefix(['-', '+']).unwrap_or(self.rest);
        let Some(rest) = self.rest.strip_prefix(end).or_else(|| plain.strip_prefix(end)) else {
            return false;
        };
        self.rest = rest;
        self.place = Place::Outside;
        true
    }

    /// Reads a string behind its opening quote.
    fn text(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            let Some(c) = chars.next() else {
                self.broke_off = true;
                self.rest = "";
                return None;
            };
            if c == quote {
                break;
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            match chars.next() {
                Some('x') => text.extend(number(&mut chars, 2, 16)),
                Some('u') => text.extend(number(&mut chars, 4, 16)),
                Some('U') => text.extend(number(&mut chars, 8, 16)),
                Some('n') => text.push('\n'),
                Some(digit @ '0'..='7') => {
                    let mut code = digit.to_digit(8).unwrap_or(0);
                    for _ in 0..2 {
                        let mut ahead = chars.clone();
                        let Some(digit) = ahead.next().and_then(|c| c.to_digit(8)) else { break };
                        code = code * 8 + digit;
                        chars = ahead;
                    }
                    text.extend(char::from_u32(code));
                }
                Some(other) => text.push(other),
                None => {}
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

/// What follows `raw %}`, if the statement is that.
fn raw(inner: &str) -> Option<&str> {
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).trim_start();
    inner.strip_prefix("raw").and_then(end_of_statement)
}

fn end_of_statement(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    rest.strip_prefix(['-', '+']).unwrap_or(rest).strip_prefix("%}")
}

/// Reads so many digits.
fn number(chars: &mut std::str::Chars<'_>, digits: usize, radix: u32) -> Option<char> {
    let mut code = 0_u32;
    for _ in 0..digits {
        let mut ahead = chars.clone();
        let digit = ahead.next()?.to_digit(radix)?;
        code = code.checked_mul(radix)?.checked_add(digit)?;
        *chars = ahead;
    }
    char::from_u32(code)
}
