//! The report as `JUnit` XML, as Jenkins and GitLab read it.
//!
//! | suite | test case | when it is what |
//! |---|---|---|
//! | `controls.<area>` | each control | failing: failure; expired, unknown, partial: skipped with the reason; others pass |
//! | `gates` | each gate | denies or cannot be used: failure where a gate was asked, else skipped; others pass |
//! | `findings.<asset>` | each finding that counts | at or over the threshold: failure; below it: passes, with the finding as output |
//! | `findings.<asset>` | each suppressed finding | skipped with the reason that was given |
//! | `unexamined` | each place that was not examined | error |
//!
//! An unknown control is skipped rather than an error: nothing went wrong in the run, evidence is missing, and a
//! pipeline turns red for it only where `--require` says so. A gate that nobody asked is skipped for the same
//! reason. Time is not told, since a finding takes none.

use std::collections::BTreeMap;

use crate::{
    printable::{printable, printable_path},
    sentence,
    v1::{Control, Finding, GateResult, Gates, Report, Status, Unexamined},
};

/// A sentence is cut after this many characters.
const MAX_SENTENCE: usize = 1_000;

/// A name is cut to this many characters; readers show it in lists.
const MAX_NAME: usize = 200;

/// The report as `JUnit` XML. Same report, same bytes.
pub fn render(report: &Report) -> String {
    let mut suites: Vec<Suite> = Vec::new();
    suites.extend(controls(report));
    if !report.gates.is_empty() {
        suites.push(Suite {
            name: "gates".to_owned(),
            cases: report.gates.iter().map(|gate| gate_case(report, gate)).collect(),
        });
    }
    suites.extend(findings(report));
    if !report.unexamined.is_empty() {
        suites.push(Suite {
            name: "unexamined".to_owned(),
            cases: report.unexamined.iter().map(unexamined).collect(),
        });
    }
    let total = suites.iter().fold(Tally::default(), |sum, suite| sum.plus(suite.tally()));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    attribute(&mut out, "name", &printable_path(&format!("bartizan {}", report.project.name), MAX_NAME));
    total.write(&mut out);
    out.push_str(">\n");
    let time = report.run.started.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    for (at, suite) in suites.iter().enumerate() {
        suite.write(&mut out, at, &time);
    }
    out.push_str("</testsuites>\n");
    out
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    verdict: Verdict,
}

enum Verdict {
    /// Passes; what there is to say about it goes to the output.
    Passes(String),
    Skipped(String),
    Failure {
        kind: &'static str,
        message: String,
        detail: String,
    },
    Error(String),
}

#[derive(Clone, Copy, Default)]
struct Tally {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Tally {
    const fn plus(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }

    /// The attributes that the root and a suite share; the root has no attribute for what is skipped.
    fn write(self, out: &mut String) {
        out.push_str(&format!(
            " tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"0\"",
            self.tests, self.failures, self.errors
        ));
    }
}

impl Suite {
    fn tally(&self) -> Tally {
        let mut tally = Tally { tests: self.cases.len(), ..Tally::default() };
        for case in &self.cases {
            match case.verdict {
                Verdict::Passes(_) => {}
                Verdict::Skipped(_) => tally.skipped += 1,
                Verdict::Failure { .. } => tally.failures += 1,
                Verdict::Error(_) => tally.errors += 1,
            }
        }
        tally
    }

    fn write(&self, out: &mut String, at: usize, time: &str) {
        out.push_str("  <testsuite");
        attribute(out, "name", &self.name);
        out.push_str(&format!(" id=\"{at}\" timestamp=\"{time}\""));
        let tally = self.tally();
        tally.write(out);
        out.push_str(&format!(" skipped=\"{}\">\n", tally.skipped));
        for case in &self.cases {
            case.write(out);
        }
        out.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn write(&self, out: &mut String) {
        out.push_str("    <testcase");
        attribute(out, "classname", &self.class);
        attribute(out, "name", &self.name);
        out.push_str(" time=\"0\"");
        match &self.verdict {
            Verdict::Passes(said) if said.is_empty() => {
                out.push_str("/>\n");
                return;
            }
            Verdict::Passes(said) => {
                out.push_str(">\n      <system-out>");
                escape(out, said);
                out.push_str("</system-out>\n");
            }
            Verdict::Skipped(message) => {
                out.push_str(">\n      <skipped");
                attribute(out, "message", message);
                out.push_str("/>\n");
            }
            Verdict::Failure { kind, message, detail } => {
                out.push_str(">\n      <failure");
                attribute(out, "message", message);
                attribute(out, "type", kind);
                out.push('>');
                escape(out, detail);
                out.push_str("</failure>\n");
            }
            Verdict::Error(message) => {
                out.push_str(">\n      <error");
                attribute(out, "message", message);
                attribute(out, "type", "not-examined");
                out.push_str("/>\n");
            }
        }
        out.push_str("    </testcase>\n");
    }
}

fn controls(report: &Report) -> Vec<Suite> {
    let mut areas: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for control in &report.controls {
        areas.entry(&control.group).or_default().push(case_of(control));
    }
    let suite = |(area, cases)| Suite { name: named(&["controls", area]), cases };
    areas.into_iter().map(suite).collect()
}

fn case_of(control: &Control) -> Case {
    let why = printable(&control.why, MAX_SENTENCE);
    let told = format!("{}: {why}", control.status);
    let verdict = match control.status {
        Status::Failing => {
            Verdict::Failure { kind: "control", message: why, detail: printable(&control.next, MAX_SENTENCE) }
        }
        Status::Expired | Status::Unknown | Status::Partial => Verdict::Skipped(told),
        Status::Excepted | Status::Inherited | Status::Satisfied | Status::NotApplicable => {
            Verdict::Passes(told)
        }
    };
    Case {
        class: named(&["controls", &control.group]),
        name: printable_path(&format!("{}: {}", control.id, control.title), MAX_NAME),
        verdict,
    }
}

fn gate_case(report: &Report, gate: &GateResult) -> Case {
    let mut message = printable(&gate.sentence, MAX_SENTENCE);
    for decision in report.break_glass().filter(|decision| gate.break_glass.as_ref() == Some(&decision.id)) {
        message.push_str(&format!(" {}", printable(&sentence::break_glass(decision), MAX_SENTENCE)));
    }
    let told = format!("{}: {message}", gate.verdict.as_str());
    let verdict = if gate.verdict.passes() {
        Verdict::Passes(told)
    } else if report.outcome.gates.word == Gates::NotAsked {
        Verdict::Skipped(told)
    } else {
        Verdict::Failure { kind: gate.verdict.as_str(), message, detail: refusals(gate) }
    };
    Case { class: "gates".to_owned(), name: printable_path(&gate.gate, MAX_NAME), verdict }
}

/// Each rule that refuses, with its remedy.
fn refusals(gate: &GateResult) -> String {
    let mut detail = String::new();
    for refusal in gate.refusals.iter().take(50) {
        let whose = if refusal.organisation { " (organisation)" } else { "" };
        let control = match (&refusal.control, refusal.status) {
            (Some(control), Some(status)) => format!(", {control} is {status}"),
            (Some(control), None) => format!(", {control}"),
            (None, _) => String::new(),
        };
        detail.push_str(&format!(
            "{}{whose}{}: {}\nremedy: {}\n",
            printable(&refusal.rule, MAX_NAME),
            printable(&control, MAX_NAME),
            printable(&refusal.why, MAX_SENTENCE),
            printable(&refusal.fix, MAX_SENTENCE)
        ));
    }
    let more = gate.refusals.len().saturating_sub(50);
    if more > 0 {
        detail.push_str(&format!("and {more} more\n"));
    }
    detail
}

fn findings(report: &Report) -> Vec<Suite> {
    let mut assets: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for finding in &report.findings {
        let asset = finding.asset.as_deref().unwrap_or("project");
        assets.entry(asset).or_default().push(Case {
            class: named(&["findings", asset, &finding.rule]),
            name: format!(
                "{} {}",
                printable_path(&finding.name(), MAX_NAME / 2),
                printable_path(&finding.place, MAX_NAME)
            ),
            verdict: verdict_of(report, finding),
        });
    }
    let suite = |(asset, cases)| Suite { name: named(&["findings", asset]), cases };
    assets.into_iter().map(suite).collect()
}

fn verdict_of(report: &Report, finding: &Finding) -> Verdict {
    let severity = finding.severity.as_str();
    if let Some(suppression) = &finding.suppressed {
        let reason = printable(&suppression.reason, MAX_SENTENCE);
        return Verdict::Skipped(format!("{}: {reason}", printable(&suppression.label(), MAX_NAME)));
    }
    let message = format!("{severity}: {}", printable(&finding.message, MAX_SENTENCE));
    if finding.severity < report.outcome.fail_on {
        return Verdict::Passes(message);
    }
    let mut detail = format!("{}\nseen {} times\n", printable(&finding.title, MAX_SENTENCE), finding.count);
    for sample in finding.samples.iter().take(5) {
        detail.push_str(&format!("at {}\n", printable_path(&sample.at, MAX_NAME)));
    }
    for line in finding.fix.lines().take(20) {
        detail.push_str(&format!("{}\n", printable(line, MAX_SENTENCE)));
    }
    detail.push_str(&format!("fingerprint {}\n", printable(&finding.fingerprint, MAX_NAME)));
    Verdict::Failure { kind: severity, message, detail }
}

fn unexamined(place: &Unexamined) -> Case {
    Case {
        class: named(&["unexamined", place.asset.as_deref().unwrap_or("project")]),
        name: printable_path(&place.at, MAX_NAME),
        verdict: Verdict::Error(format!("not examined: {}", printable(&place.reason, MAX_SENTENCE))),
    }
}

/// A dotted name, as readers group by it; dots inside a part would make groups of their own.
fn named(parts: &[&str]) -> String {
    let shown = parts.iter().map(|part| printable_path(part, MAX_NAME).replace('.', "_"));
    shown.collect::<Vec<_>>().join(".")
}

fn attribute(out: &mut String, key: &'static str, value: &str) {
    out.push_str(&format!(" {key}=\""));
    escape(out, value);
    out.push('"');
}

/// Text for an element or an attribute. What XML 1.0 cannot hold at all (2.2) was shown by its escape before this;
/// the two characters at the end of each plane's first that are left are shown here.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_control_and_a_finding_have_their_cases() {
        let text = render(&sample::busy());
        let lines: Vec<_> = text.lines().filter(|line| line.contains("<test")).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn a_gate_fails_only_where_one_was_asked() {
        let mut report = sample::busy();
        let text = render(&report);
        let suite = |text: &str| {
            let suite = text.split_once("name=\"gates\"").unwrap().1.split_once("</testsuite>").unwrap().0;
            suite.lines().map(str::trim).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(suite(&text));
        report.outcome.gates.word = Gates::NotAsked;
        let text = suite(&render(&report));
        assert!(!text.contains("<failure") && text.matches("<skipped").count() == 2, "{text}");
    }

    /// What Jenkins' `junit-10.xsd` asks for: names, counts that agree with the cases, at most one verdict in each.
    #[test]
    fn every_report_has_the_structure_that_readers_want() {
        for report in [sample::empty(), sample::busy(), sample::hostile(), sample::large(400, 50)] {
            let text = render(&report);
            let document = roxmltree::Document::parse(&text).unwrap();
            let root = document.root_element();
            assert_eq!(root.tag_name().name(), "testsuites");
            let number = |node: roxmltree::Node<'_, '_>, key: &str| -> usize {
                node.attribute(key).unwrap().parse().unwrap()
            };
            let keys = ["tests", "failures", "errors", "skipped"];
            let mut total = [0_usize; 4];
            for suite in root.children().filter(roxmltree::Node::is_element) {
                assert_eq!(suite.tag_name().name(), "testsuite");
                assert!(suite.attribute("name").is_some_and(|name| !name.is_empty()));
                assert_eq!(suite.attribute("timestamp").map(str::len), Some(19));
                let mut seen = [0_usize; 4];
                for case in suite.children().filter(roxmltree::Node::is_element) {
                    assert_eq!(case.tag_name().name(), "testcase");
                    for key in ["classname", "name", "time"] {
                        assert!(case.attribute(key).is_some(), "{key}");
                    }
                    let verdicts: Vec<_> = case.children().filter(roxmltree::Node::is_element).collect();
                    assert!(verdicts.len() <= 1);
                    seen[0] += 1;
                    for verdict in verdicts {
                        match verdict.tag_name().name() {
                            "failure" => seen[1] += 1,
                            "error" => seen[2] += 1,
                            "skipped" => seen[3] += 1,
                            other => assert_eq!(other, "system-out"),
                        }
                    }
                }
                assert_eq!(keys.map(|key| number(suite, key)), seen);
                for (sum, n) in total.iter_mut().zip(seen) {
                    *sum += n;
                }
            }
            let keys = ["tests", "failures", "errors"];
            assert_eq!(keys.map(|key| number(root, key)), [total[0], total[1], total[2]]);
            assert_eq!(root.attribute("skipped"), None, "the schema has it for suites alone");
            let cases = report.controls.len() + report.gates.len() + report.findings.len();
            assert_eq!(total[0], cases + report.unexamined.len());
            assert_eq!(total[2], report.unexamined.len());
            let fail = |finding: &&Finding| {
                finding.suppressed.is_none() && finding.severity >= report.outcome.fail_on
            };
            let failing = report.controls.iter().filter(|control| control.status == Status::Failing).count();
            let denying = report.gates.iter().filter(|gate| !gate.verdict.passes()).count();
            assert_eq!(total[1], report.findings.iter().filter(fail).count() + failing + denying);
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_shown() {
        let mut out = String::new();
        escape(&mut out, &printable("a\0\u{b}\u{ffff}<&>\"'", 80));
        assert_eq!(out, "a\\u{0}\\u{b}\\u{ffff}&lt;&amp;&gt;&quot;&apos;");
        assert!(!render(&sample::hostile()).chars().any(|c| c != '\n' && bartizan_finding::hides(c)));
    }
}
