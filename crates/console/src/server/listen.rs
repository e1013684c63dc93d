use std::{io, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{Console, patience::Patience};

/// The longest head of a request, in bytes.
const HEAD: usize = 16 * 1024;

/// What a connection may hold of what was read or is to be written, in bytes.
const BUFFER: usize = 64 * 1024;

/// How long to wait where the system has no connection to give at the moment.
const PAUSE: Duration = Duration::from_millis(100);

/// `EMFILE` and `ENFILE`: too many files are open, here or everywhere.
const TOO_MANY_FILES: [i32; 2] = [24, 23];

pub(super) async fn serve(
    console: &Console,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let inner = &console.inner;
    let connections = GracefulShutdown::new();
    let accepting = accept(console, &listener, &connections);
    let accepted = tokio::select! {
        biased;
        () = stop => Ok(()),
        error = accepting => Err(error),
        () = inner.runs.tell() => Ok(()),
    };
    // From here on nobody else is let in.
    drop(listener);
    inner.stopping.send_replace(true);
    inner.runs.cancel();
    let farewell = async { tokio::join!(connections.shutdown(), inner.runs.rest()) };
    // Whatever has not ended by then ends with the process.
    let _ = timeout(inner.limits.farewell, farewell).await;
    accepted
}

/// Accepts connections for as long as the system gives any.
async fn accept(console: &Console, listener: &TcpListener, connections: &GracefulShutdown) -> io::Error {
    let limits = &console.inner.limits;
    let places = Arc::new(Semaphore::new(limits.connections));
    let service = console.service();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_header_size(HEAD).max_buf_size(BUFFER);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) if passes(&error) => {
                sleep(PAUSE).await;
                continue;
            }
            Err(error) => return error,
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            turn_away(&stream);
            continue;
        };
        let service = TowerToHyperService::new(service.clone());
        let stream = TokioIo::new(Patience::new(stream, limits.write));
        let connection = connections.watch(http.serve_connection(stream, service));
        tokio::spawn(async move {
            // What goes wrong on a connection is the matter of whoever is at its other end.
            let _ = connection.await;
            drop(place);
        });
    }
}

/// Tells somebody to come back later, if that can be done without waiting.
fn turn_away(stream: &TcpStream) {
    let _ = stream.try_write(
        b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 10\r\ncache-control: no-store\r\n\
          content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\ncontent-length: 42\r\n\r\n\
          Too many connections. Try again in a while",
    );
}

/// Whether the next connection may be accepted although this one was not.
fn passes(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, OutOfMemory, WouldBlock};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | OutOfMemory | WouldBlock)
        || error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code))
}
