//! The form that makes the command with which two people decide to live with a finding.

use bartizan_finding::Timestamp;
use bartizan_report::v1::{Finding, Severity};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

use super::commands::except_finding;
use crate::call::Call;

/// Days for which an exception is proposed.
const USUAL: i64 = 90;

/// Days that an exception may hold at most.
const MOST: i64 = 400;

/// The longest reason that the form takes, in characters: what is longer belongs into a file of the person's own.
pub(super) const REASON: usize = 200;

/// What was filled in so far, and what follows from it.
#[derive(Debug)]
pub(super) struct Living {
    pub(super) reason: String,
    /// The groups of the project, and whether one is chosen.
    pub(super) owners: Vec<(String, bool)>,
    /// The owner, where the project has no groups to choose from.
    pub(super) owner: String,
    /// The day until which it should hold, and the range that it may be in.
    pub(super) expires: String,
    pub(super) earliest: String,
    pub(super) latest: String,
    /// Whether one person may ignore it in the project file instead.
    pub(super) is_lesser: bool,
    pub(super) faults: Vec<String>,
    pub(super) command: Option<String>,
}

impl Living {
    /// What the query says about a finding that nothing lets pass.
    pub(super) fn new(call: &Call<'_>, finding: &Finding) -> Self {
        let today = day(call.host.now());
        let after = |days: i64| today.checked_add(days.days()).unwrap_or(today).to_string();
        let said = |name: &str| call.query.get(name).map(str::trim).unwrap_or_default();
        let (reason, owner) = (said("reason"), said("owner"));
        let expires = if said("expires").is_empty() { after(USUAL) } else { said("expires").to_owned() };
        let is_asked = ["reason", "owner", "expires"].iter().any(|name| call.query.get(name).is_some());
        let faults =
            if is_asked { faults(reason, owner, &expires, &after(1), &after(MOST)) } else { Vec::new() };
        let teams = call.snapshot.map_or(&[][..], |snapshot| &snapshot.report.teams);
        let owners = teams.iter().map(|team| &team.id).filter(|id| id.len() <= 64).take(100);
        let days = expires.parse::<Date>().ok().and_then(|day| today.until(day).ok());
        let days = days.filter(|_| is_asked && faults.is_empty()).map(|span| i64::from(span.get_days()));
        let command = days.map(|days| except_finding(&finding.fingerprint, reason, owner, days));
        Self {
            reason: crate::shown::shown(reason, REASON),
            owners: owners.map(|id| (id.clone(), id == owner)).collect(),
            owner: crate::shown::shown(owner, 64),
            expires: if is_day(&expires) { expires } else { after(USUAL) },
            earliest: after(1),
            latest: after(MOST),
            is_lesser: finding.severity < Severity::High,
            faults,
            command,
        }
    }
}

fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Whether it is written as `2027-03-01`.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

/// What keeps a command from being made, each in a sentence. The days are dates as text, which sort as they follow.
fn faults(reason: &str, owner: &str, expires: &str, earliest: &str, latest: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if reason.is_empty() {
        faults.push("A reason is missing: say why it can be lived with.".to_owned());
    } else if reason.chars().count() > REASON {
        faults.push(format!("The reason is longer than {REASON} characters."));
    }
    if owner.is_empty() {
        faults.push("An owner is missing: name the group that answers for what follows.".to_owned());
    } else if owner.len() > 64 {
        faults.push("The owner is no id of a group.".to_owned());
    }
    if !is_day(expires) || expires < earliest || expires > latest {
        faults.push(format!(
            "The last day is none from {earliest} to {latest}, which is what an exception may have."
        ));
    }
    faults
}
