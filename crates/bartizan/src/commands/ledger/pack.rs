use std::{collections::BTreeMap, fs::File, io::BufReader, path::Path};

use anyhow::Context as _;
use bartizan_engine::pack::{self, Verdict};
use bartizan_ledger::AnchorKind;
use serde_json::json;

use crate::{arguments::ListFormat, commands, environment::Environment, exit::Exit, output};

/// Faults and statements that do not count are listed up to this many.
const SHOWN: usize = 20;

/// `bartizan ledger verify PACK`
pub(super) fn verify(file: &Path, root: Option<&str>, format: ListFormat) -> anyhow::Result<Exit> {
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let verdict = pack::verify(BufReader::new(opened), root, Environment::now())?;
    let shown = match format {
        ListFormat::Json => json_of(&verdict)?,
        ListFormat::Text => text_of(&verdict),
    };
    output::print(&shown)?;
    Ok(if verdict.holds() { Exit::Done } else { Exit::VerificationFailed })
}

fn text_of(verdict: &Verdict) -> String {
    let mut text = String::new();
    let listed = |mark: &str, rows: &[String]| {
        let mut text = String::new();
        for row in rows.iter().take(SHOWN) {
            text.push_str(&format!("{mark} {}\n", bartizan_artifact::escape(row, 500)));
        }
        if let Some(more) = rows.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("{mark} and {more} more\n"));
        }
        text
    };
    text.push_str(&listed("■", &verdict.faults));
    match &verdict.manifest {
        Some(manifest) => {
            let verdict_word =
                if verdict.holds() { "● The pack holds" } else { "■ The pack does not hold" };
            text.push_str(&format!(
                "{verdict_word}: {}, packed by {} at {} with the log of {} entries.\n",
                bartizan_artifact::escape(&manifest.project, 120),
                bartizan_artifact::escape(&manifest.collector, 120),
                manifest.created,
                manifest.size
            ));
        }
        None => text.push_str("■ The pack does not hold.\n"),
    }
    if let Some(root) = &verdict.root {
        text.push_str(&format!("  rests on the root key {root}\n"));
    }
    if let Some(audit) = &verdict.audit {
        let blobs = audit.blobs.unwrap_or(0);
        text.push_str(&format!(
            "  {} entries audited, {blobs} envelopes compared, {} statements count, {} do not\n",
            audit.entries,
            verdict.trusted,
            verdict.refused.len()
        ));
    }
    for (kind, by, at, size) in &verdict.anchors {
        let how = match kind {
            AnchorKind::Witness => "cosigned",
            AnchorKind::Timestamp => "stamped",
        };
        text.push_str(&format!(
            "  {how} by {} at {at}: {size} entries\n",
            bartizan_artifact::escape(by, 120)
        ));
    }
    let refused: Vec<_> =
        verdict.refused.iter().map(|(index, why)| format!("does not count: entry {index}: {why}")).collect();
    text.push_str(&listed("  ◐", &refused));
    if verdict.manifest.is_some() {
        text.push_str(&format!("  when it was packed: {}\n", tally(&verdict.then)));
        text.push_str(&format!("  now: {}\n", tally(&verdict.now)));
    }
    for limit in &verdict.limits {
        text.push_str(&format!("  {limit}\n"));
    }
    text
}

fn tally(tally: &BTreeMap<String, u64>) -> String {
    let rows: Vec<_> = tally.iter().map(|(status, count)| format!("{count} {status}")).collect();
    rows.join(", ")
}

fn json_of(verdict: &Verdict) -> anyhow::Result<String> {
    let anchors: Vec<_> = verdict
        .anchors
        .iter()
        .map(|(kind, by, at, size)| {
            let kind = match kind {
                AnchorKind::Witness => "witness",
                AnchorKind::Timestamp => "timestamp",
            };
            json!({ "kind": kind, "by": by, "at": at, "size": size })
        })
        .collect();
    let refused: Vec<_> =
        verdict.refused.iter().map(|(index, why)| json!({ "index": index, "why": why })).collect();
    commands::json(&json!({
        "holds": verdict.holds(), "faults": verdict.faults, "limits": verdict.limits, "pack": verdict.manifest,
        "root": verdict.root, "trusted": verdict.trusted, "refused": refused, "anchors": anchors,
        "controls_then": verdict.then, "controls_now": verdict.now,
    }))
}
