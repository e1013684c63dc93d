//! What a page is asked for, and what it answers: the seam between the server and the pages.

use crate::{host::Host, run::RunState, snapshot::Snapshot};

/// A page: a pure function, apart from what it asks of the host. It may wait for files.
pub(crate) type Page = fn(&Call<'_>) -> Answer;

/// A request that was let in.
pub(crate) struct Call<'a> {
    /// What reads the log and knows the rules.
    pub(crate) host: &'a dyn Host,
    /// The newest finished run; nothing before the first has finished.
    pub(crate) snapshot: Option<&'a Snapshot>,
    /// What is running, and how the last run failed.
    pub(crate) run: &'a RunState,
    /// Goes into every form as the hidden field `csrf`.
    pub(crate) csrf: &'a str,
    /// The path, such as `/findings`.
    pub(crate) path: &'a str,
    /// The last segment of the path, decoded, where the route has a parameter there.
    pub(crate) argument: Option<&'a str>,
    /// The query.
    pub(crate) query: &'a Query,
}

/// The pairs of a query string, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) pairs: Vec<(String, String)>,
}

impl Query {
    /// The first value of `name` that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of `name` that are not empty.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let found = self.pairs.iter().filter(move |(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }
}

/// What a page answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A page.
    Html {
        /// The HTTP status.
        status: u16,
        /// The whole document.
        html: String,
    },
    /// Something else: an export, a picture.
    Data {
        /// The media type.
        media_type: &'static str,
        /// The name to save it under, where it is meant to be saved.
        file_name: Option<String>,
        /// Its bytes.
        body: Vec<u8>,
    },
    /// The same is found under another address of this console.
    Moved(String),
}
