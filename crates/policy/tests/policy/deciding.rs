//! What gates say, and why.

use std::collections::BTreeSet;

use bartizan_finding::ControlId;
use bartizan_policy::{
    Effect, Facts, Organisation, Principal, Question, Resource, RuleSource, Ruling, Schema, Status,
    TRANSITIONS, Verdict, Vocabulary, decide, starter,
};

use crate::fixture::{
    CONTROLS, PERMIT, SCANNED, above, asked, gate, organisation, question, schema, with_rule,
};

fn shown(ruling: &Ruling) -> String {
    let mut lines =
        vec![format!("{:?}{}", ruling.verdict, if ruling.permitted { "" } else { ", not permitted" })];
    for refusal in &ruling.refusals {
        let status = refusal.status.map_or("-", Status::as_str);
        let control = refusal.control.as_deref().unwrap_or("-");
        lines.push(format!("{}: {} [{control}: {status}] {}", refusal.rule, refusal.why, refusal.fix));
    }
    lines.extend(ruling.errors.iter().map(|error| format!("error: {error}")));
    lines.join("\n")
}

fn set(facts: &mut Facts, control: &'static str, status: Status) {
    facts.statuses.insert(ControlId::new(control), status);
}

#[test]
fn a_sound_question_is_allowed_and_default_facts_never_are() {
    let gate = gate(&format!("{PERMIT}{SCANNED}"));
    let ruling = decide(&gate, &Organisation::none(), &question());
    assert_eq!(shown(&ruling), "Allow");
    let ruling = decide(&gate, &Organisation::none(), &asked(|facts| *facts = Facts::default()));
    insta::assert_snapshot!(shown(&ruling), @r#"
Deny
bartizan.checked: no check of this revision is recorded [-: -] Run `bartizan check` on this revision, and record it.
bartizan.log-verified: the log is not verified [-: -] Run `bartizan ledger verify`, and find out why the log does not verify.
bartizan.reconciled: declared is not reconciled with observed [-: -] Run `bartizan check`, declare what its REC findings name, make readable what it could not look at, and have somebody else agree to what is lost.
scanned: model-scan is not judged here [model-scan: -] Run the check.
"#);
}

#[test]
fn refusals_are_the_organisations_then_built_in_then_the_gates() {
    let gate = with_rule("when { context.findings.critical + context.findings.high > 0 }");
    let ruling = decide(
        &gate,
        &above("unless { context.witnessed }"),
        &asked(|facts| {
            set(facts, "model-scan", Status::Expired);
            (facts.findings.critical, facts.findings.high) = (2, 1);
            (facts.undeclared, facts.lost) = (1, 2);
        }),
    );
    insta::assert_snapshot!(shown(&ruling), @r#"
Deny
organisation.above: the log is not witnessed [-: -] Ask the office.
bartizan.reconciled: 1 undeclared thing and 2 things lost without agreement [-: -] Run `bartizan check`, declare what its REC findings name, make readable what it could not look at, and have somebody else agree to what is lost.
rule: 2 critical findings and 1 high finding [-: -] Mend it.
scanned: model-scan is expired [model-scan: expired] Run the check.
"#);
    assert_eq!(ruling.refusals[0].source, RuleSource::Organisation { file: "rules.cedar".to_owned() });
    assert!(ruling.refusals.is_sorted());
}

#[test]
fn who_is_not_permitted_is_told_what_the_permit_asks() {
    let others = [
        ("principal in Role::\"incident-responder\"", ""),
        ("principal in Group::\"oncall\"", ""),
        ("principal == Person::\"ana@example.com\"", ""),
        ("principal is Collector", ""),
        ("principal is Person in Group::\"oncall\"", ""),
        ("principal", "when { principal in [Role::\"data-engineer\", Role::\"incident-responder\"] }"),
    ];
    let mut lines = Vec::new();
    for (scope, condition) in others {
        let permit =
            format!("@id(\"base\") permit ({scope}, action == Action::\"deploy\", resource) {condition};\n");
        let ruling = decide(&gate(&(permit + SCANNED)), &Organisation::none(), &question());
        lines.push(shown(&ruling));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
Deny, not permitted
base: nobody permits this to tomas@example.com: base asks for somebody in the role incident-responder [-: -] Have it asked for by somebody in the role incident-responder.
Deny, not permitted
base: nobody permits this to tomas@example.com: base asks for a member of the group oncall [-: -] Have it asked for by a member of the group oncall.
Deny, not permitted
base: nobody permits this to tomas@example.com: base asks for ana@example.com [-: -] Have it asked for by ana@example.com.
Deny, not permitted
base: nobody permits this to tomas@example.com: base asks for a collector [-: -] Have it asked for by a collector.
Deny, not permitted
base: nobody permits this to tomas@example.com: base asks for a person that is a member of the group oncall [-: -] Have it asked for by a person that is a member of the group oncall.
Deny, not permitted
base: nobody permits this to tomas@example.com: tomas@example.com is in none of data-engineer and incident-responder [-: -] Have it asked for by somebody, and for something, that the permit names.
"#);
}

#[test]
fn a_condition_is_explained_by_what_decides_it() {
    let forms = [
        "unless { context.satisfied.contains(Control::\"red-team\") }",
        "unless { context.satisfied.contains(Control::\"release-approval\") }",
        "unless { context.satisfied.containsAll([Control::\"model-scan\", Control::\"red-team\", Control::\"release-approval\"]) }",
        "when { context.failing.containsAny([Control::\"model-scan\", Control::\"model-integrity\"]) }",
        "unless { context.failing.isEmpty() && context.unknown.isEmpty() }",
        "when { !context.failing.isEmpty() }",
        "unless { context.findings.critical == 0 }",
        "when { context.findings.critical + context.findings.high > 1 }",
        "unless { context.findings.low < 1 || context.witnessed }",
        "when { context.evidenceAgeHours > 720 }",
        "unless { context.approvals >= 2 }",
        "when { context.selfAttested }",
        "unless { context.witnessed }",
        "when { resource is Asset && resource.classification == \"personal\" && !context.satisfied.contains(Control::\"red-team\") }",
        "when { resource is Asset && [\"dataset\", \"model\"].contains(resource.kind) && context.lost == 0 }",
        "when { if context.recorded then context.suppressed > 0 else context.unexamined > 0 }",
        "unless { principal in [Role::\"data-engineer\", Role::\"incident-responder\"] }",
        "when { resource == Asset::\"assistant\" && context.exceptionsInForce > 0 }",
        "when { principal != Person::\"ana@example.com\" && context.refusedEvidence > 0 }",
        "when { context.suppressed * 2 > 3 }",
        "when { context.suppressed > 1 } unless { context.suppressed * 2 > 300 }",
        "when { context.suppressed > 1 } unless { context.witnessed }",
        "",
    ];
    let question = {
        let mut question = asked(|facts| {
            set(facts, "red-team", Status::Unknown);
            set(facts, "model-integrity", Status::Failing);
            facts.statuses.remove(&ControlId::new("release-approval"));
            (facts.findings.critical, facts.findings.high, facts.findings.low) = (2, 1, 1);
            (facts.suppressed, facts.approvals, facts.evidence_age_hours) = (3, 1, Some(800));
            (facts.exceptions_in_force, facts.refused_evidence, facts.self_attested) = (1, 2, true);
        });
        if let Resource::Asset { classification, .. } = &mut question.resource {
            "personal".clone_into(classification);
        }
        question
    };
    let mut lines = Vec::new();
    for form in forms {
        let ruling = decide(&with_rule(form), &Organisation::none(), &question);
        let refusal = ruling.refusals.iter().find(|refusal| refusal.rule == "rule").expect(form);
        lines.push(format!("{form}\n    {}", refusal.why));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
unless { context.satisfied.contains(Control::"red-team") }
    red-team is unknown
unless { context.satisfied.contains(Control::"release-approval") }
    release-approval is not judged here
unless { context.satisfied.containsAll([Control::"model-scan", Control::"red-team", Control::"release-approval"]) }
    red-team is unknown and release-approval is not judged here
when { context.failing.containsAny([Control::"model-scan", Control::"model-integrity"]) }
    model-integrity is failing
unless { context.failing.isEmpty() && context.unknown.isEmpty() }
    model-integrity is failing and red-team is unknown
when { !context.failing.isEmpty() }
    model-integrity is failing
unless { context.findings.critical == 0 }
    2 critical findings
when { context.findings.critical + context.findings.high > 1 }
    2 critical findings and 1 high finding
unless { context.findings.low < 1 || context.witnessed }
    1 low finding and the log is not witnessed
when { context.evidenceAgeHours > 720 }
    the oldest evidence that counts is 800 hours old
unless { context.approvals >= 2 }
    1 approval
when { context.selfAttested }
    the evidence is self-attested
unless { context.witnessed }
    the log is not witnessed
when { resource is Asset && resource.classification == "personal" && !context.satisfied.contains(Control::"red-team") }
    its classification is personal and red-team is unknown
when { resource is Asset && ["dataset", "model"].contains(resource.kind) && context.lost == 0 }
    its kind is model and no things lost without agreement
when { if context.recorded then context.suppressed > 0 else context.unexamined > 0 }
    the run is recorded and 3 suppressed findings
unless { principal in [Role::"data-engineer", Role::"incident-responder"] }
    tomas@example.com is in none of data-engineer and incident-responder
when { resource == Asset::"assistant" && context.exceptionsInForce > 0 }
    1 exception in force
when { principal != Person::"ana@example.com" && context.refusedEvidence > 0 }
    2 refused statements
when { context.suppressed * 2 > 3 }
    its condition holds
when { context.suppressed > 1 } unless { context.suppressed * 2 > 300 }
    its condition does not hold
when { context.suppressed > 1 } unless { context.witnessed }
    3 suppressed findings and the log is not witnessed

    it refuses without a condition
"#);
}

#[test]
fn a_rule_that_errs_denies_and_is_named() {
    let overflow = "context.suppressed + 9223372036854775807 > 0";
    let three = asked(|facts| facts.suppressed = 3);
    let own = decide(&with_rule(&format!("when {{ {overflow} }}")), &Organisation::none(), &three);
    let theirs =
        decide(&gate(&format!("{PERMIT}{SCANNED}")), &above(&format!("when {{ {overflow} }}")), &three);
    let permit = PERMIT.replace("resource);", &format!("resource) when {{ {overflow} }};"));
    let permit = decide(&gate(&format!("{permit}{SCANNED}")), &Organisation::none(), &three);
    insta::assert_snapshot!([shown(&own), shown(&theirs), shown(&permit)].join("\n---\n"), @r#"
Deny
rule: it cannot be evaluated: integer overflow while attempting to add the values `3` and `9223372036854775807` [-: -] Mend it.
error: rule: integer overflow while attempting to add the values `3` and `9223372036854775807`
---
Deny
organisation.above: it cannot be evaluated: integer overflow while attempting to add the values `3` and `9223372036854775807` [-: -] Ask the office.
error: organisation.above: integer overflow while attempting to add the values `3` and `9223372036854775807`
---
Deny, not permitted
base: it cannot be evaluated: integer overflow while attempting to add the values `3` and `9223372036854775807` [-: -] Mend the rule: it errs with these facts.
error: base: integer overflow while attempting to add the values `3` and `9223372036854775807`
"#);
    let none = asked(|_| ());
    assert_eq!(
        decide(&with_rule(&format!("unless {{ {overflow} }}")), &Organisation::none(), &none).verdict,
        Verdict::Allow
    );
}

#[test]
fn a_break_glass_overrides_the_gate_but_neither_the_organisation_nor_the_permit() {
    let gate = gate(&format!("{PERMIT}{SCANNED}"));
    let broken = |facts: &mut Facts| *facts = Facts { break_glass: true, ..Facts::default() };
    let ruling = decide(&gate, &Organisation::none(), &asked(broken));
    assert_eq!(ruling.verdict, Verdict::BreakGlass);
    assert_eq!(ruling.refusals.len(), 4, "what it overrides stays named");

    let errs = with_rule("when { context.suppressed + 9223372036854775807 > 0 }");
    let ruling = decide(
        &errs,
        &Organisation::none(),
        &asked(|facts| (facts.suppressed, facts.break_glass) = (1, true)),
    );
    assert_eq!(ruling.verdict, Verdict::BreakGlass);

    let denied = [
        decide(&gate, &above("when { context.breakGlass }"), &asked(broken)),
        decide(&gate, &above("unless { context.checked }"), &asked(broken)),
        decide(
            &gate,
            &above("when { context.lost + 9223372036854775807 > 0 }"),
            &asked(|facts| (facts.lost, facts.break_glass) = (1, true)),
        ),
        decide(&gate, &organisation(&[("a.cedar", "permit")]), &asked(broken)),
        decide(&gate, &Organisation::unusable("rules", "no such folder"), &asked(broken)),
        decide(&gate, &Organisation::none(), &Question { action: "train".to_owned(), ..asked(broken) }),
        decide(
            &gate,
            &Organisation::none(),
            &Question {
                principal: Principal::Collector { name: "ci".to_owned(), roles: BTreeSet::new() },
                ..asked(broken)
            },
        ),
    ];
    for ruling in denied {
        assert_eq!(ruling.verdict, Verdict::Deny, "{}", shown(&ruling));
        assert!(!ruling.refusals.is_empty());
    }
    let in_order = asked(|facts| facts.break_glass = true);
    assert_eq!(
        decide(&gate, &above("when { context.lost > 0 }"), &in_order).verdict,
        Verdict::Allow,
        "nothing to override"
    );
}

#[test]
fn what_is_not_in_order_denies() {
    let gate = gate(&format!("{PERMIT}{SCANNED}"));
    let other = Schema::generate(&Vocabulary {
        controls: ["other".to_owned()].into(),
        roles: ["other".to_owned()].into(),
        ..Vocabulary::default()
    })
    .unwrap();
    let person = |roles: &[&str]| Principal::Person {
        name: "a\u{202e}\"b".to_owned(),
        groups: BTreeSet::new(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
    };
    let cases = [
        decide(&gate, &Organisation::none(), &Question { action: "train".to_owned(), ..question() }),
        decide(&gate, &Organisation::none(), &Question { action: "no\u{1b}such".to_owned(), ..question() }),
        decide(
            &gate,
            &Organisation::none(),
            &asked(|facts| set(facts, "not-in-the-catalogue", Status::Satisfied)),
        ),
        decide(&gate, &Organisation::none(), &Question { principal: person(&["emperor"]), ..question() }),
        decide(&gate, &Organisation::none(), &Question { principal: person(&[]), ..question() }),
        decide(&gate, &Organisation::parse(&[], &other), &question()),
        decide(&gate, &organisation(&[("a.cedar", "forbid"), ("b.cedar", PERMIT)]), &question()),
    ];
    insta::assert_snapshot!(cases.iter().map(shown).collect::<Vec<_>>().join("\n---\n"), @r#"
Deny, not permitted
bartizan.question: the gate `deploy` is not asked about `train` [-: -] Ask the gate about its own action, with names that the catalogue and the project file have.
error: the gate `deploy` is not asked about `train`
---
Deny, not permitted
bartizan.question: the gate `deploy` is not asked about `no\u{1b}such` [-: -] Ask the gate about its own action, with names that the catalogue and the project file have.
error: the gate `deploy` is not asked about `no\u{1b}such`
---
Deny, not permitted
bartizan.question: there is no control `not-in-the-catalogue` [-: -] Ask the gate about its own action, with names that the catalogue and the project file have.
error: there is no control `not-in-the-catalogue`
---
Deny, not permitted
bartizan.question: there is no role `emperor` [-: -] Ask the gate about its own action, with names that the catalogue and the project file have.
error: there is no role `emperor`
---
Deny, not permitted
base: nobody permits this to a\u{202e}"b: base asks for somebody in the role platform-engineer [-: -] Have it asked for by somebody in the role platform-engineer.
---
Deny, not permitted
bartizan.question: the organisation's rules were held against another schema than the gate [-: -] Ask the gate about its own action, with names that the catalogue and the project file have.
error: the organisation's rules were held against another schema than the gate
---
Deny
organisation: its text cannot be used: a.cedar:1:7: unexpected end of input; expected `(` [-: -] Mend the file, or have whoever answers for the organisation's rules mend it.
organisation: its text cannot be used: b.cedar:1:1: an organisation's rule cannot permit; expected `forbid`; who may pass is for the gates to say [-: -] Mend the file, or have whoever answers for the organisation's rules mend it.
error: a.cedar:1:7: unexpected end of input; expected `(`; and 1 other fault
"#);
    assert!(cases.iter().all(|ruling| ruling.verdict == Verdict::Deny));
}

#[test]
fn a_gate_shows_its_rules_and_the_built_in_ones() {
    let gate = gate(&format!("{PERMIT}{SCANNED}"));
    let lines: Vec<_> = gate
        .rules()
        .iter()
        .map(|rule| {
            format!("{:?} {:?} {} {:?} {}", rule.source, rule.effect, rule.id, rule.control, rule.line)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
BuiltIn Forbid bartizan.checked None 2
BuiltIn Forbid bartizan.log-verified None 7
BuiltIn Forbid bartizan.reconciled None 12
Gate Permit base None 1
Gate Forbid scanned Some("model-scan") 2
"#);
    assert_eq!(gate.rules().iter().filter(|rule| rule.effect == Effect::Permit).count(), 1);
    assert_eq!(gate.digest(), bartizan_finding::Digest::of(format!("{PERMIT}{SCANNED}").as_bytes()));
    assert_eq!((gate.name(), gate.file()), ("deploy", "deploy.cedar"));
}

#[test]
fn the_schema_reads_well() {
    insta::assert_snapshot!(schema().text(), @r#"
// What policies may speak of: made by Bartizan from the catalogue and the project file.

// The controls of the catalogue.
entity Control enum [
    "model-integrity",
    "model-scan",
    "red-team",
    "release-approval"
];

// The roles of the lifecycle. A person has those of their groups.
entity Role enum [
    "data-engineer",
    "incident-responder",
    "platform-engineer"
];

// A group of the project file.
entity Group;

// Who asks, by the name in the trust file.
entity Person in [Group, Role];
entity Collector in [Role];

// What it is done with. `digest` is that of the bytes.
entity Project;
entity Asset {
    kind: String, // dataset, model
    classification: String, // internal, personal, public
    owner?: Group,
    digest?: String,
};

// What is known at the transition.
type Facts = {
    // The controls of each status.
    satisfied: Set<Control>,
    partial: Set<Control>,
    failing: Set<Control>,
    expired: Set<Control>,
    unknown: Set<Control>,
    excepted: Set<Control>,
    inherited: Set<Control>,
    notApplicable: Set<Control>,
    // Findings that stand.
    findings: {
        critical: Long,
        high: Long,
        medium: Long,
        low: Long,
    },
    suppressed: Long, // findings that an exception or an ignore lets pass
    unexamined: Long, // what could not be looked at
    refusedEvidence: Long, // statements in the log that do not count
    undeclared: Long, // what was seen and nobody declared, of medium severity or over
    lost: Long, // what was declared before, is not now, and nobody agreed to lose
    exceptionsInForce: Long, // exceptions in force
    approvals: Long, // people who agreed to this very subject
    evidenceAgeHours: Long, // age of the oldest evidence that counts; without any, larger than every limit
    reconciled: Bool, // declared is reconciled with observed
    recorded: Bool, // the run is recorded
    logVerified: Bool, // the log is verified
    witnessed: Bool, // the log is witnessed
    selfAttested: Bool, // the evidence is self-attested
    checked: Bool, // a check of this revision is recorded
    breakGlass: Bool, // a break-glass is in force
};

// The gates.
action
    "deploy",
    "publish",
    "release",
    "share",
    "train",
    "unseal"
appliesTo {
    principal: [Person, Collector],
    resource: [Project, Asset],
    context: Facts,
};
"#);
    let odd = Vocabulary {
        controls: ["a\"b\\c\u{202e}".to_owned()].into(),
        roles: ["é\n".to_owned()].into(),
        asset_kinds: ["x\nentity Evil;".to_owned()].into(),
        ..Vocabulary::default()
    };
    assert!(!Schema::generate(&odd).unwrap().text().contains("\nentity Evil"));
    assert!(Schema::generate(&Vocabulary::default()).is_err());
}

#[test]
fn a_starter_is_a_policy() {
    insta::assert_snapshot!(starter("deploy", &["platform-engineer"], &["model-scan"]), @r#"
// Who may pass the gate "deploy", and what has to be evidenced first.
//
// One `permit` says who. Every rule below it can only forbid, and names itself (`@id`), the control that it asks
// about (`@control`) and what to do where it refuses (`@fix`). Built-in rules apply besides: a check of this
// revision is recorded, the log verifies, and declared is reconciled with observed.

@id("who-may-pass")
permit (
    principal in Role::"platform-engineer",
    action == Action::"deploy",
    resource
);

// Only recorded evidence makes "model-scan" satisfied.
@id("model-scan-is-satisfied")
@control("model-scan")
@fix("Run `bartizan explain model-scan` to see which evidence it asks for.")
forbid (principal, action == Action::"deploy", resource)
unless { context.satisfied.contains(Control::"model-scan") };

// A control that fails is not outweighed by others that do not.
@id("nothing-fails")
@fix("Run `bartizan check` and mend what it finds, or have an exception agreed.")
forbid (principal, action == Action::"deploy", resource)
unless { context.failing.isEmpty() };

// Findings count as long as they stand, whichever control they belong to.
@id("nothing-critical-stands")
@fix("Run `bartizan check` and mend what it finds, or have an exception agreed.")
forbid (principal, action == Action::"deploy", resource)
unless { context.findings.critical == 0 };
"#);
    for action in TRANSITIONS {
        for roles in [&["platform-engineer"][..], &["platform-engineer", "data-engineer"], &[]] {
            for controls in [&CONTROLS[..], &[]] {
                let text = starter(action, roles, controls);
                let gate =
                    bartizan_policy::Gate::parse(action, "starter.cedar", &text, &schema()).expect(&text);
                let asked = Question { action: action.to_owned(), ..question() };
                assert_eq!(decide(&gate, &Organisation::none(), &asked).verdict, Verdict::Allow);
                let asked = Question { facts: Facts::default(), ..asked };
                assert_eq!(decide(&gate, &Organisation::none(), &asked).verdict, Verdict::Deny);
            }
        }
    }
}
