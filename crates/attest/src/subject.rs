use bartizan_finding::{Digest, Hasher};

use crate::{AttestError, shown::shown};

const WHAT: &str = "folder listing";

/// Names the construction, so that its digests are no one else's.
const DOMAIN: &[u8] = b"bartizan/dir/v1\0";

/// A file of a folder: its relative path with `/`, its size in bytes, its digest.
pub type DirectoryEntry<'a> = (&'a str, u64, Digest);

/// The digest of a folder. It binds the names, sizes and contents of all files, so that a file that is renamed,
/// moved, added or left out changes it; it does not depend on the order in which they were listed.
///
/// SHA-256 of the ASCII text `bartizan/dir/v1`, a zero byte, the number of files, and for each file, sorted by the
/// components of its path as bytes: the length of the path, the path in UTF-8, the size, the 32 bytes of the
/// file's SHA-256. Numbers are 64 bits, big-endian. An empty folder has a digest too.
///
/// A path that is absolute, has an empty, `.` or `..` component or a zero byte, stands twice, or is also the folder
/// of another is refused: such a listing names no one tree.
pub fn directory_digest(files: &[DirectoryEntry<'_>]) -> Result<Digest, AttestError> {
    let mut sorted: Vec<_> =
        files.iter().map(|(path, size, digest)| (components(path), path, size, digest)).collect();
    sorted.sort_unstable();
    for (parts, path, ..) in &sorted {
        if path.contains('\0') || parts.iter().any(|part| matches!(*part, b"" | b"." | b"..")) {
            let why = format!("`{}` is not a plain relative path", shown(path));
            return Err(AttestError::malformed(WHAT, why));
        }
    }
    for pair in sorted.windows(2) {
        // Sorted by components, what lies in a folder follows right after a file of the folder's name.
        if pair[1].0.starts_with(&pair[0].0) {
            let why = format!("`{}` stands twice, or is a file and a folder", shown(pair[0].1));
            return Err(AttestError::malformed(WHAT, why));
        }
    }
    let mut hasher = Hasher::new();
    hasher.update(DOMAIN);
    hasher.update(&length(sorted.len()));
    for (_, path, size, digest) in sorted {
        hasher.update(&length(path.len()));
        hasher.update(path.as_bytes());
        hasher.update(&size.to_be_bytes());
        hasher.update(digest.as_bytes());
    }
    Ok(hasher.finish())
}

fn components(path: &str) -> Vec<&[u8]> {
    path.split('/').map(str::as_bytes).collect()
}

fn length(length: usize) -> [u8; 8] {
    (length as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Computed once by hand from the construction in the comment; it may never change, since recorded statements
    /// hold such digests.
    #[test]
    fn the_construction_is_the_one_described() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"bb"));
        let mut bytes = b"bartizan/dir/v1\0".to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        // `sub/x` sorts before `sub-x`, though the byte of `-` is less than that of `/`.
        bytes.extend(b"\0\0\0\0\0\0\0\x05sub/x\0\0\0\0\0\0\0\x02");
        bytes.extend(b.as_bytes());
        bytes.extend(b"\0\0\0\0\0\0\0\x05sub-x\0\0\0\0\0\0\0\x01");
        bytes.extend(a.as_bytes());
        let digest = directory_digest(&[("sub-x", 1, a), ("sub/x", 2, b)]).unwrap();
        assert_eq!(digest, Digest::of(&bytes));
        insta::assert_snapshot!(digest, @"sha256:f844ef7104dbf0587aba7f407a365435f4cf6f740ee7e2de00b4a25b2cb72ad0");
        insta::assert_snapshot!(directory_digest(&[]).unwrap(), @"sha256:2e8c60fd49b2810861109171410f39e1423f211a8850c32d609b1ae89fe79f03");
    }

    #[test]
    fn listings_that_name_no_one_tree_are_refused() {
        let digest = Digest::of(b"");
        for bad in ["", "/a", "a/", "a//b", ".", "a/./b", "../a", "a/..", "a\0b"] {
            assert!(directory_digest(&[(bad, 0, digest)]).is_err(), "{bad:?}");
        }
        for (one, other) in [("a", "a"), ("a", "a/b"), ("x/a/b", "x/a")] {
            assert!(directory_digest(&[(one, 0, digest), (other, 0, digest)]).is_err(), "{one} {other}");
        }
        assert!(directory_digest(&[("a", 0, digest), ("a-b", 0, digest), ("ab/c", 0, digest)]).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn every_part_is_bound_and_order_is_not(
            files in proptest::collection::btree_map("[ab]{1,3}(/[ab]{1,2})?x", (any::<u64>(), any::<[u8; 32]>()), 1..6),
            pick: proptest::sample::Index,
        ) {
            let listing: Vec<_> =
                files.iter().map(|(path, (size, digest))| (path.as_str(), *size, Digest::from_bytes(*digest))).collect();
            let Ok(digest) = directory_digest(&listing) else { return Ok(()) };
            let mut other = listing.clone();
            other.reverse();
            prop_assert_eq!(directory_digest(&other), Ok(digest));

            let at = pick.index(listing.len());
            let renamed = format!("{}c", listing[at].0);
            other = listing.clone();
            other[at].0 = &renamed;
            prop_assert_ne!(directory_digest(&other), Ok(digest));
            other = listing.clone();
            other[at].1 ^= 1;
            prop_assert_ne!(directory_digest(&other), Ok(digest));
            other = listing.clone();
            other[at].2 = Digest::of(b"other");
            prop_assert_ne!(directory_digest(&other), Ok(digest));
            other = listing.clone();
            other.remove(at);
            prop_assert_ne!(directory_digest(&other), Ok(digest));
        }
    }
}
