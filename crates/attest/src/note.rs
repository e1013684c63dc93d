use std::{fmt, str::FromStr};

use bartizan_finding::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{AttestError, SigningKey, VerifyingKey, shown::shown};

/// The most bytes of a note that are read. The specification asks for room for 16 signatures of nearly 5 kB.
pub const MAX_NOTE: usize = 256 * 1024;

/// The most signatures of a note that are looked at.
const MAX_SIGNATURES: usize = 64;

/// The signature type of Ed25519 over the note text.
const ED25519: u8 = 0x01;

const WHAT: &str = "signed note";

/// A text and its signatures, in the form of <https://c2sp.org/signed-note>.
///
/// Parsing verifies nothing: the text means something only to whom [`Note::verify`] returned a key for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A signature line of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The name of the key.
    pub name: NoteName,
    /// The key id, which with the name selects the key and proves nothing.
    pub key_id: [u8; 4],
    /// The signature; 64 bytes for Ed25519, of any length for algorithms that only others know.
    pub signature: Vec<u8>,
}

impl Note {
    /// An unsigned note of `text`, which is not empty, ends in a newline and holds no other control character.
    pub fn new(text: impl Into<String>) -> Result<Self, AttestError> {
        let text = text.into();
        AttestError::check_size(WHAT, text.len(), MAX_NOTE / 2)?;
        check_text(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note of at most [`MAX_NOTE`] bytes with at least one and at most 64 signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttestError> {
        let malformed = |why: &str| AttestError::malformed(WHAT, why);
        AttestError::check_size(WHAT, bytes.len(), MAX_NOTE)?;
        let note = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
        // The last empty line parts text and signatures; the newline before it belongs to the text.
        let (text, lines) = note.rsplit_once("\n\n").ok_or_else(|| malformed("no empty line"))?;
        let text = format!("{text}\n");
        check_text(&text)?;
        let lines = lines.strip_suffix('\n').ok_or_else(|| malformed("does not end in a newline"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(malformed("more than 64 signatures"));
            }
            signatures.push(line.parse()?);
        }
        Ok(Self { text, signatures })
    }

    /// The signed text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, verified or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds the signature of `key` under `name`.
    pub fn sign(&mut self, name: &NoteName, key: &SigningKey) {
        let verifier = NoteVerifier::new(name.clone(), key.verifying_key());
        let signature = key.sign(self.text.as_bytes()).to_vec();
        self.signatures.push(NoteSignature { name: name.clone(), key_id: verifier.key_id(), signature });
    }

    /// Adds a signature line that somebody else made, such as a cosignature. It is not verified.
    pub fn push(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// The known keys that signed the note, each once, in the order of `known`.
    ///
    /// Signatures of unknown keys are skipped, as the specification demands. A signature that names a known key
    /// and is not by it refuses the whole note, and so does a note that no known key signed.
    pub fn verify<'a>(&self, known: &'a [NoteVerifier]) -> Result<Vec<&'a NoteVerifier>, AttestError> {
        let mut signers = Vec::new();
        for verifier in known {
            let mut lines = self.signatures.iter().filter(|line| verifier.is_named_by(line)).peekable();
            if lines.peek().is_none() {
                continue;
            }
            if !lines.all(|line| verifier.key.verify(self.text.as_bytes(), &line.signature)) {
                let name = verifier.name.to_string();
                return Err(AttestError::BadSignature { what: WHAT, name });
            }
            signers.push(verifier);
        }
        if signers.is_empty() { Err(AttestError::UnknownSigner { what: WHAT }) } else { Ok(signers) }
    }
}

/// The bytes of the note: text, empty line, signature lines.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// Reads a signature line without the newline at its end.
impl FromStr for NoteSignature {
    type Err = AttestError;

    fn from_str(line: &str) -> Result<Self, AttestError> {
        let malformed = |why: &str| AttestError::malformed(WHAT, format!("{why} in `{}`", shown(line)));
        let parts = line.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' '));
        let (name, encoded) = parts.ok_or_else(|| malformed("no signature line"))?;
        let name = name.parse()?;
        let decoded = STANDARD.decode(encoded).map_err(|_| malformed("no base64"))?;
        match decoded.split_first_chunk() {
            Some((key_id, signature)) if !signature.is_empty() => {
                Ok(Self { name, key_id: *key_id, signature: signature.to_vec() })
            }
            _ => Err(malformed("no signature after the key id")),
        }
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = STANDARD.encode([self.key_id.as_slice(), &self.signature].concat());
        write!(f, "\u{2014} {} {encoded}", self.name)
    }
}

/// The name of a key in notes: 1 to 256 bytes without spaces, plus signs and control characters. By custom a URL
/// without its scheme, such as `example.com/log`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteName(String);

impl NoteName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NoteName {
    type Err = AttestError;

    fn from_str(text: &str) -> Result<Self, AttestError> {
        let fits = (1..=256).contains(&text.len());
        if !fits || text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            let why = format!("`{}` is empty, long, or has a space, `+` or control character", shown(text));
            return Err(AttestError::malformed("note key name", why));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for NoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A public key under its name in notes. Its text, `<name>+<id>+<key>`, is what C2SP tools call a vkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteVerifier {
    name: NoteName,
    key: VerifyingKey,
}

impl NoteVerifier {
    /// The key under this name.
    pub fn new(name: NoteName, key: VerifyingKey) -> Self {
        Self { name, key }
    }

    /// The name in signature lines.
    pub fn name(&self) -> &NoteName {
        &self.name
    }

    /// The key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The first four bytes of SHA-256 of name, newline, signature type and public key.
    pub fn key_id(&self) -> [u8; 4] {
        let hashed = [self.name.as_str().as_bytes(), &[b'\n', ED25519], self.key.as_bytes()].concat();
        let [a, b, c, d, ..] = *Digest::of(&hashed).as_bytes();
        [a, b, c, d]
    }

    fn is_named_by(&self, line: &NoteSignature) -> bool {
        line.name == self.name && line.key_id == self.key_id()
    }
}

impl fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.key_id());
        let key = STANDARD.encode([[ED25519].as_slice(), self.key.as_bytes()].concat());
        write!(f, "{}+{id:08x}+{key}", self.name)
    }
}

impl FromStr for NoteVerifier {
    type Err = AttestError;

    fn from_str(text: &str) -> Result<Self, AttestError> {
        const WHAT: &str = "note verifier key";
        let malformed = |why: &str| AttestError::malformed(WHAT, why);
        AttestError::check_size(WHAT, text.len(), 1024)?;
        // The base64 of the key may hold plus signs; the name and the id may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("not `<name>+<id>+<key>`"));
        };
        let key = STANDARD.decode(key).map_err(|_| malformed("the key is not base64"))?;
        let Some((&ED25519, key)) = key.split_first() else {
            return Err(malformed("not an Ed25519 key"));
        };
        let key = key.try_into().map_err(|_| malformed("not an Ed25519 key"))?;
        let verifier = Self::new(name.parse()?, VerifyingKey::from_bytes(key)?);
        if id != format!("{:08x}", u32::from_be_bytes(verifier.key_id())) {
            return Err(malformed("the id is not that of the name and key"));
        }
        Ok(verifier)
    }
}

fn check_text(text: &str) -> Result<(), AttestError> {
    let why = if !text.ends_with('\n') || text == "\n" {
        "the text is empty or does not end in a newline"
    } else if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        "the text has a control character"
    } else {
        return Ok(());
    };
    Err(AttestError::malformed(WHAT, why))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signed_note as oracle;

    use super::*;

    /// Key and note of the example in the specification.
    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
        Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    #[test]
    fn the_example_of_the_specification_verifies() {
        let verifier: NoteVerifier = VKEY.parse().unwrap();
        assert_eq!(verifier.to_string(), VKEY);
        let note = Note::parse(NOTE.as_bytes()).unwrap();
        assert_eq!(note.to_string(), NOTE);
        assert_eq!(note.text(), "This is an example message.\n");
        assert_eq!(note.verify(std::slice::from_ref(&verifier)), Ok(vec![&verifier]));
    }

    #[test]
    fn no_changed_byte_of_a_note_verifies() {
        let verifier: NoteVerifier = VKEY.parse().unwrap();
        for at in 0..NOTE.len() {
            for bit in 0..8 {
                let mut bytes = NOTE.as_bytes().to_vec();
                bytes[at] ^= 1 << bit;
                let verdict = Note::parse(&bytes)
                    .and_then(|note| note.verify(std::slice::from_ref(&verifier)).map(|_| note));
                assert!(verdict.is_err(), "byte {at}, bit {bit}: {verdict:?}");
            }
        }
    }

    #[test]
    fn unknown_keys_are_skipped_and_forged_ones_refuse_the_note() {
        let (ours, other) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let name: NoteName = "example.com/log".parse().unwrap();
        let verifier = NoteVerifier::new(name.clone(), ours.verifying_key());
        let known = std::slice::from_ref(&verifier);

        let mut note = Note::new("text\n").unwrap();
        assert_eq!(note.verify(known), Err(AttestError::UnknownSigner { what: WHAT }));
        note.sign(&name, &other);
        assert_eq!(note.verify(known), Err(AttestError::UnknownSigner { what: WHAT }));
        note.sign(&name, &ours);
        assert_eq!(note.verify(known), Ok(vec![&verifier]));

        // A line that claims our key but holds another's signature.
        let forged = NoteSignature { key_id: verifier.key_id(), ..note.signatures()[0].clone() };
        note.signatures.push(forged);
        let bad = AttestError::BadSignature { what: WHAT, name: "example.com/log".to_owned() };
        assert_eq!(note.verify(known), Err(bad));
    }

    #[test]
    fn the_last_empty_line_parts_text_and_signatures() {
        let key = SigningKey::from_seed([1; 32]);
        let name: NoteName = "k".parse().unwrap();
        let mut note = Note::new("one\n\n\u{2014} k AAAAAAAA\n\nfour\n").unwrap();
        note.sign(&name, &key);
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(read, note);
        assert_eq!(read.signatures().len(), 1);
    }

    #[test]
    fn malformed_notes_are_refused_with_their_fault() {
        let line = NOTE.lines().last().unwrap();
        let many = format!("text\n\n{}", format!("{line}\n").repeat(65));
        for (note, why) in [
            ("", "no empty line"),
            ("text\n", "no empty line"),
            ("text\n\n", "does not end in a newline"),
            ("\n\n\u{2014} k AAAAAAAA\n", "the text is empty"),
            ("te\rxt\n\n\u{2014} k AAAAAAAA\n", "control character"),
            ("text\n\n\u{2014} k AAAAAAAA", "does not end in a newline"),
            ("text\n\n- k AAAAAAAA\n", "no signature line"),
            ("text\n\n\u{2014} k\n", "no signature line"),
            ("text\n\n\u{2014} k+k AAAAAAAA\n", "note key name"),
            ("text\n\n\u{2014}  AAAAAAAA\n", "note key name"),
            ("text\n\n\u{2014} k AAAA AAAA\n", "no base64"),
            ("text\n\n\u{2014} k AAAAAAA\n", "no base64"),
            ("text\n\n\u{2014} k AAAAAA==\n", "no signature after the key id"),
            (&many, "more than 64 signatures"),
        ] {
            let error = Note::parse(note.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{note:?}: {error}");
        }
        assert!(Note::parse(&vec![b'a'; MAX_NOTE + 1]).is_err());
        assert!(Note::parse(b"\xff\n\n\xe2\x80\x94 k AAAAAAAA\n").is_err());
    }

    #[test]
    fn malformed_verifier_keys_are_refused() {
        for bad in [
            "",
            "example.com/foo",
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+AekyeRrm",
            "example.com/foo+530d903a+",
        ] {
            assert!(bad.parse::<NoteVerifier>().is_err(), "{bad}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// What we sign, the implementation of Cloudflare's logs verifies; what it signs are the bytes we sign.
        #[test]
        fn an_independent_implementation_agrees(
            text in "([a-z é\u{2014}+]{0,12}\n){0,5}[a-z]{1,9}\n",
            name in "[a-zß./-]{1,12}",
            seed: [u8; 32],
        ) {
            let key = SigningKey::from_seed(seed);
            let name: NoteName = name.parse().unwrap();
            let verifier = NoteVerifier::new(name.clone(), key.verifying_key());
            let mut ours = Note::new(text.clone()).unwrap();
            ours.sign(&name, &key);

            let list = oracle::VerifierList::new(vec![Box::new(
                oracle::StandardVerifier::new(&verifier.to_string()).unwrap(),
            )]);
            let theirs = oracle::Note::from_bytes(ours.to_string().as_bytes()).unwrap();
            let (verified, unverified) = theirs.verify(&list).unwrap();
            prop_assert_eq!((verified.len(), unverified.len()), (1, 0));

            let private = [&[ED25519], seed.as_slice()].concat();
            let id = u32::from_be_bytes(verifier.key_id());
            let private = format!("PRIVATE+KEY+{name}+{id:08x}+{}", STANDARD.encode(private));
            let mut theirs = oracle::Note::new(text.as_bytes(), &[]).unwrap();
            theirs.add_sigs(&[&oracle::StandardSigner::new(&private).unwrap()]).unwrap();
            prop_assert_eq!(theirs.to_bytes(), ours.to_string().into_bytes());
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_read_back(bytes: Vec<u8>, tail in "[ -~\n\u{2014}]{0,40}") {
            let _ = Note::parse(&bytes);
            if let Ok(note) = Note::parse(tail.as_bytes()) {
                prop_assert_eq!(note.to_string(), tail);
            }
        }
    }
}
