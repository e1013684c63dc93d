//! Projects with what a person would say is not declared in them. Each difference is a miss or a false alarm.

use std::collections::BTreeSet;

use bartizan_finding::Severity;
use bartizan_inventory::{Answers, Undeclared, UndeclaredKind, project_file, stanza_for, undeclared};
use bartizan_project::Project;

use crate::Folder;

struct Labelled {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// What follows `[project]` in the project file.
    declares: &'static str,
    /// `code name` of each finding, and `!` behind what is below medium. REC008 is left out where it is not the point;
    /// `-` says that not even that is there.
    expected: &'static str,
}

const MCP_FILES: &str = "{\"mcpServers\": {\"files\": {\"command\": \"npx\", \"args\": [\"-y\", \"@modelcontextprotocol/server-filesystem\", \".\"]}}}";
const CALLS_GPT: &str =
    "from openai import OpenAI\nclient = OpenAI()\nclient.responses.create(model=\"gpt-4.1\", input=x)\n";
const RAG: &str =
    "from langchain_openai import ChatOpenAI\nimport chromadb\nllm = ChatOpenAI(model=\"gpt-4o-mini\")\n";
const MODEL: &str = "[asset.assistant]\nkind = \"model\"\npath = \"model/\"\n";
const GPT: &str = "[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4.1\"\n";

#[rustfmt::skip]
const PROJECTS: &[Labelled] = &[
    Labelled { name: "all is declared", files: &[("model/model.safetensors", "x"), ("model/config.json", "{}"), ("model/tokenizer.json", "{}")], declares: MODEL, expected: "-" },
    Labelled { name: "a pickle beside the model", files: &[("model/model.safetensors", "x"), ("checkpoints/optimizer.pkl", "x")], declares: MODEL, expected: "REC001 checkpoints" },
    Labelled { name: "a second model without code", files: &[("model/model.safetensors", "x"), ("small.gguf", "x")], declares: MODEL, expected: "REC001 small.gguf" },
    Labelled { name: "weights in a folder that is declared as code", files: &[("src/a.py", "x = 1"), ("src/ranker.joblib", "x")], declares: "[asset.src]\nkind = \"code\"\npath = \"src/\"\n", expected: "REC001 src/ranker.joblib" },
    Labelled { name: "a model in pieces", files: &[("model-00001-of-00002.safetensors", "x"), ("model-00002-of-00002.safetensors", "x"), ("model.safetensors.index.json", "{}"), ("app.py", "x = 1")], declares: "", expected: "REC001 model-00001-of-00002.safetensors" },
    Labelled { name: "an adapter", files: &[("model/model.safetensors", "x"), ("lora/adapter_config.json", "{}"), ("lora/adapter_model.safetensors", "x")], declares: MODEL, expected: "REC001 lora" },
    Labelled { name: "weights of a test", files: &[("model/model.safetensors", "x"), ("tests/fixtures/tiny.pkl", "x"), ("examples/demo.gguf", "x")], declares: MODEL, expected: "REC008 rest!" },
    Labelled { name: "installed packages", files: &[("model/model.safetensors", "x"), (".venv/lib/site-packages/x/y.pkl", "x"), ("node_modules/a/b.csv", "x")], declares: MODEL, expected: "-" },
    Labelled { name: "one of two data files", files: &[("data/tickets.jsonl", "{}"), ("data/export.csv", "a")], declares: "[asset.tickets]\nkind = \"dataset\"\npath = \"data/tickets.jsonl\"\n", expected: "REC002 data/export.csv" },
    Labelled { name: "a folder of data", files: &[("data/a.jsonl", "{}"), ("data/b/c.jsonl", "{}"), ("model/model.safetensors", "x")], declares: MODEL, expected: "REC002 data" },
    Labelled { name: "data among code that is declared", files: &[("src/a.py", "x = 1"), ("src/countries.csv", "a")], declares: "[asset.src]\nkind = \"code\"\npath = \"src\"\n", expected: "-" },
    Labelled { name: "the whole folder is code", files: &[("a.py", "x = 1"), ("train.jsonl", "{}")], declares: "[asset.all]\nkind = \"code\"\npath = \".\"\n", expected: "REC002 train.jsonl" },
    Labelled { name: "the whole folder is a model", files: &[("model.safetensors", "x"), ("tokenizer.json", "{}"), ("README.md", "x")], declares: "[asset.m]\nkind = \"model\"\npath = \".\"\n", expected: "-" },
    Labelled { name: "logs and policies are declared", files: &[("logs/chat.jsonl", "{}"), ("requirements.txt", "requests==2"), ("policies/deploy.cedar", "x")], declares: "[asset.log]\nkind = \"log\"\npath = \"logs/\"\n[asset.packages]\nkind = \"lock-file\"\npath = \"requirements.txt\"\n", expected: "-" },
    Labelled { name: "a prompt was added", files: &[("prompts/system.md", "x"), ("prompts/escalation.md", "x")], declares: "[asset.system]\nkind = \"prompt\"\npath = \"prompts/system.md\"\n", expected: "REC003 prompts/escalation.md" },
    Labelled { name: "instructions to the assistants of developers", files: &[("model/model.safetensors", "x"), ("AGENTS.md", "x"), (".cursor/prompts/a.md", "x")], declares: MODEL, expected: "REC008 rest!" },
    Labelled { name: "a file that is called like a prompt", files: &[("model/model.safetensors", "x"), ("app/prompt_notes.txt", "x")], declares: MODEL, expected: "REC003 app/prompt_notes.txt!" },
    Labelled { name: "a tokenizer apart", files: &[("model/model.safetensors", "x"), ("words/tokenizer.json", "{}")], declares: MODEL, expected: "REC003 words" },
    Labelled { name: "a tool server", files: &[("mcp.json", MCP_FILES)], declares: "[element.app]\nkind = \"agent\"\n", expected: "REC004 files" },
    Labelled { name: "a tool server of a developer", files: &[(".cursor/mcp.json", MCP_FILES), (".mcp.json", MCP_FILES)], declares: "[element.app]\nkind = \"agent\"\n", expected: "REC004 files!" },
    Labelled { name: "a tool of the same name", files: &[("mcp.json", MCP_FILES)], declares: "[element.files]\nkind = \"tool\"\n", expected: "-" },
    Labelled { name: "a tool of another spelling", files: &[("mcp.json", "{\"mcpServers\": {\"Orders_API\": {\"command\": \"node\", \"args\": [\"o.js\"]}}}")], declares: "[element.orders-api]\nkind = \"tool\"\n", expected: "" },
    Labelled { name: "a tool that is described", files: &[("mcp.json", MCP_FILES)], declares: "[element.disk]\nkind = \"tool\"\ndescription = \"Reads the files of the ticket, through the filesystem server\"\n", expected: "" },
    Labelled { name: "a tool by its host", files: &[("mcp.json", "{\"servers\": {\"work\": {\"url\": \"https://mcp.linear.app/sse\"}}}")], declares: "[element.linear]\nkind = \"external-api\"\n", expected: "" },
    Labelled { name: "another tool", files: &[("mcp.json", "{\"servers\": {\"db\": {\"command\": \"npx\", \"args\": [\"mcp-postgres\"]}}}")], declares: "[element.orders-api]\nkind = \"tool\"\ndescription = \"Reads orders\"\n", expected: "REC004 db" },
    Labelled { name: "tools of Codex", files: &[(".codex/config.toml", "[mcp_servers.db]\ncommand = \"npx\"\nargs = [\"mcp-postgres\"]\n")], declares: "", expected: "REC004 db!" },
    Labelled { name: "a provider", files: &[("model/model.safetensors", "x"), ("app.py", CALLS_GPT)], declares: "[asset.assistant]\nkind = \"model\"\npath = \"model/\"\n[asset.app]\nkind = \"code\"\npath = \"app.py\"\n", expected: "REC005 openai" },
    Labelled { name: "a provider by its model", files: &[("app.py", CALLS_GPT)], declares: "[asset.app]\nkind = \"code\"\npath = \"app.py\"\n[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4.1\"\n", expected: "-" },
    Labelled { name: "a provider by a dated model", files: &[("src/app.py", "model = \"gpt-4.1-2025-04-14\"\nimport openai\n")], declares: "[asset.src]\nkind = \"code\"\npath = \"src/\"\n[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4.1\"\n", expected: "" },
    Labelled { name: "a provider by its element", files: &[("app.py", CALLS_GPT)], declares: "[asset.app]\nkind = \"code\"\npath = \"app.py\"\n[element.openai]\nkind = \"external-api\"\n", expected: "" },
    Labelled { name: "a provider by its endpoint", files: &[("app.ts", "import Anthropic from '@anthropic-ai/sdk';\n")], declares: "[asset.app]\nkind = \"code\"\npath = \"app.ts\"\n[asset.claude]\nkind = \"endpoint\"\nsource = { url = \"https://api.anthropic.com/v1\" }\n", expected: "-" },
    Labelled { name: "another provider than the declared one", files: &[("app.go", "package main\nimport (\n\t\"github.com/anthropics/anthropic-sdk-go\"\n)\n")], declares: GPT, expected: "REC005 anthropic" },
    Labelled { name: "a second model of a provider", files: &[("a.py", CALLS_GPT), ("b.py", "import openai\nm = \"text-embedding-3-small\"\n")], declares: GPT, expected: "REC005 openai/text-embedding-3-small" },
    Labelled { name: "only in a list of packages", files: &[("pyproject.toml", "[project]\ndependencies = [\"mistralai>=1\"]\n")], declares: MODEL, expected: "REC005 mistral!" },
    Labelled { name: "only in an example of variables", files: &[(".env.example", "GROQ_API_KEY=\n")], declares: MODEL, expected: "REC005 groq!" },
    Labelled { name: "a model in an example of variables", files: &[(".env.example", "CHAT_MODEL=gpt-4o\n")], declares: MODEL, expected: "REC005 openai" },
    Labelled { name: "a client of a server of one's own", files: &[("app.py", "from openai import OpenAI\nc = OpenAI(base_url=\"http://llm:8000/v1\", api_key=\"x\")\n")], declares: "[element.server]\nkind = \"model-server\"\n", expected: "" },
    Labelled { name: "a client of a server that nobody declared", files: &[("app.py", "from openai import OpenAI\nc = OpenAI(base_url=\"https://llm.acme.example/v1\")\n")], declares: "[element.server]\nkind = \"model-server\"\n", expected: "REC005 llm.acme.example" },
    Labelled { name: "addresses in an example of variables", files: &[(".env.example", "OPENAI_API_KEY=x\nSUPABASE_BASE_URL=https://x.supabase.co\nOPENAI_BASE_URL=https://llm.acme.example/v1\n")], declares: "[element.openai]\nkind = \"external-api\"\n", expected: "REC005 llm.acme.example" },
    Labelled { name: "an address of something else", files: &[("app.py", "import httpx\nc = httpx.Client(base_url=\"https://shop.acme.example/v1\")\n")], declares: MODEL, expected: "" },
    Labelled { name: "the client of one provider speaks to another", files: &[("app.py", "from openai import OpenAI\nc = OpenAI(base_url=\"https://api.deepseek.com\")\nc.chat(model=\"deepseek-chat\")\n")], declares: "[asset.chat]\nkind = \"model\"\nmodel = \"deepseek/deepseek-chat\"\n", expected: "" },
    Labelled { name: "models behind Azure", files: &[("app.py", "from openai import AzureOpenAI\nc = AzureOpenAI()\nc.chat(model=\"gpt-4o\")\n")], declares: "[asset.chat]\nkind = \"model\"\nmodel = \"azure-openai/gpt-4o\"\n", expected: "" },
    Labelled { name: "a model of the hub", files: &[("e.py", "from sentence_transformers import SentenceTransformer\nm = SentenceTransformer(\"BAAI/bge-small-en\")\n")], declares: "[element.retriever]\nkind = \"retriever\"\n", expected: "REC005 huggingface/BAAI/bge-small-en" },
    Labelled { name: "a model of the hub that is declared", files: &[("e.py", "from transformers import AutoModel\nBASE = \"acme/base-7b\"\nm = AutoModel.from_pretrained(BASE)\n")], declares: "[asset.base]\nkind = \"model\"\nsource = { url = \"https://huggingface.co/acme/base-7b\" }\n[element.server]\nkind = \"model-server\"\n", expected: "" },
    Labelled { name: "data of the hub", files: &[("t.py", "from datasets import load_dataset\nd = load_dataset(\n    \"acme/chats\",\n)\n")], declares: "[element.job]\nkind = \"training-job\"\n", expected: "REC005 huggingface/acme/chats" },
    Labelled { name: "models behind LiteLLM", files: &[("litellm.yaml", "model_list:\n  - litellm_params:\n      model: groq/llama-9\n"), ("a.py", "import litellm\n")], declares: GPT, expected: "REC005 groq" },
    Labelled { name: "a service in Java", files: &[("src/main/resources/application.properties", "spring.ai.openai.chat.options.model=gpt-4o\n")], declares: "[asset.src]\nkind = \"code\"\npath = \"src/\"\n", expected: "REC005 openai" },
    Labelled { name: "a vector store", files: &[("rag.py", RAG)], declares: "[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4o-mini\"\n[element.app]\nkind = \"agent\"\n", expected: "REC006 chroma" },
    Labelled { name: "a vector store that is declared", files: &[("rag.py", RAG)], declares: "[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4o-mini\"\n[element.knowledge]\nkind = \"vector-store\"\n", expected: "" },
    Labelled { name: "another vector store than the declared one", files: &[("compose.yaml", "services:\n  v:\n    image: qdrant/qdrant\n")], declares: "[element.chroma]\nkind = \"vector-store\"\n", expected: "REC006 qdrant" },
    Labelled { name: "a vector store of the requirements", files: &[("requirements.txt", "qdrant-client==1.20.0\n")], declares: "[asset.r]\nkind = \"lock-file\"\npath = \"requirements.txt\"\n", expected: "REC006 qdrant!" },
    Labelled { name: "a server in a container", files: &[("docker-compose.yml", "services:\n  llm:\n    image: vllm/vllm-openai:v0.8\n    command: --model acme/base-7b\n")], declares: "[element.app]\nkind = \"user-interface\"\n", expected: "REC005 huggingface/acme/base-7b\nREC006 vllm" },
    Labelled { name: "training", files: &[("t.py", "from trl import SFTTrainer\n")], declares: "[element.server]\nkind = \"model-server\"\n", expected: "REC006 trl" },
    Labelled { name: "training that is declared", files: &[("t.py", "from trl import SFTTrainer\nfrom peft import LoraConfig\n")], declares: "[element.job]\nkind = \"training-job\"\n", expected: "" },
    Labelled { name: "the model is another one", files: &[("app.py", CALLS_GPT)], declares: "[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4o\"\n", expected: "REC007 chat" },
    Labelled { name: "a model for embeddings besides", files: &[("app.py", "import openai\nm = \"text-embedding-3-small\"\n")], declares: "[asset.chat]\nkind = \"model\"\nmodel = \"openai/gpt-4o\"\n", expected: "REC005 openai/text-embedding-3-small" },
    Labelled { name: "prose, tests and lists of words", files: &[("README.md", "We like gpt-4o"), ("tests/test_a.py", CALLS_GPT), ("a.py", "TITLE = \"Why gpt-4o is not enough\"\n")], declares: MODEL, expected: "" },
    Labelled { name: "the project file itself", files: &[("bartizan.toml", "[asset.x]\nmodel = \"anthropic/claude-3-opus\"\n"), ("bartizan.schema.json", "{\"examples\": [\"openai/gpt-4o\"]}")], declares: "", expected: "-" },
    Labelled { name: "code alone", files: &[("src/a.py", "x = 1\n"), ("requirements.txt", "requests==2\n"), ("Dockerfile", "FROM python:3\n")], declares: MODEL, expected: "REC008 rest!" },
];

fn project(declares: &str) -> Project {
    let text = format!("format = 1\n[project]\nname = \"p\"\n{declares}");
    let parsed = bartizan_project::parse(&text);
    assert!(parsed.faults.is_empty(), "{:?}\n{text}", parsed.faults);
    parsed.project.unwrap()
}

fn line(one: &Undeclared) -> String {
    let low = if one.severity < Severity::Medium { "!" } else { "" };
    format!("{} {}{low}", one.occurrence.rule.code, one.name)
}

fn seen(one: &Labelled) -> Vec<Undeclared> {
    undeclared(&Folder::new(one.files.iter().copied()).inventory(), &project(one.declares))
}

#[test]
fn what_is_not_declared_is_told_and_nothing_else() {
    let (mut right, mut missed, mut extra, mut wrong) = (0, 0, 0, Vec::new());
    for one in PROJECTS {
        let expected: BTreeSet<String> =
            one.expected.lines().filter(|line| *line != "-").map(str::to_owned).collect();
        let mut seen: BTreeSet<String> = seen(one).iter().map(line).collect();
        if one.expected != "-" && !one.expected.contains("REC008") {
            seen.retain(|line| !line.starts_with("REC008"));
        }
        for item in expected.union(&seen) {
            match (expected.contains(item), seen.contains(item)) {
                (true, true) => right += 1,
                (true, false) => {
                    missed += 1;
                    wrong.push(format!("{}: not told: {item}", one.name));
                }
                _ => {
                    extra += 1;
                    wrong.push(format!("{}: told although it is declared: {item}", one.name));
                }
            }
        }
    }
    let of = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let (precision, recall) = (of(right, right + extra), of(right, right + missed));
    println!("{} projects, {right} right: precision {precision:.3}, recall {recall:.3}", PROJECTS.len());
    assert!(PROJECTS.len() >= 30 && precision >= 0.95 && recall >= 0.95, "{wrong:#?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whoever adds every stanza has declared everything.
#[test]
fn stanzas_declare_what_they_are_for() {
    let groups = "[group.data]\nrole = \"data-engineer\"\n[group.app]\nrole = \"platform-engineer\"\n";
    for one in PROJECTS {
        let folder = Folder::new(one.files.iter().copied());
        let declares = format!("{}{groups}", one.declares);
        let found = undeclared(&folder.inventory(), &project(&declares));
        let stanzas: String = found.iter().map(stanza_for).collect();
        let after = undeclared(&folder.inventory(), &project(&format!("{declares}\n{stanzas}")));
        let left: Vec<_> =
            after.iter().filter(|one| one.kind != UndeclaredKind::Mismatch).map(line).collect();
        assert_eq!(left, [""; 0], "{}\n{stanzas}", one.name);
    }
}

#[test]
fn findings_say_what_where_and_what_to_do() {
    let messages = |name: &str| {
        let one = PROJECTS.iter().find(|one| one.name == name).unwrap();
        let all = seen(one);
        let lines = all.iter().map(|one| {
            format!(
                "{} {} {}: {}",
                one.occurrence.rule.code, one.severity, one.occurrence.location, one.occurrence.message
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let shown = [
        "a pickle beside the model",
        "a folder of data",
        "a prompt was added",
        "a tool server",
        "a tool server of a developer",
        "a provider",
        "only in a list of packages",
        "a second model of a provider",
        "a client of a server that nobody declared",
        "data of the hub",
        "another vector store than the declared one",
        "training",
        "the model is another one",
        "code alone",
    ];
    insta::assert_snapshot!(shown.map(messages).join("\n"));
}

#[test]
fn a_stanza_reads_as_a_person_would_write_it() {
    let one = PROJECTS.iter().find(|one| one.name == "a tool server").unwrap();
    let declares = "[group.ops]\nrole = \"platform-engineer\"\n";
    let found = undeclared(&Folder::new(one.files.iter().copied()).inventory(), &project(declares));
    insta::assert_snapshot!(stanza_for(&found[0]));
}

/// What `init` proposes declares everything that a check then sees.
#[test]
fn a_proposed_project_is_reconciled() {
    let folders = PROJECTS.iter().map(|one| Folder::new(one.files.iter().copied()));
    for folder in folders.chain(crate::repositories::folders()) {
        let inventory = folder.inventory();
        let text = project_file(&inventory, "x", &Answers::default());
        let found = undeclared(&inventory, &bartizan_project::parse(&text).project.unwrap());
        let left: Vec<_> = found.iter().filter(|one| one.severity >= Severity::Medium).map(line).collect();
        assert_eq!(left, [""; 0], "{text}");
    }
}

#[test]
fn very_many_files_are_told_by_their_folders() {
    let names = (0..500).map(|number| {
        let beside = if number % 2 == 0 { "run.py" } else { "x.gguf" };
        [(format!("a/{number}/{beside}"), "x"), (format!("a/{number}/d.csv"), "x")]
    });
    let found = undeclared(&Folder::new(names.flatten()).inventory(), &project(""));
    assert_eq!(found.iter().map(line).collect::<Vec<_>>(), ["REC001 a", "REC002 a", "REC008 rest!"]);
}

#[test]
fn very_many_tools_are_counted() {
    let servers = (0..150).map(|number| format!("\"t{number}\": {{\"command\": \"x\"}}"));
    let names: Vec<_> = servers.collect();
    let config =
        |from: &str| format!("{{\"servers\": {{{}}}}}", names.join(",").replace("\"t", &format!("\"{from}")));
    let folder = Folder::new((0..20).map(|n| (format!("{n}/mcp.json"), config(&format!("s{n}x")))));
    let mut found = undeclared(&folder.inventory(), &project(""));
    assert_eq!(found.len(), 500);
    found.retain(|one| one.occurrence.message.contains("as are 2500 more"));
    assert_eq!(found.len(), 1);
}

#[test]
fn names_that_no_project_file_can_hold_are_told_and_shown() {
    let folder = Folder::new([("a\n\u{1b}[31m\\.pkl", "x"), ("\u{202e}b.csv", "x")]);
    let found = undeclared(&folder.inventory(), &project(""));
    assert_eq!(found.len(), 2);
    for one in found {
        assert!(!one.occurrence.message.contains(['\n', '\u{1b}', '\u{202e}']), "{}", one.occurrence.message);
        project(&stanza_for(&one).replace('\u{202e}', ""));
    }
}
