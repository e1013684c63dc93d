//! The questions, each asked of every value that comes by.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Digest, Location, Occurrence, RuleMeta, Severity};

use super::{Kind, rules};
use crate::{
    Limits, Outline, ReferenceKind, escape,
    formats::{pickle, template},
    json::{Scalar, Step, Text},
    problems::{Problems, SHOWN},
};

/// Keys at the top of settings that people want to know, and the fact that each is.
const FACTS: [(&str, &str); 9] = [
    ("base_model_name_or_path", "base-model"),
    ("dtype", "dtype"),
    ("max_position_embeddings", "context-length"),
    ("model_type", "architecture"),
    ("peft_type", "adapter"),
    ("tokenizer_class", "tokenizer"),
    ("torch_dtype", "dtype"),
    ("transformers_version", "transformers-version"),
    ("vocab_size", "vocabulary"),
];
/// Parts of a tokenizer whose rules rewrite text.
const REWRITERS: [&str; 2] = ["normalizer", "decoder"];
/// Libraries of models whose classes compute, where nothing else is known of them.
const NAMESPACES: [&str; 20] = [
    "apex",
    "bitsandbytes",
    "datasets",
    "diffusers",
    "hydra_plugins",
    "lightning",
    "megatron",
    "monai",
    "nemo",
    "nemo_text_processing",
    "omegaconf",
    "peft",
    "pytorch_lightning",
    "timm",
    "torch.nn",
    "torch.optim",
    "torchaudio",
    "torchmetrics",
    "torchvision",
    "transformers",
];
/// What diffusers takes the parts of a pipeline from: libraries, and folders of its own.
const LIBRARIES: [&str; 16] = [
    "audioldm2",
    "deepfloyd_if",
    "diffusers",
    "flax",
    "k_diffusion",
    "kandinsky",
    "ledits_pp",
    "onnxruntime",
    "optimum.intel.openvino.modeling_diffusion",
    "optimum",
    "paint_by_example",
    "shap_e",
    "stable_audio",
    "stable_diffusion",
    "transformers",
    "wuerstchen",
];
/// Letters in a row that make a word of a pattern.
const WORD: usize = 3;
/// Rewriting rules, and names of shards, that are kept.
const MOST_RULES: usize = 10_000;

pub(super) struct Questions<'q, 'f> {
    kind: Kind,
    limits: &'q Limits,
    outline: &'q mut Outline,
    problems: &'q mut Problems<'f>,
    /// The added tokens, by their index.
    tokens: BTreeMap<u64, Token>,
    /// Rewriting rules, by the path of their object.
    rewrites: BTreeMap<Vec<Step>, Rewrite>,
    shards: BTreeSet<String>,
    /// Whether something was not kept for one of our own limits.
    overflow: bool,
}

/// An added token.
#[derive(Debug, Default)]
struct Token {
    id: Option<u64>,
    /// The digest and the start.
    text: Option<(Digest, String)>,
}

/// A rule of a tokenizer.
#[derive(Debug, Default)]
struct Rewrite {
    is_replace: bool,
    pattern: Option<(String, bool)>,
    content: Option<String>,
    at: u64,
}

impl<'q, 'f> Questions<'q, 'f> {
    pub(super) fn new(
        kind: Kind,
        limits: &'q Limits,
        outline: &'q mut Outline,
        problems: &'q mut Problems<'f>,
    ) -> Self {
        Self {
            kind,
            limits,
            outline,
            problems,
            tokens: BTreeMap::new(),
            rewrites: BTreeMap::new(),
            shards: BTreeSet::new(),
            overflow: false,
        }
    }

    /// Asks about one value.
    pub(super) fn ask(&mut self, path: &[Step], value: &Scalar, at: u64) {
        match self.kind {
            Kind::Settings => self.settings(path, value, at),
            Kind::Tokenizer => self.tokenizer(path, value, at),
            Kind::Index => self.index(path, value, at),
            Kind::Pipeline => self.pipeline(path, value, at),
            Kind::Modules => self.modules(path, value, at),
            Kind::Manifest => self.manifest(path, value, at),
            Kind::Template | Kind::Python | Kind::Yaml | Kind::Card | Kind::Requirements => {}
        }
    }

    /// Asks what only the whole file answers.
    pub(super) fn settle(mut self) {
        if self.kind == Kind::Index {
            self.outline.fact("shards", &self.shards.len().to_string());
        }
        let mut ids = BTreeMap::new();
        for (index, token) in std::mem::take(&mut self.tokens) {
            let Token { id: Some(id), text: Some(text) } = token else { continue };
            let before: &mut (Digest, String) = ids.entry(id).or_insert_with(|| text.clone());
            if before.0 != text.0 {
                let message = format!(
                    "the added tokens `{}` and `{}` have the same id {id}",
                    escape(&before.1, 30),
                    escape(&text.1, 30)
                );
                let place = self.problems.range(&[&format!("/added_tokens/{index}")], 0, 0);
                self.problems.add(rules::DuplicateToken::META, place, message);
            }
        }
        for (path, rewrite) in std::mem::take(&mut self.rewrites) {
            let Rewrite { is_replace: true, pattern: Some((pattern, is_regex)), content: Some(content), at } =
                rewrite
            else {
                continue;
            };
            if has_word(&pattern, is_regex) && pattern != content {
                let message = format!(
                    "the tokenizer replaces `{}` by `{}`",
                    escape(&pattern, 30),
                    escape(&content, 30)
                );
                let place = self.place(&path, at);
                self.problems.add(rules::RewritesText::META, place, message);
            }
        }
        if self.overflow {
            let reason = "tokens or rewriting rules beyond those that are looked at";
            self.problems.unexamined(self.problems.file(), reason);
        }
    }

    fn settings(&mut self, path: &[Step], value: &Scalar, at: u64) {
        let has = |name: &str| path.iter().any(|step| step.key() == Some(name));
        let last = path.last().and_then(Step::key).unwrap_or_default();
        if let [Step::Key(key)] = path
            && let Some((_, fact)) = FACTS.iter().find(|(known, _)| known == key)
        {
            match value {
                Scalar::Text(text) => self.outline.fact(fact, &text.start),
                Scalar::Unsigned(number) => self.outline.fact(fact, &number.to_string()),
                _ => {}
            }
        }
        match value {
            Scalar::Text(text) if has("auto_map") || has("custom_pipelines") && last == "impl" => {
                self.own_code(path, text, at);
            }
            Scalar::Text(text) if last == "_target_" => self.instantiates(path, text, true, at),
            Scalar::Text(text) if matches!(last, "class_path" | "target" | "init_class") => {
                self.instantiates(path, text, false, at);
            }
            // Generation by a function of another repository.
            Scalar::Text(text) if last == "custom_generate" => {
                let shown = escape(&text.start, SHOWN);
                let message = format!("the model generates with code of another repository: {shown}");
                let occurrence = Occurrence::new(rules::OwnCode::META, self.place(path, at), message);
                self.problems.push(occurrence.severity(Severity::High));
            }
            Scalar::Text(text) if last == "parent_library" && has("auto_mapping") => {
                self.imported(path, text, at);
            }
            Scalar::Text(text) if is_template(path) => self.template(path, text, at),
            Scalar::Bool(true) if last == "trust_remote_code" => {
                let message = "the configuration asks for code from elsewhere to be trusted";
                self.add(rules::TrustsRemoteCode::META, path, at, message);
            }
            _ => {}
        }
    }

    fn own_code(&mut self, path: &[Step], text: &Text, at: u64) {
        let shown = escape(&text.start, SHOWN);
        // `owner/repository--module.Class`: transformers fetches the module from there.
        let (severity, message) = if text.start.contains("--") {
            (Severity::High, format!("the model runs code of another repository: {shown}"))
        } else {
            self.refers_to_module(path, &text.start, at);
            (Severity::Medium, format!("the model runs code that lies beside it: {shown}"))
        };
        let occurrence = Occurrence::new(rules::OwnCode::META, self.place(path, at), message);
        self.problems.push(occurrence.severity(severity));
    }

    /// Notes the file of a class `module.Class`.
    fn refers_to_module(&mut self, path: &[Step], class: &str, at: u64) {
        let module = class.rsplit_once('.').map_or(class, |(module, _)| module);
        let name = format!("{}.py", module.replace('.', "/"));
        let place = self.place(path, at);
        self.overflow |= !self.outline.refer(ReferenceKind::Code, &name, place);
    }

    /// A module that a loader imports by its name.
    fn imported(&mut self, path: &[Step], text: &Text, at: u64) {
        let shown = escape(&text.start, SHOWN);
        let module = text.start.as_str();
        let known =
            ["transformers.models.", "transformers.modeling", "diffusers.", "sentence_transformers", "peft."];
        let (severity, message) = if let Some(harm) = pickle::harm(module, "load") {
            (Severity::Critical, format!("the configuration has {shown} imported, which {harm}"))
        } else if known.iter().any(|known| module.starts_with(known)) {
            return;
        } else {
            (Severity::Medium, format!("the configuration has the module {shown} imported"))
        };
        let occurrence = Occurrence::new(rules::Instantiates::META, self.place(path, at), message);
        self.problems.push(occurrence.severity(severity));
    }

    fn instantiates(&mut self, path: &[Step], text: &Text, surely: bool, at: u64) {
        if let Some((severity, message)) = called(&text.start, surely) {
            let occurrence = Occurrence::new(rules::Instantiates::META, self.place(path, at), message);
            self.problems.push(occurrence.severity(severity));
        }
    }

    /// The parts of a pipeline: a library and a class of it, or a module beside the part.
    fn pipeline(&mut self, path: &[Step], value: &Scalar, at: u64) {
        let Scalar::Text(text) = value else { return };
        let name = text.start.as_str();
        match path {
            [Step::Key(key), Step::Index(0)] if key == "_class_name" => {
                self.refers_to_module(path, &format!("{name}.Pipeline"), at);
                let message = format!("the pipeline is code that lies beside it: {}", escape(name, SHOWN));
                self.add(rules::OwnCode::META, path, at, &message);
            }
            [Step::Key(_), Step::Index(0)] => {
                if let Some(harm) = pickle::harm(name, "load") {
                    let message = format!("the pipeline has {} imported, which {harm}", escape(name, SHOWN));
                    let occurrence =
                        Occurrence::new(rules::Instantiates::META, self.place(path, at), message);
                    self.problems.push(occurrence.severity(Severity::Critical));
                } else if !LIBRARIES.contains(&name) {
                    let message = format!("the pipeline has the module {} imported", escape(name, SHOWN));
                    self.add(rules::Instantiates::META, path, at, &message);
                }
            }
            [Step::Key(key)] if key == "_class_name" => self.outline.fact("architecture", name),
            _ => {}
        }
    }

    /// The parts of a model of sentence-transformers, each by the class that makes it.
    fn modules(&mut self, path: &[Step], value: &Scalar, at: u64) {
        let (Some("type"), Scalar::Text(text)) = (path.last().and_then(Step::key), value) else { return };
        let name = text.start.as_str();
        if name.starts_with("sentence_transformers.") || name.starts_with("pylate.") {
            return;
        }
        if let Some((Severity::Critical, message)) = called(name, true) {
            let occurrence = Occurrence::new(rules::Instantiates::META, self.place(path, at), message);
            self.problems.push(occurrence.severity(Severity::Critical));
        } else {
            self.refers_to_module(path, name, at);
            let message = format!("a part of the model is made by {}", escape(name, SHOWN));
            self.add(rules::OwnCode::META, path, at, &message);
        }
    }

    /// What an archive for `TorchServe` names.
    fn manifest(&mut self, path: &[Step], value: &Scalar, at: u64) {
        let Scalar::Text(text) = value else { return };
        let key = path.last().and_then(Step::key).unwrap_or_default();
        let name = text.start.as_str();
        if !matches!(
            key,
            "handler"
                | "serializedFile"
                | "modelFile"
                | "extraFiles"
                | "requirementsFile"
                | "configFile"
                | "runtime"
                | "envelope"
        ) {
            return;
        }
        if key == "runtime" {
            if !matches!(name, "python" | "python2" | "python3" | "LSP") {
                let message = format!("the server is to start {}", escape(name, SHOWN));
                self.add(rules::Handler::META, path, at, &message);
            }
            return;
        }
        if key == "handler" {
            self.outline.fact("handler", name);
        }
        for part in name.split(',') {
            if leaves(part.trim()) {
                let message =
                    format!("the manifest names a file outside the archive: {}", escape(part, SHOWN));
                self.add(rules::Handler::META, path, at, &message);
            }
        }
        if key == "handler" {
            let (module, function) = name.split_once(':').unwrap_or((name, "handle"));
            let module = module.strip_suffix(".py").unwrap_or(module);
            if let Some(harm) = pickle::harm(module, function) {
                let message = format!("the manifest has {} called, which {harm}", escape(name, SHOWN));
                let occurrence = Occurrence::new(rules::Handler::META, self.place(path, at), message);
                self.problems.push(occurrence.severity(Severity::Critical));
            }
        }
    }

    fn template(&mut self, path: &[Step], text: &Text, at: u64) {
        let place = self.place(path, at);
        if (text.start.len() as u64) < text.length {
            let reason = format!("the chat template, behind its first {} bytes", text.start.len());
            self.problems.unexamined(place.clone(), reason);
        }
        if path.len() == 1 {
            self.outline.fact("chat-template", &text.digest().to_string());
            if text.start.len() as u64 == text.length {
                template::note(&text.start, self.outline);
            }
        }
        template::look(&text.start, &place, self.problems);
    }

    fn tokenizer(&mut self, path: &[Step], value: &Scalar, at: u64) {
        match (path, value) {
            ([Step::Key(first), Step::Index(index), Step::Key(field)], value) if first == "added_tokens" => {
                if self.tokens.len() >= self.limits.archive_members && !self.tokens.contains_key(index) {
                    self.overflow = true;
                    return;
                }
                let token = self.tokens.entry(*index).or_default();
                match (field.as_str(), value) {
                    ("id", Scalar::Unsigned(id)) => token.id = Some(*id),
                    ("content", Scalar::Text(text)) => {
                        let start = text.start.chars().take(SHOWN).collect();
                        token.text = Some((text.digest(), start));
                    }
                    _ => {}
                }
            }
            ([Step::Key(first), Step::Key(field)], Scalar::Text(text))
                if first == "model" && field == "type" =>
            {
                self.outline.fact("tokenizer", &text.start);
            }
            ([Step::Key(first), .., Step::Key(last)], Scalar::Text(text))
                if REWRITERS.contains(&first.as_str()) =>
            {
                let (object, is_pattern) = match path {
                    [object @ .., Step::Key(pattern), _] if pattern == "pattern" => (object, true),
                    [object @ .., _] => (object, false),
                    [] => return,
                };
                if self.rewrites.len() >= MOST_RULES && !self.rewrites.contains_key(object) {
                    self.overflow = true;
                    return;
                }
                let rewrite = self.rewrites.entry(object.to_vec()).or_default();
                rewrite.at = at;
                let start = || text.start.chars().take(1000).collect::<String>();
                match (is_pattern, last.as_str()) {
                    (true, "String") => rewrite.pattern = Some((start(), false)),
                    (true, "Regex") => rewrite.pattern = Some((start(), true)),
                    (false, "type") => rewrite.is_replace = text.start == "Replace",
                    (false, "content") => rewrite.content = Some(start()),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn index(&mut self, path: &[Step], value: &Scalar, at: u64) {
        let ([Step::Key(map), Step::Key(_)], Scalar::Text(text)) = (path, value) else { return };
        if map != "weight_map" {
            return;
        }
        if self.shards.len() >= MOST_RULES && !self.shards.contains(&text.start) {
            self.overflow = true;
            return;
        }
        let is_new = self.shards.insert(text.start.chars().take(1000).collect());
        let name = text.start.as_str();
        if is_new {
            let place = self.place(path, at);
            self.overflow |= !self.outline.refer(ReferenceKind::Shard, &text.start, place);
        }
        if is_new && leaves(name) {
            let message =
                format!("the index names a file outside the model's folder: {}", escape(name, SHOWN));
            self.add(rules::ShardOutside::META, path, at, &message);
        }
    }

    fn add(&mut self, rule: &'static RuleMeta, path: &[Step], at: u64, message: &str) {
        let place = self.place(path, at);
        self.problems.add(rule, place, message);
    }

    /// The value's place, with its JSON pointer (RFC 6901).
    fn place(&self, path: &[Step], at: u64) -> Location {
        let mut pointer = String::new();
        for step in path {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        self.problems.range(&[&pointer], at, at + 1)
    }
}

/// Whether a name leads out of the folder that it is joined to.
fn leaves(name: &str) -> bool {
    name.starts_with(['/', '\\', '~'])
        || name.contains("://")
        || name.get(1..2) == Some(":")
        || name.split(['/', '\\']).any(|part| part == "..")
        || name.chars().any(char::is_control)
}

/// What is to be said about a function or class that a reader of settings calls. Where it is not sure that it will, only
/// what does harm is told.
pub(super) fn called(name: &str, surely: bool) -> Option<(Severity, String)> {
    let shown = escape(name, SHOWN);
    let harm = name.rsplit_once('.').and_then(|(module, name)| pickle::harm(module, name));
    let last = name.rsplit('.').next().unwrap_or(name);
    let is_class = last.starts_with(|c: char| c.is_ascii_uppercase());
    let is_known =
        NAMESPACES.iter().any(|known| name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.')));
    match harm {
        Some(harm) => Some((Severity::Critical, format!("the configuration calls {shown}, which {harm}"))),
        None if !surely => None,
        None if is_class && is_known => {
            Some((Severity::Low, format!("the configuration names a class that its reader makes: {shown}")))
        }
        None => {
            Some((Severity::Medium, format!("the configuration names what its reader is to call: {shown}")))
        }
    }
}

/// Whether the value is a chat template: alone, or one of several with names.
fn is_template(path: &[Step]) -> bool {
    match path {
        [Step::Key(key)] | [Step::Key(key), Step::Key(_)] => key == "chat_template",
        [Step::Key(key), Step::Index(_), Step::Key(field)] => key == "chat_template" && field == "template",
        _ => false,
    }
}

/// Whether a pattern matches an ordinary word, rather than spaces and signs. Classes, escapes and counts of a regular
/// expression are no words.
fn has_word(pattern: &str, is_regex: bool) -> bool {
    let mut run = 0;
    let mut depth = 0_u32;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if is_regex => {
                chars.next();
                run = 0;
            }
            '[' | '{' if is_regex => depth += 1,
            ']' | '}' if is_regex => depth = depth.saturating_sub(1),
            c if c.is_alphabetic() && depth == 0 => {
                run += 1;
                if run >= WORD {
                    return true;
                }
            }
            _ => run = 0,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_spaces_and_classes() {
        for (pattern, is_regex, want) in [
            (" ", false, false),
            ("``", false, false),
            ("password", false, true),
            ("▁", false, false),
            (r"\s{2,}", true, false),
            (r"[a-zA-Z]+", true, false),
            (r"\p{Letter}{1,3}", true, false),
            (r"(?i)approve", true, true),
            ("ab", false, false),
        ] {
            assert_eq!(has_word(pattern, is_regex), want, "{pattern}");
        }
    }
}
