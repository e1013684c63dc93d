use bartizan_detect::{Engine, Match, SameValueKey, Selection, rules};

fn exported(found: &Match) -> String {
    let redacted = serde_json::to_string(&found.redacted).unwrap_or_default();
    format!(
        "{} {:?} {} {} {redacted} {}",
        found.rule.code,
        found.variant,
        found.severity,
        found.confidence,
        found.message()
    )
}

/// Everything an attacker might try who knows that the value is one of a few.
fn dictionary() -> Vec<String> {
    let mut words: Vec<_> = (0..200_u32).map(|i| format!("536-90-{:04}", 4300 + i)).collect();
    words.extend(["ana", "bob", "cleo"].map(|name| format!("{name}@acme.io")));
    words
}

#[test]
fn a_dictionary_recovers_nothing_without_the_key() {
    let key = [7; 32];
    let engine = Engine::new(Selection::all(), SameValueKey::new(&key));
    let matches = engine.scan_all(b"SSN 536-90-4399 of ana@acme.io, again ana@acme.io and bob@acme.io");
    assert_eq!(matches.len(), 4);
    let guessing = Engine::new(Selection::all(), SameValueKey::new(&[0; 32]));
    for found in &matches {
        let out = exported(found);
        for word in dictionary() {
            assert!(!out.contains(&word), "{out}");
            let digest = bartizan_finding::Digest::of(word.as_bytes()).hex();
            let same = guessing.scan_all(word.as_bytes());
            assert!(!out.contains(digest.get(..16).unwrap_or(&digest)));
            assert!(same.iter().all(|other| other.redacted.same_value != found.redacted.same_value));
        }
    }
    // Who has the key sees which values are the same, and only that.
    let mac = |i: usize| matches[i].redacted.same_value.clone().unwrap().mac;
    assert_eq!(mac(1), mac(2));
    assert_ne!(mac(1), mac(3));
    let guessed = Engine::new(Selection::all(), SameValueKey::new(&key)).scan_all(b"ana@acme.io");
    assert_eq!(guessed[0].redacted.same_value.clone().unwrap().mac, mac(1));
}

#[test]
fn no_part_of_a_secret_is_shown_but_what_all_of_its_kind_share() {
    let engine = Engine::new(Selection::all(), None);
    for rule in rules() {
        for row in rule.variants {
            let hit = (row.hit)();
            for found in engine.scan_all(hit.as_bytes()) {
                let out = exported(&found);
                let value = hit.get(found.start as usize..found.end as usize).unwrap_or_default();
                assert!(found.redacted.same_value.is_none());
                assert!(
                    found
                        .redacted
                        .preview
                        .iter()
                        .all(|preview| preview.len() <= 2 && value.starts_with(preview.as_str()))
                );
                let leaks = value.as_bytes().windows(8).any(|part| {
                    let part = String::from_utf8_lossy(part);
                    out.contains(part.as_ref()) && !row.title.contains(part.as_ref())
                });
                assert!(!leaks, "{out}");
            }
        }
    }
}
