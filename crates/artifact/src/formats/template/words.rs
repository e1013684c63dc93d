//! A look at a template word by word, only inside `{{ }}` and `{% %}`, as Jinja's own lexer splits it.
//!
//! That finds every name, attribute and string by which a template is known to leave its sandbox, also in a template
//! that no parser takes.

use std::collections::BTreeSet;

use bartizan_finding::{Location, Occurrence, RuleMeta};

use super::{
    lexer::{Lexer, Token},
    rules,
};
use crate::{escape, problems::Problems};

/// Names of Python's object model by which a template reaches from any value to all of Python. Others with two
/// underscores on each side are as unusual, but lead nowhere known.
pub(super) const DOORS: [&str; 28] = [
    "__base__",
    "__bases__",
    "__builtins__",
    "__call__",
    "__class__",
    "__closure__",
    "__code__",
    "__dict__",
    "__doc__",
    "__func__",
    "__getattr__",
    "__getattribute__",
    "__getitem__",
    "__globals__",
    "__import__",
    "__init__",
    "__init_subclass__",
    "__kwdefaults__",
    "__loader__",
    "__module__",
    "__mro__",
    "__name__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__self__",
    "__subclasses__",
    "__wrapped__",
];
/// Attributes with the same use that have other names.
pub(super) const ATTRIBUTES: [&str; 19] = [
    "ag_frame",
    "co_code",
    "cr_code",
    "cr_frame",
    "f_builtins",
    "f_globals",
    "f_locals",
    "func_closure",
    "func_code",
    "func_globals",
    "gi_code",
    "gi_frame",
    "im_class",
    "im_func",
    "im_self",
    "mro",
    "popen",
    "subprocess",
    "tb_frame",
];
/// What Jinja and web frameworks put into every template and no chat needs; each is a function or an object of theirs.
const HELPERS: [&str; 7] =
    ["cycler", "get_flashed_messages", "joiner", "lipsum", "self", "url_for", "varargs"];
/// Functions of Python that no sandbox offers.
const FUNCTIONS: [&str; 9] =
    ["compile", "eval", "exec", "getattr", "globals", "import_module", "open", "setattr", "vars"];
/// Statements that load another template.
const LOADS: [&str; 4] = ["extends", "from", "import", "include"];

/// Looks at each word of a template that stands at `place`; what is told is also noted in `found`.
pub(super) fn look(
    template: &str,
    place: &Location,
    found: &mut BTreeSet<String>,
    problems: &mut Problems<'_>,
) {
    let mut lexer = Lexer::new(template);
    // The tokens before this one, in the same block.
    let (mut before, mut last) = (Token::Open, Token::Open);
    while let Some(token) = lexer.next() {
        let said = match &token {
            Token::Name(name) => named(name, &last, lexer.in_statement()),
            Token::Text(text) => written(text, &last),
            Token::Mark('~' | '+') => match &last {
                Token::Text(text) if is_part(text) => Some(joined(text)),
                _ => None,
            },
            Token::Mark(mark @ ('.' | '[' | '(' | '|')) if before != Token::Mark('.') => used(*mark, &last),
            Token::Open | Token::Mark(_) => None,
        };
        if let Some((rule, message)) = said
            && found.insert(message.clone())
        {
            problems.push(Occurrence::new(rule, place.clone(), message));
        }
        before = std::mem::replace(&mut last, token);
    }
    if lexer.broke_off() {
        let reason = "the chat template, behind a block or string that does not end";
        problems.unexamined(place.clone(), reason);
    }
}

type Said = (&'static RuleMeta, String);

/// What a name says after the token `last`.
fn named(name: &str, last: &Token<'_>, in_statement: bool) -> Option<Said> {
    let is_attribute = *last == Token::Mark('.');
    if is_door(name) || is_attribute && ATTRIBUTES.contains(&name) {
        Some((rules::ReachesPython::META, format!("the chat template names `{}`", escape(name, 40))))
    } else if *last == Token::Mark('|') && name == "attr" {
        let message = "the chat template reaches an attribute through the filter `attr`";
        Some((rules::UnusualConstruct::META, message.to_owned()))
    } else if *last == Token::Open && in_statement && LOADS.contains(&name) {
        Some((rules::UnusualConstruct::META, format!("the chat template loads another one with `{name}`")))
    } else if !is_attribute && name == "os" {
        Some((rules::UnusualConstruct::META, "the chat template names `os`".to_owned()))
    } else {
        None
    }
}

/// What a string says after the token `last`.
fn written(text: &str, last: &Token<'_>) -> Option<Said> {
    if is_door(text) || *last == Token::Mark('[') && ATTRIBUTES.contains(&text) {
        let message = format!("the chat template names `{}` in a string", escape(text, 40));
        Some((rules::ReachesPython::META, message))
    } else if let Some(door) = DOORS.iter().find(|door| text.contains(*door)) {
        Some((rules::UnusualConstruct::META, format!("the chat template names `{door}` in a string")))
    } else if is_part(text) && matches!(last, Token::Mark('~' | '+')) {
        Some(joined(text))
    } else {
        None
    }
}

fn joined(part: &str) -> Said {
    let shown = escape(part, 40);
    let message = format!("the chat template puts a name together from parts, one of them `{shown}`");
    (rules::UnusualConstruct::META, message)
}

/// What the use of a name says: `mark` follows it.
fn used(mark: char, last: &Token<'_>) -> Option<Said> {
    let Token::Name(name) = last else { return None };
    (HELPERS.contains(name) || mark == '(' && FUNCTIONS.contains(name)).then(|| {
        let message = format!("the chat template uses `{name}`, which no conversation needs");
        (rules::UnusualConstruct::META, message)
    })
}

/// Whether the use of a function is told by its name alone.
pub(super) fn is_told(name: &str) -> bool {
    HELPERS.contains(&name) || FUNCTIONS.contains(&name)
}

pub(super) fn is_door(name: &str) -> bool {
    DOORS.contains(&name)
}

/// Whether a string starts or ends like a special name of Python, as its halves do. The marks of chat turns, such as
/// `<|im_start|>`, do not.
fn is_part(text: &str) -> bool {
    let letters = text.trim_matches('_');
    let is_word = letters.len() < 20 && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word && text.len() > 1 && (text.starts_with("__") || text.ends_with("__"))
}
