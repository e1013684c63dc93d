//! A check over time: what is recorded, renewed, refused and noticed.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]
#![expect(clippy::disallowed_methods, reason = "these tests write and change the files that are checked")]

use std::{fs, path::PathBuf};

use bartizan_assure::Status;
use bartizan_engine::{Checked, Request, Silent, check, state};
use bartizan_finding::{PredicateKind, Timestamp};
use jiff::SignedDuration;

const START: &str = "2026-03-01T12:00:00Z";

const PROJECT: &str = r#"format = 1
[project]
name = "small"
role = "system-producer"
[group.data]
role = "data-engineer"
members = ["ana@example.com"]
[asset.weights]
kind = "model"
path = "weights.safetensors"
owner = "data"
[asset.notes]
kind = "dataset"
path = "notes.jsonl"
owner = "data"
classification = "internal"
"#;

struct Desk {
    folder: tempfile::TempDir,
    start: Timestamp,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), start: START.parse().unwrap() };
        desk.write("bartizan.toml", PROJECT);
        desk.write("weights.safetensors", safetensors());
        desk.write("notes.jsonl", "{\"text\": \"nothing of note\"}\n");
        let folder = desk.path(state::STATE_FOLDER);
        state::establish(&folder, "small", &state::Seed([7; 32]), None, Vec::new(), desk.start).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// A check so many hours after the start.
    fn check(&self, hours: i64) -> Checked {
        check(&self.request(hours), &Silent).unwrap()
    }

    fn request(&self, hours: i64) -> Request {
        let now = self.start.checked_add(SignedDuration::from_hours(hours)).unwrap();
        let request = Request::new(self.folder.path().to_owned(), now, state::Seed([9; 32]), "0.1.0");
        Request { heads: Some(self.path("heads")), ..request }
    }
}

fn safetensors() -> Vec<u8> {
    let header = br#"{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}   "#;
    [&(header.len() as u64).to_le_bytes()[..], header, &[1, 2, 3, 4, 5, 6, 7, 8]].concat()
}

fn status(checked: &Checked, control: &str) -> Status {
    checked.assessment.controls.iter().find(|one| one.id.as_str() == control).unwrap().status
}

fn rules(checked: &Checked) -> Vec<&str> {
    checked.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn an_unchanged_result_is_renewed_and_not_repeated() {
    let desk = Desk::new();
    let first = desk.check(0);
    assert_eq!(status(&first, "model-scan"), Status::Satisfied);
    // Two files, the project and the run.
    assert_eq!((first.recorded.added.len(), first.recorded.unchanged.len()), (4, 0));

    let later = desk.check(24 * 29);
    assert_eq!((later.recorded.added.len(), later.recorded.unchanged.len()), (1, 3));
    let much_later = desk.check(24 * 58);
    assert_eq!(status(&much_later, "model-scan"), Status::Satisfied, "the run stands by what it saw again");
    assert_eq!(much_later.recorded.added.len(), 1);
}

#[test]
fn other_bytes_need_other_evidence() {
    let desk = Desk::new();
    let before = desk.check(0);
    let mut weights = safetensors();
    *weights.last_mut().unwrap() = 9;
    desk.write("weights.safetensors", weights);
    let after = desk.check(1);
    let about_weights = |checked: &Checked| {
        let of = |added: &&u64| {
            let trusted = &checked.gathered.trusted[*added];
            trusted.kind == PredicateKind::ModelScan
        };
        checked.recorded.added.iter().filter(of).count()
    };
    assert_eq!((about_weights(&before), about_weights(&after)), (1, 1));
    assert_eq!(status(&after, "model-scan"), Status::Satisfied);
}

#[test]
fn a_failure_stays_until_a_run_clears_it() {
    let desk = Desk::new();
    desk.write("notes.jsonl", "{\"text\": \"card 4000 0012 3456 7899, expires soon\"}\n");
    let failing = desk.check(0);
    assert_eq!(status(&failing, "data-scan"), Status::Failing, "{:?}", rules(&failing));
    desk.write("notes.jsonl", "{\"text\": \"nothing of note\"}\n");
    assert_eq!(status(&desk.check(1), "data-scan"), Status::Satisfied);
}

#[test]
fn a_clock_that_was_set_back_is_a_finding_and_time_goes_on() {
    let desk = Desk::new();
    let now = desk.check(10);
    let back = desk.check(2);
    assert!(rules(&back).contains(&"TRU002"), "{:?}", rules(&back));
    assert_eq!(back.as_of, now.as_of, "what is recorded is never dated before what was recorded");
    assert!(!rules(&desk.check(11)).contains(&"TRU002"));
}

#[test]
fn a_trust_file_that_was_put_back_is_refused() {
    let desk = Desk::new();
    desk.check(0);
    let heads = fs::read_dir(desk.path("heads")).unwrap().map(|entry| entry.unwrap().path());
    let remembered =
        heads.into_iter().find(|path| path.extension().is_some_and(|end| end == "trust")).unwrap();
    let newer = fs::read_to_string(&remembered).unwrap().replace("\"serial\":1", "\"serial\":2");
    fs::write(&remembered, newer).unwrap();
    let error = check(&desk.request(0), &Silent).unwrap_err();
    assert!(format!("{error:?}").contains("RolledBack"), "{error:?}");
}

#[test]
fn a_key_that_ran_out_is_renewed_and_the_log_goes_on() {
    let desk = Desk::new();
    assert_eq!(status(&desk.check(0), "model-scan"), Status::Satisfied);
    let year = 24 * 366;
    let late = desk.check(year);
    assert_ne!(
        status(&late, "model-scan"),
        Status::Satisfied,
        "what a key signs after its time does not count"
    );
    assert!(rules(&late).contains(&"TRU001"), "{:?}", rules(&late));

    let project = bartizan_project::load(&desk.path("bartizan.toml")).unwrap().project;
    let now = late.as_of.checked_add(SignedDuration::from_hours(1)).unwrap();
    state::renew_collector(&desk.path(state::STATE_FOLDER), &project, &state::Seed([8; 32]), None, now)
        .unwrap();
    let renewed = desk.check(year + 2);
    assert_eq!(status(&renewed, "model-scan"), Status::Satisfied);
    assert!(renewed.audit.unwrap().is_whole());
}

#[test]
fn without_keys_the_run_is_the_same_and_nothing_is_left_behind() {
    let desk = Desk::new();
    fs::remove_dir_all(desk.path(state::STATE_FOLDER)).unwrap();
    let checked = desk.check(0);
    assert!(checked.not_recorded.as_deref().unwrap().contains("no keys"));
    assert_eq!(status(&checked, "model-scan"), Status::Satisfied);
    assert!(!desk.path(state::STATE_FOLDER).exists());
}

#[test]
fn an_ignore_suppresses_and_is_counted_and_an_unused_one_is_said() {
    let desk = Desk::new();
    desk.write("notes.jsonl", "{\"text\": \"write to ana@northwind.example.net or bo@contoso.org\"}\n");
    let ignores = "\n[[ignore]]\nrule = \"PII001\"\npath = \"notes.jsonl\"\nreason = \"made up\"\nexpires = 2026-06-01\n\
                   \n[[ignore]]\nrule = \"PII005\"\npath = \"*\"\nreason = \"never there\"\nexpires = 2026-06-01\n";
    desk.write("bartizan.toml", format!("{PROJECT}{ignores}"));
    let checked = desk.check(0);
    let suppressed: Vec<_> = checked.findings.iter().filter(|finding| finding.suppressed.is_some()).collect();
    assert_eq!(suppressed.len(), 1, "{:?}", checked.findings);
    assert_eq!(suppressed[0].rule.as_str(), "PII001");
    assert!(rules(&checked).contains(&"PRJ007"), "{:?}", rules(&checked));
    assert_ne!(status(&checked, "data-scan"), Status::Satisfied, "an ignore never satisfies a control");
}
