//! A tensor as a view of a storage, and its elements in the order of safetensors.

use std::io;

use super::dtype::Dtype;
use crate::read::{ReadAt, STEP};

/// A view of a storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) dtype: Dtype,
    /// Whether the bytes of each element are in the other order.
    pub(super) swapped: bool,
    pub(super) shape: Vec<u64>,
    /// Elements from one index to the next, for each dimension.
    pub(super) strides: Vec<u64>,
    /// The first element.
    pub(super) offset: u64,
}

/// A view that jumps is copied from memory where the part of the storage that it spans is no larger.
const HELD: u64 = 256 << 20;

impl View {
    /// A view of all elements in order.
    pub(super) fn whole(dtype: Dtype, swapped: bool, shape: Vec<u64>, columns_first: bool) -> Option<Self> {
        let mut strides = vec![0; shape.len()];
        let mut stride = 1_u64;
        let order: Vec<usize> =
            if columns_first { (0..shape.len()).collect() } else { (0..shape.len()).rev().collect() };
        for at in order {
            strides[at] = stride;
            stride = stride.checked_mul(shape[at].max(1))?;
        }
        Some(Self { dtype, swapped, shape, strides, offset: 0 })
    }

    /// The number of elements; none beyond 2^64.
    pub(super) fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size))
    }

    /// Bytes of the elements; none beyond 2^64.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.elements()?.checked_mul(self.dtype.width)
    }

    /// The elements of the storage that the view needs, from its start; none where that cannot be.
    pub(super) fn reach(&self) -> Option<u64> {
        if self.elements()? == 0 {
            return Some(0);
        }
        let last =
            self.shape.iter().zip(&self.strides).try_fold(self.offset, |at, (size, stride)| {
                at.checked_add((size - 1).checked_mul(*stride)?)
            })?;
        last.checked_add(1)
    }

    fn is_contiguous(&self) -> bool {
        let mut stride = 1_u64;
        self.shape.iter().zip(&self.strides).rev().all(|(size, have)| {
            let fits = *size <= 1 || *have == stride;
            stride = stride.saturating_mul(*size);
            fits
        })
    }

    /// Gives the elements in order, piece by piece.
    pub(super) fn each(
        &self,
        storage: &dyn ReadAt,
        give: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let width = self.dtype.width;
        let (Some(bytes), Some(reach)) = (self.bytes(), self.reach()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a tensor without end"));
        };
        if bytes == 0 {
            return Ok(());
        }
        let first = self.offset * width;
        let mut give = |piece: &mut [u8]| {
            if self.swapped {
                piece.chunks_exact_mut(usize::try_from(width).unwrap_or(1)).for_each(<[u8]>::reverse);
            }
            give(piece)
        };
        if self.is_contiguous() {
            let mut buffer = vec![0; STEP];
            let mut at = 0;
            while at < bytes {
                let room = usize::try_from((bytes - at).min(STEP as u64)).unwrap_or(STEP);
                exactly(storage, first + at, &mut buffer[..room])?;
                give(&mut buffer[..room])?;
                at += room as u64;
            }
            return Ok(());
        }
        let span = reach * width - first;
        let held = if span <= HELD { Some(all(storage, first, span)?) } else { None };
        self.scattered(storage, held.as_deref(), &mut give)
    }

    /// Gives the elements of a view that jumps.
    fn scattered(
        &self,
        storage: &dyn ReadAt,
        held: Option<&[u8]>,
        give: &mut dyn FnMut(&mut [u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let width = usize::try_from(self.dtype.width).unwrap_or(1);
        let mut index = vec![0; self.shape.len()];
        let mut at = 0_u64;
        let mut piece = Vec::with_capacity(STEP);
        let mut element = vec![0; width];
        loop {
            if let Some(held) = held {
                let from = usize::try_from(at).unwrap_or(usize::MAX).saturating_mul(width);
                piece.extend_from_slice(held.get(from..from + width).unwrap_or(&element));
            } else {
                exactly(storage, (self.offset + at) * self.dtype.width, &mut element)?;
                piece.extend_from_slice(&element);
            }
            if piece.len() + width > STEP {
                give(&mut piece)?;
                piece.clear();
            }
            // The next index, the last dimension fastest.
            let mut dimension = self.shape.len();
            loop {
                let Some(before) = dimension.checked_sub(1) else {
                    return if piece.is_empty() { Ok(()) } else { give(&mut piece) };
                };
                dimension = before;
                index[dimension] += 1;
                at += self.strides[dimension];
                if index[dimension] < self.shape[dimension] {
                    break;
                }
                at -= self.strides[dimension] * self.shape[dimension];
                index[dimension] = 0;
            }
        }
    }
}

fn exactly(storage: &dyn ReadAt, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        match storage.read_at(offset + filled as u64, &mut buffer[filled..])? {
            0 => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a storage ends too early")),
            count => filled += count,
        }
    }
    Ok(())
}

/// Grows with what is really there.
fn all(storage: &dyn ReadAt, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < length {
        let filled = bytes.len();
        let room = usize::try_from(length - filled as u64).unwrap_or(usize::MAX).min(16 * STEP);
        bytes.resize(filled + room, 0);
        exactly(storage, offset + filled as u64, &mut bytes[filled..])?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTE: Dtype = Dtype { name: "U8", width: 1 };

    fn read(view: &View, storage: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        view.each(&storage, &mut |piece| {
            out.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        out
    }

    #[test]
    fn views_are_read_in_the_order_of_their_indices() {
        let storage: Vec<u8> = (0..12).collect();
        let view = |shape: &[u64], strides: &[u64], offset| View {
            dtype: BYTE,
            swapped: false,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
            offset,
        };
        assert_eq!(read(&view(&[2, 3], &[3, 1], 6), &storage), [6, 7, 8, 9, 10, 11]);
        assert_eq!(read(&view(&[3, 2], &[1, 3], 0), &storage), [0, 3, 1, 4, 2, 5]);
        assert_eq!(read(&view(&[2, 2, 2], &[1, 4, 2], 1), &storage), [1, 3, 5, 7, 2, 4, 6, 8]);
        assert_eq!(read(&view(&[3], &[0], 5), &storage), [5, 5, 5]);
        assert_eq!(read(&view(&[], &[], 7), &storage), [7]);
        assert_eq!(read(&view(&[0, 4], &[4, 1], 90), &storage), [] as [u8; 0]);
        assert_eq!(view(&[3, 2], &[1, 3], 1).reach(), Some(7));
    }

    #[test]
    fn elements_of_the_other_order_are_turned() {
        let dtype = Dtype { name: "I16", width: 2 };
        let view = View::whole(dtype, true, vec![2], false).unwrap();
        assert_eq!(read(&view, &[1, 2, 3, 4]), [2, 1, 4, 3]);
        let columns = View::whole(dtype, false, vec![2, 2], true).unwrap();
        assert_eq!(read(&columns, &[0, 0, 1, 0, 2, 0, 3, 0]), [0, 0, 2, 0, 1, 0, 3, 0]);
    }
}
