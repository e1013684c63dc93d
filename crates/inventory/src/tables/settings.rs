//! Keys of settings: those of frameworks that name a provider, and those behind which the address of a server of models
//! stands.

use super::{
    Means::{self, Provider, Store},
    Row, row,
};

/// What a key of settings means, as `spring.ai.openai.api-key` in a file of properties.
pub(crate) fn setting(key: &str) -> Option<Means> {
    KEYS.iter().find(|row| key.starts_with(row.name)).map(|row| row.means)
}

/// Whether a line says that the address in it is where models answer: for sure, or if a client of models is in the file.
pub(crate) fn speaks_of(line: &str) -> Option<Sure> {
    let lower = line.to_ascii_lowercase();
    if SURE.iter().any(|key| lower.contains(key)) {
        return Some(Sure::Yes);
    }
    WITH_CLIENT.iter().any(|key| lower.contains(key)).then_some(Sure::WithClient)
}

/// How sure a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sure {
    /// The key says it.
    Yes,
    /// A client of models must be in the same file.
    WithClient,
}

const SURE: [&str; 6] = [
    "openai_api_base",
    "openai_base_url",
    "openai_api_base_url",
    "openai.base-url",
    "api_base:",
    "api_base=",
];

const WITH_CLIENT: [&str; 5] = ["base_url", "baseurl", "base-url", "api_base", "withbaseurl"];

#[rustfmt::skip]
const KEYS: &[Row] = &[
    row("spring.ai.openai.", Provider("openai"), "spring.ai.openai.api-key", "spring.ai.open.x"),
    row("spring.ai.azure.openai.", Provider("azure-openai"), "spring.ai.azure.openai.endpoint", "spring.ai.azure.x"),
    row("spring.ai.anthropic.", Provider("anthropic"), "spring.ai.anthropic.api-key", "spring.ai.anthro"),
    row("spring.ai.vertex.ai.", Provider("google"), "spring.ai.vertex.ai.gemini.project-id", "spring.ai.vertex.x"),
    row("spring.ai.bedrock.", Provider("aws-bedrock"), "spring.ai.bedrock.aws.region", "spring.ai.bed"),
    row("spring.ai.mistralai.", Provider("mistral"), "spring.ai.mistralai.api-key", "spring.ai.mistral"),
    row("spring.ai.ollama.", Provider("ollama"), "spring.ai.ollama.base-url", "spring.ai.olla"),
    row("spring.ai.vectorstore.pgvector.", Store("pgvector"), "spring.ai.vectorstore.pgvector.dimensions", "spring.ai.vectorstore.type"),
    row("spring.ai.vectorstore.qdrant.", Store("qdrant"), "spring.ai.vectorstore.qdrant.host", "spring.ai.vectorstore.qd"),
    row("spring.ai.vectorstore.chroma.", Store("chroma"), "spring.ai.vectorstore.chroma.client.host", "spring.ai.vectorstore.c"),
    row("quarkus.langchain4j.openai.", Provider("openai"), "quarkus.langchain4j.openai.api-key", "quarkus.langchain4j.timeout"),
    row("quarkus.langchain4j.ollama.", Provider("ollama"), "quarkus.langchain4j.ollama.base-url", "quarkus.langchain4j.oll"),
    row("langchain4j.open-ai.", Provider("openai"), "langchain4j.open-ai.chat-model.api-key", "langchain4j.open"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_hits_and_misses() {
        for one in KEYS {
            assert_eq!(setting(one.hit), Some(one.means), "{}", one.name);
            assert_eq!(setting(one.miss), None, "{}", one.name);
        }
    }

    #[test]
    fn keys_of_addresses() {
        for (line, sure) in [
            ("OPENAI_BASE_URL=http://llm:8000/v1", Some(Sure::Yes)),
            ("      api_base: http://llm:8000/v1", Some(Sure::Yes)),
            ("llm = OpenAI(base_url=\"http://llm:8000/v1\")", Some(Sure::WithClient)),
            ("new OpenAI({ baseURL: 'http://llm:8000/v1' })", Some(Sure::WithClient)),
            ("url = \"http://llm:8000/v1\"", None),
        ] {
            assert_eq!(speaks_of(line), sure, "{line}");
        }
    }
}
