//! Literals of Python, as the header of a `NumPy` array has them; nothing is evaluated.

use std::{iter::Peekable, str::Chars};

/// Literals are nested so deep at most. `NumPy` nests structures, which nobody writes more than a few levels deep.
const DEPTH: usize = 32;

/// A value that is written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    None,
    Bool(bool),
    /// An integer, where it fits.
    Int(Option<i128>),
    Text(String),
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    /// Keys and values, in order; a key may come twice.
    Dict(Vec<(Literal, Literal)>),
}

impl Literal {
    /// Reads a text that is one literal and white space.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parser = Parser { left: text.chars().peekable() };
        let value = parser.value(DEPTH)?;
        parser.space();
        if parser.left.peek().is_some() { Err("something follows the value") } else { Ok(value) }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

struct Parser<'t> {
    left: Peekable<Chars<'t>>,
}

impl Parser<'_> {
    fn space(&mut self) {
        while self.left.next_if(char::is_ascii_whitespace).is_some() {}
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        self.left.next_if_eq(&c).is_some()
    }

    fn value(&mut self, depth: usize) -> Result<Literal, &'static str> {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        self.space();
        match self.left.peek().copied().ok_or("the text ends where a value should be")? {
            '{' => self.dict(depth),
            '[' => {
                self.left.next();
                self.items(']', depth).map(|(items, _)| Literal::List(items))
            }
            '(' => {
                self.left.next();
                let (mut items, comma) = self.items(')', depth)?;
                // One value in parentheses is that value; a comma makes it a tuple.
                Ok(if items.len() == 1 && !comma { items.remove(0) } else { Literal::Tuple(items) })
            }
            quote @ ('\'' | '"') => {
                self.left.next();
                self.text(quote).map(Literal::Text)
            }
            '-' | '+' | '0'..='9' => self.number(),
            c if c.is_ascii_alphabetic() || c == '_' => self.word(),
            _ => Err("not a literal"),
        }
    }

    /// What stands up to the closing bracket, and whether a comma stands last.
    fn items(&mut self, close: char, depth: usize) -> Result<(Vec<Literal>, bool), &'static str> {
        let mut items = Vec::new();
        let mut comma = false;
        while !self.eat(close) {
            if !items.is_empty() && !comma {
                return Err("expected a comma");
            }
            items.push(self.value(depth)?);
            comma = self.eat(',');
        }
        Ok((items, comma))
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, &'static str> {
        self.left.next();
        let mut entries = Vec::new();
        let mut comma = true;
        while !self.eat('}') {
            if !comma {
                return Err("expected a comma");
            }
            let key = self.value(depth)?;
            if !self.eat(':') {
                return Err("expected a colon");
            }
            entries.push((key, self.value(depth)?));
            comma = self.eat(',');
        }
        Ok(Literal::Dict(entries))
    }

    fn text(&mut self, quote: char) -> Result<String, &'static str> {
        let mut out = String::new();
        loop {
            match self.left.next().ok_or("a string without an end")? {
                c if c == quote => return Ok(out),
                '\n' => return Err("a string without an end"),
                '\\' => match self.left.next().ok_or("a string without an end")? {
                    '\n' => {}
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'x' => out.push(self.code(2)?),
                    'u' => out.push(self.code(4)?),
                    'U' => out.push(self.code(8)?),
                    c @ ('\\' | '\'' | '"') => out.push(c),
                    c => out.extend(['\\', c]),
                },
                c => out.push(c),
            }
        }
    }

    fn code(&mut self, digits: usize) -> Result<char, &'static str> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.left.next().and_then(|c| c.to_digit(16)).ok_or("a broken escape")?;
            code = code << 4 | digit;
        }
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// An integer; Python 2 wrote large ones with an `L` behind.
    fn number(&mut self) -> Result<Literal, &'static str> {
        let negative = self.left.peek() == Some(&'-');
        self.left.next_if(|c| matches!(c, '-' | '+'));
        let mut value = Some(0_i128);
        let mut any = false;
        while let Some(c) = self.left.next_if(|c| c.is_ascii_digit() || *c == '_') {
            let Some(digit) = c.to_digit(10) else { continue };
            any = true;
            value = value.and_then(|value| value.checked_mul(10)?.checked_add(i128::from(digit)));
        }
        self.left.next_if_eq(&'L');
        if !any || self.left.peek().is_some_and(|c| c.is_alphanumeric() || *c == '.') {
            return Err("not an integer");
        }
        Ok(Literal::Int(value.map(|value| if negative { -value } else { value })))
    }

    fn word(&mut self) -> Result<Literal, &'static str> {
        let mut word = String::new();
        while let Some(c) = self.left.next_if(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
        }
        match word.as_str() {
            "None" => Ok(Literal::None),
            "True" => Ok(Literal::Bool(true)),
            "False" => Ok(Literal::Bool(false)),
            "u" | "U" | "b" | "B" => match self.left.next_if(|c| matches!(c, '\'' | '"')) {
                Some(quote) => self.text(quote).map(Literal::Text),
                None => Err("not a literal"),
            },
            _ => Err("not a literal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn literals_are_read_and_code_is_not() {
        let header =
            "{'descr': [('a', '<f8', (2L,)), (u'b', '|O')], 'fortran_order': False, 'shape': (3,), }  \n";
        let Ok(Literal::Dict(entries)) = Literal::parse(header) else { panic!("a dictionary") };
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[2].1, Literal::Tuple(vec![Literal::Int(Some(3))]));
        assert_eq!(Literal::parse("(3)"), Ok(Literal::Int(Some(3))));
        assert_eq!(Literal::parse("()"), Ok(Literal::Tuple(Vec::new())));
        assert_eq!(Literal::parse("'\\x41\\u00e9'"), Ok(Literal::Text("A\u{e9}".to_owned())));
        for bad in ["", "f()", "1.5", "[1 2]", "{1}", "'a", "__import__('os')", "[,]", "{,}", "1 2", "(1,,)"]
        {
            assert!(Literal::parse(bad).is_err(), "{bad}");
        }
        assert!(Literal::parse(&"[".repeat(1000)).is_err());
        assert_eq!(Literal::parse(&"9".repeat(60)), Ok(Literal::Int(None)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_text_is_read_or_refused(text in "[\\[\\](){}',:0-9a-zL \\\\-]{0,40}") {
            let _ = Literal::parse(&text);
        }
    }
}
