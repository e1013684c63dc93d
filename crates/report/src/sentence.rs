//! Sentences that every format says in the same words. They are raw: each format escapes and cuts them its own way.

use bartizan_finding::Timestamp;

use crate::v1::{Anchor, Decision, DecisionKind, DecisionState, Loss, Recorded, Report};

/// Anchors that are told one by one.
const ANCHORS: usize = 6;

/// `2026-11-22 10:00 UTC`.
pub(crate) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// That a gate stands open, until when, why, and who says so.
pub(crate) fn break_glass(decision: &Decision) -> String {
    let gate = decision.gate.as_deref().unwrap_or(&decision.about);
    let reason = decision.reason.trim_end_matches('.');
    format!(
        "A break-glass opens the gate {gate} until {}: {reason}. Asked for by {}, agreed by {}.",
        minute(decision.expires),
        decision.requester,
        people(&decision.approvers)
    )
}

/// Names in a row, or that there is nobody.
pub(crate) fn people(names: &[String]) -> String {
    match names {
        [] => "nobody yet".to_owned(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

/// Who has seen the log, when and how far: `seen by w1.example at 2026-11-22 10:05 UTC, up to entry 56`.
pub(crate) fn anchor(anchor: &Anchor) -> String {
    let reach = match anchor.size.checked_sub(1) {
        Some(last) => format!("up to entry {last}"),
        None => "while it was empty".to_owned(),
    };
    format!("seen by {} at {}, {reach}", anchor.by, minute(anchor.at))
}

/// How many of the newest entries nobody outside has seen.
pub(crate) fn unwitnessed(report: &Report) -> u64 {
    let Recorded::Ledger { size, .. } = report.run.recorded else { return 0 };
    size.saturating_sub(report.anchors.iter().map(|anchor| anchor.size).max().unwrap_or(0))
}

/// Who has seen the log, in a fragment: `not witnessed`, or each who has, what reaches furthest first, and what they
/// have not.
pub(crate) fn witnessed(report: &Report) -> String {
    if report.anchors.is_empty() {
        return "not witnessed".to_owned();
    }
    let anchors = furthest_first(report);
    let mut seen: Vec<String> = anchors.iter().take(ANCHORS).map(|one| anchor(one)).collect();
    if anchors.len() > ANCHORS {
        seen.push(format!("and by {} more", anchors.len() - ANCHORS));
    }
    match unwitnessed(report) {
        0 => {}
        1 => seen.push("the newest entry is not witnessed".to_owned()),
        n => seen.push(format!("the newest {n} entries are not witnessed")),
    }
    seen.join("; ")
}

/// The anchors, what reaches furthest first.
pub(crate) fn furthest_first(report: &Report) -> Vec<&Anchor> {
    let mut anchors: Vec<&Anchor> = report.anchors.iter().collect();
    anchors.sort_by(|one, other| (other.size, one.at, &one.by).cmp(&(one.size, other.at, &other.by)));
    anchors
}

/// What was lost, where it was last seen, and who agreed.
pub(crate) fn loss(loss: &Loss) -> String {
    let agreed = match &loss.decision {
        Some(id) => format!("agreed in decision {id}"),
        None => "nobody has agreed".to_owned(),
    };
    format!(
        "the {} {} was declared in entry {}, and is not now: {agreed}",
        loss.kind, loss.id, loss.last_seen
    )
}

/// How many findings pass by an exception, in a fragment; of other kinds there is nothing to say.
pub(crate) fn passes(decision: &Decision) -> Option<String> {
    (decision.kind == DecisionKind::Exception && (decision.rule.is_some() || decision.findings > 0)).then(
        || match decision.findings {
            0 => "no finding of this run passes by it".to_owned(),
            1 => "1 finding passes by it".to_owned(),
            n => format!("{n} findings pass by it"),
        },
    )
}

/// What it is about and how many findings pass by it.
pub(crate) fn about(decision: &Decision) -> String {
    match passes(decision) {
        Some(passes) => format!("{}; {passes}", decision.about),
        None => decision.about.clone(),
    }
}

/// `in force until 2026-12-20`; of a break-glass, whose time is hours, to the minute.
pub(crate) fn standing(decision: &Decision) -> String {
    let end = if decision.kind == DecisionKind::BreakGlass {
        minute(decision.expires)
    } else {
        decision.expires.strftime("%Y-%m-%d").to_string()
    };
    match decision.state {
        DecisionState::InForce => format!("in force until {end}"),
        DecisionState::Expiring => format!("expiring on {end}"),
        DecisionState::Expired => format!("expired on {end}"),
        DecisionState::Pending => format!("pending, would hold until {end}"),
        DecisionState::Revoked | DecisionState::Void | DecisionState::Refused => {
            decision.state.as_str().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_witness_is_said_only_where_there_is_one() {
        let mut report = sample::busy();
        assert!(
            witnessed(&report).starts_with("seen by tsa.example at 2026-11-22 10:00 UTC, up to entry 54; ")
        );
        assert!(witnessed(&report).ends_with("; the newest 2 entries are not witnessed"));
        report.anchors.retain(|anchor| anchor.size == 52);
        assert!(witnessed(&report).ends_with("; the newest 5 entries are not witnessed"));
        report.anchors.clear();
        // A flag alone is nobody who has seen it.
        if let Recorded::Ledger { witnessed, .. } = &mut report.run.recorded {
            *witnessed = true;
        }
        assert_eq!(witnessed(&report), "not witnessed");
    }

    #[test]
    fn people_stand_in_a_row() {
        let names = |n: usize| ["ana", "bo", "cy"].into_iter().take(n).map(str::to_owned).collect::<Vec<_>>();
        for (n, expected) in [(0, "nobody yet"), (1, "ana"), (2, "ana and bo"), (3, "ana, bo and cy")] {
            assert_eq!(people(&names(n)), expected);
        }
    }
}
