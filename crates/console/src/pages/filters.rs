//! What templates do to values: `{{ finding.place|data(120) }}`.
#![expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unnecessary_wraps,
    reason = "the macro makes a type of each function, and wants a result of it"
)]

use std::fmt::Display;

use askama::{Result, Values};
use bartizan_finding::Timestamp;
use bartizan_report::v1::{DecisionState, GateVerdict, Posture, Severity, Status};

use super::{frame, marks};
use crate::shown::{self, Markup};

#[askama::filter_fn]
pub(crate) fn data<T: AsRef<str>>(text: T, _: &dyn Values, most: usize) -> Result<Markup> {
    Ok(shown::data(text.as_ref(), most))
}

#[askama::filter_fn]
pub(crate) fn code<T: AsRef<str>>(text: T, _: &dyn Values, most: usize) -> Result<Markup> {
    Ok(shown::code(text.as_ref(), most))
}

#[askama::filter_fn]
pub(crate) fn sentence<T: AsRef<str>>(text: T, _: &dyn Values, most: usize) -> Result<Markup> {
    Ok(shown::sentence(text.as_ref(), most))
}

#[askama::filter_fn]
pub(crate) fn full<T: AsRef<str>>(text: T, _: &dyn Values, most: usize) -> Result<Markup> {
    Ok(shown::full(text.as_ref(), most))
}

#[askama::filter_fn]
pub(crate) fn prose<T: AsRef<str>>(text: T, _: &dyn Values, most: usize) -> Result<Markup> {
    Ok(shown::prose(text.as_ref(), most))
}

#[askama::filter_fn]
pub(crate) fn plain<T: AsRef<str>>(text: T, _: &dyn Values, most: usize) -> Result<String> {
    Ok(shown::shown(text.as_ref(), most))
}

#[askama::filter_fn]
pub(crate) fn command<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<Markup> {
    Ok(frame::command(text.as_ref()))
}

#[askama::filter_fn]
pub(crate) fn consideration<T: AsRef<str>>(id: T, _: &dyn Values) -> Result<Markup> {
    Ok(frame::consideration(id.as_ref()))
}

#[askama::filter_fn]
pub(crate) fn number<T: Display>(value: T, _: &dyn Values) -> Result<String> {
    Ok(shown::number(whole(&value)))
}

#[askama::filter_fn]
pub(crate) fn counted<T: Display>(value: T, _: &dyn Values, one: &str, many: &str) -> Result<String> {
    Ok(shown::count(whole(&value), one, many))
}

#[askama::filter_fn]
pub(crate) fn size<T: Display>(value: T, _: &dyn Values) -> Result<String> {
    Ok(shown::size(whole(&value)))
}

#[askama::filter_fn]
pub(crate) fn entry<T: Display>(index: T, _: &dyn Values) -> Result<Markup> {
    Ok(frame::entry(whole(&index)))
}

#[askama::filter_fn]
pub(crate) fn when<T: Show>(value: T, _: &dyn Values) -> Result<Markup> {
    Ok(value.show())
}

#[askama::filter_fn]
pub(crate) fn status<T: Show>(value: T, _: &dyn Values) -> Result<Markup> {
    Ok(value.show())
}

#[askama::filter_fn]
pub(crate) fn severity<T: Show>(value: T, _: &dyn Values) -> Result<Markup> {
    Ok(value.show())
}

/// A whole number, behind however many references the template has it.
fn whole(value: &impl Display) -> u64 {
    value.to_string().parse().unwrap_or(u64::MAX)
}

/// What has a form of its own on a page, behind however many references the template has it.
pub(crate) trait Show {
    fn show(&self) -> Markup;
}

impl<T: Show> Show for &T {
    fn show(&self) -> Markup {
        (*self).show()
    }
}

impl Show for Timestamp {
    fn show(&self) -> Markup {
        shown::when(self)
    }
}

impl Show for Status {
    fn show(&self) -> Markup {
        marks::status(*self)
    }
}

impl Show for Severity {
    fn show(&self) -> Markup {
        marks::severity(*self)
    }
}

impl Show for GateVerdict {
    fn show(&self) -> Markup {
        marks::verdict(*self)
    }
}

impl Show for DecisionState {
    fn show(&self) -> Markup {
        marks::decision(*self)
    }
}

impl Show for Posture {
    fn show(&self) -> Markup {
        marks::posture(*self)
    }
}
