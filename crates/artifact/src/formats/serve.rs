//! What `TorchServe` loads: a ZIP archive with a manifest, which names a handler in Python, requirements and the model. The
//! members are read as files are; this only gives the archive its name.

use crate::{
    Format,
    formats::zip::kind::Kind,
    read::{Halt, Pass},
    scope::Scope,
};

/// The member that makes an archive one of `TorchServe`.
const MANIFEST: &str = "MAR-INF/MANIFEST.json";

/// An archive as `TorchServe` sees it.
pub(crate) struct Serve(bool);

impl Serve {
    /// Looks at the names of the members.
    pub(crate) fn of(members: &[(&str, u64)]) -> Self {
        Self(members.iter().any(|(name, _)| *name == MANIFEST))
    }
}

impl Kind for Serve {
    fn applies(&self) -> bool {
        self.0
    }

    fn format(&self) -> Option<Format> {
        Some(Format::TorchServe)
    }

    fn member(&mut self, _: &mut Pass<'_>, _: &mut Scope<'_, '_>) -> Result<bool, Halt> {
        Ok(false)
    }

    fn settle(&mut self, _: &mut Scope<'_, '_>) {}
}
