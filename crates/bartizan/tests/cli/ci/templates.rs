//! What the templates say: settings that the script knows, nothing from outside inside of a script, actions of others
//! by their full commit, and guides whose commands run.

use std::{collections::BTreeSet, fs};

use super::{Runner, expect, ran, repository};
use crate::run::files;

const ACTIONS: [&str; 3] = ["action.yml", "ci/github/decide/action.yml", "ci/github/verify/action.yml"];
const WORKFLOW: &str = "ci/github/bartizan.yml";

fn text(name: &str) -> String {
    fs::read_to_string(repository(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The words of a text that begin with `BARTIZAN_CI_`.
fn settings(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| word.starts_with("BARTIZAN_CI_") && word.len() > "BARTIZAN_CI_".len()).collect()
}

/// The value after `name:` in a line, with or without the `- ` of a list.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.trim().trim_start_matches("- ").strip_prefix(name)?.strip_prefix(':').map(str::trim)
}

/// What is wrong with a file of GitHub's by the rules that this repository holds itself to.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for line in text.lines() {
        if let Some(script) = value(line, "run")
            && (script.contains("${{") || script.starts_with(['|', '>']))
        {
            faults.push(format!("a script that has more than a call in it: {script}"));
        }
        if let Some(action) = value(line, "uses") {
            let (name, rest) = action.split_once('@').unwrap_or((action, ""));
            let (commit, comment) = rest.split_once(" # ").unwrap_or((rest, ""));
            let is_ours = name == "bartizan/bartizan" || name.starts_with("bartizan/bartizan/");
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_fixed = if is_ours {
                comment == "name the full commit that you trust"
            } else {
                is_commit && comment.starts_with('v')
            };
            if !is_fixed {
                faults.push(format!("an action that may change: {action}"));
            }
        }
        if line.contains("secrets.") && !line.trim().starts_with("key: ${{ secrets.BARTIZAN_KEY }}") {
            faults.push(format!("a secret beside the key: {line}"));
        }
    }
    faults
}

#[test]
fn nothing_from_outside_is_in_a_script() {
    for name in ACTIONS.into_iter().chain([WORKFLOW]) {
        assert_eq!(faults(&text(name)), Vec::<String>::new(), "{name}");
    }
    for wrong in [
        "run: echo ${{ github.head_ref }}",
        "- run: |",
        "- uses: actions/checkout@v4",
        "uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "uses: bartizan/bartizan@main",
        "TOKEN: ${{ secrets.TOKEN }}",
    ] {
        assert_eq!(faults(wrong).len(), 1, "{wrong}");
    }
}

#[test]
fn every_input_is_used_and_every_use_is_an_input() {
    for name in ACTIONS {
        let text = text(name);
        let (head, steps) = text.split_once("\nruns:\n").unwrap();
        let inputs = head.split_once("\ninputs:\n").unwrap().1.split("\noutputs:\n").next().unwrap();
        let of_two = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
        let declared: BTreeSet<&str> =
            inputs.lines().filter(of_two).filter_map(|line| line.trim().strip_suffix(':')).collect();
        let used: BTreeSet<&str> = text
            .split("inputs.")
            .skip(1)
            .map(|rest| {
                rest.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
                    .next()
                    .unwrap()
            })
            .collect();
        assert_eq!(declared, used, "{name}");
        assert!(declared.len() >= 5 && steps.contains("using: composite"), "{name}");
    }
}

#[test]
fn the_workflow_gives_each_job_what_it_needs_and_the_key_to_one() {
    let text = text(WORKFLOW);
    assert!(text.contains("\npermissions: {}\n"), "permissions that no job asked for");
    let jobs = text.split_once("\njobs:\n").unwrap().1;
    let mut found = Vec::new();
    for block in jobs.split("\n\n").map(|block| block.trim_start_matches('\n')) {
        let name =
            block.lines().find_map(|line| line.strip_prefix("  ").and_then(|line| line.strip_suffix(':')));
        let name =
            name.filter(|name| !name.starts_with([' ', '#'])).unwrap_or_else(|| panic!("no job: {block}"));
        let writes: Vec<_> = block.lines().filter(|line| line.contains(": write")).collect();
        found.push((name, writes.len(), block.contains("secrets."), block.contains("environment:")));
        assert!(block.contains("    permissions:\n"), "{name}");
        assert!(!block.contains("contents: write") && !block.contains("id-token"), "{name}");
        assert_eq!(
            block.matches("actions/checkout@").count(),
            block.matches("persist-credentials: false").count()
        );
    }
    let wanted = [
        ("propose", 2, false, false),
        ("sign", 1, true, true),
        ("decide", 0, false, false),
        ("deploy", 0, false, true),
    ];
    assert_eq!(found, wanted);
    assert!(!text.contains("pull_request_target"), "what a fork proposes would run with secrets");
}

#[test]
fn templates_and_guide_set_what_the_script_reads() {
    let script = text("ci/run.sh");
    let (documented, code) = script.split_once("\nset -euf\n").unwrap();
    let known: BTreeSet<&str> = settings(code);
    // Those of the action alone are told where the action is.
    let of_the_action =
        ["BARTIZAN_CI_ARTIFACT", "BARTIZAN_CI_BRANCH", "BARTIZAN_CI_PULL_REQUEST", "BARTIZAN_CI_SUMMARY"];
    let told: BTreeSet<&str> = settings(documented).into_iter().chain(of_the_action).collect();
    assert_eq!(known, told);
    let others = [
        "ci/gitlab/bartizan.gitlab-ci.yml",
        "ci/jenkins/Jenkinsfile",
        "ci/pre-commit.sh",
        "docs/guides/ci.md",
    ];
    for name in ACTIONS.into_iter().chain(others) {
        let text = text(name);
        let set =
            settings(&text).into_iter().filter(|name| *name != "BARTIZAN_CI_SCRIPT").collect::<BTreeSet<_>>();
        assert!(!set.is_empty() && set.is_subset(&known), "{name}: {set:?}");
    }
    // Each call names something that the script does.
    let verbs: Vec<&str> = documented
        .lines()
        .filter_map(|line| line.strip_prefix("#   sh run.sh ")?.split(' ').next())
        .collect();
    assert_eq!(verbs.len(), 8, "{verbs:?}");
    let mut calls = 0;
    for name in ACTIONS.into_iter().chain(others) {
        let text = text(name);
        for mark in ["run.sh\" ", "run.sh ", "\"$BARTIZAN_CI_SCRIPT\" "] {
            for rest in text.split(mark).skip(1) {
                let verb = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap();
                if rest.starts_with(|c: char| c.is_ascii_lowercase())
                    && !["and", "lies", "into"].contains(&verb)
                {
                    assert!(verbs.contains(&verb), "{name} calls {verb}");
                    calls += 1;
                }
            }
        }
    }
    assert!(calls >= 10, "{calls} calls");
}

#[test]
fn shells_can_read_the_scripts() {
    for name in ["ci/run.sh", "ci/pre-commit.sh"] {
        let runner = Runner::new();
        for shell in ["sh", "dash", "bash"] {
            let mut command = std::process::Command::new(shell);
            match command.arg("-n").arg(repository(name)).status() {
                Ok(status) => assert!(status.success(), "{shell} {name}"),
                Err(error) => {
                    assert!(shell != "sh" && error.kind() == std::io::ErrorKind::NotFound, "{error}");
                }
            }
        }
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(repository(name)).unwrap().permissions());
        assert_eq!(mode & 0o111, 0o111, "{name} cannot be started");
        drop(runner);
    }
}

#[test]
fn the_hook_looks_at_each_file_by_itself() {
    let runner = Runner::new();
    runner.place.write("p/bartizan.toml", "this is no project file");
    runner.place.write("p/plain.txt", "A plain text.\n");
    runner.place.write("p/picture.png", [0x89, b'P', b'N', b'G', 0, 1]);
    runner.place.write("p/model dir/one.pkl", crate::run::pickle_with_a_call());
    runner.place.write("p/secret.txt", super::SECRET);
    let hook = |names: &[&str], settings: &[(&str, &str)], code: i32| {
        expect(ran(&mut runner.shell(&repository("ci/pre-commit.sh"), names, "p", settings)), code)
    };
    assert_eq!(hook(&["plain.txt", "picture.png", "bartizan.toml"], &[], 0).out, "");
    hook(&[], &[], 0);
    let found =
        hook(&["plain.txt", "model dir/one.pkl", "secret.txt"], &[("BARTIZAN_CONFIG", "bartizan.toml")], 1);
    assert!(found.out.contains("PKL001") && found.out.contains("SEC001"), "{found:#?}");
    assert!(!found.out.contains("plain.txt") && !found.out.contains("satisfied"), "{found:#?}");
    hook(&["gone.txt"], &[], 1);
    hook(&["plain.txt"], &[("BARTIZAN_CI_BINARY", "no-such-program")], 2);
    // Nothing is recorded.
    assert_eq!(files(&runner.place.path("p")).len(), 5);
}

/// The blocks of a page that a shell can run, in their order.
fn script(page: &str) -> String {
    let mut blocks = page.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```\n").next().unwrap());
    let first = blocks.next().unwrap_or_else(|| panic!("there is nothing to run"));
    blocks.fold(first.to_owned(), |all, block| format!("{all}\n{block}"))
}

/// Runs a guide from its first command to its last in an empty folder.
fn follow(name: &str) -> String {
    let runner = Runner::new();
    let page = text(name).replace("path/to/bartizan/ci/", &format!("{}/", repository("ci").display()));
    runner.place.write("guide.sh", format!("set -eu\n{}\n", script(&page)));
    let guide = runner.place.path("guide.sh");
    let home = runner.place.path("config-home");
    let settings = [("XDG_CONFIG_HOME", home.to_str().unwrap())];
    fs::create_dir(runner.place.path("work")).unwrap();
    let ended = expect(ran(&mut runner.shell(&guide, &[], "work", &settings)), 0);
    // What the page says that a command prints, it prints.
    for block in page.split("\n```text\n").skip(1).map(|rest| rest.split("\n```\n").next().unwrap()) {
        for line in block.lines().filter(|line| !line.trim().is_empty() && !line.contains('…')) {
            assert!(
                ended.out.contains(line.trim()),
                "{name} shows `{line}`, which is not in:\n{}",
                ended.out
            );
        }
    }
    ended.out
}

#[test]
fn the_guide_to_ci_can_be_followed() {
    follow("docs/guides/ci.md");
}

#[test]
fn the_guide_to_gates_can_be_followed() {
    follow("docs/guides/gates.md");
}

#[test]
fn the_guide_to_evidence_can_be_followed() {
    follow("docs/guides/evidence.md");
}

/// What a guide cannot run here (a network, a cluster) it at least says in words that the program takes.
#[test]
fn the_program_takes_what_the_guides_only_show() {
    let mut calls = 0;
    for name in ["docs/guides/ci.md", "docs/guides/gates.md", "docs/guides/evidence.md"] {
        let page = text(name).replace("\\\n", " ");
        for line in page.lines().filter_map(|line| line.strip_prefix("$ bartizan ")) {
            let words = line.split(" < ").next().unwrap_or_default().split_whitespace().chain(["--help"]);
            let shown = crate::run::Place::new().run(&words.collect::<Vec<_>>());
            assert_eq!(shown.code, 0, "{line}: {}", shown.err);
            calls += 1;
        }
    }
    assert!(calls >= 5, "{calls} calls");
}
