//! What a reader works within, whichever format it reads and however deep its bytes lie.

use bartizan_finding::{Location, RuleMeta};

use crate::{Limits, Outline, ReferenceKind, codec::Codec, packed::Budget, problems::Problems};

/// The bounds, and where what is seen goes.
pub(crate) struct Scope<'s, 'f> {
    pub(crate) limits: &'s Limits,
    pub(crate) outline: &'s mut Outline,
    pub(crate) problems: &'s mut Problems<'f>,
    pub(crate) budget: &'s Budget,
    /// The name of the file or member that is being read, as its archive has it.
    pub(crate) name: &'s str,
    /// How many files lie around it.
    pub(crate) depth: usize,
    /// Whether it is a layer of a container image, or what one is packed in: a tar archive with a root of its own.
    pub(crate) layer: bool,
}

impl<'f> Scope<'_, 'f> {
    /// Lets `look` read what lies inside under a name, as it is.
    pub(crate) fn inside<T>(&mut self, name: &str, look: impl FnOnce(&mut Scope<'_, 'f>) -> T) -> T {
        self.inside_packed(name, Codec::Stored, look)
    }

    /// The same for what is decompressed while it is read. Where that takes a window, so much less is left to what lies
    /// inside: a quarter, since a decoder in order and another one out of order hold a window each, and both stay below
    /// three times the first at any depth.
    pub(crate) fn inside_packed<T>(
        &mut self,
        name: &str,
        codec: Codec,
        look: impl FnOnce(&mut Scope<'_, 'f>) -> T,
    ) -> T {
        let limits = if codec.has_window() { self.limits.beside_a_window() } else { *self.limits };
        self.problems.enter(name);
        let value = look(&mut Scope {
            limits: &limits,
            outline: self.outline,
            problems: self.problems,
            budget: self.budget,
            name,
            depth: self.depth + 1,
            layer: self.layer,
        });
        self.problems.leave();
        value
    }

    /// Names a file of plain numbers, from the folder of the one that is being read, and how far its tensors reach. What
    /// lies within another file has none beside it.
    pub(crate) fn data(&mut self, name: &str, length: Option<u64>, at: u64) {
        let place = self.range(at, at);
        if self.depth == 0 {
            self.outline.refer(ReferenceKind::Data { length }, name, place);
        }
    }

    /// A range of bytes of what is being read.
    pub(crate) fn range(&self, start: u64, end: u64) -> Location {
        self.problems.range(&[], start, end)
    }

    /// Adds a problem of a range, with the rule's own severity.
    pub(crate) fn add(&mut self, rule: &'static RuleMeta, start: u64, end: u64, message: impl Into<String>) {
        let place = self.range(start, end);
        self.problems.add(rule, place, message);
    }

    /// Says that a range was not looked at.
    pub(crate) fn unexamined(&mut self, start: u64, end: u64, reason: impl Into<String>) {
        let place = self.range(start, end);
        self.problems.unexamined(place, reason);
    }
}
