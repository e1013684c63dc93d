use bartizan_finding::Rule;
use bartizan_project::{ActorKind, AssetKind, Capability, DataClass, ElementKind, Flow, SubjectRef};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    rules::lineage,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{ANSWERS, System},
};

/// Personal or secret data can come out in answers or logs.
///
/// ## What it finds
/// A model that learned from personal data and whose answers leave the organisation without inspection; a store
/// of logs that takes in prompts, answers, personal data or credentials as they are.
/// ## Why it matters
/// A model repeats what it has seen, and a log keeps it for people who were never meant to read it.
/// ## Example
/// `gateway` > `log-store` with `carries = ["telemetry", "personal-data"]` and no `sanitised = true`.
/// ## Fix
/// Redact before training and before logging, inspect answers for personal data and secrets, and test whether
/// training data can be drawn out.
/// ## References
/// - owasp-llm:2026/LLM02
/// - atlas:5.6.0/AML.T0057
/// - atlas:5.6.0/AML.T0024.000
/// - nist-ai-100-2:2025/NISTAML.038
#[derive(Rule)]
#[rule(code = "THR008", severity = "medium", confidence = "high", controls = ["data-scan", "data-secrets", "runtime-monitoring"])]
pub struct SensitiveDisclosure;

impl ThreatRule for SensitiveDisclosure {
    fn consideration(&self) -> Consideration {
        Consideration::Rc01
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Outsider, ActorKind::TenantUser, ActorKind::Insider], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        answers(system, sink);
        logs(system, sink);
    }
}

/// Models that learned from data about people and answer people outside.
fn answers(system: &System<'_>, sink: &mut Sink<'_, '_>) {
    let personal =
        |data: &bartizan_project::Asset| data.kind == AssetKind::Dataset && data.classification.is_guarded();
    let search = Search::toward(system, system.readers(), &[ANSWERS]);
    for model in system.all(|element| element.kind.thinks()) {
        let mut served = system.elements[model].serves.iter();
        let learned = |id| Some((id, (*lineage(system, id, &personal)?.chain.first()?).clone()));
        let Some((weights, data)) = served.find_map(learned) else {
            continue;
        };
        let Some(way) = search.way(model) else { continue };
        let asset = &system.project.assets[&data];
        let inspected = way.is_inspected(system);
        let why = format!(
            "`{weights}` learned from `{data}` ({}), and its answers reach `{}` {}",
            asset.classification,
            system.ids[*way.nodes.last().unwrap_or(&model)],
            if inspected { "past one guard" } else { "without inspection" },
        );
        let likelihood = Level::new(3, "models repeat what they have seen, and people ask for it").when(
            inspected,
            -1,
            "a guard looks at the answers",
        );
        let impact = Level::new(3, "confidential data are disclosed").when(
            asset.classification.is_personal(),
            1,
            "they are about people",
        );
        let key = Some(SubjectRef::Asset(data.clone()).key());
        let mut path = vec![Node::Asset(data)];
        path.extend(way.path(system));
        sink.push(Draft { path, more: way.more, why, likelihood, impact, key });
    }
}

/// Stores of logs that take in more than counters.
fn logs(system: &System<'_>, sink: &mut Sink<'_, '_>) {
    for store in system.all(|element| element.kind == ElementKind::LogStore) {
        let raw = |flow: &&usize| {
            let flow: &Flow = system.flows[**flow].2;
            !flow.sanitised
                && (flow.carries.is_empty() || flow.carries.iter().any(|class| PRIVATE.contains(class)))
        };
        let raw: Vec<usize> = system.into[store].iter().filter(raw).copied().collect();
        let secrets = |flow: &usize| system.flows[*flow].2.carries.contains(&DataClass::Credentials);
        let Some(first) = raw.iter().find(|flow| secrets(flow)).or(raw.first()) else { continue };
        let (from, _, flow) = system.flows[*first];
        let classes: Vec<_> =
            flow.carries.iter().filter(|class| PRIVATE.contains(class)).map(|class| class.as_str()).collect();
        let what = if classes.is_empty() { "what it does not name".to_owned() } else { classes.join(", ") };
        let why = format!("`{}` keeps {what} from `{}` as they are", system.ids[store], system.ids[from]);
        let likelihood = Level::new(3, "logs are read by many and kept for long").when(
            system.is_outside(store),
            1,
            "they are kept outside the organisation",
        );
        let impact = Level::new(3, "what users wrote is disclosed").when(
            secrets(first),
            1,
            "there are credentials in it",
        );
        let path = vec![Node::Element(system.ids[from].clone()), Node::Element(system.ids[store].clone())];
        let more = raw.len() as u64 - 1;
        sink.push(Draft { path, more, why, likelihood, impact, key: Some(flow.key()) });
    }
}

/// What does not belong into a log as it is.
const PRIVATE: &[DataClass] = &[
    DataClass::UserPrompts,
    DataClass::Completions,
    DataClass::RetrievedContent,
    DataClass::ToolResults,
    DataClass::Credentials,
    DataClass::PersonalData,
];
