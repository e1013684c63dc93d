//! Files of plain numbers, which only another file of their folder can tell what they are.

use std::collections::BTreeMap;

use bartizan_finding::{Location, Occurrence};

use super::rules;
use crate::{FileClass, Format, Inspection, ReferenceKind, escape, problems::SHOWN};

/// Bytes behind the last tensor that count as padding: writers fill up a page.
const PADDING: u64 = 4096;

/// What other files say about one of numbers.
struct Need<'a> {
    /// Bytes up to the end of the last tensor; none where one of the files does not say where it ends.
    length: Option<u64>,
    /// Bytes that it must have at least.
    least: u64,
    /// Who names it, first.
    by: &'a str,
    place: &'a Location,
}

/// Judges files of plain numbers by what the other files of their folder say about them: a file whose tensors reach to its
/// end is explained, and one that is too short or too long is a problem of it.
///
/// Such a file has no signature, so that it is inconclusive by itself. `files` are all files of the folders, each by its
/// path. Nothing is read again. What is between files is told by [`crate::relate`], which comes after this.
pub fn explain(files: &mut [(&str, &mut Inspection)]) {
    let judged: Vec<(usize, u64, Option<u64>, String)> = {
        let seen: Vec<_> = files.iter().map(|(path, inspection)| (*path, &**inspection)).collect();
        let needs = needs(&seen);
        let raw = seen.iter().enumerate().filter(|(_, (_, inspection))| inspection.raw);
        raw.filter_map(|(at, (path, _))| {
            let need = needs.get(&normal(path)?)?;
            Some((at, need.least, need.length, escape(need.by, SHOWN)))
        })
        .collect()
    };
    for (at, least, length, by) in judged {
        let Some((path, inspection)) = files.get_mut(at) else { continue };
        let size = inspection.size;
        let place =
            |start, end| Location::Bytes { path: (*path).to_owned(), members: Vec::new(), start, end };
        let problem = match length {
            _ if size < least => {
                let message = format!("the file has {size} bytes, and {by} needs {least}");
                Some(Occurrence::new(rules::DataMissing::META, place(0, size), message))
            }
            // Who does not say how far the numbers reach explains nothing.
            None => continue,
            Some(length) if size.saturating_sub(length) > PADDING => {
                let message = format!("{} bytes behind the last tensor that {by} describes", size - length);
                Some(Occurrence::new(rules::DataUnexplained::META, place(length, size), message))
            }
            Some(_) => None,
        };
        inspection.problems.extend(problem);
        inspection.unexamined.clear();
        inspection.raw = false;
        inspection.format = Format::RawData;
        inspection.class = FileClass::of(&inspection.problems, &inspection.unexamined, false);
    }
}

/// Numbers that are missing, where that was not told of the file itself.
pub(super) fn missing(files: &[(&str, &Inspection)], found: &mut Vec<Occurrence>) {
    let sizes: BTreeMap<String, (u64, Format)> = files
        .iter()
        .filter_map(|(path, inspection)| Some((normal(path)?, (inspection.size, inspection.format))))
        .collect();
    for (path, need) in needs(files) {
        let message = match sizes.get(&path) {
            None => format!("the numbers are not in the folder: {}", escape(&path, SHOWN)),
            // Another file stands for it.
            Some((_, Format::RawData | Format::LfsPointer)) => continue,
            Some((size, _)) if *size < need.least => {
                format!("{} has {size} bytes, and {} are needed", escape(&path, SHOWN), need.least)
            }
            Some(_) => continue,
        };
        found.push(Occurrence::new(rules::DataMissing::META, need.place.clone(), message));
    }
}

/// What is said about each file of numbers, by its path.
fn needs<'a>(files: &[(&'a str, &'a Inspection)]) -> BTreeMap<String, Need<'a>> {
    let mut needs: BTreeMap<String, Need<'a>> = BTreeMap::new();
    for (path, inspection) in files {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for named in &inspection.outline.references {
            let ReferenceKind::Data { length } = named.kind else { continue };
            let Some(path_of_data) = normal(&super::join(folder, &named.name)) else { continue };
            let least = length.unwrap_or(0);
            needs
                .entry(path_of_data)
                .and_modify(|need| {
                    need.least = need.least.max(least);
                    need.length = need.length.zip(length).map(|(one, other)| one.max(other));
                })
                .or_insert(Need { length, least, by: path, place: &named.place });
        }
    }
    needs
}

/// A path without parts that lead nowhere; none where it leads up.
fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" if !parts.is_empty() => {}
            "." => {}
            ".." => return None,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
