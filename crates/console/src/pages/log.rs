//! The log: its head and its entries, newest first.

use askama::Template;

use super::{filters, frame::Frame, listing::Listing, statement::visible};
use crate::{
    call::{Answer, Call},
    export::export,
    host::{LogEntry, LogHead},
};

#[derive(Template)]
#[template(path = "log.html")]
struct Log<'a> {
    frame: Frame<'a>,
    head: Option<LogHead>,
    checkpoint: String,
    listing: Listing<'a>,
    rows: Vec<LogEntry>,
}

pub(crate) fn log(call: &Call<'_>) -> Answer {
    let head = match call.host.log_head() {
        Ok(head) => head,
        Err(failure) => return super::refusal::unreadable(call, &failure),
    };
    let size = head.as_ref().map_or(0, |head| head.size);
    let listing = Listing::new(call, "/log", usize::try_from(size).unwrap_or(usize::MAX), &[]);
    let range = listing.range();
    let (start, end) = (range.start as u64, range.end as u64);
    let mut rows = match call.host.log_entries(size.saturating_sub(end), end - start) {
        Ok(rows) => rows,
        Err(failure) => return super::refusal::unreadable(call, &failure),
    };
    rows.reverse();
    let all: Vec<&LogEntry> = rows.iter().collect();
    let columns =
        ["entry", "logged_at", "actor", "kind", "hash", "envelope", "collected", "expires", "erased"];
    let file = export(call, "log", &columns, &all, |entry| {
        vec![
            entry.index.to_string(),
            entry.logged_at.to_string(),
            entry.actor.clone(),
            entry.kind.clone(),
            entry.hash.to_string(),
            entry.envelope.map(|digest| digest.to_string()).unwrap_or_default(),
            entry.collected.map(|time| time.to_string()).unwrap_or_default(),
            entry.expires.map(|time| time.to_string()).unwrap_or_default(),
            entry.erased.clone().unwrap_or_default(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let checkpoint = head.as_ref().map(|head| visible(&head.checkpoint, 4_000)).unwrap_or_default();
    Frame::answer(200, &Log { frame: Frame::new(call, "Log"), head, checkpoint, listing, rows })
}

impl Log<'_> {
    /// Entries that nobody outside has seen.
    fn unseen(&self, head: &LogHead) -> u64 {
        let seen = head.anchors.iter().map(|anchor| anchor.size).max().unwrap_or(0);
        head.size.saturating_sub(seen)
    }
}
