use bartizan_attest::directory_digest;
use bartizan_finding::Digest;
use serde_json::Value;

use crate::{
    Kind,
    folder::Folder,
    model::{self, SHAPE},
    plant,
    random::Random,
    tickets,
    tokenizer::Tokenizer,
};

const PROJECT_FILE: &str = include_str!("../files/bartizan.toml");
const README: &str = include_str!("../files/README.md");

/// Files that are the same for every seed.
const FIXED: [(&str, &str); 11] = [
    ("data/kb/account.md", include_str!("../files/kb/account.md")),
    ("data/kb/damaged.md", include_str!("../files/kb/damaged.md")),
    ("data/kb/delivery.md", include_str!("../files/kb/delivery.md")),
    ("data/kb/payment.md", include_str!("../files/kb/payment.md")),
    ("data/kb/refunds.md", include_str!("../files/kb/refunds.md")),
    ("data/kb/returns.md", include_str!("../files/kb/returns.md")),
    ("data/kb/warranty.md", include_str!("../files/kb/warranty.md")),
    ("policies/deploy.cedar", include_str!("../files/policies/deploy.cedar")),
    ("prompts/refund.md", include_str!("../files/prompts/refund.md")),
    ("prompts/system.md", include_str!("../files/prompts/system.md")),
    ("requirements.txt", include_str!("../files/requirements.txt")),
];

/// All files of a project.
pub(crate) fn content(kind: Kind, seed: u64) -> Folder {
    let mut folder = Folder::default();
    for (path, text) in FIXED {
        folder.put(path, text);
    }
    let mut tickets = tickets::tickets(&mut Random::new(seed, "tickets"));
    folder.put("logs/conversations.jsonl", tickets::conversations(&tickets));
    write_model(&mut folder, seed);
    // What is pinned is what was there before anything was planted.
    let model = model_digest(&folder).to_string();
    let pinned = Digest::of(&tickets::write(&tickets)).to_string();
    let mut project_file = PROJECT_FILE.to_owned();
    if kind == Kind::Compromised {
        plant::into_tickets(&mut tickets, &mut Random::new(seed, "planted tickets"));
        plant::into_files(&mut folder, &mut Random::new(seed, "planted files"));
        project_file = plant::into_project_file(&project_file);
    }
    let project_file =
        project_file.replace("{{model-digest}}", &model).replace("{{tickets-digest}}", &pinned);
    folder.put("bartizan.toml", project_file);
    folder.put("data/tickets.jsonl", tickets::write(&tickets));
    folder.put("README.md", readme(kind));
    folder
}

fn write_model(folder: &mut Folder, seed: u64) {
    // The tokenizer learns from the knowledge base, which the model is asked about.
    let text: String =
        FIXED.iter().filter(|(path, _)| path.starts_with("data/kb/")).map(|(_, text)| *text).collect();
    let tokenizer = Tokenizer::learn(&text);
    let vocabulary = tokenizer.len();
    folder.put("model/config.json", pretty(&SHAPE.config(vocabulary)));
    folder.put("model/generation_config.json", pretty(&model::generation_config()));
    folder.put("model/model.safetensors", SHAPE.weights(vocabulary, &mut Random::new(seed, "weights")));
    folder.put("model/tokenizer.json", pretty(&tokenizer.json()));
    folder.put("model/tokenizer_config.json", pretty(&Tokenizer::config()));
}

/// The digest of the model's folder, with paths relative to it.
fn model_digest(folder: &Folder) -> Digest {
    let files: Vec<_> = folder
        .files()
        .filter_map(|(path, content)| {
            Some((path.strip_prefix("model/")?, content.len() as u64, Digest::of(content)))
        })
        .collect();
    directory_digest(&files).expect("the names of the model's files are plain and differ")
}

fn readme(kind: Kind) -> String {
    let (intro, more_paths, planted) = match kind {
        Kind::Helpdesk => (
            "A support assistant of a shop, with retrieval and a refund tool, as a careful team would run it. Its \
             purpose\nis to show what `bartizan check` looks at and what it says when there is little to say.",
            String::new(),
            String::new(),
        ),
        Kind::Compromised => (
            "A support assistant of a shop, with retrieval and a refund tool, in which faults are planted. Its \
             purpose is\nto show what `bartizan check` finds. Nothing in it does harm: what looks malicious runs \
             nothing, and keys,\nnumbers and names are made up.",
            plant::readme_paths(),
            plant::readme_table(),
        ),
    };
    README
        .replace("{{intro}}", intro)
        .replace("{{more-paths}}\n", &more_paths)
        .replace("{{planted}}\n", &planted)
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
