//! What several files of one model say about each other.

mod data;
pub(crate) mod rules;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Location, Occurrence, Severity};

pub use data::explain;

use crate::{Inspection, ReferenceKind, escape, problems::SHOWN};

/// Holds the files of one or more folders against each other, by what was seen of each: whether chat templates agree,
/// whether code that a configuration names is there and what was found in it, whether an index and the shards agree, and
/// whether all numbers are there.
///
/// `files` are all files of the folders, each by its path. Nothing is read again.
pub fn relate(files: &[(&str, &Inspection)]) -> Vec<Occurrence> {
    let mut folders: BTreeMap<&str, BTreeMap<&str, &Inspection>> = BTreeMap::new();
    for (path, inspection) in files {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        folders.entry(folder).or_default().insert(name, inspection);
    }
    let paths: BTreeMap<&str, &Inspection> = files.iter().copied().collect();
    let mut found = Vec::new();
    for (folder, members) in &folders {
        templates(folder, members, &mut found);
        code(folder, members, &paths, &mut found);
        shards(folder, members, &paths, &mut found);
    }
    data::missing(files, &mut found);
    found
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Chat templates of one folder must be the same, whichever file a loader takes its own from.
fn templates(folder: &str, members: &BTreeMap<&str, &Inspection>, found: &mut Vec<Occurrence>) {
    let holds = |name: &str| {
        name.to_ascii_lowercase().ends_with(".gguf")
            || matches!(
                name,
                "tokenizer_config.json"
                    | "chat_template.jinja"
                    | "chat_template.json"
                    | "processor_config.json"
            )
    };
    let mut of_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, inspection) in members.iter().filter(|(name, _)| holds(name)) {
        let facts = &inspection.outline.facts;
        if let Some(digest) = facts.get("chat-template-text").or_else(|| facts.get("chat-template")) {
            of_text.entry(digest).or_default().push(name);
        }
    }
    let [first, second, ..] = of_text.values().collect::<Vec<_>>()[..] else { return };
    let (Some(first), Some(second)) = (first.first(), second.first()) else { return };
    let message = format!(
        "the chat template of {} is another one than that of {}; {} different ones lie in the folder",
        escape(first, SHOWN),
        escape(second, SHOWN),
        of_text.len()
    );
    found.push(Occurrence::new(rules::TemplatesDiffer::META, Location::file(join(folder, second)), message));
}

/// Code that is named must be there, and what was found in it is what loading the model does.
fn code(
    folder: &str,
    members: &BTreeMap<&str, &Inspection>,
    paths: &BTreeMap<&str, &Inspection>,
    found: &mut Vec<Occurrence>,
) {
    let mut seen = BTreeSet::new();
    for inspection in members.values() {
        let named = inspection.outline.references.iter().filter(|named| named.kind == ReferenceKind::Code);
        for named in named.filter(|named| seen.insert(named.name.clone())) {
            let path = join(folder, &named.name);
            let shown = escape(&named.name, SHOWN);
            let Some(source) = paths.get(path.as_str()) else {
                let message = format!("the code that is to be loaded is not in the folder: {shown}");
                found.push(Occurrence::new(rules::CodeMissing::META, named.place.clone(), message));
                continue;
            };
            let worst = source.problems.iter().max_by_key(|problem| problem.severity);
            let Some(worst) = worst.filter(|problem| problem.severity >= Severity::Medium) else { continue };
            let message =
                format!("loading the model runs {shown}, in which {}: {}", worst.rule.code, worst.message);
            let occurrence = Occurrence::new(rules::CodeReached::META, named.place.clone(), message);
            found.push(occurrence.severity(worst.severity));
        }
    }
}

/// The shards that an index names must be there, and no others.
fn shards(
    folder: &str,
    members: &BTreeMap<&str, &Inspection>,
    paths: &BTreeMap<&str, &Inspection>,
    found: &mut Vec<Occurrence>,
) {
    for (index, inspection) in members {
        let named: BTreeMap<&str, &Location> = inspection
            .outline
            .references
            .iter()
            .filter(|named| named.kind == ReferenceKind::Shard)
            .map(|named| (named.name.as_str(), &named.place))
            .collect();
        if named.is_empty() {
            continue;
        }
        for (name, place) in &named {
            if !paths.contains_key(join(folder, name).as_str()) {
                let message =
                    format!("a shard that the index names is not in the folder: {}", escape(name, SHOWN));
                found.push(Occurrence::new(rules::ShardMissing::META, (*place).clone(), message));
            }
        }
        // `model.safetensors.index.json` is about `model-00001-of-00002.safetensors`.
        let Some(stem) = index.strip_suffix(".index.json") else { continue };
        let Some((stem, extension)) = stem.rsplit_once('.') else { continue };
        let (start, end) = (format!("{stem}-"), format!(".{extension}"));
        for name in members.keys() {
            let is_shard = name.starts_with(&start) && name.ends_with(&end) && name.contains("-of-");
            if is_shard && !named.contains_key(*name) {
                let message = format!("the index does not name this shard: {}", escape(name, SHOWN));
                found.push(Occurrence::new(
                    rules::ShardUnnamed::META,
                    Location::file(join(folder, name)),
                    message,
                ));
            }
        }
    }
}
