//! Types, shapes and attributes (HDF5 File Format Specification 3.0, sections IV.A.2.b, IV.A.2.d and IV.A.2.m).

use super::{
    header::{Message, kind, messages},
    heap::Reference,
    store::{Fault, Fields, Store, shown},
};

/// Most dimensions of an array; the library has the same limit.
const MOST_DIMENSIONS: u8 = 32;

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    /// Bytes of an element.
    pub(super) size: u64,
    pub(super) class: u8,
    /// The name that people read.
    pub(super) name: &'static str,
}

/// The class of values of variable length.
const VARIABLE: u8 = 9;

impl Type {
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Fault> {
        let first = fields.u8()?;
        let bits = fields.number(3)?;
        let size = u64::from(fields.u32()?);
        let class = first & 0xf;
        if !(1..=5).contains(&(first >> 4)) || class > 11 {
            return Err(Fault::Skipped(fields.position(), "a type of an unknown version or class"));
        }
        let name = match (class, size) {
            (0, 1) if bits & 8 == 0 => "U8",
            (0, 2) if bits & 8 == 0 => "U16",
            (0, 4) if bits & 8 == 0 => "U32",
            (0, 8) if bits & 8 == 0 => "U64",
            (0, 1) => "I8",
            (0, 2) => "I16",
            (0, 4) => "I32",
            (0, 8) => "I64",
            (1, 2) => {
                // Byte 5 of the properties: bits of the exponent.
                let properties = fields.take(fields.left().min(6))?;
                if properties.get(5) == Some(&8) { "BF16" } else { "F16" }
            }
            (1, 4) => "F32",
            (1, 8) => "F64",
            (1, _) => "float",
            (0, _) => "integer",
            (3, _) => "string",
            (5, _) => "opaque",
            (6, _) => "compound",
            (7, _) => "reference",
            (8, _) => "enumeration",
            (VARIABLE, _) => "variable-length",
            (10, _) => "array",
            (11, _) => "complex",
            _ => "other",
        };
        Ok(Self { size, class, name })
    }

    /// The type of a message that may be kept elsewhere.
    pub(super) fn of(store: &mut Store<'_, '_>, message: &Message) -> Result<Self, Fault> {
        if message.is_shared() {
            return Self::shared(store, &message.body, message.at);
        }
        Self::read(&mut store.fields(&message.body, message.at))
    }

    /// A type that has a name and a header of its own (section IV.A.2, "Shared Message").
    fn shared(store: &mut Store<'_, '_>, body: &[u8], at: u64) -> Result<Self, Fault> {
        let mut fields = store.fields(body, at);
        let (version, kind) = (fields.u8()?, fields.u8()?);
        if version < 3 && version != 1 && version != 2 || version == 3 && kind != 2 {
            return Err(Fault::Skipped(fields.position(), "a type that is kept for several objects"));
        }
        fields.take(if version == 1 { 6 } else { 0 })?;
        let address = fields.address()?.ok_or_else(|| fields.broken("a type that is nowhere"))?;
        let (all, _) = messages(store, address)?;
        let own = all.iter().find(|message| message.kind == kind::DATATYPE && !message.is_shared());
        let own = own.ok_or_else(|| fields.broken("a type that is not where it should be"))?;
        Self::read(&mut store.fields(&own.body, own.at))
    }

    pub(super) const fn is_variable(self) -> bool {
        self.class == VARIABLE
    }
}

/// The dimensions of an array; none where there is no value at all.
pub(super) fn dimensions(mut fields: Fields<'_>) -> Result<Option<Vec<u64>>, Fault> {
    let (version, rank, _, kind) = (fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?);
    if rank > MOST_DIMENSIONS || !(1..=2).contains(&version) {
        return Err(fields.broken("a shape of an unknown version, or with too many dimensions"));
    }
    fields.take(if version == 1 { 4 } else { 0 })?;
    if version == 2 && kind == 2 {
        return Ok(None);
    }
    (0..rank).map(|_| fields.length()).collect::<Result<_, _>>().map(Some)
}

/// How many elements there are; none beyond 64 bits.
pub(super) fn count(dimensions: Option<&[u64]>) -> Option<u64> {
    dimensions
        .map_or(Some(0), |all| all.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent)))
}

/// An attribute.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: Type,
    /// Its bytes as they stand there; of values of variable length, where they are.
    pub(super) data: Vec<u8>,
    pub(super) at: u64,
}

impl Attribute {
    pub(super) fn read(store: &mut Store<'_, '_>, body: &[u8], at: u64) -> Result<Self, Fault> {
        let mut fields = store.fields(body, at);
        let (version, flags) = (fields.u8()?, fields.u8()?);
        if !(1..=3).contains(&version) {
            return Err(Fault::Skipped(fields.position(), "an attribute of an unknown version"));
        }
        let sizes = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
        fields.take(usize::from(version == 3))?;
        let padded = |size: usize| if version == 1 { size.next_multiple_of(8) } else { size };
        let name = fields.take(padded(sizes[0]))?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let type_at = fields.position() - store.base;
        let type_body = fields.take(padded(sizes[1]))?;
        let kind = if version > 1 && flags & 1 != 0 {
            Type::shared(store, type_body, type_at)?
        } else {
            Type::read(&mut store.fields(type_body, type_at))?
        };
        let space_at = fields.position() - store.base;
        let space = fields.take(padded(sizes[2]))?;
        let extents = if version > 1 && flags & 2 != 0 {
            return Err(Fault::Skipped(
                fields.position(),
                "an attribute whose shape is kept for several objects",
            ));
        } else {
            dimensions(store.fields(space, space_at))?
        };
        let bytes = count(extents.as_deref()).and_then(|count| count.checked_mul(kind.size));
        let at = fields.position();
        let data = fields.rest();
        let bytes = bytes.and_then(|bytes| data.get(..usize::try_from(bytes).ok()?));
        let data = bytes.ok_or(Fault::Broken(at, "an attribute that is longer than its place"))?;
        Ok(Self { name: shown(name), kind, data: data.to_vec(), at })
    }

    /// Where the values of variable length are.
    pub(super) fn references(&self, store: &Store<'_, '_>) -> Vec<Reference> {
        let width = 4 + store.offsets + 4;
        let own = self.data.chunks_exact(width);
        let mut all = Vec::new();
        for element in own {
            let mut fields = store.fields(element, 0);
            if let (Ok(length), Ok(Some(collection)), Ok(index)) =
                (fields.u32(), fields.address(), fields.u32())
                && length > 0
            {
                all.push(Reference { collection, index });
            }
        }
        all
    }
}
