//! What open pages are told.

use std::sync::atomic::Ordering::SeqCst;

use bartizan_console::Limits;

use crate::{
    client::{Server, limits},
    host::Check,
    reports::{SMALL, report},
};

#[test]
fn a_reader_hears_the_state_at_once_and_then_every_change() {
    let server = Server::new(Check::Waits);
    let visitor = server.enter();
    let mut events = visitor.get("/events").open();
    assert_eq!(events.line("HTTP/1.1"), Some("HTTP/1.1 200 OK".to_owned()));
    assert_eq!(events.line("content-type"), Some("content-type: text/event-stream".to_owned()));
    assert_eq!(events.event(), Some(("done".to_owned(), serde_json::json!({ "generation": 1 }))));
    assert!(server.console.start_check());
    let (name, progress) = events.event().unwrap();
    assert_eq!((name.as_str(), &progress["cancelling"]), ("progress", &false.into()));
    let mut late = visitor.get("/events").open();
    assert_eq!(late.event().unwrap().0, "done");
    assert_eq!(late.event().unwrap().0, "progress");
    server.host.go.store(true, SeqCst);
    for events in [&mut events, &mut late] {
        let mut before = 0;
        loop {
            let (name, data) = events.event().unwrap();
            if name != "progress" {
                assert_eq!((name.as_str(), data), ("done", serde_json::json!({ "generation": 2 })));
                break;
            }
            let bytes = data["bytes_done"].as_u64().unwrap();
            assert!(bytes >= before, "{bytes} after {before}");
            before = bytes;
        }
    }
}

#[test]
fn a_reader_hears_why_a_run_failed() {
    let server = Server::new(Check::Fails);
    let visitor = server.enter();
    let mut events = visitor.get("/events").open();
    assert_eq!(events.event().unwrap().0, "done");
    assert!(server.console.start_check());
    let failed = loop {
        let (name, data) = events.event().unwrap();
        if name != "progress" {
            break (name, data);
        }
    };
    let expected = serde_json::json!({ "generation": 2, "message": "the project file has faults" });
    assert_eq!(failed, ("failed".to_owned(), expected));
    server.console.show(report(SMALL));
    assert_eq!(events.event(), Some(("done".to_owned(), serde_json::json!({ "generation": 3 }))));
}

#[test]
fn a_quiet_stream_shows_that_it_is_alive() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let mut events = visitor.get("/events").open();
    for _ in 0..3 {
        assert!(events.line(":").is_some());
    }
}

#[test]
fn a_stream_ends_with_its_session() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let mut events = visitor.get("/events").with("connection", "close").open();
    assert!(events.event().is_some());
    assert_eq!(visitor.post("/leave").send().status, 200);
    server.console.show(report(SMALL));
    assert_eq!(events.event(), None);
    let visitor = server.enter();
    let mut events = visitor.get("/events").with("connection", "close").open();
    assert!(events.event().is_some());
    server.host.pass(3_601);
    assert_eq!(events.event(), None, "watching is not using");
    let visitor = server.enter();
    server.host.pass(3_000);
    assert!(visitor.get("/events").with("connection", "close").open().event().is_some());
    server.host.pass(3_000);
    assert_eq!(visitor.get("/").send().status, 401, "neither is watching again");
}

#[test]
fn streams_are_counted_and_given_back() {
    let server = Server::with(Check::Finishes, Limits { streams: 2, ..limits() }, &[]);
    server.console.show(report(SMALL));
    let visitor = server.enter();
    let mut open: Vec<_> = (0..2).map(|_| visitor.get("/events").open()).collect();
    for events in &mut open {
        assert!(events.event().is_some());
    }
    let refused = visitor.get("/events").send();
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("60")));
    assert_eq!(visitor.get("/").send().status, 200, "pages go on");
    drop(open);
    // The server notices with its next sign of life.
    let again = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        visitor.get("/events").open().line("HTTP/1.1").unwrap().contains("200")
    });
    assert!(again);
}

#[test]
fn streams_end_when_the_console_does() {
    let mut server = Server::new(Check::Finishes);
    let cookie = server.enter().cookie;
    let mut events = server.get("/events").with("cookie", &cookie).open();
    assert!(events.event().is_some());
    let idle = server.connect();
    server.stop();
    assert_eq!(events.event(), None);
    drop(idle);
}
