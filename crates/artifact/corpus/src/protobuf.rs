//! Writes messages of Protocol Buffers, right and wrong, field by field.

/// A message under construction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message(pub Vec<u8>);

/// A number of variable length.
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

impl Message {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// A tag: number and wire type.
    pub fn tag(self, number: u64, wire: u64) -> Self {
        self.raw(&varint(number << 3 | wire))
    }

    pub fn number(self, number: u64, value: u64) -> Self {
        self.tag(number, 0).raw(&varint(value))
    }

    pub fn bytes(self, number: u64, bytes: &[u8]) -> Self {
        self.claims(number, bytes.len() as u64).raw(bytes)
    }

    pub fn text(self, number: u64, text: &str) -> Self {
        self.bytes(number, text.as_bytes())
    }

    pub fn message(self, number: u64, message: &Self) -> Self {
        self.bytes(number, &message.0)
    }

    /// A tag and a length, without the bytes.
    pub fn claims(self, number: u64, length: u64) -> Self {
        self.tag(number, 2).raw(&varint(length))
    }

    pub fn fixed32(self, number: u64, value: u32) -> Self {
        self.tag(number, 5).raw(&value.to_le_bytes())
    }

    /// Fields of another message behind these.
    pub fn and(self, other: &Self) -> Self {
        self.raw(&other.0)
    }
}
