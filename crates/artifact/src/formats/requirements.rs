//! What is installed with a model: lines as pip takes them, in `requirements.txt`, in environments and in model cards.

use bartizan_finding::{Occurrence, Severity};

use crate::{
    escape,
    formats::config::rules,
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// Indexes and hosts of packages that projects of this field publish on.
const HOSTS: [&str; 20] = [
    "download.pytorch.org",
    "pypi.org",
    "files.pythonhosted.org",
    "pypi.nvidia.com",
    "pypi.ngc.nvidia.com",
    "wheels.vllm.ai",
    "docs.vllm.ai",
    "flashinfer.ai",
    "docs.sglang.ai",
    "abetlen.github.io",
    "data.pyg.org",
    "storage.googleapis.com",
    "github.com",
    "gitlab.com",
    "huggingface.co",
    "huggingface.github.io",
    "nvidia.github.io",
    "rocm.github.io",
    "repo.radeon.com",
    "pytorch-extension.intel.com",
];

/// Reads a file of this kind to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let Some(text) = crate::formats::python::text(pass, scope)? else { return Ok(()) };
    let mut at = 0;
    for part in text.split_inclusive('\n') {
        let plain = part.split(" #").next().unwrap_or_default().trim();
        if !plain.starts_with('#') {
            line(plain, at, scope);
        }
        at += part.len() as u64;
    }
    Ok(())
}

/// Looks at what one line installs.
pub(crate) fn line(text: &str, at: u64, scope: &mut Scope<'_, '_>) {
    if let Some((severity, message)) = judge(text) {
        let place = scope.range(at, at + text.len() as u64);
        scope.problems.push(Occurrence::new(rules::Installs::META, place, message).severity(severity));
    }
}

/// What is to be said about the arguments of pip.
pub(crate) fn judge(text: &str) -> Option<(Severity, String)> {
    let shown = || escape(text.trim(), SHOWN);
    let words: Vec<&str> = text.split([' ', '=', '\t']).filter(|word| !word.is_empty()).collect();
    let address = words.iter().find_map(|word| {
        let word = word.trim_matches(['"', '\'', '`']);
        let word = word
            .split_once('@')
            .map_or(word, |(_, behind)| if behind.contains("://") { behind } else { word });
        let plain = word.strip_prefix("git+").unwrap_or(word);
        Some((word, plain.strip_prefix("http://").or_else(|| plain.strip_prefix("https://"))?))
    });
    let takes = |option: &str| words.contains(&option);
    if takes("--trusted-host") {
        return Some((
            Severity::Medium,
            format!("packages are taken without a check of their host: {}", shown()),
        ));
    }
    let (address, rest) = address?;
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    // A user's name before the host.
    let host = rest
        .split('/')
        .next()
        .and_then(|authority| authority.rsplit_once('@'))
        .map_or(host, |(_, host)| host);
    let is_known = HOSTS.contains(&host);
    let is_plain = address.contains("http://");
    if is_plain && !host.starts_with("localhost") {
        Some((
            Severity::High,
            format!("packages come over a connection that anybody can change: {}", shown()),
        ))
    } else if is_known {
        None
    } else if takes("--index-url")
        || takes("-i")
        || takes("--extra-index-url")
        || takes("--find-links")
        || takes("-f")
    {
        Some((Severity::High, format!("packages come from the index of {}", escape(host, 60))))
    } else {
        Some((Severity::Medium, format!("a package comes from {}", escape(host, 60))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_by_where_they_come_from() {
        for (line, want) in [
            ("torch>=2.1", None),
            ("--extra-index-url https://download.pytorch.org/whl/cu121", None),
            ("flash-attn @ https://github.com/x/y/releases/download/v1/z.whl", None),
            ("git+https://github.com/huggingface/transformers", None),
            ("--index-url https://packages.example.invalid/simple", Some(Severity::High)),
            ("--extra-index-url=https://packages.example.invalid/simple", Some(Severity::High)),
            ("torch @ https://example.invalid/torch.whl", Some(Severity::Medium)),
            ("http://example.invalid/torch.whl", Some(Severity::High)),
            ("--trusted-host example.invalid", Some(Severity::Medium)),
            ("-i https://pypi.org@example.invalid/simple", Some(Severity::High)),
        ] {
            assert_eq!(judge(line).map(|(severity, _)| severity), want, "{line}");
        }
    }
}
