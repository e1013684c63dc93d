//! From controls to the tasks and items of SSDF 1.1 with the profile SP 800-218A.

use std::collections::BTreeMap;

use bartizan_finding::{ControlId, Timestamp};
use bartizan_standards::{Audience, Control, Edition, GroupId, Item, ItemKind};

use crate::{ControlAssessment, Decisions, ItemAssessment, Scope, Status, Tally, TaskAssessment};

/// Every task, in the order of the profile.
pub(crate) fn tasks(
    catalogue: &[Control],
    controls: &[ControlAssessment],
    scope: &Scope,
    decisions: &Decisions,
    as_of: Timestamp,
) -> Vec<TaskAssessment> {
    let shown = Shown::new(catalogue, controls);
    let tasks = bartizan_standards::tasks(Edition::Ssdf218a).iter();
    let assessed = tasks.map(|task| {
        let items: Vec<_> = task.items.iter().map(|item| shown.item(item, scope, decisions, as_of)).collect();
        let concerns = task.audience.iter().any(|audience| scope.audience.contains(audience));
        let own = shown.entry(&task.id).map(|(status, ..)| status).filter(|_| concerns);
        let binding =
            items.iter().filter(|item| item.kind == ItemKind::Recommendation).map(|item| item.status);
        let nothing = if concerns { Status::Unknown } else { Status::NotApplicable };
        let status = Status::worst(binding.chain(own)).unwrap_or(nothing);
        TaskAssessment { id: id(&task.id), priority: task.priority, status, items }
    });
    assessed.collect()
}

/// The recommendations of a group by status. A task to which the profile adds none stands for itself.
pub(crate) fn recommendations(tasks: &[TaskAssessment], group: GroupId) -> Tally {
    let of_group =
        |task: &&TaskAssessment| task.id.split_once('/').and_then(|(_, id)| GroupId::of(id)) == Some(group);
    let statuses = tasks.iter().filter(of_group).flat_map(|task| {
        let binding =
            task.items.iter().filter(|item| item.kind == ItemKind::Recommendation).map(|item| item.status);
        let statuses: Vec<_> = binding.collect();
        if statuses.is_empty() { vec![task.status] } else { statuses }
    });
    statuses.collect()
}

fn id(entry: &str) -> String {
    Edition::Ssdf218a.entry(entry).to_string()
}

/// By entry of the profile: the controls that show it, and whether in full.
struct Shown<'a>(BTreeMap<&'a str, Vec<(&'a ControlAssessment, bool)>>);

impl<'a> Shown<'a> {
    fn new(catalogue: &'a [Control], controls: &'a [ControlAssessment]) -> Self {
        let mut shown: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (control, assessed) in catalogue.iter().zip(controls) {
            let entries = control.covers.iter().map(|entry| (entry, true));
            let entries = entries.chain(control.covers_part.iter().map(|entry| (entry, false)));
            for (entry, full) in entries.filter(|(entry, _)| entry.edition == Edition::Ssdf218a) {
                shown.entry(entry.id.as_str()).or_default().push((assessed, full));
            }
        }
        Self(shown)
    }

    /// The status of an entry by the controls that show it: the worst of those that apply, and at most `partial`
    /// where none shows it in full.
    fn entry(&self, entry: &str) -> Option<(Status, Vec<ControlId>, &'a ControlAssessment)> {
        let controls = self.0.get(entry)?;
        let (worst, _) = controls.iter().min_by_key(|(control, _)| control.status)?;
        let full = controls.iter().any(|(control, full)| *full && control.status != Status::NotApplicable);
        let status =
            if full { worst.status } else { Status::worst([worst.status, at_most_partial(worst.status)])? };
        Some((status, controls.iter().map(|(control, _)| control.id.clone()).collect(), worst))
    }

    fn item(&self, item: &Item, scope: &Scope, decisions: &Decisions, as_of: Timestamp) -> ItemAssessment {
        let entry = self.entry(&item.id);
        let controls = entry.as_ref().map_or_else(Vec::new, |(_, controls, _)| controls.clone());
        let by_controls = match entry {
            Some((status, _, worst)) => (status, format!("The control `{}` is {}.", worst.id, worst.status)),
            None => (Status::Unknown, "No control of the catalogue asks for evidence of it.".to_owned()),
        };
        let concerns = |audience: &Audience| scope.audience.contains(audience);
        let (status, why) = if item.kind == ItemKind::Note {
            (Status::NotApplicable, "It is a note and asks for nothing.".to_owned())
        } else if !item.audience.iter().any(concerns) {
            let whom: Vec<_> = item.audience.iter().map(|audience| audience.as_str()).collect();
            (
                Status::NotApplicable,
                format!("It concerns a {}, and the project is none.", whom.join(" or a ")),
            )
        } else if item.kind == ItemKind::Consideration {
            considered(item, by_controls, decisions, as_of)
        } else {
            by_controls
        };
        ItemAssessment { id: id(&item.id), kind: item.kind, status, why, controls }
    }
}

fn at_most_partial(status: Status) -> Status {
    if status == Status::NotApplicable { status } else { Status::Partial }
}

/// What is only to be considered wants a decision: without one nothing is known, whatever the controls say.
fn considered(
    item: &Item,
    by_controls: (Status, String),
    decisions: &Decisions,
    as_of: Timestamp,
) -> (Status, String) {
    let decided =
        decisions.considered.iter().find(|decision| decision.item == item.id && decision.holds(as_of));
    match decided {
        None => (Status::Unknown, "Nobody has recorded a decision on it.".to_owned()),
        Some(decision) if decision.adopted => by_controls,
        Some(_) => (Status::NotApplicable, "It was considered and decided against.".to_owned()),
    }
}
