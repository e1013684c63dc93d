//! A program that serves a console, under the control of a test.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use bartizan_console::{Failure, Host, LogEntry, LogHead, LogStatement, Watch};
use bartizan_finding::{Digest, Rule, RuleMeta, Timestamp};
use bartizan_report::v1::Report;

use crate::reports::{SMALL, report};

/// A pickle calls a function when it is loaded.
///
/// ## What it finds
/// A `REDUCE` of a name that runs code.
/// ## Why it matters
/// Loading the file is enough to run the call.
/// ## Example
/// None.
/// ## Fix
/// Convert the file to safetensors.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "PKL901", severity = "critical", confidence = "high", controls = ["model-scan"])]
struct Call;

/// How a check goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// It makes a report at once.
    Finishes,
    /// It makes none.
    Fails,
    /// It has a fault.
    Panics,
    /// It reads on until it is let go or asked to stop.
    Waits,
    /// It does not even ask whether to stop, until it is let go.
    IsDeaf,
}

pub(crate) struct FakeHost {
    pub(crate) check: Mutex<Check>,
    /// Lets a waiting check go.
    pub(crate) go: AtomicBool,
    pub(crate) checks: AtomicU64,
    pub(crate) cancelled: AtomicBool,
    /// Seconds.
    pub(crate) clock: AtomicI64,
    /// Whether the system has randomness.
    pub(crate) random: AtomicBool,
    /// Whether asking for the rules has a fault.
    pub(crate) broken: AtomicBool,
    /// Whether asking for the rules takes as long as this holds.
    pub(crate) thinks: AtomicBool,
    /// How often somebody has asked for the rules.
    pub(crate) asked: AtomicU64,
    pub(crate) links: Mutex<Vec<String>>,
    drawn: AtomicU64,
}

impl FakeHost {
    pub(crate) fn new(check: Check) -> Self {
        Self {
            check: Mutex::new(check),
            go: AtomicBool::new(false),
            checks: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            clock: AtomicI64::new(1_795_000_000),
            random: AtomicBool::new(true),
            broken: AtomicBool::new(false),
            thinks: AtomicBool::new(false),
            asked: AtomicU64::new(0),
            links: Mutex::default(),
            drawn: AtomicU64::new(0),
        }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, SeqCst);
    }
}

impl Host for FakeHost {
    fn check(&self, watch: &dyn Watch) -> Result<Report, Failure> {
        self.checks.fetch_add(1, SeqCst);
        watch.stage("inspect");
        watch.planned(10, 1_000);
        let check = *self.check.lock().unwrap();
        match check {
            Check::Finishes => Ok(report(SMALL)),
            Check::Fails => Err(Failure {
                message: "the project file has faults".to_owned(),
                details: vec!["bartizan.toml:3: expected a table".to_owned()],
            }),
            Check::Panics => panic!("a fault that a test has planted"),
            Check::Waits | Check::IsDeaf => {
                while !self.go.load(SeqCst) {
                    if check == Check::Waits && watch.cancelled() {
                        self.cancelled.store(true, SeqCst);
                        return Err(Failure::new("the check was stopped"));
                    }
                    watch.read(1);
                    thread::sleep(Duration::from_millis(5));
                }
                watch.file_done("model/a.bin");
                Ok(report(SMALL))
            }
        }
    }

    fn log_head(&self) -> Result<Option<LogHead>, Failure> {
        Ok(Some(LogHead {
            origin: "example.com/log".to_owned(),
            size: 57,
            root: Digest::of(b"log"),
            checkpoint: "example.com/log\n57\n".to_owned(),
            anchors: Vec::new(),
        }))
    }

    fn log_entries(&self, first: u64, count: u64) -> Result<Vec<LogEntry>, Failure> {
        Ok((first..first.saturating_add(count).min(57)).map(entry).collect())
    }

    fn log_statement(&self, index: u64) -> Result<Option<LogStatement>, Failure> {
        if index == 13 {
            return Err(Failure::new("cannot read the log: the disk is gone"));
        }
        Ok((index < 57).then(|| LogStatement {
            entry: entry(index),
            statement: Some(serde_json::json!({ "_type": "https://in-toto.io/Statement/v1" })),
            envelope: Some("{}".to_owned()),
            counts: true,
            verdict: "The key of ci signed it.".to_owned(),
            proof: "c2sp.org/tlog-proof@v1\n".to_owned(),
        }))
    }

    fn rules(&self) -> Vec<&'static RuleMeta> {
        assert!(!self.broken.load(SeqCst), "a fault that a test has planted");
        self.asked.fetch_add(1, SeqCst);
        while self.thinks.load(SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        vec![Call::META]
    }

    fn render(&self, _: &Report, format: &str) -> Option<String> {
        (format == "sarif").then(|| "{}".to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(SeqCst)).unwrap()
    }

    fn randomness(&self) -> Result<[u8; 32], Failure> {
        if !self.random.load(SeqCst) {
            return Err(Failure::new("the system has no randomness"));
        }
        let drawn = self.drawn.fetch_add(1, SeqCst);
        Ok(*Digest::of(&drawn.to_le_bytes()).as_bytes())
    }

    fn link_renewed(&self, link: &str) {
        self.links.lock().unwrap().push(link.to_owned());
    }
}

fn entry(index: u64) -> LogEntry {
    LogEntry {
        index,
        logged_at: Timestamp::UNIX_EPOCH,
        actor: "ci".to_owned(),
        hash: Digest::of(&index.to_le_bytes()),
        kind: "model-scan".to_owned(),
        subjects: vec![Digest::of(b"pickle")],
        envelope: Some(Digest::of(b"envelope")),
        collected: Some(Timestamp::UNIX_EPOCH),
        expires: None,
        erased: None,
    }
}
