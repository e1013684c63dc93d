use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::BadReference;

/// An edition of a framework whose entries this crate holds. Ids mean nothing without it: they were renumbered
/// and reused between editions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Edition {
    /// NIST SP 800-218, Secure Software Development Framework, version 1.1.
    Ssdf11,
    /// NIST SP 800-218A, its community profile for generative AI.
    Ssdf218a,
    /// OWASP Top 10 for LLM applications, version 1.1, to which SP 800-218A refers.
    OwaspLlm2023,
    /// OWASP Top 10 for LLM applications 2025.
    OwaspLlm2025,
    /// OWASP Top 10 for LLM applications 2026.
    OwaspLlm2026,
    /// OWASP Top 10 for agentic applications 2026.
    OwaspAsi2026,
    /// OWASP MCP Top 10.
    OwaspMcp2025,
    /// MITRE ATLAS 5.6.0.
    Atlas56,
    /// NIST AI Risk Management Framework 1.0.
    AiRmf10,
    /// NIST AI 600-1, its profile for generative AI.
    NistAi600,
    /// NIST AI 100-2 E2025, the taxonomy of adversarial machine learning.
    NistAi100,
    /// OWASP AI Security Verification Standard 1.0.
    Aisvs10,
    /// Regulation (EU) 2024/1689, the Artificial Intelligence Act.
    EuAiAct2024,
}

struct About {
    tag: &'static str,
    title: &'static str,
    publisher: &'static str,
    published: &'static str,
    url: &'static str,
    licence: &'static str,
    holds: &'static str,
}

const NIST: &str = "Public domain: a work of the United States government";
const LIST: &str = "CC BY-SA 4.0; ids and titles alone are taken over";
const PARAPHRASED: &str = "Ids and structure are the publication's, every sentence is our own paraphrase.";

impl Edition {
    /// All of them: the development frameworks first, then lists of risks and attacks, then management and law.
    pub const ALL: [Self; 13] = [
        Self::Ssdf11,
        Self::Ssdf218a,
        Self::OwaspLlm2023,
        Self::OwaspLlm2025,
        Self::OwaspLlm2026,
        Self::OwaspAsi2026,
        Self::OwaspMcp2025,
        Self::Atlas56,
        Self::AiRmf10,
        Self::NistAi600,
        Self::NistAi100,
        Self::Aisvs10,
        Self::EuAiAct2024,
    ];

    /// Other spellings that people use for a tag.
    const ALIASES: [(&'static str, Self); 4] = [
        ("atlas:5.6.0", Self::Atlas56),
        ("owasp-llm:1.1", Self::OwaspLlm2023),
        ("nist-sp-800-218:1.1", Self::Ssdf11),
        ("nist-sp-800-218a:2024", Self::Ssdf218a),
    ];

    const fn about(self) -> &'static About {
        &ABOUT[self as usize]
    }

    /// The tag that stands before an id, such as `owasp-llm:2026`.
    pub const fn tag(self) -> &'static str {
        self.about().tag
    }

    /// The publication.
    pub const fn title(self) -> &'static str {
        self.about().title
    }

    /// Who published it.
    pub const fn publisher(self) -> &'static str {
        self.about().publisher
    }

    /// When: a year, or a year and a month.
    pub const fn published(self) -> &'static str {
        self.about().published
    }

    /// Where it is to be read.
    pub const fn url(self) -> &'static str {
        self.about().url
    }

    /// Under which terms it was published, and what of it stands here.
    pub const fn licence(self) -> &'static str {
        self.about().licence
    }

    /// What of it this program holds, in a sentence or two.
    pub const fn holds(self) -> &'static str {
        self.about().holds
    }

    /// The editions between which entries can be followed, oldest first: this one alone where there is no other.
    pub const fn lineage(self) -> &'static [Self] {
        match self {
            Self::Ssdf11 | Self::Ssdf218a => &[Self::Ssdf11, Self::Ssdf218a],
            Self::OwaspLlm2023 | Self::OwaspLlm2025 | Self::OwaspLlm2026 => {
                &[Self::OwaspLlm2023, Self::OwaspLlm2025, Self::OwaspLlm2026]
            }
            Self::OwaspAsi2026 => &[Self::OwaspAsi2026],
            Self::OwaspMcp2025 => &[Self::OwaspMcp2025],
            Self::Atlas56 => &[Self::Atlas56],
            Self::AiRmf10 => &[Self::AiRmf10],
            Self::NistAi600 => &[Self::NistAi600],
            Self::NistAi100 => &[Self::NistAi100],
            Self::Aisvs10 => &[Self::Aisvs10],
            Self::EuAiAct2024 => &[Self::EuAiAct2024],
        }
    }
}

/// In the order of [`Edition::ALL`], which is the order of the variants.
const ABOUT: [About; Edition::ALL.len()] = [
    About {
        tag: "ssdf:1.1",
        title: "NIST SP 800-218, SSDF version 1.1",
        publisher: "NIST",
        published: "2022-02",
        url: "https://doi.org/10.6028/NIST.SP.800-218",
        licence: NIST,
        holds: PARAPHRASED,
    },
    About {
        tag: "ssdf-218a:2024",
        title: "NIST SP 800-218A",
        publisher: "NIST",
        published: "2024-07",
        url: "https://doi.org/10.6028/NIST.SP.800-218A",
        licence: NIST,
        holds: PARAPHRASED,
    },
    About {
        tag: "owasp-llm:2023",
        title: "OWASP Top 10 for LLM Applications, version 1.1",
        publisher: "OWASP",
        published: "2023-10",
        url: "https://owasp.org/www-project-top-10-for-large-language-model-applications/",
        licence: LIST,
        holds: "Ids and titles. SP 800-218A refers to this edition, and later ones reuse its ids for other risks.",
    },
    About {
        tag: "owasp-llm:2025",
        title: "OWASP Top 10 for LLM Applications 2025",
        publisher: "OWASP",
        published: "2024-11",
        url: "https://genai.owasp.org/llm-top-10/",
        licence: LIST,
        holds: "Ids and titles.",
    },
    About {
        tag: "owasp-llm:2026",
        title: "OWASP Top 10 for LLM Applications 2026",
        publisher: "OWASP",
        published: "2026",
        url: "https://genai.owasp.org/llm-top-10/",
        licence: LIST,
        holds: "Ids and titles.",
    },
    About {
        tag: "owasp-asi:2026",
        title: "OWASP Top 10 for Agentic Applications 2026",
        publisher: "OWASP",
        published: "2025-12",
        url: "https://genai.owasp.org/",
        licence: LIST,
        holds: "Ids and titles.",
    },
    About {
        tag: "owasp-mcp:2025",
        title: "OWASP MCP Top 10",
        publisher: "OWASP",
        published: "2025",
        url: "https://owasp.org/www-project-mcp-top-10/",
        licence: LIST,
        holds: "Ids and titles.",
    },
    About {
        tag: "atlas:5.6",
        title: "MITRE ATLAS 5.6.0",
        publisher: "MITRE",
        published: "2026-05",
        url: "https://atlas.mitre.org/",
        licence: "Apache-2.0",
        holds: "Ids and names of tactics, techniques and mitigations, and which mitigation is named for which technique.",
    },
    About {
        tag: "ai-rmf:1.0",
        title: "NIST AI Risk Management Framework 1.0",
        publisher: "NIST",
        published: "2023-01",
        url: "https://doi.org/10.6028/NIST.AI.100-1",
        licence: NIST,
        holds: PARAPHRASED,
    },
    About {
        tag: "nist-ai-600-1:2024",
        title: "NIST AI 600-1, generative AI profile of the AI RMF",
        publisher: "NIST",
        published: "2024-07",
        url: "https://doi.org/10.6028/NIST.AI.600-1",
        licence: NIST,
        holds: "Names of the risks, which we number GAI01 to GAI12; of the suggested actions the ids alone.",
    },
    About {
        tag: "nist-ai-100-2:2025",
        title: "NIST AI 100-2 E2025, adversarial machine learning",
        publisher: "NIST",
        published: "2025-03",
        url: "https://doi.org/10.6028/NIST.AI.100-2e2025",
        licence: NIST,
        holds: "Ids and names of its index.",
    },
    About {
        tag: "aisvs:1.0",
        title: "OWASP AI Security Verification Standard 1.0",
        publisher: "OWASP",
        published: "2026-07",
        url: "https://github.com/OWASP/AISVS",
        licence: "CC BY-SA 4.0; ids and levels alone are taken over",
        holds: "Ids and levels. The names of chapters and sections are our own; requirements are to be read at the source.",
    },
    About {
        tag: "eu-ai-act:2024",
        title: "Regulation (EU) 2024/1689, Artificial Intelligence Act",
        publisher: "European Union",
        published: "2024-07",
        url: "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
        licence: "Law of the European Union, which may be reused",
        holds: "Articles 50 and 53 to 55 with paragraphs and points; of some others the title. Titles below an article are our own.",
    },
];

impl FromStr for Edition {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        let by_tag = Self::ALL.into_iter().find(|edition| edition.tag() == text);
        let by_alias = || Self::ALIASES.iter().find(|(alias, _)| *alias == text).map(|(_, edition)| *edition);
        by_tag.or_else(by_alias).ok_or_else(|| BadReference::no_edition(text))
    }
}

impl TryFrom<String> for Edition {
    type Error = BadReference;

    fn try_from(text: String) -> Result<Self, BadReference> {
        text.parse()
    }
}

impl From<Edition> for &'static str {
    fn from(edition: Edition) -> Self {
        edition.tag()
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tags_lead_back_and_differ() {
        assert!(Edition::ALL.is_sorted(), "the table of facts is in the order of the variants");
        let tags: BTreeSet<_> = Edition::ALL.iter().map(|edition| edition.tag()).collect();
        assert_eq!(tags.len(), Edition::ALL.len());
        for edition in Edition::ALL {
            assert_eq!(edition.tag().parse(), Ok(edition));
            let json = serde_json::to_string(&edition).unwrap();
            assert_eq!(json, format!("\"{}\"", edition.tag()));
            assert_eq!(serde_json::from_str::<Edition>(&json).unwrap(), edition);
            assert!(edition.lineage().contains(&edition));
        }
        for (alias, edition) in Edition::ALIASES {
            assert!(!tags.contains(alias));
            assert_eq!(alias.parse(), Ok(edition));
        }
    }

    #[test]
    fn every_edition_says_where_it_comes_from_and_under_which_terms() {
        for edition in Edition::ALL {
            assert!(edition.url().starts_with("https://"), "{edition}");
            assert!(!edition.licence().is_empty() && edition.holds().ends_with('.'), "{edition}");
            let year = edition.published().split('-').next().unwrap().parse::<u16>().unwrap();
            assert!((2022..=2026).contains(&year), "{edition}");
            assert!(edition.title().chars().count() <= 60, "{edition}");
        }
    }

    #[test]
    fn an_edition_that_there_is_not_is_refused_with_its_neighbour() {
        let said = |text: &str| text.parse::<Edition>().unwrap_err().to_string();
        assert_eq!(
            said("owasp-llm:2024"),
            "there is no edition `owasp-llm:2024`; did you mean `owasp-llm:2023`?"
        );
        assert_eq!(said("atlas:4.9"), "there is no edition `atlas:4.9`; did you mean `atlas:5.6`?");
        assert_eq!(
            said("iso-42001"),
            "there is no edition `iso-42001`; `bartizan standards list` shows them"
        );
    }
}
