//! What people state with their own keys: requests, agreement to the requests of others, revocations, releases.
//!
//! A name that is typed counts for nothing. Who somebody is says the trust file, by the key that signs.

use std::collections::BTreeMap;

use bartizan_assure as assure;
use bartizan_attest::{
    Collector, Envelope, NotExamined, Predicate, ProjectRef, SigningKey, Statement, Subject, Tool, Trust,
};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{check::Request, desk::Desk, error::EngineError, record::draft, source::Source};

/// How long the agreement of a person counts by its own word; what it agrees to has an end of its own.
const AGREED_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Something a person says.
#[derive(Clone, Debug)]
pub enum Saying {
    /// Asks for an exception, a loss, a break-glass or a claim.
    Asks(Box<assure::Request>),
    /// Agrees to the request with this envelope.
    Agrees(Digest),
    /// Takes back the request with this envelope.
    Revokes {
        /// The envelope.
        request: Digest,
        /// Why.
        reason: String,
    },
    /// Agrees to the release of these bytes.
    Releases {
        /// The asset.
        asset: String,
        /// Its digest.
        digest: Digest,
        /// Who made it.
        author: String,
    },
}

/// What was recorded of a saying.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its entry in the log.
    pub index: u64,
    /// Names a request in commands: the first 12 hexadecimal digits of its envelope's digest.
    pub id: String,
    /// Who said it, as the trust file calls them.
    pub person: String,
}

/// Records what the holder of `key` says, in the log of the project that `request` names.
pub fn say(request: &Request, key: &SigningKey, saying: &Saying) -> Result<Said, EngineError> {
    let source = Source::declared(&request.path, request.config.as_deref())?
        .ok_or_else(|| EngineError::NotDeclared(request.path.clone()))?;
    let desk = Desk::open(request, &source)?;
    desk.check_recording()?;
    let now = desk.as_of;
    let kind = saying.kind();
    let person = entitled(&desk.state.trust, key, kind, now)?;
    let (subject, facts, expires) = saying.content(&source, now)?;
    let statement = Statement {
        subjects: vec![subject],
        kind,
        predicate: Predicate {
            tool: Tool { name: "bartizan".to_owned(), version: request.version.to_owned() },
            project: ProjectRef { name: source.project.name.clone(), root: source.project.root() },
            collector: person.clone(),
            rule_sets: BTreeMap::new(),
            parameters: BTreeMap::new(),
            counts: BTreeMap::new(),
            facts,
            complete: true,
            unexamined: NotExamined::default(),
            bytes_read_at: now,
            collected: now,
            expires,
        },
    };
    let id = id_of(&Envelope::sign(&statement, key)?.digest());
    let receipts = desk.state.ledger.append(&[draft(&statement, key, &person)?], now)?;
    desk.keep_head()?;
    Ok(Said { index: receipts.first().map_or(0, |receipt| receipt.index), id, person })
}

/// The name under which the trust file knows `key`, where it may make such statements now.
pub fn entitled(
    trust: &Trust,
    key: &SigningKey,
    kind: PredicateKind,
    now: Timestamp,
) -> Result<String, EngineError> {
    let refuse = |why: String| EngineError::NotEntitled { key: key.fingerprint(), why };
    let collector = known(trust, key)?;
    let name = &collector.name;
    if !collector.may.contains(&kind) {
        return Err(refuse(format!("`{name}` may not make {kind} statements")));
    }
    if collector.revoked.is_some() {
        return Err(refuse(format!("the key of `{name}` is revoked")));
    }
    if now < collector.from || now >= collector.until {
        return Err(refuse(format!(
            "the key of `{name}` is valid from {} until {}",
            collector.from, collector.until
        )));
    }
    Ok(name.clone())
}

/// The entry of the trust file with this key.
pub(crate) fn known<'t>(trust: &'t Trust, key: &SigningKey) -> Result<&'t Collector, EngineError> {
    let fingerprint = key.fingerprint();
    trust.collector(&fingerprint).ok_or_else(|| EngineError::NotEntitled {
        key: fingerprint,
        why: "the trust file does not name it; `bartizan trust add` does".to_owned(),
    })
}

impl Saying {
    const fn kind(&self) -> PredicateKind {
        match self {
            Self::Asks(_) => PredicateKind::Exception,
            Self::Agrees(_) | Self::Revokes { .. } | Self::Releases { .. } => PredicateKind::Approval,
        }
    }

    fn content(&self, source: &Source, now: Timestamp) -> Result<Content, EngineError> {
        let project = || Subject { name: source.project.name.clone(), digest: source.project.root() };
        let until = now.checked_add(AGREED_FOR).unwrap_or(Timestamp::MAX);
        let of = |word: &str| BTreeMap::from([(assure::APPROVAL_OF.to_owned(), json!(word))]);
        Ok(match self {
            Self::Asks(request) => {
                if let Some(fault) = request.fault(now, now) {
                    return Err(EngineError::Decision(fault));
                }
                let subject = request.subject().map_or_else(project, |digest| Subject {
                    name: request.about().chars().take(200).collect(),
                    digest,
                });
                (subject, request.to_facts(), request.expires)
            }
            Self::Agrees(request) => (decision(*request), of(assure::OF_DECISION), until),
            Self::Revokes { request, reason } => {
                let mut facts = of(assure::OF_REVOCATION);
                facts.insert("approval.reason".to_owned(), json!(reason));
                (decision(*request), facts, until)
            }
            Self::Releases { asset, digest, author } => {
                let mut facts = of(assure::OF_RELEASE);
                facts.insert(assure::APPROVAL_AUTHOR.to_owned(), json!(author));
                (Subject { name: asset.clone(), digest: *digest }, facts, until)
            }
        })
    }
}

type Content = (Subject, BTreeMap<String, Value>, Timestamp);

/// How commands call a request: the first 12 hexadecimal digits of its envelope's digest.
fn id_of(envelope: &Digest) -> String {
    envelope.hex().chars().take(12).collect()
}

/// A request as the subject of a statement.
fn decision(envelope: Digest) -> Subject {
    Subject { name: format!("decision {}", id_of(&envelope)), digest: envelope }
}
