//! The log shown to somebody outside: a time-stamping authority, a witness.

use std::path::Path;

use anyhow::{Context as _, bail};
use bartizan_engine::{Source, files, outside::Outside};

use crate::{
    arguments::{Global, StampArguments},
    commands,
    exit::Exit,
    network::{self, Answer},
    output,
};

/// The most bytes of an answer that are read.
const MAX_ANSWER: u64 = 64 * 1024;

/// `bartizan ledger stamp`
pub(super) fn stamp(arguments: &StampArguments, source: &Source, global: &Global) -> anyhow::Result<Exit> {
    let outside = Outside::open(&commands::state_folder(source, global), &source.project)?;
    let (answer, nonce) = match (&arguments.url, &arguments.request, &arguments.response) {
        (Some(url), ..) => {
            let nonce = nonce()?;
            let request = outside.stamp_request(nonce)?;
            let answer = network::post(url, "application/timestamp-query", &request, MAX_ANSWER)?;
            (answer.expect_ok(url)?, Some(nonce))
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
    let outside = Outside::open(&commands::state_folder(source, global), &source.project)?;
    let cosigned = match (url, checkpoint) {
        (Some(url), _) => outside.cosigned(&ask(&outside, url)?)?,
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

/// Asks a witness to look at the head. It says which size it saw last, where that is not what was said.
fn ask(outside: &Outside, url: &str) -> anyhow::Result<Vec<u8>> {
    const CONFLICT: u16 = 409;
    let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let post = |old: u64| -> anyhow::Result<Answer> {
        network::post(&url, "text/plain", outside.witness_request(old)?.as_bytes(), MAX_ANSWER)
    };
    let answer = post(0)?;
    if answer.status != CONFLICT {
        return answer.expect_ok(&url);
    }
    let seen = bartizan_ledger::anchor::witness::conflict(&answer.body)?;
    if seen > outside.head().size {
        bail!("the witness has seen {seen} entries of this log, and here are {}: entries were cut off", outside.head().size);
    }
    post(seen)?.expect_ok(&url)
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
