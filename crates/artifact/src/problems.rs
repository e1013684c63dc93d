//! Collects what a reader finds, within bounds.

use std::collections::BTreeMap;

use bartizan_finding::{Location, Occurrence, RuleMeta, Unexamined};

use crate::{Limits, escape};

/// Names from a file are shown at most this long.
pub(crate) const SHOWN: usize = 80;

/// The problems of one file.
pub(crate) struct Problems<'a> {
    path: &'a str,
    /// The archive members that are being read, outermost first; escaped and cut.
    chain: Vec<String>,
    cap: usize,
    found: Vec<Occurrence>,
    unexamined: Vec<Unexamined>,
    /// Places beyond the cap that were not looked at.
    more: u64,
    /// How often each rule was seen.
    seen: BTreeMap<&'static str, u64>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(path: &'a str, limits: &Limits) -> Self {
        Self {
            path,
            chain: Vec::new(),
            cap: limits.problems_per_rule,
            found: Vec::new(),
            unexamined: Vec::new(),
            more: 0,
            seen: BTreeMap::new(),
        }
    }

    /// Says that what follows is about a member of the archive that is being read, until [`Self::leave`].
    pub(crate) fn enter(&mut self, member: &str) {
        self.chain.push(escape(member, SHOWN));
    }

    /// Ends what [`Self::enter`] began.
    pub(crate) fn leave(&mut self) {
        self.chain.pop();
    }

    /// A range of bytes of the file or member that is being read, in the parts that lead to it.
    pub(crate) fn range(&self, members: &[&str], start: u64, end: u64) -> Location {
        let inner = members.iter().map(|member| escape(member, SHOWN));
        let members = self.chain.iter().cloned().chain(inner).collect();
        Location::Bytes { path: self.path.to_owned(), members, start, end }
    }

    /// The file or member as a whole.
    pub(crate) fn file(&self) -> Location {
        self.range(&[], 0, 0)
    }

    /// Adds a problem; beyond the cap it is counted only.
    pub(crate) fn push(&mut self, occurrence: Occurrence) {
        let seen = self.seen.entry(occurrence.rule.code.as_str()).or_insert(0);
        *seen += 1;
        if *seen <= self.cap as u64 {
            self.found.push(occurrence);
        }
    }

    /// Adds a problem of `rule` with the rule's own severity.
    pub(crate) fn add(&mut self, rule: &'static RuleMeta, location: Location, message: impl Into<String>) {
        self.push(Occurrence::new(rule, location, message));
    }

    /// Says that a range was not looked at.
    pub(crate) fn unexamined(&mut self, location: Location, reason: impl Into<String>) {
        if self.unexamined.len() < self.cap {
            self.unexamined.push(Unexamined::new(location, reason));
        } else {
            self.more += 1;
        }
    }

    /// The problems and what was not looked at.
    pub(crate) fn finish(mut self) -> (Vec<Occurrence>, Vec<Unexamined>) {
        for (code, count) in &self.seen {
            let more = count.saturating_sub(self.cap as u64);
            if more > 0 {
                let reason =
                    format!("{more} more problems of {code} are not listed, only the first {}", self.cap);
                self.unexamined.push(Unexamined::new(Location::file(self.path), reason));
            }
        }
        if self.more > 0 {
            let reason =
                format!("{} more places, of which only the first {} are listed", self.more, self.cap);
            self.unexamined.push(Unexamined::new(Location::file(self.path), reason));
        }
        (self.found, self.unexamined)
    }
}
