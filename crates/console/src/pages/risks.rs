//! The risk register.

use askama::Template;
use bartizan_report::{
    picture::{IMPACTS, LIKELIHOODS, risk_map},
    v1::{Risk, Threat},
};

use super::{
    filters,
    frame::Frame,
    listing::{Form, Listing, distinct, words},
    marks::score_tone,
    routes::Routes,
    threats::considerations,
};
use crate::{
    call::{Answer, Call},
    export::export,
    shown::Markup,
    snapshot::Snapshot,
};

#[derive(Template)]
#[template(path = "risks.html")]
struct Risks<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<Row<'a>>,
    map: Markup,
}

struct Row<'a> {
    risk: &'a Risk,
    threat: Option<&'a Threat>,
    /// Until when the treatment holds, where one was decided.
    expires: Option<&'a str>,
    tone: &'static str,
}

pub(crate) fn risks(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let form = Form::new(call, "/risks")
        .choice("likelihood", "Likelihood", levels(LIKELIHOODS))
        .choice("impact", "Impact", levels(IMPACTS))
        .choice(
            "treatment",
            "Treatment",
            words(["untreated", "expired", "mitigate", "accept", "transfer", "avoid"]),
        )
        .choice("owner", "Owner", distinct(report.risks.iter().filter_map(|risk| risk.owner.as_deref())))
        .choice(
            "consideration",
            "Consideration",
            considerations(report.risks.iter().map(|risk| risk.consideration.as_str())),
        );
    let mut all: Vec<&Risk> = report
        .risks
        .iter()
        .filter(|risk| {
            form.takes("likelihood", &risk.likelihood.to_string())
                && form.takes("impact", &risk.impact.to_string())
                && form.takes("treatment", &risk.treatment)
                && form.takes("consideration", &risk.consideration)
                && form.takes("owner", risk.owner.as_deref().unwrap_or_default())
        })
        .collect();
    let listing = Listing::new(call, "/risks", all.len(), &["score", "owner", "treatment"]);
    match listing.sort() {
        "owner" => all.sort_by_key(|risk| (risk.owner.as_deref(), std::cmp::Reverse(risk.score))),
        "treatment" => all.sort_by_key(|risk| (risk.treatment.as_str(), std::cmp::Reverse(risk.score))),
        _ => all.sort_by_key(|risk| std::cmp::Reverse(risk.score)),
    }
    let head =
        ["threat", "likelihood", "impact", "score", "consideration", "owner", "treatment", "reason", "why"];
    let file = export(call, "risks", &head, &all, |risk| {
        vec![
            risk.threat.clone(),
            risk.likelihood.to_string(),
            risk.impact.to_string(),
            risk.score.to_string(),
            risk.consideration.clone(),
            risk.owner.clone().unwrap_or_default(),
            risk.treatment.clone(),
            risk.reason.clone().unwrap_or_default(),
            risk.why.clone(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let rows = all.get(listing.range()).unwrap_or_default().iter().map(|risk| row(snapshot, risk)).collect();
    let map = Markup(risk_map(report, "risks", &Routes).html());
    Frame::answer(200, &Risks { frame: Frame::new(call, "Risks"), form, listing, rows, map })
}

/// Values of a filter, 1 to 5, with their words.
fn levels(words: [&'static str; 5]) -> [(&'static str, String); 5] {
    words.map(|word| (word.split(' ').next().unwrap_or(word), word.to_owned()))
}

fn row<'a>(snapshot: &'a Snapshot, risk: &'a Risk) -> Row<'a> {
    let threat = snapshot.threat(&risk.threat);
    let treatments = &snapshot.report.system.treatments;
    let decided = threat.and_then(|threat| {
        treatments
            .iter()
            .find(|treatment| super::threat::names(treatment, threat) && treatment.decision == risk.treatment)
    });
    Row {
        risk,
        threat,
        expires: decided.map(|one| one.expires.as_str()),
        tone: score_tone(risk.score).class(),
    }
}
