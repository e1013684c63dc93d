//! Packages, by the name under which code and manifests ask for them. A star at the end of a name stands for the names
//! that go on after a hyphen, or after the slash of a scope.

use super::{
    Means::{Framework, Provider, Store},
    Packages, Row, row,
};
use crate::{
    Role::{Agent, Calls, Serves, Tools, Trains},
    lexical::Language::{self, Go, Jvm, Node, Python, Rust},
};

/// What a package means; several rows may say something about one.
pub(crate) fn package(language: Language, name: &str) -> impl Iterator<Item = &'static Row> {
    let rows = PACKAGES.iter().filter(move |(of, _)| *of == language).flat_map(|(_, rows)| *rows);
    rows.filter(move |row| matches(row.name, name))
}

/// What a container image means.
pub(crate) fn image(name: &str) -> Option<&'static Row> {
    let bare = name.split(['@', ':']).next().unwrap_or(name);
    IMAGES.iter().find(|row| {
        bare == row.name || bare.strip_suffix(row.name).is_some_and(|registry| registry.ends_with('/'))
    })
}

/// The names of all vector stores that any row knows.
pub(crate) fn stores() -> std::collections::BTreeSet<&'static str> {
    let rows = PACKAGES.iter().flat_map(|(_, rows)| *rows).chain(IMAGES);
    rows.filter_map(|row| if let Store(name) = row.means { Some(name) } else { None }).collect()
}

fn matches(row: &str, name: &str) -> bool {
    match row.strip_suffix('*') {
        None => row == name,
        Some(stem) => name.strip_prefix(stem).is_some_and(|rest| {
            rest.is_empty() && !stem.ends_with('/')
                || rest.starts_with('-')
                || stem.ends_with(['/', '.']) && !rest.is_empty()
        }),
    }
}

const PACKAGES: &[Packages] = &[(Python, PYTHON), (Node, NODE), (Go, GO), (Rust, RUST), (Jvm, JVM)];

#[rustfmt::skip]
const PYTHON: &[Row] = &[
    row("azure-ai-inference", Provider("azure-openai"), "from azure.ai.inference import ChatCompletionsClient", "from azure.identity import x"),
    row("ai21", Provider("ai21"), "from ai21 import AI21Client", "import ai2thor"),
    row("zhipuai", Provider("zhipu"), "from zhipuai import ZhipuAI", "import zhipu"),
    row("dashscope", Provider("dashscope"), "import dashscope", "import dashboard"),
    row("ibm-watsonx-ai", Provider("watsonx"), "from ibm_watsonx_ai import Credentials", "import ibm_db"),
    row("langchain-deepseek", Provider("deepseek"), "from langchain_deepseek import ChatDeepSeek", "import langchain"),
    row("langchain-xai", Provider("xai"), "from langchain_xai import ChatXAI", "import langchain"),
    row("xai-sdk", Provider("xai"), "from xai_sdk import Client", "import xai"),
    row("llama-factory", Framework("llama-factory", Trains), "llama-factory==0.9", "llama-fact==0.9"),
    row("torchtune", Framework("torchtune", Trains), "import torchtune", "import torch"),
    row("turbopuffer", Store("turbopuffer"), "import turbopuffer", "import turbo"),
    row("vespa", Store("vespa"), "from vespa.application import Vespa", "import vespers"),
    row("langchain-milvus", Store("milvus"), "from langchain_milvus import Milvus", "import langchain"),
    row("langchain-weaviate", Store("weaviate"), "from langchain_weaviate import WeaviateVectorStore", "import langchain"),
    row("openai", Provider("openai"), "from openai import OpenAI", "from openai_whisper import load"),
    row("langchain-openai", Provider("openai"), "from langchain_openai import ChatOpenAI", "from langchain_core import x"),
    row("anthropic", Provider("anthropic"), "import anthropic", "import anthropic_client_of_ours"),
    row("langchain-anthropic", Provider("anthropic"), "from langchain_anthropic import ChatAnthropic", "import langchain"),
    row("google-generativeai", Provider("google"), "import google.generativeai as genai", "import google.protobuf"),
    row("google-genai", Provider("google"), "from google.genai import types", "from google.cloud import storage"),
    row("vertexai", Provider("google"), "from vertexai.generative_models import GenerativeModel", "import vertex"),
    row("langchain-google-genai", Provider("google"), "import langchain_google_genai", "import langchain_google"),
    row("langchain-google-vertexai", Provider("google"), "import langchain_google_vertexai", "import langchain_google"),
    row("langchain-aws", Provider("aws-bedrock"), "from langchain_aws import ChatBedrock", "import boto3"),
    row("mistralai", Provider("mistral"), "from mistralai import Mistral", "import mistral_theme"),
    row("langchain-mistralai", Provider("mistral"), "import langchain_mistralai", "import langchain_mistral"),
    row("cohere", Provider("cohere"), "import cohere", "import coherence"),
    row("langchain-cohere", Provider("cohere"), "import langchain_cohere", "import langchain"),
    row("groq", Provider("groq"), "from groq import Groq", "import grok"),
    row("langchain-groq", Provider("groq"), "import langchain_groq", "import langchain"),
    row("together", Provider("together"), "from together import Together", "import togetherness"),
    row("fireworks", Provider("fireworks"), "import fireworks.client", "import firework_show"),
    row("fireworks-ai", Provider("fireworks"), "fireworks-ai==0.15", "fireworks-display==1.0"),
    row("replicate", Provider("replicate"), "import replicate", "import replication"),
    row("ollama", Provider("ollama"), "import ollama", "import ollamas"),
    row("langchain-ollama", Provider("ollama"), "import langchain_ollama", "import langchain"),
    row("voyageai", Provider("voyage"), "import voyageai", "import voyage"),
    row("huggingface-hub", Provider("huggingface"), "from huggingface_hub import snapshot_download", "import hub"),
    row("langchain-huggingface", Provider("huggingface"), "import langchain_huggingface", "import langchain"),
    row("langchain*", Framework("langchain", Calls), "from langchain_community.llms import x", "import langchains"),
    row("langgraph*", Framework("langgraph", Agent), "from langgraph.graph import StateGraph", "import langgraphs"),
    row("llama-index*", Framework("llama-index", Calls), "from llama_index.core import x", "import llama_indexer"),
    row("litellm", Framework("litellm", Calls), "import litellm", "import litellm_of_ours"),
    row("haystack*", Framework("haystack", Calls), "from haystack import Pipeline", "import haystacks"),
    row("haystack-ai", Framework("haystack", Calls), "haystack-ai>=2", "hay-ai>=2"),
    row("dspy*", Framework("dspy", Calls), "import dspy", "import dspyne"),
    row("instructor", Framework("instructor", Calls), "import instructor", "import instructors"),
    row("guidance", Framework("guidance", Calls), "import guidance", "import guide"),
    row("semantic-kernel", Framework("semantic-kernel", Agent), "import semantic_kernel as sk", "import semantic"),
    row("crewai*", Framework("crewai", Agent), "from crewai import Agent", "import crew"),
    row("autogen*", Framework("autogen", Agent), "from autogen_agentchat.agents import x", "import autogenerated"),
    row("pyautogen", Framework("autogen", Agent), "pyautogen", "pyautogui"),
    row("smolagents", Framework("smolagents", Agent), "from smolagents import CodeAgent", "import smol"),
    row("pydantic-ai*", Framework("pydantic-ai", Agent), "from pydantic_ai import Agent", "from pydantic import BaseModel"),
    row("openai-agents", Framework("openai-agents", Agent), "openai-agents==0.2", "openai-agent==0.2"),
    row("mcp", Framework("mcp", Tools), "from mcp.server.fastmcp import FastMCP", "import mcpi"),
    row("fastmcp", Framework("mcp", Tools), "from fastmcp import FastMCP", "import fastapi"),
    row("transformers", Framework("transformers", Serves), "from transformers import AutoModel", "import transformer"),
    row("sentence-transformers", Framework("sentence-transformers", Serves), "import sentence_transformers", "import sentence"),
    row("vllm", Framework("vllm", Serves), "from vllm import LLM", "import vllms"),
    row("llama-cpp", Framework("llama-cpp", Serves), "from llama_cpp import Llama", "import llama"),
    row("llama-cpp-python", Framework("llama-cpp", Serves), "llama-cpp-python==0.3", "llama-python==0.3"),
    row("ctransformers", Framework("ctransformers", Serves), "import ctransformers", "import ctrans"),
    row("mlx-lm", Framework("mlx-lm", Serves), "from mlx_lm import load", "import mlx"),
    row("sglang", Framework("sglang", Serves), "import sglang", "import sgl"),
    row("trl", Framework("trl", Trains), "from trl import SFTTrainer", "import trline"),
    row("peft", Framework("peft", Trains), "from peft import LoraConfig", "import pefty"),
    row("unsloth", Framework("unsloth", Trains), "from unsloth import FastLanguageModel", "import sloth"),
    row("axolotl", Framework("axolotl", Trains), "import axolotl", "import axolotls"),
    row("chromadb", Store("chroma"), "import chromadb", "import chroma_colours"),
    row("langchain-chroma", Store("chroma"), "from langchain_chroma import Chroma", "import langchain"),
    row("faiss*", Store("faiss"), "import faiss", "import faissal"),
    row("qdrant-client", Store("qdrant"), "from qdrant_client import QdrantClient", "import qdrants"),
    row("langchain-qdrant", Store("qdrant"), "import langchain_qdrant", "import langchain"),
    row("pinecone*", Store("pinecone"), "from pinecone import Pinecone", "import pinecones"),
    row("langchain-pinecone", Store("pinecone"), "import langchain_pinecone", "import langchain"),
    row("pgvector", Store("pgvector"), "from pgvector.sqlalchemy import Vector", "import pg"),
    row("langchain-postgres", Store("pgvector"), "from langchain_postgres import PGVector", "import psycopg"),
    row("weaviate*", Store("weaviate"), "import weaviate", "import weaver"),
    row("pymilvus", Store("milvus"), "from pymilvus import MilvusClient", "import milvus_of_ours"),
    row("lancedb", Store("lancedb"), "import lancedb", "import lance"),
];

#[rustfmt::skip]
const NODE: &[Row] = &[
    row("@ai-sdk/azure", Provider("azure-openai"), "import { azure } from '@ai-sdk/azure'", "import x from '@ai-sdk/react'"),
    row("@ai-sdk/amazon-bedrock", Provider("aws-bedrock"), "from '@ai-sdk/amazon-bedrock'", "from '@ai-sdk/amazon'"),
    row("@ai-sdk/mistral", Provider("mistral"), "from '@ai-sdk/mistral'", "from '@ai-sdk/mist'"),
    row("@ai-sdk/groq", Provider("groq"), "from '@ai-sdk/groq'", "from '@ai-sdk/gro'"),
    row("@ai-sdk/xai", Provider("xai"), "from '@ai-sdk/xai'", "from '@ai-sdk/x'"),
    row("@ai-sdk/deepseek", Provider("deepseek"), "from '@ai-sdk/deepseek'", "from '@ai-sdk/deep'"),
    row("@ai-sdk/cohere", Provider("cohere"), "from '@ai-sdk/cohere'", "from '@ai-sdk/co'"),
    row("@openrouter/*", Provider("openrouter"), "from '@openrouter/ai-sdk-provider'", "from '@router/x'"),
    row("@langchain/google-genai", Provider("google"), "from '@langchain/google-genai'", "from '@langchain/google'"),
    row("@langchain/aws", Provider("aws-bedrock"), "from '@langchain/aws'", "from '@langchain/a'"),
    row("@langchain/mistralai", Provider("mistral"), "from '@langchain/mistralai'", "from '@langchain/mistral'"),
    row("@langchain/ollama", Provider("ollama"), "from '@langchain/ollama'", "from '@langchain/olla'"),
    row("@langchain/langgraph", Framework("langgraph", Agent), "from '@langchain/langgraph'", "from '@langchain/lang'"),
    row("@huggingface/transformers", Framework("transformers", Serves), "from '@huggingface/transformers'", "from '@huggingface/jinja'"),
    row("@lancedb/lancedb", Store("lancedb"), "from '@lancedb/lancedb'", "from '@lance/db'"),
    row("@zilliz/milvus2-sdk-node", Store("milvus"), "from '@zilliz/milvus2-sdk-node'", "from '@zilliz/x'"),
    row("faiss-node", Store("faiss"), "from 'faiss-node'", "from 'faiss-x'"),
    row("openai", Provider("openai"), "import OpenAI from 'openai';", "import x from './openai';"),
    row("@ai-sdk/openai", Provider("openai"), "import { openai } from '@ai-sdk/openai'", "import x from '@ai-sdk/ui'"),
    row("@langchain/openai", Provider("openai"), "import x from \"@langchain/openai\"", "import x from \"@langchain/core\""),
    row("@azure/openai", Provider("azure-openai"), "require('@azure/openai')", "require('@azure/identity')"),
    row("@anthropic-ai/*", Provider("anthropic"), "import Anthropic from \"@anthropic-ai/sdk\"", "import x from \"@anthropic/x\""),
    row("@ai-sdk/anthropic", Provider("anthropic"), "import { anthropic } from '@ai-sdk/anthropic'", "import x from '@ai-sdk'"),
    row("@langchain/anthropic", Provider("anthropic"), "from \"@langchain/anthropic\"", "from \"@langchain/core\""),
    row("@google/generative-ai", Provider("google"), "from \"@google/generative-ai\"", "from \"@google-cloud/storage\""),
    row("@google/genai", Provider("google"), "from \"@google/genai\"", "from \"@google/maps\""),
    row("@ai-sdk/google", Provider("google"), "from '@ai-sdk/google'", "from '@ai-sdk/googly'"),
    row("@aws-sdk/client-bedrock-runtime", Provider("aws-bedrock"), "from '@aws-sdk/client-bedrock-runtime'", "from '@aws-sdk/client-s3'"),
    row("@mistralai/mistralai", Provider("mistral"), "from '@mistralai/mistralai'", "from '@mistral/ui'"),
    row("cohere-ai", Provider("cohere"), "require(\"cohere-ai\")", "require(\"coherent\")"),
    row("groq-sdk", Provider("groq"), "import Groq from 'groq-sdk'", "import groq from 'groq'"),
    row("replicate", Provider("replicate"), "import Replicate from 'replicate'", "import x from 'replicator'"),
    row("ollama", Provider("ollama"), "import ollama from 'ollama'", "import x from 'ollamas'"),
    row("@huggingface/*", Provider("huggingface"), "from '@huggingface/inference'", "from '@hugging/face'"),
    row("langchain", Framework("langchain", Calls), "import { x } from 'langchain/chains'", "import x from 'langchains'"),
    row("@langchain/*", Framework("langchain", Calls), "from '@langchain/core'", "from '@lang/core'"),
    row("llamaindex", Framework("llama-index", Calls), "from 'llamaindex'", "from 'llama'"),
    row("ai", Framework("ai-sdk", Calls), "import { generateText } from 'ai'", "import { x } from 'aim'"),
    row("@openai/agents", Framework("openai-agents", Agent), "from '@openai/agents'", "from '@openai/x'"),
    row("@mastra/*", Framework("mastra", Agent), "from '@mastra/core'", "from '@master/core'"),
    row("@modelcontextprotocol/*", Framework("mcp", Tools), "from \"@modelcontextprotocol/sdk/client\"", "from \"@model/sdk\""),
    row("@xenova/transformers", Framework("transformers", Serves), "from '@xenova/transformers'", "from '@xenova/x'"),
    row("node-llama-cpp", Framework("llama-cpp", Serves), "from 'node-llama-cpp'", "from 'node-llama'"),
    row("chromadb", Store("chroma"), "from 'chromadb'", "from 'chroma-js'"),
    row("@pinecone-database/pinecone", Store("pinecone"), "from '@pinecone-database/pinecone'", "from '@pinecone/ui'"),
    row("@qdrant/*", Store("qdrant"), "from '@qdrant/js-client-rest'", "from '@quadrant/x'"),
    row("pgvector", Store("pgvector"), "require('pgvector/pg')", "require('pg')"),
    row("weaviate-client", Store("weaviate"), "from 'weaviate-client'", "from 'weave-client'"),
];

#[rustfmt::skip]
const GO: &[Row] = &[
    row("github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai", Provider("azure-openai"), "\t\"github.com/Azure/azure-sdk-for-go/sdk/ai/azopenai\"", "\t\"github.com/Azure/azure-sdk-for-go/sdk/azcore\""),
    row("cloud.google.com/go/vertexai", Provider("google"), "\t\"cloud.google.com/go/vertexai/genai\"", "\t\"cloud.google.com/go/storage\""),
    row("github.com/cohere-ai/cohere-go", Provider("cohere"), "\t\"github.com/cohere-ai/cohere-go/v2/client\"", "\t\"github.com/cohere-ai/x\""),
    row("github.com/gage-technologies/mistral-go", Provider("mistral"), "\t\"github.com/gage-technologies/mistral-go\"", "\t\"github.com/gage-technologies/x\""),
    row("github.com/modelcontextprotocol/go-sdk", Framework("mcp", Tools), "\t\"github.com/modelcontextprotocol/go-sdk/mcp\"", "\t\"github.com/modelcontextprotocol/x\""),
    row("github.com/cloudwego/eino", Framework("eino", Agent), "\t\"github.com/cloudwego/eino/compose\"", "\t\"github.com/cloudwego/hertz\""),
    row("github.com/weaviate/weaviate-go-client", Store("weaviate"), "\t\"github.com/weaviate/weaviate-go-client/v5/weaviate\"", "\t\"github.com/weaviate/x\""),
    row("github.com/milvus-io/milvus-sdk-go", Store("milvus"), "\t\"github.com/milvus-io/milvus-sdk-go/v2/client\"", "\t\"github.com/milvus-io/x\""),
    row("github.com/pinecone-io/go-pinecone", Store("pinecone"), "\t\"github.com/pinecone-io/go-pinecone/pinecone\"", "\t\"github.com/pinecone-io/x\""),
    row("github.com/openai/openai-go", Provider("openai"), "\t\"github.com/openai/openai-go\"", "\t\"github.com/open/ai-go\""),
    row("github.com/sashabaranov/go-openai", Provider("openai"), "import \"github.com/sashabaranov/go-openai\"", "import \"github.com/x/go\""),
    row("github.com/anthropics/anthropic-sdk-go", Provider("anthropic"), "\t\"github.com/anthropics/anthropic-sdk-go\"", "\t\"github.com/x/y\""),
    row("google.golang.org/genai", Provider("google"), "\t\"google.golang.org/genai\"", "\t\"google.golang.org/grpc\""),
    row("github.com/google/generative-ai-go", Provider("google"), "\t\"github.com/google/generative-ai-go/genai\"", "\t\"github.com/google/uuid\""),
    row("github.com/aws/aws-sdk-go-v2/service/bedrockruntime", Provider("aws-bedrock"), "\t\"github.com/aws/aws-sdk-go-v2/service/bedrockruntime\"", "\t\"github.com/aws/aws-sdk-go-v2/service/s3\""),
    row("github.com/ollama/ollama", Provider("ollama"), "\t\"github.com/ollama/ollama/api\"", "\t\"github.com/x/ollama\""),
    row("github.com/tmc/langchaingo", Framework("langchain", Calls), "\t\"github.com/tmc/langchaingo/llms\"", "\t\"github.com/tmc/dot\""),
    row("github.com/mark3labs/mcp-go", Framework("mcp", Tools), "\t\"github.com/mark3labs/mcp-go/server\"", "\t\"github.com/mark3labs/x\""),
    row("github.com/qdrant/go-client", Store("qdrant"), "\t\"github.com/qdrant/go-client/qdrant\"", "\t\"github.com/qdrant/x\""),
    row("github.com/pgvector/pgvector-go", Store("pgvector"), "\t\"github.com/pgvector/pgvector-go\"", "\t\"github.com/lib/pq\""),
];

#[rustfmt::skip]
const RUST: &[Row] = &[
    row("async-openai", Provider("openai"), "use async_openai::Client;", "use async_std::task;"),
    row("ollama-rs", Provider("ollama"), "use ollama_rs::Ollama;", "use ollama::x;"),
    row("aws-sdk-bedrockruntime", Provider("aws-bedrock"), "use aws_sdk_bedrockruntime::Client;", "use aws_sdk_s3::Client;"),
    row("hf-hub", Provider("huggingface"), "use hf_hub::api::sync::Api;", "use hub::x;"),
    row("rig", Framework("rig", Agent), "use rig::agent::Agent;", "use rigid::x;"),
    row("rig-core", Framework("rig", Agent), "rig-core = \"0.9\"", "rig-corner = \"0.9\""),
    row("rmcp", Framework("mcp", Tools), "use rmcp::ServerHandler;", "use rmp::x;"),
    row("candle-transformers", Framework("candle", Serves), "use candle_transformers::models;", "use candles::x;"),
    row("mistralrs", Framework("mistral.rs", Serves), "use mistralrs::Model;", "use mistral::x;"),
    row("qdrant-client", Store("qdrant"), "use qdrant_client::Qdrant;", "use qdrants::x;"),
    row("pgvector", Store("pgvector"), "use pgvector::Vector;", "use postgres::Client;"),
    row("lancedb", Store("lancedb"), "use lancedb::connect;", "use lance::x;"),
];

#[rustfmt::skip]
const JVM: &[Row] = &[
    row("com.theokanning.openai.*", Provider("openai"), "import com.theokanning.openai.service.OpenAiService;", "import com.theo.x;"),
    row("dev.langchain4j.model.openai.*", Provider("openai"), "import dev.langchain4j.model.openai.OpenAiChatModel;", "import dev.langchain4j.model.chat.ChatModel;"),
    row("dev.langchain4j.model.anthropic.*", Provider("anthropic"), "import dev.langchain4j.model.anthropic.AnthropicChatModel;", "import dev.langchain4j.model.output.Response;"),
    row("dev.langchain4j.model.ollama.*", Provider("ollama"), "import dev.langchain4j.model.ollama.OllamaChatModel;", "import dev.langchain4j.model.input.Prompt;"),
    row("org.springframework.ai.openai.*", Provider("openai"), "import org.springframework.ai.openai.OpenAiChatModel;", "import org.springframework.ai.chat.model.ChatModel;"),
    row("org.springframework.ai.anthropic.*", Provider("anthropic"), "import org.springframework.ai.anthropic.AnthropicChatModel;", "import org.springframework.ai.document.Document;"),
    row("org.springframework.ai.ollama.*", Provider("ollama"), "import org.springframework.ai.ollama.OllamaChatModel;", "import org.springframework.ai.reader.x;"),
    row("com.azure.ai.openai.*", Provider("azure-openai"), "import com.azure.ai.openai.OpenAIClient;", "import com.azure.storage.x;"),
    row("com.google.cloud.vertexai.*", Provider("google"), "import com.google.cloud.vertexai.VertexAI;", "import com.google.cloud.storage.x;"),
    row("io.modelcontextprotocol.*", Framework("mcp", Tools), "import io.modelcontextprotocol.client.McpClient;", "import io.model.x;"),
    row("io.milvus.*", Store("milvus"), "import io.milvus.v2.client.MilvusClientV2;", "import io.micrometer.x;"),
    row("io.weaviate.*", Store("weaviate"), "import io.weaviate.client.WeaviateClient;", "import io.weave.x;"),
    row("io.pinecone.*", Store("pinecone"), "import io.pinecone.clients.Pinecone;", "import io.pine.x;"),
    row("com.openai.*", Provider("openai"), "import com.openai.client.OpenAIClient;", "import com.opencsv.CSVReader;"),
    row("com.anthropic.*", Provider("anthropic"), "import com.anthropic.client.AnthropicClient;", "import com.anthro.x;"),
    row("com.google.genai.*", Provider("google"), "import com.google.genai.Client;", "import com.google.common.base.x;"),
    row("software.amazon.awssdk.services.bedrockruntime.*", Provider("aws-bedrock"), "import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;", "import software.amazon.awssdk.services.s3.S3Client;"),
    row("dev.langchain4j.*", Framework("langchain4j", Calls), "import dev.langchain4j.model.chat.ChatModel;", "import dev.lang.x;"),
    row("org.springframework.ai.*", Framework("spring-ai", Calls), "import org.springframework.ai.chat.client.ChatClient;", "import org.springframework.boot.x;"),
    row("io.qdrant.*", Store("qdrant"), "import io.qdrant.client.QdrantClient;", "import io.quarkus.x;"),
];

#[rustfmt::skip]
const IMAGES: &[Row] = &[
    row("ggml-org/llama.cpp", Framework("llama-cpp", Serves), "image: ghcr.io/ggml-org/llama.cpp:server", "image: ghcr.io/ggml-org/x"),
    row("ggerganov/llama.cpp", Framework("llama-cpp", Serves), "image: ghcr.io/ggerganov/llama.cpp:server", "image: ghcr.io/ggerganov/x"),
    row("lmsysorg/sglang", Framework("sglang", Serves), "image: lmsysorg/sglang:latest", "image: lmsysorg/x"),
    row("huggingface/text-embeddings-inference", Framework("text-embeddings-inference", Serves), "image: ghcr.io/huggingface/text-embeddings-inference:cpu-1.6", "image: ghcr.io/huggingface/text"),
    row("nvidia/tritonserver", Framework("triton", Serves), "FROM nvcr.io/nvidia/tritonserver:24.08-py3", "FROM nvcr.io/nvidia/cuda:12.4"),
    row("localai/localai", Framework("localai", Serves), "image: localai/localai:latest", "image: localai/site"),
    row("xprobe/xinference", Framework("xinference", Serves), "image: xprobe/xinference", "image: xprobe/x"),
    row("ankane/pgvector", Store("pgvector"), "image: ankane/pgvector", "image: ankane/x"),
    row("vespaengine/vespa", Store("vespa"), "image: vespaengine/vespa", "image: vespaengine/x"),
    row("ollama/ollama", Provider("ollama"), "image: ollama/ollama:latest", "image: our/ollama-ui:latest"),
    row("vllm/vllm-openai", Framework("vllm", Serves), "FROM vllm/vllm-openai:v0.8", "FROM python:3.12"),
    row("huggingface/text-generation-inference", Framework("text-generation-inference", Serves), "image: ghcr.io/huggingface/text-generation-inference:3.0", "image: ghcr.io/huggingface/x"),
    row("berriai/litellm", Framework("litellm", Calls), "image: ghcr.io/berriai/litellm:main", "image: ghcr.io/x/litellm-ui"),
    row("chromadb/chroma", Store("chroma"), "image: chromadb/chroma:0.5", "image: chroma/site"),
    row("qdrant/qdrant", Store("qdrant"), "image: qdrant/qdrant", "image: qdrant/site"),
    row("pgvector/pgvector", Store("pgvector"), "image: pgvector/pgvector:pg17", "image: postgres:17"),
    row("semitechnologies/weaviate", Store("weaviate"), "image: cr.weaviate.io/semitechnologies/weaviate:1.28", "image: weave"),
    row("milvusdb/milvus", Store("milvus"), "image: milvusdb/milvus:v2.5", "image: minio/minio"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexical::{images, modules, requirement};

    #[test]
    fn each_row_hits_and_misses() {
        for (language, rows) in PACKAGES {
            for one in *rows {
                let hits = |line: &str| {
                    let mut names: Vec<_> =
                        modules(*language, line).into_iter().map(|(_, name)| name).collect();
                    names.extend(requirement(line).map(|(_, name)| name));
                    names.iter().any(|name| package(*language, name).any(|found| found == one))
                };
                assert!(hits(one.hit), "{language:?} {} in {}", one.name, one.hit);
                assert!(!hits(one.miss), "{language:?} {} in {}", one.name, one.miss);
            }
        }
        for one in IMAGES {
            let hits = |line: &str| {
                images(line).iter().any(|(_, name)| image(name).is_some_and(|found| found == one))
            };
            assert!(hits(one.hit) && !hits(one.miss), "{}", one.name);
        }
    }
}
