//! What tools of others say: the published schemas of the files for CI servers, and pre-commit itself.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Runner, SECRET, expect, ran, repository};

/// A program beside the Python that `cargo xtask test` has set up.
fn tool(name: &str) -> PathBuf {
    let python = std::env::var_os("BARTIZAN_TOOLS_PYTHON");
    let python = python.unwrap_or_else(|| panic!("BARTIZAN_TOOLS_PYTHON is not set; run `cargo xtask test`"));
    Path::new(&python).with_file_name(name)
}

#[test]
fn interop_python_check_jsonschema_accepts_the_files_for_ci_servers() {
    let check = |schema: &str, file: &Path| {
        let mut command = Command::new(tool("check-jsonschema"));
        ran(command.args(["--builtin-schema", schema]).arg(file)).code
    };
    for (schema, names) in [
        (
            "vendor.github-actions",
            &["action.yml", "ci/github/decide/action.yml", "ci/github/verify/action.yml"][..],
        ),
        ("vendor.github-workflows", &["ci/github/bartizan.yml"]),
        ("vendor.gitlab-ci", &["ci/gitlab/bartizan.gitlab-ci.yml"]),
    ] {
        for name in names {
            assert_eq!(check(schema, &repository(name)), 0, "{name}");
            // A file that is not as the schema wants it is noticed.
            let runner = Runner::new();
            let text = fs::read_to_string(repository(name)).unwrap();
            let wrong = text
                .replace("\nruns:\n", "\nrun:\n")
                .replace("runs-on:", "run-on:")
                .replace("script:", "scripts:");
            assert_ne!(wrong, text);
            runner.place.write("wrong.yml", wrong);
            assert_eq!(check(schema, &runner.place.path("wrong.yml")), 1, "{name}");
        }
    }
}

/// A repository with the hooks as they are, and one that uses them.
#[test]
fn interop_python_pre_commit_runs_the_hooks() {
    let runner = Runner::new();
    let place = &runner.place;
    for name in [".pre-commit-hooks.yaml", "ci/pre-commit.sh"] {
        place.write(&format!("hooks/{name}"), "");
        fs::copy(repository(name), place.path(&format!("hooks/{name}"))).unwrap();
    }
    place.write("home/.keep", "");
    let run = |folder: &str, program: PathBuf, words: &[&str], code: i32| {
        let git = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
        let before: &[&str] = if program == Path::new("git") { &git } else { &[] };
        let system = std::env::var("PATH").unwrap();
        let bartizan = Path::new(env!("CARGO_BIN_EXE_bartizan")).parent().unwrap();
        let mut command = Command::new(program);
        command.args(before).args(words).current_dir(place.path(folder)).env_clear();
        command.env("PATH", format!("{}:{system}", bartizan.display())).env("HOME", place.path("home"));
        expect(ran(&mut command), code)
    };
    let git = |folder: &str, words: &[&str]| run(folder, "git".into(), words, 0).out;
    git("hooks", &["init", "--quiet"]);
    git("hooks", &["add", "."]);
    git("hooks", &["commit", "--quiet", "--message", "hooks"]);
    let commit = git("hooks", &["rev-parse", "HEAD"]);

    // The table of the guide, with this repository in the place of the published one.
    let guide = fs::read_to_string(repository("docs/guides/ci.md")).unwrap();
    let config =
        guide.split("```yaml\n").find(|block| block.starts_with("# .pre-commit-config.yaml")).unwrap();
    let config = config.split("```").next().unwrap();
    let hooks = place.path("hooks");
    let config = config
        .replace("https://github.com/bartizan/bartizan", hooks.to_str().unwrap())
        .replace("rev: main", &format!("rev: {}", commit.trim()));
    place.write("used/.pre-commit-config.yaml", config);
    place.write("used/a plain.txt", "A plain text.\n");
    git("used", &["init", "--quiet"]);
    git("used", &["add", "."]);
    let hook = |words: &[&str], code: i32| run("used", tool("pre-commit"), words, code);
    let passed = hook(&["run"], 0);
    assert_eq!(passed.out.matches("Passed").count(), 2, "{passed:#?}");

    let hostile = "se'cret $(touch pwned) \"x\".txt";
    place.write(&format!("used/{hostile}"), SECRET);
    git("used", &["add", "."]);
    let failed = hook(&["run"], 1);
    assert_eq!(failed.out.matches("Failed").count(), 2, "{failed:#?}");
    assert!(failed.out.contains("SEC001"), "{failed:#?}");
    assert!(!place.path("used/pwned").exists());
    // What is not staged is not looked at.
    git("used", &["rm", "--quiet", "--cached", hostile]);
    assert!(hook(&["run", "bartizan-files"], 0).out.contains("Passed"));
}
