//! The project file that is proposed for what was found.
//!
//! What was seen is written down; what cannot be seen (owners, licences, limits, approvals) stands there as a line that
//! somebody has to fill in and uncomment. Nothing is made up: a rule that then asks for it is right.

mod assets;
mod elements;
mod stanzas;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_artifact::escape;
use bartizan_finding::Location;
use bartizan_project::{Project, ProjectRole};

use crate::{
    Inventory, Kind, Provider, Role,
    toml_text::{project_name, quoted},
};

pub(crate) use self::stanzas::Stanzas;

/// Where models are taken from and not called.
const HUB: &str = "huggingface";

/// What people say about the project; the default needs nobody to ask.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// What it is for.
    pub purpose: Option<String>,
    /// What it does with models; what the inventory suggests where nothing was said.
    pub role: Option<ProjectRole>,
    /// The e-mail address of who answers for everything for now. One that is no such address is left out.
    pub owner: Option<String>,
    /// The fingerprints of the keys, where there are some.
    pub pins: Option<Pins>,
    /// Whether a `bartizan.schema.json` lies beside the file, which editors then use.
    pub schema: bool,
}

/// Fingerprints of keys, as `SHA256:…`.
#[derive(Clone, Debug)]
pub struct Pins {
    /// Of the key that signs the trust file.
    pub root: String,
    /// Of the key that signs the log.
    pub log: String,
}

impl Inventory {
    /// What a project with these assets most likely does with models.
    pub fn likely_role(&self) -> ProjectRole {
        if self.frameworks.iter().any(|framework| framework.role == Role::Trains) {
            ProjectRole::ModelProducer
        } else {
            ProjectRole::SystemProducer
        }
    }
}

/// The text of a commented `bartizan.toml` for what was found. It has no fault: a check can start at once.
pub fn project_file(inventory: &Inventory, name: &str, answers: &Answers) -> String {
    let mut file = Writer::new(inventory, answers);
    file.head(name);
    file.people();
    file.assets();
    file.elements();
    file.flows();
    file.unexamined();
    file.text
}

struct Writer<'a> {
    inventory: &'a Inventory,
    answers: &'a Answers,
    owner: Option<&'a str>,
    /// The project that is there already, where only a part of one is written.
    declared: Option<&'a Project>,
    text: String,
    ids: BTreeSet<String>,
    elements: BTreeSet<String>,
    flows: Vec<Flow>,
    /// Ids of assets, by what elements do with them.
    local_models: Vec<String>,
    hub: Vec<String>,
    datasets: Vec<String>,
    used_by_app: Vec<String>,
    /// Ids of the models of the hub, by name: adapters are derived from them.
    hub_ids: BTreeMap<&'a str, String>,
    /// Ids of what each hosted provider serves.
    hosted: Vec<(&'static str, Vec<String>)>,
}

struct Flow {
    from: String,
    to: String,
    carries: &'static str,
    encrypted: bool,
}

impl<'a> Writer<'a> {
    fn new(inventory: &'a Inventory, answers: &'a Answers) -> Self {
        let is_member = |owner: &&str| {
            let line = format!(
                "format = 1\n[project]\nname = \"x\"\n[group.a]\nrole = \"app-developer\"\nmembers = [{}]\n",
                quoted(owner)
            );
            bartizan_project::parse(&line).faults.is_empty()
        };
        Self {
            inventory,
            answers,
            owner: answers.owner.as_deref().filter(is_member),
            declared: None,
            text: String::new(),
            ids: BTreeSet::new(),
            elements: BTreeSet::new(),
            flows: Vec::new(),
            local_models: Vec::new(),
            hub: Vec::new(),
            hub_ids: BTreeMap::new(),
            datasets: Vec::new(),
            used_by_app: Vec::new(),
            hosted: Vec::new(),
        }
    }

    fn head(&mut self, name: &str) {
        if self.answers.schema {
            self.line("#:schema ./bartizan.schema.json");
        }
        self.comment(
            "What this project is made of. `bartizan init` wrote it from what it found in the folder; threats and controls are derived from it. Correct what is wrong, uncomment and fill in what is missing, and run `bartizan check`.",
        );
        self.line("format = 1\n\n[project]");
        self.line(&format!("name = {}", quoted(&project_name(name))));
        match self.answers.purpose.as_deref().map(str::trim).filter(|purpose| !purpose.is_empty()) {
            Some(purpose) => {
                let purpose: String = purpose.chars().take(2000).collect();
                self.line(&format!("purpose = {}", quoted(&purpose)));
            }
            None => self.line("# purpose = \"Say in one sentence what it is for, and for whom\""),
        }
        let role = self.answers.role.unwrap_or_else(|| self.inventory.likely_role());
        self.line(&format!(
            "role = \"{role}\"{}# model-producer, system-producer or acquirer",
            " ".repeat(20_usize.saturating_sub(role.as_str().len()))
        ));
        self.line("baselines = [\"ssdf-218a\"]");
        self.line("");
        if let Some(pins) = &self.answers.pins {
            self.comment("Whose word counts. Pinned here, nobody who can write only the state folder can replace the keys.");
            self.line(&format!("[trust]\nroot = {}\nlog = {}", quoted(&pins.root), quoted(&pins.log)));
        } else {
            self.comment("Whose word counts: `bartizan key new` makes keys and says what to write here.");
            self.line("# [trust]\n# root = \"SHA256:…\"\n# log = \"SHA256:…\"");
        }
    }

    fn people(&mut self) {
        self.section("People", "Groups answer for assets and risks. Give each its members, and split groups where different people do the work.");
        self.group("app", "app-developer", "Builds what stands around the model.");
        if self.has(|kind| kind == Kind::Dataset)
            || self.hub_provider().is_some_and(|hub| !hub.datasets.is_empty())
        {
            self.group("data", "data-engineer", "Sources, keeps and prepares data.");
        }
        if self.has_weights() {
            self.group("models", "model-trainer", "Chooses, trains or adapts models.");
        }
        self.comment(
            "Who attacks the system before others do, and who is called at night? Controls ask for both.",
        );
        self.line("# [group.red-team]\n# role = \"red-teamer\"\n# members = [\"…\"]\n# [group.on-call]\n# role = \"incident-responder\"\n# members = [\"…\"]");
    }

    fn group(&mut self, id: &str, role: &str, what: &str) {
        self.comment(what);
        self.line(&format!("[group.{id}]\nrole = \"{role}\""));
        match self.owner {
            Some(owner) => self.line(&format!("members = [{}]", quoted(owner))),
            None => self.line("# members = [\"name@example.com\"]"),
        }
        self.line("");
    }

    /// Names who answers for something: one of the groups that [`Writer::people`] writes, or of a project that is there
    /// the group that comes nearest.
    fn owner(&mut self, group: &str) {
        match self.declared.map(|project| stanzas::owner(project, group)) {
            None => self.line(&format!("owner = \"{group}\"")),
            Some(Some(group)) => self.line(&format!("owner = {}", quoted(&group))),
            Some(None) => self.line("# owner = \"…\"      # the group that answers for it"),
        }
    }

    fn flows(&mut self) {
        let flows = std::mem::take(&mut self.flows);
        if flows.is_empty() {
            return;
        }
        self.comment("What moves between them. Add what a guard inspects, what is authenticated, and what other data travel.");
        for Flow { from, to, carries, encrypted } in flows {
            self.line(&format!("[[flow]]\nfrom = \"{from}\"\nto = \"{to}\"\ncarries = [\"{carries}\"]"));
            self.line(if encrypted {
                "encrypted = true      # as its clients are by default; check yours"
            } else {
                "# encrypted = true"
            });
            self.line("# authenticated = true\n# inspected = true\n");
        }
    }

    fn unexamined(&mut self) {
        const SHOWN: usize = 10;
        let gaps: Vec<_> = self.inventory.left_out.iter().chain(&self.inventory.unexamined).collect();
        if gaps.is_empty() {
            return;
        }
        self.section("What was not looked at", "");
        for gap in gaps.iter().take(SHOWN) {
            self.comment(&format!("{}: {}", gap.location, gap.reason));
        }
        if gaps.len() > SHOWN {
            self.comment(&format!("and {} more", gaps.len() - SHOWN));
        }
    }

    fn has(&self, is: impl Fn(Kind) -> bool) -> bool {
        self.inventory.found.iter().any(|found| is(found.kind))
    }

    fn has_weights(&self) -> bool {
        self.has(|kind| matches!(kind, Kind::Model | Kind::Adapter | Kind::Tokenizer))
            || self.hub_provider().is_some_and(|hub| !hub.models.is_empty())
    }

    fn hub_provider(&self) -> Option<&'a Provider> {
        self.inventory.providers.iter().find(|provider| provider.name == HUB)
    }

    fn section(&mut self, title: &str, what: &str) {
        let dashes = "-".repeat(110_usize.saturating_sub(title.len() + 7));
        self.line(&format!("\n# --- {title} {dashes}\n"));
        if !what.is_empty() {
            self.comment(what);
            self.line("");
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// A comment, over as many lines as it needs. What stands in it may come from files.
    fn comment(&mut self, text: &str) {
        const WIDTH: usize = 108;
        let text = escape(text, 1_000).replace("\\\\", "\\");
        let mut line = String::from("#");
        for word in text.split(' ') {
            if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > 1 {
                self.line(&line);
                line = String::from("#");
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(&line);
    }
}

/// The first places where something shows.
fn places(places: &[Location]) -> String {
    const SHOWN: usize = 3;
    let mut text =
        places.iter().take(SHOWN).map(|place| escape(&place.to_string(), 160)).collect::<Vec<_>>().join(", ");
    if places.len() > SHOWN {
        text.push_str(" and elsewhere");
    }
    text
}
