use super::*;
use crate::{printable::width, sample};

fn plain(report: &Report, detail: Detail) -> String {
    render(report, &Options { detail, ..Options::default() })
}

#[test]
fn the_verdict_comes_first_then_what_is_wrong_and_what_next() {
    insta::assert_snapshot!(plain(&sample::busy(), Detail::Normal), @r"
    helpdesk: 2 findings at or over high; 2 controls failing, 1 expired.
    1 place was not examined, so the run is incomplete.

    6 findings: 1 critical, 1 high, 1 medium, 2 low, 1 info; 1 suppressed
      critical
        PKL901  A pickle calls a function when it is loaded.
          model/optimizer.pkl!archive/data.pkl
            Loading the file calls os.system.
          bartizan explain PKL901
      high
        SEC901  A secret stands in plain text.
          data/tickets.jsonl#/body  3 times
            [cloud-key] An access key id stands in the text.
          bartizan explain SEC901
      medium
        THR901  An instruction can travel from stored text to a tool that writes.
          gateway > refund-tool
            gateway leads to refund-tool, and nobody is asked.
          bartizan explain THR901
      low
        THR901  An instruction can travel from stored text to a tool that writes.
          asset.tickets
            Nobody owns the tickets.
          probe-3
            The model followed the text.
          bartizan explain THR901
      1 for information, which --verbose lists
      ◆ SEC901 data/samples/x.txt: suppressed until 2027-03-01: Synthetic samples.

    5 controls: 1 failing, 1 expired, 1 unknown, 1 partial, 1 satisfied
      Prepare the organisation
      ● satisfied  Threats are derived from the declared system.
      ○ unknown    People have finished the training of their role.
      Protect the software
      ■ failing    Model files are read for code before they are loaded.
          model-scan: The scan of model/optimizer.pkl counts 1 finding of PKL901.
      ◐ partial    The weights are the pinned ones.
          model-integrity: 1 of 2 models has a pinned digest.
      Respond to vulnerabilities
      ◷ expired    The assistant can be stopped and rolled back.
          stop-and-rollback: The last drill is 200 days old; it counts for 90 days.

    Not examined: 1 place
      ○ model/extra.bin
        format not supported: gzip

    Evidence
      1 new statement, 1 unchanged, 1 refused. The log holds 57 entries, head
      836ff184e7b41b1e, not witnessed.
      Self-attested: the key that says whom to believe lies on the machine that
      collects.
      ■ refused: redteam-run about assistant: the key is not in trust.toml.

    Next
      1. Remove the pickle or convert it.
         bartizan explain PKL901
      2. Run the stop drill again: the last one is too old.
         bartizan drill stop
      3. Name an owner for the tickets.
    ");
}

#[test]
fn quiet_says_the_verdict_and_what_keeps_it_from_being_whole() {
    insta::assert_snapshot!(plain(&sample::busy(), Detail::Quiet), @r"
    helpdesk: 2 findings at or over high; 2 controls failing, 1 expired.
    1 place was not examined, so the run is incomplete.
    ");
}

#[test]
fn verbose_adds_the_places_the_threats_and_the_evidence() {
    insta::assert_snapshot!(plain(&sample::busy(), Detail::Verbose), @r"
    helpdesk: 2 findings at or over high; 2 controls failing, 1 expired.
    1 place was not examined, so the run is incomplete.

    6 findings: 1 critical, 1 high, 1 medium, 2 low, 1 info; 1 suppressed
      critical
        PKL901  A pickle calls a function when it is loaded.
          model/optimizer.pkl!archive/data.pkl
            Loading the file calls os.system.
            model/optimizer.pkl!archive/data.pkl at byte 12
            confidence high, fingerprint aa9a2d5d13620624
          bartizan explain PKL901
      high
        SEC901  A secret stands in plain text.
          data/tickets.jsonl#/body  3 times
            [cloud-key] An access key id stands in the text.
            data/tickets.jsonl row 17, /body  cloud-key, length up-to32
            data/tickets.jsonl row 40, /body  cloud-key, length up-to32
            data/tickets.jsonl row 41, /body  cloud-key, length up-to32
            confidence medium, fingerprint 00cbac58ccd5f025
          bartizan explain SEC901
      medium
        THR901  An instruction can travel from stored text to a tool that writes.
          gateway > refund-tool
            gateway leads to refund-tool, and nobody is asked.
            gateway > refund-tool
            confidence high, fingerprint a51018753a50a63f
          bartizan explain THR901
      low
        THR901  An instruction can travel from stored text to a tool that writes.
          asset.tickets
            Nobody owns the tickets.
            bartizan.toml:9:1 (asset.tickets)
            confidence high, fingerprint fb81cce99c01c388
          probe-3
            The model followed the text.
            probe-3, turn 2
            confidence high, fingerprint 0301316a12c25503
          bartizan explain THR901
      info
        SEC901  A secret stands in plain text.
          prompts/a b.md
            [contact] A contact address stands in the text.
            prompts/a b.md:2:3
            confidence medium, fingerprint 13258170c5a24b73
          bartizan explain SEC901
      ◆ SEC901 data/samples/x.txt: suppressed until 2027-03-01: Synthetic samples.

    1 threat
      medium    THR901  An instruction can travel from stored text to a tool that w…
          Text from vector-store reaches refund-tool, which writes, with nobody
          asked.
          vector-store → retriever → gateway → refund-tool
          risk 16 of 25, owned by product, untreated; controls: tool-authority

    5 controls: 1 failing, 1 expired, 1 unknown, 1 partial, 1 satisfied
      Prepare the organisation
      ● satisfied  Threats are derived from the declared system.
          threat-model: An assessment of this project is recorded.
      ○ unknown    People have finished the training of their role.
          role-training: No training record was found for 2 of 2 groups.
      Protect the software
      ■ failing    Model files are read for code before they are loaded.
          model-scan: The scan of model/optimizer.pkl counts 1 finding of PKL901.
          Next: Convert model/optimizer.pkl to safetensors.
          ■ model/optimizer.pkl: 1 finding of PKL901.
          ■ model-scan at entry 41 is sufficient until 2026-12-22 for: Every file of
            the model was read. 1 finding of PKL901.
      ◐ partial    The weights are the pinned ones.
          model-integrity: 1 of 2 models has a pinned digest.
      Respond to vulnerabilities
      ◷ expired    The assistant can be stopped and rolled back.
          stop-and-rollback: The last drill is 200 days old; it counts for 90 days.

    Not examined: 1 place
      ○ model/extra.bin
        format not supported: gzip

    Evidence
      1 new statement, 1 unchanged, 1 refused. The log holds 57 entries, head
      836ff184e7b41b1e, not witnessed.
      Self-attested: the key that says whom to believe lies on the machine that
      collects.
      ■ refused: redteam-run about assistant: the key is not in trust.toml.
         41  model-scan about model/optimizer.pkl, new, collected 2026-11-22, until
             2026-12-22
         12  data-scan about data/tickets.jsonl, unchanged, collected 2026-11-22,
             until 2026-12-22

    Next
      1. Remove the pickle or convert it.
         bartizan explain PKL901
      2. Run the stop drill again: the last one is too old.
         bartizan drill stop
      3. Name an owner for the tickets.
    ");
}

#[test]
fn an_inferred_project_without_findings_is_short() {
    insta::assert_snapshot!(plain(&sample::empty(), Detail::Normal), @r"
    notes: nothing at or over high was found in 3 files.
    There is no bartizan.toml: the project is inferred from the files in the folder.

    0 findings

    Evidence
      0 new statements, 0 unchanged, 0 refused. Not recorded: the project is
      inferred.
    ");
}

#[test]
fn hostile_text_is_shown_as_data() {
    insta::assert_snapshot!(plain(&sample::hostile(), Detail::Normal), @r"
    helpdesk: 2 findings at or over high; 2 controls failing, 1 expired.
    1 place was not examined, so the run is incomplete.

    6 findings: 2 critical, 2 high, 2 medium
      critical
        PKL901  A pickle calls a function when it is loaded.
          a!\u{1b}[2J\u{1b}]8;;htt…l \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
            \u{1b}[2J\u{1b}]8;;http://x\u{7}click\r\nFAKE: all well
            \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
          a!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…
          bartizan explain PKL901
      high
        SEC901  A secret stands in plain text.
          \u{1b}[2J\u{1b}]8;;http:…l \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
            \u{1b}[2J\u{1b}]8;;http://x\u{7}click\r\nFAKE: all well
            \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…
          bartizan explain SEC901
      medium
        THR901  An instruction can travel from stored text to a tool that writes.
          \u{1b}[2J\u{1b}]8;;http:…l \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
            \u{1b}[2J\u{1b}]8;;http://x\u{7}click\r\nFAKE: all well
            \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…
          bartizan explain THR901

    5 controls: 1 failing, 1 expired, 1 unknown, 1 partial, 1 satisfied
      Prepare the organisation
      ● satisfied  Threats are derived from the declared system.
      ○ unknown    People have finished the training of their role.
      Protect the software
      ■ failing    Model files are read for code before they are loaded.
          model-scan: The scan of model/optimizer.pkl counts 1 finding of PKL901.
      ◐ partial    The weights are the pinned ones.
          model-integrity: 1 of 2 models has a pinned digest.
      Respond to vulnerabilities
      ◷ expired    The assistant can be stopped and rolled back.
          stop-and-rollback: The last drill is 200 days old; it counts for 90 days.

    Not examined: 1 place
      ○ \u{1b}[2J\u{1b}]8;;http:/…ll \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}
        \u{1b}[2J\u{1b}]8;;http://x\u{7}click\r\nFAKE: all well
        \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}

    Evidence
      1 new statement, 1 unchanged, 1 refused. The log holds 57 entries, head
      836ff184e7b41b1e, not witnessed.
      Self-attested: the key that says whom to believe lies on the machine that
      collects.
      ■ refused: redteam-run about \u{1b}[2J\u{1b}]8;;http://x\u{7}click\r\nFAKE:
        all well \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}: the key is not in
        trust.toml.

    Next
      1. Remove the pickle or convert it.
         bartizan explain PKL901
      2. Run the stop drill again: the last one is too old.
         bartizan drill stop
      3. Name an owner for the tickets.
    ");
}

#[test]
fn no_line_is_wider_than_the_page_and_none_holds_what_hides() {
    for report in [sample::empty(), sample::busy(), sample::hostile()] {
        for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
            for columns in [0, 40, 57, 80, 200] {
                let text = render(&report, &Options { width: columns, style: Style::Plain, detail });
                assert!(!text.chars().any(|c| c != '\n' && bartizan_finding::hides(c)));
                assert!(text.len() < 100_000);
                for line in text.lines().filter(|line| !line.trim_start().starts_with("bartizan ")) {
                    assert!(width(line) <= columns.max(40), "{columns}: {line}");
                }
            }
        }
    }
}

#[test]
fn colour_changes_no_word() {
    let colour = Options { style: Style::Colour, ..Options::default() };
    let coloured = render(&sample::hostile(), &colour);
    assert!(coloured.contains("\u{1b}[31m"));
    let mut bare = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        // Only the escapes of our own styles are there: digits, semicolons and an `m`.
        let (parameters, after) = after.split_once('m').unwrap();
        assert!(parameters.chars().all(|c| c.is_ascii_digit() || c == ';'));
        rest = after;
    }
    bare.push_str(rest);
    // A row is trimmed before its colours end, so only the ends of lines may differ.
    let trimmed = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(trimmed(&bare), trimmed(&plain(&sample::hostile(), Detail::Normal)));
}
