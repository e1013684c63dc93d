//! Every operation of a workload fails in every way, and nothing that was acknowledged is lost.

use std::sync::Arc;

use bartizan_finding::Digest;
use bartizan_ledger::{Audit, Draft, Ledger, LedgerError, Receipt, verify};

use crate::{
    fault_fs::{Fault, FaultFs, Survives},
    support::{at, draft, drafts, envelope, erasure, identity, keys, with_envelope},
};

/// Every way in which an operation can go wrong, and what then survives.
fn crashes() -> [(usize, Survives); 5] {
    let some = |seed| Survives::Some(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
    [
        (512, Survives::Nothing),
        (512, Survives::Everything),
        (1, Survives::Everything),
        (1, some(1)),
        (512, some(2)),
    ]
}

/// Small batches and, where the file system has it, one with so many files that they are synced at once. An envelope
/// that is there already is recorded again in both ways.
fn workload() -> Vec<Vec<Draft>> {
    vec![
        drafts(0..1),
        drafts(1..3),
        vec![erasure(1), draft(3)],
        [drafts(4..12), drafts(2..3)].concat(),
        vec![draft(0)],
    ]
}

/// Runs batches until one fails, and gives the receipts and the error.
fn run(ledger: &Ledger, batches: &[Vec<Draft>], acknowledged: &mut Vec<Receipt>) -> Option<LedgerError> {
    for (number, batch) in (0..).zip(batches) {
        match ledger.append(batch, at(number)) {
            Ok(receipts) => acknowledged.extend(receipts),
            Err(error) => return Some(error),
        }
    }
    None
}

/// That the ledger holds what was acknowledged, is whole, and can be appended to for good.
fn check(fs: &FaultFs, acknowledged: &[Receipt], what: &str) {
    let ledger = match Ledger::open(Arc::new(fs.clone()), identity()) {
        Err(LedgerError::Absent) if acknowledged.is_empty() => {
            Ledger::create(Arc::new(fs.clone()), identity()).unwrap_or_else(|error| panic!("{what}: {error}"))
        }
        opened => opened.unwrap_or_else(|error| panic!("{what}: {error}")),
    };
    let holds = |acknowledged: &[Receipt]| {
        let view = ledger.view().unwrap_or_else(|error| panic!("{what}: {error}"));
        for receipt in acknowledged {
            let entry = view.entry(receipt.index).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(entry.hash, receipt.hash, "{what}");
        }
    };
    holds(acknowledged);
    whole(fs, what);
    let mut all = acknowledged.to_vec();
    all.extend(ledger.append(&drafts(100..102), at(50)).unwrap_or_else(|error| panic!("{what}: {error}")));
    let started_again = fs.after_crash(Survives::Nothing);
    whole(&started_again, what);
    let ledger =
        Ledger::open(Arc::new(started_again), identity()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(ledger.blob(&Digest::of(&envelope(101))).ok(), Some(envelope(101)), "{what}");
    let view = ledger.view().unwrap_or_else(|error| panic!("{what}: {error}"));
    for receipt in &all {
        assert_eq!(view.entry(receipt.index).map(|entry| entry.hash).ok(), Some(receipt.hash), "{what}");
    }
}

fn whole(fs: &FaultFs, what: &str) {
    let one = std::num::NonZero::new(1);
    let verification = verify(fs, &keys(), &Audit { threads: one, ..Audit::default() });
    assert!(verification.is_whole(), "{what}: {:?}", verification.faults);
}

fn operations_of(base: &FaultFs, batches: &[Vec<Draft>]) -> usize {
    let fs = base.fork();
    fs.fail_at(usize::MAX, Fault::Eio);
    let ledger = Ledger::create(Arc::new(fs.clone()), identity()).expect("nothing fails");
    assert!(run(&ledger, batches, &mut Vec::new()).is_none());
    fs.operations()
}

/// `kinds` is how many of the ways of crashing are tried at each operation, a different choice at each.
fn every_crash(base: &FaultFs, batches: &[Vec<Draft>], kinds: usize) {
    let operations = operations_of(base, batches);
    assert!(operations > 20, "the workload does something");
    for operation in 0..operations {
        for (sector, survives) in crashes().into_iter().cycle().skip(operation * kinds).take(kinds) {
            let what = format!("crash at operation {operation} of {operations}, {survives:?} survives");
            let fs = base.fork();
            fs.fail_at(operation, Fault::Crash { sector });
            let mut acknowledged = Vec::new();
            if let Ok(ledger) = Ledger::create(Arc::new(fs.clone()), identity()) {
                run(&ledger, batches, &mut acknowledged);
            }
            assert!(fs.has_crashed(), "{what}");
            check(&fs.after_crash(survives), &acknowledged, &what);
        }
    }
}

fn every_error(base: &FaultFs, batches: &[Vec<Draft>], fault: Fault) {
    let operations = operations_of(base, batches);
    let (mut poisoned, mut clear) = (0, 0);
    for operation in 0..operations {
        let what = format!("{fault:?} at operation {operation} of {operations}");
        let fs = base.fork();
        fs.fail_at(operation, fault);
        let mut acknowledged = Vec::new();
        if let Ok(ledger) = Ledger::create(Arc::new(fs.clone()), identity()) {
            let error = run(&ledger, batches, &mut acknowledged);
            if fault == Fault::Enospc
                && let Some(error) = &error
            {
                assert!(matches!(error, LedgerError::Full { .. }), "{what}: {error}");
                clear += 1;
            }
            // The fault is over. A handle that saw a sync fail does not trust the system again; any other goes on.
            match ledger.append(&[draft(50)], at(40)) {
                Ok(receipts) => acknowledged.extend(receipts),
                Err(LedgerError::Poisoned) => poisoned += 1,
                Err(error) => panic!("{what}: {error}"),
            }
        }
        check(&fs, &acknowledged, &what);
    }
    assert!(poisoned > 5, "syncs failed");
    assert!(fault != Fault::Enospc || clear > 20, "and other operations too");
}

#[test]
fn a_crash_anywhere_loses_nothing_acknowledged() {
    every_crash(&FaultFs::new(false), &workload(), 5);
}

#[test]
fn a_crash_anywhere_loses_nothing_acknowledged_when_synced_at_once() {
    every_crash(&FaultFs::new(true), &workload(), 3);
}

#[test]
fn a_crash_loses_nothing_where_tiles_become_full() {
    let base = FaultFs::new(false);
    let ledger = Ledger::create(Arc::new(base.clone()), identity()).unwrap();
    let same = |numbers: std::ops::Range<u64>| {
        numbers.map(|number| with_envelope(number, envelope(0))).collect::<Vec<_>>()
    };
    ledger.append(&same(0..250), at(0)).unwrap();
    ledger.append(&same(250..254), at(0)).unwrap();
    every_crash(&base, &[same(254..258)], 2);
}

#[test]
fn an_error_anywhere_loses_nothing_acknowledged() {
    every_error(&FaultFs::new(false), &workload(), Fault::Eio);
    every_error(&FaultFs::new(true), &workload(), Fault::Eio);
}

#[test]
fn a_full_disk_anywhere_loses_nothing_acknowledged() {
    every_error(&FaultFs::new(false), &workload(), Fault::Enospc);
    every_error(&FaultFs::new(true), &workload(), Fault::Enospc);
}

/// A batch that failed leaves a wider partial tile; when the log later grows past it in another way, the old one
/// must not come to count.
#[test]
fn what_a_failed_batch_left_is_never_believed() {
    let base = FaultFs::new(false);
    let ledger = Ledger::create(Arc::new(base.clone()), identity()).unwrap();
    ledger.append(&drafts(0..2), at(0)).unwrap();
    let operations = operations_of(&base, &[drafts(10..15)]);
    for operation in 0..operations {
        let fs = base.fork();
        let ledger = Ledger::open(Arc::new(fs.clone()), identity()).unwrap();
        fs.fail_at(operation, Fault::Crash { sector: 512 });
        assert!(ledger.append(&drafts(10..15), at(1)).is_err());
        let fs = fs.after_crash(Survives::Everything);
        let ledger = Ledger::open(Arc::new(fs.clone()), identity()).unwrap();
        for number in 20..26 {
            ledger.append(&[draft(number)], at(2)).unwrap();
            whole(&fs, &format!("after {number}, crashed at {operation}"));
        }
    }
}
