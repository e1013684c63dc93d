//! What the templates for CI servers run: `ci/run.sh` with the real program, with keys, and with hostile names.

mod judges;
mod outside;
mod templates;

use std::{
    fs,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::run::{Place, Ran, files};

/// A file of the repository.
fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// A folder with a runner's temporary folder and a folder of programs that come before those of the system.
struct Runner {
    place: Place,
}

impl Runner {
    fn new() -> Self {
        let place = Place::new();
        for folder in ["temp", "programs"] {
            fs::DirBuilder::new().mode(0o700).create(place.path(folder)).unwrap();
        }
        Self { place }
    }

    /// A program of the runner's, which is a script.
    fn program(&self, name: &str, script: &str) -> String {
        let name = format!("programs/{name}");
        self.place.write(&name, format!("#!/bin/sh\n{script}\n"));
        let path = self.place.path(&name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn shell(&self, script: &Path, words: &[&str], folder: &str, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new("sh");
        let system = std::env::var("PATH").unwrap_or_default();
        let bartizan = Path::new(env!("CARGO_BIN_EXE_bartizan")).parent().unwrap();
        command
            .arg(script)
            .args(words)
            .current_dir(self.place.path(folder))
            .env_clear()
            .env("PATH", format!("{}:{}:{system}", self.place.path("programs").display(), bartizan.display()))
            .env("XDG_STATE_HOME", self.place.path("state-home"))
            .env("RUNNER_TEMP", self.place.path("temp"))
            .envs(settings.iter().copied())
            .stdin(Stdio::null());
        command
    }

    /// `sh ci/run.sh VERB` in a folder, which must end with a code.
    fn ran(&self, verb: &str, folder: &str, settings: &[(&str, &str)], code: i32) -> Ran {
        let mut command = self.shell(&repository("ci/run.sh"), &[verb], folder, settings);
        expect(ran(&mut command), code)
    }

    /// `bartizan` in a folder, which must end with a code.
    fn bartizan(&self, folder: &str, arguments: &[&str], code: i32) -> Ran {
        expect(ran(self.place.command(arguments).current_dir(self.place.path(folder))), code)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.place.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What a step of a GitHub runner is given, with files for its outputs and its summary.
    fn github<'a>(&self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, String)> {
        let path = |name: &str| self.place.path(name).to_str().unwrap().to_owned();
        let files = [
            ("GITHUB_OUTPUT", path("outputs")),
            ("GITHUB_STEP_SUMMARY", path("summary.md")),
            ("BARTIZAN_CI_OUT", path("temp/report")),
            ("GITHUB_ACTIONS", "true".to_owned()),
        ];
        files.into_iter().chain(more.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
    }

    /// The names and values of outputs, in order.
    fn outputs(&self) -> Vec<(String, String)> {
        let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.text("outputs")
            .lines()
            .map(|line| pair(line).unwrap_or_else(|| panic!("no output: {line}")))
            .collect()
    }

    /// The keys that are left in the temporary folder.
    fn keys_left(&self) -> Vec<PathBuf> {
        let left = files(&self.place.path("temp"));
        left.into_iter().filter(|path| path.to_string_lossy().contains("bartizan-key")).collect()
    }

    /// The example with its keys in `home`, a copy without them in `runner`, and a key that the project knows as `ci`.
    fn with_example(self) -> Self {
        self.bartizan(".", &["demo", "helpdesk", "home"], 0);
        copy(&self.place.path("home"), &self.place.path("runner"));
        fs::remove_dir_all(self.place.path("runner/.bartizan")).unwrap();
        self.bartizan(".", &["key", "make", "ci.key"], 0);
        self.bartizan("home", &["trust", "add", "ci", "../ci.key.pub"], 0);
        self
    }
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn expect(ran: Ran, code: i32) -> Ran {
    assert_eq!(ran.code, code, "{ran:#?}");
    ran
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { fs::copy(&path, &target).map(drop).unwrap() }
    }
}

fn borrowed<'a>(settings: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// A text with a key in it, which is a finding of high severity.
const SECRET: &str =
    "key = \"AKIAQ3EGRV5NV5PLMWXA\"\nsecret = \"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\"\n";

#[test]
fn the_exit_code_is_that_of_the_check() {
    let runner = Runner::new();
    runner.place.write("plain/a.txt", "A plain text.\n");
    runner.place.write("secret/a.txt", SECRET);
    runner.place.write("odd/a.pkl", [0x80, 4]);
    fs::create_dir(runner.place.path("empty")).unwrap();
    for (folder, settings, code) in [
        ("plain", &[][..], 0),
        ("secret", &[], 1),
        ("secret", &[("BARTIZAN_CI_FAIL_ON", "critical")], 0),
        ("secret", &[("BARTIZAN_CI_FAIL_ON", "whatever")], 2),
        ("empty", &[], 3),
        ("odd", &[], 4),
        ("plain", &[("BARTIZAN_CI_BINARY", "no-such-program")], 2),
        ("plain", &[("BARTIZAN_CI_BINARY", "./a.txt")], 2),
        ("plain", &[("BARTIZAN_CI_PATH", "nowhere")], 2),
        ("plain", &[("BARTIZAN_CI_CONFIG", "no.toml")], 2),
        ("plain", &[("BARTIZAN_CI_KEY", "x")], 2),
        ("plain", &[("BARTIZAN_CI_OUT", "a\nb")], 2),
    ] {
        let ended = runner.ran("check", folder, settings, code);
        assert_eq!(
            ended.err.contains("no program"),
            settings.iter().any(|(name, _)| *name == "BARTIZAN_CI_BINARY")
        );
        let _ = fs::remove_dir_all(runner.place.path(folder).join("bartizan-report"));
    }
    for word in ["", "chek", "--help"] {
        expect(ran(&mut runner.shell(&repository("ci/run.sh"), &[word], ".", &[])), 2);
    }
}

#[test]
fn every_report_is_written_and_those_of_an_earlier_run_go() {
    let runner = Runner::new();
    runner.place.write("p/a.txt", SECRET);
    runner.ran("check", "p", &[], 1);
    let names = |runner: &Runner| -> Vec<String> {
        let all = files(&runner.place.path("p/bartizan-report"));
        all.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let all = [".gitignore", "report.html", "report.json", "report.md", "report.sarif", "report.xml"];
    assert_eq!(names(&runner), all);
    // A second run does not look at what the first one wrote.
    let first = runner.text("p/bartizan-report/report.json");
    runner.ran("check", "p", &[], 1);
    let assets = |text: &str| serde_json::from_str::<Value>(text).unwrap()["assets"].clone();
    assert_eq!(assets(&first), assets(&runner.text("p/bartizan-report/report.json")));
    // A run that could not begin leaves no report that could be taken for its own.
    runner.ran("check", "p", &[("BARTIZAN_CI_FAIL_ON", "whatever")], 2);
    assert_eq!(names(&runner), [".gitignore"]);
    // A link that somebody proposed is not followed.
    std::os::unix::fs::symlink(runner.place.path("temp"), runner.place.path("p/link")).unwrap();
    let linked = runner.ran("check", "p", &[("BARTIZAN_CI_OUT", "link/")], 2);
    assert!(linked.err.contains("is a link"), "{linked:#?}");
    fs::remove_file(runner.place.path("p/link")).unwrap();
    // A folder that was there is not hidden from Git.
    fs::create_dir(runner.place.path("mine")).unwrap();
    runner.ran("check", "p", &[("BARTIZAN_CI_OUT", "../mine/")], 1);
    assert!(!runner.place.path("mine/.gitignore").exists() && runner.place.path("mine/report.md").exists());
}

#[test]
fn only_what_is_new_against_the_baseline_fails() {
    let runner = Runner::new();
    runner.place.write("p/a.txt", SECRET);
    let absent = runner.ran("check", "p", &[("BARTIZAN_CI_BASELINE", "../base.json")], 1);
    assert!(absent.err.contains("every finding counts as new"), "{absent:#?}");
    fs::copy(runner.place.path("p/bartizan-report/report.json"), runner.place.path("base.json")).unwrap();
    runner.ran("check", "p", &[("BARTIZAN_CI_BASELINE", "../base.json")], 0);
    runner.place.write("p/b.txt", SECRET);
    runner.ran("check", "p", &[("BARTIZAN_CI_BASELINE", "../base.json")], 1);
}

#[test]
fn a_bundle_goes_from_the_runner_through_the_log_and_the_gate_to_whoever_deploys() {
    let runner = Runner::new().with_example();
    // As a form may hand it on.
    let key = runner.text("ci.key").replace('\n', "\r\n") + "\r\n";
    let signs =
        [("BARTIZAN_CI_COLLECTOR", "ci"), ("BARTIZAN_CI_KEY", key.as_str()), ("BARTIZAN_CI_OUT", "../out")];
    let said = runner.ran("check", "runner", &signs, 0);
    assert!(!said.err.contains("no key here"), "{said:#?}");
    let bundle = runner.text("out/bundle.intoto.jsonl");
    assert!(bundle.lines().count() > 5, "{bundle}");
    assert_eq!(runner.keys_left(), Vec::<PathBuf>::new());

    // Without a key there is no bundle, not even the earlier one.
    runner.ran("check", "runner", &signs[2..], 0);
    assert!(!runner.place.path("out/bundle.intoto.jsonl").exists());

    // Where the log is: refused before, open after.
    runner.place.write("ci.intoto.jsonl", &bundle);
    runner.bartizan("home", &["gate", "deploy", "--dry-run"], 1);
    let gate = [
        ("BARTIZAN_CI_GATES", "deploy"),
        ("BARTIZAN_CI_OUT", "../decided"),
        ("BARTIZAN_CI_BUNDLE", "../ci.intoto.jsonl"),
    ];
    let outputs = runner.place.path("outputs");
    let told: Vec<_> = gate.into_iter().chain([("GITHUB_OUTPUT", outputs.to_str().unwrap())]).collect();
    runner.ran("decide", "home", &told, 0);
    assert_eq!(runner.outputs(), [("folder".to_owned(), "../decided".to_owned())]);
    // What is wrong is not lost behind a gate that allows.
    let more: Vec<_> = gate.into_iter().chain([("BARTIZAN_CI_GATES", "no-such-gate, deploy")]).collect();
    runner.ran("decide", "home", &more, 2);

    let trust = runner.bartizan("home", &["trust", "show"], 0).out;
    let root = trust.split_once("root ").unwrap().1.split_whitespace().next().unwrap();
    let verify = |subject: &str, root: &str, code: i32| {
        let asked = [
            ("BARTIZAN_CI_DECISION", "decided/deploy.decision"),
            ("BARTIZAN_CI_ROOT", root),
            ("BARTIZAN_CI_SUBJECT", subject),
        ];
        runner.ran("verify", ".", &asked, code);
    };
    verify("runner/model", root, 0);
    verify("runner/model", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 5);
    verify("runner/model", "", 5);
    runner.place.write("runner/model/config.json", "{}");
    verify("runner/model", root, 1);

    // A bundle that is refused asks no gate.
    runner.bartizan(".", &["key", "make", "foreign.key"], 0);
    let foreign = runner.text("foreign.key");
    let poses = [
        ("BARTIZAN_CI_COLLECTOR", "ci"),
        ("BARTIZAN_CI_KEY", foreign.as_str()),
        ("BARTIZAN_CI_OUT", "../posing"),
    ];
    // What it found is no matter of who signed it: other weights than the pinned ones.
    runner.ran("check", "runner", &poses, 1);
    let bundle =
        [gate[0], ("BARTIZAN_CI_OUT", "../other"), ("BARTIZAN_CI_BUNDLE", "../posing/bundle.intoto.jsonl")];
    runner.ran("decide", "home", &bundle, 5);
    assert_eq!(files(&runner.place.path("other")), Vec::<PathBuf>::new());
}

#[test]
fn the_key_is_in_a_file_of_its_owner_for_as_long_as_the_check_runs() {
    let runner = Runner::new();
    let fake = runner.program(
        "fake",
        "for word; do case $word in --key=*) key=${word#--key=} ;; esac; done\n\
         ls -l \"$key\" >listed; cat \"$key\" >content; env >environment; printf '%s\\n' \"$@\" >words; exit \"$ENDS\"",
    );
    for ends in ["0", "1", "4", "5"] {
        let settings = [
            ("BARTIZAN_CI_BINARY", fake.as_str()),
            ("BARTIZAN_CI_COLLECTOR", "ci"),
            ("BARTIZAN_CI_KEY", "first line\nsecond \\n $(true) line"),
            ("ENDS", ends),
        ];
        runner.ran("check", ".", &settings, ends.parse().unwrap());
        assert!(runner.text("listed").starts_with("-rw------- "), "{}", runner.text("listed"));
        assert_eq!(runner.text("content"), "first line\nsecond \\n $(true) line\n");
        assert!(!runner.text("environment").contains("second"), "the key is in the environment");
        assert!(!runner.text("words").contains("second"), "the key is on the command line");
        assert_eq!(runner.keys_left(), Vec::<PathBuf>::new());
    }
    // A script that is told to end does so, and takes the key along.
    let fake = runner.program("slow", "kill -TERM \"$PPID\"; exit 0");
    let settings =
        [("BARTIZAN_CI_BINARY", fake.as_str()), ("BARTIZAN_CI_COLLECTOR", "ci"), ("BARTIZAN_CI_KEY", "x")];
    runner.ran("check", ".", &settings, 143);
    assert_eq!(runner.keys_left(), Vec::<PathBuf>::new());
    // One that was killed could not; the next step does.
    runner.place.write("temp/bartizan-key.abc/key", "x");
    runner.ran("forget", ".", &[], 0);
    assert_eq!(runner.keys_left(), Vec::<PathBuf>::new());
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let runner = Runner::new().with_example();
    let path = runner.place.path("ci.key");
    let settings = [
        ("BARTIZAN_CI_COLLECTOR", "ci"),
        ("BARTIZAN_CI_KEY_FILE", "../ci.key"),
        ("BARTIZAN_CI_OUT", "../out"),
    ];
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = runner.ran("check", "runner", &settings, 2);
    assert!(refused.err.contains("mode 0644"), "{refused:#?}");
    assert!(!runner.place.path("out/bundle.intoto.jsonl").exists());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    runner.ran("check", "runner", &settings, 0);
    assert!(path.exists() && runner.place.path("out/bundle.intoto.jsonl").exists());
}

/// Names that a shell, a list of words or a file of outputs would take apart.
const HOSTILE: [&str; 5] = [
    "$(touch pwned) `touch pwned`; touch pwned",
    "'; touch pwned; ' \"; touch pwned; \"",
    "a\ntouch pwned\nname=value",
    "--output=pwned",
    "* ? [a-z] ${HOME} \\ & touch pwned",
];

#[test]
fn names_run_nothing() {
    for name in HOSTILE {
        let runner = Runner::new();
        let toml = format!(
            "format = 1\n[project]\nname = {0}\npurpose = {0}\nrole = \"acquirer\"\n[asset.texts]\nkind = \"dataset\"\npath = \"data\"\n",
            Value::from(name.replace('\n', " "))
        );
        runner.place.write(&format!("{name}/bartizan.toml"), toml);
        runner.place.write(&format!("{name}/data/{name}.txt"), SECRET);
        let config = format!("{name}/bartizan.toml");
        let out = format!("out {}", name.replace('\n', " "));
        for settings in [
            vec![("BARTIZAN_CI_PATH", name), ("BARTIZAN_CI_BASELINE", name)],
            vec![("BARTIZAN_CI_CONFIG", config.as_str()), ("BARTIZAN_CI_OUT", out.as_str())],
        ] {
            let mut all = runner.github(&[]);
            all.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
            let said = runner.ran("github", ".", &borrowed(&all), 0);
            let names: Vec<_> = runner.outputs().into_iter().map(|(name, _)| name).collect();
            assert_eq!(
                names,
                [
                    "exit-code",
                    "folder",
                    "report",
                    "critical",
                    "high",
                    "medium",
                    "low",
                    "suppressed",
                    "sarif",
                    "alerts"
                ],
                "{said:#?}"
            );
            assert_eq!(runner.outputs()[0].1, "1", "{said:#?}");
            fs::remove_file(runner.place.path("outputs")).unwrap();
        }
        for setting in ["BARTIZAN_CI_GATES", "BARTIZAN_CI_FAIL_ON", "BARTIZAN_CI_BINARY", "BARTIZAN_CI_KEY"] {
            // None of these is a name of something that is there; a list may still have a word that is.
            let ended =
                ran(&mut runner.shell(&repository("ci/run.sh"), &["check"], name, &[(setting, name)]));
            assert_eq!(ended.code, 2, "{setting}: {ended:#?}");
        }
        let decided = [
            ("BARTIZAN_CI_BUNDLE", name),
            ("BARTIZAN_CI_GATES", "deploy"),
            ("BARTIZAN_CI_OUT", out.as_str()),
        ];
        assert_ne!(ran(&mut runner.shell(&repository("ci/run.sh"), &["decide"], name, &decided)).code, 0);
        let verified =
            [("BARTIZAN_CI_DECISION", name), ("BARTIZAN_CI_ROOT", name), ("BARTIZAN_CI_SUBJECT", name)];
        assert_ne!(ran(&mut runner.shell(&repository("ci/run.sh"), &["verify"], ".", &verified)).code, 0);
        let file = format!("data/{name}.txt");
        let hook = runner.shell(&repository("ci/pre-commit.sh"), &[&file], name, &[]).output().unwrap();
        assert_eq!(hook.status.code(), Some(1));
        for path in files(&runner.place.path(".")) {
            assert!(!path.ends_with("pwned"), "{name} made {}", path.display());
        }
    }
}
