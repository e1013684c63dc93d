use std::sync::{Mutex, MutexGuard, PoisonError};

use bartizan_finding::{Digest, Timestamp};

use super::{Origin, secret::secret};
use crate::host::{Failure, Host};

/// How many wrong tokens a minute are answered with more than "too many".
const WRONG_A_MINUTE: u32 = 10;

/// The link by which one person can come in, once.
pub(crate) struct Link {
    /// Where it leads.
    origin: Origin,
    force: Mutex<Force>,
}

/// What is in force.
struct Force {
    /// The digest of the token, which is what a request is held against.
    token: Digest,
    /// The whole address. The host writes it to a file, so that hiding it here would protect nothing.
    link: String,
    minute: i64,
    wrong: u32,
}

/// What came of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It was the one in force. It no longer is.
    Right,
    /// It was not.
    Wrong,
    /// It was not, and neither were many before it.
    TooMany,
}

impl Link {
    /// Makes the first one.
    pub(crate) fn new(origin: Origin, host: &dyn Host) -> Result<Self, Failure> {
        let (token, link) = renewed(&origin, host)?;
        host.link_renewed(&link);
        Ok(Self { origin, force: Mutex::new(Force { token, link, minute: 0, wrong: 0 }) })
    }

    /// The whole address of the one in force.
    pub(crate) fn text(&self) -> String {
        self.lock().link.clone()
    }

    /// Holds a token against the one in force. The right one counts however many wrong ones came before it: 256 bits
    /// are not guessed, and nobody can lock the owner out.
    pub(crate) fn try_token(&self, token: &str, host: &dyn Host) -> Result<Tried, Failure> {
        let mut force = self.lock();
        if Digest::of(token.as_bytes()) == force.token {
            let (token, link) = renewed(&self.origin, host)?;
            // Told before the lock is given back, so that the host learns of the links in their order.
            host.link_renewed(&link);
            *force = Force { token, link, minute: 0, wrong: 0 };
            return Ok(Tried::Right);
        }
        let minute = minute_of(host.now());
        if minute != force.minute {
            (force.minute, force.wrong) = (minute, 0);
        }
        force.wrong = force.wrong.saturating_add(1);
        Ok(if force.wrong > WRONG_A_MINUTE { Tried::TooMany } else { Tried::Wrong })
    }

    fn lock(&self) -> MutexGuard<'_, Force> {
        self.force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn renewed(origin: &Origin, host: &dyn Host) -> Result<(Digest, String), Failure> {
    let token = secret(host)?;
    Ok((Digest::of(token.as_bytes()), format!("{origin}/enter?token={token}")))
}

fn minute_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60)
}
