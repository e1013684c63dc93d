//! Python source beside or inside a model: what a loader that trusts remote code runs.
//!
//! The source is parsed and never run. Each call is traced to the dotted name that it goes by, through imports,
//! assignments and the usual detours, and held against what is known of those names; and it is told apart whether it
//! happens when the file is imported or only when something in it is used.

mod depth;
mod effect;
mod fold;
mod names;
mod review;
pub(crate) mod rules;
pub(crate) mod script;

use bartizan_finding::{Occurrence, Severity};
use ruff_python_ast::ModModule;
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};

use crate::{
    read::{Halt, Pass},
    scope::Scope,
};

/// Something to tell about a source.
#[derive(Debug)]
struct Said {
    rule: &'static bartizan_finding::RuleMeta,
    severity: Severity,
    message: String,
    /// Offset in the source.
    at: u32,
}

/// Reads a file of this kind to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let Some(source) = text(pass, scope)? else { return Ok(()) };
    let mut said = review::of_text(&source);
    if let Some(parsed) = parse(&source, scope) {
        said.extend(review::of_tree(&source, &parsed.syntax().body));
    }
    tell(said, scope);
    Ok(())
}

fn tell(mut said: Vec<Said>, scope: &mut Scope<'_, '_>) {
    said.sort_by_key(|said| said.at);
    for said in said {
        let at = u64::from(said.at);
        let place = scope.range(at, at + 1);
        scope.problems.push(Occurrence::new(said.rule, place, said.message).severity(said.severity));
    }
}

/// The whole source, where it is not too long to be looked at.
pub(crate) fn text(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<Option<String>, Halt> {
    let size = pass.size();
    let most = scope.limits.source_bytes;
    let mut bytes = Vec::new();
    pass.each(size, &mut |piece| {
        bytes.extend_from_slice(&piece[..piece.len().min(most - bytes.len())]);
    })?;
    if bytes.len() as u64 != size {
        scope.unexamined(0, size, format!("source of more than {most} bytes"));
        return Ok(None);
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Some(text),
        Ok(_) => {
            scope.unexamined(0, size, "source with zero bytes in it");
            None
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to() as u64;
            scope.unexamined(at, size, "source that is not UTF-8");
            None
        }
    })
}

/// Parses a source that a small stack suffices for; says what could not be understood.
fn parse(source: &str, scope: &mut Scope<'_, '_>) -> Option<Parsed<ModModule>> {
    let size = source.len() as u64;
    if let Err(why) = depth::bounded(source) {
        scope.add(rules::NotPython::META, 0, size, format!("the source cannot be parsed: {why}"));
        scope.unexamined(0, size, why);
        return None;
    }
    let parsed = parse_unchecked(source, ParseOptions::from(Mode::Module)).try_into_module()?;
    if let Some(error) = parsed.errors().first() {
        let at = u64::from(error.location.start().to_u32());
        let why = crate::escape(&error.error.to_string(), 80);
        scope.add(rules::NotPython::META, at, at + 1, format!("the source is not Python: {why}"));
        scope.unexamined(at, size, "source that cannot be parsed; the rest of it was looked at");
    }
    Some(parsed)
}
