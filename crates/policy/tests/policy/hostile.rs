//! Texts that are made to break a parser.

use bartizan_policy::{Gate, MAX_DEPTH, MAX_OPERATORS, MAX_RULES, MAX_TEXT, decide};

use crate::fixture::{PERMIT, SCANNED, above, organisation, question, schema};

fn error(text: &str) -> String {
    Gate::parse("deploy", "deploy.cedar", text, &schema()).expect_err("it is refused").to_string()
}

fn beside(condition: &str) -> String {
    format!(
        "{PERMIT}{SCANNED}@id(\"rule\") @fix(\"Mend it.\") forbid (principal, action, resource) when {{ {condition} }};"
    )
}

#[test]
fn what_is_too_large_is_named_and_not_parsed() {
    let deep = format!("{}true{}", "(".repeat(100_000), ")".repeat(100_000));
    let many = "@id(\"a\") @fix(\"b\") forbid (principal, action, resource);".repeat(MAX_RULES + 1);
    insta::assert_snapshot!([
        error(&"x".repeat(1 << 20)),
        error(&beside(&deep)),
        error(&beside(&format!("true{}", " && true".repeat(10_000)))),
        error(&beside(&format!("{}true", "if true then true else ".repeat(1_000)))),
        error(&beside(&format!("context{} == 1", ".a".repeat(10_000)))),
        error(&beside(&format!("{}true", "!".repeat(10_000)))),
        error(&beside(&format!("1{} > 0", " + 1".repeat(10_000)))),
        error(&many),
    ].join("\n"), @r#"
deploy.cedar:1:1: the text has 1048576 bytes; at most 262144 are read
deploy.cedar:3:105: brackets are nested deeper than 32
deploy.cedar:3:2119: a rule has more than 256 operators
deploy.cedar:3:2029: a rule has more than 256 operators
deploy.cedar:3:591: a rule has more than 256 operators
deploy.cedar:3:329: a rule has more than 256 operators
deploy.cedar:3:1096: a rule has more than 256 operators
deploy.cedar:1:56001: there are more than 1000 rules
"#);
}

/// The limits of the scan are meant to keep Cedar within the two megabytes that a thread has.
#[test]
fn what_is_just_within_the_limits_fits_on_the_stack_of_a_thread() {
    // Three brackets and a few operators of each rule are not part of its condition.
    let (depth, operators) = (MAX_DEPTH - 1, MAX_OPERATORS - 4);
    let nested = format!("{}context.lost > 0{}", "(".repeat(depth), ")".repeat(depth));
    let sets = format!("{}1{} == [[1]]", "[".repeat(depth), "]".repeat(depth));
    let records = format!("{}1{} == 1", "{a:".repeat(depth), "}".repeat(depth));
    let ifs = format!("{}true", "if context.witnessed then true else ".repeat(operators / 4));
    let ands = format!("context.lost > 0{}", " && context.witnessed".repeat(operators / 2 - 2));
    let literals = format!("context.lost > 0{}", " || true == false".repeat(operators / 2 - 2));
    let sum = format!("context.lost{} > 0", " + 1".repeat(operators - 3));
    let product = format!("context.lost{} > 0", " * 1".repeat(operators - 3));
    let dots = format!("context{} == 1", ".a".repeat(operators - 2));
    let has = format!("context has a{}", ".a".repeat(operators - 2));
    let calls = format!("context.lost{} == 1", ".contains(1)".repeat(operators - 3));
    let not = format!("{}true", "!(".repeat(depth - 1) + &")".repeat(0)) + &")".repeat(depth - 1);
    let all = [nested, sets, records, ifs, ands, literals, sum, product, dots, has, calls, not];
    for condition in all {
        let text = beside(&condition);
        match Gate::parse("deploy", "deploy.cedar", &text, &schema()) {
            Ok(gate) => {
                decide(&gate, &above("when { context.lost > 5 }"), &question());
            }
            Err(error) => {
                let error = error.to_string();
                assert!(!error.contains("operators") && !error.contains("nested"), "{condition}: {error}");
            }
        }
    }
}

#[test]
fn a_text_full_of_faults_gives_a_bounded_answer() {
    for text in
        [";".repeat(MAX_RULES), "@ ".repeat(MAX_TEXT / 2), "permit(".repeat(20), "\"".repeat(MAX_TEXT)]
    {
        let error = Gate::parse("deploy", "deploy.cedar", &text, &schema()).unwrap_err();
        assert!(error.faults().len() <= 52, "{}", error.faults().len());
        for fault in error.faults() {
            assert!(fault.to_string().chars().count() < 1200, "{fault}");
        }
    }
}

#[test]
fn all_files_of_an_organisation_together_have_a_limit() {
    let rules = |prefix: &str| {
        let rule = |n| format!("@id(\"{prefix}{n}\") @fix(\"b\") forbid (principal, action, resource);");
        (0..600).map(rule).collect::<Vec<_>>().join(
            "
",
        )
    };
    let organisation = organisation(&[("a.cedar", &rules("a")), ("b.cedar", &rules("b"))]);
    let error = organisation.error().expect("there are too many").to_string();
    assert_eq!(error, "b.cedar:1:1: there are more than 1000 rules in all files");
}
