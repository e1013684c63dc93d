//! The index of the evidence: which entries of a log can still matter.
//!
//! It names entries and says nothing of what they say: each is read and judged anew at every start, against the root
//! of the log. So it cannot make evidence of anything. It could leave something out, and is therefore believed only
//! with the MAC of whoever holds the state folder, and only where everything that decides what matters is as it was
//! when it was made: the log, the trust file, the catalogue, what was seen from outside before a key was revoked. In
//! any other case it is passed over, and the log is read from its first entry.

use std::collections::BTreeSet;

use bartizan_attest::{KeyFingerprint, Trust};
use bartizan_finding::{Digest, Timestamp};
use bartizan_ledger::{Anchor, Ledger, LedgerError, View, Witnessed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Gathered, MAX_REFUSED, read::Bench, weight::Weights};

/// Where it lies below the state folder.
pub const INDEX_FILE: &str = "cache/evidence-v1";

/// The most bytes of an index that are read: several million entries.
pub const MAX_INDEX: u64 = 64 << 20;

const FIRST_LINE: &str = "bartizan evidence index 1";

/// How a log came to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// With the index, which covers so many entries.
    Index {
        /// How many.
        size: u64,
    },
    /// From its first entry, because there is no index.
    NoIndex,
    /// From its first entry, because the index is not to be used.
    PassedOver {
        /// Why, as a fragment that reads well after a colon.
        why: String,
    },
}

impl Resumed {
    /// What is to be said about it, in one line, if anything.
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Index { .. } | Self::NoIndex => None,
            Self::PassedOver { why } => Some(format!("The index of the evidence is made anew: {why}.")),
        }
    }
}

/// What an index holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    /// What it was made with.
    made_by: String,
    origin: String,
    size: u64,
    root: Digest,
    trust: Digest,
    catalogue: Digest,
    /// Of each revoked key, how many entries had been seen from outside before.
    seen_before: Vec<(KeyFingerprint, u64)>,
    /// When the newest entry was recorded.
    logged_at: Option<Timestamp>,
    counted: u64,
    more_refused: u64,
    /// The entries that count and can still matter.
    trusted: Vec<u64>,
    /// The newest of those that do not count.
    refused: Vec<u64>,
}

impl Gathered {
    /// Reads a log as [`Gathered::read_on`] does, with the help of an index where there is one and it is in order.
    /// The result is the same without it.
    ///
    /// `secret` is one of the state folder and of nothing else.
    pub fn resume(
        index: Option<&[u8]>,
        secret: &[u8; 32],
        ledger: &Ledger,
        view: &View,
        trust: &Trust,
        anchors: &[Anchor],
        as_of: Timestamp,
    ) -> Result<(Self, Resumed), LedgerError> {
        let weights = Weights::of(bartizan_standards::controls());
        let bench = Bench { ledger, view, trust, witnessed: Witnessed::by(anchors), as_of, weights };
        let mut resumed = Resumed::NoIndex;
        if let Some(bytes) = index {
            match Self::load(bytes, secret, &bench)? {
                Ok(mut gathered) => {
                    let size = gathered.size;
                    if gathered.follow(&bench)? {
                        return Ok((gathered, Resumed::Index { size }));
                    }
                    let why = "what was added since rests on entries that it leaves out".to_owned();
                    resumed = Resumed::PassedOver { why };
                }
                Err(why) => resumed = Resumed::PassedOver { why },
            }
        }
        let mut gathered = Self::default();
        gathered.go_on(&bench)?;
        Ok((gathered, resumed))
    }

    /// The index of what was read, to be written to [`INDEX_FILE`]. Nothing where another run could not rest on it:
    /// when more was added since, or when the time to judge by lies before the newest entry.
    pub fn index(
        &self,
        secret: &[u8; 32],
        view: &View,
        trust: &Trust,
        anchors: &[Anchor],
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.early || self.size != view.len() || self.size == 0 {
            return Ok(None);
        }
        let index = Index {
            made_by: made_by(),
            origin: view.head().origin.to_string(),
            size: self.size,
            root: view.head().root,
            trust: trust.head().digest,
            catalogue: Weights::of(bartizan_standards::controls()).digest(),
            seen_before: seen_before(trust, &Witnessed::by(anchors), self.size),
            logged_at: view.newest_logged_at()?,
            counted: self.counted,
            more_refused: self.more_refused,
            trusted: self.trusted.keys().copied().collect(),
            refused: self.refused.keys().copied().collect(),
        };
        let text = serde_json::to_vec(&index).expect("numbers, digests and names are always JSON");
        let tag = mac(secret, &text).finalize().into_bytes();
        let mut bytes = format!("{FIRST_LINE}\n{}\n", Digest::from_bytes(tag.into()).hex()).into_bytes();
        bytes.extend(text);
        Ok(Some(bytes))
    }

    /// What an index leads to, or why it is passed over.
    fn load(bytes: &[u8], secret: &[u8; 32], bench: &Bench<'_>) -> Result<Result<Self, String>, LedgerError> {
        let index = match Index::open(bytes, secret).and_then(|index| index.check(bench)) {
            Ok(index) => index,
            Err(why) => return Ok(Err(why.to_owned())),
        };
        if bench.view.root_at(index.size)? != index.root {
            return Ok(Err("it is of another history of the log".to_owned()));
        }
        let all: BTreeSet<u64> = index.trusted.iter().chain(&index.refused).copied().collect();
        let all: Vec<u64> = all.into_iter().collect();
        let mut gathered = Self::default();
        for part in all.chunks(super::STEP as usize) {
            for (at, read) in bench.pick(part)? {
                // Nobody stands by what was left out: that was seen to when the index was made.
                gathered.take(at, read, bench)?;
                let counts = gathered.trusted.contains_key(&at);
                if counts != index.trusted.binary_search(&at).is_ok()
                    || counts == gathered.refused.contains_key(&at)
                {
                    return Ok(Err(format!("entry {at} is not what it was when it was made")));
                }
            }
        }
        gathered.size = index.size;
        gathered.known_from = index.size;
        gathered.counted = index.counted;
        gathered.more_refused = index.more_refused;
        gathered.settled = gathered.trusted.len();
        Ok(Ok(gathered))
    }
}

impl Index {
    fn open(bytes: &[u8], secret: &[u8; 32]) -> Result<Self, &'static str> {
        const NO_INDEX: &str = "it is no index";
        if bytes.len() as u64 > MAX_INDEX {
            return Err("it is larger than any index");
        }
        let rest = bytes.strip_prefix(FIRST_LINE.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n"));
        let (tag, text) = rest.and_then(|rest| rest.split_at_checked(65)).ok_or(NO_INDEX)?;
        let tag = tag.strip_suffix(b"\n").and_then(|tag| std::str::from_utf8(tag).ok()).ok_or(NO_INDEX)?;
        let tag: Digest = tag.parse().map_err(|_| NO_INDEX)?;
        // The MAC first: nothing of the text is looked at before.
        mac(secret, text)
            .verify_slice(tag.as_bytes())
            .map_err(|_| "it was changed, or made with the keys of another state folder")?;
        let index: Self = serde_json::from_slice(text).map_err(|_| "an earlier version made it")?;
        let rises = |list: &[u64]| list.is_sorted_by(|a, b| a < b) && list.last() < Some(&index.size);
        let in_order = rises(&index.trusted) && rises(&index.refused) && index.refused.len() <= MAX_REFUSED;
        if in_order { Ok(index) } else { Err(NO_INDEX) }
    }

    /// Whether everything that decides what matters is as it was.
    fn check(self, bench: &Bench<'_>) -> Result<Self, &'static str> {
        let Bench { view, trust, witnessed, as_of, weights, .. } = bench;
        if self.made_by != made_by() {
            Err("another version made it")
        } else if self.origin != view.head().origin.as_str() || self.size > view.len() {
            Err("it is of another history of the log")
        } else if self.trust != trust.head().digest {
            Err("it was made under another trust file")
        } else if self.catalogue != weights.digest() {
            Err("it was made for other controls")
        } else if self.seen_before != seen_before(trust, witnessed, self.size) {
            Err("other anchors say what was seen before a key was revoked")
        } else if self.logged_at.is_some_and(|newest| newest > *as_of) {
            Err("the time to judge by lies before entries that it rests on")
        } else {
            Ok(self)
        }
    }
}

/// Another way of judging would make another index.
fn made_by() -> String {
    format!("{} {}", env!("CARGO_PKG_VERSION"), bartizan_attest::RULE_SET)
}

/// Of each revoked key, how many of the first `size` entries had been seen from outside before: this alone is what
/// anchors change about which statements count.
fn seen_before(trust: &Trust, witnessed: &Witnessed, size: u64) -> Vec<(KeyFingerprint, u64)> {
    let revoked = trust.collectors().iter().filter_map(|collector| {
        let at = collector.revoked.as_ref()?.at;
        Some((collector.key.fingerprint(), witnessed.before(at).min(size)))
    });
    revoked.collect()
}

fn mac(secret: &[u8; 32], text: &[u8]) -> Hmac<Sha256> {
    let new = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    // The secret may serve other ends too; this is a key of its own.
    let key = new(secret).chain_update(b"bartizan/evidence-index/v1").finalize().into_bytes();
    new(&key).chain_update(text)
}
