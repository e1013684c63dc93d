//! What no output may give away, and what none may promise.

use std::collections::BTreeSet;

use bartizan_finding::{Digest, FindingSet, Hasher, LengthClass, Location, Occurrence, Redacted, SameValue};

use crate::{
    html, junit, markdown, sample, sarif, schema_text,
    text::{self, Detail, Options},
    to_json,
    v1::{Finding, Report},
};

/// Values as they stand in data: built here, so that none looks live in the source.
fn planted() -> Vec<(&'static str, String)> {
    vec![
        ("card", format!("4111{}", "1".repeat(12))),
        ("us-ssn", format!("{}-{}-{}", 219, "09", 9999)),
        ("e-mail", format!("mara.lindqvist{}kontor.invalid", '@')),
        ("iban", format!("DE89{}", "370400440532013000")),
        ("cloud-key", format!("AKIA{}", "QX7DEMO4ONLY2KEY")),
    ]
}

/// What somebody without the key would try: the planted values among plausible others.
fn dictionary() -> Vec<String> {
    let mut words: Vec<_> = planted().into_iter().map(|(_, value)| value).collect();
    words.extend((0..60).map(|n| format!("219-09-{:04}", 9_900 + n)));
    words.extend((0..20).map(|n| format!("user{n}@mail.invalid")));
    words
}

fn outputs(report: &Report) -> Vec<String> {
    let verbose = Options { detail: Detail::Verbose, ..Options::default() };
    vec![
        to_json(report),
        sarif::render(report, &sample::rules()),
        text::render(report, &verbose),
        html::render(report),
        markdown::render(report),
        junit::render(report),
    ]
}

/// What an attacker tries for one value: other spellings, and the heads of hashes that may stand for it.
struct Attempt {
    value: String,
    spelled: Vec<String>,
    hashes: Vec<String>,
}

/// Everything that is tried, made once for all outputs.
fn attempts() -> Vec<Attempt> {
    let attempt = |value: String| {
        let bare: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        let reversed: String = value.chars().rev().collect();
        let head: String = value.chars().take(6).collect();
        let tail: String = value.chars().skip(value.chars().count().saturating_sub(6)).collect();
        let mut hashes = Vec::new();
        for text in [value.clone(), bare.clone(), value.to_lowercase()] {
            for (kind, _) in planted() {
                for tried in [
                    text.clone(),
                    format!("{kind}{text}"),
                    format!("{kind}\0{text}"),
                    format!("{kind}:{text}"),
                ] {
                    hashes.push(Digest::of(tried.as_bytes()).hex());
                    for key in [&b""[..], &[0; 32], kind.as_bytes(), b"bartizan"] {
                        hashes.push(hmac(key, tried.as_bytes()));
                    }
                }
            }
        }
        let spelled = [value.clone(), bare, reversed, head, tail].map(|text| text.to_lowercase()).into();
        let hashes = hashes.iter().filter_map(|hash| hash.get(..16)).map(str::to_owned).collect();
        Attempt { value, spelled, hashes }
    };
    dictionary().into_iter().map(attempt).collect()
}

/// The values of the dictionary that an output gives away: written out, in part, in another spelling, or as a hash
/// that can be tried.
fn recovered(output: &str, attempts: &[Attempt]) -> Vec<String> {
    let folded = output.to_lowercase();
    let runs = folded.split(|c: char| !c.is_ascii_hexdigit());
    let hex: BTreeSet<&str> = runs.filter_map(|run| run.get(..16)).collect();
    let gives_away = |attempt: &&Attempt| {
        attempt.hashes.iter().any(|hash| hex.contains(hash.as_str()))
            || attempt.spelled.iter().any(|text| folded.contains(text))
    };
    attempts.iter().filter(gives_away).map(|attempt| attempt.value.clone()).collect()
}

/// RFC 2104 over SHA-256, for keys of at most 64 bytes.
fn hmac(key: &[u8], message: &[u8]) -> String {
    let padded = |pad: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ pad).collect() };
    let mut inner = Hasher::new();
    inner.update(&padded(0x36));
    inner.update(message);
    let mut outer = Hasher::new();
    outer.update(&padded(0x5c));
    outer.update(inner.finish().as_bytes());
    outer.finish().hex()
}

/// A report over the planted values, with messages made by `message` and comparable under `key`.
fn report(key: &[u8], message: fn(&str, &str) -> String) -> Report {
    let rule = sample::rules()[1];
    let mut set = FindingSet::new();
    for (row, (kind, value)) in (1..).zip(planted()) {
        let mac = hmac(key, format!("{kind}\0{value}").as_bytes());
        let redacted = Redacted {
            kind: kind.into(),
            length: LengthClass::of(value.len()),
            preview: None,
            same_value: Some(SameValue {
                key_id: Digest::of(key).hex().chars().take(16).collect(),
                mac: mac.chars().take(32).collect(),
            }),
        };
        let location =
            Location::Record { path: "data/tickets.jsonl".to_owned(), row, column: format!("/{kind}") };
        let occurrence =
            Occurrence::new(rule, location, message(kind, &value)).variant(kind).redacted(redacted);
        set.push(None, occurrence);
    }
    let mut report = sample::empty();
    report.findings = set.finish().iter().map(|finding| Finding::new(finding, rule)).collect();
    report
}

#[test]
fn a_dictionary_recovers_nothing_from_any_output() {
    let attempts = attempts();
    let key = Digest::of(b"a key of the team that is not in the report");
    for output in outputs(&report(key.as_bytes(), |kind, _| format!("A value of kind {kind} stands here."))) {
        assert!(output.contains("data/tickets.jsonl"), "the findings are in the output");
        assert_eq!(recovered(&output, &attempts), Vec::<String>::new());
    }
}

/// The attack above is worth something only if it succeeds where there is something to find.
#[test]
fn the_attack_finds_values_that_leak() {
    let (n, attempts) = (planted().len(), attempts());
    let written = report(b"secret", |_, value| format!("found {value}"));
    let hashed = report(b"secret", |_, value| format!("found {}", Digest::of(value.as_bytes())));
    let tail = report(b"secret", |_, value| {
        format!("found …{}", value.chars().skip(value.len() - 6).collect::<String>())
    });
    let keyless = report(b"", |_, _| "found".to_owned());
    for output in [written, hashed, tail].iter().flat_map(outputs) {
        assert!(recovered(&output, &attempts).len() >= n);
    }
    assert!(recovered(&to_json(&keyless), &attempts).len() >= n);
}

/// Evidence says what was seen, not that all is well.
#[test]
fn no_output_promises_what_a_check_cannot_know() {
    let mut outputs = outputs(&sample::busy());
    outputs.extend(self::outputs(&sample::empty()));
    outputs.push(schema_text());
    let promises = ["compliant", "certified", "approved", "safe", "guaranteed"];
    for output in outputs {
        let words = output.split(|c: char| !c.is_alphanumeric() && c != '-').map(str::to_lowercase);
        for word in words {
            assert!(!promises.contains(&word.as_str()), "{word}");
        }
    }
}
