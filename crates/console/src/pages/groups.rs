//! The groups of people, and what each owes.

use askama::Template;
use bartizan_report::v1::{Duty, DutyKind, Team};

use super::{
    filters,
    frame::{Frame, within},
    listing::{Listing, exports},
};
use crate::{
    address::path,
    call::{Answer, Call},
    export::export,
    shown::Markup,
};

#[derive(Template)]
#[template(path = "groups.html")]
struct Groups<'a> {
    frame: Frame<'a>,
    listing: Listing<'a>,
    teams: Vec<&'a Team>,
}

pub(crate) fn groups(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let mut all: Vec<&Team> = snapshot.report.teams.iter().collect();
    all.sort_by_key(|team| (team.owes.first().map_or((1, None), |duty| (0, Some(pressing(duty)))), &team.id));
    let file = export(call, "groups", &["id", "role", "members", "owns", "owes"], &all, |team| {
        vec![
            team.id.clone(),
            team.role.clone(),
            team.members.to_string(),
            team.owns.join(" "),
            team.owes.len().to_string(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let listing = Listing::new(call, "/groups", all.len(), &[]);
    let teams = all.get(listing.range()).unwrap_or_default().to_vec();
    Frame::answer(200, &Groups { frame: Frame::new(call, "Groups"), listing, teams })
}

/// Smaller presses more.
fn pressing(
    duty: &Duty,
) -> (std::cmp::Reverse<Option<bartizan_report::v1::Severity>>, Option<bartizan_report::v1::Status>) {
    (std::cmp::Reverse(duty.severity), duty.status)
}

impl Groups<'_> {
    fn href(&self, team: &Team) -> String {
        path(&["groups", &within(&team.id)])
    }

    fn exports(&self) -> Markup {
        exports("/groups", self.frame.call.query)
    }
}

/// What a duty is about, leading to its page.
pub(super) fn subject(frame: &Frame<'_>, duty: &Duty) -> Markup {
    match duty.kind {
        DutyKind::Finding => frame.rule(&duty.id),
        DutyKind::Control => frame.control(&duty.id),
        DutyKind::Risk => frame.threat(&duty.id),
    }
}
