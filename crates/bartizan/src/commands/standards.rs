mod page;

use std::{collections::BTreeMap, fmt::Write as _};

use bartizan_standards::{Edition, Entry, Naming, Reference, Step, entries, migrate, naming};
use serde_json::{Value, json};

use crate::{
    arguments::{ListFormat, StandardsCommand},
    exit::Exit,
    output,
};

pub(super) use page::page;

/// `bartizan standards`
pub(crate) fn run(command: &StandardsCommand) -> anyhow::Result<Exit> {
    let text = match command {
        StandardsCommand::List { format: ListFormat::Text } => list(),
        StandardsCommand::List { format: ListFormat::Json } => super::json(&Edition::ALL.map(about))?,
        StandardsCommand::Show { edition, format: ListFormat::Text } => show(*edition),
        StandardsCommand::Show { edition, format: ListFormat::Json } => {
            let rows: Vec<_> = entries(*edition).iter().map(|entry| row(*edition, entry)).collect();
            let mut about = about(*edition);
            about["entries"] = Value::from(rows);
            super::json(&about)?
        }
        StandardsCommand::Migrate { reference, to, format } => {
            let steps = steps(reference, *to)?;
            match format {
                ListFormat::Text => migrated(reference, &steps),
                ListFormat::Json => super::json(&steps)?,
            }
        }
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

/// What is held of an edition: `4 groups, 19 practices, 42 tasks`.
pub(super) fn holdings(edition: Edition) -> String {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for entry in entries(edition) {
        *kinds.entry(entry.kind).or_insert(0) += 1;
    }
    kinds.iter().map(|(kind, count)| kind.counted(*count)).collect::<Vec<_>>().join(", ")
}

/// A step in a few words: the counterpart with its title, what happened, and whether that is our judgement.
pub(super) fn said(edition: Edition, step: &Step) -> String {
    let ours = if step.ours { ", by our judgement" } else { "" };
    let what = match &step.to {
        Some(to) => format!("{}: {}{ours}.", titled(to), step.change),
        None => format!("{edition}: no counterpart ({}{ours}).", step.change),
    };
    let notes: Vec<_> = step.notes.iter().map(|note| format!(" {note}")).collect();
    format!("{what}{}", notes.concat())
}

/// A reference with its title.
pub(super) fn titled(reference: &Reference) -> String {
    let title = reference.resolve().map_or("", |entry| entry.title.as_str());
    format!("{reference} {title}")
}

/// What became of an entry in one edition or in every other one of its framework.
pub(super) fn steps(
    reference: &Reference,
    to: Option<Edition>,
) -> anyhow::Result<BTreeMap<Edition, Vec<Step>>> {
    let lineage = reference.edition.lineage();
    if let Some(to) = to.filter(|to| *to == reference.edition || !lineage.contains(to)) {
        anyhow::bail!("there is no way from {} to {to}; {}", reference.edition, ways(reference.edition));
    }
    let others = lineage.iter().filter(|edition| **edition != reference.edition);
    let wanted = others.filter(|edition| to.is_none_or(|to| to == **edition));
    Ok(wanted.map(|edition| (*edition, migrate(reference, *edition))).collect())
}

fn ways(edition: Edition) -> String {
    let others = edition.lineage().iter().filter(|other| **other != edition);
    match others.map(|other| other.tag()).collect::<Vec<_>>().as_slice() {
        [] => format!("{edition} is the only edition of its framework here"),
        others => format!("entries of {edition} can be followed to {}", others.join(" and ")),
    }
}

fn list() -> String {
    let mut text = String::new();
    for edition in Edition::ALL {
        let _ = writeln!(
            text,
            "{:<20}{}\n{:20}{} {}; {}\n{:20}{}\n{:20}{}",
            edition.tag(),
            edition.title(),
            "",
            edition.publisher(),
            edition.published(),
            holdings(edition),
            "",
            edition.licence(),
            "",
            edition.url(),
        );
    }
    text
}

fn show(edition: Edition) -> String {
    let mut text = format!(
        "{}: {}\n{} {}; {}\n{}\n{}\n{}\n\n",
        edition.tag(),
        edition.title(),
        edition.publisher(),
        edition.published(),
        holdings(edition),
        edition.holds(),
        edition.licence(),
        edition.url(),
    );
    for entry in entries(edition) {
        let depth = depth(edition, entry);
        let indent = "  ".repeat(depth);
        let _ = writeln!(text, "{indent}{}  {}", edition.entry(&entry.id).as_published(), entry.title);
        let named = naming(&edition.entry(&entry.id));
        if !named.is_empty() {
            let controls: Vec<_> = named.iter().map(|one| one.control.id.as_str()).collect();
            let _ = writeln!(text, "{indent}    controls: {}", controls.join(", "));
        }
    }
    text
}

/// How many entries stand above this one.
fn depth(edition: Edition, entry: &Entry) -> usize {
    let above = |entry: &Entry| {
        let parent = entry.parent.as_ref()?;
        edition.entry(parent).resolve()
    };
    std::iter::successors(above(entry), |entry| above(entry)).count()
}

fn migrated(reference: &Reference, steps: &BTreeMap<Edition, Vec<Step>>) -> String {
    let mut text = format!("{}\n", titled(reference));
    for (edition, steps) in steps {
        for step in steps {
            let _ = writeln!(text, "  {}", said(*edition, step));
        }
    }
    if steps.is_empty() {
        let _ = writeln!(text, "  {}", ways(reference.edition));
    }
    for namesake in bartizan_standards::namesakes(reference) {
        let _ = writeln!(text, "  Not to be taken for {}, which has the same id.", titled(&namesake));
    }
    text
}

fn about(edition: Edition) -> Value {
    json!({
        "edition": edition.tag(),
        "title": edition.title(),
        "publisher": edition.publisher(),
        "published": edition.published(),
        "url": edition.url(),
        "licence": edition.licence(),
        "holds": edition.holds(),
        "count": entries(edition).len(),
        "lineage": edition.lineage(),
    })
}

fn row(edition: Edition, entry: &Entry) -> Value {
    let reference = edition.entry(&entry.id);
    let control = |one: Naming| json!({ "id": one.control.id, "how": one.how });
    let controls: Vec<_> = naming(&reference).into_iter().map(control).collect();
    json!({
        "reference": reference,
        "published_as": reference.as_published(),
        "kind": entry.kind,
        "title": entry.title,
        "parent": entry.parent,
        "level": entry.level,
        "controls": controls,
    })
}
