//! The command line, defined once: help, completions, manual and reference pages come from it.

mod evidence;
pub(crate) mod examples;
mod help;
mod model;
mod standards;

use std::path::PathBuf;

use bartizan_finding::Severity;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint, builder::styling};

pub(crate) use evidence::{
    About, AcceptArguments, AdmitArguments, AskArguments, ExceptionArguments, ExceptionCommand,
    GateArguments, GateCommand, KeyArgument, KeyCommand, LedgerCommand, PassArguments, ReportCommand,
    StampArguments, Terms, TrustCommand, VerifyArguments,
};
pub(crate) use help::{command, parse};
pub(crate) use model::{ConvertArguments, ModelCommand, ScanArguments};
pub(crate) use standards::StandardsCommand;

const STYLES: styling::Styles = styling::Styles::styled()
    .header(styling::AnsiColor::Cyan.on_default().bold())
    .usage(styling::AnsiColor::Cyan.on_default().bold())
    .literal(styling::AnsiColor::Green.on_default())
    .placeholder(styling::AnsiColor::Yellow.on_default());

/// Guards a large language model over its whole life: threats, data, weights, evidence.
#[derive(Debug, Parser)]
#[command(name = "bartizan", version, styles = STYLES, propagate_version = true)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Use this project file instead of the one that is found
    #[arg(long, global = true, value_name = "FILE", help_heading = "Project")]
    #[arg(env = "BARTIZAN_CONFIG", hide_env_values = true, value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Keep keys and ledger here instead of in .bartizan beside the project file
    #[arg(long, global = true, value_name = "DIR", help_heading = "Project")]
    #[arg(env = "BARTIZAN_STATE", hide_env_values = true, value_hint = ValueHint::DirPath)]
    pub(crate) state: Option<PathBuf>,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(crate) color: Color,
    /// Say only the verdict
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Say everything
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
    /// Show no progress
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) no_progress: bool,
    /// Use no network; only `ledger stamp` and `ledger witness` do, where an address is named
    #[arg(long, global = true, help_heading = "Project")]
    pub(crate) offline: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// Where the output is a terminal and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented project file for what is in a folder, and make its keys
    Init(InitArguments),
    /// Check a project: findings, status, evidence, report
    Check(CheckArguments),
    /// Check the project here, or an example where there is none
    Up(UpArguments),
    /// Write an example project
    Demo {
        /// Which one
        kind: DemoKind,
        /// Where; the folder must be empty or not exist
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
        /// What its content is generated from
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Threats derived from the project file
    #[command(subcommand)]
    Threat(ThreatCommand),
    /// Risks: threats with likelihood, impact, owner and treatment
    #[command(subcommand)]
    Risk(RiskCommand),
    /// Model files by themselves: scan them, convert them
    #[command(subcommand)]
    Model(ModelCommand),
    /// Keys of this project
    #[command(subcommand)]
    Key(KeyCommand),
    /// Who may make which evidence
    #[command(subcommand)]
    Trust(TrustCommand),
    /// The evidence log
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Ask whether the evidence lets something pass: train, release, deploy, share, unseal
    ///
    /// Reads the recorded evidence and the bytes, decides by the gate's policy, and explains each rule that refuses
    /// with its control and remedy. The decision is recorded, and ends with 0 or 1.
    Gate(GateArguments),
    /// Decisions to live with something, each asked for by one person and agreed to by another
    #[command(subcommand)]
    Exception(ExceptionCommand),
    /// Say how each control stands by the recorded evidence, without looking into files anew
    Assess(AssessArguments),
    /// Hand on what was found and what is evidenced
    #[command(subcommand)]
    Report(ReportCommand),
    /// Say what a rule, a control or an entry of a standard is about
    Explain {
        /// A rule (PKL001), a variant (SEC001/stripe-live), a control (model-scan) or a reference
        /// (owasp-llm:2026/LLM04)
        code: String,
    },
    /// List all rules
    Rules {
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Standards and lists of risks by edition, and what became of their entries
    #[command(subcommand)]
    Standards(StandardsCommand),
    /// The project file's schema, and official texts of the standards
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look for what would make a check fail
    ///
    /// Looks at this machine, the project file, keys, trust and log, and changes nothing. Each line says what was
    /// seen (● good, ◐ a hint, ■ in the way of a recorded check) and what to do about it. Ends with 0 where nothing
    /// is in the way, else with 4. Uses no network.
    Doctor {
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Write completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    ///
    /// Prints the page of the program, or writes one page for each command into a folder.
    Man {
        /// A folder, which is made where it does not exist [default: standard output]
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        folder: Option<PathBuf>,
    },
    /// Write the generated reference pages
    #[command(hide = true)]
    Docs {
        /// Where
        folder: PathBuf,
    },
}

/// What `init` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct InitArguments {
    /// The folder of the project [default: this folder]
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) path: Option<PathBuf>,
    /// Ask nothing and take the defaults
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Write a new project file where there is one, and keep the old one
    #[arg(long)]
    pub(crate) force: bool,
    /// What the project is called [default: the name of the folder]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What the project does with models
    #[arg(long, value_parser = ["model-producer", "system-producer", "acquirer"])]
    pub(crate) role: Option<String>,
    /// Make no keys
    #[arg(long)]
    pub(crate) no_keys: bool,
}

/// What `check` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct CheckArguments {
    /// A project folder, a project file, or a single file [default: this folder]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: Option<PathBuf>,
    /// How to report, and where to: text, json, sarif, markdown, junit, html, or html=FILE; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) format: Vec<Format>,
    /// Write what would go to standard output to this file
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// From which severity on a finding makes the run fail
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    #[arg(env = "BARTIZAN_FAIL_ON", hide_env_values = true)]
    pub(crate) fail_on: Severity,
    /// Fail unless these controls are satisfied or not applicable; may be given several times
    #[arg(long, value_name = "CONTROL")]
    pub(crate) require: Vec<bartizan_finding::ControlId>,
    /// Fail unless these gates allow; may be given several times
    #[arg(long, value_name = "GATE")]
    pub(crate) gate: Vec<bartizan_finding::GateId>,
    /// A folder of gate rules that no project can override
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(env = "BARTIZAN_ORGANISATION", hide_env_values = true)]
    pub(crate) organisation: Option<PathBuf>,
    /// An earlier report in JSON: findings that stand in it are not new and do not fail the run
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) baseline: Option<PathBuf>,
    /// The bundle of an earlier run: what it declared and is gone now is a finding, where there is no log to tell
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) previous: Option<PathBuf>,
    /// Sign what is seen and write it to this file, for a log elsewhere; nothing is recorded here
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires_all = ["collector", "key"])]
    pub(crate) bundle: Option<PathBuf>,
    /// The name that the other log knows this collector by
    #[arg(long, value_name = "NAME", env = "BARTIZAN_COLLECTOR", hide_env_values = true)]
    pub(crate) collector: Option<String>,
    /// The private key of this collector, as `bartizan key make` writes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(env = "BARTIZAN_KEY", hide_env_values = true)]
    pub(crate) key: Option<PathBuf>,
}

/// What `assess` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct AssessArguments {
    /// A project folder or a project file [default: this folder]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: Option<PathBuf>,
    /// How to report, and where to, as `check` does
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) format: Vec<Format>,
    /// Fail unless these controls are satisfied or not applicable; may be given several times
    #[arg(long, value_name = "CONTROL")]
    pub(crate) require: Vec<bartizan_finding::ControlId>,
}

/// What `up` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct UpArguments {
    /// A project folder [default: this folder]
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) path: Option<PathBuf>,
    /// Use the example even where there is a project
    #[arg(long)]
    pub(crate) demo: bool,
    /// Where the console listens [default: 127.0.0.1:8686, or another port where that is taken]
    #[arg(long, value_name = "ADDRESS:PORT", env = "BARTIZAN_LISTEN", hide_env_values = true)]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// An address under which people reach the console through a server before it; may be given several times
    #[arg(long, value_name = "URL", value_delimiter = ',', value_hint = ValueHint::Url)]
    #[arg(env = "BARTIZAN_ORIGIN", hide_env_values = true)]
    pub(crate) origin: Vec<bartizan_console::Origin>,
    /// Check and print, without a console; ends as `check` does
    #[arg(long, conflicts_with_all = ["listen", "origin"])]
    pub(crate) once: bool,
}

/// Which example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DemoKind {
    /// A support assistant with retrieval and a refund tool
    Helpdesk,
    /// The same with planted faults
    Compromised,
}

/// What can be done with threats.
#[derive(Debug, Subcommand)]
pub(crate) enum ThreatCommand {
    /// List the threats
    List {
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Show one threat: path, reasons, actors, controls
    Show {
        /// Its id, or the code of its rule
        id: String,
    },
}

/// What can be done with risks.
#[derive(Debug, Subcommand)]
pub(crate) enum RiskCommand {
    /// Ask to live with a risk for a while, with your own key; somebody else has to agree
    #[command(override_usage = "bartizan risk accept <THREAT> --reason <WHY> --owner <GROUP> [OPTIONS]")]
    Accept(Box<AcceptArguments>),
    /// List the risks, worst first
    List {
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the JSON Schema of the project file
    Schema,
    /// Take in the official texts of SP 800-218 or 218A from an OSCAL catalog; `explain` then shows them
    ImportCatalog {
        /// The catalog, in JSON
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// A format, and the file it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// Which.
    pub(crate) kind: FormatKind,
    /// Where to; standard output where it is absent.
    pub(crate) file: Option<PathBuf>,
}

/// A format of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatKind {
    /// For people.
    Text,
    /// `bartizan/report/v1`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// For pull requests and tickets.
    Markdown,
    /// For test reports of CI servers.
    Junit,
    /// One file for people, to be mailed and printed.
    Html,
}

/// A format of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, file) =
            text.split_once('=').map_or((text, None), |(kind, file)| (kind, Some(PathBuf::from(file))));
        let kind = FormatKind::from_str(kind, false)
            .map_err(|_| format!("`{kind}` is not text, json, sarif, markdown, junit or html"))?;
        if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
            return Err("there is no file name after `=`".to_owned());
        }
        Ok(Self { kind, file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_format_may_name_a_file() {
        let parsed: Format = "sarif=out/a=b.sarif".parse().unwrap();
        assert_eq!(parsed, Format { kind: FormatKind::Sarif, file: Some("out/a=b.sarif".into()) });
        for bad in ["xml", "json=", ""] {
            assert!(bad.parse::<Format>().is_err(), "{bad}");
        }
    }
}
