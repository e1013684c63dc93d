//! Who is let in: the address that was asked for, the place that asks, the session, and the proof that a form is ours.

mod link;
mod origin;
mod secret;
mod session;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts};
use bartizan_finding::Timestamp;

pub(crate) use link::{Link, Tried};
pub use origin::{BadOrigin, Origin};
pub(crate) use session::{Session, Sessions};

use crate::{
    host::{Failure, Host},
    refusal::Refusal,
    server::Options,
};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What is known of those who may come in.
pub(crate) struct Access {
    origins: Vec<Origin>,
    pub(crate) sessions: Sessions,
    pub(crate) link: Link,
}

impl Access {
    pub(crate) fn new(host: &dyn Host, options: Options) -> Result<Self, Failure> {
        let first = options.origins.first().cloned();
        let first = first.ok_or_else(|| Failure::new("the console needs an address that people use"))?;
        let mut authorities: Vec<_> = options.origins.iter().map(Origin::authority).collect();
        authorities.sort_unstable();
        // `Host` names no scheme: with two of them it could not be said whether the cookie must be a secure one.
        if let Some([twice, _]) = authorities.windows(2).find(|pair| pair.first() == pair.last()) {
            return Err(Failure::new(format!("the console's address {twice} is named twice")));
        }
        let sessions = Sessions::new(options.idle);
        Ok(Self { link: Link::new(first, host)?, origins: options.origins, sessions })
    }

    /// The origin that a request is made to. Another name for this machine, such as one that somebody else's name
    /// server gives out, is not answered: that is how a foreign page would read ours (DNS rebinding).
    pub(crate) fn addressed(&self, head: &Parts) -> Result<&Origin, Refusal> {
        let named = |text: &[u8]| {
            let mut origins = self.origins.iter();
            origins.find(|origin| origin.authority().as_bytes().eq_ignore_ascii_case(text))
        };
        let host = only(&head.headers, &header::HOST).ok().flatten();
        let origin = host.and_then(named).ok_or_else(misdirected)?;
        if head.uri.authority().is_some_and(|authority| named(authority.as_str().as_bytes()) != Some(origin))
        {
            return Err(misdirected());
        }
        match only(&head.headers, &header::ORIGIN) {
            Ok(None) => Ok(origin),
            Ok(Some(from)) if self.origins.iter().any(|ours| ours.to_string().as_bytes() == from) => {
                Ok(origin)
            }
            _ => Err(misdirected()),
        }
    }

    /// The session of a request's cookie. A browser asks for the live stream again of its own accord, so that this
    /// does not keep a session up.
    pub(crate) fn session(
        &self,
        head: &Parts,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Option<Session>, Refusal> {
        let is_used = head.uri.path() != "/events";
        let cookie = cookie(&head.headers, &origin.cookie())?;
        Ok(cookie.and_then(|cookie| self.sessions.find(cookie, is_used, now)))
    }
}

/// Whether the browser says that a request comes from where it may come from: a request that changes something from
/// our own pages, any other also from elsewhere, but only as a page that a person goes to.
pub(crate) fn comes_from_us(head: &Parts, origin: &Origin) -> Result<(), Refusal> {
    let value = |name: HeaderName| only(&head.headers, &name).map_err(|Twice| foreign());
    let site = value(FETCH_SITE)?;
    if reads(&head.method) {
        let visited = value(FETCH_MODE)? == Some(b"navigate") && value(FETCH_DEST)? == Some(b"document");
        return match site {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) if visited => Ok(()),
            Some(_) => Err(foreign()),
        };
    }
    let from = value(header::ORIGIN)?;
    let same = from.is_some_and(|from| from == origin.to_string().as_bytes());
    match (site, from) {
        (None | Some(b"same-origin"), Some(_)) if same => Ok(()),
        (Some(b"same-origin"), None) => Ok(()),
        _ => Err(foreign()),
    }
}

/// Whether a request changes nothing.
pub(crate) fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether a browser asks ahead of the person, who may never look at the answer.
pub(crate) fn is_ahead_of_the_person(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        headers.get_all(*name).iter().any(|value| {
            let value = value.as_bytes().to_ascii_lowercase();
            [&b"prefetch"[..], b"prerender", b"preview"]
                .iter()
                .any(|word| value.windows(word.len()).any(|part| part == *word))
        })
    })
}

/// Whether the way here began on somebody else's page.
pub(crate) fn is_led_here(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site != "none" && site != "same-origin")
}

/// A header stands there more than once.
struct Twice;

/// The value of a header that may stand there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Twice> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first.map(axum::http::HeaderValue::as_bytes)),
        _ => Err(Twice),
    }
}

/// The value of a cookie (RFC 6265, 5.4). Two of one name mean that somebody else on this machine's name has set one,
/// and which of them is ours cannot be told.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        _ => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "The browser sent the session's cookie twice.",
            "Another program on this machine has set a cookie of the same name. Delete the cookies of this address \
             and come in again.",
        )),
    }
}

fn misdirected() -> Refusal {
    Refusal::new(
        StatusCode::MISDIRECTED_REQUEST,
        "The console is not used under this address.",
        "Use the address that `bartizan up` names, or name this one to it with --origin.",
    )
}

fn foreign() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "The request comes from another place than the console's own pages.",
        "Open the console itself and do it there.",
    )
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn head(method: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_our_own_pages_change_something() {
        let [ours, other, _] = Origin::loopback(8686);
        let (ours_text, other_text) = (ours.to_string(), other.to_string());
        for (headers, allowed) in [
            (&[][..], false),
            (&[("origin", ours_text.as_str())], true),
            (&[("origin", other_text.as_str())], false),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", &ours_text), ("sec-fetch-site", "same-origin")], true),
            (&[("origin", &ours_text), ("sec-fetch-site", "same-site")], false),
            (&[("origin", &ours_text), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", &other_text), ("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "navigate"),
                    ("sec-fetch-dest", "document"),
                ],
                false,
            ),
        ] {
            for method in ["POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "NONSENSE"] {
                assert_eq!(
                    comes_from_us(&head(method, headers), &ours).is_ok(),
                    allowed,
                    "{method} {headers:?}"
                );
            }
        }
    }

    #[test]
    fn others_may_lead_a_person_to_a_page_and_no_more() {
        let [ours, ..] = Origin::loopback(8686);
        let visit = |site, mode, dest| {
            let headers = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            comes_from_us(&head("GET", &headers), &ours).is_ok()
        };
        assert!(comes_from_us(&head("GET", &[]), &ours).is_ok());
        assert!(visit("none", "navigate", "document"));
        assert!(visit("same-origin", "cors", "empty"));
        for site in ["cross-site", "same-site", "whatever"] {
            assert!(visit(site, "navigate", "document"));
            for (mode, dest) in [
                ("navigate", "iframe"),
                ("no-cors", "script"),
                ("no-cors", "image"),
                ("cors", "empty"),
                ("nested-navigate", "document"),
            ] {
                assert!(!visit(site, mode, dest), "{site} {mode} {dest}");
            }
        }
    }

    #[test]
    fn a_cookie_is_found_among_others_and_never_chosen_among_its_like() {
        let found = |lines: &[&str]| {
            let pairs: Vec<_> = lines.iter().map(|line| ("cookie", *line)).collect();
            cookie(&head("GET", &pairs).headers, "bartizan-1")
                .map(|value| value.map(str::to_owned))
                .map_err(|_| ())
        };
        assert_eq!(found(&[]), Ok(None));
        assert_eq!(found(&["a=b; bartizan-1=x; bartizan-12=y"]), Ok(Some("x".to_owned())));
        assert_eq!(found(&["bartizan-1"]), Ok(None));
        assert_eq!(found(&["bartizan-1=x=y"]), Ok(Some("x=y".to_owned())));
        assert_eq!(found(&["bartizan-1=x; bartizan-1=x"]), Err(()));
        assert_eq!(found(&["bartizan-1=x", "bartizan-1=y"]), Err(()));
    }

    #[test]
    fn a_browser_that_looks_ahead_says_so() {
        for (name, value, ahead) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("sec-purpose", "prefetch;anonymous-client-ip", true),
            ("purpose", "Prefetch", true),
            ("x-moz", "prefetch", true),
            ("x-purpose", "preview", true),
            ("accept", "prefetch", false),
            ("purpose", "", false),
        ] {
            assert_eq!(
                is_ahead_of_the_person(&head("GET", &[(name, value)]).headers),
                ahead,
                "{name}: {value}"
            );
        }
    }
}
