//! A process that is killed while it appends loses nothing that it acknowledged.
//!
//! This shows that no order of operations within the process matters; that the disk has what was synced is shown by
//! the file system that forgets, since what a killed process wrote is still in the system's memory.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bartizan_finding::Digest;
use bartizan_ledger::{Audit, Ledger, RealFs, verify};

use crate::{
    fault_fs::Coin,
    support::{at, drafts, identity, keys},
};

const KILLS: usize = 200;
const FOLDER: &str = "BARTIZAN_TEST_LEDGER";

/// The process that is killed: appends until then, and says what is durable.
#[test]
#[ignore = "started by the test below"]
#[expect(clippy::disallowed_methods, reason = "a test gets its folder from the process that started it")]
fn appends_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let ledger = Ledger::open(Arc::new(RealFs::open(folder.as_ref()).unwrap()), identity()).unwrap();
    for round in 0_u64.. {
        // Small batches are synced file by file, large ones at once.
        let start = round * 100;
        let batch = drafts(start..start + [1, 3, 70][round as usize % 3]);
        for receipt in ledger.append(&batch, at(0)).unwrap() {
            println!("acknowledged {} {}", receipt.index, receipt.hash);
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    kill_again_and_again(KILLS);
}

#[test]
#[ignore = "takes minutes"]
fn a_process_killed_very_often_loses_nothing_acknowledged() {
    kill_again_and_again(20 * KILLS);
}

#[expect(clippy::disallowed_methods, reason = "the test starts itself as the process to kill")]
#[expect(clippy::unwrap_used, reason = "what fails here fails the test")]
fn kill_again_and_again(kills: usize) {
    let folder = tempfile::tempdir().unwrap();
    let fs = Arc::new(RealFs::open(folder.path()).unwrap());
    Ledger::create(fs.clone(), identity()).unwrap();
    let mut acknowledged: Vec<(u64, Digest)> = Vec::new();
    let mut coin = Coin(0x0bad_5eed);
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "kill::appends_until_it_is_killed",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (first, begun) = std::sync::mpsc::sync_channel(1);
        let reader = std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            let heard = lines.filter_map(|line| acknowledgement(&line)).inspect(|_| {
                let _ = first.try_send(());
            });
            heard.collect::<Vec<_>>()
        });
        // Most are killed some time after they have begun to append, and some at any time, such as while they open
        // the ledger.
        if kill % 8 != 0 {
            begun.recv_timeout(Duration::from_secs(20)).unwrap();
        }
        std::thread::sleep(Duration::from_micros(coin.next() % 25_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let new = reader.join().unwrap();
        let ledger = Ledger::open(fs.clone(), identity()).unwrap();
        let view = ledger.view().unwrap();
        for (index, hash) in &new {
            assert_eq!(view.entry(*index).unwrap().hash, *hash, "after kill {kill}");
        }
        acknowledged.extend(new);
    }
    let ledger = Ledger::open(fs, identity()).unwrap();
    let verification = verify(&**ledger.fs(), &keys(), &Audit::default());
    assert_eq!(verification.faults, []);
    let view = ledger.view().unwrap();
    let entries: Result<Vec<_>, _> = view.entries(0..view.len()).collect();
    let entries = entries.unwrap();
    for (index, hash) in &acknowledged {
        assert_eq!(entries[*index as usize].hash, *hash);
    }
    assert!(acknowledged.len() > kills, "the processes came to append: {}", acknowledged.len());
}

fn acknowledgement(line: &str) -> Option<(u64, Digest)> {
    // The test harness may write its own text before it.
    let (_, line) = line.split_once("acknowledged ")?;
    let (index, hash) = line.split_once(' ')?;
    // A line that the kill has cut is no acknowledgement.
    Some((index.parse().ok()?, hash.parse().ok()?))
}
