//! The ledger in its folder: opening, appending, reading.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bartizan_attest::{KeyFingerprint, NoteName, NoteVerifier, SigningKey, VerifyingKey};
use bartizan_finding::{Digest, Timestamp};

use crate::{
    LedgerError,
    error::Damage,
    fs::Fs,
    head::{Head, MAX_CHECKPOINT},
    record::{Content, MAX_ENVELOPE, Record, RecordError, Statement, Subjects},
    tail::{Growth, Tail},
    tile::Tile,
    view::View,
    write::{self, Staged, WriteError},
};

/// Whose ledger it is: the log's name, the keys that its checkpoints may be signed with, and, for who may append,
/// the private key.
#[derive(Clone, Debug)]
pub struct Identity {
    origin: NoteName,
    keys: Vec<NoteVerifier>,
    signer: Option<SigningKey>,
}

impl Identity {
    /// For reading only. More than one key where the log's key was changed.
    pub fn reader(origin: NoteName, keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let reader = Self { origin, keys: Vec::new(), signer: None };
        keys.into_iter().fold(reader, Self::and_key)
    }

    /// For reading and appending.
    pub fn writer(origin: NoteName, key: SigningKey) -> Self {
        let reader = Self::reader(origin, [key.verifying_key()]);
        Self { signer: Some(key), ..reader }
    }

    /// Also believes checkpoints that an earlier key of the log signed.
    #[must_use]
    pub fn and_key(mut self, key: VerifyingKey) -> Self {
        self.keys.push(NoteVerifier::new(self.origin.clone(), key));
        self
    }

    /// The log's name.
    pub const fn origin(&self) -> &NoteName {
        &self.origin
    }

    /// The keys that checkpoints are verified with.
    pub fn keys(&self) -> &[NoteVerifier] {
        &self.keys
    }
}

/// What is to be appended.
#[derive(Clone, Debug)]
pub enum Draft {
    /// A signed statement.
    Statement {
        /// The envelope's bytes; they are stored as they are.
        envelope: Vec<u8>,
        /// The predicate type, such as `urn:bartizan:model-scan:v1`.
        predicate: String,
        /// What the statement is about.
        subjects: Subjects,
        /// When the evidence was collected.
        collected: Timestamp,
        /// When it stops counting.
        expires: Option<Timestamp>,
        /// The key that signed the envelope.
        key: KeyFingerprint,
        /// Who records it.
        actor: String,
    },
    /// The removal of an envelope from the blobs.
    Erase {
        /// The digest of the envelope.
        envelope: Digest,
        /// Why.
        reason: String,
        /// Who removes it.
        actor: String,
    },
}

/// That an entry is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its index in the log.
    pub index: u64,
    /// The hash of its leaf.
    pub hash: Digest,
    /// The size of the log in the first checkpoint that covers it.
    pub size: u64,
}

/// A tamper-evident log of signed statements, in a folder.
///
/// Several processes and threads may append at once: the lock is held for one batch, and each batch starts from the
/// log as it is on disk then.
#[derive(Debug)]
pub struct Ledger {
    fs: Arc<dyn Fs>,
    identity: Identity,
    poisoned: AtomicBool,
    appender: Mutex<Appender>,
}

/// What one batch learns for the next, once it is durable: a batch that fails leaves no tail.
#[derive(Debug, Default)]
struct Appender {
    tail: Option<Tail>,
    folders: BTreeSet<String>,
}

impl Ledger {
    /// Opens the ledger in a folder. What a process that died has left unfinished is removed, if the ledger is
    /// opened for writing.
    pub fn open(fs: Arc<dyn Fs>, identity: Identity) -> Result<Self, LedgerError> {
        let ledger = Self { fs, identity, poisoned: AtomicBool::new(false), appender: Mutex::default() };
        ledger.head()?;
        if ledger.identity.signer.is_some()
            && let Ok(Some(_lock)) = ledger.fs.try_lock("lock")
        {
            // Whatever cannot be removed is removed or overwritten by the next batch, or is its error.
            let _ = write::sweep(&*ledger.fs);
        }
        Ok(ledger)
    }

    /// Opens the ledger in a folder, or starts an empty one if there is none.
    pub fn create(fs: Arc<dyn Fs>, identity: Identity) -> Result<Self, LedgerError> {
        match Self::open(Arc::clone(&fs), identity.clone()) {
            Err(LedgerError::Absent) => {}
            opened => return opened,
        }
        let key = identity.signer.as_ref().ok_or(LedgerError::NoKey)?;
        {
            let _lock = write::lock(&*fs)?;
            // Somebody else may have been faster.
            if matches!(read_note(&*fs), Err(LedgerError::Absent)) {
                let empty = Head::sign(&identity.origin, 0, crate::merkle::empty_root(), key);
                let mut folders = BTreeSet::new();
                let mut staged = Staged::new(&*fs, &mut folders, 1);
                staged
                    .add(CHECKPOINT.to_owned(), empty.note.as_bytes())
                    .and_then(|()| staged.finish())
                    .map_err(|failed| failed.error)?;
            }
        }
        Self::open(fs, identity)
    }

    /// Appends a batch and returns when it is durable, with one receipt for each draft. All of a batch is recorded
    /// or nothing.
    ///
    /// `now` becomes the time of recording, unless the log already has a later one: times in it never go back.
    pub fn append(&self, drafts: &[Draft], now: Timestamp) -> Result<Vec<Receipt>, LedgerError> {
        let key = self.identity.signer.as_ref().ok_or(LedgerError::NoKey)?;
        drafts.iter().try_for_each(Draft::check)?;
        let mut appender = self.appender.lock().unwrap_or_else(PoisonError::into_inner);
        if self.poisoned.load(Ordering::Acquire) {
            return Err(LedgerError::Poisoned);
        }
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let _lock = write::lock(&*self.fs)?;
        let outcome = self.append_locked(&mut appender, key, drafts, now);
        outcome.map_err(|failed| {
            if failed.of_sync {
                self.poisoned.store(true, Ordering::Release);
            } else {
                // Room on a full disk; what cannot be removed is overwritten by the next batch.
                let _ = write::sweep(&*self.fs);
            }
            failed.error
        })
    }

    fn append_locked(
        &self,
        appender: &mut Appender,
        key: &SigningKey,
        drafts: &[Draft],
        now: Timestamp,
    ) -> Result<Vec<Receipt>, WriteError> {
        let fs = &*self.fs;
        let mut tail = self.tail(appender.tail.take())?;
        let old_size = tail.size();
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let now = tail.logged_at.map_or(now, |newest| newest.max(now));

        let mut entries = Vec::with_capacity(drafts.len());
        let mut blobs = BTreeMap::new();
        for draft in drafts {
            let (digest, blob) = draft.blob();
            entries.push(draft.record(now, digest).to_bytes().map_err(LedgerError::from)?);
            blobs.insert(digest, blob);
        }
        let Growth { files, leaves } = tail.grow(&entries);
        for (tile, _) in &files {
            remove_stale(fs, *tile, old_size)?;
        }
        let mut staged = Staged::new(fs, &mut appender.folders, files.len() + blobs.len());
        for (digest, blob) in &blobs {
            if let Some(bytes) = blob {
                staged.add(blob_path(digest), bytes)?;
            }
        }
        for (tile, bytes) in &files {
            staged.add(tile.path(), bytes)?;
        }
        let head = Head::sign(&self.identity.origin, tail.size(), tail.root(), key);
        staged.add(CHECKPOINT.to_owned(), head.note.as_bytes())?;
        staged.finish()?;

        // From here on the batch is recorded, whatever happens.
        for (tile, _) in files.iter().filter(|(tile, _)| tile.is_full()) {
            remove_superseded(fs, tile);
            appender.folders.remove(&tile.partials());
        }
        for digest in blobs.iter().filter(|(_, blob)| blob.is_none()).map(|(digest, _)| digest) {
            erase(fs, &blob_path(digest))?;
        }
        let size = tail.size();
        tail.head = head;
        tail.logged_at = Some(now);
        appender.tail = Some(tail);
        let indexed = (old_size..).zip(leaves);
        Ok(indexed.map(|(index, hash)| Receipt { index, hash, size }).collect())
    }

    /// The tail of the log as it is on disk now: the one of the last batch, if nobody else has appended since.
    fn tail(&self, known: Option<Tail>) -> Result<Tail, LedgerError> {
        let note = read_note(&*self.fs)?;
        let Some(known) = known else {
            return Tail::load(&self.view_at(&note)?);
        };
        if known.head.note.as_bytes() == note {
            return Ok(known);
        }
        let view = self.view_at(&note)?;
        if view.len() < known.size() {
            return Err(LedgerError::damaged(CHECKPOINT, Damage::RolledBack));
        }
        if view.root_at(known.size())? != known.head.root {
            return Err(LedgerError::damaged(CHECKPOINT, Damage::Forked));
        }
        Tail::load(&view)
    }

    /// The newest checkpoint, with its signature verified.
    pub fn head(&self) -> Result<Head, LedgerError> {
        Ok(Head::parse(&read_note(&*self.fs)?, &self.identity.keys)?)
    }

    /// The checkpoint of the log when it had `size` entries, which need never have been signed before: for what
    /// somebody outside saw while the log went on.
    pub fn head_at(&self, size: u64) -> Result<Head, LedgerError> {
        let key = self.identity.signer.as_ref().ok_or(LedgerError::NoKey)?;
        let root = self.view()?.root_at(size)?;
        Ok(Head::sign(&self.identity.origin, size, root, key))
    }

    /// The log as it is now.
    pub fn view(&self) -> Result<View, LedgerError> {
        self.view_at(&read_note(&*self.fs)?)
    }

    fn view_at(&self, note: &[u8]) -> Result<View, LedgerError> {
        View::open(Arc::clone(&self.fs), Head::parse(note, &self.identity.keys)?)
    }

    /// The bytes of an envelope, checked against its digest.
    pub fn blob(&self, digest: &Digest) -> Result<Vec<u8>, LedgerError> {
        read_blob(&*self.fs, digest)
    }

    /// Whose ledger it is.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The folder.
    pub fn fs(&self) -> &Arc<dyn Fs> {
        &self.fs
    }
}

impl Draft {
    /// Whether it can be recorded.
    pub(crate) fn check(&self) -> Result<(), RecordError> {
        if let Self::Statement { envelope, .. } = self
            && envelope.len() as u64 > MAX_ENVELOPE
        {
            return Err(RecordError::Value { field: "envelope", why: "is over 16 MiB" });
        }
        self.record(Timestamp::MAX, Digest::from_bytes([0; 32])).to_bytes().map(drop)
    }

    /// The digest of the envelope, and its bytes if they have to be there once this is recorded.
    fn blob(&self) -> (Digest, Option<&[u8]>) {
        match self {
            Self::Statement { envelope, .. } => (Digest::of(envelope), Some(envelope)),
            Self::Erase { envelope, .. } => (*envelope, None),
        }
    }

    fn record(&self, logged_at: Timestamp, digest: Digest) -> Record {
        match self {
            Self::Statement { envelope, predicate, subjects, collected, expires, key, actor } => {
                let content = Content::Statement(Statement {
                    envelope: digest,
                    size: envelope.len() as u64,
                    predicate: predicate.clone(),
                    subjects: subjects.clone(),
                    collected: *collected,
                    expires: *expires,
                    key: *key,
                });
                Record { logged_at, actor: actor.clone(), content }
            }
            Self::Erase { reason, actor, .. } => {
                let content = Content::Tombstone { erased: digest, reason: reason.clone() };
                Record { logged_at, actor: actor.clone(), content }
            }
        }
    }
}

/// The file of the newest checkpoint.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Where an envelope lies.
pub(crate) fn blob_path(digest: &Digest) -> String {
    let hex = digest.hex();
    let (folder, name) = hex.split_at(2);
    format!("{BLOBS}/{folder}/{name}")
}

/// The folder of the envelopes.
pub(crate) const BLOBS: &str = "blobs/sha256";

pub(crate) fn read_blob(fs: &dyn Fs, digest: &Digest) -> Result<Vec<u8>, LedgerError> {
    let path = blob_path(digest);
    match fs.read(&path, MAX_ENVELOPE) {
        Ok(bytes) if Digest::of(&bytes) == *digest => Ok(bytes),
        Ok(_) => Err(LedgerError::BlobAltered(*digest)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Err(LedgerError::BlobMissing(*digest)),
            io::ErrorKind::FileTooLarge => Err(LedgerError::BlobAltered(*digest)),
            _ => Err(LedgerError::io("read", &path, error)),
        },
    }
}

/// The bytes of the checkpoint. Without it there is no ledger, unless there are entries.
pub(crate) fn read_note(fs: &dyn Fs) -> Result<Vec<u8>, LedgerError> {
    match fs.read(CHECKPOINT, MAX_CHECKPOINT) {
        Ok(note) => Ok(note),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs.list("tile/entries") {
            Ok(items) if !items.is_empty() => Err(LedgerError::CheckpointGone),
            _ => Err(LedgerError::Absent),
        },
        Err(error) => Err(crate::view::unreadable(CHECKPOINT.to_owned(), error)),
    }
}

/// Removes partial forms of a tile that a batch which never came to its checkpoint has left. They would come to lie
/// within the log, with other content than it has. The folder is synced with the batch.
fn remove_stale(fs: &dyn Fs, tile: Tile, old_size: u64) -> Result<(), WriteError> {
    let folder = tile.partials();
    let Ok(items) = fs.list(&folder) else {
        return Ok(());
    };
    let relied_on = tile.row.width(tile.index, old_size);
    let mut removed = false;
    for item in items {
        let path = format!("{folder}/{}", item.name);
        if Tile::from_path(&path).is_some_and(|found| found.width > relied_on) {
            fs.remove_file(&path).map_err(|error| LedgerError::io("remove", &path, error))?;
            removed = true;
        }
    }
    if removed {
        fs.sync_folder(&folder).map_err(|error| WriteError::sync(&folder, error))?;
    }
    Ok(())
}

/// Removes the partial forms of a tile that is now full, as tlog-tiles allows. Whatever stays does no harm: it is a
/// beginning of the full tile.
fn remove_superseded(fs: &dyn Fs, tile: &Tile) {
    let folder = tile.partials();
    for item in fs.list(&folder).unwrap_or_default() {
        let _ = fs.remove_file(&format!("{folder}/{}", item.name));
    }
    let _ = fs.remove_folder(&folder);
}

fn erase(fs: &dyn Fs, path: &str) -> Result<(), WriteError> {
    match fs.remove_file(path) {
        Ok(()) => {
            let folder = crate::fs::parent(path);
            fs.sync_folder(folder).map_err(|error| WriteError::sync(folder, error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(LedgerError::io("erase", path, error).into()),
    }
}
