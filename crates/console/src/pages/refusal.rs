//! Pages for what cannot be shown: no run yet, no such thing, a refused request, a log that cannot be read.

use askama::Template;

use super::{filters, frame::Frame};
use crate::{
    assets,
    call::{Answer, Call},
    host::Failure,
};

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem<'a> {
    css: String,
    status: u16,
    sentence: &'a str,
    more: &'a str,
}

/// A page that says what is wrong with the request, without anything of the project.
pub(crate) fn problem(status: u16, sentence: &str, more: &str) -> String {
    let page = Problem { css: assets::path("console.css"), status, sentence, more };
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct Waiting<'a> {
    frame: Frame<'a>,
}

/// The page before the first run has finished: how far it is, or why it failed and what to do.
pub(crate) fn waiting(call: &Call<'_>) -> Answer {
    let title = if call.run.failure.is_some() { "The check could not be finished" } else { "Waiting" };
    Frame::answer(200, &Waiting { frame: Frame::new(call, title) })
}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    frame: Frame<'a>,
    what: &'a str,
    why: String,
    all: &'a str,
}

/// A page for a thing that is not there.
pub(crate) fn missing(call: &Call<'_>, what: &str, all: &str) -> Answer {
    let id = call.argument.unwrap_or_default();
    let id = crate::shown::shown(id, 80).replace('`', "");
    let why = format!("The newest run knows nothing under `{id}`. It may have been there in a run before.");
    Frame::answer(404, &Missing { frame: Frame::new(call, "Not found"), what, why, all })
}

#[derive(Template)]
#[template(path = "unreadable.html")]
struct Unreadable<'a> {
    frame: Frame<'a>,
    failure: &'a Failure,
}

/// A page for a log that cannot be read.
pub(crate) fn unreadable(call: &Call<'_>, failure: &Failure) -> Answer {
    Frame::answer(500, &Unreadable { frame: Frame::new(call, "The log cannot be read"), failure })
}
