use std::sync::Arc;

use bartizan_finding::Digest;
use bartizan_ledger::{Content, Identity, Ledger, LedgerError, MemoryFs, fs::Fs};
use proptest::prelude::*;

use crate::support::{
    ORIGIN, at, audit, draft, drafts, envelope, erasure, filled, identity, key, with_envelope,
};

#[test]
fn what_is_appended_comes_back_in_order() {
    let (fs, ledger) = filled(600);
    let view = ledger.view().unwrap();
    assert_eq!(view.len(), 600);
    let entries: Result<Vec<_>, _> = view.entries(0..600).collect();
    for (number, entry) in (0..).zip(entries.unwrap()) {
        assert_eq!(entry.index, number);
        let Content::Statement(statement) = entry.record.content else {
            panic!("entry {number} is a statement")
        };
        assert_eq!(ledger.blob(&statement.envelope).unwrap(), envelope(number));
    }
    assert_eq!(view.entries(250..260).count(), 10);
    assert_eq!(view.newest_logged_at().unwrap(), Some(at(500)));
    assert!(matches!(view.entry(600), Err(LedgerError::OutOfRange { index: 600, size: 600 })));

    let verification = audit(&fs, None);
    assert_eq!(verification.faults, []);
    assert_eq!((verification.entries, verification.blobs), (600, Some(600)));
    assert_eq!(verification.left_over, Vec::<String>::new());
    let paths = fs.files();
    let tiles: Vec<_> = paths.iter().filter(|path| path.starts_with("tile/0")).collect();
    assert_eq!(tiles, ["tile/0/000", "tile/0/001", "tile/0/002.p/88"]);
}

#[test]
fn receipts_lead_to_the_entries() {
    let (_, ledger) = filled(255);
    let receipts = ledger.append(&drafts(255..258), at(900)).unwrap();
    assert_eq!(
        receipts.iter().map(|receipt| (receipt.index, receipt.size)).collect::<Vec<_>>(),
        [(255, 258), (256, 258), (257, 258)]
    );
    let view = ledger.view().unwrap();
    for receipt in receipts {
        assert_eq!(view.entry(receipt.index).unwrap().hash, receipt.hash);
    }
    assert_eq!(ledger.append(&[], at(901)).unwrap(), []);
}

#[test]
fn an_earlier_head_is_signed_again_as_it_was() {
    let (_, ledger) = filled(5);
    let before = ledger.head().unwrap();
    ledger.append(&drafts(5..300), at(900)).unwrap();
    assert_eq!(ledger.head_at(5).unwrap(), before);
    assert!(matches!(ledger.head_at(301), Err(LedgerError::OutOfRange { index: 301, size: 300 })));
}

#[test]
fn there_is_no_ledger_until_one_is_created() {
    let fs = Arc::new(MemoryFs::new());
    assert!(matches!(Ledger::open(fs.clone(), identity()), Err(LedgerError::Absent)));
    let reader = Identity::reader(ORIGIN.parse().unwrap(), [key().verifying_key()]);
    assert!(matches!(Ledger::create(fs.clone(), reader.clone()), Err(LedgerError::NoKey)));
    let ledger = Ledger::create(fs.clone(), identity()).unwrap();
    assert!(ledger.view().unwrap().is_empty());
    assert_eq!(ledger.head().unwrap().root, Digest::of(b""));
    assert!(audit(&fs, None).is_whole());
    let reader = Ledger::open(fs.clone(), reader).unwrap();
    assert!(matches!(reader.append(&[draft(0)], at(0)), Err(LedgerError::NoKey)));
    ledger.append(&[draft(0)], at(0)).unwrap();
    assert_eq!(reader.view().unwrap().len(), 1, "a reader sees what others append");
    fs.remove_file("checkpoint").unwrap();
    assert!(matches!(Ledger::create(fs, identity()), Err(LedgerError::CheckpointGone)), "never started over");
}

#[test]
fn another_key_or_name_is_not_this_log() {
    let (fs, _) = filled(3);
    let other_key =
        Identity::writer(ORIGIN.parse().unwrap(), bartizan_attest::SigningKey::from_seed([9; 32]));
    let open = |identity| Ledger::open(Arc::new(fs.clone()), identity);
    assert!(matches!(open(other_key.clone()), Err(LedgerError::Checkpoint(_))));
    assert!(open(other_key.and_key(key().verifying_key())).is_ok(), "an earlier key of the log");
    let other_name = Identity::writer("bartizan.example/other".parse().unwrap(), key());
    assert!(matches!(open(other_name), Err(LedgerError::Checkpoint(_))));
}

#[test]
fn times_of_recording_never_go_back() {
    let (fs, ledger) = filled(1);
    ledger.append(&[draft(1)], at(1000)).unwrap();
    ledger.append(&[draft(2)], at(10)).unwrap();
    let view = ledger.view().unwrap();
    assert_eq!(view.entry(2).unwrap().record.logged_at, at(1000));
    assert!(audit(&fs, None).is_whole());
}

#[test]
fn an_erased_envelope_leaves_its_entry_and_a_tombstone() {
    let (fs, ledger) = filled(5);
    let digest = Digest::of(&envelope(3));
    ledger.append(&[erasure(3)], at(10)).unwrap();
    assert!(matches!(ledger.blob(&digest), Err(LedgerError::BlobMissing(_))));
    let verification = audit(&fs, None);
    assert_eq!(verification.faults, []);
    assert_eq!((verification.blobs, verification.erased), (Some(4), 1));
    // Recorded again, it is needed again.
    ledger.append(&[draft(3)], at(11)).unwrap();
    assert_eq!(ledger.blob(&digest).unwrap(), envelope(3));
    assert_eq!(audit(&fs, None).blobs, Some(5));
    // Within one batch the last word counts.
    ledger.append(&[erasure(3), draft(3), draft(4), erasure(4)], at(12)).unwrap();
    assert!(ledger.blob(&digest).is_ok());
    assert!(ledger.blob(&Digest::of(&envelope(4))).is_err());
    assert!(audit(&fs, None).is_whole());
}

#[test]
fn what_is_not_fit_to_be_recorded_is_refused_before_anything_is_written() {
    let (fs, ledger) = filled(2);
    let before = fs.files();
    let long = with_envelope(9, vec![0; (16 << 20) + 1]);
    assert!(matches!(ledger.append(&[draft(2), long], at(5)), Err(LedgerError::Record(_))));
    assert_eq!(fs.files(), before);
    assert_eq!(ledger.view().unwrap().len(), 2);
}

#[test]
fn two_handles_take_turns() {
    let (fs, one) = filled(0);
    let two = Ledger::open(Arc::new(fs.clone()), identity()).unwrap();
    for number in 0..600 {
        let handle = if number % 3 == 0 { &one } else { &two };
        assert_eq!(handle.append(&[draft(number)], at(0)).unwrap()[0].index, number);
    }
    assert!(audit(&fs, None).is_whole());
}

#[test]
fn an_appender_does_not_build_on_a_log_that_went_back() {
    let (fs, ledger) = filled(10);
    let old = fs.read("checkpoint", 9999).unwrap();
    ledger.append(&drafts(10..20), at(50)).unwrap();
    fs.put("checkpoint", old);
    let error = ledger.append(&[draft(20)], at(60)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`checkpoint` is damaged: it went back to fewer entries than it had; run `bartizan ledger verify`"
    );
}

#[test]
fn what_is_damaged_is_not_read_and_not_built_on() {
    let (fs, _) = filled(300);
    for path in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        let copy = crate::support::copy(&fs);
        let mut bytes = copy.read(path, u64::MAX).unwrap();
        bytes[20] ^= 1;
        copy.put(path, bytes);
        let ledger = Ledger::open(Arc::new(copy), identity()).unwrap();
        let error = ledger.append(&[draft(300)], at(500)).unwrap_err();
        assert!(matches!(error, LedgerError::Damaged { .. }), "{path}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_batches_give_the_same_tree(sizes in prop::collection::vec(1_u64..270, 1..5)) {
        let fs = MemoryFs::new();
        let ledger = Ledger::create(Arc::new(fs.clone()), identity()).unwrap();
        let mut next = 0;
        for size in &sizes {
            ledger.append(&drafts(next..next + size), at(0)).unwrap();
            next += size;
        }
        prop_assert_eq!(audit(&fs, None).faults, []);
        let at_once = MemoryFs::new();
        let other = Ledger::create(Arc::new(at_once), identity()).unwrap();
        other.append(&drafts(0..next), at(0)).unwrap();
        prop_assert_eq!(ledger.head().unwrap(), other.head().unwrap());
    }
}
