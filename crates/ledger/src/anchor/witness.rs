//! What is said to a witness and what it answers (<https://c2sp.org/tlog-witness>), as text: who carries it is another
//! matter.

use bartizan_attest::{Note, NoteSignature};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Head, LedgerError, View, head::MAX_SIZE};

/// The most bytes of an answer that are looked at.
pub const MAX_ANSWER: usize = 64 * 1024;

/// The most signature lines of an answer. The specification has witnesses answer with the lines of one key, old and
/// new.
const MAX_LINES: usize = 8;

/// Why an answer of a witness is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// It is longer than any answer.
    #[error("answer of the witness is longer than {MAX_ANSWER} bytes")]
    Long,
    /// It does not have the form of an answer.
    #[error("answer of the witness is malformed: {0}")]
    Malformed(&'static str),
}

/// The body of an `add-checkpoint` request: the head of `view`, with the proof that it is a continuation of the log
/// of `old` entries, which is the size that the witness saw last.
pub fn add_checkpoint(view: &View, old: u64) -> Result<String, LedgerError> {
    let mut body = format!("old {old}\n");
    for hash in view.consistency(old)? {
        body.push_str(&STANDARD.encode(hash.as_bytes()));
        body.push('\n');
    }
    body.push('\n');
    body.push_str(&view.head().note);
    Ok(body)
}

/// The checkpoint with the signature lines of a witness that has seen it (status 200). They are verified when the
/// anchor is.
pub fn cosigned(head: &Head, answer: &[u8]) -> Result<Vec<u8>, AnswerFault> {
    let lines: Vec<NoteSignature> = text(answer)?
        .strip_suffix('\n')
        .ok_or(AnswerFault::Malformed("it does not end in a newline"))?
        .split('\n')
        .take(MAX_LINES + 1)
        .map(|line| line.parse().map_err(|_| AnswerFault::Malformed("a line is no signature line")))
        .collect::<Result<_, _>>()?;
    if lines.len() > MAX_LINES {
        return Err(AnswerFault::Malformed("it has more lines than one witness signs"));
    }
    let note = Note::parse(head.note.as_bytes());
    let mut note =
        note.map_err(|_| AnswerFault::Malformed("the checkpoint that was sent is no signed note"))?;
    for line in lines {
        note.push(line);
    }
    Ok(note.to_string().into_bytes())
}

/// The size that the witness saw last, where that is another than was said (status 409).
pub fn conflict(answer: &[u8]) -> Result<u64, AnswerFault> {
    let text = text(answer)?;
    let number = text.strip_suffix('\n').unwrap_or(text);
    let size = number.parse().ok().filter(|size: &u64| size.to_string() == number && *size <= MAX_SIZE);
    size.ok_or(AnswerFault::Malformed("it is no size of a log"))
}

fn text(answer: &[u8]) -> Result<&str, AnswerFault> {
    if answer.len() > MAX_ANSWER {
        return Err(AnswerFault::Long);
    }
    std::str::from_utf8(answer).map_err(|_| AnswerFault::Malformed("it is not UTF-8"))
}
