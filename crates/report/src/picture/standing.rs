use bartizan_figure::{About, Bar, Figure, Part, Point, Tone, bars, sparkline};

use super::{Links, severity_tone, status_tone};
use crate::v1::{PastRun, PracticeGroup, Report, Status};

/// One bar for each practice area: how many of its items stand how. Nothing where no area was judged.
pub fn areas(report: &Report, links: &dyn Links) -> Option<Figure> {
    let bar = |area: &PracticeGroup| {
        let part = |(status, count): (&Status, &u64)| Part {
            tone: status_tone(*status),
            label: status.as_str().replace('-', " "),
            value: *count,
            href: links.items(area, Some(*status)),
        };
        Bar {
            label: area.title.clone(),
            href: links.items(area, None),
            parts: area.counts.iter().map(part).collect(),
        }
    };
    let rows: Vec<_> = report.groups.iter().map(bar).collect();
    let about = About {
        id: "areas",
        title: "Items of each practice area by status",
        description: "One bar for each practice area of the framework; its parts count the items that stand alike, \
                      worst first.",
    };
    (!rows.is_empty()).then(|| bars(&about, &rows))
}

/// Findings that count against the outcome, run by run; nothing where fewer than two runs are known.
pub fn history(report: &Report) -> Option<Figure> {
    let [first, .., last] = report.history.as_slice() else { return None };
    let over = report.outcome.fail_on;
    let counted = |run: &PastRun| -> u64 {
        run.findings.iter().filter(|(severity, _)| **severity >= over).map(|(_, count)| count).sum()
    };
    let point = |run: &PastRun| Point {
        label: run.at.strftime("%Y-%m-%d %H:%M").to_string(),
        value: counted(run) as f64,
    };
    let title = format!("Findings at or over {}, run by run", over.as_str());
    let description = format!(
        "{} recorded runs from {} to {}, oldest first: {} at the first, {} at the last.",
        report.history.len(),
        first.at.strftime("%Y-%m-%d"),
        last.at.strftime("%Y-%m-%d"),
        counted(first),
        counted(last),
    );
    let about = About { id: "history", title: &title, description: &description };
    let tone = if counted(last) == 0 { Tone::Accent } else { severity_tone(over) };
    Some(sparkline(&about, &report.history.iter().map(point).collect::<Vec<_>>(), tone))
}
