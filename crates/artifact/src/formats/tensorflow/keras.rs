//! What Keras writes into and beside a `SavedModel`: the configuration of each layer, as JSON.

use bartizan_finding::Severity;

use super::rules;
use crate::{
    escape,
    formats::protobuf::{Fault, Field, Value, Wire},
    json::{self, Json, Scalar, Step},
    read::Halt,
};

/// Bytes of a value that are kept.
const KEEP: usize = 256;

/// Layers that hold code of Python, or a program of another library.
const CODE: [&str; 3] = ["Lambda", "__lambda__", "TorchModuleWrapper"];

/// Packages whose classes layers have. Others are the author's own, or no layers at all.
const PACKAGES: [&str; 12] = [
    "builtins",
    "keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "keras_tuner",
    "tensorflow",
    "tensorflow_addons",
    "tensorflow_hub",
    "tensorflow_text",
    "tf_keras",
];

/// Modules that no layer comes from, and whose functions do what their caller wants.
const DANGEROUS: [&str; 16] = [
    "_posixsubprocess",
    "asyncio",
    "code",
    "ctypes",
    "importlib",
    "multiprocessing",
    "nt",
    "os",
    "pathlib",
    "posix",
    "pty",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
    "sys",
];

/// Reads `keras_metadata.pb`.
pub(super) fn metadata(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => wire.message(&field, "the metadata", object)?,
            _ => wire.unknown(&field, "the metadata")?,
        }
    }
    Ok(())
}

fn object(wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            2 => drop(wire.varints(&field, &mut |_| ())?),
            3 | 4 => drop(wire.name(&field, "the kind of an object")?),
            5 => json(wire, &field)?,
            6 => drop(wire.bytes(&field, "a version")?),
            _ => wire.unknown(&field, "an object")?,
        }
    }
    Ok(())
}

/// Reads the configuration of an object, which is JSON where Keras wrote it.
pub(super) fn json(wire: &mut Wire<'_, '_, '_, '_>, field: &Field) -> Result<(), Fault> {
    let Value::Length(length) = field.value else { return wire.unknown(field, "an object") };
    let end = wire.pass.position() + length;
    let start = usize::try_from(length).unwrap_or(usize::MAX).min(64);
    if !wire.pass.peek(start)?.trim_ascii_start().starts_with(b"{") {
        wire.bytes(field, "the metadata of an object")?;
        return Ok(());
    }
    let mut seen: Vec<(Severity, String)> = Vec::new();
    let depth = wire.scope.limits.json_depth;
    let result = Json::new(wire.pass, length, depth).python().walk(KEEP, &mut |path, value, _| {
        if let Some(problem) = judge(path, &value)
            && seen.len() < 64
        {
            seen.push(problem);
        }
    });
    match result {
        Ok(()) | Err(json::Fault::Halt(Halt::End)) => {}
        Err(json::Fault::Halt(halt)) => return Err(halt.into()),
        Err(json::Fault::Syntax(at, what)) => {
            let message = format!("the configuration of an object is not JSON: {what}");
            wire.scope.add(rules::BadConfiguration::META, at, end, message);
            wire.scope.unexamined(at, end, "behind the point where a configuration is not JSON");
        }
    }
    let rest = end.saturating_sub(wire.pass.position());
    wire.pass.skip(rest)?;
    for (severity, message) in seen {
        wire.add_as(rules::LayerCode::META, severity, field.at, message);
    }
    Ok(())
}

/// What a value of a configuration does.
fn judge(path: &[Step], value: &Scalar) -> Option<(Severity, String)> {
    let Scalar::Text(text) = value else { return None };
    let text = text.start.as_str();
    match path.last()?.key()? {
        "class_name" if CODE.contains(&text) => {
            Some((Severity::High, format!("a layer is {}, which holds code", escape(text, 80))))
        }
        "registered_name" if text.rsplit('>').next().is_some_and(|name| CODE.contains(&name)) => {
            Some((Severity::High, format!("a layer is {}, which holds code", escape(text, 80))))
        }
        "module" => {
            let package = text.split('.').next().unwrap_or_default();
            if DANGEROUS.contains(&package) {
                Some((Severity::High, format!("a layer is taken from the module {}", escape(text, 80))))
            } else if PACKAGES.contains(&package) || text.is_empty() {
                None
            } else {
                Some((Severity::Medium, format!("a layer is taken from the module {}", escape(text, 80))))
            }
        }
        _ => None,
    }
}
