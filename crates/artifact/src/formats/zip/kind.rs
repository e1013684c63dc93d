//! What an archive is, by the names of its members: the one place where kinds of archives are listed.
//!
//! An archive can be of several kinds at once, and each loader sees its own. So every kind whose members are there has
//! its say, in the order of [`kinds`], and the first gives the archive its name.

use crate::{
    Format,
    formats::{keras::archive::Archive, npz::Npz, serve::Serve, skops::Skops, torch::Torch},
    read::{Halt, Pass},
    scope::Scope,
};

/// An archive as one kind of loader sees it.
pub(crate) trait Kind {
    /// Whether the archive may be of this kind, by the names of its members.
    fn applies(&self) -> bool;

    /// What the archive is, where it is of this kind; asked again when all members were looked at.
    fn format(&self) -> Option<Format>;

    /// Looks at a member, whose name is the scope's: whether it was read, so that nobody else has to.
    fn member(&mut self, pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt>;

    /// Says what follows from all members together.
    fn settle(&mut self, scope: &mut Scope<'_, '_>);
}

/// The kinds that an archive with these members is of; each is its name and its size when unpacked.
pub(super) fn kinds(members: &[(&str, u64)]) -> Vec<Box<dyn Kind>> {
    let all: [Box<dyn Kind>; 5] = [
        Box::new(Torch::of(members)),
        Box::new(Archive::of(members)),
        Box::new(Skops::of(members)),
        Box::new(Serve::of(members)),
        Box::new(Npz::of(members)),
    ];
    all.into_iter().filter(|kind| kind.applies()).collect()
}
