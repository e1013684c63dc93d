use std::{fmt, sync::OnceLock};

use serde::{Deserialize, Serialize};

use crate::{Edition, ItemKind, Reference, framework};

/// An entry of an edition: a task, a risk, a technique, a requirement, a paragraph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The id, as a [`Reference`] spells it.
    pub id: String,
    /// What kind of entry.
    pub kind: EntryKind,
    /// Its name where names may be taken over, else our paraphrase. [`Edition::holds`] says which.
    pub title: String,
    /// The entry of the same edition that it belongs to, where it belongs to one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The level of an AISVS requirement, 1 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Ids of the tactics of an ATLAS technique.
    #[serde(skip)]
    pub(crate) within: Vec<String>,
    /// Ids of the mitigations that ATLAS names for a technique.
    #[serde(skip)]
    pub(crate) treated_by: Vec<String>,
}

/// What kind of entry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A practice group of the SSDF.
    Group,
    /// A practice of the SSDF.
    Practice,
    /// A task of the SSDF.
    Task,
    /// What SP 800-218A recommends under a task.
    Recommendation,
    /// What SP 800-218A asks to consider.
    Consideration,
    /// What SP 800-218A notes.
    Note,
    /// A row of a list of risks.
    Risk,
    /// A tactic of ATLAS.
    Tactic,
    /// A technique of ATLAS.
    Technique,
    /// A variety of a technique.
    SubTechnique,
    /// A mitigation of ATLAS.
    Mitigation,
    /// A function of the AI RMF.
    Function,
    /// A category of the AI RMF.
    Category,
    /// A subcategory of the AI RMF.
    Subcategory,
    /// An action that NIST AI 600-1 suggests.
    Action,
    /// What an attacker wants, in NIST AI 100-2.
    Objective,
    /// A class of attacks of NIST AI 100-2.
    Attack,
    /// A chapter of the AISVS.
    Chapter,
    /// A section of the AISVS.
    Section,
    /// A requirement of the AISVS.
    Requirement,
    /// An article of a law.
    Article,
    /// A paragraph of an article.
    Paragraph,
    /// A point of a paragraph.
    Point,
}

/// The entries of an edition, in the order of the publication.
pub fn entries(edition: Edition) -> &'static [Entry] {
    // Each edition is read when it is first asked for: a check of a project needs only some of them.
    static READ: [OnceLock<Vec<Entry>>; Edition::ALL.len()] = [const { OnceLock::new() }; Edition::ALL.len()];
    let at = Edition::ALL.iter().position(|one| *one == edition);
    READ.get(at.unwrap_or_default()).map_or(&[], |read| read.get_or_init(|| read_edition(edition)))
}

/// The entry that a reference names.
pub fn entry(reference: &Reference) -> Option<&'static Entry> {
    entries(reference.edition).iter().find(|entry| entry.id == reference.id)
}

fn read_edition(edition: Edition) -> Vec<Entry> {
    let text = match edition {
        Edition::Ssdf11 | Edition::Ssdf218a => return ssdf(edition),
        Edition::OwaspLlm2023 => include_str!("../data/frameworks/owasp-llm-2023.toml"),
        Edition::OwaspLlm2025 => include_str!("../data/frameworks/owasp-llm-2025.toml"),
        Edition::OwaspLlm2026 => include_str!("../data/frameworks/owasp-llm-2026.toml"),
        Edition::OwaspAsi2026 => include_str!("../data/frameworks/owasp-asi-2026.toml"),
        Edition::OwaspMcp2025 => include_str!("../data/frameworks/owasp-mcp-2025.toml"),
        Edition::Atlas56 => include_str!("../data/frameworks/atlas-5.6.toml"),
        Edition::AiRmf10 => include_str!("../data/frameworks/ai-rmf-1.0.toml"),
        Edition::NistAi600 => include_str!("../data/frameworks/nist-ai-600-1-2024.toml"),
        Edition::NistAi100 => include_str!("../data/frameworks/nist-ai-100-2-2025.toml"),
        Edition::Aisvs10 => include_str!("../data/frameworks/aisvs-1.0.toml"),
        Edition::EuAiAct2024 => include_str!("../data/frameworks/eu-ai-act-2024.toml"),
    };
    let file: File = toml::from_str(text).expect("every table of a framework is read by a test");
    with_parents(edition, file.entries.into_iter().flat_map(Row::unfold).collect())
}

/// Groups, practices, tasks and items, each before what belongs to it.
fn ssdf(edition: Edition) -> Vec<Entry> {
    let mut entries = Vec::new();
    for group in framework::groups() {
        entries.push(Entry::new(group.id.as_str(), EntryKind::Group, &group.title));
        let of_group = |id: &str| id.starts_with(&format!("{}.", group.id));
        for practice in framework::practices(edition).iter().filter(|practice| of_group(&practice.id)) {
            entries.push(Entry::new(&practice.id, EntryKind::Practice, &practice.text));
            let tasks = framework::tasks(edition).iter().filter(|task| task.practice() == practice.id);
            for task in tasks {
                entries.push(Entry::new(&task.id, EntryKind::Task, &task.text));
                entries
                    .extend(task.items.iter().map(|item| Entry::new(&item.id, item.kind.into(), &item.text)));
            }
        }
    }
    with_parents(edition, entries)
}

/// Finds the parent of each entry by its id: what stands before the last separator, where that is an entry too.
fn with_parents(edition: Edition, mut entries: Vec<Entry>) -> Vec<Entry> {
    let ids: std::collections::BTreeSet<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    for entry in &mut entries {
        let before = match edition {
            // The index numbers its attacks by one more digit than its objectives.
            Edition::NistAi100 => entry.id.get(..entry.id.len().saturating_sub(1)),
            _ => entry.id.rsplit_once(['.', '-', '(']).map(|(before, _)| before),
        };
        entry.parent = before.filter(|before| ids.contains(*before)).map(str::to_owned);
    }
    entries
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    entries: Vec<Row>,
}

/// A row of a table. One with `levels` or `actions` stands for what belongs to it as well.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    kind: EntryKind,
    #[serde(default)]
    title: String,
    #[serde(default)]
    within: Vec<String>,
    #[serde(default)]
    treated_by: Vec<String>,
    #[serde(default)]
    levels: Vec<u8>,
    #[serde(default)]
    actions: u8,
}

impl Row {
    fn unfold(self) -> Vec<Entry> {
        let requirement = |(number, level): (usize, &u8)| {
            let id = format!("{}.{}", self.id, number + 1);
            let title = format!("Requirement {}, level {level}", number + 1);
            Entry { level: Some(*level), ..Entry::new(&id, EntryKind::Requirement, &title) }
        };
        let subcategory = rmf_subcategory(&self.id).unwrap_or_default().replace('-', " ");
        let action = |number: u8| {
            let title = format!("Suggested action {number} under {subcategory}");
            Entry::new(&format!("{}-{number:03}", self.id), EntryKind::Action, &title)
        };
        let unfolded: Vec<_> =
            self.levels.iter().enumerate().map(requirement).chain((1..=self.actions).map(action)).collect();
        if self.kind == EntryKind::Action {
            return unfolded;
        }
        let own = Entry {
            within: self.within,
            treated_by: self.treated_by,
            ..Entry::new(&self.id, self.kind, &self.title)
        };
        std::iter::once(own).chain(unfolded).collect()
    }
}

/// The subcategory of the AI RMF to which an action of NIST AI 600-1 belongs: `GOVERN-1.3` of `GV-1.3-007`.
pub(crate) fn rmf_subcategory(action: &str) -> Option<String> {
    let mut parts = action.split('-');
    let function = match parts.next()? {
        "GV" => "GOVERN",
        "MP" => "MAP",
        "MS" => "MEASURE",
        "MG" => "MANAGE",
        _ => return None,
    };
    Some(format!("{function}-{}", parts.next()?))
}

impl Entry {
    fn new(id: &str, kind: EntryKind, title: &str) -> Self {
        let (within, treated_by) = (Vec::new(), Vec::new());
        Self {
            id: id.to_owned(),
            kind,
            title: title.to_owned(),
            parent: None,
            level: None,
            within,
            treated_by,
        }
    }
}

impl From<ItemKind> for EntryKind {
    fn from(kind: ItemKind) -> Self {
        match kind {
            ItemKind::Recommendation => Self::Recommendation,
            ItemKind::Consideration => Self::Consideration,
            ItemKind::Note => Self::Note,
        }
    }
}

impl EntryKind {
    /// The word for one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Practice => "practice",
            Self::Task => "task",
            Self::Recommendation => "recommendation",
            Self::Consideration => "consideration",
            Self::Note => "note",
            Self::Risk => "risk",
            Self::Tactic => "tactic",
            Self::Technique => "technique",
            Self::SubTechnique => "sub-technique",
            Self::Mitigation => "mitigation",
            Self::Function => "function",
            Self::Category => "category",
            Self::Subcategory => "subcategory",
            Self::Action => "action",
            Self::Objective => "objective",
            Self::Attack => "attack",
            Self::Chapter => "chapter",
            Self::Section => "section",
            Self::Requirement => "requirement",
            Self::Article => "article",
            Self::Paragraph => "paragraph",
            Self::Point => "point",
        }
    }

    /// The word after a number: `1 risk`, `10 risks`, `19 categories`.
    pub fn counted(self, count: usize) -> String {
        let word = self.as_str();
        match (count, word.strip_suffix('y')) {
            (1, _) => format!("1 {word}"),
            (_, Some(stem)) => format!("{count} {stem}ies"),
            (_, None) => format!("{count} {word}s"),
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fmt::Write as _,
    };

    use super::*;

    #[test]
    fn each_edition_holds_what_was_published() {
        let mut lines = String::new();
        for edition in Edition::ALL {
            let mut kinds = BTreeMap::new();
            for entry in entries(edition) {
                *kinds.entry(entry.kind).or_insert(0) += 1;
            }
            let counted: Vec<_> = kinds.iter().map(|(kind, count)| kind.counted(*count)).collect();
            let _ = writeln!(lines, "{edition}: {}", counted.join(", "));
        }
        insta::assert_snapshot!(lines, @r#"
        ssdf:1.1: 4 groups, 19 practices, 42 tasks
        ssdf-218a:2024: 4 groups, 20 practices, 48 tasks, 59 recommendations, 16 considerations, 11 notes
        owasp-llm:2023: 10 risks
        owasp-llm:2025: 10 risks
        owasp-llm:2026: 10 risks
        owasp-asi:2026: 10 risks
        owasp-mcp:2025: 10 risks
        atlas:5.6: 16 tactics, 101 techniques, 69 sub-techniques, 35 mitigations
        ai-rmf:1.0: 4 functions, 19 categories, 72 subcategories
        nist-ai-600-1:2024: 12 risks, 211 actions
        nist-ai-100-2:2025: 5 objectives, 23 attacks
        aisvs:1.0: 12 chapters, 44 sections, 191 requirements
        eu-ai-act:2024: 20 articles, 23 paragraphs, 14 points
        "#);
        let levels = |level| entries(Edition::Aisvs10).iter().filter(|one| one.level == Some(level)).count();
        assert_eq!([1, 2, 3].map(levels), [51, 95, 45]);
    }

    #[test]
    fn every_id_is_unique_and_every_entry_has_a_title() {
        for edition in Edition::ALL {
            let ids: BTreeSet<_> =
                entries(edition).iter().map(|entry| entry.id.to_ascii_lowercase()).collect();
            assert_eq!(ids.len(), entries(edition).len(), "{edition}");
            for one in entries(edition) {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b".-()".contains(&b);
                assert!(one.id.bytes().all(plain) && one.id.len() <= 20, "{edition}/{}", one.id);
                assert!(one.title.starts_with(|c: char| !c.is_lowercase()), "{edition}/{}", one.id);
                assert!((3..=140).contains(&one.title.chars().count()), "{edition}/{}", one.id);
                assert_eq!(one.title, one.title.trim(), "{edition}/{}", one.id);
                assert!(std::ptr::eq(entry(&edition.entry(&one.id)).unwrap(), one));
            }
        }
    }

    #[test]
    fn what_belongs_to_something_says_to_what() {
        let parent = |text: &str| {
            let reference: Reference = text.parse().unwrap();
            entry(&reference).unwrap().parent.clone().unwrap_or_default()
        };
        for (text, expected) in [
            ("ssdf-218a:2024/PW.4.4.R2", "PW.4.4"),
            ("ssdf:1.1/PO.1", "PO"),
            ("ssdf:1.1/PO", ""),
            ("atlas:5.6/AML.T0051.001", "AML.T0051"),
            ("atlas:5.6/AML.T0051", ""),
            ("ai-rmf:1.0/MEASURE-2.13", "MEASURE-2"),
            ("ai-rmf:1.0/MEASURE-2", "MEASURE"),
            ("aisvs:1.0/C9.2.10", "C9.2"),
            ("aisvs:1.0/C9.2", "C9"),
            ("eu-ai-act:2024/Art.53(1)(b)(ii)", "Art.53(1)(b)"),
            ("eu-ai-act:2024/Art.53(1)", "Art.53"),
            ("eu-ai-act:2024/Art.53", ""),
            ("nist-ai-100-2:2025/NISTAML.018", "NISTAML.01"),
            ("nist-ai-600-1:2024/GV-1.3-007", ""),
            ("owasp-llm:2026/LLM01", ""),
        ] {
            assert_eq!(parent(text), expected, "{text}");
        }
        // Only what belongs to nothing may be without a parent.
        let orphans = |entry: &&Entry| {
            use EntryKind::{
                Attack, Category, Paragraph, Point, Practice, Requirement, Section, SubTechnique,
                Subcategory, Task,
            };
            entry.parent.is_none()
                && matches!(
                    entry.kind,
                    Practice
                        | Task
                        | SubTechnique
                        | Category
                        | Subcategory
                        | Attack
                        | Section
                        | Requirement
                        | Paragraph
                        | Point
                )
        };
        for edition in Edition::ALL {
            assert_eq!(entries(edition).iter().find(orphans), None);
        }
    }
}
