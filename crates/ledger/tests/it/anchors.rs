//! Anchors: what somebody outside has seen counts, and what contradicts it is named.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]

use std::{collections::BTreeSet, sync::Arc};

use bartizan_attest::{
    Note, NoteVerifier, SigningKey, TimestampAuthority, Trust, TrustContent, Witness, cosign,
};
use bartizan_finding::Timestamp;
use bartizan_ledger::{
    Anchor, AnchorFault, AnchorKind, Anchors, Head, Ledger, MemoryFs, View,
    anchor::{imprint, witness},
    fs::Fs as _,
};

use crate::support::{ORIGIN, at, copy, drafts, filled, identity, key};

fn witness_key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

/// A trust file that names the witness `one` of seed 11 and `two` of seed 12.
pub(crate) fn trust() -> Trust {
    trust_with(Vec::new())
}

/// The same, with authorities for time stamps.
pub(crate) fn trust_with(authorities: Vec<TimestampAuthority>) -> Trust {
    let root = SigningKey::from_seed([9; 32]);
    let witness = |name: &str, seed| Witness::new(name.parse().unwrap(), witness_key(seed).verifying_key());
    let content = TrustContent {
        project: "helpdesk".to_owned(),
        self_attested: false,
        log: NoteVerifier::new(ORIGIN.parse().unwrap(), key().verifying_key()),
        collectors: Vec::new(),
        witnesses: vec![witness("one", 11), witness("two", 12)],
        authorities,
    };
    let signed = content.sign(None, &root).unwrap();
    Trust::open(signed.toml.as_bytes(), &signed.envelope, None, &root.verifying_key()).unwrap()
}

/// The answer of a witness to a head.
fn answer(head: &Head, name: &str, seed: u8, when: Timestamp) -> Vec<u8> {
    let note = Note::parse(head.note.as_bytes()).unwrap();
    format!("{}\n", cosign(note.text(), &name.parse().unwrap(), &witness_key(seed), when).unwrap())
        .into_bytes()
}

pub(crate) fn cosigned(head: &Head, name: &str, seed: u8, when: Timestamp) -> Vec<u8> {
    witness::cosigned(head, &answer(head, name, seed, when)).unwrap()
}

fn verified(fs: &MemoryFs, view: &View) -> (Vec<Anchor>, Vec<AnchorFault>) {
    Anchors::open(Arc::new(fs.clone())).verified(view, &trust()).unwrap()
}

fn faults(found: &[AnchorFault]) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}

/// The part of a root that stands in file names.
fn beginning(head: &Head) -> String {
    head.root.hex().chars().take(12).collect()
}

fn seen(size: u64, by: &str, when: Timestamp) -> Anchor {
    Anchor { size, at: when, kind: AnchorKind::Witness, by: by.to_owned() }
}

#[test]
fn a_head_that_witnesses_have_seen_is_an_anchor() {
    let (_, ledger) = filled(300);
    let fs = MemoryFs::new();
    let anchors = Anchors::open(Arc::new(fs.clone()));
    let early = ledger.head().unwrap();
    anchors.keep_cosigned(&cosigned(&early, "one", 11, at(1000))).unwrap();
    anchors.keep_cosigned(&cosigned(&early, "two", 12, at(1010))).unwrap();
    // Once more by the same witness: the earlier says more.
    anchors.keep_cosigned(&cosigned(&early, "one", 11, at(1020))).unwrap();
    ledger.append(&drafts(300..310), at(2000)).unwrap();
    let late = ledger.head().unwrap();
    anchors.keep_cosigned(&cosigned(&late, "two", 12, at(3000))).unwrap();

    let (found, wrong) = verified(&fs, &ledger.view().unwrap());
    assert_eq!(faults(&wrong), Vec::<String>::new());
    assert_eq!(found, [seen(300, "one", at(1000)), seen(300, "two", at(1010)), seen(310, "two", at(3000))]);
    let names: BTreeSet<_> = fs.files().into_iter().collect();
    let name = |head: &Head| format!("{}-{}.checkpoint", head.size, beginning(head));
    assert_eq!(names, BTreeSet::from([name(&early), name(&late)]));
}

#[test]
fn what_contradicts_the_log_is_named_and_a_stranger_is_a_note() {
    let (_, ledger) = filled(300);
    let head = ledger.head().unwrap();
    let longer = {
        let (fs, _) = filled(300);
        let longer = Ledger::open(Arc::new(fs), identity()).unwrap();
        longer.append(&drafts(300..320), at(2000)).unwrap();
        longer.head().unwrap()
    };
    let forked = {
        let (fs, _) = filled(0);
        let other = Ledger::open(Arc::new(fs), identity()).unwrap();
        other.append(&drafts(500..600), at(0)).unwrap();
        other.head().unwrap()
    };
    let foreign = {
        let stranger = bartizan_ledger::Identity::writer(ORIGIN.parse().unwrap(), witness_key(77));
        Ledger::create(Arc::new(MemoryFs::new()), stranger).unwrap().head().unwrap()
    };
    let path = |head: &Head| format!("{}-{}.checkpoint", head.size, beginning(head));
    let with_line_of_other = {
        let mut note = String::from_utf8(cosigned(&head, "one", 11, at(1))).unwrap();
        // The line of another moment: the signature is not over it.
        let line = String::from_utf8(answer(&forked, "one", 11, at(1))).unwrap();
        let start = note.rfind('\u{2014}').unwrap();
        note.truncate(start);
        (note + &line).into_bytes()
    };
    let good = cosigned(&head, "one", 11, at(1));
    for (file, content, counts, why) in [
        (
            path(&longer),
            cosigned(&longer, "one", 11, at(1)),
            true,
            "the log was seen with 320 entries and has 300: entries were cut off, or an old copy put back",
        ),
        // The log's own key signed it, so nobody else is needed.
        (
            path(&forked),
            forked.note.clone().into_bytes(),
            true,
            "the log was seen with another history of its first 100 entries: it was forked, or rewritten since",
        ),
        (path(&head), with_line_of_other, true, "the cosignature of `one` does not match the checkpoint"),
        (
            path(&head).replace("300-", "299-"),
            good.clone(),
            true,
            "the file is named after another checkpoint than it holds",
        ),
        (path(&foreign), foreign.note.clone().into_bytes(), true, "signed note is signed by no known key"),
        (path(&head), b"nonsense".to_vec(), true, "signed note is malformed: no empty line"),
        (
            path(&head).replace("checkpoint", "tsr"),
            b"x".to_vec(),
            true,
            "the checkpoint that the time stamp is over is not here",
        ),
        (
            path(&head),
            cosigned(&head, "stranger", 13, at(1)),
            false,
            "nobody whom the trust file names has vouched for it",
        ),
        (
            path(&head),
            head.note.clone().into_bytes(),
            false,
            "nobody whom the trust file names has vouched for it",
        ),
        (
            path(&head),
            cosigned(&head, "one", 13, at(1)),
            false,
            "it does not count: the signature line of `one` is not understood",
        ),
        ("notes.txt".to_owned(), b"hello".to_vec(), false, "nothing among anchors has this name"),
    ] {
        let fs = MemoryFs::new();
        fs.put(&file, content);
        let (found, wrong) = verified(&fs, &ledger.view().unwrap());
        assert_eq!(found, [], "{why}");
        let said = faults(&wrong);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(&format!("{file}: {why}")), "{} is not {why}", said[0]);
        assert_eq!(wrong[0].counts(), counts, "{why}");
    }
    // One that holds beside one that does not still counts.
    let fs = MemoryFs::new();
    fs.put(&path(&head), good);
    fs.put(&path(&longer), longer.note.clone().into_bytes());
    let (found, wrong) = verified(&fs, &ledger.view().unwrap());
    assert_eq!((found.len(), wrong.len()), (1, 1));
}

#[test]
fn a_head_that_the_log_has_grown_to_meanwhile_is_no_contradiction() {
    let (_, ledger) = filled(3);
    let view = ledger.view().unwrap();
    ledger.append(&drafts(3..5), at(1)).unwrap();
    let fs = MemoryFs::new();
    let anchors = Anchors::open(Arc::new(fs.clone()));
    anchors.keep_cosigned(&cosigned(&ledger.head().unwrap(), "one", 11, at(2))).unwrap();
    assert_eq!(verified(&fs, &view), (Vec::new(), Vec::new()));
    assert_eq!(verified(&fs, &ledger.view().unwrap()).0.len(), 1);
}

#[test]
fn a_time_stamp_is_kept_with_its_checkpoint_and_one_that_is_none_is_named() {
    let (_, ledger) = filled(3);
    let head = ledger.head().unwrap();
    let fs = MemoryFs::new();
    let anchors = Anchors::open(Arc::new(fs.clone()));
    anchors.keep_stamp(head.note.as_bytes(), b"one").unwrap();
    anchors.keep_stamp(head.note.as_bytes(), b"one").unwrap();
    anchors.keep_stamp(&cosigned(&head, "one", 11, at(2)), b"two").unwrap();
    let stem = format!("3-{}", beginning(&head));
    assert_eq!(fs.files(), ["2.tsr", "checkpoint", "tsr"].map(|end| format!("{stem}.{end}")));
    let (found, wrong) = verified(&fs, &ledger.view().unwrap());
    assert_eq!(found, [seen(3, "one", at(2))], "the cosignature that came with the second counts");
    assert_eq!(wrong.len(), 2);
    assert!(
        wrong
            .iter()
            .all(|fault| fault.counts() && fault.to_string().contains("the time stamp does not hold"))
    );

    let text = format!("{ORIGIN}\n3\n");
    assert!(head.note.starts_with(&text));
    assert_eq!(
        imprint(head.note.as_bytes()).unwrap(),
        imprint(&cosigned(&head, "one", 11, at(2))).unwrap(),
        "cosignatures are no part of what is stamped"
    );
    assert!(anchors.keep_stamp(b"nonsense", b"one").is_err());
    assert!(anchors.keep_cosigned(b"nonsense").is_err());
}

#[test]
fn a_witness_is_asked_with_a_proof_and_its_answers_are_read() {
    let (_, ledger) = filled(300);
    let view = ledger.view().unwrap();
    let body = witness::add_checkpoint(&view, 260).unwrap();
    let (top, note) = body.split_once("\n\n").unwrap();
    assert_eq!(note, view.head().note);
    let mut lines = top.lines();
    assert_eq!(lines.next(), Some("old 260"));
    assert_eq!(lines.count(), view.consistency(260).unwrap().len());
    assert!(
        witness::add_checkpoint(&view, 0).unwrap().starts_with("old 0\n\nbartizan.example/helpdesk\n300\n")
    );
    assert!(witness::add_checkpoint(&view, 301).is_err());

    assert_eq!(witness::conflict(b"278\n"), Ok(278));
    assert_eq!(witness::conflict(b"0"), Ok(0));
    for bad in [&b""[..], b"\n", b"-1\n", b"+1\n", b"01\n", b"1\n\n", b"999999999999999999\n", b"\xff\n"] {
        assert!(witness::conflict(bad).is_err(), "{bad:?}");
    }
    let good = answer(view.head(), "one", 11, at(1));
    assert!(witness::cosigned(view.head(), &good).is_ok());
    let many = good.repeat(9);
    for bad in [&b""[..], b"\n", b"<html>\n", &good[..good.len() - 1], &many, &vec![b'x'; 70_000]] {
        assert!(witness::cosigned(view.head(), bad).is_err());
    }
}

#[test]
fn anchors_can_be_read_where_nothing_can_be_written() {
    let (_, ledger) = filled(3);
    let fs = MemoryFs::new();
    Anchors::open(Arc::new(fs.clone()))
        .keep_cosigned(&cosigned(&ledger.head().unwrap(), "one", 11, at(2)))
        .unwrap();
    let mut writer = bartizan_ledger::ArchiveWriter::new(Vec::new());
    let copied = copy(&fs);
    for path in copied.files() {
        writer.add(&format!("anchors/{path}"), &copied.read(&path, 9999).unwrap()).unwrap();
    }
    let archive = bartizan_ledger::Archive::open(
        &writer.finish().unwrap()[..],
        &bartizan_ledger::ArchiveLimits::default(),
    )
    .unwrap();
    let view = ledger.view().unwrap();
    assert_eq!(Anchors::open(archive.folder("anchors")).verified(&view, &trust()).unwrap().0.len(), 1);
    assert_eq!(
        Anchors::open(archive.folder("none")).verified(&view, &trust()).unwrap(),
        (Vec::new(), Vec::new())
    );
}
