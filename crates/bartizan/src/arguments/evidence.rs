//! Keys, trust, the log, gates, and what people decide.

use std::path::PathBuf;

use bartizan_finding::{AssetId, ControlId, Digest, GateId, PredicateKind, Timestamp};
use clap::{Args, Subcommand, ValueHint};

use super::ListFormat;

/// Whose key signs.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeyArgument {
    /// Your private key, as `bartizan key make` writes it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Identity")]
    #[arg(env = "BARTIZAN_KEY", hide_env_values = true)]
    pub(crate) key: PathBuf,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make root, collector and log keys, a trust file and an empty ledger
    ///
    /// `BARTIZAN_ROOT_PASSPHRASE` protects the root key with a passphrase.
    New,
    /// Make a key for a person, or for a collector on another machine
    ///
    /// Writes the private key to FILE, which only you can read, and the public one to FILE.pub. Whoever holds the root
    /// key then says what it may sign: `bartizan trust add`. `BARTIZAN_KEY_PASSPHRASE` protects it with a passphrase.
    Make {
        /// Where; the file must not exist
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Replace the collector key by a new one, with a new trust file that the root key signs
    Renew,
    /// List the keys
    List,
}

/// What can be done with trust.
#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Show which collector may make which evidence, and until when
    Show,
    /// Let a key make evidence: a collector elsewhere, or a person by e-mail address
    ///
    /// Needs the root key. A person may ask for exceptions and agree to those of others; a collector may state what a
    /// check states, unless `--may` says otherwise.
    Add {
        /// A collector's name, or a person's e-mail address
        name: String,
        /// The public key, as `bartizan key make` writes it
        #[arg(value_name = "KEY.pub", value_hint = ValueHint::FilePath)]
        key: PathBuf,
        /// What it may state, such as model-scan; may be given several times
        #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
        may: Vec<PredicateKind>,
        /// For how many days
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        #[arg(value_parser = clap::value_parser!(u16).range(1..=1_830))]
        days: u16,
    },
    /// Believe a witness, which has seen the log elsewhere and cosigns its heads
    AddWitness {
        /// Its key, as NAME+ID+KEY (C2SP signed-note)
        vkey: String,
    },
    /// Believe a time-stamping authority (RFC 3161)
    AddAuthority {
        /// What to call it
        name: String,
        /// The certificate that its certificates lead to, in PEM or DER
        #[arg(value_hint = ValueHint::FilePath)]
        certificate: PathBuf,
    },
    /// End trust in a key that may be in other hands
    Revoke {
        /// The fingerprint, `SHA256:…`
        key: String,
        /// Since when it may be in other hands [default: now]
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Write what a deployer needs to verify decisions and packs: the trust file and the root's public key
    Export {
        /// Where
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// List the entries, newest last
    Log {
        /// At most this many of the newest
        #[arg(long, short = 'n', default_value_t = 20)]
        count: u64,
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Audit every file of the log, or a pack that somebody handed on
    Verify(VerifyArguments),
    /// Write a proof that an entry is in the log, which can be verified without it
    Prove {
        /// The entry's index
        index: u64,
    },
    /// Take in a bundle of statements that were made elsewhere
    ///
    /// Each statement is judged as if it had been made here: who signed, what for, about which bytes, when. Where one
    /// is refused nothing is taken in, and the exit code is 5.
    Import {
        /// The bundle, as `check --bundle` writes it; `-` for standard input
        #[arg(value_hint = ValueHint::FilePath)]
        bundle: PathBuf,
        /// Write a proof for each statement into this folder
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        proofs: Option<PathBuf>,
        /// Take in what counts even where something is refused; the exit code is 5 all the same
        #[arg(long)]
        part: bool,
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Have the head of the log stamped by a time-stamping authority (RFC 3161)
    ///
    /// With `--url` over the network. Without it in two steps: `--request FILE` writes what the authority is to sign,
    /// `--response FILE` takes in what it answers.
    Stamp(StampArguments),
    /// Have the head of the log cosigned by a witness on another host (C2SP tlog-witness)
    ///
    /// With `--url` over the network. Without it: `--checkpoint FILE` takes in a checkpoint that was cosigned.
    Witness {
        /// The address of the witness
        #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "offline")]
        url: Option<String>,
        /// A checkpoint with cosignatures
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        #[arg(required_unless_present = "url", conflicts_with = "url")]
        checkpoint: Option<PathBuf>,
    },
}

/// What `ledger verify` takes.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// A pack, as `report pack` writes it [default: the log of this project]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) pack: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere, instead of the last one seen here
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) head: Option<PathBuf>,
    /// The root key that the pack must rest on, `SHA256:…`; without it the pack is held against itself alone
    #[arg(long, value_name = "FINGERPRINT", requires = "pack")]
    pub(crate) root: Option<String>,
    /// How
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
}

/// What `ledger stamp` takes.
#[derive(Debug, Args)]
pub(crate) struct StampArguments {
    /// The address of the authority
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with_all = ["request", "response", "offline"])]
    pub(crate) url: Option<String>,
    /// Write the request to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "response")]
    #[arg(required_unless_present_any = ["url", "response"])]
    pub(crate) request: Option<PathBuf>,
    /// Take in the answer from this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) response: Option<PathBuf>,
}

/// What `gate` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct GateArguments {
    /// Other things that can be done with gates.
    #[command(subcommand)]
    pub(crate) command: Option<GateCommand>,
    /// What to ask.
    #[command(flatten)]
    pub(crate) ask: AskArguments,
}

/// What is asked of a gate.
#[derive(Clone, Debug, Args)]
pub(crate) struct AskArguments {
    /// The gate, as the project file names it
    #[arg(required = true)]
    pub(crate) name: Option<GateId>,
    /// The asset that would pass [default: the project as a whole]
    #[arg(long, value_name = "ASSET")]
    pub(crate) asset: Option<AssetId>,
    /// Your private key: who would pass [default: the collector of this machine]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(env = "BARTIZAN_KEY", hide_env_values = true)]
    pub(crate) key: Option<PathBuf>,
    /// A folder of rules that no project can override
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(env = "BARTIZAN_ORGANISATION", hide_env_values = true)]
    pub(crate) organisation: Option<PathBuf>,
    /// Decide and explain, but record nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the decision to a file that a deployer can verify
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "dry_run")]
    pub(crate) export: Option<PathBuf>,
    /// How
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
}

/// What else can be done with gates.
#[derive(Debug, Subcommand)]
pub(crate) enum GateCommand {
    /// Verify a decision that was handed on, for whoever deploys
    ///
    /// Needs no project and no network. Ends with 0 where the gate allowed this very subject and the decision still
    /// holds, with 1 where it did not, and with 5 where the decision cannot be believed.
    Verify(PassArguments),
    /// Answer admission reviews of Kubernetes by verified decisions
    ///
    /// Reads one `AdmissionReview` from standard input and writes the answer, or serves them over HTTPS. What runs has to
    /// be named by digest, and a decision has to allow each digest: those of images, and those that the annotation
    /// `bartizan.dev/subjects` lists for models that are mounted. Whatever cannot be judged is denied. For one review
    /// the exit code is 0 where it is allowed, 1 where it is denied, and 2 where it is no review.
    Admit(AdmitArguments),
    /// Print the schema that policies are validated against
    Schema,
    /// Print a policy to start from
    Template {
        /// The gate: train, release, deploy, share, unseal, or another name
        #[arg(default_value = "deploy")]
        name: GateId,
    },
    /// Agree to the release of a model with your own key
    Approve {
        /// The model
        asset: AssetId,
        /// Who made it, by e-mail address: the author's own word does not count
        #[arg(long, value_name = "PERSON")]
        author: String,
        /// Whose key signs.
        #[command(flatten)]
        key: KeyArgument,
    },
}

/// What `gate verify` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct PassArguments {
    /// The decision, as `bartizan gate NAME --export` writes it
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The root key that it must rest on, `SHA256:…`
    #[arg(long, value_name = "KEY", env = "BARTIZAN_ROOT", hide_env_values = true)]
    pub(crate) root: String,
    /// The newest trust file that you know of, as `bartizan trust export` writes it: a decision does not count where
    /// the key that signed it was revoked since
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trust: Option<PathBuf>,
    /// What is about to be deployed: a file or folder, or its digest `sha256:…`
    #[arg(long, value_name = "WHAT")]
    pub(crate) subject: String,
    /// The gate that must have decided
    #[arg(long, value_name = "NAME", default_value = "deploy")]
    pub(crate) gate: GateId,
    /// The project that it must be about
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// The organisation's rules that must have taken part
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(env = "BARTIZAN_ORGANISATION", hide_env_values = true)]
    pub(crate) organisation: Option<PathBuf>,
    /// How
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
}

/// What `gate admit` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdmitArguments {
    /// A folder of decisions, as `bartizan gate NAME --export` writes them; read anew for each review
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) decisions: PathBuf,
    /// The root key that they must rest on, `SHA256:…`
    #[arg(long, value_name = "KEY", env = "BARTIZAN_ROOT", hide_env_values = true)]
    pub(crate) root: String,
    /// The gate that must have decided
    #[arg(long, value_name = "NAME", default_value = "deploy")]
    pub(crate) gate: GateId,
    /// Judge what the annotation `bartizan.dev/subjects` names, where it names anything, and leave images alone
    ///
    /// For clusters where other means decide which images run. What has no such annotation is judged by its images.
    #[arg(long)]
    pub(crate) subjects_only: bool,
    /// Serve on this address instead of answering one review
    #[arg(long, value_name = "ADDRESS:PORT", requires_all = ["tls_certificate", "tls_key"])]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// The certificate chain of the server, in PEM; read anew when it changes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "listen")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "listen")]
    pub(crate) tls_key: Option<PathBuf>,
}

/// What can be done with exceptions.
#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionCommand {
    /// Ask for an exception with your own key; somebody else has to agree
    #[command(override_usage = "bartizan exception add <ABOUT> --reason <WHY> --owner <GROUP> [OPTIONS]")]
    Add(Box<ExceptionArguments>),
    /// Agree to what somebody else asked for, with your own key
    Approve {
        /// Its id, as `exception list` shows it
        id: String,
        /// Whose key signs.
        #[command(flatten)]
        key: KeyArgument,
    },
    /// Take back an exception, with your own key
    Revoke {
        /// Its id
        id: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Whose key signs.
        #[command(flatten)]
        key: KeyArgument,
    },
    /// List what was asked for and agreed, and where it stands
    List {
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
}

/// What an exception is about.
#[derive(Clone, Debug, Args)]
#[group(id = "what it is about", required = true, multiple = false)]
pub(crate) struct About {
    /// One finding, by its fingerprint or the first digits of it
    #[arg(long, value_name = "FINGERPRINT", help_heading = "About")]
    pub(crate) finding: Option<String>,
    /// What a control misses for one of its subjects (--subject)
    #[arg(long, value_name = "CONTROL", help_heading = "About")]
    pub(crate) control: Option<ControlId>,
    /// Something that is gone from the project file, such as element/orders-api; may be given several times
    #[arg(long, value_name = "KIND/ID", help_heading = "About", num_args = 1..)]
    pub(crate) lost: Vec<String>,
    /// Break-glass: pass this gate although it denies, for at most 24 hours
    #[arg(long, value_name = "GATE", help_heading = "About")]
    pub(crate) break_glass: Option<GateId>,
    /// That a control does not apply
    #[arg(long, value_name = "CONTROL", help_heading = "About")]
    pub(crate) not_applicable: Option<ControlId>,
    /// That somebody else takes care of a control
    #[arg(long, value_name = "CONTROL", help_heading = "About")]
    pub(crate) inherited: Option<ControlId>,
}

/// What `exception add` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExceptionArguments {
    /// What it is about.
    #[command(flatten)]
    pub(crate) about: About,
    /// The digest of what it is about, where a control is named: other bytes void it
    #[arg(long, value_name = "DIGEST")]
    pub(crate) subject: Option<Digest>,
    /// What every request says.
    #[command(flatten)]
    pub(crate) terms: Terms,
}

/// What every request says.
#[derive(Clone, Debug, Args)]
pub(crate) struct Terms {
    /// Why
    #[arg(long, value_name = "WHY")]
    pub(crate) reason: String,
    /// The group that owns the consequences
    #[arg(long, value_name = "GROUP")]
    pub(crate) owner: String,
    /// What is done instead
    #[arg(long)]
    pub(crate) compensating: Option<String>,
    /// How long it holds, such as 30d or 4h [default: 30d; 4h for break-glass]
    #[arg(long, value_name = "SPAN")]
    pub(crate) lasts: Option<String>,
    /// Whose key signs.
    #[command(flatten)]
    pub(crate) key: KeyArgument,
}

/// What `risk accept` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct AcceptArguments {
    /// The threat behind it, by its id
    pub(crate) threat: String,
    /// What every request says.
    #[command(flatten)]
    pub(crate) terms: Terms,
}

/// What can be done with reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Write everything that a third party needs to verify this project's evidence offline, as one file
    ///
    /// The whole log with every envelope, the trust file, the project file, the report, and who outside has seen the
    /// log. `bartizan ledger verify FILE` verifies it with this program and nothing else.
    Pack {
        /// Where
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

fn kind(text: &str) -> Result<PredicateKind, String> {
    PredicateKind::from_name(text).ok_or_else(|| {
        let names: Vec<_> = PredicateKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("`{text}` is not one of {}", names.join(", "))
    })
}
