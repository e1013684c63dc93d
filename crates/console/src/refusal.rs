//! What is said instead of an answer.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{host::Failure, pages};

/// Why a request is not answered. It says nothing of the project: it may be shown to people without a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    sentence: Cow<'static, str>,
    more: Cow<'static, str>,
    /// Boxed, since a refusal is handed through many results.
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody in front of a browser.
    Person,
    /// A program, which gets a problem document.
    Program,
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem<'a> {
    /// Always `about:blank`: the status says what sort of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What the status means.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong here.
    detail: &'a str,
    /// What to do about it, or more about it; empty where there is nothing to say.
    help: &'a str,
}

impl Reader {
    /// Who reads the answers below a path.
    pub(crate) fn of(path: &str) -> Self {
        let programs = path.starts_with("/api/") || path == "/events";
        if programs { Self::Program } else { Self::Person }
    }
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        sentence: impl Into<Cow<'static, str>>,
        more: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, sentence: sentence.into(), more: more.into(), header: None }
    }

    /// Says in a header what the status asks to be said there.
    pub(crate) fn with(self, name: HeaderName, value: &'static str) -> Self {
        Self { header: Some(Box::new((name, HeaderValue::from_static(value)))), ..self }
    }

    /// Nobody has come in.
    pub(crate) fn no_session() -> Self {
        let more = "Open the one-time link that `bartizan up` has printed in the terminal, or the one in the file \
                    that it names there.";
        // RFC 9110 asks for a challenge; a scheme that no browser knows opens no dialogue.
        Self::new(StatusCode::UNAUTHORIZED, "Nobody has come in with this browser.", more)
            .with(header::WWW_AUTHENTICATE, "Cookie realm=\"bartizan\"")
    }

    /// Nothing stands under an address.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing under this address.", "")
    }

    /// The program has a fault.
    pub(crate) fn broken() -> Self {
        let more =
            "The console goes on. Please tell the makers of Bartizan under which address this was seen.";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The answer could not be made because of a fault in Bartizan.",
            more,
        )
    }

    /// The answer, for whoever reads it.
    pub(crate) fn into_response(self, reader: Reader) -> Response {
        let (media_type, body) = match reader {
            Reader::Person => {
                ("text/html; charset=utf-8", pages::problem(self.status.as_u16(), &self.sentence, &self.more))
            }
            Reader::Program => {
                let problem = Problem {
                    kind: "about:blank",
                    title: self.status.canonical_reason().unwrap_or_default(),
                    status: self.status.as_u16(),
                    detail: &self.sentence,
                    help: &self.more,
                };
                let body = serde_json::to_string(&problem).expect("texts and numbers are always JSON");
                ("application/problem+json", body)
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some((name, value)) = self.header.map(|header| *header) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// Something that the program could not do. Only those who came in are told.
impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, failure.message, failure.details.join("\n"))
    }
}
