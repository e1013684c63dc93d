//! Somebody outside sees the log: an authority that the `openssl` command runs, a witness as C2SP asks for one, and
//! every way in which they can be wrong or find something wrong.

mod somebody;

use std::{fs, net::TcpListener, path::Path, time::Duration};

use bartizan_attest::{Note, NoteVerifier, VerifyingKey, cosign};
use bartizan_finding::Timestamp;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use self::somebody::{Authority, Reply, Seer, Service, now};
use crate::run::{Place, Ran};

/// The helpdesk with its keys, in a folder of that name.
pub(crate) struct Scene {
    pub(crate) place: Place,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let scene = Self { place: Place::new() };
        scene.run_in("", &["demo", "helpdesk", "helpdesk"], 0);
        scene
    }

    /// Runs in the project.
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> Ran {
        self.run_in("helpdesk", arguments, code)
    }

    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str], code: i32) -> Ran {
        let output = self.place.command(arguments).current_dir(self.place.path(folder)).output();
        let output = output.expect("the program starts");
        let ran = Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("talk is UTF-8"),
        };
        assert_eq!(ran.code, code, "{arguments:?}: {ran:#?}");
        ran
    }

    /// The fingerprint of the root key.
    pub(crate) fn root(&self) -> String {
        let shown = self.run(&["trust", "show"], 0).out;
        let root = shown.split_once("root ").expect("the root is shown").1;
        root.split_whitespace().next().expect("the root has a fingerprint").to_owned()
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.run(&["check", "--format", "json"], 0).out).expect("a report is JSON")
    }

    /// The names of the anchors that are kept.
    fn kept(&self) -> Vec<String> {
        let Ok(folder) = fs::read_dir(self.place.path("helpdesk/.bartizan/anchors")) else {
            return Vec::new();
        };
        let paths = folder.map(|entry| entry.expect("it can be listed").path());
        let anchors =
            paths.filter(|path| path.extension().is_some_and(|kind| kind == "tsr" || kind == "checkpoint"));
        let name =
            |path: std::path::PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut names: Vec<_> = anchors.filter_map(name).collect();
        names.sort();
        names
    }

    fn checkpoint(&self) -> Vec<u8> {
        fs::read(self.place.path("helpdesk/.bartizan/ledger/checkpoint")).expect("the log has a head")
    }

    fn log_key(&self) -> NoteVerifier {
        let toml =
            fs::read_to_string(self.place.path("helpdesk/.bartizan/trust.toml")).expect("there is trust");
        let trust: toml::Table = toml.parse().expect("the trust file is TOML");
        let text = |name: &str| trust["log"][name].as_str().expect("the trust file names the log's key");
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", text("key"));
        let key = VerifyingKey::from_pem(&pem).expect("it is a key");
        NoteVerifier::new(text("name").parse().expect("it is a name"), key)
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}

fn control<'a>(report: &'a Value, id: &str) -> &'a Value {
    let controls = report["controls"].as_array().expect("controls are a list");
    controls.iter().find(|control| control["id"] == id).expect("there is such a control")
}

fn anchors(value: &Value) -> Vec<(String, String)> {
    let rows = value["anchors"].as_array().expect("anchors are a list");
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    rows.iter().map(|row| (text(&row["kind"]), text(&row["by"]))).collect()
}

#[test]
fn who_has_seen_the_log_is_kept_and_told() {
    let scene = Scene::new();
    let before = scene.report();
    assert_eq!(
        (control(&before, "evidence-log")["status"].as_str(), anchors(&before).len()),
        (Some("partial"), 0)
    );
    assert!(scene.run(&["check"], 0).out.contains(", not witnessed."));
    assert!(scene.run(&["ledger", "verify"], 0).out.contains("not witnessed"));

    let authority = Authority::new("Example Time");
    let seer = Seer::new("witness.example/one", 7, &[scene.log_key()]);
    scene.run(&["trust", "add-authority", "example-time", &authority.certificate()], 0);
    scene.run(&["trust", "add-witness", &seer.vkey()], 0);
    let (clock, witness) = (authority.serve("tsa"), seer.serve());
    let stamped = scene.run(&["ledger", "stamp", "--url", &clock.url], 0);
    assert!(stamped.out.contains("● example-time has stamped the log of"), "{stamped:#?}");
    assert_eq!(clock.asked(), ["POST / application/timestamp-query"]);
    let shown = scene.run(&["ledger", "witness", "--url", &format!("{}/", witness.url)], 0);
    assert!(shown.out.contains("● witness.example/one has seen the log of"), "{shown:#?}");
    assert_eq!(scene.kept().len(), 2, "{:?}", scene.kept());

    let after = scene.report();
    let mut by = anchors(&after);
    by.sort();
    let expected = [("timestamp", "example-time"), ("witness", "witness.example/one")];
    assert_eq!(by, expected.map(|(kind, by)| (kind.to_owned(), by.to_owned())));
    let log = control(&after, "evidence-log");
    assert_eq!(log["status"], "satisfied", "{log:#}");
    assert!(!scene.run(&["ledger", "verify"], 0).out.contains("not witnessed"));
    let text = scene.run(&["check"], 0).out;
    assert!(!text.contains(", not witnessed.") && text.contains("witness.example/one"), "{text}");

    // The witness saw the log before, and says at which size: the second time it gets a proof.
    scene.run(&["ledger", "witness", "--url", &witness.url], 0);
    assert_eq!(witness.asked().len(), 3, "{:?}", witness.asked());
    assert_eq!(scene.kept().len(), 3);
    // Once more, with nothing new: still the same.
    scene.run(&["ledger", "witness", "--url", &witness.url], 0);
    assert_eq!(scene.kept().len(), 3);

    // A stranger reads the same off the pack.
    scene.run(&["report", "pack", "../pack.tar.gz"], 0);
    let verified = scene.run_in(
        "",
        &["ledger", "verify", "pack.tar.gz", "--root", &scene.root(), "--format", "json"],
        0,
    );
    let verdict: Value = serde_json::from_str(&verified.out).expect("a verdict is JSON");
    assert_eq!(anchors(&verdict).len(), 3, "{verdict:#}");
    let shown = scene.run_in("", &["ledger", "verify", "pack.tar.gz"], 0).out;
    assert!(
        shown.contains("stamped by example-time") && shown.contains("cosigned by witness.example/one"),
        "{shown}"
    );
    assert!(!shown.to_lowercase().contains("not witnessed"), "{shown}");
}

#[test]
fn what_is_wrong_with_a_time_stamp_keeps_it_out() {
    let scene = Scene::new();
    let authority = Authority::new("Example Time");
    scene.run(&["trust", "add-authority", "example-time", &authority.certificate()], 0);
    let stamp =
        |service: &Service, code: i32| scene.run(&["ledger", "stamp", "--url", &service.url], code).err;

    let stranger = Authority::new("Somebody Else");
    let said = stamp(&stranger.serve("tsa"), 5);
    assert!(said.contains("does not lead to an authority that the trust file names"), "{said}");

    let said = stamp(&authority.serve("picky"), 5);
    assert!(said.contains("has not granted a time stamp"), "{said}");

    // An answer to an earlier request about the same head.
    scene.run(&["ledger", "stamp", "--request", "../early.tsq"], 0);
    let early = fs::read(scene.place.path("early.tsq")).expect("the request was written");
    let early = Authority::answer(authority.folder.path(), "tsa", &early);
    let replayed = early.clone();
    let said = stamp(
        &Service::start(move |_, _| Reply::Full(200, "application/timestamp-reply", replayed.clone())),
        5,
    );
    assert!(said.contains("its nonce differs"), "{said}");

    let elsewhere = Service::start(|_, _| Reply::text(200, "here"));
    let to = elsewhere.url.clone();
    for (what, reply, code, sentence) in [
        ("no time stamp", Reply::text(200, "hello"), 5, "the time stamp does not count"),
        ("nothing", Reply::text(200, ""), 5, "the time stamp does not count"),
        ("a fault", Reply::text(500, "\u{1b}[2Jno"), 4, "answers with 500: \\u{1b}[2Jno"),
        ("a redirect", Reply::Redirect(to), 4, "answers with 302"),
        ("too much", Reply::Full(200, "x", vec![0; 70_000]), 4, "cannot read the answer"),
        ("half", Reply::Cut, 4, "cannot read the answer"),
    ] {
        let said = stamp(&Service::start(move |_, _| reply.clone()), code);
        assert!(said.contains(sentence), "{what}: {said}");
    }
    assert!(elsewhere.asked().is_empty(), "a redirect was followed");
    let nobody =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free");
    scene.run(&["ledger", "stamp", "--url", &format!("http://{nobody}")], 4);
    scene.run(&["ledger", "stamp", "--url", "no-address"], 4);
    for words in [["--offline", "ledger", "stamp"], ["ledger", "stamp", "--offline"]] {
        let offline = scene.run(&[&words[..], &["--url", &elsewhere.url]].concat(), 2);
        assert!(offline.err.contains("--offline") && elsewhere.asked().is_empty(), "{offline:#?}");
    }
    assert_eq!(scene.kept(), Vec::<String>::new());

    // The early answer is sound by itself: on the offline way nobody waits for a nonce.
    fs::write(scene.place.path("early.tsr"), early).expect("a file can be written");
    scene.run(&["ledger", "stamp", "--response", "../early.tsr"], 0);
    assert_eq!(scene.kept().len(), 2);
}

#[test]
fn the_log_goes_on_while_somebody_outside_is_asked_by_hand() {
    let scene = Scene::new();
    let authority = Authority::new("Example Time");
    let seer = Seer::new("witness.example/one", 7, &[]);
    scene.run(&["trust", "add-authority", "example-time", &authority.certificate()], 0);
    scene.run(&["trust", "add-witness", &seer.vkey()], 0);
    scene.run(&["ledger", "stamp", "--request", "../head.tsq"], 0);
    let request = fs::read(scene.place.path("head.tsq")).expect("the request was written");
    let head = scene.checkpoint();
    for _ in 0..3 {
        scene.run(&["check", "--quiet"], 0);
    }
    assert_ne!(head, scene.checkpoint(), "the log went on");
    fs::write(scene.place.path("head.tsr"), Authority::answer(authority.folder.path(), "tsa", &request))
        .expect("a file can be written");
    // A stranger has signed as well; the line is of no use here and is not kept.
    let stranger = Seer::new("stranger.example", 9, &[]);
    let cosigned = stranger.carried(seer.carried(&head).as_bytes());
    fs::write(scene.place.path("head.cosigned"), cosigned).expect("a file can be written");
    scene.run(&["ledger", "stamp", "--response", "../head.tsr"], 0);
    scene.run(&["ledger", "witness", "--checkpoint", "../head.cosigned"], 0);
    let report = scene.report();
    assert_eq!(anchors(&report).len(), 2, "{:#}", report["anchors"]);
    let kept = scene.kept().into_iter().find(|name| name.contains("checkpoint")).expect("it is kept");
    let kept = fs::read_to_string(scene.place.path("helpdesk/.bartizan/anchors").join(kept))
        .expect("a note is text");
    assert!(kept.contains("witness.example/one") && !kept.contains("stranger.example"), "{kept}");

    // What is about another log is not taken.
    let other = Scene::new();
    other.run(&["trust", "add-authority", "example-time", &authority.certificate()], 0);
    other.run(&["trust", "add-witness", &seer.vkey()], 0);
    for (file, flag) in
        [("head.tsr", ["stamp", "--response"]), ("head.cosigned", ["witness", "--checkpoint"])]
    {
        fs::copy(scene.place.path(file), other.place.path(file)).expect("a file can be copied");
        let said = other.run(&["ledger", flag[0], flag[1], &format!("../{file}")], 5).err;
        assert!(
            said.contains("of this log") || said.contains("not signed by") || said.contains("count"),
            "{said}"
        );
    }
    assert_eq!(other.kept(), Vec::<String>::new());
}

#[test]
fn what_is_wrong_with_a_cosignature_keeps_it_out() {
    let scene = Scene::new();
    let early = scene.checkpoint();
    scene.run(&["check", "--quiet"], 0);
    let seer = Seer::new("witness.example/one", 7, &[scene.log_key()]);
    let witness =
        |service: &Service, code: i32| scene.run(&["ledger", "witness", "--url", &service.url], code).err;
    let said = witness(&seer.serve(), 5);
    assert!(said.contains("nobody whom the trust file names has vouched for it"), "{said}");
    scene.run(&["trust", "add-witness", &seer.vkey()], 0);

    let line = |seer: &Seer, text: &str| format!("{}\n", seer.line(text));
    let head = Note::parse(&scene.checkpoint()).expect("the head is a note").text().to_owned();
    let size: u64 = head.lines().nth(1).and_then(|size| size.parse().ok()).expect("a head has a size");
    let other_root = format!(
        "{}\n{size}\n{}\n",
        head.lines().next().expect("a head has an origin"),
        STANDARD.encode([7; 32])
    );
    let older = Note::parse(&early).expect("the head is a note").text().to_owned();
    let posing = Seer::new("witness.example/one", 8, &[]);
    let elsewhere = Service::start(|_, _| Reply::text(200, "here"));
    let to = elsewhere.url.clone();
    let table: Vec<(&str, Reply, i32, &str)> = vec![
        ("another root", Reply::text(200, &line(&seer, &other_root)), 5, "does not match the checkpoint"),
        ("an older head", Reply::text(200, &line(&seer, &older)), 5, "does not match the checkpoint"),
        ("another key", Reply::text(200, &line(&posing, &head)), 5, "its key id"),
        ("no line", Reply::text(200, "thank you\n"), 5, "malformed"),
        ("nothing", Reply::text(200, ""), 5, "malformed"),
        ("many lines", Reply::text(200, &line(&seer, &head).repeat(9)), 5, "more lines"),
        (
            "it saw more",
            Reply::Full(409, "text/x.tlog.size", format!("{}\n", size + 5).into_bytes()),
            5,
            "entries were cut off",
        ),
        ("a size that is none", Reply::text(409, "-1\n"), 4, "it is no size of a log"),
        ("always conflict", Reply::text(409, "1\n"), 4, "to the size that it names itself"),
        ("it saw none and differs", Reply::text(409, "0\n"), 4, "to the size that it names itself"),
        (
            "the same size, another root",
            Reply::text(409, &format!("{size}\n")),
            5,
            "forked, or rewritten since",
        ),
        ("no continuation", Reply::text(422, "no"), 5, "forked, or rewritten since"),
        ("it knows no such key", Reply::text(403, "no"), 4, "answers with 403"),
        ("it knows no such log", Reply::text(404, "no"), 4, "answers with 404"),
        ("a fault", Reply::text(500, "no"), 4, "answers with 500"),
        ("a redirect", Reply::Redirect(to), 4, "answers with 302"),
        ("too much", Reply::Full(200, "x", vec![b'x'; 70_000]), 4, "cannot read the answer"),
        ("half", Reply::Cut, 4, "cannot read the answer"),
    ];
    for (what, reply, code, sentence) in table {
        let said = witness(&Service::start(move |_, _| reply.clone()), code);
        assert!(said.contains(sentence), "{what}: {said}");
    }
    assert!(elsewhere.asked().is_empty(), "a redirect was followed");
    assert_eq!(scene.kept(), Vec::<String>::new());
    // A faulty line beside a good one does not come in with it.
    let mut mixed = Note::parse(seer.carried(&scene.checkpoint()).as_bytes()).expect("it is a note");
    mixed.push(cosign(&other_root, &seer.name, &seer.key, now()).expect("it is a checkpoint"));
    fs::write(scene.place.path("mixed"), mixed.to_string()).expect("a file can be written");
    scene.run(&["ledger", "witness", "--checkpoint", "../mixed"], 0);
    assert_eq!(scene.report()["anchors"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_witness_notices_a_log_that_was_put_back_or_rewritten() {
    let scene = Scene::new();
    let seer = Seer::new("witness.example/one", 7, &[scene.log_key()]);
    scene.run(&["trust", "add-witness", &seer.vkey()], 0);
    let service = seer.serve();
    let ledger = scene.place.path("helpdesk/.bartizan/ledger");
    let old = scene.place.path("old");
    copy(&ledger, &old);
    scene.run(&["check", "--quiet"], 0);
    scene.run(&["ledger", "witness", "--url", &service.url], 0);
    let put_back = || {
        fs::remove_dir_all(&ledger).expect("a folder can be removed");
        copy(&old, &ledger);
        // Whoever can do that can also forget what was seen here.
        let _ = fs::remove_dir_all(scene.place.path("state-home"));
        let _ = fs::remove_dir_all(scene.place.path("helpdesk/.bartizan/anchors"));
    };
    put_back();
    let said = scene.run(&["ledger", "witness", "--url", &service.url], 5).err;
    assert!(said.contains("entries were cut off, or an old copy put back"), "{said}");
    // Another history, longer than the one that the witness saw.
    fs::write(scene.place.path("helpdesk/data/kb/new.md"), "Opening hours: nine to five.\n")
        .expect("a file can be written");
    for _ in 0..3 {
        scene.run(&["check", "--quiet"], 0);
    }
    let said = scene.run(&["ledger", "witness", "--url", &service.url], 5).err;
    assert!(said.contains("forked, or rewritten since"), "{said}");
    assert_eq!(scene.kept(), Vec::<String>::new());
}

#[test]
fn what_a_lost_key_signed_counts_where_it_was_seen_before() {
    let scene = Scene::new();
    let authority = Authority::new("Example Time");
    scene.run(&["trust", "add-authority", "example-time", &authority.certificate()], 0);
    scene.run_in("", &["key", "make", "ci.key"], 0);
    scene.run(&["trust", "add", "ci", "../ci.key.pub"], 0);
    copy(&scene.place.path("helpdesk"), &scene.place.path("runner"));
    fs::remove_dir_all(scene.place.path("runner/.bartizan")).expect("the copy has a state folder");
    let bundle =
        ["check", "--bundle", "../ci.intoto.jsonl", "--collector", "ci", "--key", "../ci.key", "--quiet"];
    scene.run_in("runner", &bundle, 0);
    scene.run(&["ledger", "import", "../ci.intoto.jsonl"], 0);
    scene.run(&["gate", "deploy", "--dry-run"], 0);

    // One project is seen from outside in time, its twin is not.
    let twin = Scene { place: Place::new() };
    for name in ["helpdesk", "state-home"] {
        copy(&scene.place.path(name), &twin.place.path(name));
    }
    let clock = authority.serve("tsa");
    scene.run(&["ledger", "stamp", "--url", &clock.url], 0);
    std::thread::sleep(Duration::from_millis(2_100));
    let at = Timestamp::from_second(now().as_second()).expect("it is a time").to_string();
    let key = scene.run(&["trust", "show"], 0).out;
    let key = key.lines().find(|line| line.starts_with("ci ")).expect("the collector is listed");
    let key = key.split_whitespace().last().expect("a collector has a key").to_owned();
    for project in [&scene, &twin] {
        project.run(&["trust", "revoke", &key, "--at", &at, "--reason", "the runner was taken over"], 0);
    }
    let seen = scene.run(&["gate", "deploy", "--dry-run"], 0);
    assert!(!seen.out.contains("revoked"), "{seen:#?}");
    assert!(!scene.run(&["ledger", "verify"], 0).out.contains("refused"));
    assert!(twin.run(&["ledger", "verify"], 0).out.contains("refused"));
    let unseen = twin.run(&["gate", "deploy", "--dry-run", "--format", "json"], 1);
    let unseen: Value = serde_json::from_str(&unseen.out).expect("a ruling is JSON");
    assert_eq!(unseen["verdict"], "deny", "{unseen:#}");
    // Whatever that key signs from now on is too late, however it is dated.
    scene.run(&["ledger", "import", "../ci.intoto.jsonl"], 5);
}
