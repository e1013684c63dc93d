use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use bartizan_report::v1::Report;
use tokio::sync::watch;

use super::{RunState, meter::Meter};
use crate::{
    host::{Failure, Host},
    snapshot::Snapshot,
};

/// How often those who watch a run are told, at most.
const PACE: Duration = Duration::from_millis(100);

/// The runs of the project, one at a time. Copies are of the same runs.
#[derive(Clone)]
pub(crate) struct Runs {
    current: watch::Sender<Current>,
}

/// What is known now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Current {
    /// What is running, and how the last run failed.
    pub(crate) run: RunState,
    /// The newest finished run.
    pub(crate) snapshot: Option<Arc<Snapshot>>,
    /// What the running check counts on; there is one exactly while a check runs.
    meter: Option<Arc<Meter>>,
}

impl Runs {
    pub(crate) fn new() -> Self {
        Self { current: watch::Sender::new(Current::default()) }
    }

    /// What is known now.
    pub(crate) fn current(&self) -> Current {
        self.current.borrow().clone()
    }

    /// Tells of every change from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<Current> {
        self.current.subscribe()
    }

    /// Starts a check, unless one is running; says whether it did.
    pub(crate) fn start(&self, host: &Arc<dyn Host>) -> bool {
        let meter = Arc::new(Meter::new(host.now()));
        let starts = self.current.send_if_modified(|current| {
            let free = current.meter.is_none();
            if free {
                current.run.running = Some(meter.progress());
                current.meter = Some(meter.clone());
            }
            free
        });
        if !starts {
            return false;
        }
        let (runs, host) = (self.clone(), host.clone());
        let work = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| host.check(&*meter).map(Snapshot::new)));
            let broken = || Failure::new("the check broke off because of a fault in Bartizan");
            runs.end(outcome.unwrap_or_else(|_| Err(broken())));
        };
        // A thread of its own: a check takes long, and the threads that render pages are few.
        if let Err(error) = thread::Builder::new().name("check".to_owned()).spawn(work) {
            self.end(Err(Failure::new(format!("cannot start a check: {error}"))));
        }
        true
    }

    /// Asks the running check to stop; says whether there is one.
    pub(crate) fn cancel(&self) -> bool {
        self.current.send_if_modified(|current| {
            let Current { run: RunState { running: Some(progress), .. }, meter: Some(meter), .. } = current
            else {
                return false;
            };
            meter.cancel();
            *progress = meter.progress();
            true
        })
    }

    /// Takes in a report that somebody else made.
    pub(crate) fn show(&self, report: Report) {
        let snapshot = Arc::new(Snapshot::new(report));
        let mut older = None;
        self.current.send_modify(|current| {
            current.run.generation += 1;
            current.run.failure = None;
            older = current.snapshot.replace(snapshot);
        });
        // A large report is let go of here, after the lock.
        drop(older);
    }

    /// Waits until no check is running.
    pub(crate) async fn rest(&self) {
        let mut changes = self.changes();
        // The sender is ours, so that it cannot be gone.
        let _ = changes.wait_for(|current| current.meter.is_none()).await;
    }

    /// Tells those who watch how far the running check has come, for as long as it is polled.
    pub(crate) async fn tell(&self) {
        let mut changes = self.changes();
        loop {
            let running = changes.borrow_and_update().meter.is_some();
            if running {
                tokio::time::sleep(PACE).await;
                self.current.send_if_modified(|current| {
                    let progress = current.meter.as_ref().map(|meter| meter.progress());
                    let is_news = progress != current.run.running;
                    current.run.running = progress;
                    is_news
                });
            } else if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn end(&self, outcome: Result<Snapshot, Failure>) {
        let ended = |current: &mut Current, failure| {
            current.run.generation += 1;
            current.run.running = None;
            current.run.failure = failure;
            current.meter = None;
        };
        match outcome {
            Ok(snapshot) => {
                let mut older = None;
                self.current.send_modify(|current| {
                    ended(current, None);
                    older = current.snapshot.replace(Arc::new(snapshot));
                });
                drop(older);
            }
            Err(failure) => self.current.send_modify(|current| ended(current, Some(failure))),
        }
    }
}
