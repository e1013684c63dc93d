use std::fmt::Display;

use bartizan_finding::Digest;
use serde_json::Value;

use crate::AttestError;

/// The deepest nesting that is read. Statements and envelopes need six levels.
pub(crate) const MAX_DEPTH: usize = 32;

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

fn check(value: &Value, depth: usize) -> Result<(), AttestError> {
    let malformed = |why: String| Err(AttestError::malformed("JSON value", why));
    match value {
        Value::Number(number) => {
            let integer = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            let beyond = match integer {
                Some(magnitude) => beyond_integer(magnitude, number),
                None => number.as_f64().and_then(beyond_float),
            };
            beyond.map_or(Ok(()), malformed)
        }
        Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => malformed(too_deep()),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth + 1)),
        Value::Object(members) => members.values().try_for_each(|member| check(member, depth + 1)),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Why the integer `shown` of this magnitude is refused, if it is.
pub(crate) fn beyond_integer(magnitude: u64, shown: impl Display) -> Option<String> {
    (magnitude > MAX_INTEGER).then(|| format!("the integer {shown} is beyond 2^53 - 1"))
}

/// Why `float` is refused, if it is. However it was spelled: the canonical form of a float below 1e21 has no
/// exponent (ECMA-262, 6.1.6.1.20), so `1e18` would be written as an integer that the reader refuses.
pub(crate) fn beyond_float(float: f64) -> Option<String> {
    let beyond = float.abs() > MAX_INTEGER as f64 && float.abs() < 1e21;
    beyond.then(|| format!("the integer {float} is beyond 2^53 - 1"))
}

/// Why what is nested deeper than [`MAX_DEPTH`] is refused.
pub(crate) fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::strict::read_json;

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
        assert!(read_json::<Value>("test", b"[9007199254740992]", 100).is_err());
        // A float whose canonical form has no exponent is an integer to whoever reads that form.
        for text in ["9007199254740992.0", "1e18", "-1e18", "123456789012345678901.0"] {
            assert!(read_json::<Value>("test", text.as_bytes(), 100).is_err(), "{text}");
        }
        for text in ["9007199254740991.0", "1e21", "-1e300", "-0.0", "5e-324"] {
            let written = canonical_json(&read_json::<Value>("test", text.as_bytes(), 100).unwrap()).unwrap();
            let again = read_json::<Value>("test", &written, 100).unwrap();
            assert_eq!(canonical_json(&again), Ok(written), "{text}");
        }
    }

    #[test]
    fn what_would_not_be_read_is_not_written() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(canonical_json(&nested(32)).is_ok());
        assert!(canonical_json(&nested(33)).is_err());
    }
}
