//! One finding.

use askama::Template;
use bartizan_report::v1::Finding;

use super::{
    filters, findings,
    frame::Frame,
    living::{Living, REASON},
};
use crate::{
    call::{Answer, Call},
    shown::Markup,
};

#[derive(Template)]
#[template(path = "finding.html")]
struct FindingPage<'a> {
    frame: Frame<'a>,
    finding: &'a Finding,
    body: Markup,
    /// What two people may decide about it, where nothing lets it pass yet.
    living: Option<Living>,
}

pub(crate) fn finding(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let Some(finding) = call.argument.and_then(|fingerprint| snapshot.finding(fingerprint)) else {
        return super::refusal::missing(call, "finding", "/findings");
    };
    let frame = Frame::new(call, &finding.title);
    let body = findings::body(&frame, finding, 20, 1_000);
    let living = finding.suppressed.is_none().then(|| Living::new(call, finding));
    Frame::answer(200, &FindingPage { frame, finding, body, living })
}

impl FindingPage<'_> {
    fn longest(&self) -> usize {
        REASON
    }
}
