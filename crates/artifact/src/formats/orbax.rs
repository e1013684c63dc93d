//! What Orbax keeps a checkpoint in: the parts of an OCDBT database, and JSON that says what the arrays are.
//!
//! A manifest and a node are one envelope: a magic number, a length, a version, a way of compression, a body, and a
//! CRC-32C (<https://google.github.io/tensorstore/kvstore/ocdbt/>). In the body stands a table of files, by which one part
//! sends the reader to others, and the values of a leaf, among which are the descriptions of arrays.

mod node;
pub(crate) mod rules;

use std::ops::ControlFlow;

use node::{Body, Envelope};

use crate::{
    Format,
    codec::{self, Codec},
    feed::Shared,
    foreign::{Foreign, WINDOW},
    formats::crc::Crc32c,
    json::{Fault, Json, Scalar, Step},
    packed::{Measured, Place, measure},
    read::{Halt, Pass, STEP},
    scope::Scope,
};

/// Parts of one data file that are looked at.
const MOST_NODES: u64 = 100_000;

/// Whether bytes start with the envelope of a part.
pub(crate) fn is_part(head: &[u8], size: u64) -> bool {
    Envelope::read(head).is_some_and(|envelope| envelope.version == 0 || envelope.length == size)
}

/// Whether a file of this name holds values as they are, behind one another, and nodes behind those: `d/` and 32
/// hexadecimal digits.
pub(crate) fn is_data(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    folder == "d" && name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether text of this name describes arrays or checkpoints.
pub(crate) fn is_description(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [
        ".zarray",
        ".zgroup",
        ".zattrs",
        ".zmetadata",
        "zarr.json",
        "_METADATA",
        "_CHECKPOINT_METADATA",
        "_sharding",
    ]
    .contains(&name)
}

/// Reads a part, or a file of several, to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut nodes = 0;
    let mut values = None;
    while pass.position() < size {
        let start = pass.position();
        let head = pass.peek(STEP)?;
        let Some(envelope) = Envelope::read(head).filter(|_| nodes < MOST_NODES) else {
            // Values lie in front of the nodes that speak of them.
            values.get_or_insert(start);
            let next = node::find(head, size - start);
            pass.advance(next);
            continue;
        };
        if start.checked_add(envelope.length).is_none_or(|end| end > size)
            || envelope.length < Envelope::LEAST
        {
            if values.is_some() || nodes > 0 {
                values.get_or_insert(start);
                pass.advance(1);
                continue;
            }
            let message =
                format!("the part says that it has {} bytes, and the file has {size}", envelope.length);
            scope.add(rules::Malformed::META, start, size, message);
            scope.unexamined(start, size, "a part that is longer than the file");
            return Ok(());
        }
        if let Some(from) = values.take() {
            value(pass, from, start, scope)?;
        }
        part(pass, &envelope, scope)?;
        nodes += 1;
    }
    if let Some(from) = values {
        value(pass, from, size, scope)?;
    }
    scope.outline.fact("ocdbt-parts", &nodes.to_string());
    Ok(())
}

/// Looks at the start of values that were passed.
fn value(pass: &mut Pass<'_>, start: u64, end: u64, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let length = usize::try_from(end - start).unwrap_or(WINDOW).min(WINDOW);
    let mut head = vec![0; length];
    let count = pass.look(start, &mut head)?;
    head.truncate(count);
    if Format::of(&head, end - start) == Format::Zstd {
        head = inflated(pass, start, end - start, scope)?;
    }
    if let Some(foreign) = Foreign::at(&head) {
        let place = scope.range(start, end);
        scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, "values start"));
    }
    Ok(())
}

/// The start of what is compressed with Zstandard.
fn inflated(pass: &mut Pass<'_>, start: u64, length: u64, scope: &Scope<'_, '_>) -> Result<Vec<u8>, Halt> {
    let shared = Shared::new(pass);
    let feed = crate::feed::Feed::aside(&shared, start, length);
    let mut decoder = Codec::Zstd.decoder(scope.limits);
    let mut out = vec![0; WINDOW];
    let mut filled = 0;
    while filled < out.len() {
        match decoder.decode(&feed, &mut out[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(codec::Fault::Halted(halt)) => return Err(halt),
            Err(_) => break,
        }
    }
    out.truncate(filled);
    Ok(out)
}

/// Reads one part, and passes it.
fn part(pass: &mut Pass<'_>, envelope: &Envelope, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let start = pass.position();
    let end = start + envelope.length;
    if envelope.version != 0 || envelope.compression > 1 {
        scope.unexamined(start, end, "a part of an unknown version or way of compression");
        return pass.skip(envelope.length);
    }
    let body = start + Envelope::HEAD;
    let place = Place {
        codec: if envelope.compression == 1 { Codec::Zstd } else { Codec::Stored },
        start: body,
        length: envelope.length - Envelope::LEAST,
    };
    {
        let shared = Shared::new(pass);
        let (measured, left, outcome) = measure(&shared, place, scope.limits, scope.budget)?;
        if outcome.is_some() || left > 0 {
            scope.add(rules::Malformed::META, start, end, "the part cannot be decompressed as a whole");
        }
        match measured {
            Measured::Whole(spool) => {
                let mut body = Body::new(&spool.bytes, start);
                if let Err(what) = body.read(envelope.kind, scope) {
                    scope.add(rules::Malformed::META, start, end, what);
                    scope.unexamined(start, end, format!("behind the point where {what}"));
                }
            }
            Measured::Length(_) => scope.unexamined(start, end, "a part that is too long to be held"),
        }
    }
    let mut crc = Crc32c::new();
    pass.each(envelope.length - 4, &mut |piece| crc.update(piece))?;
    if u32::from_le_bytes(pass.take()?) != crc.sum() {
        let message = "the part does not have the checksum that stands behind it";
        scope.add(rules::WrongChecksum::META, start, end, message);
    }
    Ok(())
}

/// Reads a description of arrays or of a checkpoint.
pub(crate) fn describe(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut json = Json::new(pass, size, scope.limits.json_depth).python();
    let result = json.walk(1024, &mut |path, value, at| ask(path, &value, at, scope));
    let (at, what) = match result {
        Ok(()) => return Ok(()),
        Err(Fault::Syntax(at, what)) => (at, what),
        Err(Fault::Halt(Halt::End)) => (size, "it ends inside a value"),
        Err(Fault::Halt(halt)) => return Err(halt),
    };
    scope.add(rules::NotJson::META, at, size, format!("the description is not JSON: {what}"));
    scope.unexamined(at, size, "behind the point where the description is not JSON");
    Ok(())
}

/// The same, of a description in a database.
fn describe_value(bytes: &[u8], name: &str, scope: &mut Scope<'_, '_>) {
    scope.inside(name, |scope| {
        let mut watch = |_| ControlFlow::Continue(());
        // Nothing can halt a pass over memory.
        let _ = describe(&mut Pass::over(&bytes, &mut watch), scope);
    });
}

/// Asks about one value of a description.
fn ask(path: &[Step], value: &Scalar, at: u64, scope: &mut Scope<'_, '_>) {
    let Scalar::Text(text) = value else { return };
    let keys: Vec<_> = path.iter().filter_map(Step::key).collect();
    let within = |names: &[&str]| keys.iter().any(|key| names.contains(key));
    match keys.last() {
        Some(&("id" | "name"))
            if within(&["compressor", "filters", "codecs", "serializer", "compressors", "object_codec"]) =>
        {
            let id = text.start.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            if ["pickle", "cloudpickle", "dill", "joblib", "marshal"].contains(&id.as_str()) {
                let message = "the array is read by Python's unpickler";
                scope.add(rules::PickleCodec::META, at, at, message);
            }
        }
        Some(&("item_handlers" | "handler_typestr")) => handler(&text.start, at, scope),
        Some(_) if within(&["item_handlers"]) => handler(&text.start, at, scope),
        Some(&("path" | "url" | "base" | "kvstore" | "base_path"))
            if (within(&["kvstore", "base", "ext_metadata", "storage", "ts_spec"])
                || text.start.contains("://"))
                && node::leads_out(text.start.as_bytes()) =>
        {
            let shown = crate::escape(&text.start, crate::problems::SHOWN);
            let message = format!("the description leads to `{shown}`");
            scope.add(rules::LeadsOut::META, at, at, message);
        }
        _ => {}
    }
}

/// Judges the name of a class that is to read a part of a checkpoint.
fn handler(name: &str, at: u64, scope: &mut Scope<'_, '_>) {
    if !name.starts_with("orbax.") && !name.is_empty() {
        let message = format!("the checkpoint is read by `{}`", crate::escape(name, crate::problems::SHOWN));
        scope.add(rules::UnknownHandler::META, at, at, message);
    }
}
