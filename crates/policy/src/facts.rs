//! What a gate decides from.
//!
//! The tables of this file are the one list of what a policy may ask: the schema, the context of a request and the
//! sentences of a refusal are made from them.

use std::collections::BTreeMap;

use bartizan_finding::{ControlId, Status};
use serde::{Deserialize, Serialize};

use crate::status;

/// What is known at a transition. The default knows of no check and no evidence, and so passes no gate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// Where each control stands. A control that is not in the map is in no set, so no rule sees it as satisfied.
    #[serde(default)]
    pub statuses: BTreeMap<ControlId, Status>,
    /// Findings that stand: neither suppressed nor ignored.
    #[serde(default)]
    pub findings: FindingCounts,
    /// Findings that an exception or an `[[ignore]]` lets pass.
    #[serde(default)]
    pub suppressed: u64,
    /// What could not be looked at.
    #[serde(default)]
    pub unexamined: u64,
    /// Statements in the log that do not count, because their signer may not make them or their form is wrong.
    #[serde(default)]
    pub refused_evidence: u64,
    /// What was seen and nobody declared, of medium severity or over.
    #[serde(default)]
    pub undeclared: u64,
    /// What was declared before, is not now, and nobody agreed to lose.
    #[serde(default)]
    pub lost: u64,
    /// Exceptions in force.
    #[serde(default)]
    pub exceptions_in_force: u64,
    /// People who agreed to this very subject.
    #[serde(default)]
    pub approvals: u64,
    /// Whole hours since the oldest evidence that counts was collected; `None` where none counts, which is older than
    /// any limit.
    #[serde(default)]
    pub evidence_age_hours: Option<u64>,
    /// Whether declared and observed agree.
    #[serde(default)]
    pub reconciled: bool,
    /// Whether the run that judged this is recorded in the log.
    #[serde(default)]
    pub recorded: bool,
    /// Whether the whole log was verified.
    #[serde(default)]
    pub log_verified: bool,
    /// Whether somebody outside has seen the log.
    #[serde(default)]
    pub witnessed: bool,
    /// Whether root and collector are the same hands.
    #[serde(default)]
    pub self_attested: bool,
    /// Whether a check of this very revision is recorded.
    #[serde(default)]
    pub checked: bool,
    /// Whether a break-glass for this gate and subject is in force.
    #[serde(default)]
    pub break_glass: bool,
}

/// How many findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Critical ones.
    #[serde(default)]
    pub critical: u64,
    /// High ones.
    #[serde(default)]
    pub high: u64,
    /// Medium ones.
    #[serde(default)]
    pub medium: u64,
    /// Low ones.
    #[serde(default)]
    pub low: u64,
}

/// A number that a policy may ask for.
pub(crate) struct Count {
    /// Its attribute: `suppressed`, or `critical` within `findings`.
    pub(crate) name: &'static str,
    /// What it counts, for one and for several: `critical finding`, `critical findings`.
    pub(crate) nouns: [&'static str; 2],
    pub(crate) doc: &'static str,
    pub(crate) of: fn(&Facts) -> i64,
}

impl Count {
    /// `2 critical findings`.
    pub(crate) fn words(&self, facts: &Facts) -> String {
        let count = (self.of)(facts);
        if self.name == AGE {
            return match facts.evidence_age_hours {
                None => "no evidence counts".to_owned(),
                Some(1) => "the oldest evidence that counts is 1 hour old".to_owned(),
                Some(hours) => format!("the oldest evidence that counts is {hours} hours old"),
            };
        }
        match count {
            0 => format!("no {}", self.nouns[1]),
            1 => format!("1 {}", self.nouns[0]),
            _ => format!("{count} {}", self.nouns[1]),
        }
    }
}

/// A yes or no that a policy may ask for.
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    /// What it says when it is false and when it is true.
    pub(crate) words: [&'static str; 2],
    pub(crate) of: fn(&Facts) -> bool,
}

const AGE: &str = "evidenceAgeHours";

/// Those of the record `findings`.
pub(crate) const FINDINGS: [Count; 4] = [
    Count {
        name: "critical",
        nouns: ["critical finding", "critical findings"],
        doc: "critical ones",
        of: |facts| long(facts.findings.critical),
    },
    Count {
        name: "high",
        nouns: ["high finding", "high findings"],
        doc: "high ones",
        of: |facts| long(facts.findings.high),
    },
    Count {
        name: "medium",
        nouns: ["medium finding", "medium findings"],
        doc: "medium ones",
        of: |facts| long(facts.findings.medium),
    },
    Count {
        name: "low",
        nouns: ["low finding", "low findings"],
        doc: "low ones",
        of: |facts| long(facts.findings.low),
    },
];

/// Those that stand in the context itself.
pub(crate) const COUNTS: [Count; 8] = [
    Count {
        name: "suppressed",
        nouns: ["suppressed finding", "suppressed findings"],
        doc: "findings that an exception or an ignore lets pass",
        of: |facts| long(facts.suppressed),
    },
    Count {
        name: "unexamined",
        nouns: ["thing that was not looked at", "things that were not looked at"],
        doc: "what could not be looked at",
        of: |facts| long(facts.unexamined),
    },
    Count {
        name: "refusedEvidence",
        nouns: ["refused statement", "refused statements"],
        doc: "statements in the log that do not count",
        of: |facts| long(facts.refused_evidence),
    },
    Count {
        name: "undeclared",
        nouns: ["undeclared thing", "undeclared things"],
        doc: "what was seen and nobody declared, of medium severity or over",
        of: |facts| long(facts.undeclared),
    },
    Count {
        name: "lost",
        nouns: ["thing lost without agreement", "things lost without agreement"],
        doc: "what was declared before, is not now, and nobody agreed to lose",
        of: |facts| long(facts.lost),
    },
    Count {
        name: "exceptionsInForce",
        nouns: ["exception in force", "exceptions in force"],
        doc: "exceptions in force",
        of: |facts| long(facts.exceptions_in_force),
    },
    Count {
        name: "approvals",
        nouns: ["approval", "approvals"],
        doc: "people who agreed to this very subject",
        of: |facts| long(facts.approvals),
    },
    Count {
        name: AGE,
        nouns: ["hour", "hours"],
        doc: "age of the oldest evidence that counts; without any, larger than every limit",
        of: |facts| facts.evidence_age_hours.map_or(i64::MAX, long),
    },
];

/// Those that are yes or no.
pub(crate) const FLAGS: [Flag; 7] = [
    Flag {
        name: "reconciled",
        words: ["declared is not reconciled with observed", "declared is reconciled with observed"],
        of: |facts| facts.reconciled,
    },
    Flag {
        name: "recorded",
        words: ["the run is not recorded", "the run is recorded"],
        of: |facts| facts.recorded,
    },
    Flag {
        name: "logVerified",
        words: ["the log is not verified", "the log is verified"],
        of: |facts| facts.log_verified,
    },
    Flag {
        name: "witnessed",
        words: ["the log is not witnessed", "the log is witnessed"],
        of: |facts| facts.witnessed,
    },
    Flag {
        name: "selfAttested",
        words: ["the evidence is not self-attested", "the evidence is self-attested"],
        of: |facts| facts.self_attested,
    },
    Flag {
        name: "checked",
        words: ["no check of this revision is recorded", "a check of this revision is recorded"],
        of: |facts| facts.checked,
    },
    Flag {
        name: BREAK_GLASS,
        words: ["no break-glass is in force", "a break-glass is in force"],
        of: |facts| facts.break_glass,
    },
];

/// The flag that only the organisation's rules may ask for.
pub(crate) const BREAK_GLASS: &str = "breakGlass";

/// The record that holds [`FINDINGS`].
pub(crate) const FINDINGS_RECORD: &str = "findings";

/// Whether a rule that reads this attribute of the context reads evidence.
pub(crate) fn is_evidence(attribute: &str) -> bool {
    attribute == FINDINGS_RECORD
        || status::of_set(attribute).is_some()
        || COUNTS.iter().any(|count| count.name == attribute)
}

/// Every attribute of the context, for the one nearest to a mistyped one.
pub(crate) fn attributes() -> impl Iterator<Item = &'static str> {
    let sets = status::ORDER.into_iter().map(status::set);
    let counts = COUNTS.iter().map(|count| count.name);
    sets.chain([FINDINGS_RECORD]).chain(counts).chain(FLAGS.iter().map(|flag| flag.name))
}

/// Cedar counts in 64 bits with a sign.
fn long(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_attribute_of_the_context_has_one_name() {
        let all: Vec<_> = attributes().collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert_eq!(all.len(), 24);
    }

    #[test]
    fn counts_read_well() {
        let facts = Facts { suppressed: 1, unexamined: 2, ..Facts::default() };
        let words: Vec<_> =
            COUNTS.iter().filter(|c| c.name != "lost").map(|count| count.words(&facts)).collect();
        insta::assert_snapshot!(words.join("\n"), @r#"
1 suppressed finding
2 things that were not looked at
no refused statements
no undeclared things
no exceptions in force
no approvals
no evidence counts
"#);
    }

    #[test]
    fn facts_survive_json_and_an_empty_object_is_the_default() {
        let facts = Facts {
            statuses: [(ControlId::new("model-scan"), Status::NotApplicable)].into(),
            evidence_age_hours: Some(3),
            ..Facts::default()
        };
        let text = serde_json::to_string(&facts).unwrap();
        assert!(text.contains(r#""statuses":{"model-scan":"not-applicable"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
        assert_eq!(serde_json::from_str::<Facts>("{}").unwrap(), Facts::default());
    }
}
