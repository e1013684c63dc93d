//! The rules, one file each. A rule looks at the system model and says where it holds; it knows nothing of the others.

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

use std::collections::{BTreeMap, VecDeque};

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

/// What a model can bring about, as the end of a sentence: "make `orders-api` perform `write:refunds`".
fn power_over(system: &System<'_>, model: usize, end: usize) -> String {
    let effects = system.elements[end].effects.iter().filter(|effect| effect.verb.changes());
    let effects = effects.map(|effect| format!("`{effect}`")).collect::<Vec<_>>().join(", ");
    if model == end {
        format!("itself perform {effects}")
    } else {
        format!("make `{}` perform {effects}", system.ids[end])
    }
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

/// The ancestors of an asset of which something is true.
struct Lineage<'p> {
    /// From the nearest of them (of two, the one that is not pinned) to the asset.
    chain: Vec<&'p AssetId>,
    /// How many others there are.
    more: u64,
}

/// Looks through everything that `id` was made from for what is `wanted`.
fn lineage<'p>(system: &System<'p>, id: &'p AssetId, wanted: &dyn Fn(&Asset) -> bool) -> Option<Lineage<'p>> {
    let assets = &system.project.assets;
    let mut child: BTreeMap<&AssetId, &AssetId> = BTreeMap::new();
    let mut queue = VecDeque::from([(id, 0_usize)]);
    let mut found = Vec::new();
    while let Some((at, depth)) = queue.pop_front() {
        for parent in assets.get(at).into_iter().flat_map(|asset| &asset.derived_from) {
            let Some((parent, asset)) = assets.get_key_value(parent) else { continue };
            if parent == id || child.contains_key(parent) {
                continue;
            }
            child.insert(parent, at);
            if wanted(asset) {
                found.push((asset.digest.is_some(), depth, parent));
            }
            queue.push_back((parent, depth + 1));
        }
    }
    let (_, _, mut at) = found.iter().min().copied()?;
    let mut chain = vec![at];
    while let Some(next) = child.get(at) {
        chain.push(next);
        at = next;
    }
    Some(Lineage { chain, more: found.len() as u64 - 1 })
}
