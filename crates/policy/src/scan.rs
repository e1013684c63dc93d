//! A look at a text before Cedar's parser sees it.
//!
//! Cedar parses, converts, types and drops expressions by recursion, and only its evaluator watches the stack. So
//! whatever makes an expression deep is bounded here: brackets, and operators in one statement, because
//! `a && b && c` is as deep as it is long. Reading then has a stack that holds what is let through.

use std::ops::Range;

/// Bytes that a policy text may have.
pub const MAX_TEXT: usize = 256 * 1024;
/// Rules that a gate, or all files of an organisation together, may have.
pub const MAX_RULES: usize = 1000;
/// How deep brackets may be nested.
pub const MAX_DEPTH: usize = 32;
/// How many operators (`&&`, `.`, `if`, `+` …) one rule may have.
pub const MAX_OPERATORS: usize = 256;

/// Why a text is not given to the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The byte where it goes too far.
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// The statements of a text: each from its first token up to and with its semicolon.
///
/// Strings and comments are passed over as Cedar's lexer does. Where the two could differ, which is in texts that the
/// lexer refuses, nothing after the difference is parsed.
pub(crate) fn scan(text: &str) -> Result<Vec<Range<usize>>, Refused> {
    if text.len() > MAX_TEXT {
        let message = format!("the text has {} bytes; at most {MAX_TEXT} are read", text.len());
        return Err(Refused { at: 0, message });
    }
    let mut scan = Scan { start: None, depth: 0, operators: 0, statements: Vec::new() };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                rest(bytes, at).iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()
            }
            b'"' => scan.token(at, string(rest(bytes, at))),
            b'(' | b'[' | b'{' => {
                scan.depth += 1;
                if scan.depth > MAX_DEPTH {
                    let message = format!("brackets are nested deeper than {MAX_DEPTH}");
                    return Err(Refused { at, message });
                }
                scan.token(at, 1)
            }
            b')' | b']' | b'}' => {
                scan.depth = scan.depth.saturating_sub(1);
                scan.token(at, 1)
            }
            b';' => {
                let start = scan.start.take().unwrap_or(at);
                scan.statements.push(start..at + 1);
                if scan.statements.len() > MAX_RULES {
                    return Err(Refused {
                        at: start,
                        message: format!("there are more than {MAX_RULES} rules"),
                    });
                }
                (scan.depth, scan.operators) = (0, 0);
                1
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let word = word(rest(bytes, at));
                let operator = matches!(
                    bytes.get(at..at + word).unwrap_or_default(),
                    b"if" | b"then" | b"else" | b"in" | b"is" | b"has" | b"like" | b"when" | b"unless"
                );
                scan.operator(at, operator)?;
                scan.token(at, word)
            }
            b'&' | b'|' | b'=' | b'<' | b'>' => {
                let two = matches!(bytes.get(at + 1), Some(b'&' | b'|' | b'='));
                scan.operator(at, true)?;
                scan.token(at, 1 + usize::from(two))
            }
            b'!' | b'+' | b'-' | b'*' | b'/' | b'%' | b'.' => {
                scan.operator(at, true)?;
                scan.token(at, 1)
            }
            _ if byte.is_ascii_whitespace() || byte >= 0x80 => 1,
            _ => scan.token(at, 1),
        };
    }
    Ok(scan.statements)
}

struct Scan {
    /// The first token of the statement that is being read.
    start: Option<usize>,
    depth: usize,
    operators: usize,
    statements: Vec<Range<usize>>,
}

impl Scan {
    /// Passes over a token and gives its length.
    fn token(&mut self, at: usize, length: usize) -> usize {
        self.start.get_or_insert(at);
        length
    }

    fn operator(&mut self, at: usize, is_one: bool) -> Result<(), Refused> {
        self.operators += usize::from(is_one);
        if self.operators > MAX_OPERATORS {
            return Err(Refused { at, message: format!("a rule has more than {MAX_OPERATORS} operators") });
        }
        Ok(())
    }
}

fn rest(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// The length of a string with its quotes, or of all that is left where it does not end.
fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

fn word(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statements_are_found_around_strings_and_comments() {
        let text = "// a;\n@id(\"x;\\\";\") permit(principal, action, resource); // b;\r forbid ( ) ;\n // c";
        let found: Vec<_> = scan(text).unwrap().into_iter().map(|range| text.get(range).unwrap()).collect();
        assert_eq!(found, ["@id(\"x;\\\";\") permit(principal, action, resource);", "forbid ( ) ;"]);
    }

    #[test]
    fn what_goes_too_far_is_named_where_it_does() {
        let deep = format!("{}1{}", "(".repeat(MAX_DEPTH + 1), ")".repeat(MAX_DEPTH + 1));
        let cases = [
            (" ".repeat(MAX_TEXT + 1), 0, "the text has 262145 bytes; at most 262144 are read"),
            (deep, MAX_DEPTH, "brackets are nested deeper than 32"),
            ("-".repeat(MAX_OPERATORS + 1), MAX_OPERATORS, "a rule has more than 256 operators"),
            (
                "x".repeat(10) + &".a".repeat(500),
                10 + 2 * MAX_OPERATORS,
                "a rule has more than 256 operators",
            ),
            (";".repeat(MAX_RULES + 1), MAX_RULES, "there are more than 1000 rules"),
        ];
        for (text, at, message) in cases {
            assert_eq!(scan(&text), Err(Refused { at, message: message.to_owned() }));
        }
        assert!(scan(&"!;".repeat(MAX_RULES)).is_ok(), "operators are counted for each rule");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_text_is_scanned_to_its_end(text in "[a-z(){}\\[\\];\"/\\\\\n\r.& é]{0,200}") {
            if let Ok(statements) = scan(&text) {
                let mut last = 0;
                for range in statements {
                    prop_assert!(last <= range.start && range.end <= text.len());
                    prop_assert!(text.get(range.clone()).unwrap().ends_with(';'));
                    last = range.end;
                }
            }
        }
    }
}
