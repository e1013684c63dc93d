//! Where the tensors lie: each byte behind the header belongs to exactly one of them.

use super::{header::Tensor, rules};
use crate::problems::Problems;

/// A stretch of the file whose first bytes are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start<'t> {
    /// Offset in the file.
    pub(super) offset: u64,
    pub(super) length: u64,
    /// The tensor; none for bytes that belong to no tensor.
    pub(super) tensor: Option<&'t str>,
}

/// The stretches of the file behind the header, in order.
#[derive(Debug)]
pub(super) struct Layout<'t> {
    pub(super) starts: Vec<Start<'t>>,
}

impl<'t> Layout<'t> {
    /// Holds the tensors' offsets against the bytes from `data` to `size`, which is the end of the file.
    pub(super) fn check(tensors: &'t [Tensor], data: u64, size: u64, problems: &mut Problems<'_>) -> Self {
        let available = size - data;
        let mut order: Vec<_> = tensors.iter().collect();
        order.sort_by_key(|tensor| (tensor.start, tensor.end));
        let mut layout = Self { starts: Vec::with_capacity(order.len()) };
        let mut covered = 0;
        for tensor in order {
            let (start, end) = (tensor.start, tensor.end);
            let members: &[&str] = &[&tensor.name];
            let at = |offset: u64| data.saturating_add(offset).min(size);
            let place = problems.range(members, at(start), at(end));
            if end < start || end > available {
                let message =
                    format!("offsets {start} to {end} lie outside the {available} bytes of tensors");
                problems.add(rules::BadOffsets::META, place, message);
                continue;
            }
            if start < covered {
                let message =
                    format!("the tensor starts at {start}, inside another one that ends at {covered}");
                problems.add(rules::Overlap::META, place, message);
            } else if start > covered {
                layout.uncovered(covered, start, data, problems);
            }
            covered = covered.max(end);
            if end > start {
                let tensor = Some(&*tensor.name);
                layout.starts.push(Start { offset: data + start, length: end - start, tensor });
            }
        }
        if covered < available {
            layout.uncovered(covered, available, data, problems);
        }
        layout.starts.sort_by_key(|start| start.offset);
        layout
    }

    fn uncovered(&mut self, start: u64, end: u64, data: u64, problems: &mut Problems<'_>) {
        let place = problems.range(&[], data + start, data + end);
        problems.add(rules::Uncovered::META, place, format!("{} bytes belong to no tensor", end - start));
        self.starts.push(Start { offset: data + start, length: end - start, tensor: None });
    }
}
