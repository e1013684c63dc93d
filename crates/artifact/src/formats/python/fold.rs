//! The text that an expression of constants comes to.

use ruff_python_ast::{Expr, Number, Operator, UnaryOp};

/// Longest text that is put together, in bytes.
const LONGEST: usize = 1 << 16;

/// The text, and whether it was written in another way than people write texts.
pub(super) fn fold(expr: &Expr) -> Option<(String, bool)> {
    let plain = matches!(expr, Expr::StringLiteral(_));
    let bytes = value(expr, 0)?;
    Some((String::from_utf8(bytes).ok()?, !plain))
}

fn value(expr: &Expr, depth: usize) -> Option<Vec<u8>> {
    // Each level copies what the one below made.
    if depth > 24 {
        return None;
    }
    let depth = depth + 1;
    let bytes = match expr {
        Expr::StringLiteral(literal) => literal.value.to_str().as_bytes().to_vec(),
        Expr::BytesLiteral(literal) => literal.value.bytes().collect(),
        Expr::FString(literal) => {
            let mut text = Vec::new();
            for part in literal.value.elements() {
                match part {
                    ruff_python_ast::InterpolatedStringElement::Literal(part) => {
                        text.extend(part.value.bytes());
                    }
                    ruff_python_ast::InterpolatedStringElement::Interpolation(part) => {
                        text.extend(value(&part.expression, depth)?);
                    }
                }
            }
            text
        }
        Expr::BinOp(op) if op.op == Operator::Add => {
            let mut text = value(&op.left, depth)?;
            text.extend(value(&op.right, depth)?);
            text
        }
        Expr::BinOp(op) if op.op == Operator::Mod => {
            let text = String::from_utf8(value(&op.left, depth)?).ok()?;
            let args = match &*op.right {
                Expr::Tuple(tuple) => {
                    tuple.elts.iter().map(|item| value(item, depth)).collect::<Option<Vec<_>>>()?
                }
                other => vec![value(other, depth)?],
            };
            let mut args = args.into_iter();
            let mut out = Vec::new();
            let mut parts = text.split("%s").peekable();
            while let Some(part) = parts.next() {
                out.extend(part.bytes());
                if parts.peek().is_some() {
                    out.extend(args.next()?);
                }
            }
            out
        }
        Expr::Subscript(item) => {
            let Expr::Slice(slice) = &*item.slice else { return None };
            let (None, None, Some(step)) = (&slice.lower, &slice.upper, &slice.step) else { return None };
            let Expr::UnaryOp(op) = &**step else { return None };
            let is_back = op.op == UnaryOp::USub && integer(&op.operand) == Some(1);
            let text = String::from_utf8(value(&item.value, depth)?).ok().filter(|_| is_back)?;
            text.chars().rev().collect::<String>().into_bytes()
        }
        Expr::Call(call) => called(call, depth)?,
        _ => return None,
    };
    (bytes.len() <= LONGEST).then_some(bytes)
}

fn called(call: &ruff_python_ast::ExprCall, depth: usize) -> Option<Vec<u8>> {
    let args = &call.arguments.args;
    match (&*call.func, &**args) {
        (Expr::Name(name), [arg]) => match name.id.as_str() {
            "chr" => Some(char::from_u32(u32::try_from(integer(arg)?).ok()?)?.to_string().into_bytes()),
            "bytes" | "bytearray" => numbers(arg),
            "str" | "repr" => value(arg, depth),
            "b64decode" => base64(&value(arg, depth)?),
            "unhexlify" => hex(&value(arg, depth)?),
            _ => None,
        },
        (Expr::Attribute(attr), args) => match (attr.attr.as_str(), args) {
            ("decode", [data, code]) if codes(code, depth) => Some(rot13(&value(data, depth)?)),
            ("decode", [code]) if codes(code, depth) => Some(rot13(&value(&attr.value, depth)?)),
            ("decode" | "encode" | "strip" | "format", []) | ("decode" | "encode", [_]) => {
                value(&attr.value, depth)
            }
            ("lower", []) => Some(value(&attr.value, depth)?.to_ascii_lowercase()),
            ("upper", []) => Some(value(&attr.value, depth)?.to_ascii_uppercase()),
            ("b64decode" | "urlsafe_b64decode" | "decodebytes" | "standard_b64decode", [data, ..]) => {
                base64(&value(data, depth)?)
            }
            ("fromhex" | "unhexlify" | "a2b_hex" | "b16decode", [data, ..]) => hex(&value(data, depth)?),
            ("replace", [from, to]) => {
                let text = String::from_utf8(value(&attr.value, depth)?).ok()?;
                let (from, to) = (
                    String::from_utf8(value(from, depth)?).ok()?,
                    String::from_utf8(value(to, depth)?).ok()?,
                );
                let longer =
                    text.matches(from.as_str()).count().checked_mul(to.len())?.checked_add(text.len())?;
                (longer <= LONGEST && !from.is_empty()).then(|| text.replace(&from, &to).into_bytes())
            }
            ("join", [list]) => {
                let between = value(&attr.value, depth)?;
                let items = match list {
                    Expr::List(list) => &list.elts,
                    Expr::Tuple(tuple) => &tuple.elts,
                    // A map of `chr` over numbers.
                    Expr::Call(map) => {
                        let [_, list] = &*map.arguments.args else { return None };
                        return numbers(list);
                    }
                    Expr::Generator(generator) => {
                        let [generator] = &*generator.generators else { return None };
                        return numbers(&generator.iter);
                    }
                    Expr::ListComp(list) => {
                        let [generator] = &*list.generators else { return None };
                        return numbers(&generator.iter);
                    }
                    _ => return None,
                };
                let items = items.iter().map(|item| value(item, depth)).collect::<Option<Vec<_>>>()?;
                Some(items.join(&*between))
            }
            _ => None,
        },
        _ => None,
    }
}

fn codes(expr: &Expr, depth: usize) -> bool {
    value(expr, depth).is_some_and(|name| matches!(&*name, b"rot13" | b"rot_13" | b"rot-13"))
}

fn integer(expr: &Expr) -> Option<u64> {
    let Expr::NumberLiteral(number) = expr else { return None };
    let Number::Int(number) = &number.value else { return None };
    number.as_u64()
}

/// Numbers that are characters.
fn numbers(expr: &Expr) -> Option<Vec<u8>> {
    let items = match expr {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    items.iter().map(|item| u8::try_from(integer(item)?).ok()).collect()
}

fn rot13(text: &[u8]) -> Vec<u8> {
    let turn = |byte: u8, first: u8| (byte - first + 13) % 26 + first;
    text.iter()
        .map(|byte| match byte {
            b'a'..=b'z' => turn(*byte, b'a'),
            b'A'..=b'Z' => turn(*byte, b'A'),
            other => *other,
        })
        .collect()
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<Vec<_>>>()?;
    digits.chunks(2).map(|pair| Some(pair.first()? << 4 | pair.get(1)?)).collect()
}

/// RFC 4648, sections 4 and 5, as lenient as Python is.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use ruff_python_parser::parse_expression;

    use super::*;

    #[test]
    fn texts_are_put_together() {
        for (source, want) in [
            ("'o' + 's'", "os"),
            ("'%s%s' % ('o', 's')", "os"),
            ("''.join(['o', 's'])", "os"),
            ("'so'[::-1]", "os"),
            ("chr(111) + chr(115)", "os"),
            ("''.join(map(chr, [111, 115]))", "os"),
            ("''.join(chr(c) for c in (111, 115))", "os"),
            ("bytes([111, 115]).decode()", "os"),
            ("base64.b64decode('b3M=').decode()", "os"),
            ("bytes.fromhex('6f73').decode('utf-8')", "os"),
            ("codecs.decode('bf', 'rot13')", "os"),
            ("f\"{'o'}s\"", "os"),
            ("'oXs'.replace('X', '')", "os"),
        ] {
            let parsed = parse_expression(source).unwrap();
            assert_eq!(fold(parsed.expr()), Some((want.to_owned(), true)), "{source}");
        }
    }
}
