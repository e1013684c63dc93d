//! A header of 512 bytes: POSIX.1-1988 (ustar), what was before it, and GNU's additions, as Python's `tarfile` takes
//! them (`TarInfo.frombuf`).

/// Bytes of a header, and the unit in which everything is laid out.
pub(crate) const BLOCK: usize = 512;

/// What a block where a header should be is.
#[derive(Debug)]
pub(super) enum Block {
    /// The end of the archive.
    Zero,
    Header(Box<Header>),
    /// Python stops here, and says nothing.
    Broken(&'static str),
}

/// A header.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// The name with its prefix.
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) mode: u64,
    pub(super) size: u64,
    /// What readers do not take alike.
    pub(super) odd: Vec<&'static str>,
    /// Runs of a file with holes, the length with the holes, and whether more runs follow; GNU's first form.
    pub(super) runs: Vec<(u64, u64)>,
    pub(super) real: u64,
    pub(super) more: bool,
}

/// What a member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    File,
    /// A file with holes, in GNU's first form.
    Sparse,
    HardLink,
    Link,
    Device,
    Folder,
    Pipe,
    /// What follows describes the next member (`x`, and Sun's `X`).
    Extended,
    /// What follows describes all further members (`g`).
    Global,
    /// The next member's name (`L`).
    LongName,
    /// The next member's target (`K`).
    LongLink,
    /// Python takes it for a file.
    Unknown,
}

impl Kind {
    fn of(flag: u8) -> Self {
        match flag {
            0 | b'0' | b'7' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Link,
            b'3' | b'4' => Self::Device,
            b'5' => Self::Folder,
            b'6' => Self::Pipe,
            b'S' => Self::Sparse,
            b'x' | b'X' => Self::Extended,
            b'g' => Self::Global,
            b'L' => Self::LongName,
            b'K' => Self::LongLink,
            _ => Self::Unknown,
        }
    }

    /// Whether the bytes behind the header are the member's.
    pub(super) const fn has_data(self) -> bool {
        matches!(self, Self::File | Self::Sparse | Self::Unknown)
    }

    /// Whether it describes other members.
    pub(super) const fn describes(self) -> bool {
        matches!(self, Self::Extended | Self::Global | Self::LongName | Self::LongLink)
    }
}

/// Whether the first block of some bytes is a header, by its checksum; 512 bytes with a sum in octal digits that is
/// theirs, and figures where figures belong, do not come about by chance.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else { return false };
    block[0] != 0
        && block[148..156].iter().any(u8::is_ascii_digit)
        && matches!(parse(block), Block::Header(_))
}

/// Reads a block.
pub(super) fn parse(block: &[u8; BLOCK]) -> Block {
    if block.iter().all(|byte| *byte == 0) {
        return Block::Zero;
    }
    match fields(block) {
        Ok(header) => Block::Header(Box::new(header)),
        Err(why) => Block::Broken(why),
    }
}

fn fields(block: &[u8; BLOCK]) -> Result<Header, &'static str> {
    let stated = number(&block[148..156]).ok_or("its checksum is no number")?.0;
    let sum = |value: fn(u8) -> i128| {
        let bytes = block[..148].iter().chain(&block[156..]);
        bytes.map(|byte| value(*byte)).sum::<i128>() + 256
    };
    // Some old writers summed up signed bytes.
    if stated != sum(i128::from) && stated != sum(|byte| i128::from(byte.cast_signed())) {
        return Err("its checksum is wrong");
    }
    let mut odd = Vec::new();
    let mut field = |from: usize, to: usize| {
        let (value, plain) = number(&block[from..to]).ok_or("one of its numbers is none")?;
        if !plain {
            odd.push("a number is written in a way that readers do not take alike");
        }
        Ok::<_, &'static str>(value)
    };
    let mode = field(100, 108)?;
    field(108, 116)?;
    field(116, 124)?;
    let size = u64::try_from(field(124, 136)?).map_err(|_| "its length is negative or too large")?;
    field(136, 148)?;
    field(329, 337)?;
    field(337, 345)?;
    let (mut name, flag) = (text(&block[..100]).to_vec(), block[156]);
    let mut kind = Kind::of(flag);
    if flag == 0 && name.ends_with(b"/") {
        kind = Kind::Folder;
    }
    if kind == Kind::Folder {
        trim(&mut name);
    }
    let prefix = text(&block[345..500]);
    if !prefix.is_empty() && !matches!(kind, Kind::LongName | Kind::LongLink | Kind::Sparse) {
        name = [prefix, b"/", &name].concat();
        if &block[257..263] != b"ustar\0" {
            odd.push("the header has a prefix of the name that is none in its format, and Python uses it");
        }
    }
    if kind == Kind::Unknown {
        odd.push("the member is of a kind that few readers know, and Python reads it as a file");
    }
    if size > 0 && !kind.has_data() && !kind.describes() {
        odd.push("a member that has no bytes states a length, and readers differ in what follows");
    }
    let mut header = Header { name, link: text(&block[157..257]).to_vec(), kind, size, ..Header::default() };
    header.mode = u64::try_from(mode).unwrap_or_default();
    if kind == Kind::Sparse {
        runs(&block[386..482], &mut header.runs);
        header.more = block[482] != 0;
        let real = number(&block[483..495]).ok_or("one of its numbers is none")?.0;
        header.real = u64::try_from(real).map_err(|_| "its length is negative or too large")?;
    }
    odd.dedup();
    header.odd = odd;
    Ok(header)
}

/// Adds runs of data, up to the first that is none.
pub(super) fn runs(bytes: &[u8], runs: &mut Vec<(u64, u64)>) {
    for pair in bytes.chunks_exact(24) {
        let value = |field: &[u8]| number(field).and_then(|(value, _)| u64::try_from(value).ok());
        let (Some(offset), Some(length)) = (value(&pair[..12]), value(&pair[12..])) else { return };
        if length > 0 {
            runs.push((offset, length));
        }
    }
}

/// Up to the first zero.
pub(super) fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Takes the slashes from the end.
pub(super) fn trim(name: &mut Vec<u8>) {
    while name.last() == Some(&b'/') {
        name.pop();
    }
}

/// A number in octal digits or in GNU's binary form, as Python's `nti` takes it; and whether all readers do.
fn number(field: &[u8]) -> Option<(i128, bool)> {
    match field {
        [0x80, rest @ ..] => Some((binary(rest), true)),
        [0xff, rest @ ..] => {
            let bits = u32::try_from(rest.len() * 8).ok()?;
            Some((binary(rest) - (1_i128 << bits), false))
        }
        field => {
            let digits = text(field);
            let plain = digits.trim_ascii().iter().all(|byte| matches!(byte, b'0'..=b'7'));
            let text = std::str::from_utf8(digits).ok().filter(|text| text.is_ascii())?;
            Some((integer(text, 8)?, plain))
        }
    }
}

fn binary(bytes: &[u8]) -> i128 {
    bytes.iter().fold(0, |value, byte| value << 8 | i128::from(*byte))
}

/// Python's `int(text.strip() or "0", base)`.
pub(super) fn integer(text: &str, base: u32) -> Option<i128> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f'));
    if text.is_empty() {
        return Some(0);
    }
    let (sign, mut digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, text.get(1..)?),
        Some(b'+') => (1, text.get(1..)?),
        _ => (1, text),
    };
    if base == 8
        && let Some(rest) = digits.strip_prefix("0o").or_else(|| digits.strip_prefix("0O"))
    {
        digits = rest.strip_prefix('_').unwrap_or(rest);
    }
    let parts: Vec<&str> = digits.split('_').collect();
    let sound = parts.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_digit(base)));
    if !sound {
        return None;
    }
    i128::from_str_radix(&parts.concat(), base).ok().map(|value| sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_python_takes() {
        type Case = (&'static [u8], Option<(i128, bool)>);
        let cases: [Case; 14] = [
            (b"0000644\0", Some((0o644, true))),
            (b"    644 ", Some((0o644, true))),
            (b"644\0junk", Some((0o644, true))),
            (b"\0\0\0\0\0\0\0\0", Some((0, true))),
            (b"-0000012", Some((-10, false))),
            (b"0o17\0\0\0\0", Some((15, false))),
            (b"1_7\0\0\0\0\0", Some((15, false))),
            (b"1__7\0\0\0\0", None),
            (b"12 34\0\0\0", None),
            (b"0000008\0", None),
            (b"\x80\0\0\0\0\0\x01\0", Some((256, true))),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some((-2, false))),
            (b"\x81\0\0\0\0\0\x01\0", None),
            (b"+7\0\0\0\0\0\0", Some((7, false))),
        ];
        for (field, want) in cases {
            assert_eq!(number(field), want, "{}", field.escape_ascii());
        }
    }
}
