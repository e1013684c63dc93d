//! The style sheet holds nothing that no page uses.

use std::{collections::BTreeSet, fs, path::Path};

const CSS: &str = include_str!("../../../assets/console.css");

/// The classes that selectors of a style sheet name.
fn classes(css: &str) -> BTreeSet<&str> {
    let mut classes = BTreeSet::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        selected(before, &mut classes);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    selected(rest, &mut classes);
    classes
}

/// What stands before a `{` since the last brace or semicolon is a selector.
fn selected<'a>(css: &'a str, classes: &mut BTreeSet<&'a str>) {
    for block in css.split('{') {
        let selector = block.rsplit(['}', ';']).next().unwrap_or_default();
        if selector.trim_start().starts_with('@') {
            continue;
        }
        for part in selector.split('.').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(part.len());
            classes.insert(part.split_at(end).0);
        }
    }
}

/// Templates, the sources of pages and the script.
#[expect(clippy::disallowed_methods, reason = "the files are those of this crate")]
fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|one| one == "html" || one == "rs" || one == "js") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_class_of_the_style_sheet_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    for folder in ["templates", "assets", "src"] {
        sources(&root.join(folder), &mut text);
    }
    let words: BTreeSet<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').collect();
    let known = classes(CSS);
    assert!(known.len() > 40 && known.contains("rows"), "{known:?}");
    // The classes of figures and tones are those of the crate that draws them.
    let dead: Vec<_> = known
        .into_iter()
        .filter(|class| !class.starts_with("fig-") && !class.starts_with("tone-") && !words.contains(class))
        .collect();
    assert_eq!(dead, Vec::<&str>::new());
}

#[test]
fn classes_are_found_in_selectors_alone() {
    let css = "/* .no */ .a.b > c:not(.d) { margin: 0.5rem; } @media (width < 1.5rem) { .e::after { content: \".\"; } }";
    assert_eq!(classes(css), BTreeSet::from(["a", "b", "d", "e"]));
}
