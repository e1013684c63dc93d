//! Writes `FlatBuffers`, right and wrong: tables from front to back, each with its own list of fields.

/// What a field of a table holds.
#[derive(Clone, Debug)]
pub enum Slot {
    Absent,
    U8(u8),
    U32(u32),
    U64(u64),
    Text(String),
    /// Bytes of a vector: its count and its values.
    Vector(u32, Vec<u8>),
    Table(Table),
    Tables(Vec<Table>),
    Texts(Vec<String>),
    /// An offset as it is, wherever it leads.
    Offset(u32),
}

/// A table by its fields.
#[derive(Clone, Debug, Default)]
pub struct Table(pub Vec<Slot>);

/// A vector of numbers of 32 bits.
pub fn ints(values: &[i32]) -> Slot {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Slot::Vector(u32::try_from(values.len()).unwrap(), bytes)
}

/// A vector of numbers of 64 bits.
pub fn longs(values: &[u64]) -> Slot {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Slot::Vector(u32::try_from(values.len()).unwrap(), bytes)
}

/// A vector of bytes.
pub fn bytes(values: &[u8]) -> Slot {
    Slot::Vector(u32::try_from(values.len()).unwrap(), values.to_vec())
}

/// A text.
pub fn text(text: &str) -> Slot {
    Slot::Text(text.to_owned())
}

/// A buffer with an identifier of four letters, or none, and room behind it for a header.
pub fn buffer(root: &Table, identifier: &[u8], header: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 4];
    out.extend(identifier);
    out.extend(header);
    let at = write(&mut out, root);
    patch(&mut out, 0, at);
    out
}

fn patch(out: &mut [u8], at: usize, target: usize) {
    let offset = u32::try_from(target - at).unwrap();
    out[at..at + 4].copy_from_slice(&offset.to_le_bytes());
}

fn align(out: &mut Vec<u8>, to: usize) {
    out.resize(out.len().next_multiple_of(to), 0);
}

/// Writes a table, and then what its fields lead to; its place.
fn write(out: &mut Vec<u8>, table: &Table) -> usize {
    align(out, 8);
    let list = out.len();
    let mut fields = Vec::new();
    let mut inline = vec![0; 4];
    let wide = (list + 4 + 2 * table.0.len()).next_multiple_of(8);
    for slot in &table.0 {
        let width = match slot {
            Slot::Absent => 0,
            Slot::U8(_) => 1,
            Slot::U64(_) => 8,
            _ => 4,
        };
        if width == 0 {
            fields.push(0);
            continue;
        }
        inline.resize(inline.len().next_multiple_of(width), 0);
        fields.push(inline.len());
        match slot {
            Slot::U8(value) => inline.push(*value),
            Slot::U32(value) | Slot::Offset(value) => inline.extend(value.to_le_bytes()),
            Slot::U64(value) => inline.extend(value.to_le_bytes()),
            _ => inline.extend([0; 4]),
        }
    }
    let short = |value: usize| u16::try_from(value).unwrap().to_le_bytes();
    out.extend(short(4 + 2 * fields.len()));
    out.extend(short(inline.len()));
    for field in &fields {
        out.extend(short(*field));
    }
    out.resize(wide, 0);
    let at = out.len();
    inline[..4].copy_from_slice(&u32::try_from(at - list).unwrap().to_le_bytes());
    out.extend(inline);
    for (slot, field) in table.0.iter().zip(&fields) {
        let place = at + field;
        let target = match slot {
            Slot::Text(text) => write_text(out, text),
            Slot::Vector(count, bytes) => {
                align(out, 16);
                out.extend([0; 12]);
                out.extend(count.to_le_bytes());
                out.extend(bytes);
                out.len() - bytes.len() - 4
            }
            Slot::Table(table) => write(out, table),
            Slot::Tables(tables) => write_list(out, tables.len(), |out, index| write(out, &tables[index])),
            Slot::Texts(texts) => write_list(out, texts.len(), |out, index| write_text(out, &texts[index])),
            _ => continue,
        };
        patch(out, place, target);
    }
    at
}

fn write_text(out: &mut Vec<u8>, text: &str) -> usize {
    align(out, 4);
    let at = out.len();
    out.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    out.extend(text.as_bytes());
    out.push(0);
    at
}

fn write_list(out: &mut Vec<u8>, count: usize, item: impl Fn(&mut Vec<u8>, usize) -> usize) -> usize {
    align(out, 4);
    let at = out.len();
    out.extend(u32::try_from(count).unwrap().to_le_bytes());
    out.resize(out.len() + 4 * count, 0);
    for index in 0..count {
        let target = item(out, index);
        patch(out, at + 4 + 4 * index, target);
    }
    at
}
