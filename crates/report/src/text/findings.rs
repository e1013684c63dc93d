use std::collections::BTreeMap;

use super::{
    Detail, more,
    page::{Page, count},
    style::Role,
};
use crate::{
    printable::printable_path,
    v1::{Finding, Report, Severity, Status, SuppressedBy},
};

/// Places shown of one rule unless everything is wanted.
const PLACES: usize = 4;

/// Reasons to suppress that are shown unless everything is wanted.
const GROUPS: usize = 12;

/// The findings, by severity and rule.
pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    let (counted, suppressed): (Vec<_>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.suppressed.is_none());
    page.heading(&headline(&counted, suppressed.len() as u64, report.is_compared()));
    for severity in Severity::WORST_FIRST {
        let mut of: Vec<&Finding> = counted.iter().copied().filter(|f| f.severity == severity).collect();
        if of.is_empty() {
            continue;
        }
        if severity == Severity::Info && detail < Detail::Verbose {
            let text = format!("{} for information, which --verbose lists", of.len());
            page.prose(2, Role::Muted, &text);
            continue;
        }
        page.line(2, &[(Role::Severity(severity), severity.as_str())]);
        of.sort_by(|a, b| a.rule.cmp(&b.rule));
        for same_rule in of.chunk_by(|a, b| a.rule == b.rule) {
            rule(page, same_rule, detail);
        }
    }
    self::suppressed(page, &suppressed, detail);
}

/// What lets findings pass, each with how many and the first of them.
fn suppressed(page: &mut Page, findings: &[&Finding], detail: Detail) {
    let mut groups: BTreeMap<(SuppressedBy, Option<&str>, String, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let Some(why) = &finding.suppressed else { continue };
        let key = (why.by, why.decision.as_deref(), why.label(), why.reason.as_str());
        groups.entry(key).or_default().push(finding);
    }
    if groups.is_empty() {
        return;
    }
    page.line(2, &[(Role::Status(Status::Excepted), "suppressed")]);
    let listed = if detail == Detail::Verbose { groups.len() } else { GROUPS };
    for ((_, _, label, reason), group) in groups.iter().take(listed) {
        let text = format!("{} {label}: {reason}", group.len());
        page.hanging(4, "◆ ", Role::Status(Status::Excepted), &text);
        let shown = if detail == Detail::Verbose { group.len() } else { PLACES };
        for finding in group.iter().take(shown) {
            let name = format!("{} {}  ", finding.severity.as_str(), finding.name());
            let place = printable_path(&finding.place, page.room(8 + name.len()).max(8));
            page.line(8, &[(Role::Muted, &name), (Role::Ink, &place)]);
        }
        more(page, 8, group.len().saturating_sub(shown) as u64);
    }
    more(page, 4, groups.len().saturating_sub(listed) as u64);
}

fn headline(counted: &[&Finding], suppressed: u64, compared: bool) -> String {
    let (one, many) = if compared { ("new finding", "new findings") } else { ("finding", "findings") };
    let mut parts = vec![count(counted.len() as u64, one, many)];
    for severity in Severity::WORST_FIRST {
        let n = counted.iter().filter(|finding| finding.severity == severity).count();
        if n > 0 {
            parts.push(format!("{n} {}", severity.as_str()));
        }
    }
    let mut line = parts.remove(0);
    if !parts.is_empty() {
        line.push_str(": ");
        line.push_str(&parts.join(", "));
    }
    if suppressed > 0 {
        line.extend([format!("; {suppressed} suppressed")]);
    }
    line
}

/// All findings of one rule at one severity.
fn rule(page: &mut Page, findings: &[&Finding], detail: Detail) {
    let Some(first) = findings.first() else { return };
    page.hanging(4, &format!("{}  ", first.rule), Role::Strong, &first.title);
    let shown = if detail == Detail::Verbose { findings.len() } else { PLACES };
    for finding in findings.iter().take(shown) {
        let times = if finding.count == 1 { String::new() } else { format!("  {} times", finding.count) };
        let place = printable_path(&finding.place, page.room(6 + times.len()));
        page.line(6, &[(Role::Ink, &place), (Role::Muted, &times)]);
        let variant = finding.variant.as_ref().map_or_else(String::new, |variant| format!("[{variant}] "));
        // A rule that has nothing to add to its title repeats it, for programs; people have just read it.
        let message = if finding.message == finding.title { "" } else { &finding.message };
        let said = format!("{variant}{message}");
        if !said.is_empty() {
            page.prose(8, Role::Ink, said.trim_end());
        }
        if detail == Detail::Verbose {
            samples(page, finding);
        }
    }
    more(page, 6, findings.len().saturating_sub(shown) as u64);
    page.command(6, &format!("bartizan explain {}", first.rule));
}

fn samples(page: &mut Page, finding: &Finding) {
    for sample in &finding.samples {
        let what = sample.redacted.as_ref().map_or_else(String::new, |redacted| {
            let preview = redacted.preview.as_ref().map_or_else(String::new, |text| format!(", {text}…"));
            format!("  {}, length {}{preview}", redacted.kind, redacted.length)
        });
        let at = printable_path(&sample.at, page.room(8 + what.len()).max(20));
        page.line(8, &[(Role::Muted, &at), (Role::Muted, &what)]);
    }
    let listed = finding.samples.len() as u64;
    if finding.count > listed {
        let rest = count(finding.count - listed, "further time", "further times");
        page.prose(8, Role::Muted, &format!("and {rest}, not listed"));
    }
    page.prose(8, Role::Muted, &format!("confidence {}, {}", finding.confidence.as_str(), short(finding)));
}

/// Enough of the fingerprint to find it again in the JSON.
fn short(finding: &Finding) -> String {
    let head: String = finding.fingerprint.chars().take(16).collect();
    format!("fingerprint {head}")
}
