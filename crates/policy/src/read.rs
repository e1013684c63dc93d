//! From a text to its rules, or to everything that is wrong with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    str::FromStr as _,
};

use bartizan_finding::hides;
use cedar_policy::{
    Effect as CedarEffect, Policy, PolicyId, PolicySet, ValidationError, ValidationMode, ValidationWarning,
    ffi::DetailedError,
    pst::{self, Template},
};
use serde::Serialize;

use crate::{
    facts::{BREAK_GLASS, FINDINGS, attributes},
    fault::{MAX_FAULTS, Source, printable, shown},
    scan::scan,
    schema::{Base, TYPES},
    walk::{Mentions, mentions},
};

/// A rule, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its `@id`; before it `bartizan.` where it is built in, `organisation.` where it is the organisation's.
    pub id: String,
    /// Whose it is.
    pub source: RuleSource,
    /// Whether it can only permit or only forbid.
    pub effect: Effect,
    /// The control that it asks about: its `@control`, or the one that its condition names.
    pub control: Option<String>,
    /// What to do where it refuses: its `@fix`. Empty for a `permit` without one.
    pub fix: String,
    /// The line of its text on which it begins, from 1.
    pub line: u64,
}

/// Whose a rule is. They are ordered as refusals are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum RuleSource {
    /// The organisation's: no project and no break-glass overrides it.
    Organisation {
        /// The file in which it stands.
        file: String,
    },
    /// It applies at every gate.
    BuiltIn,
    /// It stands in the gate's policy.
    Gate,
}

/// What a rule can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It says who may pass.
    Permit,
    /// It says when nobody may.
    Forbid,
}

/// A rule with what Cedar makes of it.
#[derive(Clone)]
pub(crate) struct Statement {
    pub(crate) rule: Rule,
    pub(crate) policy: Policy,
    pub(crate) body: Template,
    pub(crate) mentions: Mentions,
    /// The byte of the text at which it begins.
    pub(crate) at: usize,
}

/// Reads a text: rules that are named, well typed and can apply. What a set of rules has to be is for the caller to
/// say. `named` holds the ids so far, each with its place.
pub(crate) fn read(
    source: &mut Source<'_>,
    base: &Base,
    whose: &RuleSource,
    named: &mut BTreeMap<String, String>,
) -> Vec<Statement> {
    let ranges = match scan(source.text) {
        Ok(ranges) => ranges,
        Err(refused) => {
            source.fault(refused.at, refused.message);
            return Vec::new();
        }
    };
    let set = match PolicySet::from_str(source.text) {
        Ok(set) => set,
        Err(errors) => {
            for error in errors.iter().take(MAX_FAULTS * 2) {
                syntax(source, &DetailedError::from(error));
            }
            return Vec::new();
        }
    };
    for template in set.templates() {
        let at = number(template.id()).and_then(|number| ranges.get(number)).map_or(0, |range| range.start);
        source.fault(at, "it is a template").expected("a rule without `?principal` and `?resource`");
    }
    let mut policies: Vec<_> =
        set.policies().filter_map(|policy| Some((number(policy.id())?, policy))).collect();
    policies.sort_by_key(|(number, _)| *number);
    if policies.len() + set.num_of_templates() != ranges.len() {
        source.fault(0, "it cannot be divided into rules").expected("rules that each end with `;`");
        return Vec::new();
    }
    let mut statements = Vec::new();
    for (number, policy) in policies {
        let Some(range) = ranges.get(number) else { continue };
        statements.extend(statement(source, base, whose, named, policy, range));
    }
    validate(source, base, &set, &ranges);
    statements
}

/// Cedar numbers the statements of a text: `policy0`, `policy1` …
fn number(id: &PolicyId) -> Option<usize> {
    let id: &str = id.as_ref();
    id.strip_prefix("policy")?.parse().ok()
}

/// A fault of syntax: Cedar's own words, at Cedar's own place.
fn syntax(source: &mut Source<'_>, error: &DetailedError) {
    let label = error.source_locations.first();
    let at = label.map_or(0, |label| label.loc.start);
    let help = error.help.as_deref().map(|help| format!(": {}", own(help))).unwrap_or_default();
    let fault = source.fault(at, own(&error.message) + &help);
    let expected = label.and_then(|label| label.label.as_deref()?.strip_prefix("expected "));
    if let Some(expected) = expected {
        fault.expected(printable(expected, 200));
    }
}

const ANNOTATIONS: [&str; 3] = ["@id", "@control", "@fix"];

/// Takes one rule with its annotations; notes what is wrong with them.
fn statement(
    source: &mut Source<'_>,
    base: &Base,
    whose: &RuleSource,
    named: &mut BTreeMap<String, String>,
    policy: &Policy,
    range: &Range<usize>,
) -> Option<Statement> {
    let at = range.start;
    let id = policy.annotation("id");
    let forbids = policy.effect() == CedarEffect::Forbid;
    let place = {
        let (line, column) = source.place(at);
        format!("{}:{line}:{column}", source.file())
    };
    match id {
        None => {
            source.fault(at, "the rule has no `@id`").expected("`@id(\"a-name\")` before it");
        }
        Some(id) if !is_kebab(id) => {
            source
                .fault(at, format!("{} is not the name of a rule", shown(id)))
                .expected("lower-case words with `-` between them, at most 96 characters");
        }
        Some(id) => {
            if let Some(first) = named.insert(id.to_owned(), place) {
                source.fault(at, format!("a second rule is called {}; the first is at {first}", shown(id)));
            }
        }
    }
    let annotations: BTreeSet<_> = policy.annotations().map(|(name, _)| name).collect();
    for name in annotations {
        let name = format!("@{name}");
        if !ANNOTATIONS.contains(&&*name) {
            source
                .fault(at, format!("there is no annotation {}", shown(&name)))
                .of(id)
                .expected("`@id`, `@control` or `@fix`")
                .nearest(&name, ANNOTATIONS);
        }
    }
    let control = policy.annotation("control");
    if let Some(control) = control
        && !base.vocabulary.controls.contains(control)
    {
        let known = base.vocabulary.controls.iter().map(String::as_str);
        source.fault(at, format!("there is no control {}", shown(control))).of(id).nearest(control, known);
    }
    let fix = policy.annotation("fix").map(str::trim);
    if forbids && fix.is_none_or(str::is_empty) {
        source.fault(at, "the rule has no `@fix`").of(id).expected("`@fix(\"what to do where it refuses\")`");
    }
    if fix.is_some_and(|fix| fix.chars().any(hides) || fix.chars().count() > 400) {
        source
            .fault(at, "its `@fix` is long or hides something")
            .of(id)
            .expected("at most 400 visible characters");
    }
    let body = match policy.to_pst() {
        Ok(pst::Policy::Static(body)) => body.body().clone(),
        Ok(pst::Policy::Linked(_)) => {
            source.fault(at, "it is a template").of(id);
            return None;
        }
        Err(error) => {
            source.fault(at, printable(&error.to_string(), 200)).of(id);
            return None;
        }
    };
    let mentions = mentions(&body);
    words(source, base, whose, id, range, &mentions);
    let sole = mentions.controls.iter().next().filter(|_| mentions.controls.len() == 1);
    let full = match whose {
        RuleSource::Organisation { .. } => format!("organisation.{}", id.unwrap_or_default()),
        RuleSource::BuiltIn => format!("bartizan.{}", id.unwrap_or_default()),
        RuleSource::Gate => id.unwrap_or_default().to_owned(),
    };
    let rule = Rule {
        source: whose.clone(),
        effect: if forbids { Effect::Forbid } else { Effect::Permit },
        control: control.map(str::to_owned).or_else(|| sole.cloned()),
        fix: fix.unwrap_or_default().to_owned(),
        line: source.place(at).0,
        id: full,
    };
    let policy = policy.new_id(PolicyId::new(&rule.id));
    Some(Statement { rule, policy, body, mentions, at })
}

/// Checks what Cedar cannot: words that are strings to it.
fn words(
    source: &mut Source<'_>,
    base: &Base,
    whose: &RuleSource,
    id: Option<&str>,
    range: &Range<usize>,
    mentions: &Mentions,
) {
    let vocabulary = &base.vocabulary;
    let compared = [
        ("kind of asset", &mentions.kinds, &vocabulary.asset_kinds),
        ("classification", &mentions.classifications, &vocabulary.classifications),
    ];
    for (what, written, known) in compared {
        for word in written.iter().filter(|word| !known.is_empty() && !known.contains(*word)) {
            let text = source.text.get(range.clone()).unwrap_or_default();
            let at = range.start + text.find(&format!("\"{word}\"")).unwrap_or(0);
            let known = known.iter().map(String::as_str);
            source.fault(at, format!("there is no {what} {}", shown(word))).of(id).nearest(word, known);
        }
    }
    if mentions.context.contains(BREAK_GLASS) && !matches!(whose, RuleSource::Organisation { .. }) {
        source
            .fault(range.start, format!("only an organisation's rule may ask for `context.{BREAK_GLASS}`"))
            .of(id)
            .expected("nothing: a break-glass overrides the rules of a gate without being asked for");
    }
}

/// Holds the whole text against the schema. A warning is a fault: each says that a rule does not do what it seems to.
fn validate(source: &mut Source<'_>, base: &Base, set: &PolicySet, ranges: &[Range<usize>]) {
    let result = base.validator.validate(set, ValidationMode::Strict);
    let mut found = BTreeMap::new();
    for error in result.validation_errors() {
        let detail = DetailedError::from(error);
        found
            .entry(place(&detail, error.policy_id(), ranges))
            .or_insert_with(Vec::new)
            .push(kind(error, detail));
    }
    let wrong: BTreeSet<_> = result.validation_errors().map(|error| error.policy_id().to_string()).collect();
    for warning in result.validation_warnings() {
        // A rule with an error applies nowhere, which is said best by the error.
        if wrong.contains(&warning.policy_id().to_string()) {
            continue;
        }
        let detail = DetailedError::from(warning);
        let message = match warning {
            ValidationWarning::ImpossiblePolicy(_) | ValidationWarning::InvalidActionApplication(_) => {
                "the rule can never apply".to_owned()
            }
            _ => own(&detail.message),
        };
        let said = Said { message, ..Said::default() };
        found.entry(place(&detail, warning.policy_id(), ranges)).or_insert_with(Vec::new).push(said);
    }
    // Cedar types a rule once for each kind of request, and reports the same place each time.
    for (at, mut said) in found {
        said.sort();
        let Some(said) = said.into_iter().next() else { continue };
        let fault = source.fault(at, said.message).expected(said.expected);
        match said.unknown {
            Some((written, Known::Controls)) => fault.nearest(&written, names(&base.vocabulary.controls)),
            Some((written, Known::Roles)) => fault.nearest(&written, names(&base.vocabulary.roles)),
            Some((written, Known::Actions)) => fault.nearest(&written, names(&base.vocabulary.actions)),
            Some((written, Known::Types)) => fault.nearest(&written, TYPES),
            Some((written, Known::Attributes)) => {
                let last = written.rsplit('.').next().unwrap_or_default();
                fault.nearest(last, attributes().chain(FINDINGS.iter().map(|count| count.name)))
            }
            None => fault,
        };
    }
}

/// What is said of one place, ordered so that the same sentence is chosen each time.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    message: String,
    expected: String,
    unknown: Option<(String, Known)>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Controls,
    Roles,
    Actions,
    Types,
    Attributes,
}

fn names(known: &BTreeSet<String>) -> Box<dyn Iterator<Item = &str> + '_> {
    Box::new(known.iter().map(String::as_str))
}

fn place(error: &DetailedError, policy: &PolicyId, ranges: &[Range<usize>]) -> usize {
    let at = error.source_locations.first().map(|label| label.loc.start);
    at.or_else(|| Some(ranges.get(number(policy)?)?.start)).unwrap_or(0)
}

/// An error of the validator, in words that name the nearest id where it is about one.
fn kind(error: &ValidationError, detail: DetailedError) -> Said {
    let message = own(&detail.message);
    let ticked = message.split('`').nth(1).unwrap_or_default().to_owned();
    let unknown = |what: &str, written: &str, known| Said {
        message: format!("there is no {what} {}", shown(written)),
        expected: String::new(),
        unknown: Some((written.to_owned(), known)),
    };
    match error {
        ValidationError::UnrecognizedEntityType(_) => unknown("type of entity", &ticked, Known::Types),
        ValidationError::UnrecognizedActionId(_) => unknown("action", &eid(&ticked), Known::Actions),
        ValidationError::InvalidEnumEntity(_) if ticked.starts_with("Control::") => {
            unknown("control", &eid(&ticked), Known::Controls)
        }
        ValidationError::InvalidEnumEntity(_) if ticked.starts_with("Role::") => {
            unknown("role", &eid(&ticked), Known::Roles)
        }
        ValidationError::UnsafeAttributeAccess(_) => {
            let holder =
                if message.contains("in context for") { "attribute of the context" } else { "attribute" };
            let mut said = unknown(holder, &ticked, Known::Attributes);
            if holder == "attribute" {
                said.unknown = None;
                "one that the type of the entity has, which `is` can make sure of"
                    .clone_into(&mut said.expected);
            }
            said
        }
        ValidationError::UnsafeOptionalAttributeAccess(_) => Said {
            message: format!("there may be no attribute {}", shown(&ticked)),
            expected: format!("a test of it before, such as `resource has {} &&`", printable(&ticked, 80)),
            unknown: None,
        },
        _ => {
            let help = detail.help.map(|help| format!(": {}", own(&help))).unwrap_or_default();
            Said { message: message + &help, ..Said::default() }
        }
    }
}

/// The message without the name of the policy, which is a number to Cedar.
fn own(message: &str) -> String {
    let after = message.strip_prefix("for policy `").and_then(|rest| rest.split_once('`'));
    let own = after.map_or(message, |(_, rest)| rest.trim_start_matches([',', ':', ' ']));
    printable(&own.replace("__cedar::internal::", ""), 300)
}

/// `model-scam` of `Control::"model-scam"`.
fn eid(uid: &str) -> String {
    let eid = uid.split_once("::\"").and_then(|(_, rest)| rest.strip_suffix('"'));
    eid.unwrap_or(uid).to_owned()
}

/// Words of lower-case letters and digits with a hyphen between them.
fn is_kebab(id: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    id.len() <= 96 && id.split('-').all(word)
}
