//! The report of the newest run, as files.

use askama::Template;
use bartizan_report::v1::Report;

use super::{filters, frame::Frame};
use crate::call::{Answer, Call};

/// Format, name, ending, media type, and what it is for.
const FORMATS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "html",
        "HTML",
        "html",
        "text/html; charset=utf-8",
        "One page without script that can be mailed, read offline and printed.",
    ),
    (
        "markdown",
        "Markdown",
        "md",
        "text/markdown; charset=utf-8",
        "For a comment on a change or a page of a wiki.",
    ),
    ("json", "JSON", "json", "application/json", "All of it, for programs; its schema is published."),
    (
        "sarif",
        "SARIF",
        "sarif",
        "application/sarif+json",
        "The findings, for tools that show them beside the code.",
    ),
    (
        "junit",
        "JUnit",
        "xml",
        "application/xml",
        "The controls and findings as test results, for a build server.",
    ),
];

#[derive(Template)]
#[template(path = "reports.html")]
struct Reports<'a> {
    frame: Frame<'a>,
    report: &'a Report,
    formats: &'static [(&'static str, &'static str, &'static str, &'static str, &'static str)],
}

pub(crate) fn reports(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let page = Reports { frame: Frame::new(call, "Reports"), report: &snapshot.report, formats: FORMATS };
    Frame::answer(200, &page)
}

pub(crate) fn report(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let format = FORMATS.iter().find(|(format, ..)| call.argument == Some(format));
    let made = format.and_then(|format| Some((format, rendered(call, format.0, &snapshot.report)?)));
    let Some(((_, _, ending, media_type, _), text)) = made else {
        return super::refusal::missing(call, "format", "/reports");
    };
    let day = snapshot.report.run.finished.strftime("%Y-%m-%d");
    Answer::Data { media_type, file_name: Some(format!("bartizan-{day}.{ending}")), body: text.into_bytes() }
}

fn rendered(call: &Call<'_>, format: &str, report: &Report) -> Option<String> {
    match format {
        "html" => Some(bartizan_report::html::render(report)),
        "markdown" => Some(bartizan_report::markdown::render(report)),
        "json" => Some(bartizan_report::to_json(report)),
        "junit" => Some(bartizan_report::junit::render(report)),
        _ => call.host.render(report, format),
    }
}
