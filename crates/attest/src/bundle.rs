use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::{self, BufRead, Write},
};

use bartizan_finding::Digest;

use crate::{AttestError, Envelope, MAX_ENVELOPE};

/// The most lines of a bundle that are read: ten times what an import is measured with.
pub const MAX_BUNDLE_LINES: u64 = 100_000;

/// The most bytes of a bundle that are read: room for all lines at 10 KiB each, where 2 to 4 KiB are usual.
pub const MAX_BUNDLE: u64 = 1 << 30;

/// How a file begins that some editors save as UTF-8 "with signature".
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a bundle: JSON Lines with one DSSE envelope on each
/// (<https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md>).
///
/// It verifies nothing and holds one line at a time. Blank lines are passed over; lines may end in CR LF, and the
/// last one need not end at all. A line that is no envelope is a fault, and reading goes on behind it: the
/// specification lets readers ignore such lines, but what was not taken in is to be named. After a fault that ends the
/// reading ([`BundleFault::is_final`]) there is no further item.
///
/// ```
/// # use bartizan_attest::*;
/// let key = SigningKey::from_seed([7; 32]);
/// let envelopes = [1, 2].map(|n| Envelope::sign_bytes(IN_TOTO_PAYLOAD, vec![n], &key));
/// let mut bytes = Vec::new();
/// write_bundle(&mut bytes, &envelopes)?;
/// let lines: Vec<_> = BundleReader::new(bytes.as_slice()).collect::<Result<_, _>>()?;
/// assert_eq!(lines[1].envelope, envelopes[1]);
/// assert_eq!(lines[1].repeats, None);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BundleReader<R> {
    source: R,
    line: u64,
    left: u64,
    seen: BTreeMap<Digest, u64>,
    done: bool,
}

/// An envelope of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleLine {
    /// The number of its line, from 1.
    pub number: u64,
    /// The line, without its end.
    pub bytes: Vec<u8>,
    /// What stands on it. Not verified.
    pub envelope: Envelope,
    /// The SHA-256 of the envelope's canonical form, by which a ledger would refer to it.
    pub digest: Digest,
    /// The number of the first line with the same envelope, where this one repeats it.
    pub repeats: Option<u64>,
}

/// What is wrong with a line of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the bundle {why}")]
pub struct BundleFault {
    /// The number of the line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: BundleFaultKind,
}

/// Why a line of a bundle, or the rest of it, was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleFaultKind {
    /// The line is not an envelope.
    #[error("cannot be read: {0}")]
    NotAnEnvelope(#[from] AttestError),
    /// The line is longer than any envelope; it was passed over without being held.
    #[error("is longer than {MAX_ENVELOPE} bytes")]
    LineTooLong,
    /// There are more lines than are read. Nothing of this line or after it was.
    #[error("and what follows it were not read: a bundle has at most {MAX_BUNDLE_LINES} lines")]
    TooManyLines,
    /// There are more bytes than are read. Nothing of this line or after it was.
    #[error("and what follows it were not read: a bundle has at most {MAX_BUNDLE} bytes")]
    TooManyBytes,
    /// The source failed. Nothing of this line or after it was read.
    #[error("and what follows it were not read: {}", io::Error::from(*.0))]
    Unreadable(io::ErrorKind),
}

impl BundleFault {
    /// Whether nothing behind the line was read.
    pub fn is_final(&self) -> bool {
        !matches!(self.why, BundleFaultKind::NotAnEnvelope(_) | BundleFaultKind::LineTooLong)
    }
}

/// Writes a bundle, one envelope in its canonical form on each line, and says how many there are.
pub fn write_bundle<'a>(
    out: &mut dyn Write,
    envelopes: impl IntoIterator<Item = &'a Envelope>,
) -> io::Result<u64> {
    let mut written = 0;
    for envelope in envelopes {
        out.write_all(&envelope.to_bytes())?;
        out.write_all(b"\n")?;
        written += 1;
    }
    Ok(written)
}

impl<R: BufRead> BundleReader<R> {
    /// Reads from `source`, whose buffer bounds what is held beside the line.
    pub fn new(source: R) -> Self {
        Self { source, line: 0, left: MAX_BUNDLE, seen: BTreeMap::new(), done: false }
    }

    /// The next line without its end, or nothing at the end of the source.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, BundleFaultKind> {
        let mut line = Vec::new();
        let mut length = 0_u64;
        loop {
            let available = match self.source.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(BundleFaultKind::Unreadable(error.kind())),
            };
            if available.is_empty() && length == 0 {
                return Ok(None);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            let taken = part.len() + usize::from(end.is_some());
            let ended = end.is_some() || available.is_empty();
            self.left = self.left.checked_sub(taken as u64).ok_or(BundleFaultKind::TooManyBytes)?;
            length += taken as u64;
            // One byte more than fits is kept: it shows that the line is too long, and a CR may still go.
            let room = (MAX_ENVELOPE + 2).saturating_sub(line.len());
            line.extend(part.iter().take(room));
            self.source.consume(taken);
            if ended {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                let too_long = line.len() > MAX_ENVELOPE;
                return if too_long { Err(BundleFaultKind::LineTooLong) } else { Ok(Some(line)) };
            }
        }
    }

    fn read_line(&mut self, bytes: Vec<u8>) -> Result<BundleLine, BundleFaultKind> {
        let envelope = Envelope::parse(&bytes)?;
        let digest = envelope.digest();
        let repeats = match self.seen.entry(digest) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(place) => {
                place.insert(self.line);
                None
            }
        };
        Ok(BundleLine { number: self.line, bytes, envelope, digest, repeats })
    }
}

impl<R: BufRead> Iterator for BundleReader<R> {
    type Item = Result<BundleLine, BundleFault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            self.line += 1;
            let read = match self.next_line() {
                Ok(None) => break,
                // Blank lines count, so that a file of newlines ends too.
                Ok(Some(_)) | Err(BundleFaultKind::LineTooLong) if self.line > MAX_BUNDLE_LINES => {
                    Err(BundleFaultKind::TooManyLines)
                }
                Ok(Some(mut bytes)) => {
                    if self.line == 1 && bytes.starts_with(BYTE_ORDER_MARK) {
                        bytes.drain(..BYTE_ORDER_MARK.len());
                    }
                    if bytes.trim_ascii().is_empty() {
                        continue;
                    }
                    self.read_line(bytes)
                }
                Err(why) => Err(why),
            };
            let read = read.map_err(|why| BundleFault { line: self.line, why });
            self.done = read.as_ref().is_err_and(BundleFault::is_final);
            return Some(read);
        }
        self.done = true;
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use proptest::prelude::*;

    use super::*;
    use crate::{IN_TOTO_PAYLOAD, SigningKey};

    fn envelope(n: u8) -> Envelope {
        Envelope::sign_bytes(IN_TOTO_PAYLOAD, vec![n], &SigningKey::from_seed([1; 32]))
    }

    fn text(n: u8) -> String {
        String::from_utf8(envelope(n).to_bytes()).unwrap()
    }

    /// What the reader says of each line: its number, its envelope or fault, and what it repeats.
    fn read(bytes: &[u8], capacity: usize) -> Vec<String> {
        BundleReader::new(BufReader::with_capacity(capacity, bytes))
            .map(|line| match line {
                Ok(line) => {
                    assert_eq!(line.digest, line.envelope.digest());
                    let repeats = line.repeats.map(|first| format!(" repeats {first}"));
                    format!("{}: {:?}{}", line.number, line.envelope.payload(), repeats.unwrap_or_default())
                }
                Err(fault) => fault.to_string(),
            })
            .collect()
    }

    #[test]
    fn lines_are_read_however_they_end() {
        let (one, two) = (text(1), text(2));
        let both = ["1: [1]", "2: [2]"];
        for (bytes, expected) in [
            (String::new(), vec![]),
            ("\n \r\n\t\n".to_owned(), vec![]),
            (format!("{one}\n{two}\n"), both.to_vec()),
            (format!("{one}\n{two}"), both.to_vec()),
            (format!("{one}\r\n{two}\r\n"), both.to_vec()),
            (format!("\u{feff}{one}\n{two}\n"), both.to_vec()),
            (format!("\n{one}\n\r\n  \n{two}\n\n"), vec!["2: [1]", "5: [2]"]),
            (
                format!("{one}\n{two}\n{one}\n{one}\n"),
                vec!["1: [1]", "2: [2]", "3: [1] repeats 1", "4: [1] repeats 1"],
            ),
            // Another spelling of the same envelope is the same envelope.
            (format!("{one}\n{}\n", one.replace("\":", "\" : ")), vec!["1: [1]", "2: [1] repeats 1"]),
        ] {
            for capacity in [1, 7, 8192] {
                assert_eq!(read(bytes.as_bytes(), capacity), expected, "{bytes:?} by {capacity}");
            }
        }
    }

    #[test]
    fn a_bad_line_is_named_and_the_next_one_is_read() {
        let (one, two) = (text(1), text(2));
        for (bad, words) in [
            ("{}".to_owned(), "missing field"),
            ("statement".to_owned(), "cannot be read"),
            (format!("{one}{two}"), "trailing characters"),
            (format!("\u{feff}{one}"), "cannot be read"),
            ("\u{1b}[2J".to_owned(), "cannot be read"),
            ("x".repeat(MAX_ENVELOPE + 1), "is longer than 1048576 bytes"),
            ("x".repeat(MAX_ENVELOPE * 2), "is longer than 1048576 bytes"),
        ] {
            let said = read(format!("{one}\n{bad}\n{two}").as_bytes(), 8192);
            assert_eq!((said.len(), said[0].as_str(), said[2].as_str()), (3, "1: [1]", "3: [2]"));
            assert!(said[1].starts_with("line 2 of the bundle ") && said[1].contains(words), "{}", said[1]);
            assert!(!said[1].contains('\u{1b}'));
        }
        // A line that just fits is an envelope, whether CR LF follows or not.
        for end in ["", "\n", "\r\n"] {
            let mut fits = one.clone();
            fits.insert_str(1, &" ".repeat(MAX_ENVELOPE - one.len()));
            assert_eq!(read(format!("{fits}{end}").as_bytes(), 8192), ["1: [1]"], "{end:?}");
        }
        let error = read("\u{feff}\u{feff}".as_bytes(), 8192);
        assert!(error[0].contains("cannot be read"), "{error:?}");
    }

    #[test]
    fn too_many_lines_end_the_reading() {
        let limit = usize::try_from(MAX_BUNDLE_LINES).unwrap();
        let mut bytes = "\n".repeat(limit - 1);
        bytes.push_str(&text(1));
        assert_eq!(read(bytes.as_bytes(), 8192), ["100000: [1]"]);
        bytes.push('\n');
        assert_eq!(read(bytes.as_bytes(), 8192), ["100000: [1]"]);
        bytes.push_str(&"\n".repeat(9));
        let last =
            "line 100001 of the bundle and what follows it were not read: a bundle has at most 100000 lines";
        assert_eq!(read(bytes.as_bytes(), 8192), ["100000: [1]", last]);
    }

    /// One line without an end is given up at the limit of bytes, and never held.
    #[test]
    fn too_many_bytes_end_the_reading() {
        let endless = BufReader::with_capacity(1 << 20, io::repeat(b'x'));
        let mut reader = BundleReader { left: 1 << 24, ..BundleReader::new(endless) };
        let fault = reader.next().unwrap().unwrap_err();
        assert_eq!(fault, BundleFault { line: 1, why: BundleFaultKind::TooManyBytes });
        assert!(fault.is_final());
        assert!(reader.next().is_none());
    }

    #[test]
    fn a_source_that_fails_ends_the_reading() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let one = format!("{}\n", text(1));
        let mut reader = BundleReader::new(BufReader::new(one.as_bytes().chain(Failing)));
        assert_eq!(reader.next().unwrap().unwrap().number, 1);
        let fault = reader.next().unwrap().unwrap_err();
        assert_eq!(fault.why, BundleFaultKind::Unreadable(io::ErrorKind::PermissionDenied));
        insta::assert_snapshot!(fault, @"line 2 of the bundle and what follows it were not read: permission denied");
        assert!(reader.next().is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read(payloads in proptest::collection::vec(any::<u8>(), 0..12), capacity in 1..64_usize) {
            let envelopes: Vec<_> = payloads.iter().map(|n| envelope(*n)).collect();
            let mut bytes = Vec::new();
            prop_assert_eq!(write_bundle(&mut bytes, &envelopes).unwrap(), payloads.len() as u64);
            let lines: Vec<_> = BundleReader::new(BufReader::with_capacity(capacity, bytes.as_slice()))
                .collect::<Result<_, _>>()
                .unwrap();
            for (at, line) in lines.iter().enumerate() {
                let first = payloads.iter().position(|n| *n == payloads[at]).unwrap();
                prop_assert_eq!(line.number, at as u64 + 1);
                prop_assert_eq!(&line.envelope, &envelopes[at]);
                prop_assert_eq!(&line.bytes, &envelopes[at].to_bytes());
                prop_assert_eq!(line.repeats, (first < at).then_some(first as u64 + 1));
            }
            prop_assert_eq!(lines.len(), envelopes.len());
        }

        /// How the bytes arrive changes nothing, and each line that is not blank is an envelope or a fault.
        #[test]
        fn no_line_is_lost(lines in proptest::collection::vec("[ \r]{0,2}|\\{\\}|[a-z\"{}]{1,6}", 0..12), capacity in 1..16_usize) {
            let bytes = lines.join("\n");
            let said = read(bytes.as_bytes(), capacity);
            prop_assert_eq!(&said, &read(bytes.as_bytes(), 8192));
            let filled = lines.iter().filter(|line| !line.trim().is_empty()).count();
            prop_assert_eq!(said.len(), filled);
        }
    }
}
