use std::collections::BTreeMap;

use super::positions;
use crate::{
    picture::Links,
    v1::{PracticeGroup, Report, Status},
};

/// Where the parts of pictures lead: to places in the same file.
pub(super) struct Anchors<'a> {
    areas: BTreeMap<&'a str, usize>,
    elements: BTreeMap<&'a str, usize>,
    threats: BTreeMap<&'a str, usize>,
    controls: BTreeMap<&'a str, usize>,
    decisions: BTreeMap<&'a str, usize>,
    /// By likelihood and impact, the first risk.
    risks: BTreeMap<(u8, u8), usize>,
}

impl<'a> Anchors<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        Self {
            areas: positions(report.groups.iter().map(|area| area.id.as_str())),
            elements: positions(report.system.elements.iter().map(|element| element.id.as_str())),
            threats: positions(report.threats.iter().map(|threat| threat.id.as_str())),
            controls: positions(report.controls.iter().map(|control| control.id.as_str())),
            decisions: positions(report.decisions.iter().map(|decision| decision.id.as_str())),
            risks: report
                .risks
                .iter()
                .enumerate()
                .rev()
                .map(|(at, risk)| ((risk.likelihood, risk.impact), at))
                .collect(),
        }
    }
}

impl Links for Anchors<'_> {
    fn items(&self, area: &PracticeGroup, status: Option<Status>) -> Option<String> {
        let at = self.areas.get(area.id.as_str()).filter(|_| status.is_none())?;
        Some(format!("#area-{at}"))
    }

    fn risks(&self, likelihood: u8, impact: u8, count: u64) -> Option<String> {
        let at = self.risks.get(&(likelihood, impact))?;
        Some(if count == 1 { format!("#risk-{at}") } else { "#register".to_owned() })
    }

    fn element(&self, id: &str) -> Option<String> {
        Some(format!("#element-{}", self.elements.get(id)?))
    }

    fn threat(&self, id: &str) -> Option<String> {
        Some(format!("#threat-{}", self.threats.get(id)?))
    }

    fn control(&self, id: &str) -> Option<String> {
        Some(format!("#control-{}", self.controls.get(id)?))
    }

    fn statements(&self, _kind: &str) -> Option<String> {
        Some("#evidence".to_owned())
    }

    fn decision(&self, id: &str) -> Option<String> {
        Some(format!("#decision-{}", self.decisions.get(id)?))
    }
}
