use std::fmt;

use serde::Serialize;

use crate::csv::Dialect;

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One JSON value on each line.
    JsonLines,
    /// One JSON document; the elements of an array at its top are its records.
    Json,
    /// A table: cells between delimiters, one row on each line (RFC 4180).
    Csv,
    /// Anything else that is text.
    Text,
}

impl Format {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
        }
    }

    /// The format of a file that starts with `head`. The name decides between formats that the content allows.
    pub(crate) fn of(head: &[u8], path: &str) -> Self {
        let ends = |ending: &str| {
            let tail = path.len().checked_sub(ending.len()).and_then(|at| path.as_bytes().get(at..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending.as_bytes()))
        };
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let bare = path.rsplit('/').next().is_some_and(|name| !name.contains('.'));
        let is_table = [".csv", ".tsv", ".tab", ".psv"].into_iter().any(ends)
            || (bare || [".txt", ".dat", ".data"].into_iter().any(ends)) && Dialect::is_certain(head);
        let head = head.trim_ascii_start();
        if ends(".jsonl") || ends(".ndjson") {
            return Self::JsonLines;
        }
        if is_table {
            return Self::Csv;
        }
        let opens = head.starts_with(b"{") || head.starts_with(b"[");
        if ends(".json") && opens {
            return if may_have_comments(path) { Self::Text } else { Self::Json };
        }
        // Without a telling name two lines that each look like an object are needed: code starts with `{` too.
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let object =
            |line: Option<&[u8]>| line.is_some_and(|line| line.starts_with(b"{\"") && line.ends_with(b"}"));
        if object(lines.next()) && object(lines.next()) { Self::JsonLines } else { Self::Text }
    }

    /// What a file that starts with `head` is, when it is not text and cannot be read.
    pub(crate) fn unreadable(head: &[u8]) -> Option<&'static str> {
        const SIGNATURES: &[(&[u8], &str)] = &[
            (b"\x1f\x8b", "gzip"),
            (b"\x28\xb5\x2f\xfd", "Zstandard"),
            (b"\xfd7zXZ\0", "XZ"),
            (b"BZh", "bzip2"),
            (b"\x04\x22\x4d\x18", "LZ4"),
            (b"PK\x03\x04", "ZIP"),
            (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
            (b"PAR1", "Parquet"),
            (b"ARROW1", "Arrow"),
            (b"\xff\xfe", "UTF-16"),
            (b"\xfe\xff", "UTF-16"),
            (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer"),
        ];
        SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)).map(|(_, name)| *name)
    }
}

/// Whether the program that reads a configuration of this name takes comments and trailing commas for JSON.
fn may_have_comments(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let editors = folder == ".vscode" || folder.ends_with("/.vscode");
    let compilers = name.starts_with("tsconfig.") || name.starts_with("jsconfig.");
    editors || compilers || ["pyrightconfig.json", "devcontainer.json", ".eslintrc.json"].contains(&name)
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_name_decide() {
        for (head, path, format) in [
            ("", "a.jsonl", Format::JsonLines),
            ("not json", "a.NDJSON", Format::JsonLines),
            ("{\"a\":1}\n{\"a\":2}\n", "a", Format::JsonLines),
            ("{\"a\":1}\n", "a", Format::Text),
            ("[1]", "a.json", Format::Json),
            ("\u{feff} {\n", "a.json", Format::Json),
            ("hello", "a.json", Format::Text),
            ("{ // why\n}", "web/tsconfig.json", Format::Text),
            ("{ // why\n}", "web/TSConfig.base.json", Format::Text),
            ("{}", ".vscode/settings.json", Format::Text),
            ("{}", "vscode/settings.json", Format::Json),
            ("{}", "config.json", Format::Json),
            ("a,b\n1,2\n", "data/a.CSV", Format::Csv),
            ("", "a.tsv", Format::Csv),
            ("{\"a\":1}\n{\"a\":2}\n", "a,b", Format::JsonLines),
            ("id,text,label\n1,a,b\n2,c,d\n3,e,f\n", "export", Format::Csv),
            ("id,text,label\n1,a,b\n2,c,d\n3,e,f\n", "v1.2/export.txt", Format::Csv),
            ("id,text,label\n1,a,b\n2,c,d\n3,e,f\n", "export.py", Format::Text),
            ("hello, you\n", "notes.txt", Format::Text),
            ("{ return; }\n{ }\n", "a.c", Format::Text),
        ] {
            assert_eq!(Format::of(head.as_bytes(), path), format, "{head:?} {path}");
        }
        assert_eq!(Format::unreadable(b"\x1f\x8b\x08"), Some("gzip"));
        assert_eq!(Format::unreadable(b"{}"), None);
    }
}
