use bartizan_finding::{Confidence, Location, Occurrence, Rule, Severity};
use bartizan_project::ElementKind;

use crate::{
    Framework, Role, UndeclaredKind,
    discover::is_list_of_packages,
    reconcile::{Reality, Seen, Thing, place_of, seen_at},
    rules::ObservedRule,
    tables::stores,
};

/// What can be behind a library that runs models: many use one to embed text or to read a tokenizer.
const RUNS: [ElementKind; 7] = [
    ElementKind::ModelServer,
    ElementKind::TrainingJob,
    ElementKind::EvalJob,
    ElementKind::Retriever,
    ElementKind::VectorStore,
    ElementKind::DataPipeline,
    ElementKind::Agent,
];

/// What can be behind a library that trains.
const TRAINS: [ElementKind; 2] = [ElementKind::TrainingJob, ElementKind::EvalJob];

/// What can be behind a vector store.
const KEEPS: [ElementKind; 3] = [ElementKind::VectorStore, ElementKind::Retriever, ElementKind::Memory];

/// A vector store, or a library that runs or trains models, is used and no element stands for it.
///
/// ## What it finds
/// A vector store that code, a container or a file of its own shows, without an element that can be it; a library that
/// runs models without anything that could run them; a library that trains without a training job. An element that is
/// named after another store does not stand for this one. It is low where only a list of packages speaks for it.
/// ## Why it matters
/// Who can write to a vector store can speak to the model, and who can reach a training job can change it. Threats are
/// derived for declared elements only.
/// ## Example
/// `rag.py` imports `chromadb` and the project file has neither a vector store nor a retriever.
/// ## Fix
/// Add the stanza that the finding names: `[element.chroma]` with `kind = "vector-store"`, what it serves, who answers
/// for it, and the flows to and from it.
/// ## References
/// - NIST SP 800-218A, PW.1.1
/// - owasp-llm:2026/LLM09
#[derive(Rule)]
#[rule(code = "REC006", severity = "medium", confidence = "medium", controls = ["threat-model"])]
pub struct SystemUndeclared;

impl ObservedRule for SystemUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        let known = stores();
        for store in &reality.inventory.stores {
            let others: Vec<_> = known.iter().filter(|name| **name != store.name).copied().collect();
            let is_it = reality
                .names
                .kinds(&KEEPS)
                .any(|element| element.mentions(&[store.name]) || !element.mentions(&others));
            if !is_it {
                let message = format!(
                    "the vector store {} is used and no element stands for it; seen at {}",
                    store.name,
                    seen_at(&store.places)
                );
                sink(Seen {
                    occurrence: occurrence(store.name, &store.places, message),
                    kind: UndeclaredKind::Store,
                    name: store.name.to_owned(),
                    thing: Thing::Store(store.clone()),
                });
            }
        }
        let inventory = reality.inventory;
        let of = |role: Role| -> Vec<&Framework> {
            inventory.frameworks.iter().filter(|framework| framework.role == role).collect()
        };
        for (role, kinds, does) in
            [(Role::Serves, RUNS.as_slice(), "runs"), (Role::Trains, &TRAINS, "trains")]
        {
            if reality.names.kinds(kinds).next().is_some() {
                continue;
            }
            // One element would stand for all of them.
            let libraries = of(role);
            let sure = libraries.iter().find(|library| !is_weak(&library.places));
            let Some(library) = sure.or(libraries.first()) else { continue };
            // Adapters are laid over models by whoever runs them, too.
            if library.name == "peft" && reality.names.kinds(&RUNS).next().is_some() {
                continue;
            }
            let message = format!(
                "{}, which {does} models, is used and no element stands for what does; seen at {}",
                library.name,
                seen_at(&library.places)
            );
            sink(Seen {
                occurrence: occurrence(library.name, &library.places, message),
                kind: UndeclaredKind::Library,
                name: library.name.to_owned(),
                thing: if role == Role::Trains { Thing::Trains((*library).clone()) } else { Thing::Serves },
            });
        }
    }
}

fn occurrence(name: &str, places: &[Location], message: String) -> Occurrence {
    let occurrence = Occurrence::new(SystemUndeclared::META, place_of(name, places), message);
    if is_weak(places) { occurrence.severity(Severity::Low).confidence(Confidence::Low) } else { occurrence }
}

/// Whether only lists of packages speak for it.
fn is_weak(places: &[Location]) -> bool {
    places.iter().all(|place| place.path().is_some_and(is_list_of_packages))
}
