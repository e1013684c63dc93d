use schemars::JsonSchema;
use serde::Serialize;

use super::{LogEntry, json, list};
use crate::{call::Call, refusal::Refusal};

/// Entries of the log.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LogEntries")]
pub(super) struct Entries {
    /// The place of the first one that was asked for.
    first: u64,
    /// In order; fewer than were asked for where the log ends.
    entries: Vec<LogEntry>,
}

pub(super) fn head(call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    Ok(json(&call.host.log_head()?.ok_or_else(Refusal::not_found)?))
}

pub(super) fn entries(call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let number = |name, usual| call.query.get(name).and_then(|value| value.parse().ok()).unwrap_or(usual);
    let (first, count) = (number("first", 0), number("count", list::USUAL));
    Ok(json(&Entries { first, entries: call.host.log_entries(first, count)? }))
}

pub(super) fn statement(call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let index = call.argument.and_then(|index| index.parse().ok()).ok_or_else(Refusal::not_found)?;
    Ok(json(&call.host.log_statement(index)?.ok_or_else(Refusal::not_found)?))
}
