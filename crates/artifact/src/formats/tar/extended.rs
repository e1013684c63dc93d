//! What stands in front of a member and describes it: records of POSIX.1-2001 (pax) and GNU's long names.

use super::header::{integer, trim};

/// Records that matter, each with the value that Python takes: the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<i128>,
    pub(super) sparse: Sparse,
    /// What readers do not take alike.
    pub(super) odd: Vec<&'static str>,
}

/// What is said of a file with holes.
#[derive(Clone, Debug, Default)]
pub(super) struct Sparse {
    pub(super) name: Option<Vec<u8>>,
    pub(super) real: Option<i128>,
    /// The runs in one record (version 0.1).
    pub(super) map: Option<Vec<u8>>,
    /// The runs in two records each (version 0.0).
    pub(super) offsets: Vec<i128>,
    pub(super) lengths: Vec<i128>,
    pub(super) major: Option<Vec<u8>>,
    pub(super) minor: Option<Vec<u8>>,
}

impl Sparse {
    /// Whether there is a file with holes.
    pub(super) fn is_some(&self) -> bool {
        self.map.is_some() || self.real.is_some() || self.major.is_some() || !self.offsets.is_empty()
    }

    /// Whether the runs stand in front of the data (version 1.0).
    pub(super) fn is_inline(&self) -> bool {
        self.map.is_none()
            && self.major.as_deref() == Some(b"1".as_slice())
            && self.minor.as_deref() == Some(b"0".as_slice())
    }
}

/// Runs that are kept of one file.
pub(super) const MOST_RUNS: usize = 100_000;

impl Records {
    /// Reads records: `length key=value\n`. The bytes reach to the end of the last block, as in Python, which parses what
    /// lies behind the stated length as well.
    pub(super) fn parse(bytes: &[u8], stated: usize) -> Result<Self, &'static str> {
        let mut records = Self::default();
        let mut rest = bytes;
        let mut seen = Vec::new();
        while rest.first().is_some_and(|byte| *byte != 0) {
            let (key, value, behind) = record(rest).ok_or("a record of its extended header is malformed")?;
            rest = behind;
            if [b"path".as_slice(), b"linkpath", b"size"].contains(&key) {
                if seen.contains(&key) {
                    records.note("its extended header says the same thing twice");
                }
                seen.push(key);
            }
            if value.contains(&0) && matches!(key, b"path" | b"linkpath") {
                records.note("a name in its extended header holds a zero, where some readers stop");
            }
            records.take(key, value);
        }
        if bytes.get(stated..).unwrap_or_default().iter().any(|byte| *byte != 0) {
            records.note("its extended header has records behind its end, which Python reads");
        }
        Ok(records)
    }

    fn note(&mut self, what: &'static str) {
        if !self.odd.contains(&what) {
            self.odd.push(what);
        }
    }

    fn take(&mut self, key: &[u8], value: &[u8]) {
        let owned = || Some(value.to_vec());
        let number = || std::str::from_utf8(value).ok().and_then(|text| integer(text, 10));
        match key {
            b"path" => {
                let mut path = value.to_vec();
                trim(&mut path);
                self.path = Some(path);
            }
            b"linkpath" => self.link = owned(),
            b"size" => {
                let number = number().filter(|_| !value.is_empty());
                if !value.iter().all(u8::is_ascii_digit) || value.is_empty() {
                    self.note("the length in its extended header is no plain number");
                }
                self.size = Some(number.unwrap_or(0));
            }
            b"GNU.sparse.name" => self.sparse.name = owned(),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                if number().is_none_or(|number| self.sparse.real.is_some_and(|real| real != number)) {
                    self.note("its extended header says different lengths of the file with its holes");
                }
                self.sparse.real = Some(number().unwrap_or(-1));
            }
            b"GNU.sparse.map" => self.sparse.map = owned(),
            b"GNU.sparse.major" => self.sparse.major = owned(),
            b"GNU.sparse.minor" => self.sparse.minor = owned(),
            b"GNU.sparse.offset" if self.sparse.offsets.len() < MOST_RUNS => {
                self.sparse.offsets.push(number().unwrap_or(-1));
            }
            b"GNU.sparse.numbytes" if self.sparse.lengths.len() < MOST_RUNS => {
                self.sparse.lengths.push(number().unwrap_or(-1));
            }
            _ => {}
        }
    }

    /// Whether anything changes which bytes are read under which name.
    pub(super) fn changes_members(&self) -> bool {
        self.path.is_some() || self.link.is_some() || self.size.is_some() || self.sparse.is_some()
    }

    /// Adds what later records say.
    pub(super) fn update(&mut self, later: Self) {
        self.path = later.path.or_else(|| self.path.take());
        self.link = later.link.or_else(|| self.link.take());
        self.size = later.size.or(self.size);
        if later.sparse.is_some() {
            self.sparse = later.sparse;
        }
    }
}

/// What the headers in front of a member say of it.
#[derive(Default)]
pub(super) struct Front {
    pub(super) name: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<i128>,
    pub(super) sparse: Sparse,
    pub(super) odd: Vec<&'static str>,
    pub(super) headers: usize,
}

impl Front {
    pub(super) fn note(&mut self, what: &'static str) {
        if !self.odd.contains(&what) {
            self.odd.push(what);
        }
    }

    /// Python applies the outermost header last, which is the first.
    pub(super) fn name(&mut self, name: Option<Vec<u8>>) {
        if self.name.is_some() && name.is_some() {
            self.note("two headers in front of the member name it");
        }
        self.name = self.name.take().or(name);
    }

    pub(super) fn link(&mut self, link: Option<Vec<u8>>) {
        if self.link.is_some() && link.is_some() {
            self.note("two headers in front of the member say where it leads");
        }
        self.link = self.link.take().or(link);
    }

    pub(super) fn records(&mut self, own: Records, global: &Records) {
        for odd in &own.odd {
            self.note(odd);
        }
        if self.size.is_some() && own.size.is_some() || self.sparse.is_some() && own.sparse.is_some() {
            self.note("two headers in front of the member state its length");
        }
        self.name(own.path.or_else(|| global.path.clone()));
        self.link(own.link.or_else(|| global.link.clone()));
        self.size = self.size.or(own.size).or(global.size);
        if !self.sparse.is_some() {
            self.sparse = if own.sparse.is_some() { own.sparse } else { global.sparse.clone() };
        }
        self.name = self.sparse.name.clone().or_else(|| self.name.take());
    }
}

/// The first record: its key, its value, and what follows.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=20).contains(&digits) || bytes.get(digits) != Some(&b' ') {
        return None;
    }
    let length: usize = std::str::from_utf8(bytes.get(..digits)?).ok()?.parse().ok()?;
    if length < 5 {
        return None;
    }
    let (record, rest) = bytes.split_at_checked(length)?;
    let body = record.get(digits + 1..)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
    Some((&body[..equals], &body[equals + 1..], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_framed_by_their_length() {
        let records = Records::parse(b"15 path=a=b\nc/\n11 size=17\n\0\0", 26).unwrap();
        assert_eq!(records.path.as_deref(), Some(b"a=b\nc".as_slice()));
        assert_eq!((records.size, records.odd.len()), (Some(17), 0));
        for malformed in
            [b"8 path=a\n".as_slice(), b"7 path=a\n", b"x path=a\n", b"10path=ab\n", b"4 =\n", b"99 a=b\n"]
        {
            assert!(Records::parse(malformed, malformed.len()).is_err(), "{}", malformed.escape_ascii());
        }
    }
}
