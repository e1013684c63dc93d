//! Whatever was done to the files of a log: where the audit finds nothing wrong, every entry is what was recorded.

#![no_main]

use arbitrary::Arbitrary;
use std::{
    num::NonZero,
    sync::{Arc, LazyLock},
};

use bartizan_fuzz::{assert_visible, ledger, log_verifier};
use bartizan_ledger::{Audit, Entry, Head, Identity, Ledger, MemoryFs, fs::Fs, verify};
use libfuzzer_sys::fuzz_target;

/// What is done to the folder. A file is named by its number, or by a path that need not exist.
#[derive(Arbitrary, Debug)]
enum Edit {
    Set { file: u8, at: u16, to: u8 },
    Cut { file: u8, length: u16 },
    Remove { file: u8 },
    Copy { from: u8, to: u8 },
    Add { path: String, content: Vec<u8> },
    AddTile { row: u8, name: u8, width: Option<u8>, content: Vec<u8> },
}

/// A path and what stands there.
type File = (String, Vec<u8>);

static LOG: LazyLock<(Vec<File>, Vec<Entry>, Head)> = LazyLock::new(|| {
    let (fs, ledger, head) = ledger(11).expect("memory takes any log");
    let read = |path: String| (path.clone(), fs.read(&path, 1 << 20).expect("it was just listed"));
    let entries = ledger.view().expect("just written").entries(0..11).collect::<Result<_, _>>();
    (fs.files().into_iter().map(read).collect(), entries.expect("just written"), head)
});

fuzz_target!(|edits: Vec<Edit>| {
    let (genuine, entries, head) = &*LOG;
    let mut files = genuine.clone();
    for edit in edits {
        apply(edit, &mut files);
    }
    let fs = MemoryFs::new();
    for (path, content) in files.into_iter().filter(|(path, _)| !path.is_empty()) {
        fs.put(&path, content);
    }
    let keys = [log_verifier()];
    let audit = Audit { head: Some(head), threads: NonZero::new(1), ..Audit::default() };
    let found = verify(&fs, &keys, &audit);
    found.faults.iter().for_each(|fault| assert_visible(&fault.to_string()));
    assert_eq!(found, verify(&fs, &keys, &audit), "an audit changes nothing");
    let identity = Identity::reader(keys[0].name().clone(), [*keys[0].key()]);
    let opened = Ledger::open(Arc::new(fs), identity).and_then(|ledger| Ok((ledger.view()?, ledger)));
    if found.is_whole() {
        let (view, ledger) = opened.expect("a whole log opens");
        let now: Result<Vec<_>, _> = view.entries(0..view.len()).collect();
        assert_eq!(&now.expect("each entry of a whole log reads"), entries);
        for n in 0..11 {
            let digest = bartizan_finding::Digest::of(&[n; 8]);
            assert_eq!(ledger.blob(&digest).expect("a whole log has its envelopes"), [n; 8]);
        }
    }
});

fn apply(edit: Edit, files: &mut Vec<File>) {
    let count = files.len().max(1);
    let nth = |file: u8| usize::from(file) % count;
    match edit {
        Edit::Set { file, at, to } => {
            let Some((_, content)) = files.get_mut(nth(file)) else { return };
            let at = usize::from(at) % content.len().max(1);
            content.iter_mut().skip(at).take(1).for_each(|byte| *byte = to);
        }
        Edit::Cut { file, length } => {
            files.iter_mut().skip(nth(file)).take(1).for_each(|(_, content)| content.truncate(length.into()));
        }
        Edit::Remove { file } => drop((!files.is_empty()).then(|| files.remove(nth(file)))),
        Edit::Copy { from, to } => {
            let Some((_, content)) = files.get(nth(from)).cloned() else { return };
            files.iter_mut().skip(nth(to)).take(1).for_each(|(_, old)| old.clone_from(&content));
        }
        Edit::Add { path, content } => files.push((path, content)),
        Edit::AddTile { row, name, width, content } => {
            let row = if row > 8 { "entries".to_owned() } else { row.to_string() };
            let width = width.map_or_else(String::new, |width| format!(".p/{width}"));
            files.push((format!("tile/{row}/{name:03}{width}"), content));
        }
    }
}
