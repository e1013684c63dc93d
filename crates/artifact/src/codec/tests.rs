//! Each codec against data that is right, cut, damaged, and followed by something.

use std::{cell::Cell, ops::ControlFlow};

use bartizan_corpus::compressed::{
    bzip2, gzip, lz4, lzma, lzma_data, lzma2, skipped, xz, xz_window, zlib, zstd,
};
use proptest::prelude::*;

use super::*;
use crate::{
    Limits,
    feed::Shared,
    packed::{Budget, Measured, Outcome, Packed, Place, measure},
    read::{Pass, ReadAt as _},
};

/// What a file is compressed with, and how it is written.
type Case = (Codec, fn(&[u8]) -> Vec<u8>);

const FILES: [Case; 7] = [
    (Codec::Gzip, gzip),
    (Codec::Zlib, zlib),
    (Codec::Bzip2, bzip2),
    (Codec::Xz, xz),
    (Codec::Zstd, zstd),
    (Codec::Lz4, lz4),
    (Codec::Lzma, lzma),
];

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|at| ((at * at) >> 5) as u8).collect()
}

/// All that comes out, how much is left, and how it ended.
fn unpack(codec: Codec, file: &[u8], limits: &Limits) -> (Option<Vec<u8>>, u64, Option<Outcome>) {
    let budget = Budget::new(file.len() as u64, limits);
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(&file, &mut watch);
    let shared = Shared::new(&mut pass);
    let place = Place { codec, start: 0, length: file.len() as u64 };
    let (measured, left, outcome) = measure(&shared, place, limits, &budget).unwrap();
    let bytes = match measured {
        Measured::Whole(spool) => Some(spool.bytes),
        Measured::Length(_) => None,
    };
    (bytes, left, outcome)
}

#[test]
fn what_is_packed_comes_out() {
    let limits = Limits::default();
    for length in [0, 1, 300, 70_000, 200_000] {
        let data = sample(length);
        for (codec, pack) in FILES {
            let (bytes, left, outcome) = unpack(codec, &pack(&data), &limits);
            assert_eq!((left, outcome), (0, None), "{codec:?} {length}");
            assert!(bytes.as_ref() == Some(&data), "{codec:?} {length}");
        }
    }
}

#[test]
fn streams_behind_one_another_are_one() {
    let data = sample(5000);
    for (codec, pack) in FILES.into_iter().filter(|(codec, _)| !matches!(codec, Codec::Zlib | Codec::Lzma)) {
        let file = [pack(&data), pack(b""), pack(b"end")].concat();
        let (bytes, left, outcome) = unpack(codec, &file, &Limits::default());
        assert_eq!((left, outcome), (0, None), "{codec:?}");
        assert_eq!(bytes.unwrap(), [data.as_slice(), b"end"].concat(), "{codec:?}");
    }
    for (codec, pack) in [(Codec::Zstd, zstd as fn(&[u8]) -> Vec<u8>), (Codec::Lz4, lz4)] {
        let file = [skipped(b"a"), pack(b"b"), skipped(&[0; 9000]), pack(b"c"), skipped(b"")].concat();
        assert_eq!(unpack(codec, &file, &Limits::default()), (Some(b"bc".to_vec()), 0, None), "{codec:?}");
    }
}

#[test]
fn what_is_cut_is_told_wherever_it_is_cut() {
    let data = sample(300);
    for (codec, pack) in FILES {
        let file = pack(&data);
        for length in 0..file.len() {
            let (bytes, _, outcome) = unpack(codec, &file[..length], &Limits::default());
            assert!(
                outcome.is_some(),
                "{codec:?} cut at {length} gives {:?}",
                bytes.map(|bytes| bytes.len())
            );
        }
    }
}

#[test]
fn what_follows_is_left() {
    for (codec, pack) in FILES {
        let file = [pack(&sample(300)), b"\x01more".to_vec()].concat();
        let (_, left, outcome) = unpack(codec, &file, &Limits::default());
        assert!(left == 5 || outcome.is_some(), "{codec:?} leaves {left}, {outcome:?}");
    }
}

#[test]
fn what_is_damaged_is_told() {
    let data = sample(300);
    // LZMA and Zstandard as it is written here have no checksum.
    for (codec, pack) in [
        (Codec::Gzip, gzip as fn(&[u8]) -> Vec<u8>),
        (Codec::Zlib, zlib),
        (Codec::Bzip2, bzip2),
        (Codec::Xz, xz),
    ] {
        let file = pack(&data);
        for at in 10..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            let (bytes, left, outcome) = unpack(codec, &damaged, &Limits::default());
            let told = outcome.is_some() || left > 0 || bytes.as_ref() == Some(&data);
            assert!(told, "{codec:?} damaged at {at}");
        }
    }
}

#[test]
fn a_larger_window_than_is_held_is_refused() {
    let limits = Limits { window_bytes: 1 << 20, ..Limits::default() };
    let data = sample(300);
    assert_eq!(unpack(Codec::Xz, &xz_window(&data, 24), &limits).2, Some(Outcome::Window));
    assert_eq!(unpack(Codec::Xz, &xz_window(&data, 16), &limits).2, None);
    let mut alone = lzma(&data);
    alone[1..5].copy_from_slice(&(1_u32 << 30).to_le_bytes());
    assert_eq!(unpack(Codec::Lzma, &alone, &limits).2, Some(Outcome::Window));
    // Blocks of 4 MiB; the checksum of that header is 0xc0 less what the flags give.
    let mut blocks = lz4(&data);
    (blocks[5], blocks[6]) = (0x70, 0x73);
    assert_eq!(unpack(Codec::Lz4, &blocks, &limits).2, Some(Outcome::Window));
    // A window of 128 MiB, in place of a single segment.
    let wide = [b"\x28\xb5\x2f\xfd\x00\x88".as_slice(), &[1, 0, 0]].concat();
    assert_eq!(unpack(Codec::Zstd, &wide, &limits).2, Some(Outcome::Window));
}

#[test]
fn lz4_without_its_end_or_with_an_empty_block_is_not_whole() {
    let data = sample(300);
    let mut open = lz4(&data);
    open.truncate(open.len() - 4);
    assert!(unpack(Codec::Lz4, &open, &Limits::default()).2.is_some());
    let mut hole = lz4(&data);
    let at = hole.len() - 4;
    hole.splice(at..at, [&[0, 0, 0, 0x80], 3_u32.to_le_bytes().map(|byte| byte).as_slice()].concat());
    let (_, _, outcome) = unpack(Codec::Lz4, &hole, &Limits::default());
    assert!(outcome.is_some(), "what follows an empty block is read");
}

#[test]
fn raw_streams_are_what_their_archive_says() {
    let data = sample(3000);
    let raw = |size| Raw { properties: 0, window: 1 << 16, size, filter: Filter::None };
    let limits = Limits::default();
    assert_eq!(unpack(Codec::RawLzma(raw(3000)), &lzma_data(&data), &limits), (Some(data.clone()), 0, None));
    assert_eq!(unpack(Codec::RawLzma2(raw(3000)), &lzma2(&data), &limits), (Some(data), 0, None));
    let wide = Raw { window: 1 << 30, ..raw(1 << 40) };
    assert_eq!(unpack(Codec::RawLzma(wide), &[0; 64], &limits).2, Some(Outcome::Window));
    assert_eq!(unpack(Codec::RawLzma2(wide), &[0; 64], &limits).2, Some(Outcome::Window));
    let wrong = Raw { properties: 255, ..raw(9) };
    assert!(matches!(unpack(Codec::RawLzma(wrong), &[0; 64], &limits).2, Some(Outcome::Length(_))));
    assert!(matches!(unpack(Codec::RawLzma(raw(9)), &[], &limits).2, Some(Outcome::Length(_))));
}

#[test]
fn what_expands_without_measure_ends() {
    let zeros = vec![0; 8 << 20];
    let limits = Limits { inflated_bytes: 1 << 20, spool_bytes: 1 << 16, ..Limits::default() };
    for (codec, pack) in [(Codec::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Codec::Bzip2, bzip2)] {
        let (bytes, _, outcome) = unpack(codec, &pack(&zeros), &limits);
        assert_eq!((bytes, outcome), (None, Some(Outcome::TooMuch)), "{codec:?}");
    }
}

#[test]
fn memory_that_was_taken_is_given_back() {
    let limits = Limits { spool_bytes: 1 << 16, held_bytes: 1 << 16, ..Limits::default() };
    let data = sample(3000);
    let file = gzip(&data);
    let budget = Budget::new(file.len() as u64, &limits);
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(&file, &mut watch);
    let shared = Shared::new(&mut pass);
    let place = Place { codec: Codec::Gzip, start: 0, length: file.len() as u64 };
    for _ in 0..3 {
        let (measured, ..) = measure(&shared, place, &limits, &budget).unwrap();
        assert!(matches!(measured, Measured::Whole(_)));
        assert!(budget.hold(1 << 16).is_none(), "it is taken");
        drop(measured);
        let packed = Packed::new(&shared, place, 3000, &limits, &budget);
        let mut buffer = [0; 4];
        packed.read_at(2000, &mut buffer).unwrap();
        assert!(budget.hold(1 << 16).is_none(), "it is taken again");
        drop(packed);
        assert!(budget.hold(1 << 16).is_some(), "and given back");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn bytes_are_the_same_in_any_order(
        which in 0..FILES.len(),
        places in proptest::collection::vec((0_u64..70_000, 1_usize..5000, any::<bool>()), 1..12),
        small in any::<bool>(),
    ) {
        let data = sample(65_000);
        let (codec, pack) = FILES[which];
        let file = pack(&data);
        let spool_bytes = if small { 1 << 12 } else { 1 << 20 };
        let limits = Limits { spool_bytes, ..Limits::default() };
        let budget = Budget::new(file.len() as u64, &limits);
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(&file, &mut watch);
        let shared = Shared::new(&mut pass);
        let place = Place { codec, start: 0, length: file.len() as u64 };
        let packed = Packed::new(&shared, place, data.len() as u64, &limits, &budget);
        let next = Cell::new(0_u64);
        for (offset, length, in_order) in places {
            let offset = if in_order { next.get() } else { offset };
            let mut buffer = vec![0; length];
            let count = packed.read_at(offset, &mut buffer).unwrap();
            let want = data.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
            prop_assert!(count <= want.len());
            prop_assert_eq!(&buffer[..count], &want[..count], "{:?} at {}", codec, offset);
            prop_assert!(count > 0 || want.is_empty());
            if in_order {
                next.set(offset + count as u64);
            }
        }
        let mut crc = Crc::new();
        crc.update(&data);
        prop_assert_eq!(packed.drain(Some(crc.sum())).unwrap(), Outcome::Whole);
        prop_assert_eq!(pass.position(), file.len() as u64);
    }

    #[test]
    fn damaged_data_ends(which in 0..FILES.len(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5)) {
        let (codec, pack) = FILES[which];
        let mut file = pack(&sample(3000));
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let limits = Limits { inflated_bytes: 1 << 22, ..Limits::default() };
        unpack(codec, &file, &limits);
    }
}

#[test]
fn what_comes_in_front_of_a_fault_is_read_however_the_bytes_arrive() {
    struct Slow<'b>(&'b [u8]);
    impl crate::ReadAt for Slow<'_> {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, out: &mut [u8]) -> std::io::Result<usize> {
            let room = out.len().min(3);
            self.0.read_at(offset, &mut out[..room])
        }
    }
    let mut data = b"cposix\nsystem\n(S'true'\ntR.".to_vec();
    data.extend(sample(100));
    let mut watch = |_| ControlFlow::Continue(());
    for (codec, pack) in FILES {
        let file = pack(&data);
        for at in 10..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x65;
            let whole = crate::inspect(&damaged, "model.bin", &Limits::default(), &mut watch).unwrap();
            let slow = crate::inspect(&Slow(&damaged), "model.bin", &Limits::default(), &mut watch).unwrap();
            assert_eq!(format!("{slow:?}"), format!("{whole:?}"), "{codec:?} {at}");
        }
    }
    // The chunk of xz starts behind two headers of 12 bytes; what follows it is no other chunk.
    let mut file = xz(&data);
    file[12 + 12 + 3 + data.len()] = 0x65;
    let seen = crate::inspect(&file, "model.pkl.xz", &Limits::default(), &mut watch).unwrap();
    assert!(seen.outline.globals.iter().any(|name| name == "posix.system"), "{seen:?}");
}
