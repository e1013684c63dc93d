//! One item of SP 800-218A.

use askama::Template;
use bartizan_report::v1::{Control, Item, PracticeGroup};

use super::{
    filters,
    frame::{Frame, bare},
    items,
};
use crate::{
    address::with_query,
    call::{Answer, Call},
};

/// Controls that the page lists.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage<'a> {
    frame: Frame<'a>,
    group: &'a PracticeGroup,
    item: &'a Item,
    id: &'a str,
    task: &'a str,
    text: &'static str,
    kind: &'static str,
    controls: Vec<(&'a str, Option<&'a Control>)>,
    more: usize,
}

pub(crate) fn item(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let Some((group, item)) = call.argument.and_then(|id| items::find(&snapshot.report, id)) else {
        return super::refusal::missing(call, "item", "/items");
    };
    let task = items::task_id(&item.id);
    let page = ItemPage {
        frame: Frame::new(call, bare(&item.id)),
        group,
        item,
        id: bare(&item.id),
        task,
        text: items::text_of(task),
        kind: items::kind(item),
        controls: item.controls.iter().take(MOST).map(|id| (id.as_str(), snapshot.control(id))).collect(),
        more: item.controls.len().saturating_sub(MOST),
    };
    Frame::answer(200, &page)
}

impl ItemPage<'_> {
    fn area(&self) -> String {
        with_query("/items", [("group", self.group.id.as_str())])
    }

    fn all(&self) -> String {
        with_query("/controls", [("item", self.id)])
    }

    fn binding(&self) -> &'static str {
        match self.kind {
            "consideration" => "To be considered: it wants a recorded decision, which may be no.",
            "note" => "To be known: it asks for nothing.",
            _ => "To be done.",
        }
    }
}
