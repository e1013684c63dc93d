use super::page::{Limit, Page};
use crate::v1::{Asset, Report, System};

/// What was looked at, and the system as the program understood it.
pub(super) fn write(page: &mut Page, report: &Report) {
    let system = &report.system;
    if !system.purpose.is_empty() {
        page.raw("<p>").sentence(&system.purpose);
        if !system.baselines.is_empty() {
            page.raw(" The project follows ").names(&system.baselines, 12).raw(".");
        }
        page.raw("</p>\n");
    }
    looked_at(page, report);
    assets(page, system);
    elements(page, system);
    flows(page, system);
    actors(page, system);
    ignores(page, system);
    gates(page, system);
}

fn looked_at(page: &mut Page, report: &Report) {
    if report.assets.is_empty() {
        page.raw("<p>No asset was looked at.</p>\n");
        return;
    }
    page.table("Assets that were looked at", &["Asset", "Files", "Bytes", "SHA-256"]);
    let left = page.rows(&report.assets, Limit { rows: 200, bytes: 80_000 }, |page, asset: &Asset| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>").name(&asset.id).raw("</code> ").text(&asset.kind);
            if let Some(path) = &asset.path {
                page.raw(" <code>").name(path).raw("</code>");
            }
        });
        page.number_cell("Files", asset.files).number_cell("Bytes", asset.bytes);
        page.cell("SHA-256", |page| {
            match &asset.digest {
                Some(digest) => page.digest(digest),
                None => page.raw("–"),
            };
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "asset is", "assets are");
}

fn assets(page: &mut Page, system: &System) {
    if system.assets.is_empty() {
        return;
    }
    page.table("Assets as declared", &["Asset", "Classification", "Owner", "From", "Pinned"]);
    let left = page.rows(&system.assets, Limit { rows: 200, bytes: 80_000 }, |page, asset| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>").name(&asset.id).raw("</code> ").text(&asset.kind);
        });
        page.cell("Classification", |page| {
            page.name(&asset.classification);
        });
        page.cell("Owner", |page| or_dash(page, asset.owner.as_deref()));
        page.cell("From", |page| {
            let from = [asset.source.as_deref(), asset.model.as_deref(), asset.licence.as_deref()];
            let known: Vec<&str> = from.into_iter().flatten().collect();
            page.name(&known.join(", "));
            if !asset.derived_from.is_empty() {
                page.raw(if known.is_empty() { "made of " } else { ", made of " })
                    .names(&asset.derived_from, 8);
            } else if known.is_empty() {
                page.raw("not declared");
            }
        });
        page.cell("Pinned", |page| {
            match &asset.pinned {
                Some(digest) => page.short(digest).raw("…"),
                None => page.raw("no"),
            };
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "declared asset is", "declared assets are");
}

fn elements(page: &mut Page, system: &System) {
    if system.elements.is_empty() {
        return;
    }
    page.table("Elements", &["Element", "Zone", "Owner", "Effects", "Guards"]);
    let numbered = system.elements.iter().enumerate();
    let left = page.rows(numbered, Limit { rows: 300, bytes: 120_000 }, |page, (at, element)| {
        page.raw("<tr role=\"row\"").anchor("element", at).raw(">").row_head(|page| {
            page.raw("<code>").name(&element.id).raw("</code> ").text(&element.kind);
            let assets: Vec<String> = element.serves.iter().chain(&element.uses).cloned().collect();
            if !assets.is_empty() {
                page.raw(" <span class=\"meta\">with ").names(&assets, 8).raw("</span>");
            }
        });
        page.cell("Zone", |page| {
            page.name(&element.zone);
        });
        page.cell("Owner", |page| or_dash(page, element.owner.as_deref()));
        page.cell("Effects", |page| or_none(page, &element.effects));
        page.cell("Guards", |page| or_none(page, &element.guards));
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "element is", "elements are");
}

fn flows(page: &mut Page, system: &System) {
    if system.flows.is_empty() {
        return;
    }
    page.table("Flows", &["Flow", "Carries", "Crosses a trust boundary", "Guards"]);
    let left = page.rows(&system.flows, Limit { rows: 400, bytes: 120_000 }, |page, flow| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>").name(&flow.from).raw("</code> → <code>").name(&flow.to).raw("</code>");
        });
        page.cell("Carries", |page| or_none(page, &flow.carries));
        page.cell("Crosses a boundary", |page| {
            page.raw(if flow.crosses { "<strong>yes</strong>" } else { "no" });
        });
        page.cell("Guards", |page| or_none(page, &flow.guards));
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "flow is", "flows are");
}

fn actors(page: &mut Page, system: &System) {
    if system.actors.is_empty() {
        return;
    }
    page.table("Threat actors", &["Actor", "Kind", "Capability", "Reaches"]);
    let left = page.rows(&system.actors, Limit { rows: 100, bytes: 30_000 }, |page, actor| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>").name(&actor.id).raw("</code>");
        });
        page.cell("Kind", |page| {
            page.name(&actor.kind);
        });
        page.cell("Capability", |page| {
            page.text(&actor.capability);
        });
        page.cell("Reaches", |page| {
            if actor.access.is_empty() {
                page.raw("what its kind implies");
            } else {
                page.names(&actor.access, 12);
            }
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "actor is", "actors are");
}

fn ignores(page: &mut Page, system: &System) {
    if system.ignores.is_empty() {
        return;
    }
    page.table("Findings that the project file ignores", &["Rule and place", "Reason", "Until"]);
    let left = page.rows(&system.ignores, Limit { rows: 100, bytes: 30_000 }, |page, ignore| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>").name(&ignore.rule).raw("</code> <code>").name(&ignore.path).raw("</code>");
        });
        page.cell("Reason", |page| {
            page.sentence(&ignore.reason);
        });
        page.cell("Until", |page| {
            page.text(&ignore.expires).raw(if ignore.holds { "" } else { ", which is over" });
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "ignore is", "ignores are");
}

fn gates(page: &mut Page, system: &System) {
    if system.gates.is_empty() {
        return;
    }
    page.raw("<p>Gates: ");
    for (at, gate) in system.gates.iter().take(50).enumerate() {
        page.raw(if at > 0 { ", <code>" } else { "<code>" }).name(&gate.id).raw("</code> by <code>");
        page.name(&gate.policy).raw("</code>");
    }
    page.raw(".</p>\n").left_out(system.gates.len().saturating_sub(50), "gate is", "gates are");
}

fn or_dash(page: &mut Page, name: Option<&str>) {
    match name {
        Some(name) => page.name(name),
        None => page.raw("–"),
    };
}

fn or_none(page: &mut Page, names: &[String]) {
    if names.is_empty() {
        page.raw("none");
    } else {
        page.names(names, 12);
    }
}
