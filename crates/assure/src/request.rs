use std::{collections::BTreeSet, fmt};

use bartizan_finding::{AssetId, ControlId, Digest, GateId, GroupId, LossKind, Timestamp};
use jiff::SignedDuration;

use crate::{ClaimKind, RuleName, judge::FUTURE_TOLERANCE, reading::printable};

mod facts;

/// The most characters of a reason, and of what is done instead.
pub const MAX_REASON: usize = 2_000;

/// The most characters of a place: a path of 1,024 bytes with members or a column behind it.
const MAX_PLACE: usize = 4_096;

/// The most characters of any other name.
const MAX_NAME: usize = 256;

/// The most things that one decision lets go.
const MAX_LOSSES: usize = 256;

/// What somebody asks for: the content of an `exception` statement. It holds nothing until somebody else agrees;
/// see [`decided`](crate::decided).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub asked: Asked,
    /// Why.
    pub reason: String,
    /// The group that owns the consequences.
    pub owner: GroupId,
    /// What is done instead.
    pub compensating: Option<String>,
    /// When it ends.
    pub expires: Timestamp,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To live with findings, or with what a control misses.
    Exception(ExceptionScope),
    /// That these may be gone from the project file.
    Loss(BTreeSet<LossItem>),
    /// To pass a gate that denies.
    BreakGlass {
        /// The gate.
        gate: GateId,
        /// What may pass: this asset, or the project where none is named.
        asset: Option<AssetId>,
    },
    /// That a control does not apply, or is someone else's.
    Claim(ClaimScope),
}

/// What an exception is about. What is named narrows it; at least a rule, a fingerprint or a control is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionScope {
    /// Findings of this rule.
    pub rule: Option<RuleName>,
    /// The finding with this fingerprint.
    pub fingerprint: Option<Digest>,
    /// Findings in this asset; only beside a rule or a fingerprint.
    pub asset: Option<AssetId>,
    /// Findings in this place, likewise, as [`Finding::place`](bartizan_finding::Finding::place) has it.
    pub place: Option<String>,
    /// What this control misses; beside a rule or fingerprint, only what it misses for their sake.
    pub control: Option<ControlId>,
    /// The bytes of the file, or the digest of the element, flow or project: others void it. Only an exception for
    /// one fingerprint can do without, and is then for a finding that is about no bytes.
    pub subject: Option<Digest>,
    /// A route of the gateway. It is carried and shown; an exception for one route lets no finding pass.
    pub route: Option<String>,
    /// A cell of a red-team run. It is carried and shown; an exception for one cell lets no finding pass.
    pub cell: Option<String>,
}

/// What a claim is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimScope {
    /// The control.
    pub control: ControlId,
    /// What is claimed of it.
    pub kind: ClaimKind,
    /// The subject, or all of them.
    pub subject: Option<Digest>,
    /// The supplier's statement that it rests on.
    pub supplier: Option<Digest>,
}

/// Something that was declared and may be gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LossItem {
    /// What kind of thing.
    pub kind: LossKind,
    /// Its id.
    pub id: String,
    /// Of a gate's policy, the digest of the text that takes its place; of nothing else.
    pub digest: Option<Digest>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in facts, commands and reports.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The one with this word.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
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
    /// What kind of decision it is.
    DecisionKind {
        /// To live with findings or with what a control misses.
        Exception = "exception",
        /// That something declared may be gone.
        Loss = "loss",
        /// To pass a gate that denies, for hours.
        BreakGlass = "break-glass",
        /// That a control does not apply, or is someone else's.
        Claim = "claim",
    }
}

impl DecisionKind {
    /// The longest that such a decision may last.
    pub const fn longest(self) -> SignedDuration {
        match self {
            Self::Exception | Self::Loss | Self::Claim => SignedDuration::from_hours(400 * 24),
            Self::BreakGlass => SignedDuration::from_hours(24),
        }
    }

    /// How long before its end people are told of it.
    pub const fn notice(self) -> SignedDuration {
        match self {
            Self::Exception | Self::Loss | Self::Claim => SignedDuration::from_hours(14 * 24),
            Self::BreakGlass => SignedDuration::from_hours(1),
        }
    }

    const fn longest_in_words(self) -> &'static str {
        match self {
            Self::Exception => "an exception lasts at most 400 days",
            Self::Loss => "an agreement to a loss lasts at most 400 days",
            Self::Claim => "a claim lasts at most 400 days",
            Self::BreakGlass => "a break-glass lasts at most 24 hours",
        }
    }
}

impl Request {
    /// What kind of decision is asked for.
    pub const fn kind(&self) -> DecisionKind {
        match self.asked {
            Asked::Exception(_) => DecisionKind::Exception,
            Asked::Loss(_) => DecisionKind::Loss,
            Asked::BreakGlass { .. } => DecisionKind::BreakGlass,
            Asked::Claim(_) => DecisionKind::Claim,
        }
    }

    /// The subject that it names, which others void.
    pub const fn subject(&self) -> Option<Digest> {
        match &self.asked {
            Asked::Exception(scope) => scope.subject,
            Asked::Claim(scope) => scope.subject,
            Asked::Loss(_) | Asked::BreakGlass { .. } => None,
        }
    }

    /// What is wrong with it, asked for at `requested`, as a fragment that reads well after a colon. What it can
    /// say wrongly, [`Request::from_facts`] refuses as well; here its end is held against its beginning.
    pub fn fault(&self, requested: Timestamp, as_of: Timestamp) -> Option<String> {
        let horizon = as_of.checked_add(FUTURE_TOLERANCE).unwrap_or(Timestamp::MAX);
        let fault = if self.expires <= requested {
            Some("it ends before it was asked for")
        } else if self.expires.duration_since(requested) > self.kind().longest() {
            Some(self.kind().longest_in_words())
        } else if requested > horizon {
            Some("it was asked for in the future")
        } else {
            self.shape()
        };
        fault.map(str::to_owned)
    }

    /// What it is about, in words: `PKL001 in model/a.pkl`, `the element orders-api`. Text from outside is shown
    /// without what would hide in it.
    pub fn about(&self) -> String {
        match &self.asked {
            Asked::Exception(scope) => scope.about(),
            Asked::Loss(items) => listed(items),
            Asked::BreakGlass { gate, asset: Some(asset) } => {
                format!("the gate {gate} for the asset {asset}")
            }
            Asked::BreakGlass { gate, asset: None } => format!("the gate {gate} for the project"),
            Asked::Claim(ClaimScope { control, kind: ClaimKind::Inherited, .. }) => {
                format!("the control {control}, which somebody else takes care of")
            }
            Asked::Claim(ClaimScope { control, kind: ClaimKind::NotApplicable, .. }) => {
                format!("the control {control}, which does not apply")
            }
        }
    }

    /// What no request may say, whenever it was asked for.
    fn shape(&self) -> Option<&'static str> {
        let too_long = |text: &str, most: usize| text.chars().nth(most).is_some();
        if self.reason.trim().is_empty() {
            return Some("it gives no reason");
        }
        if too_long(&self.reason, MAX_REASON) {
            return Some("its reason is longer than 2,000 characters");
        }
        if let Some(text) = &self.compensating {
            if text.trim().is_empty() {
                return Some("what is done instead is blank");
            }
            if too_long(text, MAX_REASON) {
                return Some("what is done instead is longer than 2,000 characters");
            }
        }
        match &self.asked {
            Asked::Exception(scope) => scope.shape(),
            Asked::Loss(items) if items.is_empty() => Some("it names nothing that may be gone"),
            Asked::Loss(items) if items.len() > MAX_LOSSES => Some("it names more than 256 losses"),
            Asked::Loss(items) => items.iter().find_map(LossItem::shape),
            Asked::BreakGlass { .. } | Asked::Claim(_) => None,
        }
    }
}

impl ExceptionScope {
    fn shape(&self) -> Option<&'static str> {
        let name_is = |name: &Option<String>, most: usize| {
            name.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().nth(most).is_some())
        };
        if self.rule.is_none() && self.fingerprint.is_none() && self.control.is_none() {
            Some("it names neither a rule, nor a finding, nor a control")
        } else if self.fingerprint.is_none() && self.subject.is_none() {
            Some("it does not say for which bytes, so that it would hold for any")
        } else if self.rule.is_none()
            && self.fingerprint.is_none()
            && (self.asset.is_some() || self.place.is_some())
        {
            Some("an asset or a place narrows a rule, and it names none")
        } else if name_is(&self.place, MAX_PLACE) {
            Some("its place is blank or longer than 4,096 characters")
        } else if name_is(&self.route, MAX_NAME) || name_is(&self.cell, MAX_NAME) {
            Some("its route or cell is blank or longer than 256 characters")
        } else {
            None
        }
    }

    fn about(&self) -> String {
        let what = match (&self.rule, &self.fingerprint, &self.control) {
            (Some(rule), ..) => rule.to_string(),
            (None, Some(fingerprint), _) => format!("the finding {}", short(fingerprint)),
            (None, None, Some(control)) => format!("the control {control}"),
            (None, None, None) => "nothing".to_owned(),
        };
        let within = match (&self.place, &self.asset, &self.subject) {
            (Some(place), ..) => format!(" in {}", printable(place, 120)),
            (None, Some(asset), _) => format!(" in {asset}"),
            (None, None, Some(subject)) => format!(" in sha256:{}…", short(subject)),
            (None, None, None) => String::new(),
        };
        let named = |what: &str, name: &Option<String>| {
            name.as_ref().map_or_else(String::new, |name| format!(", {what} {}", printable(name, 80)))
        };
        format!("{what}{within}{}{}", named("route", &self.route), named("cell", &self.cell))
    }
}

impl LossItem {
    fn shape(&self) -> Option<&'static str> {
        if self.id.trim().is_empty() || self.id.chars().nth(MAX_NAME).is_some() {
            Some("the id of a loss is blank or longer than 256 characters")
        } else if self.id.chars().any(char::is_control) {
            Some("the id of a loss has a control character")
        } else if (self.kind == LossKind::GatePolicy) != self.digest.is_some() {
            Some("the digest of the new text belongs to the policy of a gate, and to nothing else")
        } else {
            None
        }
    }
}

/// The first twelve digits, by which people name an envelope or a finding.
pub(crate) fn short(digest: &Digest) -> String {
    digest.hex().chars().take(12).collect()
}

fn listed(items: &BTreeSet<LossItem>) -> String {
    const SHOWN: usize = 3;
    let word = |item: &LossItem| match item.kind {
        LossKind::GatePolicy => format!("another policy of the gate {}", printable(&item.id, 80)),
        kind => format!("the {kind} {}", printable(&item.id, 80)),
    };
    let shown: Vec<_> = items.iter().take(SHOWN).map(word).collect();
    match items.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
