use std::{sync::Arc, time::Duration};

use bartizan_ledger::{Batching, Committer, LedgerError, Receipt};

use crate::support::{at, audit, draft, drafts, filled, with_envelope};

#[test]
fn threads_are_committed_together_and_each_gets_its_receipts() {
    let (fs, ledger) = filled(0);
    let ledger = Arc::new(ledger);
    let batching = Batching { most: 64, linger: Duration::from_millis(2), queue: 16 };
    let committer = Committer::start(Arc::clone(&ledger), batching, || at(0)).unwrap();
    let receipts: Vec<Vec<Receipt>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8_u64)
            .map(|worker| {
                let committer = &committer;
                scope.spawn(move || {
                    let numbers = (0..40).map(|step| worker * 1000 + step);
                    numbers
                        .flat_map(|number| committer.submit(vec![draft(number)]).unwrap().wait().unwrap())
                        .collect()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    drop(committer);
    let view = ledger.view().unwrap();
    assert_eq!(view.len(), 320);
    let mut indices = Vec::new();
    for (worker, receipts) in (0_u64..).zip(&receipts) {
        assert!(receipts.is_sorted_by_key(|receipt| receipt.index), "a thread's appends keep their order");
        for (step, receipt) in (0..).zip(receipts) {
            let entry = view.entry(receipt.index).unwrap();
            assert_eq!(entry.hash, receipt.hash);
            let bartizan_ledger::Content::Statement(statement) = entry.record.content else {
                panic!("a statement")
            };
            let expected = crate::support::envelope(worker * 1000 + step);
            assert_eq!(statement.envelope, bartizan_finding::Digest::of(&expected));
            indices.push(receipt.index);
        }
    }
    indices.sort_unstable();
    assert_eq!(indices, (0..320).collect::<Vec<_>>());
    let checkpoints: std::collections::BTreeSet<_> =
        receipts.iter().flatten().map(|receipt| receipt.size).collect();
    assert!(checkpoints.len() < 320, "several were committed at once");
    assert!(audit(&fs, None).is_whole());
}

#[test]
fn what_waits_is_committed_when_the_committer_is_dropped() {
    let (_, ledger) = filled(0);
    let ledger = Arc::new(ledger);
    let committer = Committer::start(Arc::clone(&ledger), Batching::default(), || at(0)).unwrap();
    let pending: Vec<_> =
        (0..50).map(|number| committer.submit(drafts(number * 3..number * 3 + 3)).unwrap()).collect();
    drop(committer);
    assert_eq!(ledger.view().unwrap().len(), 150);
    for pending in pending {
        let receipts = pending.wait().unwrap();
        assert_eq!(receipts.len(), 3);
        assert_eq!(
            receipts[2].index,
            receipts[0].index + 2,
            "drafts that were brought together lie together"
        );
    }
}

#[test]
fn one_bad_draft_spoils_nobody_elses_batch() {
    let (_, ledger) = filled(0);
    let committer = Committer::start(Arc::new(ledger), Batching::default(), || at(0)).unwrap();
    let good = committer.submit(vec![draft(1)]).unwrap();
    let bad = committer.submit(vec![with_envelope(2, vec![0; (16 << 20) + 1])]);
    assert!(matches!(bad, Err(LedgerError::Record(_))));
    assert_eq!(good.wait().unwrap()[0].index, 0);
}

#[test]
fn a_failure_reaches_everyone_who_waits() {
    let fs = crate::fault_fs::FaultFs::new(false);
    let ledger = bartizan_ledger::Ledger::create(Arc::new(fs.clone()), crate::support::identity()).unwrap();
    fs.fail_at(2, crate::fault_fs::Fault::Eio);
    let batching = Batching { linger: Duration::from_millis(200), ..Batching::default() };
    let committer = Committer::start(Arc::new(ledger), batching, || at(0)).unwrap();
    let pending = [1, 2].map(|number| committer.submit(vec![draft(number)]).unwrap());
    for pending in pending {
        assert!(pending.wait().is_err());
    }
}
