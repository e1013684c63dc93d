use schemars::JsonSchema;
use serde::Serialize;

use super::{Parameter, Shape, json};
use crate::call::Call;

/// The longest part of a list that is given at once.
pub(super) const MOST: u64 = 1_000;

/// The part that is given if nothing is said.
pub(super) const USUAL: u64 = 100;

pub(super) const LIMIT: Parameter =
    Parameter::query("limit", "How many at most", Shape::Number { most: MOST, usual: USUAL });

pub(super) const OFFSET: Parameter =
    Parameter::query("offset", "How many to leave out before", Shape::Number { most: u64::MAX, usual: 0 });

/// What every list takes.
pub(super) const PARAMETERS: &[Parameter] = &[LIMIT, OFFSET];

/// A part of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}List")]
pub(super) struct List<'a, T> {
    /// How many there are in all, with the filters applied.
    total: u64,
    /// How many were left out before these.
    offset: u64,
    /// How many are given at most.
    limit: u64,
    /// These.
    items: Vec<&'a T>,
}

impl<'a, T: Serialize> List<'a, T> {
    /// The part of `all` that the query asks for, as JSON.
    pub(super) fn part(call: &Call<'_>, all: impl IntoIterator<Item = &'a T>) -> Vec<u8> {
        let (limit, offset) = (LIMIT.number(call.query), OFFSET.number(call.query));
        let mut list = Self { total: 0, offset, limit, items: Vec::new() };
        for item in all {
            if list.total >= offset && (list.items.len() as u64) < limit {
                list.items.push(item);
            }
            list.total += 1;
        }
        json(&list)
    }
}
