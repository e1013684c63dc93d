//! What people read of a whole assessment with the real catalogue.

use std::collections::BTreeMap;

use bartizan_assure::{
    Assessment, AssetBytes, Consideration, Decisions, Evidence, InScope, Scope, Status, assess, scope,
};
use bartizan_finding::{AssetId, ControlId, Digest};
use bartizan_project::{Project, SubjectRef};
use bartizan_standards::{Control, controls};

use crate::{
    case::{self, day, digest, evidence, subject, today},
    catalogue,
};

const PROJECT: &str = r#"
format = 1
[project]
name = "helpdesk"
purpose = "Answers"
role = "system-producer"
baselines = ["ssdf-218a"]
[group.data]
role = "data-engineer"
members = ["ana@example.com"]
[asset.tickets]
kind = "dataset"
path = "tickets.jsonl"
owner = "data"
[asset.assistant]
kind = "model"
path = "model.safetensors"
owner = "data"
[element.server]
kind = "model-server"
serves = ["assistant"]
[element.refunds]
kind = "tool"
effects = ["write:refunds"]
"#;

fn project() -> Project {
    bartizan_project::parse(PROJECT).project.expect("the project has no fault")
}

/// What `check` would leave: a clean model, tickets with a secret in them, a tool with too much authority.
fn checked(project: &Project) -> Vec<Evidence> {
    let server = SubjectRef::Element("server".parse().expect("an id"));
    let lines = [
        r#"#0 drill server day=-100 drill.procedure="stop" drill.passed=true"#,
        r"#1 model-scan model format.carries-code=false",
        r"#2 integrity-check model digest.matches=true",
        r"#3 data-scan tickets SEC001/aws=2 info:PII001=5000",
        r#"#4 assessment root threats.derived=9 risks.untreated-high=["THR003/refunds"] assets.without-owner=[] groups.without-members=[] datasets.without-source=["tickets"] models.without-provenance=[] tools.write-without-approval=["refunds"] serving.without-limits=["server"]"#,
        r"#5 check-run root ledger.verified=true ledger.witnessed=false",
        r#"#6 redteam-run model redteam.failed=[] redteam.attempts=500 redteam.objective="direct" refused"#,
    ];
    let all = lines.map(|line| {
        let mut evidence = evidence(line).expect("a line of the table");
        if evidence.index > 0 {
            evidence.collected = today();
        }
        for name in
            ["bartizan-threat", "bartizan-project", "bartizan-detect", "bartizan-dataset", "bartizan-attest"]
        {
            evidence.rule_sets.insert(name.to_owned(), 1);
        }
        for subject in &mut evidence.subjects {
            if *subject == digest("root") {
                *subject = project.root();
            } else if *subject == digest("server") {
                *subject = project.subject(&server).expect("it is declared");
            }
        }
        evidence
    });
    all.to_vec()
}

/// Some controls of the catalogue, which grows.
fn some_controls() -> Vec<Control> {
    const SOME: [&str; 12] = [
        "threat-model",
        "ownership",
        "role-training",
        "model-integrity",
        "data-provenance",
        "release-approval",
        "model-scan",
        "data-secrets",
        "prompt-hygiene",
        "tool-authority",
        "usage-limits",
        "stop-and-rollback",
    ];
    let some = SOME.iter().filter_map(|id| controls().iter().find(|control| control.id.as_str() == *id));
    some.cloned().collect()
}

fn scope_of(project: &Project) -> Scope {
    let bytes = |name: &str| AssetBytes {
        whole: Some(digest(name)),
        files: vec![(name.to_owned(), Some(digest(name)))],
    };
    let model: AssetId = AssetId::new("assistant");
    scope(
        controls(),
        project,
        &BTreeMap::from([(model, bytes("model")), (AssetId::new("tickets"), bytes("tickets"))]),
    )
}

fn assessment(decisions: &Decisions) -> Assessment {
    let project = project();
    assess(&some_controls(), &scope_of(&project), &checked(&project), decisions, today())
}

/// The small controls: a clean and pinned model, a tool that did what it must not, tickets of which nothing is known.
fn small(decisions: &Decisions) -> Assessment {
    let of = |names: &[&str]| InScope::Subjects(names.iter().map(|name| subject(name)).collect());
    let mut scope = case::scope(&ControlId::new("scan"), Some(of(&["model"])));
    scope.controls.extend([
        (ControlId::new("both"), of(&["model"])),
        (ControlId::new("reviewed"), of(&["tool"])),
        (ControlId::new("listed"), of(&["tickets"])),
    ]);
    let lines = [
        "#1 model-scan model",
        "#2 integrity-check model digest.matches=true",
        "#3 drill tool drill.passed=false",
    ];
    let statements = lines.map(|line| evidence(line).expect("a line"));
    assess(&catalogue().expect("the small controls"), &scope, &statements, decisions, today())
}

fn item<'a>(assessment: &'a Assessment, id: &str) -> &'a bartizan_assure::ItemAssessment {
    let all = assessment.tasks.iter().flat_map(|task| &task.items);
    all.into_iter().find(|item| item.id.ends_with(&format!("/{id}"))).expect("an item of the profile")
}

#[test]
fn what_people_read() {
    let assessment = assessment(&Decisions::default());
    let line = |control: &bartizan_assure::ControlAssessment| {
        format!("{} is {}. {}\n  {}", control.id, control.status, control.why, control.next)
    };
    let controls: Vec<_> = assessment.controls.iter().map(line).collect();
    insta::assert_snapshot!(controls.join("\n"), @r#"
        threat-model is failing. Entry 4: `risks.untreated-high` names THR003/refunds.
          Treat each risk that is named, or record who lives with it, why and until when.
        ownership is satisfied. Evidence for every clause is recorded and counts.
          Collect the evidence again before 2024-03-23 22:13 UTC.
        role-training is unknown. data: There is no training-record yet. To be shown: Every member of the group has passed the modules of its role.
          Record the training of the group's members, signed by whoever examined them.
        model-integrity is satisfied. Evidence for every clause is recorded and counts.
          Collect the evidence again before 2024-02-23 22:13 UTC.
        data-provenance is failing. tickets: Entry 4: `datasets.without-source` lists it.
          Declare `source.url` and `source.licence` of the dataset, or stop using it.
        release-approval is unknown. assistant: There is no approval yet. To be shown: At least two people, none of them its author, signed for the release of these bytes.
          Have two people sign an approval of the release that names the model's digest.
        model-scan is satisfied. Evidence for every clause is recorded and counts.
          Collect the evidence again before 2024-03-23 22:13 UTC.
        data-secrets is failing. tickets: Entry 3: 2 findings of SEC001.
          Revoke the secret first, then remove it, then look who used it.
        prompt-hygiene is not-applicable. The project declares no prompt.
          Nothing, as long as that stays so.
        tool-authority is failing. refunds: Entry 4: `tools.write-without-approval` lists it.
          Take effects away from the tool that is named, or put an approval before them.
        usage-limits is failing. server: Entry 4: `serving.without-limits` lists it.
          Declare and enforce limits on requests and spending where the model is served.
        stop-and-rollback is expired. server: Entry 0 stopped counting on 2024-02-02 22:13 UTC. To be shown: The model was taken out of service in a drill within the time that the procedure allows.
          Carry out the stop procedure and record the drill, signed by who led it.
        "#);
}

#[test]
fn groups_and_baselines_are_rolled_up_apart() {
    let assessment = small(&Decisions::default());
    let tally = |tally: &bartizan_assure::Tally| {
        tally.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
    };
    let groups = assessment.groups.iter().map(|group| {
        let recommended = tally(&group.recommendations);
        format!("{} {}: {}; recommendations: {recommended}", group.id, group.status, tally(&group.tally))
    });
    let baselines = assessment.baselines.iter().map(|baseline| {
        let declared = if baseline.declared { "declared" } else { "not declared" };
        format!("{} {} ({declared}): {}", baseline.id, baseline.status, tally(&baseline.tally))
    });
    let text = groups.chain(baselines).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(text, @r#"
        PO unknown: 2 unknown; recommendations: 20 unknown, 2 not-applicable
        PS satisfied: 1 satisfied; recommendations: 10 unknown, 1 partial, 5 not-applicable
        PW satisfied: 1 satisfied; recommendations: 19 unknown, 1 satisfied, 4 not-applicable
        RV failing: 1 failing; recommendations: 1 failing, 13 unknown, 1 not-applicable
        ssdf-218a unknown (declared): 2 unknown, 2 satisfied
        runtime failing (not declared): 1 failing
        "#);
}

#[test]
fn an_item_of_which_only_a_part_is_shown_is_partial_at_most() {
    let assessment = small(&Decisions::default());
    // `both` is satisfied, and shows a part of it.
    let shown = item(&assessment, "PS.1.3.R4");
    assert_eq!((shown.status, shown.why.as_str()), (Status::Partial, "The control `both` is satisfied."));
    // `scan` is satisfied, and shows all of it.
    assert_eq!(item(&assessment, "PW.7.2.R1").status, Status::Satisfied);
    // A control that fails fails its items.
    assert_eq!(item(&assessment, "RV.1.1.R1").status, Status::Failing);
    // Nothing asks for evidence of it.
    assert_eq!(item(&assessment, "PO.2.3.R1").status, Status::Unknown);
    // It speaks to those who train, which this project does not.
    assert_eq!(item(&assessment, "PS.1.1.R3").status, Status::NotApplicable);
}

#[test]
fn a_note_asks_for_nothing_and_a_consideration_for_a_decision() {
    let decided = |adopted, until| Decisions {
        considered: vec![Consideration {
            item: "PW.6.1.C1".to_owned(),
            adopted,
            reason: "We load safetensors only.".to_owned(),
            approver: "rita".to_owned(),
            expires: day(until).expect("a day"),
        }],
        ..Decisions::default()
    };
    assert_eq!(item(&small(&Decisions::default()), "RV.1.1.N1").status, Status::NotApplicable);
    for (decisions, expected) in [
        // The control that shows it is satisfied, and that is no decision.
        (Decisions::default(), Status::Unknown),
        (decided(true, 110), Status::Satisfied),
        (decided(false, 110), Status::NotApplicable),
        (decided(true, 100), Status::Unknown),
    ] {
        assert_eq!(item(&small(&decisions), "PW.6.1.C1").status, expected);
    }
}

#[test]
fn an_assessment_is_the_same_bytes_each_time_and_can_be_read_back() {
    let write = || serde_json::to_string(&assessment(&Decisions::default()));
    let text = write().unwrap();
    assert_eq!(text, write().unwrap());
    let back: Assessment = serde_json::from_str(&text).unwrap();
    assert_eq!(back, assessment(&Decisions::default()));
    assert_eq!(back.refused.len(), 1);
    assert_ne!(back.project, Digest::of(b""));
}
