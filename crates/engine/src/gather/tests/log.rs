//! Logs to read evidence from.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bartizan_assure::{Decisions, InScope, Scope, Subject, assess};
use bartizan_attest::{
    Collector, Envelope, NotExamined, NoteVerifier, Predicate, ProjectRef, Revocation, SigningKey, Statement,
    Subject as About, Tool, Trust, TrustContent,
};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Anchor, Draft, Identity, Ledger, MemoryFs, Subjects};
use serde_json::{Value, json};

use crate::gather::{Gathered, Resumed, STANDS_BY};

pub(super) const ORIGIN: &str = "bartizan.example/gather";
pub(super) const SECRET: [u8; 32] = [5; 32];

pub(super) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32])
}

/// The time so many minutes after the start.
pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

/// Two collectors, `a` and `b`, who may state everything; `b` may be revoked from a minute on.
pub(super) fn trust(revoked: Option<i64>) -> Trust {
    let collector = |name: &str, seed, revoked: Option<i64>| Collector {
        name: name.to_owned(),
        key: key(seed).verifying_key(),
        may: PredicateKind::ALL
            .into_iter()
            .filter(|kind| {
                !matches!(kind, PredicateKind::Exception | PredicateKind::Approval | PredicateKind::Trust)
            })
            .collect(),
        from: at(-10_000),
        until: at(1_000_000),
        revoked: revoked.map(|minute| Revocation { at: at(minute), reason: "lost".to_owned() }),
    };
    let content = TrustContent {
        project: "helpdesk".to_owned(),
        self_attested: false,
        log: NoteVerifier::new(ORIGIN.parse().unwrap(), key(1).verifying_key()),
        collectors: vec![collector("a", 11, None), collector("b", 12, revoked)],
        witnesses: Vec::new(),
        authorities: Vec::new(),
    };
    let signed = content.sign(None, &key(2)).unwrap();
    Trust::open(signed.toml.as_bytes(), &signed.envelope, None, &key(2).verifying_key()).unwrap()
}

/// What is stated.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) kind: PredicateKind,
    /// 0 and 1 are the collectors; 2 is a stranger.
    pub(super) by: u8,
    pub(super) about: Vec<u8>,
    /// In minutes, like the time of recording.
    pub(super) collected: i64,
    pub(super) complete: bool,
    /// Findings that speak against the model.
    pub(super) found: u64,
    pub(super) rules: u32,
    pub(super) facts: BTreeMap<String, Value>,
}

impl Said {
    pub(super) fn scan(by: u8, about: u8, collected: i64) -> Self {
        Self {
            kind: PredicateKind::ModelScan,
            by,
            about: vec![about],
            collected,
            complete: true,
            found: 0,
            rules: 100,
            facts: BTreeMap::new(),
        }
    }

    pub(super) fn run(by: u8, collected: i64, stands_by: &[Digest]) -> Self {
        let listed: Vec<_> = stands_by.iter().map(Digest::hex).collect();
        let facts = BTreeMap::from([
            (STANDS_BY.to_owned(), json!(listed)),
            ("ledger.verified".to_owned(), json!(true)),
            (crate::record::RUN_FINDINGS.to_owned(), json!({})),
        ]);
        Self { kind: PredicateKind::CheckRun, facts, ..Self::scan(by, 200, collected) }
    }

    pub(super) fn envelope(&self) -> Envelope {
        let read = at(self.collected);
        let rules = ["bartizan-artifact", "bartizan-attest", "bartizan-dataset", "bartizan-detect"];
        let statement = Statement {
            subjects: self
                .about
                .iter()
                .map(|one| About { name: format!("file-{one}"), digest: Digest::of(&[*one]) })
                .collect(),
            kind: self.kind,
            predicate: Predicate {
                tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
                project: ProjectRef { name: "helpdesk".to_owned(), root: Digest::of(&[200]) },
                collector: if self.by == 1 { "b" } else { "a" }.to_owned(),
                rule_sets: rules.iter().map(|name| ((*name).to_owned(), self.rules)).collect(),
                parameters: BTreeMap::new(),
                counts: BTreeMap::from([("PKL001".to_owned(), self.found)]),
                facts: self.facts.clone(),
                complete: self.complete,
                unexamined: NotExamined { total: u64::from(!self.complete), listed: Vec::new() },
                bytes_read_at: read,
                collected: read,
                expires: at(self.collected + 40_000),
            },
        };
        Envelope::sign(&statement, &key(11 + self.by)).unwrap()
    }

    pub(super) fn draft(&self) -> Draft {
        let envelope = self.envelope();
        Draft::Statement {
            envelope: envelope.to_bytes(),
            predicate: self.kind.uri(),
            subjects: Subjects::of(self.about.iter().map(|one| Digest::of(&[*one]))),
            collected: at(self.collected),
            expires: None,
            key: key(11 + self.by).fingerprint(),
            actor: "ci".to_owned(),
        }
    }

    pub(super) fn digest(&self) -> Digest {
        self.envelope().digest()
    }
}

pub(super) struct Log {
    pub(super) fs: MemoryFs,
    pub(super) ledger: Ledger,
}

impl Log {
    pub(super) fn new() -> Self {
        let fs = MemoryFs::new();
        let identity = Identity::writer(ORIGIN.parse().unwrap(), key(1));
        Self { ledger: Ledger::create(Arc::new(fs.clone()), identity).unwrap(), fs }
    }

    pub(super) fn say(&self, said: &Said, minute: i64) -> u64 {
        self.ledger.append(&[said.draft()], at(minute)).unwrap()[0].index
    }

    pub(super) fn read(&self, trust: &Trust, anchors: &[Anchor], now: i64) -> Gathered {
        let mut gathered = Gathered::default();
        gathered.read_on(&self.ledger, &self.ledger.view().unwrap(), trust, anchors, at(now)).unwrap();
        gathered
    }

    pub(super) fn index(&self, trust: &Trust, anchors: &[Anchor], now: i64) -> Option<Vec<u8>> {
        let view = self.ledger.view().unwrap();
        self.read(trust, anchors, now).index(&SECRET, &view, trust, anchors).unwrap()
    }

    pub(super) fn resume(
        &self,
        index: &[u8],
        trust: &Trust,
        anchors: &[Anchor],
        now: i64,
    ) -> (Gathered, Resumed) {
        let view = self.ledger.view().unwrap();
        Gathered::resume(Some(index), &SECRET, &self.ledger, &view, trust, anchors, at(now)).unwrap()
    }
}

/// Everything that others can see of it.
pub(super) fn seen(gathered: &Gathered) -> String {
    format!(
        "{:#?}\n{:#?}\n{:#?}\n{} {} {}\n{:#?}",
        gathered.evidence(),
        gathered.trusted,
        gathered.refused,
        gathered.counted,
        gathered.more_refused,
        gathered.size,
        gathered.newest
    )
}

/// How controls stand by evidence, in a scope of three files.
pub(super) fn standing(evidence: &[bartizan_assure::Evidence], now: i64) -> String {
    let subjects = |id: &str, numbers: &[u8]| {
        let subject = |number: &u8| Subject {
            id: format!("{id}-{number}"),
            label: String::new(),
            digest: Some(Digest::of(&[*number])),
        };
        InScope::Subjects(numbers.iter().map(subject).collect())
    };
    let controls = bartizan_standards::controls()
        .iter()
        .map(|control| (control.id.clone(), subjects("file", &[0, 1, 2])))
        .collect();
    let scope = Scope {
        project: Digest::of(&[200]),
        audience: BTreeSet::new(),
        baselines: BTreeSet::new(),
        controls,
    };
    let assessment = assess(bartizan_standards::controls(), &scope, evidence, &Decisions::default(), at(now));
    let stands = assessment.controls.iter().map(|control| format!("{} {:?}", control.id, control.subjects));
    stands.collect::<Vec<_>>().join("\n")
}
