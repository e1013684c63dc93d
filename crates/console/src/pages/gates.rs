//! The gates, and what each says to the newest run.

use askama::Template;
use bartizan_report::v1::{GateRefusal, GateResult, GateVerdict};

use super::{
    filters,
    frame::Frame,
    listing::{Form, Listing, words},
};
use crate::{
    address::changed,
    call::{Answer, Call},
    export::export,
    shown::{Markup, data, sentence},
};

/// Refusals that the row of a gate lists.
const BRIEF: usize = 3;

pub(super) const VERDICTS: [GateVerdict; 4] =
    [GateVerdict::Unusable, GateVerdict::Deny, GateVerdict::BreakGlass, GateVerdict::Allow];

#[derive(Template)]
#[template(path = "gates.html")]
struct Gates<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<&'a GateResult>,
    counts: Vec<(GateVerdict, usize, String)>,
    /// How many the project file declares.
    declared: usize,
}

pub(crate) fn gates(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let gates = &snapshot.report.gates;
    let form = Form::new(call, "/gates")
        .choice("verdict", "Verdict", words(VERDICTS.map(GateVerdict::as_str)))
        .search();
    let passes = |gate: &&GateResult| {
        form.takes("verdict", gate.verdict.as_str())
            && form.finds(&[&gate.gate, &gate.sentence, &gate.policy])
    };
    let mut all: Vec<&GateResult> = gates.iter().filter(passes).collect();
    let listing = Listing::new(call, "/gates", all.len(), &["verdict", "gate"]);
    match listing.sort() {
        "gate" => all.sort_by(|a, b| a.gate.cmp(&b.gate)),
        _ => all.sort_by_key(|gate| VERDICTS.iter().position(|verdict| *verdict == gate.verdict)),
    }
    let head = [
        "gate",
        "verdict",
        "sentence",
        "principal",
        "resource",
        "policy",
        "refusals",
        "break_glass",
        "entry",
    ];
    let file = export(call, "gates", &head, &all, |gate| {
        let rules: Vec<&str> = gate.refusals.iter().map(|refusal| refusal.rule.as_str()).collect();
        vec![
            gate.gate.clone(),
            gate.verdict.as_str().to_owned(),
            gate.sentence.clone(),
            gate.principal.clone(),
            gate.resource.clone(),
            gate.policy.clone(),
            rules.join(" "),
            gate.break_glass.clone().unwrap_or_default(),
            gate.index.map(|index| index.to_string()).unwrap_or_default(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let counts = VERDICTS.into_iter().filter_map(|verdict| {
        let count = gates.iter().filter(|gate| gate.verdict == verdict).count();
        let href = changed("/gates", call.query, &[("verdict", verdict.as_str())]);
        (count > 0).then_some((verdict, count, href))
    });
    let page = Gates {
        rows: all.get(listing.range()).unwrap_or_default().to_vec(),
        counts: counts.collect(),
        declared: snapshot.report.system.gates.len(),
        frame: Frame::new(call, "Gates"),
        form,
        listing,
    };
    Frame::answer(200, &page)
}

impl Gates<'_> {
    fn why(&self, frame: &Frame<'_>, refusal: &GateRefusal, most: usize) -> Markup {
        why(frame, refusal, most)
    }

    fn brief(&self) -> usize {
        BRIEF
    }

    fn asked(&self) -> String {
        crate::shown::count(self.declared as u64, "gate is", "gates are")
    }
}

/// Why a rule refuses. An id at its start stays as it is written, and leads to its control.
pub(super) fn why(frame: &Frame<'_>, refusal: &GateRefusal, most: usize) -> Markup {
    let control = refusal.control.as_deref().filter(|id| !id.is_empty());
    let rest = control.and_then(|id| refusal.why.strip_prefix(id)).filter(|rest| rest.starts_with(' '));
    match (control, rest) {
        (Some(id), Some(rest)) => Markup(format!("{} {}", frame.control(id), data(rest.trim_start(), most))),
        _ => sentence(&refusal.why, most),
    }
}

/// Whose rule it is, where it is not the project's own.
pub(super) fn origin(refusal: &GateRefusal) -> Option<&'static str> {
    if refusal.organisation {
        Some("organisation")
    } else if refusal.rule.starts_with("bartizan.") {
        Some("built in")
    } else {
        None
    }
}
