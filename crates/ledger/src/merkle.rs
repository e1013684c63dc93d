//! Merkle tree hashing and proofs as in RFC 6962, section 2.1.
//!
//! Nothing here keeps state or reads a file: proofs are made from whatever implements [`HashReader`] (tiles, in this
//! crate) and checked from their hashes alone.

use bartizan_finding::{Digest, Hasher};

/// The longest inclusion or consistency proof that a tree of at most 2⁶³ leaves can need.
pub const MAX_PROOF: usize = 64;

/// Gives the hash of a complete subtree: 2^`level` leaves, of which the first is leaf `index` × 2^`level`.
pub trait HashReader {
    /// Why a hash could not be had.
    type Error;

    /// The hash of the `index`-th complete subtree of height `level` (0 is a leaf).
    fn subtree(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// A proof is not one for what it was said to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the tree's size, or the older tree is larger than the newer one.
    #[error("the proof is for an index or size outside the tree")]
    OutOfRange,
    /// The proof has more or fewer hashes than a proof at this place has.
    #[error("the proof has the wrong number of hashes")]
    WrongLength,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    WrongRoot,
}

/// The hash of a leaf: SHA-256 of a zero byte and the entry.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0]);
    hasher.update(entry);
    hasher.finish()
}

/// The hash of an inner node: SHA-256 of a one byte and both children.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Digest::of(&bytes)
}

/// The root of the empty tree: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The root over `hashes`, of leaves or of equally high complete subtrees.
pub fn root_of(hashes: &[Digest]) -> Digest {
    match hashes {
        [] => empty_root(),
        [one] => *one,
        _ if hashes.len().is_power_of_two() => perfect_root(hashes),
        _ => {
            let (left, right) = hashes.split_at(split(hashes.len() as u64) as usize);
            node_hash(&perfect_root(left), &root_of(right))
        }
    }
}

/// The root of the tree of `size` leaves that `reader` knows.
pub fn root_at<R: HashReader + ?Sized>(reader: &R, size: u64) -> Result<Digest, R::Error> {
    if size == 0 { Ok(empty_root()) } else { range_hash(reader, 0, size) }
}

/// The inclusion proof for leaf `index` in the tree of `size` leaves, from the leaf's sibling upwards.
/// `None` if there is no such leaf.
pub fn inclusion<R: HashReader + ?Sized>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Option<Vec<Digest>>, R::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut start, mut end, mut proof) = (0, size, Vec::new());
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range_hash(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(reader, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves.
/// `None` if it is not smaller or equal; empty if `old` is 0 or `new`.
pub fn consistency<R: HashReader + ?Sized>(
    reader: &R,
    old: u64,
    new: u64,
) -> Result<Option<Vec<Digest>>, R::Error> {
    if old > new {
        return Ok(None);
    }
    let mut proof = Vec::new();
    if old == 0 || old == new {
        return Ok(Some(proof));
    }
    // SUBPROOF of RFC 6962, 2.1.2, walking down to where the older tree ends. `whole` is its flag `b`: the subtree
    // that starts at 0 is the older tree itself, whose root the verifier has.
    let (mut start, mut end, mut whole) = (0, new, true);
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range_hash(reader, middle, end)?);
            end = middle;
        } else {
            proof.push(range_hash(reader, start, middle)?);
            start = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range_hash(reader, start, end)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Checks that `leaf` is leaf `index` of the tree with this `size` and `root` (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::WrongRoot) }
}

/// Checks that the tree with `old_size` and `old_root` is a prefix of the one with `new_size` and `new_root`
/// (RFC 9162, 2.1.4.2).
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutOfRange);
    }
    if old_size == 0 || old_size == new_size {
        let same = if old_size == 0 { *old_root == empty_root() } else { old_root == new_root };
        return match (proof, same) {
            ([], true) => Ok(()),
            ([], false) => Err(ProofError::WrongRoot),
            _ => Err(ProofError::WrongLength),
        };
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // Where the older tree is complete its own root is the first hash, and the proof leaves it out.
    let (seed, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::WrongLength)?;
        (*first, rest)
    };
    let (mut old_hash, mut new_hash) = (seed, seed);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(ProofError::WrongRoot) }
}

/// The largest power of two below `n`, which is more than 1: where RFC 6962 splits a list of `n`.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The root over a power of two of hashes.
fn perfect_root(hashes: &[Digest]) -> Digest {
    match hashes {
        [one] => *one,
        [left, right] => node_hash(left, right),
        _ => {
            let mut row: Vec<Digest> = pair_up(hashes);
            while row.len() > 1 {
                row = pair_up(&row);
            }
            row[0]
        }
    }
}

fn pair_up(hashes: &[Digest]) -> Vec<Digest> {
    hashes.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect()
}

/// The hash over leaves `start..end`, not empty, where `start` is a multiple of the largest power of two within.
fn range_hash<R: HashReader + ?Sized>(reader: &R, start: u64, end: u64) -> Result<Digest, R::Error> {
    let mut subtrees = Vec::new();
    let (mut at, mut left) = (start, end - start);
    while left > 0 {
        let level = 63 - left.leading_zeros() as u8;
        subtrees.push(reader.subtree(level, at >> level)?);
        at += 1 << level;
        left -= 1 << level;
    }
    let mut hash = subtrees.pop().unwrap_or_else(empty_root);
    while let Some(left) = subtrees.pop() {
        hash = node_hash(&left, &hash);
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;

    /// The straightforward reading of RFC 6962: subtrees hashed anew from the leaves.
    struct Leaves(Vec<Digest>);

    impl HashReader for Leaves {
        type Error = ();

        fn subtree(&self, level: u8, index: u64) -> Result<Digest, ()> {
            let start = (index << level) as usize;
            self.0.get(start..start + (1 << level)).map(root_of).ok_or(())
        }
    }

    fn leaves(size: u64) -> Leaves {
        Leaves((0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect())
    }

    fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
        let mut tree = MemoryBackedTree::new();
        (0..size).for_each(|number| tree.push(number.to_be_bytes().to_vec()));
        tree
    }

    fn flip(digest: &Digest, bit: usize) -> Digest {
        let mut bytes = *digest.as_bytes();
        bytes[bit / 8 % 32] ^= 1 << (bit % 8);
        Digest::from_bytes(bytes)
    }

    #[test]
    fn hashes_are_those_of_rfc_6962() {
        // The vectors of the Certificate Transparency reference implementation.
        let hex = |digest: Digest| digest.hex();
        assert_eq!(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let two = node_hash(&leaf_hash(b""), &leaf_hash(&[0]));
        assert_eq!(hex(two), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    }

    #[test]
    fn small_trees_agree_with_ct_merkle_everywhere() {
        for size in 0..40 {
            let ours = leaves(size);
            let root = root_at(&ours, size).unwrap();
            assert_eq!(root.as_bytes(), oracle(size).root().as_bytes().as_slice(), "{size}");
            for index in 0..size {
                let proof = inclusion(&ours, index, size).unwrap().unwrap();
                assert_eq!(verify_inclusion(&ours.0[index as usize], index, size, &root, &proof), Ok(()));
            }
            for old in 0..=size {
                let proof = consistency(&ours, old, size).unwrap().unwrap();
                let old_root = root_at(&ours, old).unwrap();
                assert_eq!(
                    verify_consistency(old, &old_root, size, &root, &proof),
                    Ok(()),
                    "{old} of {size}"
                );
            }
            assert_eq!(inclusion(&ours, size, size), Ok(None));
            assert_eq!(consistency(&ours, size + 1, size), Ok(None));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn inclusion_proofs_are_those_of_ct_merkle(size in 1_u64..1500, at in any::<prop::sample::Index>()) {
            let index = at.index(size as usize) as u64;
            let (ours, theirs) = (leaves(size), oracle(size));
            let proof = inclusion(&ours, index, size).unwrap().unwrap();
            let bytes: Vec<u8> = proof.iter().flat_map(|hash| *hash.as_bytes()).collect();
            let their_proof = theirs.prove_inclusion(index as usize);
            prop_assert_eq!(&bytes[..], their_proof.as_bytes());
            let (root, their_root) = (root_of(&ours.0), theirs.root());
            prop_assert_eq!(root.as_bytes().as_slice(), their_root.as_bytes().as_slice());
        }

        #[test]
        fn consistency_proofs_are_those_of_ct_merkle(size in 2_u64..1500, at in any::<prop::sample::Index>()) {
            let old = 1 + at.index(size as usize - 1) as u64;
            let proof = consistency(&leaves(size), old, size).unwrap().unwrap();
            let bytes: Vec<u8> = proof.iter().flat_map(|hash| *hash.as_bytes()).collect();
            let theirs = oracle(size).prove_consistency((size - old) as usize);
            prop_assert_eq!(&bytes[..], theirs.as_bytes());
        }

        #[test]
        fn nothing_else_is_included(size in 2_u64..600, at in any::<prop::sample::Index>(), bit in 0_usize..256, which in any::<prop::sample::Index>()) {
            let index = at.index(size as usize) as u64;
            let ours = leaves(size);
            let (root, leaf) = (root_of(&ours.0), ours.0[index as usize]);
            let proof = inclusion(&ours, index, size).unwrap().unwrap();
            prop_assert!(verify_inclusion(&flip(&leaf, bit), index, size, &root, &proof).is_err());
            prop_assert!(verify_inclusion(&leaf, index, size, &flip(&root, bit), &proof).is_err());
            let mut bent = proof.clone();
            let place = which.index(bent.len());
            bent[place] = flip(&bent[place], bit);
            prop_assert!(verify_inclusion(&leaf, index, size, &root, &bent).is_err());
            bent.remove(place);
            prop_assert!(verify_inclusion(&leaf, index, size, &root, &bent).is_err());
            let longer = [proof.clone(), vec![leaf]].concat();
            prop_assert!(verify_inclusion(&leaf, index, size, &root, &longer).is_err());
            let other = (index + 1) % size;
            prop_assert!(verify_inclusion(&leaf, other, size, &root, &proof).is_err());
            prop_assert!(verify_inclusion(&leaf, index, index, &root, &proof).is_err());
        }

        #[test]
        fn nothing_else_is_consistent(size in 3_u64..600, at in any::<prop::sample::Index>(), bit in 0_usize..256, which in any::<prop::sample::Index>()) {
            let old = 1 + at.index(size as usize - 1) as u64;
            let ours = leaves(size);
            let (root, old_root) = (root_of(&ours.0), root_of(&ours.0[..old as usize]));
            let proof = consistency(&ours, old, size).unwrap().unwrap();
            prop_assert_eq!(verify_consistency(old, &old_root, size, &root, &proof), Ok(()));
            prop_assert!(verify_consistency(old, &flip(&old_root, bit), size, &root, &proof).is_err());
            prop_assert!(verify_consistency(old, &old_root, size, &flip(&root, bit), &proof).is_err());
            let mut bent = proof.clone();
            let place = which.index(bent.len());
            bent[place] = flip(&bent[place], bit);
            prop_assert!(verify_consistency(old, &old_root, size, &root, &bent).is_err());
            bent.remove(place);
            prop_assert!(verify_consistency(old, &old_root, size, &root, &bent).is_err());
            let longer = [proof, vec![root]].concat();
            prop_assert!(verify_consistency(old, &old_root, size, &root, &longer).is_err());
            prop_assert!(verify_consistency(size, &old_root, old, &root, &[]).is_err());
        }

        #[test]
        fn any_numbers_are_refused_in_bounded_time(index in any::<u64>(), size in any::<u64>(), count in 0_usize..70) {
            let hashes = vec![empty_root(); count];
            prop_assert!(verify_inclusion(&empty_root(), index, size, &leaf_hash(b"x"), &hashes).is_err());
            prop_assert!(verify_consistency(index | 1, &leaf_hash(b"y"), size, &leaf_hash(b"x"), &hashes).is_err());
        }
    }
}
