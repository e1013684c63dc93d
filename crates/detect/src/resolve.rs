use crate::{Match, detector::Rank};

/// What detectors said, until it is certain which of overlapping matches is shown.
///
/// A match is left out when a match of a stronger [`Rank`] overlaps it, or when one of the same rank holds it.
/// Both are facts about the text, not about the order in which detectors spoke.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    /// By start, then the longer first, then the stronger, then by detector.
    raws: Vec<Raw>,
}

/// A match that may yet be left out.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) rank: Rank,
    pub(crate) detector: usize,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Taken when it has been decided.
    pub(crate) found: Option<Match>,
}

impl Raw {
    fn key(&self) -> (u64, std::cmp::Reverse<u64>, Rank, usize) {
        (self.start, std::cmp::Reverse(self.end), self.rank, self.detector)
    }

    fn yields_to(&self, other: &Self) -> bool {
        let overlap = other.start < self.end && self.start < other.end;
        let holds = other.start <= self.start && self.end <= other.end;
        let same = other.start == self.start && other.end == self.end;
        if self.rank == Rank::Aside || other.rank == Rank::Aside {
            return false;
        }
        overlap
            && (other.rank < self.rank
                || other.rank == self.rank && holds && (!same || other.key() < self.key()))
    }
}

impl Resolver {
    pub(crate) fn clear(&mut self) {
        self.raws.clear();
    }

    /// Takes what a detector said. Two anchors may lead it to the same span.
    pub(crate) fn add(&mut self, raw: Raw) {
        if let Err(at) = self.raws.binary_search_by_key(&raw.key(), Raw::key) {
            self.raws.insert(at, raw);
        }
    }

    /// The start of the first match that is not decided.
    pub(crate) fn first_open(&self) -> Option<u64> {
        self.raws.iter().find(|raw| raw.found.is_some()).map(|raw| raw.start)
    }

    /// Shows, by start, what is certain when no match will be added that starts before `settled`.
    pub(crate) fn settle(&mut self, settled: u64, found: &mut dyn FnMut(Match)) {
        if self.raws.is_empty() {
            return;
        }
        for i in 0..self.raws.len() {
            if self.raws[i].found.is_none() {
                continue;
            }
            if self.raws[i].end > settled {
                break;
            }
            let shown =
                !self.raws.iter().enumerate().any(|(j, other)| j != i && self.raws[i].yields_to(other));
            if let Some(matched) = self.raws[i].found.take()
                && shown
            {
                found(matched);
            }
        }
        let needed = self.first_open().map_or(settled, |open| open.min(settled));
        self.raws.retain(|raw| raw.found.is_some() || raw.end > needed);
    }
}
