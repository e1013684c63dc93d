//! The findings: triage.

use askama::Template;
use bartizan_finding::RuleMeta;
use bartizan_report::v1::{Finding, Severity, SuppressedBy, Suppression};

use super::{
    filters,
    frame::Frame,
    listing::{Form, Listing, distinct, words},
    stanza::stanza,
};
use crate::{
    address::path,
    call::{Answer, Call},
    export::export,
    shown::{Markup, escaped, shown},
};

/// What may be said in the rows of one page, in bytes: a page is at most 300 KB.
const BODIES: usize = 120_000;

/// Samples that the row of a finding lists.
const BRIEF: usize = 3;

#[derive(Template)]
#[template(path = "findings.html")]
struct Findings<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<Row<'a>>,
    command: String,
    suppressed: usize,
}

struct Row<'a> {
    finding: &'a Finding,
    href: String,
    /// What the row holds when it is open; nothing where the page would become too large.
    body: Option<Markup>,
}

impl Row<'_> {
    /// What lets it pass, where something does.
    fn state(&self) -> Option<String> {
        self.finding.suppressed.as_ref().map(|suppressed| by(suppressed.by).replace('-', " "))
    }
}

/// All about one finding, for its row and for its page.
#[derive(Template)]
#[template(path = "finding_body.html")]
struct Body<'a> {
    frame: &'a Frame<'a>,
    finding: &'a Finding,
    rule: Option<&'static RuleMeta>,
    /// How many samples are shown, and how long texts may be.
    samples: usize,
    most: usize,
    stanza: Option<String>,
}

pub(crate) fn findings(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let form = Form::new(call, "/findings")
        .choice("severity", "Severity", words(Severity::WORST_FIRST.map(Severity::as_str)))
        .choice("rule", "Rule", distinct(report.findings.iter().map(|finding| finding.rule.as_str())))
        .choice(
            "asset",
            "Asset",
            distinct(report.findings.iter().filter_map(|finding| finding.asset.as_deref())),
        )
        .choice("state", "State", words(["open", "ignored", "excepted", "not-new"]))
        .search();
    let mut all: Vec<&Finding> = report.findings.iter().filter(|finding| passes(&form, finding)).collect();
    let listing =
        Listing::new(call, "/findings", all.len(), &["severity", "rule", "place", "asset", "count"]);
    match listing.sort() {
        "rule" => all.sort_by(|a, b| (&a.rule, &a.variant).cmp(&(&b.rule, &b.variant))),
        "place" => all.sort_by(|a, b| a.place.cmp(&b.place)),
        "asset" => all.sort_by(|a, b| a.asset.cmp(&b.asset)),
        "count" => all.sort_by_key(|finding| std::cmp::Reverse(finding.count)),
        _ => all.sort_by_key(|finding| (finding.suppressed.is_some(), std::cmp::Reverse(finding.severity))),
    }
    let head = [
        "severity",
        "rule",
        "asset",
        "place",
        "count",
        "title",
        "message",
        "confidence",
        "state",
        "fingerprint",
    ];
    let file = export(call, "findings", &head, &all, |finding| {
        vec![
            finding.severity.as_str().to_owned(),
            finding.name(),
            finding.asset.clone().unwrap_or_default(),
            finding.place.clone(),
            finding.count.to_string(),
            finding.title.clone(),
            finding.message.clone(),
            finding.confidence.as_str().to_owned(),
            state(finding).to_owned(),
            finding.fingerprint.clone(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let frame = Frame::new(call, "Findings");
    let mut left = BODIES;
    let mut rows = Vec::new();
    for finding in all.get(listing.range()).unwrap_or_default() {
        let html = body(&frame, finding, BRIEF, 200).0;
        let fits = html.len() <= left;
        left -= if fits { html.len() } else { 0 };
        let href = path(&["findings", &super::frame::within(&finding.fingerprint)]);
        rows.push(Row { finding, href, body: fits.then_some(Markup(html)) });
    }
    let command = match call.query.get("rule") {
        Some(rule) if frame.rule_meta(rule).is_some() => format!("bartizan explain {rule}"),
        _ => "bartizan check --format json".to_owned(),
    };
    let suppressed = all.iter().filter(|finding| finding.suppressed.is_some()).count();
    Frame::answer(200, &Findings { frame, form, listing, rows, command, suppressed })
}

fn passes(form: &Form<'_>, finding: &Finding) -> bool {
    let decision = finding.suppressed.as_ref().and_then(|suppressed| suppressed.decision.as_deref());
    form.takes("severity", finding.severity.as_str())
        && form.takes("rule", &finding.rule)
        && form.takes("asset", finding.asset.as_deref().unwrap_or_default())
        && form.takes("state", state(finding))
        && form.takes("decision", decision.unwrap_or_default())
        && form.finds(&[&finding.title, &finding.place, &finding.message, &finding.rule])
}

/// `open`, or what lets it pass.
pub(super) fn state(finding: &Finding) -> &'static str {
    finding.suppressed.as_ref().map_or("open", |suppressed| by(suppressed.by))
}

/// What lets a finding pass, as a word of addresses.
pub(super) fn by(by: SuppressedBy) -> &'static str {
    match by {
        SuppressedBy::Ignore => "ignored",
        SuppressedBy::Exception => "excepted",
        SuppressedBy::Baseline => "not-new",
    }
}

/// What is known of a finding, as the inside of its row or page.
pub(super) fn body(frame: &Frame<'_>, finding: &Finding, samples: usize, most: usize) -> Markup {
    let rule = frame.rule_meta(&finding.rule);
    let until = frame.call.snapshot.map(|snapshot| snapshot.report.run.as_of);
    let stanza = (finding.severity < Severity::High && finding.suppressed.is_none())
        .then(|| until.map(|until| stanza(finding, until)))
        .flatten();
    let body = Body { frame, finding, rule, samples, most, stanza };
    Markup(body.render().unwrap_or_default())
}

impl Body<'_> {
    fn most(&self) -> usize {
        self.most
    }

    fn long(&self) -> usize {
        self.most * 3
    }

    fn samples(&self) -> usize {
        self.samples
    }

    fn shown(&self) -> u64 {
        self.samples.min(self.finding.samples.len()) as u64
    }

    /// By what and until when, up to the reason.
    fn label(&self, suppressed: &Suppression) -> Markup {
        let what = match (suppressed.by, &suppressed.decision) {
            (SuppressedBy::Ignore, _) => "Ignored".to_owned(),
            (SuppressedBy::Exception, Some(id)) => format!("Excepted by {}", self.frame.decision(id)),
            (SuppressedBy::Exception, None) => "Excepted".to_owned(),
            (SuppressedBy::Baseline, _) => "Not new".to_owned(),
        };
        let until = suppressed.expires.as_deref().map(|day| format!(" until {}", escaped(&shown(day, 20))));
        Markup(format!("<strong>{what}{}</strong>", until.unwrap_or_default()))
    }

    fn explain(&self) -> String {
        format!("bartizan explain {}", super::frame::argument(&self.finding.name()))
    }

    /// Where the command that asks for an exception is made.
    fn live(&self) -> Option<String> {
        let is_brief = self.samples <= BRIEF && self.finding.suppressed.is_none();
        let href =
            || format!("{}#live", path(&["findings", &super::frame::within(&self.finding.fingerprint)]));
        (is_brief && self.finding.severity >= Severity::High).then(href)
    }

    fn length(&self, class: &str) -> &'static str {
        length(class)
    }
}

/// The class of a length, in words.
fn length(class: &str) -> &'static str {
    match class {
        "up-to8" => "up to 8 bytes",
        "up-to16" => "up to 16 bytes",
        "up-to32" => "up to 32 bytes",
        "up-to128" => "up to 128 bytes",
        _ => "longer than 128 bytes",
    }
}
