//! What people state, and a small world in which it bears on something.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{
    Asked, Assessment, Counted, Current, Decided, DecisionFault, Decisions, Evidence, ExceptionScope,
    InScope, Request, Scope, Stated, Status, Subject, approvals, assess, decided, decisions,
};
use bartizan_finding::{
    AssetId, ControlId, Digest, Finding, FindingSet, Location, Occurrence, PredicateKind, Rule, Severity,
    Timestamp,
};
use bartizan_standards::{Audience, Baseline, controls};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::case::{digest, evidence, today};

/// A rule of a model file.
///
/// ## What it finds
/// What the tests say.
/// ## Why it matters
/// A control reads its family.
/// ## Example
/// None.
/// ## Fix
/// None.
/// ## References
/// - none
#[derive(Rule)]
#[rule(code = "PKL001", severity = "critical", confidence = "high", controls = ["model-scan"])]
struct Loads;

/// The name and key of a person.
pub(crate) type Who = (&'static str, &'static str);

pub(crate) const ANA: Who = ("ana@example.com", "key-ana");
pub(crate) const BEN: Who = ("ben@example.com", "key-ben");
pub(crate) const EVE: Who = ("eve@example.com", "key-eve");

/// A moment, in hours before or after today.
pub(crate) fn hours(hours: i64) -> Timestamp {
    today() + SignedDuration::from_hours(hours)
}

/// An exception for a rule and the bytes called `file`, in the words of a statement.
pub(crate) fn exception() -> Request {
    let scope = ExceptionScope {
        rule: Some("PKL001".parse().expect("a rule")),
        subject: Some(digest("file")),
        ..ExceptionScope::default()
    };
    request(Asked::Exception(scope), 480)
}

pub(crate) fn request(asked: Asked, until: i64) -> Request {
    Request {
        asked,
        reason: "The file is never loaded.".to_owned(),
        owner: "training".parse().expect("an id"),
        compensating: None,
        expires: hours(until),
    }
}

/// Somebody asks, two days ago. Its envelope is the digest of what it says.
pub(crate) fn asks(index: u64, (name, key): Who, request: &Request) -> Stated {
    let facts = request.to_facts();
    Stated {
        index,
        envelope: Digest::of(json!([facts, name]).to_string().as_bytes()),
        kind: PredicateKind::Exception,
        signer: name.to_owned(),
        key: key.to_owned(),
        collected: hours(-48),
        expires: request.expires,
        subjects: vec![request.subject().unwrap_or_else(|| digest("project"))],
        facts,
    }
}

/// Somebody says something about an envelope, a day ago; it counts for a month.
pub(crate) fn says(index: u64, (name, key): Who, of: &str, about: Digest) -> Stated {
    Stated {
        index,
        envelope: digest(&format!("{index} {name} {of} {about}")),
        kind: PredicateKind::Approval,
        signer: name.to_owned(),
        key: key.to_owned(),
        collected: hours(-24),
        expires: hours(720),
        subjects: vec![about],
        facts: BTreeMap::from([("approval.of".to_owned(), json!(of))]),
    }
}

/// A model file with a finding of `PKL001`, of which the log holds a scan; and the model, which two people may
/// release.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) stated: Vec<Stated>,
    pub(crate) evidence: Vec<Evidence>,
    /// Findings and the bytes that they are about.
    pub(crate) findings: Vec<(Finding, Option<Digest>)>,
    pub(crate) current: Current,
    pub(crate) as_of: Timestamp,
}

/// What becomes of it.
pub(crate) struct Outcome {
    pub(crate) decided: Vec<Decided>,
    pub(crate) faults: Vec<DecisionFault>,
    pub(crate) decisions: Decisions,
    pub(crate) assessment: Assessment,
    /// Whether each finding is covered by some decision.
    pub(crate) covered: Vec<bool>,
}

impl World {
    /// Without any statement of a person.
    pub(crate) fn new() -> Self {
        let scan = evidence("#1 model-scan file rules=9 PKL001=1").expect("a line");
        Self {
            stated: Vec::new(),
            evidence: vec![scan],
            findings: vec![(finding("model/a.pkl", None, 1), Some(digest("file")))],
            current: Current {
                subjects: BTreeSet::from([digest("file"), digest("model")]),
                project: digest("project"),
            },
            as_of: today(),
        }
    }

    /// With an exception for the finding that holds: Ana asked, Ben agreed.
    pub(crate) fn excepted() -> Self {
        Self::asked(&exception())
    }

    /// With a request that Ana made and Ben agreed to.
    pub(crate) fn asked(request: &Request) -> Self {
        let mut world = Self::new();
        world.ask(request);
        world.stated.push(says(11, BEN, "decision", world.stated[0].envelope));
        world
    }

    /// Puts another request in the place of the first statement, to which whatever was agreed is then about.
    pub(crate) fn ask(&mut self, request: &Request) {
        let asked = asks(10, ANA, request);
        match &mut self.stated[..] {
            [] => self.stated.push(asked),
            [first, others @ ..] => {
                for other in others {
                    other.subjects = vec![asked.envelope];
                }
                *first = asked;
            }
        }
    }

    pub(crate) fn fact(&mut self, statement: usize, name: &str, value: Value) {
        self.stated[statement].facts.insert(name.to_owned(), value);
    }

    pub(crate) fn judge(&self) -> Outcome {
        let (decided, mut faults) = decided(&self.stated, &self.current, self.as_of);
        let (agreed, more) = approvals(&self.stated, self.as_of);
        faults.extend(more);
        let counted = self.findings.iter().map(|(finding, subject)| Counted {
            finding,
            subject: *subject,
            counted_for: subject.iter().copied().collect(),
        });
        let decisions = Decisions { approvals: agreed, ..decisions(&decided, &counted.collect::<Vec<_>>()) };
        let covered = |(finding, subject): &(Finding, Option<Digest>)| {
            decided.iter().any(|decided| bartizan_assure::covers(decided, finding, *subject))
        };
        Outcome {
            covered: self.findings.iter().map(covered).collect(),
            assessment: assess(controls(), &scope(), &self.evidence, &decisions, self.as_of),
            decisions,
            decided,
            faults,
        }
    }
}

impl Outcome {
    pub(crate) fn status(&self, control: &str) -> Status {
        let found = self.assessment.controls.iter().find(|found| found.id.as_str() == control);
        found.expect("a control of the catalogue").status
    }

    /// Where the first request stands and what else is not in order, for tables.
    pub(crate) fn told(&self) -> String {
        let first = self.decided.first().map(|decided| format!("{}: {}", decided.state, decided.why));
        let faults = self.faults.iter().map(|fault| format!("{:?}: {}", fault.kind, fault.why));
        first.into_iter().chain(faults).collect::<Vec<_>>().join(" | ")
    }
}

/// A finding of `PKL001` in the asset `assistant`, seen so many times.
pub(crate) fn finding(path: &str, variant: Option<&'static str>, count: u64) -> Finding {
    let mut set = FindingSet::new();
    for _ in 0..count {
        let mut occurrence = Occurrence::new(Loads::META, Location::file(path), "It loads code.");
        occurrence.variant = variant;
        set.push(Some(&AssetId::new("assistant")), occurrence);
    }
    set.finish().remove(0)
}

/// The same, of another severity.
pub(crate) fn finding_of(path: &str, severity: Severity) -> Finding {
    let mut set = FindingSet::new();
    let occurrence = Occurrence::new(Loads::META, Location::file(path), "It loads code.");
    set.push(Some(&AssetId::new("assistant")), occurrence.severity(severity));
    set.finish().remove(0)
}

fn scope() -> Scope {
    let of = |id: &str, label: &str| {
        let subject = Subject { id: id.to_owned(), label: label.to_owned(), digest: Some(digest(label)) };
        InScope::Subjects(vec![subject])
    };
    Scope {
        project: digest("project"),
        audience: BTreeSet::from([Audience::SystemProducer]),
        baselines: BTreeSet::from([Baseline::Ssdf218a]),
        controls: BTreeMap::from([
            (ControlId::new("model-scan"), of("assistant", "file")),
            (ControlId::new("release-approval"), of("assistant", "model")),
            (ControlId::new("usage-limits"), of("server", "server")),
        ]),
    }
}
