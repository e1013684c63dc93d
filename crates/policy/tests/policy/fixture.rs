//! A vocabulary, a gate and a question that the tests vary.

use std::sync::LazyLock;

use bartizan_finding::ControlId;
use bartizan_policy::{Facts, Gate, Organisation, Principal, Question, Resource, Schema, Status, Vocabulary};

pub(crate) const CONTROLS: [&str; 4] = ["model-integrity", "model-scan", "red-team", "release-approval"];

/// Made once: the built-in rules are held against each schema.
static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    Schema::generate(&Vocabulary {
        controls: words(&CONTROLS),
        actions: words(&["publish"]),
        roles: words(&["data-engineer", "incident-responder", "platform-engineer"]),
        asset_kinds: words(&["dataset", "model"]),
        classifications: words(&["internal", "personal", "public"]),
    })
    .expect("the vocabulary has controls and roles")
});

pub(crate) fn schema() -> Schema {
    SCHEMA.clone()
}

/// The one `permit` that most tests need.
pub(crate) const PERMIT: &str = "@id(\"base\") permit (principal in Role::\"platform-engineer\", action == Action::\"deploy\", resource);\n";

/// A `forbid` that reads evidence.
pub(crate) const SCANNED: &str = "@id(\"scanned\") @control(\"model-scan\") @fix(\"Run the check.\") \
     forbid (principal, action == Action::\"deploy\", resource) \
     unless { context.satisfied.contains(Control::\"model-scan\") };\n";

pub(crate) fn gate(text: &str) -> Gate {
    Gate::parse("deploy", "deploy.cedar", text, &schema()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The usual permit, and a rule with this condition.
pub(crate) fn with_rule(condition: &str) -> Gate {
    gate(&format!(
        "{PERMIT}{SCANNED}@id(\"rule\") @fix(\"Mend it.\") forbid (principal, action, resource) {condition};"
    ))
}

pub(crate) fn organisation(files: &[(&str, &str)]) -> Organisation {
    let files: Vec<_> = files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
    Organisation::parse(&files, &schema())
}

/// A rule of an organisation with this condition.
pub(crate) fn above(condition: &str) -> Organisation {
    let text =
        format!("@id(\"above\") @fix(\"Ask the office.\") forbid (principal, action, resource) {condition};");
    let organisation = organisation(&[("rules.cedar", &text)]);
    assert_eq!(organisation.error(), None);
    organisation
}

/// A platform engineer who would deploy a model of which everything is in order.
pub(crate) fn question() -> Question {
    Question {
        action: "deploy".to_owned(),
        principal: Principal::Person {
            name: "tomas@example.com".to_owned(),
            groups: ["platform".to_owned()].into(),
            roles: ["platform-engineer".to_owned()].into(),
        },
        resource: Resource::Asset {
            id: "assistant".to_owned(),
            kind: "model".to_owned(),
            classification: "internal".to_owned(),
            owner: Some("training".to_owned()),
            digest: None,
        },
        facts: Facts {
            statuses: CONTROLS.map(|id| (ControlId::new(id), Status::Satisfied)).into(),
            evidence_age_hours: Some(5),
            reconciled: true,
            recorded: true,
            log_verified: true,
            checked: true,
            ..Facts::default()
        },
    }
}

pub(crate) fn asked(change: impl FnOnce(&mut Facts)) -> Question {
    let mut question = question();
    change(&mut question.facts);
    question
}
