//! Arguments in the text form of protocol 0.

/// What a line of digits means to Python.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// This integer, where it fits.
    Int(Option<i64>),
    Bool,
    /// Python may or may not take it; nothing here depends on which.
    Maybe,
    /// Python refuses it.
    Invalid,
}

/// The argument of `INT`. `00` and `01` are the booleans.
pub(super) fn int(line: &[u8]) -> Number {
    if line == b"00" || line == b"01" { Number::Bool } else { long(line) }
}

/// The argument of `LONG`, without its final `L`. Other bases, underscores and what follows a zero byte are read by
/// `CPython` in ways that are not followed here.
pub(super) fn long(line: &[u8]) -> Number {
    let digits = line.strip_prefix(b"-").or_else(|| line.strip_prefix(b"+")).unwrap_or(line);
    let plain = match digits {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if plain {
        let value = std::str::from_utf8(line).ok().and_then(|line| line.parse().ok());
        Number::Int(value)
    } else if !line.is_empty() && line.iter().copied().all(is_odd_digit) || line.contains(&0) {
        Number::Maybe
    } else {
        Number::Invalid
    }
}

/// Whether the byte can stand in a number in another base, or around one.
fn is_odd_digit(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || b"xXoO_+- \t\r\x0b\x0c".contains(&byte)
}

/// Whether `FLOAT` takes the line; `None` where that is not known.
pub(super) fn float(line: &[u8]) -> Option<bool> {
    if line.contains(&0) || line.contains(&b'_') || line.iter().any(u8::is_ascii_whitespace) {
        return None;
    }
    Some(std::str::from_utf8(line).is_ok_and(|line| line.parse::<f64>().is_ok()))
}

/// The index of `PUT` and `GET`: decimal, with the white space and underscores that Python's `int` allows.
pub(super) fn index(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?.trim_matches([' ', '\t', '\r', '\u{b}', '\u{c}']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let well_formed =
        digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !well_formed {
        return None;
    }
    let value: u64 = digits.replace('_', "").parse().ok()?;
    i64::try_from(value).is_ok().then_some(value)
}

/// The argument of `STRING`, in quotes and with the escapes of a bytes literal; `None` where Python refuses it.
pub(super) fn quoted(line: &[u8]) -> Option<Vec<u8>> {
    let (&quote, rest) = line.split_first()?;
    let (&last, inner) = rest.split_last()?;
    if quote != last || !matches!(quote, b'\'' | b'"') {
        return None;
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next()? {
            b'\n' => {}
            escape @ (b'\\' | b'\'' | b'"') => out.push(escape),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'x' => {
                let mut code = 0;
                for _ in 0..2 {
                    code = code << 4 | char::from(bytes.next()?).to_digit(16)?;
                }
                out.push(u8::try_from(code).ok()?);
            }
            digit @ b'0'..=b'7' => {
                let mut code = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(&digit @ b'0'..=b'7') = bytes.peek() else { break };
                    bytes.next();
                    code = code << 3 | u32::from(digit - b'0');
                }
                out.push((code & 0xff) as u8);
            }
            other => out.extend([b'\\', other]),
        }
    }
    Some(out)
}

/// The argument of `UNICODE`: Latin-1 with `\u` and `\U` escapes; `None` where Python refuses it. Lone surrogates
/// become U+FFFD: no name has one.
pub(super) fn raw_unicode(line: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let digits = match (byte, tail.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            (b'\\', Some(b'\\')) => {
                // A backslash that is itself preceded by one starts no escape.
                out.push_str("\\\\");
                rest = &tail[1..];
                continue;
            }
            _ => {
                out.push(char::from(byte));
                continue;
            }
        };
        let hex = tail.get(1..=digits)?;
        let mut code = 0;
        for &digit in hex {
            code = code << 4 | char::from(digit).to_digit(16)?;
        }
        if code > 0x0010_ffff {
            return None;
        }
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = &tail[digits + 1..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_python_reads_them() {
        let cases: &[(&[u8], Number)] = &[
            (b"00", Number::Bool),
            (b"01", Number::Bool),
            (b"0", Number::Int(Some(0))),
            (b"-12", Number::Int(Some(-12))),
            (b"99999999999999999999", Number::Int(None)),
            (b"0x1f", Number::Maybe),
            (b"5\0junk", Number::Maybe),
            (b"five", Number::Invalid),
            (b"", Number::Invalid),
        ];
        for (line, want) in cases {
            assert_eq!(int(line), *want, "{}", line.escape_ascii());
        }
        assert_eq!((index(b" 1_0 "), index(b"-1"), index(b"1__0"), index(b"")), (Some(10), None, None, None));
        assert_eq!((float(b"1.5e3"), float(b"x"), float(b"1_0.0")), (Some(true), Some(false), None));
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(quoted(b"'o\\x73'").as_deref(), Some(b"os".as_slice()));
        assert_eq!(quoted(b"\"\\157s\\q\"").as_deref(), Some(b"os\\q".as_slice()));
        for bad in [b"'os".as_slice(), b"os", b"'", b"'\\x7'", b"'\\'", b"'os\""] {
            assert_eq!(quoted(bad), None, "{}", bad.escape_ascii());
        }
        assert_eq!(raw_unicode(b"o\\u0073").as_deref(), Some("os"));
        assert_eq!(raw_unicode(b"a\\\\u0073").as_deref(), Some("a\\\\u0073"));
        assert_eq!(raw_unicode(b"\\u00"), None);
    }
}
