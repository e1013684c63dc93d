//! Writes pickles opcode by opcode. Payloads are inert: the only command is `true`.

pub mod gadgets;
pub mod nested;
pub mod streams;
pub mod tensors;

use crate::Sample;

/// A pickle under construction.
#[derive(Clone, Debug, Default)]
pub struct Pickle(pub Vec<u8>);

impl Pickle {
    /// Without a declaration, as protocols 0 and 1 are.
    pub fn old() -> Self {
        Self::default()
    }

    pub fn proto(protocol: u8) -> Self {
        Self(vec![0x80, protocol])
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn text(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap().to_le_bytes();
        self.raw(b"X").raw(&length).raw(text.as_bytes())
    }

    pub fn bytes(self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        self.raw(b"B").raw(&length).raw(bytes)
    }

    pub fn global(self, module: &str, name: &str) -> Self {
        self.raw(b"c").raw(module.as_bytes()).raw(b"\n").raw(name.as_bytes()).raw(b"\n")
    }

    pub fn stack_global(self, module: &str, name: &str) -> Self {
        self.text(module).text(name).raw(b"\x93")
    }

    /// Calls what is on the stack with one string.
    pub fn call(self, argument: &str) -> Self {
        self.text(argument).raw(b"\x85R")
    }

    /// The start of what `PyTorch` asks its loader for: a storage of so many floats.
    pub fn storage(self, key: &str, floats: u8) -> Self {
        self.raw(b"(")
            .text("storage")
            .global("torch", "FloatStorage")
            .text(key)
            .text("cpu")
            .raw(&[b'K', floats])
    }

    pub fn stop(self) -> Vec<u8> {
        self.raw(b".").0
    }

    /// A frame around everything after the declaration.
    pub fn framed(body: &[u8]) -> Vec<u8> {
        let length = (body.len() as u64).to_le_bytes();
        Self::proto(4).raw(b"\x95").raw(&length).raw(body).0
    }
}

/// A call of `posix.system` with a command that does nothing.
pub fn system() -> Pickle {
    Pickle::proto(4).global("posix", "system").call("true")
}

/// Bytes in base64.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let bits =
            piece.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - piece.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= piece.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    [gadgets::samples(), nested::samples(), streams::samples(), tensors::samples()].concat()
}
