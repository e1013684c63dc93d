use std::{cell::RefCell, ops::ControlFlow};

use bartizan_dataset::{Format, Limits, scan};
use bartizan_detect::{Engine, Selection};
use bartizan_finding::Severity;
use proptest::prelude::*;

use crate::{Pieces, lines, said, scanned, scanned_with};

#[test]
fn sound_tables_are_silent_and_counted() {
    let text = "id,text,score\r\n1,\"hello, \"\"you\"\"\r\nthere\",1.5\r\n\r\n2,again,\r\n3,true,-2\r\n";
    let (scan, found) = scanned("a.csv", text.as_bytes());
    assert_eq!(lines(&found), "");
    assert_eq!((scan.format, scan.records, scan.unexamined.len()), (Format::Csv, 3, 0));
    assert_eq!(scan.bytes_read, text.len() as u64);
    let columns = scan.columns.iter().map(|one| {
        format!("{} {} {:?} {}..{}", one.pointer, one.rows, one.types, one.min_length, one.max_length)
    });
    insta::assert_snapshot!(columns.collect::<Vec<_>>().join("\n"), @r"
    /id 3 {Number: 3} 1..1
    /score 3 {Null: 1, Number: 2} 0..3
    /text 3 {Boolean: 1, String: 2} 4..19
    ");
}

#[test]
fn data_is_found_by_row_and_column_however_the_table_is_written() {
    for (name, text) in [
        ("a.csv", "id,mail\n1,ana@acme.io\n"),
        ("a.csv", "id;mail\n1;ana@acme.io\n"),
        ("a.tsv", "id\tmail\r1\tana@acme.io\r"),
        ("a.csv", "id|mail\n1|\"ana@acme.io\"\n"),
        ("a.csv", "\"id\",\"mail\"\r\n\"1\",\"write to ana@acme.io\nor not\""),
    ] {
        let expected = format!("PII001 {name} row 2, /mail: The text holds an e-mail address.");
        assert_eq!(said(name, text), expected, "{text:?}");
    }
    let text = "sep=;\nid;mail\n\n1;ana@acme.io\n";
    assert_eq!(said("a.csv", text), "PII001 a.csv row 4, /mail: The text holds an e-mail address.");
}

#[test]
fn the_name_of_a_column_helps_to_see_a_secret_and_a_datum_names_no_column() {
    let value: String =
        ('A'..='Z').zip('0'..='9').flat_map(|(a, b)| [a, b, a.to_ascii_lowercase()]).collect();
    assert_eq!(
        said("a.csv", format!("title,password\n{value},{value}\n")),
        "SEC001/generic a.csv row 2, /password: The text holds a secret: Value that a telling name is set to."
    );
    let (scan, found) = scanned("a.csv", b"text,ana@acme.io\nhello,bob@acme.io\n");
    insta::assert_snapshot!(lines(&found), @r"
    PII001 a.csv row 1, /2: The text holds an e-mail address.
    PII001 a.csv row 2, /2: The text holds an e-mail address.
    ");
    let pointers: Vec<_> = scan.columns.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!((scan.records, pointers), (2, vec!["/1", "/2"]));
}

#[test]
fn faults_of_structure_each_have_a_rule() {
    for (text, expected) in [
        (&b"a,b\n1\n"[..], "DAT010 a.csv row 2: The row has 1 cell, the first one has 2."),
        (b"a,b\n1,2,3\n", "DAT010 a.csv row 2: The row has 3 cells, the first one has 2."),
        (b"a,b\n1,\"2\n3,4\n", "DAT011 a.csv row 2: The file ends within quotes that open in this row."),
        (b"a,b\n1,\"2\"3\n", "DAT011 a.csv row 2, /b: Text follows the quote that closes the cell."),
        (b"a,b\n1,=A1\n", "DAT012 a.csv row 2, /b: A spreadsheet program would evaluate the cell."),
        (b"a,b, a\n1,2,3\n", "DAT013 a.csv row 1, /a: Two columns have the same name."),
        (b"a,b\n1,2\n3,4\n5;6\n", "DAT014 a.csv row 4: The row is split by semicolons instead of commas."),
        (b"a,b\n1,\xff\n", "DAT002 a.csv row 2, /b: The row holds text that is not valid Unicode."),
        (b"a,b\n1,\0\n", "DAT003 a.csv row 2, /b: The row holds NUL bytes."),
        (b"\xef\xbb\xbfa,b\n1,2\n", "DAT009 a.csv row 1: The file starts with a byte order mark."),
        (b"", "DAT006 a.csv: The file is empty."),
        (b"\r\n\n", "DAT006 a.csv: The file holds no record."),
        (b"a,b\n", "DAT006 a.csv: The file holds no record."),
        (b"a,b\n1,-2\n3,+4 5\n- 6,'=A1'\n", ""),
        (b"a,b\n1,\"2;3;4\"\n\"\",\n", ""),
        (b",b\n1,2\n", ""),
    ] {
        assert_eq!(said("a.csv", text), expected, "{}", String::from_utf8_lossy(text));
    }
    let (_, found) = scanned("a.csv", b"a,b\n1,\"=SUM(A1)\"\n2,=A1\n");
    let severities: Vec<_> = found.iter().map(|one| one.severity).collect();
    assert_eq!(severities, [Severity::Medium, Severity::Low]);
}

#[test]
fn limits_are_told_and_nothing_is_skipped() {
    let limits = Limits { columns: 2, key_bytes: 8, ..Limits::default() };
    let (scan, found) = scanned_with("a.csv", b"a,b,c,d\n1,2,ana@acme.io,4\n", &limits);
    insta::assert_snapshot!(lines(&found), @r"
    PII001 a.csv row 2, /…: The text holds an e-mail address.
    DAT008 a.csv row 1, /…: There are more than 2 columns.
    ");
    assert_eq!(scan.columns.len(), 3);
    let (scan, found) = scanned_with("a.csv", b"a\n1,ana@acme.io,bob@acme.io\n", &limits);
    insta::assert_snapshot!(lines(&found), @r"
    PII001 a.csv row 2, /2: The text holds an e-mail address.
    PII001 a.csv row 2, /…: The text holds an e-mail address.
    DAT010 a.csv row 2: The row has 3 cells, the first one has 1.
    DAT008 a.csv row 2, /…: There are more than 2 columns.
    ");
    assert_eq!(scan.records, 1);
    let long = format!("{},b\n1,2\n", "a name ".repeat(4));
    let (scan, _) = scanned_with("a.csv", long.as_bytes(), &limits);
    assert_eq!((scan.records, scan.columns[0].pointer.as_str()), (2, "/1"), "a name that long is data");
}

/// An open quote makes the rest of the file one cell, which passes through without being kept.
#[test]
fn a_cell_as_long_as_the_file_is_scanned_to_its_end() {
    let text = format!("a,b\n1,\"{}ana@acme.io", "two words, and more\n".repeat(40_000));
    let (scan, found) = scanned("a.csv", text.as_bytes());
    insta::assert_snapshot!(lines(&found), @r"
    PII001 a.csv row 2, /b: The text holds an e-mail address.
    DAT011 a.csv row 2: The file ends within quotes that open in this row.
    ");
    assert_eq!((scan.bytes_read, scan.unexamined.len()), (text.len() as u64, 0));
}

#[test]
fn a_value_is_found_at_every_place_around_the_border_of_two_steps() {
    let engine = Engine::new(Selection::all(), None);
    for shift in 0..24 {
        for (open, close) in [("", ""), ("\"", "\"")] {
            let mut text = "id,mail\n".to_owned();
            let pad = bartizan_artifact::STEP - text.len() - "1,\n2,".len() - shift;
            text.push_str(&format!("1,{}\n2,{open}ana@acme.io{close}\n3,x\n", "y".repeat(pad)));
            let mut found = Vec::new();
            let go_on = &mut |_| ControlFlow::Continue(());
            scan(&text.as_bytes(), "a.csv", &engine, &Limits::default(), go_on, &mut |one| found.push(one))
                .unwrap();
            let expected = "PII001 a.csv row 3, /mail: The text holds an e-mail address.";
            assert_eq!(lines(&found), expected, "{shift}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_planted_value_is_found_in_any_cell(
        rows in 1_usize..6,
        width in 2_usize..5,
        at in any::<proptest::sample::Index>(),
        filler in "[a-z ,;\"\r\n]{0,6}",
        sizes in proptest::collection::vec(1_usize..9, 0..60),
        delimiter in proptest::sample::select(vec![",", ";", "\t", "|"]),
        end in proptest::sample::select(vec!["\n", "\r\n"]),
    ) {
        let planted = at.index(rows * width);
        let mut text = (0..width).map(|column| format!("c{column}")).collect::<Vec<_>>().join(delimiter) + end;
        for row in 0..rows {
            let cells: Vec<_> = (0..width).map(|column| {
                let value = if row * width + column == planted { "ana@acme.io" } else { filler.as_str() };
                format!("\"{}\"", value.replace('"', "\"\""))
            }).collect();
            text.push_str(&(cells.join(delimiter) + end));
        }
        let engine = Engine::new(Selection::all(), None);
        let mut found = Vec::new();
        let reader = Pieces(text.as_bytes(), RefCell::new(sizes));
        let go_on = &mut |_| ControlFlow::Continue(());
        let scan = scan(&reader, "a.csv", &engine, &Limits::default(), go_on, &mut |one| found.push(one)).unwrap();
        prop_assert_eq!(scan.records, rows as u64);
        prop_assert_eq!(
            lines(&found),
            format!("PII001 a.csv row {}, /c{}: The text holds an e-mail address.", planted / width + 2, planted % width)
        );
        prop_assert!(scan.columns.iter().all(|column| column.rows == rows as u64));
    }

    #[test]
    fn any_bytes_are_one_table_in_any_pieces(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(vec![
                ",", ";", "\"", "\"\"", "\n", "\r\n", "\r", "a", "\0", "=A1", "1", "ana@acme.io", "sep=;\n", "\u{feff}", "\u{e9}",
            ]).prop_map(|text| text.as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..3),
        ], 0..30),
        sizes in proptest::collection::vec(1_usize..9, 0..30),
    ) {
        let bytes = pieces.concat();
        let (whole, found) = scanned("a.csv", &bytes);
        let engine = Engine::new(Selection::all(), None);
        let mut again = Vec::new();
        let reader = Pieces(&bytes, RefCell::new(sizes));
        let go_on = &mut |_| ControlFlow::Continue(());
        let cut = scan(&reader, "a.csv", &engine, &Limits::default(), go_on, &mut |one| again.push(one)).unwrap();
        prop_assert_eq!(lines(&found), lines(&again));
        prop_assert_eq!((whole.records, whole.columns, whole.digest), (cut.records, cut.columns, cut.digest));
        prop_assert_eq!(whole.bytes_read, bytes.len() as u64);
    }
}
