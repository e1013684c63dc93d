//! UBJSON (draft 12), as `XGBoost` writes it: numbers are big-endian, containers may state their type and count.

use super::model::Value;
use crate::{
    json::{Fault, Step},
    read::Pass,
};

/// A container that is open, with what it states about itself.
struct Open {
    object: bool,
    /// The type of all its values.
    kind: Option<u8>,
    /// How many are left, where it is stated.
    left: Option<u64>,
}

/// Shows a value with the keys and indices that lead to it, and its offset.
pub(super) type Show<'s> = dyn FnMut(&[Step], &Value<'_>, u64) + 's;

/// Walks one value without recursion. Of strings, the first `keep` bytes are kept.
pub(super) fn walk(pass: &mut Pass<'_>, depth: usize, keep: usize, show: &mut Show<'_>) -> Result<(), Fault> {
    let mut open: Vec<Open> = Vec::new();
    let mut path: Vec<Step> = Vec::new();
    let mut kind = None;
    loop {
        let at = pass.position();
        let marker = match kind.take() {
            Some(kind) => kind,
            None => pass.byte()?,
        };
        match marker {
            b'{' | b'[' => {
                if open.len() >= depth {
                    return Err(Fault::Syntax(at, "nested too deep"));
                }
                let object = marker == b'{';
                let (kind, left) = stated(pass)?;
                open.push(Open { object, kind, left });
                path.push(if object { Step::Key(String::new()) } else { Step::Index(u64::MAX) });
            }
            b'N' if !matches!(open.last(), Some(Open { object: false, left: None, .. })) => {
                return Err(Fault::Syntax(at, "nothing where a value should be"));
            }
            b'N' => {}
            marker => scalar(pass, marker, keep, &mut |value| show(&path, value, at))?,
        }
        // Whatever is complete now closes, and the next value is looked for.
        loop {
            let Some(top) = open.last_mut() else { return Ok(()) };
            let close = if top.object { b'}' } else { b']' };
            let done = match &mut top.left {
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    false
                }
                None if pass.peek(1)?.first() == Some(&close) => {
                    pass.advance(1);
                    true
                }
                None => false,
            };
            if done {
                open.pop();
                path.pop();
                continue;
            }
            kind = top.kind;
            let object = top.object;
            match path.last_mut() {
                Some(Step::Key(key)) if object => *key = name(pass)?,
                Some(Step::Index(index)) => *index = index.wrapping_add(1),
                _ => {}
            }
            break;
        }
    }
}

/// What a container states behind its bracket.
fn stated(pass: &mut Pass<'_>) -> Result<(Option<u8>, Option<u64>), Fault> {
    let mut kind = None;
    if pass.peek(1)?.first() == Some(&b'$') {
        pass.advance(1);
        let at = pass.position();
        let byte = pass.byte()?;
        // Values without bytes could be stated in any number.
        if !b"iUIlLdDSC{[".contains(&byte) {
            return Err(Fault::Syntax(at, "a container of a type that it cannot have"));
        }
        kind = Some(byte);
    }
    if pass.peek(1)?.first() == Some(&b'#') {
        pass.advance(1);
        return Ok((kind, Some(length(pass)?)));
    }
    match kind {
        None => Ok((None, None)),
        Some(_) => Err(Fault::Syntax(pass.position(), "a container with a type and no count")),
    }
}

/// A key: a length and as many bytes, of which the start is kept.
fn name(pass: &mut Pass<'_>) -> Result<String, Fault> {
    let length = length(pass)?;
    text(pass, length, 256)
}

fn length(pass: &mut Pass<'_>) -> Result<u64, Fault> {
    let at = pass.position();
    let marker = pass.byte()?;
    match integer(pass, marker)? {
        Some(length @ 0..) => Ok(length.unsigned_abs()),
        _ => Err(Fault::Syntax(at, "a length that is none")),
    }
}

fn integer(pass: &mut Pass<'_>, marker: u8) -> Result<Option<i64>, Fault> {
    Ok(Some(match marker {
        b'i' => i64::from(i8::from_be_bytes(pass.take()?)),
        b'U' => i64::from(pass.byte()?),
        b'I' => i64::from(i16::from_be_bytes(pass.take()?)),
        b'l' => i64::from(i32::from_be_bytes(pass.take()?)),
        b'L' => i64::from_be_bytes(pass.take()?),
        _ => return Ok(None),
    }))
}

fn text(pass: &mut Pass<'_>, length: u64, keep: usize) -> Result<String, Fault> {
    if length > pass.size() - pass.position() {
        return Err(Fault::Syntax(pass.position(), "a text beyond the end of the file"));
    }
    let mut kept = Vec::new();
    pass.each(length, &mut |piece| {
        let room = (keep - kept.len()).min(piece.len());
        kept.extend_from_slice(&piece[..room]);
    })?;
    Ok(String::from_utf8_lossy(&kept).into_owned())
}

fn scalar(
    pass: &mut Pass<'_>,
    marker: u8,
    keep: usize,
    show: &mut dyn FnMut(&Value<'_>),
) -> Result<(), Fault> {
    let at = pass.position();
    match marker {
        b'Z' | b'T' | b'F' => show(&Value::Other),
        b'd' => {
            pass.take::<4>()?;
            show(&Value::Other);
        }
        b'D' => {
            pass.take::<8>()?;
            show(&Value::Other);
        }
        b'C' => {
            pass.byte()?;
            show(&Value::Other);
        }
        b'S' | b'H' => {
            let length = length(pass)?;
            let text = text(pass, length, keep)?;
            show(&Value::Text(&text));
        }
        marker => match integer(pass, marker)? {
            Some(value) => show(&Value::Int(value)),
            None => return Err(Fault::Syntax(at, "a value of an unknown type")),
        },
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;

    fn walked(bytes: &[u8]) -> Result<Vec<String>, Fault> {
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::new(&bytes, &mut watch);
        let mut seen = Vec::new();
        walk(&mut pass, 16, 8, &mut |path, value, _| {
            let path: Vec<_> = path
                .iter()
                .map(|step| match step {
                    Step::Key(key) => key.clone(),
                    Step::Index(index) => index.to_string(),
                })
                .collect();
            seen.push(format!("{} {value:?}", path.join("/")));
        })?;
        Ok(seen)
    }

    #[test]
    fn values_are_shown_with_their_paths() {
        let bytes = b"{U\x01a[$l#U\x02\0\0\0\x01\xff\xff\xff\xffU\x01b[#U\x02i\x05SU\x02hiU\x01c{}U\x01d[]}";
        let seen = walked(bytes).unwrap();
        assert_eq!(seen, ["a/0 Int(1)", "a/1 Int(-1)", "b/0 Int(5)", "b/1 Text(\"hi\")"]);
    }

    #[test]
    fn what_is_broken_is_refused() {
        let bad: [&[u8]; 8] = [
            b"",
            b"{",
            b"[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff",
            b"[$i",
            b"SL\x7f\0\0\0\0\0\0\0",
            b"?",
            b"{U\xff",
            b"[#i\xff",
        ];
        for bytes in bad {
            assert!(walked(bytes).is_err(), "{}", bytes.escape_ascii());
        }
        assert!(walked(&[b'['; 100]).is_err());
    }
}
