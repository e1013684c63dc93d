use std::sync::LazyLock;

use safetensors::{Dtype, SafeTensors};

use super::*;
use crate::{PLACE_FOR_PINS, Shown, planted, planted_evidence};

static HELPDESK: LazyLock<Folder> = LazyLock::new(|| content(Kind::Helpdesk, 1));
static COMPROMISED: LazyLock<Folder> = LazyLock::new(|| content(Kind::Compromised, 1));

fn file<'a>(folder: &'a Folder, path: &str) -> &'a [u8] {
    folder.files().find(|(name, _)| *name == path).unwrap().1
}

fn text<'a>(folder: &'a Folder, path: &str) -> &'a str {
    std::str::from_utf8(file(folder, path)).unwrap()
}

#[test]
fn same_seed_same_bytes_and_another_seed_others() {
    // The compromised project takes everything from the seed that the helpdesk takes, and more.
    assert_eq!(content(Kind::Compromised, 1), *COMPROMISED);
    let other = content(Kind::Helpdesk, 2);
    for path in ["model/model.safetensors", "data/tickets.jsonl"] {
        assert_ne!(file(&other, path), file(&HELPDESK, path), "{path}");
    }
    assert_eq!(file(&other, "data/kb/returns.md"), file(&HELPDESK, "data/kb/returns.md"));
}

#[test]
fn the_reference_library_reads_the_weights_as_the_configuration_says() {
    let weights = file(&HELPDESK, "model/model.safetensors");
    assert!((4 << 20..8 << 20).contains(&weights.len()), "{}", weights.len());
    let tensors = SafeTensors::deserialize(weights).unwrap();
    let config: Value = serde_json::from_str(text(&HELPDESK, "model/config.json")).unwrap();
    let number = |name: &str| usize::try_from(config[name].as_u64().unwrap()).unwrap();
    let (hidden, layers, middle) =
        (number("hidden_size"), number("num_hidden_layers"), number("intermediate_size"));
    let key_value = number("head_dim") * number("num_key_value_heads");
    assert_eq!(tensors.len(), 2 + 9 * layers);
    for (name, shape) in [
        ("model.embed_tokens.weight".to_owned(), vec![number("vocab_size"), hidden]),
        ("model.norm.weight".to_owned(), vec![hidden]),
        (format!("model.layers.{}.self_attn.k_proj.weight", layers - 1), vec![key_value, hidden]),
        ("model.layers.0.mlp.down_proj.weight".to_owned(), vec![hidden, middle]),
    ] {
        let tensor = tensors.tensor(&name).unwrap();
        assert_eq!((tensor.dtype(), tensor.shape()), (Dtype::BF16, shape.as_slice()), "{name}");
    }
}

#[test]
fn the_vocabulary_has_as_many_tokens_as_the_model_and_all_bytes() {
    let tokenizer: Value = serde_json::from_str(text(&HELPDESK, "model/tokenizer.json")).unwrap();
    let config: Value = serde_json::from_str(text(&HELPDESK, "model/config.json")).unwrap();
    let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap();
    assert_eq!(vocabulary.len() as u64, config["vocab_size"].as_u64().unwrap());
    let ids: std::collections::BTreeSet<_> = vocabulary.values().map(|id| id.as_u64().unwrap()).collect();
    assert_eq!(ids.len(), vocabulary.len());
    for merge in tokenizer["model"]["merges"].as_array().unwrap() {
        let joined = format!("{}{}", merge[0].as_str().unwrap(), merge[1].as_str().unwrap());
        assert!(vocabulary.contains_key(&joined), "{joined}");
    }
}

#[test]
fn the_tickets_are_many_and_varied_and_only_addresses_of_nobody_are_in_them() {
    let tickets: Vec<Value> = text(&HELPDESK, "data/tickets.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(tickets.len(), tickets::COUNT);
    let bodies: std::collections::BTreeSet<_> =
        tickets.iter().map(|ticket| ticket["body"].to_string()).collect();
    assert!(bodies.len() > 4_900, "{}", bodies.len());
    assert!(tickets.is_sorted_by_key(|ticket| ticket["created_at"].as_str().unwrap()));
    for ticket in &tickets {
        let (_, domain) = ticket["customer"]["email"].as_str().unwrap().split_once('@').unwrap();
        assert!(["example.com", "example.org", "example.net"].contains(&domain));
        for open in ["{product}", "{order}", "{days}", "{name}", "{city}"] {
            assert!(!ticket.to_string().contains(open), "{ticket}");
        }
    }
}

#[test]
fn the_pinned_digest_is_the_one_of_the_model_until_it_is_changed() {
    let pinned = |folder: &Folder| text(folder, "bartizan.toml").contains(&model_digest(folder).to_string());
    assert!(pinned(&HELPDESK));
    let tickets = Digest::of(file(&HELPDESK, "data/tickets.jsonl")).to_string();
    assert!(text(&HELPDESK, "bartizan.toml").contains(&tickets));
    assert!(!pinned(&COMPROMISED));
    let (before, after) =
        (file(&HELPDESK, "model/model.safetensors"), file(&COMPROMISED, "model/model.safetensors"));
    assert_eq!(before.iter().zip(after).filter(|(a, b)| a != b).count(), 1);
    assert!(SafeTensors::deserialize(after).is_ok());
    assert!(
        SafeTensors::deserialize(file(&COMPROMISED, "adapters/refunds/adapter_model.safetensors")).is_err()
    );
}

#[test]
fn the_readme_lists_what_is_planted_and_nothing_else() {
    let rows: Vec<_> = text(&COMPROMISED, "README.md")
        .split_once("## What is planted")
        .unwrap()
        .1
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| What is wrong |"))
        .collect();
    assert_eq!(rows.len(), planted().len());
    for (row, fault) in rows.iter().zip(planted()) {
        assert!(row.contains(fault.what) && row.contains(fault.file), "{row}");
        match fault.shown {
            Shown::Finding { rule, .. } => assert!(row.contains(rule), "{row}"),
            Shown::Control { id, status } => assert!(row.contains(id) && row.contains(status), "{row}"),
        }
        let logged = planted_evidence().iter().any(|evidence| evidence.id == fault.id);
        assert!(
            logged || COMPROMISED.files().any(|(path, _)| path.starts_with(fault.file)),
            "{}",
            fault.file
        );
    }
    assert!(!text(&HELPDESK, "README.md").contains("planted"));
    for folder in [&*HELPDESK, &*COMPROMISED] {
        assert!(!text(folder, "README.md").contains("{{"));
        let project_file = text(folder, "bartizan.toml");
        assert_eq!(project_file.matches(PLACE_FOR_PINS).count(), 1);
        assert_eq!(project_file.matches("{{").count(), 1);
    }
}

#[test]
fn what_is_planted_is_in_the_files() {
    let tickets = text(&COMPROMISED, "data/tickets.jsonl");
    for (trace, least) in
        [("AKIA", 4), ("PRIVATE KEY", 2), ("card 4000 00", 9), ("DE", 6), ("social security", 5)]
    {
        assert!(tickets.matches(trace).count() >= least, "{trace}");
        let clean = text(&HELPDESK, "data/tickets.jsonl");
        assert!(trace == "DE" || !clean.contains(trace), "{trace}");
    }
    assert!(
        text(&COMPROMISED, "data/kb/refunds.md").chars().any(|c| ('\u{e0020}'..='\u{e007f}').contains(&c))
    );
    assert!(text(&COMPROMISED, "prompts/refund.md").contains('\u{202e}'));
    let pickle = file(&COMPROMISED, "checkpoints/optimizer.pkl");
    assert!(pickle.windows(4).any(|bytes| bytes == b"true"), "the payload does nothing");
}

#[test]
fn what_helpdesk_holds_is_plain() {
    for (path, content) in HELPDESK.files().filter(|(path, _)| !path.ends_with(".safetensors")) {
        let text = std::str::from_utf8(content).unwrap();
        let hidden = |c: char| {
            c.is_control() && c != '\n' || ('\u{200b}'..='\u{206f}').contains(&c) || c >= '\u{e000}'
        };
        assert!(path.starts_with("model/tokenizer") || !text.chars().any(hidden), "{path}");
    }
}
