//! One rule: what `bartizan explain` says.

use askama::Template;
use bartizan_finding::RuleMeta;
use bartizan_report::v1::{Confidence, Severity};

use super::{filters, frame::Frame};
use crate::{
    call::{Answer, Call},
    shown::{Markup, escaped, shown},
};

#[derive(Template)]
#[template(path = "rule.html")]
struct RulePage<'a> {
    frame: Frame<'a>,
    rule: &'static RuleMeta,
    severity: Severity,
    confidence: &'static str,
    controls: Vec<Markup>,
    findings: usize,
}

pub(crate) fn rule(call: &Call<'_>) -> Answer {
    let frame = Frame::new(call, call.argument.unwrap_or_default());
    let Some(rule) = call.argument.and_then(|code| frame.rule_meta(code)) else {
        return super::refusal::missing(call, "rule", "/rules");
    };
    let findings = call.snapshot.map_or(&[][..], |snapshot| &snapshot.report.findings);
    let page = RulePage {
        rule,
        severity: rule.severity.into(),
        confidence: Confidence::from(rule.confidence).as_str(),
        controls: rule.controls.iter().map(|control| frame.control(control.as_str())).collect(),
        findings: findings.iter().filter(|finding| finding.rule == rule.code.as_str()).count(),
        frame,
    };
    Frame::answer(200, &page)
}

impl RulePage<'_> {
    fn explain(&self) -> String {
        format!("bartizan explain {}", self.rule.code.as_str())
    }

    fn source(&self, reference: &str) -> Markup {
        source(reference)
    }
}

/// A source: an address of ours, which is one that stands in the program, may be followed.
pub(super) fn source(reference: &str) -> Markup {
    let reference = reference.trim_start_matches('<').trim_end_matches('>');
    let text = escaped(&shown(reference, 200));
    if reference.starts_with("https://") && !reference.contains(char::is_whitespace) {
        return Markup(format!(
            "<a href=\"{}\" rel=\"external noreferrer noopener\">{text}</a>",
            escaped(reference)
        ));
    }
    Markup(text)
}
