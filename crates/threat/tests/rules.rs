//! Each rule on a small project where it holds, and on the nearest one where it does not.

use bartizan_finding::{RuleMeta, registry_faults};
use bartizan_project::{Project, parse};
use bartizan_threat::{Model, Treated, derive, rules};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 22);

fn project(body: &str) -> Project {
    let parsed = parse(&format!("format = 1\n[project]\nname = \"p\"\n{body}"));
    assert_eq!(parsed.faults, [], "{body}");
    parsed.project.expect("a project without faults exists")
}

fn model(body: &str) -> Model {
    derive(&project(body), TODAY)
}

/// The paths of the threats of one rule, each with likelihood and impact.
fn paths(code: &str, body: &str) -> Vec<String> {
    let model = model(body);
    let of_rule = model.threats.iter().filter(|threat| threat.rule.as_str() == code);
    let line = |threat: &bartizan_threat::Threat| {
        format!("{} ({}x{})", threat.path_text(), threat.likelihood.value, threat.impact.value)
    };
    of_rule.map(line).collect()
}

fn element(id: &str, kind: &str, more: &str) -> String {
    format!("[element.{id}]\nkind = \"{kind}\"\n{more}\n")
}

fn flow(from: &str, to: &str, carries: &str, more: &str) -> String {
    format!("[[flow]]\nfrom = \"{from}\"\nto = \"{to}\"\ncarries = [\"{carries}\"]\n{more}\n")
}

/// A user who chats with a model over a gateway; `way` is added to the flow of prompts, `back` to that of answers.
fn chat(gateway: &str, model: &str, way: &str, back: &str) -> String {
    [
        element("user", "user", ""),
        element("gate", "gateway", gateway),
        element("bot", "model-server", model),
        flow("user", "gate", "user-prompts", "encrypted = true\nauthenticated = true"),
        flow("gate", "bot", "user-prompts", way),
        flow("bot", "gate", "completions", back),
        flow("gate", "user", "completions", "encrypted = true"),
    ]
    .concat()
}

/// A retriever whose content reaches a model that calls a tool.
fn agent(tool: &str, read: &str, call: &str) -> String {
    [
        element("web", "external-api", ""),
        element("find", "retriever", ""),
        element("bot", "agent", ""),
        element("act", "tool", tool),
        flow("web", "find", "documents", "encrypted = true"),
        flow("find", "bot", "retrieved-content", read),
        flow("bot", "act", "tool-calls", call),
    ]
    .concat()
}

#[test]
fn codes_are_unique_and_each_rule_has_a_known_control() {
    assert_eq!(registry_faults(rules()), [] as [String; 0]);
    assert_eq!(rules().len(), 14);
    for rule in rules() {
        assert!(!rule.controls.is_empty() && rule.code.family() == "THR", "{}", rule.code);
        let unknown = |id: &&bartizan_finding::ControlId| bartizan_standards::control(id).is_none();
        assert_eq!(rule.controls.iter().find(unknown), None, "{}", rule.code);
    }
    let codes: Vec<_> = rules().into_iter().map(|rule: &RuleMeta| rule.code.as_str()).collect();
    assert!(codes.is_sorted());
}

#[test]
fn thr001_prompts_reach_a_model() {
    assert_eq!(paths("THR001", &chat("", "", "", "")), ["user > gate > bot (5x2)"]);
    assert_eq!(paths("THR001", &chat("", "", "inspected = true", "")), ["user > gate > bot (3x2)"]);
    let colleagues = chat("", "", "", "").replace("kind = \"user\"", "kind = \"user\"\nzone = \"internal\"");
    assert_eq!(paths("THR001", &colleagues), ["user > gate > bot (4x2)"]);
    let telemetry = chat("", "", "", "").replace("user-prompts", "telemetry");
    assert_eq!(paths("THR001", &telemetry), [] as [&str; 0]);
}

#[test]
fn thr002_content_makes_a_tool_act() {
    let refunds = "effects = [\"write:refunds\"]";
    assert_eq!(paths("THR002", &agent(refunds, "", "")), ["web > find > bot > act (5x3)"]);
    let approved = format!("{refunds}\napproval = \"human\"");
    assert_eq!(paths("THR002", &agent(&approved, "inspected = true", "")), ["web > find > bot > act (2x3)"]);
    assert_eq!(paths("THR002", &agent("effects = [\"read:orders\"]", "", "")), [] as [&str; 0]);
    let apart =
        agent(refunds, "", "").replace("from = \"bot\"\nto = \"act\"", "from = \"act\"\nto = \"bot\"");
    assert_eq!(paths("THR002", &apart), [] as [&str; 0], "a tool that only answers is not made to act");
}

/// An agent may act by itself, without a tool in the model of the system.
#[test]
fn an_agent_with_effects_of_its_own_is_an_end_too() {
    let body = agent("", "", "").replace("kind = \"agent\"", "kind = \"agent\"\neffects = [\"exec:shell\"]");
    assert_eq!(paths("THR002", &body), ["web > find > bot (5x5)"]);
    assert_eq!(paths("THR003", &body), ["bot (4x5)"]);
    let why = model(&body).threats.into_iter().find(|threat| threat.rule.as_str() == "THR003").unwrap().why;
    assert_eq!(why, "`bot` can itself perform `exec:shell`, and nobody has to agree");
}

/// A guard somewhere does not help when there is a way around it: the least guarded way is the threat.
#[test]
fn the_least_guarded_way_is_told_even_if_it_is_longer() {
    let around = agent("effects = [\"write:refunds\"]", "inspected = true", "")
        + &element("cache", "memory", "")
        + &flow("find", "cache", "retrieved-content", "")
        + &flow("cache", "bot", "retrieved-content", "");
    assert_eq!(paths("THR002", &around), ["web > find > cache > bot > act (5x3)"]);
}

#[test]
fn thr003_effects_without_approval() {
    let exec = "effects = [\"exec:shell\"]\nlogs = true";
    assert_eq!(paths("THR003", &agent(exec, "", "")), ["bot > act (4x5)"]);
    assert_eq!(
        paths("THR003", &agent(&format!("{exec}\nisolation = \"sandbox\""), "", "")),
        ["bot > act (4x3)"]
    );
    assert_eq!(paths("THR003", &agent(&format!("{exec}\napproval = \"policy\""), "", "")), [] as [&str; 0]);
    let person = agent(exec, "", "")
        .replace("[element.bot]", "[element.desk]\nkind = \"human-approver\"\n[element.bot]")
        .replace("to = \"act\"", "to = \"desk\"")
        + &flow("desk", "act", "tool-calls", "");
    assert_eq!(paths("THR003", &person), [] as [&str; 0]);
}

#[test]
fn thr004_three_ways_meet() {
    let mail = "effects = [\"send:mail\"]";
    let secrets = element("crm", "tool", "") + &flow("crm", "bot", "personal-data", "");
    assert_eq!(paths("THR004", &(agent(mail, "", "") + &secrets)), ["crm > bot > act (4x5)"]);
    assert_eq!(paths("THR004", &agent(mail, "", "")), [] as [&str; 0], "nothing private");
    assert_eq!(paths("THR004", &(agent("", "", "") + &secrets)), [] as [&str; 0], "no way out");
    let unread = agent(mail, "", "").replace("\"retrieved-content\"", "\"telemetry\"") + &secrets;
    assert_eq!(paths("THR004", &unread), [] as [&str; 0], "nothing foreign");
}

/// Links and images in an answer are a way out too, unless they are taken out.
#[test]
fn thr004_answers_with_links_are_a_way_out() {
    let body = agent("", "", "")
        + &element("crm", "tool", "")
        + &flow("crm", "bot", "personal-data", "")
        + &element("user", "user", "")
        + &flow("bot", "user", "completions", "encrypted = true");
    assert_eq!(paths("THR004", &body), ["crm > bot > user (4x5)"]);
    let clean = body.replace("carries = [\"completions\"]", "carries = [\"completions\"]\nsanitised = true");
    assert_eq!(paths("THR004", &clean), [] as [&str; 0]);
}

#[test]
fn thr005_data_from_outside() {
    let body = "[asset.reviews]\nkind = \"dataset\"\nsource = { url = \"https://example.com\" }\n[asset.clean]\nkind = \"dataset\"\n\
        derived_from = [\"reviews\"]\n[asset.bot]\nkind = \"model\"\nderived_from = [\"clean\"]\n";
    assert_eq!(paths("THR005", body), ["reviews > clean > bot (3x4)"]);
    let pinned = body.replace(" }\n", &format!(" }}\ndigest = \"sha256:{}\"\n", "0".repeat(64)));
    assert_eq!(paths("THR005", &pinned), ["reviews > clean > bot (2x4)"]);
    assert_eq!(paths("THR005", &body.replace("[\"clean\"]", "[]")), [] as [&str; 0]);
}

#[test]
fn thr006_taken_in_from_outside() {
    let body = |path: &str, more: &str| {
        format!(
            "[asset.base]\nkind = \"model\"\npath = \"{path}\"\nsource = {{ url = \"https://example.com\" }}\n{more}\n"
        )
    };
    let digest = format!("digest = \"sha256:{}\"", "0".repeat(64));
    assert_eq!(paths("THR006", &body("base/model.safetensors", "")), ["base (3x4)"]);
    assert_eq!(paths("THR006", &body("base/model.PT", &digest)), ["base (2x5)"]);
    assert_eq!(paths("THR006", &body("base/model.safetensors", &digest)), [] as [&str; 0]);
    assert_eq!(paths("THR006", "[asset.own]\nkind = \"model\"\npath = \"own/\"\n"), [] as [&str; 0]);
    assert_eq!(paths("THR006", "[asset.far]\nkind = \"model\"\nmodel = \"example/far\"\n"), ["far (2x4)"]);
}

#[test]
fn thr007_weights_within_reach() {
    let body = "[asset.own]\nkind = \"model\"\npath = \"own/\"\nclassification = \"confidential\"\n\
        [element.serve]\nkind = \"model-server\"\nserves = [\"own\"]\n";
    assert_eq!(paths("THR007", body), ["serve > own (2x4)"]);
    assert_eq!(paths("THR007", &format!("{body}zone = \"partner\"\n")), ["serve > own (4x4)"]);
    assert_eq!(paths("THR007", &format!("{body}authenticates = true\n")), [] as [&str; 0]);
    assert_eq!(paths("THR007", &body.replace("confidential", "public")), [] as [&str; 0]);
    let shipped = format!("{body}authenticates = true\n{}", element("edge", "model-server", ""))
        + &flow("serve", "edge", "weights", "");
    assert_eq!(paths("THR007", &shipped), ["serve > own (2x4)"]);
}

#[test]
fn thr008_answers_and_logs() {
    let store = |class, more| {
        element("bot", "model-server", "")
            + &element("log", "log-store", "")
            + &flow("bot", "log", class, more)
    };
    assert_eq!(paths("THR008", &store("completions", "")), ["bot > log (3x3)"]);
    assert_eq!(paths("THR008", &store("credentials", "")), ["bot > log (3x4)"]);
    assert_eq!(paths("THR008", &store("completions", "sanitised = true")), [] as [&str; 0]);
    assert_eq!(paths("THR008", &store("telemetry", "")), [] as [&str; 0]);
    let learned = |class: &str, back: &str| {
        chat("", "serves = [\"own\"]", "", back)
            + &format!(
                "[asset.d]\nkind = \"dataset\"\nclassification = \"{class}\"\n[asset.own]\nkind = \"model\"\nderived_from = [\"d\"]\n"
            )
    };
    assert_eq!(paths("THR008", &learned("personal", "")), ["d > bot > gate > user (3x4)"]);
    assert_eq!(paths("THR008", &learned("personal", "inspected = true")), ["d > bot > gate > user (2x4)"]);
    assert_eq!(paths("THR008", &learned("internal", "")), [] as [&str; 0]);
}

#[test]
fn thr009_hidden_instructions() {
    let body = |class: &str, key: &str| {
        chat("", &format!("uses = [\"system\"{key}]"), "", "")
            + &format!(
                "[asset.system]\nkind = \"prompt\"\nclassification = \"{class}\"\n[asset.token]\nkind = \"key\"\n"
            )
    };
    assert_eq!(paths("THR009", &body("confidential", "")), ["system > bot > gate > user (4x3)"]);
    assert_eq!(paths("THR009", &body("internal", ", \"token\"")), ["system > bot > gate > user (4x4)"]);
    assert_eq!(paths("THR009", &body("internal", "")), [] as [&str; 0]);
}

#[test]
fn thr010_nothing_limits() {
    assert_eq!(paths("THR010", &chat("", "", "", "")), ["user > gate > bot (4x3)"]);
    assert_eq!(paths("THR010", &chat("authenticates = true", "", "", "")), ["user > gate > bot (3x3)"]);
    assert_eq!(paths("THR010", &chat("limits = true", "", "", "")), [] as [&str; 0]);
    assert_eq!(paths("THR010", &chat("", "limits = { requests_per_minute = 60 }", "", "")), [] as [&str; 0]);
    let around = chat("limits = true", "", "", "") + &flow("user", "bot", "user-prompts", "");
    assert_eq!(paths("THR010", &around), ["user > bot (4x3)"], "a way around the limits");
}

#[test]
fn thr011_unprotected_crossings() {
    let body = |more: &str, feed: &str| {
        element("feed", "external-api", "zone = \"partner\"")
            + &element("take", "data-pipeline", feed)
            + &flow("feed", "take", "training-data", more)
    };
    assert_eq!(paths("THR011", &body("", "")), ["feed > take (3x4)"]);
    assert_eq!(paths("THR011", &body("encrypted = true", "")), ["feed > take (2x4)"]);
    assert_eq!(paths("THR011", &body("encrypted = true", "authenticates = true")), [] as [&str; 0]);
    let inside = body("", "").replace("zone = \"partner\"", "zone = \"internal\"");
    assert_eq!(paths("THR011", &inside), [] as [&str; 0]);
}

#[test]
fn thr012_unreviewed_answers() {
    assert_eq!(paths("THR012", &chat("", "", "", "")), ["bot > gate > user (4x3)"]);
    let grounded = |back| {
        chat("", "", "", back)
            + &element("find", "retriever", "")
            + &flow("find", "bot", "retrieved-content", "")
    };
    assert_eq!(paths("THR012", &grounded("")), ["bot > gate > user (3x3)"]);
    assert_eq!(paths("THR012", &grounded("inspected = true")), [] as [&str; 0]);
}

#[test]
fn thr013_answers_nobody_looks_at_and_released_weights() {
    assert_eq!(paths("THR013", &chat("", "", "", "")), ["bot > gate > user (4x3)"]);
    assert_eq!(paths("THR013", &chat("limits = true\nlogs = true", "", "", "")), ["bot > gate > user (2x3)"]);
    assert_eq!(paths("THR013", &chat("", "", "", "inspected = true")), [] as [&str; 0]);
    let released = "role = \"model-producer\"\n[asset.own]\nkind = \"model\"\nclassification = \"public\"\n";
    assert_eq!(paths("THR013", released), ["own (4x4)"]);
    assert_eq!(paths("THR013", &released.replace("model-producer", "system-producer")), [] as [&str; 0]);
}

#[test]
fn thr014_the_same_hands_make_and_release() {
    let body = "[group.train]\nrole = \"model-trainer\"\ntrains = [\"own\"]\n[asset.own]\nkind = \"model\"\npath = \"own/\"\nowner = \"train\"\n\
        [element.serve]\nkind = \"model-server\"\nserves = [\"own\"]\nlogs = true\n";
    assert_eq!(paths("THR014", body), ["own > serve (3x4)"]);
    let gated = format!("{body}[gate.release]\npolicy = \"release.cedar\"\n");
    assert_eq!(paths("THR014", &gated), ["own > serve (2x4)"]);
    let pinned = gated.replace("own/\"\n", &format!("own/\"\ndigest = \"sha256:{}\"\n", "0".repeat(64)));
    assert_eq!(paths("THR014", &pinned), [] as [&str; 0]);
}

/// An actor who already reaches something on the path makes it likelier.
#[test]
fn a_declared_actor_with_access_raises_the_likelihood() {
    let body =
        chat("", "", "inspected = true", "") + "[actor.mole]\nkind = \"tenant-user\"\naccess = [\"gate\"]\n";
    assert_eq!(paths("THR001", &body), ["user > gate > bot (4x2)"]);
    let threat = &model(&body).threats[0];
    assert!(threat.actors.iter().any(|actor| actor.as_str() == "mole"), "{threat:?}");
    assert!(
        !threat.actors.iter().any(|actor| actor.as_str() == "tenant-user"),
        "the declared one stands for its kind"
    );
}

#[test]
fn a_risk_has_an_owner_and_a_decision_that_holds() {
    let treatment = |threat: &str, expires: &str| {
        format!(
            "[[treatment]]\nthreat = \"{threat}\"\ndecision = \"accept\"\nowner = \"g\"\nreason = \"r\"\nexpires = {expires}\n"
        )
    };
    let body = chat("", "", "", "") + "[group.g]\nrole = \"product-owner\"\n";
    let state = |treatments: String| {
        let model = model(&(body.clone() + &treatments));
        let risk = model
            .risks
            .iter()
            .zip(&model.threats)
            .find(|(_, threat)| threat.rule.as_str() == "THR010")
            .unwrap()
            .0;
        assert_eq!((risk.score, risk.owner.as_ref().unwrap().as_str()), (12, "g"));
        (risk.treatment.as_str(), model.unused_treatments.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(state(String::new()), ("untreated", vec![]));
    assert_eq!(state(treatment("THR010", "2026-11-22")), ("accept", vec![]), "its last day is still a day");
    assert_eq!(state(treatment("THR010", "2026-11-21")), ("expired", vec![]));
    assert_eq!(state(treatment("THR010/bot", "2027-01-01")), ("accept", vec![]));
    assert_eq!(state(treatment("THR010/gate", "2027-01-01")), ("untreated", vec![0]));
    let both = treatment("THR010/bot", "2026-01-01") + &treatment("THR010", "2027-01-01");
    assert_eq!(state(both), ("accept", vec![]), "the one that holds counts before the one that is nearer");
    assert!(Treated::Untreated.is_open());
}

#[test]
fn the_order_of_the_file_changes_nothing() {
    let body = agent("effects = [\"write:refunds\"]", "", "") + &chat("", "", "", "").replace("bot", "bot2");
    let mut parts: Vec<&str> = body.split_inclusive("\n\n").collect();
    parts.reverse();
    let reversed = parts.concat();
    let json = |body: &str| {
        // Where something stands is the only difference that there may be.
        let mut value = serde_json::to_value(model(body)).unwrap();
        value["threats"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|threat| threat["location"] = serde_json::Value::Null);
        value.to_string()
    };
    assert_eq!(json(&body), json(&reversed));
    assert_ne!(body, reversed);
}

#[test]
fn loops_end() {
    let body = element("user", "user", "")
        + &element("a", "agent", "effects = [\"write:x\"]")
        + &element("b", "agent", "effects = [\"write:x\"]")
        + "[[flow]]\nfrom = \"a\"\nto = \"b\"\n[[flow]]\nfrom = \"b\"\nto = \"a\"\n[[flow]]\nfrom = \"user\"\nto = \"a\"\n[[flow]]\nfrom = \"b\"\nto = \"user\"\n";
    assert!(!model(&body).threats.is_empty());
}
