use std::collections::BTreeMap;

use bartizan_figure::{About, Axis, Figure, Interval, intervals};
use bartizan_finding::Timestamp;

use super::{Links, status_tone};
use crate::v1::{Control, Report, Status};

/// How many controls are drawn: those whose evidence ends first.
const ROWS: usize = 20;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// For each control that rests on evidence: from when the oldest of it was collected until the first of it stops
/// counting, in days from the time of the report, which the point in each line marks. Nothing where no evidence counts.
pub fn validity(report: &Report, links: &dyn Links) -> Option<Figure> {
    let collected: BTreeMap<u64, Timestamp> = report
        .evidence
        .iter()
        .filter_map(|statement| Some((statement.index?, statement.collected)))
        .collect();
    let mut rows: Vec<_> =
        report.controls.iter().filter_map(|control| row(report, control, &collected, links)).collect();
    rows.sort_by(|one, other| one.high.total_cmp(&other.high).then_with(|| one.label.cmp(&other.label)));
    rows.truncate(ROWS);
    let low = rows.iter().map(|row| row.low).fold(0.0, f64::min).floor();
    let high = rows.iter().map(|row| row.high).fold(1.0, f64::max).ceil();
    let about = About {
        id: "validity",
        title: "How long the evidence of each control counts, in days from the report",
        description: "Each line reaches from the day on which the oldest evidence of a control was collected to the \
                      day on which the first of it stops counting; the point is the time of the report. What ends \
                      first stands first.",
    };
    let axis = Axis { title: "Days from the report".to_owned(), low, high };
    (!rows.is_empty()).then(|| intervals(&about, &rows, &axis))
}

fn row(
    report: &Report,
    control: &Control,
    collected: &BTreeMap<u64, Timestamp>,
    links: &dyn Links,
) -> Option<Interval> {
    let days = |at: Timestamp| at.duration_since(report.run.as_of).as_secs_f64() / DAY;
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
    let (low, high) = (days(oldest?), days(first?));
    Some(Interval {
        label: control.title.clone(),
        href: links.control(&control.id),
        low: low.min(high),
        mid: 0.0_f64.clamp(low.min(high), high),
        high,
        tone: status_tone(control.status),
    })
}
