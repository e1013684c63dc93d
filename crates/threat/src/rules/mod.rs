//! The rules, one file each. A rule looks at a [`System`] and says where it holds; it knows nothing of the others.

mod boundary_crossing;
mod data_exfiltration;
mod direct_injection;
mod excessive_agency;
mod indirect_injection;
mod insider_tampering;
mod misuse;
mod overreliance;
mod prompt_leakage;
mod sensitive_disclosure;
mod supply_chain;
mod training_poisoning;
mod unbounded_consumption;
mod weights_theft;

use std::collections::BTreeSet;

use bartizan_finding::AssetId;
use bartizan_project::{Asset, Isolation, Verb};

use crate::{level::Level, system::System};

pub use self::{
    boundary_crossing::BoundaryCrossing, data_exfiltration::DataExfiltration,
    direct_injection::DirectInjection, excessive_agency::ExcessiveAgency,
    indirect_injection::IndirectInjection, insider_tampering::InsiderTampering, misuse::Misuse,
    overreliance::Overreliance, prompt_leakage::PromptLeakage, sensitive_disclosure::SensitiveDisclosure,
    supply_chain::SupplyChain, training_poisoning::TrainingPoisoning,
    unbounded_consumption::UnboundedConsumption, weights_theft::WeightsTheft,
};

/// What an element changes, as the end of a sentence: "perform `write:refunds`".
fn effects_of(system: &System<'_>, at: usize) -> String {
    let effects = system.elements[at].effects.iter().filter(|effect| effect.verb.changes());
    let names: Vec<_> = effects.map(|effect| format!("`{effect}`")).collect();
    format!("perform {}", names.join(", "))
}

/// How bad it is when an element does what it can do at the wrong time.
fn harm_of(system: &System<'_>, at: usize) -> Level {
    let element = system.elements[at];
    let worst = element.effects.iter().map(|effect| effect.verb).max_by_key(|verb| match verb {
        Verb::Read => 0,
        Verb::Send => 1,
        Verb::Write => 2,
        Verb::Delete => 3,
        Verb::Spend => 4,
        Verb::Exec => 5,
    });
    let level = match worst.unwrap_or(Verb::Read) {
        Verb::Read => Level::new(2, "it only reads"),
        Verb::Send => Level::new(3, "messages go out in the owner's name"),
        Verb::Write => Level::new(3, "records are changed"),
        Verb::Delete => Level::new(4, "records are lost"),
        Verb::Spend => Level::new(4, "money is spent"),
        Verb::Exec => Level::new(5, "code runs"),
    };
    let apart = matches!(element.isolation, Isolation::Sandbox | Isolation::Vm | Isolation::Enclave);
    level.when(
        apart && worst == Some(Verb::Exec),
        -2,
        format!("in a {} that keeps it apart", element.isolation),
    )
}

/// Chains of assets from one that is `wanted` to `id`, one for each such ancestor, by the nearest way. Ancestors
/// form no cycle, which parsing has made sure of, and each is visited once in any case.
fn lineage<'p>(
    system: &System<'p>,
    id: &'p AssetId,
    wanted: &dyn Fn(&Asset) -> bool,
) -> Vec<Vec<&'p AssetId>> {
    let assets = &system.project.assets;
    let mut seen = BTreeSet::from([id]);
    let mut queue = std::collections::VecDeque::from([vec![id]]);
    let mut found = Vec::new();
    while let Some(chain) = queue.pop_front() {
        let Some(asset) = chain.last().and_then(|last| assets.get(*last)) else { continue };
        for parent in &asset.derived_from {
            if !seen.insert(parent) {
                continue;
            }
            let longer: Vec<_> = chain.iter().copied().chain([parent]).collect();
            if assets.get(parent).is_some_and(wanted) {
                found.push(longer.iter().rev().copied().collect());
            }
            queue.push_back(longer);
        }
    }
    found
}
