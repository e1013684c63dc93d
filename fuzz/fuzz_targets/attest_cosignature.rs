//! A cosignature holds for the text and the time that it was made over and for no other, and witness keys have one
//! spelling.

#![no_main]

use bartizan_attest::{Note, Witness, cosign, cosignatures};
use bartizan_fuzz::{assert_visible, collector, log_verifier, now, root};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let witness = Witness::new("example.org/witness".parse().expect("a name"), root().verifying_key());
    let known = std::slice::from_ref(&witness);
    if let Ok(note) = Note::parse(bytes) {
        let (seen, faults) = cosignatures(&note, known);
        assert!(seen.is_empty(), "the witness has seen nothing yet");
        faults.iter().for_each(|fault| assert_visible(&fault.to_string()));
    }

    let Ok(text) = str::from_utf8(bytes) else { return };
    match text.parse::<Witness>() {
        Ok(other) => assert_eq!(other.to_string(), text),
        Err(error) => assert_visible(&error.to_string()),
    }
    let Ok(mut note) = Note::new(text) else { return };
    let line = cosign(text, witness.name(), &root(), now()).expect("the text is that of a note");
    note.push(cosign(text, witness.name(), &collector(), now()).expect("the text is that of a note"));
    note.push(line.clone());
    let read = Note::parse(note.to_string().as_bytes()).expect("what was written can be read");
    assert_eq!(read, note);
    let (seen, faults) = cosignatures(&read, known);
    assert_eq!((seen.len(), faults.len()), (1, 1));
    assert_eq!((&seen[0].by, seen[0].at), (&witness, now()));
    assert!(read.verify(&[log_verifier()]).is_err(), "the log has not signed it");

    let mut other = Note::new(format!("{text}more\n")).expect("the text is that of a note");
    other.push(line);
    assert!(cosignatures(&other, known).0.is_empty(), "it was made over another text");
});
