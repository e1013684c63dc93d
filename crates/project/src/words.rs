//! The words that the project file may use, each an enum with one spelling per variant.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::read::Value;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident is $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them, in the order of this page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as the project file writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl Value for $name {
            const WHAT: &'static str = $what;
            const WORDS: &'static [&'static str] = &[$($word),*];

            fn read(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )*};
}

words! {
    /// What the project does with models; it decides which practices of SP 800-218A are asked of it.
    ProjectRole is "a project role" {
        /// Trains or fine-tunes models that others use.
        ModelProducer = "model-producer",
        /// Builds a system around models.
        SystemProducer = "system-producer",
        /// Buys or adopts a finished model or system.
        Acquirer = "acquirer",
    }

    /// A set of practices that the project wants to be measured against.
    Baseline is "a baseline" {
        /// NIST SP 800-218 version 1.1.
        Ssdf = "ssdf",
        /// NIST SP 800-218A, the profile for generative AI.
        Ssdf218a = "ssdf-218a",
        /// NIST AI Risk Management Framework 1.0.
        AiRmf = "ai-rmf",
        /// OWASP AI Security Verification Standard 1.0.
        Aisvs = "aisvs",
        /// OWASP Top 10 for LLM applications, 2026.
        OwaspLlm2026 = "owasp-llm-2026",
        /// OWASP Top 10 for agentic applications, 2026.
        OwaspAgentic2026 = "owasp-agentic-2026",
    }

    /// The role of a group in the lifecycle of the model.
    GroupRole is "a group role" {
        /// Owns the risk and the money.
        Executive = "executive",
        /// Decides what the product does.
        ProductOwner = "product-owner",
        /// Sources, keeps and prepares data.
        DataEngineer = "data-engineer",
        /// Labels and annotates data, in the house or outside.
        Labeller = "labeller",
        /// Trains, fine-tunes and evaluates models.
        ModelTrainer = "model-trainer",
        /// Runs the machines and pipelines for training and serving.
        PlatformEngineer = "platform-engineer",
        /// Builds the application or the agent around the model.
        AppDeveloper = "app-developer",
        /// Attacks the model and the system before others do.
        RedTeamer = "red-teamer",
        /// Reviews design and code for security.
        AppsecEngineer = "appsec-engineer",
        /// Decides what goes out.
        ReleaseManager = "release-manager",
        /// Operates the gateway and the service.
        GatewayOperator = "gateway-operator",
        /// Watches alerts and answers incidents.
        IncidentResponder = "incident-responder",
        /// Takes in and coordinates vulnerability reports.
        VulnerabilityCoordinator = "vulnerability-coordinator",
        /// Answers for privacy, law and regulation.
        PrivacyLegal = "privacy-legal",
        /// Buys models, data and services.
        Procurement = "procurement",
        /// Uses or reviews what the model writes.
        ContentReviewer = "content-reviewer",
    }

    /// What a threat actor is, in relation to the system.
    ActorKind is "an actor kind" {
        /// Anyone who can reach what is public.
        Outsider = "outsider",
        /// A user with an account, acting against the owner or other tenants.
        TenantUser = "tenant-user",
        /// Writes content that the model will read: a web page, a ticket, a document, a tool's answer.
        IndirectAuthor = "indirect-author",
        /// Controls something that the project takes in: a model, a data set, a package, a tool.
        SupplyChain = "supply-chain",
        /// Has legitimate access and abuses it, or whose access was stolen.
        Insider = "insider",
        /// Wants the weights, the data or the prompts.
        Competitor = "competitor",
        /// A state or someone working for one.
        State = "state",
    }

    /// Operational capacity, after RAND, *Securing AI Model Weights* (RR-A2849-1, 2024).
    Capability is "a capability" {
        /// An amateur: hundreds of dollars, days.
        Oc1 = "OC1",
        /// A professional acting alone: thousands of dollars, weeks.
        Oc2 = "OC2",
        /// A crime syndicate or insider group: about a million dollars, months.
        Oc3 = "OC3",
        /// A standard operation of a leading state: about ten million dollars, a year.
        Oc4 = "OC4",
        /// A priority operation of the most capable states: a billion dollars, years.
        Oc5 = "OC5",
    }

    /// How far what happens in a zone can be trusted, from the least to the most.
    ZoneTrust is "a zone trust" {
        /// Anyone may be there.
        Public = "public",
        /// A known organisation under contract operates it.
        Partner = "partner",
        /// The project's own organisation operates it.
        Internal = "internal",
        /// Few named people reach it.
        Restricted = "restricted",
    }

    /// What an asset is.
    AssetKind is "an asset kind" {
        /// Data for training, evaluation or retrieval.
        Dataset = "dataset",
        /// Model weights with their configuration.
        Model = "model",
        /// Weights that are laid over a model, such as a low-rank adaptation.
        Adapter = "adapter",
        /// The vocabulary and code that turn text into tokens.
        Tokenizer = "tokenizer",
        /// A system prompt or prompt template.
        Prompt = "prompt",
        /// Source code.
        Code = "code",
        /// Configuration.
        Config = "config",
        /// A container image.
        Container = "container",
        /// A secret: API key, signing key, password.
        Key = "key",
        /// A service that others run and the project calls.
        Endpoint = "endpoint",
        /// Logs and telemetry.
        Log = "log",
        /// A list of pinned dependencies.
        LockFile = "lock-file",
    }

    /// How harmful it is when the content of an asset gets out, from the least to the most.
    Classification is "a classification" {
        /// Meant for everyone.
        Public = "public",
        /// Meant for the organisation.
        Internal = "internal",
        /// Meant for few people in the organisation.
        Confidential = "confidential",
        /// Holds personal data.
        Personal = "personal",
        /// Holds special categories of personal data, or secrets whose loss endangers people.
        Sensitive = "sensitive",
    }

    /// What an element of the system model is.
    ElementKind is "an element kind" {
        /// People outside the system who use it.
        User = "user",
        /// Where people type and read: a page, an app, a chat widget.
        UserInterface = "user-interface",
        /// Stands before the model: authentication, limits, guards.
        Gateway = "gateway",
        /// Runs a model and answers prompts.
        ModelServer = "model-server",
        /// Finds content and puts it before the model.
        Retriever = "retriever",
        /// Keeps embeddings and the documents behind them.
        VectorStore = "vector-store",
        /// Something that the model can call.
        Tool = "tool",
        /// Decides in steps what to do, with a model.
        Agent = "agent",
        /// Keeps what the model or agent shall remember between conversations.
        Memory = "memory",
        /// Trains or fine-tunes.
        TrainingJob = "training-job",
        /// Evaluates a model.
        EvalJob = "eval-job",
        /// Keeps models, data or images for others to take.
        Registry = "registry",
        /// Takes data in and prepares it.
        DataPipeline = "data-pipeline",
        /// A service or source that others run.
        ExternalApi = "external-api",
        /// A person who says yes or no before something happens.
        HumanApprover = "human-approver",
        /// Keeps logs and telemetry.
        LogStore = "log-store",
        /// Says who someone is.
        IdentityProvider = "identity-provider",
    }

    /// Who must say yes before the effects of an element happen.
    Approval is "an approval" {
        /// Nobody.
        None = "none",
        /// A person, each time.
        Human = "human",
        /// A rule that is evaluated outside the model.
        Policy = "policy",
    }

    /// What keeps an element apart from its surroundings.
    Isolation is "an isolation" {
        /// Nothing.
        None = "none",
        /// A process with its own user.
        Process = "process",
        /// A container.
        Container = "container",
        /// A sandbox without network and with an allow-list of files.
        Sandbox = "sandbox",
        /// A virtual machine.
        Vm = "vm",
        /// Memory that the operator of the machine cannot read.
        Enclave = "enclave",
    }

    /// What an effect does to its resource.
    Verb is "a verb" {
        /// Reads it.
        Read = "read",
        /// Changes or creates it.
        Write = "write",
        /// Removes it.
        Delete = "delete",
        /// Runs code or commands.
        Exec = "exec",
        /// Sends something out: a mail, a message, a request to an address that the model chooses.
        Send = "send",
        /// Spends money.
        Spend = "spend",
    }

    /// What a flow carries.
    DataClass is "a data class" {
        /// What users write to the model.
        UserPrompts = "user-prompts",
        /// What the model answers.
        Completions = "completions",
        /// Content that was looked up for the model to read.
        RetrievedContent = "retrieved-content",
        /// Content written by others, on its way into a store, a pipeline or a retriever.
        Documents = "documents",
        /// What the model wants a tool to do.
        ToolCalls = "tool-calls",
        /// What a tool answers.
        ToolResults = "tool-results",
        /// Passwords, tokens, keys.
        Credentials = "credentials",
        /// Data about people.
        PersonalData = "personal-data",
        /// Model weights.
        Weights = "weights",
        /// Examples to learn from.
        TrainingData = "training-data",
        /// Logs, traces and counters.
        Telemetry = "telemetry",
    }

    /// What was decided about a risk.
    Decision is "a decision" {
        /// Reduce it with controls.
        Mitigate = "mitigate",
        /// Live with it.
        Accept = "accept",
        /// Let someone else carry it.
        Transfer = "transfer",
        /// Stop doing what causes it.
        Avoid = "avoid",
    }
}

impl Verb {
    /// Whether the world is different afterwards: everything but reading.
    pub const fn changes(self) -> bool {
        !matches!(self, Self::Read)
    }
}

impl Classification {
    /// Whether its loss harms people or breaks a promise: confidential and above.
    pub const fn is_guarded(self) -> bool {
        matches!(self, Self::Confidential | Self::Personal | Self::Sensitive)
    }

    /// Whether it is data about people.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Personal | Self::Sensitive)
    }
}

impl AssetKind {
    /// Whether it holds weights: a model or an adapter.
    pub const fn holds_weights(self) -> bool {
        matches!(self, Self::Model | Self::Adapter)
    }
}

impl ElementKind {
    /// Whether a language model decides there what comes out.
    pub const fn thinks(self) -> bool {
        matches!(self, Self::ModelServer | Self::Agent)
    }

    /// The zone of an element that names none.
    pub const fn default_zone(self) -> &'static str {
        match self {
            Self::User | Self::ExternalApi => "internet",
            _ => "internal",
        }
    }
}

impl ActorKind {
    /// The capability of a built-in actor of this kind; a choice of ours, meant as the least to plan for.
    pub const fn default_capability(self) -> Capability {
        match self {
            Self::TenantUser => Capability::Oc1,
            Self::Outsider | Self::IndirectAuthor => Capability::Oc2,
            Self::SupplyChain | Self::Insider | Self::Competitor => Capability::Oc3,
            Self::State => Capability::Oc5,
        }
    }
}
