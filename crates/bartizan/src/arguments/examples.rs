//! The calls that the help and the manual pages show. A test parses every one of them, so that none is wrong.

/// A call, and what it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    /// The call, as it is typed.
    pub(crate) line: &'static str,
    /// What it is for: a fragment without a full stop.
    pub(crate) says: &'static str,
}

/// The examples of a command, which is named without the program: `ledger verify`, or nothing for the program itself.
pub(crate) fn of(command: &str) -> &'static [Example] {
    TABLE.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| *examples)
}

const fn example(line: &'static str, says: &'static str) -> Example {
    Example { line, says }
}

/// The short help shows the first two of each command, the long help and the manual all.
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &[Example])] = &[
    ("", &[
        example("bartizan up", "check the project here, or an example; then the console"),
        example("bartizan check", "check the project in this folder"),
        example("bartizan init", "write a project file for what is in this folder"),
        example("bartizan explain PKL001", "what a finding means and how to mend it"),
    ]),
    ("init", &[
        example("bartizan init", "ask, and write bartizan.toml for this folder"),
        example("bartizan init --yes ~/helpdesk", "take the defaults, in scripts"),
        example("bartizan init --force --no-keys", "anew; the old file and the keys stay"),
    ]),
    ("check", &[
        example("bartizan check", "check the project in this folder"),
        example("bartizan check models/llama.safetensors", "look at one file"),
        example("bartizan check --format html=report.html --format sarif=out.sarif", "a page to hand on, and a log for a code host"),
        example("bartizan check --fail-on medium --require model-scan", "fail earlier, and insist on a control"),
    ]),
    ("up", &[
        example("bartizan up", "check the project here, or an example, then serve the console"),
        example("bartizan up --demo", "the example, even where there is a project"),
        example("bartizan up --once ~/helpdesk", "check that project and print, without a console"),
        example("bartizan up --listen 127.0.0.1:9000", "serve the console on another port"),
    ]),
    ("demo", &[
        example("bartizan demo helpdesk /tmp/helpdesk", "a support assistant, as it should be"),
        example("bartizan demo compromised /tmp/compromised", "the same with planted faults"),
        example("bartizan demo helpdesk /tmp/other --seed 7", "other content"),
    ]),
    ("threat", &[
        example("bartizan threat list", "every threat that holds for the declared system"),
        example("bartizan threat show THR001", "why it holds, along which path"),
    ]),
    ("threat list", &[
        example("bartizan threat list", "every threat that holds for the declared system"),
        example("bartizan threat list --format json", "the same for programs"),
    ]),
    ("threat show", &[
        example("bartizan threat show THR001", "the threats of one rule"),
        example("bartizan threat show THR001 --config ~/helpdesk/bartizan.toml", "of a project elsewhere"),
    ]),
    ("risk", &[
        example("bartizan risk list", "what the threats weigh, worst first"),
        example("bartizan risk list --format json", "the same for programs"),
    ]),
    ("risk list", &[
        example("bartizan risk list", "what the threats weigh, worst first"),
        example("bartizan risk list --format json", "the same for programs"),
    ]),
    ("key", &[
        example("bartizan key new", "make the keys of this project"),
        example("bartizan key renew", "replace the collector key before it runs out"),
        example("bartizan key list", "which keys there are"),
    ]),
    ("key new", &[
        example("bartizan key new", "keys in .bartizan beside the project file"),
        example("bartizan key new --state /var/lib/bartizan/state", "keys in another folder"),
    ]),
    ("key renew", &[
        example("bartizan key renew", "replace the collector key"),
        example("bartizan key renew --config ~/helpdesk/bartizan.toml", "of a project elsewhere"),
    ]),
    ("key list", &[
        example("bartizan key list", "which keys there are, by fingerprint"),
        example("bartizan key list --state /var/lib/bartizan/state", "in another folder"),
    ]),
    ("trust", &[
        example("bartizan trust show", "who may make which evidence, until when"),
        example("bartizan trust show --config ~/helpdesk/bartizan.toml", "for a project elsewhere"),
    ]),
    ("trust show", &[
        example("bartizan trust show", "who may make which evidence, until when"),
        example("bartizan trust show --config ~/helpdesk/bartizan.toml", "for a project elsewhere"),
    ]),
    ("ledger", &[
        example("bartizan ledger log -n 5", "the five newest entries"),
        example("bartizan ledger verify", "audit every file of the log"),
        example("bartizan ledger prove 12 > entry-12.proof", "a proof to hand on"),
    ]),
    ("ledger log", &[
        example("bartizan ledger log -n 5", "the five newest entries"),
        example("bartizan ledger log --format json", "the twenty newest, for programs"),
    ]),
    ("ledger verify", &[
        example("bartizan ledger verify", "audit the log against the last head seen here"),
        example("bartizan ledger verify --head kept-elsewhere", "against a head that was kept elsewhere"),
    ]),
    ("ledger prove", &[
        example("bartizan ledger prove 12", "the proof that entry 12 is in the log"),
        example("bartizan ledger prove 12 > entry-12.proof", "the same, to hand on"),
    ]),
    ("explain", &[
        example("bartizan explain PKL001", "a rule: what it finds, why, how to mend it"),
        example("bartizan explain SEC001/stripe-live", "one variant of a rule"),
        example("bartizan explain model-scan", "a control: what must be shown for it"),
    ]),
    ("rules", &[
        example("bartizan rules", "every rule with its severity"),
        example("bartizan rules --format json", "the same for programs"),
    ]),
    ("config", &[
        example("bartizan config schema > bartizan.schema.json", "the schema, for an editor"),
        example("bartizan config import-catalog catalog.json", "official texts for `bartizan explain`"),
    ]),
    ("config schema", &[
        example("bartizan config schema", "the schema of the project file"),
        example("bartizan config schema > bartizan.schema.json", "the same, for an editor"),
    ]),
    ("config import-catalog", &[
        example("bartizan config import-catalog catalog.json", "take in the official texts"),
        example("bartizan explain model-scan", "then shows them"),
    ]),
    ("doctor", &[
        example("bartizan doctor", "look at the project here and at this machine"),
        example("bartizan doctor --format json", "the same for programs"),
        example("bartizan doctor --config ~/helpdesk/bartizan.toml", "for a project elsewhere"),
    ]),
    ("completions", &[
        example("bartizan completions bash > ~/.local/share/bash-completion/completions/bartizan", "bash"),
        example("bartizan completions fish > ~/.config/fish/completions/bartizan.fish", "fish"),
        example("bartizan completions zsh > ~/.zfunc/_bartizan", "zsh, where ~/.zfunc is in fpath"),
    ]),
    ("man", &[
        example("bartizan man | man -l -", "read the page of the program"),
        example("bartizan man ~/.local/share/man/man1", "one page for each command"),
    ]),
];
