//! Writes indexes of TensorFlow checkpoints: tables of `LevelDB`.

use crate::{
    Sample,
    checksum::crc32c,
    protobuf::{Message, varint},
};

const FAMILY: &str = "checkpoint";

/// The last bytes of a table.
const MAGIC: u64 = 0xdb47_7524_8b80_fb57;

/// A block under construction: entries, and where keys are whole.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub entries: Vec<u8>,
    pub restarts: Vec<u32>,
    last: Vec<u8>,
    count: usize,
}

impl Block {
    /// An entry as the writer writes it: each sixteenth key is whole.
    pub fn entry(mut self, key: &[u8], value: &[u8]) -> Self {
        let whole = self.count.is_multiple_of(16);
        let shared = if whole {
            0
        } else {
            key.iter().zip(&self.last).take_while(|(one, other)| one == other).count()
        };
        if whole {
            self.restarts.push(self.entries.len() as u32);
        }
        self.count += 1;
        self.last = key.to_vec();
        self.raw(shared as u64, (key.len() - shared) as u64, value.len() as u64, &key[shared..], value)
    }

    /// An entry that says of itself what it is given.
    pub fn raw(mut self, shared: u64, own: u64, length: u64, key: &[u8], value: &[u8]) -> Self {
        for number in [shared, own, length] {
            self.entries.extend(varint(number));
        }
        self.entries.extend(key);
        self.entries.extend(value);
        self
    }

    pub fn restart(mut self, at: u32) -> Self {
        self.restarts.push(at);
        self
    }

    /// The block with what stands behind it.
    pub fn finish(&self) -> Vec<u8> {
        let mut bytes = self.entries.clone();
        let none = [0];
        let restarts = if self.restarts.is_empty() { &none[..] } else { &self.restarts };
        bytes.extend(restarts.iter().flat_map(|at| at.to_le_bytes()));
        bytes.extend((restarts.len() as u32).to_le_bytes());
        sealed(bytes, 0)
    }
}

/// A block with how it is packed and its checksum.
pub fn sealed(mut block: Vec<u8>, packed: u8) -> Vec<u8> {
    block.push(packed);
    let sum = crc32c(&block).rotate_right(15).wrapping_add(0xa282_ead8);
    block.extend(sum.to_le_bytes());
    block
}

/// A table of these blocks, each with the key that the index has for it.
pub fn table(blocks: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    table_with(blocks, &[], &Block::default(), &[])
}

/// A table with bytes behind its first block and in front of its last one, and a block of settings.
pub fn table_with(blocks: &[(&[u8], Vec<u8>)], gap: &[u8], meta: &Block, late: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut index = Block::default();
    let handle = |at: usize, block: &[u8]| [varint(at as u64), varint(block.len() as u64 - 5)].concat();
    for (position, (separator, block)) in blocks.iter().enumerate() {
        let place = handle(bytes.len(), block);
        let mut whole = Block { count: 0, ..index };
        whole = whole.entry(separator, &place);
        index = whole;
        bytes.extend(block);
        if position == 0 {
            bytes.extend(gap);
        }
    }
    let mut footer = Vec::new();
    let meta = meta.finish();
    footer.extend(handle(bytes.len(), &meta));
    bytes.extend(meta);
    bytes.extend(late);
    let index = index.finish();
    footer.extend(handle(bytes.len(), &index));
    bytes.extend(index);
    footer.resize(40, 0);
    bytes.extend(footer);
    bytes.extend(MAGIC.to_le_bytes());
    bytes
}

/// The header of an index.
pub fn header(shards: u64) -> Message {
    Message::new().number(1, shards).message(3, &Message::new().number(1, 1))
}

/// What an index says of a tensor.
pub fn tensor(kind: u64, sides: &[u64], offset: u64, size: u64) -> Message {
    let shape =
        sides.iter().fold(Message::new(), |shape, side| shape.message(2, &Message::new().number(1, *side)));
    let mut tensor = Message::new().number(1, kind).message(2, &shape);
    if offset > 0 {
        tensor = tensor.number(4, offset);
    }
    tensor.number(5, size).fixed32(6, 0x1234_5678)
}

/// An index in one block.
pub fn index(shards: u64, tensors: &[(&str, Message)]) -> Vec<u8> {
    let block =
        tensors.iter().fold(Block::default().entry(b"", &header(shards).0), |block, (name, tensor)| {
            block.entry(name.as_bytes(), &tensor.0)
        });
    table(&[(b"\xff", block.finish())])
}

/// The index of a small model whose tensors take `length` bytes of one file.
pub fn small(length: u64) -> Vec<u8> {
    index(1, &[("bias", tensor(1, &[4], 0, 16)), ("kernel", tensor(4, &[length - 16], 16, length - 16))])
}

fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, bytes: Vec<u8>, codes| {
        Sample::hostile(FAMILY, what, "model/variables/variables.index", bytes, codes)
    };
    let one = |tensor: Message| index(1, &[("w", tensor)]);
    let two = |one: Message, other: Message| index(1, &[("a", one), ("b", other)]);
    let first = || Block::default().entry(b"", &header(1).0);
    let w = || tensor(1, &[4, 3], 0, 48).0;
    let block = |block: Block| table(&[(b"\xff", block.finish())]);
    let behind = |block| table(&[(b"a", first().finish()), (b"\xff", block)]);
    let mut changed = index(1, &[("w", tensor(1, &[4, 3], 0, 48))]);
    changed[12] ^= 1;
    let mut footer = small(64);
    let end = footer.len();
    footer[end - 48..end - 40].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]);
    let nested = || {
        let blocks =
            [(b"a".as_slice(), first().finish()), (b"\xff", Block::default().entry(b"w", &w()).finish())];
        let mut bytes = table(&blocks);
        // The second block of the index begins where the first one does.
        let place = varint(blocks[0].1.len() as u64);
        let at =
            bytes.windows(2).rposition(|two| two[0] == place[0] && two[1] == blocks[1].1.len() as u8 - 5);
        bytes[at.unwrap()] = 3;
        bytes
    };
    vec![
        hostile("size that is too small", one(tensor(1, &[4, 3], 0, 4)), &["TFC003"]),
        hostile("size that is too large", one(tensor(1, &[4, 3], 0, 4096)), &["TFC003"]),
        hostile("size beyond all files", one(tensor(4, &[1 << 62], 1 << 62, 1 << 62)), &["TFC003"]),
        hostile("offset that is negative", one(tensor(1, &[4], (-16_i64).cast_unsigned(), 16)), &["TFC003"]),
        hostile("size that is negative", one(tensor(7, &[1], 0, u64::MAX)), &["TFC003"]),
        hostile("dimension that is negative", one(tensor(1, &[u64::MAX, 4], 0, 16)), &["TFC003"]),
        hostile("shape that cannot be counted", one(tensor(1, &[1 << 32, 1 << 32, 2], 0, 16)), &["TFC003"]),
        hostile("shape that wraps to nothing", one(tensor(1, &[1 << 32, 1 << 32], 0, 0)), &["TFC003"]),
        hostile("type that does not exist", one(tensor(99, &[4], 0, 16)), &["TFC003"]),
        hostile("no type", one(tensor(0, &[4], 0, 16)), &["TFC003"]),
        hostile("reference as a type", one(tensor(101, &[4], 0, 16)), &["TFC003"]),
        hostile("file that does not exist", one(tensor(1, &[4], 0, 16).number(3, 1)), &["TFC003"]),
        hostile("file that is negative", one(tensor(1, &[4], 0, 16).number(3, u64::MAX)), &["TFC003"]),
        hostile("no files", index(0, &[("w", tensor(1, &[4], 0, 16))]), &["TFC003"]),
        hostile("files beyond number", index(1 << 40, &[("w", tensor(1, &[4], 0, 16))]), &["TFC003"]),
        hostile(
            "slices with bytes of their own",
            one(tensor(1, &[4], 0, 16).message(7, &Message::new())),
            &["TFC003"],
        ),
        hostile("the same bytes twice", two(tensor(1, &[4], 0, 16), tensor(3, &[4], 0, 16)), &["TFC004"]),
        hostile("bytes in common", two(tensor(1, &[4], 0, 16), tensor(1, &[4], 12, 16)), &["TFC004"]),
        hostile("one within another", two(tensor(1, &[4], 0, 16), tensor(4, &[2], 4, 2)), &["TFC004"]),
        hostile("the same name twice", block(first().entry(b"w", &w()).entry(b"w", &w())), &["TFC005"]),
        hostile("names not in order", block(first().entry(b"x", &w()).entry(b"w", &w())), &["TFC005"]),
        hostile(
            "blocks not in order",
            table(&[
                (b"y", first().entry(b"x", &w()).finish()),
                (b"z", Block::default().entry(b"w", &w()).finish()),
            ]),
            &["TFC005"],
        ),
        hostile(
            "name behind what leads to it",
            table(&[(b"a", first().entry(b"w", &w()).finish())]),
            &["TFC005"],
        ),
        hostile("changed after it was written", changed, &["TFC002"]),
        hostile("end that leads nowhere", footer, &["TFC001"]),
        hostile("block within another", nested(), &["TFC001"]),
        hostile("value behind the block", block(first().raw(0, 1, 1 << 30, b"w", &w())), &["TFC001"]),
        hostile("value of no length", block(first().raw(0, 1, u64::MAX >> 1, b"w", &w())), &["TFC001"]),
        hostile("name behind the block", block(first().raw(0, 1 << 20, 4, b"w", &w())), &["TFC001"]),
        hostile("name that shares too much", block(first().raw(40, 1, 4, b"w", &w()[..4])), &["TFC001"]),
        hostile("list that leads into an entry", block(first().entry(b"w", &w()).restart(5)), &["TFC001"]),
        hostile("list that leads behind", block(first().entry(b"w", &w()).restart(1 << 30)), &["TFC001"]),
        hostile(
            "whole key that is none",
            block(first().entry(b"wa", &w()).restart(14 + w().len() as u32).raw(
                1,
                1,
                w().len() as u64,
                b"b",
                &w(),
            )),
            &["TFC001"],
        ),
        hostile(
            "list that is longer than the block",
            behind(sealed(u32::MAX.to_le_bytes().to_vec(), 0)),
            &["TFC001"],
        ),
        hostile("no list", behind(sealed(vec![0; 8], 0)), &["TFC001"]),
        hostile("empty block", behind(sealed(Vec::new(), 0)), &["TFC001"]),
        hostile("name without end", block(first().entry(&[b'w'; 100_000], &w())), &["TFC001"]),
        hostile("bytes behind the list", behind(sealed([w(), vec![1, 0, 0, 0]].concat(), 0)), &["TFC001"]),
        hostile("value that is no message", block(first().entry(b"w", &[0xff; 12])), &["PBF001"]),
    ]
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = hostile();
    let named = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let benign = |what: &str, bytes| named(what, "model/variables/variables.index", bytes);
    let many: Vec<_> = (0..100)
        .map(|at| (format!("layer_{at:03}/kernel/.ATTRIBUTES/VARIABLE_VALUE"), tensor(1, &[4], at * 16, 16)))
        .collect();
    let many: Vec<_> = many.iter().map(|(name, tensor)| (name.as_str(), tensor.clone())).collect();
    let slice = Message::new().message(1, &Message::new().number(2, 2));
    samples.extend([
        benign("small model", small(64)),
        benign("many variables", index(1, &many)),
        benign("no variables", index(1, &[])),
        benign(
            "several files",
            index(2, &[("a", tensor(1, &[4], 0, 16)), ("b", tensor(1, &[4], 0, 16).number(3, 1))]),
        ),
        benign(
            "texts, states and empty tensors",
            index(
                1,
                &[
                    ("_CHECKPOINTABLE_OBJECT_GRAPH", tensor(7, &[], 0, 1234)),
                    ("empty", tensor(1, &[0, 4], 1234, 0)),
                    ("scalar", tensor(9, &[], 1234, 8)),
                    ("small", tensor(29, &[3], 1242, 3)),
                    ("state", tensor(21, &[2], 1245, 99)),
                ],
            ),
        ),
        benign(
            "aligned to pages",
            index(1, &[("a", tensor(1, &[4], 0, 16)), ("b", tensor(1, &[4], 4096, 16))]),
        ),
        benign(
            "variable in slices",
            index(
                1,
                &[
                    ("\u{0}\u{1}w", tensor(1, &[2, 2], 0, 16)),
                    ("w", Message::new().number(1, 1).message(2, &Message::new()).message(7, &slice)),
                ],
            ),
        ),
        benign(
            "several blocks",
            table(&[
                (
                    b"b",
                    Block::default().entry(b"", &header(1).0).entry(b"a", &tensor(1, &[4], 0, 16).0).finish(),
                ),
                (b"x", Block::default().entry(b"c", &tensor(1, &[4], 16, 16).0).finish()),
            ]),
        ),
        named("checkpoint of a session", "model.ckpt-1000.index", small(400)),
    ]);
    samples
}

/// Files with which something is odd, and which are not hostile: what they are, their bytes, and the rule.
pub fn odd() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let block = || {
        let block = Block::default().entry(b"", &header(1).0);
        vec![(b"\xff".as_slice(), block.entry(b"w", &tensor(1, &[4, 3], 0, 48).0).finish())]
    };
    let none = Block::default();
    let mut padding = small(64);
    let end = padding.len() - 9;
    padding[end] = 1;
    let gap = [("a", tensor(1, &[4], 0, 16)), ("b", tensor(1, &[4], 1000, 16))];
    vec![
        ("bytes behind a block", table_with(&block(), b"payload", &none, &[]), "TFC006"),
        ("bytes in front of the index", table_with(&block(), &[], &none, b"payload"), "TFC006"),
        (
            "block of settings",
            table_with(&block(), &[], &none.clone().entry(b"filter", b"payload"), &[]),
            "TFC006",
        ),
        ("bytes in the end", padding, "TFC006"),
        ("gap", index(1, &gap), "TFC007"),
    ]
}
