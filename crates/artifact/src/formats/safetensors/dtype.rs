//! Element types, as of version 0.8 of the reference library.

/// The name of each element type and how many bits an element takes.
const DTYPES: [(&str, u64); 22] = [
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2FNUZ", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("C64", 64),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
];

/// An element type: its name and the bits of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dtype {
    pub(super) name: &'static str,
    bits: u64,
}

impl Dtype {
    /// The type of this name, which is case-sensitive.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        DTYPES.iter().find(|(known, _)| *known == name).map(|&(name, bits)| Self { name, bits })
    }

    /// How many bytes so many elements take; `None` where that is no whole number, or more than 2⁶⁴.
    pub(super) fn bytes(self, elements: u64) -> Option<u64> {
        let bits = elements.checked_mul(self.bits)?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }
}

#[cfg(test)]
mod tests {
    use safetensors::Dtype as Reference;

    use super::*;

    #[test]
    fn every_type_of_the_reference_library_is_known_with_its_size() {
        use Reference::{
            BF16, BOOL, C64, F4, F6_E2M3, F6_E3M2, F8_E4M3, F8_E4M3FNUZ, F8_E5M2, F8_E5M2FNUZ, F8_E8M0, F16,
            F32, F64, I8, I16, I32, I64, U8, U16, U32, U64,
        };
        let all = [
            BF16,
            BOOL,
            C64,
            F4,
            F6_E2M3,
            F6_E3M2,
            F8_E4M3,
            F8_E4M3FNUZ,
            F8_E5M2,
            F8_E5M2FNUZ,
            F8_E8M0,
            F16,
            F32,
            F64,
            I8,
            I16,
            I32,
            I64,
            U8,
            U16,
            U32,
            U64,
        ];
        assert_eq!(all.len(), DTYPES.len());
        for dtype in all {
            let ours = Dtype::from_name(&dtype.to_string()).unwrap();
            assert_eq!(ours.bits, dtype.bitsize() as u64, "{dtype}");
        }
    }

    #[test]
    fn sizes_are_whole_bytes_and_do_not_wrap() {
        let f4 = Dtype::from_name("F4").unwrap();
        assert_eq!((f4.bytes(2), f4.bytes(3)), (Some(1), None));
        assert_eq!(Dtype::from_name("F64").unwrap().bytes(1 << 60), None);
        assert_eq!(Dtype::from_name("f32"), None);
    }
}
