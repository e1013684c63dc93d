//! Words that stand for a provider wherever code or configuration names them: variables and classes.

use super::{Means, Means::Provider, Row, row};

/// What a word of letters, digits and low lines means.
pub(crate) fn word(text: &str) -> Option<Means> {
    WORDS.iter().find(|row| row.name == text).map(|row| row.means)
}

#[rustfmt::skip]
const WORDS: &[Row] = &[
    row("OPENAI_API_KEY", Provider("openai"), "OPENAI_API_KEY", "OPENAI_API_KEYS"),
    row("AZURE_OPENAI_API_KEY", Provider("azure-openai"), "AZURE_OPENAI_API_KEY", "AZURE_API_KEY_OF_OURS"),
    row("AZURE_OPENAI_ENDPOINT", Provider("azure-openai"), "AZURE_OPENAI_ENDPOINT", "AZURE_ENDPOINT"),
    row("AzureOpenAI", Provider("azure-openai"), "AzureOpenAI", "Azure"),
    row("AzureChatOpenAI", Provider("azure-openai"), "AzureChatOpenAI", "ChatOpenAI"),
    row("ANTHROPIC_API_KEY", Provider("anthropic"), "ANTHROPIC_API_KEY", "ANTHROPIC"),
    row("GEMINI_API_KEY", Provider("google"), "GEMINI_API_KEY", "GEMINI"),
    row("GOOGLE_GENERATIVE_AI_API_KEY", Provider("google"), "GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_API_KEY"),
    row("AWS_BEARER_TOKEN_BEDROCK", Provider("aws-bedrock"), "AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY"),
    row("MISTRAL_API_KEY", Provider("mistral"), "MISTRAL_API_KEY", "MISTRAL"),
    row("COHERE_API_KEY", Provider("cohere"), "COHERE_API_KEY", "COHERE"),
    row("CO_API_KEY", Provider("cohere"), "CO_API_KEY", "API_KEY"),
    row("GROQ_API_KEY", Provider("groq"), "GROQ_API_KEY", "GROQ"),
    row("TOGETHER_API_KEY", Provider("together"), "TOGETHER_API_KEY", "TOGETHER"),
    row("FIREWORKS_API_KEY", Provider("fireworks"), "FIREWORKS_API_KEY", "FIREWORKS"),
    row("OPENROUTER_API_KEY", Provider("openrouter"), "OPENROUTER_API_KEY", "ROUTER_API_KEY"),
    row("DEEPSEEK_API_KEY", Provider("deepseek"), "DEEPSEEK_API_KEY", "DEEPSEEK"),
    row("XAI_API_KEY", Provider("xai"), "XAI_API_KEY", "XAI"),
    row("PERPLEXITY_API_KEY", Provider("perplexity"), "PERPLEXITY_API_KEY", "PERPLEXITY"),
    row("REPLICATE_API_TOKEN", Provider("replicate"), "REPLICATE_API_TOKEN", "REPLICATE"),
    row("HF_TOKEN", Provider("huggingface"), "HF_TOKEN", "HF"),
    row("HUGGINGFACEHUB_API_TOKEN", Provider("huggingface"), "HUGGINGFACEHUB_API_TOKEN", "HUB_TOKEN"),
    row("HUGGING_FACE_HUB_TOKEN", Provider("huggingface"), "HUGGING_FACE_HUB_TOKEN", "HUB_TOKEN"),
    row("NVIDIA_API_KEY", Provider("nvidia"), "NVIDIA_API_KEY", "NVIDIA_VISIBLE_DEVICES"),
    row("CEREBRAS_API_KEY", Provider("cerebras"), "CEREBRAS_API_KEY", "CEREBRAS"),
    row("VOYAGE_API_KEY", Provider("voyage"), "VOYAGE_API_KEY", "VOYAGE"),
    row("DASHSCOPE_API_KEY", Provider("dashscope"), "DASHSCOPE_API_KEY", "DASHSCOPE"),
    row("OLLAMA_HOST", Provider("ollama"), "OLLAMA_HOST", "HOST"),
    row("OLLAMA_BASE_URL", Provider("ollama"), "OLLAMA_BASE_URL", "BASE_URL"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_hits_and_misses() {
        for one in WORDS {
            assert_eq!(word(one.hit), Some(one.means), "{}", one.name);
            assert_eq!(word(one.miss), None, "{}", one.name);
        }
    }
}
