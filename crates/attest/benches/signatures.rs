//! What judging a recorded envelope costs beside the verification of its signature: `cargo xtask bench signatures`.
//!
//! The bound holds everything else against that one verification, by the strict rules: reading the envelope, the
//! statement and the trust file. What a batch would cost stands beside it without a bound, since a batch accepts
//! signatures that the strict rules refuse (`docs/adr/0005-signatures-are-verified-one-by-one.md`).

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

use bartizan_attest::{
    Collector, Envelope, Expect, IN_TOTO_PAYLOAD, NotExamined, NoteVerifier, Predicate, ProjectRef, Seen,
    SigningKey, Statement, Subject, Tool, Trust, TrustContent, pae,
};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_measure::{Clock, Times, interleave};

const ENVELOPES: u64 = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_second(1_800_000_000)?;
    let ci = SigningKey::from_seed([3; 32]);
    let trust = trust(&ci, now)?;
    let sign = |number| Envelope::sign(&statement(number, now), &ci).map(|envelope| envelope.to_bytes());
    let recorded = (0..ENVELOPES).map(sign).collect::<Result<Vec<_>, _>>()?;

    let parsed = recorded.iter().map(|bytes| Envelope::parse(bytes)).collect::<Result<Vec<_>, _>>()?;
    let messages: Vec<_> = parsed.iter().map(|envelope| pae(IN_TOTO_PAYLOAD, envelope.payload())).collect();
    let messages: Vec<_> = messages.iter().map(Vec::as_slice).collect();
    let signatures =
        parsed.iter().map(|envelope| ed25519_dalek::Signature::from_slice(&envelope.signatures()[0].sig));
    let signatures = signatures.collect::<Result<Vec<_>, _>>()?;
    let key = ci.verifying_key();
    let keys = vec![ed25519_dalek::VerifyingKey::from_bytes(key.as_bytes())?; recorded.len()];

    let mut batch = || Ok(ed25519_dalek::verify_batch(&messages, &signatures, &keys)?);
    let mut alone = || {
        let all = messages
            .iter()
            .zip(&parsed)
            .all(|(message, envelope)| key.verify(message, &envelope.signatures()[0].sig));
        if all { Ok(()) } else { Err("a signature does not verify".into()) }
    };
    let mut judged = || {
        let seen = Seen { logged_at: Some(now), witnessed: None, as_of: now };
        let expect = Expect { project: "helpdesk", predicate: Some(PredicateKind::ModelScan) };
        for bytes in &recorded {
            trust.judge(&Envelope::parse(bytes)?, &expect, &seen)?;
        }
        Ok::<_, Box<dyn Error>>(())
    };
    let [batch, alone, judged] = interleave(Clock::Cpu, 5, [&mut batch, &mut alone, &mut judged])?;

    let each = |times: &Times, name: &str| {
        bartizan_measure::Figure::new(name, times.median() / ENVELOPES as f64 * 1e6, "µs", times.runs())
    };
    each(&alone, "signature alone, strict").print();
    each(&judged, "envelope parsed and judged").ratio_to("signature alone, strict").at_most(1.2).print();
    each(&batch, "signature in one batch").ratio_to("signature alone, strict").print();
    Ok(())
}

fn trust(ci: &SigningKey, now: Timestamp) -> Result<Trust, Box<dyn Error>> {
    let [root, log] = [1, 2].map(|seed| SigningKey::from_seed([seed; 32]));
    let content = TrustContent {
        project: "helpdesk".to_owned(),
        self_attested: true,
        log: NoteVerifier::new("example.com/helpdesk".parse()?, log.verifying_key()),
        collectors: vec![Collector {
            name: "ci".to_owned(),
            key: ci.verifying_key(),
            may: BTreeSet::from([PredicateKind::ModelScan]),
            from: now - jiff::SignedDuration::from_hours(24),
            until: now + jiff::SignedDuration::from_hours(24),
            revoked: None,
        }],
        witnesses: Vec::new(),
        authorities: Vec::new(),
    };
    let signed = content.sign(None, &root)?;
    Ok(Trust::open(signed.toml.as_bytes(), &signed.envelope, None, &root.verifying_key())?)
}

/// The statement of a scan that found little, as most do.
fn statement(number: u64, now: Timestamp) -> Statement {
    Statement {
        subjects: vec![Subject {
            name: format!("model/{number}.safetensors"),
            digest: Digest::of(&number.to_be_bytes()),
        }],
        kind: PredicateKind::ModelScan,
        predicate: Predicate {
            tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
            project: ProjectRef { name: "helpdesk".to_owned(), root: Digest::of(b"project") },
            collector: "ci".to_owned(),
            rule_sets: BTreeMap::from([("bartizan-artifact".to_owned(), 1)]),
            parameters: BTreeMap::new(),
            counts: BTreeMap::from([("STS004".to_owned(), number % 3)]),
            facts: BTreeMap::from([("format".to_owned(), "safetensors".into())]),
            complete: true,
            unexamined: NotExamined::default(),
            bytes_read_at: now,
            collected: now,
            expires: now + jiff::SignedDuration::from_hours(24 * 30),
        },
    }
}
