//! What was seen, held against what is declared.

mod cover;
mod hosted;
mod names;
mod sink;

use bartizan_finding::{Occurrence, Severity};
use bartizan_project::Project;

use crate::{Inventory, project_file::Stanzas, rules};

pub(crate) use self::{
    cover::{Cover, Lying},
    hosted::{Calling, Hosted},
    names::{Elements, compact, same},
    sink::{Seen, Thing, place_of, seen_at},
};

/// Something that was seen and that the project file does not declare.
#[derive(Clone, Debug)]
pub struct Undeclared {
    /// The finding about it.
    pub occurrence: Occurrence,
    /// What it is.
    pub kind: UndeclaredKind,
    /// Its path or name.
    pub name: String,
    /// How bad it is, as in the finding. What is below medium does not speak against the project.
    pub severity: Severity,
    stanza: String,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndeclaredKind {
    /// Model weights.
    Model,
    /// Weights that are laid over a model.
    Adapter,
    /// Data.
    Dataset,
    /// Prompts.
    Prompt,
    /// A tokenizer.
    Tokenizer,
    /// A tool server.
    Tool,
    /// A provider of models.
    Provider,
    /// A model, or data, of a provider.
    Hosted,
    /// An address at which models answer.
    Endpoint,
    /// A vector store.
    Store,
    /// A library that runs or trains models.
    Library,
    /// A declared model that is not the one that is called.
    Mismatch,
    /// Everything else, folded.
    Rest,
}

/// What `project` does not declare of what `inventory` saw, in the order of the rules and places. An inferred project
/// declares everything that has a path and nothing else, so there is nothing to reconcile: do not ask.
pub fn undeclared(inventory: &Inventory, project: &Project) -> Vec<Undeclared> {
    let reality = Reality {
        inventory,
        project,
        cover: Cover::of(inventory, project),
        names: Elements::of(project),
        hosted: Hosted::of(project),
    };
    let mut seen = Vec::new();
    for rule in rules::OBSERVED {
        rule.check(&reality, &mut |one| seen.push(one));
    }
    seen.sort_by(|a, b| {
        let key = |one: &Seen| (one.occurrence.rule.code.clone(), one.occurrence.location.place());
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    let mut stanzas = Stanzas::new(inventory, project);
    let finish = |one: Seen| {
        let Seen { mut occurrence, kind, name, thing } = one;
        let stanza = stanzas.write(&thing);
        // Of the folded rest one stanza would be a choice at random.
        if let Some(short) = in_short(&stanza).filter(|_| kind != UndeclaredKind::Rest) {
            occurrence.message.push_str(&format!("; declare it as {short}"));
        }
        Undeclared { severity: occurrence.severity, occurrence, kind, name, stanza }
    };
    seen.into_iter().map(finish).collect()
}

/// What to add to the project file so that it declares this: TOML, with what only people know left as a comment. The
/// stanzas of one run have ids of their own, so that all of them can be added.
pub fn stanza_for(undeclared: &Undeclared) -> String {
    undeclared.stanza.clone()
}

/// What the rules look at.
pub(crate) struct Reality<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) project: &'a Project,
    pub(crate) cover: Cover,
    pub(crate) names: Elements,
    pub(crate) hosted: Hosted<'a>,
}

/// The first table of a stanza on one line: its header and what tells it from others.
fn in_short(stanza: &str) -> Option<String> {
    let mut lines = stanza.lines().skip_while(|line| !line.starts_with('['));
    let header = lines.next()?;
    let telling =
        |line: &&str| ["kind = ", "path = ", "model = ", "source = "].iter().any(|key| line.starts_with(key));
    let keys: Vec<_> = lines
        .take_while(|line| !line.starts_with('['))
        .filter(telling)
        .map(|line| format!("`{}`", line.split("      # ").next().unwrap_or(line).trim_end()))
        .collect();
    Some(format!("`{header}` with {}", keys.join(" and ")))
}
