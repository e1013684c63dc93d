use std::fmt::Write as _;

use bartizan_standards::{
    Crossing, Edition, How, OfficialTexts, Reference, crosswalk, migrate, namesakes, naming,
};

use crate::commands::standards::{self, titled};

/// The page of an entry of a framework, in Markdown.
pub(super) fn of_reference(reference: &Reference, official: &[OfficialTexts]) -> anyhow::Result<String> {
    let entry = reference.resolve().ok_or_else(|| anyhow::anyhow!("there is no entry {reference}"))?;
    let edition = reference.edition;
    let mut text = format!("{reference}: {}\n\n", entry.title);
    let _ = writeln!(
        text,
        "{} ({}, {}), {} {}.\n{}\n<{}>",
        edition.title(),
        edition.publisher(),
        edition.published(),
        entry.kind,
        reference.as_published(),
        edition.holds(),
        edition.url()
    );
    for texts in official.iter().filter(|texts| texts.edition == edition) {
        if let Some(wording) = texts.texts.get(&reference.id) {
            let _ = writeln!(text, "\n> {}", bartizan_artifact::escape(wording, 2_000));
        }
    }
    place(&mut text, reference, entry.parent.as_deref());
    other_editions(&mut text, reference)?;
    crossings(&mut text, reference)?;
    controls(&mut text, reference, entry.parent.as_deref());
    Ok(text)
}

/// What it belongs to, and what belongs to it.
fn place(text: &mut String, reference: &Reference, parent: Option<&str>) {
    let edition = reference.edition;
    let below: Vec<_> = bartizan_standards::entries(edition)
        .iter()
        .filter(|entry| entry.parent.as_ref() == Some(&reference.id))
        .collect();
    if let Some(parent) = parent.map(|parent| edition.entry(parent)) {
        let _ = write!(text, "\n## Belongs to\n\n- {}\n", titled(&parent));
    }
    if !below.is_empty() {
        text.push_str("\n## Holds\n\n");
        for entry in below {
            let _ = writeln!(text, "- {}", titled(&edition.entry(&entry.id)));
        }
    }
}

fn other_editions(text: &mut String, reference: &Reference) -> anyhow::Result<()> {
    let steps = standards::steps(reference, None)?;
    if steps.is_empty() {
        return Ok(());
    }
    text.push_str("\n## Other editions\n\n");
    for (edition, steps) in &steps {
        for step in steps {
            let _ = writeln!(text, "- {}", standards::said(*edition, step));
        }
    }
    for namesake in namesakes(reference) {
        let _ = writeln!(text, "- Not to be taken for {}, which has the same id.", titled(&namesake));
    }
    Ok(())
}

/// What publications cross it with, and what they cross its counterparts in other editions with.
fn crossings(text: &mut String, reference: &Reference) -> anyhow::Result<()> {
    if !crosswalk(reference).is_empty() {
        text.push_str("\n## Crosswalk\n\n");
        crossed(text, crosswalk(reference));
    }
    for step in standards::steps(reference, None)?.values().flatten() {
        let Some(other) = step.to.as_ref().filter(|to| !crosswalk(to).is_empty()) else { continue };
        let judged = if step.ours { " by our judgement" } else { "" };
        let _ = write!(text, "\n## Crosswalk of {other}\n\nThat is its counterpart{judged}.\n\n");
        crossed(text, crosswalk(other));
    }
    Ok(())
}

/// One line for each entry, with everything that the publication says about it.
fn crossed(text: &mut String, crossings: &[Crossing]) {
    for same in crossings.chunk_by(|a, b| (&a.reference, a.source) == (&b.reference, b.source)) {
        let Some(crossing) = same.first() else { continue };
        let parts: Vec<_> = same.iter().filter_map(|one| one.published_as.as_deref()).collect();
        let parts = if parts.is_empty() { String::new() } else { format!(", as {}", parts.join(", ")) };
        let _ = writeln!(text, "- {} ({}{parts})", titled(&crossing.reference), crossing.source);
        // An old number is never shown as if it were today's.
        let old = crossing.reference.edition == Edition::OwaspLlm2023;
        let newest = Edition::OwaspLlm2026;
        let steps = if old { migrate(&crossing.reference, newest) } else { Vec::new() };
        for step in steps {
            let _ = writeln!(text, "  - now {}", standards::said(newest, &step));
        }
    }
}

fn controls(text: &mut String, reference: &Reference, parent: Option<&str>) {
    text.push_str("\n## Controls\n\n");
    let own = naming(reference);
    for one in &own {
        let _ = writeln!(text, "- {}: {} ({})", one.control.id, one.control.title, one.how.as_str());
    }
    // A control that speaks of a section speaks of its requirements, but shows no more than it says.
    let parent = parent.map(|parent| reference.edition.entry(parent));
    let above = parent.as_ref().map(naming).unwrap_or_default();
    let above: Vec<_> = above
        .iter()
        .filter(|one| one.how == How::Sees && !own.iter().any(|own| own.control.id == one.control.id))
        .collect();
    if let Some(parent) = parent.filter(|_| !above.is_empty()) {
        for one in &above {
            let _ = writeln!(text, "- {}: {} (speaks of {parent})", one.control.id, one.control.title);
        }
    }
    if own.is_empty() && above.is_empty() {
        text.push_str("No control of the catalogue names it.\n");
    }
}
