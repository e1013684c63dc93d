//! Reads `cases.txt`.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{
    Basis, Claim, ClaimKind, Decisions, Evidence, Exception, InScope, Reach, Scope, SetAside, Subject,
};
use bartizan_finding::{ControlId, Digest, PredicateKind, Timestamp};
use bartizan_standards::{Audience, Baseline};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// One block of the text.
pub(crate) struct Case {
    pub(crate) sentence: String,
    pub(crate) control: ControlId,
    pub(crate) scope: Scope,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) decisions: Decisions,
    pub(crate) expected: Vec<Expected>,
}

/// A line of a block that says what is expected.
#[derive(Debug)]
pub(crate) enum Expected {
    Status(String),
    Why(String),
    Subject(String, String),
    Note(String),
    Evidence(Vec<u64>),
    Contrary(Vec<u64>),
    Refused(Vec<u64>),
}

pub(crate) fn day(number: i64) -> Result<Timestamp> {
    Ok(Timestamp::from_second(1_700_000_000 + number * 86_400)?)
}

pub(crate) fn today() -> Timestamp {
    Timestamp::from_second(1_700_000_000 + 100 * 86_400).expect("a day in 2024")
}

/// The digest of the thing with this name.
pub(crate) fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// The subject with this name. `x` could not be read.
pub(crate) fn subject(name: &str) -> Subject {
    let digest = (name != "x").then(|| digest(name));
    Subject { id: name.to_owned(), label: name.to_owned(), digest }
}

/// A scope in which one control is judged over `in_scope`.
pub(crate) fn scope(control: &ControlId, in_scope: Option<InScope>) -> Scope {
    Scope {
        project: digest("project"),
        audience: BTreeSet::from([Audience::SystemProducer]),
        baselines: BTreeSet::from([Baseline::Ssdf218a]),
        controls: in_scope.map(|in_scope| (control.clone(), in_scope)).into_iter().collect(),
    }
}

impl Case {
    pub(crate) fn all(text: &str) -> Result<Vec<Self>> {
        let blocks = text.split("\n\n").filter(|block| block.contains("\n  "));
        blocks
            .map(|block| Self::read(block).map_err(|error| format!("{error} in:\n{block}").into()))
            .collect()
    }

    fn read(block: &str) -> Result<Self> {
        let mut lines = block.trim().lines();
        let sentence = lines.next().ok_or("an empty block")?.to_owned();
        let first = lines.next().ok_or("no control")?.trim();
        let (control, subjects) = first.split_once(' ').unwrap_or((first, ""));
        let control: ControlId = control.parse()?;
        let in_scope = match subjects.split_at_checked(1) {
            Some(("?", _)) => None,
            Some(("!", reason)) => Some(InScope::NotApplicable(reason.to_owned())),
            _ => Some(InScope::Subjects(subjects.split_whitespace().map(subject).collect())),
        };
        let scope = scope(&control, in_scope);
        let mut case = Self {
            sentence,
            control,
            scope,
            evidence: Vec::new(),
            decisions: Decisions::default(),
            expected: Vec::new(),
        };
        for line in lines {
            case.line(line.trim())?;
        }
        if case.expected.is_empty() { Err("nothing is expected".into()) } else { Ok(case) }
    }

    fn line(&mut self, line: &str) -> Result<()> {
        let (word, rest) = line.split_once(' ').ok_or("a line of one word")?;
        let numbers =
            || rest.split_whitespace().map(str::parse).collect::<std::result::Result<Vec<u64>, _>>();
        match word {
            "=" => {
                let (status, why) =
                    rest.split_once(": ").map_or((rest, None), |(status, why)| (status, Some(why)));
                self.expected.push(Expected::Status(status.to_owned()));
                self.expected.extend(why.map(|why| Expected::Why(why.to_owned())));
            }
            "note" => self.expected.push(Expected::Note(rest.to_owned())),
            "evidence" => self.expected.push(Expected::Evidence(numbers()?)),
            "contrary" => self.expected.push(Expected::Contrary(numbers()?)),
            "refused" => self.expected.push(Expected::Refused(numbers()?)),
            "exception" => self.decisions.exceptions.push(exception(&self.control, rest)?),
            "claim" => self.decisions.claims.push(claim(&self.control, rest)?),
            "typed" => self.evidence.push(evidence(rest)?),
            _ if word.starts_with('#') => {
                let evidence = evidence(line)?;
                let agreed = evidence.predicate == PredicateKind::Approval;
                let log = if agreed { &mut self.decisions.approvals } else { &mut self.evidence };
                log.push(evidence);
            }
            _ if word.len() == 1 => self.expected.push(Expected::Subject(word.to_owned(), rest.to_owned())),
            _ => return Err(format!("cannot read `{line}`").into()),
        }
        Ok(())
    }
}

/// `#1 model-scan a,b day=99 rules=2 expires=120 confirms=0 incomplete refused PKL001=1 low:PKL001=1 fact=json`.
pub(crate) fn evidence(line: &str) -> Result<Evidence> {
    let mut words = line.split_whitespace();
    let index = words.next().and_then(|word| word.strip_prefix('#')).ok_or("no index")?.parse()?;
    let predicate = words.next().and_then(PredicateKind::from_name).ok_or("no kind")?;
    let subjects = words.next().ok_or("no subject")?.split(',').map(digest).collect();
    let mut evidence = Evidence {
        index,
        confirms: None,
        predicate,
        subjects,
        collected: day(99)?,
        expires: None,
        complete: true,
        counts: BTreeMap::new(),
        facts: BTreeMap::new(),
        rule_sets: BTreeMap::from([("bartizan-artifact".to_owned(), 2)]),
        collector: "ci".to_owned(),
        refused: None,
    };
    let mut by_severity = json!({});
    for word in words {
        match word.split_once('=') {
            None if word == "incomplete" => evidence.complete = false,
            None if word == "refused" => evidence.refused = Some("the key is not known".to_owned()),
            None => return Err(format!("cannot read `{word}`").into()),
            Some(("day", number)) => evidence.collected = day(number.parse()?)?,
            Some(("confirms", number)) => evidence.confirms = Some(number.parse()?),
            Some(("expires", number)) => evidence.expires = Some(day(number.parse()?)?),
            Some(("rules", "none")) => evidence.rule_sets.clear(),
            Some(("rules", number)) => {
                evidence.rule_sets.insert("bartizan-artifact".to_owned(), number.parse()?);
            }
            Some((name, count)) if name.starts_with(char::is_uppercase) => {
                evidence.counts.insert(name.to_owned(), count.parse()?);
            }
            Some((name, value)) => match name.split_once(':') {
                Some((severity, rule)) => {
                    let count: u64 = value.parse()?;
                    *evidence.counts.entry(rule.to_owned()).or_insert(0) += count;
                    by_severity[severity][rule] = count.into();
                }
                None => {
                    evidence.facts.insert(name.to_owned(), serde_json::from_str::<Value>(value)?);
                }
            },
        }
    }
    if by_severity != json!({}) {
        evidence.facts.insert("counts.by-severity".to_owned(), by_severity);
    }
    Ok(evidence)
}

/// `a until=110 rules=PKL001,PKL003/os-system,=ART001:2 reason=… owner=… approver=… requester=…`.
fn exception(control: &ControlId, text: &str) -> Result<Exception> {
    let (name, options) = options(text)?;
    let reach = match options.get("rules") {
        Some(rules) => Reach::Rules(rules.split(',').map(set_aside).collect::<Result<_>>()?),
        None => Reach::Control,
    };
    let option = |name: &str, default: &str| options.get(name).copied().unwrap_or(default).to_owned();
    Ok(Exception {
        control: control.clone(),
        subject: digest(name),
        reach,
        reason: option("reason", "The file is never loaded."),
        owner: option("owner", "ana"),
        requester: option("requester", "ben"),
        approver: option("approver", "rita"),
        expires: day(options.get("until").ok_or("no end")?.parse()?)?,
        compensating: None,
    })
}

/// A rule, or with `=` before it and a number behind it, findings that were looked at one by one.
fn set_aside(text: &str) -> Result<SetAside> {
    let Some(findings) = text.strip_prefix('=') else { return Ok(SetAside::Rule(text.parse()?)) };
    let (key, most) = findings.split_once(':').ok_or("no number of findings")?;
    Ok(SetAside::Findings { key: key.to_owned(), most: most.parse()? })
}

/// `inherited a until=110 reason=… approver=… supplier`.
fn claim(control: &ControlId, text: &str) -> Result<Claim> {
    let (kind, rest) = text.split_once(' ').ok_or("no kind of claim")?;
    let (name, options) = options(rest)?;
    let kind = match kind {
        "inherited" => ClaimKind::Inherited,
        "not-applicable" => ClaimKind::NotApplicable,
        other => return Err(format!("no claim is called `{other}`").into()),
    };
    let basis = if options.contains_key("supplier") {
        Basis::Supplier(digest("statement"))
    } else {
        Basis::Approver(options.get("approver").copied().unwrap_or("rita").to_owned())
    };
    Ok(Claim {
        control: control.clone(),
        subject: (name != "*").then(|| digest(name)),
        kind,
        reason: options.get("reason").copied().unwrap_or("The host does it.").to_owned(),
        basis,
        expires: day(options.get("until").ok_or("no end")?.parse()?)?,
    })
}

fn options(text: &str) -> Result<(&str, BTreeMap<&str, &str>)> {
    let mut words = text.split_whitespace();
    let name = words.next().ok_or("no subject")?;
    Ok((name, words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect()))
}
