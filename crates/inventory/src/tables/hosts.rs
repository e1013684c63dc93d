//! Where providers answer, by the end of the host's name.

use super::{Means, Means::Provider, Row, row};

/// What an authority of an address (`host` or `host:port`) means.
pub(crate) fn host(authority: &str) -> Option<Means> {
    let bare = authority.rsplit_once('@').map_or(authority, |(_, bare)| bare);
    let fits = |name: &str, text: &str| {
        text.strip_suffix(name).is_some_and(|sub| {
            sub.is_empty() || sub.ends_with('.') || name.starts_with("aiplatform") && sub.ends_with('-')
        })
    };
    let without_port = bare.split(':').next().unwrap_or(bare);
    HOSTS.iter().find(|row| fits(row.name, bare) || fits(row.name, without_port)).map(|row| row.means)
}

#[rustfmt::skip]
const HOSTS: &[Row] = &[
    row("models.github.ai", Provider("github-models"), "models.github.ai", "github.ai"),
    row("models.inference.ai.azure.com", Provider("github-models"), "models.inference.ai.azure.com", "inference.azure.com"),
    row("api.deepinfra.com", Provider("deepinfra"), "api.deepinfra.com", "deepinfra.com"),
    row("api.sambanova.ai", Provider("sambanova"), "api.sambanova.ai", "sambanova.ai"),
    row("api.moonshot.cn", Provider("moonshot"), "api.moonshot.cn", "moonshot.cn"),
    row("api.moonshot.ai", Provider("moonshot"), "api.moonshot.ai", "moonshot.ai"),
    row("open.bigmodel.cn", Provider("zhipu"), "open.bigmodel.cn", "bigmodel.cn"),
    row("api.z.ai", Provider("zhipu"), "api.z.ai", "z.ai"),
    row("api.minimax.io", Provider("minimax"), "api.minimax.io", "minimax.io"),
    row("ark.cn-beijing.volces.com", Provider("volcengine"), "ark.cn-beijing.volces.com", "tos.cn-beijing.volces.com"),
    row("api.novita.ai", Provider("novita"), "api.novita.ai", "novita.ai"),
    row("api.hyperbolic.xyz", Provider("hyperbolic"), "api.hyperbolic.xyz", "hyperbolic.xyz"),
    row("api.jina.ai", Provider("jina"), "api.jina.ai", "jina.ai"),
    row("api.ai21.com", Provider("ai21"), "api.ai21.com", "ai21.com"),
    row("api.stability.ai", Provider("stability"), "api.stability.ai", "stability.ai"),
    row("ml.cloud.ibm.com", Provider("watsonx"), "eu-de.ml.cloud.ibm.com", "cloud.ibm.com"),
    row("api.openai.com", Provider("openai"), "api.openai.com", "openai.com"),
    row("openai.azure.com", Provider("azure-openai"), "ours.openai.azure.com", "ours.azure.com"),
    row("services.ai.azure.com", Provider("azure-openai"), "ours.services.ai.azure.com", "ai.azure.com"),
    row("api.anthropic.com", Provider("anthropic"), "api.anthropic.com:443", "docs.anthropic.com"),
    row("generativelanguage.googleapis.com", Provider("google"), "generativelanguage.googleapis.com", "storage.googleapis.com"),
    row("aiplatform.googleapis.com", Provider("google"), "europe-west4-aiplatform.googleapis.com", "maps.googleapis.com"),
    row("api.mistral.ai", Provider("mistral"), "api.mistral.ai", "mistral.ai"),
    row("api.cohere.com", Provider("cohere"), "api.cohere.com", "cohere.com"),
    row("api.cohere.ai", Provider("cohere"), "api.cohere.ai", "cohere.ai"),
    row("api.groq.com", Provider("groq"), "api.groq.com", "groq.com"),
    row("api.together.xyz", Provider("together"), "api.together.xyz", "together.xyz"),
    row("api.fireworks.ai", Provider("fireworks"), "api.fireworks.ai", "fireworks.ai"),
    row("openrouter.ai", Provider("openrouter"), "openrouter.ai", "router.ai"),
    row("api.deepseek.com", Provider("deepseek"), "api.deepseek.com", "deepseek.com"),
    row("api.x.ai", Provider("xai"), "api.x.ai", "x.ai"),
    row("api.perplexity.ai", Provider("perplexity"), "api.perplexity.ai", "perplexity.ai"),
    row("api.replicate.com", Provider("replicate"), "api.replicate.com", "replicate.com"),
    row("api-inference.huggingface.co", Provider("huggingface"), "api-inference.huggingface.co", "huggingface.co"),
    row("router.huggingface.co", Provider("huggingface"), "router.huggingface.co", "hf.co"),
    row("integrate.api.nvidia.com", Provider("nvidia"), "integrate.api.nvidia.com", "nvidia.com"),
    row("api.cerebras.ai", Provider("cerebras"), "api.cerebras.ai", "cerebras.ai"),
    row("api.voyageai.com", Provider("voyage"), "api.voyageai.com", "voyageai.com"),
    row("dashscope.aliyuncs.com", Provider("dashscope"), "dashscope.aliyuncs.com", "aliyuncs.com"),
    row("localhost:11434", Provider("ollama"), "localhost:11434", "localhost:8080"),
    row("127.0.0.1:11434", Provider("ollama"), "127.0.0.1:11434", "127.0.0.1:80"),
    row("ollama:11434", Provider("ollama"), "ollama:11434", "ollama:80"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_hits_and_misses() {
        for one in HOSTS {
            assert_eq!(host(one.hit), Some(one.means), "{}", one.name);
            assert_eq!(host(one.miss), None, "{}", one.name);
        }
        assert_eq!(host("api.openai.com.example.net"), None);
        assert_eq!(host("notapi.openai.com"), None);
    }
}
