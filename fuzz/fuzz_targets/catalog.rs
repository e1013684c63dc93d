//! What is taken from a catalog is plain text under known ids, and accounts for each id of its edition.

#![no_main]

use bartizan_fuzz::assert_visible;
use bartizan_standards::{OfficialTexts, import_catalog, practices, tasks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &[u8]| {
    let official = match import_catalog(json) {
        Ok(official) => official,
        Err(error) => return assert_visible(&error.to_string()),
    };
    let mut known: Vec<&str> = practices(official.edition).iter().map(|practice| &*practice.id).collect();
    for task in tasks(official.edition) {
        known.push(&task.id);
        known.extend(task.items.iter().map(|item| &*item.id));
    }
    for id in known {
        let missing = official.missing.iter().any(|missing| missing == id);
        assert!(missing != official.texts.contains_key(id), "{id} is there and missing, or neither");
    }
    for (id, text) in &official.texts {
        assert_visible(id);
        assert_visible(text);
        assert!(!text.is_empty() && text.trim() == text, "{text:?}");
    }
    assert!(official.unknown.iter().all(|id| !official.texts.contains_key(id)));
    [&official.title, &official.version]
        .into_iter()
        .chain(&official.unknown)
        .for_each(|text| assert_visible(text));
    let stored = serde_json::to_vec(&official).expect("texts are JSON");
    assert_eq!(serde_json::from_slice::<OfficialTexts>(&stored).expect("just written"), official);
});
