//! One threat.

use askama::Template;
use bartizan_report::v1::{Actor, Control, Risk, Status, Threat, Treatment};

use super::{filters, frame::Frame, threats};
use crate::{
    call::{Answer, Call},
    shown::Markup,
};

#[derive(Template)]
#[template(path = "threat.html")]
struct ThreatPage<'a> {
    frame: Frame<'a>,
    threat: &'a Threat,
    risk: Option<&'a Risk>,
    reasons: Vec<&'a str>,
    controls: Vec<(&'a str, Option<&'a Control>)>,
    actors: Vec<(&'a str, Option<&'a Actor>)>,
    treatments: Vec<&'a Treatment>,
    diagram: Option<Markup>,
}

pub(crate) fn threat(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let Some(threat) = call.argument.and_then(|id| snapshot.threat(id)) else {
        return super::refusal::missing(call, "threat", "/threats");
    };
    let system = &snapshot.report.system;
    let risk = snapshot.risk(&threat.id);
    let page = ThreatPage {
        frame: Frame::new(call, &threat.title),
        risk,
        reasons: risk.map(|risk| risk.why.split("; ").take(40).collect()).unwrap_or_default(),
        controls: threat.controls.iter().take(100).map(|id| (id.as_str(), snapshot.control(id))).collect(),
        actors: threat
            .actors
            .iter()
            .take(50)
            .map(|id| (id.as_str(), system.actors.iter().find(|actor| actor.id == *id)))
            .collect(),
        treatments: system.treatments.iter().filter(|treatment| names(treatment, threat)).take(20).collect(),
        diagram: threats::diagram(snapshot, "path", None, Some(threat)),
        threat,
    };
    Frame::answer(200, &page)
}

impl ThreatPage<'_> {
    fn more(&self) -> String {
        crate::shown::count(self.threat.more_paths, "more path leads", "more paths lead")
    }

    fn command_line(&self) -> String {
        format!("bartizan threat show {}", super::frame::argument(&self.threat.id))
    }

    fn treatment(&self) -> &'static str {
        match self.risk.map(|risk| risk.treatment.as_str()) {
            Some("mitigate") => "The project decided to mitigate it: its controls must be shown to work.",
            Some("accept") => "The project decided to live with it for now.",
            Some("transfer") => "The project decided that somebody else bears it.",
            Some("avoid") => "The project decided to avoid what causes it.",
            Some("expired") => "What was decided about it held for a time that is over.",
            _ => "Nothing was decided about it.",
        }
    }
}

/// Whether a treatment is about a threat: `THR003`, or `THR003/orders-api` for the threats of one element.
pub(super) fn names(treatment: &Treatment, threat: &Threat) -> bool {
    match treatment.threat.split_once('/') {
        None => treatment.threat == threat.rule,
        Some((rule, element)) => rule == threat.rule && threat.path.iter().any(|one| one == element),
    }
}
