use std::fmt;

/// What kind of thing can be gone from a project file that an earlier one had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LossKind {
    /// A threat that was derived.
    Threat,
    /// A control that applied.
    Control,
    /// An asset.
    Asset,
    /// An element.
    Element,
    /// A flow.
    Flow,
    /// A gate.
    Gate,
    /// The text of a gate's policy, in favour of another.
    GatePolicy,
}

impl LossKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Threat, Self::Control, Self::Asset, Self::Element, Self::Flow, Self::Gate, Self::GatePolicy];

    /// The word in statements, commands and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Threat => "threat",
            Self::Control => "control",
            Self::Asset => "asset",
            Self::Element => "element",
            Self::Flow => "flow",
            Self::Gate => "gate",
            Self::GatePolicy => "gate-policy",
        }
    }

    /// Reads a kind and an id, as `element/orders-api`.
    pub fn parse(text: &str) -> Option<(Self, &str)> {
        let (word, id) = text.split_once('/')?;
        let is_id = !id.is_empty() && id.len() <= 256 && !id.contains(crate::hides);
        Some((Self::from_name(word)?, id)).filter(|_| is_id)
    }

    /// The kind with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back() {
        for kind in LossKind::ALL {
            assert_eq!(LossKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(LossKind::from_name("tool"), None);
        assert_eq!(LossKind::parse("flow/a>b#2"), Some((LossKind::Flow, "a>b#2")));
        for bad in ["", "element", "element/", "tool/x", "element/a\u{1b}"] {
            assert_eq!(LossKind::parse(bad), None, "{bad:?}");
        }
    }
}
