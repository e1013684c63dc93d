//! One group: what it owes, owns and must know.

use askama::Template;
use bartizan_report::v1::{Duty, Team};

use super::{filters, frame::Frame, groups::subject, listing::Listing};
use crate::{
    call::{Answer, Call},
    export::export,
    shown::Markup,
};

#[derive(Template)]
#[template(path = "group.html")]
struct GroupPage<'a> {
    frame: Frame<'a>,
    team: &'a Team,
    listing: Listing<'a>,
    duties: &'a [Duty],
}

pub(crate) fn group(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let team = call.argument.and_then(|id| snapshot.report.teams.iter().find(|team| team.id == id));
    let Some(team) = team else { return super::refusal::missing(call, "group", "/groups") };
    let all: Vec<&Duty> = team.owes.iter().collect();
    let file = export(call, "duties", &["kind", "id", "sentence", "status", "severity"], &all, |duty| {
        vec![
            duty.kind.as_str().to_owned(),
            duty.id.clone(),
            duty.sentence.clone(),
            duty.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            duty.severity.map(|severity| severity.as_str().to_owned()).unwrap_or_default(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let listing = Listing::new(call, call.path, team.owes.len(), &[]);
    let duties = team.owes.get(listing.range()).unwrap_or_default();
    Frame::answer(200, &GroupPage { frame: Frame::new(call, &team.id), team, listing, duties })
}

impl GroupPage<'_> {
    fn subject(&self, duty: &Duty) -> Markup {
        subject(&self.frame, duty)
    }
}
