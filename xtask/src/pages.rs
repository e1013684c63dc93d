//! `docs/reference`: written by the program about itself, never by hand.
//!
//! `bartizan docs FOLDER` writes the pages (rules, controls, command line, schemas); this module puts them into the
//! repository or says how the repository differs from them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cargo::cargo;
use crate::host::Host;
use crate::run::{Call, counted, say, say_all};
use crate::{Exit, files};

/// Where the pages lie in the repository.
const REFERENCE: &str = "docs/reference";

/// Builds the program, then writes the pages or only compares them.
pub(crate) fn run(host: &Host, check_only: bool) -> Result<Exit> {
    build(host)?;
    if check_only { check(host) } else { write(host) }.map(|()| Exit::Done)
}

/// Builds the program alone. `cargo xtask test` has it from the build of the tests.
pub(crate) fn build(host: &Host) -> Result<()> {
    cargo(host).args(["build", "--quiet", "--package", "bartizan"]).run()
}

/// Fails when the repository's pages are not those that the built program writes.
pub(crate) fn check(host: &Host) -> Result<()> {
    let (made, kept) = (generated(host)?, folder(&host.root.join(REFERENCE))?);
    let differences = differences(&made, &kept);
    if differences.is_empty() {
        say(&format!("{REFERENCE} is up to date: {}", counted(made.len(), "page")));
        return Ok(());
    }
    say_all(&differences);
    bail!("{REFERENCE} is stale; run `cargo xtask gen`")
}

/// Makes the repository's pages those that the built program writes.
fn write(host: &Host) -> Result<()> {
    let made = generated(host)?;
    let place = host.root.join(REFERENCE);
    files::remove_folder(&place)?;
    made.iter().try_for_each(|(name, bytes)| files::write(&place.join(name), bytes))?;
    say(&format!("wrote {} to {REFERENCE}", counted(made.len(), "page")));
    Ok(())
}

/// The pages as the built program writes them.
fn generated(host: &Host) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let place = host.target().join("xtask/reference");
    files::remove_folder(&place)?;
    std::fs::create_dir_all(&place)?;
    Call::new(host.target().join("debug/bartizan"), &host.root)
        .arg("docs")
        .arg(&place)
        // The pages must not depend on the terminal in which they are made.
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .run()?;
    let pages = folder(&place)?;
    if pages.is_empty() {
        bail!("`bartizan docs` wrote no page");
    }
    Ok(pages)
}

/// The files under a folder with their bytes; none where there is no folder.
fn folder(path: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    if !path.is_dir() {
        return Ok(BTreeMap::new());
    }
    files::list(path)?.into_iter().map(|name| Ok((name.clone(), files::read(&path.join(name))?))).collect()
}

/// A line for each page that is missing, left over or different, with the first line that differs.
fn differences(made: &BTreeMap<PathBuf, Vec<u8>>, kept: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, bytes) in made {
        let kept = kept.get(name);
        let name = name.display();
        match kept {
            None => lines.push(format!("{name} is missing")),
            Some(old) if old != bytes => {
                let (number, now, was) = first_difference(bytes, old);
                lines.push(format!("{name}:{number} says `{was}` and must say `{now}`"));
            }
            Some(_) => {}
        }
    }
    let left_over = kept.keys().filter(|name| !made.contains_key(*name));
    lines.extend(left_over.map(|name| format!("{} is left over", name.display())));
    lines
}

/// The number of the first line that differs, and the two lines, cut to what fits a terminal.
fn first_difference(now: &[u8], was: &[u8]) -> (usize, String, String) {
    let (now, was) = (String::from_utf8_lossy(now), String::from_utf8_lossy(was));
    let (mut now, mut was) = (now.split('\n'), was.split('\n'));
    let cut = |line: Option<&str>| line.map_or("end of file".into(), |line| line.chars().take(80).collect());
    let mut number = 1;
    loop {
        let (a, b) = (now.next(), was.next());
        if a != b || a.is_none() {
            return (number, cut(a), cut(b));
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(pages: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        pages.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn equal_pages_do_not_differ() {
        let one = pages(&[("rules.md", "# Rules\n"), ("rules/PKL.md", "x")]);
        assert_eq!(differences(&one, &one), [""; 0]);
    }

    #[test]
    fn each_difference_is_a_line() {
        let made = pages(&[("cli.md", "a\nb\n"), ("controls.md", "x\n"), ("rules.md", "a\nnew\n")]);
        let kept = pages(&[("cli.md", "a\nb\n"), ("old.md", "y\n"), ("rules.md", "a\nold\n")]);
        let expected =
            ["controls.md is missing", "rules.md:2 says `old` and must say `new`", "old.md is left over"];
        assert_eq!(differences(&made, &kept), expected);
    }

    #[test]
    fn a_shorter_page_differs_at_its_end() {
        assert_eq!(first_difference(b"a", b"a\nb"), (2, "end of file".into(), "b".into()));
    }

    #[test]
    fn pages_are_read_with_their_folders() -> Result<()> {
        let place = tempfile::tempdir()?;
        files::write(&place.path().join("rules/PKL.md"), "x")?;
        assert_eq!(folder(place.path())?, pages(&[("rules/PKL.md", "x")]));
        assert!(folder(&place.path().join("absent"))?.is_empty());
        Ok(())
    }
}
