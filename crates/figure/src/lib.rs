//! Charts and diagrams for the console and the report.
//!
//! Each figure is one SVG that carries classes and no style of its own, so that it stands under a content security
//! policy without inline style, together with a [`Table`] of the same numbers. [`THEME`] holds the colours, light and
//! dark, and [`STYLE`] all that the classes mean; a page includes both once. What is drawn depends on the values alone:
//! the same input gives the same bytes.
//!
//! All labels are data from files and models. They are escaped, control and direction characters are shown as their
//! code points, and what does not fit is cut with an ellipsis and kept in the title. This crate knows nothing of
//! projects, reports and pages.
//!
//! ```
//! use bartizan_figure::{About, Bar, Part, Tone, bars};
//!
//! let about = About { id: "posture", title: "Controls by status", description: "Two of seven controls fail." };
//! let part = |tone: Tone, value| Part { tone, label: tone.word().to_owned(), value, href: None };
//! let parts = vec![part(Tone::Failing, 2), part(Tone::Satisfied, 5)];
//! let figure = bars(&about, &[Bar { label: "Protect the software".to_owned(), href: None, parts }]);
//!
//! assert!(figure.svg.contains("■ 2 failing"));
//! assert_eq!(figure.table.rows.len(), 2);
//! ```

mod bars;
mod boundary;
mod figure;
mod flow;
mod heat_map;
mod intervals;
mod label;
mod layered;
mod sparkline;
mod style;
mod svg;
mod table;
mod timeline;
mod tone;

pub use bars::{Bar, Part, bars};
pub use boundary::{Diagram, Edge, MAX_NODES, Node, Zone, boundary};
pub use figure::{About, Figure};
pub use flow::{Flow, FlowLink, FlowNode, flow};
pub use heat_map::{HeatCell, HeatMap, heat_map};
pub use intervals::{Axis, Interval, intervals};
pub use sparkline::{Point, sparkline};
pub use style::{STYLE, THEME};
pub use table::{Cell, Table};
pub use timeline::{Span, timeline};
pub use tone::Tone;
