use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;

use super::{Console, Inner, seal::seal};
use crate::{
    access::{Origin, Session, comes_from_us, reads},
    call::Query,
    refusal::{Reader, Refusal},
};

/// The longest query, in bytes.
const QUERY: usize = 8 * 1024;

/// The longest body, in bytes.
const BODY: usize = 64 * 1024;

/// Where a program says what a form says in its field `csrf`.
pub(crate) const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// What the guard has learned of a request that it let pass.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    /// The address that was asked.
    pub(crate) origin: Origin,
    /// In which session. Only what is open to everybody is reached without one.
    pub(crate) session: Option<Session>,
}

/// The fields of a form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(pub(crate) Query);

/// Stands before everything: what does not pass is not routed. Every answer, refusals too, leaves sealed.
pub(super) async fn guard(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let reader = Reader::of(head.uri.path());
    let (origin, admitted) = match console.inner.access.addressed(&head) {
        Ok(origin) => (Some(origin), admit(&console, head, body, origin).await),
        Err(refusal) => (None, Err(refusal)),
    };
    let response = match admitted {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(reader),
    };
    seal(response, origin)
}

/// Lets a request pass, with what was learned of it, or says why not.
async fn admit(console: &Console, head: Parts, body: Body, origin: &Origin) -> Result<Request, Refusal> {
    if head.uri.query().is_some_and(|query| query.len() > QUERY) {
        return Err(too_long());
    }
    comes_from_us(&head, origin)?;
    let Inner { host, access, limits, .. } = &*console.inner;
    let session = access.session(&head, origin, host.now())?;
    let changes = !reads(&head.method);
    let mut request = Request::from_parts(head, body);
    match &session {
        Some(session) if changes => request = proven(request, session, limits.body).await?,
        None if changes || !is_open(request.uri().path()) => return Err(Refusal::no_session()),
        Some(_) | None => {}
    }
    request.extensions_mut().insert(Came { origin: origin.clone(), session });
    Ok(request)
}

/// What is open to everybody: the way in, the health of the program, and files that say nothing of the project.
fn is_open(path: &str) -> bool {
    matches!(path, "/enter" | "/healthz" | "/icon.svg") || path.starts_with("/static/")
}

/// Reads the form of a request that changes something and holds its proof against the session's.
async fn proven(request: Request, session: &Session, patience: Duration) -> Result<Request, Refusal> {
    let (mut head, body) = request.into_parts();
    let announced = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > BODY as u64) {
        return Err(too_large());
    }
    let body = timeout(patience, received(body)).await.map_err(|_| too_slow())??;
    let is_form = head.headers.get(header::CONTENT_TYPE).is_some_and(|media_type| {
        let name = media_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    });
    let form = if is_form { fields(&body) } else { Query::default() };
    let said = head.headers.get(CSRF_HEADER).and_then(|token| token.to_str().ok());
    if !said.or_else(|| form.get("csrf")).is_some_and(|token| session.sent(token)) {
        return Err(unproven());
    }
    head.extensions.insert(Form(form));
    Ok(Request::from_parts(head, Body::empty()))
}

/// The whole of a body that is not too large.
async fn received(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut parts = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| broken_off())?;
        if whole.len() + part.len() > BODY {
            return Err(too_large());
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole)
}

/// The pairs of a query or form (WHATWG URL, `application/x-www-form-urlencoded`).
pub(crate) fn fields(text: &[u8]) -> Query {
    Query { pairs: form_urlencoded::parse(text).into_owned().collect() }
}

fn too_long() -> Refusal {
    Refusal::new(StatusCode::URI_TOO_LONG, "The address is too long.", "Ask for less at a time.")
}

fn too_large() -> Refusal {
    let more = "A form of the console is at most 64 KiB long.";
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.", more)
        .with(header::CONNECTION, "close")
}

fn broken_off() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "The request did not arrive whole.", "Try again.")
        .with(header::CONNECTION, "close")
}

fn too_slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "The request took too long to arrive.", "Try again.")
        .with(header::CONNECTION, "close")
}

fn unproven() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "The form does not belong to this session.",
        "Open the page again and send the form from there.",
    )
}
