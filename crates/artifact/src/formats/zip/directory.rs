//! The directory at the end of an archive: APPNOTE.TXT 4.3.12 to 4.3.16.

use std::collections::BTreeSet;

use bartizan_finding::{Digest, Location, Occurrence, Severity};

use super::rules;
use crate::{
    Limits,
    problems::Problems,
    read::{Halt, Pass},
};

/// Bytes of the end record without its comment.
const END: usize = 22;
/// Bytes of the locator of the end record for large archives, and of that record without extensions.
const LOCATOR: u64 = 20;
const END64: u64 = 56;
/// Bytes of an entry without its name, extra field and comment.
const ENTRY: usize = 46;
/// The mark of a value that stands in the extra field for large archives.
const LARGE: u32 = u32::MAX;

/// An entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name as it stands there.
    pub(super) name: Box<[u8]>,
    /// The name as text.
    pub(super) shown: Box<str>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Offset of the local header in the file.
    pub(super) start: u64,
    is_link: bool,
    /// What its extra fields say otherwise.
    odd: Option<&'static str>,
}

impl Entry {
    /// Whether a flag says that the bytes are encrypted, patch another file, or are encrypted strongly.
    pub(super) const fn is_encrypted(&self) -> bool {
        self.flags & 0x2061 != 0
    }
}

/// The directory.
#[derive(Debug)]
pub(super) struct Directory {
    /// In the order in which the members lie in the file.
    pub(super) entries: Vec<Entry>,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) digest: Digest,
}

/// What an end record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    disks: bool,
    here: u64,
    entries: u64,
    length: u64,
    offset: u64,
}

/// Little-endian numbers at fixed places; a place behind the end reads as zero, and callers check lengths before.
fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    let field = bytes.get(at..at + width).unwrap_or_default();
    field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    number(bytes, at, 2) as u16
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    number(bytes, at, 4) as u32
}

impl Directory {
    /// Finds and reads the directory as Python's `zipfile` does, and says where other readers see another one.
    pub(super) fn read(
        pass: &mut Pass<'_>,
        limits: &Limits,
        problems: &mut Problems<'_>,
    ) -> Result<Option<Self>, Halt> {
        let Some(Tail { record, position, trailing }) = Tail::find(pass, problems)? else { return Ok(None) };
        let size = pass.size();
        let place = problems.range(&[], position, size);
        let (end, stop) = End::read(&record, pass, position, &place, problems)?;
        let Some(start) = stop.checked_sub(end.length) else {
            let message = format!("the directory claims {} bytes, in front of it are {stop}", end.length);
            problems.add(rules::NoDirectory::META, place, message);
            return Ok(None);
        };
        let Some(shift) = start.checked_sub(end.offset) else {
            let message = format!("the directory claims to start at {}, behind its own end", end.offset);
            problems.add(rules::NoDirectory::META, place, message);
            return Ok(None);
        };
        if shift > 0 {
            let message =
                "the archive does not start where its directory counts from; readers differ in what they do";
            problems.add(rules::DirectoryDisagrees::META, place, message);
            let other = problems.range(&[], end.offset, size);
            problems.unexamined(other, "the directory that readers see who do not allow for bytes in front");
        }
        if trailing > 0 {
            let place = problems.range(&[], size - trailing, size);
            let message = format!("{trailing} bytes follow the archive");
            problems.add(rules::Unaccounted::META, place.clone(), message);
            problems.unexamined(place, "bytes that follow the archive");
        }
        if end.length > limits.directory_bytes || end.entries > limits.archive_members as u64 {
            let place = problems.range(&[], start, stop);
            problems.unexamined(place, "the directory has more members or bytes than are looked at");
            return Ok(None);
        }
        let bytes = pass.ahead(start, usize::try_from(end.length).unwrap_or(0))?;
        let entries = parse(&bytes, shift, start, end.entries, limits, problems);
        let mut directory = Self { entries, start, length: end.length, digest: Digest::of(&bytes) };
        directory.names(problems);
        directory.entries.sort_by_key(|entry| entry.start);
        Ok(Some(directory))
    }

    /// Judges the names.
    fn names(&self, problems: &mut Problems<'_>) {
        let (mut exact, mut folded, mut plain) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for entry in &self.entries {
            let place = problems.range(&[&entry.shown], entry.start, entry.start);
            if !exact.insert(&*entry.name) {
                let message = "two members of the archive have this name";
                problems.add(rules::DuplicateMember::META, place.clone(), message);
            } else if !folded.insert(entry.name.to_ascii_lowercase()) {
                let message = "two members of the archive have this name but for upper and lower case";
                let occurrence = Occurrence::new(rules::DuplicateMember::META, place.clone(), message);
                problems.push(occurrence.severity(Severity::Medium));
            } else if !plain.insert(plain_name(&entry.shown)) {
                let message =
                    "two members of the archive have this name but for dots, slashes or white space";
                let occurrence = Occurrence::new(rules::DuplicateMember::META, place.clone(), message);
                problems.push(occurrence.severity(Severity::Medium));
            }
            if let Some(odd) = entry.odd {
                problems.add(rules::HeaderDisagrees::META, place.clone(), odd);
            }
            if entry.name.ends_with(b"/") && entry.size > 0 {
                let message = "the name is that of a folder, and the member has bytes";
                problems.add(rules::HeaderDisagrees::META, place.clone(), message);
            }
            if entry.shown.contains('\\') && unsafe_name(entry).is_none() {
                let message = "the name holds a backslash, which some readers take for a folder";
                let occurrence = Occurrence::new(rules::UnsafeName::META, place.clone(), message);
                problems.push(occurrence.severity(Severity::Medium));
            }
            if let Some(why) = unsafe_name(entry) {
                problems.add(rules::UnsafeName::META, place, why);
            }
        }
    }
}

/// The end record that counts, and where it stands.
struct Tail {
    /// From the record to the end of the file.
    record: Vec<u8>,
    position: u64,
    /// Bytes behind its comment.
    trailing: u64,
}

impl Tail {
    /// Finds the last end record, which Python takes; none where there is none.
    fn find(pass: &mut Pass<'_>, problems: &mut Problems<'_>) -> Result<Option<Self>, Halt> {
        let size = pass.size();
        let from = size.saturating_sub(END as u64 + u64::from(u16::MAX));
        let mut tail = pass.ahead(from, usize::try_from(size - from).unwrap_or(0))?;
        let ends: Vec<usize> = (0..tail.len().saturating_sub(END - 1))
            .filter(|at| tail.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06")))
            .collect();
        let Some((&at, others)) = ends.split_last() else {
            let message = "the file ends without the end record of an archive";
            problems.add(rules::NoDirectory::META, problems.range(&[], from, size), message);
            return Ok(None);
        };
        let position = from + at as u64;
        let place = problems.range(&[], position, size);
        let comment = |at: usize| usize::from(u16_at(&tail, at + 20));
        if others.iter().any(|other| other + END + comment(*other) == tail.len()) {
            let message = "two end records could both be the end of the archive";
            problems.add(rules::DirectoryDisagrees::META, place.clone(), message);
        }
        let stop = at + END + comment(at);
        if stop > tail.len() {
            let message = "the comment of the archive is longer than the file";
            problems.add(rules::DirectoryDisagrees::META, place, message);
        }
        let trailing = tail.len().saturating_sub(stop) as u64;
        let record = tail.split_off(at);
        Ok(Some(Self { record, position, trailing }))
    }
}

impl End {
    /// What the record at `position` says, or the one for large archives in front of it; where the directory ends.
    fn read(
        record: &[u8],
        pass: &mut Pass<'_>,
        position: u64,
        place: &Location,
        problems: &mut Problems<'_>,
    ) -> Result<(Self, u64), Halt> {
        let mut disagree =
            |message: &str| problems.add(rules::DirectoryDisagrees::META, place.clone(), message);
        let small = Self {
            disks: u16_at(record, 4) == 0 && u16_at(record, 6) == 0,
            here: number(record, 8, 2),
            entries: number(record, 10, 2),
            length: number(record, 12, 4),
            offset: number(record, 16, 4),
        };
        let (large, elsewhere) = large(pass, position)?;
        if elsewhere {
            disagree("the end record for large archives is not where its locator says");
        }
        let (end, stop) = match large {
            Some((large, stop)) => {
                let differs = |small: u64, mark: u64, large: u64| small != mark && small != large;
                if differs(small.entries, 0xffff, large.entries)
                    || differs(small.length, LARGE.into(), large.length)
                    || differs(small.offset, LARGE.into(), large.offset)
                {
                    disagree("the two end records say different things about the directory");
                }
                (large, stop)
            }
            None => (small, position),
        };
        if !end.disks || end.here != end.entries {
            disagree("the archive claims to be one part of several");
        }
        Ok((end, stop))
    }
}

/// The end record for large archives, in front of the small one at `position`, and where it starts; whether its locator
/// points elsewhere.
fn large(pass: &mut Pass<'_>, position: u64) -> Result<(Option<(End, u64)>, bool), Halt> {
    let Some(stop) = position.checked_sub(LOCATOR + END64) else { return Ok((None, false)) };
    let bytes = pass.ahead(stop, (LOCATOR + END64) as usize)?;
    let locator = bytes.get(END64 as usize..).unwrap_or_default();
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok((None, false));
    }
    if !bytes.starts_with(b"PK\x06\x06") {
        // The small record alone counts then, as in Python.
        return Ok((None, true));
    }
    let end = End {
        disks: u32_at(&bytes, 16) == 0
            && u32_at(&bytes, 20) == 0
            && u32_at(locator, 4) == 0
            && u32_at(locator, 16) <= 1,
        here: number(&bytes, 24, 8),
        entries: number(&bytes, 32, 8),
        length: number(&bytes, 40, 8),
        offset: number(&bytes, 48, 8),
    };
    Ok((Some((end, stop)), number(locator, 8, 8) != stop))
}

/// Reads the entries; `shift` is added to the offsets of members.
fn parse(
    bytes: &[u8],
    shift: u64,
    start: u64,
    claimed: u64,
    limits: &Limits,
    problems: &mut Problems<'_>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && entries.len() < limits.archive_members {
        let at = start + (bytes.len() - rest.len()) as u64;
        let stop = start + bytes.len() as u64;
        let Some((entry, behind)) = one(rest, shift) else {
            let place = problems.range(&[], at, stop);
            problems.add(rules::NoDirectory::META, place.clone(), "the directory breaks off");
            problems.unexamined(place, "the members that the rest of the directory speaks of");
            break;
        };
        entries.push(entry);
        rest = behind;
    }
    if entries.len() as u64 != claimed {
        let place = problems.range(&[], start, start + bytes.len() as u64);
        let message = format!("the directory has {} entries and claims {claimed}", entries.len());
        problems.add(rules::DirectoryDisagrees::META, place.clone(), message);
        if !rest.is_empty() {
            problems.unexamined(place, "members beyond those that are looked at");
        }
    }
    entries
}

/// Reads one entry; what follows it.
fn one(bytes: &[u8], shift: u64) -> Option<(Entry, &[u8])> {
    let (fixed, rest) = bytes.split_at_checked(ENTRY)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return None;
    }
    let length = |at| usize::from(u16_at(fixed, at));
    let (name, rest) = rest.split_at_checked(length(28))?;
    let (extra, rest) = rest.split_at_checked(length(30))?;
    let (_, rest) = rest.split_at_checked(length(32))?;
    let (mut packed, mut size, mut offset) =
        (number(fixed, 20, 4), number(fixed, 24, 4), number(fixed, 42, 4));
    large_fields(extra, &mut [&mut size, &mut packed, &mut offset])?;
    let entry = Entry {
        shown: String::from_utf8_lossy(name).into(),
        name: name.into(),
        flags: u16_at(fixed, 8),
        method: u16_at(fixed, 10),
        crc: u32_at(fixed, 16),
        packed,
        size,
        start: offset.checked_add(shift)?,
        // The type of a file in Unix is in the upper half of the external attributes.
        is_link: u32_at(fixed, 38) >> 28 == 0o12,
        odd: extra_disagrees(name, extra),
    };
    Some((entry, rest))
}

/// Replaces the fields that stand in the extra field for large archives (APPNOTE.TXT 4.5.3), in their order there.
pub(super) fn large_fields(extra: &[u8], fields: &mut [&mut u64]) -> Option<()> {
    let mut rest = extra;
    while rest.len() >= 4 {
        let (id, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let body = rest.get(4..)?;
        if id == 1 {
            let mut body = body.get(..length)?;
            for field in fields.iter_mut().filter(|field| ***field == u64::from(LARGE)) {
                let (value, behind) = body.split_at_checked(8)?;
                **field = number(value, 0, 8);
                body = behind;
            }
            return Some(());
        }
        // Alignment of Android's and PyTorch's archives may be shorter than it says; nobody minds.
        rest = body.get(length..).unwrap_or_default();
    }
    Some(())
}

/// A name as the strictest file systems keep it: in lower case, up to a zero, without empty parts, and without dots and
/// white space at the end of each.
fn plain_name(name: &str) -> String {
    let name = name.split('\0').next().unwrap_or_default().to_lowercase();
    let parts = name.split(['/', '\\']).map(|part| part.trim_end_matches(['.', ' ']));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// What the extra fields of an entry say otherwise than the entry: the one for large archives twice, or another name in
/// UTF-8 (APPNOTE.TXT 4.6.9), which some readers take and others do not.
fn extra_disagrees(name: &[u8], extra: &[u8]) -> Option<&'static str> {
    let (mut rest, mut large) = (extra, 0);
    while rest.len() >= 4 {
        let (id, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let body = rest.get(4..).unwrap_or_default();
        let field = body.get(..length).unwrap_or(body);
        large += u32::from(id == 1);
        if large > 1 {
            return Some("the field for large archives stands twice");
        }
        if id == 0x7075 && field.get(5..) != Some(name) {
            return Some("an extra field gives the member another name");
        }
        rest = body.get(length..).unwrap_or_default();
    }
    None
}

/// Why a name leads elsewhere than into the folder that the archive is unpacked into.
fn unsafe_name(entry: &Entry) -> Option<&'static str> {
    let name = &*entry.shown;
    if name.contains('\0') {
        return Some("the name holds a zero, where some readers stop");
    }
    if name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':') {
        return Some("the name is an absolute path");
    }
    if name.split(['/', '\\']).any(|part| part == "..") {
        return Some("the name leads out of the folder that the archive is unpacked into");
    }
    entry.is_link.then_some("the member is a link to another file")
}
