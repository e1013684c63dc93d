//! What stands in front of and behind a member's bytes: APPNOTE.TXT 4.3.7 and 4.3.9.

use super::directory::{Entry, large_fields};
use crate::read::{Halt, Pass};

/// The start of a local header.
pub(super) const SIGNATURE: &[u8] = b"PK\x03\x04";
/// Bytes of a local header without name and extra field.
const FIXED: u64 = 30;
/// The flag that says that size and checksum follow the bytes.
const FOLLOWS: u16 = 8;

/// Where the bytes of the member begin whose local header is at `start`; none where there is no header.
pub(super) fn data_start(pass: &mut Pass<'_>, start: u64) -> Result<Option<u64>, Halt> {
    if pass.size().saturating_sub(start) < FIXED {
        return Ok(None);
    }
    let fixed = pass.ahead(start, FIXED as usize)?;
    let u16_at = |at: usize| u64::from(u16::from_le_bytes([fixed[at], fixed[at + 1]]));
    Ok(fixed.starts_with(SIGNATURE).then(|| start + FIXED + u16_at(26) + u16_at(28)))
}

/// A local header.
#[derive(Clone, Debug)]
pub(super) struct Local {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
}

impl Local {
    /// Reads a local header that ends before `limit`; none where there is none.
    pub(super) fn read(pass: &mut Pass<'_>, limit: u64) -> Result<Option<Self>, Halt> {
        if limit.saturating_sub(pass.position()) < FIXED || pass.peek(4)? != SIGNATURE {
            return Ok(None);
        }
        let fixed: [u8; FIXED as usize] = pass.take()?;
        let u16_at = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let u32_at = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let (name_length, extra_length) = (u16_at(26), u16_at(28));
        if limit - pass.position() < u64::from(name_length) + u64::from(extra_length) {
            return Ok(None);
        }
        let mut name = Vec::new();
        pass.each(name_length.into(), &mut |piece| name.extend_from_slice(piece))?;
        let mut extra = Vec::new();
        pass.each(extra_length.into(), &mut |piece| extra.extend_from_slice(piece))?;
        let (mut packed, mut size) = (u64::from(u32_at(18)), u64::from(u32_at(22)));
        // Where it breaks off, the sizes stay as they are and differ from the directory's.
        let _ = large_fields(&extra, &mut [&mut size, &mut packed]);
        Ok(Some(Self { name, flags: u16_at(6), method: u16_at(8), crc: u32_at(14), packed, size }))
    }

    /// What the header says otherwise than the directory.
    pub(super) fn differences(&self, entry: &Entry) -> Vec<&'static str> {
        // PyTorch and others leave checksum and sizes at zero, whether the flag says so or not.
        let unsaid = (self.crc, self.packed, self.size) == (0, 0, 0);
        let sizes = unsaid || (self.packed, self.size) == (entry.packed, entry.size);
        let crc = unsaid || self.crc == entry.crc || self.flags & FOLLOWS != 0 && self.crc == 0;
        [
            (self.name == *entry.name, "the local header has another name than the directory"),
            (
                self.method == entry.method,
                "the local header has another compression method than the directory",
            ),
            (self.flags == entry.flags, "the local header has other flags than the directory"),
            (sizes, "the local header has other sizes than the directory"),
            (crc, "the local header has another checksum than the directory"),
        ]
        .into_iter()
        .filter_map(|(same, difference)| (!same).then_some(difference))
        .collect()
    }

    /// Passes the description that may follow the bytes, up to `next`; what it says otherwise than the directory.
    pub(super) fn descriptor(
        &self,
        pass: &mut Pass<'_>,
        entry: &Entry,
        next: u64,
    ) -> Result<Option<&'static str>, Halt> {
        let promised = (self.flags | entry.flags) & FOLLOWS != 0;
        let room = usize::try_from(next.saturating_sub(pass.position())).unwrap_or(usize::MAX).min(24);
        let bytes = pass.peek(room)?;
        let body = bytes.strip_prefix(b"PK\x07\x08");
        let marked = bytes.len() - body.map_or(bytes.len(), <[u8]>::len);
        let body = body.unwrap_or(if promised { bytes } else { &[] });
        let crc = entry.crc.to_le_bytes();
        let small = [entry.packed as u32, entry.size as u32].map(u32::to_le_bytes).concat();
        let large = [entry.packed, entry.size].map(u64::to_le_bytes).concat();
        let Some(sizes) = body.strip_prefix(&crc) else {
            return Ok(promised.then_some("what follows the bytes has another checksum than the directory"));
        };
        let length = if sizes.starts_with(&large) {
            large.len()
        } else if sizes.starts_with(&small) {
            small.len()
        } else {
            return Ok(promised.then_some("what follows the bytes has other sizes than the directory"));
        };
        pass.advance(marked + crc.len() + length);
        Ok(None)
    }
}
