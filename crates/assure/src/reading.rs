//! What one statement says under one edge, before completeness, rule sets and age are asked about.

use std::collections::BTreeMap;

use bartizan_finding::{Severity, hides};
use bartizan_standards::{Criterion, Edge, RulePrefix};
use serde_json::Value;

use crate::{Evidence, SetAside};

/// The fact that says how many of the counts were of which severity: `{"info": {"PII001": 5000}}`.
pub(crate) const BY_SEVERITY: &str = "counts.by-severity";

/// What a statement says about a clause, with the criterion that decided; [`explain`] puts it into words.
#[derive(Debug)]
pub(crate) enum Reading<'c> {
    /// A criterion does not hold.
    Against(&'c Criterion),
    /// What would decide is not in it.
    Undecided(&'c Criterion),
    /// It holds, for a part of the clause.
    InPart(&'c Criterion),
    /// It holds.
    For,
}

/// Whether the statement carries the facts that make it one of this edge.
pub(crate) fn belongs(edge: &Edge, evidence: &Evidence) -> bool {
    edge.when.iter().all(|(fact, value)| evidence.facts.get(fact).and_then(Value::as_str) == Some(value))
}

/// Applies the edge's criteria for the subject with this id, with what is set `aside` left out.
pub(crate) fn read<'c>(
    edge: &'c Edge,
    evidence: &Evidence,
    subject: &str,
    aside: &[SetAside],
) -> Reading<'c> {
    let mut undecided = None;
    for criterion in &edge.criteria {
        match holds(criterion, evidence, subject, aside) {
            Some(true) => {}
            Some(false) => return Reading::Against(criterion),
            None => undecided = undecided.or(Some(criterion)),
        }
    }
    if let Some(criterion) = undecided {
        return Reading::Undecided(criterion);
    }
    for criterion in &edge.fully {
        match holds(criterion, evidence, subject, aside) {
            Some(true) => {}
            None if edge.criteria.is_empty() => return Reading::Undecided(criterion),
            Some(false) | None => return Reading::InPart(criterion),
        }
    }
    Reading::For
}

/// Whether a statement of the edge can be anything but undecided, for any subject.
pub(crate) fn may_decide(edge: &Edge, evidence: &Evidence) -> bool {
    let asked = if edge.criteria.is_empty() { &edge.fully } else { &edge.criteria };
    asked.is_empty() || asked.iter().any(|criterion| holds(criterion, evidence, "", &[]).is_some())
}

/// Whether a criterion holds; `None` where the statement does not say.
fn holds(criterion: &Criterion, evidence: &Evidence, subject: &str, aside: &[SetAside]) -> Option<bool> {
    let fact = |name: &str| evidence.facts.get(name);
    match criterion {
        Criterion::NoFinding { rules, from } => {
            Some(standing(rules, *from, evidence, aside).next().is_none())
        }
        Criterion::NotListed { fact: name } => {
            let list = fact(name)?.as_array()?;
            // A list that holds anything but ids may hold this one in another form.
            let all_are_ids = list.iter().all(Value::is_string);
            all_are_ids.then(|| !list.iter().any(|id| id.as_str() == Some(subject)))
        }
        Criterion::None { fact: name } => Some(amount(fact(name)?)? == 0),
        Criterion::AtLeast { fact: name, value } => Some(amount(fact(name)?)? >= *value),
        Criterion::True { fact: name } => fact(name)?.as_bool(),
        Criterion::False { fact: name } => fact(name)?.as_bool().map(|fact| !fact),
    }
}

/// Why a criterion does not hold, as a fragment that reads well after a colon.
pub(crate) fn explain(criterion: &Criterion, evidence: &Evidence, aside: &[SetAside]) -> String {
    let Some(name) = criterion.fact() else { return findings(criterion, evidence, aside) };
    let Some(fact) = evidence.facts.get(name) else { return format!("it does not say `{name}`") };
    let other_type = || format!("its `{name}` is of another type");
    let said = match criterion {
        Criterion::NoFinding { .. } => None,
        Criterion::NotListed { .. } => {
            let ids = fact.as_array().filter(|list| list.iter().all(Value::is_string));
            ids.map(|_| format!("`{name}` lists it"))
        }
        Criterion::None { .. } => amount(fact).map(|_| format!("`{name}` names {}", listed(fact))),
        Criterion::AtLeast { value, .. } => {
            amount(fact).map(|amount| format!("`{name}` is {amount}, and {value} are asked for"))
        }
        Criterion::True { .. } | Criterion::False { .. } => {
            fact.as_bool().map(|fact| format!("`{name}` is {fact}"))
        }
    };
    said.unwrap_or_else(other_type)
}

/// A number that counts something, or the length of a list.
fn amount(fact: &Value) -> Option<u64> {
    fact.as_array().map(|list| list.len() as u64).or_else(|| fact.as_u64())
}

/// The first entries of a list, or the number.
fn listed(fact: &Value) -> String {
    const SHOWN: usize = 3;
    let Some(list) = fact.as_array() else { return fact.to_string() };
    let entry = |entry: &Value| printable(entry.as_str().unwrap_or("an entry that is no text"), 60);
    let shown = list.iter().take(SHOWN).map(entry).collect::<Vec<_>>().join(", ");
    match list.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The counts that stand against the edge: code and how many at `from` or above. What the statement says was below
/// is taken off; what it says nothing about stays.
fn standing<'e>(
    rules: &[RulePrefix],
    from: Severity,
    evidence: &'e Evidence,
    aside: &[SetAside],
) -> impl Iterator<Item = (&'e str, u64)> {
    let asked = evidence.counts.iter().filter(move |(key, _)| rules.iter().any(|rule| rule.covers(key)));
    asked.filter_map(move |(key, count)| {
        let left = count.saturating_sub(counted_below(from, key, evidence));
        let code = key.split_once('/').map_or(key.as_str(), |(code, _)| code);
        let is_aside = || aside.iter().any(|aside| aside.covers(key, left));
        (left > 0 && !is_aside()).then_some((code, left))
    })
}

fn findings(criterion: &Criterion, evidence: &Evidence, aside: &[SetAside]) -> String {
    const SHOWN: usize = 4;
    let Criterion::NoFinding { rules, from } = criterion else { return "nothing is asked of it".to_owned() };
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    for (code, count) in standing(rules, *from, evidence, aside) {
        let sum = by_code.entry(code).or_insert(0);
        *sum = sum.saturating_add(count);
    }
    let total = by_code.values().fold(0_u64, |sum, count| sum.saturating_add(*count));
    let noun = if total == 1 { "finding" } else { "findings" };
    let codes: Vec<_> = by_code.keys().map(|code| printable(code, 7)).take(SHOWN).collect();
    let more = if by_code.len() > SHOWN { " and others" } else { "" };
    format!("{total} {noun} of {}{more}", codes.join(", "))
}

/// How many of a key's count the statement says were of a severity below `from`.
fn counted_below(from: Severity, key: &str, evidence: &Evidence) -> u64 {
    let Some(by_severity) = evidence.facts.get(BY_SEVERITY).and_then(Value::as_object) else { return 0 };
    let below = by_severity.iter().filter(|(severity, _)| severity.parse().is_ok_and(|s: Severity| s < from));
    let counts = below.filter_map(|(_, counts)| counts.get(key)?.as_u64());
    counts.fold(0, u64::saturating_add)
}

/// Text from a file or a statement as it may stand in a sentence: one line, without characters that a terminal
/// obeys or that reorder what is read, at most `max` characters.
pub(crate) fn printable(text: &str, max: usize) -> String {
    let mut shown: String = text.chars().take(max).map(|c| if hides(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_files_cannot_steer_a_terminal() {
        for (text, shown) in [
            ("model/a.bin", "model/a.bin"),
            ("a\u{1b}[2Jb", "a\u{fffd}[2Jb"),
            ("a\u{202e}b\u{e0041}", "a\u{fffd}b\u{fffd}"),
            ("ünïcode", "ünïcode"),
            ("123456789012", "1234567890…"),
        ] {
            assert_eq!(printable(text, if text.starts_with('1') { 10 } else { 80 }), shown);
        }
    }
}
