use bartizan_figure::{About, Figure, Span, timeline};

use super::{Links, status_tone};
use crate::v1::{Decision, Report};

/// How many decisions are drawn: those that hold, what ends first in front, then the newest of the others.
const ROWS: usize = 20;

/// From when to when each decision holds, with a line at today; nothing where nobody has decided anything.
pub fn decisions(report: &Report, links: &dyn Links) -> Option<Figure> {
    let span = |decision: &Decision| Span {
        label: format!("{}: {}", decision.kind.as_str(), decision.about),
        href: links.decision(&decision.id),
        from: decision.requested,
        until: decision.expires,
        state: decision.state.as_str().to_owned(),
        holds: decision.state.holds(),
        tone: status_tone(decision.state.status()),
    };
    let spans: Vec<Span> =
        report.decisions_in_order().into_iter().take(ROWS).map(|(_, one)| span(one)).collect();
    let about = About {
        id: "decisions-figure",
        title: "From when to when each decision holds, in days",
        description: "One row for each decision, from the day on which it was asked for to the day on which it ends. \
                      What is over is drawn soft, what is left of those that hold in full; the broken line is today.",
    };
    (!spans.is_empty()).then(|| timeline(&about, &spans, report.run.as_of))
}
