//! Texts that loaders read as programs or settings: whatever they are, reading them ends, and soon.

use bartizan_artifact::FileClass;
use bartizan_corpus::{Truth, samples};

use crate::look::{codes, named, text};

const FAMILIES: [&str; 6] = ["card", "config", "python", "template", "torchscript", "yaml"];

/// A generator of numbers that are the same each time (Marsaglia, xorshift64).
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

/// [`named`] asserts that each byte was read once and that the digest is that of the file.
#[test]
fn files_that_were_cut_or_changed_are_read_to_their_end() {
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for sample in samples().iter().filter(|sample| FAMILIES.contains(&sample.family)) {
        for _ in 0..6 {
            let mut bytes = sample.bytes.clone();
            for _ in 0..=next(&mut state) % 4 {
                let at = next(&mut state) % bytes.len();
                bytes[at] = next(&mut state).to_le_bytes()[0];
            }
            named(&sample.path, &bytes);
            let at = next(&mut state) % sample.bytes.len();
            let cut = named(&sample.path, &sample.bytes[..at]);
            let is_whole =
                [".json", ".mar", ".pt", ".zip", ".gguf"].iter().any(|end| sample.path.ends_with(end));
            if is_whole && at > 0 {
                assert_ne!(cut.class, FileClass::Clean, "{} of {}: {}", at, sample.what, text(&cut));
            }
            named(&sample.path, &[sample.bytes.as_slice(), &bytes].concat());
        }
    }
}

/// What hides in any other text is not told from text; but by these names, hostile bytes are never clean.
#[test]
fn what_is_hostile_stays_so_behind_other_text() {
    for sample in samples() {
        let is_python = sample.family == "python" && sample.path.ends_with("_x.py");
        if is_python && sample.truth == Truth::Hostile && !sample.codes.contains(&"PYS003") {
            let bytes = [b"\"\"\"Text.\"\"\"\n\n# A comment.\nX = {'a': [1, 2]}\n".as_slice(), &sample.bytes]
                .concat();
            let seen = named(&sample.path, &bytes);
            assert_eq!(seen.class, FileClass::Finding, "{}\n{}", sample.what, text(&seen));
        }
    }
}

#[test]
fn deep_and_long_texts_end_within_limits() {
    let many = |part: &str, count: usize| part.repeat(count);
    let cases: Vec<(&str, String)> = vec![
        ("m.jinja", format!("{{{{ {}x }}}}", many("(", 500_000))),
        ("m.jinja", format!("{{{{ x{} }}}}", many("|trim", 190))),
        ("m.jinja", format!("{{{{ {}x{} }}}}", many("[", 140), many("]", 140))),
        ("m.jinja", format!("{{{{ {}x }}}}", many("not ", 390))),
        ("m.jinja", format!("{{{{ 'a'{} }}}}", many(" ~ 'a'", 190))),
        ("m.jinja", many("{{ 'a' ~ 'b' ~ 'c' }}{% set x = x ~ 'aaaaaaaaaaaaaaaaaaaaaa' %}", 9000)),
        ("m.jinja", many("{% if x %}", 100_000)),
        (
            "m.jinja",
            many("{% if 'word' in message.content %}", 140) + "some more words" + &many("{% endif %}", 140),
        ),
        ("m.py", many("(", 400_000)),
        ("m.py", format!("x = {}1", many("-", 490))),
        ("m.py", format!("x = 1{}", many(" + 1", 490))),
        ("m.py", format!("x = a{}", many(".b", 240))),
        ("m.py", format!("x = {}1{}", many("f(", 240), many(")", 240))),
        ("m.py", format!("x = {}1", many("lambda: ", 240))),
        (
            "m.py",
            (0..99).map(|level| many(" ", level) + "if x:\n").collect::<String>() + &many(" ", 99) + "pass\n",
        ),
        ("m.py", many("x = os.system\n", 30_000)),
        ("m.py", many("import os as x\n", 30_000) + "x.system('true')\n"),
        ("m.py", format!("x = '{}'\n", many("A", 500_000))),
        ("m.yaml", many("[", 500_000)),
        ("m.yaml", many("- ", 250_000)),
        ("m.yaml", many("a: é\n", 80_000)),
        ("m.yaml", many("? ", 250_000)),
        ("m.yaml", format!("a: \"{}\"\n", many("\\n", 250_000))),
        ("m.yaml", many("&a ", 150_000)),
        ("m.yaml", (0..5000).map(|level| many(" ", level % 90) + "a:\n").collect()),
        ("README.md", many("<!-- ", 100_000)),
        ("README.md", "---\n".to_owned() + &many("a: [\n", 100_000)),
        ("requirements.txt", many("x @ https://example.invalid/x\n", 17_000)),
    ];
    for (name, contents) in cases {
        let start = contents.chars().take(40).collect::<String>();
        let seen = named(name, contents.as_bytes());
        assert!(seen.problems.len() <= 400, "{name} {start}");
        assert!(seen.class != FileClass::Error, "{name} {start}");
        println!("{name} {start:?}: {} {:?}", seen.class, codes(&seen));
    }
}
