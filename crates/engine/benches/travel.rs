//! What evidence costs from end to end: a bundle taken in, status computed, a gate asked, a pack verified, on the
//! disk and with everything that a run does besides: `cargo xtask bench travel`, or
//! `cargo bench -p bartizan-engine --bench travel -- FOLDER ENTRIES`.
//!
//! The project has ten thousand files of data and a gate of two hundred rules. The long log holds what a runner said
//! of each file a hundred times, each time with another result; it takes about 5 GB in the folder while it is there.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use bartizan_attest::{BundleReader, Collector, Envelope, SigningKey, Statement};
use bartizan_engine::{
    Mode, Request, Silent, Source, check, gate, import, outcome, pack,
    record::draft,
    state::{self, Seed, Signer, State},
};
use bartizan_finding::{PredicateKind, Timestamp};
use bartizan_ledger::{Audit, verify};
use bartizan_measure::{Clock, Figure, Times, interleave};
use bartizan_policy as policy;
use jiff::SignedDuration;
use rayon::prelude::*;
use serde_json::json;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Files of the project.
const FILES: usize = 10_000;

/// Rules of the gate.
const RULES: usize = 200;

const SEED: Seed = Seed([7; 32]);

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let folder = arguments.next().map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let entries = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir_in(folder)?;
    let bench = Bench::new(folder.path())?;
    let bundle = bench.bundle()?;
    let state = bench.import(&bundle)?;
    bench.assess(&state, "10,000 pieces of evidence", 1.0)?;
    bench.gate(&state)?;
    bench.pack(&state)?;
    bench.long(&bundle, entries)
}

/// A project, and the time of its evidence.
struct Bench {
    folder: PathBuf,
    now: Timestamp,
}

impl Bench {
    fn new(folder: &Path) -> Outcome<Self> {
        let bench = Self { folder: folder.to_owned(), now: Timestamp::from_second(1_800_000_000)? };
        let project = bench.project();
        fs::create_dir_all(project.join("policies"))?;
        fs::write(project.join("bartizan.toml"), PROJECT)?;
        fs::write(project.join("policies/deploy.cedar"), rules())?;
        for number in 0..FILES {
            let path = project.join(file(number));
            fs::create_dir_all(path.parent().ok_or("a file lies in a folder")?)?;
            let line =
                format!("Question {number}: how long does an order take? It takes {} days.\n", number % 9);
            fs::write(path, line.repeat(16))?;
        }
        Ok(bench)
    }

    fn project(&self) -> PathBuf {
        self.folder.join("project")
    }

    fn request(&self, state: Option<&Path>, mode: Mode) -> Request {
        let request = Request::new(self.project(), self.now, Seed([9; 32]), "0.1.0");
        Request { state: state.map(Path::to_owned), heads: Some(self.folder.join("heads")), mode, ..request }
    }

    /// Keys and an empty log.
    fn state(&self, name: &str, number: u8) -> Outcome<PathBuf> {
        let state = self.folder.join(name);
        let from = self.days_ago(60)?;
        let ci = Collector {
            name: "ci".to_owned(),
            key: runner().verifying_key(),
            may: state::MACHINE_MAY.into(),
            from,
            until: Timestamp::MAX,
            revoked: None,
        };
        // Each has an origin of its own, so that no log is taken for a continuation of another.
        state::establish(&state, "bench", &Seed([number; 32]), None, vec![ci], from)?;
        Ok(state)
    }

    fn days_ago(&self, days: i64) -> Outcome<Timestamp> {
        Ok(self.now.checked_sub(SignedDuration::from_hours(24 * days))?)
    }

    /// What a runner says of the project.
    fn bundle(&self) -> Outcome<Vec<u8>> {
        let signer = Signer { name: "ci".to_owned(), key: runner() };
        let made = check(&self.request(None, Mode::Bundle(Box::new(signer))), &Silent)?;
        assert!(made.unexamined.is_empty(), "{:?}", made.unexamined);
        Ok(made.bundle.ok_or("a bundle was asked for")?)
    }

    /// Gives a state folder with the bundle in its log.
    fn import(&self, bundle: &[u8]) -> Outcome<PathBuf> {
        let mut number = 0;
        let mut times = Vec::new();
        let mut state = PathBuf::new();
        while times.len() < 3 {
            number += 1;
            state = self.state(&format!("state-{number}"), number)?;
            let request = self.request(Some(&state), Mode::Assess);
            let (time, imported) = Clock::Wall.time(|| import::import(&request, bundle, false, &Silent));
            let imported = imported?;
            assert!(imported.refused.is_empty(), "{:?}", imported.refused.first());
            assert!(imported.taken.len() > FILES, "{}", imported.taken.len());
            times.push(time);
        }
        Figure::new("bundle of 10,000 statements", bundle.len() as f64 / 1e6, "MB", 1).print();
        let times = Times::new(times);
        times
            .seconds("the bundle imported: judged, held against 10,000 files, durable, proven")
            .at_most(5.0)
            .print();
        Ok(state)
    }

    fn assess(&self, state: &Path, name: &str, bound: f64) -> Outcome {
        let request = self.request(Some(state), Mode::Assess);
        let work = || {
            let checked = check(&request, &Silent)?;
            assert_eq!(checked.not_recorded, None);
            assert!(checked.gathered.trusted.len() > FILES, "{}", checked.gathered.trusted.len());
            let scans = checked.assessment.controls.iter().find(|one| one.id.as_str() == "data-secrets");
            assert!(scans.is_some_and(|one| one.status == bartizan_assure::Status::Satisfied), "{scans:?}");
            Ok::<_, Box<dyn Error>>(())
        };
        let (first, done) = Clock::Wall.time(work);
        done?;
        Times::new(vec![first]).seconds(&format!("{name}: assessed for the first time")).print();
        let project = Source::declared(&request.path, None)?.ok_or("the project is declared")?.project;
        let mut assess = work;
        // What of that is the audit of the log, which is done each time.
        let opened = State::open(state, &project)?;
        let mut audit = || {
            let audit = Audit { blobs: false, ..Audit::default() };
            assert!(verify(&**opened.ledger.fs(), opened.ledger.identity().keys(), &audit).is_whole());
            Ok(())
        };
        let [assess, audit] = interleave(Clock::Wall, 5, [&mut assess, &mut audit])?;
        assess
            .seconds(&format!("{name}: assessed, with the files hashed and the log audited"))
            .at_most(bound)
            .print();
        audit.seconds(&format!("{name}: audit of the log alone")).print();
        Ok(())
    }

    /// A gate of two hundred rules.
    fn gate(&self, state: &Path) -> Outcome {
        let request = self.request(Some(state), Mode::Assess);
        let checked = check(&request, &Silent)?;
        let project = &checked.source.project;
        let gates = gate::Gates::new(project, None)?;
        let deploy = "deploy".parse()?;
        let mut rule = || {
            let ruled = gates.rule(&checked, &request, &deploy, None)?;
            assert!(ruled.result.verdict.passes(), "{:#?}", ruled.result);
            Ok::<_, Box<dyn Error>>(())
        };
        let schema = gate::schema(Some(project))?;
        let parsed = policy::Gate::parse("deploy", "deploy.cedar", &rules(), &schema)?;
        assert!(parsed.rules().len() > RULES);
        let ruled = gates.rule(&checked, &request, &deploy, None)?;
        let question = policy::Question {
            action: "deploy".to_owned(),
            principal: policy::Principal::Collector { name: "local".to_owned(), roles: [].into() },
            resource: policy::Resource::Project { name: "bench".to_owned() },
            facts: ruled.facts,
        };
        let organisation = policy::Organisation::none();
        let mut decide = || {
            let ruling = policy::decide(&parsed, &organisation, &question);
            assert_eq!(ruling.verdict, policy::Verdict::Allow);
            Ok(())
        };
        let [decide, rule] = interleave(Clock::Wall, 31, [&mut decide, &mut rule])?;
        decide.milliseconds("gate of 200 rules: decided").at_most(5.0).print();
        rule.milliseconds("gate of 200 rules: facts computed, policy read, validated and decided").print();
        Ok(())
    }

    fn pack(&self, state: &Path) -> Outcome {
        let request = self.request(Some(state), Mode::Assess);
        let checked = check(&request, &Silent)?;
        let report = outcome::report(&request, &checked, self.now)?;
        let mut bytes = Vec::new();
        let (time, written) = Clock::Wall.time(|| pack::write(&checked, &request, &report, &mut bytes));
        written?;
        Times::new(vec![time]).seconds("pack of 10,000 pieces of evidence, written").print();
        Figure::new("pack of 10,000 pieces of evidence", bytes.len() as f64 / 1e6, "MB", 1).print();
        let root = checked.trust.root().to_string();
        let mut work = || {
            let verdict = pack::verify(&bytes[..], Some(&root), self.now)?;
            assert!(verdict.holds(), "{:?}", verdict.faults);
            Ok::<_, Box<dyn Error>>(())
        };
        let [times] = interleave(Clock::Wall, 5, [&mut work])?;
        times.seconds("pack of 10,000 pieces of evidence, verified").at_most(2.0).print();
        Ok(())
    }

    /// A log of a million entries.
    fn long(&self, bundle: &[u8], entries: usize) -> Outcome {
        let state = self.state("state-long", 99)?;
        let project = Source::declared(&self.project(), None)?.ok_or("the project is declared")?.project;
        let ledger = State::open(&state, &project)?.ledger;
        let now = Statements::of(bundle)?;
        let rounds = entries.div_ceil(now.all.len()).max(1);
        for round in 0..rounds - 1 {
            let at = self.days_ago(50)?.checked_add(SignedDuration::from_mins(i64::try_from(round)?))?;
            ledger.append(&now.drafts(Some((round as u64, at)))?, at)?;
        }
        ledger.append(&now.drafts(None)?, self.now)?;
        let name = format!("{} entries", ledger.view()?.len());
        drop(ledger);
        self.assess(&state, &name, 3.0)?;
        fs::remove_dir_all(&state)?;
        Ok(())
    }
}

/// The statements of a bundle.
struct Statements {
    all: Vec<Statement>,
}

impl Statements {
    fn of(bundle: &[u8]) -> Outcome<Self> {
        let lines: Vec<Envelope> =
            BundleReader::new(bundle).map(|line| Ok(line?.envelope)).collect::<Outcome<_>>()?;
        let all = lines.iter().map(|line| Statement::parse(line.payload())).collect::<Result<_, _>>()?;
        Ok(Self { all })
    }

    /// As they are, or as they were in an earlier round, with another result.
    fn drafts(&self, earlier: Option<(u64, Timestamp)>) -> Outcome<Vec<bartizan_ledger::Draft>> {
        let key = runner();
        let draft = |statement: &Statement| {
            let mut statement = statement.clone();
            if let Some((round, at)) = earlier {
                (statement.predicate.bytes_read_at, statement.predicate.collected) = (at, at);
                if statement.kind == PredicateKind::DataScan {
                    statement.predicate.counts.insert("PII003".to_owned(), round + 1);
                } else {
                    statement.predicate.facts.insert("round".to_owned(), json!(round));
                }
            }
            draft(&statement, &key, "local").map_err(|error| error.to_string())
        };
        Ok(self.all.par_iter().map(draft).collect::<Result<_, _>>()?)
    }
}

const PROJECT: &str = r#"format = 1
[project]
name = "bench"
role = "system-producer"
[group.data]
role = "data-engineer"
members = ["ana@example.com"]
[asset.questions]
kind = "dataset"
path = "data/"
owner = "data"
classification = "internal"
[gate.deploy]
policy = "policies/deploy.cedar"
"#;

/// Who states what the bundle holds.
fn runner() -> SigningKey {
    SEED.key("runner")
}

fn file(number: usize) -> String {
    format!("data/{:03}/part-{number:05}.txt", number / 250)
}

/// One `permit` and two hundred rules, each about a control of the catalogue.
fn rules() -> String {
    let mut text = "@id(\"who\")\npermit (principal, action == Action::\"deploy\", resource) when { principal is Collector };\n".to_owned();
    let controls = bartizan_standards::controls().iter().cycle().take(RULES);
    for (number, control) in controls.enumerate() {
        let id = &control.id;
        text.push_str(&format!(
            "@id(\"rule-{number}\")\n@control(\"{id}\")\n@fix(\"See to it.\")\n\
             forbid (principal, action == Action::\"deploy\", resource)\n\
             unless {{ context.satisfied.contains(Control::\"{id}\") || context.findings.critical == 0 }};\n"
        ));
    }
    text
}
