//! Declared held against observed, and against what was declared before.

use askama::Template;
use bartizan_report::v1::{Finding, Loss, Posture, Reconciliation};

use super::{
    commands, filters,
    frame::Frame,
    listing::{Form, Listing, distinct},
};
use crate::{
    address::{path, with_query},
    call::{Answer, Call},
    export::export,
};

/// Undeclared things that the page lists.
const BRIEF: usize = 50;

#[derive(Template)]
#[template(path = "reconciliation.html")]
struct ReconciliationPage<'a> {
    frame: Frame<'a>,
    reconciliation: &'a Reconciliation,
    undeclared: Vec<&'a Finding>,
    /// How many findings tell of something that is not declared.
    found: usize,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<&'a Loss>,
    /// Losses to which nobody has agreed.
    open: usize,
}

pub(crate) fn reconciliation(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let reconciliation = &report.reconciliation;
    let undeclared: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.rule.starts_with("REC0")).collect();
    let form = Form::new(call, "/reconciliation").choice(
        "kind",
        "Lost",
        distinct(reconciliation.lost.iter().map(|loss| loss.kind.as_str())),
    );
    let passes = |loss: &&Loss| form.takes("kind", &loss.kind);
    let mut lost: Vec<&Loss> = reconciliation.lost.iter().filter(passes).collect();
    // What nobody has agreed to comes first.
    lost.sort_by(|a, b| (a.decision.is_some(), &a.kind, &a.id).cmp(&(b.decision.is_some(), &b.kind, &b.id)));
    if let Some(file) = file(call, &undeclared, &lost) {
        return file;
    }
    let listing = Listing::new(call, "/reconciliation", lost.len(), &[]);
    let page = ReconciliationPage {
        frame: Frame::new(call, "Reconciliation"),
        reconciliation,
        found: undeclared.len(),
        undeclared: undeclared.into_iter().take(BRIEF).collect(),
        form,
        rows: lost.get(listing.range()).unwrap_or_default().to_vec(),
        listing,
        open: reconciliation.lost.iter().filter(|loss| loss.decision.is_none()).count(),
    };
    Frame::answer(200, &page)
}

/// What was lost, or with `show=undeclared` what is not declared, as a file.
fn file(call: &Call<'_>, undeclared: &[&Finding], lost: &[&Loss]) -> Option<Answer> {
    if call.query.get("show") == Some("undeclared") {
        let head = ["rule", "severity", "place", "message", "fix", "fingerprint"];
        return export(call, "undeclared", &head, undeclared, |finding| {
            vec![
                finding.name(),
                finding.severity.as_str().to_owned(),
                finding.place.clone(),
                finding.message.clone(),
                finding.fix.clone(),
                finding.fingerprint.clone(),
            ]
        });
    }
    export(call, "lost", &["kind", "id", "last_seen", "decision"], lost, |loss| {
        vec![
            loss.kind.clone(),
            loss.id.clone(),
            loss.last_seen.to_string(),
            loss.decision.clone().unwrap_or_default(),
        ]
    })
}

impl ReconciliationPage<'_> {
    fn finding_href(&self, finding: &Finding) -> String {
        path(&["findings", &super::frame::within(&finding.fingerprint)])
    }

    fn undeclared_file(&self, format: &str) -> String {
        with_query("/reconciliation", [("show", "undeclared"), ("format", format)])
    }

    /// Asks that what is shown without agreement may be gone; nothing where there is none of it.
    fn agree(&self) -> Option<String> {
        let open: Vec<&Loss> = self.rows.iter().filter(|loss| loss.decision.is_none()).copied().collect();
        (!open.is_empty()).then(|| commands::agree_losses(&open))
    }
}
