use std::collections::BTreeMap;

use bartizan_project::{GroupRole, Project, RelPath};

use super::{Answers, HUB, Writer};
use crate::{Inventory, reconcile::Thing, toml_text::quoted};

/// At most this many assets stand in one stanza.
const MAX_FILES: usize = 20;

/// Writes what a project file lacks, piece by piece, with ids that neither it nor another piece has.
pub(crate) struct Stanzas<'a> {
    inventory: &'a Inventory,
    project: &'a Project,
    ids: std::collections::BTreeSet<String>,
    elements: std::collections::BTreeSet<String>,
}

impl<'a> Stanzas<'a> {
    pub(crate) fn new(inventory: &'a Inventory, project: &'a Project) -> Self {
        Self {
            inventory,
            project,
            ids: project.assets.keys().map(ToString::to_string).collect(),
            elements: project.elements.keys().map(ToString::to_string).collect(),
        }
    }

    /// The stanza for one thing.
    pub(crate) fn write(&mut self, thing: &Thing) -> String {
        let answers = Answers::default();
        let mut file = Writer::new(self.inventory, &answers);
        file.declared = Some(self.project);
        file.ids = std::mem::take(&mut self.ids);
        file.elements = std::mem::take(&mut self.elements);
        match thing {
            Thing::Files(files) => {
                let named = |path: &str| RelPath::parse(path).is_some();
                for found in files.iter().filter(|found| named(&found.path)).take(MAX_FILES) {
                    file.found(found);
                }
                if files.iter().any(|found| !named(&found.path)) {
                    file.comment("A project file cannot hold every name there; give such files plain names.");
                }
            }
            Thing::Tool(tool) => file.tool(tool),
            Thing::Provider { provider, element } => {
                file.models(provider);
                let served: Vec<_> = file.hosted.drain(..).flat_map(|(_, served)| served).collect();
                if *element && provider.name != HUB {
                    file.provider(provider.name, &served);
                }
            }
            Thing::Endpoint(endpoint) => file.endpoint(endpoint),
            Thing::Store(store) => file.store(store),
            Thing::Serves => file.own_server(true),
            Thing::Trains(framework) => file.training_job(framework),
            Thing::Differs { asset, model } => {
                file.comment(&format!("In [asset.{asset}]"));
                file.line(&format!("# model = {}", quoted(model)));
            }
        }
        for flow in std::mem::take(&mut file.flows) {
            file.line(&format!(
                "# [[flow]]\n# from = \"{}\"\n# to = \"{}\"\n# carries = [\"{}\"]",
                flow.from, flow.to, flow.carries
            ));
        }
        self.ids = file.ids;
        self.elements = file.elements;
        let text = file.text.trim_end();
        format!("{text}\n")
    }
}

/// The group of a project that most likely answers for what one of the proposed groups would: by its role.
pub(super) fn owner(project: &Project, proposed: &str) -> Option<String> {
    use GroupRole::{AppDeveloper, DataEngineer, ModelTrainer, PlatformEngineer, ProductOwner};
    let roles: &[GroupRole] = match proposed {
        "data" => &[DataEngineer, ModelTrainer],
        "models" => &[ModelTrainer, PlatformEngineer],
        _ => &[AppDeveloper, PlatformEngineer, ProductOwner],
    };
    let by_role: BTreeMap<_, _> =
        project.groups.iter().rev().map(|(id, group)| (group.role, id.to_string())).collect();
    roles.iter().find_map(|role| by_role.get(role).cloned())
}
