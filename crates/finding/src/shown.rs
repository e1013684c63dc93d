/// A text from outside as an error message shows it: escaped, and cut after 80 characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().take(MOST).collect::<String>().escape_debug().collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_is_shown_is_visible_and_short() {
        assert_eq!(shown("plain"), "plain");
        assert_eq!(shown("a\u{1b}[2J\u{202e}b"), r"a\u{1b}[2J\u{202e}b");
        assert_eq!(shown(&"x".repeat(1_000_000)).chars().count(), 81);
    }
}
