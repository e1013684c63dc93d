use super::{Links, areas, boundaries, decisions, grounds, history, risk_map, validity};
use crate::{
    picture::View,
    sample,
    v1::{PracticeGroup, Status},
};

/// Names what it is asked for.
struct Named;

impl Links for Named {
    fn items(&self, area: &PracticeGroup, status: Option<Status>) -> Option<String> {
        Some(format!("/items/{}/{}", area.id, status.map_or("all", Status::as_str)))
    }

    fn risks(&self, likelihood: u8, impact: u8, count: u64) -> Option<String> {
        Some(format!("/risks/{likelihood}/{impact}/{count}"))
    }

    fn element(&self, id: &str) -> Option<String> {
        Some(format!("/element/{id}"))
    }

    fn threat(&self, id: &str) -> Option<String> {
        Some(format!("/threat/{id}"))
    }

    fn control(&self, id: &str) -> Option<String> {
        Some(format!("/control/{id}"))
    }

    fn statements(&self, kind: &str) -> Option<String> {
        Some(format!("/statements/{kind}"))
    }

    fn decision(&self, id: &str) -> Option<String> {
        Some(format!("/decision/{id}"))
    }
}

#[test]
fn an_empty_report_has_only_the_empty_map() {
    let report = sample::empty();
    assert!(areas(&report, &Named).is_none());
    assert!(history(&report).is_none());
    assert!(grounds(&report, &Named).is_none());
    assert!(validity(&report, &Named).is_none());
    assert!(decisions(&report, &Named).is_none());
    let view = View { id: "system", zone: None, path: None };
    assert!(boundaries(&report, &view, &Named).is_none());
    assert!(!risk_map(&report, "map", &Named).svg.contains("href"));
}

#[test]
fn the_parts_of_each_picture_lead_to_what_they_count() {
    let mut report = sample::busy();
    report.threats[0].controls = report.controls.iter().map(|control| control.id.clone()).collect();
    let view = View { id: "system", zone: None, path: report.threats.first() };
    let risk = &report.risks[0];
    for (figure, link) in [
        (areas(&report, &Named).unwrap(), format!("/items/{}/all", report.groups[0].id)),
        (risk_map(&report, "map", &Named), format!("/risks/{}/{}/1", risk.likelihood, risk.impact)),
        (boundaries(&report, &view, &Named).unwrap(), "/element/refund-tool".to_owned()),
        (decisions(&report, &Named).unwrap(), "/decision/77aa01c4e5b9".to_owned()),
        (grounds(&report, &Named).unwrap(), format!("/threat/{}", report.threats[0].id)),
    ] {
        assert!(figure.svg.contains(&format!("href=\"{link}\"")), "{link}: {}", figure.svg);
        assert!(!figure.table.rows.is_empty());
    }
    assert_eq!(history(&report).unwrap().table.rows.len(), report.history.len());
}

#[test]
fn a_zone_is_drawn_with_its_neighbours() {
    let report = sample::busy();
    let of = |zone| {
        let view = View { id: "system", zone, path: None };
        boundaries(&report, &view, &Named).unwrap().svg.matches("/element/").count()
    };
    let zone = report.system.zones[0].id.as_str();
    assert!(of(Some(zone)) >= 1 && of(Some(zone)) <= of(None));
    assert_eq!(of(Some("nowhere")), 0);
}

#[test]
fn evidence_is_drawn_with_its_age_and_its_end() {
    let mut report = sample::busy();
    let as_of = report.run.as_of;
    let day = jiff::SignedDuration::from_hours(24);
    let statement = &mut report.evidence[0];
    let index = statement.index.unwrap();
    statement.collected = as_of - day * 3;
    let control = &mut report.controls[0];
    control.evidence = vec![crate::v1::EvidenceRef {
        index: Some(index),
        predicate: "model-scan".to_owned(),
        strength: "sufficient".to_owned(),
        clause: String::new(),
        subject: String::new(),
        obtain: String::new(),
        status: Status::Satisfied,
        why: String::new(),
        expires: Some(as_of + day * 27),
    }];
    let table = validity(&report, &Named).unwrap().table;
    let cells: Vec<_> = table.rows[0].iter().map(|cell| cell.text.as_str()).collect();
    assert!(cells.contains(&"3") && cells.contains(&"30"), "{cells:?}");
    // What speaks against a control does not keep it alive.
    report.controls[0].evidence[0].status = Status::Failing;
    assert!(validity(&report, &Named).is_none_or(|figure| !figure.svg.contains(&report.controls[0].title)));
}
