//! Telling what people say from the marks of a prompt.

use bartizan_finding::{Severity, hides};

/// Words that name parts of a conversation or of a request, and say nothing.
const TERMS: [&str; 44] = [
    "analysis",
    "answer",
    "arguments",
    "assistant",
    "assistantanalysis",
    "audio",
    "begin",
    "channel",
    "content",
    "context",
    "data",
    "developer",
    "document",
    "documents",
    "end",
    "eot",
    "file",
    "final",
    "function",
    "functions",
    "image",
    "input",
    "inst",
    "ipython",
    "json",
    "message",
    "model",
    "name",
    "observation",
    "output",
    "python",
    "reasoning",
    "result",
    "results",
    "role",
    "system",
    "text",
    "think",
    "thinking",
    "tool",
    "tools",
    "type",
    "user",
    "video",
];
/// What people write to switch a mode of a published model on or off.
const SWITCHES: [&str; 12] = [
    "/no_think",
    "/nothink",
    "/think",
    "/system_override",
    "/short_think",
    "/set nothink",
    "/set think",
    "detailed thinking off",
    "detailed thinking on",
    "no_think",
    "reasoning off",
    "reasoning on",
];

/// The words of a text that are no marks, no terms and longer than two letters.
pub(super) fn words(text: &str) -> usize {
    let mut count = 0;
    let mut word = String::new();
    let mut depth = 0_usize;
    let mut chars = text.chars().chain(std::iter::once(' ')).peekable();
    while let Some(c) = chars.next() {
        let is_mark = c == '<' && chars.peek().is_some_and(|next| !next.is_whitespace());
        if is_mark && depth == 0 {
            depth = 1;
        } else if c == '>' {
            depth = 0;
            word.clear();
            continue;
        }
        if depth > 0 {
            depth += 1;
            // A sign that opens no mark.
            if depth > 48 {
                depth = 0;
            }
            continue;
        }
        if matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}') {
            // Scripts without spaces; two signs count as a word.
            word.push(c);
            if word.chars().count() == 2 {
                count += 1;
                word.clear();
            }
        } else if c.is_alphabetic() || c == '_' || c == '\'' {
            word.extend(c.to_lowercase());
        } else {
            let is_word = word.chars().filter(|c| c.is_alphabetic()).count() > 2
                && !word.contains('_')
                && !TERMS.contains(&word.as_str());
            count += usize::from(is_word);
            word.clear();
        }
    }
    count
}

/// Whether a text that messages are searched for is something that people say, rather than a mark or a switch.
pub(super) fn is_phrase(text: &str) -> bool {
    let plain = text.trim().to_lowercase();
    let is_mark = plain.starts_with(['<', '[', '{', '#', '`']) || plain.ends_with(['>', ']', '}']);
    !is_mark && !SWITCHES.contains(&plain.as_str()) && words(text) > 0
}

/// An address or a mark of HTML by which a page that shows the answer fetches something.
pub(super) fn address(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let starts = [
        "http://",
        "https://",
        "ftp://",
        "javascript:",
        "data:text/html",
        "<script",
        "<img",
        "<iframe",
        "<a href",
        "![",
    ];
    let at = starts.iter().filter_map(|start| lower.find(start)).min()?;
    let rest = text.get(at..)?;
    rest.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next()
}

/// Words by which an instruction hides itself from the user, or overrules others.
pub(crate) fn conceals(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let phrases = [
        "ignore all previous",
        "ignore previous instructions",
        "ignore the previous",
        "disregard previous",
        "disregard all previous",
        "do not mention this",
        "don't mention this",
        "never mention this",
        "do not reveal this",
        "never tell the user",
        "without telling the user",
        "without informing the user",
        "without mentioning",
        "hide this instruction",
        "keep this instruction secret",
        "do not disclose this",
        "the user must not know",
    ];
    phrases.into_iter().find(|phrase| lower.contains(phrase))
}

/// Characters that nobody sees, and how bad that is.
pub(crate) fn hidden(text: &str) -> Option<(Severity, String)> {
    let shown = |c: char| format!("the invisible character U+{:04X}", u32::from(c));
    let bad = text
        .chars()
        .find(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0001}'..='\u{e007f}'));
    if let Some(c) = bad {
        return Some((Severity::High, shown(c)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let odd = text.chars().find(|c| {
        hides(*c)
            && !c.is_control()
            && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e000}'..='\u{f8ff}' | '\u{200d}' | '\u{2800}')
            || c.is_control() && !matches!(c, '\n' | '\r' | '\t')
    });
    odd.map(|c| (Severity::Medium, shown(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_marks() {
        for (text, want) in [
            ("<|im_start|>system\n", 0),
            ("You are a helpful assistant", 3),
            ("<tool_call>\n{\"name\": ", 0),
            ("[INST] ", 0),
            ("请访问链接", 2),
            ("a < b and more words", 3),
        ] {
            assert_eq!(words(text), want, "{text}");
        }
        for (text, want) in [
            ("</think>", false),
            ("/no_think", false),
            ("invoice", true),
            ("[TOOL_CALLS]", false),
            ("image", false),
            ("please be precise", true),
        ] {
            assert_eq!(is_phrase(text), want, "{text}");
        }
    }

    #[test]
    fn what_is_seen_is_not_hidden() {
        assert!(hidden("Größe 重み 👍\u{fe0f}\t\n").is_none());
        assert_eq!(hidden("a\u{200b}").map(|(severity, _)| severity), Some(Severity::Medium));
        assert_eq!(hidden("a\u{e0041}").map(|(severity, _)| severity), Some(Severity::High));
    }
}
