//! How long a gate takes to read its policy and to decide: `cargo xtask bench gate`.

use std::convert::Infallible;

use bartizan_finding::ControlId;
use bartizan_measure::{Clock, interleave};
use bartizan_policy::{
    Facts, Gate, Organisation, Principal, Question, Resource, Schema, Status, Verdict, Vocabulary, decide,
};

fn main() {
    let schema = schema();
    let text = policy(150);
    let rules = [("organisation.cedar".to_owned(), organisation(50))];
    let mut read = || {
        let gate = Gate::parse("deploy", "deploy.cedar", &text, &schema).expect("the policy is sound");
        assert_eq!(gate.rules().len(), 154);
        Ok::<_, Infallible>(())
    };
    let Ok([times]) = interleave(Clock::Cpu, 11, [&mut read]);
    times.milliseconds("read and hold against the schema a policy of 151 rules").print();

    let gate = Gate::parse("deploy", "deploy.cedar", &text, &schema).expect("the policy is sound");
    let organisation = Organisation::parse(&rules, &schema);
    assert_eq!(organisation.error(), None);
    let (allowed, denied) = (question(Status::Satisfied), question(Status::Unknown));
    for (question, verdict) in [(&allowed, Verdict::Allow), (&denied, Verdict::Deny)] {
        let mut work = || {
            assert_eq!(decide(&gate, &organisation, question).verdict, verdict);
            Ok::<_, Infallible>(())
        };
        let Ok([times]) = interleave(Clock::Cpu, 101, [&mut work]);
        times.milliseconds(&format!("decide with 204 rules: {verdict:?}")).at_most(5.0).print();
    }
}

const CONTROLS: usize = 50;

fn schema() -> Schema {
    let vocabulary = Vocabulary {
        controls: (0..CONTROLS).map(|number| format!("control-{number}")).collect(),
        roles: ["platform-engineer".to_owned()].into(),
        ..Vocabulary::default()
    };
    Schema::generate(&vocabulary).expect("the vocabulary has controls and roles")
}

fn policy(forbids: usize) -> String {
    let permit = "@id(\"base\")\npermit (principal in Role::\"platform-engineer\", action == Action::\"deploy\", resource);\n";
    permit.to_owned() + &rules(forbids, "action == Action::\"deploy\"")
}

fn organisation(forbids: usize) -> String {
    rules(forbids, "action")
}

fn rules(forbids: usize, action: &str) -> String {
    let rule = |number: usize| {
        let control = number % CONTROLS;
        format!(
            "@id(\"rule-{number}\")\n@control(\"control-{control}\")\n@fix(\"Run `bartizan check`.\")\n\
             forbid (principal, {action}, resource)\n\
             unless {{ context.satisfied.contains(Control::\"control-{control}\") || context.approvals > {number} }};\n"
        )
    };
    (0..forbids).map(rule).collect()
}

fn question(status: Status) -> Question {
    let control = |number| (format!("control-{number}").parse::<ControlId>().expect("an id"), status);
    Question {
        action: "deploy".to_owned(),
        principal: Principal::Person {
            name: "tomas@example.com".to_owned(),
            groups: ["platform".to_owned()].into(),
            roles: ["platform-engineer".to_owned()].into(),
        },
        resource: Resource::Project { name: "helpdesk".to_owned() },
        facts: Facts {
            statuses: (0..CONTROLS).map(control).collect(),
            checked: true,
            log_verified: true,
            reconciled: true,
            ..Facts::default()
        },
    }
}
