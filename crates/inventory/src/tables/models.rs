//! Names of models, recognised as whole values: a name in the middle of prose is none.

use Rest::{Any, More, Nothing, Part};

/// How a name goes on after its stem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// Not at all.
    Nothing,
    /// Not at all, or after a hyphen, full stop, colon or at sign.
    Part,
    /// With at least one character of a name.
    More,
    /// Not at all, or with any characters of a name.
    Any,
}

struct Row {
    provider: &'static str,
    stem: &'static str,
    rest: Rest,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests hold the row against it"))]
    hit: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests hold the row against it"))]
    miss: &'static str,
}

/// The provider of a hosted model that is called `name`, and the name without the prefix that routers put before it.
pub(crate) fn model(name: &str) -> Option<(&'static str, &str)> {
    let hosted = |name: &str| MODELS.iter().find(|row| row.fits(name)).map(|row| row.provider);
    if let Some(provider) = hosted(name) {
        return Some((provider, name));
    }
    let (prefix, rest) = name.split_once(['/', ':'])?;
    let known = [
        "openai",
        "anthropic",
        "azure",
        "azure_openai",
        "bedrock",
        "bedrock_converse",
        "gemini",
        "google_genai",
        "google_vertexai",
        "google-gla",
        "google-vertex",
        "google",
        "vertex_ai",
        "models",
        "mistral",
        "mistralai",
        "cohere",
        "groq",
        "deepseek",
        "xai",
        "x-ai",
        "perplexity",
        "together_ai",
        "openrouter",
    ];
    if !known.contains(&prefix) {
        return None;
    }
    if prefix == "openrouter" { model_of_router(rest) } else { hosted(rest).map(|provider| (provider, rest)) }
}

/// The provider and model of a name with the prefix of a router, as `LiteLLM`, `LangChain` and others write it
/// (`ollama/llama3`, `groq:llama-3.1-8b`), whatever the model is called. Only where something says that a model is meant.
pub(crate) fn routed(name: &str) -> Option<(&'static str, &str)> {
    let (prefix, rest) = name.split_once(['/', ':'])?;
    let provider = ROUTES.iter().find(|(known, _)| *known == prefix)?.1;
    let plain = rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        && rest.len() <= 96
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || "._:@/-".contains(c));
    // A port is no model, and a deployment has no folders.
    let is_port = rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_path = prefix == "azure" && rest.contains('/');
    (plain && !is_port && !is_path).then_some((provider, rest))
}

/// Prefixes of routers, and whose models stand behind them. `huggingface/` is left out: what follows is a hub's name.
const ROUTES: &[(&str, &str)] = &[
    ("ollama", "ollama"),
    ("ollama_chat", "ollama"),
    ("groq", "groq"),
    ("together_ai", "together"),
    ("fireworks_ai", "fireworks"),
    ("azure", "azure-openai"),
    ("azure_openai", "azure-openai"),
    ("bedrock", "aws-bedrock"),
    ("bedrock_converse", "aws-bedrock"),
    ("vertex_ai", "google"),
    ("google_genai", "google"),
    ("google_vertexai", "google"),
    ("nvidia_nim", "nvidia"),
    ("cerebras", "cerebras"),
    ("sambanova", "sambanova"),
    ("deepinfra", "deepinfra"),
    ("openrouter", "openrouter"),
    ("mistralai", "mistral"),
    ("perplexity", "perplexity"),
    ("replicate", "replicate"),
    ("xai", "xai"),
];

fn model_of_router(name: &str) -> Option<(&'static str, &str)> {
    let (_, rest) = name.split_once('/')?;
    MODELS.iter().find(|row| row.fits(rest)).map(|row| (row.provider, rest))
}

/// Whether `name` is that of a model on the Hugging Face Hub, told by who publishes it.
pub(crate) fn hub_model(name: &str) -> bool {
    let Some((owner, model)) = name.split_once('/') else { return false };
    let plain = !model.is_empty() && model.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let lower = model.to_ascii_lowercase();
    let telling = || FAMILIES.iter().any(|family| lower.contains(family));
    plain && (PUBLISHERS.contains(&owner) || COMPANIES.contains(&owner) && telling())
}

impl Row {
    fn fits(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(self.stem) else { return false };
        let plain =
            rest.chars().all(|c| c.is_ascii_alphanumeric() || "._:@-".contains(c)) && name.len() <= 96;
        plain
            && match self.rest {
                Nothing => rest.is_empty(),
                Part => rest.is_empty() || rest.starts_with(['-', '.', ':', '@']),
                More => !rest.is_empty(),
                Any => true,
            }
    }
}

const fn row(
    provider: &'static str,
    stem: &'static str,
    rest: Rest,
    hit: &'static str,
    miss: &'static str,
) -> Row {
    Row { provider, stem, rest, hit, miss }
}

#[rustfmt::skip]
const MODELS: &[Row] = &[
    row("openai", "gpt-3.5-turbo", Part, "gpt-3.5-turbo-0125", "gpt-3.5-turbocharged"),
    row("openai", "gpt-4", Any, "gpt-4o", "gpt"),
    row("openai", "gpt-5", Any, "gpt-5-mini", "gpt-five"),
    row("openai", "gpt-image-", More, "gpt-image-1", "gpt-image-"),
    row("openai", "gpt-oss-", More, "gpt-oss-120b", "gpt-oss"),
    row("openai", "chatgpt-4o-latest", Nothing, "chatgpt-4o-latest", "chatgpt"),
    row("openai", "o1-mini", Part, "o1-mini", "o1"),
    row("openai", "o1-preview", Part, "o1-preview-2024-09-12", "o1-previews"),
    row("openai", "o1-pro", Part, "o1-pro", "o1-pros"),
    row("openai", "o3-mini", Part, "o3-mini", "o3"),
    row("openai", "o3-pro", Part, "o3-pro", "o3-prod"),
    row("openai", "o4-mini", Part, "o4-mini-2025-04-16", "o4"),
    row("openai", "text-embedding-3-", More, "text-embedding-3-small", "text-embedding-3"),
    row("openai", "text-embedding-ada-002", Nothing, "text-embedding-ada-002", "text-embedding-ada"),
    row("openai", "text-davinci-", More, "text-davinci-003", "text-davinci"),
    row("openai", "davinci-002", Nothing, "davinci-002", "davinci"),
    row("openai", "babbage-002", Nothing, "babbage-002", "babbage"),
    row("openai", "dall-e-", More, "dall-e-3", "dall-e"),
    row("openai", "whisper-1", Nothing, "whisper-1", "whisper"),
    row("openai", "tts-1", Part, "tts-1-hd", "tts-10"),
    row("openai", "omni-moderation-", More, "omni-moderation-latest", "omni-moderation"),
    row("anthropic", "claude-2", Part, "claude-2.1", "claude-20s"),
    row("anthropic", "claude-3", Any, "claude-3-5-sonnet-20241022", "claude-three"),
    row("anthropic", "claude-instant", Part, "claude-instant-1.2", "claude-instantly"),
    row("anthropic", "claude-opus-", More, "claude-opus-4-1", "claude-opus"),
    row("anthropic", "claude-sonnet-", More, "claude-sonnet-4-5", "claude-sonnet"),
    row("anthropic", "claude-haiku-", More, "claude-haiku-4-5", "claude-code"),
    row("google", "gemini-1", Any, "gemini-1.5-pro-latest", "gemini-one"),
    row("google", "gemini-2", Any, "gemini-2.5-pro", "gemini"),
    row("google", "gemini-3", Any, "gemini-3-pro-preview", "gemini-db"),
    row("google", "gemini-pro", Part, "gemini-pro-vision", "gemini-protocol"),
    row("google", "gemini-flash", Part, "gemini-flash-latest", "gemini-flashy"),
    row("google", "gemini-embedding-", More, "gemini-embedding-001", "gemini-embedding"),
    row("google", "text-embedding-004", Nothing, "text-embedding-004", "text-embedding-04"),
    row("google", "text-bison", Part, "text-bison@002", "text-bisons"),
    row("mistral", "mistral-tiny", Part, "mistral-tiny", "mistral-tinyurl"),
    row("mistral", "mistral-small", Part, "mistral-small-latest", "mistral"),
    row("mistral", "mistral-medium", Part, "mistral-medium-2505", "mistral-mediums"),
    row("mistral", "mistral-large", Part, "mistral-large-latest", "mistral-largest"),
    row("mistral", "mistral-embed", Nothing, "mistral-embed", "mistral-embedded"),
    row("mistral", "open-mistral-", More, "open-mistral-nemo", "open-mistral"),
    row("mistral", "open-mixtral-", More, "open-mixtral-8x22b", "open-mixtral"),
    row("mistral", "codestral-", More, "codestral-latest", "codestral"),
    row("mistral", "ministral-", More, "ministral-8b-latest", "ministral"),
    row("mistral", "pixtral-", More, "pixtral-large-latest", "pixtral"),
    row("mistral", "magistral-", More, "magistral-medium-latest", "magistral"),
    row("mistral", "devstral-", More, "devstral-small-2507", "devstral"),
    row("cohere", "command-r", Part, "command-r-plus", "command-run"),
    row("cohere", "command-a-", More, "command-a-03-2025", "command-a"),
    row("cohere", "command-light", Part, "command-light", "command-lighter"),
    row("cohere", "embed-english-v", More, "embed-english-v3.0", "embed-english"),
    row("cohere", "embed-multilingual-v", More, "embed-multilingual-v3.0", "embed-multilingual"),
    row("cohere", "rerank-english-v", More, "rerank-english-v3.0", "rerank-english"),
    row("cohere", "rerank-v", More, "rerank-v3.5", "rerank"),
    row("deepseek", "deepseek-chat", Nothing, "deepseek-chat", "deepseek-chats"),
    row("deepseek", "deepseek-reasoner", Nothing, "deepseek-reasoner", "deepseek"),
    row("xai", "grok-2", Part, "grok-2-latest", "grok"),
    row("xai", "grok-3", Part, "grok-3-mini", "grok-30"),
    row("xai", "grok-4", Part, "grok-4-fast", "grok-pattern"),
    row("xai", "grok-code-", More, "grok-code-fast-1", "grok-code"),
    row("perplexity", "sonar-pro", Nothing, "sonar-pro", "sonar"),
    row("perplexity", "sonar-reasoning", Part, "sonar-reasoning-pro", "sonar-reason"),
    row("groq", "llama-3.1-8b-instant", Nothing, "llama-3.1-8b-instant", "llama-3.1-8b"),
    row("groq", "llama-3.3-70b-versatile", Nothing, "llama-3.3-70b-versatile", "llama-3.3-70b"),
    row("groq", "llama3-70b-8192", Nothing, "llama3-70b-8192", "llama3-70b"),
    row("groq", "mixtral-8x7b-32768", Nothing, "mixtral-8x7b-32768", "mixtral-8x7b"),
    row("aws-bedrock", "anthropic.claude-", More, "anthropic.claude-3-sonnet-20240229-v1:0", "anthropic.claude"),
    row("aws-bedrock", "us.anthropic.claude-", More, "us.anthropic.claude-sonnet-4-20250514-v1:0", "us.anthropic"),
    row("aws-bedrock", "eu.anthropic.claude-", More, "eu.anthropic.claude-3-haiku-20240307-v1:0", "eu.anthropic"),
    row("aws-bedrock", "amazon.titan-", More, "amazon.titan-embed-text-v2:0", "amazon.titan"),
    row("aws-bedrock", "amazon.nova-", More, "amazon.nova-pro-v1:0", "amazon.com"),
    row("aws-bedrock", "meta.llama", More, "meta.llama3-8b-instruct-v1:0", "meta.llama"),
    row("aws-bedrock", "mistral.mi", More, "mistral.mixtral-8x7b-instruct-v0:1", "mistral.ai"),
    row("aws-bedrock", "cohere.command-", More, "cohere.command-r-v1:0", "cohere.command"),
    row("aws-bedrock", "cohere.embed-", More, "cohere.embed-english-v3", "cohere.embed"),
    row("ollama", "llama3:", More, "llama3:8b", "llama3"),
    row("ollama", "llama3.1:", More, "llama3.1:8b-instruct-q4_K_M", "llama3.1"),
    row("ollama", "llama3.2:", More, "llama3.2:3b", "llama3.2"),
    row("ollama", "llama3.3:", More, "llama3.3:70b", "llama3.3"),
    row("ollama", "mistral:", More, "mistral:7b", "mistral:"),
    row("ollama", "qwen2.5:", More, "qwen2.5:14b", "qwen2.5"),
    row("ollama", "qwen3:", More, "qwen3:8b", "qwen3"),
    row("ollama", "phi3:", More, "phi3:mini", "phi3"),
    row("ollama", "gemma2:", More, "gemma2:9b", "gemma2"),
    row("ollama", "gemma3:", More, "gemma3:4b", "gemma3"),
    row("ollama", "deepseek-r1:", More, "deepseek-r1:7b", "deepseek-r1"),
    row("ollama", "nomic-embed-text", Part, "nomic-embed-text:latest", "nomic-embed"),
];

/// Who publishes models and nothing that a path or package is named after.
const PUBLISHERS: &[&str] = &[
    "meta-llama",
    "mistralai",
    "Qwen",
    "deepseek-ai",
    "tiiuae",
    "sentence-transformers",
    "BAAI",
    "intfloat",
    "bigscience",
    "bigcode",
    "EleutherAI",
    "HuggingFaceH4",
    "HuggingFaceTB",
    "NousResearch",
    "stabilityai",
    "CohereForAI",
    "CohereLabs",
    "01-ai",
    "THUDM",
    "zai-org",
    "moonshotai",
    "ibm-granite",
    "allenai",
    "thenlper",
    "nomic-ai",
    "unsloth",
    "TheBloke",
    "lmsys",
    "mosaicml",
    "codellama",
    "openai-community",
    "google-bert",
    "FacebookAI",
    "distilbert",
    "cross-encoder",
    "mixedbread-ai",
    "Snowflake",
    "teknium",
    "upstage",
    "xai-org",
];

/// Who publishes models and much else; the name of the model must say what it is.
const COMPANIES: &[&str] =
    &["google", "microsoft", "facebook", "nvidia", "openai", "apple", "databricks", "Salesforce"];

const FAMILIES: &[&str] = &[
    "bert", "gemma", "t5", "vit-", "siglip", "phi-", "llama", "opt-", "bart", "wav2vec", "whisper",
    "nemotron", "clip", "gpt", "dolly", "mpt", "codegen", "blip", "orca", "electra", "dinov2", "openelm",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_hits_and_misses() {
        for one in MODELS {
            assert_eq!(model(one.hit).map(|(provider, _)| provider), Some(one.provider), "{}", one.hit);
            assert!(!one.fits(one.miss), "{} in {}", one.stem, one.miss);
        }
    }

    #[test]
    fn routers_put_a_prefix_before_the_name() {
        assert_eq!(model("openai/gpt-4o"), Some(("openai", "gpt-4o")));
        assert_eq!(model("openrouter/anthropic/claude-3-opus"), Some(("anthropic", "claude-3-opus")));
        assert_eq!(model("models/gemini-1.5-flash"), Some(("google", "gemini-1.5-flash")));
        assert_eq!(model("openai:gpt-4o"), Some(("openai", "gpt-4o")));
        assert_eq!(routed("ollama/llama3"), Some(("ollama", "llama3")));
        assert_eq!(routed("azure/our-deployment"), Some(("azure-openai", "our-deployment")));
        for none in [
            "src/llama3",
            "ollama/",
            "ollama/a b",
            "llama3",
            "docs:x",
            "ollama/../x",
            "ollama:11434",
            "azure/a/b",
        ] {
            assert_eq!(routed(none), None, "{none}");
        }
        for none in ["docs/gpt-4o", "openai/", "gpt", "gpt-4 turbo", "/gpt-4o", "", "claude", "my-gpt-4"] {
            assert_eq!(model(none), None, "{none}");
        }
    }

    #[test]
    fn hub_names_have_a_publisher() {
        for name in [
            "meta-llama/Llama-3.1-8B-Instruct",
            "google/flan-t5-base",
            "BAAI/bge-small-en-v1.5",
            "openai/whisper-large-v3",
        ] {
            assert!(hub_model(name), "{name}");
        }
        for name in [
            "google/protobuf",
            "src/model",
            "meta-llama/",
            "meta-llama",
            "microsoft/vscode",
            "openai/openai-python",
            "Qwen/a b",
        ] {
            assert!(!hub_model(name), "{name}");
        }
    }
}
