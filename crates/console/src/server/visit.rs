//! How people come in and leave.

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

use super::{
    Came, Console,
    answer::{moved, of_type},
    guard::fields,
};
use crate::{
    access::{Origin, Session, Tried, is_ahead_of_the_person, is_led_here},
    host::Failure,
    pages,
    refusal::{Reader, Refusal},
};

/// `GET /enter?token=…`: the one-time link becomes a session.
pub(super) async fn enter(
    State(console): State<Console>,
    Extension(came): Extension<Came>,
    request: Request,
) -> Response {
    // A browser or a program that looks ahead must not use up the person's link.
    if request.method() == Method::HEAD || is_ahead_of_the_person(request.headers()) {
        return look_ahead().into_response(Reader::Person);
    }
    let query = fields(request.uri().query().unwrap_or_default().as_bytes());
    let token = query.get("token").unwrap_or_default().to_owned();
    let before = came.session.map(|session| session.key);
    let work = move || -> Result<String, Refusal> {
        let inner = &console.inner;
        match inner.access.link.try_token(&token, &*inner.host).map_err(no_entry)? {
            Tried::Right => {}
            Tried::Wrong => return Err(wrong_link()),
            Tried::TooMany => return Err(too_many()),
        }
        if let Some(before) = before {
            inner.access.sessions.close(&before);
        }
        inner.access.sessions.open(&*inner.host).map_err(no_entry)
    };
    let cookie = match tokio::task::spawn_blocking(work).await {
        Ok(Ok(cookie)) => cookie,
        Ok(Err(refusal)) => return refusal.into_response(Reader::Person),
        Err(_) => return Refusal::broken().into_response(Reader::Person),
    };
    let mut response = if is_led_here(request.headers()) {
        // A browser sends no strict cookie along a redirect that began elsewhere; a step from our own page does it.
        let html = pages::problem(200, "You have come in.", "The console opens in a moment.");
        let mut response = of_type("text/html; charset=utf-8", html);
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static("0; url=/"));
        response
    } else {
        moved(StatusCode::SEE_OTHER, "/")
    };
    set_cookie(&mut response, &came.origin, Some(&cookie));
    response
}

/// `POST /leave`: the session ends, here and in the browser.
pub(super) async fn leave(State(console): State<Console>, Extension(came): Extension<Came>) -> Response {
    if let Some(Session { key, .. }) = came.session {
        console.inner.access.sessions.close(&key);
    }
    let html = pages::problem(
        200,
        "You have left.",
        "The session has ended. The next one needs a new one-time link.",
    );
    let mut response = of_type("text/html; charset=utf-8", html);
    set_cookie(&mut response, &came.origin, None);
    response
}

/// Gives the browser the session's cookie, or takes it away.
fn set_cookie(response: &mut Response, origin: &Origin, value: Option<&str>) {
    let secure = if origin.is_secure() { "; Secure" } else { "" };
    let ends = if value.is_some() { "" } else { "; Max-Age=0" };
    let (name, value) = (origin.cookie(), value.unwrap_or_default());
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{ends}");
    let cookie =
        HeaderValue::try_from(cookie).expect("name and value are letters, digits, dashes and underscores");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
}

/// The host is not named to somebody who has not come in.
fn no_entry(_: Failure) -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "Nobody can come in at the moment.",
        "The terminal in which `bartizan up` runs says why.",
    )
}

fn wrong_link() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "This link lets nobody in: it is wrong, or it was used.",
        "Each link works once. The new one is found in the terminal, or in the file that `bartizan up` names there.",
    )
}

fn too_many() -> Refusal {
    Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        "Too many wrong links were tried.",
        "The right link still works. It is found in the terminal, or in the file that `bartizan up` names there.",
    )
    .with(header::RETRY_AFTER, "60")
}

fn look_ahead() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "The link works once and is not used up by looking ahead.",
        "Open it in a browser.",
    )
}
