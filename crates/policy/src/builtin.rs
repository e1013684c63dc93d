//! The rules that apply at every gate.

use std::collections::BTreeMap;

use crate::{
    fault::{PolicyError, Source},
    read::{RuleSource, Statement, read as read_text},
    schema::Base,
};

/// They refuse what no gate should have to ask for. A break-glass overrides them.
const TEXT: &str = r#"
@id("checked")
@fix("Run `bartizan check` on this revision, and record it.")
forbid (principal, action, resource)
unless { context.checked };

@id("log-verified")
@fix("Run `bartizan ledger verify`, and find out why the log does not verify.")
forbid (principal, action, resource)
unless { context.logVerified };

@id("reconciled")
@fix("Run `bartizan check`, declare what its REC findings name, make readable what it could not look at, and have somebody else agree to what is lost.")
forbid (principal, action, resource)
unless { context.undeclared == 0 && context.lost == 0 && context.reconciled };
"#;

pub(crate) fn read(base: &Base) -> Result<Vec<Statement>, PolicyError> {
    let mut source = Source::new("built in", TEXT);
    let statements = read_text(&mut source, base, &RuleSource::BuiltIn, &mut BTreeMap::new());
    match source.into_faults().first() {
        None => Ok(statements),
        Some(fault) => Err(PolicyError::Vocabulary(fault.to_string())),
    }
}
