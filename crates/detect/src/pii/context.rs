use crate::view::View;

/// Whether one of `words`, in lower case, stands within `span` bytes before `at`. A word counts only where it
/// begins: `ssn` is in `customer_ssn` and `SSN:`, not in `classname`.
pub(crate) fn before(view: &View<'_>, at: usize, span: usize, words: &[&str]) -> bool {
    let text = view.slice(at.saturating_sub(span), at);
    (0..text.len()).any(|i| {
        let rest = &text[i..];
        let begins = i == 0 || !text[i - 1].is_ascii_alphabetic();
        // In `creditCard` the second word begins with its capital.
        let begins = begins || text[i - 1].is_ascii_lowercase() && text[i].is_ascii_uppercase();
        begins
            && words.iter().any(|word| {
                rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_where_it_begins() {
        let has =
            |text: &str| before(&View::new(text.as_bytes(), 0, 0, false), text.len(), 40, &["ssn", "card"]);
        for yes in ["ssn: ", "SSN ", "customer_ssn=", "creditCard ", "\"card\": \""] {
            assert!(has(yes), "{yes}");
        }
        for no in ["", "classname ", "discard ", "ss n"] {
            assert!(!has(no), "{no}");
        }
    }
}
