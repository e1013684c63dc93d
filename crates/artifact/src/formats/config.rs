//! Configuration beside the weights: what a loader of Hugging Face's libraries reads before it reads a tensor.
//!
//! The bytes decide that a file is text; its name only chooses which questions are asked. Text detectors read these
//! files as well, for secrets and personal data.

mod questions;
pub(crate) mod rules;

use questions::Questions;

use crate::{
    Limits, Outline,
    formats::template,
    json::{Fault, Json},
    problems::Problems,
    read::{Halt, Pass},
    scope::Scope,
};

/// What a file of this name is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// What the model, its tokenizer or its processor is made of.
    Settings,
    /// The tokenizer itself.
    Tokenizer,
    /// Which file holds which tensor.
    Index,
    /// A chat template without JSON around it.
    Template,
}

impl Kind {
    fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is = |ending: &str| {
            name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '.', '-']))
        };
        Some(match name {
            "tokenizer.json" => Self::Tokenizer,
            "special_tokens_map.json" | "chat_template.json" => Self::Settings,
            _ if is("config.json") => Self::Settings,
            _ if is("index.json") => Self::Index,
            _ if name.strip_suffix(".jinja").is_some_and(|stem| !stem.is_empty()) => Self::Template,
            _ => return None,
        })
    }
}

/// Whether a file of this name, if it is text, is one that [`crate::inspect`] asks about code, templates, shards and
/// tokens: `config.json` and other names that end so, `tokenizer.json`, `special_tokens_map.json`,
/// `chat_template.json`, `model.safetensors.index.json` and the like, and Jinja files. `path` may have folders.
pub fn is_config(path: &str) -> bool {
    Kind::of(path).is_some()
}

/// Reads a file of such a name to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let Some(kind) = Kind::of(scope.name) else { return Ok(()) };
    let Scope { limits, outline, problems, .. } = scope;
    if kind == Kind::Template {
        return read_template(pass, limits, outline, problems);
    }
    let mut questions = Questions::new(kind, limits, outline, problems);
    let mut json = Json::new(pass, size, limits.json_depth).python();
    let result = json.walk(limits.template_bytes, &mut |path, value, at| questions.ask(path, &value, at));
    questions.settle();
    let (at, what) = match result {
        Ok(()) => return Ok(()),
        Err(Fault::Syntax(at, what)) => (at, what),
        Err(Fault::Halt(Halt::End)) => (size, "it ends inside a value"),
        Err(Fault::Halt(halt)) => return Err(halt),
    };
    let place = problems.range(&[], at, size);
    problems.add(rules::NotJson::META, place.clone(), format!("the file is not JSON: {what}"));
    problems.unexamined(place, "behind the point where the file is not JSON");
    Ok(())
}

fn read_template(
    pass: &mut Pass<'_>,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let size = pass.size();
    let mut bytes = Vec::new();
    let mut hasher = bartizan_finding::Hasher::new();
    pass.each(size, &mut |piece| {
        hasher.update(piece);
        bytes.extend_from_slice(&piece[..piece.len().min(limits.template_bytes - bytes.len())]);
    })?;
    outline.fact("chat-template", &hasher.finish().to_string());
    let kept = bytes.len() as u64;
    let text = std::str::from_utf8(&bytes)
        .or_else(|error| std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()));
    let text = text.unwrap_or_default();
    if (text.len() as u64) < size {
        let place = problems.range(&[], text.len() as u64, size);
        let reason =
            if kept < size { "the chat template, behind its start" } else { "text that is not UTF-8" };
        problems.unexamined(place, reason);
    }
    template::look(text, &problems.file(), problems);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_choose_the_questions() {
        for (name, kind) in [
            ("model/config.json", Some(Kind::Settings)),
            ("tokenizer_config.json", Some(Kind::Settings)),
            ("adapter_config.json", Some(Kind::Settings)),
            ("tokenizer.json", Some(Kind::Tokenizer)),
            ("model.safetensors.index.json", Some(Kind::Index)),
            ("pytorch_model.bin.index.json", Some(Kind::Index)),
            ("chat_template.jinja", Some(Kind::Template)),
            ("config.json/notes.txt", None),
            ("myconfig.json", None),
            ("vocab.json", None),
            (".jinja", None),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }
}
