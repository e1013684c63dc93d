//! What became of an entry in other editions of the same framework.

use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{ChangeStatus, Edition, EntryKind, Reference, entries, practices, tasks};

/// What became of an entry in another edition, seen from the older of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The entry that was asked about.
    pub from: Reference,
    /// Its counterpart; nothing where there is none.
    pub to: Option<Reference>,
    /// What happened between the older and the newer edition.
    pub change: Change,
    /// Whether the publications leave it open and we judged.
    pub ours: bool,
    /// Counterparts in the editions between, in the order of the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<Reference>,
    /// What a reader should know about it, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What happened to an entry from one edition to a later one, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It is the same, though its number may be another.
    Same,
    /// Its text was changed.
    Reworded,
    /// It has another title, and may have another reach.
    Renamed,
    /// It became several.
    Split,
    /// It became one with others.
    Merged,
    /// The later edition has no counterpart.
    Dropped,
    /// The earlier edition has no counterpart.
    New,
}

impl Change {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Reworded => "reworded",
            Self::Renamed => "renamed",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::Dropped => "dropped",
            Self::New => "new",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What became of an entry in edition `to`, or what it was there where `to` is the older one.
///
/// Empty where `to` is not an edition of the same framework, where it is the entry's own, and where the entry does not
/// exist. Otherwise there is at least one step: one without a counterpart says that there is none.
pub fn migrate(reference: &Reference, to: Edition) -> Vec<Step> {
    let lineage = reference.edition.lineage();
    let place = |edition| lineage.iter().position(|one| *one == edition);
    let (Some(at), Some(goal)) = (place(reference.edition), place(to)) else { return Vec::new() };
    if at == goal || reference.resolve().is_none() {
        return Vec::new();
    }
    let hops: Vec<Edition> = if at < goal {
        lineage.get(at + 1..=goal).unwrap_or_default().to_vec()
    } else {
        lineage.get(goal..at).unwrap_or_default().iter().rev().copied().collect()
    };
    let mut open = vec![Step::start(reference)];
    for hop in hops {
        open = open.iter().flat_map(|step| step.on(hop)).collect();
    }
    open.iter_mut().for_each(Step::finish);
    open
}

/// Entries of other editions of the same framework that have the same id and are something else. Whoever reads an id
/// without its edition takes them for one another.
pub fn namesakes(reference: &Reference) -> Vec<Reference> {
    let others = reference.edition.lineage().iter().filter(|edition| **edition != reference.edition);
    let namesake = |edition: &Edition| {
        let namesake = edition.entry(&reference.id);
        let is_counterpart =
            || migrate(reference, *edition).iter().any(|step| step.to.as_ref() == Some(&namesake));
        (namesake.resolve().is_some() && !is_counterpart()).then_some(namesake)
    };
    others.filter_map(namesake).collect()
}

impl Step {
    fn start(reference: &Reference) -> Self {
        Self {
            from: reference.clone(),
            to: Some(reference.clone()),
            change: Change::Same,
            ours: false,
            via: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The steps that go on from this one into a neighbouring edition.
    fn on(&self, edition: Edition) -> Vec<Self> {
        let Some(here) = &self.to else { return vec![self.clone()] };
        let is_later = edition > here.edition;
        let along = |row: &&Row| {
            let (old, new) = if is_later { (&row.from, &row.to) } else { (&row.to, &row.from) };
            old.as_ref() == Some(here) && new.as_ref().is_none_or(|new| new.edition == edition)
        };
        let follow = |row: &Row| {
            let mut step = self.clone();
            step.via.push(here.clone());
            step.to = if is_later { row.to.clone() } else { row.from.clone() };
            step.change = step.change.max(row.change);
            step.ours |= row.ours;
            // What changed on the way to nothing tells nobody anything.
            let notes = step.notes.into_iter().chain(row.note.clone()).filter(|_| step.to.is_some());
            step.notes = notes.collect();
            step
        };
        let steps: Vec<_> = rows().iter().filter(along).map(follow).collect();
        if steps.is_empty() {
            let nothing = if is_later { Change::Dropped } else { Change::New };
            return vec![Self { to: None, change: nothing, notes: Vec::new(), ..self.clone() }];
        }
        steps
    }

    /// The way holds neither its start nor its end.
    fn finish(&mut self) {
        self.via.retain(|one| *one != self.from && Some(one) != self.to.as_ref());
    }
}

/// A row of a table: from one edition to the next.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    from: Option<Reference>,
    to: Option<Reference>,
    change: Change,
    #[serde(default)]
    ours: bool,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rows: Vec<Row>,
}

fn rows() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let file: File = toml::from_str(include_str!("../data/migrations.toml"))
            .expect("the table of migrations is read by a test");
        file.rows.into_iter().chain(ssdf()).collect()
    });
    &ROWS
}

/// What SP 800-218A says of each practice and task. Its items are additions.
fn ssdf() -> impl Iterator<Item = Row> {
    let practices =
        practices(Edition::Ssdf218a).iter().map(|practice| (practice.id.as_str(), practice.status));
    let tasks = tasks(Edition::Ssdf218a).iter().map(|task| (task.id.as_str(), task.status));
    let groups = entries(Edition::Ssdf218a).iter().filter(|entry| entry.kind == EntryKind::Group);
    let groups = groups.map(|group| (group.id.as_str(), ChangeStatus::Unchanged));
    groups.chain(practices).chain(tasks).map(|(id, status)| {
        let change = match status {
            ChangeStatus::Unchanged => Change::Same,
            ChangeStatus::Modified => Change::Reworded,
            ChangeStatus::New => Change::New,
        };
        let from = (change != Change::New).then(|| Edition::Ssdf11.entry(id));
        Row { from, to: Some(Edition::Ssdf218a.entry(id)), change, ours: false, note: None }
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn said(text: &str, to: Edition) -> Vec<String> {
        let line = |step: &Step| {
            let to = step.to.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let via: Vec<_> = step.via.iter().map(|via| format!(" by way of {via}")).collect();
            let ours = if step.ours { ", our judgement" } else { "" };
            format!("{to}{}: {}{ours}", via.concat(), step.change)
        };
        migrate(&text.parse().unwrap(), to).iter().map(line).collect()
    }

    #[test]
    fn every_row_leads_from_one_edition_to_the_next() {
        for row in rows() {
            for reference in row.from.iter().chain(&row.to) {
                assert!(reference.resolve().is_some(), "{reference}");
            }
            match (&row.from, &row.to) {
                (Some(from), Some(to)) => {
                    let lineage = from.edition.lineage();
                    let at = lineage.iter().position(|one| *one == from.edition).unwrap();
                    assert_eq!(lineage.get(at + 1), Some(&to.edition), "{from}");
                    let titles = from.resolve().unwrap().title == to.resolve().unwrap().title;
                    match row.change {
                        Change::Same => assert!(titles && !row.ours, "{from}"),
                        Change::Renamed => assert!(!titles && row.ours, "{from}"),
                        Change::Merged => assert!(row.ours, "{from}"),
                        Change::Reworded => assert!(!row.ours, "{from}"),
                        Change::Split | Change::Dropped | Change::New => panic!("{from}: {}", row.change),
                    }
                }
                (None, Some(_)) => assert_eq!(row.change, Change::New),
                (Some(_), None) => assert_eq!(row.change, Change::Dropped),
                (None, None) => panic!("a row about nothing"),
            }
            assert!(row.note.as_ref().is_none_or(|note| note.ends_with('.') && row.ours));
        }
    }

    #[test]
    fn every_entry_of_a_lineage_is_accounted_for_in_every_other_edition() {
        for edition in Edition::ALL {
            for other in edition.lineage().iter().filter(|other| **other != edition) {
                for entry in entries(edition) {
                    let reference = edition.entry(&entry.id);
                    let steps = migrate(&reference, *other);
                    assert!(!steps.is_empty(), "{reference} in {other}");
                    for step in steps {
                        assert_eq!(step.from, reference);
                        let Some(to) = &step.to else {
                            assert!(matches!(step.change, Change::Dropped | Change::New), "{reference}");
                            continue;
                        };
                        assert_eq!(to.edition, *other);
                        // The way back passes where the way there led.
                        assert!(migrate(to, edition).iter().any(|back| back.to.as_ref() == Some(&reference)));
                    }
                }
            }
        }
    }

    #[test]
    fn the_lists_of_owasp_are_followed_through_both_renumberings() {
        let mut table = String::new();
        for entry in entries(Edition::OwaspLlm2023) {
            let reference = Edition::OwaspLlm2023.entry(&entry.id);
            let _ = writeln!(
                table,
                "{} {}: {}",
                entry.id,
                entry.title,
                said(&reference.to_string(), Edition::OwaspLlm2026).join("; ")
            );
        }
        for entry in entries(Edition::OwaspLlm2026) {
            let reference = Edition::OwaspLlm2026.entry(&entry.id).to_string();
            let _ = writeln!(
                table,
                "{reference} {}: {}",
                entry.title,
                said(&reference, Edition::OwaspLlm2023).join("; ")
            );
        }
        insta::assert_snapshot!(table, @r#"
        LLM01 Prompt Injection: owasp-llm:2026/LLM01 by way of owasp-llm:2025/LLM01: same
        LLM02 Insecure Output Handling: owasp-llm:2026/LLM10 by way of owasp-llm:2025/LLM05: renamed, our judgement
        LLM03 Training Data Poisoning: owasp-llm:2026/LLM05 by way of owasp-llm:2025/LLM04: renamed, our judgement
        LLM04 Model Denial of Service: owasp-llm:2026/LLM06 by way of owasp-llm:2025/LLM10: merged, our judgement
        LLM05 Supply Chain Vulnerabilities: owasp-llm:2026/LLM04 by way of owasp-llm:2025/LLM03: renamed, our judgement
        LLM06 Sensitive Information Disclosure: owasp-llm:2026/LLM02 by way of owasp-llm:2025/LLM02: same
        LLM07 Insecure Plugin Design: owasp-llm:2026/LLM03 by way of owasp-llm:2025/LLM06: merged, our judgement
        LLM08 Excessive Agency: owasp-llm:2026/LLM03 by way of owasp-llm:2025/LLM06: merged, our judgement
        LLM09 Overreliance: owasp-llm:2026/LLM07 by way of owasp-llm:2025/LLM09: renamed, our judgement
        LLM10 Model Theft: owasp-llm:2026/LLM06 by way of owasp-llm:2025/LLM10: merged, our judgement
        owasp-llm:2026/LLM01 Prompt Injection: owasp-llm:2023/LLM01 by way of owasp-llm:2025/LLM01: same
        owasp-llm:2026/LLM02 Sensitive Information Disclosure: owasp-llm:2023/LLM06 by way of owasp-llm:2025/LLM02: same
        owasp-llm:2026/LLM03 Excessive Agency: owasp-llm:2023/LLM07 by way of owasp-llm:2025/LLM06: merged, our judgement; owasp-llm:2023/LLM08 by way of owasp-llm:2025/LLM06: merged, our judgement
        owasp-llm:2026/LLM04 Supply Chain: owasp-llm:2023/LLM05 by way of owasp-llm:2025/LLM03: renamed, our judgement
        owasp-llm:2026/LLM05 Data and Model Poisoning: owasp-llm:2023/LLM03 by way of owasp-llm:2025/LLM04: renamed, our judgement
        owasp-llm:2026/LLM06 Unbounded Consumption: owasp-llm:2023/LLM04 by way of owasp-llm:2025/LLM10: merged, our judgement; owasp-llm:2023/LLM10 by way of owasp-llm:2025/LLM10: merged, our judgement
        owasp-llm:2026/LLM07 Misinformation: owasp-llm:2023/LLM09 by way of owasp-llm:2025/LLM09: renamed, our judgement
        owasp-llm:2026/LLM08 Hidden Context Exposure: nothing by way of owasp-llm:2025/LLM07: new, our judgement
        owasp-llm:2026/LLM09 Vector and Embedding Weaknesses: nothing by way of owasp-llm:2025/LLM08: new
        owasp-llm:2026/LLM10 Improper Output Handling: owasp-llm:2023/LLM02 by way of owasp-llm:2025/LLM05: renamed, our judgement
        "#);
    }

    #[test]
    fn what_218a_did_to_the_ssdf_is_said_the_same_way() {
        for (text, to, expected) in [
            ("ssdf:1.1/PO.1.1", Edition::Ssdf218a, "ssdf-218a:2024/PO.1.1: same"),
            ("ssdf:1.1/PW.2.1", Edition::Ssdf218a, "ssdf-218a:2024/PW.2.1: reworded"),
            ("ssdf-218a:2024/PW.2.1", Edition::Ssdf11, "ssdf:1.1/PW.2.1: reworded"),
            ("ssdf-218a:2024/PW.3.1", Edition::Ssdf11, "nothing: new"),
            ("ssdf-218a:2024/PW.4.4.R2", Edition::Ssdf11, "nothing: new"),
            ("ssdf-218a:2024/PS.1", Edition::Ssdf11, "ssdf:1.1/PS.1: reworded"),
            ("ssdf-218a:2024/PO", Edition::Ssdf11, "ssdf:1.1/PO: same"),
        ] {
            assert_eq!(said(text, to), [expected], "{text}");
        }
    }

    #[test]
    fn there_is_no_way_between_frameworks() {
        for (text, to) in [
            ("owasp-llm:2023/LLM01", Edition::OwaspLlm2023),
            ("owasp-llm:2023/LLM01", Edition::OwaspAsi2026),
            ("atlas:5.6/AML.T0051", Edition::OwaspLlm2026),
        ] {
            assert_eq!(said(text, to), Vec::<String>::new(), "{text}");
        }
        assert!(migrate(&Edition::OwaspLlm2023.entry("LLM99"), Edition::OwaspLlm2025).is_empty());
    }

    #[test]
    fn an_id_that_was_given_to_something_else_is_named() {
        let of = |text: &str| {
            namesakes(&text.parse().unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("owasp-llm:2023/LLM02"), ["owasp-llm:2025/LLM02", "owasp-llm:2026/LLM02"]);
        assert_eq!(of("owasp-llm:2025/LLM02"), ["owasp-llm:2023/LLM02"]);
        assert_eq!(of("owasp-llm:2026/LLM01"), Vec::<String>::new());
        assert_eq!(of("ssdf:1.1/PO.1.1"), Vec::<String>::new());
    }
}
