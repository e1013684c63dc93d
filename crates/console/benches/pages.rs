//! What each page costs and weighs: `cargo xtask bench pages`.
//!
//! The report holds 10,000 findings, 1,000 threats, 1,000 controls, 10,000 statements, 1,000 decisions and 100 gates. Each page is asked for as
//! a browser would, through everything that stands before it; what is counted is the processor's time.

#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the tests' host, of which a bench needs the simplest part"
)]
#[path = "../tests/server/host.rs"]
mod host;
#[path = "../tests/server/reports.rs"]
mod reports;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use bartizan_console::{Console, Options, Origin};
use bartizan_measure::{Clock, Figure, interleave};
use host::{Check, FakeHost};
use reports::{Size, control_id, decision_id, fingerprint, report, threat_id};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const SIZE: Size = Size {
    findings: 10_000,
    threats: 1_000,
    controls: 1_000,
    evidence: 10_000,
    decisions: 1_000,
    gates: 100,
};

const RUNS: u32 = 9;

/// More than any answer.
const MOST: usize = 1 << 30;

fn main() {
    let pages = [
        ("overview", "/".to_owned()),
        ("threats", "/threats".to_owned()),
        ("a threat", format!("/threats/{}", threat_id(1))),
        ("risks", "/risks".to_owned()),
        ("findings", "/findings".to_owned()),
        ("findings, filtered", "/findings?severity=critical&q=case".to_owned()),
        ("a finding", format!("/findings/{}", fingerprint(1))),
        ("controls", "/controls".to_owned()),
        ("a control", format!("/controls/{}", control_id(1))),
        ("items", "/items".to_owned()),
        ("an item", "/items/PO.1.1.R1".to_owned()),
        ("gates", "/gates".to_owned()),
        ("a gate", "/gates/gate-3".to_owned()),
        ("exceptions", "/exceptions".to_owned()),
        ("an exception", format!("/exceptions/{}", decision_id(1))),
        ("reconciliation", "/reconciliation".to_owned()),
        ("frameworks", "/frameworks".to_owned()),
        ("a framework", "/frameworks/ssdf-218a%3A2024".to_owned()),
        ("evidence", "/evidence".to_owned()),
        ("a statement", "/evidence/3".to_owned()),
        ("log", "/log".to_owned()),
        ("groups", "/groups".to_owned()),
        ("a group", "/groups/data".to_owned()),
        ("project", "/project".to_owned()),
        ("rules", "/rules".to_owned()),
        ("a rule", "/rules/PKL901".to_owned()),
        ("reports", "/reports".to_owned()),
        ("about", "/about".to_owned()),
        ("API", "/api".to_owned()),
        ("refused page", "/no-such-page".to_owned()),
    ];
    let downloads = [
        ("all findings as CSV", "/findings?format=csv".to_owned()),
        ("all findings as JSON", "/findings?format=json".to_owned()),
        ("whole report as JSON", "/reports/json".to_owned()),
        ("API, 100 findings", "/api/v1/findings".to_owned()),
        ("API, summary", "/api/v1/summary".to_owned()),
        ("report as HTML", "/reports/html".to_owned()),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime can be made");
    let console =
        Console::new(Arc::new(FakeHost::new(Check::Finishes)), Options::new(Origin::loopback(8686)));
    let console = console.expect("a console can be made");
    console.show(report(SIZE));
    let visitor = Visitor::enter(&console, runtime);
    for (name, page) in pages {
        let (times, kibibytes) = visitor.measure(name, &page);
        times.at_most(100.0).print();
        // 300 KB
        kibibytes.at_most(293.0).print();
    }
    for (name, page) in downloads {
        let (times, kibibytes) = visitor.measure(name, &page);
        times.print();
        kibibytes.print();
    }
}

/// A browser that has come in.
struct Visitor {
    service: Router,
    cookie: String,
    runtime: Runtime,
}

impl Visitor {
    /// What an answer costs, and what it weighs.
    fn measure(&self, name: &str, page: &str) -> (Figure, Figure) {
        let (status, bytes) = self.ask(page);
        assert_eq!(status, if name == "refused page" { 404 } else { 200 }, "{page}");
        let mut work = || {
            self.ask(page);
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok([times]) = interleave(Clock::Cpu, RUNS, [&mut work]);
        let size = Figure::new(&format!("{name}, size"), bytes as f64 / 1024.0, "KiB", 1);
        (times.milliseconds(name), size)
    }

    fn enter(console: &Console, runtime: Runtime) -> Self {
        let mut visitor = Self { service: console.service(), cookie: String::new(), runtime };
        let link = console.link();
        let path = link.find("/enter").and_then(|at| link.get(at..)).expect("a link leads to the way in");
        let answer = visitor.runtime.block_on(visitor.service.clone().oneshot(visitor.request(path)));
        let Ok(answer) = answer;
        let cookie = answer.headers().get(header::SET_COOKIE).expect("the link is good");
        let cookie = cookie.to_str().expect("a cookie is plain");
        cookie.split(';').next().unwrap_or_default().clone_into(&mut visitor.cookie);
        visitor
    }

    /// Status and size of the answer.
    fn ask(&self, path: &str) -> (u16, usize) {
        self.runtime.block_on(async {
            let Ok(answer) = self.service.clone().oneshot(self.request(path)).await;
            let status = answer.status().as_u16();
            let body = to_bytes(answer.into_body(), MOST).await.expect("the answer is whole");
            (status, body.len())
        })
    }

    fn request(&self, path: &str) -> Request<Body> {
        let request = Request::builder().uri(path).header(header::HOST, "127.0.0.1:8686");
        request.header(header::COOKIE, &self.cookie).body(Body::empty()).expect("the request is well formed")
    }
}
