//! The superblock: where the tree of objects starts, and how numbers are written (HDF5 File Format Specification 3.0,
//! section II.A).

use super::store::{Fault, Store};

/// The signature, which stands at 0, 512, 1024 and so on.
pub(super) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// The last place in the first bytes of a file at which the library looks for the signature.
const FARTHEST: usize = 32 * 1024;

/// Where the signature stands in the first bytes of a file.
pub(crate) fn find(head: &[u8]) -> Option<usize> {
    let doubled = std::iter::successors(Some(512), |at| Some(at * 2)).take_while(|at| *at <= FARTHEST);
    std::iter::once(0).chain(doubled).find(|at| {
        let start = head.get(*at..).and_then(|rest| rest.strip_prefix(SIGNATURE));
        start.is_some_and(|rest| rest.first().is_some_and(|version| *version <= 3))
    })
}

/// Looks for the signature behind those, at every power of two up to the file's end, while the bytes go by.
#[derive(Debug)]
pub(crate) struct Far {
    /// The place that is looked at next, and the bytes of it that went by.
    at: u64,
    seen: Vec<u8>,
    found: bool,
}

impl Far {
    pub(crate) const fn new() -> Self {
        Self { at: 2 * FARTHEST as u64, seen: Vec::new(), found: false }
    }

    /// Takes the bytes that follow those before, the first of which stands at `offset`.
    pub(crate) fn push(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset + bytes.len() as u64;
        loop {
            let wants = self.at.saturating_add(self.seen.len() as u64);
            if wants >= end {
                return;
            }
            let from = usize::try_from(wants.saturating_sub(offset)).unwrap_or(usize::MAX);
            let rest = bytes.get(from..).unwrap_or_default();
            let missing = SIGNATURE.len() + 1 - self.seen.len();
            self.seen.extend_from_slice(rest.get(..missing).unwrap_or(rest));
            if self.seen.len() <= SIGNATURE.len() {
                return;
            }
            self.found |= find(&self.seen).is_some();
            self.seen.clear();
            self.at = self.at.saturating_mul(2);
        }
    }

    /// Whether the library of HDF5 finds the signature at one of these places.
    pub(crate) const fn found(&self) -> bool {
        self.found
    }
}

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Superblock {
    pub(super) version: u8,
    /// Where the library thinks that the file ends, from the start of the file.
    pub(super) end: Option<u64>,
    /// Where the header of the root group is.
    pub(super) root: Option<u64>,
    /// More about the file, in an object header.
    pub(super) extension: Option<u64>,
    /// Which other files hold parts of this one.
    pub(super) driver: Option<u64>,
}

impl Superblock {
    /// Reads it, and tells the store how numbers are written.
    pub(super) fn read(store: &mut Store<'_, '_>) -> Result<Self, Fault> {
        // The longest has 24 + 5 * 8 + 24 bytes with the addresses of 8 bytes that everybody uses, twice that at most.
        let bytes = store.some(0, 192)?;
        let mut fields = store.fields(&bytes, 0);
        fields.take(SIGNATURE.len())?;
        let version = fields.u8()?;
        if version >= 2 {
            (store.offsets, store.lengths) = (fields.u8()?.into(), fields.u8()?.into());
        } else {
            fields.take(4)?;
            (store.offsets, store.lengths) = (fields.u8()?.into(), fields.u8()?.into());
        }
        if ![2, 4, 8, 16].contains(&store.offsets) || ![2, 4, 8, 16].contains(&store.lengths) {
            return Err(fields.broken("addresses or lengths of a width that is not in use"));
        }
        // What follows is as wide as was just said.
        let mut wide = store.fields(&bytes, 0);
        if version >= 2 {
            wide.take(12)?;
            let (_, extension, end, root) =
                (wide.address()?, wide.address()?, wide.address()?, wide.address()?);
            let length = 12 + 4 * store.offsets + 4;
            let mut all = store.bytes(0, length as u64)?;
            store.checked(&mut all, 0, "the superblock")?;
            return Ok(Self { version, end, root, extension, driver: None });
        }
        wide.take(if version == 0 { 24 } else { 28 })?;
        let (_, _, end, driver) = (wide.address()?, wide.address()?, wide.address()?, wide.address()?);
        // The entry of the root group: its name, its header, and what is cached of it.
        wide.address()?;
        let root = wide.address()?;
        Ok(Self { version, end, root, extension: None, driver })
    }
}
