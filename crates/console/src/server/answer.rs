use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    address::encoded,
    call::Answer,
    refusal::{Reader, Refusal},
};

/// What a browser takes a file for that it could also show: nothing in it may run, even if it were opened.
const SAVED: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// The longest name that a file is saved under, in bytes.
const MAX_NAME: usize = 120;

/// A page's answer as a response.
pub(super) fn response(answer: Answer) -> Response {
    match answer {
        Answer::Html { status, html } => {
            let mut response = of_type("text/html; charset=utf-8", html);
            *response.status_mut() =
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response
        }
        Answer::Data { media_type, file_name, body } => {
            let mut response = of_type(media_type, body);
            if let Some(name) = file_name {
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_DISPOSITION, saved_as(&name));
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SAVED));
            }
            response
        }
        Answer::Moved(to) => moved(StatusCode::PERMANENT_REDIRECT, &to),
    }
}

/// A body with its media type.
pub(crate) fn of_type(media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Sends the browser to another path of this console.
pub(super) fn moved(status: StatusCode, to: &str) -> Response {
    let Some(to) = local(to).and_then(|to| HeaderValue::from_str(to).ok()) else {
        return Refusal::broken().into_response(Reader::Person);
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, to);
    response
}

/// A path of this console. Two slashes, and a slash with a backslash, would lead to another host (WHATWG URL); so
/// would they after a control character that browsers leave out.
pub(super) fn local(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

/// `Content-Disposition` (RFC 6266): the name in ASCII for every program, and as it is for those who can.
fn saved_as(name: &str) -> HeaderValue {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    let mut plain = String::new();
    for c in name.chars().map(kept) {
        if plain.len() + c.len_utf8() > MAX_NAME {
            break;
        }
        plain.push(c);
    }
    let plain = plain.trim_matches(['.', '-']);
    let plain = if plain.is_empty() { "bartizan" } else { plain };
    let ascii: String = plain.chars().map(|c| if c.is_ascii() { c } else { '-' }).collect();
    let value = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", encoded(plain));
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_under_a_harmless_name() {
        for (name, value) in [
            ("findings.csv", r#"attachment; filename="findings.csv"; filename*=UTF-8''findings.csv"#),
            (
                "Büro \"x\".csv\r\nA: b",
                r#"attachment; filename="B-ro--x-.csv--A--b"; filename*=UTF-8''B%C3%BCro--x-.csv--A--b"#,
            ),
            ("../../etc/passwd", r#"attachment; filename="etc-passwd"; filename*=UTF-8''etc-passwd"#),
            ("\u{202e}vsc.exe", r#"attachment; filename="vsc.exe"; filename*=UTF-8''vsc.exe"#),
            ("...", r#"attachment; filename="bartizan"; filename*=UTF-8''bartizan"#),
        ] {
            assert_eq!(saved_as(name).to_str().unwrap(), value, "{name}");
        }
        assert!(saved_as(&"ü".repeat(1 << 20)).len() < 1_000);
    }

    #[test]
    fn a_redirect_stays_here() {
        for (path, stays) in [
            ("/", true),
            ("/findings?q=a%20b#x", true),
            ("", false),
            ("findings", false),
            ("//example.com", false),
            ("/\\example.com", false),
            ("/\t/example.com", false),
            ("/a b", false),
            ("/a\r\nset-cookie: x", false),
            ("https://example.com", false),
            ("/ü", false),
        ] {
            assert_eq!(local(path).is_some(), stays, "{path:?}");
            let response = moved(StatusCode::SEE_OTHER, path);
            assert_eq!(response.status() == StatusCode::SEE_OTHER, stays, "{path:?}");
        }
    }
}
