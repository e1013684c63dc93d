//! Decision trees as arrays: each node names its children by number.

/// Nodes of one tree whose children are compared. The deepest trees that `XGBoost` and `LightGBM` grow have some hundred
/// thousand.
pub(crate) const MOST_NODES: usize = 1 << 22;

/// What is wrong with the inner children of a tree, of which node 0 is the root: none leads out of the tree, back to the
/// root, or to a node that is a child already. A walk from the root then ends.
pub(crate) fn fault(children: impl Iterator<Item = u64>, nodes: usize) -> Option<&'static str> {
    let mut seen = vec![0_u64; nodes.div_ceil(64)];
    for child in children {
        let Some(child) = usize::try_from(child).ok().filter(|child| *child < nodes) else {
            return Some("a child that the tree does not have");
        };
        if child == 0 {
            return Some("a child that is the root, so that a walk does not end");
        }
        let Some(word) = seen.get_mut(child / 64) else { continue };
        let bit = 1 << (child % 64);
        if *word & bit != 0 {
            return Some("a child of two nodes, so that a walk may not end");
        }
        *word |= bit;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_from_the_root_ends() {
        assert_eq!(fault([1, 2].into_iter(), 3), None);
        assert_eq!(fault([].into_iter(), 0), None);
        for children in [vec![3], vec![0], vec![1, 1], vec![u64::MAX]] {
            assert!(fault(children.into_iter(), 3).is_some());
        }
    }
}
