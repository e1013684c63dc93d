//! Each kind of wrong policy is refused, with its place and what was expected.

use bartizan_policy::{Gate, Organisation};

use crate::fixture::{PERMIT, SCANNED, organisation, schema};

/// All faults of a gate's text, one a line.
fn faults(text: &str) -> String {
    let error = Gate::parse("deploy", "deploy.cedar", text, &schema()).expect_err(text);
    let lines: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
    assert!(!lines.is_empty(), "{text}");
    lines.join("\n").replace("deploy.cedar:", "")
}

/// The same for what stands beside a sound permit and a sound rule.
fn beside(rules: &str) -> String {
    faults(&format!("{PERMIT}{SCANNED}{rules}"))
}

/// The same for one more rule with this condition.
fn condition(condition: &str) -> String {
    beside(&format!(
        "@id(\"rule\") @fix(\"Mend it.\")\nforbid (principal, action == Action::\"deploy\", resource)\n{condition};"
    ))
}

#[test]
fn the_set_of_rules() {
    let wide = "permit (principal, action, resource);";
    let named = format!("@id(\"all\") {wide}");
    let deploy = "@id(\"all\") permit (principal, action == Action::\"deploy\", resource);";
    let no_evidence = format!(
        "{PERMIT}@id(\"a\") @fix(\"b\") forbid (principal, action, resource) unless {{ context.witnessed }};"
    );
    let conditional = "@id(\"all\") permit (principal, action, resource) when { true };";
    insta::assert_snapshot!([
        faults(wide),
        faults(&named),
        faults(deploy),
        faults(&format!("{named}{SCANNED}")),
        faults(&format!("{conditional}{SCANNED}")),
        faults(PERMIT),
        faults(&no_evidence),
        faults(SCANNED),
        beside("@id(\"more\") permit (principal in Group::\"data\", action, resource);"),
        faults(""),
        faults("// Nothing yet."),
    ].join("\n---\n"), @r#"
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
1:1: the rule has no `@id`; expected `@id("a-name")` before it
1:1: the `permit` lets everyone do everything; expected `action == Action::"deploy"`, and a principal or a condition
---
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
1:1: the `permit` lets everyone do everything; expected `action == Action::"deploy"`, and a principal or a condition
---
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
---
1:1: the `permit` lets everyone do everything; expected `action == Action::"deploy"`, and a principal or a condition
---
1:1: the `permit` lets everyone do everything; expected `action == Action::"deploy"`, and a principal or a condition
---
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
---
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
---
1:1: the policy permits nobody; expected exactly one `permit`, which says who may pass
---
3:1: a second `permit`; the first is on line 1; expected exactly one `permit`, and `forbid` rules for everything else
---
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
1:1: the policy permits nobody; expected exactly one `permit`, which says who may pass
---
1:1: no rule reads evidence, so the gate would let anything pass; expected at least one `forbid` that asks for a status or a count, such as `unless { context.satisfied.contains(Control::"model-scan") }`
1:1: the policy permits nobody; expected exactly one `permit`, which says who may pass
"#);
}

#[test]
fn names_and_annotations() {
    let rule = "forbid (principal, action, resource) when { context.lost > 0 };";
    insta::assert_snapshot!([
        beside(&format!("@fix(\"a\") {rule}")),
        beside(&format!("@id(\"a\") {rule}")),
        beside(&format!("@id(\"a\") @fix(\" \") {rule}")),
        beside(&format!("@id(\"scanned\") @fix(\"a\") {rule}")),
        beside(&format!("@id(\"Not A Name\") @fix(\"a\") {rule}")),
        beside(&format!("@id(\"bartizan.checked\") @fix(\"a\") {rule}")),
        beside(&format!("@id(\"a\") @id(\"b\") @fix(\"a\") {rule}")),
        beside(&format!("@id(\"a\") @fix(\"a\") @control(\"model-scam\") {rule}")),
        beside(&format!("@id(\"a\") @fix(\"a\") @contorl(\"model-scan\") {rule}")),
        beside(&format!("@id(\"a\") @fix(\"a\u{202e}b\") {rule}")),
    ].join("\n---\n"), @r#"
3:1: the rule has no `@id`; expected `@id("a-name")` before it
---
3:1: the rule has no `@fix`; expected `@fix("what to do where it refuses")`
---
3:1: the rule has no `@fix`; expected `@fix("what to do where it refuses")`
---
3:1: a second rule is called `scanned`; the first is at 2:1
---
3:1: `Not A Name` is not the name of a rule; expected lower-case words with `-` between them, at most 96 characters
---
3:1: `bartizan.checked` is not the name of a rule; expected lower-case words with `-` between them, at most 96 characters
---
3:10: duplicate annotation: @id
---
3:1: there is no control `model-scam`; did you mean `model-scan`?
---
3:1: there is no annotation `@contorl`; expected `@id`, `@control` or `@fix`; did you mean `@control`?
---
3:1: its `@fix` is long or hides something; expected at most 400 visible characters
"#);
}

#[test]
fn what_the_schema_does_not_know() {
    insta::assert_snapshot!([
        condition("unless { context.satisfied.contains(Control::\"model-scam\") }"),
        condition("unless { context.satisfied.contains(Contrl::\"model-scan\") }"),
        condition("unless { context.satisfed.contains(Control::\"model-scan\") }"),
        condition("unless { context.findings.critcal == 0 }"),
        condition("unless { principal in Role::\"platform-enginer\" }"),
        condition("when { resource is Asset && resource.kind == \"modle\" }"),
        condition("when { resource is Asset && [\"public\", \"privat\"].contains(resource.classification) }"),
        condition("when { resource.kind == \"model\" }"),
        condition("when { resource is Asset && resource.owner == Group::\"data\" }"),
        condition("unless { context.breakGlass }"),
        beside("@id(\"a\") @fix(\"a\") forbid (principal, action == Action::\"deplyo\", resource) when { context.lost > 0 };"),
        beside("@id(\"a\") @fix(\"a\") forbid (principal, action == Action::\"release\", resource) when { context.lost > 0 };"),
        beside("@id(\"a\") @fix(\"a\") forbid (principal, action in [Action::\"deploy\", Action::\"train\"], resource) when { context.lost > 0 };"),
        Gate::parse("deplyo", "deploy.cedar", &format!("{PERMIT}{SCANNED}"), &schema()).unwrap_err().to_string(),
    ].join("\n---\n"), @r#"
5:37: there is no control `model-scam`; did you mean `model-scan`?
---
5:37: there is no type of entity `Contrl`; did you mean `Control`?
---
5:10: there is no attribute of the context `satisfed`; did you mean `satisfied`?
---
5:10: there is no attribute of the context `findings.critcal`; did you mean `critical`?
---
5:23: there is no role `platform-enginer`; did you mean `platform-engineer`?
---
5:46: there is no kind of asset `modle`; did you mean `model`?
---
5:40: there is no classification `privat`
---
5:8: there is no attribute `kind`; expected one that the type of the entity has, which `is` can make sure of
---
5:29: there may be no attribute `owner`; expected a test of it before, such as `resource has owner &&`
---
3:1: only an organisation's rule may ask for `context.breakGlass`; expected nothing: a break-glass overrides the rules of a gate without being asked for
---
3:49: there is no action `deplyo`; did you mean `deploy`?
---
3:1: the rule is about the action `release`; expected `Action::"deploy"`, the gate's own
---
3:1: the rule is about the action `train`; expected `Action::"deploy"`, the gate's own
---
deploy.cedar:1:1: the project has no gate `deplyo`; did you mean `deploy`?
"#);
}

#[test]
fn types_and_rules_that_can_never_apply() {
    insta::assert_snapshot!([
        condition("unless { context.satisfied.contains(\"model-scan\") }"),
        condition("unless { context.satisfied }"),
        condition("when { context.lost > \"none\" }"),
        condition("when { context.findings > 0 }"),
        condition("when { context.lost == true }"),
        condition("when { false }"),
        condition("unless { context.satisfied.contains(Control::\"model-scan\") || true }"),
        condition("when { principal is Asset }"),
        condition("when { frobnicate(1) }"),
        condition("when { [].contains(1) }"),
        condition("when { resource is Asset && resource.kind like \"mоdel\" }"),
        beside("@id(\"a\") @fix(\"a\") forbid (principal is Person, action, resource in Group::\"data\") when { context.lost > 0 };"),
    ].join("\n---\n"), @r#"
5:10: the types String and Control are not compatible: elements of the first operand and the second operand to a `contains` expression must have compatible types. Types must be exactly equal to be compatible
---
5:10: unexpected type: expected Bool but saw Set<Control>
---
5:23: unexpected type: expected Long but saw String
---
5:8: unexpected type: expected Long but saw {critical: Long,high: Long,low: Long,medium: Long,}
---
5:8: the types True and Long are not compatible: both operands to a `==` expression must have compatible types. Types must be exactly equal to be compatible
---
3:1: the rule can never apply
---
3:1: the rule can never apply
---
3:1: the rule can never apply
---
5:8: `frobnicate` is not a valid function
---
5:8: empty set literals are forbidden in policies
---
5:29: string `"mоdel"` contains mixed scripts
---
3:1: the rule can never apply
"#);
}

#[test]
fn syntax() {
    insta::assert_snapshot!([
        faults("permit"),
        faults("/* a comment that Cedar does not have\npermit (principal, action, resource);"),
        beside("@id(\"a) @fix(\"b\") forbid (principal, action, resource);"),
        beside("@id(\"a\") @fix(\"b\") forbid (principal, action, resource)"),
        beside("@id(\"a\") @fix(\"b\") forbid (principle, action, resource);"),
        condition("when { context.lost > 0 "),
        condition("when { context.lost > 99999999999999999999 }"),
        condition("when { context.lost & 1 }"),
        beside("@id(\"t\") @fix(\"a\") forbid (principal == ?principal, action, resource);"),
        beside("}\u{1b}[31m;"),
    ].join("\n---\n"), @r#"
1:7: unexpected end of input; expected `(`
---
1:1: unexpected token `/`; expected `@` or identifier
---
3:16: invalid token: try checking that all strings are closed properly
---
3:56: unexpected end of input; expected `;` or identifier
---
3:28: found an invalid variable in the policy scope: principle: policy scopes must contain a `principal`, `action`, and `resource` element in that order
---
5:25: unexpected token `;`; expected `!=`, `&&`, `(`, `*`, `+`, `-`, `.`, `<`, `<=`, `==`, `>`, `>=`, `[`, `||`, `}`, or `in`
---
5:23: integer parse error: number too large to fit in target type
---
5:21: invalid token
---
3:1: it is a template; expected a rule without `?principal` and `?resource`
---
3:2: invalid token
"#);
}

#[test]
fn all_faults_are_named_at_once() {
    insta::assert_snapshot!(
        faults(
            "permit (principal, action, resource);\n\
             @id(\"a\")\nforbid (principal, action == Action::\"train\", resource)\nunless { context.satisfied.contains(Control::\"red-taem\") };\n\
             @id(\"a\") @fix(\"b\")\nforbid (principal, action, resource)\nwhen { context.lots > 0 };\n"
        ),
        @r#"
1:1: the rule has no `@id`; expected `@id("a-name")` before it
1:1: the `permit` lets everyone do everything; expected `action == Action::"deploy"`, and a principal or a condition
2:1: the rule has no `@fix`; expected `@fix("what to do where it refuses")`
2:1: the rule is about the action `train`; expected `Action::"deploy"`, the gate's own
4:37: there is no control `red-taem`; did you mean `red-team`?
5:1: a second rule is called `a`; the first is at 2:1
7:8: there is no attribute of the context `lots`; did you mean `lost`?
"#
    );
}

#[test]
fn rules_of_an_organisation() {
    let sound = "@id(\"frozen\") @fix(\"Wait.\") forbid (principal, action, resource);";
    let shown = |files: &[(&str, &str)]| {
        let organisation = organisation(files);
        let error = organisation.error().expect("a file is wrong");
        assert!(organisation.rules().is_empty());
        error.faults().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!([
        shown(&[("a.cedar", &PERMIT.replace("Role::\"platform-engineer\"", "Role::\"data-engineer\""))]),
        shown(&[("b.cedar", sound), ("a.cedar", sound)]),
        shown(&[("a.cedar", sound), ("b.cedar", &sound.replace("@fix(\"Wait.\")", ""))]),
        shown(&[("a.cedar", "@id(\"x\") @fix(\"y\") forbid (principal, action, resource) when { context.failing.contains(Control::\"red-taem\") };")]),
        shown(&[("a\u{1b}.cedar", "forbid")]),
        Organisation::unusable("rules/", "the folder is not there").error().unwrap().to_string(),
    ].join("\n---\n"), @r#"
a.cedar:1:1: an organisation's rule cannot permit; expected `forbid`; who may pass is for the gates to say
---
b.cedar:1:1: a second rule is called `frozen`; the first is at a.cedar:1:1
---
b.cedar:1:1: a second rule is called `frozen`; the first is at a.cedar:1:1
b.cedar:1:1: the rule has no `@fix`; expected `@fix("what to do where it refuses")`
---
a.cedar:1:89: there is no control `red-taem`; did you mean `red-team`?
---
a\u{1b}.cedar:1:7: unexpected end of input; expected `(`
---
rules/:1:1: the folder is not there
"#);
}
