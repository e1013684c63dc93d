//! Chat templates: programs in Jinja that turn a conversation into a prompt.
//!
//! A template is looked at word by word, only inside `{{ }}` and `{% %}`, as Jinja's own lexer splits it. That finds
//! every name, attribute and string by which a template is known to leave its sandbox, without running anything.

mod lexer;
pub(crate) mod rules;

use std::collections::BTreeSet;

use bartizan_finding::{Location, Occurrence, RuleMeta};
use lexer::{Lexer, Token};

use crate::{escape, problems::Problems};

/// Names of Python's object model by which a template reaches from any value to all of Python. Others with two
/// underscores on each side are as unusual, but lead nowhere known.
const DOORS: [&str; 28] = [
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
const ATTRIBUTES: [&str; 19] = [
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

/// Looks at a template that stands at `place`.
pub(crate) fn look(template: &str, place: &Location, problems: &mut Problems<'_>) {
    let mut found = BTreeSet::new();
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

fn is_door(name: &str) -> bool {
    DOORS.contains(&name)
}

/// Whether a string starts or ends like a special name of Python, as its halves do. The marks of chat turns, such as
/// `<|im_start|>`, do not.
fn is_part(text: &str) -> bool {
    let letters = text.trim_matches('_');
    let is_word = letters.len() < 20 && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word && text.len() > 1 && (text.starts_with("__") || text.ends_with("__"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn codes(template: &str) -> Vec<&'static str> {
        let mut problems = Problems::new("file", &Limits::default());
        let place = problems.file();
        look(template, &place, &mut problems);
        let (found, unexamined) = problems.finish();
        let gaps = unexamined.iter().map(|_| "gap");
        found.iter().map(|problem| problem.rule.code.as_str()).chain(gaps).collect()
    }

    #[test]
    fn what_conversations_need_is_silent() {
        for template in [
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content']}}{% endfor %}",
            "{%- if tools is defined %}{{ tools | tojson(indent=4) }}{%- endif -%}",
            "{{ raise_exception('Conversation roles must alternate') }}",
            "{% set ns = namespace(found=false) %}{% set ns.found = true %}{{ ns.found }}",
            "{% macro render(x) %}{{ x | trim }}{% endmacro %}{{ render(messages[0].content) }}",
            "{{ messages | selectattr('role', 'equalto', 'user') | list }}",
            "{{ messages | map(attribute='content') | join('__') }}",
            "Plain text with __class__ and {# a comment with {{ x.__class__ }} #}",
            "{% raw %}{{ x.__class__ }} \" {% endraw %}{{ 'end' }}",
            "{{ {'a': {'b': 1}} }} __globals__ {{ '}} {{' }}",
            "{{ date_string }} {{ strftime_now('%d %b %Y') }} {{ message.import_date }}",
            "{{ message.os }} {{ self_intro }} {{ message.system }}",
            "",
        ] {
            assert_eq!(codes(template), Vec::<&str>::new(), "{template}");
        }
    }

    #[test]
    fn what_leads_out_of_the_sandbox_is_found() {
        for (template, want) in [
            ("{{ ''.__class__ }}", &["TPL001"][..]),
            ("{{ x['__class__'] }}", &["TPL001"]),
            ("{{ x['\\x5f\\x5fclass__'] }}", &["TPL001"]),
            ("{{ x['\\u005f_class\\137_'] }}", &["TPL001"]),
            ("{{ cycler.__init__ }}", &["TPL002", "TPL001"]),
            ("{{ x|attr('y') }}", &["TPL002"]),
            ("{{ x | attr ('__globals__') }}", &["TPL002", "TPL001"]),
            ("{{ x['__cla' ~ 'ss__'] }}", &["TPL002", "TPL002"]),
            ("{%- include 'other' %}", &["TPL002"]),
            ("{%+ import 'other' as o %}", &["TPL002"]),
            ("{{ eval('1') }}", &["TPL002"]),
            ("{% set x = ''.__class__ %}", &["TPL001"]),
            ("{% raw %}{% endraw %}{{ x.__mro__ }}", &["TPL001"]),
            ("{{ {'a': '}}'} }}{{ x.__mro__ }}", &["TPL001"]),
            ("{# {{ #}{{ x.__mro__ }}", &["TPL001"]),
            ("{{ x.gi_frame }}", &["TPL001"]),
            ("{{ x\n.\n__mro__ }}", &["TPL001"]),
            ("{{ '{{x.__mro__}}' }}", &["TPL002"]),
            ("{{ os.name }}", &["TPL002"]),
            ("{{ 'open ", &["gap"]),
            ("{% raw %}", &["gap"]),
        ] {
            assert_eq!(codes(template), want, "{template}");
        }
    }
}
