use bartizan_finding::Confidence;

use super::{
    checks::{entropy, placeholder, random_enough},
    span::Span,
};
use crate::{
    detector::{Bounds, Rank},
    view::View,
};

/// A value that a telling name is set to: `NAME = "value"`, `name: value`, `"name": "value"`.
#[derive(Debug)]
pub(crate) struct Assigned {
    /// What the name holds, in each case it is written in.
    pub(crate) names: &'static [&'static str],
    /// The bytes of a value.
    pub(crate) class: fn(u8) -> bool,
    /// Its least and greatest length.
    pub(crate) length: (usize, usize),
    pub(crate) check: ValueCheck,
    pub(crate) rank: Rank,
}

/// What must be true of the value beyond alphabet and length.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ValueCheck {
    /// It is as mixed as random text.
    Random,
    /// It has letters and digits, is more mixed than words are, and is neither a name of code nor a path.
    Unguessable,
}

/// A name may go on for this long after what tells.
const REST_OF_NAME: usize = 24;
/// Quotes, white space and operator between name and value.
const BETWEEN: usize = 24;

impl Assigned {
    pub(crate) const fn bounds(&self) -> Bounds {
        let longest_name = 32;
        Bounds { lead: 0, max_match: longest_name + REST_OF_NAME + BETWEEN + self.length.1, context: 4 }
    }

    pub(crate) fn find(&self, view: &View<'_>) -> Option<Span> {
        let name = self
            .names
            .iter()
            .filter(|name| view.stands(view.anchor, name.as_bytes()))
            .map(|name| name.len())
            .max()?;
        let (start, quote) = value_start(view, view.anchor + name)?;
        let start = start + scheme(view, start);
        let end = view.run(start, self.length.1 + 1, self.class);
        if !(self.length.0..=self.length.1).contains(&(end - start)) || !ends(view, end, quote) {
            return None;
        }
        let value = view.slice(start, end);
        let confidence = match self.check {
            ValueCheck::Random => random_enough(value).then_some(Confidence::High),
            ValueCheck::Unguessable => unguessable(value).then_some(if quote.is_some() {
                Confidence::Medium
            } else {
                Confidence::Low
            }),
        }?;
        Some(Span { start, end, severity: None, confidence })
    }
}

/// Where the value starts, and the quote it starts with.
fn value_start(view: &View<'_>, after: usize) -> Option<(usize, Option<u8>)> {
    let at = view
        .run(after, REST_OF_NAME, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if names_something_else(view.slice(after, at)) {
        return None;
    }
    // The end of a quoted or indexed name: `"`, `\"`, `']`.
    let at = view.run(at, 3, |byte| matches!(byte, b'"' | b'\'' | b'\\' | b']'));
    let at = view.run(at, 4, |byte| matches!(byte, b' ' | b'\t'));
    let operator = view.run(at, 3, |byte| matches!(byte, b'=' | b':' | b'>'));
    match view.slice(at, operator) {
        b"=" | b":" | b":=" | b"=>" => {}
        _ => return None,
    }
    let at = view.run(operator, 4, |byte| matches!(byte, b' ' | b'\t'));
    let escaped = usize::from(view.get(at) == Some(b'\\'));
    let quote = view.get(at + escaped).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    match (quote, escaped) {
        (Some(_), _) => Some((at + escaped + 1, quote)),
        (None, 0) => Some((at, None)),
        (None, _) => None,
    }
}

/// Whether the rest of a name says that its value is not the secret but something about it.
fn names_something_else(rest: &[u8]) -> bool {
    const ABOUT: &[&str] = &[
        "id", "ids", "name", "path", "file", "url", "uri", "type", "version", "hash", "digest", "arn",
        "length", "size", "ttl", "endpoint", "prefix", "regex", "pattern", "field", "label", "class", "ref",
        "vault",
    ];
    let rest = rest.to_ascii_lowercase();
    ABOUT.iter().any(|word| rest.ends_with(word.as_bytes()))
}

/// The length of the authentication scheme that stands before a credential.
fn scheme(view: &View<'_>, at: usize) -> usize {
    const SCHEMES: &[&str] = &["Bearer ", "bearer ", "Basic ", "basic ", "Token ", "token "];
    SCHEMES.iter().find(|scheme| view.stands(at, scheme.as_bytes())).map_or(0, |scheme| scheme.len())
}

/// Whether the value ends where its quote closes, or without one where the line or statement does.
fn ends(view: &View<'_>, at: usize, quote: Option<u8>) -> bool {
    match (view.get(at), quote) {
        (Some(b'\\'), Some(quote)) => view.get(at + 1) == Some(quote),
        (Some(byte), Some(quote)) => byte == quote,
        (None, Some(_)) => false,
        (Some(byte), None) => matches!(
            byte,
            b'\n' | b'\r' | b' ' | b'\t' | b';' | b',' | b'&' | b'"' | b'\'' | b'`' | b')' | b'\\'
        ),
        (None, None) => true,
    }
}

/// Whether nobody would write the text who does not mean a secret.
fn unguessable(value: &[u8]) -> bool {
    let has = |class: fn(&u8) -> bool| value.iter().any(class);
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let hexadecimal = value.iter().all(u8::is_ascii_hexdigit);
    let mixed = has(u8::is_ascii_alphabetic)
        && digits >= 2
        && (entropy(value) >= if hexadecimal { 3.0 } else { 3.5 });
    // Names of code and paths are words joined by punctuation; random text has no long run of one case without digits.
    let words = value
        .split(|byte| !byte.is_ascii_alphabetic())
        .filter(|word| word.len() >= 5 && wordlike(word))
        .count();
    mixed && (words == 0 || hexadecimal) && !placeholder(value)
}

/// Small letters after at most one capital, with a vowel in every five: how words look and random text rarely does.
fn wordlike(word: &[u8]) -> bool {
    let lower = word.iter().skip(1).all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase);
    let vowel = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    lower && word.windows(5).all(|five| five.iter().any(vowel))
}
