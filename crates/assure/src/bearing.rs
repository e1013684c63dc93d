//! What decisions do: to findings, to status, to what is lost and to gates.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{AssetId, ControlId, Digest, Finding, GateId, LossKind, Severity, Timestamp};
use bartizan_standards::Criterion;

use crate::{
    Asked, Basis, Claim, Decided, DecisionState, Decisions, Exception, ExceptionScope, LossItem, Reach,
    RuleName, SetAside,
};

/// A finding of this run, as it bears on status.
#[derive(Clone, Debug)]
pub struct Counted<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// What it is about: the bytes of the file, or the digest of the element or project; `None` where they are not
    /// known. The same that [`covers`] is asked with.
    pub subject: Option<Digest>,
    /// The subjects of the statements whose counts it is part of: of a scan, the file; of an integrity check, the
    /// asset; of what an `assessment` or `check-run` counts, the project.
    pub counted_for: Vec<Digest>,
}

/// Something that people agreed may be gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgreedLoss {
    /// What kind of thing.
    pub kind: LossKind,
    /// Its id.
    pub id: String,
    /// Of a gate's policy, the digest of the text that takes its place.
    pub digest: Option<Digest>,
    /// The place in the log from which it is agreed: that of the approval.
    pub index: u64,
    /// The id of the decision.
    pub decision: String,
    /// When the agreement ends. What was given up by then stays given up; what was not needs another.
    pub until: Timestamp,
    /// Whether it holds still.
    pub holds: bool,
}

/// Whether a decision lets a finding pass. `subject` is what the finding is about: it must be what the request
/// names, and a request that names none covers only what is about no known bytes.
pub fn covers(decided: &Decided, finding: &Finding, subject: Option<Digest>) -> bool {
    let Asked::Exception(scope) = &decided.request.asked else { return false };
    decided.state.holds()
        && (scope.rule.is_some() || scope.fingerprint.is_some())
        && (scope.route.is_none() && scope.cell.is_none())
        && scope.subject == subject
        && scope.rule.as_ref().is_none_or(|rule| rule.has(finding))
        && scope.asset.as_ref().is_none_or(|asset| finding.asset.as_ref() == Some(asset))
        && scope.place.as_ref().is_none_or(|place| *place == finding.place)
        && scope.fingerprint.is_none_or(|digest| finding.fingerprint.hex() == digest.hex())
}

/// What decisions in force mean for status.
///
/// - An exception for a control alone holds for whatever the control misses for its subject.
/// - An exception for a rule and a subject, without more, sets aside whatever is counted of that rule for it.
/// - Any other exception for findings needs them at hand: a rule, with its variant, is set aside for a subject only
///   where decisions cover *every* finding of it that is counted for that subject and is as severe as the control
///   asks, and only up to as many occurrences as those findings have, so that what somebody else counted there and
///   this run did not see still stands. That an `[[ignore]]` entry or a baseline suppresses a finding covers nothing.
///
/// Rules are set aside for each control of the catalogue that reads them, or for the one that the request names.
pub fn decisions(decided: &[Decided], counted: &[Counted<'_>]) -> Decisions {
    let holding: Vec<_> = decided.iter().filter(|decided| decided.state.holds()).collect();
    let mut exceptions: Vec<_> = holding.iter().flat_map(|decided| outright(decided)).collect();
    exceptions.extend(by_findings(&holding, counted));
    let claims = holding.iter().filter_map(|decided| claim(decided)).collect();
    Decisions { exceptions, claims, ..Decisions::default() }
}

/// What people agreed may be gone, in the order of kind and id; also where the agreement has ended since.
pub fn agreed_losses(decided: &[Decided]) -> Vec<AgreedLoss> {
    let agreed = |decided: &&Decided| decided.state.holds() || decided.state == DecisionState::Expired;
    let losses = decided.iter().filter(agreed).flat_map(|decided| {
        let items = match &decided.request.asked {
            Asked::Loss(items) => items.iter().collect(),
            _ => Vec::new(),
        };
        items.into_iter().filter_map(|LossItem { kind, id, digest }| {
            let (index, decision) = (decided.effective?, decided.id.clone());
            let (until, holds) = (decided.expires, decided.state.holds());
            Some(AgreedLoss { kind: *kind, id: id.clone(), digest: *digest, index, decision, until, holds })
        })
    });
    let mut losses: Vec<_> = losses.collect();
    losses.sort();
    losses
}

/// The break-glass that opens a gate for an asset, or for the project where `asset` is `None`: of several the one
/// that ends last.
pub fn break_glass<'d>(
    decided: &'d [Decided],
    gate: &GateId,
    asset: Option<&AssetId>,
    as_of: Timestamp,
) -> Option<&'d Decided> {
    let opens = |decided: &&Decided| match &decided.request.asked {
        Asked::BreakGlass { gate: opened, asset: passes } => opened == gate && passes.as_ref() == asset,
        _ => false,
    };
    let holds = |decided: &&Decided| decided.remaining(as_of).is_some();
    decided.iter().filter(holds).filter(opens).max_by_key(|decided| (decided.expires, decided.index))
}

/// The exceptions that need no findings to be told what they are about.
fn outright(decided: &Decided) -> Vec<Exception> {
    let Asked::Exception(scope) = &decided.request.asked else { return Vec::new() };
    let ExceptionScope { rule, fingerprint: None, asset: None, place: None, control, subject, route, cell } =
        scope
    else {
        return Vec::new();
    };
    let (Some(subject), None, None) = (subject, route, cell) else { return Vec::new() };
    match (rule, control) {
        (None, Some(control)) => vec![exception(decided, control, *subject, Reach::Control)],
        (Some(rule), _) => {
            let reach = Reach::Rules(vec![SetAside::Rule(rule.clone())]);
            let controls = readers(rule).filter(|(id, _)| is_meant(scope, id));
            controls.map(|(id, _)| exception(decided, id, *subject, reach.clone())).collect()
        }
        (None, None) => Vec::new(),
    }
}

/// The exceptions for single findings, where they cover all there are of a rule for a subject.
fn by_findings<'a>(holding: &[&'a Decided], counted: &'a [Counted<'_>]) -> Vec<Exception> {
    let mut groups: BTreeMap<(Digest, RuleName), Vec<Weighed<'a>>> = BTreeMap::new();
    for one in counted {
        let by = holding.iter().copied().filter(|decided| covers(decided, one.finding, one.subject));
        let by: Vec<_> = by.collect();
        for subject in one.counted_for.iter().collect::<BTreeSet<_>>() {
            let group = groups.entry((*subject, RuleName::of(one.finding))).or_default();
            group.push((one.finding, by.clone()));
        }
    }
    let mut exceptions = Vec::new();
    for ((subject, rule), group) in
        groups.iter().filter(|(_, group)| group.iter().any(|(_, by)| !by.is_empty()))
    {
        for (control, from) in readers(rule) {
            let severe = || group.iter().filter(|(finding, _)| finding.severity >= from);
            let meant = |by: &[&Decided]| by.iter().any(|decided| means(decided, control));
            if severe().any(|(_, by)| !meant(by)) {
                continue;
            }
            let most = severe().fold(0_u64, |sum, (finding, _)| sum.saturating_add(finding.count));
            let reach = Reach::Rules(vec![SetAside::Findings { key: rule.to_string(), most }]);
            let by: BTreeMap<_, _> = severe().flat_map(|(_, by)| by).map(|by| (by.index, *by)).collect();
            let by = by.into_values().filter(|decided| means(decided, control));
            exceptions.extend(by.map(|decided| exception(decided, control, *subject, reach.clone())));
        }
    }
    exceptions
}

/// A finding, and the decisions that cover it.
type Weighed<'a> = (&'a Finding, Vec<&'a Decided>);

/// The controls of the catalogue that read what is counted of a rule, each with the least severity that it asks
/// about.
fn readers(rule: &RuleName) -> impl Iterator<Item = (&'static ControlId, Severity)> {
    bartizan_standards::controls().iter().filter_map(|control| {
        let criteria = control.edges().flat_map(|(_, edge)| edge.criteria.iter().chain(&edge.fully));
        let from = criteria.filter_map(|criterion| match criterion {
            Criterion::NoFinding { rules, from } => {
                rules.iter().any(|prefix| prefix.covers(rule.code().as_str())).then_some(*from)
            }
            _ => None,
        });
        Some((&control.id, from.min()?))
    })
}

fn means(decided: &Decided, control: &ControlId) -> bool {
    matches!(&decided.request.asked, Asked::Exception(scope) if is_meant(scope, control))
}

/// Whether an exception is about a control: about each that reads the rule, unless it names one.
fn is_meant(scope: &ExceptionScope, control: &ControlId) -> bool {
    scope.control.as_ref().is_none_or(|named| named == control)
}

fn exception(decided: &Decided, control: &ControlId, subject: Digest, reach: Reach) -> Exception {
    Exception {
        control: control.clone(),
        subject,
        reach,
        reason: decided.request.reason.clone(),
        owner: decided.request.owner.to_string(),
        requester: decided.requester.clone(),
        approver: decided.approvers.first().cloned().unwrap_or_default(),
        expires: decided.expires,
        compensating: decided.request.compensating.clone(),
    }
}

fn claim(decided: &Decided) -> Option<Claim> {
    let Asked::Claim(scope) = &decided.request.asked else { return None };
    let approver = decided.approvers.first()?.clone();
    Some(Claim {
        control: scope.control.clone(),
        subject: scope.subject,
        kind: scope.kind,
        reason: decided.request.reason.clone(),
        basis: scope.supplier.map_or(Basis::Approver(approver), Basis::Supplier),
        expires: decided.expires,
    })
}
