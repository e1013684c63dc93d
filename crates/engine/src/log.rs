//! The evidence log of a project, read for people: entries, statements with the verdict on each, and proofs.

use std::{path::Path, sync::Arc};

use bartizan_attest::{Envelope, Expect, Refusal, Seen, Trust, Verified};
use bartizan_finding::{Digest, Location, PredicateKind, Timestamp};
use bartizan_ledger::{
    Anchor, AnchorFault, Anchors, Content, Entry, Identity, Ledger, Subjects, View,
    fs::{Fs, RealFs},
};
use serde_json::Value;

use crate::{
    error::EngineError,
    outside,
    source::Source,
    state::{StateError, open_trust},
};

/// A log that is only read, and the trust file that says whose statements count.
#[derive(Debug)]
pub struct Log {
    fs: Arc<dyn Fs>,
    identity: Identity,
    trust: Trust,
    anchors: Anchors,
}

/// A recorded statement, as it stands in the log.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its entry.
    pub entry: Entry,
    /// The statement in the envelope, as it was signed; nothing where the envelope cannot be read.
    pub statement: Option<Value>,
    /// The signed envelope, as it was recorded.
    pub envelope: Option<Vec<u8>>,
    /// Who signed it, where that is somebody who may; else why it does not count, as a sentence.
    pub verdict: Result<String, String>,
    /// The proof that the entry is in the log, which can be verified without it.
    pub proof: String,
}

impl Log {
    /// Opens the log of a project in its state folder; nothing where the project has no keys.
    pub fn open(source: &Source, folder: &Path) -> Result<Option<Self>, EngineError> {
        if !folder.exists() {
            return Ok(None);
        }
        let trust = open_trust(folder, &source.project)?;
        let fs: Arc<dyn Fs> = Arc::new(RealFs::open(&folder.join("ledger")).map_err(StateError::from)?);
        let identity = Identity::reader(trust.log().name().clone(), [*trust.log().key()]);
        let anchors = outside::anchors(folder)?;
        Ok(Some(Self { fs, identity, trust, anchors }))
    }

    /// Where its files are.
    pub fn fs(&self) -> &Arc<dyn Fs> {
        &self.fs
    }

    /// Its name and keys.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whose statements count.
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The log itself, to be read.
    pub fn ledger(&self) -> Result<Ledger, EngineError> {
        Ok(Ledger::open(self.fs.clone(), self.identity.clone())?)
    }

    /// Who outside has seen the log, and what of that contradicts it.
    pub fn anchors(&self, view: &View) -> Result<(Vec<Anchor>, Vec<AnchorFault>), EngineError> {
        Ok(self.anchors.verified(view, &self.trust)?)
    }

    /// The statement of an entry, judged as of a time, with the proof that it is there.
    pub fn statement(&self, index: u64, now: Timestamp) -> Result<Shown, EngineError> {
        let ledger = self.ledger()?;
        let view = ledger.view()?;
        let entry = view.entry(index)?;
        let proof = bartizan_ledger::prove(&view, index)?;
        let as_of = bartizan_attest::as_of(now, view.newest_logged_at()?).time;
        let Content::Statement(content) = &entry.record.content else {
            let verdict = Err("It says that an envelope was erased.".to_owned());
            return Ok(Shown { entry, statement: None, envelope: None, verdict, proof });
        };
        let kind = PredicateKind::from_uri(&content.predicate);
        let bytes = match ledger.blob(&content.envelope) {
            Ok(bytes) => bytes,
            Err(error) => {
                let verdict = Err(format!("Its envelope cannot be read: {error}."));
                return Ok(Shown { entry, statement: None, envelope: None, verdict, proof });
            }
        };
        let parsed = Envelope::parse(&bytes);
        let statement =
            parsed.as_ref().ok().and_then(|envelope| serde_json::from_slice(envelope.payload()).ok());
        let (anchors, _) = self.anchors(&view)?;
        let witnessed = bartizan_ledger::witnessed_at(&anchors, index);
        let seen = Seen { logged_at: Some(entry.record.logged_at), witnessed, as_of };
        let judged = parsed.map_err(Refusal::from).and_then(|envelope| {
            let expect = Expect { project: self.trust.project(), predicate: kind };
            self.trust.judge(&envelope, &expect, &seen)
        });
        let verdict = judge(judged, &content.subjects, index);
        Ok(Shown { statement, envelope: Some(bytes), verdict, proof, entry })
    }
}

fn judge(judged: Result<Verified, Refusal>, subjects: &Subjects, index: u64) -> Result<String, String> {
    match judged {
        Ok(Verified { statement, key, .. }) => {
            let digests: Vec<Digest> = statement.subjects.iter().map(|subject| subject.digest).collect();
            if !subjects.are(digests) {
                return Err("Its entry names other subjects than its statement.".to_owned());
            }
            Ok(format!("Signed by the collector `{}` with the key {key}.", statement.predicate.collector))
        }
        Err(refusal) => Err(refusal.occurrence(Location::file(format!("ledger entry {index}"))).message),
    }
}
