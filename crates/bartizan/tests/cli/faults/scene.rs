//! What the faults are seeded into: a small project with keys for everybody, made once and copied for each fault.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bartizan_attest::{
    Collector, Envelope, NotExamined, Predicate, ProjectRef, Revocation, SigningKey, Statement, Subject,
    Tool, Trust, Witness,
};
use bartizan_engine::{
    Checked, Mode, Request, Silent, check, gate,
    gate::pass::Pass,
    state::{self, Seed, Signer, State, TrustFiles},
};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Identity, Ledger, RealFs, Subjects};
use bartizan_project::Project;
use jiff::SignedDuration;
use serde_json::Value;

use crate::run::{Place, Ran, safetensors};

const PROJECT: &str = r#"format = 1
[project]
name = "small"
role = "system-producer"
[group.data]
role = "data-engineer"
members = ["mira@example.com"]
[group.platform]
role = "platform-engineer"
members = ["tomas@example.com"]
[asset.weights]
kind = "model"
path = "weights.safetensors"
owner = "data"
[asset.notes]
kind = "dataset"
path = "notes.jsonl"
owner = "data"
classification = "internal"
[gate.deploy]
policy = "policies/deploy.cedar"
[gate.share]
policy = "policies/share.cedar"
"#;

/// A gate of this name that asks for the weights to be scanned and the data to be free of secrets.
pub(super) fn policy(gate: &str) -> String {
    format!(
        "@id(\"who\")\npermit (principal, action == Action::\"{gate}\", resource)\n\
         when {{ principal is Collector || principal in Role::\"platform-engineer\" }};\n\
         @id(\"weights\")\n@control(\"model-scan\")\n@fix(\"Check the weights.\")\n\
         forbid (principal, action == Action::\"{gate}\", resource)\n\
         unless {{ context.satisfied.contains(Control::\"model-scan\") }};\n\
         @id(\"secrets\")\n@control(\"data-secrets\")\n@fix(\"Check the data.\")\n\
         forbid (principal, action == Action::\"{gate}\", resource)\n\
         unless {{ context.satisfied.contains(Control::\"data-secrets\") || context.excepted.contains(Control::\"data-secrets\") }};\n"
    )
}

/// A gate that asks for what the newest run found.
const SHARE: &str = "@id(\"who\")\npermit (principal is Collector, action == Action::\"share\", resource);\n\
    @id(\"nothing-critical\")\n@fix(\"Mend what is found.\")\n\
    forbid (principal, action == Action::\"share\", resource) when { context.findings.critical > 0 || context.findings.high > 0 };\n";

/// A made-up key of a cloud, which the detectors take for one.
pub(super) const SECRET: &str =
    "{\"text\": \"key AKIAQ3EGRV5NV5PLMWXA secret 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\"}\n";

/// Where a fault is seeded.
#[derive(Clone, Copy)]
pub(super) enum Base {
    /// Keys, and nothing recorded.
    Bare,
    /// Checked, with a decision and a pack to hand on; the gate lets pass.
    Good,
    /// Checked again after a secret was found in the data; the gate refuses.
    Found,
}

impl Base {
    const fn folder(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Good => "good",
            Self::Found => "found",
        }
    }
}

/// Everybody with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The collector of the machine, which decides at gates too.
    Local,
    /// A runner.
    Ci,
    /// A runner that may state data scans alone.
    Scanner,
    /// A runner whose key ran out.
    Old,
    /// A runner whose key begins to be valid in a week.
    Coming,
    /// A runner whose key is revoked since ten days.
    Gone,
    /// Two people.
    Mira,
    /// The other.
    Tomas,
    /// Another key of the first.
    MiraToo,
    /// A person whose key is revoked.
    Left,
    /// Nobody whom the trust file names.
    Foreign,
    /// Somebody outside who has seen the log.
    Witness,
}

const SEED: Seed = Seed([7; 32]);

impl Who {
    /// All who have a key file.
    const ALL: [Self; 11] = [
        Self::Ci,
        Self::Scanner,
        Self::Old,
        Self::Coming,
        Self::Gone,
        Self::Mira,
        Self::Tomas,
        Self::MiraToo,
        Self::Left,
        Self::Foreign,
        Self::Witness,
    ];

    pub(super) fn key(self) -> SigningKey {
        match self {
            Self::Local => SEED.key("collector"),
            other => SigningKey::from_seed([100 + other as u8; 32]),
        }
    }

    /// The name in the trust file.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Ci => "ci",
            Self::Scanner => "scanner",
            Self::Old => "old",
            Self::Coming => "coming",
            Self::Gone => "gone",
            Self::Mira | Self::MiraToo => "mira@example.com",
            Self::Tomas => "tomas@example.com",
            Self::Left => "left@example.com",
            Self::Foreign => "foreign",
            Self::Witness => "witness.example/small",
        }
    }

    /// The file of the key, beside the project.
    pub(super) fn file(self) -> String {
        format!("{self:?}.key")
    }

    /// What the trust file says, where it names them.
    fn collector(self, times: &Times) -> Option<Collector> {
        use PredicateKind::{Approval, DataScan, Exception};
        let machine: Vec<_> =
            state::MACHINE_MAY.into_iter().filter(|kind| *kind != PredicateKind::GateDecision).collect();
        let revoked = |reason: &str| Some(Revocation { at: times.days_ago(10), reason: reason.to_owned() });
        let (may, revoked) = match self {
            Self::Ci | Self::Old | Self::Coming => (machine, None),
            Self::Gone => (machine, revoked("stolen")),
            Self::Scanner => (vec![DataScan], None),
            Self::Mira | Self::MiraToo | Self::Tomas => (vec![Approval, Exception], None),
            Self::Left => (vec![Approval, Exception], revoked("left")),
            Self::Local | Self::Foreign | Self::Witness => return None,
        };
        let (from, until) = match self {
            Self::Old => (times.start(), times.days_ago(20)),
            Self::Coming => (times.days_ago(-7), times.days_ago(-300)),
            _ => (times.start(), times.days_ago(-300)),
        };
        let key = self.key().verifying_key();
        Some(Collector {
            name: self.name().to_owned(),
            key,
            may: may.into_iter().collect(),
            from,
            until,
            revoked,
        })
    }
}

/// The time of the scene: the program asks the system for it, so that it is now.
#[derive(Clone, Copy)]
pub(super) struct Times {
    now: Timestamp,
}

impl Times {
    fn new() -> Self {
        let now = Timestamp::now();
        Self { now: Timestamp::from_second(now.as_second()).unwrap() }
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn hours_ago(&self, hours: i64) -> Timestamp {
        self.now.checked_sub(SignedDuration::from_hours(hours)).unwrap()
    }

    pub(super) fn days_ago(&self, days: i64) -> Timestamp {
        self.hours_ago(days * 24)
    }

    /// When the keys were made.
    fn start(&self) -> Timestamp {
        self.days_ago(40)
    }
}

/// The three bases, made once.
pub(super) struct Scene {
    place: Place,
    times: Times,
}

impl Scene {
    pub(super) fn new() -> Self {
        let scene = Self { place: Place::new(), times: Times::new() };
        let bare = scene.open(Base::Bare);
        bare.establish();
        bare.bundle();
        for next in [Base::Good, Base::Found] {
            copy_folder(&scene.place.path(Base::Bare.folder()), &scene.place.path(next.folder()));
            let copy = scene.open(next);
            let checked = copy.check(Mode::Record, copy.times.hours_ago(1));
            assert_eq!(checked.not_recorded, None);
        }
        let good = scene.open(Base::Good);
        good.hand_on();
        let found = scene.open(Base::Found);
        found.write("project/notes.jsonl", SECRET);
        // Older by its own words than what is checked next, and so that what was recorded has a history.
        let _ = found.check(Mode::Record, found.times.now());
        scene
    }

    fn open(&self, base: Base) -> Copy {
        Copy { place: None, folder: self.place.path(base.folder()), times: self.times }
    }

    /// A copy of a base, in a folder of its own.
    pub(super) fn copy(&self, base: Base) -> Copy {
        let place = Place::new();
        let folder = place.path("");
        copy_folder(&self.place.path(base.folder()), &folder);
        Copy { place: Some(place), folder, times: self.times }
    }
}

/// One copy of the scene.
pub(super) struct Copy {
    place: Option<Place>,
    folder: PathBuf,
    pub(super) times: Times,
}

/// What the project is worth afterwards.
pub(super) struct After {
    /// The status of the control that was asked about.
    pub(super) status: String,
    /// Whether the gate `deploy` lets pass.
    pub(super) passes: bool,
}

impl Copy {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Changes a file of text, which must hold what is replaced.
    pub(super) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{name} holds no {from}");
        self.write(name, text.replace(from, to));
    }

    /// Runs the program in the project.
    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        let place = self.place.as_ref().expect("a copy has a place of its own");
        let output = place.command(arguments).current_dir(self.path("project")).output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs it where it must end well.
    pub(super) fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:#?}");
        ran
    }

    /// Imports these lines.
    pub(super) fn import(&self, lines: &[String]) -> Ran {
        self.write("handed.intoto.jsonl", lines.join("\n") + "\n");
        self.run(&["ledger", "import", "../handed.intoto.jsonl"])
    }

    pub(super) fn project(&self) -> Project {
        bartizan_project::parse(&self.text("project/bartizan.toml")).project.unwrap()
    }

    pub(super) fn state(&self) -> State {
        State::open(&self.path("project/.bartizan"), &self.project()).unwrap()
    }

    pub(super) fn trust(&self) -> Trust {
        state::open_trust(&self.path("project/.bartizan"), &self.project()).unwrap()
    }

    fn request(&self, mode: Mode, now: Timestamp) -> Request {
        let request = Request::new(self.path("project"), now, Seed([9; 32]), "0.1.0");
        Request { heads: Some(self.path("state-home/bartizan/heads")), mode, ..request }
    }

    pub(super) fn check(&self, mode: Mode, now: Timestamp) -> Checked {
        check(&self.request(mode, now), &Silent).unwrap()
    }

    /// What is recorded, asked for one control and for the gate. What cannot be asked is worth nothing.
    pub(super) fn asked(&self, control: &str) -> After {
        let request = self.request(Mode::Assess, Times::new().now);
        let Ok(checked) = check(&request, &Silent) else {
            return After { status: "unknown".to_owned(), passes: false };
        };
        let found = checked.assessment.controls.iter().find(|one| one.id.as_str() == control).unwrap();
        let gates = gate::Gates::new(&checked.source.project, None).unwrap();
        let ruled = gates.rule(&checked, &request, &"deploy".parse().unwrap(), None);
        After {
            status: found.status.as_str().to_owned(),
            passes: ruled.is_ok_and(|ruled| ruled.result.verdict.passes()),
        }
    }

    /// The lines of the runner's bundle.
    pub(super) fn lines(&self) -> Vec<String> {
        self.text("ci.intoto.jsonl").lines().map(str::to_owned).collect()
    }

    /// The statement of this kind in the runner's bundle, and its line's number.
    pub(super) fn line(&self, kind: PredicateKind) -> (usize, Statement) {
        let lines = self.lines();
        let mut statements = lines.iter().map(|line| {
            let envelope = Envelope::parse(line.as_bytes()).unwrap();
            Statement::parse(envelope.payload()).unwrap()
        });
        let at = statements.position(|statement| statement.kind == kind).unwrap();
        let envelope = Envelope::parse(lines[at].as_bytes()).unwrap();
        (at, Statement::parse(envelope.payload()).unwrap())
    }

    /// The runner's scan of the weights.
    pub(super) fn scan(&self) -> Statement {
        self.line(PredicateKind::ModelScan).1
    }

    /// A statement of anybody's about the project.
    pub(super) fn statement(&self, kind: PredicateKind, who: Who, subject: (&str, Digest)) -> Statement {
        let project = self.project();
        let at = self.times.hours_ago(1);
        Statement {
            subjects: vec![Subject { name: subject.0.to_owned(), digest: subject.1 }],
            kind,
            predicate: Predicate {
                tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
                project: ProjectRef { name: project.name.clone(), root: project.root() },
                collector: who.name().to_owned(),
                rule_sets: [].into(),
                parameters: [].into(),
                counts: [].into(),
                facts: [].into(),
                complete: true,
                unexamined: NotExamined::default(),
                bytes_read_at: at,
                collected: at,
                expires: self.times.days_ago(-20),
            },
        }
    }

    /// Appends a signed statement with the log's own key, as somebody who holds the state folder can. Gives its entry
    /// and envelope.
    pub(super) fn append(&self, statement: &Statement, who: Who, at: Timestamp) -> (u64, Envelope) {
        let envelope = Envelope::sign(statement, &who.key()).unwrap();
        let state = self.state();
        let draft = Draft::Statement {
            envelope: envelope.to_bytes(),
            predicate: statement.kind.uri(),
            subjects: Subjects::of(statement.subjects.iter().map(|subject| subject.digest)),
            collected: statement.predicate.collected,
            expires: Some(statement.predicate.expires),
            key: who.key().fingerprint(),
            actor: "local".to_owned(),
        };
        let receipts = state.ledger.append(&[draft], at).unwrap();
        (receipts[0].index, envelope)
    }

    /// The log, to be written with its key.
    pub(super) fn ledger(&self) -> Ledger {
        let trust = self.trust();
        let folder = RealFs::open(&self.path("project/.bartizan/ledger")).unwrap();
        let identity = Identity::writer(trust.log().name().clone(), log_key());
        Ledger::open(std::sync::Arc::new(folder), identity).unwrap()
    }

    /// A decision of the gate that was recorded like this, to be handed on.
    pub(super) fn pass(&self, statement: &Statement, who: Who) -> Pass {
        let (index, envelope) = self.append(statement, who, self.times.now());
        let view = self.ledger().view().unwrap();
        Pass {
            schema: gate::pass::SCHEMA.to_owned(),
            trust: TrustFiles::read(&self.path("project/.bartizan")).unwrap(),
            decision: serde_json::from_slice::<Value>(&envelope.to_bytes()).unwrap(),
            proof: bartizan_ledger::prove(&view, index).unwrap(),
        }
    }

    fn establish(&self) {
        self.write("project/bartizan.toml", PROJECT);
        self.write("project/weights.safetensors", safetensors(64));
        self.write("project/notes.jsonl", "{\"text\": \"nothing of note\"}\n");
        self.write("project/policies/deploy.cedar", policy("deploy"));
        self.write("project/policies/share.cedar", SHARE);
        let folder = self.path("project/.bartizan");
        let collectors = Who::ALL.into_iter().filter_map(|who| who.collector(&self.times)).collect();
        let made = state::establish(&folder, "small", &SEED, None, collectors, self.times.start()).unwrap();
        // The project pins both keys, and its first trust file is kept to be put back.
        let pins = format!("[trust]\nroot = \"{}\"\nlog = \"{}\"\n[group.data]", made.root, made.log);
        self.write("project/bartizan.toml", PROJECT.replace("[group.data]", &pins));
        for name in ["trust.toml", "trust.toml.dsse"] {
            self.write(&format!("first/{name}"), self.read(&format!("project/.bartizan/{name}")));
        }
        let witness = Witness::new(Who::Witness.name().parse().unwrap(), Who::Witness.key().verifying_key());
        let add = |content: bartizan_attest::TrustContent| content.with_witness(witness);
        state::change_trust(&folder, &self.project(), None, self.times.days_ago(39), add).unwrap();
        for who in Who::ALL {
            self.write(&who.file(), who.key().to_pem(None).unwrap().as_bytes());
            private(&self.path(&who.file()));
        }
    }

    /// The bundle of a runner.
    fn bundle(&self) {
        let signer = Signer { name: "ci".to_owned(), key: Who::Ci.key() };
        let made = self.check(Mode::Bundle(Box::new(signer)), self.times.hours_ago(2));
        self.write("ci.intoto.jsonl", made.bundle.unwrap());
    }

    /// A decision and a pack.
    fn hand_on(&self) {
        let request = self.request(Mode::Assess, self.times.now());
        let checked = check(&request, &Silent).unwrap();
        let gates = gate::Gates::new(&checked.source.project, None).unwrap();
        let ruled = gates.rule(&checked, &request, &"deploy".parse().unwrap(), None).unwrap();
        assert!(ruled.result.verdict.passes(), "{ruled:#?}");
        let decision = gate::record(&checked, &request, &ruled).unwrap();
        let trust = TrustFiles::read(&self.path("project/.bartizan")).unwrap();
        let pass = Pass::new(&decision, trust).unwrap();
        self.write("deploy.decision", serde_json::to_vec(&pass).unwrap());
        let checked = check(&request, &Silent).unwrap();
        let report = bartizan_engine::outcome::report(&request, &checked, request.now).unwrap();
        let mut pack = Vec::new();
        bartizan_engine::pack::write(&checked, &request, &report, &mut pack).unwrap();
        self.write("pack.tar.gz", pack);
    }
}

/// Signs the trust file.
pub(super) fn root_key() -> SigningKey {
    SEED.key("root")
}

/// Signs the checkpoints of the log.
pub(super) fn log_key() -> SigningKey {
    SEED.key("log")
}

/// The files below a folder, with their modes.
pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
