//! What earlier assessments had and this one has not.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Digest, LossKind};

use crate::declared::Declared;

/// That people agreed to a loss, at an entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// What kind of thing.
    pub kind: LossKind,
    /// Its id.
    pub id: String,
    /// Of a gate's policy the digest of the new text, without which nothing was agreed.
    pub digest: Option<Digest>,
    /// The entry.
    pub index: u64,
}

/// Something that an earlier assessment had and this one has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What kind of thing.
    pub kind: LossKind,
    /// Its id.
    pub id: String,
    /// The entry of the last assessment that had it; of a gate's policy, that had the text which was agreed or stood
    /// there first.
    pub last_seen: u64,
    /// By which of the agreements it may be gone: its own, or that to what it went with.
    pub agreed: Option<usize>,
    /// The lost asset, element or flow without which it cannot be there: the end of a flow, a step of a threat's path,
    /// all that a control applied to.
    pub with: Option<(LossKind, String)>,
}

/// What assessments of `history` (each with its index in the log) had and `now` has not, by kind and id.
///
/// What any of them had stays required until somebody agreed to its loss later than the last assessment that had it;
/// how often the project was assessed since does not matter. The policy of a gate stays what it was when the gate was
/// first assessed, or what was agreed last.
///
/// A set that was too long to record counts for nothing here: [`not_compared`] names it.
pub fn losses(history: &[(u64, Declared)], now: &Declared, agreed: &[Agreed]) -> Vec<Lost> {
    let mut lost = Vec::new();
    for kind in [LossKind::Asset, LossKind::Element, LossKind::Flow] {
        lost.extend(gone(history, now, kind).into_iter().map(|(id, (last_seen, _))| Lost {
            agreed: agreement(agreed, kind, id, last_seen),
            id: id.to_owned(),
            kind,
            last_seen,
            with: None,
        }));
    }
    follow_flows(&mut lost, agreed);
    for kind in [LossKind::Threat, LossKind::Control] {
        let rests: Vec<_> = gone(history, now, kind)
            .into_iter()
            .map(|(id, (last_seen, on))| {
                let cause =
                    if kind == LossKind::Threat { on_the_way(&lost, on) } else { all_gone(&lost, on) };
                let inherited = cause.and_then(|cause| covering(agreed, cause.agreed, last_seen));
                Lost {
                    agreed: agreement(agreed, kind, id, last_seen).or(inherited),
                    id: id.to_owned(),
                    kind,
                    last_seen,
                    with: cause.map(root),
                }
            })
            .collect();
        lost.extend(rests);
    }
    gates(history, now, agreed, &mut lost);
    lost.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    lost
}

/// Of which kinds it cannot be said what was lost: a set was too long to record, in `history` or in `now`, and differs
/// from what there is now. Declared and observed then do not agree as far as anybody knows.
pub fn not_compared(history: &[(u64, Declared)], now: &Declared) -> BTreeSet<LossKind> {
    let unknown = |kind: LossKind| {
        let current = now.set(kind);
        let sets: Vec<_> = history
            .iter()
            .map(|(_, then)| (then.set(kind).all().is_some(), then.set(kind).digest(kind)))
            .chain([(current.all().is_some(), current.digest(kind))])
            .collect();
        // What was cut and is the same as a set that stands there in full is known after all.
        let known: BTreeSet<_> = sets.iter().filter(|(whole, _)| *whole).map(|(_, digest)| digest).collect();
        let same = sets.iter().all(|(_, digest)| *digest == sets[0].1);
        !same && sets.iter().any(|(whole, digest)| !whole && !known.contains(digest))
    };
    // The policies stand with the gates.
    LossKind::ALL.into_iter().filter(|kind| unknown(*kind)).collect()
}

/// What each assessment had and `now` has not: the last that had it, and what it rested on there.
fn gone<'h>(
    history: &'h [(u64, Declared)],
    now: &Declared,
    kind: LossKind,
) -> BTreeMap<&'h str, (u64, &'h [String])> {
    let mut gone: BTreeMap<&str, (u64, &[String])> = BTreeMap::new();
    for (index, then) in history {
        for (id, on) in then.set(kind).all().into_iter().flatten() {
            if now.set(kind).has(id) == Some(false) {
                let known = gone.entry(id).or_insert((*index, on));
                if *index >= known.0 {
                    *known = (*index, on);
                }
            }
        }
    }
    gone
}

/// The last agreement to this loss that is later than the last assessment which had it.
fn agreement(agreed: &[Agreed], kind: LossKind, id: &str, last_seen: u64) -> Option<usize> {
    latest(agreed, |one| one.kind == kind && one.id == id && one.index > last_seen)
}

/// The position of the agreement with the highest index. Where two have one, the digest decides, so that the order in
/// which they are given does not.
fn latest(agreed: &[Agreed], fits: impl Fn(&Agreed) -> bool) -> Option<usize> {
    let fitting = agreed.iter().enumerate().filter(|(_, one)| fits(one));
    fitting.max_by_key(|(_, one)| (one.index, one.digest)).map(|(position, _)| position)
}

/// An agreement to what a thing went with, where it is later than the last assessment that had the thing.
fn covering(agreed: &[Agreed], by: Option<usize>, last_seen: u64) -> Option<usize> {
    by.filter(|position| agreed.get(*position).is_some_and(|one| one.index > last_seen))
}

/// A flow cannot be there without its ends.
fn follow_flows(lost: &mut [Lost], agreed: &[Agreed]) {
    let elements: BTreeMap<String, Option<usize>> = lost
        .iter()
        .filter(|one| one.kind == LossKind::Element)
        .map(|one| (one.id.clone(), one.agreed))
        .collect();
    for flow in lost.iter_mut().filter(|one| one.kind == LossKind::Flow) {
        let Some((from, to)) = ends(&flow.id) else { continue };
        // An end that nobody agreed to lose is the one to name.
        let causes = [from, to].into_iter().filter_map(|end| elements.get_key_value(end));
        if let Some((cause, by)) = causes.min_by_key(|(_, by)| by.is_some()) {
            flow.agreed = flow.agreed.or_else(|| covering(agreed, *by, flow.last_seen));
            flow.with = Some((LossKind::Element, cause.clone()));
        }
    }
}

/// The elements between which a flow runs.
fn ends(flow: &str) -> Option<(&str, &str)> {
    let (from, to) = flow.split_once('>')?;
    Some((from, to.split('#').next().unwrap_or(to)))
}

/// The loss that breaks a threat's path: of an element or asset on it, or of a flow between two of its steps.
fn on_the_way<'l>(lost: &'l [Lost], path: &[String]) -> Option<&'l Lost> {
    let step = |one: &&Lost| match one.kind {
        LossKind::Element | LossKind::Asset => path.contains(&one.id),
        LossKind::Flow => ends(&one.id)
            .is_some_and(|(from, to)| path.windows(2).any(|pair| pair[0] == from && pair[1] == to)),
        _ => false,
    };
    lost.iter().filter(step).min_by_key(|one| weight(one))
}

/// The first of the lost things that a control applied to, where all of them are lost.
fn all_gone<'l>(lost: &'l [Lost], on: &[String]) -> Option<&'l Lost> {
    let of = |id: &String| {
        let is_it = |one: &&Lost| {
            matches!(one.kind, LossKind::Element | LossKind::Asset | LossKind::Flow) && one.id == *id
        };
        lost.iter().find(is_it)
    };
    let causes = on.iter().map(of).collect::<Option<Vec<_>>>()?;
    causes.into_iter().min_by_key(|one| weight(one))
}

/// Which loss is named as the cause: one that nobody agreed to, then an element, then an asset, then a flow.
fn weight(lost: &Lost) -> (bool, u8, &str) {
    let kind = match lost.kind {
        LossKind::Element => 0,
        LossKind::Asset => 1,
        _ => 2,
    };
    (lost.agreed.is_some(), kind, &lost.id)
}

/// What a loss went with in the end: a flow may itself have gone with an element.
fn root(cause: &Lost) -> (LossKind, String) {
    cause.with.clone().unwrap_or_else(|| (cause.kind, cause.id.clone()))
}

/// Gates that are gone, and gates whose policy is another one.
fn gates(history: &[(u64, Declared)], now: &Declared, agreed: &[Agreed], lost: &mut Vec<Lost>) {
    for (id, (last_seen, _)) in gone(history, now, LossKind::Gate) {
        lost.push(Lost {
            kind: LossKind::Gate,
            id: id.to_owned(),
            last_seen,
            agreed: agreement(agreed, LossKind::Gate, id, last_seen),
            with: None,
        });
    }
    for (id, policy) in now.gates.all().into_iter().flatten() {
        // A gate that was agreed to be gone and came back starts anew.
        let gone_at = latest(agreed, |one| one.kind == LossKind::Gate && one.id == *id)
            .and_then(|position| agreed.get(position))
            .map(|one| one.index);
        let mut seen: Vec<(u64, &Vec<String>)> = history
            .iter()
            .filter(|(index, _)| gone_at.is_none_or(|gone| *index > gone))
            .filter_map(|(index, then)| Some((*index, then.gates.all()?.get(id)?)))
            .collect();
        seen.sort_by_key(|(index, _)| *index);
        let Some((first, base)) = seen.first().copied() else { continue };
        let newest = latest(agreed, |one| {
            one.kind == LossKind::GatePolicy && one.id == *id && one.digest.is_some() && one.index > first
        });
        let may_be = newest
            .and_then(|position| agreed.get(position))
            .and_then(|one| one.digest)
            .map_or_else(|| base.clone(), |digest| vec![digest.to_string()]);
        if *policy == may_be && policy == base {
            continue;
        }
        let last_seen = seen.iter().rev().find(|(_, then)| **then == may_be && may_be != *policy);
        let last_seen = last_seen.or_else(|| seen.iter().rev().find(|(_, then)| *then == base));
        lost.push(Lost {
            kind: LossKind::GatePolicy,
            id: id.clone(),
            last_seen: last_seen.map_or(first, |(index, _)| *index),
            agreed: newest.filter(|_| *policy == may_be),
            with: None,
        });
    }
}
