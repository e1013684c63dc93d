//! One file, from its first byte to a verdict.

use std::{io, ops::ControlFlow};

use bartizan_finding::Occurrence;

use crate::{
    FileClass, Format, Inspection, Limits, Outline, ReadAt, content, escape, names,
    packed::Budget,
    problems::Problems,
    read::{Ending, Pass},
    rules::{AlsoArchive, ChangedWhileRead, NameDisagrees},
    scope::Scope,
};

/// Reads a file once, from its first byte to its last, and says what it is and what is wrong with it.
///
/// Nothing of the file is executed, no other path is opened, and memory is bounded by `limits`. `path` is only used
/// to name places. `watch` hears how many bytes were read so far, every 64 KiB, and ends the pass with
/// [`ControlFlow::Break`]; the verdict is then at best `inconclusive`.
///
/// # Errors
/// When the system cannot read the file. A file that changes while it is read is a problem, not an error.
pub fn inspect(
    reader: &dyn ReadAt,
    path: &str,
    limits: &Limits,
    watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> io::Result<Inspection> {
    let mut problems = Problems::new(path, limits);
    let mut outline = Outline::default();
    let mut pass = Pass::new(reader, watch);
    let size = pass.size();
    let budget = Budget::new(size, limits);
    let mut scope = Scope {
        limits,
        outline: &mut outline,
        problems: &mut problems,
        budget: &budget,
        name: path,
        depth: 0,
        layer: false,
    };
    let mut format = Format::Other;
    // A reader stops early only where the pass does, and the pass tells the reason itself.
    let halted = content::read(&mut pass, &mut scope, &mut format).is_err();
    let position = pass.position();
    let end = pass.finish();
    debug_assert!(!halted || end.digest.is_none(), "a reader stops early only where the pass does");
    look_at_whole(format, path, &end.tail, &mut problems);
    let failed = match end.ending {
        Ending::Complete => false,
        Ending::Cancelled => {
            problems.unexamined(problems.range(&[], position, size), "the pass was cancelled");
            false
        }
        Ending::Changed(how) => {
            problems.add(
                ChangedWhileRead::META,
                problems.file(),
                format!("the file changed while it was read: {how}"),
            );
            problems.unexamined(problems.file(), "the file changed while it was read");
            true
        }
        Ending::Failed(error) => return Err(error),
    };
    let (problems, unexamined) = problems.finish();
    let class = FileClass::of(&problems, &unexamined, failed);
    Ok(Inspection {
        format,
        class,
        digest: end.digest,
        size,
        bytes_read: end.bytes_read,
        outline,
        problems,
        unexamined,
    })
}

/// What holds for a file of any format: its name and its end.
fn look_at_whole(format: Format, path: &str, tail: &[u8], problems: &mut Problems<'_>) {
    let file = problems.file();
    if !format.is_zip() && ends_as_zip(tail, format.accounts_for_members()) {
        let message = format!("the bytes start as {format} and end as a ZIP archive");
        problems.add(AlsoArchive::META, file.clone(), message);
    }
    if let Some(severity) = names::disagree(path, format) {
        let extension = escape(names::extension(path).unwrap_or_default(), 16);
        let message = format!("the name ends in .{extension}, the contents are: {format}");
        problems.push(Occurrence::new(NameDisagrees::META, file, message).severity(severity));
    }
}

/// Whether the last bytes hold an end-of-central-directory record (APPNOTE.TXT 4.3.16) that readers of ZIP archives
/// take, whatever the file starts with: one whose comment reaches exactly to the end of the file, or one with a directory
/// in front of it, which Python takes with any bytes behind. The second counts for nothing in an `archive` of another
/// kind, which may have one of ZIP as its last member.
fn ends_as_zip(tail: &[u8], archive: bool) -> bool {
    tail.windows(22).enumerate().any(|(at, record)| {
        let [b'P', b'K', 5, 6, .., d0, d1, d2, d3, _, _, _, _, c0, c1] = record else { return false };
        let comment = usize::from(u16::from_le_bytes([*c0, *c1]));
        let directory = usize::try_from(u32::from_le_bytes([*d0, *d1, *d2, *d3])).unwrap_or(usize::MAX);
        let start = at.checked_sub(directory).and_then(|start| tail.get(start..));
        comment == tail.len() - at - 22
            || !archive && start.is_some_and(|start| start.starts_with(b"PK\x01\x02"))
    })
}
