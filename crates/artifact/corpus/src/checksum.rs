//! Checksums that formats put behind their structures.

/// CRC-32C, bit by bit.
pub fn crc32c(bytes: &[u8]) -> u32 {
    let step = |value: u32, _| if value & 1 == 1 { value >> 1 ^ 0x82f6_3b78 } else { value >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}

/// Bob Jenkins' `lookup3`, as HDF5 uses it.
pub fn lookup3(bytes: &[u8]) -> u32 {
    let mut s = [0xdead_beef_u32.wrapping_add(u32::try_from(bytes.len()).unwrap()); 3];
    if bytes.is_empty() {
        return s[2];
    }
    let blocks: Vec<_> = bytes.chunks(12).collect();
    for (index, block) in blocks.iter().enumerate() {
        let mut padded = [0; 12];
        padded[..block.len()].copy_from_slice(block);
        for (word, four) in s.iter_mut().zip(padded.chunks(4)) {
            *word = word.wrapping_add(u32::from_le_bytes(four.try_into().unwrap()));
        }
        let last = index + 1 == blocks.len();
        // Which word is changed, by which other, and how far that is rotated.
        let steps: &[(usize, usize, u32)] = if last {
            &[(2, 1, 14), (0, 2, 11), (1, 0, 25), (2, 1, 16), (0, 2, 4), (1, 0, 14), (2, 1, 24)]
        } else {
            &[(0, 2, 4), (1, 0, 6), (2, 1, 8), (0, 2, 16), (1, 0, 19), (2, 1, 4)]
        };
        for &(to, from, turn) in steps {
            if last {
                s[to] = (s[to] ^ s[from]).wrapping_sub(s[from].rotate_left(turn));
            } else {
                s[to] = s[to].wrapping_sub(s[from]) ^ s[from].rotate_left(turn);
                let third = 3 - to - from;
                s[from] = s[from].wrapping_add(s[third]);
            }
        }
    }
    s[2]
}
