use std::fmt;

use bartizan_finding::Digest;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::AttestError;

/// The deepest nesting that is read. Statements and envelopes need six levels.
const MAX_DEPTH: usize = 32;

/// The largest integer that every reader of JSON keeps exactly: 2^53 − 1 (RFC 7493, section 2.2).
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The canonical JSON (RFC 8785) of `value`.
///
/// RFC 8785 is defined over I-JSON, so integers beyond ±(2^53 − 1) are refused: readers would disagree on them,
/// and with them on the digest.
/// So is nesting deeper than 32 levels, which this crate's own readers refuse.
pub fn canonical_json(value: &Value) -> Result<Vec<u8>, AttestError> {
    check(value, 0)?;
    serde_json_canonicalizer::to_vec(value).map_err(|error| AttestError::malformed("JSON value", error))
}

/// The SHA-256 of the canonical JSON of `value`: the subject digest of what has no bytes of its own.
pub fn canonical_digest(value: &Value) -> Result<Digest, AttestError> {
    canonical_json(value).map(|json| Digest::of(&json))
}

/// Reads JSON that others wrote: at most `limit` bytes and 32 levels, no name twice in an object, no integer that
/// readers disagree on.
pub(crate) fn read_json(what: &'static str, bytes: &[u8], limit: usize) -> Result<Value, AttestError> {
    AttestError::check_size(what, bytes.len(), limit)?;
    let malformed = |error: serde_json::Error| AttestError::malformed(what, error);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(malformed)?;
    reader.end().map_err(malformed)?;
    check(&value, 0)?;
    Ok(value)
}

/// Takes an object apart. Derived readers would also take an array whose items stand in the fields' order, which
/// other readers of the same bytes refuse.
pub(crate) fn from_object<T: DeserializeOwned>(what: &'static str, value: Value) -> Result<T, AttestError> {
    if !value.is_object() {
        return Err(AttestError::malformed(what, "not a JSON object"));
    }
    serde_json::from_value(value).map_err(|error| AttestError::malformed(what, error))
}

fn check(value: &Value, depth: usize) -> Result<(), AttestError> {
    let malformed = |why: String| Err(AttestError::malformed("JSON value", why));
    match value {
        Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            // However it was spelled: the canonical form of a float below 1e21 has no exponent (ECMA-262, 6.1.6.1.20),
            // so `1e18` would be written as an integer that the reader refuses.
            let beyond = match magnitude {
                Some(magnitude) => magnitude > MAX_INTEGER,
                None => number
                    .as_f64()
                    .is_some_and(|float| float.abs() > MAX_INTEGER as f64 && float.abs() < 1e21),
            };
            if beyond { malformed(format!("the integer {number} is beyond 2^53 - 1")) } else { Ok(()) }
        }
        Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => {
            malformed(format!("nested deeper than {MAX_DEPTH} levels"))
        }
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(members) => members.values().try_for_each(|member| check(member, depth + 1)),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Builds a [`Value`] as `serde_json` does, but counts the depth and keeps no name twice: two readers that resolve
/// a repeated name differently would take one signature for two statements.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if out.contains_key(&name) {
                let name = crate::shown::shown(&name);
                return Err(A::Error::custom(format_args!("the name `{name}` stands twice in one object")));
            }
            let value = members.next_value_seed(inner)?;
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of RFC 8785, section 3.2.2, in its canonical form of section 3.2.3.
    #[test]
    fn canonical_json_is_that_of_rfc_8785() {
        let value = json!({
            "numbers": [333_333_333.333_333_3, 1e30, 4.50, 2e-3, 0.000_000_000_000_000_000_000_000_001],
            "string": "\u{20ac}$\u{f}\nA'\u{42}\u{22}\u{5c}\\\"/",
            "literals": [null, true, false],
        });
        let canonical = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
        assert_eq!(String::from_utf8(canonical_json(&value).unwrap()).unwrap(), canonical);
        assert_eq!(canonical_digest(&value), Ok(Digest::of(canonical.as_bytes())));
    }

    #[test]
    fn integers_that_readers_disagree_on_are_refused() {
        assert!(canonical_json(&json!([9_007_199_254_740_991_u64, -9_007_199_254_740_991_i64])).is_ok());
        assert!(canonical_json(&json!({"a": 9_007_199_254_740_992_u64})).is_err());
        assert!(canonical_json(&json!([i64::MIN])).is_err());
        assert!(read_json("test", b"[9007199254740992]", 100).is_err());
        // A float whose canonical form has no exponent is an integer to whoever reads that form.
        for text in ["9007199254740992.0", "1e18", "-1e18", "123456789012345678901.0"] {
            assert!(read_json("test", text.as_bytes(), 100).is_err(), "{text}");
        }
        for text in ["9007199254740991.0", "1e21", "-1e300", "-0.0", "5e-324"] {
            let written = canonical_json(&read_json("test", text.as_bytes(), 100).unwrap()).unwrap();
            let again = read_json("test", &written, 100).unwrap();
            assert_eq!(canonical_json(&again), Ok(written), "{text}");
        }
    }

    #[test]
    fn what_would_not_be_read_is_not_written() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(canonical_json(&nested(32)).is_ok());
        assert!(canonical_json(&nested(33)).is_err());
    }

    #[test]
    fn what_readers_could_resolve_differently_is_refused() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let cases = [
            (r#"{"a":1,"a":2}"#.to_owned(), "the name `a` stands twice in one object"),
            (r#"{"b":{"a":1,"\u0061":2}}"#.to_owned(), "the name `a` stands twice in one object"),
            (deep(33), "nested deeper than 32 levels"),
            (deep(100_000), "nested deeper than 32 levels"),
            ("{} {}".to_owned(), "trailing characters"),
            ("1e999".to_owned(), "number out of range"),
            ("\"\\ud800\"".to_owned(), "unexpected end of hex escape"),
        ];
        for (text, why) in cases {
            let error = read_json("test", text.as_bytes(), 1 << 20).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(read_json("test", deep(32).as_bytes(), 1 << 20).is_ok());
        assert!(matches!(read_json("test", b"[]  ", 3), Err(AttestError::TooLarge { limit: 3, .. })));
    }
}
