use bartizan_finding::Severity;

/// How many bytes at the start of a cell are looked at.
pub(super) const LOOKED_AT: usize = 128;

/// Whether a spreadsheet program would evaluate a cell that starts with `head`, and how bad that is: a call of a
/// function or of another program can carry data out, any other formula merely changes what is shown.
///
/// A sign before what reads as a number, a dash before a word of prose and a row of signs are no formulas.
pub(super) fn formula(head: &[u8]) -> Option<Severity> {
    // Spreadsheet programs drop tabs and line ends at the start of a cell.
    let start = head.iter().position(|byte| !matches!(byte, b'\t' | b'\r' | b'\n' | b' '))?;
    let (&sign, rest) = head.get(start..)?.split_first()?;
    if !matches!(sign, b'=' | b'+' | b'-' | b'@') {
        return None;
    }
    let &next = rest.first()?;
    if next.is_ascii_whitespace()
        || !next.is_ascii()
        || matches!(next, b'=' | b'-' | b'>' | b'<' | b'*' | b'@')
    {
        return None;
    }
    let word =
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"._+-'\"$".contains(byte)).count();
    let calls =
        word > 0 && rest.first().is_some_and(|byte| !byte.is_ascii_digit()) && rest.get(word) == Some(&b'(')
            || rest
                .iter()
                .position(|byte| *byte == b'|')
                .is_some_and(|at| rest.iter().skip(at).any(|byte| *byte == b'!'));
    let is_number = sign != b'='
        && rest.iter().all(|byte| !byte.is_ascii_alphabetic() || matches!(byte, b'e' | b'E'))
        && rest.iter().any(u8::is_ascii_digit);
    if calls {
        Some(Severity::Medium)
    } else if is_number {
        None
    } else {
        Some(Severity::Low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_numbers_and_prose() {
        let medium = Some(Severity::Medium);
        let low = Some(Severity::Low);
        for (cell, expected) in [
            ("=1+1", low),
            ("=A1", low),
            ("@ana", low),
            ("-abc", low),
            ("+cmd", low),
            ("=SUM(A1:A9)", medium),
            ("@SUM(1)", medium),
            ("\t=SUM(1)", medium),
            ("\r\n=SUM(1)", medium),
            ("+a|'b'!A0", medium),
            ("-2+3+a|'b'!A0", medium),
            ("=HYPERLINK(\"https://example.com\")", medium),
            ("", None),
            ("=", None),
            ("-", None),
            ("-5", None),
            ("+1.5e-3", None),
            ("+49 (0)30 123456", None),
            ("-12,5 %", None),
            ("- a point", None),
            ("-- a comment", None),
            ("--- --- ---", None),
            ("== Heading ==", None),
            ("-> next", None),
            ("text =SUM(1)", None),
            ("\u{2212}5", None),
        ] {
            assert_eq!(formula(cell.as_bytes()), expected, "{cell:?}");
        }
    }
}
