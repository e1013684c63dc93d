//! Llamafiles: a program for several systems with a ZIP archive behind it that holds the weights and the arguments.
//!
//! The program is told as one; the archive is read like any other, but that it does not start the file.

use super::zip;
use crate::{
    Format, Limits,
    read::{Halt, Pass},
    scope::Scope,
};

/// Whether a program carries an archive with weights, or with the arguments that `llamafile` starts with.
pub(crate) fn is_one(pass: &mut Pass<'_>, limits: &Limits) -> Result<bool, Halt> {
    let names = zip::names(pass, limits)?;
    Ok(names.iter().any(|name| &**name == ".args" || name.to_ascii_lowercase().ends_with(".gguf")))
}

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    *format = Format::Llamafile;
    zip::read_behind(pass, true, scope).map(|_| ())
}
