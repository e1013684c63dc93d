//! The eight statuses, case by case: `cases.txt` is the text, `catalogue.toml` the controls that it speaks of.

mod agreement;
mod case;
mod faults;
mod laws;
mod people;
mod reading;
mod requests;

use bartizan_assure::assess;
use bartizan_standards::Control;
use case::{Case, Expected};

#[derive(serde::Deserialize)]
struct Catalogue {
    control: Vec<Control>,
}

/// The small controls of `catalogue.toml`.
pub(crate) fn catalogue() -> Result<Vec<Control>, toml::de::Error> {
    Ok(toml::from_str::<Catalogue>(include_str!("catalogue.toml"))?.control)
}

#[test]
fn every_case_has_the_status_that_the_text_says() {
    let controls = catalogue().unwrap();
    let cases = Case::all(include_str!("cases.txt")).unwrap();
    assert!(cases.len() >= 60, "only {} cases", cases.len());
    let mut faults = Vec::new();
    for case in &cases {
        let assessment = assess(&controls, &case.scope, &case.evidence, &case.decisions, case::today());
        let control = assessment.controls.iter().find(|control| control.id == case.control).unwrap();
        for expected in &case.expected {
            let (met, got) = match expected {
                Expected::Status(status) => (control.status.as_str() == status, control.status.to_string()),
                Expected::Why(part) => (control.why.contains(part), control.why.clone()),
                Expected::Subject(id, status) => {
                    let subject = control.subjects.iter().find(|subject| subject.id == *id).unwrap();
                    (subject.status.as_str() == status, subject.status.to_string())
                }
                Expected::Note(part) => {
                    (control.notes.iter().any(|note| note.contains(part)), control.notes.join(" "))
                }
                Expected::Evidence(indexes) => {
                    (control.evidence == *indexes, format!("{:?}", control.evidence))
                }
                Expected::Contrary(indexes) => {
                    (control.contrary == *indexes, format!("{:?}", control.contrary))
                }
                Expected::Refused(indexes) => {
                    let refused: Vec<_> = control.refused.iter().map(|refused| refused.index).collect();
                    (refused == *indexes, format!("{refused:?}"))
                }
            };
            if !met {
                faults.push(format!("{}: expected {expected:?}, got {got}", case.sentence));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults in {} cases:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

#[test]
fn the_cases_show_every_status() {
    let cases = Case::all(include_str!("cases.txt")).unwrap();
    for status in bartizan_assure::Status::ALL {
        let is_status =
            |expected: &Expected| matches!(expected, Expected::Status(word) if word == status.as_str());
        assert!(cases.iter().any(|case| case.expected.iter().any(is_status)), "{status}");
    }
}
