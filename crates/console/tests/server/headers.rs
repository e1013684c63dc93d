//! What every answer tells the browser.

use crate::{
    client::{Answer, Server, limits},
    host::Check,
    reports::{SMALL, report},
};

const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const DATA: &str = "default-src 'none'; frame-ancestors 'none'";

fn sealed(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {answer:?}");
    }
    assert!(answer.header("permissions-policy").unwrap().contains("camera=()"), "{what}");
    assert_eq!(answer.header("server"), None, "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
}

#[test]
fn every_answer_is_sealed() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let way_in = server.way_in();
    for (answer, policy) in [
        (visitor.get("/").send(), PAGE),
        (visitor.get("/no-such-page").send(), PAGE),
        (server.get("/").send(), PAGE),
        (server.get("/").host(Some("example.com")).send(), PAGE),
        (server.get("/enter?token=wrong").send(), PAGE),
        (visitor.request("POST", "/run").send(), PAGE),
        (visitor.request("POST", "/about").with("x-csrf-token", &visitor.csrf).send(), PAGE),
        (visitor.request("HEAD", "/").with("cookie", "a=b").send(), PAGE),
        (visitor.get(&format!("/findings?{}", "a".repeat(9_000))).send(), PAGE),
        (server.get("/api/v1/report").send(), DATA),
        (visitor.get("/api/v1/report").send(), DATA),
        (visitor.get("/api/openapi.json").send(), DATA),
        (visitor.get("/api/v1/no-such-thing").send(), DATA),
        (visitor.post("/run").send(), DATA),
        (server.get("/healthz").send(), DATA),
        (server.get(&way_in).send(), DATA),
    ] {
        let what = format!("{answer:?}");
        sealed(&answer, &what);
        assert_eq!(answer.header("content-security-policy"), Some(policy), "{what}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("strict-transport-security"), None, "{what}");
    }
    let icon = server.get("/icon.svg").send();
    sealed(&icon, "icon");
    assert_eq!(icon.header("content-type"), Some("image/svg+xml"));
    let stream = visitor.get("/events").open().line("cache-control");
    assert_eq!(stream.as_deref(), Some("cache-control: no-store"));
}

#[test]
fn tls_is_asked_to_stay_where_it_is() {
    let server = Server::with(Check::Finishes, limits(), &["https://b.example.com"]);
    server.console.show(report(SMALL));
    for path in ["/", "/healthz", "/api/v1/report"] {
        let answer = server.get(path).host(Some("b.example.com")).send();
        sealed(&answer, path);
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=63072000"), "{path}");
    }
}

#[test]
fn files_are_kept_by_browsers_and_change_their_address() {
    let server = Server::new(Check::Finishes);
    // Their addresses stand on every page; that of the style sheet also on one that refuses.
    assert!(server.get("/").send().text().contains("/console.css"));
    let page = server.enter().get("/").send().text();
    for (name, media_type) in
        [("console.css", "text/css; charset=utf-8"), ("console.js", "text/javascript; charset=utf-8")]
    {
        let (before, _) = page.split_once(name).unwrap();
        let (_, hash) = before.rsplit_once("/static/").unwrap();
        let path = format!("/static/{hash}{name}");
        let answer = server.get(&path).send();
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        sealed(&answer, &path);
        let tag = answer.header("etag").unwrap();
        let known = server.get(&path).with("if-none-match", tag).send();
        assert_eq!((known.status, known.body.len()), (304, 0));
        assert_eq!(server.get(&path.replace("/static/", "/static/0")).send().status, 404);
    }
    for path in ["/static/", "/static/x/y", "/static/../x", "/static/%2e%2e/%2e%2e/etc/passwd"] {
        assert_eq!(server.get(path).send().status, 404, "{path}");
    }
}

#[test]
fn a_head_is_an_answer_without_its_body() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for path in ["/", "/about", "/api/v1/report", "/icon.svg", "/no-such-page"] {
        let whole = visitor.get(path).send();
        let head = server.request("HEAD", path).with("cookie", &visitor.cookie).send();
        assert_eq!((head.status, head.body.len()), (whole.status, 0), "{path}");
        assert_eq!(head.header("content-length"), whole.header("content-length"), "{path}");
    }
}

#[test]
fn methods_that_an_address_does_not_answer_to_are_named() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for (method, path, allowed) in [
        ("POST", "/about", "GET,HEAD"),
        ("DELETE", "/", "GET,HEAD"),
        ("PUT", "/api/v1/runs", "POST"),
        ("GET", "/run", "POST"),
        ("GET", "/leave", "POST"),
    ] {
        let request = if method == "GET" { visitor.get(path) } else { visitor.request(method, path) };
        let answer = request.with("x-csrf-token", &visitor.csrf).send();
        assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
        assert!(answer.header("allow").unwrap().contains(allowed), "{method} {path}: {answer:?}");
        let kind =
            if path.starts_with("/api/") { "application/problem+json" } else { "text/html; charset=utf-8" };
        assert_eq!(answer.header("content-type"), Some(kind));
    }
}

#[test]
fn a_path_is_decoded_once_and_never_trusted() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for path in [
        "/findings/%FF",
        "/api/v1/findings/%FF",
        "/api/v1/findings/..%2F..%2Fetc",
        "/api/v1/findings/%00",
        "/api/v1/rules/%3Cscript%3E",
        "/api/v1/log/entries/-1",
        "/api/v1/log/entries/18446744073709551616",
        "//",
        "/./",
        "/findings/../../",
    ] {
        let answer = visitor.get(path).send();
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert!(!answer.text().contains("<script>"), "{path}");
    }
}

#[test]
fn a_slash_too_many_is_forgiven() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for (path, location) in [
        ("/findings/", "/findings"),
        ("/findings/?q=a%20b", "/findings?q=a%20b"),
        ("/rules/PKL901/", "/rules/PKL901"),
    ] {
        let answer = visitor.get(path).send();
        assert_eq!((answer.status, answer.header("location")), (308, Some(location)), "{path}");
    }
    for path in ["//example.com/", "/\\example.com/", "/findings//", "/findings/?q=a\\b"] {
        assert_eq!(visitor.get(path).send().status, 404, "{path}");
    }
    let posted = visitor.request("POST", "/run/").with("x-csrf-token", &visitor.csrf).send();
    assert_eq!(posted.status, 404);
}

#[test]
fn downloads_are_saved_not_shown() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let answer = visitor.get("/reports/sarif").send();
    assert_eq!(answer.status, 200, "{answer:?}");
    let disposition = answer.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    assert!(disposition.contains("; filename*=UTF-8''"), "{disposition}");
    assert!(answer.header("content-security-policy").unwrap().ends_with("sandbox"), "{answer:?}");
    sealed(&answer, "download");
}
