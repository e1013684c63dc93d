//! The colours, judged from the style sheet itself.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_figure::{STYLE, THEME, Tone};

/// The variables that the block with this selector sets.
fn variables(selector: &str) -> BTreeMap<&'static str, &'static str> {
    let (_, rest) = THEME.split_once(selector).expect("the theme has the selector");
    let (block, _) = rest.split_once('}').expect("a block ends");
    let pairs = block.split(';').filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim().trim_start_matches('{').trim(), value.trim()))
        .filter(|(name, _)| name.starts_with("--"))
        .collect()
}

fn themes() -> [BTreeMap<&'static str, &'static str>; 3] {
    [":root {\n", ":root:not([data-theme=\"light\"]) {", ":root[data-theme=\"dark\"] {"].map(variables)
}

/// Relative luminance (WCAG 2.2) of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(
            u8::from_str_radix(colour.get(at..at + 2).expect("seven characters"), 16).expect("hexadecimal"),
        ) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, two: &str) -> f64 {
    let (one, two) = (luminance(one), luminance(two));
    (one.max(two) + 0.05) / (one.min(two) + 0.05)
}

#[test]
fn text_can_be_read_on_all_that_it_stands_on() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    for theme in themes() {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for surface in ["--background", "--panel"] {
            pairs.extend(["--ink", "--muted"].map(|text| (text.to_owned(), surface.to_owned())));
        }
        for tone in Tone::ALL {
            let tone = tone.class().replace("tone-", "--");
            let soft = format!("{tone}-soft");
            pairs
                .extend(["--background", "--panel", &soft].map(|surface| (tone.clone(), surface.to_owned())));
            pairs.push(("--ink".to_owned(), soft));
            pairs.push(("--on-fill".to_owned(), tone));
        }
        for (text, surface) in pairs {
            let ratio = contrast(theme[text.as_str()], theme[surface.as_str()]);
            assert!(ratio >= 4.5, "{text} on {surface}: {ratio:.2}");
        }
    }
}

#[test]
fn both_ways_to_dark_are_the_same_and_all_themes_set_the_same_variables() {
    let [light, by_system, by_choice] = themes();
    assert_eq!(by_system, by_choice);
    assert!(light.keys().eq(by_choice.keys()));
    assert_ne!(light["--ink"], by_choice["--ink"]);
}

#[test]
fn the_style_uses_variables_of_the_theme_and_no_colour_of_its_own() {
    let [theme, ..] = themes();
    let known: BTreeSet<&str> =
        theme.keys().copied().chain(["--tone", "--soft", "--sans", "--beyond"]).collect();
    for use_ in STYLE.split("var(").skip(1) {
        let name = use_.split([')', ',']).next().unwrap();
        assert!(known.contains(name), "{name}");
    }
    assert!(
        !STYLE.contains('#')
            && !STYLE.contains("rgb(")
            && !STYLE.contains("url(")
            && !STYLE.contains("@import")
    );
}

#[test]
fn every_tone_has_its_class_and_only_statuses_have_marks() {
    let mut marks = BTreeSet::new();
    for tone in Tone::ALL {
        assert!(STYLE.contains(&format!(".{} {{ --tone: ", tone.class())), "{tone:?}");
        if let Some(mark) = tone.mark() {
            assert!(marks.insert(mark), "{mark} is there twice");
        }
    }
    assert_eq!(marks.len(), 8);
}

#[test]
fn braces_are_balanced() {
    for css in [THEME, STYLE] {
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }
}
