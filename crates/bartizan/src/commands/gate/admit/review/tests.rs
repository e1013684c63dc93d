use bartizan_engine::gate::pass;
use serde_json::json;

use super::*;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn image(name: &str) -> String {
    format!("registry.example/{name}@{}", digest(name))
}

fn pod(images: &[&str], subjects: Option<&str>) -> Value {
    let containers: Vec<_> = images.iter().map(|image| json!({ "name": "c", "image": image })).collect();
    let annotations = subjects.map_or(json!({}), |subjects| json!({ "bartizan.dev/subjects": subjects }));
    json!({ "kind": "Pod", "metadata": { "annotations": annotations }, "spec": { "containers": containers } })
}

fn review(operation: &str, kind: (&str, &str, &str), object: &Value) -> Value {
    json!({
        "apiVersion": API,
        "kind": KIND,
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": { "group": kind.0, "version": kind.1, "kind": kind.2 },
            "operation": operation,
            "namespace": "prod",
            "name": "helpdesk",
            "object": object,
        }
    })
}

const POD: (&str, &str, &str) = ("", "v1", "Pod");

/// Decisions that allow what is named `good…`, `broken` by break-glass, and nothing else.
fn decide(digests: &[Digest]) -> Vec<Admission> {
    let good = [digest("good"), digest("good2")];
    let one = |subject: &Digest| {
        let broken = *subject == digest("broken");
        if !broken && !good.contains(subject) {
            return pass::not_believed("nobody decided");
        }
        Admission {
            verdict: AdmissionVerdict::Allow,
            sentence: "The gate deploy allows this.".to_owned(),
            principal: None,
            break_glass: broken.then(|| "0123456789ab".to_owned()),
            expires: None,
        }
    };
    digests.iter().map(one).collect()
}

fn judged(review: &Value, subjects_only: bool) -> Answer {
    let review = Review::parse(review.to_string().as_bytes()).unwrap();
    let answer = review.answer(subjects_only, |digests| Ok(decide(digests)));
    let shown = serde_json::to_value(&answer).unwrap();
    assert_eq!(shown["apiVersion"], API);
    assert_eq!(shown["kind"], KIND);
    assert_eq!(shown["response"]["uid"], review.uid);
    assert_eq!(shown["response"]["allowed"], answer.is_allowed());
    assert_eq!(
        shown["response"]["status"]["code"],
        if answer.is_allowed() { Value::Null } else { json!(403) }
    );
    assert!(!answer.told(&review).contains('\n'));
    answer
}

#[test]
fn what_is_allowed_is_allowed_and_nothing_else() {
    let good = pod(&[&image("good"), &image("good2")], None);
    let template = json!({ "spec": { "template": good.clone() } });
    let cron = json!({ "spec": { "jobTemplate": { "spec": { "template": good.clone() } } } });
    let mounted = |name: &str| pod(&["busybox"], Some(&digest(name).to_string()));
    let served = |annotations: Value| json!({ "metadata": { "annotations": annotations }, "spec": {} });
    let kserve = ("serving.kserve.io", "v1beta1", "InferenceService");
    let mut of_v1beta1 = review("CREATE", POD, &good);
    of_v1beta1["apiVersion"] = json!("admission.k8s.io/v1beta1");
    let mut of_other_kind = review("CREATE", POD, &good);
    of_other_kind["kind"] = json!("Pod");
    let mut other_object = review("CREATE", POD, &good);
    other_object["request"]["object"]["kind"] = json!("ConfigMap");
    let mut exec = review("CONNECT", ("", "v1", "PodExecOptions"), &json!({}));
    exec["request"]["subResource"] = json!("exec");
    let mut status = review("UPDATE", POD, &pod(&[&image("bad")], None));
    status["request"]["subResource"] = json!("status");
    let mut debug = review("UPDATE", POD, &pod(&[&image("good")], None));
    debug["request"]["subResource"] = json!("ephemeralcontainers");
    let mut debug_bad = debug.clone();
    debug_bad["request"]["object"]["spec"]["ephemeralContainers"] =
        json!([{ "name": "d", "image": "busybox" }]);
    let image_and_model = pod(&[&image("good")], Some(&digest("bad").to_string()));
    let table: Vec<(&str, Value, bool, bool)> = vec![
        ("a pod", review("CREATE", POD, &good), false, true),
        ("an update", review("UPDATE", POD, &good), false, true),
        ("a deployment", review("CREATE", ("apps", "v1", "Deployment"), &template), false, true),
        ("a stateful set", review("CREATE", ("apps", "v1", "StatefulSet"), &template), false, true),
        ("a daemon set", review("CREATE", ("apps", "v1", "DaemonSet"), &template), false, true),
        ("a replica set", review("CREATE", ("apps", "v1", "ReplicaSet"), &template), false, true),
        ("a job", review("CREATE", ("batch", "v1", "Job"), &template), false, true),
        ("a cron job", review("CREATE", ("batch", "v1", "CronJob"), &cron), false, true),
        ("a job of another shape", review("CREATE", ("batch", "v1", "CronJob"), &template), false, false),
        ("another version", review("CREATE", ("apps", "v2", "Deployment"), &template), false, false),
        ("another group", review("CREATE", ("example.com", "v1", "Pod"), &good), false, false),
        ("no template", review("CREATE", ("", "v1", "ConfigMap"), &json!({})), false, false),
        ("nobody decided", review("CREATE", POD, &pod(&[&image("bad")], None)), false, false),
        ("one of two", review("CREATE", POD, &pod(&[&image("good"), &image("bad")], None)), false, false),
        ("a tag", review("CREATE", POD, &pod(&["app:1"], None)), false, false),
        ("a tag beside a digest", review("CREATE", POD, &pod(&[&image("good"), "app"], None)), false, false),
        ("no container", review("CREATE", POD, &pod(&[], None)), false, false),
        ("a model that is not allowed", review("CREATE", POD, &image_and_model), false, false),
        ("a mounted model and a tag", review("CREATE", POD, &mounted("good")), false, false),
        ("the same, subjects only", review("CREATE", POD, &mounted("good")), true, true),
        ("another model, subjects only", review("CREATE", POD, &mounted("bad")), true, false),
        ("no subject, subjects only", review("CREATE", POD, &pod(&["app"], None)), true, false),
        ("an empty annotation", review("CREATE", POD, &pod(&["app"], Some(""))), true, false),
        ("a wrong annotation", review("CREATE", POD, &pod(&[&image("good")], Some("latest"))), true, false),
        (
            "a service by annotation",
            review("CREATE", kserve, &served(json!({ "bartizan.dev/subjects": digest("good").to_string() }))),
            false,
            true,
        ),
        (
            "another model of a service",
            review("CREATE", kserve, &served(json!({ "bartizan.dev/subjects": digest("bad").to_string() }))),
            false,
            false,
        ),
        ("a service without", review("CREATE", kserve, &served(json!({}))), false, false),
        ("no object", review("CREATE", POD, &Value::Null), false, false),
        ("an object that is a list", review("CREATE", POD, &json!([])), false, false),
        ("an object of another kind", other_object, false, false),
        ("an older API", of_v1beta1, false, false),
        ("another kind of review", of_other_kind, false, false),
        ("deletion", review("DELETE", POD, &Value::Null), false, true),
        ("a shell in a container", exec, false, true),
        ("a status", status, false, true),
        ("a container for debugging that is allowed", debug, false, true),
        ("one that is not", debug_bad, false, false),
        ("an unknown operation", review("PATCH", POD, &good), false, false),
        ("no operation", review("", POD, &good), false, false),
        ("an operation in small letters", review("delete", POD, &good), false, false),
    ];
    for (name, review, subjects_only, allowed) in table {
        let answer = judged(&review, subjects_only);
        assert_eq!(answer.is_allowed(), allowed, "{name}: {answer:#?}");
    }
}

#[test]
fn an_update_that_starts_nothing_new_is_let_through() {
    let bad = pod(&[&image("bad")], None);
    let with_old = |kind, object: &Value, old: &Value| {
        let mut review = review("UPDATE", kind, object);
        review["request"]["oldObject"] = old.clone();
        judged(&review, false).is_allowed()
    };
    assert!(with_old(POD, &bad, &bad), "a finalizer of a running pod can go after the decision ended");
    assert!(!with_old(POD, &bad, &pod(&[&image("good")], None)));
    assert!(!with_old(POD, &bad, &Value::Null));
    let mounted = pod(&[&image("bad")], Some(&digest("bad").to_string()));
    assert!(!with_old(POD, &mounted, &bad));
    // Of a workload an update may start pods, unless it is being deleted.
    let job = ("batch", "v1", "Job");
    let mut workload = json!({ "metadata": {}, "spec": { "template": bad } });
    assert!(!with_old(job, &workload, &workload));
    let alive = workload.clone();
    workload["metadata"]["deletionTimestamp"] = json!("2026-05-01T12:00:00Z");
    assert!(with_old(job, &workload, &workload));
    assert!(!with_old(job, &workload, &alive));
}

#[test]
fn whoever_goes_by_break_glass_is_told() {
    let answer = judged(&review("CREATE", POD, &pod(&[&image("good"), &image("broken")], None)), false);
    let shown = serde_json::to_value(&answer).unwrap();
    assert_eq!(shown["response"]["warnings"].as_array().unwrap().len(), 1);
    let quiet = judged(&review("CREATE", POD, &pod(&[&image("good")], None)), false);
    assert_eq!(serde_json::to_value(&quiet).unwrap()["response"].get("warnings"), None);
}

#[test]
fn what_cannot_be_decided_is_denied() {
    let review = review("CREATE", POD, &pod(&[&image("good")], None));
    let review = Review::parse(review.to_string().as_bytes()).unwrap();
    let failed = review.answer(false, |_| Err("the disk is gone".to_owned()));
    assert!(!failed.is_allowed() && failed.why.contains("the disk is gone"), "{failed:?}");
    assert!(!review.answer(false, |_| Ok(Vec::new())).is_allowed(), "too few answers");
}

#[test]
fn what_is_no_review_is_not_answered() {
    let long = json!({ "request": { "uid": "x".repeat(300) } }).to_string();
    let deep = "[".repeat(100_000);
    for wrong in [
        "",
        "{",
        "[]",
        "{}",
        "7",
        r#"{"request":{}}"#,
        r#"{"request":{"uid":""}}"#,
        r#"{"request":{"uid":7}}"#,
        &long,
        &deep,
    ] {
        assert!(Review::parse(wrong.as_bytes()).is_err());
    }
    assert!(Review::parse(&[0xff, 0xfe]).is_err());
}

#[test]
fn text_of_others_stays_one_line() {
    let hostile = "x\u{1b}[2J\n\u{202e}y";
    let mut review = review("CREATE", POD, &pod(&[hostile], None));
    review["request"]["name"] = json!(hostile);
    review["request"]["uid"] = json!(hostile);
    let parsed = Review::parse(review.to_string().as_bytes()).unwrap();
    let answer = judged(&review, false);
    let told = answer.told(&parsed);
    let message = &answer.response.status.as_ref().unwrap().message;
    assert!(!told.chars().chain(message.chars()).any(|c| c.is_control() || c == '\u{202e}'), "{told}");
    assert_eq!(answer.response.uid, hostile, "the API wants its own id back");
}

#[test]
fn no_changed_byte_of_a_review_opens_anything() {
    let text = review("CREATE", POD, &pod(&["app:latest"], None)).to_string().into_bytes();
    for at in 0..text.len() {
        for byte in *b"\0\"\\,{}A0@ \xff" {
            let mut text = text.clone();
            text[at] = byte;
            if let Ok(review) = Review::parse(&text) {
                let answer = review.answer(false, |digests| Ok(decide(digests)));
                assert!(!answer.is_allowed(), "{}", String::from_utf8_lossy(&text));
            }
        }
    }
}
