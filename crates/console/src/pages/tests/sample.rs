//! A small project, and a host that serves it.

use std::collections::BTreeMap;

use bartizan_finding::{Digest, Rule, RuleMeta, Timestamp};
use bartizan_report::v1::{Anchor, Report};
use serde_json::{Value, json};

use crate::{
    call::{Answer, Call, Page, Query},
    host::{Failure, Host, LogEntry, LogHead, LogStatement, Watch},
    pages::PAGES,
    run::RunState,
    snapshot::Snapshot,
};

/// A pickle calls a function when it is loaded.
///
/// ## What it finds
/// A `REDUCE` of a name that runs code, such as `os.system`.
///
/// - in a file of its own
/// - in an archive
/// ## Why it matters
/// Loading the file is enough to run the call.
/// ## Example
/// `cos\nsystem\n(S'true'\ntR.`
/// ## Fix
/// Convert the file to safetensors.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
/// - CWE-502
#[derive(Rule)]
#[rule(code = "PKL001", severity = "critical", confidence = "high", controls = ["model-scan", "model-integrity"])]
struct Pickle;

/// The text holds an e-mail address.
///
/// ## What it finds
/// Addresses.
/// ## Why it matters
/// An address is personal data.
/// ## Example
/// None.
/// ## Fix
/// Take it out.
/// ## References
/// - CWE-359
#[derive(Rule)]
#[rule(code = "PII001", severity = "medium", confidence = "medium", controls = ["data-privacy"])]
struct Address;

pub(super) struct Sample {
    pub(super) entries: Vec<LogEntry>,
    pub(super) statement: Value,
    pub(super) anchors: Vec<Anchor>,
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A log of so many entries.
pub(super) fn sample(entries: u64) -> Sample {
    let entry = |index| LogEntry {
        index,
        logged_at: time("2026-11-22T10:00:00Z"),
        actor: "ci".to_owned(),
        hash: Digest::of(format!("entry {index}").as_bytes()),
        kind: if index == 4 { "gate-decision" } else { "model-scan" }.to_owned(),
        subjects: vec![Digest::of(b"subject")],
        envelope: Some(Digest::of(b"envelope")),
        collected: Some(time("2026-11-22T10:00:00Z")),
        expires: Some(time("2026-12-22T10:00:00Z")),
        erased: (index == 1).then(|| "Somebody asked for it.".to_owned()),
    };
    Sample {
        entries: (0..entries).map(entry).collect(),
        statement: json!({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "model/"}],
            "predicate": {"facts": {"gate.id": "deploy", "gate.verdict": "deny", "gate.principal": "local", "gate.resource": "project"}}}),
        anchors: Vec::new(),
    }
}

impl Host for Sample {
    fn check(&self, _: &dyn Watch) -> Result<Report, Failure> {
        Err(Failure::new("a test checks nothing"))
    }

    fn log_head(&self) -> Result<Option<LogHead>, Failure> {
        let head = LogHead {
            origin: "bartizan/helpdesk".to_owned(),
            size: self.entries.len() as u64,
            root: Digest::of(b"root"),
            checkpoint: "bartizan/helpdesk\n57\nAbC=\n\n— bartizan/helpdesk xyz\n".to_owned(),
            anchors: self.anchors.clone(),
        };
        Ok((!self.entries.is_empty()).then_some(head))
    }

    fn log_entries(&self, first: u64, count: u64) -> Result<Vec<LogEntry>, Failure> {
        Ok(self
            .entries
            .iter()
            .filter(|entry| entry.index >= first && entry.index < first + count)
            .cloned()
            .collect())
    }

    fn log_statement(&self, index: u64) -> Result<Option<LogStatement>, Failure> {
        let entry = usize::try_from(index).ok().and_then(|index| self.entries.get(index)).cloned();
        Ok(entry.map(|entry| LogStatement {
            entry,
            statement: Some(self.statement.clone()),
            envelope: Some("{}".to_owned()),
            counts: true,
            verdict: "Signed by the collector `ci`, which may say so.".to_owned(),
            proof: "c2sp.org/tlog-proof@v1\nindex 3\n".to_owned(),
        }))
    }

    fn rules(&self) -> Vec<&'static RuleMeta> {
        vec![Pickle::META, Address::META]
    }

    fn render(&self, report: &Report, format: &str) -> Option<String> {
        Some(format!("{} as {format}", report.project.name))
    }

    fn now(&self) -> Timestamp {
        time("2026-11-22T10:00:05Z")
    }

    fn randomness(&self) -> Result<[u8; 32], Failure> {
        Ok([7; 32])
    }

    fn link_renewed(&self, _: &str) {}
}

/// Asks for an address as the server does.
pub(super) fn get(host: &dyn Host, snapshot: Option<&Snapshot>, run: &RunState, address: &str) -> Answer {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    });
    let query = Query { pairs: pairs.collect() };
    let Some((page, argument)) = route(path) else { panic!("no page answers {path}") };
    page(&Call {
        host,
        snapshot,
        run,
        csrf: "csrf-token",
        path,
        argument: argument.as_deref(),
        query: &query,
    })
}

/// The page of a path, and its argument. A fixed segment wins over a parameter.
fn route(path: &str) -> Option<(Page, Option<String>)> {
    let fixed = PAGES.iter().find(|(route, _)| *route == path).map(|(_, page)| (*page, None));
    fixed.or_else(|| {
        let (folder, last) = path.rsplit_once('/')?;
        let found =
            PAGES.iter().find(|(route, _)| route.rsplit_once("/{").is_some_and(|(own, _)| own == folder));
        found.map(|(_, page)| (*page, Some(decoded(last))))
    })
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap()
}

pub(super) fn html(answer: Answer) -> (u16, String) {
    match answer {
        Answer::Html { status, html } => (status, html),
        other => panic!("not a page: {other:?}"),
    }
}

pub(super) fn report() -> Report {
    serde_json::from_value(value()).unwrap()
}

/// The same with every text replaced by `evil` of it, as far as the report can still be read. Equal texts stay equal,
/// so that what names something else still does.
pub(super) fn hostile(evil: impl Fn(&str, usize) -> String) -> Report {
    fn leaves(value: &Value, at: String, out: &mut Vec<String>) {
        match value {
            Value::String(_) => out.push(at),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, one)| leaves(one, format!("{at}/{n}"), out));
            }
            Value::Object(map) => map.iter().for_each(|(key, one)| leaves(one, format!("{at}/{key}"), out)),
            _ => {}
        }
    }
    let mut places = Vec::new();
    let plain = value();
    leaves(&plain, String::new(), &mut places);
    // Whether a text can be any is asked of the small report: the other one may be of many megabytes.
    let is_free = |place: &String| {
        let mut tried = plain.clone();
        *tried.pointer_mut(place).unwrap() = "x".into();
        serde_json::from_value::<Report>(tried).is_ok()
    };
    places.retain(is_free);
    let mut value = plain.clone();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for place in places {
        let number = names.len();
        let leaf = value.pointer_mut(&place).unwrap();
        let old = leaf.as_str().unwrap().to_owned();
        let new = names.entry(old.clone()).or_insert_with(|| evil(&old, number)).clone();
        *leaf = new.into();
    }
    serde_json::from_value(value).unwrap()
}

#[expect(clippy::too_many_lines, reason = "one of everything")]
pub(super) fn value() -> Value {
    let digest = Digest::of(b"x").to_string();
    let at = "2026-11-22T10:00:00Z";
    let later = "2026-12-22T10:00:00Z";
    let fingerprint = |text: &str| Digest::of(text.as_bytes()).hex();
    let finding = |rule: &str, severity: &str, path: &str, suppressed: Value| {
        let mut finding = json!({
            "rule": rule, "title": format!("Something of {rule} is there."), "severity": severity, "confidence": "high",
            "asset": "assistant", "place": path, "message": format!("`{path}` calls os.system."), "count": 3,
            "samples": [
                {"at": format!("{path} row 1"), "location": {"kind": "record", "path": path, "row": 1, "column": "/body"},
                 "redacted": {"kind": "e-mail", "length": "up-to32", "preview": "an"}},
                {"at": format!("{path} bytes 1 to 9"), "location": {"kind": "bytes", "path": path, "start": 1, "end": 9}}],
            "fix": "Convert the file.\n\n- then check again", "controls": ["model-scan"],
            "fingerprint": fingerprint(&format!("{rule}{path}")),
        });
        if !suppressed.is_null() {
            finding["suppressed"] = suppressed;
        }
        finding
    };
    let control = |id: &str, group: &str, status: &str| {
        json!({
            "id": id, "title": format!("The control {id} is at work."), "group": group, "baseline": "ssdf-218a",
            "status": status, "why": "1 of 2 subjects: Entry 3: 1 finding of PKL001.", "next": "Convert the file.",
            "owner": "platform-engineer", "considerations": ["RC02", "RC03"],
            "items": ["ssdf-218a:2024/PS.1.1.R1"], "threats": ["THR001-aa"],
            "subjects": [{"label": "model/weights.bin", "digest": digest, "status": status, "why": "Entry 3 says so."},
                         {"label": "model/other.bin", "status": "unknown", "why": "No statement is recorded."}],
            "evidence": [
                {"index": 3, "predicate": "model-scan", "strength": "sufficient", "clause": "Every byte was read.",
                 "subject": "model/weights.bin", "obtain": "", "status": status, "why": "Entry 3 shows it.", "expires": later},
                {"predicate": "approval", "strength": "partial", "clause": "Two people agree.",
                 "subject": "", "obtain": "Have two people sign.", "status": "unknown", "why": "There is none."}],
            "expires": later,
        })
    };
    let decision = |id: &str, kind: &str, state: &str, more: Value| {
        let mut decision = json!({
            "id": id, "kind": kind, "state": state, "why": "It was asked for and agreed to.", "about": "PKL001 in model/old.pkl",
            "reason": "It is converted with the next training.", "owner": "platform", "requester": "ana@example.com",
            "approvers": ["ben@example.com"], "requested": at, "expires": later, "index": 2, "findings": 0,
        });
        for (key, value) in more.as_object().unwrap() {
            decision[key] = value.clone();
        }
        decision
    };
    let gates = ["deploy", "release", "share", "train"];
    let gates = gates.map(|id| json!({"id": id, "policy": format!("policies/{id}.cedar")}));
    let group = |id: &str, title: &str, status: &str| {
        json!({
            "id": id, "title": title, "status": status, "counts": {status: 1, "satisfied": 2},
            "items": [{"id": format!("ssdf-218a:2024/{id}.1.1.R1"), "title": "Decide who does what.", "status": status,
                       "why": "It is shown by its controls.", "controls": ["model-scan"]}],
        })
    };
    json!({
        "schema": "bartizan/report/v1", "tool": {"name": "bartizan", "version": "0.1.0"},
        "project": {"name": "helpdesk", "role": "system-producer", "inferred": false, "root": digest},
        "run": {"as_of": at, "started": at, "finished": at, "self_attested": true, "offline": true,
                "recorded": {"kind": "ledger", "size": 5, "root": digest, "added": 2, "witnessed": false}},
        "outcome": {"exit_code": 1, "fail_on": "high",
            "findings": {"word": "at-or-over", "sentence": "1 finding at or over high."},
            "gates": {"word": "not-asked", "sentence": "No gate was asked."},
            "coverage": {"word": "incomplete", "sentence": "1 place was not examined."},
            "verification": {"word": "verified", "sentence": "The log holds."}},
        "summary": "helpdesk: 1 critical finding needs mending; of 2 controls, 1 failing.",
        "findings": [
            finding("PKL001", "critical", "model/optimizer.pkl", Value::Null),
            finding("PII001", "medium", "data/tickets.jsonl", Value::Null),
            finding("PII001", "low", "data/samples.jsonl", json!({"reason": "Synthetic.", "expires": "2027-03-01"})),
            finding("PKL001", "high", "model/old.pkl", json!({"by": "exception", "decision": "a1b2c3d4e5f6",
                "reason": "It is converted with the next training.", "expires": "2026-12-22"})),
            finding("PII001", "info", "data/known.jsonl", json!({"by": "baseline", "reason": "It stood in the baseline."})),
            finding("REC001", "high", "model/new.safetensors", Value::Null)],
        "suppressed": 3,
        "threats": [{"id": "THR001-aa", "rule": "THR001", "title": "Users can talk the model out of its instructions.",
            "severity": "medium", "why": "prompts from `customer` reach `server` past one guard",
            "path": ["customer", "server"], "more_paths": 1, "actors": ["outsider"], "consideration": "RC03",
            "references": ["owasp-llm:2026/LLM01"], "controls": ["model-scan", "red-team"]}],
        "risks": [{"threat": "THR001-aa", "likelihood": 3, "impact": 4, "score": 12,
            "why": "anyone who can type can try; it also decides what is done", "consideration": "RC03",
            "owner": "platform", "treatment": "mitigate", "reason": "The gateway asks a person."}],
        "controls": [control("model-scan", "PS", "failing"), control("threat-model", "PO", "satisfied")],
        "groups": [group("PO", "Prepare the organisation", "satisfied"), group("PS", "Protect the software", "failing")],
        "evidence": [
            {"index": 3, "predicate": "model-scan", "subject": "model/weights.bin", "digest": digest, "collector": "ci",
             "collected": at, "expires": later, "state": "new"},
            {"predicate": "drill", "subject": "project", "collector": "oncall", "collected": at, "state": "refused",
             "reason": "the key is not in trust.toml."}],
        "unexamined": [{"asset": "assistant", "at": "model/extra.bin", "reason": "format not supported: gzip",
            "location": {"kind": "bytes", "path": "model/extra.bin", "start": 0, "end": 0}}],
        "assets": [{"id": "assistant", "kind": "model", "path": "model/", "files": 3, "bytes": 12_345_678, "digest": digest}],
        "next": [{"sentence": "Convert the file.", "command": "bartizan explain PKL001"}, {"sentence": "Name an owner."}],
        "system": {"purpose": "Answers questions", "baselines": ["ssdf-218a"],
            "zones": [{"id": "internet", "trust": "public", "rank": 0}, {"id": "internal", "trust": "internal", "rank": 2}],
            "assets": [{"id": "assistant", "kind": "model", "path": "model/", "classification": "confidential",
                "owner": "platform", "pinned": digest, "licence": "Apache-2.0", "source": "https://example.com/x",
                "derived_from": ["tickets"]},
                {"id": "tickets", "kind": "dataset", "classification": "personal", "derived_from": [], "model": "example/tiny"}],
            "elements": [
                {"id": "customer", "kind": "user", "zone": "internet", "serves": [], "uses": [], "effects": [], "guards": []},
                {"id": "server", "kind": "model-server", "zone": "internal", "owner": "platform", "serves": ["assistant"],
                 "uses": ["tickets"], "effects": ["write:refunds"], "guards": ["logs"]}],
            "flows": [{"id": "customer>server", "from": "customer", "to": "server", "carries": ["user-prompts"],
                "crosses": true, "guards": ["encrypted"]}],
            "actors": [{"id": "outsider", "kind": "outsider", "capability": "OC1", "access": ["customer"]}],
            "treatments": [{"threat": "THR001/server", "decision": "mitigate", "owner": "platform", "reason": "It is asked.",
                "expires": "2027-01-01", "holds": true}],
            "ignores": [{"rule": "PII001", "path": "data/samples*", "reason": "Synthetic.", "expires": "2027-03-01", "holds": true}],
            "gates": gates},
        "teams": [{"id": "platform", "role": "platform-engineer", "title": "Platform engineer", "members": 2,
            "owns": ["assistant", "server"], "knows": ["ssdf-218a:2024/PS.1.1.R1"],
            "owes": [{"kind": "finding", "id": "PKL001", "sentence": "Convert the file.", "severity": "critical"},
                     {"kind": "control", "id": "model-scan", "sentence": "Scan again.", "status": "failing"},
                     {"kind": "risk", "id": "THR001-aa", "sentence": "Decide about it.", "severity": "medium"}]}],
        "decisions": [
            decision("a1b2c3d4e5f6", "exception", "in-force", json!({"rule": "PKL001", "findings": 1,
                "fingerprint": fingerprint("PKL001model/old.pkl"), "control": "model-scan", "subject": digest,
                "compensating": "It is loaded on a host without network alone."})),
            decision("b1b2c3d4e5f6", "break-glass", "in-force", json!({"gate": "release", "about": "the gate release"})),
            decision("c1b2c3d4e5f6", "exception", "pending", json!({"control": "model-scan", "approvers": []})),
            decision("d1b2c3d4e5f6", "loss", "expiring", json!({"about": "the element old-tool"})),
            decision("e1b2c3d4e5f6", "claim", "expired", json!({"control": "threat-model", "expires": at})),
            decision("f1b2c3d4e5f6", "exception", "void", json!({"rule": "PKL001"})),
            decision("01b2c3d4e5f6", "exception", "revoked", json!({"rule": "PKL001"})),
            decision("11b2c3d4e5f6", "exception", "refused", json!({"rule": "PKL001", "approvers": ["ana@example.com"]}))],
        "gates": [
            {"gate": "deploy", "policy": "policies/deploy.cedar", "verdict": "deny", "sentence": "3 rules refuse.",
             "principal": "ana@example.com", "resource": "assistant", "index": 4, "refusals": [
                {"rule": "two-scans", "why": "model-scan is failing.", "fix": "Mend the finding, then run `bartizan check`.",
                 "control": "model-scan", "status": "failing", "organisation": true},
                {"rule": "bartizan.reconciled", "why": "1 thing is lost.", "fix": "Declare it again.", "organisation": false},
                {"rule": "no-critical", "why": "1 critical finding.", "fix": "Mend it.", "organisation": false}]},
            {"gate": "release", "policy": "policies/release.cedar", "verdict": "break-glass", "principal": "ana@example.com",
             "sentence": "A break-glass is in force.", "resource": "project", "break_glass": "b1b2c3d4e5f6", "refusals": [
                {"rule": "drilled", "why": "No drill is recorded.", "fix": "Run a drill.", "organisation": false}]},
            {"gate": "share", "policy": "policies/share.cedar", "verdict": "unusable", "resource": "project", "refusals": [],
             "sentence": "The policy permits everything.", "principal": "ana@example.com"},
            {"gate": "train", "policy": "policies/train.cedar", "verdict": "allow", "resource": "project", "refusals": [],
             "sentence": "Every rule holds.", "principal": "ana@example.com"}],
        "reconciliation": {"posture": "unreconciled", "sentence": "1 thing is undeclared, 2 are lost.", "undeclared": 1, "lost": [
            {"kind": "element", "id": "old-tool", "last_seen": 2, "decision": "d1b2c3d4e5f6"},
            {"kind": "element", "id": "orders-api", "last_seen": 3}]},
        "anchors": [
            {"kind": "witness", "by": "witness.example.com", "at": at, "size": 3},
            {"kind": "timestamp", "by": "tsa", "at": at, "size": 5}],
        "history": [{"index": 1, "at": at, "findings": {"high": 2}}, {"index": 4, "at": later, "findings": {"critical": 1}}],
    })
}
