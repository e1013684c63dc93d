use bartizan_artifact::escape;
use bartizan_project::RelPath;

use super::{HUB, Writer, places};
use crate::{
    Found, Kind, Provider,
    folders::ASIDE,
    toml_text::{fresh_id, quoted},
};

/// At most this many files and folders are written down: more than a person would, and room for what people add.
const MAX_ASSETS: usize = 2_000;

impl Writer<'_> {
    pub(super) fn assets(&mut self) {
        self.section("What is worth protecting", "Every file of an asset is looked at by a check.");
        let (inventory, mut written) = (self.inventory, 0);
        for model in self.hub_provider().into_iter().flat_map(|hub| &hub.models) {
            let id = fresh_id(model, &mut self.ids);
            self.hub_ids.insert(model, id);
        }
        for found in &inventory.found {
            let aside = found.kind == Kind::Code && ASIDE.contains(&found.path.as_str());
            if RelPath::parse(&found.path).is_none() {
                self.comment(&format!(
                    "`{}` cannot be named here; give it a plain name to have it checked.",
                    escape(&found.path, 200)
                ));
            } else if aside {
                self.comment(&format!(
                    "Left out: {}/, code that is not part of the running system.",
                    escape(&found.path, 200)
                ));
            } else if written < MAX_ASSETS {
                written += 1;
                self.found(found);
            }
        }
        if written == MAX_ASSETS {
            self.comment(
                "There are more assets than a person would write down. Name the folders that matter.",
            );
        }
        for provider in &inventory.providers {
            self.models(provider);
        }
        if inventory.found.is_empty() && inventory.providers.is_empty() {
            self.comment("Nothing was recognised in the folder. An asset looks like this:");
            self.line("# [asset.assistant]\n# kind = \"model\"\n# path = \"model/\"\n# owner = \"app\"\n# source = { url = \"https://…\", licence = \"…\" }");
        }
    }

    pub(super) fn found(&mut self, found: &Found) {
        let id = fresh_id(&found.path, &mut self.ids);
        let owner = match found.kind {
            Kind::Dataset => "data",
            Kind::Model | Kind::Adapter | Kind::Tokenizer => "models",
            _ => "app",
        };
        self.comment(&format!("It is here {}", found.why));
        self.line(&format!("[asset.{id}]\nkind = \"{}\"", found.kind.asset()));
        let slash = if found.folder && found.path != "." { "/" } else { "" };
        self.line(&format!("path = {}", quoted(&format!("{}{slash}", found.path))));
        self.owner(owner);
        let base = found.base.as_ref().and_then(|base| self.hub_ids.get(base.as_str())).cloned();
        match found.kind {
            Kind::Dataset => {
                self.line("# classification = \"personal\"      # if it holds data about people");
                self.line("# source = { url = \"https://…\", licence = \"…\" }      # where it comes from, under which terms");
                self.datasets.push(id);
            }
            Kind::Adapter if base.is_some() => {
                self.line(&format!(
                    "derived_from = [{}]      # as its configuration says; add the data it was trained on",
                    quoted(&base.unwrap_or_default())
                ));
                self.local_models.push(id);
            }
            Kind::Model | Kind::Adapter => {
                self.line("# source = { url = \"https://…\", licence = \"…\" }      # where the weights were taken from, or");
                self.line("# derived_from = [\"…\"]      # the assets that they were trained from");
                self.local_models.push(id);
            }
            Kind::Tokenizer => {
                self.line("# source = { url = \"https://…\", licence = \"…\" }");
                self.local_models.push(id);
            }
            Kind::Environment => {
                self.line("classification = \"confidential\"");
                self.comment("Better kept out of the folder: a secret that lies in a repository is known to all who read it.");
                self.used_by_app.push(id);
            }
            Kind::Prompt => self.used_by_app.push(id),
            _ => {}
        }
        self.line("");
    }

    /// The models of a provider as assets.
    pub(super) fn models(&mut self, provider: &Provider) {
        let places = places(&provider.places);
        let mut served = Vec::new();
        for model in &provider.models {
            let known = if provider.name == HUB { self.hub_ids.get(model.as_str()).cloned() } else { None };
            let id = known.unwrap_or_else(|| fresh_id(model, &mut self.ids));
            self.comment(&format!(
                "{} names it; seen at {places}",
                if provider.name == HUB { "A call" } else { "Code" }
            ));
            self.line(&format!("[asset.{id}]\nkind = \"model\""));
            if provider.name == HUB {
                self.line(&format!(
                    "source = {{ url = {} }}      # add its licence",
                    quoted(&format!("https://huggingface.co/{model}"))
                ));
                self.line("# digest = \"sha256:…\"      # pin what is downloaded");
                self.owner("models");
                self.line("");
                self.hub.push(id);
            } else {
                self.line(&format!("model = {}", quoted(&format!("{}/{model}", provider.name))));
                self.owner("app");
                self.line("");
                served.push(id);
            }
        }
        for dataset in &provider.datasets {
            let id = fresh_id(dataset, &mut self.ids);
            self.comment(&format!("It is loaded by code; {} shows at {places}", provider.name));
            self.line(&format!("[asset.{id}]\nkind = \"dataset\""));
            self.owner("data");
            self.line(&format!(
                "source = {{ url = {} }}      # add its licence\n",
                quoted(&format!("https://huggingface.co/datasets/{dataset}"))
            ));
            self.datasets.push(id);
        }
        if served.is_empty() && provider.name != HUB {
            let id = fresh_id(&format!("{}-endpoint", provider.name), &mut self.ids);
            self.comment(&format!(
                "Which of its models is called was not seen; the provider is named at {places}"
            ));
            self.line(&format!("[asset.{id}]\nkind = \"endpoint\""));
            self.owner("app");
            self.line(&format!(
                "# model = \"{}/…\"      # with kind = \"model\", once you know\n",
                provider.name
            ));
            served.push(id);
        }
        if provider.name != HUB {
            self.hosted.push((provider.name, served));
        }
    }
}
