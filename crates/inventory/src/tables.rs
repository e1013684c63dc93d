//! What names mean. Each row says what it recognises by a line that hits and one that misses.

mod hosts;
mod models;
mod packages;
mod settings;
mod words;

use crate::{Role, lexical::Language};

pub(crate) use hosts::host;
pub(crate) use models::{hub_model, model, routed};
pub(crate) use packages::{image, package, stores};
pub(crate) use settings::{Sure, setting, speaks_of};
pub(crate) use words::word;

/// What a name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// Models of this provider are called or taken.
    Provider(&'static str),
    /// This library is used.
    Framework(&'static str, Role),
    /// Embeddings are kept there.
    Store(&'static str),
}

impl Means {
    /// Whether it is this provider.
    pub(crate) fn is_provider(self, name: &str) -> bool {
        matches!(self, Self::Provider(provider) if provider == name)
    }
}

/// One name and what it means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) means: Means,
    /// A line that it recognises, and one that it does not.
    pub(crate) hit: &'static str,
    pub(crate) miss: &'static str,
}

const fn row(name: &'static str, means: Means, hit: &'static str, miss: &'static str) -> Row {
    Row { name, means, hit, miss }
}

/// The packages of one language.
pub(crate) type Packages = (Language, &'static [Row]);
