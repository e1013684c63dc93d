use std::hint::black_box;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::host::{Failure, Host};

/// 32 random bytes as text that needs no escape in a URL, a cookie or a form.
pub(super) fn secret(host: &dyn Host) -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(host.randomness()?))
}

/// Whether two texts are equal, in a time that tells only their lengths.
pub(super) fn same(left: &str, right: &str) -> bool {
    let pairs = left.bytes().zip(right.bytes());
    let difference = pairs.fold(0, |difference, (left, right)| black_box(difference | (left ^ right)));
    left.len() == right.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equal_texts_are_the_same() {
        for (left, right, equal) in [
            ("", "", true),
            ("abc", "abc", true),
            ("abc", "abd", false),
            ("abc", "ab", false),
            ("", "a", false),
        ] {
            assert_eq!(same(left, right), equal, "{left} {right}");
        }
    }
}
