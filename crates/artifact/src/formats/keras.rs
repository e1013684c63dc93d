//! The configuration of Keras models: which classes and functions a loader looks up by name and calls.
//!
//! The same JSON stands in the attribute `model_config` of an HDF5 file, in `config.json` of a `.keras` archive, and in
//! files of its own. Keras builds an object for each JSON object that has a `class_name` and a `config`, wherever it
//! stands, so that is what is judged, with whatever those objects hold.

pub(crate) mod archive;
mod judge;
mod names;
pub(crate) mod rules;

use std::ops::ControlFlow;

use judge::Judge;

use crate::{
    json::{Fault, Json},
    read::{Halt, Pass},
    scope::Scope,
};

/// Longest configuration beside which another reader reads the same text. The longest published ones have some 2 MB.
const LONGEST: u64 = 8 << 20;
/// Bytes of a string that are kept: code and modules of `PyTorch` stand in strings.
const LONGEST_STRING: usize = 4 << 20;

/// Judges a configuration that is held in memory.
pub(crate) fn judge(text: &[u8], scope: &mut Scope<'_, '_>) {
    let mut watch = |_| ControlFlow::Continue(());
    // Nothing can halt a pass over memory.
    let _ = read(&mut Pass::over(&text, &mut watch), scope);
}

/// Judges a configuration and reads it to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    if let Some((at, what)) = judged(pass, scope, false)? {
        scope.add(rules::NotJson::META, at, size, format!("the configuration is not JSON: {what}"));
        scope.unexamined(at, size, "behind the point where the configuration is not JSON");
    }
    Ok(())
}

/// Judges text that another reader reads as well. Whether it is JSON is for that one to say.
pub(crate) fn glance(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    if size > LONGEST {
        return Ok(());
    }
    let text = pass.ahead(0, usize::try_from(size).unwrap_or_default())?;
    let mut watch = |_| ControlFlow::Continue(());
    // Nothing can halt a pass over memory.
    let _ = judged(&mut Pass::over(&text, &mut watch), scope, true);
    Ok(())
}

/// Judges a text; where it is not JSON, and why.
fn judged(
    pass: &mut Pass<'_>,
    scope: &mut Scope<'_, '_>,
    glance: bool,
) -> Result<Option<(u64, &'static str)>, Halt> {
    let size = pass.size();
    let mut json = Json::new(pass, size, scope.limits.json_depth).python();
    let mut judge = Judge::new(scope, glance);
    let result = json.events(LONGEST_STRING, &mut |event, at| judge.event(event, at));
    judge.settle();
    match result {
        Ok(()) => Ok(None),
        Err(Fault::Syntax(at, what)) => Ok(Some((at, what))),
        Err(Fault::Halt(Halt::End)) => Ok(Some((size, "it ends inside a value"))),
        Err(Fault::Halt(halt)) => Err(halt),
    }
}
