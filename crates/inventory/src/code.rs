//! What code and configuration say about models: whose are called, with which library, where embeddings are kept.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Location;

use crate::{
    Framework, Limits, Provider, Role, Store,
    environment::variable,
    lexical::{
        Language, PythonStrings, authorities, extension, images, modules, python_name, requirement, tokens,
        words, yaml_value,
    },
    tables::{Means, host, hub_model, image, model, package, word},
};

/// At most this many names of models of one provider are kept.
const MAX_NAMES: usize = 200;

/// What the files said, by name.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) providers: BTreeMap<&'static str, Provider>,
    pub(crate) frameworks: BTreeMap<(&'static str, Role), Framework>,
    pub(crate) stores: BTreeMap<&'static str, Store>,
    /// What the current file said first.
    pub(crate) first: Option<String>,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As code or configuration.
    Source(Language),
    /// As a list of packages.
    Manifest(Language),
    /// As variables, of which only the names are taken.
    Variables,
}

/// The start of one file.
pub(crate) struct Text<'a> {
    pub(crate) path: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) limits: &'a Limits,
    /// Whether a name is that of a module or file of the project itself.
    pub(crate) is_own: &'a dyn Fn(&str) -> bool,
}

impl Seen {
    /// Reads a file.
    pub(crate) fn read(&mut self, text: &Text<'_>, reading: Reading) {
        self.first = None;
        if reading == Reading::Manifest(Language::Node) {
            self.package_json(text);
            return;
        }
        let mut strings = PythonStrings::default();
        // A notebook is JSON: its lines are strings themselves.
        let is_python = reading == Reading::Source(Language::Python) && extension(text.path) != "ipynb";
        let mut start = 0;
        for (number, bytes) in text.bytes.split(|byte| *byte == b'\n').enumerate() {
            let content = String::from_utf8_lossy(bytes);
            let line = Line { text, number, start, content: &content };
            start += bytes.len() + 1;
            if is_python && strings.line(&content) {
                continue;
            }
            match reading {
                Reading::Source(language) => self.source(&line, language),
                Reading::Manifest(language) => self.manifest(&line, language),
                Reading::Variables => {
                    if let Some((at, _, means)) = variable(&content) {
                        self.note(means, &line, at);
                    }
                }
            }
        }
    }

    /// Notes the model that the adapter configured in `text` was trained for; its name, where it is one of the hub.
    pub(crate) fn base_model(&mut self, text: &Text<'_>) -> Option<String> {
        let value: serde_json::Value = serde_json::from_slice(text.bytes).ok()?;
        let name = value.get("base_model_name_or_path")?.as_str()?;
        let plain = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        let (owner, model) = name.split_once('/')?;
        if !plain(owner) || !plain(model) || name.len() > 160 || (text.is_own)(name) {
            return None;
        }
        let content = String::from_utf8_lossy(text.bytes);
        let at = content.find(name).unwrap_or(0);
        let before = content.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let content = content.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let line = Line { text, number: before.matches('\n').count(), start, content };
        self.name("huggingface", name, &line, at - start, |provider| &mut provider.models);
        Some(name.to_owned())
    }

    fn source(&mut self, line: &Line<'_>, language: Language) {
        let content = line.content;
        if language.is_comment(content) {
            return;
        }
        for (at, name) in modules(language, content) {
            let root = name.split(['-', '.', '/']).next().unwrap_or_default();
            if language != Language::Python || !(line.text.is_own)(root) {
                for row in package(language, &name) {
                    self.note(row.means, line, at);
                }
            }
        }
        if !language.is_code() {
            for (at, name) in images(content) {
                if let Some(row) = image(name) {
                    self.note(row.means, line, at);
                }
            }
        }
        for (at, authority) in authorities(content) {
            if let Some(means) = host(authority) {
                self.note(means, line, at);
            }
        }
        for (at, name) in words(content) {
            if let Some(means) = word(name) {
                self.note(means, line, at);
            }
        }
        for (at, name) in calls(content) {
            if !(line.text.is_own)(name) {
                self.name("huggingface", name, line, at, |provider| &mut provider.models);
            }
        }
        let datasets = datasets(content);
        for &(at, name) in &datasets {
            self.name("huggingface", name, line, at, |provider| &mut provider.datasets);
        }
        let bare = (language == Language::Yaml).then(|| yaml_value(content)).flatten();
        for (at, name) in tokens(content).into_iter().chain(bare) {
            if !datasets.contains(&(at, name)) {
                self.model(name, line, at);
            }
        }
    }

    fn model(&mut self, name: &str, line: &Line<'_>, at: usize) {
        if let Some((provider, bare)) = model(name) {
            self.name(provider, bare, line, at, |provider| &mut provider.models);
        } else if matches!(name, "bedrock-runtime" | "bedrock-agent-runtime") {
            self.note(Means::Provider("aws-bedrock"), line, at);
        } else if matches!(name, "o1" | "o3") && line.content.contains("model") {
            self.name("openai", name, line, at, |provider| &mut provider.models);
        } else if hub_model(name) && !(line.text.is_own)(name) {
            self.name("huggingface", name, line, at, |provider| &mut provider.models);
        }
    }

    fn manifest(&mut self, line: &Line<'_>, language: Language) {
        let content = line.content;
        let bare = content.trim_start();
        if bare.starts_with(['#', '/'])
            || ["name", "keywords", "description"].iter().any(|key| bare.starts_with(key))
        {
            return;
        }
        // A list on one line is a list of quoted names with versions, which are no whole values.
        let quoted = content.match_indices(['"', '\'']).filter_map(|(at, quote)| {
            let (inner, name) = requirement(content.get(at + quote.len()..)?)?;
            Some((at + 1 + inner, name))
        });
        let mut names: Vec<_> = requirement(content).into_iter().chain(quoted).collect();
        names.dedup_by(|a, b| a.1 == b.1);
        for (at, name) in names {
            let name = if language == Language::Python { python_name(&name) } else { name };
            let around = if language == Language::Go {
                name.match_indices('/').map(|(at, _)| at).collect()
            } else {
                Vec::new()
            };
            for end in around.into_iter().chain([name.len()]) {
                for row in package(language, name.get(..end).unwrap_or_default()) {
                    self.note(row.means, line, at);
                }
            }
        }
    }

    fn package_json(&mut self, text: &Text<'_>) {
        let content = String::from_utf8_lossy(text.bytes);
        // What is no JSON asks for nothing; the reader of the packages would refuse it too.
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&content) else { return };
        for key in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
            for name in value
                .get(key)
                .and_then(serde_json::Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, _)| name)
            {
                for row in package(Language::Node, name) {
                    let at = content.find(&format!("\"{name}\"")).unwrap_or(0);
                    let before = content.get(..at).unwrap_or_default();
                    let number = before.matches('\n').count();
                    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
                    let line = content.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                    self.note(row.means, &Line { text, number, start, content: line }, at - start);
                }
            }
        }
    }

    fn note(&mut self, means: Means, line: &Line<'_>, at: usize) {
        let (places, name) = match means {
            Means::Provider(name) => (&mut provider(&mut self.providers, name).places, name),
            Means::Framework(name, role) => {
                let entry = self.frameworks.entry((name, role));
                (&mut entry.or_insert_with(|| Framework { name, role, places: Vec::new() }).places, name)
            }
            Means::Store(name) => {
                let entry = self.stores.entry(name);
                (&mut entry.or_insert_with(|| Store { name, places: Vec::new() }).places, name)
            }
        };
        self.first.get_or_insert_with(|| format!("{name} at {}", line.place(at)));
        line.keep(places, at);
    }

    fn name(
        &mut self,
        of: &'static str,
        name: &str,
        line: &Line<'_>,
        at: usize,
        set: impl FnOnce(&mut Provider) -> &mut BTreeSet<String>,
    ) {
        let provider = provider(&mut self.providers, of);
        line.keep(&mut provider.places, at);
        let names = set(provider);
        if names.len() < MAX_NAMES && !names.contains(name) {
            names.insert(name.to_owned());
        }
        self.first.get_or_insert_with(|| format!("{of} at {}", line.place(at)));
    }
}

fn provider<'a>(providers: &'a mut BTreeMap<&'static str, Provider>, name: &'static str) -> &'a mut Provider {
    providers.entry(name).or_insert_with(|| Provider {
        name,
        models: BTreeSet::new(),
        datasets: BTreeSet::new(),
        places: Vec::new(),
    })
}

/// A line, and where it stands.
struct Line<'a> {
    text: &'a Text<'a>,
    number: usize,
    start: usize,
    content: &'a str,
}

impl Line<'_> {
    fn place(&self, at: usize) -> Location {
        let before = self.content.get(..at).unwrap_or_default();
        let start = (self.start + at) as u64;
        Location::Text {
            path: self.text.path.to_owned(),
            start,
            end: start,
            line: self.number as u64 + 1,
            column: before.chars().count() as u64 + 1,
        }
    }

    /// Keeps the place, one for each line and as many as the limits say.
    fn keep(&self, places: &mut Vec<Location>, at: usize) {
        let same = |place: &Location| matches!(place, Location::Text { path, line, .. } if path == self.text.path && *line == self.number as u64 + 1);
        if places.len() < self.text.limits.places && !places.last().is_some_and(same) {
            places.push(self.place(at));
        }
    }
}

/// Names of models that a call takes from the Hugging Face Hub.
fn calls(line: &str) -> Vec<(usize, &str)> {
    const CALLS: [&str; 7] = [
        "from_pretrained(",
        "SentenceTransformer(",
        "CrossEncoder(",
        "snapshot_download(",
        "hf_hub_download(",
        "repo_id=",
        "HuggingFaceEmbeddings(model_name=",
    ];
    arguments(line, &CALLS, |name| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.matches('/').count() <= 1
            && !name.contains([':', '@'])
    })
}

/// Names of data sets that a call takes from there.
fn datasets(line: &str) -> Vec<(usize, &str)> {
    const BUILDERS: [&str; 8] =
        ["json", "csv", "text", "parquet", "arrow", "imagefolder", "audiofolder", "pandas"];
    arguments(line, &["load_dataset("], |name| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.matches('/').count() <= 1
            && !BUILDERS.contains(&name)
            && !name.contains([':', '@'])
    })
}

fn arguments<'l>(line: &'l str, calls: &[&str], fits: impl Fn(&str) -> bool) -> Vec<(usize, &'l str)> {
    let mut found = Vec::new();
    for call in calls {
        for (at, _) in line.match_indices(call) {
            let after = at + call.len();
            let rest = line.get(after..).unwrap_or_default();
            let rest = rest.get(..rest.len().min(200)).unwrap_or(rest);
            let quoted = rest.trim_start_matches('\\');
            if rest.starts_with(['"', '\'', '\\'])
                && let Some((inner, name)) = tokens(quoted).into_iter().next()
                && inner <= 2
                && fits(name)
            {
                found.push((after + rest.len() - quoted.len() + inner, name));
            }
        }
    }
    found
}
