//! What people decided, what gates say, and whether declared and observed agree, as a report shows it.

use bartizan_assure as assure;
use bartizan_finding::SuppressedBy;
use bartizan_ledger::{Anchor, AnchorKind};
use bartizan_report::v1;

use crate::{check::Checked, standing::Standing};

/// Every request, newest first.
pub(super) fn decisions(checked: &Checked) -> Vec<v1::Decision> {
    checked.standing.decided.iter().rev().map(|one| decision(checked, one)).collect()
}

fn decision(checked: &Checked, one: &assure::Decided) -> v1::Decision {
    use assure::Asked;
    let request = &one.request;
    let mut shown = v1::Decision {
        id: one.id.clone(),
        kind: kind(request.kind()),
        state: state(one.state),
        why: one.why.clone(),
        about: request.about(),
        rule: None,
        fingerprint: None,
        control: None,
        gate: None,
        subject: request.subject(),
        reason: request.reason.clone(),
        owner: request.owner.to_string(),
        requester: one.requester.clone(),
        approvers: one.approvers.clone(),
        compensating: request.compensating.clone(),
        requested: one.requested,
        expires: one.expires,
        index: one.index,
        findings: covered(checked, one),
    };
    match &request.asked {
        Asked::Exception(scope) => {
            shown.rule = scope.rule.as_ref().map(ToString::to_string);
            shown.fingerprint = scope.fingerprint.map(|digest| digest.hex());
            shown.control = scope.control.as_ref().map(ToString::to_string);
        }
        Asked::Claim(scope) => shown.control = Some(scope.control.to_string()),
        Asked::BreakGlass { gate, .. } => shown.gate = Some(gate.to_string()),
        Asked::Loss(_) => {}
    }
    shown
}

/// How many findings a decision lets pass: of the run, or, where nothing was inspected, of the newest recorded one.
fn covered(checked: &Checked, decision: &assure::Decided) -> u64 {
    let by = |one: &SuppressedBy| matches!(one, SuppressedBy::Exception(id) if *id == decision.id);
    let passing = checked.findings.iter().filter_map(|finding| finding.suppressed.as_ref());
    let of_run = passing.filter(|suppressed| by(&suppressed.by)).count();
    let listed = || {
        let all = checked.standing.listed.iter();
        all.filter(|one| assure::covers(decision, &one.finding(), one.subject)).count()
    };
    if checked.hashed_only { listed() as u64 } else { of_run as u64 }
}

const fn kind(kind: assure::DecisionKind) -> v1::DecisionKind {
    match kind {
        assure::DecisionKind::Exception => v1::DecisionKind::Exception,
        assure::DecisionKind::Loss => v1::DecisionKind::Loss,
        assure::DecisionKind::BreakGlass => v1::DecisionKind::BreakGlass,
        assure::DecisionKind::Claim => v1::DecisionKind::Claim,
    }
}

const fn state(state: assure::DecisionState) -> v1::DecisionState {
    match state {
        assure::DecisionState::Pending => v1::DecisionState::Pending,
        assure::DecisionState::InForce => v1::DecisionState::InForce,
        assure::DecisionState::Expiring => v1::DecisionState::Expiring,
        assure::DecisionState::Expired => v1::DecisionState::Expired,
        assure::DecisionState::Revoked => v1::DecisionState::Revoked,
        assure::DecisionState::Void => v1::DecisionState::Void,
        assure::DecisionState::Refused => v1::DecisionState::Refused,
    }
}

/// Whether declared and observed agree.
pub(super) fn reconciliation(checked: &Checked) -> v1::Reconciliation {
    let standing = &checked.standing;
    let undeclared = standing.unaccounted().count();
    let missing = standing.missing().count();
    let is_known = standing.compared || checked.not_recorded.is_none();
    let posture = match (standing.is_reconciled(), is_known && !checked.source.is_inferred()) {
        (false, _) => v1::Posture::Unreconciled,
        (true, false) => v1::Posture::Unknown,
        (true, true) => v1::Posture::Reconciled,
    };
    let sentence = match posture {
        v1::Posture::Reconciled if standing.compared => {
            "What was seen is declared, and nothing that was declared before is gone without agreement."
                .to_owned()
        }
        v1::Posture::Reconciled => {
            "What was seen is declared; later runs are compared with this one.".to_owned()
        }
        v1::Posture::Unknown => {
            "What was seen is declared; there is no record of earlier runs to compare with.".to_owned()
        }
        v1::Posture::Unreconciled => sentence(standing, undeclared, missing),
    };
    v1::Reconciliation {
        posture,
        sentence,
        undeclared: undeclared as u64,
        lost: standing.lost.iter().map(|lost| loss(standing, lost)).collect(),
    }
}

fn sentence(standing: &Standing, undeclared: usize, missing: usize) -> String {
    let be = super::plural_be;
    let seen = || format!("{} seen that nobody declared", be(undeclared, "thing"));
    let gone = || {
        let verb = if missing == 1 { "is" } else { "are" };
        format!("{} declared before and {verb} gone without agreement", be(missing, "thing"))
    };
    let unread = standing.unreadable.len();
    let says = [
        (undeclared, seen()),
        (missing, gone()),
        (standing.unseen.len(), format!("{} not looked at", be(standing.unseen.len(), "place"))),
        (
            standing.not_compared.len(),
            format!("{} too long to be compared", be(standing.not_compared.len(), "list")),
        ),
        (unread, format!("{} recorded earlier and cannot be read", be(unread, "assessment"))),
    ];
    let says: Vec<_> = says.into_iter().filter(|(count, _)| *count > 0).map(|(_, says)| says).collect();
    match says.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{}, and {last}.", all.join(", ")),
        _ => format!("{}.", says.concat()),
    }
}

fn loss(standing: &Standing, lost: &bartizan_inventory::Lost) -> v1::Loss {
    let agreed = lost.agreed.and_then(|at| standing.agreed.get(at));
    v1::Loss {
        kind: lost.kind.as_str().to_owned(),
        id: lost.id.clone(),
        last_seen: lost.last_seen,
        decision: agreed.map(|one| one.decision.clone()),
    }
}

/// Who outside has seen the log.
pub fn anchors(anchors: &[Anchor]) -> Vec<v1::Anchor> {
    let shown = |anchor: &Anchor| v1::Anchor {
        kind: match anchor.kind {
            AnchorKind::Witness => v1::AnchorKind::Witness,
            AnchorKind::Timestamp => v1::AnchorKind::Timestamp,
        },
        by: anchor.by.clone(),
        at: anchor.at,
        size: anchor.size,
    };
    anchors.iter().map(shown).collect()
}
