//! What chat templates may hold beyond the language that the parser takes, and how deep they may be.

use std::borrow::Cow;

use minijinja::{
    machinery::{Token, tokenize},
    syntax::SyntaxConfig,
};

/// Names and operators that may stand in one expression between two commas, over all brackets that are open. The tree of
/// an expression is at most as deep. Published templates stay below 100.
const CHAIN: usize = 400;
/// Branches `elif` that are taken: each is parsed inside the one before. Published templates have up to 30.
const BRANCHES: usize = 250;

/// Bytes of a line: the parser counts columns in 16 bits and adds to them when it tells a fault.
const LINE: usize = 60_000;

/// Puts statements that the parser knows in the place of those that only Hugging Face's does, byte for byte.
///
/// `{% generation %}` marks what the model is trained on, and writes what is in it.
pub(super) fn prepare(template: &str) -> Cow<'_, str> {
    if !template.contains("generation") {
        return Cow::Borrowed(template);
    }
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{%") {
        out.push_str(before);
        out.push_str("{%");
        let inner = behind.trim_start_matches(['-', '+']).trim_start();
        let (lead, _) = behind.split_at(behind.len() - inner.len());
        let word = inner.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        let tail = inner.strip_prefix(word).unwrap_or_default().trim_start();
        let closes = tail.starts_with("%}") || tail.starts_with("-%}") || tail.starts_with("+%}");
        let instead = match word {
            "generation" if closes => Some("if true   "),
            "endgeneration" if closes => Some("endif        "),
            _ => None,
        };
        match instead {
            Some(instead) => {
                out.push_str(lead);
                out.push_str(instead);
                rest = inner.strip_prefix(word).unwrap_or_default();
            }
            None => rest = behind,
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether the parser's recursion stays within a small stack.
pub(super) fn bounded(template: &str) -> Result<(), &'static str> {
    if template.lines().any(|line| line.len() > LINE) {
        return Err("a line is longer than is parsed");
    }
    let mut open = vec![0_usize];
    let mut sum = 0_usize;
    let mut branches = 0;
    let mut starts = false;
    for token in tokenize(template, false, SyntaxConfig::default()) {
        // The parser tells the fault itself.
        let Ok((token, _)) = token else { return Ok(()) };
        let counts = match &token {
            Token::TemplateData(_) | Token::VariableEnd | Token::BlockEnd => {
                open = vec![0];
                sum = 0;
                false
            }
            Token::BlockStart | Token::VariableStart => {
                starts = matches!(token, Token::BlockStart);
                continue;
            }
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => {
                open.push(0);
                true
            }
            Token::ParenClose | Token::BracketClose | Token::BraceClose => {
                if open.len() > 1 {
                    sum -= open.pop().unwrap_or(0);
                }
                true
            }
            Token::Comma => {
                if let Some(last) = open.last_mut() {
                    sum -= std::mem::take(last);
                }
                false
            }
            Token::Ident("elif") if starts => {
                branches += 1;
                true
            }
            Token::Str(_) | Token::String(_) => false,
            _ => true,
        };
        starts = false;
        if let Some(last) = open.last_mut().filter(|_| counts) {
            *last += 1;
            sum += 1;
        }
        if sum > CHAIN {
            return Err("an expression is longer than is followed");
        }
        if branches > BRANCHES {
            return Err("it has more branches than are followed");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use minijinja::machinery::parse;

    use super::*;

    #[test]
    fn what_only_hugging_face_knows_keeps_its_place() {
        let template = "a{%- generation -%}x{% endgeneration %}{% generation_prompt %}{{ generation }}";
        let prepared = prepare(template);
        assert_eq!(
            prepared,
            "a{%- if true    -%}x{% endif         %}{% generation_prompt %}{{ generation }}"
        );
        assert_eq!(prepared.len(), template.len());
    }

    #[test]
    fn what_is_too_deep_is_not_parsed() {
        for template in [
            format!("{{{{ {} x }}}}", "not ".repeat(100_000)),
            format!("{{{{ {}1 }}}}", "-".repeat(100_000)),
            format!("{{{{ x{} }}}}", ".a".repeat(100_000)),
            format!("{{{{ x{} }}}}", "|a".repeat(100_000)),
            format!("{{{{ {}x{} }}}}", "f(".repeat(100_000), ")".repeat(100_000)),
            format!("{{% set {}a = 1 %}}", "(".repeat(100_000)),
            format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(1000)),
        ] {
            assert!(bounded(&template).is_err());
        }
        let wide = format!("{{{{ [{}] }}}}", "{'a': b.c},\n".repeat(10_000));
        assert_eq!(bounded(&wide), Ok(()));
        for template in [
            format!("{{{{ {} x }}}}", "not ".repeat(CHAIN - 2)),
            format!("{{{{ x{} }}}}", ".a".repeat(CHAIN / 2 - 1)),
            format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(BRANCHES)),
            format!("{}{}", "{% if x %}".repeat(140), "{% endif %}".repeat(140)),
        ] {
            assert_eq!(bounded(&template), Ok(()));
            assert!(parse(&template, "x", SyntaxConfig::default()).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_line_that_the_parser_cannot_count_is_not_parsed() {
        for template in ["x".repeat(70_000), "{{".to_owned() + &" ".repeat(70_000) + "~"] {
            assert!(bounded(&template).is_err());
        }
        assert!(bounded(&"a line\n".repeat(70_000)).is_ok());
    }
}
