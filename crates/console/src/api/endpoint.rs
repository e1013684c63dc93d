use axum::http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::Read;
use crate::{
    call::{Call, Query},
    refusal::Refusal,
};

/// What is answered under one path to one method.
pub(crate) struct Endpoint {
    /// Below `/api/v1`, as a route.
    pub(crate) path: &'static str,
    /// What it is, in a few words.
    pub(crate) summary: &'static str,
    /// What it takes.
    pub(crate) parameters: &'static [Parameter],
    /// The schema of its answer.
    pub(super) answer: fn(&mut SchemaGenerator) -> Schema,
    /// What it does.
    pub(crate) action: Action,
}

/// What an endpoint does.
#[derive(Clone, Copy)]
pub(crate) enum Action {
    /// `GET`: says something.
    Read(Read),
    /// `POST`: starts a check.
    Start,
    /// `DELETE`: asks the running check to stop.
    Cancel,
}

/// A part of the path or of the query.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// What it means, in a few words.
    pub(crate) about: &'static str,
    pub(crate) shape: Shape,
    /// Whether it is a part of the path.
    pub(crate) in_path: bool,
}

/// What a parameter may be.
pub(crate) enum Shape {
    /// One of these.
    Words(&'static [&'static str]),
    /// Anything.
    Text,
    /// A whole number from 0 on.
    Number {
        /// The largest.
        most: u64,
        /// What counts if it is not there.
        usual: u64,
    },
}

impl Endpoint {
    pub(super) const fn read(
        path: &'static str,
        summary: &'static str,
        parameters: &'static [Parameter],
        answer: fn(&mut SchemaGenerator) -> Schema,
        read: Read,
    ) -> Self {
        Self { path, summary, parameters, answer, action: Action::Read(read) }
    }

    /// The whole path.
    pub(crate) fn route(&self) -> String {
        format!("/api/v1{}", self.path)
    }

    /// The method.
    pub(crate) const fn method(&self) -> &'static str {
        match self.action {
            Action::Read(_) => "GET",
            Action::Start => "POST",
            Action::Cancel => "DELETE",
        }
    }

    /// Answers, if the query holds what the endpoint takes and nothing else: a filter with a slip of the pen in it
    /// would otherwise filter nothing, and nobody would notice.
    pub(crate) fn answer(&self, read: Read, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
        for (at, (name, value)) in call.query.pairs.iter().enumerate() {
            let mut taken = self.parameters.iter().filter(|parameter| !parameter.in_path);
            let Some(parameter) = taken.find(|parameter| parameter.name == name) else {
                return Err(bad_query(format!("`{}` is not a parameter of this address.", shown(name))));
            };
            if call.query.pairs.iter().take(at).any(|(earlier, _)| earlier == name) {
                return Err(bad_query(format!("`{}` stands more than once.", parameter.name)));
            }
            if !parameter.shape.fits(value) {
                let (name, expected) = (parameter.name, parameter.shape.expected());
                return Err(bad_query(format!(
                    "`{name}` cannot be `{}`: expected {expected}.",
                    shown(value)
                )));
            }
        }
        read(call)
    }
}

impl Parameter {
    pub(super) const fn query(name: &'static str, about: &'static str, shape: Shape) -> Self {
        Self { name, about, shape, in_path: false }
    }

    pub(super) const fn path(name: &'static str, about: &'static str, shape: Shape) -> Self {
        Self { name, about, shape, in_path: true }
    }

    /// The number of this name in a query whose numbers were looked at.
    pub(super) fn number(&self, query: &Query) -> u64 {
        let said = query.get(self.name).and_then(|value| value.parse().ok());
        said.unwrap_or(match self.shape {
            Shape::Number { usual, .. } => usual,
            Shape::Words(_) | Shape::Text => 0,
        })
    }
}

impl Shape {
    fn fits(&self, value: &str) -> bool {
        match self {
            Self::Words(words) => words.contains(&value),
            Self::Text => true,
            Self::Number { most, .. } => value.parse::<u64>().is_ok_and(|number| number <= *most),
        }
    }

    fn expected(&self) -> String {
        match self {
            Self::Words(words) => format!("one of {}", words.join(", ")),
            Self::Text => "a text".to_owned(),
            Self::Number { most: u64::MAX, .. } => "a whole number".to_owned(),
            Self::Number { most, .. } => format!("a whole number up to {most}"),
        }
    }
}

/// The schema of a type, which gets its place among the components.
pub(super) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn bad_query(sentence: String) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, sentence, "The parameters stand in /api/openapi.json.")
}

/// The start of what somebody sent.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
