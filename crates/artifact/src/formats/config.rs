//! Configuration beside the weights: what a loader of Hugging Face's libraries reads before it reads a tensor.
//!
//! The bytes decide that a file is text; its name only chooses which questions are asked. Text detectors read these
//! files as well, for secrets and personal data.

mod questions;
pub(crate) mod rules;

use questions::Questions;

use bartizan_finding::Occurrence;

use crate::{
    Format, Limits, Outline,
    formats::{card, python, requirements, template, yaml},
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
    /// The parts of a pipeline of diffusers.
    Pipeline,
    /// The parts of a model of sentence-transformers.
    Modules,
    /// What is in an archive for `TorchServe`.
    Manifest,
    /// A chat template without JSON around it.
    Template,
    /// Python source.
    Python,
    /// Settings in YAML.
    Yaml,
    /// A model card.
    Card,
    /// What is installed with a model.
    Requirements,
}

impl Kind {
    fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is = |ending: &str| {
            name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '.', '-']))
        };
        let extension =
            name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
        let extension = extension.map(str::to_ascii_lowercase);
        Some(match name {
            "tokenizer.json" => Self::Tokenizer,
            "model_index.json" => Self::Pipeline,
            "modules.json" => Self::Modules,
            "special_tokens_map.json" | "chat_template.json" | "config_sentence_transformers.json" => {
                Self::Settings
            }
            "MANIFEST.json" if path.ends_with("MAR-INF/MANIFEST.json") => Self::Manifest,
            "MLmodel" => Self::Yaml,
            _ if name.eq_ignore_ascii_case("readme.md") => Self::Card,
            _ if is("config.json") => Self::Settings,
            _ if is("index.json") => Self::Index,
            _ => match extension.as_deref() {
                Some("jinja" | "jinja2") => Self::Template,
                Some("py" | "pyw") => Self::Python,
                Some("yaml" | "yml") => Self::Yaml,
                Some("txt") if name.starts_with("requirements") || name.ends_with("requirements.txt") => {
                    Self::Requirements
                }
                _ => return None,
            },
        })
    }
}

/// Whether a file of this name, if it is text, is one that [`crate::inspect`] asks about code, templates, shards, tokens
/// and what is installed: `config.json` and other names that end so, `tokenizer.json`, `special_tokens_map.json`,
/// `chat_template.json`, `modules.json`, `model.safetensors.index.json` and the like, the manifest of an archive for
/// `TorchServe`, Jinja templates, Python source, YAML, `README.md` and `requirements.txt`. `path` may have folders.
pub fn is_config(path: &str) -> bool {
    Kind::of(path).is_some()
}

/// Reads a file of such a name to its end.
pub(crate) fn read(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let Some(kind) = Kind::of(scope.name) else { return Ok(()) };
    match kind {
        Kind::Template => {
            *format = Format::Jinja;
            return read_template(pass, scope.limits, scope.outline, scope.problems);
        }
        Kind::Python => {
            *format = Format::Python;
            return python::read(pass, scope);
        }
        Kind::Yaml => {
            *format = Format::Yaml;
            return yaml::read(pass, scope);
        }
        Kind::Card => {
            *format = Format::ModelCard;
            return card::read(pass, scope);
        }
        Kind::Requirements => return requirements::read(pass, scope),
        Kind::Settings | Kind::Tokenizer | Kind::Index | Kind::Pipeline | Kind::Modules | Kind::Manifest => {}
    }
    let Scope { limits, outline, problems, .. } = scope;
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
    if text.len() as u64 == size {
        template::note(text, outline);
    }
    template::look(text, &problems.file(), problems);
    Ok(())
}

/// Judges what a reader of settings is told to call. `surely` says that it will; otherwise only what does harm is told.
pub(crate) fn target(name: &str, surely: bool, at: u64, scope: &mut Scope<'_, '_>) {
    if let Some((severity, message)) = questions::called(name, surely) {
        let place = scope.range(at, at + name.len() as u64);
        scope.problems.push(Occurrence::new(rules::Instantiates::META, place, message).severity(severity));
    }
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
            ("model_index.json", Some(Kind::Pipeline)),
            ("1_Pooling/config.json", Some(Kind::Settings)),
            ("x/MAR-INF/MANIFEST.json", Some(Kind::Manifest)),
            ("MANIFEST.json", None),
            ("code/modeling_x.py", Some(Kind::Python)),
            ("model_config.YAML", Some(Kind::Yaml)),
            ("README.md", Some(Kind::Card)),
            ("requirements.txt", Some(Kind::Requirements)),
            (".py", None),
            ("config.json/notes.txt", None),
            ("myconfig.json", None),
            ("vocab.json", None),
            (".jinja", None),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
    }
}
