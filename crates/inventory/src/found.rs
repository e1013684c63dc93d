use std::{collections::BTreeSet, fmt};

use bartizan_finding::{Location, Unexamined};
use bartizan_project::AssetKind;

use crate::File;

/// What is in a folder, each list sorted.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Assets: files and folders.
    pub found: Vec<Found>,
    /// Whose models are called or taken.
    pub providers: Vec<Provider>,
    /// What models can call.
    pub tools: Vec<Tool>,
    /// Libraries that call, run, train or direct models.
    pub frameworks: Vec<Framework>,
    /// Where embeddings are kept.
    pub stores: Vec<Store>,
    /// Addresses at which models answer and that are no known provider's.
    pub endpoints: Vec<Endpoint>,
    /// The files that are models, adapters, data, prompts or tokenizers by their names, one by one.
    pub told: Vec<Told>,
    /// How many files there are.
    pub files: u64,
    /// Folders that say nothing about the running system and are left out for that: installed packages and tests.
    pub left_out: Vec<Unexamined>,
    /// What could not be looked at, so that nobody can tell what is there.
    pub unexamined: Vec<Unexamined>,
}

/// What a file or folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Model weights, and what lies beside them.
    Model,
    /// Weights that are laid over a model.
    Adapter,
    /// A tokenizer without a model.
    Tokenizer,
    /// Data.
    Dataset,
    /// Prompts, and instructions to agents.
    Prompt,
    /// Pinned dependencies.
    LockFile,
    /// Which tools a model may call.
    McpConfig,
    /// Variables, usually keys.
    Environment,
    /// Source code.
    Code,
    /// The configuration of a model whose weights are assets of their own.
    Config,
    /// What a container image is made from, or how containers are run.
    Container,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Model,
        Self::Adapter,
        Self::Tokenizer,
        Self::Dataset,
        Self::Prompt,
        Self::LockFile,
        Self::McpConfig,
        Self::Environment,
        Self::Code,
        Self::Config,
        Self::Container,
    ];

    /// What people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Adapter => "adapter",
            Self::Tokenizer => "tokenizer",
            Self::Dataset => "dataset",
            Self::Prompt => "prompt",
            Self::LockFile => "lock file",
            Self::McpConfig => "MCP configuration",
            Self::Environment => "environment",
            Self::Code => "code",
            Self::Config => "configuration",
            Self::Container => "container",
        }
    }

    /// The kind in the project file.
    pub const fn asset(self) -> AssetKind {
        match self {
            Self::Model => AssetKind::Model,
            Self::Adapter => AssetKind::Adapter,
            Self::Tokenizer => AssetKind::Tokenizer,
            Self::Dataset => AssetKind::Dataset,
            Self::Prompt => AssetKind::Prompt,
            Self::LockFile => AssetKind::LockFile,
            Self::Environment => AssetKind::Key,
            Self::Code => AssetKind::Code,
            Self::McpConfig | Self::Config | Self::Container => AssetKind::Config,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// The file or folder, as the listing names it.
    pub path: String,
    /// Whether `path` is a folder.
    pub folder: bool,
    /// How many files belong to it.
    pub files: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// The model on the Hugging Face Hub that an adapter says it was trained for.
    pub base: Option<String>,
    /// Why it is taken for that, as a sentence that starts with "because"; fit for a terminal.
    pub why: String,
}

/// A file that is a part of an asset by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The file.
    pub file: File,
    /// Of what kind of asset.
    pub kind: Kind,
}

/// Whose models are called or taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// A short name, such as `openai`; the first part of a hosted model's name in the project file.
    pub name: &'static str,
    /// The models that are named, as the provider names them.
    pub models: BTreeSet<String>,
    /// The data sets that are named.
    pub datasets: BTreeSet<String>,
    /// What speaks for it.
    pub evidence: BTreeSet<Evidence>,
    /// Where it shows; at most as many as the limits say.
    pub places: Vec<Location>,
}

/// What speaks for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// A model or data set of it is named.
    Name,
    /// One of its addresses is.
    Host,
    /// Code asks for its client, or a container for its image.
    Code,
    /// A list of packages has its client.
    Package,
    /// A variable is named after it.
    Variable,
}

/// An address at which models answer, such as that of a server of the project's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The host, with its port where it has one.
    pub host: String,
    /// Whether the way to it is encrypted.
    pub encrypted: bool,
    /// Where it shows.
    pub places: Vec<Location>,
}

/// A tool server that a model or agent may call, as an MCP configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name in the configuration.
    pub name: String,
    /// The package, program or host behind it.
    pub server: String,
    /// Whether it is reached over the network.
    pub remote: bool,
    /// Whether the way to it is encrypted: over the network, by its address.
    pub encrypted: bool,
    /// What it usually does, as effects of the project file (`write:files`); empty where that is not known.
    pub effects: Vec<&'static str>,
    /// Where it is configured.
    pub place: Location,
}

/// A library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    /// Its name.
    pub name: &'static str,
    /// What it does with models.
    pub role: Role,
    /// Where it shows.
    pub places: Vec<Location>,
}

/// What a library does with models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Calls them.
    Calls,
    /// Lets them decide in steps.
    Agent,
    /// Offers tools to them.
    Tools,
    /// Runs them.
    Serves,
    /// Trains them.
    Trains,
}

/// Where embeddings are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Its name, such as `qdrant`.
    pub name: &'static str,
    /// Where it shows.
    pub places: Vec<Location>,
}
