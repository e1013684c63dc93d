//! A signed note has one spelling, an independent reader sees the same text in it, and a signature holds for the
//! text that it was made over.

#![no_main]

use bartizan_attest::Note;
use bartizan_fuzz::{assert_visible, collector, log, log_verifier};
use bartizan_ledger::Head;
use libfuzzer_sys::fuzz_target;
use signed_note as oracle;

fuzz_target!(|bytes: &[u8]| {
    let known = [log_verifier()];
    match Note::parse(bytes) {
        Ok(note) => {
            assert_eq!(note.to_string().as_bytes(), bytes);
            let theirs = oracle::Note::from_bytes(bytes).expect("a note here is one there");
            assert_eq!(theirs.text(), note.text().as_bytes());
        }
        Err(error) => assert_visible(&error.to_string()),
    }
    if let Err(error) = Head::parse(bytes, &known) {
        assert_visible(&error.to_string());
    }

    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(mut note) = Note::new(text) else { return };
    note.sign(known[0].name(), &collector());
    assert!(note.verify(&known).is_err(), "the name is the log's and the key is not");
    note.sign(known[0].name(), &log());
    let read = Note::parse(note.to_string().as_bytes()).expect("what was written can be read");
    assert_eq!(read, note);
    assert_eq!(read.verify(&known).map(|by| by.len()), Ok(1));
    if let Ok(head) = Head::parse(note.to_string().as_bytes(), &known) {
        let size = head.size.to_string();
        assert!(text.starts_with(&format!("{}\n{size}\n", head.origin)) && head.origin == *known[0].name());
    }
});
