//! Files that were written to hurt: parsing ends, soon, and says what is wrong.

use bartizan_project::parse;
use proptest::prelude::*;

#[test]
fn a_key_of_many_parts_does_not_overflow_the_stack() {
    let long = format!("{}a = 1", "a.".repeat(500_000));
    let faults = parse(&long).faults;
    assert_eq!(faults.len(), 1);
    insta::assert_snapshot!(faults[0], @"1:32: a dotted key has too many parts; expected at most 16 parts");
    for text in ["[{}]", "x = {{ {} = 1 }}", "[[{}]]"] {
        let text = text.replace("{}", &"\"=\".".repeat(200_000)).replace("{{", "{").replace("}}", "}");
        assert_eq!(parse(&text).faults.len(), 1);
    }
}

#[test]
fn deep_values_end() {
    for open in ["a = [", "a = {b = "] {
        let (first, rest) = open.split_at(4);
        let text = format!("{first}{rest}{}", rest.repeat(200_000));
        assert!(parse(&text).project.is_none());
    }
}

#[test]
fn a_flood_of_faults_is_cut_and_counted() {
    let keys: Vec<_> = (0..50_000).map(|at| format!("k{at} = {at}")).collect();
    let text = keys.join("\n");
    let faults = parse(&text).faults;
    assert_eq!(faults.len(), 1001);
    insta::assert_snapshot!(faults[1000], @"10896:1: 49002 more faults are not listed");
}

#[test]
fn a_system_larger_than_any_is_refused() {
    let asset = |at: usize| format!("[asset.a{at}]\nkind = \"code\"\n");
    let body = |count: usize| {
        let assets: Vec<_> = (0..count).map(asset).collect();
        format!("format = 1\n[project]\nname = \"p\"\n{}", assets.join(""))
    };
    assert!(parse(&body(bartizan_project::MAX_ENTRIES)).project.is_some());
    let faults = parse(&body(bartizan_project::MAX_ENTRIES + 1)).faults;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].expected, "at most 4000; the rest is not read");
}

#[test]
fn no_secret_of_the_file_stands_in_a_fault() {
    let text = "format = 1\n[project]\nname = \"p\"\n[group.g]\nrole = \"executive\"\nmembers = [\"Ana Person <ana@example.com>\"]\n\
        [asset.a]\nkind = \"model\"\nsource = { url = \"https://ana:s3cr3tword@example.com/\" }\n";
    let all = format!("{:?}", parse(text).faults);
    assert!(all.contains("asset.a.source.url") && all.contains("group.g.members"), "{all}");
    assert!(!all.contains("s3cr3tword") && !all.contains("Person"), "{all}");
}

#[test]
fn a_name_that_is_no_id_is_not_suggested() {
    let text = "format = 1\n[project]\nname = \"p\"\n[element.\"\\u202ebot\"]\nkind = \"agent\"\n[element.bat]\nkind = \"agent\"\n\
        [[flow]]\nfrom = \"bot\"\nto = \"bat\"\n";
    let faults = parse(text).faults;
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(faults[1].to_string(), "9:8: no element is called `bot`; expected `bat`; did you mean `bat`?");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_text_is_a_project_or_has_faults(text in "\\PC{0,200}") {
        let parsed = parse(&text);
        prop_assert_eq!(parsed.project.is_some(), parsed.faults.is_empty());
    }

    /// The example with a piece taken out or doubled: spans stay within the text and on character boundaries.
    #[test]
    fn a_broken_example_has_faults_within_the_text(at in 0_usize..1700, length in 0_usize..60, double in any::<bool>()) {
        let text = include_str!("example.toml");
        let (at, end) = (at.min(text.len()), (at + length).min(text.len()));
        let (head, piece, tail) = (&text.as_bytes()[..at], &text.as_bytes()[at..end], &text.as_bytes()[end..]);
        let pieces = if double { vec![head, piece, piece, tail] } else { vec![head, tail] };
        let broken = String::from_utf8(pieces.concat()).unwrap();
        let parsed = parse(&broken);
        prop_assert_eq!(parsed.project.is_some(), parsed.faults.is_empty());
        for fault in parsed.faults {
            prop_assert!(broken.get(fault.span.clone()).is_some(), "{:?}", fault);
            prop_assert!(fault.line >= 1 && fault.column >= 1);
        }
    }
}
