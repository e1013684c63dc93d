use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use bartizan_finding::Timestamp;

use super::Progress;
use crate::host::Watch;

/// What a check tells while it works. Its threads only count here; somebody else looks, at a pace that people can
/// follow.
#[derive(Debug)]
pub(super) struct Meter {
    started: Timestamp,
    stage: Mutex<&'static str>,
    files: AtomicU64,
    bytes: AtomicU64,
    files_done: AtomicU64,
    bytes_done: AtomicU64,
    cancelled: AtomicBool,
}

impl Meter {
    pub(super) fn new(started: Timestamp) -> Self {
        Self {
            started,
            stage: Mutex::new("load"),
            files: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            files_done: AtomicU64::new(0),
            bytes_done: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
        }
    }

    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Relaxed);
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            started: self.started,
            stage: *self.stage.lock().unwrap_or_else(PoisonError::into_inner),
            files: self.files.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            files_done: self.files_done.load(Relaxed),
            bytes_done: self.bytes_done.load(Relaxed),
            cancelling: self.cancelled.load(Relaxed),
        }
    }
}

impl Watch for Meter {
    fn stage(&self, stage: &'static str) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    fn planned(&self, files: u64, bytes: u64) {
        self.files.store(files, Relaxed);
        self.bytes.store(bytes, Relaxed);
    }

    fn read(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Relaxed);
    }

    fn file_done(&self, _path: &str) {
        self.files_done.fetch_add(1, Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Relaxed)
    }
}
