//! One file, from its first byte to a verdict.

use std::{io, ops::ControlFlow};

use bartizan_finding::{Occurrence, Severity};

use crate::{
    FileClass, Format, Inspection, Limits, Outline, ReadAt, content, escape,
    formats::{self, hdf5},
    names,
    packed::Budget,
    problems::Problems,
    read::{Ending, Finished, Pass, STEP},
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
    judge(Pass::new(reader, watch), path, limits)
}

/// Looks at the structure alone where that proves all but the values: of safetensors and GGUF the header is read, and the
/// first bytes of each tensor. There is no digest then. Other formats are read in full.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_structure(
    reader: &dyn ReadAt,
    path: &str,
    limits: &Limits,
    watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> io::Result<Inspection> {
    let mut head = vec![0; STEP];
    let mut filled = 0;
    while filled < STEP {
        match reader.read_at(filled as u64, &mut head[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    match Format::of(&head[..filled], reader.len()) {
        Format::Safetensors | Format::Gguf => judge(Pass::sparse(reader, watch), path, limits),
        _ => inspect(reader, path, limits, watch),
    }
}

fn judge(mut pass: Pass<'_>, path: &str, limits: &Limits) -> io::Result<Inspection> {
    let mut problems = Problems::new(path, limits);
    let mut outline = Outline::default();
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
    // The reader of such a model took an archive behind it as what it is.
    let archive = format.is_zip()
        || format == Format::TfLite && outline.facts.contains_key(formats::tflite::ASSOCIATED);
    look_at_whole(format, archive, path, &end, &mut problems);
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
    let raw = format == Format::Other
        && !failed
        && problems.iter().all(|problem| problem.severity < Severity::Medium)
        && matches!(unexamined.as_slice(), [only] if only.reason == content::NO_SIGNATURE);
    Ok(Inspection {
        format,
        class,
        raw,
        digest: end.digest,
        size,
        bytes_read: end.bytes_read,
        outline,
        problems,
        unexamined,
    })
}

/// What holds for a file of any format: its name and its end.
fn look_at_whole(format: Format, archive: bool, path: &str, end: &Finished, problems: &mut Problems<'_>) {
    let file = problems.file();
    if !archive && ends_as_zip(&end.tail, format.accounts_for_members()) {
        let message = format!("the bytes start as {format} and end as a ZIP archive");
        problems.add(AlsoArchive::META, file.clone(), message);
    }
    // Archives hold such files as members, at any place.
    let holds = format.is_zip()
        || matches!(
            format,
            Format::Hdf5 | Format::KerasHdf5 | Format::Tar | Format::Nemo | Format::OciLayout
        );
    if end.far_hdf5 && !holds {
        let message = format!("the bytes are {format}, and the library of HDF5 opens them as well");
        problems.add(hdf5::rules::AlsoHdf5::META, file.clone(), message);
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
