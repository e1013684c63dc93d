//! One file, from its first byte to a verdict.

use std::{io, ops::ControlFlow};

use bartizan_finding::Occurrence;

use crate::{
    FileClass, Format, Inspection, Limits, Outline, ReadAt, escape,
    formats::{config, gguf, pickle, safetensors, zip},
    names,
    problems::Problems,
    read::{Ending, Halt, Pass, STEP},
    rules::{AlsoArchive, AlsoPickle, ChangedWhileRead, ExecutableFile, NameDisagrees},
    text::Utf8,
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

    let routed = pass.peek(STEP).map(|head| {
        let format = Format::of(head, size);
        (format, !format.is_pickle() && pickle::has_effect(head))
    });
    let (mut format, also_pickle) = routed.unwrap_or((Format::Other, false));
    // A reader stops early only where the pass does, and the pass tells the reason itself.
    let halted = match routed {
        Ok(_) => read_as(&mut format, &mut pass, limits, &mut outline, &mut problems).is_err(),
        Err(_) => true,
    };
    let position = pass.position();
    let end = pass.finish();
    debug_assert!(!halted || end.digest.is_none(), "a reader stops early only where the pass does");
    if also_pickle {
        let message = format!("the bytes are {format}, and Python's unpickler runs them as well");
        problems.add(AlsoPickle::META, problems.file(), message);
    }
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

/// Lets the reader of the format have the pass.
fn read_as(
    format: &mut Format,
    pass: &mut Pass<'_>,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let reason = match format {
        Format::Safetensors => return safetensors::read(pass, limits, outline, problems),
        Format::Pickle | Format::PyTorchLegacy => return pickle::read(pass, limits, outline, problems),
        Format::Gguf => return gguf::read(pass, limits, outline, problems),
        Format::Zip => return zip::read(pass, limits, format, outline, problems),
        Format::Json | Format::Text if config::is_config(problems.path()) => {
            return config::read(pass, limits, outline, problems);
        }
        Format::Json | Format::Text => return read_text(pass, limits, format, problems),
        Format::Empty => return Ok(()),
        Format::LfsPointer => "the file is a Git LFS pointer; fetch the file that it stands for".to_owned(),
        Format::Ggml => "format not supported: GGML, which llama.cpp read before GGUF".to_owned(),
        Format::Tar if is_torch_tar(pass.peek(TAR_NAME)?) => {
            "format not supported: a tar archive as PyTorch wrote them before version 0.1.10".to_owned()
        }
        Format::Other => "format not supported: no known signature".to_owned(),
        format => format!("format not supported: {format}"),
    };
    problems.unexamined(problems.file(), reason);
    Ok(())
}

/// Bytes of a member's name at the start of a tar archive.
const TAR_NAME: usize = 100;

/// Whether a tar archive starts with a member of the archives that `PyTorch` first wrote, as its `_legacy_load` names
/// them.
fn is_torch_tar(name: &[u8]) -> bool {
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = name.strip_prefix(b"./").unwrap_or(name);
    [b"sys_info".as_slice(), b"storages", b"tensors", b"pickle"].contains(&name)
}

/// What holds for a file of any format: its name, its end, and that it is no program.
fn look_at_whole(format: Format, path: &str, tail: &[u8], problems: &mut Problems<'_>) {
    let file = problems.file();
    if !format.is_zip() && ends_as_zip(tail) {
        let message = format!("the bytes start as {format} and end as a ZIP archive");
        problems.add(AlsoArchive::META, file.clone(), message);
    }
    if format.is_executable() {
        problems.add(ExecutableFile::META, file.clone(), format!("the file is a program: {format}"));
    }
    if let Some(severity) = names::disagree(path, format) {
        let extension = escape(names::extension(path).unwrap_or_default(), 16);
        let message = format!("the name ends in .{extension}, the contents are: {format}");
        problems.push(Occurrence::new(NameDisagrees::META, file, message).severity(severity));
    }
}

/// Checks that all of a file that starts as text is text.
fn read_text(
    pass: &mut Pass<'_>,
    limits: &Limits,
    format: &mut Format,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let size = pass.size();
    if size > limits.text_bytes {
        let reason = format!("longer than the {} bytes that count as text", limits.text_bytes);
        problems.unexamined(problems.range(&[], limits.text_bytes, size), reason);
    }
    let mut utf8 = Utf8::strict();
    let mut zero = false;
    pass.each(size, &mut |piece| {
        utf8.push(piece);
        zero |= piece.contains(&0);
    })?;
    if zero || !utf8.finish() {
        *format = Format::Other;
        problems.unexamined(problems.file(), "format not supported: starts as text and is not text in UTF-8");
    }
    Ok(())
}

/// Whether the last bytes hold an end-of-central-directory record (APPNOTE.TXT 4.3.16) that readers of ZIP archives
/// take, whatever the file starts with: one whose comment reaches exactly to the end of the file, or one with a directory
/// in front of it, which Python takes with any bytes behind.
fn ends_as_zip(tail: &[u8]) -> bool {
    tail.windows(22).enumerate().any(|(at, record)| {
        let [b'P', b'K', 5, 6, .., d0, d1, d2, d3, _, _, _, _, c0, c1] = record else { return false };
        let comment = usize::from(u16::from_le_bytes([*c0, *c1]));
        let directory = usize::try_from(u32::from_le_bytes([*d0, *d1, *d2, *d3])).unwrap_or(usize::MAX);
        let start = at.checked_sub(directory).and_then(|start| tail.get(start..));
        comment == tail.len() - at - 22 || start.is_some_and(|start| start.starts_with(b"PK\x01\x02"))
    })
}
