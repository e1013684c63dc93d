use bartizan_finding::Location;

use crate::{lines, said, scanned};

#[test]
fn places_count_lines_and_characters_from_one() {
    let text = "first\nsecond \u{e9}\u{1f600} ana@acme.io\n\nbob@acme.io";
    insta::assert_snapshot!(said("notes.md", text), @r"
    PII001 notes.md:2:11: The text holds an e-mail address.
    PII001 notes.md:4:1: The text holds an e-mail address.
    ");
    let (scan, found) = scanned("notes.md", text.as_bytes());
    assert_eq!(scan.records, 4);
    let Location::Text { start, end, .. } = found[0].location else { panic!("a text has text locations") };
    assert_eq!(text.get(start as usize..end as usize), Some("ana@acme.io"));
}

#[test]
fn places_are_right_far_into_a_file() {
    let mut text = String::new();
    for i in 0..3000 {
        text.push_str("\u{e4}\u{f6} some words that say nothing at all\n");
        if i % 1000 == 7 {
            text.push_str("\u{fc} ana@acme.io\n");
        }
    }
    insta::assert_snapshot!(said("notes.txt", &text), @r"
    PII001 notes.txt:9:3: The text holds an e-mail address.
    PII001 notes.txt:1010:3: The text holds an e-mail address.
    PII001 notes.txt:2011:3: The text holds an e-mail address.
    ");
    let long = format!("{}ana@acme.io", "\u{e4} ".repeat(100_000));
    assert_eq!(said("notes.txt", long), "PII001 notes.txt:1:200001: The text holds an e-mail address.");
}

#[test]
fn bytes_that_are_no_text_are_said_once() {
    let (scan, found) = scanned("notes.txt", b"a\0\0b\xff\xfe\n\0");
    insta::assert_snapshot!(lines(&found), @r"
    DAT003 notes.txt:1:2: The text holds NUL bytes.
    DAT002 notes.txt: The text is not UTF-8.
    ");
    assert_eq!(scan.records, 2);
    assert_eq!(said("notes.txt", "caf\u{e9}"), "");
}
