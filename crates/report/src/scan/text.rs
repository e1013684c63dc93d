use super::{Class, Outline, ScanReport, ScannedFile};
use crate::{
    printable::printable_path,
    text::{Detail, Options, Page, Role, count, more},
    v1::{Finding, Location, Severity, Status, Unexamined},
};

/// Findings of one file, and places that were not examined, that are shown unless everything is wanted.
const SHOWN: usize = 6;
/// Files of one class that are shown unless everything is wanted.
const FILES: usize = 40;

/// The scan as text: the verdict, the files that need attention, worst first, and what to do next.
pub fn render(report: &ScanReport, options: &Options) -> String {
    let mut page = Page::new(options.style, options.width.max(40));
    page.prose(0, Role::Strong, &report.summary);
    if options.detail > Detail::Quiet {
        for class in Class::WORST_FIRST {
            of_class(&mut page, report, class, options.detail);
        }
        if !report.findings.is_empty() {
            page.heading("Between files");
            for finding in &report.findings {
                one(&mut page, 2, finding);
            }
        }
        if !report.unexamined.is_empty() {
            page.heading(&format!(
                "Not opened: {}",
                count(report.unexamined.len() as u64, "place", "places")
            ));
            gaps(&mut page, 2, &report.unexamined, options.detail);
        }
        next(&mut page, report);
    }
    page.finish()
}

const fn mark(class: Class) -> (Status, &'static str) {
    match class {
        Class::Finding => (Status::Failing, "■ "),
        Class::Error | Class::Inconclusive => (Status::Unknown, "○ "),
        Class::Review => (Status::Partial, "◐ "),
        Class::Clean => (Status::Satisfied, "● "),
    }
}

fn of_class(page: &mut Page, report: &ScanReport, class: Class, detail: Detail) {
    let files: Vec<_> = report.files.iter().filter(|file| file.class == class).collect();
    if files.is_empty() || class == Class::Clean && detail < Detail::Verbose && report.files.len() > 12 {
        return;
    }
    page.heading(&format!("{}: {}", class.as_str(), count(files.len() as u64, "file", "files")));
    let shown = if detail == Detail::Verbose { files.len() } else { FILES };
    for file in files.iter().take(shown) {
        self::file(page, file, detail);
    }
    more(page, 2, files.len().saturating_sub(shown) as u64);
}

fn file(page: &mut Page, file: &ScannedFile, detail: Detail) {
    let (status, mark) = mark(file.class);
    let format = file.format.as_deref().unwrap_or("not read");
    let about = format!("  {format}, {}{}", size(file.size), holds(&file.outline));
    let room = page.room(4).saturating_sub(crate::printable::width(&about)).max(12);
    let path = printable_path(&file.path, room);
    page.line(2, &[(Role::Status(status), mark), (Role::Ink, &path), (Role::Muted, &about)]);
    if detail == Detail::Verbose
        && let Some(digest) = &file.sha256
    {
        page.line(4, &[(Role::Muted, "sha256 "), (Role::Muted, digest)]);
    }
    let wanted = |finding: &&Finding| detail == Detail::Verbose || finding.severity > Severity::Info;
    let findings: Vec<_> = file.findings.iter().filter(wanted).collect();
    let shown = if detail == Detail::Verbose { findings.len() } else { SHOWN };
    for finding in findings.iter().take(shown) {
        one(page, 4, finding);
    }
    more(page, 4, findings.len().saturating_sub(shown) as u64);
    gaps(page, 4, &file.unexamined, detail);
}

/// What a file holds, short.
fn holds(outline: &Outline) -> String {
    let mut text = String::new();
    for (number, one, many) in
        [(outline.tensors, "tensor", "tensors"), (outline.pickles, "pickle", "pickles")]
    {
        if number > 0 {
            text.extend([", ", &count(number, one, many)]);
        }
    }
    text
}

fn one(page: &mut Page, indent: usize, finding: &Finding) {
    let severity = finding.severity;
    let name = format!("{:<8} ", severity.as_str());
    let times = if finding.count == 1 { String::new() } else { format!("  {} times", finding.count) };
    let at = finding
        .samples
        .first()
        .map_or_else(|| finding.place.clone(), |sample| within(&sample.location, &sample.at));
    let code = format!("{}  ", finding.name());
    let at = printable_path(&at, page.room(indent + name.len() + code.len() + times.len()).max(12));
    page.line(
        indent,
        &[
            (Role::Severity(severity), &name),
            (Role::Strong, &code),
            (Role::Muted, &at),
            (Role::Muted, &times),
        ],
    );
    page.prose(indent + 9, Role::Ink, &finding.message);
}

/// A place in a file whose name has just been said: the members that lead to it, and the first byte.
fn within(location: &Location, whole: &str) -> String {
    match location {
        Location::Bytes { members, start: 0, end: 0, .. } if members.is_empty() => {
            "the whole file".to_owned()
        }
        Location::Bytes { members, start: 0, end: 0, .. } => members.join("!"),
        Location::Bytes { members, start, .. } if members.is_empty() => format!("byte {start}"),
        Location::Bytes { members, start, .. } => format!("{} at byte {start}", members.join("!")),
        _ => whole.to_owned(),
    }
}

fn gaps(page: &mut Page, indent: usize, list: &[Unexamined], detail: Detail) {
    let shown = if detail == Detail::Verbose { list.len() } else { SHOWN };
    for gap in list.iter().take(shown) {
        let at = if indent > 2 { within(&gap.location, &gap.at) } else { gap.at.clone() };
        let at = printable_path(&at, page.room(indent + 14).max(12));
        page.line(indent, &[(Role::Status(Status::Unknown), "not examined: "), (Role::Ink, &at)]);
        page.prose(indent + 9, Role::Muted, &gap.reason);
    }
    more(page, indent, list.len().saturating_sub(shown) as u64);
}

fn next(page: &mut Page, report: &ScanReport) {
    let worst = report.all_findings().max_by_key(|finding| finding.severity);
    let Some(worst) = worst.filter(|finding| finding.severity >= Severity::Medium) else { return };
    page.heading("Next");
    page.prose(2, Role::Ink, &worst.fix.replace('\n', " "));
    page.command(2, &format!("bartizan explain {}", worst.rule));
}

/// A size in the largest unit of 1,024 that leaves a digit in front of the point.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return count(bytes, "byte", "bytes");
    }
    let (mut whole, mut rest, mut unit) = (bytes, 0, "");
    for name in UNITS {
        if whole < 1024 {
            break;
        }
        (rest, whole, unit) = (whole % 1024, whole / 1024, name);
    }
    format!("{whole}.{} {unit}", rest * 10 / 1024)
}
