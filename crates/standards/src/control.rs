use std::{collections::BTreeMap, fmt};

use bartizan_finding::{ControlId, PredicateKind};
use serde::{Deserialize, Serialize};

use crate::{Baseline, Consideration, Criterion, GroupId, Reference};

/// What treats risks: technical checks, tests, training, or all three, and the evidence that shows it at work.
///
/// A control is satisfied for a subject when each of its [`Clause`]s is covered by an edge of full strength.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The id, such as `model-scan`.
    pub id: ControlId,
    /// A few words.
    pub title: String,
    /// Why it is worth the work, in one or two sentences.
    pub why: String,
    /// What to do when evidence speaks against it, in one sentence.
    pub mend: String,
    /// The practice group under which it is shown.
    pub group: GroupId,
    /// The set of expectations that it belongs to.
    pub baseline: Baseline,
    /// The lifecycle role that owns it: a slug of [`crate::roles`].
    pub owner: String,
    /// What it consists of.
    pub means: Vec<Means>,
    /// The considerations that it serves.
    pub considerations: Vec<Consideration>,
    /// What it is judged over, one subject at a time.
    pub scope: ScopeKind,
    /// Tasks and items that its evidence shows in full.
    #[serde(default)]
    pub covers: Vec<Reference>,
    /// Tasks and items of which its evidence shows a part; they are at most `partial` by it.
    #[serde(default)]
    pub covers_part: Vec<Reference>,
    /// Entries of other lists that speak of the same, for the reader: `aisvs:1.0/C12`, `owasp-llm:2026/LLM01`. The
    /// choice is our judgement, and evidence for the control says nothing about them.
    #[serde(default)]
    pub see: Vec<Reference>,
    /// What must be shown, each with the evidence that shows it.
    #[serde(rename = "clause")]
    pub clauses: Vec<Clause>,
}

/// One thing that must be shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Kebab-case, unique in the control.
    pub id: String,
    /// What is shown, in one sentence.
    pub text: String,
    /// The evidence that shows it. Several edges of full strength are alternatives.
    #[serde(rename = "evidence")]
    pub edges: Vec<Edge>,
}

/// From one kind of evidence to a clause.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The kind of statement.
    pub kind: PredicateKind,
    /// How far it goes.
    pub strength: Strength,
    /// What the statement must be about.
    #[serde(default)]
    pub about: About,
    /// Facts that a statement must carry, with these values, to be one of this edge at all.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// What must hold; where one does not, the evidence speaks against the control.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// What must hold besides for full strength; where one does not, the clause is covered in part.
    #[serde(default)]
    pub fully: Vec<Criterion>,
    /// Hours after collection at which the statement no longer counts.
    pub max_age_hours: u32,
    /// The least rule set, by the name of the crate that holds the rules.
    #[serde(default)]
    pub rule_sets: BTreeMap<String, u32>,
    /// How to come by such a statement, in one sentence.
    pub obtain: String,
}

/// How far evidence goes towards its clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// It shows the clause.
    Sufficient,
    /// It shows a part of the clause.
    Partial,
    /// It helps to understand, and neither satisfies nor fails.
    Context,
}

/// What a statement must be about to count for a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// The subject itself, by its digest.
    #[default]
    Subject,
    /// The project, by its root digest.
    Project,
    /// Either.
    SubjectOrProject,
}

/// What a control consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// A program looks.
    Check,
    /// Something is tried.
    Test,
    /// People learn it.
    Training,
    /// People decide or do it.
    Procedure,
}

/// What a control is judged over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScopeKind {
    /// The project as a whole.
    Project,
    /// Each group of people.
    Group,
    /// Each model or adapter as a whole.
    Model,
    /// Each file of each model, adapter and tokenizer.
    ModelFile,
    /// Each dataset as a whole.
    Dataset,
    /// Each file of each dataset.
    DatasetFile,
    /// Each file of each prompt.
    PromptFile,
    /// Each file that is text and may be read by a model or a person: datasets, prompts, code, configuration, logs.
    TextFile,
    /// Each file of code, configuration, lock files and container descriptions.
    CodeFile,
    /// Each training job.
    TrainingJob,
    /// Each tool.
    Tool,
    /// Each element that brings stored text before a model: retrievers, vector stores, memories.
    Retrieval,
    /// Each model server.
    ModelServer,
    /// Each gateway; where none is declared, each model server.
    Serving,
}

impl Control {
    /// All edges, clause by clause.
    pub fn edges(&self) -> impl Iterator<Item = (&Clause, &Edge)> {
        self.clauses.iter().flat_map(|clause| clause.edges.iter().map(move |edge| (clause, edge)))
    }

    /// The kinds of evidence that it reads.
    pub fn reads(&self, kind: PredicateKind) -> bool {
        self.edges().any(|(_, edge)| edge.kind == kind)
    }
}

impl ScopeKind {
    /// What there is none of, when nothing is in scope: reads well after "the project declares".
    pub const fn absence(self) -> &'static str {
        match self {
            Self::Project => "nothing",
            Self::Group => "no group",
            Self::Model => "no model or adapter",
            Self::ModelFile => "no model, adapter or tokenizer",
            Self::Dataset | Self::DatasetFile => "no dataset",
            Self::PromptFile => "no prompt",
            Self::TextFile => "no dataset, prompt, code, configuration or log",
            Self::CodeFile => "no code, configuration, lock file or container",
            Self::TrainingJob => "no training job",
            Self::Tool => "no tool",
            Self::Retrieval => "no retriever, vector store or memory",
            Self::ModelServer => "no model server",
            Self::Serving => "no gateway or model server",
        }
    }
}

impl Strength {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sufficient => "sufficient",
            Self::Partial => "partial",
            Self::Context => "context",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
