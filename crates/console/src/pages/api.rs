//! The JSON API, for people.

use askama::Template;

use super::{filters, frame::Frame};
use crate::{
    api::{Action, ENDPOINTS, Endpoint},
    call::{Answer, Call},
};

#[derive(Template)]
#[template(path = "api.html")]
struct Api<'a> {
    frame: Frame<'a>,
    rows: Vec<Row>,
}

struct Row {
    endpoint: &'static Endpoint,
    route: String,
    /// Whether a browser can simply go there.
    is_link: bool,
}

/// `GET /api`
pub(crate) fn api(call: &Call<'_>) -> Answer {
    let row = |endpoint: &'static Endpoint| Row {
        endpoint,
        route: endpoint.route(),
        is_link: matches!(endpoint.action, Action::Read(_)) && !endpoint.path.contains('{'),
    };
    Frame::answer(200, &Api { frame: Frame::new(call, "API"), rows: ENDPOINTS.iter().map(row).collect() })
}
