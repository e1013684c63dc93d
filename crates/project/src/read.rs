//! Reads the tables of a project file one key at a time, notes where each stands, and collects every fault
//! instead of stopping at the first.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::civil::Date;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    fault::{Fault, nearest, one_of, shown},
    span::{LineIndex, Span},
};

/// More faults than this are counted, not told apart: nobody mends a thousand at once.
const MAX_FAULTS: usize = 1000;
/// For this many faults the nearest known name is looked up.
const MAX_NEAREST: usize = 200;
/// A description or reason has at most this many characters.
pub(crate) const MAX_TEXT: usize = 4000;

/// A value that is a string in the file.
pub(crate) trait Value: Sized {
    /// What it is, after "expected": "a path …", "an asset kind".
    const WHAT: &'static str;
    /// All that is possible, where that is a list.
    const WORDS: &'static [&'static str] = &[];
    /// Whether a fault may repeat what was written. Not where it may be a secret or a person.
    const QUOTED: bool = true;

    /// Reads it.
    fn read(text: &str) -> Option<Self>;
}

/// A table being read: the keys asked for so far are the known ones.
pub(crate) struct Table<'t, 'i> {
    entries: &'t DeTable<'i>,
    pub(crate) key: String,
    pub(crate) span: Range<usize>,
    known: Vec<&'static str>,
}

/// What one id in the file must name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Group,
    Asset,
    Element,
    Zone,
}

struct Reference {
    target: Target,
    name: String,
    key: String,
    span: Range<usize>,
}

/// The state of reading one file.
pub(crate) struct Reader<'t> {
    lines: LineIndex<'t>,
    pub(crate) spans: BTreeMap<String, Span>,
    faults: Vec<Fault>,
    more: usize,
    references: Vec<Reference>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            lines: LineIndex::new(text),
            spans: BTreeMap::new(),
            faults: Vec::new(),
            more: 0,
            references: Vec::new(),
        }
    }

    /// Notes a fault.
    pub(crate) fn fault(
        &mut self,
        span: Range<usize>,
        key: &str,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Option<&mut Fault> {
        if self.faults.len() == MAX_FAULTS {
            self.more += 1;
            return None;
        }
        let Span { start, end, line, column } = self.lines.span(span);
        self.faults.push(Fault {
            span: start..end,
            line,
            column,
            key: key.to_owned(),
            message: message.into(),
            expected: expected.into(),
            nearest: None,
        });
        self.faults.last_mut()
    }

    /// All faults in the order of the file.
    pub(crate) fn into_faults(mut self) -> (Vec<Fault>, BTreeMap<String, Span>) {
        self.faults
            .sort_by(|a, b| (a.span.start, &a.key, &a.message).cmp(&(b.span.start, &b.key, &b.message)));
        if self.more > 0 {
            let message = format!("{} more faults are not listed", self.more);
            let last = self.faults.last().cloned();
            self.faults.extend(last.map(|last| Fault {
                message,
                expected: String::new(),
                nearest: None,
                ..last
            }));
        }
        (self.faults, self.spans)
    }

    /// A table that stands for a value.
    pub(crate) fn table<'v, 'i>(
        &mut self,
        key: String,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Option<Table<'v, 'i>> {
        let DeValue::Table(entries) = value.get_ref() else {
            self.wrong_type(value, &key, "a table");
            return None;
        };
        Some(self.open(key, value.span(), entries))
    }

    /// Starts to read a table.
    pub(crate) fn open<'v, 'i>(
        &mut self,
        key: String,
        span: Range<usize>,
        entries: &'v DeTable<'i>,
    ) -> Table<'v, 'i> {
        if !key.is_empty() {
            let place = self.lines.span(span.clone());
            self.spans.insert(key.clone(), place);
        }
        Table { entries, key, span, known: Vec::new() }
    }

    /// The value under a key, with its place noted.
    pub(crate) fn get<'v, 'i>(
        &mut self,
        table: &mut Table<'v, 'i>,
        name: &'static str,
    ) -> Option<(&'v Spanned<DeValue<'i>>, String)> {
        table.known.push(name);
        let value = table.entries.get(name)?;
        let key = join(&table.key, name);
        let place = self.lines.span(value.span());
        self.spans.insert(key.clone(), place);
        Some((value, key))
    }

    /// Says that a key is missing.
    pub(crate) fn missing(&mut self, table: &Table<'_, '_>, name: &str, expected: impl Into<String>) {
        if !table.entries.contains_key(name) {
            let key = join(&table.key, name);
            self.fault(table.span.clone(), &key, format!("`{name}` is missing"), expected);
        }
    }

    /// Says that a key is missing that a string of kind `V` would fill.
    pub(crate) fn need<V: Value>(&mut self, table: &Table<'_, '_>, name: &str) {
        self.missing(table, name, expected::<V>());
    }

    /// Says which keys were never asked for.
    pub(crate) fn finish(&mut self, table: &Table<'_, '_>) {
        for name in table.entries.keys() {
            let text: &str = name.get_ref();
            if table.known.contains(&text) {
                continue;
            }
            if self.faults.len() == MAX_FAULTS {
                self.more += 1;
                continue;
            }
            let mut known = table.known.clone();
            known.sort_unstable();
            let key = join(&table.key, text);
            let near = self.near(text, known.iter().copied());
            let within =
                if table.key.is_empty() { "the file".to_owned() } else { format!("`{}`", table.key) };
            let message = format!("{} is not a key of {within}", shown(text));
            if let Some(fault) = self.fault(name.span(), &key, message, one_of(known)) {
                fault.nearest = near;
            }
        }
    }

    /// A string that must be a `V`.
    pub(crate) fn value<V: Value>(&mut self, table: &mut Table<'_, '_>, name: &'static str) -> Option<V> {
        let (value, key) = self.get(table, name)?;
        self.one(value, &key)
    }

    /// A list of strings that must all be a `V`.
    pub(crate) fn set<V: Value + Ord>(
        &mut self,
        table: &mut Table<'_, '_>,
        name: &'static str,
    ) -> BTreeSet<V> {
        let mut set = BTreeSet::new();
        let Some((value, key)) = self.get(table, name) else { return set };
        for item in self.items(value, &key) {
            if let Some(one) = self.one::<V>(item, &key)
                && !set.insert(one)
            {
                self.fault(item.span(), &key, format!("a value of `{key}` stands there twice"), "");
            }
        }
        set
    }

    /// Like [`Self::value`], and it must name something of the file.
    pub(crate) fn refer<V: Value>(
        &mut self,
        table: &mut Table<'_, '_>,
        name: &'static str,
        target: Target,
    ) -> Option<V> {
        let (value, key) = self.get(table, name)?;
        let one = self.one(value, &key)?;
        self.note(value, &key, target);
        Some(one)
    }

    /// Like [`Self::set`], and each must name something of the file.
    pub(crate) fn refer_all<V: Value + Ord>(
        &mut self,
        table: &mut Table<'_, '_>,
        name: &'static str,
        target: Target,
    ) -> BTreeSet<V> {
        let set = self.set(table, name);
        if let Some(DeValue::Array(items)) = table.entries.get(name).map(Spanned::get_ref) {
            let key = join(&table.key, name);
            for item in items
                .iter()
                .filter(|item| item.get_ref().as_str().is_some_and(|text| V::read(text).is_some()))
            {
                self.note(item, &key, target);
            }
        }
        set
    }

    /// Free text of one or more lines, not empty.
    pub(crate) fn text(
        &mut self,
        table: &mut Table<'_, '_>,
        name: &'static str,
        max: usize,
    ) -> Option<String> {
        let (value, key) = self.get(table, name)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, &key, "a string");
            return None;
        };
        let length = text.chars().count();
        if text.trim().is_empty() || length > max {
            let message =
                if length > max { format!("`{key}` is too long") } else { format!("`{key}` is empty") };
            self.fault(value.span(), &key, message, format!("1 to {max} characters"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A text of one line, without control characters: a name, as statements and keys can carry it.
    pub(crate) fn line(
        &mut self,
        table: &mut Table<'_, '_>,
        name: &'static str,
        max: usize,
    ) -> Option<String> {
        let span = table.entries.get(name).map(Spanned::span);
        let text = self.text(table, name, max)?;
        if let (Some(span), true) = (span, text.contains(char::is_control)) {
            let message = format!("`{name}` has a line end or another control character");
            self.fault(span, name, message, "a text of one line");
            return None;
        }
        Some(text)
    }

    /// `true` or `false`; `false` where the key is left out.
    pub(crate) fn flag(&mut self, table: &mut Table<'_, '_>, name: &'static str) -> bool {
        let Some((value, key)) = self.get(table, name) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(value, &key, "`true` or `false`");
            false
        })
    }

    /// A whole number from 1.
    pub(crate) fn count(&mut self, table: &mut Table<'_, '_>, name: &'static str) -> Option<u32> {
        let (value, key) = self.get(table, name)?;
        let number =
            value.get_ref().as_integer().map(|number| u32::from_str_radix(number.as_str(), number.radix()));
        match number {
            Some(Ok(number)) if number > 0 => Some(number),
            Some(_) => {
                let message = format!("`{key}` is out of range");
                self.fault(value.span(), &key, message, "a whole number from 1 to 4294967295");
                None
            }
            None => {
                self.wrong_type(value, &key, "a whole number");
                None
            }
        }
    }

    /// A day, written without quotes.
    pub(crate) fn day(&mut self, table: &mut Table<'_, '_>, name: &'static str) -> Option<Date> {
        let (value, key) = self.get(table, name)?;
        let DeValue::Datetime(moment) = value.get_ref() else {
            self.wrong_type(value, &key, "a day without quotes, such as 2027-03-01");
            return None;
        };
        let day = moment.date.filter(|_| moment.time.is_none() && moment.offset.is_none()).and_then(|day| {
            let month_and_day = (i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?);
            Date::new(i16::try_from(day.year).ok()?, month_and_day.0, month_and_day.1).ok()
        });
        if day.is_none() {
            let message = format!("`{key}` is not a day");
            self.fault(value.span(), &key, message, "a day without a time, such as 2027-03-01");
        }
        day
    }

    /// The tables under `[name.ID]`, each with the id and the bytes of its name.
    pub(crate) fn named<'v, 'i, V: Value>(
        &mut self,
        root: &mut Table<'v, 'i>,
        name: &'static str,
    ) -> Vec<(V, Table<'v, 'i>)> {
        let Some(value) = root.entries.get(name) else {
            root.known.push(name);
            return Vec::new();
        };
        root.known.push(name);
        let DeValue::Table(entries) = value.get_ref() else {
            self.wrong_type(value, name, &format!("tables with an id, such as [{name}.example]"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (id, value) in entries {
            let key = join(name, id.get_ref());
            let parsed = V::read(id.get_ref());
            if parsed.is_none() {
                let message = format!("{} cannot name an entry of `{name}`", shown(id.get_ref()));
                self.fault(id.span(), &key, message, V::WHAT);
            }
            let Some(mut table) = self.table(key.clone(), value) else { continue };
            // The name is what a reader looks for, not the whole table.
            table.span = id.span();
            let place = self.lines.span(id.span());
            self.spans.insert(key, place);
            if let Some(parsed) = parsed {
                tables.push((parsed, table));
            }
        }
        tables
    }

    /// The tables under `[[name]]`.
    pub(crate) fn listed<'v, 'i>(
        &mut self,
        root: &mut Table<'v, 'i>,
        name: &'static str,
    ) -> Vec<Table<'v, 'i>> {
        root.known.push(name);
        let Some(value) = root.entries.get(name) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(value, name, &format!("tables in a list: [[{name}]]"));
            return Vec::new();
        };
        let tables =
            items.iter().enumerate().filter_map(|(index, item)| self.table(format!("{name}[{index}]"), item));
        tables.collect()
    }

    /// Says which references name nothing. `declared` holds every name of the file, even of entries at fault, so
    /// that one fault does not make others.
    pub(crate) fn resolve(&mut self, declared: &BTreeMap<Target, BTreeSet<&str>>) {
        for reference in std::mem::take(&mut self.references) {
            let known = declared.get(&reference.target);
            if known.is_some_and(|names| names.contains(reference.name.as_str())) {
                continue;
            }
            let names = known.into_iter().flatten().copied();
            let (article, word) = match reference.target {
                Target::Group => ("a", "group"),
                Target::Asset => ("an", "asset"),
                Target::Element => ("an", "element"),
                Target::Zone => ("a", "zone"),
            };
            let near = self.near(&reference.name, names.clone());
            let known = one_of(names);
            let expected = if known.is_empty() {
                format!("{article} {word} that is declared; there is no [{word}.…]")
            } else {
                known
            };
            let message = format!("no {word} is called {}", shown(&reference.name));
            if let Some(fault) = self.fault(reference.span, &reference.key, message, expected) {
                fault.nearest = near;
            }
        }
    }

    pub(crate) fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, key: &str, expected: &str) {
        let is = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "`true` or `false`",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.fault(value.span(), key, format!("`{key}` is {is}"), expected);
    }

    fn items<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>, key: &str) -> &'v [Spanned<DeValue<'i>>] {
        if let DeValue::Array(items) = value.get_ref() {
            return items.as_ref();
        }
        self.wrong_type(value, key, "a list of strings");
        &[]
    }

    fn one<V: Value>(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<V> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, key, &expected::<V>());
            return None;
        };
        let read = V::read(text);
        if read.is_none() {
            let near = self.near(text, V::WORDS.iter().copied());
            let ends = [" (", ", ", " relative ", " that "].iter().filter_map(|tail| V::WHAT.find(tail));
            let what = ends.min().and_then(|end| V::WHAT.get(..end)).unwrap_or(V::WHAT);
            let text = if V::QUOTED { shown(text) } else { format!("a value of `{key}`") };
            let message = format!("{text} is not {what}");
            if let Some(fault) = self.fault(value.span(), key, message, expected::<V>()) {
                fault.nearest = near;
            }
        }
        read
    }

    fn note(&mut self, value: &Spanned<DeValue<'_>>, key: &str, target: Target) {
        let name = value.get_ref().as_str().unwrap_or_default().to_owned();
        self.references.push(Reference { target, name, key: key.to_owned(), span: value.span() });
    }

    fn near<'c>(&self, text: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
        if self.faults.len() < MAX_NEAREST { nearest(text, candidates) } else { None }
    }
}

fn expected<V: Value>() -> String {
    if V::WORDS.is_empty() { V::WHAT.to_owned() } else { one_of(V::WORDS.iter().copied()) }
}

/// A key path; a name that is not bare is quoted, so that a dot in an id is not taken for a step.
pub(crate) fn join(table: &str, name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let name = if bare { name.to_owned() } else { shown(name).replace('`', "\"") };
    if table.is_empty() { name } else { format!("{table}.{name}") }
}
