//! Stanzas of the project file for the findings that were selected.

use std::collections::BTreeSet;

use askama::Template;
use bartizan_report::v1::{Finding, Severity};

use super::{filters, frame::Frame, stanza::stanza};
use crate::{
    address::path,
    call::{Answer, Call},
};

/// Findings that one page speaks of.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "ignore.html")]
struct Ignore<'a> {
    frame: Frame<'a>,
    chosen: usize,
    stanzas: Vec<String>,
    /// High and critical ones.
    grave: Vec<&'a Finding>,
    /// Those that something lets pass already.
    already: usize,
}

pub(crate) fn ignore(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let wanted: BTreeSet<&str> = call.query.all("f").take(MOST).collect();
    let chosen: Vec<&Finding> =
        wanted.iter().filter_map(|fingerprint| snapshot.finding(fingerprint)).collect();
    let already = chosen.iter().filter(|finding| finding.suppressed.is_some()).count();
    let open = || chosen.iter().filter(|finding| finding.suppressed.is_none());
    // One entry covers all findings of a rule in a file.
    let as_of = snapshot.report.run.as_of;
    let stanzas: BTreeSet<String> = open()
        .filter(|finding| finding.severity < Severity::High)
        .map(|finding| stanza(finding, as_of))
        .collect();
    let page = Ignore {
        frame: Frame::new(call, "Ignore stanzas"),
        chosen: chosen.len(),
        stanzas: within(stanzas, 60_000),
        grave: open().filter(|finding| finding.severity >= Severity::High).copied().collect(),
        already,
    };
    Frame::answer(200, &page)
}

impl Ignore<'_> {
    fn href(&self, finding: &Finding) -> String {
        format!("{}#live", path(&["findings", &super::frame::within(&finding.fingerprint)]))
    }
}

/// As many as fit into so many bytes.
fn within(stanzas: BTreeSet<String>, mut left: usize) -> Vec<String> {
    let mut kept = Vec::new();
    for stanza in stanzas {
        let Some(rest) = left.checked_sub(stanza.len()) else { break };
        left = rest;
        kept.push(stanza);
    }
    kept
}
