//! Where the tensors lie: each byte behind the descriptions belongs to one of them, or aligns the next.

use super::{rules, tensor::Tensor};
use crate::{
    foreign::{Foreign, WINDOW},
    problems::Problems,
    read::{Halt, Pass},
};

/// What a stretch of bytes is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use<'t> {
    Tensor(&'t str),
    /// Zeros that align what follows.
    Padding,
    /// Nothing that the file speaks of.
    None,
}

/// A stretch of the file.
#[derive(Clone, Copy, Debug)]
struct Stretch<'t> {
    start: u64,
    end: u64,
    of: Use<'t>,
}

/// The stretches of the file behind the descriptions, in order.
#[derive(Debug)]
pub(super) struct Layout<'t>(Vec<Stretch<'t>>);

impl<'t> Layout<'t> {
    /// Holds the tensors' places against the bytes from `data` to `size`; the descriptions end at `end`.
    pub(super) fn check(
        tensors: &'t [Tensor],
        end: u64,
        data: u64,
        alignment: u64,
        size: u64,
        problems: &mut Problems<'_>,
    ) -> Self {
        let mut layout = Self(Vec::with_capacity(tensors.len()));
        let mut order: Vec<_> = tensors.iter().collect();
        order.sort_by_key(|tensor| (tensor.start, tensor.bytes));
        layout.between(end, data, alignment);
        let mut covered = data;
        for tensor in order {
            let name = &*tensor.name;
            let place = data
                .checked_add(tensor.start)
                .and_then(|start| Some((start, start.checked_add(tensor.bytes)?)));
            let Some((start, stop)) = place.filter(|(_, stop)| *stop <= size) else {
                let message = format!(
                    "{} bytes at {} lie outside the {} bytes of tensors",
                    tensor.bytes,
                    tensor.start,
                    size - data
                );
                problems.add(rules::Misplaced::META, problems.range(&[name], data, size), message);
                continue;
            };
            if start < covered && tensor.bytes > 0 {
                let message = format!(
                    "the tensor starts at {}, inside another one that ends at {}",
                    tensor.start,
                    covered - data
                );
                problems.add(rules::Overlap::META, problems.range(&[name], start, stop), message);
            } else if start > covered {
                layout.between(covered, start, alignment);
            }
            if stop > start {
                layout.0.push(Stretch { start, end: stop, of: Use::Tensor(name) });
            }
            covered = covered.max(stop);
        }
        if covered < size {
            layout.between(covered, size, alignment);
        }
        layout
    }

    /// Bytes between two tensors, in front of the first or behind the last: fewer than `alignment` of them align what
    /// follows, if they are zeros.
    fn between(&mut self, start: u64, end: u64, alignment: u64) {
        let aligned = start.checked_next_multiple_of(alignment).map_or(end, |aligned| aligned.min(end));
        if aligned > start {
            self.0.push(Stretch { start, end: aligned, of: Use::Padding });
        }
        if end > aligned {
            self.0.push(Stretch { start: aligned, end, of: Use::None });
        }
    }

    /// Looks at the first bytes of every tensor, and at what is in no tensor, as they stream by.
    pub(super) fn look(&self, pass: &mut Pass<'_>, problems: &mut Problems<'_>) -> Result<(), Halt> {
        for stretch in &self.0 {
            let Some(gap) = stretch.start.checked_sub(pass.position()) else { continue };
            pass.skip(gap)?;
            let length = stretch.end - stretch.start;
            let window = pass.peek(WINDOW)?;
            let window = &window[..usize::try_from(length).unwrap_or(usize::MAX).min(window.len())];
            let foreign = Foreign::at(window);
            let member = if let Use::Tensor(name) = &stretch.of { std::slice::from_ref(name) } else { &[] };
            let place = problems.range(member, stretch.start, stretch.end);
            match stretch.of {
                Use::Tensor(_) => {}
                Use::None => {
                    problems.add(
                        rules::Uncovered::META,
                        place.clone(),
                        format!("{length} bytes belong to no tensor"),
                    );
                }
                Use::Padding => {
                    let mut zero = true;
                    pass.each(length, &mut |piece| zero &= piece.iter().all(|byte| *byte == 0))?;
                    if !zero {
                        let message = format!("{length} bytes between tensors should be zeros and are not");
                        problems.add(rules::Uncovered::META, place.clone(), message);
                    }
                }
            }
            if let Some(foreign) = foreign {
                problems.push(foreign.occurrence(rules::ForeignData::META, place, "the bytes start"));
            }
        }
        Ok(())
    }
}
