//! Reviews over HTTPS. Each connection brings one and has one deadline, so that nobody who is slow holds a place for
//! long.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    MAX_REVIEW,
    decisions::Decisions,
    review::Review,
    tls::{Files, Shown},
};
use crate::{arguments::AdmitArguments, exit::Exit, interrupt::Interrupt, output};

/// Where reviews are posted.
const PATH: &str = "/admit";

/// Where it is asked whether the program answers at all.
const HEALTH: &str = "/healthz";

/// The longest head of a request, in bytes.
const HEAD: usize = 16 * 1024;

/// What a connection may hold of what was read or is to be written, in bytes.
const BUFFER: usize = 64 * 1024;

/// Connections at a time; others are closed.
const CONNECTIONS: usize = 128;

/// Reviews that are judged at a time; others wait.
const JUDGES: usize = 4;

/// How long a connection may take in all: Kubernetes waits no longer unless told otherwise.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long the handshake may take, and the head of the request after it.
const OPENING: Duration = Duration::from_secs(5);

/// How long open connections are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long to wait where the system has no connection to give at the moment.
const PAUSE: Duration = Duration::from_millis(100);

/// What judges, shared by all connections.
struct Judge {
    arguments: AdmitArguments,
    places: Arc<Semaphore>,
}

/// Serves until the program is asked to stop.
pub(super) fn run(arguments: AdmitArguments, address: SocketAddr, files: Files) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(JUDGES)
        .build()
        .context("cannot start the runtime")?;
    let served = runtime.block_on(async {
        let shown = Shown::new(files)?;
        let listener = TcpListener::bind(address).await;
        let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr().context("cannot tell the address")?;
        output::talk(&format!("bartizan: {}", Decisions::told(&arguments)));
        output::print(&format!("Answers admission reviews at https://{address}{PATH}\n"))?;
        let interrupt = Interrupt::watched();
        let judge = Judge { arguments, places: Arc::new(Semaphore::new(JUDGES)) };
        serve(listener, shown, Arc::new(judge), async move { interrupt.wait().await }).await
    });
    // A review that waits for a disk that does not answer holds nobody up.
    runtime.shutdown_background();
    output::talk("bartizan: no more admission reviews are answered");
    served.map(|()| Exit::Done)
}

async fn serve(
    listener: TcpListener,
    mut shown: Shown,
    judge: Arc<Judge>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            biased;
            () = &mut stop => break,
            stream = listener.accept() => match stream {
                Ok((stream, _)) => stream,
                Err(error) if ends(&error) => return Err(error).context("cannot accept connections"),
                Err(_) => {
                    sleep(PAUSE).await;
                    continue;
                }
            },
            // What has ended is forgotten, so that the set does not grow.
            Some(_) = connections.join_next() => continue,
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (acceptor, judge) = (shown.acceptor(), Arc::clone(&judge));
        connections.spawn(async move {
            // What goes wrong on a connection is the matter of whoever is at its other end.
            let _ = timeout(DEADLINE, connection(stream, acceptor, judge)).await;
            drop(place);
        });
    }
    drop(listener);
    let _ = timeout(FAREWELL, async { while connections.join_next().await.is_some() {} }).await;
    Ok(())
}

/// One handshake, one request, one answer.
async fn connection(stream: TcpStream, acceptor: TlsAcceptor, judge: Arc<Judge>) -> Option<()> {
    let stream = timeout(OPENING, acceptor.accept(stream)).await.ok()?.ok()?;
    let answer = service_fn(move |request| {
        let judge = Arc::clone(&judge);
        async move { Ok::<_, Infallible>(answer(request, &judge).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(OPENING)
        .max_header_size(HEAD)
        .max_buf_size(BUFFER)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer)
        .await
        .ok()
}

async fn answer(request: Request<Incoming>, judge: &Arc<Judge>) -> Response<Full<Bytes>> {
    match (request.uri().path(), request.method()) {
        (HEALTH, &Method::GET) => plain(StatusCode::OK, "It answers"),
        (PATH, &Method::POST) => judged(request, judge).await,
        (PATH | HEALTH, _) => plain(StatusCode::METHOD_NOT_ALLOWED, "This is asked in another way"),
        _ => plain(StatusCode::NOT_FOUND, "Nothing is here"),
    }
}

async fn judged(request: Request<Incoming>, judge: &Arc<Judge>) -> Response<Full<Bytes>> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A review is application/json");
    }
    let most = usize::try_from(MAX_REVIEW).unwrap_or(usize::MAX);
    let body = match Limited::new(request.into_body(), most).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            output::talk(&format!("bartizan: a review of more than {MAX_REVIEW} bytes is not answered"));
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "The review is too long");
        }
        Err(_) => return plain(StatusCode::BAD_REQUEST, "The review did not arrive whole"),
    };
    // Closed or panicked: neither is a reason to let anything in.
    let failed = || plain(StatusCode::INTERNAL_SERVER_ERROR, "The review could not be judged");
    // What was read takes more room than its bytes, so only those whose turn it is are read.
    let Ok(place) = Arc::clone(&judge.places).acquire_owned().await else { return failed() };
    let judge = Arc::clone(judge);
    let work = move || {
        let review = Review::parse(&body);
        let answer = review.map(|review| serde_json::to_vec(&super::answer(&judge.arguments, &review)));
        drop(place);
        answer
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(Ok(answer))) => typed(StatusCode::OK, "application/json", answer.into()),
        Ok(Err(why)) => {
            output::talk(&format!("bartizan: what was posted is no admission review: {why}"));
            plain(StatusCode::BAD_REQUEST, "This is no admission review")
        }
        Ok(Ok(Err(_))) | Err(_) => failed(),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    typed(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}

fn typed(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// Whether no further connection can be accepted.
fn ends(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, NotConnected, Unsupported};
    matches!(error.kind(), InvalidInput | NotConnected | Unsupported)
}
