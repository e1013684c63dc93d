use super::{Flow, Writer, places};
use crate::{
    Endpoint, Framework, Role, Store, Tool,
    reconcile::same,
    toml_text::{fresh_id, quoted},
};

/// At most this many tools are written down.
const MAX_TOOLS: usize = 500;

/// Providers that run on the machine itself.
const LOCAL: [&str; 1] = ["ollama"];

impl Writer<'_> {
    pub(super) fn elements(&mut self) {
        self.section(
            "How it works",
            "Elements are boxes, flows are arrows; zones say who operates what. Threats follow from both.",
        );
        let inventory = self.inventory;
        let serves_itself = inventory.frameworks.iter().any(|framework| framework.role == Role::Serves);
        let has_app = !inventory.providers.is_empty()
            || !inventory.tools.is_empty()
            || !inventory.frameworks.is_empty();
        if !has_app && inventory.stores.is_empty() {
            self.comment("No code was seen that calls a model. A system looks like this:");
            self.line("# [element.users]\n# kind = \"user\"\n# [element.app]\n# kind = \"user-interface\"\n# owner = \"app\"\n# [element.model-server]\n# kind = \"model-server\"\n# serves = [\"…\"]\n# owner = \"app\"");
            return;
        }
        self.comment(
            "People who use it. Say who: the whole internet, customers with an account, colleagues.",
        );
        self.element("users", "user", &[]);
        self.app();
        for (name, served) in std::mem::take(&mut self.hosted) {
            self.provider(name, &served);
        }
        self.own_server(serves_itself);
        for endpoint in &inventory.endpoints {
            self.endpoint(endpoint);
        }
        for store in &inventory.stores {
            self.store(store);
        }
        self.tools();
        self.training();
    }

    /// A server of models that is known by its address alone.
    pub(super) fn endpoint(&mut self, endpoint: &Endpoint) {
        self.comment(&format!(
            "Models are called at this address, as {} says. Who runs it?",
            places(&endpoint.places)
        ));
        let id = self.element(&endpoint.host, "model-server", &[("owner", "app")]);
        self.line("# zone = \"partner\"        # if others run it");
        self.line(&format!("description = {}", quoted(&format!("Answers at {}", endpoint.host))));
        self.line("# serves = [\"…\"]\n");
        self.flow("app", &id, "user-prompts", endpoint.encrypted);
        self.flow(&id, "app", "completions", endpoint.encrypted);
    }

    pub(super) fn store(&mut self, store: &Store) {
        let hosted = store.name == "pinecone";
        self.comment(&format!(
            "Seen at {}. Who can write to it can speak to the model",
            places(&store.places)
        ));
        let id = self.element(store.name, "vector-store", &[("zone", if hosted { "partner" } else { "" })]);
        self.line("# serves = [\"…\"]      # the data sets behind it\n# authenticates = true");
        self.line("");
        self.flow("app", &id, "user-prompts", hosted);
        self.flow(&id, "app", "retrieved-content", hosted);
    }

    fn app(&mut self) {
        let agents: Vec<_> = self.inventory.frameworks.iter().filter(|one| one.role == Role::Agent).collect();
        let acts = !agents.is_empty() || !self.inventory.tools.is_empty();
        let calls = self.inventory.frameworks.iter().map(|one| (one.name, &one.places));
        let seen: Vec<_> = calls.take(4).map(|(name, at)| format!("{name} at {}", places(at))).collect();
        let seen = if seen.is_empty() { String::new() } else { format!(" It uses {}", seen.join("; ")) };
        let what = if acts {
            "The agent: it decides in steps which tool to call."
        } else {
            "The application around the model."
        };
        self.comment(&format!("{what}{seen}"));
        self.element("app", if acts { "agent" } else { "user-interface" }, &[("owner", "app")]);
        let uses: Vec<_> = self.used_by_app.iter().map(|id| quoted(id)).collect();
        if !uses.is_empty() {
            self.line(&format!("uses = [{}]", uses.join(", ")));
        }
        self.line("# authenticates = true      # if it knows who its users are");
        self.line("# limits = true             # if it limits what one of them may use up");
        self.line("# logs = true\n");
        self.flow("users", "app", "user-prompts", false);
        self.flow("app", "users", "completions", false);
    }

    pub(super) fn provider(&mut self, name: &str, served: &[String]) {
        let local = LOCAL.contains(&name);
        let what = if local {
            "Runs models on your own machines."
        } else {
            "Others run it: what is sent there leaves your hands. Check the contract: training on your data, retention, region."
        };
        self.comment(what);
        let id = self.element(
            name,
            "model-server",
            &[("zone", if local { "" } else { "partner" }), ("owner", "app")],
        );
        self.serves(served);
        self.line("# limits = true             # if the spending is capped\n");
        self.flow("app", &id, "user-prompts", !local);
        self.flow(&id, "app", "completions", !local);
    }

    /// The server of models that lie here or are taken from the hub.
    pub(super) fn own_server(&mut self, serves_itself: bool) {
        let mut served = self.local_models.clone();
        served.extend(self.hub.iter().cloned());
        if served.is_empty() && !serves_itself {
            return;
        }
        self.comment("Runs the models that lie in this folder or are taken from a hub.");
        let owner = if self.has_weights() { "models" } else { "app" };
        let id = self.element("model-server", "model-server", &[("owner", owner)]);
        self.serves(&served);
        self.line("# isolation = \"container\"   # what keeps it apart from its surroundings\n");
        self.flow("app", &id, "user-prompts", false);
        self.flow(&id, "app", "completions", false);
        if !self.hub.is_empty() {
            self.comment("Others publish there; a name is a promise, not a file.");
            let registry = self.element("huggingface-hub", "registry", &[("zone", "partner")]);
            self.line("");
            self.flow(&registry, &id, "weights", true);
        }
    }

    fn tools(&mut self) {
        for tool in self.inventory.tools.iter().take(MAX_TOOLS) {
            self.tool(tool);
        }
        let left = self.inventory.tools.len().saturating_sub(MAX_TOOLS);
        if left > 0 {
            self.comment(&format!("{left} more tools are configured than are written here."));
        }
    }

    pub(super) fn tool(&mut self, tool: &Tool) {
        let server = if tool.server.is_empty() { "an unknown program" } else { &tool.server };
        self.comment(&format!("Configured at {}; behind it is {server}", tool.place));
        let id = self.element(
            &tool.name,
            "tool",
            &[("zone", if tool.remote { "partner" } else { "" }), ("owner", "app")],
        );
        if tool.effects.is_empty() {
            self.line("# effects = [\"write:…\"]      # what it does to the world: read, write, delete, exec, send, spend");
        } else {
            let effects: Vec<_> = tool.effects.iter().map(|effect| quoted(effect)).collect();
            self.line(&format!("effects = [{}]      # guessed from its name", effects.join(", ")));
        }
        if !same(&id, &tool.name) {
            self.line(&format!("description = {}", quoted(&format!("Configured as {}", tool.name))));
        }
        self.line("# approval = \"human\"        # if somebody must say yes before it acts\n");
        self.flow("app", &id, "tool-calls", tool.encrypted);
        self.flow(&id, "app", "tool-results", tool.encrypted);
    }

    fn training(&mut self) {
        let trains: Vec<_> =
            self.inventory.frameworks.iter().filter(|one| one.role == Role::Trains).collect();
        if let Some(first) = trains.first() {
            self.training_job(first);
        }
    }

    pub(super) fn training_job(&mut self, first: &Framework) {
        self.comment(&format!("Trains or adapts a model: {} at {}", first.name, places(&first.places)));
        let owner = if self.has_weights() { "models" } else { "app" };
        self.element("training-job", "training-job", &[("owner", owner)]);
        let uses: Vec<_> = self.datasets.iter().map(|id| quoted(id)).collect();
        if !uses.is_empty() {
            self.line(&format!("uses = [{}]", uses.join(", ")));
        }
        self.line("");
        if self.elements.contains("model-server") {
            self.flow("training-job", "model-server", "weights", false);
        }
    }

    /// Writes an element; its id.
    fn element(&mut self, name: &str, kind: &str, fields: &[(&str, &str)]) -> String {
        let id = fresh_id(name, &mut self.elements);
        self.line(&format!("[element.{id}]\nkind = \"{kind}\""));
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            if *key == "owner" {
                self.owner(value);
            } else {
                self.line(&format!("{key} = \"{value}\""));
            }
        }
        if kind == "user" {
            self.line("");
        }
        id
    }

    fn serves(&mut self, assets: &[String]) {
        let assets: Vec<_> = assets.iter().map(|id| quoted(id)).collect();
        if assets.is_empty() {
            self.line("# serves = [\"…\"]");
        } else {
            self.line(&format!("serves = [{}]", assets.join(", ")));
        }
    }

    fn flow(&mut self, from: &str, to: &str, carries: &'static str, encrypted: bool) {
        if self.declared.is_some() {
            // Who is at the other end, only people know.
            let end = |id: &str| if id == "app" { "…".to_owned() } else { id.to_owned() };
            self.flows.push(Flow { from: end(from), to: end(to), carries, encrypted });
        } else if self.elements.contains(from) && self.elements.contains(to) {
            self.flows.push(Flow { from: from.to_owned(), to: to.to_owned(), carries, encrypted });
        }
    }
}
