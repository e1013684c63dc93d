//! Which providers and models a project declares.

use std::collections::BTreeSet;

use bartizan_project::{Asset, AssetKind, ElementKind, Project};

use super::names::{Elements, same, words};
use crate::{Evidence, Inventory, Provider, Role, tables::host};

/// Where models are taken from and not called.
const HUB: &str = "huggingface";

/// Providers whose own clients people use with the addresses of others.
const SPEAKS_FOR_OTHERS: &str = "openai";

/// Libraries that run models within the program that asks for them, so that nobody calls them over an address.
const IN_PROCESS: [&str; 2] = ["transformers", "sentence-transformers"];

/// The names under which people know a provider: in the project file before the stroke of a hosted model, and as a word
/// in ids and descriptions.
const ALIASES: &[(&str, &[&str])] = &[
    ("openai", &["openai", "gpt", "chatgpt"]),
    ("azure-openai", &["azure", "azure-openai", "azureopenai", "aoai"]),
    ("anthropic", &["anthropic", "claude"]),
    ("google", &["google", "gemini", "vertex", "vertexai", "vertex_ai"]),
    ("aws-bedrock", &["bedrock", "aws-bedrock", "amazon", "aws"]),
    ("mistral", &["mistral", "mistralai"]),
    ("cohere", &["cohere"]),
    ("xai", &["xai", "x-ai", "grok"]),
    ("together", &["together", "togetherai", "together_ai", "together-ai"]),
    ("fireworks", &["fireworks", "fireworks-ai", "fireworks_ai"]),
    ("huggingface", &["huggingface", "hugging", "hf"]),
    ("nvidia", &["nvidia", "nim"]),
    ("dashscope", &["dashscope", "qwen", "alibaba"]),
    ("deepseek", &["deepseek"]),
    ("github-models", &["github", "github-models"]),
];

/// What a project says about models that others host.
pub(crate) struct Hosted<'a> {
    project: &'a Project,
    /// Asset, provider, name.
    models: Vec<(&'a str, &'a str, &'a str)>,
}

/// How a provider stands in a project.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Calling {
    /// Whether something stands for the provider.
    pub(crate) declared: bool,
    /// The models that are called and not declared.
    pub(crate) models: BTreeSet<String>,
    /// The data sets that are taken and not declared.
    pub(crate) datasets: BTreeSet<String>,
    /// The asset whose model is not called, and the one that is called in its place.
    pub(crate) differs: Option<(String, String)>,
}

impl<'a> Hosted<'a> {
    pub(crate) fn of(project: &'a Project) -> Self {
        let model = |(id, asset): (&'a bartizan_finding::AssetId, &'a Asset)| {
            let (provider, name) = asset.model.as_ref()?.as_str().split_once('/')?;
            Some((id.as_str(), provider, name))
        };
        Self { project, models: project.assets.iter().filter_map(model).collect() }
    }

    /// How a provider that was seen stands in the project.
    pub(crate) fn calling(&self, provider: &Provider, inventory: &Inventory, names: &Elements) -> Calling {
        let missing = |all: &BTreeSet<String>| -> BTreeSet<String> {
            all.iter().filter(|name| !self.knows(name)).cloned().collect()
        };
        let datasets = missing(&provider.datasets);
        let mut models = missing(&provider.models);
        let own: Vec<_> =
            self.models.iter().filter(|(_, of, _)| is_called(provider.name, of)).copied().collect();
        let by_host = provider.evidence.contains(&Evidence::Host);
        let elsewhere = !provider.models.is_empty() && models.is_empty() && !by_host;
        let declared = !own.is_empty()
            || elsewhere
            || provider.name == HUB && !by_host
            || self.is_mentioned(provider.name, names)
            || is_only_a_client(provider, inventory);
        // Whoever names the provider and none of its models has declared all of them.
        if declared && own.is_empty() && provider.name != HUB {
            models.clear();
        }
        let differs = differs(provider, &own, &models);
        if differs.is_some() {
            models.clear();
        }
        Calling { declared, models, datasets, differs }
    }

    /// Whether an address at which models answer belongs to something that is declared.
    pub(crate) fn answers(&self, authority: &str, names: &Elements) -> bool {
        let bare = authority.split(':').next().unwrap_or(authority);
        let last = bare.rsplit('.').next().unwrap_or_default();
        let near = last == bare || bare.starts_with("127.") || matches!(last, "local" | "internal");
        let serving = [ElementKind::ModelServer, ElementKind::Gateway, ElementKind::ExternalApi];
        let telling = words(bare);
        let holds = |text: &str| text.to_lowercase().contains(&bare.to_lowercase());
        near && names.kinds(&[ElementKind::ModelServer, ElementKind::Gateway]).next().is_some()
            || names.stands_for(bare, bare, &serving)
            || self.project.elements.values().any(|element| element.description.as_deref().is_some_and(holds))
            || self.project.assets.values().any(|asset| {
                asset
                    .source
                    .as_ref()
                    .and_then(|source| source.url.as_ref())
                    .is_some_and(|url| holds(url.as_str()))
                    || asset.description.as_deref().is_some_and(holds)
            })
            || self.project.assets.iter().any(|(id, asset)| {
                asset.kind == AssetKind::Endpoint && !telling.is_disjoint(&words(id.as_str()))
            })
    }

    /// Whether some asset is the model or data set that a provider calls `name`.
    fn knows(&self, name: &str) -> bool {
        let last = name.rsplit('/').next().unwrap_or(name);
        self.models.iter().any(|(_, _, declared)| alike(declared, name))
            || self.project.assets.iter().any(|(id, asset)| {
                let lower = name.to_lowercase();
                let url = asset.source.as_ref().and_then(|source| source.url.as_ref());
                same(id.as_str(), last)
                    || same(id.as_str(), name)
                    || url.is_some_and(|url| ends_in(&url.as_str().to_lowercase(), &lower))
                    || asset.description.as_deref().is_some_and(|text| text.to_lowercase().contains(&lower))
            })
    }

    /// Whether an element or asset is named or described after a provider, or is at one of its addresses.
    fn is_mentioned(&self, provider: &str, names: &Elements) -> bool {
        let aliases = aliases(provider);
        let kinds = [
            ElementKind::ModelServer,
            ElementKind::ExternalApi,
            ElementKind::Gateway,
            ElementKind::Tool,
            ElementKind::Agent,
            ElementKind::Registry,
            ElementKind::Retriever,
            ElementKind::DataPipeline,
            ElementKind::EvalJob,
        ];
        let at_home = |asset: &Asset| {
            let url = asset.source.as_ref().and_then(|source| source.url.as_ref())?;
            let authority = url.as_str().split("://").nth(1)?.split(['/', '?', '#']).next()?;
            host(authority)
        };
        let asset = |id: &str, asset: &Asset| {
            let mut own = words(id);
            own.extend(words(asset.description.as_deref().unwrap_or_default()));
            asset.kind == AssetKind::Endpoint && aliases.iter().any(|alias| own.contains(*alias))
                || at_home(asset).is_some_and(|means| means.is_provider(provider))
        };
        names.kinds(&kinds).any(|element| element.mentions(&aliases))
            || self.project.assets.iter().any(|(id, one)| asset(id.as_str(), one))
            || provider == "ollama" && has_plain_server(names)
    }
}

/// Whether there is a server of models that is not named after any provider, so that it may run any program.
fn has_plain_server(names: &Elements) -> bool {
    let all: Vec<_> = ALIASES.iter().flat_map(|(_, aliases)| *aliases).copied().collect();
    names.kinds(&[ElementKind::ModelServer]).any(|server| !server.mentions(&all))
}

/// The only model that is called, where it is not the only one that is declared. Both must be of one sort: a model for
/// embeddings is not called in place of one that answers.
fn differs(
    provider: &Provider,
    own: &[(&str, &str, &str)],
    missing: &BTreeSet<String>,
) -> Option<(String, String)> {
    let unused: Vec<_> = own
        .iter()
        .filter(|(_, _, declared)| !provider.models.iter().any(|called| alike(declared, called)))
        .collect();
    let ([(asset, _, declared)], Some(called), 1) = (unused.as_slice(), missing.first(), missing.len())
    else {
        return None;
    };
    (sort(declared) == sort(called)).then(|| ((*asset).to_owned(), (*called).clone()))
}

/// What a model is for, as far as its name says.
fn sort(name: &str) -> u8 {
    let lower = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["embed", "bge-", "e5-", "minilm"]) {
        1
    } else if has(&["rerank", "moderation", "guard"]) {
        2
    } else if has(&["whisper", "tts", "dall-e", "image", "audio", "transcribe", "sora", "veo", "imagen"]) {
        3
    } else {
        0
    }
}

/// Whether two names are of one model, of which one may be named with its version, date or tag.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let bare = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let pair = |one: &str, other: &str| {
        let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        !short.is_empty() && long.strip_prefix(short).is_some_and(is_version)
    };
    pair(&one, &other) || pair(&bare(&one), &bare(&other))
}

/// Whether the rest of a name says only which edition it is: `-2024-08-06`, `-latest`, `-v1:0`, `:8b`.
fn is_version(rest: &str) -> bool {
    if rest.is_empty() || rest.starts_with(':') && rest.len() > 1 {
        return true;
    }
    let Some(rest) = rest.strip_prefix(['-', '@']) else { return false };
    let mut parts = rest.split(['-', '@', ':']);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let first = parts.next().unwrap_or_default();
    let starts = matches!(first, "latest" | "preview" | "exp")
        || first.len() >= 3 && digits(first)
        || first.strip_prefix('v').is_some_and(digits);
    starts
        && parts.all(|part| {
            digits(part) || part.strip_prefix('v').is_some_and(digits) || matches!(part, "latest" | "preview")
        })
}

/// Whether an address ends in this path.
fn ends_in(url: &str, name: &str) -> bool {
    let url = url.trim_end_matches('/');
    url.find(&format!("/{name}")).is_some_and(|at| {
        let rest = url.get(at + 1 + name.len()..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(['/', '?', '#'])
    })
}

/// Whether a client is there and nothing says that it calls its own provider, while others that it can call are there.
fn is_only_a_client(provider: &Provider, inventory: &Inventory) -> bool {
    let others = || {
        inventory.providers.iter().any(|other| other.name != provider.name && other.name != HUB)
            || !inventory.endpoints.is_empty()
            || inventory
                .frameworks
                .iter()
                .any(|one| one.role == Role::Serves && !IN_PROCESS.contains(&one.name))
    };
    provider.name == SPEAKS_FOR_OTHERS
        && provider.models.is_empty()
        && !provider.evidence.contains(&Evidence::Host)
        && others()
}

fn aliases(provider: &str) -> Vec<&str> {
    let known = ALIASES.iter().find(|(name, _)| *name == provider);
    known.map_or_else(|| vec![provider], |(_, aliases)| aliases.to_vec())
}

/// Whether people mean this provider by `word`.
fn is_called(provider: &str, word: &str) -> bool {
    provider == word || aliases(provider).contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_of_one_model_are_alike_and_others_are_not() {
        for (one, other, is) in [
            ("gpt-4o", "gpt-4o", true),
            ("gpt-4o", "GPT-4o-2024-08-06", true),
            ("gpt-4o-2024-08-06", "gpt-4o", true),
            ("gemini-1.5-pro", "gemini-1.5-pro-002", true),
            ("claude-sonnet-4-5", "claude-sonnet-4-5-latest", true),
            ("anthropic.claude-3-haiku", "anthropic.claude-3-haiku-20240307-v1:0", true),
            ("llama3.2", "llama3.2:3b", true),
            ("openai/gpt-4o", "gpt-4o", true),
            ("acme/base", "base", true),
            ("gpt-4o", "gpt-4o-mini", false),
            ("gpt-4", "gpt-4.1", false),
            ("claude-3", "claude-3-5-sonnet", false),
            ("", "gpt-4o", false),
            ("text-embedding-3-small", "text-embedding-3-large", false),
        ] {
            assert_eq!(alike(one, other), is, "{one} {other}");
        }
    }

    #[test]
    fn addresses_end_in_whole_names() {
        assert!(ends_in("https://huggingface.co/acme/base", "acme/base"));
        assert!(ends_in("https://huggingface.co/acme/base/tree/main", "acme/base"));
        assert!(!ends_in("https://huggingface.co/acme/base-7b", "acme/base"));
    }
}
