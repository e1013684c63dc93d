//! Element types of tensors, and the mixtures of them that whole files are named by.

/// How elements of a tensor are stored: blocks of so many elements in so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) name: &'static str,
    pub(super) block: u64,
    bytes: u64,
}

/// `ggml_type` of ggml.h by number; the gaps are types that were withdrawn.
const TYPES: [(u32, &str, u64, u64); 34] = [
    (0, "F32", 1, 4),
    (1, "F16", 1, 2),
    (2, "Q4_0", 32, 18),
    (3, "Q4_1", 32, 20),
    (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24),
    (8, "Q8_0", 32, 34),
    // 36 in llama.cpp, whose two scales have 16 bits each; its Python package says 40. No published file uses it.
    (9, "Q8_1", 32, 36),
    (10, "Q2_K", 256, 84),
    (11, "Q3_K", 256, 110),
    (12, "Q4_K", 256, 144),
    (13, "Q5_K", 256, 176),
    (14, "Q6_K", 256, 210),
    (15, "Q8_K", 256, 292),
    (16, "IQ2_XXS", 256, 66),
    (17, "IQ2_XS", 256, 74),
    (18, "IQ3_XXS", 256, 98),
    (19, "IQ1_S", 256, 50),
    (20, "IQ4_NL", 32, 18),
    (21, "IQ3_S", 256, 110),
    (22, "IQ2_S", 256, 82),
    (23, "IQ4_XS", 256, 136),
    (24, "I8", 1, 1),
    (25, "I16", 1, 2),
    (26, "I32", 1, 4),
    (27, "I64", 1, 8),
    (28, "F64", 1, 8),
    (29, "IQ1_M", 256, 56),
    (30, "BF16", 1, 2),
    (34, "TQ1_0", 256, 54),
    (35, "TQ2_0", 256, 66),
    (39, "MXFP4", 32, 17),
    (40, "NVFP4", 64, 36),
    (41, "Q1_0", 128, 18),
];

/// `llama_ftype` of llama.h by number.
const FILE_TYPES: [(u64, &str); 36] = [
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (32, "BF16"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
    (38, "MXFP4"),
    (39, "NVFP4"),
    (40, "Q1_0"),
    (1024, "guessed"),
];

impl Type {
    pub(super) fn of(number: u32) -> Option<Self> {
        let row = TYPES.iter().find(|row| row.0 == number);
        row.map(|&(_, name, block, bytes)| Self { name, block, bytes })
    }

    /// How many bytes so many elements take; `None` where they fill no whole blocks, or the product exceeds 2⁶⁴.
    pub(super) fn bytes(self, elements: u64) -> Option<u64> {
        elements.is_multiple_of(self.block).then_some(elements / self.block)?.checked_mul(self.bytes)
    }
}

/// The name of a mixture.
pub(super) fn file_type(number: u64) -> Option<&'static str> {
    FILE_TYPES.iter().find(|row| row.0 == number).map(|row| row.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_whole_blocks_and_do_not_wrap() {
        let q4 = Type::of(12).unwrap();
        assert_eq!((q4.name, q4.bytes(512), q4.bytes(500)), ("Q4_K", Some(288), None));
        assert_eq!(Type::of(27).unwrap().bytes(1 << 61), None);
        assert_eq!(Type::of(4), None);
        assert!(TYPES.is_sorted_by_key(|row| row.0) && FILE_TYPES.is_sorted_by_key(|row| row.0));
    }
}
