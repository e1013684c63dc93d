//! The console as a program that others run: what it holds, and how it is served.

mod answer;
mod guard;
mod held;
mod listen;
mod patience;
mod routes;
mod seal;
mod visit;

use std::{sync::Arc, time::Duration};

use axum::Router;
use bartizan_report::v1::Report;
use tokio::sync::{Semaphore, watch};

pub(crate) use answer::of_type;
use guard::Form;
pub(crate) use guard::{CSRF_HEADER, Came};
use held::Room;

use crate::{
    access::{Access, Origin},
    host::{Failure, Host},
    run::Runs,
};

/// What the program that serves the console decides about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The addresses that people use, the one that the one-time link names first. A request to any other is refused.
    pub origins: Vec<Origin>,
    /// How long a session may be idle before it ends.
    pub idle: Duration,
}

impl Options {
    /// Under these addresses, with sessions that end after twelve idle hours.
    pub fn new(origins: impl Into<Vec<Origin>>) -> Self {
        Self { origins: origins.into(), idle: Duration::from_hours(12) }
    }
}

/// How much the console takes from those who connect.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time. One more is told to come back later.
    pub connections: usize,
    /// Live streams at a time.
    pub streams: usize,
    /// How long the head of a request may take; also how long a connection may wait for the next request.
    pub head: Duration,
    /// How long the body of a request may take.
    pub body: Duration,
    /// How long somebody may take in nothing of an answer before the connection ends.
    pub write: Duration,
    /// Pages and other answers that are made at a time; others wait. Whoever leaves while waiting is forgotten.
    pub makers: usize,
    /// Bytes of large answers, of more than a MiB, that are held at a time until they were taken in. Who asks for one
    /// more is told to come back later.
    pub held: u64,
    /// How often a live stream says that it is alive.
    pub beat: Duration,
    /// How long a running check and open connections are waited for at the end.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            streams: 32,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            write: Duration::from_secs(30),
            makers: 6,
            held: 256 * 1024 * 1024,
            beat: Duration::from_secs(15),
            farewell: Duration::from_secs(5),
        }
    }
}

/// The console over one project. Copies are of the same console.
#[derive(Clone)]
pub struct Console {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) access: Access,
    pub(crate) runs: Runs,
    pub(crate) limits: Limits,
    /// Places for live streams.
    pub(crate) streams: Arc<Semaphore>,
    /// Places for those who make answers.
    makers: Arc<Semaphore>,
    /// Room for large answers.
    room: Room,
    /// Becomes true when the console is asked to stop.
    pub(crate) stopping: watch::Sender<bool>,
}

impl Console {
    /// Makes the first one-time link, of which the host is told. It fails without an address, with two addresses
    /// that differ only in their scheme, and where the system has no randomness.
    pub fn new(host: Arc<dyn Host>, options: Options) -> Result<Self, Failure> {
        Self::with_limits(host, options, Limits::default())
    }

    /// The same with other limits.
    pub fn with_limits(host: Arc<dyn Host>, options: Options, limits: Limits) -> Result<Self, Failure> {
        let access = Access::new(&*host, options)?;
        let places = |count| Arc::new(Semaphore::new(count));
        Ok(Self {
            inner: Arc::new(Inner {
                host,
                access,
                runs: Runs::new(),
                streams: places(limits.streams),
                makers: places(limits.makers),
                room: Room::new(limits.held),
                stopping: watch::Sender::new(false),
                limits,
            }),
        })
    }

    /// Shows a report that the caller has made, such as that of the first run.
    pub fn show(&self, report: Report) {
        self.inner.runs.show(report);
    }

    /// Starts a check in the background, unless one is running or the console is about to stop; says whether it did.
    pub fn start_check(&self) -> bool {
        !*self.inner.stopping.borrow() && self.inner.runs.start(&self.inner.host)
    }

    /// The one-time link in force: the whole address. Each use makes another, of which the host is told.
    pub fn link(&self) -> String {
        self.inner.access.link.text()
    }

    /// Answers those who connect to `listener` until `stop` is done. Then live streams end, a running check is asked
    /// to stop, and both it and the open connections are waited for, though not for long. It fails only where no
    /// connection can be accepted any more.
    pub async fn serve(
        &self,
        listener: tokio::net::TcpListener,
        stop: impl Future<Output = ()>,
    ) -> std::io::Result<()> {
        listen::serve(self, listener, stop).await
    }

    /// Everything that the console answers, with all of its refusals, for a caller that has the connections. Blocking
    /// work is done on the threads of the tokio runtime that polls it.
    pub fn service(&self) -> Router {
        routes::router(self)
    }
}
