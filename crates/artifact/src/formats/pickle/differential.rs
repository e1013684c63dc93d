//! Holds the machine against `CPython`'s unpickler, which runs the same streams with stand-ins for all it imports.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    io::Write as _,
    ops::ControlFlow,
    process::{Command, Stdio},
};

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde::Deserialize;

use super::machine::{Event, Machine, Outcome};
use crate::{Limits, read::Pass};

/// Imports nothing: every name becomes an empty class, every persistent id an object of one.
const JUDGE: &str = r#"
import copyreg, io, json, pickle, resource, sys
# A memo of many entries that nobody needs takes time and memory; the machine says that such streams are undecided.
resource.setrlimit(resource.RLIMIT_AS, (160 << 20, 160 << 20))
copyreg.add_extension("ext", "seven", 7)
copyreg.add_extension("ext", "short", 0x107)
copyreg.add_extension("ext", "long", 0x10007)
def plain(text): return "".join("\ufffd" if 0xd800 <= ord(c) < 0xe000 else c for c in text)
class Standin:
    def __new__(cls, *a, **k): return object.__new__(cls)
    def __init__(self, *a, **k): pass
    def __setstate__(self, state): pass
class Judge(pickle.Unpickler):
    def find_class(self, module, name):
        self.seen.append([plain(module), plain(name)])
        return type("Standin", (Standin,), {})
    def persistent_load(self, id): return Standin()
data = sys.stdin.buffer.read()
at = 0
while at < len(data):
    size = int.from_bytes(data[at:at + 4], "little")
    judge = Judge(io.BytesIO(data[at + 4:at + 4 + size]))
    judge.seen = []
    copyreg.clear_extension_cache()
    at += 4 + size
    try:
        value, error = type(judge.load()).__name__, None
    except Exception as problem:
        value, error = None, repr(problem)
    memo = {str(k): type(v).__name__ for k, v in judge.memo.copy().items()}
    print(json.dumps({"value": value, "error": error, "seen": judge.seen, "memo": memo}))
"#;

/// What the judge has registered.
const EXTENSIONS: [(u32, &str); 3] = [(7, "seven"), (0x107, "short"), (0x1_0007, "long")];

/// Streams of a usual run. `BARTIZAN_DIFFERENTIAL` asks for another number, such as a million.
const STREAMS: usize = 24_000;
/// Streams that one child judges.
const BATCH: usize = 50_000;

#[derive(Debug, Deserialize)]
struct Verdict {
    value: Option<String>,
    error: Option<String>,
    seen: Vec<(String, String)>,
    memo: BTreeMap<u64, String>,
}

/// The same from our machine, and whether the two must agree.
struct Ours {
    value: Option<&'static str>,
    seen: Vec<(String, String)>,
    memo: BTreeMap<u64, &'static str>,
    /// Whether nothing hung on imported code or a loader.
    decided: bool,
    /// Whether unpicklers differ among themselves.
    disputed: bool,
}

fn run(stream: &[u8]) -> Ours {
    let limits = Limits::default();
    let (mut seen, mut disputed, mut computed) = (Vec::new(), false, false);
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(&stream, &mut watch);
    let mut sink = |event: Event<'_>| match event {
        Event::Import(global) => seen.push((global.module.clone(), global.name.clone())),
        // A name with half a character is none of ours.
        Event::ComputedImport { .. } => computed = true,
        Event::Extension { code, .. } => {
            if let Some((_, name)) = EXTENSIONS.iter().find(|(known, _)| *known == code) {
                seen.push(("ext".to_owned(), (*name).to_owned()));
            }
        }
        // Unpicklers differ among themselves here, and the rules say so.
        Event::Frame { .. } => disputed = true,
        _ => {}
    };
    let mut machine = Machine::new(&mut pass, &limits, &mut sink);
    let value = match machine.run() {
        Outcome::Stopped(value) => Some(value.type_name()),
        _ => None,
    };
    let (memo, depends) = (machine.memo(), machine.depends);
    Ours { value, seen, memo, decided: !depends && !disputed && !computed, disputed }
}

/// One opcode with a plausible argument.
#[expect(clippy::too_many_lines, reason = "a table")]
fn opcode() -> impl Strategy<Value = Vec<u8>> {
    let fixed: Vec<&'static [u8]> = vec![
        b"(",
        b"(",
        b"(",
        b"0",
        b"1",
        b"2",
        b"N",
        b"\x88",
        b"\x89",
        b")",
        b"t",
        b"\x85",
        b"\x86",
        b"\x87",
        b"]",
        b"l",
        b"a",
        b"a",
        b"e",
        b"e",
        b"}",
        b"d",
        b"s",
        b"s",
        b"u",
        b"u",
        b"\x8f",
        b"\x90",
        b"\x91",
        b"\x94",
        b"\x94",
        b"R",
        b"\x81",
        b"\x92",
        b"b",
        b"o",
        b"Q",
        b"\x98",
        b"\x93",
        b".",
        b"G12345678",
        b"I5\n",
        b"I01\n",
        b"I-7\n",
        b"Ix\n",
        b"L9L\n",
        b"F1.5\n",
        b"Fx\n",
        b"S'a'\n",
        b"S'a\n",
        b"S'\\x6fs'\n",
        b"Va\\u0062\n",
        b"V\\u00\n",
        b"V\n",
        b"S\n",
        b"I\n",
        b"cm\nn\n",
        b"cm\n\n",
        b"im\nn\n",
        b"Pid\n",
        b"K\x01",
        b"M\x01\x02",
        b"J\x01\x02\x03\x04",
        b"\x8a\x02\x01\x02",
        b"\x8b\x01\0\0\0\x07",
        b"\x8b\xff\xff\xff\xff",
        b"X\x02\0\0\0os",
        b"X\x02\0\0\0\xed\xa0",
        b"X\x03\0\0\0\xed\xa0\x80",
        b"\x8c\x01a",
        b"\x8c\x02\xc3\xa9",
        b"\x8d\x01\0\0\0\0\0\0\0b",
        b"T\x01\0\0\0c",
        b"U\x01d",
        b"B\x02\0\0\0ab",
        b"C\x01z",
        b"\x8e\x01\0\0\0\0\0\0\0b",
        b"\x96\x01\0\0\0\0\0\0\0b",
        b"X\x09\0\0\0os",
        b"\x80\x04",
        b"\x80\x06",
        b"\x01",
        b"g0\n",
        b"g 1_0 \n",
        b"p0\n",
        b"p+1\n",
        b"p-1\n",
        b"gx\n",
        b"p\n",
        b"\x82\x07",
        b"\x82\x08",
        b"\x83\x07\x01",
        b"\x84\x07\0\x01\0",
        b"\x84\0\0\0\0",
        b"\x84\xff\xff\xff\xff",
        b"P\n",
        b"P\xc3\n",
        b"\x95\0\0\0\0\0\0\0\0",
        b"\x95\x02\0\0\0\0\0\0\0",
        b"L-12L\n",
        b"S\"b\\n\"\n",
        b"V\\U0001f600\n",
        b"g1\n",
        b"p2\n",
        b"U\x02os",
        b"cext\nseven\n",
    ];
    prop_oneof![
        12 => proptest::sample::select(fixed).prop_map(<[u8]>::to_vec),
        2 => (0_u8..3).prop_map(|index| vec![b'q', index]),
        2 => (0_u8..4).prop_map(|index| vec![b'h', index]),
        1 => (0_u8..3).prop_map(|index| vec![b'r', index, 0, 0, 0]),
        1 => (0_u8..3).prop_map(|index| vec![b'j', index, 0, 0, 0]),
    ]
}

/// Values that can be taken apart again, so that long streams do not all break at their start.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let whole: Vec<&'static [u8]> = vec![
        b"K\x01",
        b"X\x01\0\0\0k",
        b"]\x94",
        b"}\x94",
        b"]K\x01a",
        b"}K\x01K\x02s",
        b"(K\x01K\x02t",
        b"(K\x01K\x02l",
        b"](NNe",
        b"}(K\x01NK\x02Nu",
        b"\x8f(K\x01\x90",
        b"(K\x01\x91",
        b"cm\nn\n)R",
        b"cm\nn\n)\x81}b",
        b"cm\nn\n)}\x92",
        b"(cm\nn\nNo",
        b"(Nim\nn\n",
        b"\x8c\x01m\x8c\x01n\x93",
        b"NQ",
        b"C\x01a\x98",
        b"(1",
        b"(0",
        b"N0",
        b"N20",
        b"N\x85\x94",
        b"h\x00",
        b"\x82\x07)R",
        b"\x83\x07\x01)\x81",
        b"Ppid\n)R",
        b"K\x05Q}b",
        b"\x8c\x01a\x94\x8c\x01b\x94h\x00h\x01\x93",
        b"\x8c\x01aq\x050\x8c\x01bh\x05\x93",
        b"Vm\np3\n0g3\nVn\n\x93",
        b"S'm'\nS'n'\n\x93(tR",
        b"cm\nn\n2)R",
        b"(dp1\nVa\nI1\ns",
        b"(lp2\nF1.5\na",
        b"(I1\nI2\nt",
        b"cm\nn\n(NNt}\x92N}\x86b",
        b"\x8e\x02\0\0\0\0\0\0\0ab",
    ];
    prop_oneof![
        4 => proptest::sample::select(whole).prop_map(<[u8]>::to_vec),
        1 => opcode(),
    ]
}

/// Bodies with and without a declaration, in frames that fit or do not.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let wild = vec(opcode(), 0..12);
    let tame = vec(fragment(), 1..10);
    let parts = prop_oneof![1 => wild, 2 => tame];
    let start = prop_oneof![4 => Just(Some(4)), 3 => (0_u8..=5).prop_map(Some), 1 => Just(None)];
    let frames = prop_oneof![4 => Just(0_usize), 2 => 1_usize..4];
    (parts, start, frames, 0_u64..256).prop_map(|(mut parts, start, frames, off)| {
        parts.push(b".".to_vec());
        let mut stream = start.map_or_else(Vec::new, |protocol| vec![0x80, protocol]);
        for part in parts.chunks(if frames == 0 { usize::MAX } else { frames }) {
            let body = part.concat();
            if frames > 0 {
                // Seldom one that is a byte too short or too long.
                let length =
                    body.len() as u64 + u64::from(off == 1) - u64::from(off == 2 && !body.is_empty());
                stream.push(0x95);
                stream.extend(length.to_le_bytes());
            }
            stream.extend(body);
        }
        stream
    })
}

/// The next streams; each batch has its own seed.
fn streams(batch: usize, count: usize) -> Vec<Vec<u8>> {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(batch as u64).to_le_bytes());
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let any = stream();
    (0..count).map(|_| any.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the path of the judge and the length of the run are the test's environment"
)]
fn interop_python_moves_as_the_machine_does() {
    let python = std::env::var_os("BARTIZAN_TOOLS_PYTHON").expect("`cargo xtask test` says where Python is");
    let count = std::env::var("BARTIZAN_DIFFERENTIAL").map_or(STREAMS, |count| count.parse().unwrap());
    let mut decided = [0; 2];
    for batch in 0..count.div_ceil(BATCH) {
        let streams = streams(batch, BATCH.min(count - batch * BATCH));
        compare(&streams, &judged(&python, &streams), &mut decided);
    }
    println!("decided: {} streams that break, {} that stop, of {count}", decided[0], decided[1]);
    assert!(decided.iter().all(|decided| *decided > count / 8), "the streams decide too little: {decided:?}");
}

/// What Python says about each stream, a line each.
#[expect(clippy::disallowed_methods, reason = "the judge is another program")]
fn judged(python: &OsStr, streams: &[Vec<u8>]) -> String {
    let mut input = Vec::new();
    for stream in streams {
        input.extend(u32::try_from(stream.len()).unwrap().to_le_bytes());
        input.extend(stream);
    }
    let mut child = Command::new(python)
        .args(["-I", "-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Holds each stream against its line, and counts those that break and those that stop.
fn compare(streams: &[Vec<u8>], output: &str, decided: &mut [usize; 2]) {
    assert_eq!(output.lines().count(), streams.len());
    for (stream, line) in streams.iter().zip(output.lines()) {
        let verdict: Verdict = serde_json::from_str(line).unwrap();
        let ours = run(stream);
        let shown = stream.escape_ascii();
        // Whatever the imported code does, nothing is imported that was not foretold.
        let (seen, foretold): (BTreeSet<_>, BTreeSet<_>) = (
            verdict
                .seen
                .iter()
                .filter(|(module, name)| !(module.clone() + name).contains('\u{fffd}'))
                .collect(),
            ours.seen.iter().collect(),
        );
        assert!(ours.disputed || seen.is_subset(&foretold), "{shown}\n{line}\n{foretold:?}");
        if !ours.decided {
            continue;
        }
        decided[usize::from(ours.value.is_some())] += 1;
        assert_eq!(ours.value, verdict.value.as_deref(), "{shown}\n{:?}", verdict.error);
        assert_eq!(ours.seen, verdict.seen, "{shown}");
        let memo: BTreeMap<u64, &str> =
            verdict.memo.iter().map(|(index, name)| (*index, name.as_str())).collect();
        assert_eq!(ours.memo, memo, "{shown}");
    }
}
