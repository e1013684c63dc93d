use bartizan_finding::{Confidence, Severity};

use super::{checks::placeholder, span::Span};
use crate::{
    detector::Bounds,
    view::{View, alnum},
};

/// RFC 3986, section 3.
pub(crate) const SEPARATOR: &str = "://";

const MAX_SCHEME: usize = 20;
const MAX_USER: usize = 128;
const MAX_PASSWORD: usize = 256;
const MAX_HOST: usize = 255;

/// How far a URL with user, password and host is looked at.
pub(crate) const BOUNDS: Bounds = Bounds {
    lead: MAX_SCHEME,
    max_match: MAX_SCHEME + 3 + MAX_USER + 1 + MAX_PASSWORD + 1 + MAX_HOST,
    context: 2,
};

/// The URL of one of `schemes` around the anchor, from its scheme to the end of its host, when it has a password.
pub(crate) fn find(view: &View<'_>, schemes: &[&str]) -> Option<Span> {
    let at = view.anchor;
    let start = view.back(at, MAX_SCHEME, |byte| alnum(byte) || byte == b'+');
    let scheme = view.slice(start, at).to_ascii_lowercase();
    if !schemes.iter().any(|known| scheme == known.as_bytes()) {
        return None;
    }
    let part = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(byte, b':' | b'@' | b'/' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|')
    };
    let user = at + SEPARATOR.len();
    let user_end = view.run(user, MAX_USER, part);
    if view.get(user_end) != Some(b':') {
        return None;
    }
    let password = user_end + 1;
    let password_end = view.run(password, MAX_PASSWORD, part);
    if password_end == password || view.get(password_end) != Some(b'@') {
        return None;
    }
    let host = password_end + 1;
    let end = view.run(host, MAX_HOST, |byte| alnum(byte) || matches!(byte, b'.' | b'-' | b'_'));
    let secret = view.slice(password, password_end);
    if end == host || !meant(secret) {
        return None;
    }
    let local = matches!(
        view.slice(host, end),
        b"localhost" | b"127.0.0.1" | b"db" | b"postgres" | b"mysql" | b"redis"
    );
    let severity = local.then_some(Severity::Medium);
    Some(Span { start, end, severity, confidence: if local { Confidence::Medium } else { Confidence::High } })
}

/// Not a placeholder, a variable or a format specification.
fn meant(password: &[u8]) -> bool {
    const WORDS: &[&str] =
        &["password", "passwd", "pass", "pwd", "secret", "token", "pw", "p", "user", "changeit", "test"];
    let word = password.to_ascii_lowercase();
    let variable = password.iter().any(|byte| matches!(byte, b'$' | b'{' | b'}' | b'*' | b'[' | b'('))
        || password.starts_with(b"%") && !password.get(1).is_some_and(u8::is_ascii_hexdigit);
    let repeats = password.windows(2).all(|pair| pair[0] == pair[1]);
    password.len() >= 4
        && !variable
        && !repeats
        && !WORDS.iter().any(|known| word == known.as_bytes())
        && !placeholder(password)
}
