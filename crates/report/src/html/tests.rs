use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::{
    sample,
    v1::{Part, Recorded, Verification},
};

const NASTY: &str = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\" style=\"x\" '><!-- ${{{ \
                     javascript:alert(1) \u{202e}\u{200b}\u{1b}[31m @all #1 url(http://x.invalid) \\22";

fn reports() -> Vec<Report> {
    vec![
        sample::empty(),
        sample::busy(),
        sample::hostile(),
        sample::planted(NASTY),
        sample::large(2_000, 100),
    ]
}

/// Every tag with its attributes, as a strict reader sees them. What it cannot read fails the test.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let body = html.split_once("<body>").expect("a body").1.split_once("</body>").expect("its end").0;
    // XML knows only five names of characters and no empty attribute; our HTML uses no others.
    let xml = format!("<body>{body}</body>");
    let options = roxmltree::ParsingOptions { nodes_limit: 4_000_000, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&xml, options).unwrap();
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    elements
        .map(|node| {
            let attributes =
                node.attributes().map(|one| (one.name().to_owned(), one.value().to_owned())).collect();
            (node.tag_name().name().to_owned(), attributes)
        })
        .collect()
}

#[test]
fn the_file_loads_nothing_runs_nothing_and_leads_nowhere() {
    for report in reports() {
        let html = render(&report);
        let elements: BTreeSet<&str> = BTreeSet::from([
            "a", "article", "body", "caption", "circle", "code", "dd", "desc", "details", "div", "dl", "dt",
            "figure", "footer", "g", "h1", "h2", "h3", "h4", "header", "li", "line", "main", "nav", "ol",
            "p", "path", "polygon", "polyline", "pre", "rect", "section", "span", "strong", "summary", "svg",
            "table", "tbody", "td", "text", "th", "thead", "time", "title", "tr", "tspan", "ul",
        ]);
        for (tag, attributes) in tags(&html) {
            assert!(elements.contains(tag.as_str()), "{tag}");
            for (name, value) in attributes {
                assert!(!name.starts_with("on") && name != "style" && name != "src", "{tag} {name}");
                assert!(name != "href" || value.starts_with('#'), "{value}");
            }
        }
        let head = html.split_once("<body>").unwrap().0;
        assert_eq!(head.matches("<style>").count(), 1);
        assert_eq!(html.matches("</style>").count(), 1);
        assert_eq!(html.matches("<script").count(), 0);
        assert!(!head.contains("url("), "the style sheet loads something");
        assert!(!html.chars().any(|c| c != '\n' && c != '\u{202f}' && bartizan_finding::hides(c)));
    }
}

#[test]
fn the_policy_names_the_style_sheet() {
    for report in reports() {
        let html = render(&report);
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = STANDARD.encode(Digest::of(style.as_bytes()).as_bytes());
        let policy = format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
             img-src data:; base-uri 'none'; form-action 'none'\">"
        );
        assert!(html.contains(&policy));
    }
}

#[test]
fn links_lead_to_places_ids_are_unique_and_headings_descend() {
    for report in reports() {
        let (mut ids, mut links, mut last) = (BTreeSet::new(), Vec::new(), 1);
        let all = tags(&render(&report));
        for (tag, attributes) in &all {
            for (name, value) in attributes {
                match name.as_str() {
                    "id" => assert!(ids.insert(value.clone()), "{value} twice"),
                    "href" => links.push(value.clone()),
                    "aria-labelledby" => {
                        links.extend(value.split(' ').map(|id| format!("#{id}")));
                    }
                    _ => {}
                }
            }
            if let Some(level) = tag.strip_prefix('h').and_then(|level| level.parse::<u8>().ok()) {
                assert!(level <= last + 1, "h{level} follows h{last}");
                last = level;
            }
        }
        for link in links {
            assert!(ids.contains(link.trim_start_matches('#')), "{link}");
        }
        for one in ["h1", "main", "header", "footer", "nav"] {
            assert_eq!(all.iter().filter(|(tag, _)| tag == one).count(), 1, "{one}");
        }
    }
}

#[test]
fn hostile_text_changes_no_structure() {
    // Figures break long labels into lines and become wider by them; what they hold besides is compared.
    let drawn = ["svg", "g", "rect", "path", "text", "title", "desc", "line", "tspan", "circle", "polygon"];
    let of_figures = |(tag, attributes): &(String, Vec<(String, String)>)| {
        let own = attributes.iter().any(|(name, value)| name == "class" && value.starts_with("fig"));
        own || drawn.contains(&tag.as_str())
    };
    let own = |report: &Report| {
        let tags = tags(&render(report)).into_iter();
        tags.filter(|tag| !of_figures(tag)).map(|(tag, _)| tag).collect::<Vec<_>>()
    };
    assert_eq!(own(&sample::planted("x")), own(&sample::planted(NASTY)));
}

#[test]
fn the_foot_names_the_json_and_the_log() {
    let report = sample::busy();
    let html = render(&report);
    let json = Digest::of(to_json(&report).as_bytes()).hex();
    let Recorded::Ledger { root, .. } = &report.run.recorded else { unreachable!("it is recorded") };
    // Once for the screen, once for each printed page.
    assert_eq!(html.matches(&json).count(), 2);
    assert!(html.matches(&root.hex()).count() >= 3);
    for words in [
        "Self-attested",
        "up to entry 54",
        "1 statement",
        "the key is not in trust.toml.",
        "sha256sum report.json",
    ] {
        assert!(html.contains(words), "{words}");
    }
    let empty = render(&sample::empty());
    assert!(empty.contains("Not recorded: the project is inferred."));
    assert!(empty.contains("No log head"));
}

#[test]
fn what_keeps_the_verdict_from_being_whole_stands_under_it() {
    let mut report = sample::busy();
    report.outcome.verification = Part::new(Verification::Failed, "Entry 7 was altered.");
    let html = render(&report);
    let caveats = html.split_once("<ul class=\"caveats\">").unwrap().1.split_once("</ul>").unwrap().0;
    assert!(caveats.contains("Entry 7 was altered."));
    assert!(caveats.contains("1 place was not examined"));
    assert!(!render(&sample::empty()).contains("class=\"caveats\""));
}

#[test]
fn evidence_against_stands_beside_evidence_for() {
    let html = render(&sample::busy());
    let row = html.split_once("Every file of the model was read.").unwrap().1.split_once("</tr>").unwrap().0;
    let cells: Vec<&str> = row.split("<td").skip(1).collect();
    assert!(cells[0].contains("nothing") && cells[2].contains("nothing"));
    for words in ["1 finding of PKL901.", "entry 41", "sufficient", "2026-12-22", "model/optimizer.pkl"] {
        assert!(cells[1].contains(words), "{words} in {}", cells[1]);
    }
}

#[test]
fn a_large_report_is_cut_and_says_so() {
    let mut report = sample::large(10_000, 1_000);
    let message = "m".repeat(600);
    for finding in report.findings.iter_mut().take(1_000) {
        message.clone_into(&mut finding.message);
    }
    let html = render(&report);
    assert!(html.len() < 2_000_000, "{}", html.len());
    let counted = report.findings.iter().filter(|finding| finding.suppressed.is_none()).count();
    let told = html.matches("<li><p><code class=\"place\">").count();
    assert!((100..=300).contains(&told), "{told}");
    let number = |n: usize| {
        let mut page = Page::default();
        page.number(n as u64);
        page.finish()
    };
    assert!(html.contains(&format!("{} of {} findings are told in full", number(told), number(counted))));
    assert!(html.contains("controls are left out here for length"));
    // Every rule has its row, whatever is left out.
    for rule in ["PKL901", "SEC901", "THR901"] {
        assert!(html.contains(&format!("bartizan explain {rule}")));
    }
}

#[test]
fn same_report_same_bytes() {
    assert_eq!(render(&sample::busy()), render(&sample::busy()));
}

#[test]
fn links_on_paper_name_their_section() {
    let sections = sections(&sample::empty());
    let number = |id: &str| sections.iter().position(|section| section.id == id).map(|at| at as u8 + 1);
    for (kind, id) in [
        ("gate", "gates"),
        ("decision", "decisions"),
        ("rule", "findings"),
        ("risk", "risks"),
        ("threat", "threats"),
        ("control", "controls"),
        ("area", "items"),
        ("statement", "evidence"),
        ("refused", "evidence"),
    ] {
        assert_eq!(page::section(kind), number(id), "{kind}");
    }
}

#[test]
fn not_witnessed_is_said_until_somebody_outside_has_seen_the_log() {
    let mut report = sample::busy();
    report.anchors.clear();
    let html = render(&report);
    assert!(
        html.contains("Not witnessed: nobody on another host") && html.contains("the log is not witnessed")
    );
    report.anchors = sample::busy().anchors;
    report.anchors[0].size = 57;
    let html = render(&report);
    assert!(!html.contains("Not witnessed: ") && html.contains("up to entry 56, by a cosignature"));
}

#[test]
fn an_open_gate_is_said_above_everything_and_above_each_part() {
    let mut report = sample::busy();
    let html = render(&report);
    let banner = html.split_once("class=\"banner\"").unwrap().1.split_once("</div>").unwrap().0;
    for words in
        ["the gate train", "2026-11-22 14:00 UTC", "cannot wait", "mara@example.com", "jo@example.com"]
    {
        assert!(banner.contains(words), "{words}");
    }
    assert!(html.find("class=\"banner\"") < html.find("class=\"cover\""));
    assert_eq!(html.matches("class=\"reminder\"").count(), sections(&report).len());
    assert!(html.contains("\\a break\\00002d glass"), "the head of each printed page says it");
    report.decisions[0].state = crate::v1::DecisionState::Expired;
    let html = render(&report);
    let body = html.split_once("<body>").unwrap().1;
    assert!(!html.contains("\\a break"));
    assert!(!body.contains("class=\"banner\"") && !body.contains("class=\"reminder\""));
}

#[test]
fn a_decision_says_who_answers_for_it_until_when_and_what_is_done_instead() {
    let html = render(&sample::busy());
    let at = sample::busy().decisions.iter().position(|one| one.id == "3f9a0c17b2de").unwrap();
    let row = html.split_once(&format!("id=\"decision-{at}\"")).unwrap().1.split_once("</tr>").unwrap().0;
    for words in [
        "in force",
        "SEC901 in data/archive",
        "2 findings pass by it",
        "The bucket is closed",
        "product",
        "2026-12-20",
    ] {
        assert!(row.contains(words), "{words} in {row}");
    }
    // The findings that pass by it lead to it.
    assert_eq!(html.matches(&format!("the exception <a class=\"to4\" href=\"#decision-{at}\">")).count(), 2);
    let gate = html.split_once("id=\"gate-0\"").unwrap().1.split_once("</article>").unwrap().0;
    for words in [
        "denies",
        "of the organisation; no project overrides it",
        "Convert the pickle",
        "recorded at entry 56",
    ] {
        assert!(gate.contains(words), "{words} in {gate}");
    }
    assert!(html.contains("flow <code>gateway-orders-api</code>"));
}
