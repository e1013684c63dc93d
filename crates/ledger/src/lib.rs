//! The Merkle log: entry bundles, tiles, checkpoints, proofs; synchronous.
