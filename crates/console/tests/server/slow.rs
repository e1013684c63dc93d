//! Those who ask for much and take it in slowly, or never.

use std::{
    io::Write as _,
    net::TcpStream,
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use bartizan_console::Limits;

use crate::{
    client::{Server, Visitor, limits},
    host::Check,
    reports::{SMALL, Size, report},
};

/// A report of several MiB as JSON: more than the system holds for a connection.
const LARGE: Size = Size { findings: 10_000, ..SMALL };

fn server(limits: Limits) -> Server {
    let server = Server::with(Check::Finishes, limits, &[]);
    server.console.show(report(LARGE));
    server
}

/// Somebody who asks for the whole report and reads nothing of it.
fn asks_and_never_reads(server: &Server, visitor: &Visitor<'_>) -> TcpStream {
    let mut stream = server.connect();
    for _ in 0..4 {
        stream.write_all(&visitor.get("/api/v1/report").bytes()).unwrap();
    }
    stream
}

/// Waits until something is so.
fn comes(what: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !what() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

#[test]
fn who_never_reads_does_not_keep_a_connection() {
    let server = server(Limits { connections: 2, write: Duration::from_millis(500), ..limits() });
    let visitor = server.enter();
    let held: Vec<_> = (0..2).map(|_| asks_and_never_reads(&server, &visitor)).collect();
    assert!(comes(|| server.get("/healthz").send().status == 503), "both connections are taken");
    assert!(comes(|| server.get("/healthz").send().status == 204), "they were taken away");
    drop(held);
}

#[test]
fn large_answers_that_wait_take_room_and_give_it_back() {
    let server = server(Limits { held: 4 * 1024 * 1024, ..limits() });
    let visitor = server.enter();
    let whole = visitor.get("/api/v1/report").send();
    assert!(whole.body.len() > 4 * 1024 * 1024, "{}", whole.body.len());
    assert_eq!(whole.header("content-length"), Some(whole.body.len().to_string().as_str()));
    let slow = asks_and_never_reads(&server, &visitor);
    assert!(comes(|| visitor.get("/api/v1/report").send().status == 503));
    let refused = visitor.get("/api/v1/report").send();
    assert_eq!(refused.header("retry-after"), Some("10"), "{refused:?}");
    assert_eq!(visitor.get("/").send().status, 200, "pages go on");
    drop(slow);
    assert!(comes(|| visitor.get("/api/v1/report").send().status == 200));
}

#[test]
fn who_leaves_before_it_is_their_turn_costs_nothing() {
    let server = Server::with(Check::Finishes, Limits { makers: 1, ..limits() }, &[]);
    server.console.show(report(SMALL));
    let visitor = server.enter();
    let (host, request) = (&server.host, visitor.get("/api/v1/rules").bytes());
    host.thinks.store(true, SeqCst);
    let ask = || {
        let mut stream = server.connect();
        stream.write_all(&request).unwrap();
        stream
    };
    let first = ask();
    assert!(comes(|| host.asked.load(SeqCst) == 1));
    let others: Vec<_> = (0..20).map(|_| ask()).collect();
    thread::sleep(Duration::from_millis(200));
    drop(others);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(server.get("/healthz").send().status, 204, "what needs no thread goes on");
    host.thinks.store(false, SeqCst);
    assert_eq!(visitor.get("/api/v1/runs").send().status, 200);
    assert_eq!(host.asked.load(SeqCst), 1, "nobody waits for the others");
    drop(first);
}

#[test]
fn many_at_once_are_all_answered() {
    let server = server(limits());
    let visitor = server.enter();
    let paths = ["/", "/findings", "/findings?format=csv", "/controls", "/api/v1/findings?limit=1000"];
    thread::scope(|scope| {
        for at in 0..50 {
            let visitor = &visitor;
            scope.spawn(move || {
                let path = paths[at % paths.len()];
                assert_eq!(visitor.get(path).send().status, 200, "{path}");
            });
        }
    });
}
