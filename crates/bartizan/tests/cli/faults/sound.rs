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

#[test]
fn a_change_of_trust_that_was_cut_short_is_made() {
    const FILE: &str = "project/.bartizan/trust.toml";
    let scene = Scene::new();
    let good = scene.copy(Base::Good);
    let before = good.text(FILE);
    good.done(&["key", "make", "../robot.key"]);
    let add = ["trust", "add", "robot", "../robot.key.pub", "--may", "data-scan"];
    good.done(&add);
    let after = good.text(FILE);

    // Killed between the two files: the envelope is new, the file beside it the one before.
    good.write(FILE, &before);
    assert!(good.done(&["trust", "export", "-"]).out.contains("robot"));
    assert!(good.asked("model-scan").passes);
    good.done(&["trust", "export", "../exported.trust"]);
    let ran = passes::verify(&good, &["--trust", "../exported.trust"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    // The next change finishes this one too.
    good.done(&["key", "make", "../other.key"]);
    good.done(&["trust", "add", "other", "../other.key.pub", "--may", "data-scan"]);
    let next = good.text(FILE);
    assert!(next.contains("robot") && next.contains("other"), "{next}");

    // Bytes that are neither are somebody else's, and so are those of two changes ago.
    for bytes in [before.clone(), after.replace("robot", "human"), format!("{after}\n")] {
        good.write(FILE, &bytes);
        let ran = good.run(&["trust", "export", "-"]);
        assert_eq!(ran.code, 5, "{ran:#?}");
        assert!(ran.err.contains("trust file was changed after the root key signed it"), "{ran:#?}");
    }
}
