//! What is wrong with a gate, with the organisation's rules, or with who asks.

use std::{fs, os::unix::fs::symlink};

use super::{
    Fault, Never,
    scene::{Base, Copy, Who, policy},
};
use crate::run::Ran;

const FILE: &str = "project/policies/deploy.cedar";

/// A text in the place of the gate's policy.
const fn text(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: Never::Open, seed, code: 1, says }
}

/// The gate would let pass, were it not for the organisation or for who asks.
const fn asked(name: &'static str, seed: fn(&Copy) -> Ran, code: i32, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: Never::Believed, seed, code, says }
}

pub(super) const FAULTS: &[Fault] = &[
    text(
        "policy: lets everyone do everything",
        |copy| gate_of(copy, "permit(principal, action, resource);"),
        "no rule reads evidence, so the gate would let anything pass",
    ),
    text(
        "policy: reads no evidence",
        |copy| {
            gate_of(
                copy,
                "@id(\"who\")\npermit (principal, action == Action::\"deploy\", resource) when { principal is Collector };",
            )
        },
        "no rule reads evidence",
    ),
    text(
        "policy: permits nobody",
        |copy| {
            gate_of(
                copy,
                &with_rule("")
                    .split_once("@id(\"weights\")")
                    .map(|(_, rest)| format!("@id(\"weights\"){rest}"))
                    .unwrap(),
            )
        },
        "the policy permits nobody",
    ),
    text(
        "policy: two permits",
        |copy| {
            gate_of(
                copy,
                &with_rule("@id(\"too\")\npermit (principal, action == Action::\"deploy\", resource);"),
            )
        },
        "a second `permit`",
    ),
    text(
        "policy: errs when it is asked",
        |copy| {
            gate_of(
                copy,
                &with_rule(
                    "@id(\"sum\")\n@fix(\"Mend it.\")\nforbid (principal, action == Action::\"deploy\", resource) when { 9223372036854775807 + context.findings.medium + 1 < 0 };",
                ),
            )
        },
        "it cannot be evaluated",
    ),
    text(
        "policy: asks for what no schema has",
        |copy| {
            gate_of(
                copy,
                &with_rule(
                    "@id(\"mood\")\n@fix(\"Mend it.\")\nforbid (principal, action == Action::\"deploy\", resource) when { context.mood == \"bad\" };",
                ),
            )
        },
        "there is no attribute of the context",
    ),
    text(
        "policy: names a control that nobody knows",
        |copy| gate_of(copy, &policy("deploy").replace("Control::\"model-scan\"", "Control::\"model-scam\"")),
        "there is no control `model-scam`; did you mean `model-scan`?",
    ),
    text(
        "policy: names such a control beside a rule",
        |copy| {
            gate_of(copy, &policy("deploy").replace("@control(\"model-scan\")", "@control(\"model-scam\")"))
        },
        "there is no control `model-scam`",
    ),
    text(
        "policy: cannot be parsed",
        |copy| gate_of(copy, &policy("deploy").replace("unless", "unles")),
        "policies/deploy.cedar:",
    ),
    text(
        "policy: longer than is read",
        |copy| gate_of(copy, &format!("// {}\n{}", "x".repeat(300_000), policy("deploy"))),
        "cannot be read",
    ),
    text(
        "policy: about another gate",
        |copy| gate_of(copy, &policy("share")),
        "the rule is about the action `share`",
    ),
    text(
        "policy: not there",
        |copy| {
            fs::remove_file(copy.path(FILE)).unwrap();
            gate(copy)
        },
        "The policy policies/deploy.cedar cannot be read",
    ),
    text(
        "policy: not UTF-8",
        |copy| {
            copy.write(FILE, [policy("deploy").as_bytes(), b"// \xff\n"].concat());
            gate(copy)
        },
        "it is not UTF-8",
    ),
    text(
        "policy: a link out of the project",
        |copy| {
            copy.write("outside.cedar", policy("deploy"));
            fs::remove_file(copy.path(FILE)).unwrap();
            symlink("../../outside.cedar", copy.path(FILE)).unwrap();
            gate(copy)
        },
        "The policy policies/deploy.cedar cannot be read",
    ),
    text(
        "policy: in a folder that is a link out of the project",
        |copy| {
            fs::rename(copy.path("project/policies"), copy.path("policies")).unwrap();
            symlink("../policies", copy.path("project/policies")).unwrap();
            gate(copy)
        },
        "The policy policies/deploy.cedar cannot be read",
    ),
    text(
        "policy: weakened since the last check",
        |copy| {
            gate_of(
                copy,
                &policy("deploy").replace(
                    "context.satisfied.contains(Control::\"model-scan\")",
                    "context.unexamined >= 0",
                ),
            );
            let _ = copy.run(&["check", "--quiet"]);
            gate(copy)
        },
        "bartizan.reconciled",
    ),
    Fault {
        name: "gate: taken out of the project file",
        base: Base::Good,
        never: Never::Open,
        seed: |copy| {
            copy.replace("project/bartizan.toml", "[gate.deploy]\npolicy = \"policies/deploy.cedar\"\n", "");
            gate(copy)
        },
        code: 2,
        says: "the project declares no gate `deploy`",
    },
    asked(
        "organisation: a folder without rules",
        |copy| organised(copy, |folder| fs::create_dir(folder).unwrap()),
        2,
        "it holds no file that ends in .cedar",
    ),
    asked(
        "organisation: a folder that is not there",
        |copy| organised(copy, |_| {}),
        2,
        "cannot use the organisation's rules",
    ),
    asked(
        "organisation: a rule that permits",
        |copy| {
            copy.write("rules/all.cedar", "@id(\"all\")\npermit (principal, action, resource);");
            organised(copy, |_| {})
        },
        2,
        "an organisation's rule cannot permit",
    ),
    asked(
        "organisation: a rule that cannot be read",
        |copy| {
            copy.write("rules/a.cedar", FORBID);
            copy.write("rules/b.cedar", [0xff]);
            organised(copy, |_| {})
        },
        2,
        "b.cedar is not UTF-8",
    ),
    asked(
        "organisation: a folder in the place of a rule",
        |copy| {
            copy.write("rules/a.cedar/x", FORBID);
            organised(copy, |_| {})
        },
        2,
        "a.cedar",
    ),
    asked(
        "organisation: overridden by the project",
        |copy| {
            copy.write("rules/a.cedar", FORBID);
            organised(copy, |_| {})
        },
        1,
        "organisation.nothing-leaves",
    ),
    asked(
        "principal: a key that nobody named",
        |copy| asks(copy, Who::Foreign),
        2,
        "the trust file does not name it",
    ),
    asked(
        "principal: a revoked key",
        |copy| asks(copy, Who::Gone),
        2,
        "the key of `gone` has run out or is revoked",
    ),
    asked(
        "principal: a key that has run out",
        |copy| asks(copy, Who::Old),
        2,
        "the key of `old` has run out or is revoked",
    ),
    asked("principal: a person of another role", |copy| asks(copy, Who::Mira), 1, "mira@example.com"),
];

const FORBID: &str = "@id(\"nothing-leaves\")\n@fix(\"Ask the security team.\")\nforbid (principal, action, resource) when { context.selfAttested };\n";

fn gate(copy: &Copy) -> Ran {
    copy.run(&["gate", "deploy", "--dry-run"])
}

fn gate_of(copy: &Copy, text: &str) -> Ran {
    copy.write(FILE, text);
    gate(copy)
}

fn with_rule(rule: &str) -> String {
    format!("{}{rule}", policy("deploy"))
}

fn organised(copy: &Copy, make: impl FnOnce(&std::path::Path)) -> Ran {
    make(&copy.path("rules"));
    copy.run(&["gate", "deploy", "--dry-run", "--organisation", "../rules"])
}

fn asks(copy: &Copy, who: Who) -> Ran {
    copy.run(&["gate", "deploy", "--dry-run", "--key", &format!("../{}", who.file())])
}
