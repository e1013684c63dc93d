//! What anchors are worth: held against the log, and against who may vouch.

use std::collections::BTreeSet;

use bartizan_attest::{CosignatureFault, Note, Trust, cosignatures};

use super::{
    Anchor, AnchorFault, AnchorKind, AnchorWrong, Anchors, MAX_ANCHORS, MAX_STAMP,
    names::{Name, Part},
};
use crate::{Head, LedgerError, View, head::MAX_CHECKPOINT, log::CHECKPOINT};

impl Anchors {
    /// The anchors that hold: the log's key signed the checkpoint, the log leads to its root, and a witness or
    /// authority that the trust file names vouches for it. And what is wrong with the others.
    ///
    /// Both are sorted. Others may append and anchor meanwhile: a head that is newer than `view` is passed over where
    /// the log on disk has grown that far.
    pub fn verified(
        &self,
        view: &View,
        trust: &Trust,
    ) -> Result<(Vec<Anchor>, Vec<AnchorFault>), LedgerError> {
        let (names, strays) = self.names()?;
        let (mut anchors, mut faults) = (Vec::new(), Vec::new());
        faults.extend(strays.iter().map(|path| AnchorFault::new(path, AnchorWrong::Stray)));
        if let Some((last, more)) = beyond(&names) {
            faults.push(AnchorFault::new(&last, AnchorWrong::TooMany { more }));
        }
        let names: Vec<_> = names.into_iter().take(MAX_ANCHORS).collect();
        for files in names.chunk_by(Name::is_beside) {
            let found = self.verify_one(files, view, trust, &mut faults);
            anchors.extend(found);
        }
        anchors.sort();
        anchors.dedup();
        faults.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((anchors, faults))
    }

    /// The anchors of one head: its checkpoint comes first in `files`.
    fn verify_one(
        &self,
        files: &[Name],
        view: &View,
        trust: &Trust,
        faults: &mut Vec<AnchorFault>,
    ) -> Vec<Anchor> {
        let mut fault = |name: &Name, what| faults.push(AnchorFault::new(name, what));
        let Some((name, stamps)) = files.split_first().filter(|(name, _)| name.part == Part::Checkpoint)
        else {
            for name in files {
                fault(name, AnchorWrong::NoCheckpoint);
            }
            return Vec::new();
        };
        let note = match self.fs.read(&name.to_string(), MAX_CHECKPOINT) {
            Ok(note) => note,
            Err(error) => {
                fault(name, AnchorWrong::Unreadable(error.to_string()));
                return Vec::new();
            }
        };
        let keys = std::slice::from_ref(trust.log());
        let parsed = Head::parse(&note, keys).and_then(|head| Ok((head, Note::parse(&note)?)));
        let (head, note) = match parsed {
            Ok(parsed) => parsed,
            Err(error) => {
                fault(name, AnchorWrong::Checkpoint(error));
                return Vec::new();
            }
        };
        if Name::of(&head, Part::Checkpoint) != *name {
            fault(name, AnchorWrong::Misnamed);
            return Vec::new();
        }
        match contradiction(&head, view, trust) {
            Ok(()) => {}
            Err(Some(wrong)) => {
                // The log's own key signed it, so it speaks against the log whoever else has seen it.
                fault(name, wrong);
                return Vec::new();
            }
            Err(None) => return Vec::new(),
        }
        let mut anchors = Vec::new();
        let (cosigned, wrong) = cosignatures(&note, &trust.content().witnesses);
        anchors.extend(cosigned.into_iter().map(|one| Anchor {
            size: head.size,
            at: one.at,
            kind: AnchorKind::Witness,
            by: one.by.name().to_string(),
        }));
        let mut any_fault = false;
        for why in wrong {
            any_fault = true;
            fault(
                name,
                match why {
                    CosignatureFault::NotUnderstood { .. } => {
                        AnchorWrong::NotUnderstood(format!("the {why}"))
                    }
                    _ => AnchorWrong::Cosignature(why),
                },
            );
        }
        for stamp in stamps {
            match self.stamp(stamp, &note, trust) {
                Ok((by, at)) => anchors.push(Anchor { size: head.size, at, kind: AnchorKind::Timestamp, by }),
                Err(wrong) => {
                    any_fault = true;
                    fault(stamp, wrong);
                }
            }
        }
        if anchors.is_empty() && !any_fault {
            fault(name, AnchorWrong::NobodyKnown);
        }
        anchors
    }

    /// Who stamped the text of `note`, and the latest moment at which that can have been.
    fn stamp(
        &self,
        name: &Name,
        note: &Note,
        trust: &Trust,
    ) -> Result<(String, bartizan_finding::Timestamp), AnchorWrong> {
        let der = self.fs.read(&name.to_string(), MAX_STAMP);
        let der = der.map_err(|error| AnchorWrong::Stamp(error.to_string()))?;
        super::stamp::verify(&der, note.text(), &trust.content().authorities)
    }
}

fn beyond(names: &BTreeSet<Name>) -> Option<(String, u64)> {
    let more = names.len().checked_sub(MAX_ANCHORS).filter(|more| *more > 0)?;
    names.iter().nth(MAX_ANCHORS - 1).map(|last| (last.to_string(), more as u64))
}

/// How the log contradicts a head that it signed; `None` where it has grown to it since `view` was opened.
fn contradiction(head: &Head, view: &View, trust: &Trust) -> Result<(), Option<AnchorWrong>> {
    if head.origin != view.head().origin {
        return Err(Some(AnchorWrong::Checkpoint(crate::HeadError::Text("is of another log"))));
    }
    if head.size > view.len() {
        let note = view.fs().read(CHECKPOINT, MAX_CHECKPOINT).ok();
        let now = note.and_then(|note| Head::parse(&note, std::slice::from_ref(trust.log())).ok());
        let has_grown = now.is_some_and(|now| now.size >= head.size);
        let rolled_back = AnchorWrong::RolledBack { seen: head.size, now: view.len() };
        return Err((!has_grown).then_some(rolled_back));
    }
    match view.root_at(head.size) {
        Ok(root) if root == head.root => Ok(()),
        Ok(_) => Err(Some(AnchorWrong::Forked { seen: head.size })),
        Err(error) => Err(Some(AnchorWrong::Unreadable(error.to_string()))),
    }
}
