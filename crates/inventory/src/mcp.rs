//! Configurations of the Model Context Protocol: which tool servers a model or agent may call.

use std::collections::BTreeMap;

use bartizan_artifact::escape;
use bartizan_detect::Engine;
use serde_json::Value;

use crate::Tool;

/// At most this many servers of one configuration are taken.
pub(crate) const MAX_SERVERS: usize = 200;

/// Whether a file configures tool servers, by its path in lower case.
pub(crate) fn is_config(path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let last = folder.rsplit('/').next().unwrap_or_default();
    match file {
        "mcp.json"
        | ".mcp.json"
        | "claude_desktop_config.json"
        | "mcp_config.json"
        | "mcp_settings.json"
        | "cline_mcp_settings.json"
        | "mcp-servers.json"
        | "mcp_servers.json"
        | "opencode.json"
        | "opencode.jsonc" => true,
        "settings.json" => matches!(last, ".gemini" | ".claude" | ".qwen" | ".zed"),
        "config.toml" => last == ".codex",
        _ => false,
    }
}

/// What a configuration says.
#[derive(Default)]
pub(crate) struct Servers {
    /// Its tools, at most [`MAX_SERVERS`].
    pub(crate) tools: Vec<Tool>,
    /// How many servers it names.
    pub(crate) named: usize,
}

/// What the servers of a configuration are. `place` says where the name of each stands. `path` tells JSON from TOML.
pub(crate) fn tools(
    path: &str,
    text: &str,
    detect: &Engine,
    place: &mut dyn FnMut(usize) -> bartizan_finding::Location,
) -> Result<Servers, String> {
    let is_toml = path.to_ascii_lowercase().ends_with(".toml");
    let plain = if is_toml { text.to_owned() } else { without_comments(text) };
    let value: Value = if is_toml {
        toml::from_str(&plain).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = plain.get(..at).unwrap_or_default().matches('\n').count() + 1;
            format!("not valid TOML at line {line}")
        })?
    } else {
        serde_json::from_str(&plain)
            .map_err(|error| format!("not valid JSON at line {}, column {}", error.line(), error.column()))?
    };
    let servers = ["mcpServers", "servers", "mcp_servers", "context_servers"]
        .into_iter()
        .find_map(|key| value.get(key))
        .or_else(|| value.pointer("/mcp/servers"))
        .or_else(|| value.get("mcp"))
        .and_then(Value::as_object);
    let Some(servers) = servers else { return Ok(Servers::default()) };
    let tool = |(name, server): (&String, &Value)| {
        let (behind, address) = behind(server);
        let encrypted = address
            .is_some_and(|address| ["https://", "wss://"].iter().any(|scheme| address.starts_with(scheme)));
        let quoted = serde_json::to_string(name).ok().and_then(|key| plain.find(&key));
        let table = || plain.find(&format!("mcp_servers.{name}")).filter(|_| is_toml);
        let at = quoted.or_else(table).unwrap_or(0);
        Tool {
            effects: effects(name, &behind),
            name: shown(name, detect),
            server: shown(&behind, detect),
            remote: address.is_some(),
            encrypted,
            place: place(at),
        }
    };
    let sorted: BTreeMap<_, _> = servers.iter().collect();
    let named = sorted.len();
    Ok(Servers { tools: sorted.into_iter().take(MAX_SERVERS).map(tool).collect(), named })
}

/// The package, program or host behind a server, and its address where it is reached over the network. Of the arguments only
/// the one is taken that names a package: the others may be secrets.
fn behind(server: &Value) -> (String, Option<&str>) {
    let text = |key: &str| server.get(key).and_then(Value::as_str);
    if let Some(url) = text("url").or_else(|| text("serverUrl")).or_else(|| text("httpUrl")) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        return (host.to_owned(), Some(url));
    }
    // One string, a path in an object, or a list with the arguments behind it.
    let command = server.get("command");
    let list = command.and_then(Value::as_array);
    let nested = command.and_then(|command| command.get("path"));
    let first = list.and_then(|list| list.first());
    let command = first.or(nested).or(command).and_then(Value::as_str).unwrap_or_default();
    let program =
        command.rsplit(['/', '\\']).next().unwrap_or_default().split(' ').next().unwrap_or_default();
    let runs_packages =
        ["npx", "uvx", "bunx", "pipx", "docker", "podman", "pnpm", "yarn", "uv", "bun", "deno"];
    let bare = program.trim_end_matches(".exe").trim_end_matches(".cmd");
    let arguments = server.get("args").or_else(|| server.pointer("/command/args")).and_then(Value::as_array);
    let arguments = arguments.into_iter().flatten().chain(list.into_iter().flatten().skip(1));
    let package = arguments
        .filter_map(Value::as_str)
        .find(|word| {
            !word.starts_with('-')
                && !["run", "exec", "dlx", "tool", "x", "mcp"].contains(word)
                && word.len() <= 100
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "@/._:-".contains(c))
        })
        .filter(|_| runs_packages.contains(&bare));
    (package.unwrap_or(program).to_owned(), None)
}

/// A name as it may be shown: no secret, no datum, nothing that moves the cursor.
fn shown(name: &str, detect: &Engine) -> String {
    if detect.scan_all(name.as_bytes()).is_empty() { escape(name, 80) } else { "[redacted]".to_owned() }
}

/// What a server of that name usually does to the world.
fn effects(name: &str, server: &str) -> Vec<&'static str> {
    let text = format!("{} {}", name.to_ascii_lowercase(), server.to_ascii_lowercase());
    let words: Vec<_> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let hits = |row: &&Row| row.words.iter().any(|word| words.contains(word));
    let mut effects: Vec<_> = EFFECTS.iter().filter(hits).flat_map(|row| row.effects).copied().collect();
    effects.sort_unstable();
    effects.dedup();
    effects
}

struct Row {
    words: &'static [&'static str],
    effects: &'static [&'static str],
}

#[rustfmt::skip]
const EFFECTS: &[Row] = &[
    Row { words: &["filesystem", "files", "fs", "obsidian"], effects: &["read:files", "write:files"] },
    Row { words: &["shell", "terminal", "commander", "exec", "bash", "ssh", "kubernetes", "k8s", "docker"], effects: &["exec:commands"] },
    Row { words: &["python", "jupyter", "sandbox", "e2b", "interpreter"], effects: &["exec:code"] },
    Row { words: &["fetch", "brave", "search", "tavily", "exa", "firecrawl"], effects: &["read:web", "send:requests"] },
    Row { words: &["playwright", "puppeteer", "browser", "browserbase", "selenium"], effects: &["read:web", "send:requests"] },
    Row { words: &["postgres", "postgresql", "mysql", "sqlite", "mongodb", "redis", "supabase", "bigquery", "snowflake", "database"], effects: &["read:database", "write:database"] },
    Row { words: &["github", "gitlab", "git", "bitbucket"], effects: &["read:code", "write:code"] },
    Row { words: &["slack", "gmail", "email", "mail", "discord", "telegram", "twilio", "teams", "sendgrid"], effects: &["read:messages", "send:messages"] },
    Row { words: &["jira", "linear", "asana", "zendesk", "sentry", "notion", "confluence", "trello"], effects: &["read:tickets", "write:tickets"] },
    Row { words: &["gdrive", "drive", "dropbox", "sharepoint", "s3"], effects: &["read:documents", "write:documents"] },
    Row { words: &["stripe", "paypal", "shopify"], effects: &["read:payments", "spend:money"] },
    Row { words: &["memory", "mem0"], effects: &["read:memory", "write:memory"] },
    Row { words: &["aws", "azure", "gcp", "cloudflare", "terraform"], effects: &["write:cloud"] },
    Row { words: &["time", "sequential", "context7", "docs"], effects: &["read:reference"] },
];

/// JSON without the comments and trailing commas that some programs allow, of the same length so that offsets hold.
fn without_comments(text: &str) -> String {
    let mut out: Vec<u8> = text.bytes().collect();
    if out.starts_with(b"\xEF\xBB\xBF") {
        out[..3].fill(b' ');
    }
    let (mut at, mut comma) = (0, None);
    while let Some(&byte) = out.get(at) {
        match (byte, out.get(at + 1)) {
            (b'"', _) => {
                comma = None;
                at += 1;
                while out.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if out[at] == b'\\' { 2 } else { 1 };
                }
            }
            (b'/', Some(b'/')) => {
                while out.get(at).is_some_and(|byte| *byte != b'\n') {
                    out[at] = b' ';
                    at += 1;
                }
                continue;
            }
            (b'/', Some(b'*')) => {
                let end = out.windows(2).skip(at + 2).position(|two| two == b"*/");
                let end = end.map_or(out.len(), |end| at + 2 + end + 2);
                out[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
                at = end;
                continue;
            }
            (b',', _) => comma = Some(at),
            (b'}' | b']', _) => {
                if let Some(comma) = comma.take() {
                    out[comma] = b' ';
                }
            }
            (b' ' | b'\t' | b'\r' | b'\n', _) => {}
            _ => comma = None,
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use bartizan_detect::Selection;
    use bartizan_finding::Location;

    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        read_as("mcp.json", text)
    }

    fn read_as(path: &str, text: &str) -> Result<Vec<String>, String> {
        let engine = Engine::new(Selection::all(), None);
        let found = tools(path, text, &engine, &mut |at| Location::file(format!("at {at}")))?;
        Ok(found
            .tools
            .iter()
            .map(|tool| format!("{} {} {} {}", tool.name, tool.server, tool.remote, tool.effects.join("+")))
            .collect())
    }

    #[test]
    fn servers_are_read_and_their_secrets_are_not() {
        let text = r#"{
            // where we work
            "mcpServers": {
                "files": { "command": "/usr/bin/npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/home"], },
                "db": { "command": "docker", "args": ["run", "--rm", "mcp/postgres", "postgresql://u:p@h/d"] },
                "ours": { "command": "node", "args": ["server.js", "hunter2"], "env": { "TOKEN": "hunter2" } },
                "web": { "type": "http", "url": "https://user:hunter2@mcp.example.com/mcp?key=hunter2" },
            }
        }"#;
        let found = read(text).unwrap();
        assert_eq!(
            found,
            [
                "db mcp/postgres false read:database+write:database",
                "files @modelcontextprotocol/server-filesystem false read:files+write:files",
                "ours node false ",
                "web mcp.example.com true ",
            ]
        );
        assert!(!found.concat().contains("hunter2"));
    }

    #[test]
    fn other_programs_write_it_otherwise() {
        let codex = "model = \"x\"\n[mcp_servers.files]\ncommand = \"npx\"\nargs = [\"-y\", \"mcp-files\"]\n[mcp_servers.web]\nurl = \"https://mcp.example.com\"\n";
        let found = read_as(".codex/config.toml", codex).unwrap();
        assert_eq!(found, ["files mcp-files false read:files+write:files", "web mcp.example.com true "]);
        assert_eq!(read_as(".codex/config.toml", "a = 1\n[b").unwrap_err(), "not valid TOML at line 2");
        let nested = format!("x = {}1{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(read_as(".codex/config.toml", &nested).is_err());
        let opencode = r#"{"mcp": {"db": {"type": "local", "command": ["npx", "-y", "mcp-postgres"]}}}"#;
        assert_eq!(read(opencode).unwrap(), ["db mcp-postgres false read:database+write:database"]);
        let zed = r#"{"context_servers": {"git": {"command": {"path": "/bin/uvx", "args": ["mcp-git"]}}}}"#;
        assert_eq!(read(zed).unwrap(), ["git mcp-git false read:code+write:code"]);
    }

    #[test]
    fn broken_and_odd_configurations_are_told() {
        assert_eq!(read("{\"mcpServers\": {").unwrap_err(), "not valid JSON at line 1, column 16");
        assert!(read(&"[".repeat(10_000)).is_err());
        for empty in ["{}", "[]", "{\"mcpServers\": 3}", "{\"mcpServers\": {}}", "{\"a\": \"// \\\" /*\", }"]
        {
            assert_eq!(read(empty), Ok(Vec::new()), "{empty}");
        }
        assert_eq!(
            read("{\"servers\": {\"x\": null, \"y\": {\"command\": 4}}}").unwrap(),
            ["x  false ", "y  false "]
        );
        assert_eq!(read("{\"mcpServers\": {\"ana@acme.io\": {}}}").unwrap(), ["[redacted]  false "]);
        assert_eq!(read("/* open"), Err("not valid JSON at line 1, column 7".to_owned()));
    }

    #[test]
    fn configurations_are_known_by_their_names() {
        for (path, is) in [
            (".mcp.json", true),
            (".cursor/mcp.json", true),
            (".vscode/mcp.json", true),
            ("claude_desktop_config.json", true),
            (".gemini/settings.json", true),
            (".codex/config.toml", true),
            ("opencode.json", true),
            ("config.toml", false),
            (".vscode/settings.json", false),
            ("mcp.json.md", false),
        ] {
            assert_eq!(is_config(path), is, "{path}");
        }
    }
}
