//! The walk over all objects of a file.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Occurrence, Severity};

use super::{
    dataset::{self, Index, Layout},
    dense,
    header::{Message, kind, messages},
    heap::value,
    link::{self, Link, Target},
    look_into, rules,
    store::{Fault, LONGEST, Store},
    told, tree,
    value::{Attribute, Type, count, dimensions},
};
use crate::{
    escape,
    foreign::{Foreign, WINDOW},
    formats::keras,
    problems::SHOWN,
    scope::Scope,
};

/// Most objects of one file. The largest published models have some 10,000.
const MOST_OBJECTS: usize = 200_000;
/// Bytes of a path that are kept to name a place.
const LONGEST_PATH: usize = 160;
/// Deepest object that is followed.
const DEEPEST: usize = 256;
/// Values of variable length of one attribute that are looked at where it stands; the heaps are looked at in any case.
const LOOKED_AT: usize = 16;
/// Attributes by which a root group is known to be a model of Keras.
const KERAS: [&str; 4] = ["model_config", "keras_version", "layer_names", "training_config"];

/// The state of a walk.
pub(super) struct Walk {
    pending: BTreeMap<u64, (String, usize)>,
    seen: BTreeSet<u64>,
    /// Groups that hold an object, for loops; only the parent of each is remembered.
    parents: BTreeMap<u64, u64>,
    more: bool,
    too_deep: bool,
    pub(super) is_keras: bool,
}

impl Walk {
    pub(super) fn new(root: u64, extension: Option<u64>) -> Self {
        let mut pending = BTreeMap::from([(root, (String::new(), 0))]);
        if let Some(extension) = extension.filter(|extension| *extension != root) {
            pending.insert(extension, ("superblock extension".to_owned(), 1));
        }
        Self {
            seen: pending.keys().copied().collect(),
            pending,
            parents: BTreeMap::new(),
            more: false,
            too_deep: false,
            is_keras: false,
        }
    }

    /// Walks to the next object behind the last one, and from the end on to the first.
    pub(super) fn run(&mut self, store: &mut Store<'_, '_>, scope: &mut Scope<'_, '_>) -> Result<(), Fault> {
        let mut last = 0;
        while let Some(next) = self
            .pending
            .range(last..)
            .next()
            .or_else(|| self.pending.first_key_value())
            .map(|(next, _)| *next)
        {
            last = next;
            let Some((path, depth)) = self.pending.remove(&next) else { continue };
            match self.object(store, next, &path, depth, scope) {
                Ok(()) => {}
                Err(fault @ (Fault::Halt(_) | Fault::Work)) => return Err(fault),
                Err(fault) => told(fault, &path, scope),
            }
        }
        Ok(())
    }

    pub(super) fn settle(&self, scope: &mut Scope<'_, '_>) {
        scope.outline.fact("hdf5-objects", &self.seen.len().to_string());
        if self.more {
            scope.unexamined(0, 0, format!("objects beyond the first {MOST_OBJECTS}"));
        }
        if self.too_deep {
            scope.unexamined(0, 0, format!("objects below {DEEPEST} groups"));
        }
    }

    fn object(
        &mut self,
        store: &mut Store<'_, '_>,
        address: u64,
        path: &str,
        depth: usize,
        scope: &mut Scope<'_, '_>,
    ) -> Result<(), Fault> {
        let (all, fault) = messages(store, address)?;
        if let Some(fault) = fault {
            told(fault, path, scope);
        }
        let mut links = Vec::new();
        for message in &all {
            match self.message(store, message, path, &mut links, scope) {
                Ok(()) => {}
                Err(fault @ (Fault::Halt(_) | Fault::Work)) => return Err(fault),
                Err(fault) => told(fault, path, scope),
            }
        }
        for link in links {
            self.link(store, address, path, depth, link, scope);
        }
        if all.iter().any(|message| message.kind == kind::LAYOUT) {
            array(store, address, &all, path, scope)?;
        }
        Ok(())
    }

    fn message(
        &mut self,
        store: &mut Store<'_, '_>,
        message: &Message,
        path: &str,
        links: &mut Vec<Link>,
        scope: &mut Scope<'_, '_>,
    ) -> Result<(), Fault> {
        let at = message.at;
        let mut fields = store.fields(&message.body, at);
        match message.kind {
            kind::LINK | kind::ATTRIBUTE | kind::EXTERNAL_FILES if message.is_shared() => {
                let place = store.base + at;
                return Err(Fault::Skipped(place, "a message that is kept for several objects"));
            }
            kind::LINK => links.push(link::message(store, &message.body, at)?),
            kind::SYMBOL_TABLE => {
                if let (Some(tree), Some(heap)) = (fields.address()?, fields.address()?) {
                    link::symbols(store, tree, heap, links)?;
                }
            }
            kind::LINK_INFO => {
                if fields.u8()? != 0 {
                    return Err(Fault::Skipped(store.base + at, "links of an unknown version"));
                }
                let flags = fields.u8()?;
                fields.take(if flags & 1 == 0 { 0 } else { 8 })?;
                if let (Some(heap), Some(names)) = (fields.address()?, fields.address()?) {
                    dense::objects(store, heap, names, tree::LINK_NAMES, &mut |store, body, at| {
                        match link::message(store, body, at) {
                            Ok(link) => links.push(link),
                            Err(fault) => told(fault, path, scope),
                        }
                    })?;
                }
            }
            kind::ATTRIBUTE => {
                let attribute = Attribute::read(store, &message.body, at)?;
                self.attribute(store, &attribute, path, scope)?;
            }
            kind::ATTRIBUTE_INFO => {
                if fields.u8()? != 0 {
                    return Err(Fault::Skipped(store.base + at, "attributes of an unknown version"));
                }
                let flags = fields.u8()?;
                fields.take(if flags & 1 == 0 { 0 } else { 2 })?;
                if let (Some(heap), Some(names)) = (fields.address()?, fields.address()?) {
                    let mut bodies = Vec::new();
                    let walked =
                        dense::objects(store, heap, names, tree::ATTRIBUTE_NAMES, &mut |_, body, at| {
                            bodies.push((body.to_vec(), at));
                        });
                    for (body, at) in bodies {
                        let attribute = Attribute::read(store, &body, at)?;
                        self.attribute(store, &attribute, path, scope)?;
                    }
                    walked?;
                }
            }
            kind::DRIVER_INFO => {
                let message = "the file is one of several that hold the bytes together";
                scope.add(rules::ExternalData::META, store.base + at, store.base + at, message);
            }
            unknown if unknown > kind::LAST => {
                return Err(Fault::Skipped(store.base + at, "a message of an unknown kind"));
            }
            _ => {}
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        store: &mut Store<'_, '_>,
        attribute: &Attribute,
        path: &str,
        scope: &mut Scope<'_, '_>,
    ) -> Result<(), Fault> {
        let name = attribute.name.as_str();
        self.is_keras |= path.is_empty() && KERAS.contains(&name);
        let mut values = Vec::new();
        if attribute.kind.is_variable() {
            for reference in attribute.references(store).into_iter().take(LOOKED_AT) {
                values.push(value(store, reference)?);
                if values.iter().map(Vec::len).sum::<usize>() as u64 > LONGEST {
                    let reason = "an attribute with values that are too long to be held";
                    return Err(Fault::Skipped(attribute.at, reason));
                }
            }
        } else {
            values.push(attribute.data.clone());
        }
        for bytes in &values {
            look_into(bytes, name, scope);
        }
        let Some(first) = values.first() else { return Ok(()) };
        match name {
            "model_config" | "training_config" => {
                let end = first.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                let text = first.get(..end).unwrap_or_default();
                scope.inside(name, |scope| keras::judge(text, scope));
            }
            "keras_version" | "backend" if path.is_empty() => {
                let fact = if name == "backend" { "keras-backend" } else { "keras-version" };
                let text = String::from_utf8_lossy(first.get(..first.len().min(64)).unwrap_or_default());
                scope.outline.fact(fact, text.trim_end_matches('\0'));
            }
            _ => {}
        }
        Ok(())
    }

    /// Follows a link, once to each object.
    fn link(
        &mut self,
        store: &Store<'_, '_>,
        from: u64,
        path: &str,
        depth: usize,
        link: Link,
        scope: &mut Scope<'_, '_>,
    ) {
        let mut own = format!("{path}/{}", link.name);
        if own.len() > LONGEST_PATH {
            let cut = own.floor_char_boundary(LONGEST_PATH);
            own.truncate(cut);
        }
        let at = store.base.saturating_add(from);
        match link.target {
            Target::Soft => {}
            Target::Hard(target) => {
                if self.seen.contains(&target) {
                    if self.is_around(from, target) {
                        let place = scope.problems.range(&[&own], at, at);
                        scope.problems.add(rules::Loop::META, place, "the link leads to a group around it");
                    }
                    return;
                }
                if depth >= DEEPEST {
                    self.too_deep = true;
                    return;
                }
                if self.seen.len() >= MOST_OBJECTS {
                    self.more = true;
                    return;
                }
                self.seen.insert(target);
                self.parents.insert(target, from);
                self.pending.insert(target, (own, depth + 1));
            }
            Target::External { file, object } => {
                let message = format!(
                    "the link leads to `{}` in the file `{}`",
                    escape(&object, SHOWN),
                    escape(&file, SHOWN)
                );
                let place = scope.problems.range(&[&own], at, at);
                scope.problems.add(rules::ExternalLink::META, place, message);
            }
            Target::Own(kind) => {
                let message = format!("a link of the kind {kind}, which only a plug-in follows");
                let place = scope.problems.range(&[&own], at, at);
                let occurrence = Occurrence::new(rules::ExternalLink::META, place, message);
                scope.problems.push(occurrence.severity(Severity::Medium));
            }
        }
    }

    /// Whether a group is another one or lies around it.
    fn is_around(&self, mut inner: u64, outer: u64) -> bool {
        for _ in 0..=DEEPEST {
            if inner == outer {
                return true;
            }
            let Some(parent) = self.parents.get(&inner) else { return false };
            inner = *parent;
        }
        false
    }
}

/// Looks at an array: what it says of itself, and the start of its bytes.
fn array(
    store: &mut Store<'_, '_>,
    address: u64,
    all: &[Message],
    path: &str,
    scope: &mut Scope<'_, '_>,
) -> Result<(), Fault> {
    let one = |kind| all.iter().find(|message| message.kind == kind);
    let at = store.base.saturating_add(address);
    let missing = || Fault::Broken(at, "an array without type, shape or layout");
    let kind = Type::of(store, one(kind::DATATYPE).ok_or_else(missing)?)?;
    let space = one(kind::DATASPACE).filter(|message| !message.is_shared()).ok_or_else(missing)?;
    let extents = dimensions(store.fields(&space.body, space.at))?;
    let layout = one(kind::LAYOUT).ok_or_else(missing)?;
    let elements = count(extents.as_deref());
    let bytes = elements.and_then(|elements| elements.checked_mul(kind.size));
    scope.outline.tensors += 1;
    scope.outline.parameters = scope.outline.parameters.saturating_add(elements.unwrap_or_default());
    *scope.outline.dtypes.entry(kind.name.to_owned()).or_default() += 1;
    let problem = |scope: &mut Scope<'_, '_>, rule, message: String| {
        let place = scope.problems.range(&[path], at, at);
        scope.problems.add(rule, place, message);
    };
    let Some(bytes) = bytes else {
        problem(scope, rules::SizeDisagrees::META, "the array's size is beyond 64 bits".to_owned());
        return Ok(());
    };
    if bytes > (1 << 30).max(store.size.saturating_mul(scope.limits.inflation)) {
        let message = format!("the array's shape takes {bytes} bytes, and the file has {}", store.size);
        problem(scope, rules::Expands::META, message);
    }
    let mut filters = Vec::new();
    if let Some(message) = one(kind::FILTERS).filter(|message| !message.is_shared()) {
        filters = dataset::filters(store.fields(&message.body, message.at))?;
        for filter in filters.iter().filter(|filter| !filter.is_known()) {
            let message = format!("the filter {} (`{}`)", filter.id, escape(&filter.name, SHOWN));
            problem(scope, rules::UnknownFilter::META, message);
        }
    }
    if let Some(message) = one(kind::EXTERNAL_FILES) {
        let names = dataset::external(store, &message.body, message.at);
        let shown = names.as_ref().map_or_else(|_| vec!["?".to_owned()], Clone::clone);
        for name in shown {
            let message = format!("the array's bytes are in the file `{}`", escape(&name, SHOWN));
            problem(scope, rules::ExternalData::META, message);
        }
        return names.map(|_| ());
    }
    match Layout::read(store.fields(&layout.body, layout.at), store.base)? {
        Layout::Compact { at, length } => {
            if length < bytes {
                let message = format!("the array takes {bytes} bytes, of which {length} are there");
                problem(scope, rules::SizeDisagrees::META, message);
            }
            look(store, at, length, &[], path, scope)
        }
        // Nothing is stored yet.
        Layout::Contiguous { address: None, .. } | Layout::Virtual(None) => Ok(()),
        Layout::Contiguous { address: Some(start), length } => {
            let length = length.unwrap_or(bytes);
            let there = store.size.saturating_sub(store.base.saturating_add(start)).min(length);
            if there < bytes || there < length {
                let message = format!("the array takes {bytes} bytes, of which {there} are there");
                problem(scope, rules::SizeDisagrees::META, message);
            }
            look(store, start, there, &[], path, scope)
        }
        Layout::Chunked { extents: own, index, address } => {
            let rank = extents.as_ref().map_or(0, Vec::len);
            if own.len() != rank || own.contains(&0) {
                let message = "the array's chunks do not have its dimensions";
                problem(scope, rules::SizeDisagrees::META, message.to_owned());
            }
            let Some(start) = address else { return Ok(()) };
            let chunk = count(Some(&own)).and_then(|elements| elements.checked_mul(kind.size));
            let filters: Vec<_> = filters.iter().map(|filter| filter.id).collect();
            chunks(store, (index, start), chunk, &filters, path, scope)
        }
        Layout::Virtual(Some(reference)) => {
            let names = dataset::sources(store, reference)?;
            for name in names.iter().filter(|name| *name != ".") {
                let message = format!("the array takes its elements from the file `{}`", escape(name, SHOWN));
                problem(scope, rules::VirtualSource::META, message);
            }
            Ok(())
        }
    }
}

/// Looks at the first chunks of an array; `chunk` is the size of each when unpacked.
fn chunks(
    store: &mut Store<'_, '_>,
    (index, start): (Index, u64),
    chunk: Option<u64>,
    filters: &[u16],
    path: &str,
    scope: &mut Scope<'_, '_>,
) -> Result<(), Fault> {
    let mut short = false;
    for found in dataset::chunks(store, index, start)? {
        let left = store.size.saturating_sub(store.base.saturating_add(found.address));
        let length = found.length.or(chunk.filter(|_| filters.is_empty())).unwrap_or(1);
        short |= length > left || filters.is_empty() && chunk.is_some_and(|chunk| length < chunk);
        look(store, found.address, length.min(left), filters, path, scope)?;
    }
    if short {
        let at = store.base.saturating_add(start);
        let place = scope.problems.range(&[path], at, at);
        let message = "a chunk of the array has fewer bytes than it takes";
        scope.problems.add(rules::SizeDisagrees::META, place, message);
    }
    Ok(())
}

/// Looks at the start of an array's or a chunk's bytes.
fn look(
    store: &mut Store<'_, '_>,
    start: u64,
    length: u64,
    filters: &[u16],
    path: &str,
    scope: &mut Scope<'_, '_>,
) -> Result<(), Fault> {
    let mut head = store.some(start, length.min(WINDOW as u64))?;
    match filters {
        [] | [3] => {}
        [1] | [1, 3] => head = dataset::inflated(&head, WINDOW),
        // What other filters leave does not start like a file.
        _ => return Ok(()),
    }
    if let Some(foreign) = Foreign::at(&head) {
        let at = store.base.saturating_add(start);
        let place = scope.problems.range(&[path], at, at.saturating_add(length));
        scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, "the bytes start"));
    }
    Ok(())
}
