//! Seeded faults: what is handed in, put back, forged, cut or left out, each executed with the program. [`all`] is the
//! whole table. None of them ends as a control that is satisfied, as a gate that lets pass, or as a pack or decision
//! that is believed, and each is named.

mod bundles;
mod decisions;
mod facts;
mod log;
mod packs;
mod passes;
mod policies;
mod scene;
mod sound;

use std::{
    collections::BTreeSet,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use scene::{Base, Copy, Scene};

use crate::run::Ran;

/// A fault, what is done, and how the program answers.
struct Fault {
    /// What it is called; unique.
    name: &'static str,
    /// The scene that it is seeded into.
    base: Base,
    /// What must not come of it.
    never: Never,
    /// Does it, and gives what the program says.
    seed: fn(&Copy) -> Ran,
    /// The exit code.
    code: i32,
    /// A part of what is said.
    says: &'static str,
}

/// What must not come of a fault.
#[derive(Clone, Copy)]
enum Never {
    /// This control satisfied, excepted or left out, or the gate open.
    Met(&'static str),
    /// The gate open.
    Open,
    /// A verdict in favour of what was handed in.
    Believed,
}

/// Every fault.
fn all() -> Vec<&'static Fault> {
    let families = [
        bundles::FAULTS,
        decisions::FAULTS,
        facts::FAULTS,
        log::FAULTS,
        packs::FAULTS,
        passes::FAULTS,
        policies::FAULTS,
    ];
    families.into_iter().flatten().collect()
}

#[test]
fn every_seeded_fault_is_refused_and_named() {
    let scene = Scene::new();
    let faults = all();
    let names: BTreeSet<_> = faults.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), faults.len(), "two faults have one name");
    assert!(faults.len() >= 40, "{} kinds of faults", faults.len());

    // Rows are independent, and most of the time goes to starting the program.
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            // A row that cannot be seeded is named like one that ends badly.
            let ran = panic::catch_unwind(AssertUnwindSafe(|| fault.run(&scene)));
            wrong.extend(ran.unwrap_or_else(|_| vec![format!("{}: cannot be seeded", fault.name)]));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {} faults:\n{}", wrong.len(), faults.len(), wrong.join("\n"));
}

impl Fault {
    /// What is wrong with how it ends.
    fn run(&self, scene: &Scene) -> Vec<String> {
        let copy = scene.copy(self.base);
        let ran = (self.seed)(&copy);
        let said = format!("{}{}", ran.out, ran.err);
        let mut wrong = Vec::new();
        if ran.code != self.code {
            wrong.push(format!("ends with {} and not {}", ran.code, self.code));
        }
        // Sentences are wrapped for the terminal.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !words(&said).contains(&words(self.says)) {
            wrong.push(format!("does not say `{}`", self.says));
        }
        match self.never {
            Never::Met(control) => {
                let after = copy.asked(control);
                if ["satisfied", "excepted", "inherited", "not-applicable"].contains(&after.status.as_str()) {
                    wrong.push(format!("{control} is {}", after.status));
                }
                wrong.extend(after.passes.then(|| "the gate lets pass".to_owned()));
            }
            Never::Open => {
                wrong.extend(copy.asked("model-scan").passes.then(|| "the gate lets pass".to_owned()));
            }
            Never::Believed => {
                wrong.extend((ran.code == 0 || said.contains('●')).then(|| "it is believed".to_owned()));
            }
        }
        let line = |what| format!("{}: {what}\n{}", self.name, said.trim_end());
        wrong.into_iter().map(line).collect()
    }
}
