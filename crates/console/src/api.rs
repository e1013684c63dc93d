//! The same as data: what the pages show, for programs.

mod endpoint;
mod list;
mod log;
mod openapi;
mod read;
mod rule;

use axum::{Extension, extract::State, http::StatusCode, response::Response};
use bartizan_report::v1;
use serde::Serialize;

pub(crate) use endpoint::{Action, Endpoint};
use endpoint::{Parameter, Shape, schema_of};
use list::List;
pub use openapi::openapi;

use crate::{
    call::Call,
    host::{LogEntry, LogHead, LogStatement},
    refusal::{Reader, Refusal},
    run::RunState,
    server::{CSRF_HEADER, Came, Console, of_type},
};

/// Makes the body of an answer.
pub(crate) type Read = fn(&Call<'_>) -> Result<Vec<u8>, Refusal>;

/// Everything that the API answers. Routes and document are made of it.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::read(
        "/report",
        "The whole report of the newest run",
        &[],
        schema_of::<v1::Report>,
        read::report,
    ),
    Endpoint::read(
        "/summary",
        "How the newest run ended, counted",
        &[],
        schema_of::<read::Summary<'static>>,
        read::summary,
    ),
    Endpoint::read(
        "/findings",
        "Findings, worst first",
        &[
            Parameter::query("severity", "Only of this severity", Shape::Words(read::SEVERITIES)),
            Parameter::query(
                "rule",
                "Only of this rule, such as `SEC001`, or of one row of it, such as `SEC001/stripe-live`",
                Shape::Text,
            ),
            Parameter::query("asset", "Only in the asset of this id", Shape::Text),
            Parameter::query(
                "q",
                "Only with this text, in small or capital letters, in title, place or message",
                Shape::Text,
            ),
            Parameter::query(
                "suppressed",
                "Only those that are suppressed, or only those that are not",
                Shape::Words(&["true", "false"]),
            ),
            list::LIMIT,
            list::OFFSET,
        ],
        schema_of::<List<'static, v1::Finding>>,
        read::findings,
    ),
    Endpoint::read(
        "/findings/{fingerprint}",
        "A finding",
        &[Parameter::path("fingerprint", "Its fingerprint: 64 hexadecimal digits", Shape::Text)],
        schema_of::<v1::Finding>,
        read::finding,
    ),
    Endpoint::read(
        "/threats",
        "Threats",
        list::PARAMETERS,
        schema_of::<List<'static, v1::Threat>>,
        read::threats,
    ),
    Endpoint::read(
        "/threats/{id}",
        "A threat",
        &[Parameter::path("id", "Its id", Shape::Text)],
        schema_of::<v1::Threat>,
        read::threat,
    ),
    Endpoint::read("/risks", "Risks", list::PARAMETERS, schema_of::<List<'static, v1::Risk>>, read::risks),
    Endpoint::read(
        "/controls",
        "Controls and how they stand",
        &[
            Parameter::query("status", "Only those that stand so", Shape::Words(read::STATUSES)),
            list::LIMIT,
            list::OFFSET,
        ],
        schema_of::<List<'static, v1::Control>>,
        read::controls,
    ),
    Endpoint::read(
        "/controls/{id}",
        "A control with its evidence",
        &[Parameter::path("id", "Its id in the catalogue", Shape::Text)],
        schema_of::<v1::Control>,
        read::control,
    ),
    Endpoint::read(
        "/groups",
        "Practice areas with their items",
        list::PARAMETERS,
        schema_of::<List<'static, v1::PracticeGroup>>,
        read::groups,
    ),
    Endpoint::read(
        "/teams",
        "Groups of people and what each owes",
        list::PARAMETERS,
        schema_of::<List<'static, v1::Team>>,
        read::teams,
    ),
    Endpoint::read(
        "/evidence",
        "The statements that statuses rest on, and those that were refused",
        list::PARAMETERS,
        schema_of::<List<'static, v1::Evidence>>,
        read::evidence,
    ),
    Endpoint::read(
        "/gates",
        "Gates and what each says to the newest run",
        &[
            Parameter::query("verdict", "Only those that say so", Shape::Words(read::VERDICTS)),
            list::LIMIT,
            list::OFFSET,
        ],
        schema_of::<List<'static, v1::GateResult>>,
        read::gates,
    ),
    Endpoint::read(
        "/gates/{name}",
        "A gate with each rule that refuses",
        &[Parameter::path("name", "Its name", Shape::Text)],
        schema_of::<v1::GateResult>,
        read::gate,
    ),
    Endpoint::read(
        "/decisions",
        "What people decided, newest first",
        &[
            Parameter::query("state", "Only those that stand so", Shape::Words(read::DECISION_STATES)),
            Parameter::query("kind", "Only of this kind", Shape::Words(read::DECISION_KINDS)),
            list::LIMIT,
            list::OFFSET,
        ],
        schema_of::<List<'static, v1::Decision>>,
        read::decisions,
    ),
    Endpoint::read(
        "/decisions/{id}",
        "A decision",
        &[Parameter::path("id", "Its id: 12 hexadecimal digits", Shape::Text)],
        schema_of::<v1::Decision>,
        read::decision,
    ),
    Endpoint::read(
        "/reconciliation",
        "Declared held against observed, and what was lost",
        &[],
        schema_of::<v1::Reconciliation>,
        read::reconciliation,
    ),
    Endpoint::read(
        "/anchors",
        "Who outside has seen the log, as the newest run verified it",
        list::PARAMETERS,
        schema_of::<List<'static, v1::Anchor>>,
        read::anchors,
    ),
    Endpoint::read("/system", "What the project file declares", &[], schema_of::<v1::System>, read::system),
    Endpoint::read("/log", "The head of the log", &[], schema_of::<LogHead>, log::head),
    Endpoint::read(
        "/log/entries",
        "Entries of the log, in order",
        &[log::FIRST, log::COUNT],
        schema_of::<log::Entries>,
        log::entries,
    ),
    Endpoint::read(
        "/log/entries/{index}",
        "An entry with its statement and its proof",
        &[Parameter::path(
            "index",
            "Its place in the log, from 0",
            Shape::Number { most: u64::MAX, usual: 0 },
        )],
        schema_of::<LogStatement>,
        log::statement,
    ),
    Endpoint::read(
        "/rules",
        "All rules",
        list::PARAMETERS,
        schema_of::<List<'static, rule::Rule>>,
        rule::rules,
    ),
    Endpoint::read(
        "/rules/{code}",
        "A rule: what `bartizan explain` says",
        &[Parameter::path("code", "Its code, such as `PKL001`", Shape::Text)],
        schema_of::<rule::Rule>,
        rule::rule,
    ),
    Endpoint::read(
        "/runs",
        "What is running, and how the last run failed",
        &[],
        schema_of::<RunState>,
        read::run,
    ),
    Endpoint {
        path: "/runs",
        summary: "Start a check",
        parameters: &[],
        answer: schema_of::<RunState>,
        action: Action::Start,
    },
    Endpoint {
        path: "/runs",
        summary: "Ask the running check to stop",
        parameters: &[],
        answer: schema_of::<RunState>,
        action: Action::Cancel,
    },
];

/// `POST /api/v1/runs`
pub(crate) async fn start(State(console): State<Console>, Extension(came): Extension<Came>) -> Response {
    let started = console.start_check();
    accepted(
        &console,
        &came,
        started,
        "A check is running already, or the console stops.",
        "Wait until it has ended.",
    )
}

/// `DELETE /api/v1/runs`
pub(crate) async fn cancel(State(console): State<Console>, Extension(came): Extension<Came>) -> Response {
    let cancelled = console.inner.runs.cancel();
    accepted(&console, &came, cancelled, "No check is running.", "")
}

fn accepted(
    console: &Console,
    came: &Came,
    done: bool,
    problem: &'static str,
    help: &'static str,
) -> Response {
    let mut response = if done {
        let mut response = of_type("application/json", json(&console.inner.runs.current().run));
        *response.status_mut() = StatusCode::ACCEPTED;
        response
    } else {
        Refusal::new(StatusCode::CONFLICT, problem, help).into_response(Reader::Program)
    };
    let proof = came.session.as_ref().and_then(|session| session.csrf.parse().ok());
    response.headers_mut().extend(proof.map(|proof| (CSRF_HEADER, proof)));
    response
}

/// A value as JSON.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("the API's types hold nothing that JSON cannot say")
}
