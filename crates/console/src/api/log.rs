use schemars::JsonSchema;
use serde::Serialize;

use super::{LogEntry, Parameter, Shape, json, list};
use crate::{call::Call, refusal::Refusal};

pub(super) const FIRST: Parameter =
    Parameter::query("first", "The place of the first one", Shape::Number { most: u64::MAX, usual: 0 });

pub(super) const COUNT: Parameter =
    Parameter::query("count", "How many at most", Shape::Number { most: list::MOST, usual: list::USUAL });

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
    let (first, count) = (FIRST.number(call.query), COUNT.number(call.query));
    Ok(json(&Entries { first, entries: call.host.log_entries(first, count)? }))
}

pub(super) fn statement(call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let index = call.argument.and_then(|index| index.parse().ok()).ok_or_else(Refusal::not_found)?;
    Ok(json(&call.host.log_statement(index)?.ok_or_else(Refusal::not_found)?))
}
