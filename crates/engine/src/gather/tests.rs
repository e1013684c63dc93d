//! Random histories of a log, read from the first entry and with an index: both come to the same.

mod log;

use std::collections::BTreeMap;

use bartizan_attest::Trust;
use bartizan_finding::PredicateKind;
use bartizan_ledger::{Anchor, AnchorKind, Draft, fs::Fs as _};
use proptest::prelude::*;
use serde_json::json;

use super::{Gathered, Resumed};
use log::{Log, SECRET, Said, at, seen, standing, trust};

/// One thing that happens to a log.
#[derive(Clone, Debug)]
enum Step {
    Say(Said),
    /// A run of a collector that stands by the statements with these numbers.
    Run(u8, Vec<usize>),
    /// A statement is recorded again.
    Again(usize),
    Erase(usize),
}

/// A step, how long after the one before it is recorded, and how long before that it was collected.
fn steps() -> impl Strategy<Value = Vec<(Step, i64, i64)>> {
    let kind = prop_oneof![
        4 => Just(PredicateKind::ModelScan),
        1 => Just(PredicateKind::Drill),
        1 => Just(PredicateKind::Assessment),
        1 => Just(PredicateKind::IntegrityCheck),
        1 => Just(PredicateKind::GateDecision),
        1 => Just(PredicateKind::TrainingRecord),
    ];
    let facts = prop::collection::btree_map(
        prop::sample::select(vec!["drill.procedure", "digest.matches", "training.passed", "drill.passed"]),
        prop::sample::select(vec![json!("stop"), json!("rollback"), json!(true), json!(false), json!(3)]),
        0..3,
    );
    let by = prop_oneof![5 => Just(0_u8), 3 => Just(1), 1 => Just(2)];
    let about = prop_oneof![6 => (0..2_u8).prop_map(|one| vec![one]), 1 => Just(vec![0, 1])];
    let rules = prop::sample::select(vec![1_u32, 50, 100, 100]);
    let said = (kind, by.clone(), about, prop::bool::weighted(0.8), 0..2_u64, rules, facts);
    let said = said.prop_map(|(kind, by, about, complete, found, rules, facts)| {
        let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Step::Say(Said { kind, by, about, collected: 0, complete, found, rules, facts })
    });
    let step = prop_oneof![
        10 => said,
        4 => (by, prop::collection::vec(0..30_usize, 0..4)).prop_map(|(by, which)| Step::Run(by, which)),
        1 => (0..30_usize).prop_map(Step::Again),
        1 => (0..30_usize).prop_map(Step::Erase),
    ];
    let lag = prop::sample::select(vec![0_i64, 0, 0, 0, 0, 1, 4, 6, 30, 2000, -4, -7]);
    prop::collection::vec((step, 0..12_i64, lag), 1..40)
}

/// Does the steps, and calls `after` after each with the minute.
fn play(steps: &[(Step, i64, i64)], log: &Log, after: &mut dyn FnMut(i64)) -> i64 {
    let mut said: Vec<Said> = Vec::new();
    let mut minute = 0;
    for (step, later, lag) in steps {
        minute += later;
        let nth = |number: &usize| (!said.is_empty()).then(|| said[number % said.len()].clone());
        match step {
            Step::Say(one) => {
                let one = Said { collected: minute - lag, ..one.clone() };
                log.say(&one, minute);
                said.push(one);
            }
            Step::Run(by, which) => {
                let listed: Vec<_> = which.iter().filter_map(nth).map(|one| one.digest()).collect();
                let run = Said::run(*by, minute - lag, &listed);
                log.say(&run, minute);
                said.push(run);
            }
            Step::Again(number) => {
                nth(number).map(|one| log.say(&one, minute));
            }
            Step::Erase(number) => {
                if let Some(one) = nth(number) {
                    let (reason, actor) = ("asked for".to_owned(), "ana".to_owned());
                    let erase = Draft::Erase { envelope: one.digest(), reason, actor };
                    log.ledger.append(&[erase], at(minute)).unwrap();
                }
            }
        }
        after(minute);
    }
    minute
}

fn anchors(seen: &[(u64, i64)]) -> Vec<Anchor> {
    let anchor = |(size, minute): &(u64, i64)| Anchor {
        size: *size,
        at: at(*minute),
        kind: AnchorKind::Witness,
        by: "w".to_owned(),
    };
    seen.iter().map(anchor).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn with_an_index_and_from_the_first_entry_all_is_the_same(
        steps in steps(),
        kept in prop::collection::btree_set(0..40_usize, 1..4),
        revoked in prop::option::of(0..200_i64),
        seen_outside in prop::collection::vec((0..40_u64, 0..200_i64), 0..3),
    ) {
        let (log, trust, anchors) = (Log::new(), trust(revoked), anchors(&seen_outside));
        let mut index: Option<Vec<u8>> = None;
        let mut count = 0;
        let mut pieces = Gathered::default();
        let end = play(&steps, &log, &mut |minute| {
            if kept.contains(&count) {
                let view = log.ledger.view().unwrap();
                // Each index is made from what the one before led to.
                let gathered = match &index {
                    Some(index) => log.resume(index, &trust, &anchors, minute).0,
                    None => log.read(&trust, &anchors, minute),
                };
                index = gathered.index(&SECRET, &view, &trust, &anchors).unwrap();
                assert_eq!(index.is_none(), view.is_empty());
                pieces.read_on(&log.ledger, &view, &trust, &anchors, at(minute)).unwrap();
            }
            count += 1;
        });
        let whole = seen(&log.read(&trust, &anchors, end));
        if let Some(index) = index {
            let (resumed, how) = log.resume(&index, &trust, &anchors, end);
            prop_assert_eq!(&seen(&resumed), &whole, "{:?}", how);
        }
        let view = log.ledger.view().unwrap();
        pieces.read_on(&log.ledger, &view, &trust, &anchors, at(end)).unwrap();
        prop_assert_eq!(seen(&pieces), whole);
    }

    #[test]
    fn what_is_let_go_changes_no_status(steps in steps(), late in prop::sample::select(vec![0_i64, 1000, 50_000])) {
        let (log, trust) = (Log::new(), trust(None));
        let end = play(&steps, &log, &mut |_| {});
        let view = log.ledger.view().unwrap();
        let weights = super::Weights::of(bartizan_standards::controls());
        let witnessed = bartizan_ledger::Witnessed::default();
        let (ledger, trust) = (&log.ledger, &trust);
        let bench = super::Bench { ledger, view: &view, trust, witnessed, as_of: at(end), weights };
        let mut all = Gathered::default();
        for (index, read) in bench.range(0, view.len()).unwrap() {
            prop_assert!(all.take(index, read, &bench).unwrap());
        }
        let before = standing(&all.evidence(), end + late);
        let held = all.trusted.len();
        all.settle(&bench.weights);
        prop_assert!(all.trusted.len() <= held);
        prop_assert_eq!(standing(&all.evidence(), end + late), before);
    }
}

#[test]
fn what_was_held_back_does_not_count_and_what_clocks_explain_does() {
    let log = Log::new();
    let scan = |collected, found| Said { found, ..Said::scan(0, 0, collected) };
    let say = |said: &Said, minute| log.say(said, minute);
    say(&scan(0, 0), 0);
    let failure = say(&scan(100, 1), 100);
    // Within the tolerance of clocks it is the order of the log that counts.
    let close = say(&scan(95, 0), 101);
    let held_back = say(&scan(94, 0), 102);
    // By anybody else too, about the same subject, and as long as anything newer is known.
    let by_another = say(&Said { by: 1, ..scan(94, 0) }, 103);
    let about_another = say(&Said { about: vec![1], ..scan(94, 0) }, 104);
    let of_another_kind = say(&Said { kind: PredicateKind::Assessment, ..scan(94, 0) }, 105);
    let newer = say(&scan(110, 0), 110);
    let again_held_back = say(&scan(104, 1), 111);
    let gathered = log.read(&trust(None), &[], 200);
    let refused: Vec<_> = gathered.refused.iter().map(|(index, one)| (*index, one.before)).collect();
    let before = |entry| Some(entry);
    assert_eq!(
        refused,
        [(held_back, before(failure)), (by_another, before(failure)), (again_held_back, before(newer))]
    );
    assert_eq!(
        gathered.refused[&held_back].why,
        "This evidence does not count: it was collected before entry 1, which says something newer about the same \
         subject."
    );
    let kept: Vec<_> = gathered.trusted.keys().copied().collect();
    assert_eq!(
        kept,
        [failure, about_another, of_another_kind, newer],
        "the failure is named, the rest is newest"
    );
    assert_eq!((gathered.counted, close), (6, 2));
}

#[test]
fn runs_and_decisions_are_never_held_back_and_a_renewal_is_not_affected() {
    let log = Log::new();
    let early = Said::scan(0, 0, 0);
    log.say(&early, 0);
    let newer = Said { by: 1, ..Said::scan(0, 0, 60) };
    log.say(&newer, 60);
    // The run that stands by the older statement was itself made before a newer run was recorded.
    log.say(&Said::run(0, 200, &[]), 200);
    let run = log.say(&Said::run(0, 100, &[early.digest()]), 201);
    let gate = Said { kind: PredicateKind::GateDecision, ..Said::scan(0, 0, 10) };
    log.say(&Said { collected: 90, ..gate.clone() }, 202);
    log.say(&gate, 203);
    let gathered = log.read(&trust(None), &[], 300);
    assert_eq!(gathered.refused.len(), 0);
    let renewed: Vec<_> =
        gathered.evidence().iter().filter_map(|one| Some((one.index, one.confirms?))).collect();
    assert_eq!(renewed, [(run, 0)]);
}

#[test]
fn a_run_may_stand_by_what_was_let_go() {
    let log = Log::new();
    let (trust, old) = (trust(None), Said::scan(0, 0, 0));
    log.say(&old, 0);
    log.say(&Said { found: 1, ..Said::scan(0, 0, 10) }, 10);
    log.say(&Said::scan(0, 0, 20), 20);
    let index = log.index(&trust, &[], 20).unwrap();
    let mut gathered = log.read(&trust, &[], 20);
    assert_eq!(gathered.trusted.keys().copied().collect::<Vec<_>>(), [2]);
    let run = log.say(&Said::run(0, 30, &[old.digest()]), 30);
    gathered.read_on(&log.ledger, &log.ledger.view().unwrap(), &trust, &[], at(30)).unwrap();
    assert_eq!(
        gathered.trusted.keys().copied().collect::<Vec<_>>(),
        [0, 2, run],
        "2 is the newest by its place"
    );
    let newest = gathered.evidence();
    assert_eq!(
        newest.iter().map(|one| (one.index, one.confirms)).collect::<Vec<_>>(),
        [(2, None), (3, Some(0)), (3, None)]
    );
    let (resumed, how) = log.resume(&index, &trust, &[], 30);
    assert_eq!(seen(&resumed), seen(&gathered));
    assert_eq!(
        how.note().as_deref(),
        Some(
            "The index of the evidence is made anew: what was added since rests on entries that it leaves out."
        )
    );
}

#[test]
fn an_index_is_passed_over_where_anything_that_decides_is_another() {
    let log = Log::new();
    let (first, revoked) = (trust(None), trust(Some(50)));
    for minute in 0..10 {
        log.say(&Said::scan(0, 0, minute), minute);
        log.say(&Said::scan(2, 0, minute), minute);
        log.say(&Said { by: 1, ..Said::scan(1, 1, minute) }, minute);
    }
    let why = |index: &[u8], trust: &Trust, anchors: &[Anchor], now: i64| {
        let (resumed, how) = log.resume(index, trust, anchors, now);
        assert_eq!(seen(&resumed), seen(&log.read(trust, anchors, now)), "{how:?}");
        match how {
            Resumed::PassedOver { why } => why,
            how => format!("{how:?}"),
        }
    };
    let index = log.index(&first, &[], 20).unwrap();
    assert_eq!(why(&index, &first, &[], 20), "Index { size: 30 }");
    assert_eq!(why(&index, &first, &[], 9_000), "Index { size: 30 }");
    let seen_outside = anchors(&[(10, 40)]);
    assert_eq!(why(&index, &first, &seen_outside, 20), "Index { size: 30 }", "no key is revoked");
    assert_eq!(why(&index, &revoked, &[], 20), "it was made under another trust file");
    assert_eq!(why(&index, &first, &[], 5), "the time to judge by lies before entries that it rests on");
    assert!(log.index(&first, &[], 5).is_none(), "and none is made then");

    let of_revoked = log.index(&revoked, &[], 20).unwrap();
    assert_eq!(why(&of_revoked, &revoked, &[], 20), "Index { size: 30 }");
    assert_eq!(why(&of_revoked, &revoked, &anchors(&[(10, 60)]), 20), "Index { size: 30 }");
    assert_eq!(
        why(&of_revoked, &revoked, &seen_outside, 20),
        "other anchors say what was seen before a key was revoked"
    );

    let text = String::from_utf8(index.clone()).unwrap();
    for bad in [
        "",
        "bartizan evidence index 1",
        "bartizan evidence index 1\n",
        "bartizan evidence index 2\n",
        &text.replacen("index 1", "index 1 ", 1),
        &text.replacen('\n', "\n\u{e9}", 1),
    ] {
        assert_eq!(why(bad.as_bytes(), &first, &[], 20), "it is no index", "{bad}");
    }
    let changed = "it was changed, or made with the keys of another state folder";
    assert_eq!(why(text.replace("\"counted\":20", "\"counted\":21").as_bytes(), &first, &[], 20), changed);
    assert_eq!(why(format!("{text} ").as_bytes(), &first, &[], 20), changed);
    let view = log.ledger.view().unwrap();
    let other = log.read(&first, &[], 20).index(&[6; 32], &view, &first, &[]).unwrap().unwrap();
    assert_eq!(why(&other, &first, &[], 20), changed);

    // Another log of the same name and key, of the same length.
    let fork = Log::new();
    for minute in 0..30 {
        fork.say(&Said::scan(0, 0, minute), minute);
    }
    let of_fork = fork.index(&first, &[], 30).unwrap();
    assert_eq!(why(&of_fork, &first, &[], 30), "it is of another history of the log");

    // An envelope that the index rests on is gone.
    let newest = Said::scan(0, 0, 9).digest().hex();
    let (folder, name) = newest.split_at(2);
    log.fs.remove_file(&format!("blobs/sha256/{folder}/{name}")).unwrap();
    assert_eq!(why(&index, &first, &[], 20), "entry 27 is not what it was when it was made");
}

#[test]
fn of_very_many_refused_the_newest_are_held_and_the_rest_is_counted() {
    let log = Log::new();
    let drafts: Vec<_> = (0..1_100).map(|minute| Said::scan(2, 0, minute).draft()).collect();
    log.ledger.append(&drafts, at(1_100)).unwrap();
    let gathered = log.read(&trust(None), &[], 1_200);
    assert_eq!((gathered.refused.len(), gathered.more_refused, gathered.counted), (1_000, 100, 0));
    assert_eq!(gathered.refused.keys().next(), Some(&100));
    let index = log.index(&trust(None), &[], 1_200).unwrap();
    let (resumed, how) = log.resume(&index, &trust(None), &[], 1_200);
    assert_eq!(how, Resumed::Index { size: 1_100 });
    assert_eq!(seen(&resumed), seen(&gathered));
}

#[test]
fn what_still_weighs_is_held() {
    let scan =
        |found: u64, rules: u32, complete: bool| Said { complete, found, rules, ..Said::scan(0, 0, 0) };
    let drill = |procedure: &str| Said {
        kind: PredicateKind::Drill,
        facts: BTreeMap::from([("drill.procedure".to_owned(), json!(procedure))]),
        ..Said::scan(0, 0, 0)
    };
    let (good, bad) = (scan(0, 100, true), scan(1, 100, true));
    let cases: &[(&str, Vec<Said>, &[u64])] = &[
        ("the newest alone", vec![bad.clone(), good.clone()], &[1]),
        ("an incomplete run clears nothing", vec![bad.clone(), good.clone(), scan(0, 100, false)], &[1, 2]),
        ("nor do incomplete ones each other", vec![scan(1, 100, false), scan(0, 100, false)], &[0, 1]),
        (
            "rules that the control no longer takes clear nothing",
            vec![bad.clone(), scan(0, 1, true)],
            &[0, 1],
        ),
        ("rules older than those that saw it clear nothing", vec![bad.clone(), scan(0, 50, true)], &[0, 1]),
        ("what neither fails nor clears goes", vec![scan(0, 1, false), good.clone()], &[1]),
        ("another edge", vec![drill("stop"), drill("rollback"), drill("stop")], &[1, 2]),
        ("another collector", vec![bad.clone(), Said { by: 1, ..good.clone() }], &[0, 1]),
        ("other subjects", vec![bad, Said { about: vec![0, 1], ..good }], &[0, 1]),
    ];
    for (what, said, expected) in cases {
        let log = Log::new();
        for one in said {
            log.say(one, 0);
        }
        let gathered = log.read(&trust(None), &[], 1);
        assert_eq!(gathered.trusted.keys().copied().collect::<Vec<_>>(), *expected, "{what}");
        assert_eq!((gathered.counted, gathered.refused.len()), (said.len() as u64, 0), "{what}");
    }
}
