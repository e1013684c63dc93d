//! A text is a project or has faults, each at a place of the text; and what is derived from a project depends on
//! what it says alone.

#![no_main]

use bartizan_fuzz::assert_visible;
use bartizan_project::parse;
use bartizan_threat::{Node, derive};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    for fault in &parsed.faults {
        let before = text.get(..fault.span.start).expect("a fault starts between two characters");
        assert!(text.get(fault.span.clone()).is_some(), "{fault:?} ends between two characters");
        let line = before.rsplit('\n').next().unwrap_or_default();
        let place = (before.matches('\n').count() as u64 + 1, line.chars().count() as u64 + 1);
        assert_eq!((fault.line, fault.column), place, "{fault:?}");
        assert_visible(&fault.to_string());
        assert_visible(&fault.key);
    }
    assert_eq!(parsed.project.is_none(), !parsed.faults.is_empty(), "no project and no fault, or both");
    let Some(project) = parsed.project else { return };
    let today = || "2026-05-01".parse().expect("a day");
    let model = derive(&project, today());
    for threat in &model.threats {
        assert_visible(&threat.why);
        assert!(threat.path.iter().all(|node| match node {
            Node::Element(id) => project.elements.contains_key(id),
            Node::Asset(id) => project.assets.contains_key(id),
        }));
    }
    if !text.starts_with('\u{feff}') {
        let moved = parse(&format!("# A comment moves every line and says nothing.\n{text}"));
        let moved = moved.project.expect("a comment is no fault");
        assert_eq!(moved.subjects(), project.subjects());
        assert_eq!(moved.root(), project.root());
        assert_eq!(derive(&moved, today()).threats.len(), model.threats.len());
    }
});
