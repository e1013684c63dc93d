use std::collections::BTreeSet;

use bartizan_artifact::escape;
use bartizan_finding::{Confidence, Occurrence, Rule, Severity};

use crate::{
    Evidence, Provider, UndeclaredKind,
    reconcile::{Calling, Reality, Seen, Thing, place_of, seen_at},
    rules::ObservedRule,
};

/// More models of one provider than this are a list of what there is, not of what is called.
const A_LIST: usize = 8;

/// A provider or a hosted model is called and nothing declares it.
///
/// ## What it finds
/// A provider whose models code or configuration calls, when no asset has a model of it and no element or endpoint is
/// named after it; a model of a provider of which the project names other models; a model or data set that code takes
/// from the Hugging Face Hub and no asset has as its source; an address at which models answer. It is low where only a
/// list of packages or a variable speaks for it.
/// ## Why it matters
/// What is sent to a provider leaves the house, and what comes back was made by weights that nobody here has chosen.
/// No threat, contract or control covers what is not declared.
/// ## Example
/// `app.py` calls `gpt-4.1` while the project file knows only a model of its own.
/// ## Fix
/// Take the call out, or add the stanza that the finding names: an asset with `model = "openai/gpt-4.1"` and an element
/// of the kind `model-server` that serves it, in the zone of whoever runs it.
/// ## References
/// - NIST SP 800-218A, PO.1.3
/// - owasp-llm:2026/LLM04
#[derive(Rule)]
#[rule(code = "REC005", severity = "medium", confidence = "medium", controls = ["threat-model"])]
pub struct ProviderUndeclared;

impl ObservedRule for ProviderUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        for provider in &reality.inventory.providers {
            let calling = reality.hosted.calling(provider, reality.inventory, &reality.names);
            if calling.declared {
                models(provider, &calling, sink);
            } else {
                whole(provider, &calling, sink);
            }
        }
        for endpoint in &reality.inventory.endpoints {
            if reality.hosted.answers(&endpoint.host, &reality.names) {
                continue;
            }
            let message = format!(
                "models are called at `{}` and nothing declares what answers there; seen at {}",
                escape(&endpoint.host, 120),
                seen_at(&endpoint.places)
            );
            sink(Seen {
                occurrence: Occurrence::new(
                    ProviderUndeclared::META,
                    place_of(&endpoint.host, &endpoint.places),
                    message,
                ),
                kind: UndeclaredKind::Endpoint,
                name: endpoint.host.clone(),
                thing: Thing::Endpoint(endpoint.clone()),
            });
        }
    }
}

/// A provider of which nothing is declared.
fn whole(provider: &Provider, calling: &Calling, sink: &mut dyn FnMut(Seen)) {
    let weak = provider.evidence.iter().all(|one| matches!(one, Evidence::Package | Evidence::Variable));
    let named = match listed(&provider.models) {
        names if names.is_empty() => String::new(),
        names => format!(" ({names})"),
    };
    let does = if weak { "is prepared for" } else { "is called" };
    let message = format!(
        "the provider {}{named} {does} and no asset or element declares it; seen at {}",
        provider.name,
        seen_at(&provider.places)
    );
    let mut occurrence =
        Occurrence::new(ProviderUndeclared::META, place_of(provider.name, &provider.places), message);
    if weak {
        occurrence = occurrence.severity(Severity::Low).confidence(Confidence::Low);
    }
    let provider =
        Provider { models: calling.models.clone(), datasets: calling.datasets.clone(), ..provider.clone() };
    sink(Seen {
        occurrence,
        kind: UndeclaredKind::Provider,
        name: provider.name.to_owned(),
        thing: Thing::Provider { provider, element: true },
    });
}

/// Models and data of a provider that is declared.
fn models(provider: &Provider, calling: &Calling, sink: &mut dyn FnMut(Seen)) {
    let mut say = |models: BTreeSet<String>, datasets: BTreeSet<String>| {
        let names: BTreeSet<_> = models.union(&datasets).cloned().collect();
        let a_list = names.len() > A_LIST;
        let one = names.len() == 1;
        let what = match (one, datasets.is_empty()) {
            (true, true) => "the model",
            (true, false) => "the data set",
            (false, _) => "the models",
        };
        let is = if one { "is" } else { "are" };
        let does = if provider.name == "huggingface" {
            format!("{is} taken from the Hugging Face Hub")
        } else {
            format!("of {} {is} called", provider.name)
        };
        let message = format!(
            "{what} {} {does} and no asset declares {}; {} shows at {}",
            listed(&names),
            if one { "it" } else { "them" },
            provider.name,
            seen_at(&provider.places)
        );
        let name = match names.first() {
            Some(first) if !a_list => format!("{}/{first}", provider.name),
            _ => format!("{}/*", provider.name),
        };
        let severity = if a_list { Severity::Low } else { Severity::Medium };
        let provider = Provider { models, datasets, ..provider.clone() };
        sink(Seen {
            occurrence: Occurrence::new(ProviderUndeclared::META, place_of(&name, &provider.places), message)
                .severity(severity),
            kind: UndeclaredKind::Hosted,
            name,
            thing: Thing::Provider { provider, element: false },
        });
    };
    if calling.models.len() + calling.datasets.len() > A_LIST {
        say(calling.models.clone(), calling.datasets.clone());
        return;
    }
    for model in &calling.models {
        say(BTreeSet::from([model.clone()]), BTreeSet::new());
    }
    for dataset in &calling.datasets {
        say(BTreeSet::new(), BTreeSet::from([dataset.clone()]));
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{}`", escape(name, 120))).collect();
    let more = names.len().saturating_sub(SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}
