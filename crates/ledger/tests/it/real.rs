//! On a disk.

use std::{
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    sync::Arc,
};

use bartizan_ledger::{
    Audit, Heads, Identity, Ledger, LedgerError, RealFs,
    fs::{Fs, RealFsError},
    verify,
};

use crate::support::{ORIGIN, at, draft, drafts, erasure, identity, key, keys};

fn create(folder: &Path) -> Ledger {
    let fs = RealFs::create(folder).expect("the folder can be made");
    Ledger::create(Arc::new(fs), identity()).expect("the disk does not fail")
}

fn whole(ledger: &Ledger) -> bool {
    verify(&**ledger.fs(), &keys(), &Audit::default()).is_whole()
}

#[test]
fn a_ledger_on_disk_is_that_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = create(&folder.path().join("ledger"));
    ledger.append(&drafts(0..300), at(0)).unwrap();
    ledger.append(&[erasure(3), draft(301)], at(1)).unwrap();
    assert!(whole(&ledger));
    let (_, memory) = crate::support::filled(0);
    memory.append(&drafts(0..300), at(0)).unwrap();
    memory.append(&[erasure(3), draft(301)], at(1)).unwrap();
    assert_eq!(ledger.head().unwrap(), memory.head().unwrap());
    let again =
        Ledger::open(Arc::new(RealFs::open(&folder.path().join("ledger")).unwrap()), identity()).unwrap();
    assert_eq!(again.view().unwrap().entries(0..302).flatten().count(), 302);
    let mode = std::fs::metadata(folder.path().join("ledger/checkpoint")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others have no business here");
}

#[test]
fn processes_that_append_at_once_both_succeed() {
    // Locks belong to open files, so two handles in one process contend as two processes do.
    let folder = tempfile::tempdir().unwrap();
    let ledgers = [create(folder.path()), create(folder.path())];
    std::thread::scope(|scope| {
        for (number, ledger) in (0_u64..).zip(&ledgers) {
            scope.spawn(move || {
                for step in 0..30 {
                    ledger.append(&[draft(number * 100 + step)], at(0)).unwrap();
                }
            });
        }
    });
    assert_eq!(ledgers[0].view().unwrap().len(), 60);
    assert!(whole(&ledgers[0]));
}

#[test]
fn a_lock_whose_file_was_removed_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let fs = RealFs::open(folder.path()).unwrap();
    let held = fs.try_lock("lock").unwrap();
    assert!(held.is_some());
    assert!(fs.try_lock("lock").unwrap().is_none());
    drop(held);
    assert!(fs.try_lock("lock").unwrap().is_some());
}

#[test]
fn an_audit_beside_an_appender_finds_nothing_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = create(folder.path());
    ledger.append(&drafts(0..250), at(0)).unwrap();
    let reader = create(folder.path());
    std::thread::scope(|scope| {
        let appender = scope.spawn(|| {
            for number in 250..290 {
                ledger.append(&[draft(number), erasure(number - 250)], at(1)).unwrap();
            }
        });
        while !appender.is_finished() {
            let faults = verify(&**reader.fs(), &keys(), &Audit::default()).faults;
            assert_eq!(faults, []);
        }
    });
    assert!(whole(&reader));
}

#[test]
fn heads_are_kept_and_do_not_go_back() {
    let (state, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let heads = Heads::new(Arc::new(RealFs::open_anywhere(state.path()).unwrap()));
    let origin = ORIGIN.parse().unwrap();
    assert_eq!(heads.last(&origin, &keys()).unwrap(), None);
    let ledger = create(folder.path());
    ledger.append(&drafts(0..3), at(0)).unwrap();
    let old = ledger.head().unwrap();
    heads.keep(&old, &keys()).unwrap();
    ledger.append(&drafts(3..5), at(0)).unwrap();
    let new = ledger.head().unwrap();
    heads.keep(&new, &keys()).unwrap();
    heads.keep(&old, &keys()).unwrap();
    assert_eq!(heads.last(&origin, &keys()).unwrap(), Some(new));
    let other = bartizan_attest::SigningKey::from_seed([9; 32]);
    let stranger = Identity::writer(origin.clone(), other);
    assert!(heads.last(&origin, stranger.keys()).is_err(), "a head of another key is not passed over");
}

#[test]
fn what_was_left_unfinished_is_removed_when_the_ledger_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path()).append(&[draft(0)], at(0)).unwrap();
    std::fs::write(folder.path().join("tmp/3"), b"half a ti").unwrap();
    let ledger = create(folder.path());
    assert!(!folder.path().join("tmp/3").exists());
    assert!(whole(&ledger));
}

#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, outside) = (folder.path().join("ledger"), folder.path().join("outside"));
    let ledger = create(&inside);
    ledger.append(&drafts(0..3), at(0)).unwrap();
    // A folder that leads elsewhere: nothing is written there.
    std::fs::create_dir(&outside).unwrap();
    std::fs::rename(inside.join("blobs"), folder.path().join("blobs")).unwrap();
    symlink(&outside, inside.join("blobs")).unwrap();
    let ledger = Ledger::open(Arc::new(RealFs::open(&inside).unwrap()), identity()).unwrap();
    assert!(ledger.append(&[draft(9)], at(1)).is_err());
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    assert!(!whole(&ledger));
    std::fs::remove_file(inside.join("blobs")).unwrap();
    std::fs::rename(folder.path().join("blobs"), inside.join("blobs")).unwrap();
    assert!(whole(&ledger));
    // A tile that is a link to the same bytes.
    std::fs::rename(inside.join("tile/0/000.p/3"), outside.join("3")).unwrap();
    symlink(outside.join("3"), inside.join("tile/0/000.p/3")).unwrap();
    let named = verify(&**ledger.fs(), &keys(), &Audit::default()).faults;
    assert!(named.iter().all(|fault| fault.path == "tile/0/000.p/3") && !named.is_empty(), "{named:?}");
    // The folder itself.
    symlink(&inside, folder.path().join("link")).unwrap();
    assert!(matches!(RealFs::open(&folder.path().join("link")), Err(RealFsError::Open { .. })));
}

#[test]
fn a_planted_pipe_does_not_hang_the_reader() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = create(folder.path());
    ledger.append(&drafts(0..2), at(0)).unwrap();
    let tile = folder.path().join("tile/0/000.p/2");
    std::fs::remove_file(&tile).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &tile, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0)
        .unwrap();
    assert!(ledger.view().is_err());
    assert!(!whole(&ledger));
}

#[test]
fn paths_do_not_lead_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("ledger")).unwrap();
    std::fs::write(folder.path().join("secret"), b"x").unwrap();
    let fs = RealFs::open(&folder.path().join("ledger")).unwrap();
    for path in ["../secret", "..", "", ".", "a/../../secret", "a/.."] {
        assert!(fs.read(path, 10).is_err(), "{path}");
        assert!(fs.create(path).is_err(), "{path}");
    }
    assert!(fs.list("..").is_err());
}

#[test]
fn a_read_only_folder_is_a_clear_error() {
    if rustix::process::geteuid().is_root() {
        // The super-user writes where nobody may; a file where a folder has to be stops even that.
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tmp"), b"").unwrap();
        let fs = Arc::new(RealFs::open(folder.path()).unwrap());
        assert!(matches!(Ledger::create(fs, identity()), Err(LedgerError::Io { .. })));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ledger = create(folder.path());
    ledger.append(&[draft(0)], at(0)).unwrap();
    for path in ["tmp", "."] {
        std::fs::set_permissions(folder.path().join(path), PermissionsExt::from_mode(0o500)).unwrap();
    }
    let error = ledger.append(&[draft(1)], at(0)).unwrap_err();
    assert!(matches!(error, LedgerError::ReadOnly { .. }), "{error}");
    assert_eq!(ledger.view().unwrap().len(), 1);
    for path in [".", "tmp"] {
        std::fs::set_permissions(folder.path().join(path), PermissionsExt::from_mode(0o700)).unwrap();
    }
    assert_eq!(ledger.append(&[draft(1)], at(0)).unwrap()[0].index, 1);
}

#[test]
fn a_folder_that_is_not_there_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("a/b");
    assert!(matches!(RealFs::create(&missing), Err(RealFsError::Open { .. })));
    let error = RealFs::open(&missing).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot open the folder {}", missing.display()));
    let empty = Arc::new(RealFs::open(folder.path()).unwrap());
    let reader = Identity::reader(ORIGIN.parse().unwrap(), [key().verifying_key()]);
    assert!(matches!(Ledger::open(empty, reader), Err(LedgerError::Absent)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking leaves nothing behind");
}
