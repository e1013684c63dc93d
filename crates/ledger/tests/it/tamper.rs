use std::sync::Arc;

use bartizan_attest::Note;
use bartizan_finding::Digest;
use bartizan_ledger::{
    Audit, Completeness, Content, Head, Identity, Ledger, MemoryFs, Record, Wrong, fs::Fs, verify,
};

use crate::support::{ORIGIN, at, audit, copy, draft, drafts, erasure, faults, filled, identity, key, keys};

#[test]
fn a_flipped_byte_in_any_file_is_named() {
    // Batches of one leave older partial forms, which are held to their word too.
    let (fs, ledger) = filled(598);
    ledger.append(&[draft(598)], at(900)).unwrap();
    ledger.append(&[erasure(7)], at(901)).unwrap();
    let head = ledger.head().unwrap();
    assert!(audit(&fs, Some(&head)).is_whole());
    let (blobs, others): (Vec<_>, Vec<_>) =
        fs.files().into_iter().filter(|path| path != "lock").partition(|path| path.starts_with("blobs/"));
    assert_eq!((blobs.len(), others.len()), (598, 13), "{others:?}");
    for path in &others {
        for place in 0..3 {
            let changed = copy(&fs);
            let mut bytes = fs.read(path, u64::MAX).unwrap();
            let place = place * (bytes.len() - 1) / 2;
            bytes[place] ^= 1;
            changed.put(path, bytes);
            let head = Some(&head).filter(|_| place == 0);
            let verification = audit(&changed, head);
            let (named, elsewhere): (Vec<_>, Vec<_>) = verification
                .faults
                .iter()
                .filter(|fault| !matches!(fault.what, Wrong::Contradicts(_) | Wrong::BlobMissingOrErased))
                .partition(|fault| fault.path == *path);
            assert!(!named.is_empty(), "{path} at {place}: {:?}", faults(&verification));
            assert!(elsewhere.is_empty(), "{path} at {place} also blames {elsewhere:?}");
        }
    }
    // Of the envelopes each has its own byte flipped, all at once.
    for (number, path) in blobs.iter().enumerate() {
        let mut bytes = fs.read(path, u64::MAX).unwrap();
        let place = number % bytes.len();
        bytes[place] ^= 1;
        fs.put(path, bytes);
    }
    let every = Audit { most_faults: 1000, head: Some(&head), ..Audit::default() };
    let verification = verify(&fs, &keys(), &every);
    let named: Vec<_> = verification.faults.iter().map(|fault| fault.path.clone()).collect();
    assert_eq!(named, blobs);
    assert!(
        verification.faults.iter().all(|fault| fault.what == Wrong::BlobAltered && fault.index.is_some())
    );
}

/// The files of a ledger that are not like another one: all but most envelopes.
fn different_files(fs: &MemoryFs) -> Vec<String> {
    let files = fs.files().into_iter().filter(|path| path != "lock");
    files.filter(|path| !path.starts_with("blobs/") || path.starts_with("blobs/sha256/0a")).collect()
}

#[test]
fn a_removed_file_is_named() {
    let (fs, ledger) = filled(598);
    ledger.append(&[draft(598)], at(900)).unwrap();
    // Older forms of what is there in a wider form may go.
    let older = ["tile/0/002.p/86", "tile/entries/002.p/86", "tile/1/000.p/1"];
    for path in different_files(&fs) {
        let changed = copy(&fs);
        changed.remove_file(&path).unwrap();
        let verification = audit(&changed, None);
        let named: Vec<_> = verification.faults.iter().map(|fault| &*fault.path).collect();
        assert_eq!(named, if older.contains(&&*path) { vec![] } else { vec![&*path] });
    }
}

#[test]
fn a_cut_or_longer_file_is_named() {
    let (fs, _) = filled(300);
    for path in different_files(&fs) {
        let original = fs.read(&path, u64::MAX).unwrap();
        for bytes in [
            original[..original.len() / 2].to_vec(),
            [&*original, b"x"].concat(),
            Vec::new(),
            vec![0; 2 << 20],
        ] {
            let changed = copy(&fs);
            changed.put(&path, bytes);
            let verification = audit(&changed, None);
            assert!(
                verification.faults.iter().any(|fault| fault.path == path),
                "{path}: {:?}",
                faults(&verification)
            );
        }
    }
}

#[test]
fn what_does_not_belong_is_named() {
    let (fs, _) = filled(3);
    for path in
        ["tile/notes.txt", "tile/0/000.p/03", "tile/entries/x000/001", "blobs/sha256/zz/1", "tile/9/000"]
    {
        let changed = copy(&fs);
        changed.put(path, b"x".to_vec());
        assert_eq!(faults(&audit(&changed, None)), [format!("{path}: nothing in a ledger has this name")]);
    }
}

#[test]
fn an_edited_entry_is_named_by_its_index() {
    let (fs, _) = filled(600);
    let changed = edit_bundle(&fs, "tile/entries/001", |entries| {
        let text = String::from_utf8(entries[44].clone()).unwrap();
        entries[44] = text.replace("\"actor\":\"ci\"", "\"actor\":\"co\"").into_bytes();
    });
    assert_eq!(
        faults(&audit(&changed, None)),
        ["tile/entries/001, entry 300: it is not what the log was signed over"]
    );
}

#[test]
fn swapped_entries_are_named_by_their_indices() {
    let (fs, _) = filled(600);
    let changed = edit_bundle(&fs, "tile/entries/000", |entries| entries.swap(3, 9));
    assert_eq!(
        faults(&audit(&changed, None)),
        [
            "tile/entries/000, entry 3: it is not what the log was signed over",
            "tile/entries/000, entry 9: it is not what the log was signed over"
        ]
    );
}

#[test]
fn swapped_entries_with_their_tile_are_seen_through() {
    let (fs, _) = filled(600);
    let changed = edit_bundle(&fs, "tile/entries/000", |entries| entries.swap(3, 9));
    let mut tile = changed.read("tile/0/000", u64::MAX).unwrap();
    let (front, back) = tile.split_at_mut(9 * 32);
    front[3 * 32..4 * 32].swap_with_slice(&mut back[..32]);
    changed.put("tile/0/000", tile);
    assert_eq!(
        faults(&audit(&changed, None)),
        [
            "tile/0/000: it is not what the log was signed over",
            "tile/entries/000: it is not what the log was signed over"
        ]
    );
}

/// With the log's key an attacker can make a ledger that is whole in itself. Only a head that was seen shows it.
#[test]
fn a_stolen_key_does_not_help_against_a_known_head() {
    let (fs, ledger) = filled(600);
    let head = ledger.head().unwrap();
    assert_eq!(audit(&fs, Some(&head)).completeness, Completeness::Since { size: 600 });

    let refilled = |numbers: Vec<u64>| {
        let fs = MemoryFs::new();
        let ledger = Ledger::create(Arc::new(fs.clone()), identity()).unwrap();
        let drafts: Vec<_> = numbers.into_iter().map(draft).collect();
        ledger.append(&drafts, at(0)).unwrap();
        fs
    };
    let mut swapped: Vec<_> = (0..600).collect();
    swapped.swap(17, 400);
    let edited: Vec<_> = (0..600).map(|number| if number == 300 { 9999 } else { number }).collect();
    let inserted: Vec<_> = (0..300).chain([9999]).chain(300..600).collect();
    let removed: Vec<_> = (0..300).chain(301..650).collect();
    for forged in [swapped, edited, inserted, removed] {
        let fs = refilled(forged);
        let alone = audit(&fs, None);
        assert!(alone.is_whole());
        assert_eq!(
            alone.completeness.to_string(),
            "truncation cannot be excluded: no earlier head of this log is known"
        );
        let against = audit(&fs, Some(&head));
        assert_eq!(
            faults(&against),
            [
                "checkpoint: among the first 600 entries some were changed, removed, added or reordered since they were seen"
            ]
        );
        assert_eq!(against.completeness, Completeness::Refuted);
    }
    let cut = refilled((0..599).collect());
    assert_eq!(
        faults(&audit(&cut, Some(&head))),
        [
            "checkpoint: the log was seen with 600 entries and has 599: entries were cut off, or an old copy put back"
        ]
    );
}

#[test]
fn an_old_copy_put_back_is_a_rollback() {
    let (fs, ledger) = filled(500);
    let backup = copy(&fs);
    ledger.append(&drafts(500..520), at(900)).unwrap();
    let head = ledger.head().unwrap();
    assert!(audit(&backup, None).is_whole());
    assert!(matches!(audit(&backup, Some(&head)).faults[0].what, Wrong::RolledBack { seen: 520, now: 500 }));
    // The old checkpoint alone: the newer tiles then lie beyond it, and say so.
    let checkpoint = backup.read("checkpoint", 9999).unwrap();
    fs.put("checkpoint", checkpoint);
    let without = audit(&fs, None);
    assert!(without.left_over.contains(&"tile/entries/002.p/8".to_owned()), "{:?}", without.left_over);
    assert!(!audit(&fs, Some(&head)).is_whole());
}

#[test]
fn every_earlier_head_is_held_to() {
    let (fs, ledger) = filled(0);
    let mut heads = vec![ledger.head().unwrap()];
    for (start, end) in [(0, 3), (3, 256), (256, 300), (300, 512), (512, 700)] {
        ledger.append(&drafts(start..end), at(0)).unwrap();
        heads.push(ledger.head().unwrap());
    }
    for head in &heads {
        let verification = audit(&fs, Some(head));
        assert_eq!(
            (verification.completeness, verification.faults),
            (Completeness::Since { size: head.size }, vec![])
        );
    }
}

#[test]
fn a_head_that_the_log_did_not_sign_is_refused() {
    let (fs, ledger) = filled(10);
    let mut head = ledger.head().unwrap();
    head.size = 9;
    assert_eq!(
        faults(&audit(&fs, Some(&head))),
        ["head: the known head is not one of this log: the checkpoint says something else than was signed"]
    );
    let other = MemoryFs::new();
    let other =
        Ledger::create(Arc::new(other), Identity::writer("example.com/x".parse().unwrap(), key())).unwrap();
    assert!(matches!(audit(&fs, Some(&other.head().unwrap())).faults[0].what, Wrong::Head(_)));
}

#[test]
fn a_checkpoint_over_something_else_is_not_blamed_on_the_files() {
    let (fs, _) = filled(300);
    let (_, other) = filled(0);
    other.append(&drafts(1000..1300), at(0)).unwrap();
    fs.put("checkpoint", other.head().unwrap().note.into_bytes());
    assert_eq!(
        faults(&audit(&fs, None)),
        ["checkpoint: the entries lead to another root than the one that was signed"]
    );
}

#[test]
fn a_hostile_checkpoint_is_refused() {
    let (fs, ledger) = filled(3);
    let head = ledger.head().unwrap();
    let signed = |text: &str| {
        let mut note = Note::new(text).unwrap();
        note.sign(&ORIGIN.parse().unwrap(), &key());
        note.to_string()
    };
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    for text in [
        format!("{ORIGIN}\n18446744073709551615\n{root}\n"),
        format!("{ORIGIN}\n03\n{root}\n"),
        format!("{ORIGIN}\n-3\n{root}\n"),
        format!("{ORIGIN}\n3\nAAAA\n"),
        format!("{ORIGIN}\n3\n"),
        format!("other.example/log\n3\n{root}\n"),
        format!("{ORIGIN}\n3\n{root}\n\nx\n"),
    ] {
        let note = signed(&text);
        assert!(Head::parse(note.as_bytes(), &keys()).is_err(), "{text}");
        fs.put("checkpoint", note.into_bytes());
        let verification = audit(&fs, None);
        assert_eq!(verification.faults.len(), 1, "{text}: {:?}", faults(&verification));
        assert_eq!((&*verification.faults[0].path, verification.entries), ("checkpoint", 3));
    }
    // A size that the log's key did sign, of a log that is not here, neither hangs nor exhausts the memory.
    fs.put("checkpoint", signed(&format!("{ORIGIN}\n{}\n{root}\n", 1_u64 << 47)).into_bytes());
    assert!(!audit(&fs, None).is_whole());
    assert!(ledger.view().is_err());
    fs.put("checkpoint", head.note.into_bytes());
    assert!(audit(&fs, None).is_whole());
}

#[test]
fn a_signed_log_of_nonsense_is_named_entry_by_entry() {
    let time = |seconds| Record {
        logged_at: at(seconds),
        actor: "x".to_owned(),
        content: Content::Tombstone { erased: Digest::of(b""), reason: "r".to_owned() },
    };
    let entries = [time(5).to_bytes().unwrap(), b"{}".to_vec(), time(4).to_bytes().unwrap()];
    let fs = MemoryFs::new();
    let leaves: Vec<_> = entries.iter().map(|entry| bartizan_ledger::merkle::leaf_hash(entry)).collect();
    fs.put("tile/entries/000.p/3", bundle(&entries));
    fs.put("tile/0/000.p/3", leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect());
    let root = bartizan_ledger::merkle::root_of(&leaves);
    let encoded: String = base64(root.as_bytes());
    let mut note = Note::new(format!("{ORIGIN}\n3\n{encoded}\n")).unwrap();
    note.sign(&ORIGIN.parse().unwrap(), &key());
    fs.put("checkpoint", note.to_string().into_bytes());
    assert_eq!(
        faults(&audit(&fs, None)),
        [
            "tile/entries/000.p/3, entry 1: it is no record: not the JSON of a record (at byte 2)",
            "tile/entries/000.p/3, entry 2: it was recorded earlier than the entry before it"
        ]
    );
}

#[test]
fn faults_past_the_limit_are_counted() {
    let (fs, _) = filled(200);
    for path in fs.files().iter().filter(|path| path.starts_with("blobs/")) {
        fs.remove_file(path).unwrap();
    }
    let verification = audit(&fs, None);
    assert_eq!(
        (verification.faults.len(), verification.more_faults, verification.blobs),
        (100, 100, Some(0))
    );
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    bytes
}

/// A copy of a ledger in which the entries of one bundle were edited.
fn edit_bundle(fs: &MemoryFs, path: &str, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> MemoryFs {
    let changed = copy(fs);
    let bytes = changed.read(path, u64::MAX).expect("the bundle is there");
    let places = bartizan_ledger::bundle::split_exactly(&bytes, 256).expect("the bundle is whole");
    let mut entries: Vec<_> = places.into_iter().map(|place| bytes[place].to_vec()).collect();
    edit(&mut entries);
    changed.put(path, bundle(&entries));
    changed
}
