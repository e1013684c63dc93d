//! Checks that are started, watched, stopped, and go wrong.

use std::{sync::atomic::Ordering::SeqCst, thread, time::Duration};

use crate::{
    client::{Server, limits},
    host::Check,
};

#[test]
fn before_the_first_run_there_is_nothing_and_the_console_says_so() {
    let server = Server::with(Check::Waits, limits(), &[]);
    assert_eq!(server.get("/healthz").send().status, 503);
    let visitor = server.enter();
    assert_eq!(visitor.get("/").send().status, 200);
    assert_eq!(visitor.get("/findings").send().status, 200);
    let answer = visitor.get("/api/v1/report").send();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert_eq!(visitor.json("/api/v1/rules")["total"], 1);
    assert!(server.console.start_check());
    server.host.go.store(true, SeqCst);
    visitor.generation(1);
    assert_eq!(server.get("/healthz").send().status, 204);
    assert_eq!(visitor.json("/api/v1/summary")["project"]["name"], "helpdesk");
}

#[test]
fn one_check_runs_at_a_time() {
    let server = Server::new(Check::Waits);
    let visitor = server.enter();
    let started = visitor.request("POST", "/api/v1/runs").with("x-csrf-token", &visitor.csrf).send();
    assert_eq!(started.status, 202, "{started:?}");
    let state: serde_json::Value = serde_json::from_slice(&started.body).unwrap();
    assert_eq!(state["generation"], 1);
    assert!(state["running"].is_object(), "{state}");
    let again = visitor.request("POST", "/api/v1/runs").with("x-csrf-token", &visitor.csrf).send();
    assert_eq!(again.status, 409, "{again:?}");
    assert!(!server.console.start_check());
    let form = visitor.post("/run").send();
    assert_eq!((form.status, form.header("location")), (303, Some("/")));
    server.host.go.store(true, SeqCst);
    let state = visitor.generation(2);
    assert_eq!(state["failure"], serde_json::Value::Null);
    assert_eq!(server.host.checks.load(SeqCst), 1);
}

#[test]
fn progress_is_told() {
    let server = Server::new(Check::Waits);
    let visitor = server.enter();
    assert!(server.console.start_check());
    let running = loop {
        let running = visitor.json("/api/v1/runs")["running"].clone();
        if running["bytes_done"].as_u64() > Some(0) {
            break running;
        }
        thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(running["stage"], "inspect");
    assert_eq!((running["files"].as_u64(), running["bytes"].as_u64()), (Some(10), Some(1_000)));
    assert_eq!(running["cancelling"], false);
}

#[test]
fn a_check_is_stopped_when_asked_and_the_older_report_stays() {
    let server = Server::new(Check::Waits);
    let visitor = server.enter();
    let idle = visitor.request("DELETE", "/api/v1/runs").with("x-csrf-token", &visitor.csrf).send();
    assert_eq!(idle.status, 409, "there is none yet");
    assert!(server.console.start_check());
    let stopped = visitor.request("DELETE", "/api/v1/runs").with("x-csrf-token", &visitor.csrf).send();
    assert_eq!(stopped.status, 202, "{stopped:?}");
    let state = visitor.generation(2);
    assert!(server.host.cancelled.load(SeqCst));
    assert_eq!(state["failure"]["message"], "the check was stopped");
    assert_eq!(visitor.json("/api/v1/summary")["project"]["name"], "helpdesk");
    assert!(server.console.start_check(), "another may follow");
    let form = visitor
        .request("POST", "/run/cancel")
        .form(&format!("csrf={}&back=%2Ffindings%3Fq%3Da", visitor.csrf));
    let form = form.send();
    assert_eq!((form.status, form.header("location")), (303, Some("/findings?q=a")));
    visitor.generation(3);
}

#[test]
fn a_check_that_fails_or_breaks_is_a_failure_and_no_more() {
    let server = Server::new(Check::Fails);
    let visitor = server.enter();
    for (check, generation, message) in [
        (Check::Fails, 2, "the project file has faults"),
        (Check::Panics, 3, "the check broke off because of a fault in Bartizan"),
    ] {
        *server.host.check.lock().unwrap() = check;
        assert!(server.console.start_check());
        let state = visitor.generation(generation);
        assert_eq!(state["failure"]["message"], message);
        assert_eq!(visitor.json("/api/v1/summary")["generation"], generation);
    }
    *server.host.check.lock().unwrap() = Check::Finishes;
    assert!(server.console.start_check());
    assert_eq!(visitor.generation(4)["failure"], serde_json::Value::Null);
}

#[test]
fn a_page_with_a_fault_breaks_alone() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    server.host.broken.store(true, SeqCst);
    let answer = visitor.get("/api/v1/rules").send();
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(!answer.text().contains("planted"), "{answer:?}");
    server.host.broken.store(false, SeqCst);
    assert_eq!(visitor.get("/api/v1/rules").send().status, 200);
}

#[test]
fn a_form_leads_back_to_pages_of_ours_alone() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for (back, location) in [
        ("%2Ffindings", "/findings"),
        ("https%3A%2F%2Fexample.com", "/"),
        ("%2F%2Fexample.com", "/"),
        ("%2F%5Cexample.com", "/"),
        ("%2F%09%2Fexample.com", "/"),
        ("%2F%0D%0Aset-cookie%3A%20a%3Db", "/"),
        ("javascript%3Aalert(1)", "/"),
        ("", "/"),
    ] {
        let answer =
            visitor.request("POST", "/run").form(&format!("csrf={}&back={back}", visitor.csrf)).send();
        assert_eq!((answer.status, answer.header("location")), (303, Some(location)), "{back}");
    }
}

#[test]
fn the_end_stops_a_running_check() {
    let mut server = Server::new(Check::Waits);
    assert!(server.console.start_check());
    server.stop();
    assert!(server.host.cancelled.load(SeqCst));
    assert!(std::net::TcpStream::connect(server.address).is_err());
}

#[test]
fn the_end_does_not_wait_for_a_check_that_hears_nothing() {
    let limits = bartizan_console::Limits { farewell: Duration::from_millis(100), ..limits() };
    let mut server = Server::with(Check::IsDeaf, limits, &[]);
    assert!(server.console.start_check());
    server.stop();
    assert!(!server.host.go.load(SeqCst), "nobody has let it go");
}
