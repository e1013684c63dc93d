//! ZIP archives, read as the loaders of models read them: by the directory at the end.
//!
//! The directory is read first, by position. Then the file streams by once, and each member is looked at where it
//! lies. Everything that the archive says twice is compared, because readers differ in which of the two they believe:
//! the directory against local headers and data descriptors, its end record against the one for large archives, sizes
//! and checksums against the bytes. Each byte of the file belongs to exactly one member, to the directory, or to a
//! problem.

mod directory;
mod local;
mod member;
pub(crate) mod rules;

use std::{cell::Cell, ops::ControlFlow};

use bartizan_finding::{Hasher, Occurrence, Severity};
use directory::{Directory, Entry};
use local::Local;
use member::{Member, Outcome};

use super::torch::Torch;
use crate::{
    Format, Limits, Outline,
    foreign::{Foreign, WINDOW},
    formats::{gguf, pickle, safetensors},
    problems::Problems,
    read::{Halt, Pass, STEP},
    rules::{ChangedWhileRead, ExecutableFile},
};

/// Decompressing so much is no attack, whatever the size of the archive.
const HARMLESS_BYTES: u64 = 1 << 30;

/// Reads a file of this format to its end, and says more exactly what it is.
pub(crate) fn read(
    pass: &mut Pass<'_>,
    limits: &Limits,
    format: &mut Format,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let size = pass.size();
    let Some(directory) = Directory::read(pass, limits, problems)? else {
        let place = problems.range(&[], pass.position(), size);
        problems.unexamined(place, "the members, because there is no directory that says where they are");
        return Ok(());
    };
    outline.fact("archive-members", &directory.entries.len().to_string());
    let mut torch = Torch::of(directory.entries.iter().map(|entry| (&*entry.shown, entry.size)));
    *format = torch.format();
    let budget = limits.inflated_bytes.min(size.saturating_mul(limits.inflation).max(HARMLESS_BYTES));
    let mut archive =
        Archive { pass, limits, outline, problems, torch: &mut torch, budget: Cell::new(budget) };
    for (index, entry) in directory.entries.iter().enumerate() {
        let next = directory.entries.get(index + 1).map_or(directory.start, |next| next.start);
        archive.member(entry, next.min(directory.start), directory.start)?;
    }
    archive.gap(directory.start)?;
    archive.same(&directory)?;
    torch.settle(outline, problems);
    Ok(())
}

struct Archive<'r, 'a, 'f> {
    pass: &'r mut Pass<'a>,
    limits: &'r Limits,
    outline: &'r mut Outline,
    problems: &'r mut Problems<'f>,
    torch: &'r mut Torch,
    /// How many more bytes may be decompressed.
    budget: Cell<u64>,
}

impl Archive<'_, '_, '_> {
    /// Looks at a member; the next one starts at `next`, the directory at `directory`.
    fn member(&mut self, entry: &Entry, next: u64, directory: u64) -> Result<(), Halt> {
        let name = [&*entry.shown];
        if entry.start < self.pass.position() || entry.start >= directory {
            let place = self.problems.range(&name, entry.start, entry.start.saturating_add(entry.packed));
            let message = "the member starts inside another one, or behind the start of the directory";
            self.problems.add(rules::Overlap::META, place.clone(), message);
            self.problems.unexamined(place, "a member that shares its bytes with something else");
            return Ok(());
        }
        self.gap(entry.start)?;
        let Some(local) = Local::read(self.pass, directory)? else {
            let place = self.problems.range(&name, entry.start, next);
            let message = "there is no local header where the directory says that the member starts";
            self.problems.add(rules::HeaderDisagrees::META, place.clone(), message);
            self.problems.unexamined(place, "a member that is not where the directory says");
            return Ok(());
        };
        let place = self.problems.range(&name, entry.start, self.pass.position());
        for difference in local.differences(entry) {
            self.problems.add(rules::HeaderDisagrees::META, place.clone(), difference);
        }
        let data = self.pass.position();
        let end = data.checked_add(entry.packed).filter(|end| *end <= directory);
        let Some(end) = end else {
            let place = self.problems.range(&name, data, directory);
            let message = format!("the member's {} bytes run into the directory", entry.packed);
            self.problems.add(rules::Overlap::META, place.clone(), message);
            self.problems.unexamined(place, "a member that is longer than the archive");
            return Ok(());
        };
        self.contents(entry)?;
        self.pass.skip(end.saturating_sub(self.pass.position()))?;
        if let Some(difference) = local.descriptor(self.pass, entry, next)? {
            self.problems.add(rules::HeaderDisagrees::META, place, difference);
        }
        Ok(())
    }

    /// Looks into a member and at what its bytes say about its description.
    fn contents(&mut self, entry: &Entry) -> Result<(), Halt> {
        let data = self.pass.position();
        let place = self.problems.range(&[&entry.shown], data, data + entry.packed);
        let Some(member) = Member::new(self.pass, entry, &self.budget) else {
            let reason = format!("compressed with method {}, which is not supported", entry.method);
            self.problems.unexamined(place, reason);
            return Ok(());
        };
        self.problems.enter(&entry.shown);
        let halted = inside(&member, entry, self.limits, self.torch, self.outline, self.problems);
        self.problems.leave();
        let outcome = member.drain()?;
        if entry.is_encrypted() {
            let plain = matches!(outcome, Outcome::Whole);
            let message = if plain {
                "the member is marked as encrypted or patched, and is not"
            } else {
                "the member is encrypted or patched"
            };
            self.problems.add(rules::Encrypted::META, place.clone(), message);
            if !plain {
                self.problems.unexamined(place, "an encrypted member");
            }
            return Ok(());
        }
        match outcome {
            Outcome::Whole => {}
            Outcome::Checksum => {
                let message = "the member's bytes do not have the checksum that the directory states";
                let occurrence = Occurrence::new(rules::ContentsDisagree::META, place, message);
                self.problems.push(occurrence.severity(Severity::Medium));
            }
            Outcome::Length(what) => {
                self.problems.add(rules::ContentsDisagree::META, place.clone(), what);
                if halted.is_err() {
                    self.problems.unexamined(place, "behind the point where the member's data ends");
                }
            }
            Outcome::TooMuch => {
                let message = "the archive decompresses to more than is looked at";
                self.problems.add(rules::Bomb::META, place.clone(), message);
                self.problems.unexamined(place, "a member that decompresses to too much");
            }
        }
        Ok(())
    }

    /// Passes bytes that belong to no member, up to `end`.
    fn gap(&mut self, end: u64) -> Result<(), Halt> {
        let start = self.pass.position();
        let Some(length) = end.checked_sub(start).filter(|length| *length > 0) else { return Ok(()) };
        let hidden = self.pass.peek(4)? == local::SIGNATURE;
        let place = self.problems.range(&[], start, end);
        let message = if hidden {
            format!("{length} bytes hold a member that the directory does not list")
        } else {
            format!("{length} bytes belong to no member")
        };
        self.problems.add(rules::Unaccounted::META, place.clone(), message);
        self.problems.unexamined(place, "bytes that belong to no member");
        self.pass.skip(length)
    }

    /// Passes the directory and makes sure that it is the one that was read before.
    fn same(&mut self, directory: &Directory) -> Result<(), Halt> {
        let mut hasher = Hasher::new();
        self.pass.each(directory.length, &mut |piece| hasher.update(piece))?;
        if hasher.finish() != directory.digest {
            let message = "the file changed while it was read: the directory was written to";
            self.problems.add(ChangedWhileRead::META, self.problems.file(), message);
            self.problems.unexamined(self.problems.file(), "the file changed while it was read");
        }
        Ok(())
    }
}

/// Looks at the decompressed bytes of a member.
fn inside(
    member: &Member<'_, '_>,
    entry: &Entry,
    limits: &Limits,
    torch: &mut Torch,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(member, &mut watch);
    let name = &*entry.shown;
    let mut hidden = None;
    if torch.is_storage(name) {
        hidden = Foreign::at(pass.peek(WINDOW)?);
        let Some(foreign) = hidden else { return Ok(()) };
        let message = format!("the bytes start like {}", foreign.as_str());
        problems.add(super::torch::rules::ForeignData::META, problems.file(), message);
    }
    let size = pass.size();
    let format = match pass.peek(STEP)? {
        _ if torch.is_pickle(name) || hidden == Some(Foreign::Pickle) => Format::Pickle,
        _ if hidden.is_some() => return Ok(()),
        head => Format::of(head, size),
    };
    let reason = match format {
        Format::Pickle | Format::PyTorchLegacy => {
            let storages = pickle::read_member(&mut pass, torch.is_script(), limits, outline, problems)?;
            torch.expect(name, storages, problems);
            return Ok(());
        }
        Format::Safetensors => return safetensors::read(&mut pass, limits, outline, problems),
        Format::Gguf => return gguf::read(&mut pass, limits, outline, problems),
        Format::Empty => return Ok(()),
        Format::Json | Format::Text if torch.note(name, pass.peek(64)?) => return Ok(()),
        format if format.is_executable() => {
            let message = format!("the member is a program: {format}");
            problems.add(ExecutableFile::META, problems.file(), message);
            "a program".to_owned()
        }
        format if format.is_text() => format!("{format} inside an archive"),
        Format::Other => "format not supported: no known signature".to_owned(),
        format => format!("format not supported inside an archive: {format}"),
    };
    problems.unexamined(problems.file(), reason);
    Ok(())
}
