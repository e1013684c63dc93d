//! One file that was compressed: gzip, bzip2, xz, Zstandard, LZ4, zlib, lzma.
//!
//! Nothing states how long it is when unpacked, so it is unpacked once to know; where it is little, that is all.

pub(crate) mod rules;

use crate::{
    Format,
    codec::Codec,
    content,
    feed::{Shared, Source as _},
    packed::{Measured, Outcome, Packed, Place, measure},
    read::{Halt, Pass},
    scope::Scope,
};

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, codec: Codec, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let place = Place { codec, start: 0, length: size };
    let (limits, budget) = (*scope.limits, scope.budget);
    let shared = Shared::new(pass);
    let (measured, left, outcome) = measure(&shared, place, &limits, budget)?;
    match outcome {
        None | Some(Outcome::Whole) => {}
        Some(Outcome::TooMuch) => {
            scope.add(rules::Bomb::META, 0, size, "the file decompresses to more than is looked at");
            scope.unexamined(0, size, "what is decompressed behind the limit");
        }
        Some(Outcome::Window) => {
            let reason = format!("it needs a window of more than {} bytes", limits.window_bytes);
            scope.unexamined(0, size, reason);
        }
        Some(Outcome::Checksum) => {
            scope.add(
                rules::Damaged::META,
                0,
                size,
                "the decompressed data has another checksum than stated",
            );
        }
        Some(Outcome::Length(why)) => {
            scope.add(rules::Damaged::META, 0, size, why);
            scope.unexamined(0, size, "behind the point where the data cannot be decompressed");
        }
    }
    if outcome.is_none() && left > 0 {
        let start = size - left;
        scope.add(rules::Trailing::META, start, size, format!("{left} bytes follow the compressed data"));
        scope.unexamined(start, size, "bytes that follow the compressed data");
    }
    let name = unpacked_name(scope.name).to_owned();
    // Where all of it is held, its decoder is gone.
    let held_by = if matches!(measured, Measured::Whole(_)) { Codec::Stored } else { codec };
    scope.inside_packed(&name, held_by, |scope| {
        let mut watch = |_| std::ops::ControlFlow::Continue(());
        let mut format = Format::Other;
        match &measured {
            Measured::Whole(spool) => {
                // Nothing can halt a pass over memory.
                let _ = content::read(&mut Pass::over(&spool.bytes, &mut watch), scope, &mut format);
                Ok(())
            }
            Measured::Length(length) => {
                let packed = Packed::new(&shared, place, *length, &limits, budget);
                let read = content::read(&mut Pass::over(&packed, &mut watch), scope, &mut format);
                // It was unpacked to its end before; the budget may not suffice for a second time.
                match packed.drain(None)? {
                    Outcome::TooMuch if outcome.is_none() => {
                        let message = "the file decompresses to more than is looked at";
                        scope.add(rules::Bomb::META, 0, *length, message);
                        scope.unexamined(0, *length, "what is decompressed behind the limit");
                    }
                    _ if read.is_err() && outcome.is_none() => {
                        scope.unexamined(0, *length, "bytes that are needed too often");
                    }
                    _ => {}
                }
                Ok(())
            }
        }
    })?;
    // What follows the data is read for the digest.
    let mut scratch = [0; 4096];
    while shared.next(&mut scratch)? > 0 {}
    Ok(())
}

/// The name without the ending that says how it is packed, as the programs that unpack do.
fn unpacked_name(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    let endings = [".gz", ".bz2", ".xz", ".zst", ".zstd", ".lz4", ".lzma", ".z"];
    let ending = endings.iter().find(|ending| {
        name.len() > ending.len()
            && name.get(name.len() - ending.len()..).is_some_and(|last| last.eq_ignore_ascii_case(ending))
    });
    ending.and_then(|ending| name.get(..name.len() - ending.len())).unwrap_or(name)
}
