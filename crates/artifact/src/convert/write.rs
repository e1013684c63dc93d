//! Tensors as a safetensors file, and that file held against them.

use std::io::{self, Write};

use bartizan_finding::{Digest, Hasher};

use super::{Checkpoint, ConvertError, checkpoint::Tensor};
use crate::read::{ReadAt, STEP};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The tensors, in the order of the file.
    pub tensors: Vec<ConvertedTensor>,
    /// Bytes of the file.
    pub bytes: u64,
}

/// A tensor that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertedTensor {
    /// Its name.
    pub name: String,
    /// Its element type, as safetensors calls it.
    pub dtype: &'static str,
    /// Its shape.
    pub shape: Vec<u64>,
    /// Where its bytes start in the file.
    pub start: u64,
    /// Bytes.
    pub length: u64,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

impl Checkpoint<'_> {
    /// Writes the tensors and the metadata.
    ///
    /// # Errors
    /// When reading or writing fails.
    pub fn write(&self, out: &mut dyn Write) -> Result<Converted, ConvertError> {
        // Wide elements first, so that each tensor is aligned to its own width; the reference library does the same.
        let mut order: Vec<(&String, &Tensor)> = self.tensors.iter().collect();
        order.sort_by_key(|(name, tensor)| (std::cmp::Reverse(tensor.view.dtype.width), *name));
        let header = self.header(&order);
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(header.as_bytes())?;
        let mut at = 8 + header.len() as u64;
        let mut tensors = Vec::new();
        for (name, tensor) in order {
            let mut hasher = Hasher::new();
            let mut length = 0;
            self.storages.with(&tensor.part, &mut |storage| {
                tensor.view.each(storage, &mut |piece| {
                    hasher.update(piece);
                    length += piece.len() as u64;
                    out.write_all(piece)
                })
            })?;
            tensors.push(ConvertedTensor {
                name: name.clone(),
                dtype: tensor.view.dtype.name,
                shape: tensor.view.shape.clone(),
                start: at,
                length,
                digest: hasher.finish(),
            });
            at += length;
        }
        out.flush()?;
        Ok(Converted { tensors, bytes: at })
    }

    /// Reads what was written and the source once more, and compares them tensor by tensor.
    ///
    /// # Errors
    /// When reading fails, or a tensor differs.
    pub fn verify(&self, converted: &Converted, written: &dyn ReadAt) -> Result<(), ConvertError> {
        if written.len() != converted.bytes {
            return Err(ConvertError::Differs("the whole file".to_owned()));
        }
        let mut buffer = vec![0; STEP];
        for one in &converted.tensors {
            let differs = || ConvertError::Differs(crate::escape(&one.name, 200));
            let tensor = self.tensors.get(&one.name).ok_or_else(differs)?;
            let mut at = one.start;
            let mut same = true;
            self.storages.with(&tensor.part, &mut |storage| {
                tensor.view.each(storage, &mut |piece| {
                    let mut filled = 0;
                    while filled < piece.len() {
                        match written.read_at(at, &mut buffer[..piece.len() - filled])? {
                            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                            count => {
                                same &= buffer[..count] == piece[filled..filled + count];
                                filled += count;
                                at += count as u64;
                            }
                        }
                    }
                    Ok(())
                })
            })?;
            if !same || at - one.start != one.length {
                return Err(differs());
            }
        }
        Ok(())
    }

    /// The header: metadata first, then each tensor with its place, padded with spaces to a multiple of eight bytes.
    fn header(&self, order: &[(&String, &Tensor)]) -> String {
        let mut header = String::from("{\"__metadata__\":{\"format\":\"pt\"");
        for (name, value) in self.metadata.iter().filter(|(name, _)| *name != "format") {
            header.extend([",", &quoted(name), ":", &quoted(value)]);
        }
        header.push('}');
        let mut start = 0_u64;
        for (name, tensor) in order {
            let view = &tensor.view;
            let end = start + view.bytes().unwrap_or(0);
            let shape: Vec<_> = view.shape.iter().map(u64::to_string).collect();
            header.extend([
                ",",
                &quoted(name),
                &format!(
                    ":{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{start},{end}]}}",
                    view.dtype.name,
                    shape.join(",")
                ),
            ]);
            start = end;
        }
        header.push('}');
        while !header.len().is_multiple_of(8) {
            header.push(' ');
        }
        header
    }
}

/// A JSON string (RFC 8259, section 7).
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.extend([format!("\\u{:04x}", u32::from(c))]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
