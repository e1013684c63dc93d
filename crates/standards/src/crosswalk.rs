//! From an entry to entries that its publisher names for it. These are the publications' own references; what we
//! judge to belong together stands in the catalogue of controls instead.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use serde::Serialize;

use crate::{Edition, Reference, entries, entry::rmf_subcategory, items, tasks};

/// An entry that another one is crossed with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Crossing {
    /// The entry.
    pub reference: Reference,
    /// Who says so.
    pub source: Source,
    /// What the publication says exactly, where it names a part that is no entry: `LLM05-6`, the sixth measure under
    /// `LLM05` of version 1.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_as: Option<String>,
}

/// Which publication crosses two entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The informative references in Table 1 of NIST SP 800-218A. They stand at tasks; an item has those of its task.
    Sp800218a,
    /// NIST AI 600-1, which puts each suggested action under a subcategory of the AI RMF.
    NistAi600,
    /// MITRE ATLAS, which names tactics and mitigations of each technique.
    Atlas,
}

impl Source {
    /// The publication, as people read it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sp800218a => "NIST SP 800-218A, Table 1",
            Self::NistAi600 => "NIST AI 600-1",
            Self::Atlas => "MITRE ATLAS 5.6.0",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// Everything that publications cross an entry with, in both directions, sorted.
///
/// References of SP 800-218A to OWASP are to version 1.1 and stay so here; [`crate::migrate`] says what became of them.
pub fn crosswalk(reference: &Reference) -> &'static [Crossing] {
    static CROSSED: LazyLock<BTreeMap<Reference, Vec<Crossing>>> = LazyLock::new(|| {
        let mut crossed: BTreeMap<Reference, Vec<Crossing>> = BTreeMap::new();
        for Pair { from, to, source, published_as } in pairs() {
            let back = Crossing { reference: from.clone(), source, published_as: published_as.clone() };
            crossed.entry(to.clone()).or_default().push(back);
            crossed.entry(from).or_default().push(Crossing { reference: to, source, published_as });
        }
        for (task, item) in items() {
            let of_task = crossed.get(&Edition::Ssdf218a.entry(&task.id)).cloned().unwrap_or_default();
            crossed.insert(Edition::Ssdf218a.entry(&item.id), of_task);
        }
        for crossings in crossed.values_mut() {
            crossings.sort();
        }
        crossed
    });
    CROSSED.get(reference).map_or(&[], Vec::as_slice)
}

struct Pair {
    from: Reference,
    to: Reference,
    source: Source,
    published_as: Option<String>,
}

fn pairs() -> impl Iterator<Item = Pair> {
    let pair = |from, to, source| Pair { from, to, source, published_as: None };
    let of_tasks = tasks(Edition::Ssdf218a).iter().flat_map(move |task| {
        let from = Edition::Ssdf218a.entry(&task.id);
        let rmf = task.ai_rmf.iter().map({
            let from = from.clone();
            move |id| pair(from.clone(), Edition::AiRmf10.entry(id.replace(' ', "-")), Source::Sp800218a)
        });
        let owasp = task.owasp_llm_1_1.iter().map(move |id| {
            let (risk, measure) =
                id.split_once('-').map_or((id.as_str(), None), |(risk, _)| (risk, Some(id.clone())));
            let to = Edition::OwaspLlm2023.entry(risk);
            Pair { published_as: measure, ..pair(from.clone(), to, Source::Sp800218a) }
        });
        rmf.chain(owasp)
    });
    let of_actions = entries(Edition::NistAi600).iter().filter_map(move |action| {
        let to = Edition::AiRmf10.entry(rmf_subcategory(&action.id)?);
        Some(pair(Edition::NistAi600.entry(&action.id), to, Source::NistAi600))
    });
    let of_techniques = entries(Edition::Atlas56).iter().flat_map(move |technique| {
        let others = technique.within.iter().chain(&technique.treated_by);
        others.map(move |id| {
            pair(Edition::Atlas56.entry(&technique.id), Edition::Atlas56.entry(id), Source::Atlas)
        })
    });
    of_tasks.chain(of_actions).chain(of_techniques)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossed(text: &str) -> Vec<String> {
        let reference: Reference = text.parse().unwrap();
        let line = |crossing: &Crossing| {
            let part = crossing.published_as.as_ref().map_or_else(String::new, |part| format!(" as {part}"));
            format!("{}{part}", crossing.reference)
        };
        crosswalk(&reference).iter().map(line).collect()
    }

    #[test]
    fn no_crossing_leads_nowhere_and_every_one_leads_back() {
        let mut by_source = BTreeMap::new();
        for Pair { from, to, source, published_as } in pairs() {
            assert!(from.resolve().is_some(), "{from}");
            assert!(to.resolve().is_some(), "{from}: {to}");
            assert!(
                crosswalk(&to).iter().any(|back| back.reference == from && back.published_as == published_as)
            );
            *by_source.entry((source, to.edition)).or_insert(0) += 1;
        }
        assert_eq!(by_source[&(Source::Sp800218a, Edition::AiRmf10)], 138);
        assert_eq!(by_source[&(Source::Sp800218a, Edition::OwaspLlm2023)], 69);
        assert_eq!(by_source[&(Source::NistAi600, Edition::AiRmf10)], 211);
    }

    #[test]
    fn what_a_publication_names_is_found_from_both_ends() {
        assert_eq!(
            crossed("ssdf-218a:2024/PW.4.4"),
            ["owasp-llm:2023/LLM05 as LLM05-2", "owasp-llm:2023/LLM05 as LLM05-6"]
        );
        assert_eq!(crossed("ssdf-218a:2024/PW.4.4.R2"), crossed("ssdf-218a:2024/PW.4.4"));
        assert_eq!(crossed("ssdf:1.1/PW.4.4"), Vec::<String>::new());
        assert_eq!(crossed("ai-rmf:1.0/MEASURE-2.2").first().unwrap(), "ssdf-218a:2024/PW.8.2");
        assert_eq!(crossed("nist-ai-600-1:2024/GV-6.2-007"), ["ai-rmf:1.0/GOVERN-6.2"]);
        assert_eq!(
            crossed("atlas:5.6/AML.T0054"),
            [
                "atlas:5.6/AML.M0020",
                "atlas:5.6/AML.M0021",
                "atlas:5.6/AML.M0022",
                "atlas:5.6/AML.TA0007",
                "atlas:5.6/AML.TA0012"
            ]
        );
        assert!(crossed("atlas:5.6/AML.M0031").contains(&"atlas:5.6/AML.T0080.000".to_owned()));
    }
}
