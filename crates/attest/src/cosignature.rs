use std::{fmt, str::FromStr};

use bartizan_finding::{Digest, Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{AttestError, Note, NoteName, NoteSignature, SigningKey, VerifyingKey};

/// The signature type of an Ed25519 cosignature (<https://c2sp.org/tlog-cosignature>, *Format*).
const ED25519_COSIGNATURE: u8 = 0x04;

/// The signature type of an ML-DSA-44 cosignature (the same).
const ML_DSA_44_COSIGNATURE: u8 = 0x06;

/// A time of eight bytes and an Ed25519 signature of 64.
const TIMED_SIGNATURE: usize = 8 + 64;

const WHAT: &str = "witness key";

/// Somebody outside who sees heads of logs and says so (<https://c2sp.org/tlog-witness>): a name and a key.
///
/// Its text is a vkey, `<name>+<id>+<key>`, of signature type 0x04. The id differs from that of a log with the same
/// name and key, so no signature over a checkpoint passes for a cosignature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    name: NoteName,
    key: VerifyingKey,
}

impl Witness {
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
        let hashed =
            [self.name.as_str().as_bytes(), &[b'\n', ED25519_COSIGNATURE], self.key.as_bytes()].concat();
        let [a, b, c, d, ..] = *Digest::of(&hashed).as_bytes();
        [a, b, c, d]
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.key_id());
        let key = STANDARD.encode([[ED25519_COSIGNATURE].as_slice(), self.key.as_bytes()].concat());
        write!(f, "{}+{id:08x}+{key}", self.name)
    }
}

impl FromStr for Witness {
    type Err = AttestError;

    fn from_str(text: &str) -> Result<Self, AttestError> {
        let malformed = |why: &str| AttestError::malformed(WHAT, why);
        // An ML-DSA-44 key is 1,312 bytes; it is read far enough to be named.
        AttestError::check_size(WHAT, text.len(), 4096)?;
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("not `<name>+<id>+<key>`"));
        };
        let key = STANDARD.decode(key).map_err(|_| malformed("the key is not base64"))?;
        let key = match key.split_first() {
            Some((&ED25519_COSIGNATURE, key)) => key,
            Some((&ML_DSA_44_COSIGNATURE, _)) => {
                return Err(malformed("an ML-DSA-44 key, which this program does not understand"));
            }
            _ => return Err(malformed("not the key of an Ed25519 cosignature, type 0x04")),
        };
        let key = key.try_into().map_err(|_| malformed("not an Ed25519 key"))?;
        let witness = Self::new(name.parse()?, VerifyingKey::from_bytes(key)?);
        if id != format!("{:08x}", u32::from_be_bytes(witness.key_id())) {
            return Err(malformed("the id is not that of the name and key"));
        }
        Ok(witness)
    }
}

/// That a witness has seen a checkpoint, verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cosigned {
    /// Who has seen it.
    pub by: Witness,
    /// When, by the witness's clock: as of then it had seen no larger tree of this log, and no other of this size.
    pub at: Timestamp,
}

/// Why a signature line under the name of a witness counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureFault {
    /// The line names the witness and its key and is not by it, or not over this checkpoint.
    #[error("cosignature of `{witness}` does not match the checkpoint")]
    BadSignature {
        /// The witness.
        witness: NoteName,
    },
    /// The line names the witness and its key and does not hold a time and an Ed25519 signature.
    #[error("cosignature of `{witness}` is malformed: {why}")]
    Malformed {
        /// The witness.
        witness: NoteName,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The line names the witness with another key: one that the trust file does not name, or of a signature type
    /// that this program does not know, such as ML-DSA-44.
    #[error("signature line of `{witness}` is not understood: its key id {} is not that of the key in the trust file", hex(*.key_id))]
    NotUnderstood {
        /// The witness.
        witness: NoteName,
        /// The key id in the line.
        key_id: [u8; 4],
    },
}

/// Which witnesses have cosigned the checkpoint in `note`, and why other lines under their names do not count.
///
/// A witness that cosigned several times stands once, with the earliest time. Lines under other names are passed over:
/// they are those of the log and of witnesses that nobody here knows.
pub fn cosignatures(note: &Note, witnesses: &[Witness]) -> (Vec<Cosigned>, Vec<CosignatureFault>) {
    let (mut cosigned, mut faults) = (Vec::new(), Vec::new());
    for witness in witnesses {
        let mut earliest: Option<Timestamp> = None;
        for line in note.signatures().iter().filter(|line| line.name == witness.name) {
            match witness.verify(note.text(), line) {
                Ok(at) => earliest = Some(earliest.map_or(at, |known| known.min(at))),
                Err(fault) => faults.push(fault),
            }
        }
        cosigned.extend(earliest.map(|at| Cosigned { by: witness.clone(), at }));
    }
    (cosigned, faults)
}

/// The signature line by which a witness says that it has seen the checkpoint `text` at `at`, in whole seconds.
///
/// Whoever signs has to have checked that the tree has only grown: the line says no less.
pub fn cosign(
    text: &str,
    name: &NoteName,
    key: &SigningKey,
    at: Timestamp,
) -> Result<NoteSignature, AttestError> {
    let note = Note::new(text)?;
    let seconds = u64::try_from(at.as_second())
        .map_err(|_| AttestError::malformed("cosignature", "its time is before 1970"))?;
    let witness = Witness::new(name.clone(), key.verifying_key());
    let signature = key.sign(message(seconds, note.text()).as_bytes());
    let signature = [seconds.to_be_bytes().as_slice(), &signature].concat();
    Ok(NoteSignature { name: name.clone(), key_id: witness.key_id(), signature })
}

impl Witness {
    fn verify(&self, text: &str, line: &NoteSignature) -> Result<Timestamp, CosignatureFault> {
        let witness = || self.name.clone();
        if line.key_id != self.key_id() {
            return Err(CosignatureFault::NotUnderstood { witness: witness(), key_id: line.key_id });
        }
        let malformed = |why| CosignatureFault::Malformed { witness: witness(), why };
        let parts = line.signature.split_first_chunk().filter(|_| line.signature.len() == TIMED_SIGNATURE);
        let (seconds, signature) = parts.ok_or_else(|| malformed("it is not a time and a signature"))?;
        let seconds = u64::from_be_bytes(*seconds);
        if !self.key.verify(message(seconds, text).as_bytes(), signature) {
            return Err(CosignatureFault::BadSignature { witness: witness() });
        }
        let at = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        at.ok_or_else(|| malformed("its time is beyond the year 9999"))
    }
}

/// What is signed (<https://c2sp.org/tlog-cosignature>, *Ed25519 signed message*).
fn message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

fn hex(key_id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(key_id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::NoteVerifier;

    /// A checkpoint of a public log with its cosignatures, and the published keys of the witnesses.
    const CHECKPOINT: &str = "arche2025h1.staging.ct.transparency.dev\n\
        1432088532\n\
        U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\
        \n\
        \u{2014} arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n\
        \u{2014} arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n\
        \u{2014} transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n\
        \u{2014} witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n\
        \u{2014} remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n\
        \u{2014} witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==\n";
    const WITNESSES: [&str; 4] = [
        "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
        "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    ];

    fn witnesses() -> Vec<Witness> {
        WITNESSES.map(|text| text.parse().unwrap()).to_vec()
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed([seed; 32])
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// A checkpoint that its log signed, and the witness `w` of seed 8.
    fn cosigned(lines: &[NoteSignature]) -> (Note, NoteVerifier, Witness) {
        let log = NoteVerifier::new("example.com/log".parse().unwrap(), key(2).verifying_key());
        let mut note =
            Note::new("example.com/log\n7\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n").unwrap();
        note.sign(log.name(), &key(2));
        for line in lines {
            note.push(line.clone());
        }
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(read, note);
        (note, log, Witness::new("w".parse().unwrap(), key(8).verifying_key()))
    }

    fn line(seed: u8, time: &str) -> NoteSignature {
        let (note, ..) = cosigned(&[]);
        cosign(note.text(), &"w".parse().unwrap(), &key(seed), at(time)).unwrap()
    }

    #[test]
    fn cosignatures_of_public_witnesses_verify() {
        let note = Note::parse(CHECKPOINT.as_bytes()).unwrap();
        let (cosigned, faults) = cosignatures(&note, &witnesses());
        assert_eq!(faults, []);
        assert_eq!(cosigned.len(), 4);
        for (cosigned, text) in cosigned.iter().zip(WITNESSES) {
            assert_eq!(cosigned.by.to_string(), text);
            assert_eq!(cosigned.at, at("2026-05-23T21:50:24Z"));
        }
        let other = Note::parse(CHECKPOINT.replace("1432088532", "1432088533").as_bytes()).unwrap();
        let (cosigned, faults) = cosignatures(&other, &witnesses());
        assert_eq!((cosigned.len(), faults.len()), (0, 4));
    }

    #[test]
    fn a_cosignature_stands_beside_the_signature_of_the_log() {
        let (note, log, witness) = cosigned(&[line(8, "2026-05-01T12:00:00.9Z")]);
        assert_eq!(note.verify(std::slice::from_ref(&log)), Ok(vec![&log]));
        let expected = Cosigned { by: witness.clone(), at: at("2026-05-01T12:00:00Z") };
        assert_eq!(cosignatures(&note, std::slice::from_ref(&witness)), (vec![expected], vec![]));
        assert_eq!(cosignatures(&note, &[]), (vec![], vec![]));
        // The key of a witness says nothing about notes, and that of a log nothing as a witness.
        let as_log = NoteVerifier::new(witness.name().clone(), *witness.key());
        assert!(note.verify(&[as_log]).is_err());
        let as_witness = Witness::new(log.name().clone(), *log.key());
        let (by_log, faults) = cosignatures(&note, &[as_witness]);
        assert_eq!((by_log, faults.len()), (vec![], 1));
        assert!(matches!(faults[0], CosignatureFault::NotUnderstood { .. }));
    }

    #[test]
    fn the_earliest_of_several_counts() {
        let times = ["2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z", "2026-05-03T00:00:00Z"];
        let (note, _, witness) = cosigned(&times.map(|time| line(8, time)));
        let (seen, faults) = cosignatures(&note, &[witness]);
        assert_eq!((seen.len(), faults.len()), (1, 0));
        assert_eq!(seen[0].at, at("2026-05-01T00:00:00Z"));
    }

    #[test]
    fn a_line_that_does_not_count_is_named() {
        let good = line(8, "2026-05-01T12:00:00Z");
        let changed = |edit: fn(&mut NoteSignature)| {
            let mut line = good.clone();
            edit(&mut line);
            line
        };
        let beyond = {
            let seconds = i64::MAX.unsigned_abs();
            let (note, ..) = cosigned(&[]);
            let signature = key(8).sign(message(seconds, note.text()).as_bytes());
            NoteSignature {
                signature: [seconds.to_be_bytes().as_slice(), &signature].concat(),
                ..good.clone()
            }
        };
        for (line, words) in [
            (changed(|line| line.signature[7] ^= 1), "cosignature of `w` does not match the checkpoint"),
            (changed(|line| line.signature[8] ^= 1), "does not match the checkpoint"),
            (changed(|line| line.signature[71] ^= 1), "does not match the checkpoint"),
            (changed(|line| line.signature.truncate(71)), "malformed: it is not a time and a signature"),
            (changed(|line| line.signature.push(0)), "malformed: it is not a time and a signature"),
            (changed(|line| line.signature = vec![0; 8]), "malformed: it is not a time and a signature"),
            (beyond, "malformed: its time is beyond the year 9999"),
            // What ML-DSA-44 would look like under the same name.
            (
                changed(|line| {
                    line.key_id = [0xab, 0, 0, 1];
                    line.signature = vec![1; 8 + 2420];
                }),
                "signature line of `w` is not understood: its key id ab000001",
            ),
            // Another key under the same name.
            (line(9, "2026-05-01T12:00:00Z"), "is not understood"),
        ] {
            let (note, log, witness) = cosigned(&[line]);
            let (seen, faults) = cosignatures(&note, std::slice::from_ref(&witness));
            assert_eq!((seen.len(), faults.len()), (0, 1), "{words}");
            assert!(faults[0].to_string().contains(words), "{}", faults[0]);
            assert_eq!(note.verify(&[log]).map(|signers| signers.len()), Ok(1));
            // A good line beside it counts.
            let mut note = note;
            note.push(good.clone());
            assert_eq!(cosignatures(&note, &[witness]).0.len(), 1, "{words}");
        }
        assert!(cosign("no newline", &"w".parse().unwrap(), &key(8), at("2026-05-01T00:00:00Z")).is_err());
        assert!(cosign("text\n", &"w".parse().unwrap(), &key(8), at("1969-12-31T23:59:59Z")).is_err());
    }

    #[test]
    fn a_line_reads_as_it_was_written() {
        let line = line(8, "2026-05-01T12:00:00Z");
        assert_eq!(line.to_string().parse(), Ok(line.clone()));
        insta::assert_snapshot!(line, @"— w 7JjDTQAAAABp9JXANuKohIsyQ09l3mCuBqcABpS3a1Wh0Bd83eULKHuqyiK6Yyn25T0cUaoHW3yEeA3+cDambBKqppGDuRPtp68fCg==");
    }

    #[test]
    fn keys_of_other_kinds_are_refused_by_name() {
        let good = WITNESSES[2];
        let key = |kind: u8, length| {
            format!("w+00000000+{}", STANDARD.encode([&[kind][..], &vec![7; length]].concat()))
        };
        for (text, words) in [
            (String::new(), "not `<name>+<id>+<key>`"),
            (good.replace("da77ade7", "da77ade8"), "the id is not that of the name and key"),
            (good.replace("da77ade7", "DA77ADE7"), "the id is not that of the name and key"),
            (good.replace("remora", "remorb"), "the id is not that of the name and key"),
            (good.replace("BOvN", "%OvN"), "not base64"),
            (key(1, 32), "type 0x04"),
            (key(4, 31), "not an Ed25519 key"),
            (key(6, 1312), "an ML-DSA-44 key, which this program does not understand"),
            (key(6, 4096), "larger than 4096 bytes"),
        ] {
            let error = text.parse::<Witness>().unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// No change of a cosigned checkpoint leaves a cosignature over another text, or at another time.
        #[test]
        fn no_changed_byte_is_believed(at_byte: proptest::sample::Index, flip in 1_u8..) {
            let (note, _, witness) = cosigned(&[line(8, "2026-05-01T12:00:00Z")]);
            let mut bytes = note.to_string().into_bytes();
            let place = at_byte.index(bytes.len());
            bytes[place] ^= flip;
            if let Ok(changed) = Note::parse(&bytes) {
                let (seen, _) = cosignatures(&changed, &[witness]);
                if let Some(seen) = seen.first() {
                    prop_assert_eq!(changed.text(), note.text());
                    prop_assert_eq!(seen.at, at("2026-05-01T12:00:00Z"));
                }
            }
        }
    }
}
