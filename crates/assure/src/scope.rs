use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{AssetId, ControlId, Digest};
use bartizan_project::{Asset, AssetKind, ElementKind, Project, ProjectRole, SubjectRef};
use bartizan_standards::{Audience, Baseline, Control, ScopeKind};
use serde::{Deserialize, Serialize};

/// What the controls are judged over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The root digest of the project: what evidence about the whole project is about.
    pub project: Digest,
    /// What the project does with models, as declared and as seen in what it declares.
    pub audience: BTreeSet<Audience>,
    /// The baselines that it says it follows.
    pub baselines: BTreeSet<Baseline>,
    /// By control.
    pub controls: BTreeMap<ControlId, InScope>,
}

/// What one control is judged over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InScope {
    /// These, each for itself. None of them is a derived not-applicable.
    Subjects(Vec<Subject>),
    /// Nothing, for this reason.
    NotApplicable(String),
}

/// What evidence can be about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Id of the asset, element or group, by which lists in facts name it; `project` for the project.
    pub id: String,
    /// What people call it: the path of a file, or the id.
    pub label: String,
    /// Its digest; absent where it could not be read, so that nothing can be about it.
    pub digest: Option<Digest>,
}

/// What was found where an asset should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetBytes {
    /// The digest of the asset as a whole: of the file, or the directory hash of the folder. Absent where not all
    /// of it could be read.
    pub whole: Option<Digest>,
    /// Its files by path, and their digests as far as they could be read.
    pub files: Vec<(String, Option<Digest>)>,
}

/// Says over what each control of `catalogue` is judged in a project.
///
/// What is declared stays in scope when its bytes cannot be read: it then has no digest, and nothing satisfies it.
pub fn scope(catalogue: &[Control], project: &Project, bytes: &BTreeMap<AssetId, AssetBytes>) -> Scope {
    let root = project.root();
    let of = |control: &Control| {
        let subjects = Builder { project, bytes, root }.subjects(control.scope);
        let in_scope = if subjects.is_empty() {
            InScope::NotApplicable(format!("The project declares {}.", control.scope.absence()))
        } else {
            InScope::Subjects(subjects)
        };
        (control.id.clone(), in_scope)
    };
    Scope {
        project: root,
        audience: audience(project),
        baselines: baselines(project),
        controls: catalogue.iter().map(of).collect(),
    }
}

struct Builder<'a> {
    project: &'a Project,
    bytes: &'a BTreeMap<AssetId, AssetBytes>,
    root: Digest,
}

impl Builder<'_> {
    fn subjects(&self, kind: ScopeKind) -> Vec<Subject> {
        use AssetKind::{Adapter, Code, Config, Container, Dataset, LockFile, Log, Model, Prompt, Tokenizer};
        use ElementKind::{Gateway, Memory, ModelServer, Retriever, Tool, TrainingJob, VectorStore};
        match kind {
            ScopeKind::Project => {
                let label = self.project.name.clone();
                vec![Subject { id: "project".to_owned(), label, digest: Some(self.root) }]
            }
            ScopeKind::Group => {
                let ids = self.project.groups.keys();
                ids.map(|id| self.declared(id.as_str(), &SubjectRef::Group(id.clone()))).collect()
            }
            ScopeKind::Model => {
                self.assets(&[Model, Adapter]).map(|(id, asset)| self.whole(id, asset)).collect()
            }
            ScopeKind::Dataset => self.assets(&[Dataset]).map(|(id, asset)| self.whole(id, asset)).collect(),
            ScopeKind::ModelFile => self.files(&[Model, Adapter, Tokenizer]),
            ScopeKind::DatasetFile => self.files(&[Dataset]),
            ScopeKind::PromptFile => self.files(&[Prompt]),
            ScopeKind::TextFile => self.files(&[Dataset, Prompt, Code, Config, LockFile, Log]),
            ScopeKind::CodeFile => self.files(&[Code, Config, LockFile, Container]),
            ScopeKind::TrainingJob => self.elements(&[TrainingJob]),
            ScopeKind::Tool => self.elements(&[Tool]),
            ScopeKind::Retrieval => self.elements(&[Retriever, VectorStore, Memory]),
            ScopeKind::ModelServer => self.elements(&[ModelServer]),
            ScopeKind::Serving => {
                let gateways = self.elements(&[Gateway]);
                if gateways.is_empty() { self.elements(&[ModelServer]) } else { gateways }
            }
        }
    }

    fn declared(&self, id: &str, subject: &SubjectRef) -> Subject {
        Subject { id: id.to_owned(), label: id.to_owned(), digest: self.project.subject(subject) }
    }

    fn elements(&self, kinds: &[ElementKind]) -> Vec<Subject> {
        let elements = self.project.elements.iter().filter(|(_, element)| kinds.contains(&element.kind));
        elements.map(|(id, _)| self.declared(id.as_str(), &SubjectRef::Element(id.clone()))).collect()
    }

    fn assets(&self, kinds: &[AssetKind]) -> impl Iterator<Item = (&AssetId, &Asset)> {
        self.project.assets.iter().filter(|(_, asset)| kinds.contains(&asset.kind))
    }

    /// An asset as a whole. One that someone else hosts has no bytes here: evidence is about its declaration.
    fn whole(&self, id: &AssetId, asset: &Asset) -> Subject {
        if asset.path.is_none() && asset.model.is_some() {
            return self.declared(id.as_str(), &SubjectRef::Asset(id.clone()));
        }
        let digest = self.bytes.get(id).and_then(|bytes| bytes.whole);
        Subject { id: id.to_string(), label: id.to_string(), digest }
    }

    /// The files of assets; the asset itself where it has a path and no file was found.
    fn files(&self, kinds: &[AssetKind]) -> Vec<Subject> {
        let here = self.assets(kinds).filter(|(_, asset)| asset.path.is_some() || asset.model.is_none());
        let subjects = here.flat_map(|(id, asset)| match self.bytes.get(id) {
            Some(bytes) if !bytes.files.is_empty() => {
                let file = |(path, digest): &(String, Option<Digest>)| Subject {
                    id: id.to_string(),
                    label: path.clone(),
                    digest: *digest,
                };
                bytes.files.iter().map(file).collect()
            }
            _ => vec![self.whole(id, asset)],
        });
        subjects.collect()
    }
}

/// The declared role, and that of a model producer where something here was or is trained.
fn audience(project: &Project) -> BTreeSet<Audience> {
    let declared = match project.role {
        ProjectRole::ModelProducer => Audience::ModelProducer,
        ProjectRole::SystemProducer => Audience::SystemProducer,
        ProjectRole::Acquirer => Audience::Acquirer,
    };
    let is_dataset =
        |id: &AssetId| project.assets.get(id).is_some_and(|asset| asset.kind == AssetKind::Dataset);
    let trained = project.assets.values().any(|asset| {
        matches!(asset.kind, AssetKind::Model | AssetKind::Adapter)
            && asset.derived_from.iter().any(is_dataset)
    });
    let training = project.elements.values().any(|element| element.kind == ElementKind::TrainingJob);
    let mut audience = BTreeSet::from([declared]);
    if trained || training {
        audience.insert(Audience::ModelProducer);
    }
    audience
}

fn baselines(project: &Project) -> BTreeSet<Baseline> {
    use bartizan_project::Baseline as Named;
    let named = project.baselines.iter().filter_map(|baseline| match baseline {
        Named::Ssdf218a => Some(Baseline::Ssdf218a),
        Named::Ssdf | Named::Aisvs => Some(Baseline::Runtime),
        Named::AiRmf | Named::OwaspLlm2026 | Named::OwaspAgentic2026 => None,
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use bartizan_standards::controls;

    use super::*;

    const PROJECT: &str = r#"
format = 1
[project]
name = "helpdesk"
purpose = "Answers"
role = "system-producer"
baselines = ["ssdf-218a"]
[group.data]
role = "data-engineer"
members = ["ana@example.com"]
[asset.tickets]
kind = "dataset"
path = "data/tickets.jsonl"
[asset.base]
kind = "model"
model = "example/base-7b"
[asset.assistant]
kind = "model"
path = "model"
derived_from = ["base"]
[asset.vocabulary]
kind = "tokenizer"
path = "tokenizer.json"
[element.server]
kind = "model-server"
serves = ["assistant"]
[element.refunds]
kind = "tool"
effects = ["write:refunds"]
"#;

    fn project(text: &str) -> Project {
        let parsed = bartizan_project::parse(text);
        assert_eq!(parsed.faults.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
        parsed.project.unwrap()
    }

    fn bytes() -> BTreeMap<AssetId, AssetBytes> {
        let digest = |text: &str| Some(Digest::of(text.as_bytes()));
        let model = AssetBytes {
            whole: digest("folder"),
            files: vec![("model/a.safetensors".to_owned(), digest("a")), ("model/b.bin".to_owned(), None)],
        };
        BTreeMap::from([(AssetId::new("assistant"), model)])
    }

    fn labels(scope: &Scope, control: &'static str) -> String {
        match &scope.controls[&ControlId::new(control)] {
            InScope::NotApplicable(reason) => reason.clone(),
            InScope::Subjects(subjects) => {
                let label = |subject: &Subject| {
                    format!("{}{}", subject.label, if subject.digest.is_none() { " (unread)" } else { "" })
                };
                subjects.iter().map(label).collect::<Vec<_>>().join(", ")
            }
        }
    }

    #[test]
    fn each_control_is_judged_over_what_the_project_declares() {
        let project = project(PROJECT);
        let scope = scope(controls(), &project, &bytes());
        for (control, expected) in [
            ("threat-model", "helpdesk"),
            ("role-training", "data"),
            // A hosted model is its declaration; a folder is its directory hash.
            ("model-integrity", "assistant, base"),
            // A hosted model has no files here; an asset with no file found stays in scope.
            ("model-scan", "model/a.safetensors, model/b.bin (unread), vocabulary (unread)"),
            ("data-provenance", "tickets (unread)"),
            ("data-secrets", "tickets (unread)"),
            ("prompt-hygiene", "The project declares no prompt."),
            ("tool-authority", "refunds"),
            ("retrieval-isolation", "The project declares no retriever, vector store or memory."),
            // There is no gateway, so the server itself must answer for limits and monitoring.
            ("usage-limits", "server"),
            ("stop-and-rollback", "server"),
        ] {
            assert_eq!(labels(&scope, control), expected, "{control}");
        }
        assert_eq!(scope.controls.len(), controls().len());
        assert_eq!(scope.project, project.root());
    }

    #[test]
    fn who_trains_is_judged_as_a_model_producer() {
        let of = |text: &str| audience(&project(text));
        assert_eq!(of(PROJECT), BTreeSet::from([Audience::SystemProducer]));
        let both = BTreeSet::from([Audience::ModelProducer, Audience::SystemProducer]);
        assert_eq!(of(&PROJECT.replace(r#"["base"]"#, r#"["base", "tickets"]"#)), both);
        assert_eq!(of(&format!("{PROJECT}\n[element.tune]\nkind = \"training-job\"\n")), both);
    }

    #[test]
    fn a_gateway_answers_for_the_servers_behind_it() {
        let with_gateway = format!("{PROJECT}\n[element.door]\nkind = \"gateway\"\n");
        let scope = scope(controls(), &project(&with_gateway), &bytes());
        assert_eq!(labels(&scope, "usage-limits"), "door");
        assert_eq!(labels(&scope, "stop-and-rollback"), "server");
    }
}
