//! What people have decided, and where each decision stands.

use std::cmp::Reverse;

use askama::Template;
use bartizan_report::{
    picture,
    v1::{Decision, DecisionKind, DecisionState},
};

use super::{
    commands, filters,
    frame::Frame,
    listing::{Form, Listing, distinct, words},
    routes::Routes,
};
use crate::{
    address::{changed, path, with_query},
    call::{Answer, Call},
    export::export,
    shown::Markup,
};

const KINDS: [DecisionKind; 4] =
    [DecisionKind::Exception, DecisionKind::Loss, DecisionKind::BreakGlass, DecisionKind::Claim];

#[derive(Template)]
#[template(path = "exceptions.html")]
struct Exceptions<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<&'a Decision>,
    counts: Vec<(DecisionState, usize, String)>,
    /// From when to when each holds.
    timeline: Option<Markup>,
}

pub(crate) fn exceptions(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let decisions = &snapshot.report.decisions;
    let states = DecisionState::ALL.map(state_word);
    let form = Form::new(call, "/exceptions")
        .choice("state", "State", words(states.iter().map(String::as_str)))
        .choice("kind", "Kind", words(KINDS.map(DecisionKind::as_str)))
        .choice("owner", "Owner", distinct(decisions.iter().map(|one| one.owner.as_str())))
        .search();
    let passes = |one: &&Decision| {
        form.takes("state", &state_word(one.state))
            && form.takes("kind", one.kind.as_str())
            && form.takes("owner", &one.owner)
            && form.finds(&[&one.id, &one.about, &one.reason, &one.requester])
    };
    let in_order = snapshot.report.decisions_in_order();
    let mut all: Vec<&Decision> = in_order.into_iter().map(|(_, one)| one).filter(passes).collect();
    let listing = Listing::new(call, "/exceptions", all.len(), &["state", "kind", "owner", "asked", "until"]);
    match listing.sort() {
        "kind" => all.sort_by_key(|one| one.kind),
        "owner" => all.sort_by(|a, b| a.owner.cmp(&b.owner)),
        "asked" => all.sort_by_key(|one| Reverse((one.requested, one.index))),
        "until" => all.sort_by_key(|one| (!one.state.holds(), one.expires)),
        _ => {}
    }
    let head = [
        "id",
        "kind",
        "state",
        "about",
        "rule",
        "fingerprint",
        "control",
        "gate",
        "reason",
        "owner",
        "requester",
        "approvers",
        "compensating",
        "requested",
        "expires",
        "entry",
        "findings",
    ];
    let file = export(call, "exceptions", &head, &all, |one| {
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            one.id.clone(),
            one.kind.as_str().to_owned(),
            one.state.as_str().to_owned(),
            one.about.clone(),
            optional(&one.rule),
            optional(&one.fingerprint),
            optional(&one.control),
            optional(&one.gate),
            one.reason.clone(),
            one.owner.clone(),
            one.requester.clone(),
            one.approvers.join(" "),
            optional(&one.compensating),
            one.requested.to_string(),
            one.expires.to_string(),
            one.index.to_string(),
            one.findings.to_string(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let rows = all.get(listing.range()).unwrap_or_default().to_vec();
    let counts = DecisionState::ALL.into_iter().filter_map(|state| {
        let count = decisions.iter().filter(|one| one.state == state).count();
        let href = changed("/exceptions", call.query, &[("state", state_word(state).as_str())]);
        (count > 0).then_some((state, count, href))
    });
    // The picture is of all of them.
    let timeline = if form.active { None } else { picture::decisions(&snapshot.report, &Routes) };
    let page = Exceptions {
        frame: Frame::new(call, "Exceptions"),
        form,
        listing,
        rows,
        counts: counts.collect(),
        timeline: timeline.map(|figure| Markup(figure.html())),
    };
    Frame::answer(200, &page)
}

/// A state as it stands in an address.
pub(super) fn state_word(state: DecisionState) -> String {
    state.as_str().replace(' ', "-")
}

impl Exceptions<'_> {
    fn href(&self, one: &Decision) -> String {
        path(&["exceptions", &super::frame::within(&one.id)])
    }

    /// The findings that it lets pass.
    fn findings(&self, one: &Decision) -> String {
        with_query("/findings", [("decision", one.id.as_str())])
    }

    fn help(&self) -> &'static str {
        commands::ADD_HELP
    }

    /// Whether it held when the newest run was made, and does not any more.
    fn has_ended(&self, one: &Decision) -> bool {
        one.state.holds() && self.frame.is_over(&one.expires)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_addresses_are_those_of_the_report() {
        for state in DecisionState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state_word(state));
        }
        for kind in KINDS {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
