//! The rules.

use std::collections::BTreeMap;

use askama::Template;
use bartizan_finding::RuleMeta;
use bartizan_report::v1::Severity;

use super::{
    filters,
    frame::Frame,
    listing::{Form, Listing, words},
};
use crate::{
    call::{Answer, Call},
    export::export,
};

#[derive(Template)]
#[template(path = "rules.html")]
struct Rules<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<(&'static RuleMeta, Severity, usize)>,
}

pub(crate) fn rules(call: &Call<'_>) -> Answer {
    let frame = Frame::new(call, "Rules");
    let known: Vec<&'static RuleMeta> = frame.rules().collect();
    let families: std::collections::BTreeSet<&str> = known.iter().map(|rule| family(rule)).collect();
    let form = Form::new(call, "/rules")
        .choice("family", "Family", families.into_iter().map(|family| (family, family.to_owned())))
        .choice("severity", "Severity", words(Severity::WORST_FIRST.map(Severity::as_str)))
        .search();
    let all: Vec<&'static RuleMeta> = known
        .into_iter()
        .filter(|rule| {
            form.takes("family", family(rule))
                && form.takes("severity", Severity::from(rule.severity).as_str())
                && form.finds(&[rule.code.as_str(), rule.title, rule.name, rule.what])
        })
        .collect();
    let listing = Listing::new(call, "/rules", all.len(), &[]);
    let rows: Vec<Row> = all.iter().map(|rule| Row::from(*rule)).collect();
    let file = export(
        call,
        "rules",
        &["code", "name", "title", "severity", "confidence"],
        &rows.iter().collect::<Vec<_>>(),
        |row| [row.code, row.name, row.title, row.severity, row.confidence].map(str::to_owned).to_vec(),
    );
    if let Some(file) = file {
        return file;
    }
    let mut hits: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in call.snapshot.map_or(&[][..], |snapshot| &snapshot.report.findings) {
        *hits.entry(&finding.rule).or_default() += 1;
    }
    let rows = all.get(listing.range()).unwrap_or_default();
    let rows = rows
        .iter()
        .map(|rule| {
            (*rule, Severity::from(rule.severity), hits.get(rule.code.as_str()).copied().unwrap_or(0))
        })
        .collect();
    Frame::answer(200, &Rules { frame, form, listing, rows })
}

/// A rule as a file lists it.
#[derive(serde::Serialize)]
struct Row {
    code: &'static str,
    name: &'static str,
    title: &'static str,
    severity: &'static str,
    confidence: &'static str,
}

impl From<&'static RuleMeta> for Row {
    fn from(rule: &'static RuleMeta) -> Self {
        Self {
            code: rule.code.as_str(),
            name: rule.name,
            title: rule.title,
            severity: Severity::from(rule.severity).as_str(),
            confidence: bartizan_report::v1::Confidence::from(rule.confidence).as_str(),
        }
    }
}

fn family(rule: &'static RuleMeta) -> &'static str {
    rule.code.as_str().trim_end_matches(|c: char| c.is_ascii_digit())
}
