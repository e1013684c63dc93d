//! A text is a gate that decides, or it has faults that can be shown; nothing that it says opens what the facts close.

#![no_main]

use std::sync::LazyLock;

use bartizan_fuzz::assert_visible;
use bartizan_policy::{
    Facts, Gate, MAX_RULES, Organisation, Principal, Question, Resource, Schema, Verdict, Vocabulary, decide,
};
use libfuzzer_sys::fuzz_target;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let vocabulary = Vocabulary {
        controls: words(&["model-integrity", "model-scan", "red-team"]),
        actions: words(&[]),
        roles: words(&["data-engineer", "platform-engineer"]),
        asset_kinds: words(&["dataset", "model"]),
        classifications: words(&["personal", "public"]),
    };
    Schema::generate(&vocabulary).expect("the vocabulary has controls and roles")
});

fuzz_target!(|text: &str| {
    let question = Question {
        action: "deploy".to_owned(),
        principal: Principal::Person {
            name: "tomas@example.com".to_owned(),
            groups: ["platform".to_owned()].into(),
            roles: ["platform-engineer".to_owned()].into(),
        },
        resource: Resource::Project { name: "helpdesk".to_owned() },
        facts: Facts::default(),
    };
    let organisation = Organisation::parse(&[("rules.cedar".to_owned(), text.to_owned())], &SCHEMA);
    assert!(organisation.error().is_none() || organisation.rules().is_empty());
    match Gate::parse("deploy", "deploy.cedar", text, &SCHEMA) {
        Ok(gate) => {
            assert!(organisation.error().is_some(), "a gate permits, and an organisation's rules cannot");
            assert!(gate.rules().len() <= MAX_RULES + 3);
            for ruling in
                [decide(&gate, &Organisation::none(), &question), decide(&gate, &organisation, &question)]
            {
                assert_eq!(ruling.verdict, Verdict::Deny, "nothing is known, so nothing passes");
                assert!(!ruling.refusals.is_empty());
                for refusal in &ruling.refusals {
                    assert_visible(&refusal.rule);
                    assert_visible(&refusal.why);
                    assert_visible(&refusal.fix);
                }
                ruling.errors.iter().for_each(|error| assert_visible(error));
            }
        }
        Err(error) => {
            assert_visible(&error.to_string());
            assert!(!error.faults().is_empty());
            error.faults().iter().for_each(|fault| assert_visible(&fault.to_string()));
        }
    }
});
