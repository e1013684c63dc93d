use bartizan_dataset::{Kind, Limits};

use crate::{lines, said, scanned, scanned_with};

#[test]
fn sound_records_are_silent() {
    let text = "{\"text\": \"hello\", \"n\": [1, -2.5e+3, 0, null], \"o\": {\"a\\u00e9\": \"\\ud83d\\ude00\"}}\n\
        \n\
        {\"text\": \"again\"}\r\n\
        {\"text\": null}";
    let (scan, found) = scanned("a.jsonl", text.as_bytes());
    assert_eq!(lines(&found), "");
    assert_eq!((scan.records, scan.unexamined.len()), (3, 0));
    let columns = scan.columns.iter().map(|one| format!("{} {} {:?}", one.pointer, one.rows, one.types));
    insta::assert_snapshot!(columns.collect::<Vec<_>>().join("\n"), @r"
     3 {Object: 3}
    /n 1 {Array: 1}
    /n/* 1 {Null: 1, Number: 3}
    /o 1 {Object: 1}
    /o/aé 1 {String: 1}
    /text 3 {Null: 1, String: 2}
    ");
    let text = scan.columns.iter().find(|one| one.pointer == "/text").unwrap();
    assert_eq!((text.min_length, text.max_length, text.total_length), (4, 5, 14));
    assert_eq!(text.types[&Kind::String], 2);
}

#[test]
fn data_and_secrets_are_found_where_they_are_and_as_they_are_read() {
    let text = concat!(
        "{\"messages\": [{\"role\": \"user\", \"content\": \"I am ana\\u0040acme.io\"}]}\n",
        "{\"a/b\": {\"~c\": \"4111 1111\\u00201111 1111\"}}\n",
        "{\"ssn\": 536904399, \"other\": 536904399}\n",
        "{\"text\": \"Hi\\udb40\\udc69\\udb40\\udc67\"}\n",
        "{\"ana@acme.io\": \"x\", \"x\": \"y\"}\n",
        "\"bob@acme.io\"\n",
    );
    insta::assert_snapshot!(said("a.jsonl", text), @r"
    PII001 a.jsonl row 1, /messages/*/content: The text holds an e-mail address.
    PII002 a.jsonl row 2, /a~1b/~0c: The text holds a payment card number.
    PII005 a.jsonl row 3, /ssn: The text holds a United States social security number.
    HID001 a.jsonl row 4, /text: The text holds invisible tag characters.
    PII001 a.jsonl row 5: The text holds an e-mail address.
    PII001 a.jsonl row 6: The text holds an e-mail address.
    DAT005 a.jsonl row 6: The column holds values of several types: object, string.
    ");
}

#[test]
fn the_name_of_a_value_helps_to_see_a_secret_and_a_datum_names_no_column() {
    let value: String =
        ('A'..='Z').zip('0'..='9').flat_map(|(a, b)| [a, b, a.to_ascii_lowercase()]).collect();
    let said = said("a.jsonl", format!("{{\"password\": \"{value}\", \"title\": \"{value}\"}}\n"));
    assert_eq!(
        said,
        "SEC001/generic a.jsonl row 1, /password: The text holds a secret: Value that a telling name is set to."
    );
    let (scan, _) = scanned("a.jsonl", b"{\"ana@acme.io\": 1, \"bob@acme.io\": 2}\n");
    let pointers: Vec<_> = scan.columns.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(pointers, ["", "/[redacted]"]);
}

#[test]
fn broken_rows_are_named_and_still_scanned() {
    let text = concat!(
        "{\"a\": 1}\n",
        "{\"a\": 1,}\n",
        "{'a': 'ana@acme.io'}\n",
        "{\"a\": \"x\\q bob@acme.io\"}\n",
        "{\"a\": 01}\n",
        "[1 2]\n",
        "{\"a\": 1} x\n",
        "nul\n",
        "{\"a\n",
        "{\"a\": \"cleo@acme.io",
    );
    insta::assert_snapshot!(said("a.jsonl", text), @r"
    DAT001 a.jsonl row 2: The row is not valid JSON: expected a key.
    DAT001 a.jsonl row 3: The row is not valid JSON: expected a key.
    PII001 a.jsonl row 3: The text holds an e-mail address.
    DAT001 a.jsonl row 4: The row is not valid JSON: expected an escape.
    PII001 a.jsonl row 4: The text holds an e-mail address.
    DAT001 a.jsonl row 5: The row is not valid JSON: expected a comma or the end.
    DAT001 a.jsonl row 6: The row is not valid JSON: expected a comma or the end.
    DAT001 a.jsonl row 7: The row is not valid JSON: expected the end of the row.
    DAT001 a.jsonl row 8: The row ends before its JSON is complete.
    DAT001 a.jsonl row 9: The row ends before its JSON is complete.
    PII001 a.jsonl row 10, /a: The text holds an e-mail address.
    DAT004 a.jsonl row 10: The last row ends before its JSON is complete.
    DAT005 a.jsonl row 6: The column holds values of several types: object, array.
    DAT005 a.jsonl row 4, /a: The column holds values of several types: number, string.
    ");
}

#[test]
fn faults_of_structure_each_have_a_rule() {
    for (text, expected) in [
        (
            &b"{\"a\": \"\xff\"}\n"[..],
            "DAT002 a.jsonl row 1, /a: The row holds text that is not valid Unicode.",
        ),
        (
            b"{\"a\": \"\\ud800x\"}\n",
            "DAT002 a.jsonl row 1, /a: The row holds text that is not valid Unicode.",
        ),
        (b"{\"a\": 1, \"\\u0061\": 2}\n", "DAT007 a.jsonl row 1, /a: The object names a key twice."),
        (b"", "DAT006 a.jsonl: The file is empty."),
        (b"\n\n", "DAT006 a.jsonl: The file holds no record."),
        (b"\xef\xbb\xbf{\"a\": 1}\n", "DAT009 a.jsonl row 1: The file starts with a byte order mark."),
        (b"{\"a\": 1}\n{\"a\": 2}", ""),
        (b"{\"a\": [{\"a\": 1}, {\"a\": 1}], \"b\": {\"a\": 1}}\n", ""),
        (b"{\"a\": 1}\n{\"a\": null}\n", ""),
    ] {
        assert_eq!(said("a.jsonl", text), expected, "{}", String::from_utf8_lossy(text));
    }
    let nul = said("a.jsonl", b"{\"a\": 1}\0\0\n");
    assert_eq!(
        nul,
        "DAT003 a.jsonl row 1: The row holds NUL bytes.\nDAT001 a.jsonl row 1: The row is not valid JSON: expected the end of the row."
    );
}

#[test]
fn limits_are_told_and_nothing_is_skipped() {
    let limits = Limits { depth: 3, columns: 4, key_bytes: 8 };
    let (scan, found) = scanned_with("a.jsonl", b"[[[[\"ana@acme.io\"]]]]\n[[[1]]]\n", &limits);
    assert_eq!(lines(&found), "PII001 a.jsonl row 1: The text holds an e-mail address.");
    assert_eq!(scan.unexamined.len(), 1);
    assert_eq!(scan.unexamined[0].reason, "nested deeper than 3 levels from here on; scanned as plain text");

    let text = "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":\"ana@acme.io\",\"f\":{\"g\":\"bob@acme.io\"}}\n";
    let (scan, found) = scanned_with("a.jsonl", text.as_bytes(), &limits);
    insta::assert_snapshot!(lines(&found), @r"
    PII001 a.jsonl row 1, /…: The text holds an e-mail address.
    PII001 a.jsonl row 1, /…: The text holds an e-mail address.
    DAT008 a.jsonl row 1, /…: There are more than 4 columns.
    ");
    assert_eq!(scan.columns.len(), 6);

    let text = format!("{{\"{}ana@acme.io\": \"bob@acme.io\"}}\n", "k ".repeat(50));
    let (_, found) = scanned_with("a.jsonl", text.as_bytes(), &limits);
    assert_eq!(found.iter().filter(|one| one.rule.code.as_str() == "PII001").count(), 2);
}

#[test]
fn the_elements_of_a_document_are_its_records() {
    let text = "[\n  {\"text\": \"a\"},\n  {\"text\": \"ana@acme.io\"}\n]\n";
    let (scan, found) = scanned("a.json", text.as_bytes());
    assert_eq!(lines(&found), "PII001 a.json row 2, /*/text: The text holds an e-mail address.");
    assert_eq!(scan.records, 2);
    let (scan, _) = scanned("a.json", b"{\"model\": {\"vocab\": {\"a\": 0}}}");
    assert_eq!(scan.records, 1);
    assert_eq!(said("a.json", "{\"a\": 1"), "DAT001 a.json row 1: The row ends before its JSON is complete.");
}
