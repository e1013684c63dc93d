//! The API and its description.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    client::Server,
    host::Check,
    reports::{control_id, decision_id, fingerprint, threat_id},
};

fn document() -> Value {
    serde_json::from_str(&bartizan_console::openapi()).unwrap()
}

/// Path and method of everything in the document.
fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let methods: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| (path.clone(), method)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn the_document_is_the_one_that_is_served() {
    let server = Server::new(Check::Finishes);
    let answer = server.enter().get("/api/openapi.json").send();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.text(), bartizan_console::openapi());
    assert_eq!(document()["openapi"], "3.1.0");
}

#[test]
fn the_document_lists_what_there_is() {
    let all: BTreeSet<String> =
        operations(&document()).into_iter().map(|(path, method)| format!("{method} {path}")).collect();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    assert_eq!(
        all,
        [
            "delete /runs",
            "get /anchors",
            "get /controls",
            "get /controls/{id}",
            "get /decisions",
            "get /decisions/{id}",
            "get /evidence",
            "get /findings",
            "get /findings/{fingerprint}",
            "get /gates",
            "get /gates/{name}",
            "get /groups",
            "get /log",
            "get /log/entries",
            "get /log/entries/{index}",
            "get /reconciliation",
            "get /report",
            "get /risks",
            "get /rules",
            "get /rules/{code}",
            "get /runs",
            "get /summary",
            "get /system",
            "get /teams",
            "get /threats",
            "get /threats/{id}",
            "post /runs",
        ]
    );
}

#[test]
fn the_page_lists_what_the_document_lists() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let page = visitor.get("/api").send();
    assert_eq!(page.status, 200, "{page:?}");
    let page = page.text();
    for (path, method) in operations(&document()) {
        let method = method.to_uppercase();
        assert!(page.contains(&format!("<code>{method}</code>")), "{method}");
        assert!(page.contains(&format!("<code>/api/v1{path}</code>")), "{path}");
    }
    for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')) {
        let (link, _) = link;
        if link.starts_with("/api") {
            assert_eq!(visitor.get(link).send().status, 200, "{link}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_name_is_used() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| walk(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut references = BTreeSet::new();
    walk(&document, &mut references);
    assert!(references.len() > 30, "{references:?}");
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(references.contains(&format!("#/components/schemas/{name}")), "{name}");
    }
    let ids: Vec<_> = operations(&document)
        .iter()
        .map(|(path, method)| document["paths"][path][method]["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

#[test]
fn every_answer_fits_its_schema() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    let document = document();
    let holds = |operation: &Value, status: &str, media_type: &str, answer: &Value, what: &str| {
        let reference = &operation["responses"][status]["content"][media_type]["schema"]["$ref"];
        let schema = json!({ "$ref": reference, "components": document["components"] });
        let schema = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = schema.iter_errors(answer).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{what}: {errors:?}");
        assert!(!schema.is_valid(&json!("x")), "{what}: a schema that everything fits holds nothing");
    };
    for (path, method) in operations(&document) {
        let operation = &document["paths"][&path][&method];
        let filled = path
            .replace("{fingerprint}", &fingerprint(1))
            .replace("{index}", "3")
            .replace("{code}", "PKL901")
            .replace("{name}", "gate-1")
            .replace(
                "{id}",
                &match path.as_str() {
                    "/threats/{id}" => threat_id(1),
                    "/decisions/{id}" => decision_id(1),
                    _ => control_id(1),
                },
            );
        let url = format!("/api/v1{filled}");
        let method = method.to_uppercase();
        let answer = if method == "GET" {
            visitor.get(&url).send()
        } else {
            visitor.request(&method, &url).with("x-csrf-token", &visitor.csrf).send()
        };
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        match answer.status {
            200 => holds(operation, "200", "application/json", &body, &url),
            202 => holds(operation, "202", "application/json", &body, &url),
            _ => {
                // Only stopping a check that has ended already is in vain.
                assert_eq!((answer.status, method.as_str()), (409, "DELETE"), "{url}: {answer:?}");
                holds(operation, "default", "application/problem+json", &body, &url);
            }
        }
    }
}

#[test]
fn findings_are_filtered_and_given_in_parts() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for (query, total, given) in [
        ("", 7, 7),
        ("severity=critical", 2, 2),
        ("severity=low", 1, 1),
        ("rule=SEC001", 2, 2),
        ("rule=SEC001%2Fcloud-key", 2, 2),
        ("rule=SEC001%2Fother", 0, 0),
        ("rule=SEC", 0, 0),
        ("asset=asset-3", 1, 1),
        ("q=CASE+4", 1, 1),
        ("q=part-000", 7, 7),
        ("q=%3Cscript%3E", 0, 0),
        ("suppressed=true", 1, 1),
        ("suppressed=false", 6, 6),
        ("suppressed=false&severity=high&rule=SEC001", 1, 1),
        ("limit=2", 7, 2),
        ("limit=2&offset=6", 7, 1),
        ("limit=0", 7, 0),
        ("offset=18446744073709551615", 7, 0),
        ("severity=", 7, 7),
    ] {
        let url = format!("/api/v1/findings?{query}");
        if query == "severity=" {
            assert_eq!(visitor.get(&url).send().status, 400);
            continue;
        }
        let list = visitor.json(&url);
        assert_eq!(list["total"], total, "{query}");
        assert_eq!(list["items"].as_array().unwrap().len(), given, "{query}");
    }
    let second = visitor.json("/api/v1/findings?limit=1&offset=1");
    assert_eq!(second["items"][0]["fingerprint"], fingerprint(1));
    assert_eq!(visitor.json("/api/v1/controls?status=failing")["total"], 1);
    assert_eq!(visitor.json("/api/v1/gates?verdict=deny")["total"], 1);
    assert_eq!(visitor.json("/api/v1/decisions")["total"], 7);
    assert_eq!(visitor.json("/api/v1/decisions?state=in-force")["items"][0]["id"], decision_id(0));
    assert_eq!(visitor.json("/api/v1/decisions?kind=loss&state=pending")["total"], 0);
    assert_eq!(visitor.json("/api/v1/reconciliation")["lost"].as_array().unwrap().len(), 2);
    assert_eq!(visitor.json("/api/v1/anchors")["items"][0]["by"], "witness.example.com");
    assert_eq!(visitor.json("/api/v1/log/entries?first=55")["entries"].as_array().unwrap().len(), 2);
    assert_eq!(visitor.json("/api/v1/log/entries?first=3&count=2")["entries"][1]["index"], 4);
}

#[test]
fn a_slip_of_the_pen_is_not_passed_over() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for query in [
        "findings?sevirity=high",
        "findings?severity=High",
        "findings?severity=high&severity=low",
        "findings?limit=1001",
        "findings?limit=-1",
        "findings?limit=1e3",
        "findings?offset=",
        "findings?suppressed=yes",
        "findings?%3Cscript%3E=1",
        "controls?status=good",
        "decisions?state=in%20force",
        "gates?verdict=denied",
        "log/entries?count=100000",
        "summary?x=1",
    ] {
        let answer = visitor.get(&format!("/api/v1/{query}")).send();
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{query}");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let server = Server::new(Check::Finishes);
    let visitor = server.enter();
    for path in [
        "findings/0",
        "threats/x",
        "controls/x",
        "decisions/x",
        "gates/x",
        "rules/PKL999",
        "log/entries/57",
        "log/entries/x",
        "x",
        "",
    ] {
        let answer = visitor.get(&format!("/api/v1/{path}")).send();
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((&problem["status"], &problem["type"]), (&json!(404), &json!("about:blank")), "{path}");
    }
    let failed = visitor.get("/api/v1/log/entries/13").send();
    assert_eq!(failed.status, 500);
    assert!(failed.text().contains("the disk is gone"), "{failed:?}");
}

#[test]
fn the_report_is_the_published_one() {
    let server = Server::new(Check::Finishes);
    let answer = server.enter().get("/api/v1/report").send();
    let report = crate::reports::report(crate::reports::SMALL);
    assert_eq!(answer.text(), bartizan_report::to_json(&report));
}
