mod import;
mod outside;
mod pack;

use std::collections::BTreeMap;

use anyhow::Context as _;
use bartizan_engine::{Source, files, gather::Gathered, heads::Heads, log::Log, state};
use bartizan_ledger::{
    Anchor, AnchorFault, AnchorKind, Audit, Content, Entry, Head, MAX_CHECKPOINT, Subjects, View,
};
use serde_json::{Value, json};

use crate::{
    arguments::{Global, LedgerCommand, ListFormat, VerifyArguments},
    environment::Environment,
    exit::Exit,
    output,
};

/// Statements that do not count are listed up to this many.
const SHOWN: usize = 20;

/// `bartizan ledger`
pub(crate) fn run(
    command: &LedgerCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    if let LedgerCommand::Verify(VerifyArguments { pack: Some(file), root, format, .. }) = command {
        return pack::verify(file, root.as_deref(), *format);
    }
    let source = super::declared(global, environment)?;
    let desk = Desk::open(&source, global)?;
    match command {
        LedgerCommand::Log { count, format } => desk.log(*count, *format),
        LedgerCommand::Import { bundle, proofs, part, format } => {
            import::run(bundle, proofs.as_deref(), *part, *format, global, environment)
        }
        LedgerCommand::Stamp(arguments) => outside::stamp(arguments, &source, global),
        LedgerCommand::Witness { url, checkpoint } => {
            outside::witness(url.as_deref(), checkpoint.as_deref(), &source, global)
        }
        LedgerCommand::Verify(arguments) => desk.verify(arguments, environment),
        LedgerCommand::Prove { index } => {
            let view = desk.0.ledger()?.view()?;
            output::print(&bartizan_ledger::prove(&view, *index)?)?;
            Ok(Exit::Done)
        }
    }
}

/// What the commands do with a log.
struct Desk(Log);

impl Desk {
    fn open(source: &Source, global: &Global) -> anyhow::Result<Self> {
        let log = Log::open(source, &super::state_folder(source, global))?;
        Ok(Self(log.ok_or(state::StateError::Absent)?))
    }

    fn log(&self, count: u64, format: ListFormat) -> anyhow::Result<Exit> {
        let view = self.0.ledger()?.view()?;
        let entries =
            view.entries(view.len().saturating_sub(count)..view.len()).collect::<Result<Vec<_>, _>>()?;
        let text = match format {
            ListFormat::Json => super::json(&entries.iter().map(entry_json).collect::<Vec<_>>())?,
            ListFormat::Text => {
                let rows: String = entries.iter().map(entry_text).collect();
                format!("{rows}{} entries, root {}\n", view.len(), view.head().root)
            }
        };
        output::print(&text)?;
        Ok(Exit::Done)
    }

    fn verify(&self, arguments: &VerifyArguments, environment: &Environment) -> anyhow::Result<Exit> {
        let keys = self.0.identity().keys();
        let seen = match (arguments.head.as_deref(), &environment.heads) {
            (Some(file), _) => {
                let note = files::read(file, MAX_CHECKPOINT)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                match Head::parse(&note, keys) {
                    Ok(head) => Some(head),
                    Err(error) => {
                        output::talk(&format!(
                            "bartizan: {} is not a head of this log: {error}",
                            file.display()
                        ));
                        return Ok(Exit::VerificationFailed);
                    }
                }
            }
            (None, Some(folder)) => {
                let heads =
                    Heads::open(folder).and_then(|heads| heads.last(self.0.identity().origin(), keys));
                heads.map_err(bartizan_engine::EngineError::from)?
            }
            (None, None) => None,
        };
        let found =
            bartizan_ledger::verify(&**self.0.fs(), keys, &Audit { head: seen.as_ref(), ..Audit::default() });
        let mut text = String::new();
        for fault in &found.faults {
            text.push_str(&format!("■ {fault}\n"));
        }
        if found.more_faults > 0 {
            text.push_str(&format!("■ and {} more\n", found.more_faults));
        }
        for stray in &found.left_over {
            text.push_str(&format!(
                "– {}: left over from a batch that was never acknowledged\n",
                stray.escape_debug()
            ));
        }
        let verdict = if found.is_whole() { "● The log holds" } else { "■ The log does not hold" };
        text.push_str(&format!("{verdict}: {} entries", found.entries));
        if let Some(blobs) = found.blobs {
            text.push_str(&format!(", {blobs} envelopes compared, {} erased", found.erased));
        }
        text.push_str(&format!(".\n  {}\n", found.completeness));
        let mut holds = found.is_whole();
        if holds {
            let view = self.0.ledger()?.view()?;
            let (anchors, faults) = self.0.anchors(&view)?;
            holds = !faults.iter().any(AnchorFault::counts);
            text.push_str(&seen_by(&anchors, &faults));
            text.push_str(&self.signatures(&view, &anchors)?);
        }
        output::print(&text)?;
        Ok(if holds { Exit::Done } else { Exit::VerificationFailed })
    }

    /// How many statements were signed by those who may make them, and which were not. Anybody who may write the log
    /// can have a statement recorded, so one that does not count is no fault of the log.
    fn signatures(&self, view: &View, anchors: &[Anchor]) -> anyhow::Result<String> {
        let ledger = self.0.ledger()?;
        let as_of = bartizan_attest::as_of(Environment::now(), view.newest_logged_at()?).time;
        let mut gathered = Gathered::default();
        gathered.read_on(&ledger, view, self.0.trust(), anchors, as_of)?;
        let mut text = format!("  {} statements are signed by those who may make them\n", gathered.counted);
        for (index, refused) in gathered.refused.iter().take(SHOWN) {
            text.push_str(&format!(
                "■ refused: entry {index}: {}\n",
                bartizan_artifact::escape(&refused.why, 400)
            ));
        }
        if let Some(more) = gathered.refused.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("■ refused: {more} more\n"));
        }
        Ok(text)
    }
}

/// Who outside has seen the log, and what of that is not in order.
fn seen_by(anchors: &[Anchor], faults: &[AnchorFault]) -> String {
    let mut text = String::new();
    // The newest of each is what there is to know.
    let newest: BTreeMap<_, _> = anchors.iter().map(|anchor| ((anchor.kind, &anchor.by), anchor)).collect();
    for ((kind, by), anchor) in newest {
        let did = match kind {
            AnchorKind::Witness => "seen",
            AnchorKind::Timestamp => "stamped",
        };
        let by = bartizan_artifact::escape(by, 120);
        text.push_str(&format!("  {did} by {by} at {} with {} entries\n", anchor.at, anchor.size));
    }
    if anchors.is_empty() {
        text.push_str("  not witnessed: nobody on another host has seen this log\n");
    }
    for fault in faults {
        let mark = if fault.counts() { "■" } else { "–" };
        text.push_str(&format!("{mark} {fault}\n"));
    }
    text
}

fn entry_text(entry: &Entry) -> String {
    let record = &entry.record;
    match &record.content {
        Content::Statement(statement) => {
            let kind = statement.predicate.strip_prefix("urn:bartizan:").unwrap_or(&statement.predicate);
            format!(
                "{:>6}  {}  {:<18} {:<12} {}\n",
                entry.index,
                record.logged_at,
                kind.trim_end_matches(":v1"),
                record.actor,
                short(&statement.envelope.hex())
            )
        }
        Content::Tombstone { erased, reason } => format!(
            "{:>6}  {}  {:<18} {:<12} {} {}\n",
            entry.index,
            record.logged_at,
            "erased",
            record.actor,
            short(&erased.hex()),
            reason.escape_debug()
        ),
    }
}

fn entry_json(entry: &Entry) -> Value {
    let record = &entry.record;
    let mut value = json!({"index": entry.index, "hash": entry.hash, "logged_at": record.logged_at, "actor": record.actor});
    match &record.content {
        Content::Statement(statement) => {
            value["envelope"] = json!(statement.envelope);
            value["predicate_type"] = json!(statement.predicate);
            value["collected"] = json!(statement.collected);
            value["expires"] = json!(statement.expires);
            value["key"] = json!(statement.key.to_string());
            match &statement.subjects {
                Subjects::Listed(digests) => value["subjects"] = json!(digests),
                Subjects::Root { root, count } => {
                    value["subjects_root"] = json!({"root": root, "count": count});
                }
            }
        }
        Content::Tombstone { erased, reason } => {
            value["erased"] = json!(erased);
            value["reason"] = json!(reason);
        }
    }
    value
}

fn short(hex: &str) -> String {
    hex.chars().take(12).collect()
}
