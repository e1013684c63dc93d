//! One gate: each rule that refuses, with its remedy, and what was decided at it before.

use askama::Template;
use bartizan_report::v1::{Control, Decision, Evidence, GateRefusal, GateResult, Report};

use super::{
    commands, filters,
    frame::Frame,
    gates::{origin, why},
    listing::{Listing, exports},
};
use crate::{
    call::{Answer, Call},
    export::export,
    shown::Markup,
};

/// Recorded decisions that the page lists, newest first.
const RECORDED: usize = 20;

#[derive(Template)]
#[template(path = "gate.html")]
struct GatePage<'a> {
    frame: Frame<'a>,
    gate: &'a GateResult,
    listing: Listing<'a>,
    rows: Vec<Row<'a>>,
    break_glass: Option<&'a Decision>,
    recorded: Vec<&'a Evidence>,
    /// The newest decision that is in the log.
    newest: Option<u64>,
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
    let recorded = recorded(&snapshot.report, gate);
    let page = GatePage {
        frame: Frame::new(call, &format!("Gate {}", gate.gate)),
        rows: rows.collect(),
        listing,
        break_glass: gate.break_glass.as_deref().and_then(|id| snapshot.decision(id)),
        newest: gate.index.or_else(|| recorded.iter().find_map(|one| one.index)),
        recorded,
        gate,
    };
    Frame::answer(200, &page)
}

/// What was decided at this gate and recorded, newest first.
fn recorded<'a>(report: &'a Report, gate: &GateResult) -> Vec<&'a Evidence> {
    let is_about = |one: &&Evidence| {
        let mut words = one.subject.split(|c: char| c.is_whitespace() || matches!(c, '/' | ':' | ','));
        one.predicate == "gate-decision"
            && ((one.index.is_some() && one.index == gate.index) || words.any(|word| word == gate.gate))
    };
    let mut recorded: Vec<&Evidence> = report.evidence.iter().filter(is_about).collect();
    recorded.sort_by_key(|one| std::cmp::Reverse((one.index, one.collected)));
    recorded.truncate(RECORDED);
    recorded
}

impl GatePage<'_> {
    fn exports(&self) -> Markup {
        exports(self.frame.call.path, self.frame.call.query)
    }

    fn why(&self, frame: &Frame<'_>, refusal: &GateRefusal, most: usize) -> Markup {
        why(frame, refusal, most)
    }

    fn ask(&self) -> String {
        commands::ask_gate(&self.gate.gate)
    }

    fn verify(&self, index: u64) -> String {
        commands::verify_gate(&format!("entry-{index}.dsse.json"))
    }

    /// The break-glass is named as long as its time is not over.
    fn is_open(&self, decision: &Decision) -> bool {
        decision.state.holds() && !self.frame.is_over(&decision.expires)
    }
}
