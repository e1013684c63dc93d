use bartizan_detect::{Engine, Family, Selection};

use crate::shown;

fn codes(text: &str) -> Vec<String> {
    let engine = Engine::new(Selection::none().with(Family::HiddenText), None);
    let found = engine.scan_all(text.as_bytes());
    found.iter().map(|one| format!("{} {} {}..{}", one.rule.code, one.severity, one.start, one.end)).collect()
}

fn tags(text: &str) -> String {
    text.bytes().filter_map(|byte| char::from_u32(0xE_0000 + u32::from(byte))).collect()
}

#[test]
fn what_scripts_and_emoji_need_is_silent() {
    for text in [
        "\u{feff}a file with a byte order mark",
        "family \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
        "heart \u{2764}\u{fe0f} keycap 1\u{fe0f}\u{20e3} \u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
        "Persian \u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "Hindi \u{915}\u{94d}\u{200d}\u{937} \u{915}\u{94d}\u{200c}\u{937}",
        "flags \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} \u{1f1e9}\u{1f1ea}",
        "variant \u{908a}\u{e0100}",
        "old Hangul \u{115f}\u{1161} \u{1100}\u{1160}\u{11a8} \u{3131}\u{3164}",
        "isolate \u{2067}\u{5d0}\u{5d1}\u{2069} and embedding \u{202b}\u{5d0}\u{202c}.",
        "Hebrew \u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f} left\u{200e}",
        "fraction 1\u{2064}1/2 and a doubled selector \u{2622}\u{fe0f}\u{fe0f}",
        "Thai\u{200b} \u{e44}\u{e17}\u{e22}\u{200b}\u{e44}\u{e17}\u{e22}",
        "typography \u{201c}quoted\u{201d} \u{2014} \u{2026} \u{a0}\u{2009}\u{202f}",
        "\u{4f60}\u{597d}\u{ff0c}\u{4e16}\u{754c} \u{3053}\u{3093}",
    ] {
        assert_eq!(codes(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn what_hides_text_is_found() {
    for (text, expected) in [
        (format!("Hi{}", tags("ignore")), vec!["HID001 high 2..26"]),
        (format!("\u{1f3f4}{}", tags("gbeng and more\x7f")), vec!["HID001 high 4..64"]),
        ("a\u{200b}\u{200c}\u{200b}\u{200c}b".to_owned(), vec!["HID002 medium 1..13"]),
        ("x \u{200b}\u{200b}\u{200b} y".to_owned(), vec!["HID002 low 2..11"]),
        ("pass\u{200b}word".to_owned(), vec!["HID002 low 4..7"]),
        ("see \u{202e}txt.exe".to_owned(), vec!["HID003 medium 4..7"]),
        ("if admin\u{2066} // \u{2067} begin\u{2069}\n".to_owned(), vec!["HID003 medium 8..11"]),
        ("\u{202a}open".to_owned(), vec!["HID003 medium 0..3"]),
        ("\u{1f600}\u{e0158}\u{e0155}\u{e014c}".to_owned(), vec!["HID004 medium 4..16"]),
        ("a\u{fe0e}b".to_owned(), vec!["HID004 low 1..4"]),
        ("timeout,\u{3164}".to_owned(), vec!["HID005 low 8..11"]),
    ] {
        assert_eq!(codes(&text), expected, "{text:?}");
    }
}

#[test]
fn a_run_of_any_length_is_covered_without_gaps() {
    let text = format!("{}{}{}", "x".repeat(1000), tags(&"a".repeat(2000)), "y");
    let engine = Engine::new(Selection::all(), None);
    let found = engine.scan_all(text.as_bytes());
    assert!(found.len() > 7);
    assert_eq!((found[0].start, found[found.len() - 1].end), (1000, 9000));
    assert!(found.windows(2).all(|pair| pair[0].end == pair[1].start));
}

#[test]
fn a_flag_is_one_wherever_it_stands() {
    for before in 1000..1030 {
        let text = format!("{}\u{1f3f4}{}\u{e007f}", "x".repeat(before), tags("gbsct"));
        assert_eq!(codes(&text), Vec::<String>::new(), "{before}");
        let text = format!("{}\u{200b}\u{200c}\u{200b}\u{200c}\u{200b}", "x".repeat(before));
        assert!(
            codes(&text).iter().all(|code| code.starts_with("HID002 medium")) && !codes(&text).is_empty()
        );
    }
}

#[test]
fn a_very_long_line_leaves_doubt() {
    let text = format!("\u{2067}{}\u{2069}", "x".repeat(2000));
    assert!(shown(Family::HiddenText, &text).starts_with("HID003 medium low"));
}
