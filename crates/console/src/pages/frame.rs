//! What stands around every page, and the links between pages.

use std::collections::BTreeMap;

use askama::Template;
use bartizan_finding::{RuleMeta, Timestamp};
use bartizan_report::{
    picture::status_tone,
    v1::{Anchor, AnchorKind, Decision, DecisionKind, Report, Status, Verification},
};

use crate::{
    address::with_query,
    assets,
    call::{Answer, Call},
    pages::icon::mark_path,
    run::Progress,
    shown::{Markup, code, count, data, escaped, number, shown, when},
};

/// How many rows a table has on one page.
pub(crate) const ROWS: usize = 100;

/// The frame of one page.
pub(crate) struct Frame<'a> {
    /// The page's name, for the window.
    pub(crate) title: String,
    /// The request.
    pub(crate) call: &'a Call<'a>,
    pub(super) rules: BTreeMap<&'static str, &'static RuleMeta>,
}

/// One entry of the menu.
pub(crate) struct Entry {
    pub(crate) href: &'static str,
    pub(crate) name: &'static str,
    pub(crate) current: bool,
    /// How many rows are behind it.
    pub(crate) count: Option<String>,
}

const MENU: &[(&str, &[(&str, &str)])] = &[
    ("Standing", &[("/", "Overview")]),
    ("What threatens", &[("/threats", "Threats"), ("/risks", "Risks"), ("/findings", "Findings")]),
    ("What protects", &[("/controls", "Controls"), ("/items", "Items"), ("/frameworks", "Frameworks")]),
    ("What people decide", &[("/gates", "Gates"), ("/exceptions", "Exceptions")]),
    ("What shows it", &[("/evidence", "Evidence"), ("/log", "Log")]),
    (
        "Who and what",
        &[("/groups", "Groups"), ("/project", "Project"), ("/reconciliation", "Reconciliation")],
    ),
    ("To read", &[("/rules", "Rules"), ("/reports", "Reports"), ("/about", "About")]),
];

impl<'a> Frame<'a> {
    pub(crate) fn new(call: &'a Call<'a>, title: &str) -> Self {
        let rules = call.host.rules().into_iter().map(|rule| (rule.code.as_str(), rule)).collect();
        Self { title: shown(title, 80), call, rules }
    }

    /// The page as an answer.
    pub(crate) fn answer(status: u16, page: &impl Template) -> Answer {
        // Writing into a string cannot fail, and no template of ours makes an error of its own.
        Answer::Html { status, html: page.render().unwrap_or_default() }
    }

    pub(crate) fn css(&self) -> String {
        assets::path("console.css")
    }

    pub(crate) fn script(&self) -> String {
        assets::path("console.js")
    }

    pub(super) fn report(&self) -> Option<&'a Report> {
        self.call.snapshot.map(|snapshot| &snapshot.report)
    }

    /// The project's name.
    pub(crate) fn project(&self) -> Option<&'a str> {
        self.report().map(|report| report.project.name.as_str())
    }

    /// How the project stands as a whole: as its worst practice area.
    pub(crate) fn status(&self) -> Status {
        self.report().map_or(Status::Unknown, overall)
    }

    /// What is wrong with the log, where it does not verify.
    pub(crate) fn broken(&self) -> Option<&'a str> {
        let verification = &self.report()?.outcome.verification;
        (verification.word == Verification::Failed).then_some(verification.sentence.as_str())
    }

    /// Gates that are open now though they refuse, by what people decided.
    pub(crate) fn breaks(&self) -> Vec<&'a Decision> {
        let decisions = self.report().map_or(&[][..], |report| &report.decisions);
        let opens = |one: &&Decision| {
            one.kind == DecisionKind::BreakGlass && one.state.holds() && !self.is_over(&one.expires)
        };
        decisions.iter().filter(opens).collect()
    }

    /// Whether a time has passed. What a run says of a time is as old as the run.
    pub(crate) fn is_over(&self, time: &Timestamp) -> bool {
        *time <= self.call.host.now()
    }

    /// Who outside has seen the log, and how much of it.
    pub(crate) fn anchors(&self, anchors: &[Anchor]) -> Markup {
        const MOST: usize = 12;
        let mut out = String::from("<ul class=\"plain\">");
        for anchor in anchors.iter().take(MOST) {
            let how = match anchor.kind {
                AnchorKind::Witness => "cosigned its head",
                AnchorKind::Timestamp => "stamped its head with the time",
            };
            let seen = count(anchor.size, "entry", "entries");
            out.push_str(&format!("<li>{} {how} at {seen}, {}</li>", data(&anchor.by, 80), when(&anchor.at)));
        }
        if anchors.len() > MOST {
            out.push_str(&format!("<li>and {} more</li>", number((anchors.len() - MOST) as u64)));
        }
        out.push_str("</ul>");
        Markup(out)
    }

    /// Whether there is no project file.
    pub(crate) fn inferred(&self) -> bool {
        self.report().is_some_and(|report| report.project.inferred)
    }

    pub(crate) fn menu(&self) -> Vec<(&'static str, Vec<Entry>)> {
        let here = self.call.path;
        let entry = |(href, name): &(&'static str, &'static str)| Entry {
            href,
            name,
            current: here == *href
                || (*href != "/" && here.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'))),
            count: self.report().and_then(|report| {
                let count = match *href {
                    "/threats" => report.threats.len(),
                    "/findings" => report.findings.len(),
                    "/controls" => report.controls.len(),
                    "/gates" => report.gates.len(),
                    "/exceptions" => report.decisions.len(),
                    _ => return None,
                };
                Some(number(count as u64))
            }),
        };
        MENU.iter().map(|(head, entries)| (*head, entries.iter().map(entry).collect())).collect()
    }

    /// The mark, in the colour of the worst status.
    pub(crate) fn mark(&self) -> Markup {
        let class = status_tone(self.status()).class();
        Markup(format!(
            "<svg class=\"turret {class}\" viewBox=\"0 0 32 32\" aria-hidden=\"true\" focusable=\"false\"><path d=\"{}\" fill-rule=\"evenodd\"/></svg>",
            mark_path()
        ))
    }

    pub(crate) fn running(&self) -> Option<&'a Progress> {
        self.call.run.running.as_ref()
    }

    pub(crate) fn failure(&self) -> Option<&'a crate::host::Failure> {
        self.call.run.failure.as_ref()
    }

    /// How far the run has come, in words.
    pub(crate) fn progress(&self) -> String {
        self.running().map_or_else(String::new, |progress| {
            let word = STAGES
                .iter()
                .find(|(stage, _)| *stage == progress.stage)
                .map_or("Checking", |(_, word)| word);
            match progress.files {
                _ if progress.cancelling => "Stopping".to_owned(),
                0 => word.to_owned(),
                files => format!("{word}: {} of {} files", number(progress.files_done), number(files)),
            }
        })
    }

    /// The words of the stages, for the script.
    pub(crate) fn stages(&self) -> String {
        let words: BTreeMap<_, _> = STAGES.iter().copied().collect();
        serde_json::to_string(&words).unwrap_or_default()
    }

    /// This page's address, for forms that lead back to it.
    pub(crate) fn back(&self) -> String {
        let pairs = self.call.query.pairs.iter();
        let pairs = pairs.filter(|(name, value)| name != "format" && value.len() <= 400).take(40);
        with_query(self.call.path, pairs.map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// A rule, where the program knows it.
    pub(crate) fn rule_meta(&self, code: &str) -> Option<&'static RuleMeta> {
        self.rules.get(code).copied()
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static RuleMeta> + use<'_> {
        self.rules.values().copied()
    }

    pub(crate) fn check_command(&self, format: &str) -> String {
        format!("bartizan check --format {format}")
    }

    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

/// How a project stands as a whole.
pub(crate) fn overall(report: &Report) -> Status {
    // Nobody answers for an inferred project, so that no area of practice stands any way.
    let areas = if report.project.inferred {
        Status::Unknown
    } else {
        Status::worst(report.groups.iter().map(|group| group.status))
    };
    match report.outcome.exit_code {
        0 => areas,
        4 => areas.min(Status::Unknown),
        _ => Status::Failing,
    }
}

/// Stages of a run, in their order, and what people read.
pub(crate) const STAGES: &[(&str, &str)] = &[
    ("load", "Reading the project file"),
    ("derive", "Deriving threats"),
    ("plan", "Listing files"),
    ("inspect", "Reading files"),
    ("record", "Recording evidence"),
    ("assess", "Judging controls"),
];

/// The catalogue's entry of a control.
pub(crate) fn catalogued(id: &str) -> Option<&'static bartizan_standards::Control> {
    bartizan_standards::control(&id.parse().ok()?)
}

/// The id of an item without its edition.
pub(crate) fn bare(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, bare)| bare)
}

/// `RC03 Adversarial attacks`.
pub(crate) fn consideration(id: &str) -> Markup {
    let known = bartizan_standards::Consideration::ALL.into_iter().find(|one| one.id() == id);
    match known {
        Some(one) => Markup(format!("<span class=\"rc\">{}</span> {}", one.id(), one.title())),
        None => code(id, 20),
    }
}

/// A command in a line of its own; the script adds a button that copies it.
pub(crate) fn command(text: &str) -> Markup {
    Markup(format!("<p class=\"command\"><code>{}</code></p>", escaped(&shown(text, 1_000))))
}

/// A word of a command line: as it is where a shell takes it as it is, otherwise in single quotes.
pub(crate) fn argument(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':'));
    if is_plain && !text.starts_with('-') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The number of an entry of the log, leading to it.
pub(crate) fn entry(index: u64) -> Markup {
    Markup(format!("<a class=\"num\" href=\"/evidence/{index}\">{}</a>", number(index)))
}

/// An id that fits into an address; a longer one is of nobody's making but a hostile file's, and leads nowhere.
pub(crate) fn within(id: &str) -> String {
    id.chars().take(200).collect()
}
