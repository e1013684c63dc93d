//! How long it takes to say where every control stands: `cargo xtask bench assess`.
//!
//! Each control is judged over a thousand subjects, with ten thousand statements about them. A fifth of the
//! statements are about the project and decide nothing, so that all of them have to be read. For one subject in ten
//! people have decided to live with what was found.

use std::{collections::BTreeMap, convert::Infallible, hint::black_box};

use bartizan_assure::{
    Decisions, Evidence, Exception, InScope, Reach, Scope, SetAside, Status, Subject, assess,
};
use bartizan_finding::{ControlId, Digest, PredicateKind, Timestamp};
use bartizan_measure::{Clock, interleave};
use bartizan_standards::controls;
use jiff::SignedDuration;

const SUBJECTS: usize = 1_000;
const STATEMENTS: u64 = 10_000;

fn main() {
    let now = Timestamp::from_second(1_800_000_000).expect("the time is in range");
    let subjects: Vec<_> = (0..SUBJECTS).map(subject).collect();
    let project = Digest::of(b"project");
    let scope = Scope {
        project,
        audience: [bartizan_standards::Audience::SystemProducer].into(),
        baselines: [bartizan_standards::Baseline::Ssdf218a].into(),
        controls: controls()
            .iter()
            .map(|control| (control.id.clone(), InScope::Subjects(subjects.clone())))
            .collect(),
    };
    let evidence: Vec<_> = (0..STATEMENTS).map(|number| statement(number, project, now)).collect();
    let excepted = subjects.iter().step_by(10).filter_map(|subject| subject.digest);
    let decisions = Decisions {
        exceptions: excepted.map(|digest| exception(digest, now)).collect(),
        ..Decisions::default()
    };
    let assess = || assess(controls(), &scope, &evidence, &decisions, now);

    let first = assess();
    let scans = first.controls.iter().find(|control| control.id.as_str() == "model-scan");
    let scans = scans.expect("the catalogue has the control");
    assert!(
        [Status::Failing, Status::Excepted, Status::Satisfied].iter().all(|one| scans.tally.of(*one) > 0),
        "{:?}",
        scans.tally
    );
    assert_eq!(first, assess(), "the same evidence gives the same assessment");

    let mut work = || {
        black_box(assess());
        Ok::<_, Infallible>(())
    };
    let Ok([times]) = interleave(Clock::Cpu, 9, [&mut work]);
    let name = format!("assess {} controls, 1,000 subjects, 10,000 statements", controls().len());
    times.seconds(&name).at_most(1.0).print();
}

fn subject(number: usize) -> Subject {
    let id = format!("file-{number}");
    Subject { label: id.clone(), digest: Some(Digest::of(id.as_bytes())), id }
}

fn exception(subject: Digest, now: Timestamp) -> Exception {
    Exception {
        control: ControlId::new("model-scan"),
        subject,
        reach: Reach::Rules(vec![SetAside::Rule("PKL001".parse().expect("it is a rule"))]),
        reason: "It is never loaded.".to_owned(),
        owner: "training".to_owned(),
        requester: "ana@example.com".to_owned(),
        approver: "ben@example.com".to_owned(),
        expires: now + SignedDuration::from_hours(24),
        compensating: None,
    }
}

fn statement(number: u64, project: Digest, now: Timestamp) -> Evidence {
    use PredicateKind::{Assessment, DataScan, Drill, IntegrityCheck, ModelScan};
    let place = usize::try_from(number).expect("the number is small");
    let predicate = [ModelScan, DataScan, IntegrityCheck, Drill, Assessment][place % 5];
    let about = subject(place % SUBJECTS).digest.unwrap_or(project);
    let finds = number.is_multiple_of(7);
    Evidence {
        index: number,
        confirms: None,
        predicate,
        subjects: vec![if predicate == Assessment { project } else { about }],
        collected: now - SignedDuration::from_hours(24),
        expires: None,
        complete: true,
        counts: if finds {
            BTreeMap::from([("PKL001".into(), 1), ("SEC001".into(), 1)])
        } else {
            BTreeMap::new()
        },
        facts: BTreeMap::from([("digest.matches".to_owned(), true.into())]),
        rule_sets: ["bartizan-artifact", "bartizan-dataset", "bartizan-detect"]
            .map(|name| (name.to_owned(), 9))
            .into(),
        collector: "ci".to_owned(),
        refused: None,
    }
}
