//! The program, and what the words of its pages mean.

use askama::Template;
use bartizan_report::v1::{Recorded, Report, Status};

use super::{filters, frame::Frame};
use crate::call::{Answer, Call};

#[derive(Template)]
#[template(path = "about.html")]
struct About<'a> {
    frame: Frame<'a>,
    report: Option<&'a Report>,
    statuses: Vec<(Status, &'static str)>,
}

pub(crate) fn about(call: &Call<'_>) -> Answer {
    let page = About {
        frame: Frame::new(call, "About"),
        report: call.snapshot.map(|snapshot| &snapshot.report),
        statuses: Status::WORST_FIRST.into_iter().map(|status| (status, meaning(status))).collect(),
    };
    Frame::answer(200, &page)
}

fn meaning(status: Status) -> &'static str {
    match status {
        Status::Failing => "Evidence speaks against it, until a complete run clears it.",
        Status::Expired => "The evidence is too old, or was made with rules that are too old.",
        Status::Unknown => {
            "There is no evidence, or the newest is incomplete. This is where everything starts."
        }
        Status::Partial => "Evidence covers a part of it.",
        Status::Excepted => "People decided to live with it, for a reason and until a day.",
        Status::Inherited => "A supplier's statement covers it.",
        Status::Satisfied => "Evidence that is trusted, complete and recent covers all of it.",
        Status::NotApplicable => "There is nothing in the project that it could apply to.",
    }
}
