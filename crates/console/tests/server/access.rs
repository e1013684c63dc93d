//! Who is answered at all.

use crate::{
    client::{Server, limits},
    host::Check,
};

#[test]
fn only_the_console_s_own_addresses_are_answered() {
    let server = Server::new(Check::Finishes);
    let port = server.address.port();
    let visitor = server.enter();
    for (host, answered) in [
        (format!("127.0.0.1:{port}"), true),
        (format!("localhost:{port}"), true),
        (format!("LocalHost:{port}"), true),
        (format!("[::1]:{port}"), true),
        ("127.0.0.1".to_owned(), false),
        (format!("127.0.0.1:{}", port ^ 1), false),
        (format!("127.0.0.2:{port}"), false),
        (format!("rebound.example.com:{port}"), false),
        (format!("127.0.0.1:{port}@example.com"), false),
        (format!("127.0.0.1:{port}."), false),
        (format!("127.0.0.1:{port}, localhost:{port}"), false),
        (String::new(), false),
        ("null".to_owned(), false),
    ] {
        for path in ["/", "/healthz", "/icon.svg", "/api/v1/report", "/static/x/y", "/no-such-page"] {
            let answer = visitor.get(path).host(Some(&host)).send();
            assert_eq!(answer.status != 421, answered, "{host} {path}: {answer:?}");
        }
    }
    assert_eq!(visitor.get("/").host(None).send().status, 421);
    assert_eq!(visitor.get("/").with("host", &server.authority).send().status, 421, "two of them");
    let way_in = server.way_in();
    assert_eq!(server.get(&way_in).host(Some("example.com")).send().status, 421);
    assert_eq!(server.get(&way_in).send().status, 303, "the refusal has not used it up");
}

#[test]
fn a_whole_address_in_the_request_line_must_be_ours_too() {
    let server = Server::new(Check::Finishes);
    let authority = &server.authority;
    for (target, host, status) in [
        (format!("http://{authority}/healthz"), authority.as_str(), 204),
        ("http://example.com/healthz".to_owned(), authority, 421),
        (format!("http://{authority}/healthz"), "example.com", 421),
        (format!("http://localhost:{}/healthz", server.address.port()), authority, 421),
        (format!("http://a@{authority}/healthz"), authority, 421),
    ] {
        let answer = server.get(&target).host(Some(host)).send();
        assert_eq!(answer.status, status, "{target} {host}: {answer:?}");
    }
    let old = server.raw(b"GET /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(old.status, 421, "{old:?}");
    let tunnel = server.request("CONNECT", "example.com:443").send();
    assert_eq!(tunnel.status, 421, "{tunnel:?}");
}

#[test]
fn a_foreign_origin_is_answered_nothing() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let ours = format!("http://{}", server.authority);
    for (origin, answered) in [
        (ours.as_str(), true),
        ("null", false),
        ("http://example.com", false),
        ("http://127.0.0.1", false),
        (&format!("https://{}", server.authority), false),
        (&format!("{ours}/"), false),
        (&format!("{ours} {ours}"), false),
    ] {
        let answer = visitor.get("/api/v1/summary").with("origin", origin).send();
        assert_eq!(answer.status, if answered { 200 } else { 421 }, "{origin}: {answer:?}");
    }
    let twice = visitor.get("/").with("origin", &ours).with("origin", &ours).send();
    assert_eq!(twice.status, 421);
}

/// What a page elsewhere may make a browser do, even if the browser sent the cookie along.
#[test]
fn another_site_may_lead_a_person_here_and_no_more() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for (path, site, mode, dest, status) in [
        ("/", "cross-site", "navigate", "document", 200),
        ("/", "cross-site", "navigate", "iframe", 403),
        ("/", "cross-site", "no-cors", "image", 403),
        ("/api/v1/report", "cross-site", "no-cors", "script", 403),
        ("/api/v1/report", "same-site", "cors", "empty", 403),
        ("/events", "cross-site", "cors", "empty", 403),
        ("/icon.svg", "cross-site", "no-cors", "image", 403),
        ("/", "none", "navigate", "document", 200),
        ("/", "same-origin", "navigate", "document", 200),
    ] {
        let request = visitor.get(path).with("sec-fetch-site", site).with("sec-fetch-mode", mode);
        let answer = request.with("sec-fetch-dest", dest).send();
        assert_eq!(answer.status, status, "{path} {site} {mode} {dest}: {answer:?}");
    }
}

#[test]
fn nothing_changes_without_a_proof_that_the_form_is_ours() {
    let mut server = Server::new(Check::Finishes);
    server.authority = format!("localhost:{}", server.address.port());
    let (visitor, other) = (server.enter(), server.enter());
    let here = format!("http://localhost:{}", server.address.port());
    let there = format!("http://127.0.0.1:{}", server.address.port());
    let good = format!("csrf={}", visitor.csrf);
    let send = |origin: &str, site: &str, form: &str| {
        let mut request = server.request("POST", "/run").with("cookie", &visitor.cookie);
        if !origin.is_empty() {
            request = request.with("origin", origin);
        }
        if !site.is_empty() {
            request = request.with("sec-fetch-site", site);
        }
        request.form(form).send().status
    };
    for (origin, site, form, status) in [
        (here.as_str(), "same-origin", "", 403),
        (&here, "same-origin", "csrf=", 403),
        (&here, "same-origin", "csrf=wrong", 403),
        (&here, "same-origin", &format!("csrf={}", other.csrf), 403),
        (&here, "same-origin", &format!("csrf=&other={}", visitor.csrf), 403),
        (&here, "same-origin", good.strip_suffix(|_| true).unwrap(), 403),
        ("", "", &good, 403),
        ("", "none", &good, 403),
        ("", "same-site", &good, 403),
        ("", "cross-site", &good, 403),
        (&here, "cross-site", &good, 403),
        (&there, "same-site", &good, 403),
        (&there, "", &good, 403),
        ("http://example.com", "cross-site", &good, 421),
        ("null", "cross-site", &good, 421),
    ] {
        assert_eq!(send(origin, site, form), status, "{origin} {site} {form}");
    }
    assert_eq!(server.host.checks.load(std::sync::atomic::Ordering::SeqCst), 0, "nothing was started");
    for (origin, site) in [(here.as_str(), "same-origin"), (&here, ""), ("", "same-origin")] {
        assert_eq!(send(origin, site, &good), 303, "{origin} {site}");
    }
    // A form of another media type is what a foreign page could send without being asked; it proves nothing.
    let plain = server.request("POST", "/run").with("cookie", &visitor.cookie).with("origin", &here);
    let plain = plain.with("content-length", &good.len().to_string()).with("content-type", "text/plain");
    assert_eq!(
        server.raw(&[plain.with("connection", "close").bytes(), good.into_bytes()].concat()).status,
        403
    );
    let header = server.request("POST", "/run").with("cookie", &visitor.cookie).with("origin", &here);
    assert_eq!(header.with("x-csrf-token", &visitor.csrf).send().status, 303);
}

#[test]
fn who_has_not_come_in_is_told_how_and_nothing_of_the_project() {
    let server = Server::new(Check::Finishes);
    for (method, path, status) in [
        ("GET", "/", 401),
        ("GET", "/findings", 401),
        ("GET", "/no-such-page", 401),
        ("GET", "/events", 401),
        ("GET", "/api/v1/report", 401),
        ("GET", "/api/v1/no-such-thing", 401),
        ("GET", "/api/openapi.json", 401),
        ("POST", "/run", 403),
        ("GET", "/leave", 401),
        ("OPTIONS", "/api/v1/runs", 403),
        ("TRACE", "/", 403),
        ("BREW", "/", 403),
        ("GET", "/healthz", 204),
        ("GET", "/icon.svg", 200),
        ("GET", "/static/0/console.css", 404),
        ("GET", "/enter", 403),
    ] {
        let answer = server.request(method, path).send();
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(!answer.text().contains("helpdesk"), "{method} {path}: {answer:?}");
        assert!(!answer.text().contains("failing"), "{method} {path}: {answer:?}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
    let posted = server.request("POST", "/run").with("origin", &format!("http://{}", server.authority));
    assert_eq!(posted.form("csrf=x").send().status, 401);
    let page = server.get("/").send();
    assert!(page.text().contains("bartizan up"), "{page:?}");
    let problem = server.get("/api/v1/report").send();
    assert_eq!(problem.header("content-type"), Some("application/problem+json"));
    let problem: serde_json::Value = serde_json::from_slice(&problem.body).unwrap();
    assert_eq!(problem["status"], 401);
    assert_eq!(problem["title"], "Unauthorized");
}

#[test]
fn a_console_needs_addresses_that_can_be_told_apart() {
    use std::{sync::Arc, time::Duration};

    use bartizan_console::{Console, Options};

    let made = |origins: &[&str]| {
        let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        let host = Arc::new(crate::host::FakeHost::new(Check::Finishes));
        Console::with_limits(host, Options { origins, idle: Duration::from_secs(1) }, limits())
    };
    assert!(made(&[]).is_err());
    assert!(made(&["http://localhost:8443", "https://localhost:8443"]).is_err());
    let console =
        made(&["https://b.example.com", "http://localhost"]).unwrap_or_else(|error| panic!("{error}"));
    assert!(console.link().starts_with("https://b.example.com/enter?token="), "{}", console.link());
}
