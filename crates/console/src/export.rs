//! Tables as CSV and JSON.

use serde::Serialize;

use crate::call::{Answer, Call};

/// The rows behind a table as a file, where `?format=csv` or `?format=json` asks for one: as CSV with these headings,
/// or as a JSON array of the rows as the report holds them.
pub(crate) fn export<T: Serialize>(
    call: &Call<'_>,
    name: &str,
    head: &[&str],
    rows: &[&T],
    cells: impl Fn(&T) -> Vec<String>,
) -> Option<Answer> {
    match call.query.get("format")? {
        "csv" => Some(Answer::Data {
            media_type: "text/csv; charset=utf-8",
            file_name: Some(format!("{name}.csv")),
            body: csv(head, rows.iter().map(|row| cells(row))).into_bytes(),
        }),
        "json" => Some(Answer::Data {
            media_type: "application/json",
            file_name: Some(format!("{name}.json")),
            body: json(rows).into_bytes(),
        }),
        _ => None,
    }
}

/// CSV as RFC 4180 has it. A cell that a spreadsheet would take for a formula gets an apostrophe in front
/// (OWASP, *CSV Injection*), also where spaces or the wide forms of East Asian scripts would not keep it from that.
pub(crate) fn csv(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = String::new();
    line(&mut out, head.iter().copied());
    for row in rows {
        line(&mut out, row.iter().map(String::as_str));
    }
    out
}

fn line<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        let acts = acts(cell);
        let quoted = acts || cell.contains(['"', ',', '\n', '\r']) || cell.starts_with([' ', '\'']);
        if quoted {
            out.push('"');
            if acts {
                out.push('\'');
            }
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

/// Whether a spreadsheet would take a cell for a formula.
fn acts(cell: &str) -> bool {
    let starts = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(starts)
}

/// Indented JSON in which characters that hide are written as escapes.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    bartizan_report::visible(&serde_json::to_string_pretty(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let row = ["a", "b,c", "say \"x\"", "=1+1", "-2", "", "line\nline", "@x", "\tx", " =1", "＝1", "a=b"];
        let text = csv(&["one"], [row.map(str::to_owned).to_vec()].into_iter());
        assert_eq!(
            text,
            "one\r\na,\"b,c\",\"say \"\"x\"\"\",\"'=1+1\",\"'-2\",,\"line\nline\",\"'@x\",\"'\tx\",\"' =1\",\"'＝1\",a=b\r\n"
        );
    }

    #[test]
    fn json_shows_what_hides() {
        assert_eq!(json(&["a\u{202e}b", "\u{e0041}"]), "[\n  \"a\\u202eb\",\n  \"\\udb40\\udc41\"\n]\n");
    }

    /// What a reader of RFC 4180 sees.
    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv_core::Reader::new();
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        let mut input = text.as_bytes();
        let mut cell = Vec::new();
        let mut buffer = [0; 64];
        loop {
            let (result, taken, written) = reader.read_field(input, &mut buffer);
            input = &input[taken..];
            cell.extend_from_slice(&buffer[..written]);
            match result {
                csv_core::ReadFieldResult::Field { record_end } => {
                    row.push(String::from_utf8(std::mem::take(&mut cell)).unwrap());
                    if record_end {
                        rows.push(std::mem::take(&mut row));
                    }
                }
                csv_core::ReadFieldResult::End => return rows,
                _ => {}
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn what_is_written_reads_back_and_never_acts(cells in proptest::collection::vec(any::<String>(), 2..5)) {
            let text = csv(&["h", "i"], [cells.clone()].into_iter());
            let rows = read(&text);
            prop_assert_eq!(rows.len(), 2);
            for (cell, back) in cells.iter().zip(&rows[1]) {
                prop_assert!(!acts(back));
                prop_assert_eq!(back.strip_prefix('\'').filter(|rest| *rest == cell).unwrap_or(back), cell);
            }
        }
    }
}
