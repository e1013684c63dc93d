use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use bartizan_attest::{Collector, NotExamined, Predicate, ProjectRef, SigningKey, Statement, Subject, Tool};
use bartizan_demo::{Kind, PLACE_FOR_PINS, PlantedEvidence, Signer, recorded};
use bartizan_engine::{record, state};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_project::{Project, SubjectRef};
use jiff::SignedDuration;

use crate::{arguments::DemoKind, environment::Environment, exit::Exit, output};

/// The keys of the people in the example are valid from this long before it is written.
const SINCE: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What the statements of people are valid for: controls ask for fresher ones.
const VALID_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// `bartizan demo`
pub(crate) fn run(
    kind: DemoKind,
    folder: &Path,
    seed: u64,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    write(kind, folder, seed, environment)?;
    output::print(&format!(
        "Wrote the example to {}. Look at it:\n  cd {}\n  bartizan check\n  bartizan threat list\n",
        folder.display(),
        folder.display()
    ))?;
    Ok(Exit::Done)
}

/// Writes an example with keys, and with the evidence that other people would have recorded.
pub(crate) fn write(
    kind: DemoKind,
    folder: &Path,
    seed: u64,
    environment: &Environment,
) -> anyhow::Result<()> {
    let kind = match kind {
        DemoKind::Helpdesk => Kind::Helpdesk,
        DemoKind::Compromised => Kind::Compromised,
    };
    bartizan_demo::write(kind, folder, seed)?;
    let (now, keys) = (Environment::now(), super::seed()?);
    let people = People::new(&keys);
    let file = folder.join(bartizan_project::FILE_NAME);
    let name = bartizan_project::load(&file)?.project.name;
    let state_folder = folder.join(state::STATE_FOLDER);
    let passphrase = environment.root_passphrase.as_deref();
    let made = state::establish(&state_folder, &name, &keys, passphrase, people.collectors(now), now)?;
    pin(&file, &made)?;
    let project = bartizan_project::load(&file)?.project;
    let opened = state::State::open(&state_folder, &project)?;
    let drafts = recorded(kind)
        .iter()
        .map(|planted| people.sign(planted, &project, now))
        .collect::<anyhow::Result<Vec<_>>>()?;
    opened.ledger.append(&drafts, now)?;
    super::remember(&opened, environment)
}

/// Pins the keys in the project file, where nobody who can only write the state folder can replace them.
fn pin(file: &Path, made: &state::Established) -> anyhow::Result<()> {
    let text = String::from_utf8(bartizan_engine::files::read(file, bartizan_project::MAX_BYTES)?)?;
    let pins = format!("[trust]\nroot = \"{}\"\nlog = \"{}\"\n", made.root, made.log);
    let pinned = text.replacen(PLACE_FOR_PINS, &pins, 1);
    anyhow::ensure!(pinned != text, "the example's project file has no place for the keys");
    fs::write(file, pinned).with_context(|| format!("cannot write {}", file.display()))
}

/// The keys of those who would record evidence besides a check.
struct People {
    oncall: SigningKey,
    foreign: SigningKey,
}

impl People {
    fn new(seed: &state::Seed) -> Self {
        Self { oncall: seed.key("example/oncall"), foreign: seed.key("example/foreign") }
    }

    /// Those whom the trust file names.
    fn collectors(&self, now: Timestamp) -> Vec<Collector> {
        vec![Collector {
            name: "oncall".to_owned(),
            key: self.oncall.verifying_key(),
            may: [PredicateKind::Drill].into(),
            from: now.checked_sub(SINCE).unwrap_or(Timestamp::MIN),
            until: now.checked_add(VALID_FOR).unwrap_or(Timestamp::MAX),
            revoked: None,
        }]
    }

    fn sign(
        &self,
        planted: &PlantedEvidence,
        project: &Project,
        now: Timestamp,
    ) -> anyhow::Result<bartizan_ledger::Draft> {
        let key = match planted.signer {
            Signer::Collector => &self.oncall,
            Signer::Foreign => &self.foreign,
        };
        let collected = now.checked_sub(SignedDuration::from_hours(24 * i64::from(planted.days_ago)))?;
        let facts = planted.facts.iter().map(|(name, fact)| ((*name).to_owned(), serde_json::json!(fact)));
        let statement = Statement {
            subjects: vec![Subject {
                name: planted.subject.to_owned(),
                digest: subject(planted.subject, project)?,
            }],
            kind: planted.predicate,
            predicate: Predicate {
                tool: Tool { name: "example".to_owned(), version: super::VERSION.to_owned() },
                project: ProjectRef { name: project.name.clone(), root: project.root() },
                collector: planted.collector.to_owned(),
                rule_sets: BTreeMap::new(),
                parameters: BTreeMap::new(),
                counts: BTreeMap::new(),
                facts: facts.collect(),
                complete: true,
                unexamined: NotExamined::default(),
                bytes_read_at: collected,
                collected,
                expires: collected.checked_add(VALID_FOR)?,
            },
        };
        Ok(record::draft(&statement, key, planted.collector)?)
    }
}

/// The digest of what a planted statement is about.
fn subject(name: &str, project: &Project) -> anyhow::Result<Digest> {
    let digest = match name.split_once(':') {
        None => Some(project.root()),
        Some(("asset", id)) => project.assets.get(&id.parse()?).and_then(|asset| asset.digest),
        Some(("element", id)) => project.subject(&SubjectRef::Element(id.parse()?)),
        Some(_) => None,
    };
    digest.with_context(|| format!("the example has no `{name}`"))
}
