//! The part of ustar that archives have here: headers of regular files and nothing else.

use std::io::Read;

use super::{ArchiveError, gunzip::Gunzip};

/// Headers and contents come in blocks of so many bytes.
pub(super) const BLOCK: usize = 512;

/// `tar` programs fill their output up to a multiple of 20 blocks.
const FILLED_UP_TO: usize = 20;

/// The longest path in bytes: of a name of 100 and a prefix of 155, less a little.
pub(super) const MAX_PATH: usize = 250;

const NAME: usize = 100;
const PREFIX: usize = 155;

/// The header of a file. Owner 0, time 0, mode 0644. `None` where the path does not fit or is not plain.
pub(super) fn header(path: &str, size: u64) -> Option<[u8; BLOCK]> {
    fault(path).is_none().then_some(())?;
    let (prefix, name) = split(path)?;
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    let size = format!("{size:011o}\0");
    (size.len() == 12).then_some(())?;
    put(124, size.as_bytes());
    put(136, b"00000000000\0");
    put(156, b"0");
    put(257, b"ustar\x0000");
    put(329, b"0000000\0");
    put(337, b"0000000\0");
    put(345, prefix.as_bytes());
    let sum = checksum(&block);
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Some(block)
}

/// Path and size of the next file; nothing at the end of the archive.
pub(super) fn next<R: Read>(bytes: &mut Gunzip<R>) -> Result<Option<(String, u64)>, ArchiveError> {
    let mut block = [0; BLOCK];
    if bytes.read(&mut block)? < BLOCK {
        return Err(ArchiveError::Tar("it ends within a header"));
    }
    if block.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    if &block[257..265] != b"ustar\x0000" {
        return Err(ArchiveError::Tar("a header in it is not in the ustar form"));
    }
    if octal(&block[148..156]) != Some(checksum(&block)) {
        return Err(ArchiveError::Tar("the checksum of a header in it is wrong"));
    }
    let (name, prefix) = (text(&block[..NAME])?, text(&block[345..345 + PREFIX])?);
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    let member = |why| ArchiveError::Member { path: path.clone(), why };
    if block[156] != b'0' {
        return Err(member("is not a regular file"));
    }
    if block[157..257].iter().any(|byte| *byte != 0) {
        return Err(member("leads to another file"));
    }
    if let Some(why) = fault(&path) {
        return Err(member(why));
    }
    let size = octal(&block[124..136]).ok_or_else(|| member("has a malformed size"))?;
    Ok(Some((path, size)))
}

/// The content of a file. Nothing is allocated for bytes that do not come.
pub(super) fn content<R: Read>(bytes: &mut Gunzip<R>, size: u64) -> Result<Vec<u8>, ArchiveError> {
    const STEP: usize = 64 * 1024;
    let size = usize::try_from(size).map_err(|_| ArchiveError::Tar("a file in it is too large"))?;
    let mut content = Vec::with_capacity(size.min(STEP));
    while content.len() < size {
        let start = content.len();
        content.resize(size.min(start + STEP), 0);
        let wanted = content.len() - start;
        if bytes.read(&mut content[start..])? < wanted {
            return Err(ArchiveError::Tar("it ends within a file"));
        }
    }
    let mut padding = [0; BLOCK];
    let padding = &mut padding[..size.next_multiple_of(BLOCK) - size];
    if bytes.read(padding)? < padding.len() {
        return Err(ArchiveError::Tar("it ends within a file"));
    }
    if padding.iter().any(|byte| *byte != 0) {
        return Err(ArchiveError::Tar("a file in it is not filled up with zeros"));
    }
    Ok(content)
}

/// Reads what follows the first of the two empty blocks that end an archive: the second, and perhaps more of them up
/// to a full record.
pub(super) fn end<R: Read>(bytes: &mut Gunzip<R>) -> Result<(), ArchiveError> {
    for count in 0..FILLED_UP_TO {
        let mut block = [0; BLOCK];
        match bytes.read(&mut block)? {
            0 if count > 0 => return Ok(()),
            BLOCK if block.iter().all(|byte| *byte == 0) => {}
            BLOCK => return Err(ArchiveError::Tar("it goes on after its end")),
            _ => return Err(ArchiveError::Tar("it ends without the two empty blocks")),
        }
    }
    Ok(())
}

/// What is wrong with a path, if it is not plain and relative.
fn fault(path: &str) -> Option<&'static str> {
    if path.len() > MAX_PATH {
        Some("has a path that is too long")
    } else if path.split('/').any(|name| matches!(name, "" | "." | "..")) {
        Some("has a path that is not plain")
    } else if path.contains(|c: char| c == '\\' || c == ':' || c.is_control() || bartizan_finding::hides(c)) {
        Some("has a path with characters that no path has here")
    } else {
        None
    }
}

/// Prefix and name: the name takes as much as it holds.
fn split(path: &str) -> Option<(&str, &str)> {
    if path.len() <= NAME {
        return Some(("", path));
    }
    let mut places = path.match_indices('/');
    places
        .find(|(at, _)| path.len() - at - 1 <= NAME)
        .filter(|(at, _)| *at <= PREFIX)
        .and_then(|(at, _)| Some((path.get(..at)?, path.get(at + 1..)?)))
}

/// The text of a field, up to its first zero byte; after that only zeros may follow.
fn text(field: &[u8]) -> Result<&str, ArchiveError> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let (text, rest) = field.split_at(end);
    let text = std::str::from_utf8(text).ok().filter(|_| rest.iter().all(|byte| *byte == 0));
    text.ok_or(ArchiveError::Tar("a path in it is not UTF-8"))
}

/// A number of octal digits that a zero byte or a space ends.
fn octal(field: &[u8]) -> Option<u64> {
    let end = field.iter().position(|byte| matches!(byte, 0 | b' '))?;
    let (digits, rest) = field.split_at(end);
    if digits.is_empty() || !rest.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        number.checked_mul(8)?.checked_add(digit.into())
    })
}

/// The sum of the bytes of a header, the checksum itself taken as spaces.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let byte = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) };
    block.iter().enumerate().map(byte).sum()
}
