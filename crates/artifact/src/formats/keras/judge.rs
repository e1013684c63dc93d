//! Judges the objects of a configuration as they close.

use std::{collections::BTreeSet, ops::ControlFlow};

use bartizan_finding::{Digest, Occurrence, Severity};

use super::{
    names::{self, Lead},
    rules,
};
use crate::{
    Format, content, escape,
    json::{Event, Scalar, Text},
    problems::SHOWN,
    read::Pass,
    scope::Scope,
};

/// Keys whose strings are kept until their object closes.
const KEPT: [&str; 31] = [
    "alias",
    "class_name",
    "code",
    "config",
    "file_path",
    "filename",
    "filepath",
    "fn",
    "fname",
    "function",
    "function_type",
    "handle",
    "idf_weights",
    "mask",
    "mask_type",
    "merges",
    "module",
    "node_def",
    "origin",
    "output_shape",
    "output_shape_type",
    "path",
    "proto",
    "registered_name",
    "spec_name",
    "symbol",
    "url",
    "value",
    "vocabulary",
    "vocabulary_file",
    "weights_path",
];
/// Functions of a `Lambda` layer that can be code.
const LAMBDA: [&str; 3] = ["function", "mask", "output_shape"];
/// Settings that a layer reads a file for, whatever the string is.
const FILES: [&str; 3] = ["vocabulary", "vocabulary_file", "idf_weights"];
/// Settings that a layer may read a file for, where the string is a path.
const PATHS: [&str; 12] = [
    "file_path",
    "filename",
    "filepath",
    "fname",
    "handle",
    "merges",
    "origin",
    "path",
    "proto",
    "url",
    "value",
    "weights_path",
];
/// Bytes of all strings that are kept at one time beyond the short ones.
const ROOM: usize = 8 << 20;
/// Longest string that is short.
const SHORT: usize = 1024;
/// Most keys of one object that are told to stand there twice.
const MOST_TWICE: usize = 100;
/// Most keys that are told apart.
const MOST_KEYS: usize = 200_000;
/// Layers of TensorFlow's own operations, and where their names stand.
const OPERATIONS: [&str; 6] = [
    "TFOpLambda",
    "SlicingOpLambda",
    "ClassMethod",
    "InstanceMethod",
    "InstanceProperty",
    "TensorFlowOpLayer",
];

/// An object or array that is open.
#[derive(Debug, Default)]
struct Frame {
    object: bool,
    /// The key that it stands under, and the one that was read last in it.
    under: String,
    key: String,
    at: u64,
    keys: BTreeSet<Digest>,
    /// Keys that stand in it twice, and where.
    twice: Vec<(String, u64)>,
    /// Strings by their keys; those of an array by the key of the array.
    texts: Vec<(String, Text)>,
    /// The strings of its object `config`.
    config: Vec<(String, Text)>,
    /// Whether code stands in it.
    code: bool,
    has_config: bool,
}

/// What is known so far.
pub(super) struct Judge<'r, 's, 'f> {
    scope: &'r mut Scope<'s, 'f>,
    /// Whether the text may be of another kind, so that only what is meant for Keras counts.
    glance: bool,
    open: Vec<Frame>,
    keys: usize,
    room: usize,
    objects: u64,
    cut: bool,
}

impl<'r, 's, 'f> Judge<'r, 's, 'f> {
    pub(super) fn new(scope: &'r mut Scope<'s, 'f>, glance: bool) -> Self {
        Self { scope, glance, open: Vec::new(), keys: 0, room: ROOM, objects: 0, cut: false }
    }

    /// Takes the next piece of the text.
    pub(super) fn event(&mut self, event: Event, at: u64) {
        match event {
            Event::Open { object } => {
                let under = self.open.last().map(|frame| frame.key.clone()).unwrap_or_default();
                if let Some(frame) = self.open.last_mut()
                    && under == "config"
                {
                    frame.has_config = true;
                }
                let key = if object { String::new() } else { under.clone() };
                self.open.push(Frame { object, under, key, at, ..Frame::default() });
            }
            Event::Key(text) => self.key(text, at),
            Event::Value(value) => self.value(value),
            Event::Close => self.close(),
        }
    }

    /// Says what follows from all of it.
    pub(super) fn settle(self) {
        if self.objects > 0 {
            let before = self.scope.outline.facts.get("keras-objects").and_then(|count| count.parse().ok());
            let objects = self.objects + before.unwrap_or(0);
            self.scope.outline.fact("keras-objects", &objects.to_string());
        }
        if self.cut && !self.glance {
            self.scope.unexamined(0, 0, "strings or keys of the configuration beyond those that are held");
        }
    }

    fn key(&mut self, text: Text, at: u64) {
        let Some(frame) = self.open.last_mut() else { return };
        if self.glance && !KEPT.contains(&&*text.start) {
            frame.key = text.start;
            return;
        }
        let digest = text.digest();
        frame.key = text.start;
        if self.keys == MOST_KEYS {
            self.cut = true;
            return;
        }
        if frame.keys.insert(digest) {
            self.keys += 1;
        } else if frame.twice.len() < MOST_TWICE {
            frame.twice.push((frame.key.clone(), at));
        }
    }

    /// Tells the keys that stand twice in an object: of two entries, Python takes the last and others the first.
    fn twice(&mut self, twice: &[(String, u64)]) {
        for (key, at) in twice {
            let severe = ["class_name", "config", "module", "registered_name", "function"].contains(&&**key);
            let severity = if severe { Severity::High } else { Severity::Medium };
            let message = format!("the key `{}` stands twice in one object", escape(key, SHOWN));
            let occurrence = Occurrence::new(rules::DuplicateKey::META, self.scope.range(*at, *at), message);
            self.scope.problems.push(occurrence.severity(severity));
        }
    }

    fn value(&mut self, value: Scalar) {
        let Some(frame) = self.open.last_mut() else { return };
        let (Scalar::Text(mut text), true) = (value, KEPT.contains(&&*frame.key)) else {
            frame.has_config |= frame.key == "config";
            return;
        };
        frame.has_config |= frame.key == "config";
        // Of an array only the first string counts: the code.
        if !frame.object && !frame.texts.is_empty() {
            return;
        }
        if text.start.len() > SHORT {
            if let Some(room) = self.room.checked_sub(text.start.len()) {
                self.room = room;
            } else {
                self.cut = true;
                text.start = text.start.chars().take(SHORT).collect();
            }
        }
        frame.texts.push((frame.key.clone(), text));
    }

    fn close(&mut self) {
        let Some(mut frame) = self.open.pop() else { return };
        self.keys -= frame.keys.len();
        if frame.object {
            let is_known = self.object(&mut frame);
            if is_known || !self.glance {
                self.twice(&frame.twice);
            }
        }
        let freed = |texts: &[(String, Text)]| {
            texts.iter().map(|(_, text)| text.start.len()).filter(|length| *length > SHORT).sum::<usize>()
        };
        self.room = (self.room + freed(&frame.config)).min(ROOM);
        let Some(around) = self.open.last_mut() else { return };
        around.code |= frame.code && (LAMBDA.contains(&&*frame.under) || frame.under == "config");
        if frame.object && frame.under == "config" {
            around.config.append(&mut frame.texts);
        } else if frame.object && frame.under == "module" {
            // Bytes that stand in an object of their own, as Keras writes them.
            around.texts.extend(
                frame
                    .config
                    .into_iter()
                    .filter(|(key, _)| key == "value")
                    .map(|(_, text)| ("module".to_owned(), text)),
            );
        } else if !frame.object && LAMBDA.contains(&&*frame.under) {
            around.code |= !frame.texts.is_empty();
        }
    }

    /// Judges an object that closes; whether it is one that Keras builds something for.
    fn object(&mut self, frame: &mut Frame) -> bool {
        let of = |texts: &[(String, Text)], key: &str| -> Vec<String> {
            texts.iter().filter(|(own, _)| own == key).map(|(_, text)| text.start.clone()).collect()
        };
        let classes = of(&frame.texts, "class_name");
        if classes.is_empty() || !frame.has_config && !frame.texts.iter().any(|(key, _)| key == "module") {
            return false;
        }
        self.objects += 1;
        let modules = of(&frame.texts, "module");
        let registered = of(&frame.texts, "registered_name");
        for class in &classes {
            self.class(class, frame);
            self.package(class, frame.at);
        }
        for name in &registered {
            self.package(name, frame.at);
        }
        let is_function = classes.iter().any(|class| class == "function");
        let mut all = classes.clone();
        all.extend(of(&frame.texts, "spec_name"));
        all.extend(registered.iter().map(|name| name.rsplit('>').next().unwrap_or(name).to_owned()));
        if is_function {
            all.extend(of(&frame.texts, "config"));
            all.retain(|name| name != "function");
        }
        all.sort_unstable();
        all.dedup();
        for module in &modules {
            self.names(module, &all, is_function, frame.at);
        }
        if modules.is_empty() {
            // Without a module a loader looks in all of Keras.
            for name in &all {
                if let Lead::Harm(harm) = names::lead("keras", name, is_function)
                    && harm_without_module(name)
                {
                    self.harm("keras", name, harm, frame.at);
                }
            }
        }
        self.files(&frame.config, frame.at);
        true
    }

    /// Judges names of one module.
    fn names(&mut self, module: &str, all: &[String], is_function: bool, at: u64) {
        for name in all {
            match names::lead(module, name, is_function) {
                Lead::Known => {}
                // Layers with code, and modules of `PyTorch`, have rules of their own.
                Lead::Harm(_) if name == "Lambda" || name == "TorchModuleWrapper" => {}
                Lead::Harm(harm) => self.harm(module, name, harm, at),
                Lead::Unknown => {
                    let message = format!(
                        "the configuration asks for `{}.{}`, which is no part of Keras",
                        escape(module, SHOWN),
                        escape(name, SHOWN)
                    );
                    self.scope.add(rules::UnknownName::META, at, at, message);
                }
            }
        }
    }

    fn harm(&mut self, module: &str, name: &str, harm: &str, at: u64) {
        let message = format!(
            "the configuration asks for `{}.{}`, which {harm}",
            escape(module, SHOWN),
            escape(name, SHOWN)
        );
        self.scope.add(rules::DangerousName::META, at, at, message);
    }

    /// Judges classes that stand for something else than themselves.
    fn class(&mut self, class: &str, frame: &mut Frame) {
        let last = class.rsplit(['>', '.']).next().unwrap_or(class);
        let at = frame.at;
        let text = |texts: &[(String, Text)], key: &str| {
            texts.iter().find(|(own, _)| own == key).map(|(_, text)| text.start.clone())
        };
        match last {
            "__lambda__" => {
                frame.code = true;
                self.scope.add(
                    rules::Code::META,
                    at,
                    at,
                    "Python bytecode that is run when the model is used",
                );
            }
            "Lambda" => {
                let by_name = LAMBDA.iter().find_map(|key| text(&frame.config, key));
                let is_code = text(&frame.config, "function_type").is_some_and(|kind| kind == "lambda");
                if frame.code || is_code {
                    self.scope.add(rules::Code::META, at, at, "a layer of Python bytecode");
                } else {
                    let name = by_name.unwrap_or_else(|| "?".to_owned());
                    let message = format!("a layer that calls the function `{}`", escape(&name, SHOWN));
                    self.scope.add(rules::UnknownName::META, at, at, message);
                }
                frame.code = false;
            }
            "TorchModuleWrapper" => {
                self.scope.add(
                    rules::TorchModule::META,
                    at,
                    at,
                    "a layer that is a pickled module of PyTorch",
                );
                if let Some(module) = text(&frame.config, "module") {
                    self.nested(&module);
                }
            }
            _ if OPERATIONS.contains(&last) => {
                for key in ["function", "symbol", "node_def", "fn"] {
                    let Some(name) = text(&frame.config, key) else { continue };
                    if let Some(harm) = names::operation(&name) {
                        self.harm("tensorflow", &name, harm, at);
                    }
                }
            }
            _ => {}
        }
    }

    /// Reads a pickled module that stands in a string.
    fn nested(&mut self, text: &str) {
        let bytes = base64(text.as_bytes()).unwrap_or_else(|| text.as_bytes().to_vec());
        self.scope.inside("module", |scope| {
            let mut watch = |_| ControlFlow::Continue(());
            // Nothing can halt a pass over memory.
            let _ = content::read(&mut Pass::over(&bytes, &mut watch), scope, &mut Format::Other);
        });
    }

    /// Judges the package that a class is registered under.
    fn package(&mut self, name: &str, at: u64) {
        let Some((package, _)) = name.rsplit_once('>') else { return };
        if !names::is_registered(package) {
            let message =
                format!("the class `{}` is registered by other code than Keras", escape(name, SHOWN));
            self.scope.add(rules::OwnClass::META, at, at, message);
        }
    }

    /// Judges settings that name files.
    fn files(&mut self, config: &[(String, Text)], at: u64) {
        for (key, text) in config {
            let value = text.start.trim();
            let is_path =
                value.contains("://") || value.starts_with(['/', '~', '\\']) || value.contains("../");
            let is_file = FILES.contains(&&**key) && !value.is_empty() || PATHS.contains(&&**key) && is_path;
            if is_file && value.len() < 4096 {
                let message = format!("`{}` is read from `{}`", escape(key, SHOWN), escape(value, SHOWN));
                self.scope.add(rules::ReadsFile::META, at, at, message);
            }
        }
    }
}

/// Whether a name does harm wherever it is looked up.
fn harm_without_module(name: &str) -> bool {
    !["Lambda", "TorchModuleWrapper", "deserialize"].contains(&name)
}

/// Decodes base64 with any white space in it, and with or without its padding; none where it is something else.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits, mut ended) = (0_u32, 0, false);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                ended = true;
                continue;
            }
            b'\n' | b'\r' | b' ' | b'\t' => continue,
            _ => return None,
        };
        if ended {
            return None;
        }
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_decoded_however_it_is_broken_up() {
        assert_eq!(base64(b"gASV\nAAA=").as_deref(), Some(&[0x80, 4, 0x95, 0, 0][..]));
        assert_eq!(base64(b"gASVAAA").as_deref(), Some(&[0x80, 4, 0x95, 0, 0][..]));
        assert_eq!(base64(b"PK\x03\x04"), None);
    }
}
