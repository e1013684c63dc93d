//! One gate: each rule that refuses, with its remedy, and what was decided at it before.

use askama::Template;
use bartizan_report::v1::{Control, Decision, GateRefusal, GateResult, GateVerdict};
use serde::Deserialize as _;
use serde_json::Value;

use super::{
    commands, filters,
    frame::Frame,
    gates::{origin, why},
    listing::{Listing, exports},
};
use crate::{
    call::{Answer, Call},
    export::export,
    host::LogEntry,
    shown::Markup,
};

/// Entries of the log among which the page looks for decisions of its gate, newest first.
const LOOKED: u64 = 500;

/// Decisions of all gates of which the page reads the statement.
const READ: usize = 20;

#[derive(Template)]
#[template(path = "gate.html")]
struct GatePage<'a> {
    frame: Frame<'a>,
    gate: &'a GateResult,
    listing: Listing<'a>,
    rows: Vec<Row<'a>>,
    break_glass: Option<&'a Decision>,
    recorded: Vec<Recorded>,
}

/// A decision that is in the log.
struct Recorded {
    entry: LogEntry,
    /// What the gate said, where the statement says it in a word that is known.
    verdict: Option<GateVerdict>,
    principal: String,
    resource: String,
    /// Whether who signed it may say so.
    counts: bool,
}

struct Row<'a> {
    refusal: &'a GateRefusal,
    control: Option<&'a Control>,
    origin: Option<&'static str>,
    /// Whether its sentence begins with the control.
    names_it: bool,
    commands: Vec<&'a str>,
}

pub(crate) fn gate(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let Some(gate) = call.argument.and_then(|name| snapshot.gate(name)) else {
        return super::refusal::missing(call, "gate", "/gates");
    };
    let all: Vec<&GateRefusal> = gate.refusals.iter().collect();
    let head = ["rule", "origin", "control", "status", "why", "fix"];
    let file = export(call, "refusals", &head, &all, |refusal| {
        vec![
            refusal.rule.clone(),
            origin(refusal).unwrap_or("project").to_owned(),
            refusal.control.clone().unwrap_or_default(),
            refusal.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            refusal.why.clone(),
            refusal.fix.clone(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let listing = Listing::new(call, call.path, all.len(), &[]);
    let rows = all.get(listing.range()).unwrap_or_default().iter().copied().map(|refusal| Row {
        refusal,
        control: refusal.control.as_deref().and_then(|id| snapshot.control(id)),
        origin: origin(refusal),
        names_it: refusal.control.as_deref().is_some_and(|id| !id.is_empty() && refusal.why.starts_with(id)),
        commands: commands::named_in(&refusal.fix),
    });
    let page = GatePage {
        frame: Frame::new(call, &format!("Gate {}", gate.gate)),
        rows: rows.collect(),
        listing,
        break_glass: gate.break_glass.as_deref().and_then(|id| snapshot.decision(id)),
        recorded: recorded(call, gate),
        gate,
    };
    Frame::answer(200, &page)
}

/// What was decided at this gate and recorded, newest first. Which gate it was stands in the statement alone. A log
/// that cannot be read has none here; its own page says why.
fn recorded(call: &Call<'_>, gate: &GateResult) -> Vec<Recorded> {
    let size = call.host.log_head().ok().flatten().map_or(0, |head| head.size);
    let entries = call.host.log_entries(size.saturating_sub(LOOKED), LOOKED).unwrap_or_default();
    let of_gates = entries.iter().rev().filter(|entry| entry.kind == "gate-decision");
    of_gates.take(READ).filter_map(|entry| read(call, gate, entry.index)).collect()
}

/// The statement of an entry, where it is a decision of this gate.
fn read(call: &Call<'_>, gate: &GateResult, index: u64) -> Option<Recorded> {
    let shown = call.host.log_statement(index).ok().flatten()?;
    let facts = shown.statement.as_ref()?.get("predicate")?.get("facts")?;
    let word = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    (word("gate.id") == gate.gate).then(|| Recorded {
        verdict: facts.get("gate.verdict").and_then(|word| GateVerdict::deserialize(word).ok()),
        principal: word("gate.principal"),
        resource: word("gate.resource"),
        counts: shown.counts,
        entry: shown.entry,
    })
}

impl GatePage<'_> {
    fn exports(&self) -> Markup {
        exports(self.frame.call.path, self.frame.call.query)
    }

    fn why(&self, frame: &Frame<'_>, refusal: &GateRefusal, most: usize) -> Markup {
        why(frame, refusal, most)
    }

    fn ask(&self) -> String {
        commands::ask_gate(self.gate)
    }

    fn export(&self) -> String {
        commands::export_gate(self.gate)
    }

    fn verify(&self) -> String {
        commands::verify_gate(self.gate)
    }

    /// The break-glass is named as long as its time is not over.
    fn is_open(&self, decision: &Decision) -> bool {
        decision.state.holds() && !self.frame.is_over(&decision.expires)
    }
}
