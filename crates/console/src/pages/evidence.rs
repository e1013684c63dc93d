//! The statements that the newest run looked at.

use askama::Template;
use bartizan_report::{
    picture,
    v1::{Evidence, EvidenceState},
};

use super::{
    filters,
    frame::Frame,
    listing::{Form, Listing, distinct, words},
    routes::Routes,
};
use crate::{
    call::{Answer, Call},
    export::export,
    shown::Markup,
};

#[derive(Template)]
#[template(path = "evidence.html")]
struct EvidencePage<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<&'a Evidence>,
    self_attested: bool,
    /// How old the evidence of each control is.
    validity: Option<Markup>,
}

pub(crate) fn evidence(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let form = Form::new(call, "/evidence")
        .choice("kind", "Kind", distinct(report.evidence.iter().map(|one| one.predicate.as_str())))
        .choice("state", "State", words(["new", "unchanged", "refused"]))
        .choice("collector", "Collector", distinct(report.evidence.iter().map(|one| one.collector.as_str())))
        .search();
    let mut all: Vec<&Evidence> = report
        .evidence
        .iter()
        .filter(|one| {
            form.takes("kind", &one.predicate)
                && form.takes("state", one.state.as_str())
                && form.takes("collector", &one.collector)
                && form.finds(&[&one.subject, &one.predicate])
        })
        .collect();
    let listing =
        Listing::new(call, "/evidence", all.len(), &["collected", "entry", "kind", "subject", "expires"]);
    match listing.sort() {
        "entry" => all.sort_by_key(|one| std::cmp::Reverse(one.index)),
        "kind" => all.sort_by(|a, b| a.predicate.cmp(&b.predicate)),
        "subject" => all.sort_by(|a, b| a.subject.cmp(&b.subject)),
        "expires" => all.sort_by_key(|one| (one.expires.is_none(), one.expires)),
        _ => all.sort_by_key(|one| std::cmp::Reverse((one.collected, one.index))),
    }
    let head = ["entry", "kind", "subject", "digest", "collector", "collected", "expires", "state", "reason"];
    let file = export(call, "evidence", &head, &all, |one| {
        vec![
            one.index.map(|index| index.to_string()).unwrap_or_default(),
            one.predicate.clone(),
            one.subject.clone(),
            one.digest.map(|digest| digest.to_string()).unwrap_or_default(),
            one.collector.clone(),
            one.collected.to_string(),
            one.expires.map(|time| time.to_string()).unwrap_or_default(),
            one.state.as_str().to_owned(),
            one.reason.clone().unwrap_or_default(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let rows = all.get(listing.range()).unwrap_or_default().to_vec();
    let self_attested = report.run.self_attested;
    let validity = picture::validity(report, &Routes).map(|figure| Markup(figure.html()));
    Frame::answer(
        200,
        &EvidencePage { frame: Frame::new(call, "Evidence"), form, listing, rows, self_attested, validity },
    )
}

impl EvidencePage<'_> {
    fn is_over(&self, one: &Evidence) -> bool {
        let now = self.frame.call.host.now();
        one.expires.is_some_and(|expires| expires <= now)
    }
}
