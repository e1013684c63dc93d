use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{Audience, Edition, Reference};

/// A practice group of the SSDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GroupId {
    /// Prepare the organisation.
    Po,
    /// Protect the software.
    Ps,
    /// Produce well-secured software.
    Pw,
    /// Respond to vulnerabilities.
    Rv,
}

/// A practice group with its name and our summary.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// Its name.
    pub title: String,
    /// What it is about, in our words.
    pub text: String,
}

/// A practice: what the tasks under it serve.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// The id, such as `PO.1`.
    pub id: String,
    /// What it is about, in our words.
    pub text: String,
    /// What the edition did to it.
    #[serde(default)]
    pub status: ChangeStatus,
}

/// A task of an edition.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// The id, such as `PO.1.1`.
    pub id: String,
    /// What is to be done, in our words.
    pub text: String,
    /// How much it matters for generative AI; SSDF 1.1 itself ranks nothing.
    pub priority: Option<Priority>,
    /// What the edition did to it.
    pub status: ChangeStatus,
    /// Whom it concerns, in our judgement: the publications speak to all and mark none.
    pub audience: Vec<Audience>,
    /// What the profile adds: recommendations, considerations and notes.
    pub items: Vec<Item>,
    /// Subcategories of the AI RMF 1.0 that the profile refers to.
    pub ai_rmf: Vec<String>,
    /// Entries of the OWASP Top 10 for LLM applications, edition 1.1 of 2023, that the profile refers to. Later
    /// editions reuse the same ids for other things.
    pub owasp_llm_1_1: Vec<String>,
}

/// What the profile adds to a task.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// The id, such as `PO.1.1.R1`.
    pub id: String,
    /// What it says, in our words.
    pub text: String,
    /// How it binds.
    pub kind: ItemKind,
    /// Whom it concerns, in our judgement; the same as its task where the table says nothing else.
    pub audience: Vec<Audience>,
}

/// How an item binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemKind {
    /// To be done.
    Recommendation,
    /// To be considered: it wants a recorded decision, which may be no.
    Consideration,
    /// To be known: it asks for nothing.
    Note,
}

/// How much a task matters for generative AI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Least.
    Low,
    /// Between.
    Medium,
    /// Most.
    High,
}

/// What the profile did to a practice or task of SSDF 1.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeStatus {
    /// Taken over.
    #[default]
    Unchanged,
    /// Worded anew.
    Modified,
    /// Added. `PW.3` is a number that SSDF 1.0 used for something else.
    New,
}

static FRAMEWORK: LazyLock<Framework> = LazyLock::new(|| {
    let read = |text| toml::from_str::<File>(text).expect("both tables are read by a test");
    let base = read(include_str!("../data/ssdf-1.1.toml"));
    let profile = read(include_str!("../data/ssdf-218a-2024.toml"));
    Framework::new(base, profile)
});

/// The four groups; both editions share them.
pub fn groups() -> &'static [Group] {
    &FRAMEWORK.groups
}

/// The practices of an edition: 19 of SSDF 1.1, 20 with the profile, none of any other framework.
pub fn practices(edition: Edition) -> &'static [Practice] {
    match edition {
        Edition::Ssdf11 => &FRAMEWORK.practices_1_1,
        Edition::Ssdf218a => &FRAMEWORK.practices_218a,
        _ => &[],
    }
}

/// The tasks of an edition: 42 of SSDF 1.1, 48 with the profile, none of any other framework.
pub fn tasks(edition: Edition) -> &'static [Task] {
    match edition {
        Edition::Ssdf11 => &FRAMEWORK.tasks_1_1,
        Edition::Ssdf218a => &FRAMEWORK.tasks_218a,
        _ => &[],
    }
}

/// The 86 items of the profile, each with its task.
pub fn items() -> impl Iterator<Item = (&'static Task, &'static Item)> {
    tasks(Edition::Ssdf218a).iter().flat_map(|task| task.items.iter().map(move |item| (task, item)))
}

/// The task that a reference names, directly or through one of its items.
pub fn task(reference: &Reference) -> Option<&'static Task> {
    let named =
        |task: &&Task| task.id == reference.id || task.items.iter().any(|item| item.id == reference.id);
    tasks(reference.edition).iter().find(named)
}

/// The item that a reference names.
pub fn item(reference: &Reference) -> Option<&'static Item> {
    task(reference)?.items.iter().find(|item| item.id == reference.id)
}

impl GroupId {
    /// All four, in order.
    pub const ALL: [Self; 4] = [Self::Po, Self::Ps, Self::Pw, Self::Rv];

    /// The two letters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Po => "PO",
            Self::Ps => "PS",
            Self::Pw => "PW",
            Self::Rv => "RV",
        }
    }

    /// The group of a practice, task or item.
    pub fn of(id: &str) -> Option<Self> {
        let letters = id.split('.').next()?;
        Self::ALL.into_iter().find(|group| group.as_str() == letters)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Task {
    /// The practice that it belongs to: `PO.1` of `PO.1.1`.
    pub fn practice(&self) -> &str {
        self.id.rsplit_once('.').map_or(self.id.as_str(), |(practice, _)| practice)
    }
}

struct Framework {
    groups: Vec<Group>,
    practices_1_1: Vec<Practice>,
    practices_218a: Vec<Practice>,
    tasks_1_1: Vec<Task>,
    tasks_218a: Vec<Task>,
}

/// One of the two tables. The profile's holds only what it adds or changes; texts of unchanged practices and tasks
/// stand once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    group: Vec<Group>,
    practice: Vec<Practice>,
    task: Vec<TaskRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskRow {
    id: String,
    text: Option<String>,
    priority: Option<Priority>,
    #[serde(default)]
    status: ChangeStatus,
    #[serde(default)]
    audience: Option<Vec<Audience>>,
    #[serde(default)]
    ai_rmf: Vec<String>,
    #[serde(default)]
    owasp_llm_1_1: Vec<String>,
    #[serde(default)]
    item: Vec<ItemRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemRow {
    id: String,
    text: String,
    audience: Option<Vec<Audience>>,
}

impl Framework {
    fn new(base: File, profile: File) -> Self {
        let tasks_1_1: Vec<_> = base.task.into_iter().map(|row| Task::new(row, &[])).collect();
        let mut practices_218a = base.practice.clone();
        for practice in profile.practice {
            match practices_218a.iter_mut().find(|known| known.id == practice.id) {
                Some(known) => *known = practice,
                None => practices_218a.push(practice),
            }
        }
        practices_218a.sort_by_key(|practice| order(&practice.id));
        let mut tasks_218a: Vec<_> = profile.task.into_iter().map(|row| Task::new(row, &tasks_1_1)).collect();
        tasks_218a.sort_by_key(|task| order(&task.id));
        Self { groups: base.group, practices_1_1: base.practice, practices_218a, tasks_1_1, tasks_218a }
    }
}

/// Sorts `PO.10` after `PO.9`.
fn order(id: &str) -> (Option<GroupId>, Vec<u32>) {
    (GroupId::of(id), id.split('.').filter_map(|part| part.parse().ok()).collect())
}

impl Task {
    /// A task whose row gives no text has the text of its namesake in `base`.
    fn new(row: TaskRow, base: &[Self]) -> Self {
        let inherited = || base.iter().find(|task| task.id == row.id).map(|task| task.text.clone());
        let text = row.text.or_else(inherited).expect("a row without text repeats a task of SSDF 1.1");
        let audience = row.audience.unwrap_or_else(|| Audience::ALL.to_vec());
        let items = row.item.into_iter().map(|item| Item::new(item, &audience)).collect();
        Self {
            id: row.id,
            text,
            priority: row.priority,
            status: row.status,
            audience,
            items,
            ai_rmf: row.ai_rmf,
            owasp_llm_1_1: row.owasp_llm_1_1,
        }
    }
}

impl Item {
    fn new(row: ItemRow, of_task: &[Audience]) -> Self {
        let letter = row.id.rsplit('.').next().and_then(|last| last.chars().next());
        let kind = match letter {
            Some('C') => ItemKind::Consideration,
            Some('N') => ItemKind::Note,
            _ => ItemKind::Recommendation,
        };
        Self { id: row.id, text: row.text, kind, audience: row.audience.unwrap_or_else(|| of_task.to_vec()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn each_edition_holds_what_was_published() {
        let counts = |edition| (practices(edition).len(), tasks(edition).len());
        assert_eq!(groups().len(), 4);
        assert_eq!(counts(Edition::Ssdf11), (19, 42));
        assert_eq!(counts(Edition::Ssdf218a), (20, 48));
        let mut kinds = BTreeMap::new();
        items().for_each(|(_, item)| *kinds.entry(item.kind).or_insert(0) += 1);
        let expected = [(ItemKind::Recommendation, 59), (ItemKind::Consideration, 16), (ItemKind::Note, 11)];
        assert_eq!(kinds, BTreeMap::from(expected));
        let ranked =
            |priority| tasks(Edition::Ssdf218a).iter().filter(|task| task.priority == Some(priority)).count();
        assert_eq!([Priority::High, Priority::Medium, Priority::Low].map(ranked), [21, 22, 5]);
        assert!(tasks(Edition::Ssdf11).iter().all(|task| task.priority.is_none() && task.items.is_empty()));
    }

    #[test]
    fn the_profile_says_what_it_changed() {
        let with = |status| {
            let changed = tasks(Edition::Ssdf218a).iter().filter(move |task| task.status == status);
            changed.map(|task| task.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(with(ChangeStatus::New), ["PO.5.3", "PS.1.2", "PS.1.3", "PW.3.1", "PW.3.2", "PW.3.3"]);
        assert_eq!(with(ChangeStatus::Modified), ["PO.1.3", "PS.3.2", "PW.2.1"]);
        let text = |edition: Edition, id| task(&edition.entry(id)).map(|task| task.text.as_str());
        assert_eq!(text(Edition::Ssdf11, "PO.1.1"), text(Edition::Ssdf218a, "PO.1.1"));
        assert_ne!(text(Edition::Ssdf11, "PW.2.1"), text(Edition::Ssdf218a, "PW.2.1"));
        assert_eq!(text(Edition::Ssdf11, "PW.3.1"), None);
        // The gap in the numbers is the publication's.
        assert_eq!(text(Edition::Ssdf218a, "PW.4.3"), None);
    }

    #[test]
    fn every_id_is_unique_ordered_and_belongs_to_its_parent() {
        for edition in [Edition::Ssdf11, Edition::Ssdf218a] {
            let known: BTreeSet<_> = practices(edition).iter().map(|practice| practice.id.as_str()).collect();
            assert_eq!(known.len(), practices(edition).len());
            assert!(practices(edition).is_sorted_by_key(|practice| order(&practice.id)));
            assert!(tasks(edition).is_sorted_by(|a, b| order(&a.id) < order(&b.id)));
            for task in tasks(edition) {
                assert!(known.contains(task.practice()), "{}", task.id);
                assert!(GroupId::of(&task.id).is_some(), "{}", task.id);
                for item in &task.items {
                    assert!(item.id.starts_with(&format!("{}.", task.id)), "{}", item.id);
                    assert!(!item.audience.is_empty(), "{}", item.id);
                }
            }
        }
        let ids: BTreeSet<_> = items().map(|(_, item)| &item.id).collect();
        assert_eq!(ids.len(), 86);
        let every =
            |task: &'static Task| task.items.iter().all(|i| item(&Edition::Ssdf218a.entry(&i.id)).is_some());
        assert!(tasks(Edition::Ssdf218a).iter().all(every));
    }

    #[test]
    fn every_text_is_one_sentence_of_its_own() {
        let mut texts = BTreeSet::new();
        let tasks =
            Edition::ALL.into_iter().flat_map(tasks).filter(|task| task.status != ChangeStatus::Unchanged);
        let texts_of_tasks = tasks.map(|task| &task.text);
        let base = super::tasks(Edition::Ssdf11).iter().map(|task| &task.text);
        for text in texts_of_tasks.chain(base).chain(items().map(|(_, item)| &item.text)) {
            assert!(text.ends_with('.') && !text.contains('\n') && text.len() <= 140, "{text}");
            assert!(text.starts_with(char::is_uppercase), "{text}");
            texts.insert(text);
        }
        assert_eq!(texts.len(), 42 + 9 + 86, "a text stands twice");
    }
}
