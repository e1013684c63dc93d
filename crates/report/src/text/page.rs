use super::style::{Role, Style};
use crate::printable::{printable, width};

/// A message from a file is shown up to this many columns, over several lines.
const MAX_PROSE: usize = 400;

/// Text that grows line by line, none wider than the page.
pub(crate) struct Page {
    out: String,
    style: Style,
    width: usize,
}

impl Page {
    pub(crate) fn new(style: Style, width: usize) -> Self {
        Self { out: String::new(), style, width }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Columns left after an indent.
    pub(crate) fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent)
    }

    pub(crate) fn blank(&mut self) {
        self.out.push('\n');
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.blank();
        self.line(0, &[(Role::Strong, text)]);
    }

    /// One line of pieces, which the caller has made printable and short enough; what does not fit is cut.
    pub(crate) fn line(&mut self, indent: usize, pieces: &[(Role, &str)]) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        let mut left = self.room(indent);
        for (role, text) in pieces {
            if left == 0 {
                break;
            }
            let shown = printable(text, left);
            left = left.saturating_sub(width(&shown));
            self.style.paint(&mut self.out, *role, &shown);
        }
        // A row whose last cell is empty ends where its words end.
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
    }

    /// A paragraph, broken at spaces; a word that is wider than the page is broken where it must be.
    pub(crate) fn prose(&mut self, indent: usize, role: Role, text: &str) {
        self.hanging(indent, "", role, text);
    }

    /// A paragraph whose first line starts with `lead`, under which the others are indented.
    pub(crate) fn hanging(&mut self, indent: usize, lead: &str, role: Role, text: &str) {
        let text = printable(text, MAX_PROSE);
        // A lead that holds a name must leave room for what it leads.
        let lead = &printable(lead, self.room(indent) / 2);
        let hang = indent + width(lead);
        let room = self.room(hang).max(8);
        for (at, line) in wrap(&text, room).iter().enumerate() {
            if at == 0 {
                self.line(indent, &[(Role::Ink, lead), (role, line)]);
            } else {
                self.line(hang, &[(role, line)]);
            }
        }
    }

    /// A command, on a line of its own and never broken, so that it can be copied.
    pub(crate) fn command(&mut self, indent: usize, command: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.style.paint(&mut self.out, Role::Command, &printable(command, MAX_PROSE));
        self.out.push('\n');
    }
}

/// `text` and then spaces up to `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut cell = printable(text, columns);
    let missing = columns.saturating_sub(width(&cell));
    cell.extend(std::iter::repeat_n(' ', missing));
    cell
}

/// `1 finding`, `2 findings`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = width(word);
        if used > 0 && used + 1 + wide > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if used + wide > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += wide;
        }
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_long_words_where_they_must() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("漢字漢字", 5), ["漢字", "漢字"]);
        assert!(wrap("  ", 5).is_empty());
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        assert_eq!(count(0, "entry", "entries"), "0 entries");
    }
}
