//! What is too much, and what is too slow.

use std::{
    io::{Read as _, Write as _},
    time::Duration,
};

use bartizan_console::Limits;

use crate::{
    client::{Server, limits},
    host::Check,
    reports::{SMALL, report},
};

#[test]
fn heads_and_queries_have_a_length() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let query = |length: usize| format!("/findings?q={}", "a".repeat(length - 2));
    assert_eq!(visitor.get(&query(8 * 1024)).send().status, 200);
    let answer = visitor.get(&query(8 * 1024 + 1)).send();
    assert_eq!(answer.status, 414, "{answer:?}");
    let answer = visitor.get("/").with("x-long", &"a".repeat(16 * 1024)).send();
    assert_eq!(answer.status, 431, "{answer:?}");
    assert_eq!(visitor.get("/").with("x-long", &"a".repeat(12 * 1024)).send().status, 200);
    let many = "x-one: 1\r\n".repeat(200);
    let answer = server.raw(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes());
    assert_eq!(answer.status, 431, "{answer:?}");
}

#[test]
fn bodies_have_a_length() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let form =
        |length: usize| format!("csrf={}&a={}", visitor.csrf, "a".repeat(length - visitor.csrf.len() - 8));
    assert_eq!(visitor.request("POST", "/run").form(&form(64 * 1024)).send().status, 303);
    let answer = visitor.request("POST", "/run").form(&form(64 * 1024 + 1)).send();
    assert_eq!(answer.status, 413, "{answer:?}");
    // The length is a promise; what comes counts, and nothing is set aside for what is promised.
    let lying = visitor.request("POST", "/run").with("content-length", "999999999999999").bytes();
    assert_eq!(server.raw(&lying).status, 413);
    let mut chunked = visitor.request("POST", "/run").with("transfer-encoding", "chunked").bytes();
    for _ in 0..40 {
        chunked.extend_from_slice(b"800\r\n");
        chunked.extend_from_slice(&[b'a'; 0x800]);
        chunked.extend_from_slice(b"\r\n");
    }
    assert_eq!(server.raw(&chunked).status, 413);
    for broken in ["zz\r\nabc", "ffffffffffffffffff\r\nabc", "3\r\nabcd\r\n0\r\n\r\n"] {
        let mut request = visitor.request("POST", "/run").with("transfer-encoding", "chunked").bytes();
        request.extend_from_slice(broken.as_bytes());
        let answer = server.raw(&request);
        assert_eq!((answer.status, answer.header("connection")), (400, Some("close")), "{broken:?}");
    }
}

#[test]
fn who_is_slow_is_not_waited_for() {
    let server = Server::with(Check::Finishes, Limits { head: Duration::from_millis(200), ..limits() }, &[]);
    server.console.show(report(SMALL));
    let mut rest = [0; 64];
    for start in ["", "GET", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = server.connect();
        stream.write_all(start.as_bytes()).unwrap();
        // It ends of itself, with words or without.
        while !matches!(stream.read(&mut rest), Ok(0) | Err(_)) {}
    }
    let visitor = server.enter();
    let slow = visitor.request("POST", "/run").with("content-length", "100").bytes();
    let answer = server.raw(&slow);
    assert_eq!(answer.status, 408, "{answer:?}");
}

#[test]
fn one_connection_too_many_is_turned_away() {
    let server = Server::with(Check::Finishes, Limits { connections: 2, ..limits() }, &[]);
    server.console.show(report(SMALL));
    let open: Vec<_> = (0..2).map(|_| server.connect()).collect();
    // The third is told so whenever it comes after the others.
    let answer = server.raw(b"");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    drop(open);
    let again = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        server.get("/healthz").send().status == 204
    });
    assert!(again);
}

#[test]
fn what_is_no_http_is_not_answered_as_if_it_were() {
    let server = Server::new(Check::Finishes);
    for request in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET /\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n x: y\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"\r\n\r\n\r\n\r\nx",
        b"GET / HTTP/1.1\r\nx: a\r\n b\r\n\r\n",
        b"GET / HTTP/1.1\r\nx: a\rb: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nx: a\x00b\r\n\r\n",
        b"GET /\xfc HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: xchunked\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked, identity\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: +1\r\n\r\na",
        b"POST / HTTP/1.1\r\ncontent-length: 1, 1\r\n\r\na",
        b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let shown = String::from_utf8_lossy(request);
        let mut stream = server.connect();
        stream.write_all(request).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut part = [0; 4096];
        let read = stream.read(&mut part).unwrap_or(0);
        let answer = String::from_utf8_lossy(&part[..read]);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{shown:?}: {answer:?}");
    }
    assert_eq!(server.get("/healthz").send().status, 204);
}

/// What a server before the console and the console itself could take for two requests and for one.
#[test]
fn a_body_is_never_taken_for_the_next_request() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let inner = server.get("/healthz").bytes();
    let answers = |request: &[u8]| {
        let mut stream = server.connect();
        stream.write_all(request).unwrap();
        let mut all = Vec::new();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let _ = stream.read_to_end(&mut all);
        String::from_utf8_lossy(&all).matches("HTTP/1.1 ").count()
    };
    let length = inner.len().to_string();
    let read = visitor.get("/about").with("content-length", &length).bytes();
    let refused = server.request("POST", "/run").with("content-length", &length).bytes();
    for request in [read, refused] {
        assert_eq!(answers(&[request, inner.clone()].concat()), 1);
    }
    // With both lengths the chunks count, and the connection does not go on.
    let both = visitor.request("POST", "/run/cancel").with("x-csrf-token", &visitor.csrf);
    let both = both.with("content-length", "4").with("transfer-encoding", "chunked").bytes();
    assert_eq!(answers(&[both, b"0\r\n\r\n".to_vec(), inner.clone()].concat()), 1);
    // A trailer is not a header.
    let trailers = visitor.request("POST", "/run/cancel").with("transfer-encoding", "chunked");
    let trailers = trailers.with("connection", "close").bytes();
    let trailers = [trailers, format!("0\r\nx-csrf-token: {}\r\n\r\n", visitor.csrf).into_bytes()].concat();
    assert_eq!(server.raw(&trailers).status, 403);
}
