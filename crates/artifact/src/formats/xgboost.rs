//! `XGBoost` models: JSON, the same tree of values in UBJSON, and the binary form that version 3.1 gave up.
//!
//! A model is data and calls nothing. What can do harm is its shape, because readers follow the numbers of children and
//! features without asking, and texts that stand in it for others to use.

mod model;
pub(crate) mod rules;
mod ubjson;

use model::{Model, Value};

use crate::{
    json::{Fault, Json, Scalar},
    read::{Halt, Pass},
    scope::Scope,
};

/// Bytes of a text that are kept.
const KEEP: usize = 16 << 10;

/// Whether a JSON text starts like a model.
pub(crate) fn is_json(head: &[u8]) -> bool {
    let mut plain = [0; 32];
    let mut length = 0;
    for byte in head.iter().filter(|byte| !byte.is_ascii_whitespace()).take(plain.len()) {
        plain[length] = *byte;
        length += 1;
    }
    let plain = &plain[..length];
    plain.starts_with(b"{\"learner\":{\"")
        || plain.starts_with(b"{\"version\":[") && contains(head, b"\"learner\"")
}

/// Whether bytes start like a model in UBJSON.
pub(crate) fn is_ubjson(head: &[u8]) -> bool {
    head.starts_with(b"{L\0\0\0\0\0\0\0\x07learner{") || head.starts_with(b"{L\0\0\0\0\0\0\0\x07version[")
}

fn contains(head: &[u8], word: &[u8]) -> bool {
    head.windows(word.len()).any(|window| window == word)
}

/// Reads a model in JSON to its end.
pub(crate) fn read_json(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let (size, depth) = (pass.size(), scope.limits.json_depth);
    let mut model = Model::new(scope);
    let result = Json::new(pass, size, depth).python().walk(KEEP, &mut |path, value, at| {
        let value = match &value {
            Scalar::Text(text) => Value::Text(&text.start),
            Scalar::Unsigned(number) => i64::try_from(*number).map_or(Value::Other, Value::Int),
            _ => Value::Other,
        };
        model.value(path, &value, at);
    });
    model.finish();
    end(result, size, scope)
}

/// Reads a model in UBJSON, or in the old binary form, to its end.
pub(crate) fn read_binary(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    if pass.peek(4)? == b"binf" {
        return old(pass, scope);
    }
    let depth = scope.limits.json_depth;
    let mut model = Model::new(scope);
    let result = ubjson::walk(pass, depth, KEEP, &mut |path, value, at| model.value(path, value, at));
    model.finish();
    let left = size - pass.position();
    if result.is_ok() && left > 0 {
        let message = format!("{left} bytes follow the model");
        scope.add(rules::BadModel::META, size - left, size, message);
        scope.unexamined(size - left, size, "bytes that follow the model");
    }
    end(result, size, scope)
}

fn end(result: Result<(), Fault>, size: u64, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let (at, why) = match result {
        Ok(()) => return Ok(()),
        Err(Fault::Halt(Halt::End)) => (size, "it ends inside a value"),
        Err(Fault::Halt(halt)) => return Err(halt),
        Err(Fault::Syntax(at, why)) => (at, why),
    };
    scope.add(rules::BadModel::META, at, at, format!("the model breaks off: {why}"));
    scope.unexamined(at, size, "the model behind the point where it breaks off");
    Ok(())
}

/// Bytes of `LearnerModelParam` behind the signature (`src/learner.cc` of version 1.7).
const LEARNER: u64 = 136;

/// The old form: a record of fixed length, two names, and trees as they lay in memory.
fn old(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    if size < 4 + LEARNER + 16 {
        scope.add(rules::BadModel::META, 0, size, "the model ends inside its parameters");
        scope.unexamined(0, size, "a model that is cut off");
        return Ok(());
    }
    pass.skip(4 + LEARNER)?;
    for fact in ["objective", "booster"] {
        let at = pass.position();
        if size - at < 8 {
            scope.add(rules::BadModel::META, at, size, "the model ends inside a name");
            break;
        }
        let length = u64::from_le_bytes(pass.take()?);
        if length > 256 || length > size - pass.position() {
            scope.add(rules::BadModel::META, at, at + 8, format!("a name of {length} bytes"));
            break;
        }
        let name = pass.peek(usize::try_from(length).unwrap_or(0))?.to_vec();
        pass.skip(length)?;
        scope.outline.fact(fact, &String::from_utf8_lossy(&name));
    }
    scope.unexamined(pass.position(), size, "the trees of XGBoost's old binary form");
    Ok(())
}
