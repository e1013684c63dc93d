//! `NumPy` arrays (`.npy`, `numpy/lib/format.py`): a header in the form of a Python literal, and the elements.
//!
//! Arrays of objects are pickles behind a header. Several arrays may follow one another, as repeated calls of `save`
//! write them.

pub(crate) mod dtype;
mod literal;
pub(crate) mod rules;

use bartizan_finding::{Occurrence, Severity};
use dtype::{Dtype, elements};
use literal::Literal;

use crate::{
    escape,
    foreign::{Foreign, WINDOW},
    formats::pickle::{self, payload},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// What each array starts with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Bytes behind an array that decide whether they are a pickle.
const GLANCE: usize = 4096;

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    for _ in 0..scope.limits.pickle_streams {
        if !array(pass, scope)? {
            return Ok(());
        }
        if pass.position() == size {
            return Ok(());
        }
        if !pass.peek(MAGIC.len())?.starts_with(MAGIC) {
            return trailing(pass, scope);
        }
    }
    scope.unexamined(pass.position(), size, "more arrays behind one another than are looked at");
    Ok(())
}

/// Reads one array; whether there may be another behind it.
fn array(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt> {
    let (start, size) = (pass.position(), pass.size());
    let header = match header(pass, scope)? {
        Ok(header) => header,
        Err(why) => {
            let end = pass.position();
            scope.add(rules::BadHeader::META, start, end, format!("the header of the array: {why}"));
            scope.unexamined(end, size, "an array whose header cannot be read");
            return Ok(false);
        }
    };
    let data = pass.position();
    let Some(dtype) = header.dtype else {
        let message = format!("the elements are of an unusual type: {}", escape(&header.descr, SHOWN));
        scope.add(rules::UnusualType::META, start, data, message);
        if may_hold_objects(&header.descr) {
            objects(pass, scope, start)?;
        } else {
            scope.unexamined(data, size, "elements of an unusual type");
        }
        return Ok(false);
    };
    if dtype.objects {
        objects(pass, scope, start)?;
        return Ok(false);
    }
    scope.outline.tensors += 1;
    scope.outline.parameters += header.elements.unwrap_or(0);
    *scope.outline.dtypes.entry(escape(&header.descr, SHOWN)).or_default() += 1;
    let left = size - data;
    let want = header.elements.zip(dtype.size).and_then(|(count, size)| count.checked_mul(size));
    let Some(want) = want.filter(|want| *want <= left) else {
        let message = match want {
            Some(want) => format!("the shape asks for {want} bytes, and {left} follow"),
            None => "the shape asks for more bytes than can be counted".to_owned(),
        };
        scope.add(rules::SizeDisagrees::META, start, data, message);
        look(pass, scope, left)?;
        return Ok(false);
    };
    look(pass, scope, want)?;
    pass.skip(want)?;
    Ok(true)
}

/// Says so where the elements are something else.
fn look(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>, length: u64) -> Result<(), Halt> {
    let at = pass.position();
    let window = usize::try_from(length).unwrap_or(usize::MAX).min(WINDOW);
    if let Some(foreign) = Foreign::at(pass.peek(window)?) {
        let place = scope.range(at, at + length);
        scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, "the elements start"));
    }
    Ok(())
}

/// Reads the pickle that an array of objects is.
fn objects(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>, start: u64) -> Result<(), Halt> {
    let data = pass.position();
    scope.add(rules::ObjectArray::META, start, data, "the elements are Python objects, kept as a pickle");
    pickle::read(pass, scope.limits, scope.outline, scope.problems)
}

fn trailing(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let (start, size) = (pass.position(), pass.size());
    let place = scope.range(start, size);
    let left = size - start;
    if pickle::is_likely(pass.peek(GLANCE)?, left) {
        let message = "a pickle follows an array whose header says that it holds none";
        scope.problems.push(Occurrence::new(rules::Trailing::META, place, message).severity(Severity::High));
        return pickle::read(pass, scope.limits, scope.outline, scope.problems);
    }
    scope.problems.add(rules::Trailing::META, place.clone(), format!("{left} bytes follow the array"));
    scope.problems.unexamined(place, "bytes that follow the array");
    Ok(())
}

struct Header {
    /// The type as it is written, or what stands in its place.
    descr: String,
    dtype: Option<Dtype>,
    /// The product of the shape, where it fits.
    elements: Option<u64>,
}

/// Reads magic, version and header; or says why not.
fn header(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<Result<Header, String>, Halt> {
    let (start, size) = (pass.position(), pass.size());
    let head = pass.peek(12)?;
    let (length, prefix) = match *head {
        [_, _, _, _, _, _, 1, 0, a, b, ..] => (u64::from(u16::from_le_bytes([a, b])), 10),
        [_, _, _, _, _, _, 2 | 3, 0, a, b, c, d] => (u64::from(u32::from_le_bytes([a, b, c, d])), 12),
        [_, _, _, _, _, _, major, minor, ..] => {
            return Ok(Err(format!("version {major}.{minor} is not known")));
        }
        _ => return Ok(Err("it ends before the length of the header".to_owned())),
    };
    let is_utf8 = head.get(6) == Some(&3);
    pass.advance(prefix);
    if length > size - pass.position() {
        return Ok(Err("it reaches beyond the end of the file".to_owned()));
    }
    if length > scope.limits.array_header_bytes {
        return Ok(Err(format!("it is longer than {} bytes", scope.limits.array_header_bytes)));
    }
    let mut bytes = Vec::new();
    pass.each(length, &mut |piece| bytes.extend_from_slice(piece))?;
    if let Some(what) = payload::speaks(&bytes) {
        let place = scope.range(start, pass.position());
        let message = format!("the header of the array holds {what}");
        scope.problems.push(Occurrence::new(rules::BadHeader::META, place, message).severity(Severity::High));
    }
    // Versions 1 and 2 are in Latin-1, each byte of which is the character of the same number.
    let text = if is_utf8 {
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
    } else {
        Ok(bytes.into_iter().map(char::from).collect())
    };
    Ok(text.and_then(|text| understood(&text)))
}

/// The three entries that a header has, and no others (`_read_array_header`).
fn understood(text: &str) -> Result<Header, String> {
    let Literal::Dict(entries) = Literal::parse(text)? else { return Err("it is no dictionary".to_owned()) };
    let (mut descr, mut order, mut shape) = (None, None, None);
    for (key, value) in &entries {
        let place = match key.as_text() {
            Some("descr") => &mut descr,
            Some("fortran_order") => &mut order,
            Some("shape") => &mut shape,
            _ => return Err("it has an entry that does not belong there".to_owned()),
        };
        if place.replace(value).is_some() {
            return Err("an entry comes twice".to_owned());
        }
    }
    let (Some(descr), Some(Literal::Bool(_)), Some(shape)) = (descr, order, shape) else {
        return Err("one of descr, fortran_order and shape is missing, or of the wrong type".to_owned());
    };
    let Literal::Tuple(sides) = shape else { return Err("the shape is no tuple".to_owned()) };
    if sides.iter().any(|side| !matches!(side, Literal::Int(value) if value.is_none_or(|value| value >= 0))) {
        return Err("the shape holds something else than sizes".to_owned());
    }
    let shown = descr.as_text().map_or_else(|| "a structure".to_owned(), str::to_owned);
    Ok(Header { descr: shown, dtype: Dtype::of(descr), elements: elements(shape) })
}

/// Whether a type that is not understood may be one of objects for `NumPy`, which takes many more forms.
fn may_hold_objects(descr: &str) -> bool {
    descr.contains('O') || descr.to_ascii_lowercase().contains("object") || descr == "a structure"
}
