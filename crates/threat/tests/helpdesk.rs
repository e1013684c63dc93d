//! A whole derivation, as people read it.

use bartizan_project::{Project, parse};
use bartizan_threat::{Model, derive, facts};
use jiff::civil::date;

const HELPDESK: &str = include_str!("helpdesk.toml");

fn project(text: &str) -> Project {
    let parsed = parse(text);
    assert_eq!(parsed.faults, []);
    parsed.project.expect("a project without faults exists")
}

fn summary(model: &Model) -> String {
    model.threats.iter().map(bartizan_threat::Threat::summary).collect::<Vec<_>>().join("\n")
}

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is long, the test is not")]
fn an_open_helpdesk_has_these_threats() {
    let project = project(HELPDESK);
    let model = derive(&project, date(2026, 11, 22));
    insta::assert_snapshot!(summary(&model), @r"
    THR001-18eab817724d high: Users can talk the model out of its instructions.
      path        customer > web-chat > assistant-server
      why         prompts from `customer` reach `assistant-server` and nothing looks at them on the way
      likelihood  5: anyone who can type can try; the prompts come from outside the organisation
      impact      3: the model says what it should not; it also decides what is done
      actors      outsider, tenant-user
      controls    red-team, prompt-hygiene, runtime-monitoring
      at          bartizan.toml:44:10 (element.assistant-server)

    THR002-10434ee7e438 medium: Content that others wrote can make the model act.
      path        kb-import > vector-store > assistant-server > mailer (and 1 more)
      why         content from `kb-import` is read by `assistant-server`, which can make `mailer` perform `send:mail`, once a person agrees
      likelihood  2: the model reads content that others may have written; a person must agree to the effect
      impact      3: messages go out in the owner's name
      actors      indirect-author, supply-chain
      controls    retrieval-isolation, tool-authority, red-team, data-hidden-text
      at          bartizan.toml:58:10 (element.mailer)

    THR002-eb874eecc388 high: Content that others wrote can make the model act.
      path        kb-import > vector-store > assistant-server > orders-api (and 1 more)
      why         content from `kb-import` is read by `assistant-server`, which can make `orders-api` perform `write:refunds`, and nobody has to agree
      likelihood  4: the model reads content that others may have written
      impact      3: records are changed
      actors      indirect-author, supply-chain
      controls    retrieval-isolation, tool-authority, red-team, data-hidden-text
      at          bartizan.toml:54:10 (element.orders-api)

    THR003-0e3fbc6d7e42 high: A model can do harm that nobody has to agree to.
      path        assistant-server > orders-api
      why         `assistant-server` can make `orders-api` perform `write:refunds`, and nobody has to agree
      likelihood  4: models err and can be talked into things
      impact      4: records are changed; the element keeps no log to undo it by
      actors      indirect-author, outsider, tenant-user
      controls    tool-authority, red-team, stop-and-rollback
      at          bartizan.toml:54:10 (element.orders-api)

    THR004-623c1f0edef7 critical: A model that reads secrets and foreign content can send to the outside.
      path        orders-api > assistant-server > web-chat > customer
      why         `assistant-server` reads guarded data from `orders-api` and foreign content from `kb-import`, and what it writes leaves through `customer`
      likelihood  4: foreign content can say what to collect and where to send it
      impact      5: guarded data leave the organisation; they are about people
      actors      competitor, indirect-author, tenant-user
      controls    retrieval-isolation, tool-authority, runtime-monitoring, red-team
      at          bartizan.toml:39:10 (element.customer)

    THR005-16f5e40f09cb high: Whoever writes the training data shapes the model.
      path        tickets > assistant
      why         the model `assistant` learned from `tickets`, which was taken from outside and has no pinned digest
      likelihood  3: others decide what is in the data
      impact      4: the behaviour stays in the weights until they are trained again
      actors      indirect-author, insider, supply-chain
      controls    data-provenance, data-scan, data-hidden-text, model-integrity
      at          bartizan.toml:18:8 (asset.assistant)

    THR006-341bc6e3a823 high: What is taken in from outside can be exchanged or carry code.
      path        base
      why         the model `base` comes from outside in a format that carries code, and no digest says which bytes were meant
      likelihood  3: publishers' accounts are taken over
      impact      5: every answer of the system comes from it; loading it runs code
      actors      state, supply-chain
      controls    model-scan, model-integrity, model-provenance, safe-serialization
      at          bartizan.toml:14:8 (asset.base)

    THR007-9ff3e4ab21f0 medium: The weights can be taken.
      path        assistant-server > assistant
      why         the weights of `assistant` are within reach: `assistant-server` does not know its callers
      likelihood  2: weights are worth stealing
      impact      4: what is copied does not come back; the weights are confidential
      actors      competitor, insider, state
      controls    model-integrity, release-approval, usage-limits, runtime-monitoring
      at          bartizan.toml:18:8 (asset.assistant)

    THR008-19cbf77c4b90 medium: Personal or secret data can come out in answers or logs.
      path        assistant-server > log-store
      why         `log-store` keeps user-prompts, completions from `assistant-server` as they are
      likelihood  3: logs are read by many and kept for long
      impact      3: what users wrote is disclosed
      actors      insider, outsider, tenant-user
      controls    data-scan, data-secrets, runtime-monitoring
      at          bartizan.toml:103:1 (flow[assistant-server>log-store])

    THR008-a08f3afc210f high: Personal or secret data can come out in answers or logs.
      path        tickets > assistant-server > web-chat > customer
      why         `assistant` learned from `tickets` (personal), and its answers reach `customer` without inspection
      likelihood  3: models repeat what they have seen, and people ask for it
      impact      4: confidential data are disclosed; they are about people
      actors      insider, outsider, tenant-user
      controls    data-scan, data-secrets, runtime-monitoring
      at          bartizan.toml:24:8 (asset.tickets)

    THR009-75ae1ae95658 high: Hidden instructions can be read by those they were hidden from.
      path        system-prompt > assistant-server > web-chat > customer
      why         `assistant-server` works with the prompt `system-prompt` (confidential), and its answers reach `customer`
      likelihood  4: asking for the prompt is the first thing that people try
      impact      3: the instructions are known; they are confidential
      actors      competitor, outsider, tenant-user
      controls    prompt-hygiene, data-secrets, red-team
      at          bartizan.toml:34:8 (asset.system-prompt)

    THR010-18eab817724d high: Anyone can use up the model.
      path        customer > web-chat > assistant-server
      why         nothing between `customer` and `assistant-server` limits what one caller uses up
      likelihood  4: scripts and loops do it without ill will; callers are outside the organisation
      impact      3: the service stops, or the bill comes
      actors      competitor, outsider, tenant-user
      controls    usage-limits, runtime-monitoring
      at          bartizan.toml:44:10 (element.assistant-server)

    THR011-7c6ff751d0f1 low: Data cross a trust boundary unprotected.
      path        customer > web-chat
      why         `customer` (public) to `web-chat` (internal) is not authenticated
      likelihood  2: whoever sits between the zones can try; nobody between can read or change it
      impact      2: the receiver takes in, or loses, what was not meant
      actors      outsider, state
      controls    threat-model, runtime-monitoring
      at          bartizan.toml:65:1 (flow[customer>web-chat])

    THR012-a25b4c30605b medium: People may believe what is not true.
      path        assistant-server > web-chat > customer
      why         answers of `assistant-server` reach `customer` uninspected, and no person reviews them
      likelihood  3: models are wrong without notice; answers rest on retrieved content
      impact      3: somebody acts on what is not true; they are outside the organisation
      actors      indirect-author, tenant-user
      controls    red-team, runtime-monitoring, role-training
      at          bartizan.toml:44:10 (element.assistant-server)

    THR013-a25b4c30605b high: The model can be used for what it must not be used for.
      path        assistant-server > web-chat > customer
      why         answers of `assistant-server` reach `customer`, and nothing looks at what they are used for
      likelihood  4: general models are asked for everything; nobody could tell afterwards
      impact      3: others are harmed with what was built here
      actors      outsider, state, tenant-user
      controls    red-team, usage-limits, runtime-monitoring, stop-and-rollback
      at          bartizan.toml:44:10 (element.assistant-server)

    THR014-763958b9800c high: One person can change what is served, unseen.
      path        assistant > assistant-server
      why         `training` both makes and owns `assistant`, which `assistant-server` serves; no gate stands before a release; no digest says which bytes were released
      likelihood  4: few people, and they are known; nobody else has to agree; the server keeps no log
      impact      4: every user gets what was put in
      actors      insider
      controls    release-approval, model-integrity, evidence-log
      at          bartizan.toml:44:10 (element.assistant-server)
    ");
}

#[test]
fn an_open_helpdesk_has_these_facts() {
    let project = project(HELPDESK);
    let model = derive(&project, date(2026, 11, 22));
    insta::assert_snapshot!(serde_json::to_string_pretty(&facts(&project, &model)).unwrap(), @r#"
    {
      "assets.without-owner": [
        "base",
        "knowledge",
        "system-prompt",
        "tickets"
      ],
      "datasets.without-source": [],
      "elements.without-logs": [
        "assistant-server",
        "mailer",
        "orders-api"
      ],
      "groups.without-members": [],
      "injection-paths.unguarded": [
        "vector-store"
      ],
      "models.without-provenance": [],
      "risks.untreated-high": [
        "THR001-18eab817724d",
        "THR002-eb874eecc388",
        "THR003-0e3fbc6d7e42",
        "THR004-623c1f0edef7",
        "THR005-16f5e40f09cb",
        "THR006-341bc6e3a823",
        "THR008-a08f3afc210f",
        "THR009-75ae1ae95658",
        "THR010-18eab817724d",
        "THR013-a25b4c30605b",
        "THR014-763958b9800c"
      ],
      "serving.without-authentication": [
        "assistant-server"
      ],
      "serving.without-limits": [
        "assistant-server"
      ],
      "threats.derived": 16,
      "threats.open.THR001": 1,
      "threats.open.THR002": 2,
      "threats.open.THR003": 1,
      "threats.open.THR004": 1,
      "threats.open.THR005": 1,
      "threats.open.THR006": 1,
      "threats.open.THR007": 1,
      "threats.open.THR008": 2,
      "threats.open.THR009": 1,
      "threats.open.THR010": 1,
      "threats.open.THR011": 1,
      "threats.open.THR012": 1,
      "threats.open.THR013": 1,
      "threats.open.THR014": 1,
      "tools.write-without-approval": [
        "orders-api"
      ],
      "training.without-isolation": []
    }
    "#);
}
