use std::{
    fs,
    io::{Read as _, Write as _},
    process::Stdio,
};

use crate::run::{Place, files, safetensors};

fn agent(place: &Place, folder: &str) {
    place.write(&format!("{folder}/app/main.py"), "from openai import OpenAI\nmodel = \"gpt-4o\"\n");
    place.write(&format!("{folder}/app/prompts/system.md"), "You answer.\n");
    place.write(&format!("{folder}/data/tickets.csv"), "id,text\n1,hello\n");
    place.write(
        &format!("{folder}/.mcp.json"),
        "{\"mcpServers\": {\"files\": {\"command\": \"npx\", \"args\": [\"server-filesystem\"]}}}",
    );
    place.write(&format!("{folder}/requirements.txt"), "openai==1.99.0\n");
}

#[test]
fn a_check_takes_what_init_wrote_at_once() {
    let place = Place::new();
    agent(&place, "agent");
    place.write("weights/model.safetensors", safetensors(64));
    place.write("weights/config.json", "{}\n");
    place.write("adapter/lora/adapter_config.json", "{}\n");
    place.write("adapter/lora/adapter_model.safetensors", safetensors(64));
    place.write("prose/README.md", "GPT-4 is a model.\n");
    for (folder, code) in [("agent", 1), ("weights", 0), ("adapter", 0)] {
        let ran = place.run(&["init", folder, "--yes"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("bartizan check"), "{}", ran.out);
        let text = fs::read_to_string(place.path(folder).join("bartizan.toml")).unwrap();
        assert!(text.starts_with("#:schema ./bartizan.schema.json\n"), "{text}");
        assert!(place.path(folder).join("bartizan.schema.json").is_file());
        let (checked, report) = place.check(folder);
        assert_eq!(checked, code, "{folder}: {}", report["outcome"]);
        assert_eq!(report["run"]["recorded"]["kind"], "ledger", "{folder}");
        assert_eq!(report["outcome"]["verification"]["word"], "verified", "{folder}");
        assert_eq!(report["outcome"]["coverage"]["word"], "complete", "{folder}");
    }
    // What is high in the agent are threats of the system that was described, and nothing about the description.
    let (_, report) = place.check("agent");
    let findings = report["findings"].as_array().unwrap();
    let high =
        findings.iter().filter(|one| one["severity"] == "high").map(|one| one["rule"].as_str().unwrap());
    let high: Vec<_> = high.collect();
    assert!(!high.is_empty() && high.iter().all(|rule| rule.starts_with("THR")), "{high:?}");
    assert_eq!(place.run(&["init", "prose", "--yes"]).code, 0);
    assert_eq!(place.run(&["check", "prose"]).code, 3, "prose is nothing to check");
}

#[test]
fn nothing_is_overwritten_without_force_and_nothing_is_lost_with_it() {
    let place = Place::new();
    agent(&place, "a");
    place.write("a/bartizan.toml", "mine\n");
    let before = files(&place.path("a"));
    let ran = place.run(&["init", "a", "--yes"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("exists already") && ran.err.contains("--force"), "{}", ran.err);
    assert_eq!(files(&place.path("a")), before);

    assert_eq!(place.run(&["init", "a", "--yes", "--force", "--name", "first"]).code, 0);
    assert_eq!(fs::read_to_string(place.path("a/bartizan.toml.before")).unwrap(), "mine\n");
    let key = fs::read(place.path("a/.bartizan/keys/root.key")).unwrap();
    let again = place.run(&["init", "a", "--yes", "--force", "--name", "second"]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.contains("are kept"), "{}", again.out);
    assert!(fs::read_to_string(place.path("a/bartizan.toml.before-2")).unwrap().contains("name = \"first\""));
    assert_eq!(fs::read(place.path("a/.bartizan/keys/root.key")).unwrap(), key);
    assert_eq!(place.check("a").0, 1);
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_written() {
    let place = Place::new();
    agent(&place, "a");
    place.write("file", "x");
    let before = files(&place.path("a"));
    for (arguments, says) in [
        (&["init", "nowhere", "--yes"][..], "cannot open the folder"),
        (&["init", "file", "--yes"], "is not a folder"),
        (&["init", "a"], "`bartizan init --yes` takes the defaults"),
        (&["init", "a", "--yes", "--role", "king"], "model-producer"),
    ] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    assert_eq!(files(&place.path("a")), before);
    assert!(!place.path("file.tmp").exists());
}

#[test]
fn a_write_that_fails_leaves_nothing_behind() {
    let place = Place::new();
    agent(&place, "a");
    // The schema cannot be put in the place of a folder that holds something.
    place.write("a/bartizan.schema.json/x", "x");
    place.write("a/bartizan.toml", "mine\n");
    let before = files(&place.path("a"));
    let ran = place.run(&["init", "a", "--yes", "--force"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(files(&place.path("a")), before);
    assert_eq!(fs::read_to_string(place.path("a/bartizan.toml")).unwrap(), "mine\n");
}

#[test]
fn an_empty_folder_gets_a_skeleton_and_keys_can_wait() {
    let place = Place::new();
    fs::create_dir(place.path("e")).unwrap();
    let ran = place.run(&["init", "e", "--yes", "--no-keys", "--name", "Ünï \"x\"", "--role", "acquirer"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("skeleton") && ran.out.contains("No keys were made"), "{}", ran.out);
    assert!(!place.path("e/.bartizan").exists());
    assert_eq!(place.run(&["check", "e"]).code, 3);
    let listed = place.run(&["threat", "list", "--config", "e/bartizan.toml"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(fs::read_to_string(place.path("e/bartizan.toml")).unwrap().contains("name = \"Ünï \\\"x\\\"\""));
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let place = Place::new();
    place.write("h/\u{1b}[31mred\u{202e}.py", "import openai\n");
    place.write("h/new\nline.jsonl", "{}\n");
    let ran = place.run(&["init", "h", "--yes"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{}", ran.out);
    assert_ne!(place.check("h").0, 2);
}

/// The questions, on a real terminal: a wrong answer is asked again, Enter takes the default.
#[test]
fn questions_are_asked_on_a_terminal() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let place = Place::new();
    agent(&place, "a");
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let terminal = fs::File::options().read(true).write(true).open(name).unwrap();
    let mut child = place
        .command(&["init", "a"])
        .stdin(terminal)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = fs::File::from(master);
    keyboard.write_all(b"shop\nAnswers customers\nking\n\nnot an address\nana@example.com\n").unwrap();
    let mut asked = String::new();
    child.stderr.take().unwrap().read_to_string(&mut asked).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{asked}");
    assert!(asked.contains("What is the project called? [a]"), "{asked}");
    assert!(asked.contains("It is one of model-producer") && asked.contains("no e-mail address"), "{asked}");
    let text = fs::read_to_string(place.path("a/bartizan.toml")).unwrap();
    for line in [
        "name = \"shop\"",
        "purpose = \"Answers customers\"",
        "role = \"system-producer\"",
        "members = [\"ana@example.com\"]",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn a_file_of_variables_is_seen_though_git_ignores_it() {
    let place = Place::new();
    agent(&place, "agent");
    fs::create_dir(place.path("agent/.git")).unwrap();
    place.write("agent/.gitignore", ".env\n");
    place.write("agent/.env", "ANTHROPIC_API_KEY=made-up\n");
    let ran = place.run(&["init", "agent", "--yes", "--no-keys"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = fs::read_to_string(place.path("agent/bartizan.toml")).unwrap();
    assert!(text.contains("path = \".env\""), "{text}");
    assert!(!text.contains("made-up"), "{text}");
}
