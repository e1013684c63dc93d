//! Writes the JSON Schema of the report to standard output: `crates/report/schema/report-v1.json` is its copy.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(bartizan_report::schema_text().as_bytes())
}
