use std::collections::BTreeMap;

use bartizan_figure::{About, Figure, HeatCell, HeatMap, Tone, heat_map};

use super::{Links, severity_tone};
use crate::v1::{Report, Severity};

/// The five likelihoods, 1 to 5, as people say them.
pub const LIKELIHOODS: [&str; 5] = ["1 rare", "2 unlikely", "3 possible", "4 likely", "5 expected"];

/// The five impacts, 1 to 5, as people say them.
pub const IMPACTS: [&str; 5] = ["1 nuisance", "2 minor", "3 moderate", "4 major", "5 severe"];

/// How many risks stand at each likelihood and impact; a cell has the tone of the worst threat in it.
pub fn risk_map(report: &Report, id: &str, links: &dyn Links) -> Figure {
    let severities: BTreeMap<&str, Severity> =
        report.threats.iter().map(|threat| (threat.id.as_str(), threat.severity)).collect();
    let mut cells: BTreeMap<(u8, u8), (u64, Option<Severity>)> = BTreeMap::new();
    for risk in &report.risks {
        let (count, worst) = cells.entry((risk.likelihood, risk.impact)).or_default();
        *count += 1;
        *worst = (*worst).max(severities.get(risk.threat.as_str()).copied());
    }
    let cell = |likelihood: u8, impact: u8| {
        let (value, worst) = cells.get(&(likelihood, impact)).copied().unwrap_or_default();
        HeatCell {
            value,
            tone: worst.map_or(Tone::Neutral, severity_tone),
            href: if value > 0 { links.risks(likelihood, impact, value) } else { None },
        }
    };
    let map = HeatMap {
        row_axis: "Likelihood".to_owned(),
        column_axis: "Impact, 1 nuisance to 5 severe".to_owned(),
        rows: LIKELIHOODS.iter().rev().map(|word| (*word).to_owned()).collect(),
        columns: (1..=5).map(|impact| impact.to_string()).collect(),
        cells: (1..=5).rev().map(|row| (1..=5).map(|column| cell(row, column)).collect()).collect(),
    };
    let about = About {
        id,
        title: "Risks by likelihood and impact",
        description: "How many risks stand at each likelihood and impact, both from 1 to 5; the colour is that of the \
                      worst of them.",
    };
    heat_map(&about, &map)
}
