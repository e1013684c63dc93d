//! What people see: one file for each page, each a pure view of the newest run.
#![expect(clippy::unused_self, reason = "a template can call the methods of its page alone")]

mod about;
pub(crate) mod api;
mod commands;
mod control;
mod controls;
mod evidence;
mod exception;
mod exceptions;
mod filters;
mod finding;
mod findings;
mod frame;
mod framework;
mod frameworks;
mod gate;
mod gates;
mod group;
mod groups;
mod icon;
mod ignore;
mod item;
mod items;
mod links;
mod listing;
mod living;
mod log;
mod marks;
mod overview;
mod project;
mod project_files;
mod reconciliation;
mod refusal;
mod reports;
mod risks;
mod routes;
mod rule;
mod rules;
mod stanza;
mod statement;
#[cfg(test)]
mod tests;
mod threat;
mod threats;
mod warnings;

pub(crate) use frame::overall;
pub(crate) use icon::icon;
pub(crate) use refusal::{problem, waiting};

use crate::call::Page;

/// Every page and the route that it answers.
pub(crate) const PAGES: &[(&str, Page)] = &[
    ("/", overview::overview),
    ("/threats", threats::threats),
    ("/threats/{id}", threat::threat),
    ("/risks", risks::risks),
    ("/findings", findings::findings),
    ("/findings/ignore", ignore::ignore),
    ("/findings/{fingerprint}", finding::finding),
    ("/controls", controls::controls),
    ("/controls/{id}", control::control),
    ("/items", items::items),
    ("/items/{id}", item::item),
    ("/frameworks", frameworks::frameworks),
    ("/frameworks/{edition}", framework::framework),
    ("/gates", gates::gates),
    ("/gates/{name}", gate::gate),
    ("/exceptions", exceptions::exceptions),
    ("/exceptions/{id}", exception::exception),
    ("/evidence", evidence::evidence),
    ("/evidence/{index}", statement::statement),
    ("/log", log::log),
    ("/groups", groups::groups),
    ("/groups/{id}", group::group),
    ("/project", project::project),
    ("/reconciliation", reconciliation::reconciliation),
    ("/rules", rules::rules),
    ("/rules/{code}", rule::rule),
    ("/reports", reports::reports),
    ("/reports/{format}", reports::report),
    ("/about", about::about),
];
