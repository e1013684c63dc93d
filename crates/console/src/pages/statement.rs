//! One entry of the log: what it says, whether it counts, and its proof.

use askama::Template;
use bartizan_report::v1::{Control, Decision, GateResult};

use super::{filters, frame::Frame};
use crate::{
    call::{Answer, Call},
    export::json,
    host::LogStatement,
};

/// How much of a statement the page holds, in characters.
const MOST: usize = 40_000;

#[derive(Template)]
#[template(path = "statement.html")]
struct Statement<'a> {
    frame: Frame<'a>,
    found: &'a LogStatement,
    text: Option<String>,
    cut: bool,
    proof: String,
    controls: Vec<&'a Control>,
    /// The decision that it asks for.
    decision: Option<&'a Decision>,
    /// The gate whose decision it is.
    gate: Option<&'a GateResult>,
    size: Option<u64>,
}

pub(crate) fn statement(call: &Call<'_>) -> Answer {
    let Some(index) = call.argument.and_then(|index| index.parse::<u64>().ok()) else {
        return super::refusal::missing(call, "entry", "/log");
    };
    let found = match call.host.log_statement(index) {
        Ok(Some(found)) => found,
        Ok(None) => return super::refusal::missing(call, "entry", "/log"),
        Err(failure) => return super::refusal::unreadable(call, &failure),
    };
    if let Some(file) = file(call, index, &found) {
        return file;
    }
    // An escape is longer than what it stands for, so that the text is cut after it was made.
    let text = found.statement.as_ref().map(json);
    let cut = text.as_ref().is_some_and(|text| text.chars().count() > MOST);
    let text = text.map(|text| text.chars().take(MOST).collect());
    let controls = call.snapshot.map_or(&[][..], |snapshot| &snapshot.report.controls);
    let uses = |control: &&Control| control.evidence.iter().any(|edge| edge.index == Some(index));
    let report = call.snapshot.map(|snapshot| &snapshot.report);
    let decisions = report.map_or(&[][..], |report| &report.decisions);
    let gates = report.map_or(&[][..], |report| &report.gates);
    let page = Statement {
        frame: Frame::new(call, &format!("Entry {index}")),
        text,
        cut,
        proof: visible(&found.proof, 20_000),
        controls: controls.iter().filter(uses).take(50).collect(),
        decision: decisions.iter().find(|one| one.index == index),
        gate: gates.iter().find(|gate| gate.index == Some(index)),
        size: call.host.log_head().ok().flatten().map(|head| head.size),
        found: &found,
    };
    Frame::answer(200, &page)
}

/// Lines as they are, with what hides in them shown.
pub(super) fn visible(text: &str, most: usize) -> String {
    let mut lines = Vec::new();
    let mut left = most;
    for line in text.lines() {
        if left == 0 {
            break;
        }
        let line = crate::shown::shown(line, left);
        left = left.saturating_sub(line.chars().count() + 1);
        lines.push(line);
    }
    lines.join("\n")
}

/// Statement, envelope or proof, as files.
fn file(call: &Call<'_>, index: u64, found: &LogStatement) -> Option<Answer> {
    let (media_type, name, body) = match call.query.get("format")? {
        "json" => ("application/json", format!("entry-{index}.json"), json(&found.statement)),
        "envelope" => ("application/json", format!("entry-{index}.dsse.json"), found.envelope.clone()?),
        "proof" => ("text/plain; charset=utf-8", format!("entry-{index}.tlog-proof"), found.proof.clone()),
        _ => return None,
    };
    Some(Answer::Data { media_type, file_name: Some(name), body: body.into_bytes() })
}

impl Statement<'_> {
    fn prove(&self) -> String {
        format!("bartizan ledger prove {}", self.found.entry.index)
    }
}
