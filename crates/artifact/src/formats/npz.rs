//! What `NumPy` saves of several arrays: a ZIP archive of nothing but `.npy` files. The members are read as files are; this
//! only gives the archive its name.

use crate::{
    Format,
    formats::zip::kind::Kind,
    read::{Halt, Pass},
    scope::Scope,
};

/// An archive as `numpy.load` sees it.
pub(crate) struct Npz(bool);

impl Npz {
    /// Looks at the names of the members.
    pub(crate) fn of(members: &[(&str, u64)]) -> Self {
        Self(!members.is_empty() && members.iter().all(|(name, _)| name.strip_suffix(".npy").is_some()))
    }
}

impl Kind for Npz {
    fn applies(&self) -> bool {
        self.0
    }

    fn format(&self) -> Option<Format> {
        Some(Format::Npz)
    }

    fn member(&mut self, _: &mut Pass<'_>, _: &mut Scope<'_, '_>) -> Result<bool, Halt> {
        Ok(false)
    }

    fn settle(&mut self, _: &mut Scope<'_, '_>) {}
}
