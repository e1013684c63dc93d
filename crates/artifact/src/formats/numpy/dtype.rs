//! Types of an array's elements, as `numpy.dtype` reads them.

use super::literal::Literal;

/// What matters of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dtype {
    /// Bytes of an element, where they can be told.
    pub(crate) size: Option<u64>,
    /// Whether an element is a Python object, or holds one.
    pub(crate) objects: bool,
}

/// Bytes of a pointer, which an array of objects has for each.
const POINTER: u64 = 8;
/// Structures are nested so deep at most.
const DEPTH: usize = 16;

impl Dtype {
    /// A type in one word, such as `<f8` or `|O`; none where it is not in the form that `NumPy` writes.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let word = text.trim_start_matches(['<', '>', '|', '=']);
        let mut chars = word.chars();
        let kind = chars.next()?;
        let rest = chars.as_str();
        let (digits, unit) = rest.find('[').map_or((rest, ""), |at| rest.split_at(at));
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !unit.is_empty() && !matches!(kind, 'M' | 'm')
        {
            return None;
        }
        let count = if digits.is_empty() { None } else { Some(digits.parse::<u64>().ok()?) };
        let size = match (kind, count) {
            ('O', None | Some(4 | 8)) => return Some(Self { size: Some(POINTER), objects: true }),
            ('?' | 'b' | 'B', None) => 1,
            ('h' | 'H' | 'e', None) => 2,
            ('i' | 'I' | 'f', None) => 4,
            ('l' | 'L' | 'q' | 'Q' | 'd' | 'F' | 'M' | 'm', None) => 8,
            ('g' | 'D', None) => 16,
            ('G', None) => 32,
            ('S' | 'a' | 'U' | 'V', None) => 0,
            ('b', Some(size @ 1))
            | ('i' | 'u', Some(size @ (1 | 2 | 4 | 8)))
            | ('f', Some(size @ (2 | 4 | 8 | 12 | 16)))
            | ('c', Some(size @ (8 | 16 | 24 | 32)))
            | ('M' | 'm', Some(size @ 8))
            | ('S' | 'a' | 'V', Some(size)) => size,
            ('U', Some(count)) => return Some(Self { size: count.checked_mul(4), objects: false }),
            _ => return None,
        };
        Some(Self { size: Some(size), objects: false })
    }

    /// A type as the header of an array has it: a word, a list of fields, or a pair of a type and a shape.
    pub(crate) fn of(literal: &Literal) -> Option<Self> {
        Self::of_nested(literal, DEPTH)
    }

    fn of_nested(literal: &Literal, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        match literal {
            Literal::Text(text) => Self::of_text(text),
            Literal::Tuple(pair) => match pair.as_slice() {
                [inner, shape] => Some(Self::of_nested(inner, depth)?.times(elements(shape))),
                _ => None,
            },
            Literal::List(fields) => {
                let mut whole = Self { size: Some(0), objects: false };
                for field in fields {
                    let Literal::Tuple(field) = field else { return None };
                    let inner = match field.as_slice() {
                        [_, inner] => Self::of_nested(inner, depth)?,
                        [_, inner, shape] => Self::of_nested(inner, depth)?.times(elements(shape)),
                        _ => return None,
                    };
                    whole.size = whole.size.zip(inner.size).and_then(|(a, b)| a.checked_add(b));
                    whole.objects |= inner.objects;
                }
                Some(whole)
            }
            _ => None,
        }
    }

    fn times(self, count: Option<u64>) -> Self {
        let size = self.size.zip(count).and_then(|(size, count)| size.checked_mul(count));
        Self { size, ..self }
    }
}

/// The product of a shape; none where it is no tuple of sizes, or the product does not fit.
pub(crate) fn elements(shape: &Literal) -> Option<u64> {
    let side = |side: &Literal| match side {
        Literal::Int(Some(side)) => u64::try_from(*side).ok(),
        _ => None,
    };
    match shape {
        Literal::Tuple(sides) => {
            sides.iter().try_fold(1_u64, |product, each| product.checked_mul(side(each)?))
        }
        each => side(each),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_numpy() {
        let cases = [
            ("<f8", Some((8, false))),
            ("|b1", Some((1, false))),
            (">c16", Some((16, false))),
            ("<U10", Some((40, false))),
            ("|S5", Some((5, false))),
            ("|V3", Some((3, false))),
            ("<M8[ns]", Some((8, false))),
            ("<m8", Some((8, false))),
            ("|O", Some((8, true))),
            ("O8", Some((8, true))),
            ("f8", Some((8, false))),
            ("?", Some((1, false))),
            ("object", None),
            ("f8,O", None),
            ("<i3", None),
            ("", None),
            ("<U99999999999999999999", None),
        ];
        for (text, want) in cases {
            let seen = Dtype::of_text(text).map(|dtype| (dtype.size.unwrap_or(0), dtype.objects));
            assert_eq!(seen, want, "{text}");
        }
    }

    #[test]
    fn structures_add_up_and_objects_in_them_are_seen() {
        let of = |text: &str| Dtype::of(&Literal::parse(text).unwrap());
        let plain = of("[('a', '<f8'), ('', '|V4'), (('title', 'b'), '<i2', (3, 2))]");
        assert_eq!(plain, Some(Dtype { size: Some(24), objects: false }));
        let nested = of("[('a', [('b', '|O')])]");
        assert_eq!(nested, Some(Dtype { size: Some(8), objects: true }));
        assert_eq!(of("('<f4', (2, 3))"), Some(Dtype { size: Some(24), objects: false }));
        let huge = of("[('a', '<f8', (9223372036854775807,))]");
        assert_eq!(huge, Some(Dtype { size: None, objects: false }));
        assert_eq!(of("[('a',)]"), None);
    }
}
