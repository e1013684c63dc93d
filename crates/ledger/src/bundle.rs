//! Entry bundles: up to 256 entries, each after its length as two big-endian bytes.

use std::ops::Range;

use crate::tile::WIDTH;

/// The longest entry in bytes.
pub const MAX_ENTRY: usize = 4096;

/// The longest bundle in bytes.
pub const MAX_BUNDLE: u64 = WIDTH * (2 + MAX_ENTRY as u64);

/// The bytes are not a bundle of so many entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The bytes end within an entry or before the last one.
    #[error("the bundle ends before entry {0} of it does")]
    Short(u16),
    /// An entry is empty or longer than [`MAX_ENTRY`].
    #[error("entry {0} of the bundle is empty or longer than 4096 bytes")]
    BadLength(u16),
    /// There are bytes after the last entry.
    #[error("the bundle goes on after its last entry")]
    Long,
}

/// Adds `entry`, of 1 to [`MAX_ENTRY`] bytes, to a bundle.
pub(crate) fn push(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).expect("an entry is at most 4096 bytes");
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

/// Where the first `count` entries lie in a bundle, and the length of the bundle up to there.
///
/// What follows them is left to the caller: a full bundle may stand in for a partial one.
pub fn split(bundle: &[u8], count: u16) -> Result<Vec<Range<usize>>, BundleError> {
    let mut entries = Vec::with_capacity(usize::from(count.min(WIDTH as u16)));
    let mut at = 0;
    for index in 0..count {
        let length = bundle.get(at..at + 2).ok_or(BundleError::Short(index))?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length == 0 || length > MAX_ENTRY {
            return Err(BundleError::BadLength(index));
        }
        at += 2;
        if bundle.len() - at < length {
            return Err(BundleError::Short(index));
        }
        entries.push(at..at + length);
        at += length;
    }
    Ok(entries)
}

/// As [`split`], for a bundle that must hold nothing else.
pub fn split_exactly(bundle: &[u8], count: u16) -> Result<Vec<Range<usize>>, BundleError> {
    let entries = split(bundle, count)?;
    let end = entries.last().map_or(0, |entry| entry.end);
    if end == bundle.len() { Ok(entries) } else { Err(BundleError::Long) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_pushed_comes_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..20)) {
            let mut bytes = Vec::new();
            for entry in &entries {
                push(&mut bytes, entry);
            }
            let count = entries.len() as u16;
            let places = split_exactly(&bytes, count).unwrap();
            let back: Vec<_> = places.into_iter().map(|place| bytes[place].to_vec()).collect();
            prop_assert_eq!(&back, &entries);
            prop_assert_eq!(split_exactly(&bytes, count + 1), Err(BundleError::Short(count)));
            prop_assert_eq!(split_exactly(&bytes, count - 1), Err(BundleError::Long));
            bytes.pop();
            prop_assert_eq!(split_exactly(&bytes, count), Err(BundleError::Short(count - 1)));
        }

        #[test]
        fn any_bytes_are_a_bundle_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300), count in 0_u16..300) {
            for place in split(&bytes, count).unwrap_or_default() {
                prop_assert!(place.end <= bytes.len() && !place.is_empty());
            }
        }
    }

    #[test]
    fn an_entry_is_neither_empty_nor_longer_than_the_limit() {
        assert_eq!(split_exactly(&[0, 0], 1), Err(BundleError::BadLength(0)));
        assert_eq!(split_exactly(&[0x10, 0x01], 1), Err(BundleError::BadLength(0)));
        assert_eq!(split_exactly(&[0x10, 0x00], 1), Err(BundleError::Short(0)));
    }
}
