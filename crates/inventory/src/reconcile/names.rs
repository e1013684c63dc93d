//! Whether a name in a configuration and a name in the project file mean the same.

use std::collections::BTreeSet;

use bartizan_project::{Element, ElementKind, Project};

/// Words that tell no thing from another.
const COMMON: &[&str] = &[
    "a",
    "ai",
    "an",
    "and",
    "api",
    "app",
    "bash",
    "bun",
    "cargo",
    "cmd",
    "com",
    "deno",
    "dev",
    "docker",
    "exe",
    "for",
    "go",
    "http",
    "https",
    "io",
    "java",
    "js",
    "latest",
    "local",
    "mcp",
    "modelcontextprotocol",
    "net",
    "node",
    "npx",
    "of",
    "org",
    "our",
    "py",
    "python",
    "python3",
    "remote",
    "run",
    "server",
    "servers",
    "service",
    "sh",
    "src",
    "sse",
    "the",
    "to",
    "tool",
    "tools",
    "unknown",
    "uv",
    "uvx",
    "www",
];

/// The elements of a project as people would recognise them.
pub(crate) struct Elements {
    elements: Vec<Named>,
}

/// One element.
pub(crate) struct Named {
    pub(crate) kind: ElementKind,
    id: String,
    own: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Elements {
    pub(crate) fn of(project: &Project) -> Self {
        let named = |(id, element): (&bartizan_finding::ElementId, &Element)| {
            let own = words(id.as_str());
            let mut all = own.clone();
            // What it serves and uses says what it is, too.
            let assets = element.assets().flat_map(|asset| words(asset.as_str()));
            all.extend(assets.chain(words(element.description.as_deref().unwrap_or_default())));
            Named { kind: element.kind, id: compact(id.as_str()), own, all }
        };
        Self { elements: project.elements.iter().map(named).collect() }
    }

    /// The elements of these kinds.
    pub(crate) fn kinds<'n>(&'n self, kinds: &'n [ElementKind]) -> impl Iterator<Item = &'n Named> {
        self.elements.iter().filter(|element| kinds.contains(&element.kind))
    }

    /// Whether an element stands for what is called `name`, behind which is `server`: its id is the name, or it is of
    /// one of `kinds` and is named or described like one of the two.
    pub(crate) fn stands_for(&self, name: &str, server: &str, kinds: &[ElementKind]) -> bool {
        let (short, name, server) = (compact(name), words(name), words(server));
        let both: BTreeSet<_> = name.union(&server).cloned().collect();
        self.elements.iter().any(|element| {
            if !short.is_empty() && element.id == short && element.kind != ElementKind::User {
                return true;
            }
            kinds.contains(&element.kind)
                && (within(&name, &element.all)
                    || within(&server, &element.all)
                    || within(&element.own, &both))
        })
    }
}

impl Named {
    /// Whether its id or description holds one of these words.
    pub(crate) fn mentions(&self, any: &[&str]) -> bool {
        any.iter().any(|word| self.all.contains(*word))
    }
}

/// The telling words of a text, in lower case.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| COMMON.binary_search(word).is_err()).map(str::to_owned).collect()
}

/// Whether two names are the same up to case and what stands between words.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let one = compact(one);
    !one.is_empty() && one == compact(other)
}

/// A name without case and what stands between words.
pub(crate) fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn within(part: &BTreeSet<String>, whole: &BTreeSet<String>) -> bool {
    !part.is_empty() && part.is_subset(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_sorted() {
        assert!(COMMON.is_sorted());
    }

    #[test]
    fn names_are_compared_as_people_do() {
        for (one, other, is) in [
            ("orders-api", "Orders_API", true),
            ("ordersApi", "orders.api", true),
            ("orders", "orders-api", false),
            ("--", "", false),
        ] {
            assert_eq!(same(one, other), is, "{one} {other}");
        }
        let list = |text| words(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(list("@modelcontextprotocol/server-filesystem"), "filesystem");
        assert_eq!(list("mcp.linear.app"), "linear");
        assert_eq!(list("The MCP server"), "");
    }
}
