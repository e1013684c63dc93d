//! Checkpoints that are pickles, rewritten as safetensors without being loaded.
//!
//! [`Checkpoint::read`] follows the pickle as a graph and takes what it knows to be a tensor: those of `PyTorch` (ZIP
//! archives, and files of before version 1.6), arrays of `NumPy`, and modules that were pickled whole, whose parameters
//! get the names that their state dict would have. Plain numbers and strings become metadata. Whatever else there is,
//! calls above all, is not carried over, and named.

mod checkpoint;
mod dtype;
mod storage;
mod tensor;
mod write;

use std::io;

pub use checkpoint::{Checkpoint, Dropped};
pub use write::{Converted, ConvertedTensor};

/// Why a file cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The system cannot read or write.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no checkpoint that is known.
    #[error("it is no checkpoint that can be converted: {0}")]
    Unknown(String),
    /// Two tensors would have one name.
    #[error("two tensors would be called `{0}`")]
    SameName(String),
    /// There are no tensors in what was selected.
    #[error("there are no tensors {0}")]
    Empty(String),
    /// What was written is not what was read.
    #[error("the tensor `{0}` reads otherwise than it was written")]
    Differs(String),
}
