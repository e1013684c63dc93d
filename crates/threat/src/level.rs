use bartizan_finding::Severity;
use serde::Serialize;

/// A likelihood or an impact from 1 to 5, and how it came about.
///
/// | | likelihood | impact |
/// |---|---|---|
/// | 1 | needs several failures at once | a nuisance |
/// | 2 | a skilled attacker with luck | some users, mended in a day |
/// | 3 | a skilled attacker who tries | many users, or money |
/// | 4 | anyone who tries | people harmed, or the business interrupted |
/// | 5 | happens without trying | people harmed in number, or not to be undone |
///
/// The scale orders the risks of one project; it is no measured frequency and no sum of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// From 1 to 5.
    pub value: u8,
    /// What it starts from, and what raises or lowers it, in the order of the rule.
    pub reasons: Vec<String>,
}

impl Level {
    /// Starts at `value`, because of `reason`.
    pub(crate) fn new(value: u8, reason: impl Into<String>) -> Self {
        Self { value: value.clamp(1, 5), reasons: vec![reason.into()] }
    }

    /// Raises or lowers it where `holds`. A step beyond 1 or 5 is lost, but its reason stays.
    pub(crate) fn when(mut self, holds: bool, by: i8, reason: impl Into<String>) -> Self {
        if holds {
            self.value = self.value.saturating_add_signed(by).clamp(1, 5);
            self.reasons.push(reason.into());
        }
        self
    }
}

/// Severity of a risk by likelihood times impact: critical from 20, high from 12, medium from 6, low from 3.
pub(crate) fn severity(likelihood: u8, impact: u8) -> Severity {
    match likelihood * impact {
        20.. => Severity::Critical,
        12.. => Severity::High,
        6.. => Severity::Medium,
        3.. => Severity::Low,
        _ => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_stays_on_the_scale_and_keeps_its_reasons() {
        let level = Level::new(2, "base").when(true, -4, "down").when(false, 9, "not so").when(true, 1, "up");
        assert_eq!(
            (level.value, level.reasons),
            (2, vec!["base".to_owned(), "down".to_owned(), "up".to_owned()])
        );
    }

    #[test]
    fn severity_follows_the_matrix() {
        let row = |likelihood| [1, 2, 3, 4, 5].map(|impact| severity(likelihood, impact).as_str());
        assert_eq!(row(1), ["info", "info", "low", "low", "low"]);
        assert_eq!(row(3), ["low", "medium", "medium", "high", "high"]);
        assert_eq!(row(5), ["low", "medium", "high", "critical", "critical"]);
    }
}
