//! What a page is told while it is open: server-sent events (WHATWG HTML, 9.2).

use std::convert::Infallible;

use axum::{
    Extension,
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER},
    },
    response::{IntoResponse as _, Response, Sse, sse::Event},
};
use serde::Serialize;
use serde_json::json;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Instant, interval_at, timeout},
};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    access::Session,
    refusal::{Reader, Refusal},
    run::{Progress, RunState},
    server::{Came, Console},
};

/// Events that wait for a slow reader; what comes later waits for these.
const WAITING: usize = 4;

/// `GET /events`
pub(crate) async fn events(State(console): State<Console>, Extension(came): Extension<Came>) -> Response {
    let (Some(session), Ok(place)) = (came.session, console.inner.streams.clone().try_acquire_owned()) else {
        return full().into_response(Reader::Program);
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(tell(console, session, sender, place));
    let mut response = Sse::new(ReceiverStream::new(receiver)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Tells one reader until it leaves, its session ends, it no longer reads, or the console stops. The
/// place among the streams is held for as long.
async fn tell(
    console: Console,
    session: Session,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    _place: OwnedSemaphorePermit,
) {
    let inner = &console.inner;
    let mut changes = inner.runs.changes();
    let mut stopping = inner.stopping.subscribe();
    let beat = inner.limits.beat;
    let mut beats = interval_at(Instant::now() + beat, beat);
    let mut told = Told::default();
    let mut news = told.of(&changes.borrow_and_update().run);
    loop {
        for event in news.drain(..) {
            if !inner.access.sessions.goes_on(&session.key, inner.host.now()) {
                return;
            }
            let sent = tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => return,
                sent = timeout(beat, sender.send(Ok(event))) => sent,
            };
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
        news = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = sender.closed() => return,
            _ = changes.changed() => told.of(&changes.borrow_and_update().run),
            _ = beats.tick() => vec![Event::default().comment("")],
        };
    }
}

/// What a reader was told last.
#[derive(Debug, Default)]
struct Told {
    generation: Option<u64>,
    running: Option<Progress>,
}

impl Told {
    /// The events that lead from there to `run`. How the newest run ended comes before how far the next has come.
    fn of(&mut self, run: &RunState) -> Vec<Event> {
        let mut events = Vec::new();
        if self.generation != Some(run.generation) {
            self.generation = Some(run.generation);
            let generation = run.generation;
            events.push(match &run.failure {
                Some(failure) => {
                    event("failed", &json!({ "generation": generation, "message": failure.message }))
                }
                None => event("done", &json!({ "generation": generation })),
            });
        }
        if self.running != run.running {
            self.running.clone_from(&run.running);
            events.extend(run.running.iter().map(|progress| event("progress", progress)));
        }
        events
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // JSON on one line: a line break in a text is written as an escape.
    Event::default().event(name).data(serde_json::to_string(data).expect("texts and numbers are always JSON"))
}

fn full() -> Refusal {
    let more = "Close the console in another tab, or reload the page to see what is new.";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are watching already.", more)
        .with(RETRY_AFTER, "60")
}

#[cfg(test)]
mod tests {
    use bartizan_finding::Timestamp;

    use super::*;
    use crate::host::Failure;

    /// The names of the events.
    fn names(events: &[Event]) -> Vec<&'static str> {
        let texts = events.iter().map(|event| format!("{event:?}"));
        texts
            .map(|text| {
                ["done", "failed", "progress"]
                    .into_iter()
                    .find(|name| text.contains(&format!("event: {name}")))
                    .unwrap_or("none")
            })
            .collect()
    }

    #[test]
    fn a_reader_hears_of_every_end_and_then_of_what_goes_on() {
        let mut told = Told::default();
        let mut run = RunState::default();
        assert_eq!(names(&told.of(&run)), ["done"]);
        assert_eq!(names(&told.of(&run)), [""; 0]);
        run.running = Some(Progress {
            started: Timestamp::UNIX_EPOCH,
            stage: "load",
            files: 0,
            bytes: 0,
            files_done: 0,
            bytes_done: 0,
            cancelling: false,
        });
        assert_eq!(names(&told.of(&run)), ["progress"]);
        assert_eq!(names(&told.of(&run)), [""; 0]);
        run.generation = 1;
        run.failure = Some(Failure::new("no"));
        run.running.as_mut().unwrap().stage = "plan";
        assert_eq!(names(&told.of(&run)), ["failed", "progress"]);
        (run.generation, run.failure, run.running) = (2, None, None);
        assert_eq!(names(&told.of(&run)), ["done"]);
    }
}
