//! What the project declares, as the report tells it.

use std::collections::BTreeSet;

use bartizan_project::{Asset, Element, Flow, Isolation, Project, ZoneId, ZoneTrust};
use bartizan_report::v1;
use jiff::civil::Date;

/// The declared system; `today` decides which decisions still hold.
pub(super) fn system(project: &Project, today: Date) -> v1::System {
    v1::System {
        purpose: project.purpose.clone(),
        baselines: texts(&project.baselines),
        zones: zones(project),
        assets: project.assets.iter().map(|(id, asset)| declared_asset(id.to_string(), asset)).collect(),
        elements: project.elements.iter().map(|(id, one)| element(id.to_string(), one)).collect(),
        flows: project.flows.iter().map(|one| flow(project, one)).collect(),
        actors: project
            .all_actors()
            .into_iter()
            .map(|(id, actor)| v1::Actor {
                id: id.to_string(),
                kind: actor.kind.to_string(),
                capability: actor.capability.to_string(),
                access: texts(&actor.access),
            })
            .collect(),
        treatments: project
            .treatments
            .iter()
            .map(|treatment| v1::Treatment {
                threat: treatment.threat.to_string(),
                decision: treatment.decision.to_string(),
                owner: treatment.owner.to_string(),
                reason: treatment.reason.clone(),
                expires: treatment.expires.to_string(),
                holds: today <= treatment.expires,
            })
            .collect(),
        ignores: project
            .ignores
            .iter()
            .map(|ignore| v1::Ignore {
                rule: ignore.rule.to_string(),
                path: ignore.path.to_string(),
                reason: ignore.reason.clone(),
                expires: ignore.expires.to_string(),
                holds: today <= ignore.expires,
            })
            .collect(),
        gates: project
            .gates
            .iter()
            .map(|(id, gate)| v1::Gate { id: id.to_string(), policy: gate.policy.to_string() })
            .collect(),
    }
}

/// The zones that elements stand in, least trusted first.
fn zones(project: &Project) -> Vec<v1::Zone> {
    let used: BTreeSet<(ZoneTrust, &ZoneId)> =
        project.elements.values().map(|element| (project.trust_of(&element.zone), &element.zone)).collect();
    let zone = |(trust, id): (ZoneTrust, &ZoneId)| v1::Zone {
        id: id.to_string(),
        trust: trust.to_string(),
        rank: match trust {
            ZoneTrust::Public => 0,
            ZoneTrust::Partner => 1,
            ZoneTrust::Internal => 2,
            ZoneTrust::Restricted => 3,
        },
    };
    used.into_iter().map(zone).collect()
}

fn declared_asset(id: String, asset: &Asset) -> v1::DeclaredAsset {
    let source = asset.source.as_ref();
    v1::DeclaredAsset {
        id,
        kind: asset.kind.to_string(),
        path: asset.path.as_ref().map(ToString::to_string),
        classification: asset.classification.to_string(),
        owner: asset.owner.as_ref().map(ToString::to_string),
        pinned: asset.digest,
        licence: source.and_then(|source| source.licence.as_ref()).map(ToString::to_string),
        source: source.and_then(|source| source.url.as_ref()).map(ToString::to_string),
        derived_from: texts(&asset.derived_from),
        model: asset.model.as_ref().map(ToString::to_string),
    }
}

fn element(id: String, element: &Element) -> v1::Element {
    let mut guards = Vec::new();
    let mut guard = |there: bool, word: &str| {
        if there {
            guards.push(word.to_owned());
        }
    };
    guard(element.authenticates, "authenticates");
    guard(!element.limits.is_none(), "limits");
    guard(element.logs, "logs");
    guard(element.approval != bartizan_project::Approval::None, &format!("approval: {}", element.approval));
    guard(element.isolation != Isolation::None, &format!("isolation: {}", element.isolation));
    v1::Element {
        id,
        kind: element.kind.to_string(),
        zone: element.zone.to_string(),
        owner: element.owner.as_ref().map(ToString::to_string),
        serves: texts(&element.serves),
        uses: texts(&element.uses),
        effects: texts(&element.effects),
        guards,
    }
}

fn flow(project: &Project, flow: &Flow) -> v1::Flow {
    let guards = [
        (flow.authenticated, "authenticated"),
        (flow.encrypted, "encrypted"),
        (flow.inspected, "inspected"),
        (flow.sanitised, "sanitised"),
    ];
    v1::Flow {
        id: flow.id.to_string(),
        from: flow.from.to_string(),
        to: flow.to.to_string(),
        carries: texts(&flow.carries),
        crosses: project.element_trust(&flow.from) != project.element_trust(&flow.to),
        guards: guards.iter().filter(|(there, _)| *there).map(|(_, word)| (*word).to_owned()).collect(),
    }
}

fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}
