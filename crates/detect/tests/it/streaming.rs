use bartizan_detect::{Engine, Match, SameValueKey, Selection, rules};
use proptest::prelude::*;

fn engine() -> Engine {
    Engine::new(Selection::all(), SameValueKey::new(&[3; 32]))
}

type Seen = (String, Option<&'static str>, u64, u64, String);

fn seen(found: &Match) -> Seen {
    let rest = format!("{} {} {:?}", found.severity, found.confidence, found.redacted);
    (found.rule.code.to_string(), found.variant, found.start, found.end, rest)
}

/// What comes out of pushes of the given sizes, repeated, checking what `settled` promises.
fn pushed(engine: &Engine, text: &[u8], sizes: &[usize]) -> Vec<Seen> {
    let mut out = Vec::new();
    let mut stream = engine.stream();
    let (mut at, mut settled) = (0, 0);
    for size in sizes.iter().cycle() {
        if at == text.len() {
            break;
        }
        let end = (at + size).min(text.len());
        stream.push(&text[at..end], &mut |found| {
            assert!(found.start >= settled, "a match starts before what was settled");
            out.push(seen(&found));
        });
        at = end;
        assert!(stream.settled() >= settled, "what was settled is open again");
        assert!(stream.settled() <= at as u64);
        settled = stream.settled();
    }
    stream.finish(&mut |found| {
        assert!(found.start >= settled);
        out.push(seen(&found));
    });
    assert_eq!(stream.settled(), text.len() as u64);
    out
}

/// Pieces that fire, nearly fire, overlap and are cut anywhere.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let hits: Vec<_> =
        rules().iter().flat_map(|rule| rule.variants).flat_map(|row| [(row.hit)(), (row.miss)()]).collect();
    let fixed = [
        "ana@acme.io",
        "@@a@b.co@",
        "a.b@",
        "4111 1111 1111 1111",
        "4111111111111111",
        "GB82 WEST 1234 5698 7654 32",
        "93.184.216.34",
        "2a00:1450:4001:81b::200e",
        "536-90-4399",
        "SSN: ",
        "536904399",
        "\u{200b}",
        "\u{200c}",
        "\u{e0061}",
        "\u{e007f}",
        "\u{1f3f4}",
        "\u{202e}",
        "\u{2067}",
        "\u{2069}",
        "\u{fe0f}",
        "\u{e0155}",
        "\u{3164}",
        "\u{feff}",
        "\n",
        " ",
        "password=",
        "api_key: \"",
        "://",
        "https://u:",
        "-----BEGIN ",
        "eyJ",
        "sk-",
        "T3BlbkFJ",
        "\u{e9}",
        "\\n",
        "\"",
        "x",
    ];
    prop_oneof![
        3 => proptest::sample::select(hits).prop_map(String::into_bytes),
        6 => proptest::sample::select(fixed.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        2 => proptest::collection::vec(any::<u8>(), 0..12),
        1 => (0_usize..1200).prop_map(|length| vec![b'z'; length]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_split_changes_nothing(
        pieces in proptest::collection::vec(piece(), 0..14),
        sizes in proptest::collection::vec(prop_oneof![1_usize..4, 1_usize..300], 1..6),
    ) {
        let text = pieces.concat();
        let engine = engine();
        let whole: Vec<_> = engine.scan_all(&text).iter().map(seen).collect();
        prop_assert!(whole.is_sorted_by_key(|one| one.2));
        prop_assert_eq!(&whole, &pushed(&engine, &text, &sizes));
        prop_assert_eq!(&whole, &pushed(&engine, &text, &[1]));
        for one in &whole {
            prop_assert!(one.2 < one.3 && one.3 <= text.len() as u64);
        }
    }
}

#[test]
fn a_stream_can_be_used_again() {
    let engine = engine();
    let mut stream = engine.stream();
    for _ in 0..2 {
        let mut out = Vec::new();
        stream.push(b"x ana@ac", &mut |found| out.push(seen(&found)));
        stream.push(b"me.io", &mut |found| out.push(seen(&found)));
        stream.finish(&mut |found| out.push(seen(&found)));
        assert_eq!(out.iter().map(|one| (one.2, one.3)).collect::<Vec<_>>(), [(2, 13)]);
    }
}

#[test]
fn plain_text_settles_at_once_and_little_is_kept() {
    let engine = engine();
    let mut stream = engine.stream();
    let text = b"The quick brown fox jumps over the lazy dog. ".repeat(2000);
    for part in text.chunks(7) {
        stream.push(part, &mut |_| {});
        assert!(stream.pushed() - stream.settled() <= 320);
    }
}

#[test]
fn nothing_selected_finds_nothing() {
    let engine = Engine::new(Selection::none(), None);
    assert_eq!(engine.scan_all(b"ana@acme.io 4111 1111 1111 1111").len(), 0);
}
