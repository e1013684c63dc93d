//! One decision: what it is about, who made it, until when, and what it lets pass.

use askama::Template;
use bartizan_report::v1::{Control, Decision, DecisionKind, DecisionState, Finding, Loss};

use super::{commands, filters, frame::Frame};
use crate::{
    address::{path, with_query},
    call::{Answer, Call},
};

/// Findings that the page lists.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "exception.html")]
struct ExceptionPage<'a> {
    frame: Frame<'a>,
    decision: &'a Decision,
    control: Option<&'a Control>,
    findings: Vec<&'a Finding>,
    passed: usize,
    losses: Vec<&'a Loss>,
    has_ended: bool,
    renewal: Option<String>,
}

pub(crate) fn exception(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let Some(decision) = call.argument.and_then(|id| snapshot.decision(id)) else {
        return super::refusal::missing(call, "decision", "/exceptions");
    };
    let frame = Frame::new(call, &decision.about);
    let mut findings = snapshot.passed(&decision.id);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let losses = snapshot.report.reconciliation.lost.iter();
    let losses: Vec<&Loss> = losses.filter(|loss| loss.decision.as_ref() == Some(&decision.id)).collect();
    let page = ExceptionPage {
        decision,
        control: decision.control.as_deref().and_then(|id| snapshot.control(id)),
        passed: findings.len(),
        findings: findings.into_iter().take(MOST).collect(),
        has_ended: decision.state.holds() && frame.is_over(&decision.expires),
        renewal: commands::renew(decision, &losses),
        losses: losses.into_iter().take(MOST).collect(),
        frame,
    };
    Frame::answer(200, &page)
}

impl ExceptionPage<'_> {
    fn finding_href(&self, finding: &Finding) -> String {
        path(&["findings", &super::frame::within(&finding.fingerprint)])
    }

    fn all(&self) -> String {
        with_query("/findings", [("decision", self.decision.id.as_str())])
    }

    /// The one finding that it is about, where the newest run knows it.
    fn own(&self) -> Option<String> {
        let finding = self.frame.call.snapshot?.finding(self.decision.fingerprint.as_deref()?)?;
        Some(self.finding_href(finding))
    }

    /// Whether anything is known of what it is about besides the words of its title.
    fn has_scope(&self) -> bool {
        let one = self.decision;
        let ids = [&one.rule, &one.fingerprint, &one.control, &one.gate];
        ids.iter().any(|id| id.is_some()) || one.subject.is_some() || !self.losses.is_empty()
    }

    fn approve(&self) -> String {
        commands::approve(&self.decision.id)
    }

    fn revoke(&self) -> String {
        commands::revoke(&self.decision.id)
    }

    fn help(&self) -> &'static str {
        commands::ADD_HELP
    }

    fn is_pending(&self) -> bool {
        self.decision.state == DecisionState::Pending
    }

    fn holds(&self) -> bool {
        self.decision.state.holds() && !self.has_ended
    }

    /// What its kind means.
    fn meaning(&self) -> &'static str {
        match self.decision.kind {
            DecisionKind::Exception => {
                "An exception: what it is about stays listed and counted, its control is excepted and never satisfied by it, and other bytes void it."
            }
            DecisionKind::Loss => "A loss: what was declared before may be gone from the project file.",
            DecisionKind::BreakGlass => {
                "A break-glass: it opens a gate for at most 24 hours, past the rules of the project, never past those of the organisation."
            }
            DecisionKind::Claim => "A claim: a control does not apply here, or is somebody else's to show.",
        }
    }
}
