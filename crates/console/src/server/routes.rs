use axum::{
    Extension, Router,
    body::Body,
    extract::{RawPathParams, Request, State, rejection::RawPathParamsRejection},
    http::{HeaderValue, StatusCode},
    middleware::from_fn_with_state,
    response::Response,
    routing::{MethodRouter, delete, get, post},
};
use bartizan_report::v1::Status;

use super::{
    Came, Console, Form,
    answer::{local, moved, of_type, response},
    guard::{CSRF_HEADER, fields, guard},
    visit,
};
use crate::{
    access::reads,
    api::{self, Action, Endpoint},
    call::{Answer, Call, Page},
    live, pages,
    refusal::{Reader, Refusal},
    run::Current,
    static_files,
};

/// Everything that is answered, behind the guard.
pub(super) fn router(console: &Console) -> Router {
    let mut router = Router::new()
        .route("/enter", get(visit::enter))
        .route("/leave", post(visit::leave))
        .route("/run", post(start))
        .route("/run/cancel", post(cancel))
        .route("/events", get(live::events))
        .route("/healthz", get(health))
        .route("/icon.svg", get(icon))
        .route("/static/{hash}/{name}", get(static_files::file));
    for (route, page) in pages::PAGES {
        router = router.route(route, rendered(*page));
    }
    router = router.route("/api", rendered(pages::api::api));
    router = router.route("/api/openapi.json", described());
    for endpoint in api::ENDPOINTS {
        let method = match endpoint.action {
            Action::Read(read) => data(endpoint, read),
            Action::Start => post(api::start),
            Action::Cancel => delete(api::cancel),
        };
        router = router.route(&endpoint.route(), method);
    }
    router
        .fallback(elsewhere)
        .method_not_allowed_fallback(async |request: Request| refused(&request, wrong_method()))
        .layer(from_fn_with_state(console.clone(), guard))
        .with_state(console.clone())
}

/// A page, made on a thread that may wait.
fn rendered(page: Page) -> MethodRouter<Console> {
    let make = move |call: &Call<'_>| Ok(response(page(call)));
    get(move |console, came, arguments, request| made(console, came, arguments, request, make))
}

/// An answer of the API, made likewise.
fn data(endpoint: &'static Endpoint, read: api::Read) -> MethodRouter<Console> {
    let make =
        move |call: &Call<'_>| endpoint.answer(read, call).map(|body| of_type("application/json", body));
    get(move |console, came, arguments, request| made(console, came, arguments, request, make))
}

/// The description of the API, made likewise: it is long.
fn described() -> MethodRouter<Console> {
    let make = |_: &Call<'_>| Ok(of_type("application/json", api::openapi()));
    get(move |console, came, arguments, request| made(console, came, arguments, request, make))
}

/// An answer, made on a thread that may wait by one of those who have a place to make answers.
async fn made(
    State(console): State<Console>,
    Extension(came): Extension<Came>,
    arguments: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    make: impl FnOnce(&Call<'_>) -> Result<Response, Refusal> + Send + 'static,
) -> Response {
    let reader = Reader::of(request.uri().path());
    let Ok(arguments) = arguments else {
        return Refusal::not_found().into_response(reader);
    };
    let argument = arguments.iter().last().map(|(_, value)| value.to_owned());
    let csrf = came.session.map(|session| session.csrf).unwrap_or_default();
    let proof = HeaderValue::from_str(&csrf).ok().filter(|_| reader == Reader::Program);
    let inner = console.inner.clone();
    // Whoever leaves before it is their turn has not cost anything.
    let Ok(place) = inner.makers.clone().acquire_owned().await else {
        return Refusal::broken().into_response(reader);
    };
    let work = move || {
        let _place = place;
        let Current { run, snapshot, .. } = console.inner.runs.current();
        make(&Call {
            host: &*console.inner.host,
            snapshot: snapshot.as_deref(),
            run: &run,
            csrf: &csrf,
            path: request.uri().path(),
            argument: argument.as_deref(),
            query: &fields(request.uri().query().unwrap_or_default().as_bytes()),
        })
    };
    let answer = match tokio::task::spawn_blocking(work).await {
        Ok(Ok(response)) => inner.room.hold(response).await,
        Ok(Err(refusal)) => Err(refusal),
        // The thread has panicked; what it said of the project stays in the terminal.
        Err(_) => Err(Refusal::broken()),
    };
    let mut response = answer.unwrap_or_else(|refusal| refusal.into_response(reader));
    if let Some(proof) = proof {
        response.headers_mut().insert(CSRF_HEADER, proof);
    }
    response
}

/// `POST /run`. While a check runs, this is the same as having started it.
async fn start(State(console): State<Console>, Extension(form): Extension<Form>) -> Response {
    console.start_check();
    back(&form)
}

/// `POST /run/cancel`. Where none runs, it has already stopped.
async fn cancel(State(console): State<Console>, Extension(form): Extension<Form>) -> Response {
    console.inner.runs.cancel();
    back(&form)
}

/// To the page from which a form was sent.
fn back(form: &Form) -> Response {
    moved(StatusCode::SEE_OTHER, form.0.get("back").and_then(local).unwrap_or("/"))
}

/// `GET /healthz`: whether there is something to see.
async fn health(State(console): State<Console>) -> Response {
    let stopping = *console.inner.stopping.borrow();
    let said = match console.inner.runs.current().snapshot {
        _ if stopping => "stopping\n",
        None => "no run has finished yet\n",
        Some(_) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            return response;
        }
    };
    let mut response = of_type("text/plain; charset=utf-8", said);
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// `GET /icon.svg`: in the colour of the status of the whole. To those who have not come in it says nothing.
async fn icon(State(console): State<Console>, Extension(came): Extension<Came>) -> Response {
    let snapshot = came.session.and_then(|_| console.inner.runs.current().snapshot);
    let status = snapshot.map_or(Status::Unknown, |snapshot| pages::overall(&snapshot.report));
    of_type("image/svg+xml", pages::icon(status))
}

/// What stands under no route. A slash too many at the end is no reason to say that there is nothing.
async fn elsewhere(request: Request) -> Response {
    let uri = request.uri();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let page = uri.path().strip_suffix('/').filter(|path| !path.ends_with('/') && !path.contains("/."));
    let is_for_people = Reader::of(uri.path()) == Reader::Person && !uri.path().starts_with("/static/");
    let to = page.map(|page| format!("{page}{query}")).filter(|to| local(to).is_some());
    match to {
        Some(to) if reads(request.method()) && is_for_people => response(Answer::Moved(to)),
        _ => refused(&request, Refusal::not_found()),
    }
}

fn refused(request: &Request, refusal: Refusal) -> Response {
    refusal.into_response(Reader::of(request.uri().path()))
}

fn wrong_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "The address does not answer to this method.", "")
}
