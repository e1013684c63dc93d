use bartizan_artifact::escape;
use bartizan_finding::{Location, Occurrence};

use crate::{Endpoint, Found, Framework, Provider, Store, Tool, UndeclaredKind};

/// Something that a rule saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) occurrence: Occurrence,
    pub(crate) kind: UndeclaredKind,
    pub(crate) name: String,
    pub(crate) thing: Thing,
}

/// What would have to be declared.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    /// Files.
    Files(Vec<Found>),
    /// A tool server.
    Tool(Tool),
    /// Models and data of a provider.
    Provider {
        /// The provider with what is not declared of it.
        provider: Provider,
        /// Whether nothing stands for the provider itself either.
        element: bool,
    },
    /// An address at which models answer.
    Endpoint(Endpoint),
    /// A vector store.
    Store(Store),
    /// A library that runs models.
    Serves,
    /// A library that trains models.
    Trains(Framework),
    /// The name of the model that is called in place of that of a declared asset.
    Differs {
        /// The asset.
        asset: String,
        /// What is called, as `provider/name`.
        model: String,
    },
}

/// A place for what is called `name` and shows first at `places`. It keeps findings about several things in one file
/// apart, and says nothing of lines, so that they stay the same when the file grows.
pub(crate) fn place_of(name: &str, places: &[Location]) -> Location {
    match places.first().and_then(Location::path) {
        Some(path) => {
            Location::Bytes { path: path.to_owned(), members: vec![escape(name, 120)], start: 0, end: 0 }
        }
        None => Location::Model { elements: vec![escape(name, 120)] },
    }
}

/// The first places, as part of a sentence.
pub(crate) fn seen_at(places: &[Location]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<_> = places.iter().take(SHOWN).map(|place| escape(&place.to_string(), 160)).collect();
    let more = if places.len() > SHOWN { " and elsewhere" } else { "" };
    format!("{}{more}", shown.join(", "))
}
