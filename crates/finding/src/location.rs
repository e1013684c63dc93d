use std::fmt;

use serde::{Deserialize, Serialize};

/// Where something was seen. Paths are relative to the project and use `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Location {
    /// A span of a text file. Lines and columns count from 1, columns in characters.
    Text {
        /// The file.
        path: String,
        /// First byte of the span.
        start: u64,
        /// The byte after the span.
        end: u64,
        /// Line of the first byte.
        line: u64,
        /// Column of the first byte.
        column: u64,
    },
    /// A range of bytes in a binary file or in a member of an archive.
    Bytes {
        /// The file.
        path: String,
        /// Names of the archive members or tensors that lead to the bytes, outermost first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<String>,
        /// First byte of the range.
        start: u64,
        /// The byte after the range.
        end: u64,
    },
    /// A field of a record. Rows count from 1.
    Record {
        /// The file.
        path: String,
        /// The record.
        row: u64,
        /// JSON pointer (RFC 6901) or column name; empty for the record as a whole.
        column: String,
    },
    /// A span of the project file. Lines and columns count from 1.
    Project {
        /// The table or key, such as `asset.tickets.path`.
        key: String,
        /// First byte of the span.
        start: u64,
        /// The byte after the span.
        end: u64,
        /// Line of the first byte.
        line: u64,
        /// Column of the first byte.
        column: u64,
    },
    /// An element, or a path of elements along flows.
    Model {
        /// Ids of the elements, in the order of the flows.
        elements: Vec<String>,
    },
    /// A turn of a conversation.
    Turn {
        /// The run or recording.
        run: String,
        /// The turn, counted from 1.
        turn: u64,
    },
}

impl Location {
    /// A whole file.
    pub fn file(path: impl Into<String>) -> Self {
        Self::Bytes { path: path.into(), members: Vec::new(), start: 0, end: 0 }
    }

    /// The file, where there is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Text { path, .. } | Self::Bytes { path, .. } | Self::Record { path, .. } => Some(path),
            Self::Project { .. } | Self::Model { .. } | Self::Turn { .. } => None,
        }
    }

    /// The place that findings are grouped by: file and member, file and column, key, elements or run. It holds
    /// no line, row or offset, so that it stays the same when a file grows above the finding.
    pub fn place(&self) -> String {
        match self {
            Self::Text { path, .. } => path.clone(),
            Self::Bytes { path, members, .. } => {
                let mut place = path.clone();
                for member in members {
                    place.push('!');
                    place.push_str(member);
                }
                place
            }
            Self::Record { path, column, .. } => format!("{path}#{column}"),
            Self::Project { key, .. } => key.clone(),
            Self::Model { elements } => elements.join(" > "),
            Self::Turn { run, .. } => run.clone(),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { path, line, column, .. } => write!(f, "{path}:{line}:{column}"),
            Self::Bytes { start: 0, end: 0, .. } | Self::Model { .. } => f.write_str(&self.place()),
            Self::Bytes { start, .. } => write!(f, "{} at byte {start}", self.place()),
            Self::Record { path, row, column } if column.is_empty() => write!(f, "{path} row {row}"),
            Self::Record { path, row, column } => write!(f, "{path} row {row}, {column}"),
            Self::Project { key, line, column, .. } => write!(f, "bartizan.toml:{line}:{column} ({key})"),
            Self::Turn { run, turn } => write!(f, "{run}, turn {turn}"),
        }
    }
}
