//! What the faults are seeded into is sound: without a fault everything is taken in, believed and let pass. A row of
//! the table that would end badly anyway says nothing.

use super::{
    decisions, log, packs, passes,
    scene::{Base, Scene, Who},
};

#[test]
fn without_a_fault_everything_is_in_order() {
    let scene = Scene::new();

    let bare = scene.copy(Base::Bare);
    let before = bare.asked("model-scan");
    assert_eq!((before.status.as_str(), before.passes), ("unknown", false));
    let imported = bare.import(&bare.lines());
    assert_eq!(imported.code, 0, "{imported:#?}");
    let after = bare.asked("model-scan");
    assert_eq!((after.status.as_str(), after.passes), ("satisfied", true));

    let good = scene.copy(Base::Good);
    for control in ["model-scan", "data-secrets"] {
        let asked = good.asked(control);
        assert_eq!((asked.status.as_str(), asked.passes), ("satisfied", true), "{control}");
    }
    let ran = good.done(&["gate", "deploy"]);
    assert!(ran.out.contains("deploy allows"), "{ran:#?}");
    let ran = good.done(&["gate", "share", "--dry-run"]);
    assert!(ran.out.contains("share allows"), "{ran:#?}");
    let ran = packs::verify(&good);
    assert!(ran.code == 0 && ran.out.contains("● The pack holds"), "{ran:#?}");
    let ran = passes::verify(&good, &[]);
    assert!(ran.code == 0 && ran.out.contains('●'), "{ran:#?}");
    good.done(&["trust", "export", "../newest.trust"]);
    let ran = passes::verify(&good, &["--trust", "../newest.trust"]);
    assert!(ran.code == 0 && ran.out.contains('●'), "{ran:#?}");
    // So is a decision that is made by hand, as the faults are.
    let pass = good.pass(&passes::decision(&good), Who::Local);
    good.write("deploy.decision", serde_json::to_vec(&pass).unwrap());
    let ran = passes::verify(&good, &[]);
    assert!(ran.code == 0 && ran.out.contains('●'), "{ran:#?}");
    assert_eq!(log::verify(&good).code, 0);

    let found = scene.copy(Base::Found);
    let before = found.asked("data-secrets");
    assert_eq!((before.status.as_str(), before.passes), ("failing", false));
}

#[test]
fn what_two_people_decide_holds() {
    let scene = Scene::new();
    let found = scene.copy(Base::Found);
    let id = decisions::asked(&found, &["--control", "data-secrets"]);
    decisions::agree(&found, &id, Who::Tomas);
    assert_eq!(found.asked("data-secrets").status, "excepted", "{:#?}", decisions::exceptions(&found));

    let found = scene.copy(Base::Found);
    let id = decisions::asked(&found, &["--break-glass", "deploy"]);
    decisions::agree(&found, &id, Who::Tomas);
    let ran = found.done(&["gate", "deploy", "--dry-run"]);
    assert!(ran.out.contains(&id), "{ran:#?}");
}

#[test]
fn what_a_key_stated_before_it_was_stolen_counts_where_somebody_outside_saw_it() {
    let scene = Scene::new();
    let bare = scene.copy(Base::Bare);
    log::by_gone(&bare);
    assert_eq!(bare.asked("model-scan").status, "unknown");
    log::cosigned(&bare, bare.times.days_ago(15));
    assert_eq!(bare.asked("model-scan").status, "satisfied");
}
