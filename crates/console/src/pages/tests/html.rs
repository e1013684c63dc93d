//! A strict reader of the HTML that this crate writes: what it does not know is a fault.

use std::collections::{BTreeMap, BTreeSet};

/// What a page holds, as far as tests ask.
#[derive(Default, Debug)]
pub(super) struct Read {
    pub(super) ids: BTreeSet<String>,
    pub(super) links: Vec<String>,
    pub(super) forms: Vec<String>,
    pub(super) text: String,
    pub(super) faults: Vec<String>,
    pub(super) elements: BTreeMap<String, usize>,
}

const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];

const KNOWN: [&str; 76] = [
    "a",
    "bdi",
    "body",
    "button",
    "caption",
    "circle",
    "code",
    "dd",
    "defs",
    "desc",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "input",
    "kbd",
    "label",
    "li",
    "line",
    "link",
    "main",
    "marker",
    "meta",
    "nav",
    "ol",
    "option",
    "p",
    "path",
    "polygon",
    "polyline",
    "pre",
    "progress",
    "rect",
    "script",
    "section",
    "select",
    "span",
    "strong",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "tspan",
    "ul",
    "use",
    "ellipse",
    "small",
    "footer",
    "br",
    "hr",
    "em",
    "article",
    "aside",
    "abbr",
    "symbol",
    "clippath",
    "pattern",
    "mask",
];

/// Elements that stand on a line of their own.
const BLOCK: [&str; 22] = [
    "h1", "h2", "h3", "p", "li", "tr", "dt", "dd", "caption", "summary", "pre", "section", "table", "ul",
    "ol", "nav", "header", "main", "form", "details", "dialog", "figure",
];

pub(super) fn read(html: &str) -> Read {
    let mut read = Read::default();
    let mut open: Vec<String> = Vec::new();
    let Some(mut rest) = html.strip_prefix("<!doctype html>") else {
        read.faults.push("no doctype".to_owned());
        return read;
    };
    while let Some(at) = rest.find('<') {
        let (text, tail) = rest.split_at(at);
        words(&mut read, &open, text);
        let Some(end) = end_of(tail) else {
            read.faults.push(format!("a tag has no end: {}", cut(tail)));
            return read;
        };
        let (tag, after) = tail.split_at(end + 1);
        rest = after;
        let inside = tag.trim_start_matches('<').trim_end_matches('>');
        if let Some(name) = inside.strip_prefix('/') {
            let name = name.to_ascii_lowercase();
            if open.pop().as_deref() != Some(&name) {
                read.faults.push(format!("</{name}> closes nothing that is open"));
            }
            if BLOCK.contains(&name.as_str()) {
                read.text.push('\n');
            }
            continue;
        }
        let is_closed = inside.ends_with('/');
        let (name, attributes) = parts(inside.trim_end_matches('/'), &mut read.faults);
        element(&mut read, &open, &name, &attributes);
        if !is_closed && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    words(&mut read, &open, rest);
    if !open.is_empty() {
        read.faults.push(format!("never closed: {open:?}"));
    }
    for what in ["h1", "main", "head title"] {
        let found = read.elements.get(what).copied().unwrap_or(0);
        if found != 1 {
            read.faults.push(format!("{found} of {what}"));
        }
    }
    read
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Where a tag ends: at the first `>` outside quotes.
fn end_of(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.char_indices().find_map(|(at, c)| {
        if c == '"' {
            quoted = !quoted;
        }
        (c == '>' && !quoted).then_some(at)
    })
}

fn parts(inside: &str, faults: &mut Vec<String>) -> (String, BTreeMap<String, String>) {
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, tail) = rest.split_at(end);
        let value = match tail.strip_prefix("=\"").and_then(|tail| tail.split_once('"')) {
            Some((value, after)) => {
                rest = after;
                value
            }
            None if tail.starts_with('=') => {
                faults.push(format!("an attribute without quotes: {}", cut(rest)));
                break;
            }
            None => {
                rest = tail;
                ""
            }
        };
        let is_name = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':'));
        if !is_name || attributes.insert(key.to_ascii_lowercase(), unescaped(value)).is_some() {
            faults.push(format!("the attribute {key} of <{name}> is twice or no name"));
        }
    }
    (name.to_ascii_lowercase(), attributes)
}

fn element(read: &mut Read, open: &[String], name: &str, attributes: &BTreeMap<String, String>) {
    let mut fault = |text: String| read.faults.push(text);
    let get = |key: &str| attributes.get(key).map(String::as_str);
    if !KNOWN.contains(&name) {
        fault(format!("<{name}> is no element of ours"));
    }
    for key in attributes.keys() {
        if key.starts_with("on") || key == "style" || key == "srcdoc" || key == "formaction" {
            fault(format!("<{name}> carries {key}"));
        }
    }
    if let Some(id) = get("id")
        && (id.contains(char::is_whitespace) || id.is_empty() || !read.ids.insert(id.to_owned()))
    {
        fault(format!("the id {id} is twice or none"));
    }
    match name {
        "html" if get("lang") != Some("en") => fault("no language".to_owned()),
        "script" if get("src").is_none_or(|src| !src.starts_with("/static/")) => {
            fault("a script of its own".to_owned());
        }
        "a" => match get("href") {
            Some(href) if !href.is_empty() => read.links.push(href.to_owned()),
            _ => fault("a link to nowhere".to_owned()),
        },
        "form" => read.forms.push(get("action").unwrap_or_default().to_owned()),
        "input" | "select" | "progress" => {
            let is_named = get("aria-label").is_some() || open.iter().any(|one| one == "label");
            if get("type") != Some("hidden") && !is_named {
                fault(format!("<{name}> without a label"));
            }
        }
        "th" if get("scope").is_none() => fault("<th> without scope".to_owned()),
        "a " | "button" | "summary"
            if open.iter().any(|one| one == "a" || one == "button" || one == "summary") =>
        {
            fault(format!("<{name}> in something that is pressed itself"));
        }
        _ => {}
    }
    if name == "p" && open.iter().any(|one| one == "p") {
        fault("<p> in <p>".to_owned());
    }
    if ["p", "ul", "ol", "div", "table", "pre", "details"].contains(&name)
        && open.iter().any(|one| one == "p")
    {
        fault(format!("<{name}> in <p>, which ends it"));
    }
    let parent = open.last().map_or("", String::as_str);
    let fits = match name {
        "li" => ["ul", "ol"].contains(&parent),
        "dt" | "dd" => parent == "dl",
        "tr" => ["thead", "tbody"].contains(&parent),
        "td" | "th" => parent == "tr",
        "option" => parent == "select",
        "summary" => parent == "details",
        _ => true,
    };
    if !fits {
        fault(format!("<{name}> in <{parent}>"));
    }
    let counted = if name == "title" { format!("{parent} title") } else { name.to_owned() };
    *read.elements.entry(counted).or_default() += 1;
    if BLOCK.contains(&name) {
        read.text.push('\n');
    }
}

fn words(read: &mut Read, open: &[String], text: &str) {
    for part in text.split('&').skip(1) {
        let is_known = ["amp;", "lt;", "gt;", "#34;", "#39;", "#38;", "#60;", "#62;", "quot;"]
            .iter()
            .any(|known| part.starts_with(known));
        if !is_known {
            read.faults.push(format!("an ampersand that stands for nothing: &{}", cut(part)));
        }
    }
    let text = unescaped(text);
    for c in text.chars() {
        if bartizan_finding::hides(c) && c != '\n' {
            read.faults.push(format!("U+{:04X} stands in the text", u32::from(c)));
        }
    }
    // Pictures carry their numbers in the tables beside them.
    if open.iter().any(|one| one == "svg" || one == "head" || one == "select") {
        return;
    }
    if open.iter().any(|one| one == "pre") {
        read.text.push_str(&text);
        return;
    }
    let joined: Vec<&str> = text.split_whitespace().collect();
    if text.starts_with(char::is_whitespace) {
        read.text.push(' ');
    }
    read.text.push_str(&joined.join(" "));
    if !joined.is_empty() && text.ends_with(char::is_whitespace) {
        read.text.push(' ');
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#62;", ">"),
        ("&gt;", ">"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

impl Read {
    /// The words of `<main>`, one block a line.
    pub(super) fn lines(&self) -> String {
        let lines = self.text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn faults_are_seen() {
    let page = |body: &str| {
        format!(
            "<!doctype html><html lang=\"en\"><head><title>x</title></head><body><main><h1>x</h1>{body}</main></body></html>"
        )
    };
    assert_eq!(read(&page("<p>fine &amp; <a href=\"/\">well</a></p>")).faults, Vec::<String>::new());
    for body in [
        "<p>",
        "</p>",
        "<img src=\"x\">",
        "<p onclick=\"x\"></p>",
        "<p style=\"x\"></p>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<script>x</script>",
        "<a>x</a>",
        "<input name=\"x\">",
        "<h1>y</h1>",
        "a & b",
        "\u{202e}",
        "<p><ul></ul></p>",
        "<p class=x></p>",
        "<li></li>",
        "<table><thead><tr><th>x</th></tr></thead></table>",
    ] {
        assert_ne!(read(&page(body)).faults, Vec::<String>::new(), "{body}");
    }
}
