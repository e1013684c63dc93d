//! Which of the formats without a signature a file is: ONNX, TensorFlow's graphs, Core ML.
//!
//! Nothing stands at the start of such a file but its first field. So each field that is in view must be one of the
//! format, with its type, and what tells one format from the others must be there. Text never passes: it has no control
//! characters, and each of these formats needs one within its first fields.

use crate::Format;

/// A field in view: its number, its wire type, its bytes in view, and whether these are all.
struct Seen<'h> {
    number: u32,
    wire: u8,
    number_value: u64,
    bytes: &'h [u8],
    whole: bool,
}

/// What the file is, by its first bytes; `size` bytes in all.
pub(crate) fn format(head: &[u8], size: u64) -> Option<Format> {
    if !has_controls(head) {
        return None;
    }
    let fields = fields(head, size)?;
    if is_core_ml(&fields) {
        Some(Format::CoreMl)
    } else if is_saved_model(&fields) || is_keras(&fields) || is_fingerprint(&fields, size) {
        Some(Format::SavedModel)
    } else if is_onnx(&fields) {
        Some(Format::Onnx)
    } else if is_meta_graph(&fields) {
        Some(Format::MetaGraph)
    } else if is_graph(&fields) {
        Some(Format::GraphDef)
    } else {
        None
    }
}

/// Which of the files of a `SavedModel` bytes are that [`format`] takes for one, or that their name promises to be one.
pub(crate) fn saved_model_part(head: &[u8], size: u64) -> Part {
    let fields = fields(head, size).unwrap_or_default();
    if is_fingerprint(&fields, size) {
        Part::Checksums
    } else if is_keras(&fields) {
        Part::Keras
    } else {
        Part::Graphs
    }
}

/// A file of a `SavedModel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Graphs,
    /// What Keras writes beside the graphs.
    Keras,
    /// What TensorFlow writes beside the graphs.
    Checksums,
}

/// What a file that nothing else claims may be, by the format that its name promises, where it starts with a field of
/// that format: it is then read as such and everything odd about it is told.
pub(crate) fn promised(name: &str, head: &[u8]) -> Option<Format> {
    let ending = crate::names::extension(name).filter(|_| has_controls(head))?.to_ascii_lowercase();
    let first = one(head, 0)?.0;
    let is = |types: &[(u32, u8)]| types.contains(&(first.number, first.wire));
    match ending.as_str() {
        "onnx" => is(ONNX).then_some(Format::Onnx),
        "mlmodel" => is(&[(1, 0), (2, 2), (10, 0)]).then_some(Format::CoreMl),
        "pb" if name.ends_with("saved_model.pb") => is(&[(1, 0), (2, 2)]).then_some(Format::SavedModel),
        "meta" => is(&[(1, 2), (2, 2), (3, 2), (4, 2), (5, 2)]).then_some(Format::MetaGraph),
        _ => None,
    }
}

/// Whether the start has a character that no text has.
fn has_controls(head: &[u8]) -> bool {
    head.iter().take(512).any(|byte| *byte < 0x20 && !byte.is_ascii_whitespace())
}

/// Numbers and wire types of an ONNX `ModelProto`.
const ONNX: &[(u32, u8)] =
    &[(1, 0), (2, 2), (3, 2), (4, 2), (5, 0), (6, 2), (7, 2), (8, 2), (14, 2), (20, 2), (25, 2), (26, 2)];
/// Of a `GraphProto`.
const ONNX_GRAPH: &[(u32, u8)] =
    &[(1, 2), (2, 2), (5, 2), (10, 2), (11, 2), (12, 2), (13, 2), (14, 2), (15, 2), (16, 2)];
/// Of a Core ML `ModelDescription`.
const DESCRIPTION: &[(u32, u8)] =
    &[(1, 2), (10, 2), (11, 2), (12, 2), (13, 2), (20, 2), (21, 2), (50, 2), (100, 2)];
/// Of a TensorFlow `MetaGraphDef`.
const META_GRAPH: &[(u32, u8)] = &[(1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (7, 2)];
/// Of a TensorFlow `MetaInfoDef`.
const META_INFO: &[(u32, u8)] = &[(1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (7, 0), (8, 2)];
/// Of a TensorFlow `GraphDef`.
const GRAPH: &[(u32, u8)] = &[(1, 2), (2, 2), (3, 0), (4, 2), (5, 2)];
/// Of a TensorFlow `NodeDef`.
const NODE: &[(u32, u8)] = &[(1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (7, 2)];

fn only(fields: &[Seen<'_>], known: &[(u32, u8)]) -> bool {
    !fields.is_empty() && fields.iter().all(|field| known.contains(&(field.number, field.wire)))
}

fn find<'f, 'h>(fields: &'f [Seen<'h>], number: u32) -> Option<&'f Seen<'h>> {
    fields.iter().find(|field| field.number == number)
}

fn inside<'h>(field: &Seen<'h>) -> Option<Vec<Seen<'h>>> {
    let size = if field.whole { field.bytes.len() as u64 } else { u64::MAX };
    fields(field.bytes, size)
}

/// A specification version, a description, and a model of some type.
fn is_core_ml(fields: &[Seen<'_>]) -> bool {
    let is_type = |field: &Seen<'_>| (200..=3000).contains(&field.number) && field.wire == 2;
    let known =
        |field: &Seen<'_>| matches!((field.number, field.wire), (1 | 10, 0) | (2, 2)) || is_type(field);
    let version = find(fields, 1).is_some_and(|field| (1..=100).contains(&field.number_value));
    let described = find(fields, 2).is_some_and(|field| {
        inside(field)
            .is_some_and(|fields| only(&fields, DESCRIPTION) && fields.iter().any(|field| field.number >= 10))
    });
    version && fields.iter().all(known) && (described || fields.iter().any(is_type))
}

fn is_onnx(fields: &[Seen<'_>]) -> bool {
    let version =
        find(fields, 1).is_some_and(|field| field.wire == 0 && (1..=1000).contains(&field.number_value));
    let producer = find(fields, 2).is_none_or(|field| {
        field.bytes.iter().all(|byte| !byte.is_ascii_control()) || find(fields, 7).is_some()
    });
    let graph = find(fields, 7).is_none_or(|field| {
        field.bytes.is_empty() || inside(field).is_some_and(|fields| only(&fields, ONNX_GRAPH))
    });
    let anchored = find(fields, 7).is_some()
        || version && find(fields, 8).is_some()
        || version && find(fields, 2).is_some() && fields.len() > 1;
    only(fields, ONNX)
        && (version || find(fields, 7).is_some() && find(fields, 8).is_some())
        && producer
        && graph
        && anchored
}

/// A schema version and graphs.
fn is_saved_model(fields: &[Seen<'_>]) -> bool {
    let graph = |field: &Seen<'_>| {
        inside(field).is_some_and(|fields| {
            only(&fields, META_GRAPH)
                && find(&fields, 1).is_none_or(|info| {
                    inside(info).is_none_or(|info| info.is_empty() || only(&info, META_INFO))
                })
        })
    };
    let version = find(fields, 1).is_some_and(|field| field.number_value < 100);
    only(fields, &[(1, 0), (2, 2)]) && version && find(fields, 2).is_some_and(graph)
}

/// What a graph says about itself, and a graph.
fn is_meta_graph(fields: &[Seen<'_>]) -> bool {
    let info = find(fields, 1)
        .is_some_and(|field| !is_node(field) && inside(field).is_some_and(|inner| only(&inner, META_INFO)));
    let graph = find(fields, 2).is_some_and(|field| {
        inside(field).is_some_and(|fields| only(&fields, GRAPH) && find(&fields, 1).is_none_or(is_node))
    });
    only(fields, META_GRAPH) && info && graph
}

/// Nodes, a library of functions, and versions.
fn is_graph(fields: &[Seen<'_>]) -> bool {
    let has_only = |field: &Seen<'_>, known| {
        field.bytes.is_empty() || inside(field).is_some_and(|fields| only(&fields, known))
    };
    let nodes = find(fields, 1).is_none_or(is_node);
    let library = find(fields, 2).is_none_or(|field| has_only(field, &[(1, 2), (2, 2), (3, 2)]));
    let versions = find(fields, 4).is_none_or(|field| has_only(field, &[(1, 0), (2, 0), (3, 0), (3, 2)]));
    let anchored = find(fields, 1).is_some()
        || [2, 4].iter().all(|number| find(fields, *number).is_some_and(|field| !field.bytes.is_empty()));
    only(fields, GRAPH) && nodes && library && versions && anchored
}

/// A name and an operator in the letters of such names.
fn is_node(field: &Seen<'_>) -> bool {
    let letters = |field: &Seen<'_>| {
        !field.bytes.is_empty()
            && field.bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_./>-:\\^".contains(byte))
    };
    field.wire == 2
        && inside(field).is_some_and(|fields| {
            only(&fields, NODE)
                && find(&fields, 1).is_none_or(letters)
                && find(&fields, 2).is_some_and(letters)
        })
}

/// The metadata that Keras writes beside a `SavedModel`: objects with a number, a path, a kind and JSON.
fn is_keras(fields: &[Seen<'_>]) -> bool {
    let object = |field: &Seen<'_>| {
        inside(field).is_some_and(|fields| {
            only(&fields, &[(2, 0), (3, 2), (4, 2), (5, 2), (6, 2)])
                && find(&fields, 4).is_some_and(|field| field.bytes.starts_with(b"_tf_keras"))
        })
    };
    only(fields, &[(1, 2)]) && fields.iter().take(2).all(object)
}

/// The checksums that TensorFlow writes beside a `SavedModel`.
fn is_fingerprint(fields: &[Seen<'_>], size: u64) -> bool {
    let known = &[(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 2), (7, 2)];
    size < 256 && only(fields, known) && [1, 2, 3].iter().all(|number| find(fields, *number).is_some())
}

/// The fields of a message of `size` bytes that starts with `head`; none where it is no message.
fn fields(head: &[u8], size: u64) -> Option<Vec<Seen<'_>>> {
    /// As many are enough to tell.
    const MOST: usize = 64;
    let mut fields = Vec::new();
    let mut at = 0;
    while at < head.len() && fields.len() < MOST {
        let Some((field, next)) = one(head, at) else {
            // The last number in view may be cut.
            return (size > head.len() as u64 && head.len() - at < 16 && !fields.is_empty())
                .then_some(fields);
        };
        fields.push(field);
        at = next;
    }
    Some(fields)
}

/// The field at an offset, and the offset behind it.
fn one(head: &[u8], at: usize) -> Option<(Seen<'_>, usize)> {
    let (tag, mut at) = varint(head, at)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0)?;
    let wire = (tag & 7) as u8;
    let mut field = Seen { number, wire, number_value: 0, bytes: &[], whole: true };
    match wire {
        0 => (field.number_value, at) = varint(head, at)?,
        1 => at = at.checked_add(8).filter(|at| *at <= head.len())?,
        5 => at = at.checked_add(4).filter(|at| *at <= head.len())?,
        2 => {
            let (length, start) = varint(head, at)?;
            // A field that reaches behind the end of the file is its reader's to tell.
            let end = (start as u64).checked_add(length)?;
            at = usize::try_from(end).unwrap_or(usize::MAX);
            field.whole = at <= head.len();
            field.bytes = head.get(start..at.min(head.len())).unwrap_or_default();
        }
        _ => return None,
    }
    Some((field, at))
}

fn varint(head: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    for index in 0..10 {
        let byte = *head.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f).checked_shl(7 * index)?;
        if byte & 0x80 == 0 {
            return Some((value, at));
        }
    }
    None
}
