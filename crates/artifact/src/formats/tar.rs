//! Tar archives, read in order as Python's `tarfile` reads them: v7, ustar, GNU and pax.
//!
//! What other readers see otherwise is told: two headers that disagree, bytes behind the end, names and links that lead
//! elsewhere. Behind the point where Python stops, headers are looked for as GNU's `tar` does, and what they describe is
//! read as well.

mod extended;
pub(crate) mod header;
mod holes;
pub(crate) mod image;
pub(crate) mod rules;
mod torch;
pub(crate) mod tree;

use std::ops::ControlFlow;

use bartizan_finding::{Digest, Location, Occurrence, RuleMeta, Severity};
use extended::{Front, MOST_RUNS, Records};
use header::{BLOCK, Block, Header, Kind};
use holes::{Holes, Layout};
use image::Image;
use tree::Tree;

use crate::{
    Format,
    codec::Codec,
    content,
    feed::Shared,
    packed::{Packed, Place},
    read::{Halt, Pass, ReadAt},
    scope::Scope,
};

/// The largest length that fits into the octal digits of a header; beyond it, pax states the length alone.
const LARGEST: u64 = 0o77_777_777_777;
/// Headers that may stand in front of one member. Writers use at most four.
const MOST_HEADERS: usize = 16;

/// Reads a file of this format to its end, and says more exactly what it is.
pub(crate) fn read(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let layer = std::mem::take(&mut scope.layer);
    let mut archive = Archive {
        pass,
        scope,
        layer,
        global: Records::default(),
        tree: Tree::default(),
        image: Image::default(),
        members: 0,
        ended: false,
        zeros: 0,
        settings: false,
        checkpoint: false,
    };
    archive.members()?;
    let Archive { image, tree, members, settings, checkpoint, .. } = archive;
    if image.is_some() {
        *format = Format::OciLayout;
    } else if settings && checkpoint {
        *format = Format::Nemo;
    }
    image.settle(scope);
    if tree.full {
        scope.unexamined(0, 0, "the names of all members together are longer than what is compared");
    }
    if !layer {
        scope.outline.fact("archive-members", &members.to_string());
    }
    Ok(())
}

struct Archive<'r, 'a, 's, 'f> {
    pass: &'r mut Pass<'a>,
    scope: &'r mut Scope<'s, 'f>,
    layer: bool,
    global: Records,
    tree: Tree,
    image: Image,
    members: usize,
    /// Whether Python has stopped.
    ended: bool,
    /// Blocks of zeros that stand in front.
    zeros: u64,
    settings: bool,
    checkpoint: bool,
}

impl Archive<'_, '_, '_, '_> {
    fn members(&mut self) -> Result<(), Halt> {
        let mut front = Front::default();
        let mut first = 0;
        loop {
            let start = self.pass.position();
            let Some(block) = self.block()? else {
                let rest = self.pass.size() - start;
                if front.headers > 0 {
                    self.add(
                        rules::MalformedHeader::META,
                        first,
                        start,
                        "an extended header describes no member",
                    );
                }
                return self.finish(start, rest);
            };
            let header = match header::parse(&block) {
                Block::Zero => {
                    if front.headers > 0 {
                        let message = "an extended header describes no member";
                        self.add(rules::MalformedHeader::META, first, start, message);
                        front = Front::default();
                    }
                    self.ended = true;
                    self.zeros += 1;
                    continue;
                }
                Block::Broken(why) => {
                    self.broken(start, why);
                    front = Front::default();
                    continue;
                }
                Block::Header(header) => header,
            };
            if self.ended {
                let message = "a member follows behind the point where Python stops reading";
                self.add(rules::Unaccounted::META, start, start + BLOCK as u64, message);
                self.ended = false;
            }
            self.zeros = 0;
            if header.kind.describes() {
                first = if front.headers == 0 { start } else { first };
                front.headers += 1;
                if front.headers > MOST_HEADERS {
                    front.note("more headers stand in front of the member than any writer uses");
                }
                if !self.describe(start, &header, &mut front)? {
                    return Ok(());
                }
                continue;
            }
            self.members += 1;
            if self.members > self.scope.limits.archive_members {
                let size = self.pass.size();
                self.scope.unexamined(start, size, "members beyond those that are looked at");
                return self.pass.skip(size - self.pass.position());
            }
            if !self.member(start, *header, std::mem::take(&mut front))? {
                return Ok(());
            }
        }
    }

    /// The next block; none where there is no whole one.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, Halt> {
        let block = self.pass.peek(BLOCK)?.first_chunk::<BLOCK>().copied();
        if block.is_some() {
            self.pass.advance(BLOCK);
        }
        Ok(block)
    }

    /// A block that is no header.
    fn broken(&mut self, start: u64, why: &str) {
        let end = start + BLOCK as u64;
        if self.zeros > 0 {
            self.add(rules::Unaccounted::META, start, end, "the archive ends in front of these bytes");
        } else if !self.ended {
            let message = format!("a header cannot be read: {why}");
            self.add(rules::MalformedHeader::META, start, end, message);
        }
        if !self.ended || self.zeros > 0 {
            let size = self.pass.size();
            self.scope.unexamined(start, size, "behind the end of what Python reads, where no header stands");
        }
        self.ended = true;
        self.zeros = 0;
    }

    /// The end of the file, with what is left of a block.
    fn finish(&mut self, start: u64, rest: u64) -> Result<(), Halt> {
        let size = self.pass.size();
        let mut zero = true;
        self.pass.each(rest, &mut |piece| zero &= piece.iter().all(|byte| *byte == 0))?;
        if !zero {
            let message = if self.ended {
                "the archive ends in front of these bytes"
            } else {
                "the archive ends in the middle of a header"
            };
            let rule = if self.ended { rules::Unaccounted::META } else { rules::Truncated::META };
            self.add(rule, start, size, message);
            self.scope.unexamined(start, size, "bytes that are no header");
        } else if self.zeros < 2 && (!self.ended || self.zeros == 1) {
            self.add(rules::Truncated::META, start, size, "the archive ends without two blocks of zeros");
        }
        Ok(())
    }

    /// Reads a header that describes others; whether there is more to read.
    fn describe(&mut self, start: u64, header: &Header, front: &mut Front) -> Result<bool, Halt> {
        for odd in &header.odd {
            front.note(odd);
        }
        let padded = header.size.checked_next_multiple_of(BLOCK as u64);
        let left = self.pass.size() - self.pass.position();
        let Some(padded) = padded.filter(|padded| *padded <= left) else {
            return self.cut(start, "an extended header");
        };
        if padded > self.scope.limits.extended_bytes {
            self.scope.unexamined(start, start + padded, "an extended header longer than what is looked at");
            self.pass.skip(padded)?;
            return Ok(true);
        }
        let mut bytes = Vec::new();
        self.pass.each(padded, &mut |piece| bytes.extend_from_slice(piece))?;
        let stated = usize::try_from(header.size).unwrap_or(usize::MAX);
        match header.kind {
            Kind::LongName => front.name(Some(header::text(&bytes).to_vec())),
            Kind::LongLink => front.link(Some(header::text(&bytes).to_vec())),
            kind => match Records::parse(&bytes, stated) {
                Err(why) => {
                    let message = format!("a header cannot be read: {why}");
                    self.add(rules::MalformedHeader::META, start, start + padded, message);
                    self.ended = true;
                    *front = Front::default();
                }
                Ok(records) if kind == Kind::Global => {
                    if records.changes_members() {
                        let message = "a header for all members sets names or lengths";
                        self.add(rules::HeaderDisagrees::META, start, start + padded, message);
                    }
                    for odd in &records.odd {
                        front.note(odd);
                    }
                    self.global.update(records);
                }
                Ok(records) => front.records(records, &self.global),
            },
        }
        Ok(true)
    }

    /// What the file ends in the middle of.
    fn cut(&mut self, start: u64, what: &str) -> Result<bool, Halt> {
        let size = self.pass.size();
        self.add(rules::Truncated::META, start, size, format!("the file ends in the middle of {what}"));
        self.scope.unexamined(start, size, format!("{what} that is cut off"));
        self.pass.skip(size - self.pass.position())?;
        Ok(false)
    }

    /// Looks at a member; whether there is more to read.
    fn member(&mut self, start: u64, header: Header, mut front: Front) -> Result<bool, Halt> {
        for odd in &header.odd {
            front.note(odd);
        }
        let name = self.name(&header, &mut front);
        if header.kind == Kind::File && name.ends_with(b"/") {
            front.note("the name of a file ends in a slash, which some readers take for a folder");
        }
        let link = front.link.take().or_else(|| self.global.link.clone()).unwrap_or(header.link);
        let (shown, link) =
            (String::from_utf8_lossy(&name).into_owned(), String::from_utf8_lossy(&link).into_owned());
        let mut runs = header.runs;
        if header.more {
            let mut more = true;
            while more {
                let Some(block) = self.block()? else { return self.cut(start, "a header") };
                header::runs(&block[..504], &mut runs);
                more = block[504] != 0;
                runs.truncate(MOST_RUNS);
            }
        }
        let stated = if header.kind.has_data() { header.size } else { 0 };
        let length = match front.size {
            None => stated,
            Some(size) => {
                let size = u64::try_from(size).ok();
                let large = size.is_some_and(|size| size > LARGEST);
                if size != Some(header.size) && !large {
                    front.note("the extended header states another length than the header");
                }
                if header.kind == Kind::Sparse || front.sparse.is_some() {
                    front.note("the length of a file with holes is stated in two ways");
                }
                if header.kind.has_data() { size.unwrap_or(0) } else { 0 }
            }
        };
        let place = self.scope.problems.range(&[&shown], start, start + BLOCK as u64);
        for odd in &front.odd {
            self.scope.problems.add(rules::HeaderDisagrees::META, place.clone(), *odd);
        }
        self.judge(&shown, header.kind, &link, header.mode, &place);
        let data = self.pass.position();
        let left = self.pass.size() - data;
        if length > left {
            let place = self.scope.problems.range(&[&shown], data, self.pass.size());
            let message = format!("the member has {length} bytes, {left} are left");
            self.scope.problems.add(rules::Truncated::META, place.clone(), message);
            self.scope.problems.unexamined(place, "a member that is cut off");
            // What is there of it is looked at: loaders that read in order use it.
            self.contents(&shown, left, None)?;
            self.pass.skip(self.pass.size() - self.pass.position())?;
            return Ok(false);
        }
        let sparse = match header.kind {
            Kind::Sparse => Ok(Some(Layout { from: 0, runs, size: header.real })),
            Kind::File if front.sparse.is_some() => {
                let most = length.min(self.scope.limits.extended_bytes);
                let head = if front.sparse.is_inline() {
                    self.pass.ahead(data, usize::try_from(most).unwrap_or(0))?
                } else {
                    Vec::new()
                };
                Layout::of(&front.sparse, &head).map(Some)
            }
            _ => Ok(None),
        };
        let sparse = sparse.unwrap_or_else(|why| {
            let place = self.scope.problems.range(&[&shown], start, data + length);
            self.scope.problems.add(rules::MalformedHeader::META, place.clone(), why);
            self.scope.problems.unexamined(place, "a file with holes that cannot be put together");
            None
        });
        let from = sparse.as_ref().map_or(0, |layout| layout.from);
        if header.kind.has_data() {
            self.pass.skip(from)?;
            self.contents(&shown, length - from, sparse.as_ref())?;
        }
        self.pass.skip((data + length).saturating_sub(self.pass.position()))?;
        self.padding(length)?;
        Ok(true)
    }

    /// The name of a member, as Python has it.
    fn name(&self, header: &Header, front: &mut Front) -> Vec<u8> {
        let mut name =
            front.name.take().or_else(|| self.global.path.clone()).unwrap_or_else(|| header.name.clone());
        if header.kind == Kind::Folder {
            header::trim(&mut name);
        }
        name
    }

    /// What its name, kind and target say of a member.
    fn judge(&mut self, name: &str, kind: Kind, link: &str, mode: u64, place: &Location) {
        let layer = self.layer;
        let most = self.scope.limits.directory_bytes;
        for (rule, severity, why) in self.tree.add(name, kind, link, layer, most) {
            let occurrence = Occurrence::new(rule, place.clone(), why);
            self.scope.problems.push(match severity {
                Some(severity) => occurrence.severity(severity),
                None => occurrence,
            });
        }
        if layer {
            return;
        }
        match kind {
            Kind::Device | Kind::Pipe => {
                let what = if kind == Kind::Pipe { "the member is a pipe" } else { "the member is a device" };
                self.scope.problems.add(rules::SpecialFile::META, place.clone(), what);
            }
            Kind::File | Kind::Sparse | Kind::HardLink if mode & 0o6000 != 0 => {
                let message = "the member runs with the rights of its owner or group";
                let occurrence = Occurrence::new(rules::SpecialFile::META, place.clone(), message);
                self.scope.problems.push(occurrence.severity(Severity::Medium));
            }
            _ => {}
        }
    }

    /// Looks into a member of `length` bytes, with holes where there are runs.
    fn contents(&mut self, name: &str, length: u64, sparse: Option<&Layout>) -> Result<(), Halt> {
        let start = self.pass.position();
        let last = name.strip_prefix("./").unwrap_or(name);
        self.settings |= last == "model_config.yaml";
        self.checkpoint |= last.rsplit_once('.').is_some_and(|(_, extension)| extension == "ckpt");
        self.image.note(name, length);
        let (limits, budget) = (*self.scope.limits, self.scope.budget);
        let shared = Shared::new(self.pass);
        let packed = Place { codec: Codec::Stored, start, length };
        let member = Packed::new(&shared, packed, length, &limits, budget);
        let (image, layer) = (&mut self.image, self.layer);
        match sparse {
            None => self.scope.inside(name, |scope| inside(&member, image, layer, scope)),
            Some(Layout { runs, size, .. }) => match Holes::new(&member, runs, *size) {
                Ok(holes) if budget.spend(holes.empty()) => {
                    self.scope.inside(name, |scope| inside(&holes, image, layer, scope));
                }
                Ok(_) => {
                    let place = self.scope.problems.range(&[name], start, start + length);
                    let message = format!("the file with its holes has {size} bytes");
                    self.scope.problems.add(rules::Bomb::META, place.clone(), message);
                    self.scope.problems.unexamined(place, "a file with more holes than are looked at");
                }
                Err(why) => {
                    let place = self.scope.problems.range(&[name], start, start + length);
                    self.scope.problems.add(rules::MalformedHeader::META, place.clone(), why);
                    self.scope.problems.unexamined(place, "a file with holes that cannot be put together");
                }
            },
        }
        member.drain(None).map(|_| ())
    }

    /// Passes what fills a member's last block.
    fn padding(&mut self, length: u64) -> Result<(), Halt> {
        let start = self.pass.position();
        let padding = (length.next_multiple_of(BLOCK as u64) - length).min(self.pass.size() - start);
        let mut zero = true;
        self.pass.each(padding, &mut |piece| zero &= piece.iter().all(|byte| *byte == 0))?;
        if !zero {
            let place = self.scope.range(start, start + padding);
            let message = "bytes between a member's last and the next block";
            let occurrence = Occurrence::new(rules::Unaccounted::META, place.clone(), message);
            self.scope.problems.push(occurrence.severity(Severity::Medium));
            self.scope.problems.unexamined(place, "bytes that belong to no member");
        }
        Ok(())
    }

    fn add(&mut self, rule: &'static RuleMeta, start: u64, end: u64, message: impl Into<String>) {
        self.scope.add(rule, start, end, message);
    }
}

/// Looks at the bytes of a member, and hashes them where their name is their digest.
fn inside(member: &dyn ReadAt, image: &mut Image, layer: bool, scope: &mut Scope<'_, '_>) {
    let mut watch = |_| ControlFlow::Continue(());
    let name = scope.name;
    if image::digest(name).is_none() || layer {
        let mut pass = Pass::over(member, &mut watch);
        let _ = look(&mut pass, image, layer, scope);
        return;
    }
    let mut pass = Pass::new(member, &mut watch);
    let _ = look(&mut pass, image, layer, scope);
    let digest: Option<Digest> = pass.finish().digest;
    Image::verify(name, digest, member.len(), scope);
}

fn look(pass: &mut Pass<'_>, image: &mut Image, layer: bool, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let (name, size) = (scope.name, pass.size());
    if !layer && Image::is_document(name, size, pass.peek(BLOCK)?) {
        let document = pass.ahead(0, usize::try_from(size).unwrap_or(0))?;
        image.read(&document, scope.limits.json_depth);
    }
    if torch::read(pass, scope)? {
        return Ok(());
    }
    scope.layer = !layer && image::is_layer(name);
    content::read(pass, scope, &mut Format::Other)
}
