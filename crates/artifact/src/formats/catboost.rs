//! `CatBoost` models: a magic, the length of a core in the format of `FlatBuffers`, the core, and parts that it names.
//!
//! A model is trees and numbers; nothing of it is code. The core is followed, and the parts are held against the end of
//! the file.
//!
//! Schema: <https://github.com/catboost/catboost/blob/master/catboost/libs/model/flatbuffers/model.fbs>

pub(crate) mod rules;

use super::flatbuffers::{Fault, Flat, Table};
use crate::{
    escape,
    foreign::{Foreign, WINDOW},
    outline::note,
    read::{Halt, Pass},
    scope::Scope,
};

/// The only version of the core.
const VERSION: &str = "FlabuffersModel_v1";

/// Parts that may lie behind the core.
const PARTS: &[&str] = &[STATISTICS, "text_process_v1", "text_process_v2", "embedding_process_v1"];

/// The part that holds statistics of categories: a count, and as many tables, each with its length in front.
const STATISTICS: &str = "static_provider_v1";

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let head = pass.peek(16)?.to_vec();
    let short = head.get(4..8).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let long = head.get(8..16).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    // A length of 32 bits, or all ones and one of 64.
    let (start, length) = match (short, long) {
        (Some(u32::MAX), Some(length)) => (16, Some(length)),
        (Some(length), _) => (8, Some(u64::from(length))),
        _ => (size, None),
    };
    let end = length.and_then(|length| length.checked_add(start)).filter(|end| *end <= size);
    let Some(end) = end else {
        let message = "the core claims more bytes than the file has";
        scope.add(rules::BadLength::META, 4, start.min(size), message);
        scope.unexamined(start.min(size), size, "the core, because its length cannot be");
        return pass.skip(size);
    };
    let mut flat = Flat::new(pass, scope, start, end);
    let mut core = Core::default();
    let result = core.read(&mut flat);
    let complete = flat.told(result)?;
    if complete && !core.broken {
        for (from, to) in flat.gaps() {
            if to < end || to - from > 64 {
                flat.uncovered(from, to)?;
            }
        }
    }
    pass.skip(end)?;
    core.parts(pass, scope, end, size)?;
    pass.skip(size - pass.position())
}

#[derive(Default)]
struct Core {
    parts: Vec<String>,
    broken: bool,
}

impl Core {
    fn read(&mut self, flat: &mut Flat<'_, '_, '_, '_>) -> Result<(), Fault> {
        let root = flat.root()?;
        let version = flat.text(&root, 0)?.unwrap_or_default();
        if version != VERSION {
            let message = format!("the version of the core is {}", escape(&version, 80));
            flat.scope.add(rules::UnknownPart::META, root.at, root.at, message);
        }
        flat.scope.outline.fact("core-version", &version);
        if let Some(parts) = flat.vector(&root, 3, 4)? {
            for index in 0..parts.count.min(64) {
                let part = flat.text_item(&parts, index)?;
                self.parts.push(part.trim_end_matches('\0').to_owned());
            }
        }
        self.each(flat, &root, 2, |_, flat, entry| {
            let key = flat.text(entry, 0)?.unwrap_or_default();
            flat.text(entry, 1)?;
            note(&mut flat.scope.outline.metadata_keys, escape(&key, 80));
            Ok(())
        })?;
        let Some(trees) = flat.table(&root, 1)? else {
            flat.scope.add(rules::BadTrees::META, root.at, root.at, "the core has no trees");
            return Ok(());
        };
        self.trees(flat, &trees)
    }

    fn trees(&mut self, flat: &mut Flat<'_, '_, '_, '_>, trees: &Table) -> Result<(), Fault> {
        let splits = flat.vector(trees, 1, 4)?.map_or(0, |list| list.count);
        let sizes = flat.vector(trees, 2, 4)?;
        let starts = flat.vector(trees, 3, 4)?;
        let leaves = flat.vector(trees, 8, 8)?.map_or(0, |list| list.count);
        flat.vector(trees, 9, 8)?;
        flat.vector(trees, 10, 4)?;
        flat.vector(trees, 11, 4)?;
        if let (Some(sizes), Some(starts)) = (sizes, starts) {
            flat.scope.outline.fact("trees", &sizes.count.to_string());
            if sizes.count != starts.count {
                let message = format!("{} trees have sizes, {} have places", sizes.count, starts.count);
                flat.scope.add(rules::BadTrees::META, trees.at, trees.at, message);
            }
            for index in 0..sizes.count.min(starts.count) {
                let (size, start) = (flat.value_of(&sizes, index)?, flat.value_of(&starts, index)?);
                if start + size > splits {
                    let message = format!("a tree has {size} splits from {start} on, there are {splits}");
                    flat.scope.add(rules::BadTrees::META, trees.at, trees.at, message);
                }
            }
        }
        flat.scope.outline.parameters = leaves;
        flat.vector(trees, 16, 8)?;
        flat.vector(trees, 17, 4)?;
        // Features by number of their field, and their lists and texts as field and width; a text has none.
        let features: [(u16, &[(u16, u64)]); 7] = [
            (4, &[(2, 0)]),
            (5, &[(3, 4), (4, 0)]),
            (6, &[(1, 4)]),
            (7, &[(1, 4)]),
            (12, &[(2, 0)]),
            (13, &[(3, 4)]),
            (18, &[(2, 0)]),
        ];
        for (field, lists) in features {
            self.each(flat, trees, field, |_, flat, feature| {
                for (list, width) in lists {
                    if *width == 0 {
                        flat.text(feature, *list)?;
                    } else {
                        flat.vector(feature, *list, *width)?;
                    }
                }
                match field {
                    6 => Self::texts(flat, feature, 2),
                    7 => combination(flat, feature),
                    _ => Ok(()),
                }
            })?;
        }
        Ok(())
    }

    fn texts(flat: &mut Flat<'_, '_, '_, '_>, table: &Table, field: u16) -> Result<(), Fault> {
        let Some(texts) = flat.vector(table, field, 4)? else { return Ok(()) };
        for index in 0..texts.count {
            flat.text_item(&texts, index)?;
        }
        Ok(())
    }

    fn each(
        &mut self,
        flat: &mut Flat<'_, '_, '_, '_>,
        table: &Table,
        field: u16,
        read: impl Fn(&mut Self, &mut Flat<'_, '_, '_, '_>, &Table) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(list) = flat.vector(table, field, 4)? else { return Ok(()) };
        for index in 0..list.count {
            let result = flat.item(&list, index).and_then(|item| read(self, flat, &item));
            if result == Err(Fault::TooMany) {
                return Err(Fault::TooMany);
            }
            self.broken |= result.is_err();
            flat.told(result)?;
        }
        Ok(())
    }

    /// Looks at what lies behind the core.
    fn parts(
        &self,
        pass: &mut Pass<'_>,
        scope: &mut Scope<'_, '_>,
        start: u64,
        size: u64,
    ) -> Result<(), Halt> {
        for part in self.parts.iter().filter(|part| !PARTS.contains(&part.as_str())) {
            let message = format!("the core names the part {}, which is not known", escape(part, 80));
            scope.add(rules::UnknownPart::META, start, size, message);
            scope.unexamined(start, size, "a part that is not known");
        }
        if start == size {
            if !self.parts.is_empty() {
                scope.add(rules::BadLength::META, start, size, "the core names parts, and there are none");
            }
            return Ok(());
        }
        if self.parts.is_empty() {
            let message = format!("{} bytes follow the core, and it names no part", size - start);
            scope.add(rules::Trailing::META, start, size, message);
            scope.unexamined(start, size, "bytes that follow the core");
        }
        let head = pass.peek(WINDOW)?;
        if let Some(foreign) = Foreign::at(head) {
            let place = scope.range(start, size);
            let rule = super::flatbuffers::rules::ForeignData::META;
            scope.problems.push(foreign.occurrence(rule, place, "what follows the core starts"));
        }
        if self.parts.first().is_some_and(|part| part == STATISTICS) {
            let end = statistics(pass, size)?;
            if end.is_none_or(|end| self.parts.len() == 1 && end != size) {
                let message = "the part of statistics does not end where the file does";
                scope.add(rules::BadLength::META, start, size, message);
                scope.unexamined(start, size, "the part of statistics, because its lengths cannot be");
            }
        }
        Ok(())
    }
}

/// Passes the statistics; where they end, if they do.
fn statistics(pass: &mut Pass<'_>, size: u64) -> Result<Option<u64>, Halt> {
    let Ok(count) = pass.peek(4)?.try_into().map(u32::from_le_bytes) else { return Ok(None) };
    pass.skip(4)?;
    for _ in 0..count {
        let Ok(length) = pass.peek(4)?.try_into().map(u32::from_le_bytes) else { return Ok(None) };
        pass.skip(4)?;
        if u64::from(length) > size - pass.position() {
            return Ok(None);
        }
        pass.skip(length.into())?;
    }
    Ok(Some(pass.position()))
}

/// Follows what a feature is computed from.
fn combination(flat: &mut Flat<'_, '_, '_, '_>, feature: &Table) -> Result<(), Fault> {
    let Some(value) = flat.table(feature, 0)? else { return Ok(()) };
    let Some(base) = flat.table(&value, 0)? else { return Ok(()) };
    if let Some(combination) = flat.table(&base, 0)? {
        flat.vector(&combination, 0, 4)?;
        flat.vector(&combination, 1, 8)?;
        flat.vector(&combination, 2, 8)?;
    }
    Ok(())
}
