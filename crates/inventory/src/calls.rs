//! Calls that take a model or a data set from the Hugging Face Hub: with the name on the same line, on the next, or in a
//! constant that the file sets before.

use std::collections::BTreeMap;

use crate::lexical::{run, tokens};

/// At most this many constants of one file are kept.
const MAX_CONSTANTS: usize = 500;

/// How far behind the start of a call its first argument can begin.
const MAX_ARGUMENT: usize = 200;

/// What a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Model,
    Dataset,
}

const CALLS: [(&str, Taken); 13] = [
    ("from_pretrained(", Taken::Model),
    ("SentenceTransformer(", Taken::Model),
    ("CrossEncoder(", Taken::Model),
    ("snapshot_download(", Taken::Model),
    ("hf_hub_download(", Taken::Model),
    ("repo_id=", Taken::Model),
    ("pretrained_model_name_or_path=", Taken::Model),
    ("HuggingFaceEmbeddings(model_name=", Taken::Model),
    ("HuggingFaceEndpoint(model=", Taken::Model),
    ("HuggingFaceEmbedding(model_name=", Taken::Model),
    ("LLM(model=", Taken::Model),
    ("load_dataset(", Taken::Dataset),
    ("load_dataset(path=", Taken::Dataset),
];

/// What is known of the calls of one file, line by line.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    constants: BTreeMap<String, String>,
    open: Option<Taken>,
}

impl Calls {
    /// The names that the calls of a line take, with the offset at which each shows.
    pub(crate) fn line(&mut self, line: &str) -> Vec<(Taken, usize, String)> {
        let mut found = Vec::new();
        if let Some(taken) = self.open {
            let indent = line.len() - line.trim_start().len();
            let bare = line.get(indent..).unwrap_or_default();
            // A comment or an empty line leaves the call open; anything else is its first argument.
            if !bare.is_empty() && !bare.starts_with('#') {
                self.open = None;
                let named = ["pretrained_model_name_or_path=", "repo_id=", "path=", "model_name=", "model="];
                let value = named.iter().find_map(|name| bare.strip_prefix(name)).unwrap_or(bare);
                found.extend(self.argument(taken, line, line.len() - value.len()));
            }
        }
        let end = line.trim_end().len();
        for (call, taken) in CALLS {
            for (at, _) in line.match_indices(call) {
                let after = at + call.len();
                if after >= end && call.ends_with('(') {
                    self.open = Some(taken);
                } else {
                    found.extend(self.argument(taken, line, after));
                }
            }
        }
        // `repo_id=` stands within another call, too.
        found.dedup_by(|a, b| a.1 == b.1);
        self.constant(line);
        // Where a repository is said to hold data, it is no model.
        if line.contains("repo_type=\"dataset\"") || line.contains("repo_type='dataset'") {
            for one in &mut found {
                one.0 = Taken::Dataset;
            }
        }
        found
    }

    /// The name that an argument is: between quotes, or a constant.
    fn argument(&self, taken: Taken, line: &str, at: usize) -> Option<(Taken, usize, String)> {
        let rest = line.get(at..)?;
        let rest = rest.get(..rest.len().min(MAX_ARGUMENT)).unwrap_or(rest);
        let name = if rest.starts_with(['"', '\'', '\\']) {
            let quoted = rest.trim_start_matches('\\');
            let (inner, name) = tokens(quoted).into_iter().next()?;
            return (inner <= 2 && is_name(taken, name))
                .then(|| (taken, at + rest.len() - quoted.len() + inner, name.to_owned()));
        } else {
            run(rest, "_")
        };
        let ends = rest.get(name.len()..)?.trim_start();
        let value = self.constants.get(name)?;
        // A constant without a stroke may name anything.
        ((ends.is_empty() || ends.starts_with([',', ')'])) && value.contains('/') && is_name(taken, value))
            .then(|| (taken, at, value.clone()))
    }

    /// Keeps `NAME = "value"` and `const NAME = 'value'`.
    fn constant(&mut self, line: &str) {
        let Some((left, right)) = line.split_once('=') else { return };
        if !right.trim_start().starts_with(['"', '\'']) || self.constants.len() >= MAX_CONSTANTS {
            return;
        }
        let left = left.split(':').next().unwrap_or(left).trim();
        let name = left.rsplit(' ').next().unwrap_or(left);
        let words = ["const", "let", "var", "export", "final", "static"];
        let rest = left.strip_suffix(name).unwrap_or_default();
        let plain = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && rest.split_whitespace().all(|word| words.contains(&word));
        if let Some((_, value)) = tokens(right).into_iter().next().filter(|_| plain) {
            self.constants.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn is_name(taken: Taken, name: &str) -> bool {
    const BUILDERS: [&str; 8] =
        ["json", "csv", "text", "parquet", "arrow", "imagefolder", "audiofolder", "pandas"];
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.matches('/').count() <= 1
        && !name.ends_with('/')
        && !name.contains([':', '@'])
        && (taken == Taken::Model || !BUILDERS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> String {
        let mut calls = Calls::default();
        let names = text.lines().flat_map(|line| {
            let found = calls.line(line);
            for (_, at, name) in &found {
                assert!(
                    line.get(*at..)
                        .is_some_and(|rest| rest.starts_with(name.as_str()) || !rest.contains('/'))
                );
            }
            found
        });
        names
            .map(|(taken, _, name)| format!("{}{name}", if taken == Taken::Model { "" } else { "data " }))
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn names_are_found_on_the_line_on_the_next_and_in_constants() {
        for (text, expected) in [
            ("AutoModel.from_pretrained(\"a/b\")", "a/b"),
            ("\"m = AutoModel.from_pretrained(\\\"a/b\\\")\\n\",", "a/b"),
            ("AutoModel.from_pretrained(\n    \"a/b\",\n    revision=\"x/y\",\n)", "a/b"),
            ("AutoModel.from_pretrained(\n\n    # the base\n    pretrained_model_name_or_path='a/b')", "a/b"),
            ("BASE = \"a/b\"\nm = AutoModel.from_pretrained(BASE, dtype=x)", "a/b"),
            ("BASE: str = 'a/b'\nm = AutoModel.from_pretrained(\n    BASE\n)", "a/b"),
            ("const id = 'a/b';\nawait AutoModel.from_pretrained(id)", "a/b"),
            ("hf_hub_download(repo_id=\"a/b\", filename=\"c/d\")", "a/b"),
            ("snapshot_download(\"a/b\", repo_type=\"dataset\")", "data a/b"),
            ("load_dataset(\"json\", data_files=\"a/b\")", ""),
            ("load_dataset(\n    'a/b', split='train')", "data a/b"),
            ("load_dataset(path=\"a/b\")", "data a/b"),
            ("AutoModel.from_pretrained(args.model)", ""),
            ("BASE = \"base\"\nAutoModel.from_pretrained(BASE)", ""),
            ("AutoModel.from_pretrained(\"./a/b\")", ""),
            ("AutoModel.from_pretrained(\"a/b/c\")", ""),
            ("x == \"a/b\"\nfrom_pretrained(x)", ""),
        ] {
            assert_eq!(taken(text), expected, "{text}");
        }
    }
}
