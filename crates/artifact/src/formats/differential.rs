//! Holds the readers of archives against `CPython`'s `tarfile` and `zipfile`: whenever nothing is told about an archive,
//! Python sees the same members.

use std::{
    io::Write as _,
    ops::ControlFlow,
    process::{Command, Stdio},
};

use bartizan_corpus::{
    tar::{Entry, GNU, long, pax, sparse, sparse_pax, tar},
    zip::{Member, body, changed, end, extra, lzma, unicode_name, zip, zip64},
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde::Deserialize;

use crate::{Limits, content::seen, inspect};

/// Lists the files of archives that come behind one another, each behind its length.
const JUDGE: &str = r#"
import io, json, sys, tarfile, zipfile
def tar(data):
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            if member.isreg() or member.type not in tarfile.SUPPORTED_TYPES:
                name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                # An archive may hold more zeros than there is memory.
                head = archive.extractfile(member).read(64) if member.size else b""
                yield [name, member.size, head.hex()]
def zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            with archive.open(info) as member:
                head = member.read(64)
                while member.read(1 << 16): pass
            yield [info.filename, info.file_size, head.hex()]
data = sys.stdin.buffer.read()
judge = {"tar": tar, "zip": zip}[sys.argv[1]]
at = 0
while at < len(data):
    size = int.from_bytes(data[at:at + 4], "little")
    members, error = [], None
    try:
        for member in judge(data[at + 4:at + 4 + size]): members.append(member)
    except Exception as problem:
        error = repr(problem)
    at += 4 + size
    print(json.dumps({"members": members, "error": error}))
"#;

#[derive(Debug, Deserialize)]
struct Verdict {
    members: Vec<(String, i64, String)>,
    error: Option<String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the judge is another program, and its path is the test's environment"
)]
fn python(kind: &str, files: &[Vec<u8>]) -> Vec<Verdict> {
    let python = std::env::var_os("BARTIZAN_TOOLS_PYTHON").expect("`cargo xtask test` says where Python is");
    let mut input = Vec::new();
    for file in files {
        input.extend(u32::try_from(file.len()).unwrap().to_le_bytes());
        input.extend(file);
    }
    let mut child = Command::new(python)
        .args(["-I", "-c", JUDGE, kind])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), files.len());
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Compares, and says how many archives nothing is told about, and how many Python refuses.
fn compare(kind: &str, files: &[Vec<u8>]) -> (usize, usize) {
    let (mut silent, mut refused) = (0, 0);
    for (file, verdict) in files.iter().zip(python(kind, files)) {
        seen::take();
        let path = format!("model.{kind}");
        let ours = inspect(file, &path, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        let mut members = seen::take();
        refused += usize::from(verdict.error.is_some());
        let told = !ours.problems.is_empty()
            || ours.unexamined.iter().any(|gap| !gap.reason.starts_with("format not supported: no known"));
        if told {
            continue;
        }
        silent += 1;
        let shown = || format!("{ours:?}\n{}", file.escape_ascii());
        assert_eq!(verdict.error, None, "Python refuses what nothing is told about: {}", shown());
        let mut want: Vec<_> = verdict.members;
        let mut have: Vec<_> = members
            .drain(..)
            .map(|(name, size, head)| {
                let head: String =
                    head.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
                (name, i64::try_from(size).unwrap(), head)
            })
            .collect();
        want.sort();
        have.sort();
        assert_eq!(have, want, "{}", shown());
    }
    (silent, refused)
}

fn generate(strategy: &impl Strategy<Value = Vec<u8>>, count: usize) -> Vec<Vec<u8>> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// With some bytes changed, or none.
fn damaged(file: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<Index>(), select(b"\0 /.017x\x80\xff".to_vec()));
    let changes = prop_oneof![4 => Just(Vec::new()), 1 => vec(change, 1..3)];
    let cut = prop_oneof![9 => Just(None), 1 => any::<Index>().prop_map(Some)];
    (file, changes, cut).prop_map(|(mut file, changes, cut)| {
        for (at, byte) in changes {
            // Most changes to the bytes of members change nothing else.
            let at = at.index(file.len().min(2048));
            file[at] = byte;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()).max(1));
        }
        file
    })
}

const NAMES: [&str; 9] = ["a", "a.txt", "b/c", "./a", "b/", "é", "x/y/z.bin", "b//c", "link/a"];

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let data = prop_oneof![Just(b"text".to_vec()), Just(Vec::new()), Just(vec![7; 512]), Just(vec![9; 700])];
    let plain = (select(NAMES.to_vec()), data).prop_map(|(name, data)| Entry::file(name, &data));
    let size = |text: &'static [u8]| move |entry: &mut Entry| entry.size = Some(text.to_vec());
    let odd = plain.clone().prop_flat_map(move |entry| {
        let with = |change: &dyn Fn(&mut Entry)| {
            let mut entry = entry.clone();
            change(&mut entry);
            entry
        };
        select(vec![
            with(&|entry| entry.flag = 0),
            with(&|entry| entry.flag = b'7'),
            with(&|entry| entry.flag = b'Z'),
            with(&|entry| entry.magic = GNU),
            with(&|entry| entry.magic = [0; 8]),
            with(&|entry| entry.prefix = b"p/q".to_vec()),
            with(&|entry| (entry.prefix, entry.magic) = (b"p".to_vec(), GNU)),
            with(&|entry| entry.size = Some(b"          4 ".to_vec())),
            with(&|entry| entry.size = Some([[0x80].as_slice(), &[0; 10], &[4]].concat())),
            with(&size(b"0o4\0\0\0\0\0\0\0\0\0")),
            with(&size(b"-4\0\0\0\0\0\0\0\0\0\0")),
            with(&size(b"4 4\0\0\0\0\0\0\0\0\0")),
            with(&size(b"00000001000\0")),
            with(&|entry| entry.fill = 1),
            with(&|entry| entry.mode = b"  644 \0\0".to_vec()),
            with(&|entry| entry.patches = vec![(329, b"junk".to_vec())]),
        ])
    });
    let records = select(vec![
        vec![pax(b'x', &[("path", b"long/name")])],
        vec![pax(b'x', &[("path", b"folder/")])],
        vec![pax(b'x', &[("path", "größe".as_bytes()), ("mtime", b"1.5")])],
        vec![pax(b'x', &[("size", b"4")])],
        vec![pax(b'x', &[("size", b"0")])],
        vec![pax(b'x', &[("size", b"x")])],
        vec![pax(b'x', &[("hdrcharset", b"BINARY"), ("path", b"\xff")])],
        vec![pax(b'X', &[("path", b"sun")])],
        vec![pax(b'g', &[("comment", b"hello")])],
        vec![pax(b'g', &[("path", b"all")])],
        vec![long(b'L', &[b'n'; 150])],
        vec![long(b'K', &[b'k'; 150])],
        vec![long(b'L', b"one"), pax(b'x', &[("path", b"two")])],
        vec![pax(b'x', &[("path", b"two")]), long(b'L', b"one")],
        vec![pax(b'x', &[("path", b"two")]), pax(b'x', &[("mtime", b"1")])],
        vec![pax(b'x', &[("comment", b"x")]).with(|entry| entry.fill = b'\n')],
        vec![pax(b'x', &[]).with(|entry| entry.data = b"12 path=abc\n13 path=abcd\n".to_vec())],
        vec![pax(b'x', &[]).with(|entry| entry.data = b"9 path=abc\n".to_vec())],
        vec![pax(b'x', &[("GNU.sparse.size", b"9"), ("GNU.sparse.map", b"2,4")])],
        vec![pax(
            b'x',
            &[("GNU.sparse.size", b"9"), ("GNU.sparse.offset", b"1"), ("GNU.sparse.numbytes", b"4")],
        )],
    ]);
    let others = select(vec![
        vec![Entry::of(b'5', "folder/", "")],
        vec![Entry::of(b'2', "link", "a")],
        vec![Entry::of(b'1', "hard", "a")],
        vec![Entry::of(b'3', "null", "")],
        vec![Entry { flag: b'5', ..Entry::file("full/", b"text") }],
        vec![Entry { flag: b'2', ..Entry::file("full", b"text") }],
        vec![sparse("holes", &[(3, 4)], 20, b"text")],
        vec![sparse("holes", &[(0, 2), (9, 2)], 11, b"text")],
        vec![sparse("holes", &[(9, 2), (0, 2)], 11, b"text")],
        sparse_pax("holes", &[(5, 4)], 30, b"text"),
        sparse_pax("holes", &[(0, 4), (600, 3)], 700, b"textend"),
        sparse_pax("holes", &[(0, 9)], 9, b"text"),
    ]);
    prop_oneof![
        12 => plain.clone().prop_map(|entry| vec![entry]),
        2 => odd.prop_map(|entry| vec![entry]),
        2 => (records, plain).prop_map(|(mut records, entry)| {
            records.push(entry);
            records
        }),
        2 => others,
    ]
}

#[test]
fn interop_python_sees_the_same_members_of_tar() {
    let whole = vec(entries(), 0..5).prop_map(|parts| tar(&parts.concat()));
    let tails = select(vec![
        vec![],
        vec![],
        vec![],
        vec![0; 512],
        vec![0; 700],
        b"junk".to_vec(),
        tar(&[Entry::file("b", b"b")]),
    ]);
    let starts = select(vec![vec![], vec![], vec![], vec![0; 512]]);
    let files = (starts, whole, tails).prop_map(|(start, file, tail)| [start, file, tail].concat());
    let mut files = generate(&damaged(files), 6000);
    let samples = bartizan_corpus::samples().into_iter().filter(|sample| sample.family == "tar");
    // Their members go to a reader of their own.
    let samples = samples.filter(|sample| !sample.what.contains("PyTorch wrote first"));
    files.extend(samples.map(|sample| sample.bytes));
    // An archive that starts with zeros is no archive to us; Python sees an empty one.
    files.retain(|file| file[0] != 0);
    let (silent, refused) = compare("tar", &files);
    println!("nothing is told about {silent}, Python refuses {refused}, of {}", files.len());
    assert!(silent > 800 && refused > 100, "the archives decide too little: {silent}, {refused}");
}

fn members() -> impl Strategy<Value = Member> {
    let data = prop_oneof![Just(b"text".to_vec()), Just(Vec::new()), Just(vec![7; 700])];
    let plain = (select(NAMES.to_vec()), data, 0..4).prop_map(|(name, data, method)| match method {
        0 | 1 => Member::stored(name, &data),
        2 => Member::deflated(name, &data),
        _ => lzma(name, &data),
    });
    let odd = plain.clone().prop_flat_map(|member| {
        let with = |change: fn(&mut Member)| changed(member.clone(), change);
        select(vec![
            member.clone().torch(),
            with(|member| member.local.name = b"other".to_vec()),
            with(|member| member.central.name = b"a\0b".to_vec()),
            with(|member| (member.local.name, member.central.name) = (b"b\\c".to_vec(), b"b\\c".to_vec())),
            with(|member| member.central.crc ^= 1),
            with(|member| (member.central.crc, member.local.crc) = (0, 0)),
            with(|member| member.central.size += 1),
            with(|member| member.central.packed += 1),
            with(|member| member.local.size += 1),
            with(|member| member.central.method = 8),
            with(|member| member.local.flags ^= 8),
            with(|member| member.central.flags ^= 1),
            with(|member| member.central.extra = unicode_name("a", "other")),
            with(|member| member.central.extra = unicode_name("a", "a")),
            with(|member| member.central.extra = extra(1, &[4, 0, 0, 0, 0, 0, 0, 0])),
            with(|member| member.local.extra = extra(0x4246, &[0; 20])),
            with(|member| member.offset = Some(1)),
            with(|member| member.offset = Some(0)),
            with(|member| member.attributes = 0o120_777 << 16),
            with(|member| member.descriptor = b"PK\x07\x08".to_vec()),
        ])
    });
    prop_oneof![8 => plain, 1 => odd]
}

#[test]
fn interop_python_sees_the_same_members_of_zip() {
    let whole = (vec(members(), 0..4), 0..8).prop_map(|(members, kind)| match kind {
        0 => zip64(&members, 0),
        1 => {
            let (body, start, length) = body(&members);
            [body, end(members.len() + 1, length, start)].concat()
        }
        _ => zip(&members),
    });
    let tails = select([vec![vec![]; 8], vec![b"junk".to_vec(), zip(&[Member::stored("b", b"b")])]].concat());
    let starts = select([vec![vec![]; 8], vec![b"PK\x03\x04junk".to_vec()]].concat());
    let files = (starts, whole, tails).prop_map(|(start, file, tail)| [start, file, tail].concat());
    let mut files = generate(&damaged(files), 6000);
    let samples = bartizan_corpus::samples().into_iter().filter(|sample| sample.family == "zip");
    files.extend(samples.map(|sample| sample.bytes));
    // Python knows neither Zstandard nor xz in archives before version 3.14.
    files.retain(|file| file.starts_with(b"PK") && !matches!(file.get(8), Some(93 | 95)));
    let (silent, refused) = compare("zip", &files);
    println!("nothing is told about {silent}, Python refuses {refused}, of {}", files.len());
    assert!(silent > 1000 && refused > 100, "the archives decide too little: {silent}, {refused}");
}
