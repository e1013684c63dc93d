//! What can be wrong with the index of a TensorFlow checkpoint.

use bartizan_finding::Rule;

/// The table is broken.
///
/// ## What it finds
/// A block that lies outside of the table or in another one, an entry that is longer than its block, or a list of
/// places that does not fit the entries.
/// ## Why it matters
/// What lies behind the fault was not looked at, and readers differ in what they make of it: one follows the
/// entries, another one the list.
/// ## Example
/// An entry that shares 40 bytes with a key of 12.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/google/leveldb/blob/main/doc/table_format.md>
#[derive(Rule)]
#[rule(code = "TFC001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// A block does not have its checksum.
///
/// ## What it finds
/// A block whose CRC-32C is another one than stands behind it.
/// ## Why it matters
/// The bytes were changed after they were written. TensorFlow refuses them; other readers do not look.
/// ## Example
/// An index in which the offset of one tensor was replaced.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/google/leveldb/blob/main/doc/table_format.md>
#[derive(Rule)]
#[rule(code = "TFC002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct WrongChecksum;

/// A tensor cannot be as it is described.
///
/// ## What it finds
/// An entry whose shape and type ask for another number of bytes than it has, whose bytes end behind any file,
/// whose file or type does not exist; or an index without a header.
/// ## Why it matters
/// A loader that takes one of two figures that disagree reads or writes memory that is not the tensor's.
/// ## Example
/// A tensor of shape [4, 3] and type float with 4 bytes.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "TFC003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadEntry;

/// Two tensors share bytes.
///
/// ## What it finds
/// Two entries whose bytes in one file overlap.
/// ## Why it matters
/// TensorFlow writes each tensor for itself. Bytes with two meanings are put there by hand.
/// ## Example
/// Two variables at offset 0 of the same file.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto>
#[derive(Rule)]
#[rule(code = "TFC004", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Overlap;

/// The keys are not in order.
///
/// ## What it finds
/// A key that is not behind the one before it, or is there twice, or lies in a block to which the index does not
/// lead for it.
/// ## Why it matters
/// A loader looks a name up by halving; a reader that lists all keys sees others. A tensor can so be hidden from
/// one of them.
/// ## Example
/// The same variable twice, with different places.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/google/leveldb/blob/main/doc/table_format.md>
#[derive(Rule)]
#[rule(code = "TFC005", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct KeyOrder;

/// Bytes of the index belong to nothing.
///
/// ## What it finds
/// Bytes of the table that are in no block.
/// ## Why it matters
/// They travel with the model and no loader reads them.
/// ## Example
/// A kilobyte between the last block and the end.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/google/leveldb/blob/main/doc/table_format.md>
#[derive(Rule)]
#[rule(code = "TFC006", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Unaccounted;

/// No tensor is in some bytes of the data.
///
/// ## What it finds
/// A gap between the bytes of two tensors that is no padding.
/// ## Why it matters
/// Writers leave no such gaps. What is there was not loaded by the model, and nobody looks at it.
/// ## Example
/// A tensor that ends at 4,096 and the next one at 1,000,000.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto>
#[derive(Rule)]
#[rule(code = "TFC007", severity = "low", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct Uncovered;
