//! Whatever lies among the anchors: what counts is what the witness has signed about this log.

#![no_main]

use arbitrary::Arbitrary;
use std::sync::{Arc, LazyLock};

use bartizan_attest::{Note, SigningKey, Trust, TrustContent, Witness, cosign};
use bartizan_fuzz::{assert_visible, ledger, now, root, trust_content};
use bartizan_ledger::{AnchorKind, Anchors, MemoryFs, View, anchor::witness};
use libfuzzer_sys::fuzz_target;

/// What lies there.
#[derive(Arbitrary, Debug)]
struct Input {
    files: Vec<(String, Vec<u8>)>,
    /// Changes to the genuine checkpoint, and to its name.
    edits: Vec<(u16, u8)>,
    size: u8,
    stamp: Option<Vec<u8>>,
    answer: Vec<u8>,
}

/// A log of 11 entries, a trust file that names a witness, and the head that it has cosigned.
static LOG: LazyLock<(View, Trust, Vec<u8>)> = LazyLock::new(|| {
    let (_, ledger, _) = ledger(11).expect("memory takes any log");
    let key = SigningKey::from_seed([8; 32]);
    let name: bartizan_attest::NoteName = "witness".parse().expect("a name without spaces");
    let content =
        TrustContent { witnesses: vec![Witness::new(name.clone(), key.verifying_key())], ..trust_content() };
    let signed = content.sign(None, &root()).expect("the content is valid");
    let trust = Trust::open(signed.toml.as_bytes(), &signed.envelope, None, &root().verifying_key());
    let view = ledger.view().expect("just written");
    let note = Note::parse(view.head().note.as_bytes()).expect("just written");
    let line = cosign(note.text(), &name, &key, now()).expect("the text is a checkpoint");
    let note = witness::cosigned(view.head(), format!("{line}\n").as_bytes()).expect("a signature line");
    (view, trust.expect("just signed"), note)
});

fuzz_target!(|input: Input| {
    let (view, trust, genuine) = &*LOG;
    let fs = MemoryFs::new();
    for (path, content) in input.files.into_iter().filter(|(path, _)| !path.is_empty()) {
        fs.put(&path, content);
    }
    let mut note = genuine.clone();
    for (at, to) in &input.edits {
        if let Some(byte) = note.get_mut(usize::from(*at)) {
            *byte = *to;
        }
    }
    let root: String = view.head().root.hex().chars().take(12).collect();
    fs.put(&format!("{}-{root}.checkpoint", input.size), note);
    if let Some(stamp) = input.stamp {
        fs.put(&format!("{}-{root}.tsr", input.size), stamp);
    }
    let anchors = Anchors::open(Arc::new(fs));
    let _ = anchors.keep_cosigned(&input.answer);
    let (found, faults) = anchors.verified(view, trust).expect("memory does not fail");
    faults.iter().for_each(|fault| assert_visible(&fault.to_string()));
    for anchor in &found {
        assert_eq!((anchor.size, anchor.kind, anchor.by.as_str()), (11, AnchorKind::Witness, "witness"));
        assert_eq!(anchor.at, now());
    }
    let _ = witness::conflict(&input.answer);
    if let Ok(note) = witness::cosigned(view.head(), &input.answer) {
        Note::parse(&note).expect("it can be read again");
    }
});
