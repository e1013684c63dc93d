use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{ControlId, Digest, Timestamp};
use bartizan_standards::{Baseline, Control, GroupId, Strength, groups};

use crate::{
    Assessment, BaselineAssessment, Claim, ClaimKind, ClauseAssessment, ControlAssessment, Decisions,
    EdgeAssessment, Evidence, Exception, GroupAssessment, InScope, Reach, Refused, Scope, SetAside, Status,
    Subject, SubjectAssessment, Tally, TaskAssessment, items,
    judge::{Index, Judge, day},
    reading::printable,
};

/// Says where each control of the catalogue stands at `as_of`.
///
/// The order of `evidence` does not matter; its indexes do. Statements collected more than five minutes after
/// `as_of` are left out, so that an assessment of a past day does not know what came later.
pub fn assess(
    catalogue: &[Control],
    scope: &Scope,
    evidence: &[Evidence],
    decisions: &Decisions,
    as_of: Timestamp,
) -> Assessment {
    let index = Index::new(evidence, &decisions.approvals, scope.project, as_of);
    let run = Run { index, in_force: InForce::of(decisions, as_of), scope, evidence };
    let controls: Vec<_> = catalogue.iter().map(|control| run.control(control)).collect();
    let tasks = items::tasks(catalogue, &controls, scope, decisions, as_of);
    let refused = evidence.iter().filter_map(refusal).collect::<BTreeSet<_>>().into_iter().collect();
    Assessment {
        as_of,
        project: scope.project,
        groups: GroupId::ALL.into_iter().filter_map(|id| group(id, &controls, &tasks)).collect(),
        baselines: Baseline::ALL.into_iter().filter_map(|id| baseline(id, &controls, scope)).collect(),
        tally: controls.iter().map(|control| control.status).collect(),
        expires: controls.iter().filter_map(|control| control.expires).min(),
        tasks,
        refused,
        controls,
    }
}

struct Run<'a> {
    index: Index<'a>,
    in_force: InForce<'a>,
    scope: &'a Scope,
    evidence: &'a [Evidence],
}

/// The decisions that count, where they are looked for, and what is said of those that do not.
struct InForce<'d> {
    exceptions: BTreeMap<(&'d ControlId, Digest), Vec<&'d Exception>>,
    claims: BTreeMap<&'d ControlId, Vec<&'d Claim>>,
    ignored: BTreeMap<&'d ControlId, BTreeSet<String>>,
}

impl<'d> InForce<'d> {
    fn of(decisions: &'d Decisions, as_of: Timestamp) -> Self {
        let mut all = Self { exceptions: BTreeMap::new(), claims: BTreeMap::new(), ignored: BTreeMap::new() };
        for exception in &decisions.exceptions {
            if let Some(fault) = exception.fault(as_of) {
                let note = format!("An exception is ignored: {fault}.");
                all.ignored.entry(&exception.control).or_default().insert(note);
            } else {
                all.exceptions.entry((&exception.control, exception.subject)).or_default().push(exception);
            }
        }
        for claim in &decisions.claims {
            if let Some(fault) = claim.fault(as_of) {
                let note = format!("A claim is ignored: {fault}.");
                all.ignored.entry(&claim.control).or_default().insert(note);
            } else {
                all.claims.entry(&claim.control).or_default().push(claim);
            }
        }
        all
    }
}

impl Run<'_> {
    fn control(&self, control: &Control) -> ControlAssessment {
        let mut notes = self.in_force.ignored.get(&control.id).cloned().unwrap_or_default();
        let mut subjects = Vec::new();
        let outside = match self.scope.controls.get(&control.id) {
            Some(InScope::Subjects(in_scope)) => {
                let judges = self.judges(control);
                subjects.extend(
                    in_scope.iter().map(|subject| self.subject(control, &judges, subject, &mut notes)),
                );
                None
            }
            Some(InScope::NotApplicable(reason)) => Some((Status::NotApplicable, reason.clone())),
            None => Some((Status::Unknown, "Nobody has said what is in its scope.".to_owned())),
        };
        let tally: Tally = subjects.iter().map(|subject| subject.status).collect();
        let (status, why) = match (outside, tally.worst()) {
            (Some(outside), _) => outside,
            (None, Some(worst)) => (worst, why(worst, &subjects)),
            (None, None) => (Status::NotApplicable, absence(control)),
        };
        let mut deciding: Vec<_> = subjects.iter().flat_map(deciding).collect();
        deciding.sort_unstable_by_key(|edge| edge.index);
        let indexes = |edges: &mut dyn Iterator<Item = &&EdgeAssessment>| {
            edges.filter_map(|edge| edge.index).collect::<BTreeSet<_>>().into_iter().collect()
        };
        let counting =
            deciding.iter().filter(|edge| matches!(edge.status, Status::Satisfied | Status::Partial));
        let expires = counting.filter_map(|edge| edge.expires).min();
        let against = |edge: &&&EdgeAssessment| edge.status == Status::Failing;
        let all: Vec<_> = subjects.iter().flat_map(edges).collect();
        ControlAssessment {
            id: control.id.clone(),
            title: control.title.clone(),
            group: control.group,
            baseline: control.baseline,
            owner: control.owner.clone(),
            status,
            why,
            next: next(control, status, &subjects, expires),
            evidence: indexes(&mut deciding.iter()),
            contrary: indexes(&mut all.iter().filter(against)),
            tally,
            refused: self.refused(control, &subjects),
            expires,
            notes: notes.into_iter().collect(),
            subjects,
        }
    }

    fn judges<'s>(&'s self, control: &'s Control) -> Vec<Vec<Judge<'s>>> {
        let clauses = control.clauses.iter();
        clauses.map(|clause| clause.edges.iter().map(|edge| self.index.edge(edge)).collect()).collect()
    }

    fn subject(
        &self,
        control: &Control,
        judges: &[Vec<Judge<'_>>],
        subject: &Subject,
        notes: &mut BTreeSet<String>,
    ) -> SubjectAssessment {
        let clauses = clauses(control, judges, subject, &[]);
        let (mut status, mut why) = combine(control, &clauses);
        if let Some((excepted, reason)) = self.exception(control, judges, subject, status, notes) {
            (status, why) = (excepted, reason);
        }
        if let Some((claimed, reason)) = self.claim(control, subject, status, notes) {
            (status, why) = (claimed, reason);
        }
        SubjectAssessment {
            id: subject.id.clone(),
            label: subject.label.clone(),
            digest: subject.digest,
            status,
            why,
            clauses,
        }
    }

    /// What an exception makes of a subject, where one is in force and something is missing or fails.
    fn exception(
        &self,
        control: &Control,
        judges: &[Vec<Judge<'_>>],
        subject: &Subject,
        status: Status,
        notes: &mut BTreeSet<String>,
    ) -> Option<(Status, String)> {
        if !matches!(status, Status::Failing | Status::Expired | Status::Unknown | Status::Partial) {
            return None;
        }
        let exceptions = self.in_force.exceptions.get(&(&control.id, subject.digest?))?;
        let first = exceptions.first()?;
        let told = format!("{} lives with it until {}.", printable(&first.owner, 60), day(first.expires));
        let note = |exception: &&Exception| {
            let reason = printable(&exception.reason, 200);
            format!(
                "{}: an exception until {}: {reason}",
                printable(&subject.label, 80),
                day(exception.expires)
            )
        };
        let mut aside = Vec::new();
        for exception in exceptions {
            match &exception.reach {
                Reach::Control => {
                    notes.extend(exceptions.iter().map(note));
                    return Some((Status::Excepted, told));
                }
                Reach::Rules(rules) => aside.extend(rules.iter().cloned()),
            }
        }
        let (without, why) = combine(control, &clauses(control, judges, subject, &aside));
        if without <= status {
            return None;
        }
        notes.extend(exceptions.iter().map(note));
        let left = Status::worst([without, Status::Excepted])?;
        Some(if left == Status::Excepted { (left, told) } else { (left, why) })
    }

    /// What a claim makes of a subject. Evidence for or against is stronger than any claim.
    fn claim(
        &self,
        control: &Control,
        subject: &Subject,
        status: Status,
        notes: &mut BTreeSet<String>,
    ) -> Option<(Status, String)> {
        let about = |claim: &&Claim| claim.subject.is_none_or(|digest| subject.digest == Some(digest));
        let claim = self.in_force.claims.get(&control.id)?.iter().copied().find(about)?;
        let label = printable(&subject.label, 80);
        let (claimed, word) = match claim.kind {
            ClaimKind::NotApplicable => (Status::NotApplicable, "not applicable"),
            ClaimKind::Inherited => (Status::Inherited, "inherited"),
        };
        if matches!(status, Status::Failing | Status::Satisfied) {
            notes.insert(format!("{label}: claimed to be {word}, but evidence says that it is {status}."));
            return None;
        }
        let reason = printable(&claim.reason, 200);
        let why = format!("It is claimed to be {word} until {}: {reason}", day(claim.expires));
        notes.insert(format!("{label}: {why}"));
        Some((claimed, why))
    }

    fn refused(&self, control: &Control, subjects: &[SubjectAssessment]) -> Vec<Refused> {
        let mut asked: BTreeSet<_> = subjects.iter().filter_map(|subject| subject.digest).collect();
        asked.insert(self.scope.project);
        let about = |evidence: &&Evidence| {
            control.reads(evidence.predicate)
                && evidence.subjects.iter().any(|subject| asked.contains(subject))
        };
        let refused = self.evidence.iter().filter(|evidence| evidence.refused.is_some()).filter(about);
        refused.filter_map(refusal).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn refusal(evidence: &Evidence) -> Option<Refused> {
    let why = printable(evidence.refused.as_deref()?, 200);
    Some(Refused { index: evidence.index, kind: evidence.predicate, why })
}

fn clauses(
    control: &Control,
    judges: &[Vec<Judge<'_>>],
    subject: &Subject,
    aside: &[SetAside],
) -> Vec<ClauseAssessment> {
    let assessed = control.clauses.iter().zip(judges).map(|(clause, judges)| {
        let edges: Vec<_> = judges.iter().map(|judge| judge.judge(subject, aside)).collect();
        ClauseAssessment { id: clause.id.clone(), status: clause_status(&edges), edges }
    });
    assessed.collect()
}

/// Where a clause stands: failing as soon as evidence of any weight is against it, else as far as the best goes.
fn clause_status(edges: &[EdgeAssessment]) -> Status {
    let weighty = || edges.iter().filter(|edge| edge.strength != Strength::Context).map(|edge| edge.status);
    let any = |status| weighty().any(|edge| edge == status);
    let best_first = [Status::Failing, Status::Satisfied, Status::Partial, Status::Expired];
    best_first.into_iter().find(|status| any(*status)).unwrap_or(Status::Unknown)
}

/// Where a subject stands: the worst of its clauses; but where evidence for some is there and for others there has
/// never been any, a part is shown.
fn combine(control: &Control, clauses: &[ClauseAssessment]) -> (Status, String) {
    let is_absent = |clause: &&ClauseAssessment| {
        clause.status == Status::Unknown
            && clause
                .edges
                .iter()
                .filter(|edge| edge.strength != Strength::Context)
                .all(|edge| edge.index.is_none())
    };
    let absent = clauses.iter().filter(is_absent).count();
    let present = clauses.iter().filter(|clause| !is_absent(clause)).map(|clause| clause.status);
    let worst = Status::worst(present);
    let status = match worst {
        None => Status::Unknown,
        Some(Status::Satisfied) if absent > 0 => Status::Partial,
        Some(worst) => worst,
    };
    let culprit = clauses.iter().find(|clause| match (status, worst) {
        (Status::Partial, Some(Status::Satisfied)) | (Status::Unknown, None) => is_absent(clause),
        _ => clause.status == status,
    });
    let why = match (status, culprit) {
        (Status::Satisfied, _) | (_, None) => "Evidence for every clause is recorded and counts.".to_owned(),
        (_, Some(clause)) => {
            let decides =
                |edge: &&EdgeAssessment| edge.strength != Strength::Context && edge.status == clause.status;
            // A statement that decides nothing says more than the absence of another.
            let mut said: Vec<_> = clause.edges.iter().filter(decides).collect();
            said.sort_by_key(|edge| edge.index.is_none());
            let said = said.first().map_or("", |edge| edge.why.as_str());
            let text = control
                .clauses
                .iter()
                .find(|known| known.id == clause.id)
                .map_or("", |known| known.text.as_str());
            match status {
                Status::Failing => said.to_owned(),
                Status::Partial if worst == Some(Status::Satisfied) => format!("Not shown yet: {text}"),
                _ => format!("{said} To be shown: {text}"),
            }
        }
    };
    (status, why)
}

fn edges(subject: &SubjectAssessment) -> impl Iterator<Item = &EdgeAssessment> {
    subject.clauses.iter().flat_map(|clause| &clause.edges)
}

/// The edges whose evidence decided.
fn deciding(subject: &SubjectAssessment) -> impl Iterator<Item = &EdgeAssessment> {
    let counts = |edge: &&EdgeAssessment| edge.strength != Strength::Context && edge.index.is_some();
    edges(subject).filter(counts)
}

fn absence(control: &Control) -> String {
    format!("The project declares {}.", control.scope.absence())
}

fn why(worst: Status, subjects: &[SubjectAssessment]) -> String {
    let of_worst: Vec<_> = subjects.iter().filter(|subject| subject.status == worst).collect();
    let Some(first) = of_worst.first() else { return String::new() };
    if worst == Status::Satisfied && subjects.len() > 1 {
        return format!(
            "Evidence for every clause is recorded for each of {} subjects, and counts.",
            subjects.len()
        );
    }
    let label = printable(&first.label, 80);
    match subjects.len() {
        1 if first.id == "project" || worst == Status::Satisfied => first.why.clone(),
        1 => format!("{label}: {}", first.why),
        all => format!("{} of {all} subjects: {label}: {}", of_worst.len(), first.why),
    }
}

/// What to do: mend what fails; else obtain what is missing; else wait.
fn next(
    control: &Control,
    status: Status,
    subjects: &[SubjectAssessment],
    expires: Option<Timestamp>,
) -> String {
    match status {
        Status::Failing => control.mend.clone(),
        Status::Expired | Status::Unknown | Status::Partial => lacking(control, status, subjects)
            .unwrap_or_else(|| "Declare what is in its scope, then run `bartizan check`.".to_owned()),
        Status::Excepted | Status::Inherited => "Look at the decision again before it ends.".to_owned(),
        Status::Satisfied => expires.map_or_else(
            || "Nothing for now.".to_owned(),
            |expires| format!("Collect the evidence again before {}.", day(expires)),
        ),
        Status::NotApplicable => "Nothing, as long as that stays so.".to_owned(),
    }
}

/// How to come by the first evidence that is missing for the first subject that stands worst.
fn lacking(control: &Control, status: Status, subjects: &[SubjectAssessment]) -> Option<String> {
    let subject = subjects.iter().find(|subject| subject.status == status)?;
    let open = |clause: &&ClauseAssessment| clause.status != Status::Satisfied;
    let clause = subject.clauses.iter().filter(open).min_by_key(|clause| clause.status)?;
    let known = control.clauses.iter().find(|known| known.id == clause.id)?;
    let sufficient = known.edges.iter().find(|edge| edge.strength == Strength::Sufficient)?;
    Some(sufficient.obtain.clone())
}

fn group(id: GroupId, controls: &[ControlAssessment], tasks: &[TaskAssessment]) -> Option<GroupAssessment> {
    let members = || controls.iter().filter(|control| control.group == id);
    let tally: Tally = members().map(|control| control.status).collect();
    Some(GroupAssessment {
        id,
        title: groups().iter().find(|group| group.id == id)?.title.clone(),
        status: tally.worst().unwrap_or(Status::NotApplicable),
        controls: members().map(|control| control.id.clone()).collect(),
        tally,
        recommendations: items::recommendations(tasks, id),
    })
}

fn baseline(id: Baseline, controls: &[ControlAssessment], scope: &Scope) -> Option<BaselineAssessment> {
    let tally: Tally =
        controls.iter().filter(|control| control.baseline == id).map(|control| control.status).collect();
    let status = tally.worst()?;
    Some(BaselineAssessment { id, declared: scope.baselines.contains(&id), status, tally })
}
