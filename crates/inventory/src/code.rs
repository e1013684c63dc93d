//! What code and configuration say about models: whose are called, with which library, where embeddings are kept.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use bartizan_finding::Location;

use crate::{
    Endpoint, Evidence, Framework, Limits, Provider, Role, Store,
    calls::{Calls, Taken},
    environment::variable,
    lexical::{
        Language, PythonStrings, after_flags, authorities, extension, images, modules, python_name,
        requirement, set_value, tokens, words, yaml_value,
    },
    tables::{Means, Sure, host, hub_model, image, model, package, routed, setting, speaks_of, word},
};

/// At most this many names of models of one provider are kept.
const MAX_NAMES: usize = 200;

/// What the files said, by name.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) providers: BTreeMap<&'static str, Provider>,
    pub(crate) frameworks: BTreeMap<(&'static str, Role), Framework>,
    pub(crate) stores: BTreeMap<&'static str, Store>,
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
    /// Whether the current file asks for a client that speaks to any server of the same form.
    client: bool,
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
    /// As variables in an example, which holds no secrets: of the values models and addresses are taken.
    Example,
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
        self.client = false;
        if reading == Reading::Manifest(Language::Node) {
            self.package_json(text);
            return;
        }
        let mut strings = PythonStrings::default();
        let mut calls = Calls::default();
        // A notebook is JSON: its lines are strings themselves.
        let is_python = reading == Reading::Source(Language::Python) && extension(text.path) != "ipynb";
        let mut start = 0;
        for (number, bytes) in text.bytes.split(|byte| *byte == b'\n').enumerate() {
            let content = String::from_utf8_lossy(bytes);
            let line = Line { text, number, start, content: &content, says_model: OnceCell::new() };
            start += bytes.len() + 1;
            if is_python && strings.line(&content) {
                continue;
            }
            match reading {
                Reading::Source(language) => self.source(&line, language, &mut calls),
                Reading::Manifest(language) => self.manifest(&line, language),
                Reading::Variables => self.variable(&line),
                Reading::Example => {
                    self.variable(&line);
                    self.settings(&line);
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
        let line =
            Line { text, number: before.matches('\n').count(), start, content, says_model: OnceCell::new() };
        self.name("huggingface", name, &line, at - start, |provider| &mut provider.models);
        Some(name.to_owned())
    }

    fn variable(&mut self, line: &Line<'_>) {
        if let Some((at, _, means)) = variable(line.content) {
            self.note(means, line, at, Evidence::Variable);
        }
    }

    /// A line that sets a key without quotes: what the key means, and the model or address behind it.
    fn settings(&mut self, line: &Line<'_>) {
        let Some((key, at, value)) = set_value(line.content) else { return };
        if let Some(means) = setting(key) {
            self.note(means, line, 0, Evidence::Code);
        }
        self.addresses(line);
        self.model(value, line, at);
    }

    fn addresses(&mut self, line: &Line<'_>) {
        let mut of_models = None;
        for (at, authority) in authorities(line.content) {
            if let Some(means) = host(authority) {
                self.note(means, line, at, Evidence::Host);
                continue;
            }
            // Said of the line as a whole, and so asked once.
            let sure = *of_models.get_or_insert_with(|| speaks_of(line.content));
            if sure == Some(Sure::Yes) || sure == Some(Sure::WithClient) && self.client {
                self.endpoint(authority, line, at);
            }
        }
    }

    fn endpoint(&mut self, authority: &str, line: &Line<'_>, at: usize) {
        let host = authority.rsplit('@').next().unwrap_or(authority).to_ascii_lowercase();
        // What a variable holds is not known.
        let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
        if !plain || host.is_empty() || host.len() > 100 || self.endpoints.len() >= MAX_NAMES {
            return;
        }
        let encrypted = line.content.get(..at).is_some_and(|before| before.ends_with("https://"));
        let entry = self.endpoints.entry(host.clone());
        let endpoint = entry.or_insert_with(|| Endpoint { host, encrypted, places: Vec::new() });
        endpoint.encrypted &= encrypted;
        line.keep(&mut endpoint.places, at);
    }

    fn source(&mut self, line: &Line<'_>, language: Language, calls: &mut Calls) {
        let content = line.content;
        if language.is_comment(content) {
            return;
        }
        for (at, name) in modules(language, content) {
            let root = name.split(['-', '.', '/']).next().unwrap_or_default();
            if language != Language::Python || !(line.text.is_own)(root) {
                for row in package(language, &name) {
                    self.note(row.means, line, at, Evidence::Code);
                }
            }
        }
        if !language.is_code() {
            for (at, name) in images(content) {
                if let Some(row) = image(name) {
                    self.note(row.means, line, at, Evidence::Code);
                }
            }
            for (at, name) in after_flags(content) {
                self.served(name, line, at);
            }
        }
        if extension(line.text.path) == "properties" {
            self.settings(line);
        } else {
            self.addresses(line);
        }
        for (at, name) in words(content) {
            if let Some(means) = word(name) {
                let variable = name.bytes().all(|byte| !byte.is_ascii_lowercase());
                self.note(means, line, at, if variable { Evidence::Variable } else { Evidence::Code });
            }
        }
        let mut datasets = Vec::new();
        for (taken, at, name) in calls.line(content) {
            if taken == Taken::Dataset {
                datasets.push(at);
                self.name("huggingface", &name, line, at, |provider| &mut provider.datasets);
            } else if !(line.text.is_own)(&name) {
                self.name("huggingface", &name, line, at, |provider| &mut provider.models);
            }
        }
        let bare = (language == Language::Yaml).then(|| yaml_value(content)).flatten();
        for (at, name) in tokens(content).into_iter().chain(bare) {
            if !datasets.contains(&at) {
                self.model(name, line, at);
            }
        }
    }

    fn model(&mut self, name: &str, line: &Line<'_>, at: usize) {
        if let Some((provider, bare)) = model(name) {
            self.name(provider, bare, line, at, |provider| &mut provider.models);
        } else if matches!(name, "bedrock-runtime" | "bedrock-agent-runtime") {
            self.note(Means::Provider("aws-bedrock"), line, at, Evidence::Code);
        } else if matches!(name, "o1" | "o3") && line.says_model() {
            self.name("openai", name, line, at, |provider| &mut provider.models);
        } else if hub_model(name) && !(line.text.is_own)(name) {
            self.name("huggingface", name, line, at, |provider| &mut provider.models);
        } else if line.says_model()
            && images(line.content).is_empty()
            && let Some((provider, bare)) = routed(name)
            && !(line.text.is_own)(name)
        {
            self.name(provider, bare, line, at, |provider| &mut provider.models);
        }
    }

    /// A model that the command of a container names.
    fn served(&mut self, name: &str, line: &Line<'_>, at: usize) {
        let plain = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && !name.contains([':', '@', '+']);
        if plain && name.matches('/').count() == 1 && !(line.text.is_own)(name) {
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
                    self.note(row.means, line, at, Evidence::Package);
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
                    let line = Line { text, number, start, content: line, says_model: OnceCell::new() };
                    self.note(row.means, &line, at - start, Evidence::Package);
                }
            }
        }
    }

    fn note(&mut self, means: Means, line: &Line<'_>, at: usize, evidence: Evidence) {
        self.client |= evidence == Evidence::Code
            && matches!(means, Means::Provider("openai") | Means::Framework("litellm", _));
        let (places, name) = match means {
            Means::Provider(name) => {
                let provider = provider(&mut self.providers, name);
                provider.evidence.insert(evidence);
                (&mut provider.places, name)
            }
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
        provider.evidence.insert(Evidence::Name);
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
        evidence: BTreeSet::new(),
        places: Vec::new(),
    })
}

/// A line, and where it stands.
struct Line<'a> {
    text: &'a Text<'a>,
    number: usize,
    start: usize,
    content: &'a str,
    says_model: OnceCell<bool>,
}

impl Line<'_> {
    /// Whether a model is spoken of, so that an odd name can be meant as one.
    fn says_model(&self) -> bool {
        *self.says_model.get_or_init(|| self.content.contains("model"))
    }

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
