//! Losses as people read them: one finding for each thing, with what went with it.

use std::collections::BTreeMap;

use bartizan_artifact::escape;
use bartizan_finding::{Location, LossKind, Occurrence, RuleMeta};

use crate::{
    Lost,
    rules::{AssetLost, ControlLost, GateLost, SystemLost, ThreatLost},
};

/// At most this many names of one kind are written out.
const SHOWN: usize = 8;

/// The findings about what was lost and nobody agreed to. What went with another loss is listed there, so that a
/// removed tool is one finding.
pub fn lost_occurrences(lost: &[Lost]) -> Vec<Occurrence> {
    let open = || lost.iter().filter(|one| one.agreed.is_none());
    let mut followers: BTreeMap<(LossKind, &str), Vec<&Lost>> = BTreeMap::new();
    for one in open() {
        if let Some((kind, id)) = &one.with {
            followers.entry((*kind, id)).or_default().push(one);
        }
    }
    let is_said = |cause: &(LossKind, String)| open().any(|one| (one.kind, &one.id) == (cause.0, &cause.1));
    // A cause that was agreed to after its follower came back says nothing about the follower.
    let heads = open().filter(|one| one.with.as_ref().is_none_or(|cause| !is_said(cause)));
    let occurrence = |one: &Lost| {
        let mut message = what(one);
        message.push_str(&gone_with(followers.get(&(one.kind, one.id.as_str())).map_or(&[], Vec::as_slice)));
        message.push_str(&format!(
            "; {}, or agree: `bartizan exception add --lost {}`, then somebody else `bartizan exception approve ID`",
            if one.kind == LossKind::GatePolicy { "put the old text back" } else { "put it back" },
            argument(one)
        ));
        Occurrence::new(rule(one.kind), location(one), message)
    };
    heads.map(occurrence).collect()
}

const fn rule(kind: LossKind) -> &'static RuleMeta {
    match kind {
        LossKind::Threat => ThreatLost::META,
        LossKind::Control => ControlLost::META,
        LossKind::Asset => AssetLost::META,
        LossKind::Element | LossKind::Flow => SystemLost::META,
        LossKind::Gate | LossKind::GatePolicy => GateLost::META,
    }
}

fn what(lost: &Lost) -> String {
    let Lost { kind, last_seen, .. } = lost;
    let id = escape(&lost.id, 160);
    match kind {
        LossKind::Threat => {
            format!("the threat {id} was derived at entry {last_seen} of the log and is not derived any more")
        }
        LossKind::Control => {
            format!(
                "the control `{id}` applied at entry {last_seen} of the log and applies to nothing any more"
            )
        }
        LossKind::GatePolicy => {
            format!("the policy of the gate `{id}` is not the one that entry {last_seen} of the log had")
        }
        _ => format!("the {kind} `{id}` was declared at entry {last_seen} of the log and is not any more"),
    }
}

/// What went with it, as the rest of a sentence.
fn gone_with(followers: &[&Lost]) -> String {
    let mut parts = Vec::new();
    for (kind, one, many) in [
        (LossKind::Flow, "flow", "flows"),
        (LossKind::Threat, "threat", "threats"),
        (LossKind::Control, "control", "controls"),
    ] {
        let ids: Vec<_> =
            followers.iter().filter(|lost| lost.kind == kind).map(|lost| escape(&lost.id, 160)).collect();
        let mut names = ids.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        if ids.len() > SHOWN {
            names.push_str(&format!(" and {} more", ids.len() - SHOWN));
        }
        match ids.len() {
            0 => {}
            1 => parts.push(format!("1 {one} ({names})")),
            count => parts.push(format!("{count} {many} ({names})")),
        }
    }
    let Some((last, before)) = parts.split_last() else { return String::new() };
    let listed = if before.is_empty() { last.clone() } else { format!("{} and {last}", before.join(", ")) };
    format!("; {listed} went with it")
}

/// What names the loss on the command line. A shell would take the `>` of a flow for something else.
fn argument(lost: &Lost) -> String {
    let text = format!("{}/{}", lost.kind, escape(&lost.id, 160));
    if lost.kind == LossKind::Flow { format!("'{text}'") } else { text }
}

/// Where it stood. It has no place any more, so the start of the project file stands for it.
fn location(lost: &Lost) -> Location {
    let key = match lost.kind {
        LossKind::Flow => format!("flow[{}]", lost.id),
        LossKind::GatePolicy => format!("gate.{}.policy", lost.id),
        kind => format!("{kind}.{}", lost.id),
    };
    Location::Project { key, start: 0, end: 0, line: 1, column: 1 }
}
