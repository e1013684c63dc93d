//! Streaming text detectors: personal data, secrets, hidden text.
//!
//! One [`Engine`] serves training data, which is scanned whole, and live traffic, which arrives in pieces: any
//! split of a text into pushes gives exactly the matches of one push. It works on bytes, so that invalid UTF-8
//! hides nothing, and it never holds more than the longest match and its surroundings.
//!
//! ```
//! use bartizan_detect::{Engine, Selection};
//!
//! let engine = Engine::new(Selection::all(), None);
//! let mut seen = Vec::new();
//! let mut stream = engine.stream();
//! for piece in ["mail ana@exam", "ple.org today"] {
//!     stream.push(piece.as_bytes(), &mut |found| seen.push(found));
//! }
//! stream.finish(&mut |found| seen.push(found));
//! assert_eq!(seen[0].rule.code.as_str(), "PII001");
//! assert_eq!((seen[0].start, seen[0].end), (5, 20));
//! ```
//!
//! How it works: a prefilter finds *anchors* (an `@`, a run of digits, the fixed start of a key, an invisible
//! character) at close to the speed of memory, and only there a detector looks closer. A detector sees a window
//! of fixed size around its anchor and nothing else, so what it says cannot depend on how the text was cut.
//! This crate knows no files, no formats and no records.

mod detector;
mod engine;
mod hidden;
mod literals;
mod matched;
mod pii;
mod prefilter;
mod registry;
mod resolve;
mod same_value;
mod secrets;
mod view;

pub use engine::{Engine, Stream};
pub use matched::{Family, Match, Selection};
pub use registry::{RULE_SET, rules};
pub use same_value::SameValueKey;
