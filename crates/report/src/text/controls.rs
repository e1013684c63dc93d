use super::{
    Detail, day, more,
    page::{Page, count, pad},
    style::Role,
};
use crate::v1::{Control, Report, Status};

/// Subjects and statements shown of one control.
const ROWS: usize = 20;

/// How the controls stand, by practice area.
pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    if report.controls.is_empty() {
        return;
    }
    page.heading(&headline(&report.controls));
    let mut groups: Vec<(&str, &str)> =
        report.groups.iter().map(|group| (group.id.as_str(), group.title.as_str())).collect();
    for control in &report.controls {
        if !groups.iter().any(|(id, _)| *id == control.group) {
            groups.push((&control.group, &control.group));
        }
    }
    let words = report.controls.iter().map(|control| control.status.as_str().len()).max().unwrap_or(0);
    for (id, title) in groups {
        let of: Vec<_> = report.controls.iter().filter(|control| control.group == id).collect();
        if of.is_empty() {
            continue;
        }
        page.line(2, &[(Role::Muted, title)]);
        for control in of {
            row(page, control, words, detail);
        }
    }
}

fn headline(controls: &[Control]) -> String {
    let mut parts = Vec::new();
    for status in Status::WORST_FIRST {
        let n = controls.iter().filter(|control| control.status == status).count();
        if n > 0 {
            parts.push(format!("{n} {status}"));
        }
    }
    format!("{}: {}", count(controls.len() as u64, "control", "controls"), parts.join(", "))
}

/// Mark, status and title on one line, since titles are sentences; the id and the reason below, where they are
/// wanted.
fn row(page: &mut Page, control: &Control, words: usize, detail: Detail) {
    let role = Role::Status(control.status);
    let mark = format!("{} ", control.status.mark());
    let word = pad(control.status.as_str(), words + 2);
    page.line(2, &[(role, &mark), (role, &word), (Role::Ink, &control.title)]);
    let attention = match control.status {
        Status::Failing | Status::Expired | Status::Partial | Status::Excepted | Status::Inherited => true,
        // Where evidence is there for some and not for others, people ask for which.
        Status::Unknown => control.subjects.iter().any(|subject| subject.status == Status::Satisfied),
        Status::Satisfied | Status::NotApplicable => false,
    };
    if attention || detail == Detail::Verbose {
        page.prose(6, Role::Muted, &format!("{}: {}", control.id, control.why));
    }
    if detail == Detail::Verbose {
        evidence(page, control);
    }
}

fn evidence(page: &mut Page, control: &Control) {
    if !control.next.is_empty() {
        page.prose(6, Role::Ink, &format!("Next: {}", control.next));
    }
    for subject in control.subjects.iter().take(ROWS) {
        let lead = format!("{} ", subject.status.mark());
        page.hanging(6, &lead, Role::Muted, &format!("{}: {}", subject.label, subject.why));
    }
    more(page, 6, control.subjects.len().saturating_sub(ROWS) as u64);
    for statement in control.evidence.iter().take(ROWS) {
        let index = statement.index.map_or_else(String::new, |index| format!(" at entry {index}"));
        let until = statement.expires.map_or_else(String::new, |time| format!(" until {}", day(time)));
        let text = format!(
            "{}{index} is {}{until} for: {} {}",
            statement.predicate, statement.strength, statement.clause, statement.why
        );
        page.hanging(6, &format!("{} ", statement.status.mark()), Role::Muted, &text);
    }
    more(page, 6, control.evidence.len().saturating_sub(ROWS) as u64);
}

/// The threats with their paths, and how each is treated.
pub(super) fn threats(page: &mut Page, report: &Report) {
    if report.threats.is_empty() {
        return;
    }
    page.heading(&count(report.threats.len() as u64, "threat", "threats"));
    for threat in &report.threats {
        let severity = pad(threat.severity.as_str(), 10);
        let rule = format!("{}  ", threat.rule);
        page.line(
            2,
            &[
                (Role::Severity(threat.severity), &severity),
                (Role::Strong, &rule),
                (Role::Ink, &threat.title),
            ],
        );
        page.prose(6, Role::Ink, &threat.why);
        if !threat.path.is_empty() {
            page.prose(6, Role::Muted, &threat.path.join(" → "));
        }
        let risk = report.risks.iter().find(|risk| risk.threat == threat.id);
        let weight = risk.map_or_else(String::new, |risk| {
            let owner = risk.owner.as_deref().unwrap_or("nobody");
            format!("risk {} of 25, owned by {owner}, {}; ", risk.score, risk.treatment)
        });
        page.prose(6, Role::Muted, &format!("{weight}controls: {}", threat.controls.join(", ")));
    }
}
