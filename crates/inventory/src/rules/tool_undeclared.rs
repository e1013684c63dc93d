use std::collections::BTreeMap;

use bartizan_artifact::escape;
use bartizan_finding::{Location, Occurrence, Rule, Severity};
use bartizan_project::ElementKind;

use crate::{
    Tool, UndeclaredKind,
    reconcile::{Reality, Seen, Thing, compact, place_of, seen_at},
    rules::ObservedRule,
};

/// What may stand for a tool server: a tool is not always called one.
const KINDS: [ElementKind; 8] = [
    ElementKind::Tool,
    ElementKind::ExternalApi,
    ElementKind::Agent,
    ElementKind::Retriever,
    ElementKind::VectorStore,
    ElementKind::Memory,
    ElementKind::DataPipeline,
    ElementKind::LogStore,
];

/// A tool server is configured and no element stands for it.
///
/// ## What it finds
/// A server of the Model Context Protocol in a configuration, when no element has its name, up to case and what stands
/// between words, and no tool is named or described like it, its package or its host. It is low in the settings of a
/// developer's assistant (`.cursor/`, `.vscode/`, `.mcp.json`), which no user of the system reaches.
/// ## Why it matters
/// What a model can call decides what an injected instruction can do. Threats are derived for declared tools only.
/// ## Example
/// `mcp.json` starts `@modelcontextprotocol/server-filesystem` and the project file has no element for files.
/// ## Fix
/// Remove the server, or add the stanza that the finding names: `[element.files]` with `kind = "tool"`, its effects,
/// who approves them, and the flows to and from whoever calls it.
/// ## References
/// - NIST SP 800-218A, PW.1.1
/// - owasp-llm:2026/LLM03
/// - owasp-mcp:2025/MCP09
/// - <https://modelcontextprotocol.io/docs/concepts/tools>
#[derive(Rule)]
#[rule(code = "REC004", severity = "medium", confidence = "high", controls = ["tool-authority"])]
pub struct ToolUndeclared;

/// At most this many servers are told apart; more than a person would configure.
const MAX_SERVERS: usize = 500;

impl ObservedRule for ToolUndeclared {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        // Several assistants are often given the same servers.
        let mut servers: BTreeMap<(String, &str), (&Tool, Vec<Location>)> = BTreeMap::new();
        for tool in &reality.inventory.tools {
            let server = servers.entry((compact(&tool.name), &tool.server)).or_insert((tool, Vec::new()));
            server.1.push(tool.place.clone());
        }
        let more = servers.len().saturating_sub(MAX_SERVERS);
        for (number, (tool, places)) in servers.into_values().take(MAX_SERVERS).enumerate() {
            // What is not told apart is counted with the last one, declared or not.
            let more = if number + 1 == MAX_SERVERS { more } else { 0 };
            if more == 0 && reality.names.stands_for(&tool.name, &tool.server, &KINDS) {
                continue;
            }
            let of_developers = places.iter().all(|place| place.path().is_some_and(is_of_developers));
            let behind = match tool.server.as_str() {
                "" => String::new(),
                server => format!(" ({})", escape(server, 100)),
            };
            let others = if more == 0 { String::new() } else { format!(", as are {more} more,") };
            let message = format!(
                "the tool server `{}`{behind} is configured{others} and no element stands for it; seen at {}",
                escape(&tool.name, 80),
                seen_at(&places)
            );
            let severity = if of_developers { Severity::Low } else { Severity::Medium };
            sink(Seen {
                occurrence: Occurrence::new(Self::META, place_of(&tool.name, &places), message)
                    .severity(severity),
                kind: UndeclaredKind::Tool,
                name: tool.name.clone(),
                thing: Thing::Tool(tool.clone()),
            });
        }
    }
}

/// Whether a configuration is that of an assistant with which developers work on the project.
fn is_of_developers(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
        || path
            .rsplit('/')
            .next()
            .is_some_and(|file| file == "claude_desktop_config.json" || file.starts_with("cline_"))
}
