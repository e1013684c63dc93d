use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{LengthClass, Redacted};

use crate::{
    Match, SameValueKey, Selection,
    detector::{Bounds, Detector, Hit, Trigger},
    prefilter::{Anchor, Prefilter, Signal},
    registry,
    resolve::{Raw, Resolver},
    view::View,
};

/// A push is taken in steps of this many bytes, so that memory does not grow with it.
const STEP: usize = 64 * 1024;

/// All selected detectors behind one prefilter. Immutable: build it once and share it.
#[derive(Debug)]
pub struct Engine {
    detectors: Vec<Box<dyn Detector>>,
    bounds: Vec<Bounds>,
    by_signal: BTreeMap<Signal, Vec<usize>>,
    by_literal: Vec<Vec<usize>>,
    prefilter: Prefilter,
    /// The farthest that any match starts before its anchor.
    lead: usize,
    /// The farthest that any detector looks before its anchor.
    behind: usize,
    key: Option<SameValueKey>,
}

impl Engine {
    /// An engine for the selected families. With a key, each match says which others hold the same value.
    pub fn new(selection: Selection, key: impl Into<Option<SameValueKey>>) -> Self {
        let detectors: Vec<_> =
            registry::detectors().into_iter().filter(|one| selection.has(one.family())).collect();
        let mut by_signal: BTreeMap<Signal, Vec<usize>> = BTreeMap::new();
        let mut literals = BTreeSet::new();
        for (i, detector) in detectors.iter().enumerate() {
            match detector.trigger() {
                Trigger::Signal(signal) => by_signal.entry(signal).or_default().push(i),
                Trigger::Literals(wanted) => literals.extend(wanted.iter().copied()),
            }
        }
        let literals: Vec<_> = literals.into_iter().collect();
        let by_literal = literals.iter().map(|literal| {
            let wants = |one: &dyn Detector| {
                matches!(one.trigger(), Trigger::Literals(wanted) if wanted.contains(literal))
            };
            detectors.iter().enumerate().filter(|(_, one)| wants(one.as_ref())).map(|(i, _)| i).collect()
        });
        let bounds: Vec<_> = detectors.iter().map(|one| one.bounds()).collect();
        Self {
            by_literal: by_literal.collect(),
            prefilter: Prefilter::new(&literals, |signal| by_signal.contains_key(&signal)),
            lead: bounds.iter().map(|bounds| bounds.lead).max().unwrap_or(0),
            behind: bounds.iter().map(|bounds| bounds.behind()).max().unwrap_or(0).max(Prefilter::BEHIND),
            detectors,
            bounds,
            by_signal,
            key: key.into(),
        }
    }

    /// Starts a text that arrives in pieces.
    pub fn stream(&self) -> Stream<'_> {
        Stream {
            engine: self,
            buffer: Vec::new(),
            base: 0,
            scanned: 0,
            pending: Vec::new(),
            resolver: Resolver::default(),
            finished: false,
        }
    }

    /// The matches of a text that is there as a whole, by start.
    pub fn scan_all(&self, text: &[u8]) -> Vec<Match> {
        let mut matches = Vec::new();
        let mut stream = self.stream();
        stream.push(text, &mut |found| matches.push(found));
        stream.finish(&mut |found| matches.push(found));
        matches
    }

    fn asked(&self, anchor: Anchor) -> &[usize] {
        match anchor {
            Anchor::Signal(signal) => self.by_signal.get(&signal).map_or(&[], Vec::as_slice),
            Anchor::Literal(literal) => &self.by_literal[literal],
        }
    }
}

/// A text that arrives in pieces. Matches come out by start, each as soon as nothing that may follow can change
/// it.
#[derive(Debug)]
pub struct Stream<'e> {
    engine: &'e Engine,
    /// The bytes that are still looked at.
    buffer: Vec<u8>,
    /// Where the buffer starts in the stream.
    base: u64,
    /// All anchors before this position are known.
    scanned: u64,
    /// Anchors whose detector wants to see bytes that have not arrived.
    pending: Vec<Pending>,
    resolver: Resolver,
    finished: bool,
}

#[derive(Debug)]
struct Pending {
    at: u64,
    detector: usize,
    /// Not asked again before this many bytes have arrived.
    retry: u64,
}

impl Stream<'_> {
    /// Takes the next bytes, of any number. After [`Self::finish`] a new text starts.
    pub fn push(&mut self, bytes: &[u8], found: &mut dyn FnMut(Match)) {
        if self.finished {
            self.restart();
        }
        for step in bytes.chunks(STEP) {
            self.buffer.extend_from_slice(step);
            self.advance(found);
        }
    }

    /// Ends the text. The stream may then be used for another one, and keeps its memory for it.
    pub fn finish(&mut self, found: &mut dyn FnMut(Match)) {
        if !self.finished {
            self.finished = true;
            self.advance(found);
        }
    }

    /// No match that is still to come starts before this byte: what lies before may be passed on.
    pub fn settled(&self) -> u64 {
        let settled = self.certain();
        self.resolver.first_open().map_or(settled, |open| open.min(settled))
    }

    /// How many bytes have been pushed.
    pub fn pushed(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    fn restart(&mut self) {
        self.buffer.clear();
        self.pending.clear();
        self.resolver.clear();
        (self.base, self.scanned, self.finished) = (0, 0, false);
    }

    /// No detector will say anything about what starts before this byte.
    fn certain(&self) -> u64 {
        if self.finished {
            return self.pushed();
        }
        let lead =
            |pending: &Pending| pending.at.saturating_sub(self.engine.bounds[pending.detector].lead as u64);
        let unseen = self.scanned.saturating_sub(self.engine.lead as u64);
        self.pending.iter().map(lead).fold(unseen, u64::min)
    }

    fn advance(&mut self, found: &mut dyn FnMut(Match)) {
        let end = self.pushed();
        let (engine, base, finished) = (self.engine, self.base, self.finished);
        let mut pending = std::mem::take(&mut self.pending);
        pending.retain_mut(|one| {
            let due =
                finished || end >= one.retry || end >= one.at + engine.bounds[one.detector].ahead() as u64;
            !(due && self.ask(one, end))
        });
        let reach = if finished { end } else { end.saturating_sub(engine.prefilter.ahead() as u64) };
        if reach > self.scanned {
            let (from, to) = ((self.scanned - base) as usize, (reach - base) as usize);
            let buffer = std::mem::take(&mut self.buffer);
            self.scanned = reach;
            let mut anchors = Vec::new();
            engine.prefilter.find(&buffer, from, to, &mut |at, anchor| {
                let asked = engine.asked(anchor);
                anchors.extend(asked.iter().map(|&detector| (base + at as u64, detector)));
            });
            self.buffer = buffer;
            for (at, detector) in anchors {
                let mut one = Pending { at, detector, retry: 0 };
                if !self.ask(&mut one, end) {
                    pending.push(one);
                }
            }
        }
        self.pending = pending;
        let certain = self.certain();
        self.resolver.settle(certain, found);
        self.forget();
    }

    /// Asks a detector about its anchor. False when it has to see more.
    fn ask(&mut self, one: &mut Pending, end: u64) -> bool {
        let engine = self.engine;
        let bounds = engine.bounds[one.detector];
        let start = one.at.saturating_sub(bounds.behind() as u64);
        let wanted = one.at + bounds.ahead() as u64;
        let open = wanted > end && !self.finished;
        let window = (start - self.base) as usize..(wanted.min(end) - self.base) as usize;
        let bytes = self.buffer.get(window).unwrap_or_default();
        let view = View::new(bytes, (one.at - start) as usize, start, open);
        let mut hits = Vec::new();
        engine.detectors[one.detector].judge(&view, &mut |hit| hits.push(hit));
        if view.starved() {
            // Asking again only after a quarter more has arrived keeps the cost of an anchor linear.
            one.retry = end + ((end - one.at) / 4).max(8);
            return false;
        }
        for hit in hits {
            let value = bytes.get(hit.start..hit.end).unwrap_or_default();
            let found = engine.matched(one.detector, &hit, start, value);
            self.resolver.add(Raw {
                rank: engine.detectors[one.detector].rank(),
                detector: one.detector,
                start: found.start,
                end: found.end,
                found: Some(found),
            });
        }
        true
    }

    /// Drops bytes that nothing will look at again, now and then.
    fn forget(&mut self) {
        let behind = |pending: &Pending| {
            pending.at.saturating_sub(self.engine.bounds[pending.detector].behind() as u64)
        };
        let unseen = self.scanned.saturating_sub(self.engine.behind as u64);
        let needed = self.pending.iter().map(behind).fold(unseen, u64::min);
        let dead = (needed - self.base) as usize;
        if dead >= 4096 || dead * 2 > self.buffer.len() {
            self.buffer.drain(..dead);
            self.base = needed;
        }
    }
}

impl Engine {
    fn matched(&self, detector: usize, hit: &Hit, base: u64, value: &[u8]) -> Match {
        Match {
            rule: self.detectors[detector].rule(),
            variant: hit.variant,
            start: base + hit.start as u64,
            end: base + hit.end as u64,
            severity: hit.severity,
            confidence: hit.confidence,
            redacted: Redacted {
                kind: hit.kind.into(),
                length: LengthClass::of(value.len()),
                preview: hit.preview.map(str::to_owned),
                same_value: self.key.as_ref().map(|key| key.same_value(hit.kind, value)),
            },
        }
    }
}
