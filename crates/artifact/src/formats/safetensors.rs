//! Safetensors: eight bytes with the length of a header, a JSON header, and the tensors' bytes.
//!
//! The reader goes on where the reference reader stops, so that a file is described together with everything that
//! is wrong with it. Each byte of the file belongs to the header, to exactly one tensor, or to a problem.

mod dtype;
mod header;
mod layout;
pub(crate) mod rules;

use header::Header;
use layout::Layout;

use crate::{
    Limits, Outline,
    foreign::{Foreign, WINDOW},
    outline::note,
    problems::Problems,
    read::{Halt, Pass},
};

/// Reads a file of this format to its end.
pub(crate) fn read(
    pass: &mut Pass<'_>,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let size = pass.size();
    let Some(length) = header_length(pass, limits, problems)? else { return Ok(()) };
    let data = 8 + length;
    let header = Header::read(pass, length, limits, problems)?;
    pass.skip(data.saturating_sub(pass.position()))?;
    header.describe(outline);
    if !data.is_multiple_of(8) {
        let message = format!("the tensors start at byte {data}, which is not a multiple of 8");
        problems.add(rules::UnalignedData::META, problems.range(&[], data, data), message);
    }
    if !header.complete {
        problems.unexamined(
            problems.range(&[], data, size),
            "the tensors, because the header does not say where they are",
        );
        return Ok(());
    }
    let layout = Layout::check(&header.tensors, data, size, problems);
    look_at_starts(pass, &layout, problems)
}

/// Reads the length of the header and says how many bytes of header there are.
fn header_length(
    pass: &mut Pass<'_>,
    limits: &Limits,
    problems: &mut Problems<'_>,
) -> Result<Option<u64>, Halt> {
    let size = pass.size();
    let rule = rules::HeaderLength::META;
    let place = problems.range(&[], 0, size.min(8));
    let claimed = match pass.take::<8>() {
        Ok(bytes) => u64::from_le_bytes(bytes),
        Err(Halt::End) => {
            problems.add(rule, place, format!("{size} bytes are too few for the length of a header"));
            return Ok(None);
        }
        Err(halt) => return Err(halt),
    };
    if claimed > limits.header_bytes {
        let message =
            format!("the header claims {claimed} bytes; readers refuse more than {}", limits.header_bytes);
        problems.add(rule, place, message);
        problems.unexamined(problems.range(&[], 8, size), "a header that no reader accepts");
        return Ok(None);
    }
    if claimed > size - 8 {
        problems.add(
            rule,
            place,
            format!("the header claims {claimed} bytes, the file has {} more", size - 8),
        );
    }
    Ok(Some(claimed.min(size - 8)))
}

/// Looks at the first bytes of every tensor, and of every stretch that belongs to none, as they stream by.
fn look_at_starts(pass: &mut Pass<'_>, layout: &Layout<'_>, problems: &mut Problems<'_>) -> Result<(), Halt> {
    for start in &layout.starts {
        let Some(gap) = start.offset.checked_sub(pass.position()) else { continue };
        if start.offset >= pass.size() {
            break;
        }
        pass.skip(gap)?;
        let window = pass.peek(WINDOW)?;
        let length = usize::try_from(start.length).unwrap_or(usize::MAX).min(window.len());
        if let Some(foreign) = Foreign::at(&window[..length]) {
            let members: &[&str] = start.tensor.as_slice();
            let place = problems.range(members, start.offset, start.offset + start.length);
            problems.push(foreign.occurrence(rules::ForeignData::META, place, "the bytes start"));
        }
    }
    Ok(())
}

impl Header {
    fn describe(&self, outline: &mut Outline) {
        outline.tensors = self.count;
        outline.parameters = self.parameters;
        outline.dtypes.clone_from(&self.dtypes);
        for key in &self.metadata_keys {
            note(&mut outline.metadata_keys, key.clone());
        }
    }
}
