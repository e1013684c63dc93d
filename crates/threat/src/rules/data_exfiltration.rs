use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Approval, Capability, Classification, DataClass, ElementKind, Flow, Verb};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    search::{Search, Way},
    sink::{Draft, Sink, ThreatRule},
    system::{ANSWERS, CONTENT, DECISIONS, System},
};

/// A model that reads secrets and foreign content can send to the outside.
///
/// ## What it finds
/// A model on which three ways meet: guarded or personal data come in, content that outsiders may have written
/// comes in, and something goes out to another zone or through a tool that sends.
/// ## Why it matters
/// Each of the three is harmless alone. Together they are a leak that needs no flaw: the foreign content tells
/// the model what to collect and where to put it.
/// ## Example
/// `crm` > `agent` > `mailer` with `effects = ["send:mail"]`, while `web-search` > `agent` brings pages in.
/// ## Fix
/// Take one of the three away: read foreign content in a conversation without private data, take links and
/// images out of answers, or let sending need approval and an allow-list.
/// ## References
/// - owasp-llm:2026/LLM02
/// - owasp-asi:2026/ASI02
/// - atlas:5.6.0/AML.T0086
/// - atlas:5.6.0/AML.T0077
/// - atlas:5.6.0/AML.T0057
#[derive(Rule)]
#[rule(code = "THR004", severity = "high", confidence = "high", controls = ["retrieval-isolation", "tool-authority", "runtime-monitoring", "red-team"])]
pub struct DataExfiltration;

impl ThreatRule for DataExfiltration {
    fn consideration(&self) -> Consideration {
        Consideration::Rc01
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::IndirectAuthor, ActorKind::TenantUser, ActorKind::Competitor], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let private = Search::from(system, private_origins(system), &[PRIVATE]);
        let foreign: Vec<_> = system.content_origins().into_iter().filter(|(_, doubt)| *doubt < 2).collect();
        let foreign = Search::from(system, foreign, &[CONTENT]);
        let ways_out = outward(system);
        for model in system.all(|element| element.kind.thinks()) {
            let (Some(inward), Some(planted)) = (private.way(model), foreign.way(model)) else { continue };
            let Some(outward) = best(&ways_out, model) else { continue };
            let end = outward.nodes.last().copied().unwrap_or(model);
            let why = format!(
                "`{}` reads guarded data from `{}` and foreign content from `{}`, and what it writes leaves through `{}`",
                system.ids[model],
                system.ids[inward.start()],
                system.ids[planted.start()],
                system.ids[end],
            );
            let likelihood = Level::new(4, "foreign content can say what to collect and where to send it")
                .when(planted.is_inspected(system), -1, "a guard looks at the foreign content")
                .when(outward.is_inspected(system), -1, "a guard looks at what leaves")
                .when(outward.approval(system) != Approval::None, -1, "somebody must agree to what leaves");
            let personal = system
                .assets_of(inward.start())
                .any(|(_, asset)| asset.classification >= Classification::Personal);
            let personal = personal
                || inward
                    .flows
                    .first()
                    .is_some_and(|flow| system.flows[*flow].2.carries.contains(&DataClass::PersonalData));
            let impact = Level::new(4, "guarded data leave the organisation").when(
                personal,
                1,
                "they are about people",
            );
            let mut path = inward.path(system);
            path.extend(outward.path(system).into_iter().skip(1));
            let more = inward.more + planted.more + outward.more;
            sink.push(Draft { path, more, why, likelihood, impact, key: None });
        }
    }
}

/// What private data travel as.
const PRIVATE: &[DataClass] = &[
    DataClass::PersonalData,
    DataClass::Credentials,
    DataClass::Documents,
    DataClass::RetrievedContent,
    DataClass::ToolResults,
];

/// Elements of ours that hold guarded data or send personal data or credentials.
fn private_origins(system: &System<'_>) -> Vec<(usize, u8)> {
    let holds = |at: &usize| {
        let kind = system.elements[*at].kind;
        let asset = system
            .assets_of(*at)
            .any(|(_, asset)| asset.classification.is_guarded() && !asset.kind.holds_weights());
        let says = |flow: &Flow| {
            flow.carries.contains(&DataClass::PersonalData) || flow.carries.contains(&DataClass::Credentials)
        };
        let sends = matches!(
            kind,
            ElementKind::Tool | ElementKind::Retriever | ElementKind::VectorStore | ElementKind::Memory
        ) && system.out[*at].iter().any(|flow| says(system.flows[*flow].2));
        !kind.thinks() && !system.is_outside(*at) && (asset || sends)
    };
    (0..system.elements.len()).filter(holds).map(|at| (at, 0)).collect()
}

/// Ways from models to where their words leave: tools that send and outer zones that calls reach, and outer zones
/// that answers reach with their links and images intact.
fn outward<'s, 'p>(system: &'s System<'p>) -> [Search<'s, 'p>; 2] {
    let sends = |at: &usize| {
        let element = system.elements[*at];
        let outer_tool =
            system.is_outside(*at) && matches!(element.kind, ElementKind::Tool | ElementKind::ExternalApi);
        element.has(|verb| verb == Verb::Send) || outer_tool
    };
    let channels = (0..system.elements.len()).filter(sends).collect();
    [
        Search::toward(system, channels, &[DECISIONS]),
        Search::toward_without(system, system.readers(), &[ANSWERS], |flow| flow.sanitised),
    ]
}

/// The better of the ways out of one model. A model that stands outside has no way to go.
fn best(searches: &[Search<'_, '_>; 2], model: usize) -> Option<Way> {
    let costs = searches.iter().filter_map(|search| Some((search.cost(model)?, search)));
    costs.min_by_key(|(cost, _)| *cost).and_then(|(_, search)| search.way(model))
}
