//! The frameworks that people ask about, as the program shows them.

use serde_json::Value;

use crate::run::Place;

fn said(arguments: &[&str]) -> String {
    let ran = Place::new().run(arguments);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
    ran.out
}

fn json(arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    serde_json::from_str(&said(&arguments)).unwrap()
}

#[test]
fn every_edition_is_listed_with_its_licence_and_shown_in_full() {
    let text = said(&["standards", "list"]);
    let editions = json(&["standards", "list"]);
    assert!(editions.as_array().unwrap().len() >= 13);
    for edition in editions.as_array().unwrap() {
        let field = |name: &str| edition[name].as_str().unwrap();
        for name in ["edition", "title", "published", "licence", "url"] {
            assert!(text.contains(field(name)), "{name} of {edition}");
        }
        let shown = json(&["standards", "show", field("edition")]);
        assert_eq!(shown["entries"].as_array().unwrap().len() as u64, edition["count"].as_u64().unwrap());
    }
}

#[test]
fn an_edition_is_shown_with_the_controls_that_name_its_entries() {
    let shown = said(&["standards", "show", "owasp-llm:2026"]);
    assert!(shown.contains("\nLLM04:2026  Supply Chain\n    controls: "), "{shown}");
    let shown = said(&["standards", "show", "ai-rmf:1.0"]);
    assert!(shown.contains("\n    GOVERN 1.1  "), "subcategories are indented: {shown}");
    let risks = json(&["standards", "show", "owasp-asi:2026"]);
    let named =
        risks["entries"].as_array().unwrap().iter().map(|risk| risk["controls"].as_array().unwrap().len());
    assert!(named.min().unwrap() > 0);
}

#[test]
fn an_entry_is_followed_through_editions_and_its_namesakes_are_named() {
    let text = said(&["standards", "migrate", "owasp-llm:2023/LLM10"]);
    for line in [
        "owasp-llm:2023/LLM10 Model Theft\n",
        "  owasp-llm:2026/LLM06 Unbounded Consumption: merged, by our judgement.",
        "  Not to be taken for owasp-llm:2026/LLM10 Improper Output Handling, which has the same id.\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let steps = json(&["standards", "migrate", "owasp-llm:2026/LLM03", "--to", "owasp-llm:2023"]);
    let olds: Vec<_> =
        steps["owasp-llm:2023"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(olds, ["owasp-llm:2023/LLM07", "owasp-llm:2023/LLM08"]);
    assert!(said(&["standards", "migrate", "aisvs:1.0/C1"]).contains("the only edition"));
}

#[test]
fn what_there_is_not_is_refused_with_its_neighbour() {
    let place = Place::new();
    for (arguments, says) in [
        (&["standards", "show", "owasp-llm:2027"][..], "did you mean `owasp-llm:2023`?"),
        (&["standards", "migrate", "owasp-llm:2025/LLM00"], "did you mean `LLM01`?"),
        (
            &["standards", "migrate", "owasp-llm:2025/LLM01", "--to", "aisvs:1.0"],
            "there is no way from owasp-llm:2025 to aisvs:1.0",
        ),
        (&["explain", "atlas:5.6/AML.T0999"], "`atlas:5.6` has no entry `AML.T0999`"),
        (&["explain", "iso:42001/A.4"], "there is no edition `iso:42001`"),
        (&["explain", "no-such-thing"], "there is no rule, control or reference `no-such-thing`"),
    ] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn an_entry_is_explained_with_what_is_known_about_it() {
    for (reference, says) in [
        (
            "owasp-llm:2025/LLM01",
            &[
                "owasp-llm:2025/LLM01: Prompt Injection\n",
                "## Other editions",
                "- owasp-llm:2026/LLM01 Prompt Injection: same.",
                "## Crosswalk of owasp-llm:2023/LLM01",
            ][..],
        ),
        (
            "ssdf-218a:2024/PW.4.4.R2",
            &[
                "- ssdf:1.1: no counterpart (new).",
                "(NIST SP 800-218A, Table 1, as LLM05-2, LLM05-6)",
                "  - now owasp-llm:2026/LLM04 Supply Chain: renamed, by our judgement.",
                "- model-scan: ",
            ],
        ),
        (
            "atlas:5.6.0/AML.T0051",
            &[
                "atlas:5.6/AML.T0051: LLM Prompt Injection\n",
                "## Holds",
                "AML.T0051.001 Indirect",
                "AML.M0020 Generative AI Guardrails (MITRE ATLAS 5.6.0)",
            ],
        ),
        ("aisvs:1.0/C6.1.2", &["## Belongs to\n\n- aisvs:1.0/C6.1 ", "(speaks of aisvs:1.0/C6.1)"]),
        (
            "ai-rmf:1.0/GOVERN 1.1",
            &["ai-rmf:1.0/GOVERN-1.1: ", "subcategory GOVERN 1.1.", "ssdf-218a:2024/PO.1.2 "],
        ),
        ("eu-ai-act:2024/Art.55(1)(a)", &["point Article 55(1), point (a).", "- red-team: "]),
    ] {
        let text = said(&["explain", reference]);
        for line in says {
            assert!(text.contains(line), "{reference} lacks `{line}`: {text}");
        }
    }
    let control = said(&["explain", "tool-authority"]);
    assert!(
        control.contains("## Speaks of the same\n\n- owasp-llm:2026/LLM03 Excessive Agency\n"),
        "{control}"
    );
}
