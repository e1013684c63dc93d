//! 7-Zip archives, which Python reads with `py7zr` and which were used to carry pickles past scanners (nullifAI).
//!
//! The header at the end is read first, by position. Then the file streams by once, and what was packed together is
//! unpacked once, with the members one behind another.

mod coders;
mod header;
pub(crate) mod rules;

use std::{
    collections::BTreeSet,
    ops::{ControlFlow, Range},
};

use bartizan_finding::{Occurrence, RuleMeta, Severity};
use coders::{Packing, packing};
use flate2::Crc;
use header::{Fault, Folder, Header, Member, START, Streams};

use super::tar::tree::unsafe_name;
use crate::{
    Format,
    codec::Codec,
    content,
    feed::Shared,
    packed::{Measured, Outcome, Packed, Place, measure},
    read::{Halt, Pass},
    scope::Scope,
};

/// Headers that are packed in others.
const MOST_HEADERS: usize = 4;

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut archive = Archive { pass, scope, used: Vec::new() };
    let Some((streams, members)) = archive.header()? else {
        return archive.pass.skip(size - archive.pass.position());
    };
    archive.scope.outline.fact("archive-members", &members.len().to_string());
    archive.names(&members);
    let mut files = members.iter().filter(|member| member.has_stream);
    for folder in &streams.folders {
        let parts: Vec<Part<'_>> = folder
            .parts
            .iter()
            .map(|(size, crc)| Part {
                name: files.next().map(|member| &*member.name),
                size: *size,
                crc: *crc,
            })
            .collect();
        archive.folder(folder, &parts)?;
    }
    if files.next().is_some() {
        archive.add(rules::HeaderDisagrees::META, 0, size, "a member has no stream");
    }
    archive.unaccounted();
    archive.pass.skip(size - archive.pass.position())
}

/// A member as its folder has it.
struct Part<'m> {
    name: Option<&'m str>,
    size: u64,
    crc: Option<u32>,
}

struct Archive<'r, 'a, 's, 'f> {
    pass: &'r mut Pass<'a>,
    scope: &'r mut Scope<'s, 'f>,
    /// Parts of the file that belong to something.
    used: Vec<Range<u64>>,
}

impl Archive<'_, '_, '_, '_> {
    /// Reads the header, and the one that is packed in it.
    fn header(&mut self) -> Result<Option<(Streams, Vec<Member>)>, Halt> {
        let size = self.pass.size();
        let malformed = |archive: &mut Self, message: &str| {
            archive.add(rules::Malformed::META, 0, size, message);
            archive.scope.unexamined(
                START,
                size,
                "the members, because the header does not say where they are",
            );
            Ok(None)
        };
        let Some(start) = self.pass.peek(START as usize)?.first_chunk::<32>().copied() else {
            return malformed(self, "the file ends in the middle of its first header");
        };
        let number = |from: usize, to: usize| {
            start[from..to].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
        };
        let (offset, length, crc) = (number(12, 20), number(20, 28), number(28, 32));
        if u64::from(sum(&start[12..32])) != number(8, 12) {
            self.add(rules::Malformed::META, 0, START, "the first header does not have its checksum");
        }
        let at = offset.checked_add(START);
        let end = at.and_then(|at| at.checked_add(length)).filter(|end| *end <= size);
        let (Some(at), Some(end)) = (at, end) else {
            return malformed(self, "the header lies outside the file");
        };
        self.used.extend([0..START, at..end]);
        if length == 0 {
            return Ok(Some(Default::default()));
        }
        if length > self.scope.limits.directory_bytes {
            self.scope.unexamined(START, size, "the header is longer than what is looked at");
            return Ok(None);
        }
        let mut bytes = self.pass.ahead(at, usize::try_from(length).unwrap_or(0))?;
        if u64::from(sum(&bytes)) != crc {
            self.add(rules::Malformed::META, at, end, "the header does not have its checksum");
        }
        for _ in 0..MOST_HEADERS {
            match header::parse(&bytes, self.scope.limits) {
                Ok(Header::Plain { streams, members, odd }) => {
                    for odd in odd {
                        self.add(rules::HeaderDisagrees::META, at, end, odd);
                    }
                    return Ok(Some((streams, members)));
                }
                Ok(Header::Encoded(streams)) => match self.unpack(&streams)? {
                    Some(inner) => bytes = inner,
                    None => return Ok(None),
                },
                Err(Fault::Malformed(why)) => return malformed(self, why),
                Err(Fault::Limited(why)) => {
                    self.scope.unexamined(START, size, why);
                    return Ok(None);
                }
            }
        }
        malformed(self, "the header is packed too often")
    }

    /// Unpacks a header; none where that cannot be, which is told.
    fn unpack(&mut self, streams: &Streams) -> Result<Option<Vec<u8>>, Halt> {
        let size = self.pass.size();
        let [folder] = streams.folders.as_slice() else {
            self.add(rules::Malformed::META, 0, size, "the header is packed in several folders");
            self.scope.unexamined(START, size, "the members, because the header cannot be unpacked");
            return Ok(None);
        };
        let (start, end) = (folder.start, folder.start.saturating_add(folder.packed));
        let why = match packing(folder) {
            _ if end > size => "the packed header lies outside the file".to_owned(),
            Packing::Encrypted => {
                let message = "the list of the members is encrypted";
                self.add(rules::Encrypted::META, start, end, message);
                self.scope.unexamined(START, size, "encrypted members");
                return Ok(None);
            }
            Packing::Unknown(names) => {
                let reason = format!("the header is packed with {names}, which is not supported");
                self.scope.unexamined(START, size, reason);
                return Ok(None);
            }
            Packing::Known(codec) => {
                let place = Place { codec, start, length: folder.packed };
                let (limits, budget) = (*self.scope.limits, self.scope.budget);
                let shared = Shared::new(self.pass);
                match measure(&shared, place, &limits, budget)? {
                    (_, _, Some(Outcome::Window | Outcome::TooMuch)) | (Measured::Length(_), _, None) => {
                        self.scope.unexamined(START, size, "the header is longer than what is looked at");
                        return Ok(None);
                    }
                    (Measured::Whole(spool), _, None)
                        if spool.bytes.len() as u64 >= folder.size
                            && usize::try_from(folder.size).is_ok_and(|size| {
                                let bytes = spool.bytes.get(..size).unwrap_or_default();
                                folder.crc.is_none_or(|crc| crc == sum(bytes))
                            }) =>
                    {
                        self.used.push(start..end);
                        let mut bytes = spool.bytes;
                        bytes.truncate(usize::try_from(folder.size).unwrap_or(0));
                        return Ok(Some(bytes));
                    }
                    _ => "the header cannot be unpacked, or does not have its checksum".to_owned(),
                }
            }
        };
        self.add(rules::Malformed::META, start, end, why);
        self.scope.unexamined(START, size, "the members, because the header cannot be unpacked");
        Ok(None)
    }

    /// Judges the names.
    fn names(&mut self, members: &[Member]) {
        let (mut exact, mut folded) = (BTreeSet::new(), BTreeSet::new());
        for member in members {
            let place = self.scope.problems.range(&[&member.name], 0, 0);
            let name = member.name.replace('\\', "/");
            if !member.is_folder && !exact.insert(name.clone()) {
                let message = "two members of the archive have this name";
                self.scope.problems.add(rules::DuplicateMember::META, place.clone(), message);
            } else if !member.is_folder && !folded.insert(name.to_lowercase()) {
                let message = "two members of the archive have this name but for upper and lower case";
                let occurrence = Occurrence::new(rules::DuplicateMember::META, place.clone(), message);
                self.scope.problems.push(occurrence.severity(Severity::Medium));
            }
            // The type of a file in Unix is in the upper half where the lower one says so; Windows marks links by a bit.
            let unix = member.attributes & 0x8000 != 0 && member.attributes >> 28 == 0o12;
            let why = if member.anti {
                Some("the entry deletes a file where the archive is unpacked")
            } else if unix || member.attributes & 0x400 != 0 {
                Some("the member is a link to another file")
            } else {
                unsafe_name(&member.name, false)
            };
            if let Some(why) = why {
                self.scope.problems.add(rules::UnsafeName::META, place, why);
            }
        }
    }

    /// Unpacks what was packed together.
    fn folder(&mut self, folder: &Folder, parts: &[Part<'_>]) -> Result<(), Halt> {
        let (start, end) = (folder.start, folder.start.saturating_add(folder.packed));
        let first = parts.iter().find_map(|part| part.name).unwrap_or_default();
        let place = self.scope.problems.range(&[first], start, end);
        if start < self.pass.position() || end > self.pass.size() {
            let message = "members lie outside the file, or share bytes with others";
            self.scope.problems.add(rules::HeaderDisagrees::META, place.clone(), message);
            self.scope.problems.unexamined(place, "members that are not where the header says");
            return Ok(());
        }
        self.used.push(start..end);
        self.pass.skip(start - self.pass.position())?;
        let codec = match packing(folder) {
            Packing::Known(codec) => codec,
            Packing::Encrypted => {
                self.scope.problems.add(rules::Encrypted::META, place.clone(), "the members are encrypted");
                self.scope.problems.unexamined(place, "encrypted members");
                return self.pass.skip(folder.packed);
            }
            Packing::Unknown(names) => {
                let reason = format!("packed with {names}, which is not supported");
                self.scope.problems.unexamined(place, reason);
                return self.pass.skip(folder.packed);
            }
        };
        let (limits, budget) = (*self.scope.limits, self.scope.budget);
        let shared = Shared::new(self.pass);
        let packed =
            Packed::new(&shared, Place { codec, start, length: folder.packed }, folder.size, &limits, budget);
        let mut watch = |_| ControlFlow::Continue(());
        let mut inner = Pass::over(&packed, &mut watch);
        for part in parts {
            if self.scope.part(&mut inner, codec, part).is_err() {
                break;
            }
        }
        drop(inner);
        let outcome = packed.drain(folder.crc)?;
        self.pass.skip(end.saturating_sub(self.pass.position()))?;
        self.scope.outcome(outcome, place);
        Ok(())
    }

    /// Says which bytes belong to nothing.
    fn unaccounted(&mut self) {
        let mut used = std::mem::take(&mut self.used);
        used.sort_by_key(|range| (range.start, range.end));
        used.push(self.pass.size()..self.pass.size());
        let mut end = 0;
        for range in used {
            if range.start > end {
                let length = range.start - end;
                self.add(
                    rules::Unaccounted::META,
                    end,
                    range.start,
                    format!("{length} bytes belong to no member"),
                );
                self.scope.unexamined(end, range.start, "bytes that belong to no member");
            } else if range.start < end && range.end > range.start {
                self.add(
                    rules::HeaderDisagrees::META,
                    range.start,
                    end,
                    "two parts of the archive share bytes",
                );
            }
            end = end.max(range.end);
        }
    }

    fn add(&mut self, rule: &'static RuleMeta, start: u64, end: u64, message: impl Into<String>) {
        self.scope.add(rule, start, end, message);
    }
}

impl Scope<'_, '_> {
    /// Looks at a member, which is next in what was packed together by this codec.
    fn part(&mut self, folder: &mut Pass<'_>, codec: Codec, part: &Part<'_>) -> Result<(), Halt> {
        let (limits, budget, start) = (*self.limits, self.budget, folder.position());
        let shared = Shared::new(folder);
        let place = Place { codec: Codec::Stored, start, length: part.size };
        let member = Packed::new(&shared, place, part.size, &limits, budget);
        let name = part.name.unwrap_or_default();
        let result = self.inside_packed(name, codec, |scope| {
            let mut watch = |_| ControlFlow::Continue(());
            content::read(&mut Pass::over(&member, &mut watch), scope, &mut Format::Other)
        });
        let outcome = member.drain(part.crc)?;
        let place = self.problems.range(&[name], 0, part.size);
        if part.name.is_none() {
            self.problems.add(rules::HeaderDisagrees::META, place.clone(), "a stream belongs to no member");
        }
        if result.is_err() && matches!(outcome, Outcome::Whole | Outcome::Checksum) {
            self.problems.unexamined(place.clone(), "a member whose bytes are needed too often");
        }
        self.outcome(outcome, place);
        Ok(())
    }

    /// Says how unpacked bytes compare with what is stated about them.
    fn outcome(&mut self, outcome: Outcome, place: bartizan_finding::Location) {
        match outcome {
            Outcome::Whole => {}
            Outcome::Checksum => {
                let message = "the bytes do not have the checksum that the header states";
                let occurrence = Occurrence::new(rules::ContentsDisagree::META, place, message);
                self.problems.push(occurrence.severity(Severity::Medium));
            }
            Outcome::Length(what) => {
                self.problems.add(
                    rules::ContentsDisagree::META,
                    place.clone(),
                    format!("of the members: {what}"),
                );
                self.problems.unexamined(place, "behind the point where the data ends");
            }
            Outcome::TooMuch => {
                let message = "the archive decompresses to more than is looked at";
                self.problems.add(rules::Bomb::META, place.clone(), message);
                self.problems.unexamined(place, "members that decompress to too much");
            }
            Outcome::Window => {
                let reason = format!("it needs a window of more than {} bytes", self.limits.window_bytes);
                self.problems.unexamined(place, reason);
            }
        }
    }
}

fn sum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
