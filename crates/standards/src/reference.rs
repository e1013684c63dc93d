use std::{cmp::Reverse, fmt, str::FromStr};

use bartizan_finding::hides;
use serde::{Deserialize, Serialize};

use crate::{Edition, entry};

/// An entry of an edition, written `ssdf-218a:2024/PW.4.4.R2`. What was parsed exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    /// The edition.
    pub edition: Edition,
    /// The id within it: `PW.4.4.R2`, `LLM01`, `AML.T0051.001`, `GOVERN-1.1`, `C6.1`, `Art.55(1)(a)`.
    pub id: String,
}

/// The text names no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReference {
    /// It has no edition or no id.
    #[error("`{0}` is not a reference: expected an edition and an id, such as ssdf-218a:2024/PW.4.4.R2")]
    Malformed(String),
    /// There is no such edition.
    #[error("there is no edition `{tag}`; {}", hint(.nearest.as_deref(), "`bartizan standards list` shows them"))]
    NoEdition {
        /// The tag that was given, cut.
        tag: String,
        /// The tag that is nearest.
        nearest: Option<String>,
    },
    /// The edition has no such entry.
    #[error("`{edition}` has no entry `{id}`; {}", hint(.nearest.as_deref(), &format!("`bartizan standards show {edition}` lists them")))]
    NoEntry {
        /// The edition.
        edition: Edition,
        /// The id that was given, cut.
        id: String,
        /// The id that is nearest.
        nearest: Option<String>,
    },
}

/// No id or tag is longer.
const MAX_LENGTH: usize = 40;

impl BadReference {
    pub(crate) fn no_edition(tag: &str) -> Self {
        let tags = Edition::ALL.iter().map(|edition| edition.tag());
        Self::NoEdition { tag: shown(tag), nearest: nearest(tag, tags) }
    }
}

impl Edition {
    /// Names an entry of this edition, without asking whether there is one.
    pub fn entry(self, id: impl Into<String>) -> Reference {
        Reference { edition: self, id: id.into() }
    }
}

impl FromStr for Reference {
    type Err = BadReference;

    /// Besides the canonical form, the spelling of a publication is understood: `GOVERN 1.1`, `LLM01:2025`,
    /// `Art. 55(1)(a)`; and letters of the other case.
    fn from_str(text: &str) -> Result<Self, BadReference> {
        let (tag, id) = text.split_once('/').ok_or_else(|| BadReference::Malformed(shown(text)))?;
        let edition: Edition = tag.parse()?;
        let id = canonical(edition, id);
        let known = crate::entries(edition).iter().find(|entry| entry.id.eq_ignore_ascii_case(&id));
        match known {
            Some(entry) => Ok(edition.entry(&entry.id)),
            None if id.is_empty() => Err(BadReference::Malformed(shown(text))),
            None => {
                let ids = crate::entries(edition).iter().map(|entry| entry.id.as_str());
                Err(BadReference::NoEntry { edition, nearest: nearest(&id, ids), id: shown(&id) })
            }
        }
    }
}

/// An id as this crate spells it.
fn canonical(edition: Edition, id: &str) -> String {
    match edition {
        Edition::AiRmf10 => id.trim().replace(' ', "-"),
        Edition::EuAiAct2024 => id.replace(' ', ""),
        _ => {
            let year = edition.tag().rsplit(':').next().unwrap_or_default();
            let bare = id.strip_suffix(year).and_then(|id| id.strip_suffix(':'));
            bare.unwrap_or(id).to_owned()
        }
    }
}

/// Whether a reference in the documentation of a rule leads somewhere, as far as this crate can tell.
///
/// A reference of the form `edition/id` must resolve. So must the ids in texts such as `NIST SP 800-218A, PW.3.1 and
/// PW.3.2` and in addresses of ATLAS pages. Everything else is somebody else's and passes.
pub fn check_reference(text: &str) -> Result<(), String> {
    let check = |reference: &str| reference.parse::<Reference>().map(drop).map_err(|bad| bad.to_string());
    let prefixes = [
        ("NIST SP 800-218A, ", Edition::Ssdf218a),
        ("NIST SP 800-218, ", Edition::Ssdf11),
        ("NIST AI RMF 1.0, ", Edition::AiRmf10),
    ];
    for (prefix, edition) in prefixes {
        if let Some(ids) = text.strip_prefix(prefix) {
            return ids
                .split(" and ")
                .flat_map(|ids| ids.split(", "))
                .try_for_each(|id| check(&format!("{edition}/{id}")));
        }
    }
    let bare = text.trim_start_matches('<').trim_end_matches('>');
    if let Some(id) = bare.strip_prefix("https://atlas.mitre.org/techniques/") {
        return check(&format!("{}/{id}", Edition::Atlas56));
    }
    let has_edition = text.split_once('/').is_some_and(|(tag, rest)| {
        tag.contains(':')
            && !rest.starts_with('/')
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b))
    });
    if has_edition { check(text) } else { Ok(()) }
}

/// Whether the id is that of an item of SP 800-218A rather than a task: its last part is a letter and a number.
pub(crate) fn is_item(id: &str) -> bool {
    let parts: Vec<_> = id.split('.').collect();
    let is_number =
        |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
    let [group, practice, task, item] = parts.as_slice() else { return false };
    group.len() == 2
        && group.bytes().all(|b| b.is_ascii_uppercase())
        && is_number(practice)
        && is_number(task)
        && item.strip_prefix(['R', 'C', 'N']).is_some_and(is_number)
}

/// The candidate that is nearest to `text`, if one is near: at most one edit per three characters.
fn nearest<'c>(text: &str, candidates: impl Iterator<Item = &'c str>) -> Option<String> {
    if !(2..=MAX_LENGTH).contains(&text.len()) {
        return None;
    }
    let allowed = (text.len() / 3).max(1);
    let scored = candidates.map(|candidate| (strsim::osa_distance(text, candidate), candidate));
    // Ids are read from left to right: of several at the same distance the one that begins alike is meant.
    let alike = |candidate: &str| text.bytes().zip(candidate.bytes()).take_while(|(a, b)| a == b).count();
    scored
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, candidate)| {
            (*distance, Reverse(alike(candidate)), candidate.len().abs_diff(text.len()))
        })
        .map(|(_, candidate)| candidate.to_owned())
}

/// What a message says after the fault.
fn hint(nearest: Option<&str>, otherwise: &str) -> String {
    nearest.map_or_else(|| otherwise.to_owned(), |nearest| format!("did you mean `{nearest}`?"))
}

/// A text from outside, cut, without what a reader does not see.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !hides(*c) && !c.is_control()).take(MAX_LENGTH).collect()
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.edition.tag(), self.id)
    }
}

impl TryFrom<String> for Reference {
    type Error = BadReference;

    fn try_from(text: String) -> Result<Self, BadReference> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl Reference {
    /// The id as the publication writes it: `GOVERN 1.1`, `LLM01:2026`, `Article 55(1), point (a)`.
    pub fn as_published(&self) -> String {
        match self.edition {
            Edition::AiRmf10 => self.id.replace('-', " "),
            Edition::OwaspLlm2025 | Edition::OwaspLlm2026 | Edition::OwaspAsi2026 | Edition::OwaspMcp2025 => {
                let year = self.edition.tag().rsplit(':').next().unwrap_or_default();
                format!("{}:{year}", self.id)
            }
            Edition::EuAiAct2024 => article(&self.id),
            _ => self.id.clone(),
        }
    }

    /// What it names; nothing where it was made of an id that there is not.
    pub fn resolve(&self) -> Option<&'static crate::Entry> {
        entry(self)
    }
}

/// `Art.53(1)(b)(i)` as `Article 53(1), point (b)(i)`.
fn article(id: &str) -> String {
    let number = id.strip_prefix("Art.").unwrap_or(id);
    let mut parts = number.splitn(3, '(');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(article), Some(paragraph), Some(point)) => {
            format!("Article {article}({paragraph}, point ({point}")
        }
        _ => format!("Article {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_edition() {
        for good in [
            "ssdf:1.1/PO.1.1",
            "ssdf:1.1/PO.1",
            "ssdf-218a:2024/PW.4.4.R2",
            "ssdf-218a:2024/RV.2.1.N1",
            "owasp-llm:2023/LLM10",
            "owasp-llm:2026/LLM03",
            "owasp-asi:2026/ASI01",
            "owasp-mcp:2025/MCP10",
            "atlas:5.6/AML.T0051",
            "atlas:5.6/AML.T0051.001",
            "atlas:5.6/AML.TA0002",
            "atlas:5.6/AML.M0015",
            "ai-rmf:1.0/GOVERN-1.1",
            "ai-rmf:1.0/MEASURE-2.13",
            "nist-ai-600-1:2024/GAI01",
            "nist-ai-600-1:2024/GV-1.3-007",
            "nist-ai-100-2:2025/NISTAML.018",
            "aisvs:1.0/C12",
            "aisvs:1.0/C9.2.10",
            "eu-ai-act:2024/Art.55(1)(a)",
        ] {
            let reference: Reference = good.parse().unwrap();
            assert_eq!(reference.to_string(), good);
            assert!(reference.resolve().is_some());
        }
    }

    #[test]
    fn the_spelling_of_a_publication_is_understood() {
        for (text, canonical, published) in [
            ("ai-rmf:1.0/GOVERN 1.1", "ai-rmf:1.0/GOVERN-1.1", "GOVERN 1.1"),
            ("owasp-llm:2025/LLM01:2025", "owasp-llm:2025/LLM01", "LLM01:2025"),
            ("owasp-llm:1.1/llm01", "owasp-llm:2023/LLM01", "LLM01"),
            ("atlas:5.6.0/aml.t0051", "atlas:5.6/AML.T0051", "AML.T0051"),
            ("eu-ai-act:2024/Art. 55(1)(a)", "eu-ai-act:2024/Art.55(1)(a)", "Article 55(1), point (a)"),
            (
                "eu-ai-act:2024/art.53(1)(b)(ii)",
                "eu-ai-act:2024/Art.53(1)(b)(ii)",
                "Article 53(1), point (b)(ii)",
            ),
            ("eu-ai-act:2024/Art.50(1)", "eu-ai-act:2024/Art.50(1)", "Article 50(1)"),
            ("nist-sp-800-218:1.1/PO.5.1", "ssdf:1.1/PO.5.1", "PO.5.1"),
        ] {
            let reference: Reference = text.parse().unwrap();
            assert_eq!(reference.to_string(), canonical);
            assert_eq!(reference.as_published(), published);
        }
    }

    #[test]
    fn what_there_is_not_is_refused_and_the_nearest_is_named() {
        let said = |text: &str| text.parse::<Reference>().unwrap_err().to_string();
        for (text, expected) in [
            ("", "`` is not a reference: expected an edition and an id, such as ssdf-218a:2024/PW.4.4.R2"),
            (
                "PO.1.1",
                "`PO.1.1` is not a reference: expected an edition and an id, such as ssdf-218a:2024/PW.4.4.R2",
            ),
            (
                "ssdf:1.1/",
                "`ssdf:1.1/` is not a reference: expected an edition and an id, such as ssdf-218a:2024/PW.4.4.R2",
            ),
            ("ssdf:1.2/PO.1.1", "there is no edition `ssdf:1.2`; did you mean `ssdf:1.1`?"),
            ("ssdf:1.1/PO.1.9", "`ssdf:1.1` has no entry `PO.1.9`; did you mean `PO.1.1`?"),
            // The profile has no such task; the number is not used.
            ("ssdf-218a:2024/PW.4.3", "`ssdf-218a:2024` has no entry `PW.4.3`; did you mean `PW.4.1`?"),
            (
                "ssdf-218a:2024/PO.1.1.X1",
                "`ssdf-218a:2024` has no entry `PO.1.1.X1`; did you mean `PO.1.1.R1`?",
            ),
            ("owasp-llm:2026/LLM11", "`owasp-llm:2026` has no entry `LLM11`; did you mean `LLM10`?"),
            (
                "owasp-llm:2026/ASI01",
                "`owasp-llm:2026` has no entry `ASI01`; `bartizan standards show owasp-llm:2026` lists them",
            ),
            (
                "atlas:5.6/AML.T0051.009",
                "`atlas:5.6` has no entry `AML.T0051.009`; did you mean `AML.T0051.000`?",
            ),
            ("ai-rmf:1.0/GOVERN-1.8", "`ai-rmf:1.0` has no entry `GOVERN-1.8`; did you mean `GOVERN-1.1`?"),
            ("aisvs:1.0/C9.2.11", "`aisvs:1.0` has no entry `C9.2.11`; did you mean `C9.2.10`?"),
            (
                "eu-ai-act:2024/Art.55(1)(e)",
                "`eu-ai-act:2024` has no entry `Art.55(1)(e)`; did you mean `Art.55(1)(a)`?",
            ),
        ] {
            assert_eq!(said(text), expected);
        }
        let hostile = format!("ssdf:1.1/\u{202e}{}\u{1b}[31m", "a".repeat(100_000));
        assert!(said(&hostile).len() < 200, "{}", said(&hostile));
    }

    #[test]
    fn references_in_documentation_are_checked_where_they_can_be() {
        for good in [
            "owasp-llm:2026/LLM02",
            "atlas:5.6.0/AML.T0024.000",
            "nist-ai-100-2:2025/NISTAML.038",
            "NIST SP 800-218A, PW.3.1 and PW.3.2",
            "NIST SP 800-218A, PS.1.3.R2 and PS.2.1.R1",
            "NIST AI RMF 1.0, MANAGE 1.3",
            "<https://atlas.mitre.org/techniques/AML.T0010.003>",
            "https://atlas.mitre.org/techniques/AML.T0018",
            "<https://www.rfc-editor.org/rfc/rfc8259>",
            "https://www.rfc-editor.org/rfc/rfc8259",
            "CWE-502",
            "GHSA-w8jq-xcqf-f792",
            "Bagdasaryan and Shmatikov, 2021",
        ] {
            assert_eq!(check_reference(good), Ok(()), "{good}");
        }
        for bad in [
            "owasp-llm:2026/LLM12",
            "owasp-llm:2027/LLM01",
            "atlas:5.6/AML.T9999",
            "NIST SP 800-218A, PW.4.3",
            "NIST SP 800-218A, PW.3.1 and PW.3.9",
            "NIST AI RMF 1.0, MANAGE 9",
            "<https://atlas.mitre.org/techniques/AML.T0999>",
            "https://atlas.mitre.org/techniques/AML.T0999",
        ] {
            assert!(check_reference(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn items_are_told_from_tasks() {
        assert!(is_item("PW.4.4.R2") && is_item("RV.2.1.N1"));
        for no in ["PW.4.4", "PW.4.4.X1", "PW.4.4.R", "pw.4.4.R1", "PW.4.4.R111", "P.4.4.R1"] {
            assert!(!is_item(no), "{no}");
        }
    }
}
