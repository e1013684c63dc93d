use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bartizan_finding::{Digest, Timestamp};

use super::secret::{same, secret};
use crate::host::{Failure, Host};

/// More people than work on one project; the one who was away longest goes first.
const MOST: usize = 64;

/// Who came in and has not been away for too long. Cookies are kept as their digests alone.
pub(crate) struct Sessions {
    idle: Duration,
    open: Mutex<BTreeMap<Digest, Open>>,
}

struct Open {
    csrf: String,
    seen: Timestamp,
}

/// A session in which a request is made.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The digest of its cookie.
    pub(crate) key: Digest,
    /// What its forms carry.
    pub(crate) csrf: String,
}

impl Session {
    /// Whether a form carries what this session's forms carry.
    pub(crate) fn sent(&self, csrf: &str) -> bool {
        same(&self.csrf, csrf)
    }
}

impl Sessions {
    pub(crate) fn new(idle: Duration) -> Self {
        Self { idle, open: Mutex::default() }
    }

    /// Opens one and says the value of its cookie.
    pub(crate) fn open(&self, host: &dyn Host) -> Result<String, Failure> {
        let (cookie, csrf, now) = (secret(host)?, secret(host)?, host.now());
        let mut open = self.current(now);
        while open.len() >= MOST {
            let Some(oldest) = open.iter().min_by_key(|(_, one)| one.seen).map(|(key, _)| *key) else {
                break;
            };
            open.remove(&oldest);
        }
        open.insert(Digest::of(cookie.as_bytes()), Open { csrf, seen: now });
        Ok(cookie)
    }

    /// The session of a cookie; its idle time starts again if it is used.
    pub(crate) fn find(&self, cookie: &str, is_used: bool, now: Timestamp) -> Option<Session> {
        let key = Digest::of(cookie.as_bytes());
        let mut open = self.current(now);
        let one = open.get_mut(&key)?;
        if is_used {
            one.seen = now;
        }
        Some(Session { key, csrf: one.csrf.clone() })
    }

    /// Whether a session still goes on. Asking does not prolong it.
    pub(crate) fn goes_on(&self, key: &Digest, now: Timestamp) -> bool {
        self.current(now).contains_key(key)
    }

    /// Ends one.
    pub(crate) fn close(&self, key: &Digest) {
        self.lock().remove(key);
    }

    /// Those that go on. A clock that was set back makes nobody older, and from then on nobody younger: what was seen
    /// later than now was seen now.
    fn current(&self, now: Timestamp) -> MutexGuard<'_, BTreeMap<Digest, Open>> {
        let mut open = self.lock();
        open.retain(|_, one| {
            one.seen = one.seen.min(now);
            !Duration::try_from(now.duration_since(one.seen)).is_ok_and(|away| away > self.idle)
        });
        open
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Digest, Open>> {
        // Each change is a single step, so that a thread which panicked left nothing half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
