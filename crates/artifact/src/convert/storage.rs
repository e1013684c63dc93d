//! Where the bytes of a checkpoint's storages lie.

use std::{collections::BTreeMap, io, ops::ControlFlow};

use crate::{
    Limits,
    codec::Codec,
    feed::Shared,
    formats::zip::{Located, locate},
    packed::{Budget, Packed, Place},
    problems::Problems,
    read::{Pass, ReadAt},
};

/// A file, and the parts of it that storages are.
pub(super) struct Storages<'r> {
    pub(super) reader: &'r dyn ReadAt,
    pub(super) limits: Limits,
    /// The members of an archive, by name.
    pub(super) members: BTreeMap<String, Located>,
    /// In a file of before version 1.6: start and length of each storage, by key.
    pub(super) stretches: BTreeMap<String, (u64, u64)>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A member of the archive.
    Member(String),
    /// Bytes of the file itself.
    Stretch { start: u64, length: u64 },
    /// Bytes of a member.
    Within { member: String, start: u64, length: u64 },
}

impl<'r> Storages<'r> {
    /// The members of an archive, or none.
    pub(super) fn archive(reader: &'r dyn ReadAt, limits: Limits) -> io::Result<Self> {
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(reader, &mut watch);
        let mut problems = Problems::new("", &limits);
        let members = locate(&mut pass, &limits, &mut problems)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the archive cannot be read"))?;
        Ok(Self { reader, limits, members, stretches: BTreeMap::new() })
    }

    /// A file that is no archive.
    pub(super) fn plain(reader: &'r dyn ReadAt, limits: Limits) -> Self {
        Self { reader, limits, members: BTreeMap::new(), stretches: BTreeMap::new() }
    }

    /// Bytes of a part; none where there is no such part.
    pub(super) fn length(&self, part: &Part) -> Option<u64> {
        match part {
            Part::Member(name) => Some(self.members.get(name)?.size),
            Part::Stretch { length, .. } | Part::Within { length, .. } => Some(*length),
        }
    }

    /// Lets `look` read a part.
    pub(super) fn with<T>(
        &self,
        part: &Part,
        look: &mut dyn FnMut(&dyn ReadAt) -> io::Result<T>,
    ) -> io::Result<T> {
        match part {
            Part::Stretch { start, length } => {
                look(&Window { reader: self.reader, start: *start, length: *length })
            }
            Part::Member(name) => self.member(name, look),
            Part::Within { member, start, length } => {
                self.member(member, &mut |reader| look(&Window { reader, start: *start, length: *length }))
            }
        }
    }

    fn member<T>(&self, name: &str, look: &mut dyn FnMut(&dyn ReadAt) -> io::Result<T>) -> io::Result<T> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, format!("there is no member {name}"));
        let located = self.members.get(name).ok_or_else(missing)?;
        if located.codec == Codec::Stored {
            let length = located.packed.min(located.size);
            return look(&Window { reader: self.reader, start: located.start, length });
        }
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(self.reader, &mut watch);
        let shared = Shared::new(&mut pass);
        // Nothing is read in order, so that the place is looked at wherever it lies.
        let place = Place { codec: located.codec, start: located.start, length: located.packed };
        let budget = Budget::new(located.size, &self.limits);
        look(&Aside(Packed::new(&shared, place, located.size, &self.limits, &budget)))
    }
}

/// A stretch of a reader.
struct Window<'r> {
    reader: &'r dyn ReadAt,
    start: u64,
    length: u64,
}

impl ReadAt for Window<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(offset);
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.reader.read_at(self.start.saturating_add(offset), &mut buffer[..room])
    }
}

/// Packed bytes that are only read out of order.
struct Aside<'p>(Packed<'p>);

impl ReadAt for Aside<'_> {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.aside(offset, buffer)
    }
}
