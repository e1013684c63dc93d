use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use bartizan_assure::assess;
use bartizan_attest::TOLERANCE;
use bartizan_finding::Timestamp;
use bartizan_ledger::{Anchors, Archive, ArchiveLimits, Audit, Identity, Ledger};
use bartizan_report::v1;

use super::{Verdict, read::Opened};
use crate::{
    bytes::Bytes,
    error::EngineError,
    gather::Gathered,
    standing::{Standing, scope_of},
};

/// Verifies a pack with nothing but its bytes, the root key that is known on another way, and the time.
pub fn verify(pack: impl Read, pinned: Option<&str>, now: Timestamp) -> Result<Verdict, EngineError> {
    let mut verdict = Verdict {
        manifest: None,
        faults: Vec::new(),
        limits: Vec::new(),
        root: None,
        audit: None,
        trusted: 0,
        refused: Vec::new(),
        anchors: Vec::new(),
        then: BTreeMap::new(),
        now: BTreeMap::new(),
    };
    let opened = Archive::open(pack, &ArchiveLimits::default())
        .map_err(|error| error.to_string())
        .and_then(|archive| Opened::new(archive, pinned));
    match opened {
        Err(why) => verdict.faults.push(format!("The pack cannot be believed: {why}.")),
        Ok(opened) => {
            if pinned.is_none() {
                verdict.limits.push(
                    "The root key is believed because the pack brings it; name the one that you know with --root."
                        .to_owned(),
                );
            }
            examine(&opened, now, &mut verdict)?;
        }
    }
    Ok(verdict)
}

fn examine(opened: &Opened, now: Timestamp, verdict: &mut Verdict) -> Result<(), EngineError> {
    let Opened { archive, trust, manifest, .. } = opened;
    verdict.root = Some(trust.root().to_string());
    // Evidence that is fresh by a time that has not come would seem so for longer than it is.
    if manifest.created.duration_since(now) > TOLERANCE {
        let dated = format!("The pack is dated {}, later than {now} when it was verified.", manifest.created);
        verdict.faults.push(dated);
        return Ok(());
    }
    let fs = archive.folder("ledger");
    let identity = Identity::reader(trust.log().name().clone(), [*trust.log().key()]);
    let audit = bartizan_ledger::verify(&*fs, identity.keys(), &Audit::default());
    verdict.faults.extend(audit.faults.iter().map(|fault| format!("In the log: {fault}.")));
    let whole = audit.is_whole();
    let head = audit.head.clone();
    verdict.audit = Some(audit);
    if !whole {
        return Ok(());
    }
    if head.is_none_or(|head| head.size != manifest.size || head.root != manifest.root) {
        verdict.faults.push("The log is not the one that was packed: it has another head.".to_owned());
        return Ok(());
    }
    let ledger = Ledger::open(fs, identity)?;
    let view = ledger.view()?;
    let (anchors, faults) = Anchors::open(archive.folder("anchors")).verified(&view, trust)?;
    verdict.faults.extend(faults.iter().filter(|fault| fault.counts()).map(|fault| format!("{fault}.")));
    let as_of = bartizan_attest::as_of(now, view.newest_logged_at()?).time;
    let mut gathered = Gathered::default();
    gathered.read_on(&ledger, &view, trust, &anchors, as_of)?;
    verdict.trusted = gathered.counted;
    verdict.refused = gathered.refused.iter().map(|(index, one)| (*index, one.why.clone())).collect();
    if anchors.is_empty() {
        verdict.limits.push("Not witnessed: nobody outside has seen this log.".to_owned());
    }
    if trust.self_attested() {
        verdict.limits.push("Self-attested: root and collector keys lie on one machine.".to_owned());
    }
    verdict.anchors = anchors.into_iter().map(|one| (one.kind, one.by, one.at, one.size)).collect();
    let assets = opened.assets.bytes();
    if view.newest_logged_at()?.is_some_and(|newest| newest.duration_since(manifest.created) > TOLERANCE) {
        let dated =
            format!("The pack is dated {}, earlier than the newest entry of its log.", manifest.created);
        verdict.faults.push(dated);
    }
    let (then, decided) = statuses(opened, &gathered, &assets, manifest.created);
    compare(opened, &then, verdict);
    compare_decisions(opened, &decided, verdict);
    verdict.then = tally(&then);
    verdict.now = tally(&statuses(opened, &gathered, &assets, now).0);
    verdict.manifest = Some(manifest.clone());
    Ok(())
}

/// The status of each control by the evidence in the pack, and the decisions that hold.
fn statuses(
    opened: &Opened,
    gathered: &Gathered,
    assets: &BTreeMap<bartizan_finding::AssetId, Bytes>,
    at: Timestamp,
) -> (BTreeMap<String, &'static str>, BTreeSet<String>) {
    let scope = scope_of(&opened.project, assets);
    let standing = Standing::of_people(&opened.project, assets, gathered, at);
    let catalogue = bartizan_standards::controls();
    let assessment = assess(catalogue, &scope, &gathered.evidence(), &standing.decisions(), at);
    let statuses = assessment.controls.iter().map(|one| (one.id.to_string(), one.status.as_str())).collect();
    (statuses, standing.in_force().map(|one| one.id.clone()).collect())
}

/// A report that says more than the evidence does is a lie, and one that says less is another report.
fn compare(opened: &Opened, found: &BTreeMap<String, &'static str>, verdict: &mut Verdict) {
    for control in &opened.report.controls {
        let by_evidence = found.get(&control.id).copied().unwrap_or("not in the catalogue");
        if by_evidence != control.status.as_str() {
            verdict.faults.push(format!(
                "The report says that {} is {}; by the evidence it is {by_evidence}.",
                bartizan_artifact::escape(&control.id, 80),
                control.status.as_str()
            ));
        }
    }
    let told: BTreeSet<_> = opened.report.controls.iter().map(|control| control.id.as_str()).collect();
    for (id, status) in found.iter().filter(|(id, _)| !told.contains(id.as_str())) {
        verdict.faults.push(format!("The report leaves out {id}, which is {status} by the evidence."));
    }
}

/// What people live with stands in every report for as long as it holds, and nothing else does.
fn compare_decisions(opened: &Opened, found: &BTreeSet<String>, verdict: &mut Verdict) {
    use v1::DecisionState::{Expiring, InForce};
    let told = opened.report.decisions.iter().filter(|one| matches!(one.state, InForce | Expiring));
    let told: BTreeSet<_> = told.map(|one| one.id.clone()).collect();
    for id in found.difference(&told) {
        verdict.faults.push(format!("The report leaves out the decision {id}, which holds by the log."));
    }
    for id in told.difference(found) {
        let id = bartizan_artifact::escape(id, 40);
        verdict.faults.push(format!("The report says that the decision {id} holds; by the log it does not."));
    }
}

fn tally(statuses: &BTreeMap<String, &'static str>) -> BTreeMap<String, u64> {
    let mut tally = BTreeMap::new();
    for status in statuses.values() {
        *tally.entry((*status).to_owned()).or_insert(0) += 1;
    }
    tally
}
