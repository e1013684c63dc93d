//! The log shown to somebody outside: a time-stamping authority, a witness.

use std::path::Path;

use anyhow::{Context as _, bail};
use bartizan_engine::{Source, files, outside::Outside};
use bartizan_ledger::anchor::witness::conflict;

use crate::{
    arguments::{Global, StampArguments},
    commands,
    exit::Exit,
    network, output,
};

/// The most bytes of an answer that are read.
const MAX_ANSWER: u64 = 64 * 1024;

/// `bartizan ledger stamp`
pub(super) fn stamp(arguments: &StampArguments, source: &Source, global: &Global) -> anyhow::Result<Exit> {
    stay_offline(arguments.url.as_deref(), global)?;
    let outside = Outside::open(&commands::state_folder(source, global), &source.project)?;
    let (answer, nonce) = match (&arguments.url, &arguments.request, &arguments.response) {
        (Some(url), ..) => {
            let nonce = nonce()?;
            let request = outside.stamp_request(nonce)?;
            let answer = network::post(url, "application/timestamp-query", &request, MAX_ANSWER);
            match answer.and_then(|answer| answer.expect_ok(url)) {
                Ok(answer) => (answer, Some(nonce)),
                Err(error) => return Ok(not_done(&error)),
            }
        }
        (None, Some(file), _) => {
            output::write_bytes(file, &outside.stamp_request(nonce()?)?)?;
            output::print(&format!(
                "Wrote {}, a request over the head of {} entries. Send it to the authority as application/timestamp-query, then:\n  bartizan ledger stamp --response ANSWER.tsr\n",
                file.display(),
                outside.head().size
            ))?;
            return Ok(Exit::Done);
        }
        (None, None, Some(file)) => (read(file)?, None),
        (None, None, None) => bail!("name --url, --request or --response"),
    };
    let (stamp, size) = outside.take_stamp(&answer, nonce)?;
    output::print(&format!(
        "● {} has stamped the log of {size} entries at {}, serial {}.\n",
        bartizan_artifact::escape(&stamp.by, 120),
        stamp.at,
        stamp.serial
    ))?;
    Ok(Exit::Done)
}

/// `bartizan ledger witness`
pub(super) fn witness(
    url: Option<&str>,
    checkpoint: Option<&Path>,
    source: &Source,
    global: &Global,
) -> anyhow::Result<Exit> {
    stay_offline(url, global)?;
    let outside = Outside::open(&commands::state_folder(source, global), &source.project)?;
    let cosigned = match (url, checkpoint) {
        (Some(url), _) => match ask(&outside, url) {
            Ok(Said::Cosigned(answer)) => outside.cosigned(&answer)?,
            Ok(Said::Against(why)) => {
                output::talk(&format!("bartizan: {why}"));
                return Ok(Exit::VerificationFailed);
            }
            Err(error) => return Ok(not_done(&error)),
        },
        (None, Some(file)) => read(file)?,
        (None, None) => bail!("name --url or --checkpoint"),
    };
    for anchor in outside.take_cosigned(&cosigned)? {
        output::print(&format!(
            "● {} has seen the log of {} entries at {}.\n",
            bartizan_artifact::escape(&anchor.by, 120),
            anchor.size,
            anchor.at
        ))?;
    }
    Ok(Exit::Done)
}

/// What a witness says of the head that it was shown.
enum Said {
    /// It has seen it: signature lines.
    Cosigned(Vec<u8>),
    /// What it has seen before contradicts it.
    Against(String),
}

/// Asks a witness to look at the head (<https://c2sp.org/tlog-witness>). It says which size it saw last, where that is
/// not what was said; others may show it the same log meanwhile.
fn ask(outside: &Outside, url: &str) -> anyhow::Result<Said> {
    const CONFLICT: u16 = 409;
    const NO_CONTINUATION: u16 = 422;
    const TRIES: usize = 4;
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let here = outside.head().size;
    let mut old = 0;
    for _ in 0..TRIES {
        let request = outside.witness_request(old)?;
        let answer = network::post(&url, "text/plain; charset=utf-8", request.as_bytes(), MAX_ANSWER)?;
        match answer.status {
            CONFLICT => {}
            NO_CONTINUATION => {
                return Ok(Said::Against(format!(
                    "the witness has seen {old} entries of this log, and they are not the first {old} of those here: the log was forked, or rewritten since"
                )));
            }
            _ => return Ok(Said::Cosigned(answer.expect_ok(&url)?)),
        }
        let seen = conflict(&answer.body).with_context(|| format!("{url} answers with {CONFLICT}"))?;
        if seen > here {
            return Ok(Said::Against(format!(
                "the witness has seen {seen} entries of this log, and here are {here}: entries were cut off, or an old copy put back"
            )));
        }
        if seen == old && old < here {
            bail!("{url} answers with {CONFLICT} to the size that it names itself");
        }
        if seen == old {
            return Ok(Said::Against(format!(
                "the witness has seen other {seen} entries of this log than the first {seen} here: the log was forked, or rewritten since"
            )));
        }
        old = seen;
    }
    bail!("{url} names another size each time that it is asked")
}

/// Says why nobody has looked at the log: nothing is wrong with it, and nothing was kept.
fn not_done(error: &anyhow::Error) -> Exit {
    let said = bartizan_artifact::escape(&format!("{error:#}"), 2_000);
    output::talk(&format!("bartizan: nothing was kept: {said}"));
    Exit::Incomplete
}

/// Refuses an address where nothing may be sent: the command line sees the contradiction only where both stand behind
/// the command.
fn stay_offline(url: Option<&str>, global: &Global) -> anyhow::Result<()> {
    if global.offline && url.is_some() {
        bail!(
            "--url and --offline contradict each other; --request, --response and --checkpoint need no network"
        );
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    files::read(file, MAX_ANSWER).with_context(|| format!("cannot read {}", file.display()))
}

/// A number that no earlier request had.
fn nonce() -> anyhow::Result<u64> {
    let bytes = crate::environment::Environment::seed()?;
    let mut nonce = [0; 8];
    nonce.copy_from_slice(&bytes[..8]);
    // A positive INTEGER of at most eight bytes, which every authority can hold.
    Ok(u64::from_be_bytes(nonce) >> 1)
}
