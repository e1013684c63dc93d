use bartizan_inventory::{Answers, Pins, project_file};
use bartizan_project::{ElementKind, Project, ProjectRole};
use jiff::civil::date;

use crate::Folder;

fn parsed(text: &str) -> Project {
    let parsed = bartizan_project::parse(text);
    assert!(parsed.faults.is_empty(), "{:?}\n{text}", parsed.faults);
    parsed.project.unwrap()
}

fn agent() -> Folder {
    Folder::new([
        (
            "app/main.py",
            "from crewai import Agent\nimport openai\nmodel = \"gpt-4o\"\nembed = \"BAAI/bge-small-en\"\nfrom qdrant_client import QdrantClient\n",
        ),
        ("app/prompts/system.md", "You answer."),
        ("data/tickets.jsonl", "{}\n"),
        (
            ".mcp.json",
            "{\"mcpServers\": {\"files\": {\"command\": \"npx\", \"args\": [\"@modelcontextprotocol/server-filesystem\"]}, \"crm\": {\"url\": \"https://crm.example.com\"}}}",
        ),
        (".env", "OPENAI_API_KEY=hunter2\n"),
        ("uv.lock", ""),
    ])
}

#[test]
fn a_proposal_reads_as_a_person_would_write_it() {
    insta::assert_snapshot!(project_file(&agent().inventory(), "helper", &Answers::default()));
}

#[test]
fn answers_are_written_down() {
    let answers = Answers {
        purpose: Some("Answers \"customers\"".to_owned()),
        role: Some(ProjectRole::Acquirer),
        owner: Some("ana@example.com".to_owned()),
        pins: Some(Pins {
            root: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU".to_owned(),
            log: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU".to_owned(),
        }),
        schema: true,
    };
    let text = project_file(&agent().inventory(), "helper", &answers);
    assert!(text.starts_with("#:schema ./bartizan.schema.json\n"), "{text}");
    let project = parsed(&text);
    assert_eq!((project.purpose.as_str(), project.role), ("Answers \"customers\"", ProjectRole::Acquirer));
    assert!(project.trust.root.is_some() && project.trust.log.is_some());
    assert!(project.groups.values().all(|group| group.members.len() == 1));
}

/// What the rules about project files still find is what nobody but its owner can know.
#[test]
fn what_the_rules_ask_for_is_what_only_people_know() {
    let answers = Answers { owner: Some("ana@example.com".to_owned()), ..Answers::default() };
    let project = parsed(&project_file(&agent().inventory(), "helper", &answers));
    let found = bartizan_project::check(&project, date(2026, 11, 1));
    let lines: Vec<_> = found.iter().map(|one| format!("{} {}", one.rule.code, one.message)).collect();
    assert_eq!(lines, ["PRJ003 the data set `data` lacks a source and a licence"]);
    let unowned = parsed(&project_file(&agent().inventory(), "helper", &Answers::default()));
    let codes: Vec<_> = bartizan_project::check(&unowned, date(2026, 11, 1))
        .iter()
        .map(|one| one.rule.code.to_string())
        .collect();
    assert_eq!(codes, ["PRJ003", "PRJ005", "PRJ005", "PRJ005"]);
}

#[test]
fn elements_follow_from_what_was_found() {
    let project = parsed(&project_file(&agent().inventory(), "helper", &Answers::default()));
    let kinds: Vec<_> = project
        .elements
        .iter()
        .map(|(id, element)| format!("{id} {} {}", element.kind, element.zone))
        .collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    app agent internal
    crm tool partner
    files tool internal
    huggingface-hub registry partner
    model-server model-server internal
    openai model-server partner
    qdrant vector-store internal
    users user internet
    ");
    assert!(project.flows.iter().all(|flow| project.elements.contains_key(&flow.from)));
    assert_eq!(project.flows.len(), 13);
    assert!(!project_file(&agent().inventory(), "helper", &Answers::default()).contains("hunter2"));
}

#[test]
fn a_folder_with_nothing_gets_a_skeleton() {
    let text = project_file(&Folder::new::<&str, &str>([]).inventory(), "", &Answers::default());
    let project = parsed(&text);
    assert_eq!((project.name.as_str(), project.assets.len(), project.elements.len()), ("project", 0, 0));
    // What is commented out is right as well, once it is filled in.
    let mut filled = String::new();
    for line in text.lines() {
        let bare = line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = "));
        let line = bare.unwrap_or(line);
        if !line.contains('…') && line != "[trust]" {
            filled.push_str(line);
            filled.push('\n');
        }
    }
    let project = parsed(&filled);
    assert_eq!(
        project.elements.values().filter(|element| element.kind == ElementKind::ModelServer).count(),
        1
    );
    assert_eq!(project.assets.len(), 1);
}

#[test]
fn who_trains_is_a_producer_of_models() {
    let trains = Folder::new([("t.py", "from trl import SFTTrainer\n"), ("d.jsonl", "{}")]);
    assert_eq!(trains.inventory().likely_role(), ProjectRole::ModelProducer);
    let project = parsed(&project_file(&trains.inventory(), "x", &Answers::default()));
    assert!(project.elements.values().any(|element| element.kind == ElementKind::TrainingJob));
    assert_eq!(agent().inventory().likely_role(), ProjectRole::SystemProducer);
}

#[test]
fn an_adapter_is_derived_from_the_model_that_it_names() {
    let config = |base: &str| format!("{{\n  \"base_model_name_or_path\": \"{base}\"\n}}");
    for (base, derived) in
        [("acme/base-7b", true), ("models/base", false), ("../base", false), ("a b/c", false)]
    {
        let folder = Folder::new([
            ("lora/adapter_config.json", config(base)),
            ("lora/adapter_model.safetensors", "x".to_owned()),
            ("models/base/model.safetensors", "x".to_owned()),
        ]);
        let project = parsed(&project_file(&folder.inventory(), "x", &Answers::default()));
        let adapter = project.assets.values().find(|asset| asset.kind.as_str() == "adapter").unwrap();
        assert_eq!(!adapter.derived_from.is_empty(), derived, "{base}");
        assert_eq!(project.assets.contains_key(&"base-7b".parse().unwrap()), derived, "{base}");
    }
}
