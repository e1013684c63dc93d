//! How deep a source may be: its tree is walked and dropped on a small stack.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Names and operators of one statement between two commas, over all brackets that are open. Published model code stays
/// below 200.
const CHAIN: usize = 500;
/// Levels of indentation; Python itself takes 100.
const LEVELS: usize = 100;
/// Tokens of a source. The tree of each is at most some 100 bytes.
const TOKENS: usize = 300_000;

/// Whether the parser's tree of this source is of little depth and size.
pub(super) fn bounded(source: &str) -> Result<(), &'static str> {
    let mut lexer = lexer::lex(source, Mode::Module);
    let mut open = vec![0_usize];
    let (mut sum, mut levels) = (0_usize, 0_usize);
    for _ in 0..TOKENS {
        let counts = match lexer.next_token() {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Indent => {
                levels += 1;
                false
            }
            TokenKind::Dedent => {
                levels = levels.saturating_sub(1);
                false
            }
            TokenKind::Newline => {
                open = vec![0];
                sum = 0;
                false
            }
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open.push(0);
                true
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                if open.len() > 1 {
                    sum -= open.pop().unwrap_or(0);
                }
                true
            }
            TokenKind::Comma => {
                if let Some(last) = open.last_mut() {
                    sum -= std::mem::take(last);
                }
                false
            }
            TokenKind::String
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::TStringMiddle
            | TokenKind::TStringEnd => false,
            _ => true,
        };
        if let Some(last) = open.last_mut().filter(|_| counts) {
            *last += 1;
            sum += 1;
        }
        if sum > CHAIN {
            return Err("an expression is longer than is followed");
        }
        if levels > LEVELS {
            return Err("it is nested deeper than is followed");
        }
    }
    Err("it has more parts than are followed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_is_not_parsed() {
        for source in [
            "(".repeat(10_000),
            format!("x = {}1", "-".repeat(10_000)),
            format!("x = {}1", "not ".repeat(10_000)),
            format!("x = 1{}", " + 1".repeat(10_000)),
            format!("x{}", ".a".repeat(10_000)),
            format!("x = {}1", "lambda: ".repeat(10_000)),
            format!("x = {}1", "f(a, ".repeat(10_000)),
            format!("x = f\"{{{}}}\"", "a+".repeat(10_000)),
            (0..150).map(|level| " ".repeat(level) + "if x:\n").collect(),
            "a\n".repeat(400_000),
        ] {
            assert!(bounded(&source).is_err(), "{}", source.get(..40).unwrap_or(&source));
        }
        let table = format!("x = {{{}}}", "'a': [b.c, 1], ".repeat(10_000));
        assert_eq!(bounded(&table), Ok(()));
    }
}
