//! The header of a 7-Zip archive: 7zFormat.txt of the 7-Zip SDK. Counts are held against the bytes that are there before
//! anything is made room for.

use crate::Limits;

/// Where the packed streams start: behind the signature, the version and the place of the header.
pub(super) const START: u64 = 32;
/// Most coders of a folder, as in 7-Zip.
const MOST_CODERS: u64 = 32;

/// Ids of properties.
mod id {
    pub(super) const END: u8 = 0x00;
    pub(super) const HEADER: u8 = 0x01;
    pub(super) const PROPERTIES: u8 = 0x02;
    pub(super) const ADDITIONAL: u8 = 0x03;
    pub(super) const STREAMS: u8 = 0x04;
    pub(super) const FILES: u8 = 0x05;
    pub(super) const PACK: u8 = 0x06;
    pub(super) const UNPACK: u8 = 0x07;
    pub(super) const SUBSTREAMS: u8 = 0x08;
    pub(super) const SIZE: u8 = 0x09;
    pub(super) const CRC: u8 = 0x0a;
    pub(super) const FOLDER: u8 = 0x0b;
    pub(super) const UNPACK_SIZE: u8 = 0x0c;
    pub(super) const COUNT: u8 = 0x0d;
    pub(super) const EMPTY_STREAM: u8 = 0x0e;
    pub(super) const EMPTY_FILE: u8 = 0x0f;
    pub(super) const ANTI: u8 = 0x10;
    pub(super) const NAMES: u8 = 0x11;
    pub(super) const ATTRIBUTES: u8 = 0x15;
    pub(super) const ENCODED: u8 = 0x17;
}

/// Why a header is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Malformed(&'static str),
    Limited(&'static str),
}

type Result<T> = std::result::Result<T, Fault>;

const ENDS: Fault = Fault::Malformed("the header ends too early");
const UNKNOWN: Fault =
    Fault::Malformed("the header holds a property at a place where none of its kind belongs");

/// A coder: its id and its properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coder {
    pub(super) id: Vec<u8>,
    pub(super) properties: Vec<u8>,
}

/// Streams that were packed together.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    /// From the one whose bytes come out to the one that takes the packed stream; none where they form no chain.
    pub(super) chain: Option<Vec<Coder>>,
    /// All ids, for what is said about it.
    pub(super) coders: Vec<Coder>,
    /// Index of the coder whose bytes come out.
    last: usize,
    packed_streams: usize,
    outs: usize,
    pub(super) size: u64,
    pub(super) crc: Option<u32>,
    /// Place of the packed streams in the file.
    pub(super) start: u64,
    pub(super) packed: u64,
    /// Lengths and checksums of what was packed together.
    pub(super) parts: Vec<(u64, Option<u32>)>,
}

/// Packed streams and how they are unpacked.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams {
    pub(super) folders: Vec<Folder>,
    /// Places of the packed streams in the file: start and length.
    pub(super) packs: Vec<(u64, u64)>,
}

/// A file.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) has_stream: bool,
    pub(super) is_folder: bool,
    /// Whether unpacking deletes it.
    pub(super) anti: bool,
    pub(super) attributes: u32,
}

/// What a header holds.
#[derive(Debug)]
pub(super) enum Header {
    /// The header itself is packed.
    Encoded(Streams),
    Plain {
        streams: Streams,
        members: Vec<Member>,
        odd: Vec<&'static str>,
    },
}

/// Reads a header.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Header> {
    let most = limits.archive_members as u64;
    let mut reader = Reader { bytes, most };
    match reader.byte()? {
        id::ENCODED => Ok(Header::Encoded(reader.streams()?)),
        id::HEADER => reader.header(),
        _ => Err(UNKNOWN),
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
    most: u64,
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.bytes.split_first().ok_or(ENDS)?;
        self.bytes = rest;
        Ok(*byte)
    }

    fn take(&mut self, count: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(ENDS)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        self.take(4)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)).ok_or(ENDS)
    }

    /// A number: the leading ones of the first byte say how many bytes follow, its other bits are the highest.
    fn number(&mut self) -> Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones().min(8);
        let low = self.take(more as usize)?;
        let low = low.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let high = if more >= 7 { 0 } else { u64::from(first) & ((1 << (7 - more)) - 1) };
        Ok(low | high << (8 * more).min(63))
    }

    /// A count of things that each take at least one bit of the header or are bounded by the most members.
    fn count(&mut self) -> Result<usize> {
        let count = self.number()?;
        if count > self.most {
            return Err(Fault::Limited("the archive has more members than are looked at"));
        }
        usize::try_from(count).map_err(|_| ENDS)
    }

    fn bits(&mut self, count: usize) -> Result<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        Ok((0..count).map(|at| bytes.get(at / 8).is_some_and(|byte| byte << (at % 8) & 0x80 != 0)).collect())
    }

    /// A mark that all are set, or one bit for each.
    fn bits_or_all(&mut self, count: usize) -> Result<Vec<bool>> {
        if self.byte()? == 0 { self.bits(count) } else { Ok(vec![true; count]) }
    }

    fn digests(&mut self, count: usize) -> Result<Vec<Option<u32>>> {
        let set = self.bits_or_all(count)?;
        set.into_iter().map(|set| if set { self.u32().map(Some) } else { Ok(None) }).collect()
    }

    fn header(&mut self) -> Result<Header> {
        let mut odd = Vec::new();
        let mut next = self.byte()?;
        if next == id::PROPERTIES {
            while self.byte()? != id::END {
                let size = self.number()?;
                self.take(usize::try_from(size).map_err(|_| ENDS)?)?;
            }
            next = self.byte()?;
        }
        if next == id::ADDITIONAL {
            self.streams()?;
            odd.push("the header has streams of its own beside those of the members");
            next = self.byte()?;
        }
        let mut streams = Streams::default();
        if next == id::STREAMS {
            streams = self.streams()?;
            next = self.byte()?;
        }
        let mut members = Vec::new();
        if next == id::FILES {
            members = self.files(&mut odd)?;
            next = self.byte()?;
        }
        if next != id::END {
            return Err(UNKNOWN);
        }
        if !self.bytes.is_empty() {
            odd.push("bytes follow the end of the header");
        }
        Ok(Header::Plain { streams, members, odd })
    }

    fn streams(&mut self) -> Result<Streams> {
        let mut streams = Streams::default();
        let mut next = self.byte()?;
        if next == id::PACK {
            streams.packs = self.pack()?;
            next = self.byte()?;
        }
        if next == id::UNPACK {
            streams.folders = self.unpack()?;
            next = self.byte()?;
        }
        for folder in &mut streams.folders {
            folder.parts = vec![(folder.size, folder.crc)];
        }
        if next == id::SUBSTREAMS {
            self.substreams(&mut streams.folders)?;
            next = self.byte()?;
        }
        if next != id::END {
            return Err(UNKNOWN);
        }
        let mut packs = streams.packs.iter();
        for folder in &mut streams.folders {
            for index in 0..folder.packed_streams {
                let (start, length) =
                    packs.next().ok_or(Fault::Malformed("a folder has no packed stream"))?;
                folder.start = if index == 0 { *start } else { folder.start };
                folder.packed = folder.packed.saturating_add(*length);
            }
        }
        if packs.next().is_some() {
            return Err(Fault::Malformed("a packed stream belongs to no folder"));
        }
        Ok(streams)
    }

    fn pack(&mut self) -> Result<Vec<(u64, u64)>> {
        let mut start = self.number()?.checked_add(START).ok_or(ENDS)?;
        let count = self.count()?;
        let mut packs = Vec::new();
        loop {
            match self.byte()? {
                id::END => break,
                id::SIZE => {
                    for _ in 0..count {
                        let length = self.number()?;
                        packs.push((start, length));
                        start = start.checked_add(length).ok_or(ENDS)?;
                    }
                }
                id::CRC => {
                    self.digests(count)?;
                }
                _ => return Err(UNKNOWN),
            }
        }
        if packs.len() == count { Ok(packs) } else { Err(UNKNOWN) }
    }

    fn unpack(&mut self) -> Result<Vec<Folder>> {
        if self.byte()? != id::FOLDER {
            return Err(UNKNOWN);
        }
        let count = self.count()?;
        if self.byte()? != 0 {
            return Err(Fault::Limited("the folders are described in a stream of the header"));
        }
        let mut folders = Vec::new();
        for _ in 0..count {
            folders.push(self.folder()?);
        }
        if self.byte()? != id::UNPACK_SIZE {
            return Err(UNKNOWN);
        }
        for folder in &mut folders {
            for index in 0..folder.outs {
                let size = self.number()?;
                folder.size = if index == folder.last { size } else { folder.size };
            }
        }
        let mut next = self.byte()?;
        if next == id::CRC {
            for (folder, crc) in folders.iter_mut().zip(self.digests(count)?) {
                folder.crc = crc;
            }
            next = self.byte()?;
        }
        if next == id::END { Ok(folders) } else { Err(UNKNOWN) }
    }

    fn folder(&mut self) -> Result<Folder> {
        let count = self.number()?;
        if !(1..=MOST_CODERS).contains(&count) {
            return Err(Fault::Malformed("a folder has no coders, or more than 32"));
        }
        let (mut coders, mut ins, mut outs) = (Vec::new(), 0_usize, 0_usize);
        let mut simple = true;
        for _ in 0..count {
            let flags = self.byte()?;
            if flags & 0xc0 != 0 {
                return Err(Fault::Malformed("a coder is described in a way that 7-Zip does not know"));
            }
            let id = self.take(usize::from(flags & 0x0f))?.to_vec();
            let (mut own_ins, mut own_outs) = (1, 1);
            if flags & 0x10 != 0 {
                let few =
                    |count: u64| usize::try_from(count).ok().filter(|count| *count as u64 <= MOST_CODERS);
                own_ins = few(self.number()?).ok_or(ENDS)?;
                own_outs = few(self.number()?).ok_or(ENDS)?;
                simple &= (own_ins, own_outs) == (1, 1);
            }
            let mut properties = Vec::new();
            if flags & 0x20 != 0 {
                let size = usize::try_from(self.number()?).map_err(|_| ENDS)?;
                properties = self.take(size)?.to_vec();
            }
            ins += own_ins;
            outs += own_outs;
            coders.push(Coder { id, properties });
        }
        let pairs = outs.checked_sub(1).ok_or(Fault::Malformed("a folder gives nothing"))?;
        let mut binds = Vec::new();
        for _ in 0..pairs {
            let (to, from) = (self.number()?, self.number()?);
            if to >= ins as u64 || from >= outs as u64 || binds.iter().any(|(a, b)| *a == to || *b == from) {
                return Err(Fault::Malformed(
                    "the coders of a folder are joined in a way that makes no sense",
                ));
            }
            binds.push((to, from));
        }
        let packed_streams = ins.checked_sub(pairs).filter(|count| *count > 0).ok_or(ENDS)?;
        if packed_streams > 1 {
            for _ in 0..packed_streams {
                self.number()?;
            }
        }
        let free = (0..outs).find(|out| !binds.iter().any(|(_, from)| *from == *out as u64));
        let last = free.ok_or(Fault::Malformed("a folder gives nothing"))?;
        let chain = (simple && packed_streams == 1).then(|| follow(&coders, &binds, last)).flatten();
        Ok(Folder { chain, coders, last, packed_streams, outs, ..Folder::default() })
    }

    fn substreams(&mut self, folders: &mut [Folder]) -> Result<()> {
        let mut next = self.byte()?;
        let mut counts = vec![1; folders.len()];
        if next == id::COUNT {
            let mut left = self.most;
            for count in &mut counts {
                *count = self.count()?;
                left = left
                    .checked_sub(*count as u64)
                    .ok_or(Fault::Limited("the archive has more members than are looked at"))?;
            }
            next = self.byte()?;
        }
        let sized = next == id::SIZE;
        for (folder, count) in folders.iter_mut().zip(&counts) {
            let whole = folder.parts.first().and_then(|(_, crc)| *crc);
            let mut parts = Vec::new();
            let mut left = folder.size;
            for part in 1..=*count {
                let size = if part == *count {
                    left
                } else if sized {
                    self.number()?
                } else {
                    return Err(UNKNOWN);
                };
                left =
                    left.checked_sub(size).ok_or(Fault::Malformed("members are longer than their folder"))?;
                parts.push((size, None));
            }
            if let ([part], Some(crc)) = (parts.as_mut_slice(), whole) {
                part.1 = Some(crc);
            }
            folder.parts = parts;
        }
        if sized {
            next = self.byte()?;
        }
        if next == id::CRC {
            let parts = || |part: &&mut (u64, Option<u32>)| part.1.is_none();
            let count =
                folders.iter().flat_map(|folder| &folder.parts).filter(|part| part.1.is_none()).count();
            let digests = self.digests(count)?;
            let unknown = folders.iter_mut().flat_map(|folder| &mut folder.parts).filter(parts());
            for (part, digest) in unknown.zip(digests) {
                part.1 = digest;
            }
            next = self.byte()?;
        }
        if next == id::END { Ok(()) } else { Err(UNKNOWN) }
    }

    fn files(&mut self, odd: &mut Vec<&'static str>) -> Result<Vec<Member>> {
        let count = self.count()?;
        let mut members = vec![Member { has_stream: true, ..Member::default() }; count];
        let (mut empty, mut empty_files, mut anti) = (vec![false; count], Vec::new(), Vec::new());
        let mut seen = 0_u64;
        loop {
            let property = self.byte()?;
            if property == id::END {
                break;
            }
            let size = usize::try_from(self.number()?).map_err(|_| ENDS)?;
            let mut body = Reader { bytes: self.take(size)?, most: self.most };
            if property < 64
                && seen >> property & 1 != 0
                && matches!(property, id::EMPTY_STREAM..=id::ATTRIBUTES)
            {
                odd.push("the header describes the members twice");
            }
            seen |= 1_u64.checked_shl(property.into()).unwrap_or_default();
            let blank = empty.iter().filter(|empty| **empty).count();
            match property {
                id::EMPTY_STREAM => empty = body.bits(count)?,
                id::EMPTY_FILE => empty_files = body.bits(blank)?,
                id::ANTI => anti = body.bits(blank)?,
                id::NAMES => {
                    if body.byte()? != 0 {
                        return Err(Fault::Limited("the names stand in a stream of the header"));
                    }
                    for member in &mut members {
                        member.name = body.name()?;
                    }
                    if !body.bytes.is_empty() {
                        odd.push("names follow that belong to no member");
                    }
                }
                id::ATTRIBUTES => {
                    let set = body.bits_or_all(count)?;
                    if body.byte()? != 0 {
                        return Err(Fault::Limited("the attributes stand in a stream of the header"));
                    }
                    for (member, _) in members.iter_mut().zip(set).filter(|(_, set)| *set) {
                        member.attributes = body.u32()?;
                    }
                }
                _ => {}
            }
        }
        let mut blank = 0;
        for (member, empty) in members.iter_mut().zip(empty) {
            member.has_stream = !empty;
            if empty {
                member.is_folder = !empty_files.get(blank).copied().unwrap_or(false);
                member.anti = anti.get(blank).copied().unwrap_or(false);
                blank += 1;
            }
        }
        Ok(members)
    }

    /// A name in UTF-16, up to its zero.
    fn name(&mut self) -> Result<String> {
        let mut units = Vec::new();
        loop {
            match self.take(2)? {
                [0, 0] => break,
                unit => units.push(u16::from_le_bytes([unit[0], unit[1]])),
            }
        }
        Ok(String::from_utf16_lossy(&units))
    }
}

/// The coders from the one whose bytes come out to the one that takes the packed stream.
fn follow(coders: &[Coder], binds: &[(u64, u64)], last: usize) -> Option<Vec<Coder>> {
    let (mut chain, mut at) = (Vec::new(), last);
    while chain.len() < coders.len() {
        chain.push(coders.get(at)?.clone());
        match binds.iter().find(|(to, _)| *to == at as u64) {
            Some((_, from)) => at = usize::try_from(*from).ok()?,
            None => break,
        }
    }
    (chain.len() == coders.len()).then_some(chain)
}
