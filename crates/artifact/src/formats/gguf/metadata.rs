//! The metadata entries: names, and values of thirteen types.

use std::collections::BTreeSet;

use super::{
    quantisation, rules,
    source::{Fault, Source, Text},
};
use crate::{
    Limits, Outline, escape,
    formats::template,
    outline::note,
    problems::{Problems, SHOWN},
};

/// What tensors are aligned to where nothing is said.
const DEFAULT_ALIGNMENT: u64 = 32;
/// Bytes of a name, and of a value that is shown, that are kept.
const KEPT: usize = 256;
/// A name is at most this long (GGUF specification, "File Structure").
const LONGEST_NAME: u64 = 65_535;
/// How deep arrays of arrays are followed. llama.cpp reads none at all.
const DEPTH: usize = 8;
/// The start of the names of all chat templates.
const TEMPLATE: &str = "tokenizer.chat_template";

/// What the rest of the file is read by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metadata {
    /// A power of two.
    pub(super) alignment: u64,
}

/// A value type, with its number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A number of so many bytes, and whether it is an unsigned integer.
    Number(u64, bool),
    Bool,
    Text,
    Array,
}

impl Kind {
    const fn of(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Number(1, true),
            1 => Self::Number(1, false),
            2 => Self::Number(2, true),
            3 => Self::Number(2, false),
            4 => Self::Number(4, true),
            5 | 6 => Self::Number(4, false),
            7 => Self::Bool,
            8 => Self::Text,
            9 => Self::Array,
            10 => Self::Number(8, true),
            11 | 12 => Self::Number(8, false),
            _ => return None,
        })
    }
}

/// What is known of a value.
enum Value {
    Unsigned(u64),
    Text(Text),
    /// An array of so many items.
    Array(u64),
    Other,
}

impl Metadata {
    /// Reads so many entries.
    pub(super) fn read(
        source: &mut Source<'_, '_>,
        entries: u64,
        limits: &Limits,
        outline: &mut Outline,
        problems: &mut Problems<'_>,
    ) -> Result<Self, Fault> {
        let mut reader = Reader {
            source,
            limits,
            outline,
            problems,
            seen: BTreeSet::new(),
            alignment: DEFAULT_ALIGNMENT,
            architecture: String::new(),
            contexts: Vec::new(),
        };
        for _ in 0..entries {
            reader.entry()?;
        }
        let Reader { outline, alignment, architecture, contexts, .. } = reader;
        if let Some((_, length)) = contexts.iter().find(|(of, _)| *of == architecture) {
            outline.fact("context-length", &length.to_string());
        }
        Ok(Self { alignment })
    }
}

struct Reader<'r, 's, 'a, 'f> {
    source: &'r mut Source<'s, 'a>,
    limits: &'r Limits,
    outline: &'r mut Outline,
    problems: &'r mut Problems<'f>,
    seen: BTreeSet<bartizan_finding::Digest>,
    alignment: u64,
    architecture: String,
    /// The context lengths, by architecture; the architecture may be named behind its own entries.
    contexts: Vec<(String, u64)>,
}

impl Reader<'_, '_, '_, '_> {
    fn entry(&mut self) -> Result<(), Fault> {
        let at = self.source.position();
        let key = self.source.text(KEPT)?;
        let shown = escape(&key.start, SHOWN);
        if self.seen.len() < self.limits.metadata_entries {
            if !self.seen.insert(key.digest) {
                let message = format!("the metadata entry `{shown}` stands twice");
                self.problems.add(rules::DuplicateName::META, self.place(&key, at), message);
            }
        } else if self.seen.len() == self.limits.metadata_entries {
            return Err(Fault::Limited(at, "more metadata entries than are told apart"));
        }
        let plain =
            key.length <= LONGEST_NAME && key.is_utf8 && key.start.bytes().all(|b| b.is_ascii_graphic());
        if !plain || key.length == 0 {
            self.unusual(&key, at, "the name of a metadata entry is no plain ASCII");
        }
        let kind_at = self.source.position();
        let kind = Kind::of(self.source.u32()?);
        let kind = kind.ok_or(Fault::Broken(kind_at, "a metadata entry has an unknown type"))?;
        let is_template = key.start.starts_with(TEMPLATE);
        let value = match kind {
            Kind::Array => self.array(&key, at, is_template)?,
            kind => self.single(kind, &key, at, is_template)?,
        };
        if let Value::Text(text) = &value
            && is_template
        {
            self.template(&key, text, at);
        }
        self.understand(&key, &value, at);
        note(&mut self.outline.metadata_keys, shown);
        Ok(())
    }

    fn single(&mut self, kind: Kind, key: &Text, at: u64, is_template: bool) -> Result<Value, Fault> {
        Ok(match kind {
            Kind::Number(1, true) => Value::Unsigned(u64::from(self.source.byte()?)),
            Kind::Number(2, true) => Value::Unsigned(u64::from(self.source.u16()?)),
            Kind::Number(4, true) => Value::Unsigned(u64::from(self.source.u32()?)),
            Kind::Number(8, true) => Value::Unsigned(self.source.u64()?),
            Kind::Number(bytes, _) => {
                self.source.skip(1, bytes)?;
                Value::Other
            }
            Kind::Bool => {
                if self.source.byte()? > 1 {
                    self.unusual(key, at, "a truth value is neither 0 nor 1");
                }
                Value::Other
            }
            Kind::Text => {
                let keep = if is_template { self.limits.template_bytes } else { KEPT };
                let text = self.source.text(keep)?;
                if !text.is_utf8 {
                    self.unusual(key, at, "the value is text that is not UTF-8");
                }
                Value::Text(text)
            }
            Kind::Array => Value::Other,
        })
    }

    /// Passes an array without recursion and without keeping its items.
    fn array(&mut self, key: &Text, at: u64, is_template: bool) -> Result<Value, Fault> {
        let mut length = None;
        let (mut is_utf8, mut is_nested) = (true, false);
        // Arrays that are still to be read, at each level.
        let mut open = vec![1_u64];
        while let Some(arrays) = open.last_mut() {
            if *arrays == 0 {
                open.pop();
                continue;
            }
            *arrays -= 1;
            let start = self.source.position();
            let kind = Kind::of(self.source.u32()?);
            let kind = kind.ok_or(Fault::Broken(start, "an array has items of an unknown type"))?;
            let count = self.source.count()?;
            length.get_or_insert(count);
            match kind {
                Kind::Number(bytes, _) => self.source.skip(count, bytes)?,
                Kind::Bool => self.source.skip(count, 1)?,
                Kind::Text => {
                    // A string is its length and its bytes: a count that cannot be there ends at the end of the file.
                    for _ in 0..count {
                        if is_template {
                            let text = self.source.text(self.limits.template_bytes)?;
                            is_utf8 &= text.is_utf8;
                            self.template(key, &text, at);
                        } else {
                            is_utf8 &= self.source.pass_text()?;
                        }
                    }
                }
                Kind::Array if open.len() >= DEPTH => {
                    return Err(Fault::Limited(start, "arrays in arrays, nested too deep"));
                }
                Kind::Array => {
                    is_nested = true;
                    open.push(count);
                }
            }
        }
        if is_nested {
            self.unusual(key, at, "an array of arrays, which llama.cpp does not read");
        }
        if !is_utf8 {
            self.unusual(key, at, "a string of the array is not UTF-8");
        }
        Ok(Value::Array(length.unwrap_or(0)))
    }

    /// Takes out what the rest of the file is read by, and what people want to know.
    fn understand(&mut self, key: &Text, value: &Value, at: u64) {
        let Some(name) = key.is_whole().then_some(key.start.as_str()) else { return };
        match (name, value) {
            ("general.alignment", Value::Unsigned(alignment)) if alignment.is_power_of_two() => {
                self.alignment = *alignment;
            }
            ("general.alignment", _) => {
                let message = "the alignment is no power of two";
                self.problems.add(rules::BadAlignment::META, self.place(key, at), message);
            }
            ("general.architecture", Value::Text(text)) => {
                self.architecture.clone_from(&text.start);
                self.outline.fact("architecture", &text.start);
            }
            ("general.name", Value::Text(text)) => self.outline.fact("name", &text.start),
            ("general.license", Value::Text(text)) => self.outline.fact("licence", &text.start),
            ("tokenizer.ggml.model", Value::Text(text)) => self.outline.fact("tokenizer", &text.start),
            ("tokenizer.ggml.tokens", Value::Array(length)) => {
                self.outline.fact("vocabulary", &length.to_string());
            }
            ("tokenizer.chat_template", Value::Text(text)) => {
                self.outline.fact("chat-template", &text.digest.to_string());
            }
            ("general.file_type", Value::Unsigned(number)) => {
                if let Some(name) = quantisation::file_type(*number) {
                    self.outline.fact("quantisation", name);
                }
            }
            (name, Value::Unsigned(length)) => {
                if let Some(architecture) = name.strip_suffix(".context_length")
                    && self.contexts.len() < self.limits.problems_per_rule
                {
                    self.contexts.push((architecture.to_owned(), *length));
                }
            }
            _ => {}
        }
    }

    fn template(&mut self, key: &Text, text: &Text, at: u64) {
        let place = self.place(key, at);
        if !text.is_whole() && text.is_utf8 {
            let reason = format!("the chat template, behind its first {} bytes", text.start.len());
            self.problems.unexamined(place.clone(), reason);
        }
        if text.is_whole() && key.start == "tokenizer.chat_template" {
            template::note(&text.start, self.outline);
        }
        template::look(&text.start, &place, self.problems);
    }

    fn unusual(&mut self, key: &Text, at: u64, message: &str) {
        self.problems.add(rules::UnusualMetadata::META, self.place(key, at), message);
    }

    fn place(&self, key: &Text, at: u64) -> bartizan_finding::Location {
        self.problems.range(&[&key.start], at, self.source.position())
    }
}
