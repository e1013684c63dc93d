//! XML, read from a pass: no entity is expanded, no other document is fetched, and no part is longer than is held.

pub(crate) mod rules;

use std::{
    cell::Cell,
    io::{self, BufRead, Read},
    rc::Rc,
};

use bartizan_finding::{Occurrence, Severity};
use quick_xml::{Reader, XmlVersion, events::Event};

use crate::{
    escape,
    formats::{
        openvino,
        pickle::{self, payload},
        pmml,
    },
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// The longest tag or text between tags that is held, in bytes.
const LONGEST: usize = 1 << 20;
/// Elements are nested so deep at most. Trees in PMML are nested as deep as they grow.
const DEPTH: usize = 4096;

/// What a document is of, by its first element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Pmml,
    OpenVino,
}

impl Kind {
    /// By the start of a text; none where it is no XML or of another kind.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        if !text.starts_with(b"<") {
            return None;
        }
        let mut left = text;
        for _ in 0..64 {
            let at = left.iter().position(|byte| *byte == b'<')?;
            left = left.get(at + 1..)?;
            // Comments, declarations and instructions stand in front of the first element.
            if let Some(rest) = left.strip_prefix(b"!--") {
                let end = rest.windows(3).position(|window| window == b"-->")?;
                left = rest.get(end + 3..)?;
            } else if left.starts_with(b"!") {
                // The declarations of a document type may stand in brackets.
                let end = left.iter().position(|byte| matches!(byte, b'>' | b'['))?;
                if left.get(end) == Some(&b'[') {
                    let close = left.windows(2).position(|window| window == b"]>")?;
                    left = left.get(close + 2..)?;
                }
            } else if !left.starts_with(b"?") {
                let end =
                    left.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b":_-.".contains(byte)))?;
                let name = left.get(..end)?;
                let name = name.rsplit(|byte| *byte == b':').next()?;
                return match name {
                    b"PMML" => Some(Self::Pmml),
                    b"net" => Some(Self::OpenVino),
                    _ => None,
                };
            }
        }
        None
    }
}

/// What is held against the elements of a document.
pub(crate) trait Document {
    /// Takes the start of an element: its name without a prefix, and its attributes.
    fn open(&mut self, name: &str, attributes: &[(String, String)], at: u64, scope: &mut Scope<'_, '_>);

    /// Says what follows from all elements together.
    fn finish(&mut self, scope: &mut Scope<'_, '_>);
}

/// Reads a document to its end.
pub(crate) fn read(pass: &mut Pass<'_>, kind: Kind, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    match kind {
        Kind::Pmml => walk(pass, scope, &mut pmml::Model::default()),
        Kind::OpenVino => walk(pass, scope, &mut openvino::Graph::default()),
    }
}

fn walk(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>, document: &mut dyn Document) -> Result<(), Halt> {
    let size = pass.size();
    let room = Rc::new(Cell::new(LONGEST));
    let halt = Rc::new(Cell::new(None));
    let bytes = Bytes { pass, room: Rc::clone(&room), halt: Rc::clone(&halt) };
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    let mut buffer = Vec::new();
    let (mut depth, mut elements) = (0_usize, 0_u64);
    let broken = loop {
        buffer.clear();
        room.set(LONGEST);
        let at = reader.buffer_position();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => break Some((at, error.to_string())),
        };
        match event {
            Event::Start(start) => {
                depth += 1;
                elements += 1;
                if depth > DEPTH {
                    break Some((at, "elements are nested too deep".to_owned()));
                }
                if elements > 1 && depth == 1 {
                    break Some((at, "a second element follows the first".to_owned()));
                }
                let mut attributes = Vec::new();
                let mut fault = None;
                for attribute in start.attributes() {
                    match attribute {
                        Ok(attribute) => {
                            let key = attribute.key.as_ref().to_owned();
                            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                            fault = fault.or(value.is_err().then_some("an attribute refers to an entity"));
                            attributes.push((
                                key,
                                value.map_or_else(|_| String::new(), std::borrow::Cow::into_owned),
                            ));
                        }
                        Err(_) => fault = Some("an attribute that is none, or comes twice"),
                    }
                }
                if let Some(fault) = fault {
                    scope.add(rules::Malformed::META, at, at, fault);
                }
                let (full, local) = (start.name(), start.local_name());
                references(full.as_ref(), &attributes, at, scope);
                document.open(local.as_ref(), &attributes, at, scope);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) => text_part(&text, depth, at, scope),
            Event::CData(text) => text_part(&text, depth, at, scope),
            Event::DocType(text) => doctype(&text, at, scope),
            Event::PI(text) => {
                let message = format!("an instruction to other programs: {}", escape(&text, SHOWN));
                scope.add(rules::Instruction::META, at, at, message);
            }
            Event::GeneralRef(name) => {
                if !name.starts_with('#') && !matches!(&*name, "lt" | "gt" | "amp" | "apos" | "quot") {
                    let message = format!("the text refers to the entity {}", escape(&name, SHOWN));
                    scope.add(rules::Entity::META, at, at, message);
                }
            }
            Event::Comment(text) => order(&text, at, scope),
            Event::Decl(_) | Event::Empty(_) => {}
            Event::Eof if depth > 0 => break Some((at, "it ends inside an element".to_owned())),
            Event::Eof => break None,
        }
    };
    drop(reader);
    if let Some(halt) = halt.get() {
        return Err(halt);
    }
    if let Some((at, why)) = broken {
        scope.add(
            rules::Malformed::META,
            at,
            at,
            format!("the document breaks off: {}", escape(&why, 2 * SHOWN)),
        );
        scope.unexamined(at, size, "the document behind the point where it breaks off");
    }
    document.finish(scope);
    Ok(())
}

fn text_part(text: &str, depth: usize, at: u64, scope: &mut Scope<'_, '_>) {
    let shown = text.trim();
    if !shown.is_empty() && depth > 0 {
        order(shown, at, scope);
    }
}

/// Says so where a text is a program.
pub(crate) fn order(text: &str, at: u64, scope: &mut Scope<'_, '_>) {
    let found = if pickle::is_hidden(text.as_bytes(), scope.limits) {
        Some("a pickle")
    } else {
        payload::commands(text.as_bytes())
    };
    if let Some(what) = found {
        let message = format!("a text of the document holds {what}: {}", escape(text, SHOWN));
        scope.add(rules::HiddenOrder::META, at, at, message);
    }
}

/// A document type may declare entities, in place or in another document.
fn doctype(text: &str, at: u64, scope: &mut Scope<'_, '_>) {
    let upper = text.to_ascii_uppercase();
    let (severity, what) = if upper.contains("SYSTEM") || upper.contains("PUBLIC") {
        (Severity::High, "it refers to another document")
    } else if upper.contains("<!ENTITY") {
        (Severity::High, "it declares entities")
    } else {
        (Severity::Medium, "models have none")
    };
    let message = format!("the document declares a type, and {what}: {}", escape(text.trim(), SHOWN));
    let occurrence = Occurrence::new(rules::Entity::META, scope.range(at, at), message);
    scope.problems.push(occurrence.severity(severity));
}

/// Attributes and elements by which a document includes another one.
fn references(full: &str, attributes: &[(String, String)], at: u64, scope: &mut Scope<'_, '_>) {
    let local = full.rsplit(':').next().unwrap_or(full);
    let includes =
        full.contains(':') && matches!(local, "include" | "import" | "script" | "stylesheet" | "transform");
    let scripts = matches!(local.to_ascii_lowercase().as_str(), "script" | "object" | "iframe" | "applet");
    if includes || scripts {
        let message = format!("the element {} brings in code or another document", escape(full, SHOWN));
        scope.add(rules::External::META, at, at, message);
    }
    for (key, value) in attributes {
        order(value, at, scope);
        let local = key.rsplit(':').next().unwrap_or(key);
        let names_one = matches!(local, "href" | "src" | "schemaLocation" | "noNamespaceSchemaLocation");
        if key.starts_with("xmlns") || !names_one {
            continue;
        }
        // Where a schema is published is a name; a link is fetched.
        let severity = if local.ends_with("chemaLocation") { Severity::Low } else { Severity::High };
        let message = format!("an attribute {} names {}", escape(key, SHOWN), escape(value, SHOWN));
        let occurrence = Occurrence::new(rules::External::META, scope.range(at, at), message);
        scope.problems.push(occurrence.severity(severity));
    }
}

/// The bytes of a pass, of which a reader takes no more than it may hold at one time.
struct Bytes<'p, 'a> {
    pass: &'p mut Pass<'a>,
    room: Rc<Cell<usize>>,
    halt: Rc<Cell<Option<Halt>>>,
}

impl Read for Bytes<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let chunk = self.fill_buf()?;
        let count = chunk.len().min(out.len());
        out[..count].copy_from_slice(&chunk[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Bytes<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.room.get() == 0 {
            return Err(io::Error::other("a tag or text is longer than is held"));
        }
        match self.pass.chunk() {
            Ok(chunk) => Ok(&chunk[..chunk.len().min(self.room.get())]),
            Err(halt) => {
                self.halt.set(Some(halt));
                Err(io::ErrorKind::Other.into())
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.room.set(self.room.get().saturating_sub(count));
        self.pass.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_says_what_a_document_is() {
        for (text, want) in [
            ("<?xml version=\"1.0\"?>\n<PMML version=\"4.4\">", Some(Kind::Pmml)),
            ("\u{feff}<p:PMML xmlns:p=\"x\">", Some(Kind::Pmml)),
            ("<!-- <net> --><net name=\"a\">", Some(Kind::OpenVino)),
            ("<!DOCTYPE PMML [<!ENTITY a \"<net>\">]><PMML>", Some(Kind::Pmml)),
            ("<html>", None),
            ("PMML", None),
            ("<!-- ", None),
        ] {
            assert_eq!(Kind::of(text.as_bytes()), want, "{text}");
        }
    }
}
