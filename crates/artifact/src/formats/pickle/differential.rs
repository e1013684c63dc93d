//! Holds the machine against `CPython`'s unpickler, which runs the same streams with stand-ins for all it imports.

use std::{
    collections::{BTreeMap, BTreeSet},
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
import io, json, pickle, sys
class Standin:
    def __new__(cls, *a, **k): return object.__new__(cls)
    def __init__(self, *a, **k): pass
    def __setstate__(self, state): pass
class Judge(pickle.Unpickler):
    def find_class(self, module, name):
        self.seen.append([module, name])
        return type("Standin", (Standin,), {})
    def persistent_load(self, id): return Standin()
data = sys.stdin.buffer.read()
at = 0
while at < len(data):
    size = int.from_bytes(data[at:at + 4], "little")
    judge = Judge(io.BytesIO(data[at + 4:at + 4 + size]))
    judge.seen = []
    at += 4 + size
    try:
        value, error = type(judge.load()).__name__, None
    except Exception as problem:
        value, error = None, repr(problem)
    memo = {str(k): type(v).__name__ for k, v in judge.memo.copy().items()}
    print(json.dumps({"value": value, "error": error, "seen": judge.seen, "memo": memo}))
"#;

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
    let (mut seen, mut disputed) = (Vec::new(), false);
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(&stream, &mut watch);
    let mut sink = |event: Event<'_>| match event {
        Event::Import(global) => seen.push((global.module.clone(), global.name.clone())),
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
    Ours { value, seen, memo, decided: !depends && !disputed, disputed }
}

/// One opcode with a plausible argument.
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
    ];
    prop_oneof![
        4 => proptest::sample::select(whole).prop_map(<[u8]>::to_vec),
        1 => opcode(),
    ]
}

fn streams() -> Vec<Vec<u8>> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let wild = vec(opcode(), 0..12).prop_map(|parts| parts.concat());
    let tame = vec(fragment(), 1..10).prop_map(|parts| parts.concat());
    let any =
        prop_oneof![1 => wild, 2 => tame].prop_map(|body| [b"\x80\x04".as_slice(), &body, b"."].concat());
    (0..6000).map(|_| any.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the judge is another program, and its path is the test's environment"
)]
fn interop_python_moves_as_the_machine_does() {
    let python = std::env::var_os("BARTIZAN_TOOLS_PYTHON").expect("`cargo xtask test` says where Python is");
    let streams = streams();
    let mut input = Vec::new();
    for stream in &streams {
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
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), streams.len());

    let mut decided = [0; 2];
    for (stream, line) in streams.iter().zip(output.lines()) {
        let verdict: Verdict = serde_json::from_str(line).unwrap();
        let ours = run(stream);
        let shown = stream.escape_ascii();
        // Whatever the imported code does, nothing is imported that was not foretold.
        let (seen, foretold): (BTreeSet<_>, BTreeSet<_>) =
            (verdict.seen.iter().collect(), ours.seen.iter().collect());
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
    println!("decided: {} streams that break, {} that stop, of {}", decided[0], decided[1], streams.len());
    assert!(decided.iter().all(|count| *count > 1000), "the corpus decides too little: {decided:?}");
}
