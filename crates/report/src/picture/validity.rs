use std::collections::BTreeMap;

use bartizan_figure::{About, Axis, Figure, Interval, intervals};
use bartizan_finding::Timestamp;

use super::{Links, status_tone};
use crate::v1::{Control, Report, Status};

/// How many controls are drawn: those whose evidence ends first.
const ROWS: usize = 20;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// For each control that rests on evidence: how old the oldest of it is (the point), and at which age the first of it
/// stops counting (the end of the line), in days. What ends first stands first; nothing where no evidence counts.
pub fn validity(report: &Report, links: &dyn Links) -> Option<Figure> {
    let collected: BTreeMap<u64, Timestamp> = report
        .evidence
        .iter()
        .filter_map(|statement| Some((statement.index?, statement.collected)))
        .collect();
    let mut rows: Vec<_> =
        report.controls.iter().filter_map(|control| row(report, control, &collected, links)).collect();
    let left = |row: &Interval| row.high - row.mid;
    rows.sort_by(|one, other| left(one).total_cmp(&left(other)).then_with(|| one.label.cmp(&other.label)));
    rows.truncate(ROWS);
    let about = About {
        id: "validity",
        title: "How old the evidence of each control is, and until when it counts, in days",
        description: "The point is the age of the oldest evidence that a control rests on; the line ends at the age \
                      at which the first of it stops counting. What ends first stands first.",
    };
    let high = rows.iter().map(|row| row.high).fold(1.0, f64::max).ceil();
    let axis = Axis { title: "Age in days".to_owned(), low: 0.0, high };
    (!rows.is_empty()).then(|| intervals(&about, &rows, &axis))
}

fn row(
    report: &Report,
    control: &Control,
    collected: &BTreeMap<u64, Timestamp>,
    links: &dyn Links,
) -> Option<Interval> {
    let counts =
        control.evidence.iter().filter(|edge| matches!(edge.status, Status::Satisfied | Status::Partial));
    let (mut oldest, mut first): (Option<Timestamp>, Option<Timestamp>) = (None, None);
    for edge in counts {
        let (Some(from), Some(until)) = (edge.index.and_then(|index| collected.get(&index)), edge.expires)
        else {
            continue;
        };
        oldest = Some(oldest.map_or(*from, |oldest| oldest.min(*from)));
        first = Some(first.map_or(until, |first| first.min(until)));
    }
    let oldest = oldest?;
    let days = |until: Timestamp| (until.duration_since(oldest).as_secs_f64() / DAY).max(0.0);
    let (age, end) = (days(report.run.as_of), days(first?));
    Some(Interval {
        label: control.title.clone(),
        href: links.control(&control.id),
        low: 0.0,
        mid: age.min(end),
        high: end,
        tone: status_tone(control.status),
    })
}
