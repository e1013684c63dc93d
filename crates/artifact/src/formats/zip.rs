//! ZIP archives, read as the loaders of models read them: by the directory at the end.
//!
//! The directory is read first, by position. Then the file streams by once, and each member is looked at where it
//! lies. Everything that the archive says twice is compared, because readers differ in which of the two they believe:
//! the directory against local headers and data descriptors, its end record against the one for large archives, sizes
//! and checksums against the bytes. Each byte of the file belongs to exactly one member, to the directory, or to a
//! problem.

mod directory;
pub(crate) mod kind;
mod local;
pub(crate) mod rules;

use std::{collections::BTreeMap, ops::ControlFlow};

use bartizan_finding::{Hasher, Occurrence, Severity};
use directory::{Directory, Entry};
use kind::{Kind, kinds};
use local::Local;

use crate::{
    Format, Limits,
    codec::Codec,
    content,
    feed::Shared,
    packed::{Outcome, Packed, Place},
    problems::Problems,
    read::{Halt, Pass, STEP},
    rules::ChangedWhileRead,
    scope::Scope,
};

/// Reads a file of this format to its end, and says more exactly what it is.
pub(crate) fn read(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    *format = read_behind(pass, false, scope)?;
    Ok(())
}

/// Reads an archive, which may stand behind a program; what it is.
pub(super) fn read_behind(
    pass: &mut Pass<'_>,
    program: bool,
    scope: &mut Scope<'_, '_>,
) -> Result<Format, Halt> {
    let size = pass.size();
    let Some(directory) = Directory::read(pass, scope.limits, scope.problems)? else {
        let reason = "the members, because there is no directory that says where they are";
        scope.unexamined(pass.position(), size, reason);
        return Ok(Format::Zip);
    };
    scope.outline.fact("archive-members", &directory.entries.len().to_string());
    let members: Vec<_> = directory.entries.iter().map(|entry| (&*entry.shown, entry.size)).collect();
    let mut kinds = kinds(&members);
    let mut archive = Archive { pass, scope, kinds: &mut kinds, program };
    for (index, entry) in directory.entries.iter().enumerate() {
        let next = directory.entries.get(index + 1).map_or(directory.start, |next| next.start);
        archive.member(entry, next.min(directory.start), directory.start)?;
    }
    archive.gap(directory.start)?;
    archive.same(&directory)?;
    for kind in &mut kinds {
        kind.settle(scope);
    }
    Ok(kinds.iter().find_map(|kind| kind.format()).unwrap_or(Format::Zip))
}

/// Where the bytes of a member lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located {
    pub(crate) codec: Codec,
    pub(crate) start: u64,
    pub(crate) packed: u64,
    pub(crate) size: u64,
}

/// Where the members of an archive lie that can be read, by name.
pub(crate) fn locate(
    pass: &mut Pass<'_>,
    limits: &Limits,
    problems: &mut Problems<'_>,
) -> Result<BTreeMap<String, Located>, Halt> {
    let Some(directory) = Directory::read(pass, limits, problems)? else { return Ok(BTreeMap::new()) };
    let mut members = BTreeMap::new();
    for entry in &directory.entries {
        let Some(codec) = codec(entry).filter(|_| !entry.is_encrypted()) else { continue };
        let Some(start) = local::data_start(pass, entry.start)? else { continue };
        let located = Located { codec, start, packed: entry.packed, size: entry.size };
        members.insert(String::from(&*entry.shown), located);
    }
    Ok(members)
}

struct Archive<'r, 'a, 's, 'f> {
    pass: &'r mut Pass<'a>,
    scope: &'r mut Scope<'s, 'f>,
    kinds: &'r mut [Box<dyn Kind>],
    /// Whether a program stands in front, and zeros may align what follows.
    program: bool,
}

impl Archive<'_, '_, '_, '_> {
    /// Looks at a member; the next one starts at `next`, the directory at `directory`.
    fn member(&mut self, entry: &Entry, next: u64, directory: u64) -> Result<(), Halt> {
        let name = [&*entry.shown];
        if entry.start < self.pass.position() || entry.start >= directory {
            let place =
                self.scope.problems.range(&name, entry.start, entry.start.saturating_add(entry.packed));
            let message = "the member starts inside another one, or behind the start of the directory";
            self.scope.problems.add(rules::Overlap::META, place.clone(), message);
            self.scope.problems.unexamined(place, "a member that shares its bytes with something else");
            return Ok(());
        }
        self.gap(entry.start)?;
        let Some(local) = Local::read(self.pass, directory)? else {
            let place = self.scope.problems.range(&name, entry.start, next);
            let message = "there is no local header where the directory says that the member starts";
            self.scope.problems.add(rules::HeaderDisagrees::META, place.clone(), message);
            self.scope.problems.unexamined(place, "a member that is not where the directory says");
            return Ok(());
        };
        let place = self.scope.problems.range(&name, entry.start, self.pass.position());
        for difference in local.differences(entry) {
            self.scope.problems.add(rules::HeaderDisagrees::META, place.clone(), difference);
        }
        let data = self.pass.position();
        let end = data.checked_add(entry.packed).filter(|end| *end <= directory);
        let Some(end) = end else {
            let place = self.scope.problems.range(&name, data, directory);
            let message = format!("the member's {} bytes run into the directory", entry.packed);
            self.scope.problems.add(rules::Overlap::META, place.clone(), message);
            self.scope.problems.unexamined(place, "a member that is longer than the archive");
            return Ok(());
        };
        self.contents(entry)?;
        self.pass.skip(end.saturating_sub(self.pass.position()))?;
        if let Some(difference) = local.descriptor(self.pass, entry, next)? {
            self.scope.problems.add(rules::HeaderDisagrees::META, place, difference);
        }
        Ok(())
    }

    /// Looks into a member and at what its bytes say about its description.
    fn contents(&mut self, entry: &Entry) -> Result<(), Halt> {
        let start = self.pass.position();
        let place = self.scope.problems.range(&[&entry.shown], start, start + entry.packed);
        let Some(codec) = codec(entry) else {
            let reason = format!("compressed with method {}, which is not supported", entry.method);
            self.scope.problems.unexamined(place, reason);
            return Ok(());
        };
        let (limits, budget) = (*self.scope.limits, self.scope.budget);
        let shared = Shared::new(self.pass);
        let packed = Place { codec, start, length: entry.packed };
        let member = Packed::new(&shared, packed, entry.size, &limits, budget);
        let kinds = &mut *self.kinds;
        let halted = self.scope.inside_packed(&entry.shown, codec, |scope| inside(&member, kinds, scope));
        let outcome = member.drain(Some(entry.crc))?;
        if halted.is_err() && matches!(outcome, Outcome::Whole | Outcome::Checksum) {
            self.scope.problems.unexamined(place.clone(), "a member whose bytes are needed too often");
        }
        if entry.is_encrypted() {
            let plain = matches!(outcome, Outcome::Whole);
            let message = if plain {
                "the member is marked as encrypted or patched, and is not"
            } else {
                "the member is encrypted or patched"
            };
            self.scope.problems.add(rules::Encrypted::META, place.clone(), message);
            if !plain {
                self.scope.problems.unexamined(place, "an encrypted member");
            }
            return Ok(());
        }
        if halted.is_err() && matches!(outcome, Outcome::Whole | Outcome::Checksum) {
            let reason = "a member that cannot be read at the places that it names";
            self.scope.problems.unexamined(place.clone(), reason);
        }
        match outcome {
            Outcome::Whole => {}
            Outcome::Checksum => {
                let message = "the member's bytes do not have the checksum that the directory states";
                let occurrence = Occurrence::new(rules::ContentsDisagree::META, place, message);
                self.scope.problems.push(occurrence.severity(Severity::Medium));
            }
            Outcome::Length(what) => {
                let message = format!("of the member: {what}");
                self.scope.problems.add(rules::ContentsDisagree::META, place.clone(), message);
                if halted.is_err() {
                    let reason = "behind the point where the member's data ends";
                    self.scope.problems.unexamined(place, reason);
                }
            }
            Outcome::TooMuch => {
                let message = "the archive decompresses to more than is looked at";
                self.scope.problems.add(rules::Bomb::META, place.clone(), message);
                self.scope.problems.unexamined(place, "a member that decompresses to too much");
            }
            Outcome::Window => {
                let reason = format!("it needs a window of more than {} bytes", limits.window_bytes);
                self.scope.problems.unexamined(place, reason);
            }
        }
        Ok(())
    }

    /// Passes bytes that belong to no member, up to `end`.
    fn gap(&mut self, end: u64) -> Result<(), Halt> {
        let start = self.pass.position();
        let Some(length) = end.checked_sub(start).filter(|length| *length > 0) else { return Ok(()) };
        if self.program && start == 0 {
            return self.pass.skip(length);
        }
        if self.program && length < ALIGNMENT {
            let padding = self.pass.peek(usize::try_from(length).unwrap_or(STEP))?;
            if padding.iter().all(|byte| *byte == 0) {
                return self.pass.skip(length);
            }
        }
        let hidden = self.pass.peek(4)? == local::SIGNATURE;
        let place = self.scope.problems.range(&[], start, end);
        let message = if hidden {
            format!("{length} bytes hold a member that the directory does not list")
        } else {
            format!("{length} bytes belong to no member")
        };
        self.scope.problems.add(rules::Unaccounted::META, place.clone(), message);
        self.scope.problems.unexamined(place, "bytes that belong to no member");
        self.pass.skip(length)
    }

    /// Passes the directory and makes sure that it is the one that was read before.
    fn same(&mut self, directory: &Directory) -> Result<(), Halt> {
        let mut hasher = Hasher::new();
        self.pass.each(directory.length, &mut |piece| hasher.update(piece))?;
        if hasher.finish() != directory.digest {
            let message = "the file changed while it was read: the directory was written to";
            self.scope.problems.add(ChangedWhileRead::META, self.scope.problems.file(), message);
            self.scope.problems.unexamined(self.scope.problems.file(), "the file changed while it was read");
        }
        Ok(())
    }
}

/// Weights behind a program start at a multiple of this many bytes, so that they can be mapped (llamafile's zipalign).
const ALIGNMENT: u64 = 65_536;

/// The members of the archive at the end of a file, in their order; none where there is none that can be read.
pub(super) fn names(pass: &mut Pass<'_>, limits: &Limits) -> Result<Vec<Box<str>>, Halt> {
    let mut ignored = Problems::new("", limits);
    let directory = Directory::read(pass, limits, &mut ignored)?;
    Ok(directory
        .map(|directory| directory.entries.into_iter().map(|entry| entry.shown).collect())
        .unwrap_or_default())
}

/// The methods of APPNOTE.TXT 4.4.5 that are read.
const fn codec(entry: &Entry) -> Option<Codec> {
    Some(match entry.method {
        0 => Codec::Stored,
        8 => Codec::Deflate,
        12 => Codec::Bzip2,
        // A flag says that the data ends itself.
        14 if entry.flags & 2 != 0 => Codec::ZipLzma(None),
        14 => Codec::ZipLzma(Some(entry.size)),
        93 => Codec::Zstd,
        95 => Codec::Xz,
        _ => return None,
    })
}

/// Looks at the decompressed bytes of a member.
fn inside(member: &Packed<'_>, kinds: &mut [Box<dyn Kind>], scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(member, &mut watch);
    for kind in kinds {
        if kind.member(&mut pass, scope)? {
            return Ok(());
        }
    }
    content::read(&mut pass, scope, &mut Format::Other)
}
