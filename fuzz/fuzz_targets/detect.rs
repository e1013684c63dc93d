//! However a text is cut into pieces, the matches are the same; and what the stream calls settled is.

#![no_main]

use arbitrary::Arbitrary;
use std::sync::LazyLock;

use bartizan_detect::{Engine, Match, Selection};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Selection::all(), None));

/// A text and the lengths of its pieces; what they leave is one more piece.
#[derive(Arbitrary, Debug)]
struct Cut<'b> {
    lengths: Vec<u8>,
    text: &'b [u8],
}

fuzz_target!(|cut: Cut<'_>| {
    let Cut { lengths, text } = cut;
    let whole = ENGINE.scan_all(text);
    for found in &whole {
        assert!(found.start < found.end && found.end <= text.len() as u64, "{found:?}");
        let shown = found.redacted.preview.as_deref().unwrap_or_default();
        assert!(shown.chars().count() <= 2, "{shown:?}");
    }
    assert!(whole.is_sorted_by_key(|found| found.start));

    let mut stream = ENGINE.stream();
    let (mut pieces, mut left, mut settled) = (Vec::new(), text, 0);
    for length in lengths {
        let (piece, rest) = left.split_at(left.len().min(length.into()));
        left = rest;
        stream.push(piece, &mut |found| take(&mut pieces, found, settled));
        assert!(stream.settled() >= settled && stream.settled() <= stream.pushed());
        settled = stream.settled();
    }
    stream.push(left, &mut |found| take(&mut pieces, found, settled));
    settled = settled.max(stream.settled());
    stream.finish(&mut |found| take(&mut pieces, found, settled));
    assert_eq!(stream.settled(), text.len() as u64);
    assert_eq!(format!("{pieces:?}"), format!("{whole:?}"));
});

fn take(all: &mut Vec<Match>, found: Match, settled: u64) {
    assert!(found.start >= settled, "{found:?} starts before {settled}, which was settled");
    all.push(found);
}
