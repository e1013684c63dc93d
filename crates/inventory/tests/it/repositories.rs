//! Repositories with what a person would say is in them. Each difference is a miss or a false alarm.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_inventory::Inventory;

use crate::Folder;

/// Under which word a line is counted.
type KindOf<'a> = &'a dyn Fn(&String) -> String;

struct Labelled {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// `kind path`, one on each line.
    found: &'static str,
    /// `provider: models; data sets`.
    providers: &'static str,
    /// Names of tools, frameworks and stores.
    rest: &'static str,
}

const REPOSITORIES: &[Labelled] = &[
    Labelled {
        name: "an agent with retrieval in Python",
        files: &[
            ("README.md", "We like GPT-4 and Claude. `from cohere import Client`"),
            (
                "pyproject.toml",
                "[project]\nname = \"helper\"\nkeywords = [\"cohere\"]\ndependencies = [\"langchain>=0.3\", \"langchain-openai\", \"chromadb\"]\n",
            ),
            ("uv.lock", "version = 1\n"),
            (
                "src/app/agent.py",
                "\"\"\"Answers.\n\nimport mistralai\n\"\"\"\nfrom langchain_openai import ChatOpenAI\nfrom langchain_chroma import Chroma\n\nllm = ChatOpenAI(model=\"gpt-4o-mini\", temperature=0)\n",
            ),
            ("src/app/prompts/system.md", "You answer."),
            ("data/kb/faq.md", "Q and A"),
            (".env.example", "OPENAI_API_KEY=sk-...\n"),
        ],
        found: "code src\nconfiguration .env.example\ndataset data/kb\nlock file uv.lock\nprompt src/app/prompts",
        providers: "openai: gpt-4o-mini",
        rest: "chroma langchain",
    },
    Labelled {
        name: "a script that calls a provider",
        files: &[
            (
                "ask.py",
                "import os\nfrom openai import OpenAI\n# model=\"gpt-3.5-turbo\" was too slow\nclient = OpenAI(api_key=os.environ[\"OPENAI_API_KEY\"])\nclient.chat.completions.create(model='gpt-4.1', messages=[])\n",
            ),
            ("requirements.txt", "openai==1.99.0\nrequests\n"),
            (".env", "OPENAI_API_KEY=not-a-real-one\nDATABASE_URL=claude-3-opus\n"),
        ],
        found: "code ask.py\nenvironment .env\nlock file requirements.txt",
        providers: "openai: gpt-4.1",
        rest: "",
    },
    Labelled {
        name: "a model as it is published",
        files: &[
            ("config.json", "{\"model_type\": \"llama\"}"),
            ("generation_config.json", "{}"),
            ("model-00001-of-00002.safetensors", "x"),
            ("model-00002-of-00002.safetensors", "x"),
            ("model.safetensors.index.json", "{}"),
            ("tokenizer.json", "{}"),
            ("tokenizer_config.json", "{}"),
            ("README.md", "meta-llama/Llama-3.1-8B"),
        ],
        found: "configuration config.json\nconfiguration generation_config.json\nconfiguration model.safetensors.index.json\nconfiguration tokenizer_config.json\nmodel model-00001-of-00002.safetensors\nmodel model-00002-of-00002.safetensors\ntokenizer tokenizer.json",
        providers: "",
        rest: "",
    },
    Labelled {
        name: "tools for an assistant",
        files: &[
            (
                ".mcp.json",
                "{\"mcpServers\": {\"files\": {\"command\": \"npx\", \"args\": [\"-y\", \"@modelcontextprotocol/server-filesystem\", \".\"]}}}",
            ),
            (
                ".cursor/mcp.json",
                "{\"mcpServers\": {\"tickets\": {\"url\": \"https://mcp.example.com/sse\"}}}",
            ),
            ("CLAUDE.md", "Be brief."),
            ("main.go", "package main\n"),
        ],
        found: "MCP configuration .cursor/mcp.json\nMCP configuration .mcp.json\ncode main.go\nprompt CLAUDE.md",
        providers: "",
        rest: "files tickets",
    },
    Labelled {
        name: "an adapter and how it was trained",
        files: &[
            ("adapter/adapter_config.json", "{\"base_model_name_or_path\": \"mistralai/Mistral-7B-v0.3\"}"),
            ("adapter/adapter_model.safetensors", "x"),
            (
                "train.py",
                "from peft import LoraConfig\nfrom trl import SFTTrainer\nfrom datasets import load_dataset\nfrom transformers import AutoModelForCausalLM\nmodel = AutoModelForCausalLM.from_pretrained(\"mistralai/Mistral-7B-v0.3\")\ndata = load_dataset(\"json\", data_files=\"data/train.jsonl\")\nmore = load_dataset('HuggingFaceH4/ultrachat_200k')\n",
            ),
            ("data/train.jsonl", "{}\n"),
        ],
        found: "adapter adapter\ncode train.py\ndataset data",
        providers: "huggingface: mistralai/Mistral-7B-v0.3; HuggingFaceH4/ultrachat_200k",
        rest: "peft transformers trl",
    },
    Labelled {
        name: "a notebook",
        files: &[
            (
                "explore.ipynb",
                "{\n \"cells\": [{\"source\": [\n    \"import anthropic\\n\",\n    \"m = \\\"claude-sonnet-4-5\\\"\\n\",\n    \"# I prefer gpt-4o\\n\"\n ]}]}\n",
            ),
            ("sales.csv", "a,b\n1,2\n"),
            ("old/frame.parquet", "PAR1"),
        ],
        found: "code explore.ipynb\ndataset old\ndataset sales.csv",
        providers: "anthropic: claude-sonnet-4-5",
        rest: "",
    },
    Labelled { name: "an empty folder", files: &[], found: "", providers: "", rest: "" },
    Labelled {
        name: "prose about models",
        files: &[
            ("index.md", "GPT-4o, gemini-2.5-pro and claude-3-opus: import openai"),
            ("post.txt", "model=\"gpt-4o\""),
            (
                "site.py",
                "TITLE = \"Why gpt-4o is not enough\"\nGEMINI = \"gemini\"\nurl = \"https://openai.com/blog\"\n",
            ),
            ("data.json", "{\"text\": \"we compared gpt-4o and others\", \"tags\": [\"gpt\", \"claude\"]}"),
        ],
        found: "code site.py",
        providers: "",
        rest: "",
    },
    Labelled {
        name: "a chat in TypeScript",
        files: &[
            (
                "package.json",
                "{\"name\": \"ollama\", \"keywords\": [\"cohere-ai\"], \"dependencies\": {\"@ai-sdk/anthropic\": \"^1\", \"ai\": \"^4\", \"@pinecone-database/pinecone\": \"^4\"}}",
            ),
            ("package-lock.json", "{\"packages\": {\"node_modules/openai\": {}}}"),
            (
                "app/api/chat/route.ts",
                "import { anthropic } from '@ai-sdk/anthropic';\nimport { streamText } from 'ai';\n// const m = openai('gpt-4o')\nconst m = anthropic('claude-3-5-haiku-latest');\n",
            ),
            ("node_modules/openai/index.js", "import OpenAI from 'openai'"),
        ],
        found: "code app\nlock file package-lock.json",
        providers: "anthropic: claude-3-5-haiku-latest",
        rest: "ai-sdk pinecone",
    },
    Labelled {
        name: "services in containers",
        files: &[
            (
                "compose.yaml",
                "services:\n  llm:\n    image: ollama/ollama:0.6\n  vectors:\n    image: qdrant/qdrant\n  api:\n    build: .\n    environment:\n      - MODEL=x\n",
            ),
            ("Dockerfile", "FROM vllm/vllm-openai:v0.8\n"),
            (
                "settings.yaml",
                "llm:\n  model: llama3.2:3b\n  url: http://ollama:11434/v1\n  note: like gpt-4o but small\n",
            ),
        ],
        found: "container Dockerfile\ncontainer compose.yaml",
        providers: "ollama: llama3.2:3b",
        rest: "qdrant vllm",
    },
    Labelled {
        name: "a service in Go",
        files: &[
            (
                "go.mod",
                "module example.com/x\n\ngo 1.24\n\nrequire (\n\tgithub.com/openai/openai-go v1.2.0\n)\n",
            ),
            ("go.sum", "github.com/openai/openai-go v1.2.0 h1:x\n"),
            (
                "cmd/main.go",
                "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/openai/openai-go\"\n\t\"github.com/pgvector/pgvector-go\"\n)\n\nconst model = \"gpt-4o\"\n",
            ),
        ],
        found: "code cmd\nlock file go.sum",
        providers: "openai: gpt-4o",
        rest: "pgvector",
    },
    Labelled {
        name: "models behind a cloud",
        files: &[
            (
                "app.py",
                "import boto3\nclient = boto3.client('bedrock-runtime')\nbody = client.invoke_model(modelId=\"anthropic.claude-3-haiku-20240307-v1:0\")\n",
            ),
            (
                "lib/azure.py",
                "from openai import AzureOpenAI\nc = AzureOpenAI(azure_endpoint=f\"https://{name}.openai.azure.com\")\n",
            ),
            ("lib/upload.py", "import boto3\ns3 = boto3.client('s3')\n"),
            ("tests/test_app.py", "import pytest\nimport cohere\nmodel = \"command-r\"\n"),
            ("lib/fixtures/answer.yaml", "model: gpt-4o\n"),
        ],
        found: "code app.py\ncode lib\ncode tests",
        providers: "aws-bedrock: anthropic.claude-3-haiku-20240307-v1:0\nazure-openai:\nopenai:",
        rest: "",
    },
    Labelled {
        name: "modules that are called like packages",
        files: &[
            ("mcp/__init__.py", ""),
            ("ollama.py", "def ask(): pass\n"),
            (
                "run.py",
                "import ollama\nfrom mcp import server\nfrom .openai import x\nimport openai_of_ours\n",
            ),
            ("google/protobuf/__init__.py", ""),
            ("use.py", "from google import protobuf\nfrom_path = \"google/protobuf\"\n"),
        ],
        found: "code google\ncode mcp\ncode ollama.py\ncode run.py\ncode use.py",
        providers: "",
        rest: "",
    },
    Labelled {
        name: "several models and words in folders",
        files: &[
            ("models/base/config.json", "{}"),
            ("models/base/model.safetensors", "x"),
            ("models/base/tokenizer.json", "{}"),
            ("models/small.gguf", "GGUF"),
            ("words/tokenizer.model", "x"),
            ("words/tokenizer_config.json", "{}"),
            (
                "serve.py",
                "from llama_cpp import Llama\nllm = Llama(model_path=\"models/small.gguf\")\nfrom transformers import AutoModel\nAutoModel.from_pretrained(\"models/base\")\n",
            ),
        ],
        found: "code serve.py\nmodel models\ntokenizer words",
        providers: "",
        rest: "llama-cpp transformers",
    },
];

pub(crate) fn folders() -> impl Iterator<Item = Folder> {
    REPOSITORIES.iter().map(|one| Folder::new(one.files.iter().copied()))
}

fn found(inventory: &Inventory) -> BTreeSet<String> {
    inventory.found.iter().map(|one| format!("{} {}", one.kind, one.path)).collect()
}

fn providers(inventory: &Inventory) -> BTreeSet<String> {
    let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
    let line = |one: &bartizan_inventory::Provider| match (names(&one.models), names(&one.datasets)) {
        (models, datasets) if datasets.is_empty() => format!("{}: {models}", one.name).trim_end().to_owned(),
        (models, datasets) => format!("{}: {models}; {datasets}", one.name),
    };
    inventory.providers.iter().map(line).collect()
}

fn rest(inventory: &Inventory) -> BTreeSet<String> {
    let tools = inventory.tools.iter().map(|tool| tool.name.clone());
    let frameworks = inventory.frameworks.iter().map(|one| one.name.to_owned());
    tools.chain(frameworks).chain(inventory.stores.iter().map(|one| one.name.to_owned())).collect()
}

#[test]
fn what_is_there_is_found_and_nothing_else() {
    let mut scores: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for one in REPOSITORIES {
        let inventory = Folder::new(one.files.iter().copied()).inventory();
        let words = |text: &str, by: char| -> BTreeSet<String> {
            text.split(by).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let kind = |line: &String| line.rsplit_once(' ').map_or(String::new(), |(kind, _)| kind.to_owned());
        let pairs: [(BTreeSet<String>, BTreeSet<String>, KindOf<'_>); 3] = [
            (words(one.found, '\n'), found(&inventory), &kind),
            (words(one.providers, '\n'), providers(&inventory), &|_| "provider".to_owned()),
            (words(one.rest, ' '), rest(&inventory), &|_| "tool, framework, store".to_owned()),
        ];
        for (expected, seen, kind) in pairs {
            for item in expected.union(&seen) {
                let score = scores.entry(kind(item)).or_default();
                match (expected.contains(item), seen.contains(item)) {
                    (true, true) => score.0 += 1,
                    (true, false) => {
                        score.1 += 1;
                        wrong.push(format!("{}: not found: {item}", one.name));
                    }
                    _ => {
                        score.2 += 1;
                        wrong.push(format!("{}: found although it is not there: {item}", one.name));
                    }
                }
            }
        }
    }
    for (kind, (right, missed, extra)) in &scores {
        let percent = |of: usize| 100.0 * *right as f64 / of.max(1) as f64;
        println!(
            "{kind:24} recall {:5.1} %  precision {:5.1} %  of {}",
            percent(right + missed),
            percent(right + extra),
            right + missed
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn evidence_has_a_place() {
    let folder = Folder::new([("a.py", "x = 1\n  # é\ny = 'é', \"gpt-4o\"\n")]);
    let inventory = folder.inventory();
    assert_eq!(inventory.providers[0].places[0].to_string(), "a.py:3:11");
    insta::assert_snapshot!(inventory.found[0].why, @"because of its name; it names openai at a.py:3:11");
}
