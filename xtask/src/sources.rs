//! What no lint of the compiler sees in the repository's files: their length, the machine on which they were written,
//! text that a reader cannot see, model files, links that lead nowhere, and interop tests that name no judge.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};

use crate::files;
use crate::host::Host;
use crate::run::{Call, counted, say, say_all};
use crate::tools::JUDGES;

/// The most lines of a source file that is no table.
const MOST_LINES: usize = 800;
/// The most bytes of any file: what is larger is made by a program.
const MOST_BYTES: usize = 1024 * 1024;
/// Folders that only one machine has. Written in halves, since this file is looked at too.
const MACHINE_FOLDERS: [&str; 2] = [concat!("/ro", "ot/"), concat!("/wo", "rk/")];
/// Names of files that a loader would execute or map. Tests build such files; none is kept.
const MODEL_FILES: [&str; 9] = ["bin", "ckpt", "gguf", "h5", "pickle", "pkl", "pt", "pth", "safetensors"];

/// Looks at every file that git tracks or would track, and fails with everything it does not allow.
pub(crate) fn check(host: &Host) -> Result<()> {
    let list = Call::new("git", &host.root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .stdout()?;
    let mut names: Vec<&str> = list.split('\0').filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let mut faults = Vec::new();
    // A file that was deleted is listed until that is committed.
    for name in names.iter().filter(|name| host.root.join(name).is_file()) {
        let bytes = files::read(&host.root.join(name))?;
        faults.extend(faults_of(name, &bytes, &|link| host.root.join(link).exists()));
    }
    if faults.is_empty() {
        say(&format!("{} looked at", counted(names.len(), "file")));
        return Ok(());
    }
    say_all(&faults);
    bail!("{} in the sources", counted(faults.len(), "fault"))
}

/// What is wrong with one file. `exists` tells whether a path relative to the workspace leads somewhere.
fn faults_of(name: &str, bytes: &[u8], exists: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let path = Path::new(name);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let mut faults = Vec::new();
    if MODEL_FILES.contains(&ending) {
        faults.push(format!("{name} is a model file: build it in the test that needs it"));
    }
    if bytes.len() > MOST_BYTES {
        faults.push(format!("{name} has {} bytes, more than {MOST_BYTES}", bytes.len()));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return faults };
    let lines = text.lines().count();
    if ending == "rs" && lines > MOST_LINES && !is_table(path) {
        faults.push(format!(
            "{name} has {lines} lines; above {MOST_LINES} it is two files, unless it is a table"
        ));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(folder) = MACHINE_FOLDERS.iter().find(|folder| starts_a_path(line, folder)) {
            faults.push(format!("{name}:{number} names {folder}, which only one machine has"));
        }
        if ending == "rs" && names_no_judge(line) {
            let ids = JUDGES.map(|(id, _)| format!("interop_{id}_")).join(", ");
            faults.push(format!("{name}:{number} is a test of no judge: such names begin with {ids}"));
        }
        if let Some(hidden) = line.chars().find(|c| is_hidden(*c)) {
            let code = u32::from(hidden);
            faults.push(format!(
                "{name}:{number} holds U+{code:04X}, which a reader cannot see; write an escape"
            ));
        }
        if ending == "md" {
            let lost = links(line).filter(|link| !resolve(path, link).is_some_and(|link| exists(&link)));
            faults.extend(lost.map(|link| format!("{name}:{number} links to {link}, which is not there")));
        }
    }
    faults
}

/// Whether the line begins an interop test whose name does not say which judge it needs, so that no filter finds it.
fn names_no_judge(line: &str) -> bool {
    let rest = line.trim_start().strip_prefix("fn interop_");
    rest.is_some_and(|rest| {
        !JUDGES.iter().any(|(id, _)| rest.strip_prefix(id).is_some_and(|rest| rest.starts_with('_')))
    })
}

/// Whether a file is a table: rows of one kind, which read better in one place however many they are.
fn is_table(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    stem == "table" || stem.ends_with("_table")
}

/// Whether an absolute path that begins with `folder` stands in the line.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && !"_-.~*}{/>".contains(c))
    })
}

/// Characters that change how a text reads without being seen: the embeddings, overrides and isolates of
/// <https://www.unicode.org/reports/tr9/>, zero-width characters, and tags.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E007F}')
}

/// The targets of a line's Markdown links that point into the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?;
        let file = target.split('#').next()?;
        (!file.is_empty() && !target.contains(':')).then_some(file)
    })
}

/// The place of a link in a file, relative to the workspace; nothing when it leads out of it.
fn resolve(file: &Path, link: &str) -> Option<PathBuf> {
    let mut place = file.parent()?.to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::Normal(name) => place.push(name),
            Component::ParentDir => {
                if !place.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(name: &str, text: &str) -> Vec<String> {
        faults_of(name, text.as_bytes(), &|link| link == Path::new("docs/guide.md"))
    }

    #[test]
    fn a_plain_file_has_no_fault() {
        let text = "A [guide](../docs/guide.md#start), a [page](https://example.com/x), a [place](#here).\n";
        assert_eq!(faults("crates/README.md", text), [""; 0]);
        assert_eq!(faults("crates/x/src/lib.rs", "use crate::work::root;\n"), [""; 0]);
    }

    #[test]
    fn long_sources_are_told_but_for_tables() {
        let long = "\n".repeat(801);
        let expected = ["a/src/b.rs has 801 lines; above 800 it is two files, unless it is a table"];
        assert_eq!(faults("a/src/b.rs", &long), expected);
        assert_eq!(faults("a/src/b.rs", &"\n".repeat(800)), [""; 0]);
        assert_eq!(faults("a/src/kinds_table.rs", &long), [""; 0]);
        assert_eq!(faults("a/notes.txt", &long), [""; 0]);
    }

    #[test]
    fn paths_of_one_machine_are_told() {
        for folder in MACHINE_FOLDERS {
            let expected = [format!("notes.txt:2 names {folder}, which only one machine has")];
            assert_eq!(faults("notes.txt", &format!("see\n`{folder}main`\n")), expected);
            assert_eq!(faults("notes.txt", &format!("https://example.com{folder}x\n")), [""; 0]);
        }
    }

    #[test]
    fn tests_against_a_judge_name_it() {
        assert_eq!(faults("a.rs", "    fn interop_sarif_schema_accepts_it() {"), [""; 0]);
        for name in ["interop_accepts_it", "interop_pythonic"] {
            let told = faults("a.rs", &format!("    fn {name}() {{"));
            assert!(told.len() == 1 && told[0].contains("interop_sarif_schema_"), "{told:?}");
        }
    }

    #[test]
    fn hidden_text_is_told() {
        let expected = ["x.toml:1 holds U+202E, which a reader cannot see; write an escape"];
        assert_eq!(faults("x.toml", "name = \"\u{202E}txt\""), expected);
        assert_eq!(faults("x.toml", "naïve → ünïcode"), [""; 0]);
    }

    #[test]
    fn model_files_and_large_files_are_told() {
        assert_eq!(faults("x/a.pkl", ""), ["x/a.pkl is a model file: build it in the test that needs it"]);
        let large = vec![0xff; MOST_BYTES + 1];
        let told = faults_of("x.dat", &large, &|_| true);
        assert_eq!(told, ["x.dat has 1048577 bytes, more than 1048576"]);
    }

    #[test]
    fn lost_links_are_told() {
        let expected = ["docs/a.md:1 links to b.md, which is not there"];
        assert_eq!(faults("docs/a.md", "[a](guide.md) and [b](b.md \"title\")"), expected);
        let expected = ["docs/a.md:1 links to ../../x.md, which is not there"];
        assert_eq!(faults("docs/a.md", "[out](../../x.md)"), expected);
    }
}
