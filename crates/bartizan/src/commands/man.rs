use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, roman},
};

use crate::{
    arguments::{self, examples},
    exit::{self, Exit},
    output,
};

/// The section of commands.
const SECTION: &str = "1";

/// What the program reads of its environment besides what stands for a flag.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("BARTIZAN_ROOT_PASSPHRASE", "Protects the root key when it is made, and opens it when it signs."),
    (
        "BARTIZAN_KEY_PASSPHRASE",
        "Protects the key of a person or of a collector elsewhere when it is made, and opens it when it signs.",
    ),
    ("NO_COLOR", "No colour where it is set and not empty, unless --color says otherwise."),
    ("COLUMNS", "The width that output is made for, where it goes to a terminal."),
    (
        "XDG_STATE_HOME",
        "The program remembers the last head of each log in bartizan/heads below this folder.",
    ),
    (
        "XDG_RUNTIME_DIR",
        "Where there is no state folder, the next link to the console is kept in this folder.",
    ),
    (
        "XDG_CONFIG_HOME",
        "What holds for all projects of a user is in bartizan/config.toml below this folder.",
    ),
    ("HOME", "Where the folders of XDG are not named, they are .local/state and .config below this one."),
];

/// The files of a project and of the program.
const FILES: [(&str, &str); 8] = [
    (
        "bartizan.toml",
        "The project: looked for here and in the folders above, up to the root of the repository.",
    ),
    (".bartizan/keys/", "Root, collector and log keys, each readable by its owner alone."),
    (".bartizan/trust.toml", "Who may make which evidence, signed by the root key."),
    (".bartizan/anchors/", "Who outside has seen the log: cosigned checkpoints and time stamps."),
    (".bartizan/ledger/", "The log of evidence, in the C2SP tlog-tiles layout, and the signed statements."),
    (
        "$XDG_STATE_HOME/bartizan/heads/",
        "The last head seen of each log, so that one that was cut is noticed.",
    ),
    (
        "$XDG_CONFIG_HOME/bartizan/config.toml",
        "The folder of the organisation's rules: organisation = \"rules\".",
    ),
    ("$XDG_STATE_HOME/bartizan/catalogs/", "Official texts that were taken in with config import-catalog."),
];

/// `bartizan man`
pub(crate) fn run(folder: Option<&Path>) -> anyhow::Result<Exit> {
    let pages = pages()?;
    let Some(folder) = folder else {
        let page = pages.get("bartizan.1").context("the program has no page")?;
        output::print(page)?;
        return Ok(Exit::Done);
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, page) in &pages {
        output::write_file(&folder.join(name), page)?;
    }
    output::print(&format!("Wrote {} pages to {}\n", pages.len(), folder.display()))?;
    Ok(Exit::Done)
}

/// A page for each command that is shown, by file name.
fn pages() -> anyhow::Result<BTreeMap<String, String>> {
    let mut root = arguments::command();
    root.build();
    let mut commands = vec![(String::new(), None, &root)];
    let mut pages = BTreeMap::new();
    while let Some((name, above, command)) = commands.pop() {
        let title = title(command);
        let page = page(&name, above, command)?;
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let name = format!("{name} {}", inner.get_name());
            commands.push((name.trim_start().to_owned(), Some(title.clone()), inner));
        }
        pages.insert(format!("{title}.{SECTION}"), page);
    }
    Ok(pages)
}

/// The name of a command's page: `bartizan-ledger-verify`.
fn title(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(name: &str, above: Option<String>, command: &clap::Command) -> anyhow::Result<String> {
    let man = Man::new(command.clone());
    // An empty date keeps its place here, and with it those after it.
    let head = format!(
        ".TH {} {SECTION} \"\" \"bartizan {}\" \"Bartizan Manual\"\n",
        title(command),
        super::VERSION
    );
    let mut text = head.into_bytes();
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let inner: Vec<_> = command.get_subcommands().filter(|inner| !inner.is_hide_set()).collect();
    if !inner.is_empty() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    for example in examples::of(name) {
        roff.control("TP", []);
        roff.text([bold(example.line)]);
        roff.text([roman(example.says)]);
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit::TABLE {
        entry(&mut roff, &code.to_string(), meaning);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, meaning) in environment(command) {
        entry(&mut roff, &variable, &meaning);
    }
    roff.control("SH", ["FILES"]);
    for (file, meaning) in FILES {
        roff.control("TP", []);
        roff.text([italic(file)]);
        roff.text([roman(meaning)]);
    }
    let related: Vec<_> = above.into_iter().chain(inner.into_iter().map(title)).collect();
    if !related.is_empty() {
        roff.control("SH", ["SEE ALSO"]);
        let last = related.len() - 1;
        for (at, page) in related.iter().enumerate() {
            let comma = if at == last { "" } else { "," };
            roff.text([bold(page.as_str()), roman(format!("({SECTION}){comma}"))]);
        }
    }
    roff.to_writer(&mut text)?;
    String::from_utf8(text).context("a manual page is not text")
}

fn entry(roff: &mut Roff, term: &str, meaning: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(meaning)]);
}

/// Every variable that a command or one below it reads.
fn environment(command: &clap::Command) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        ENVIRONMENT.iter().map(|(name, meaning)| ((*name).to_owned(), (*meaning).to_owned())).collect();
    let mut commands = vec![command];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands());
        for flag in command.get_arguments() {
            if let (Some(variable), Some(long)) = (flag.get_env(), flag.get_long()) {
                let meaning = format!("Stands for --{long} where that is not given.");
                all.insert(variable.to_string_lossy().into_owned(), meaning);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The text below a heading of a page, without its controls.
    fn section<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
        let lines = page.lines().skip_while(|line| {
            line.strip_prefix(".SH ").map(|title| title.trim_matches('"')) != Some(heading)
        });
        let lines = lines.skip(1).take_while(|line| !line.starts_with(".SH"));
        lines.filter(|line| !line.starts_with('.') && !line.trim().is_empty()).collect()
    }

    #[test]
    fn every_page_has_every_section() {
        let pages = pages().unwrap();
        assert!(pages.len() > 20, "{} pages", pages.len());
        assert!(pages.contains_key("bartizan-ledger-verify.1"), "{:?}", pages.keys());
        assert!(!pages.contains_key("bartizan-docs.1"), "a hidden command has a page");
        for (name, page) in &pages {
            for heading in [
                "NAME",
                "SYNOPSIS",
                "DESCRIPTION",
                "EXAMPLES",
                "EXIT STATUS",
                "ENVIRONMENT",
                "FILES",
                "SEE ALSO",
            ] {
                assert!(!section(page, heading).is_empty(), "{name} says nothing under {heading}:\n{page}");
            }
            let name = name.trim_end_matches(".1").replace('-', "\\-");
            let title = section(page, "NAME").join(" ");
            assert!(title.starts_with(&format!("{name} \\- ")), "{title}");
            let codes = section(page, "EXIT STATUS").join("\n");
            for (code, meaning) in exit::TABLE {
                let meaning = meaning.replace('-', "\\-");
                assert!(codes.contains(&format!("\\fB{code}\\fR\n{meaning}")), "{codes}");
            }
        }
    }

    #[test]
    fn every_option_has_a_description() {
        for (name, page) in pages().unwrap() {
            let lines: Vec<_> = page.lines().collect();
            for pair in lines.windows(3).filter(|lines| lines[0].starts_with(".TP")) {
                assert!(!pair[2].starts_with(".TP") && !pair[2].starts_with(".SH"), "{name}: {}", pair[1]);
            }
        }
    }

    #[test]
    fn every_variable_that_is_read_is_told() {
        let source = include_str!("../environment.rs");
        let read: BTreeSet<&str> = ["var(\"", "var_os(\""]
            .iter()
            .flat_map(|call| source.split(call).skip(1).filter_map(|rest| rest.split('"').next()))
            .collect();
        let listed: BTreeSet<&str> = ENVIRONMENT.iter().map(|(name, _)| *name).collect();
        assert_eq!(read, listed, "environment.rs and the manual differ");
        let mut root = arguments::command();
        root.build();
        let all = environment(&root);
        for flag in ["BARTIZAN_CONFIG", "BARTIZAN_STATE", "BARTIZAN_FAIL_ON"] {
            assert!(all[flag].starts_with("Stands for --"), "{}", all[flag]);
        }
    }
}
