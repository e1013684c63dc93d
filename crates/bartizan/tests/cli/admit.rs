//! The admission webhook over real TLS, with decisions of a real gate.

mod webhook;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use self::webhook::{Client, Cluster, Webhook, answered, certificate, pod, review, subjects};
use crate::outside::Scene;

fn template(pod: &Value) -> Value {
    json!({ "kind": "Deployment", "spec": { "template": pod } })
}

fn cron(pod: &Value) -> Value {
    json!({ "spec": { "jobTemplate": { "spec": { "template": pod } } } })
}

/// A sound pod with one more container.
fn with(cluster: &Cluster, list: &str, image: &str) -> Value {
    let mut pod = Cluster::pod(&[cluster.model()]);
    pod["spec"][list] = json!([{ "name": "extra", "image": image }]);
    pod
}

/// Reviews of what runs with the project's decision.
fn let_in(cluster: &Cluster) -> Vec<(&'static str, Value)> {
    let model = cluster.model();
    let good = Cluster::pod(&[model]);
    let all: Vec<&str> = cluster.subjects.values().map(String::as_str).collect();
    let image = format!("registry.example/x@{model}");
    let create = |pod: &Value| review("CREATE", "Pod", pod);
    vec![
        ("an image", create(&good)),
        ("an update to it", review("UPDATE", "Pod", &good)),
        ("all subjects", create(&Cluster::pod(&all))),
        ("an image and a model", create(&pod(&[&image], Some(&format!("{model}, {model}"))))),
        ("a deployment", review("CREATE", "Deployment", &template(&good))),
        ("a cron job", review("CREATE", "CronJob", &cron(&good))),
        ("an init container", create(&with(cluster, "initContainers", &image))),
        ("deletion", review("DELETE", "Pod", &Value::Null)),
        ("a tunnel", review("CONNECT", "Pod", &json!({}))),
    ]
}

/// Reviews of what does not, each with a part of the reason.
fn kept_out(cluster: &Cluster) -> Vec<(&'static str, Value, &'static str)> {
    const UNDIGESTED: &str = "is not named by digest";
    const NOBODY: &str = "No decision that counts is about it";
    const NO_REVIEW: &str = "This is no AdmissionReview";
    let model = cluster.model();
    let other = format!("sha256:{}", "0".repeat(64));
    let (good, bad) = (Cluster::pod(&[model]), Cluster::pod(&[&other]));
    let image = format!("registry.example/x@{model}");
    let create = |pod: &Value| review("CREATE", "Pod", pod);
    let mounted = |annotation: &str| create(&pod(&[&image], Some(annotation)));
    let debugged = with(cluster, "ephemeralContainers", "sh");
    let saying = |field: &str, value: Value| {
        let mut review = create(&good);
        review[field] = value;
        review
    };
    vec![
        ("another image", create(&bad), NOBODY),
        ("an update to another", review("UPDATE", "Pod", &bad), NOBODY),
        ("a good and a bad image", create(&Cluster::pod(&[model, &other])), NOBODY),
        ("a tag", create(&pod(&["app:1"], None)), UNDIGESTED),
        ("a tag and a model", create(&pod(&["app:1"], Some(model))), UNDIGESTED),
        ("another mounted model", mounted(&other), "the annotation"),
        ("a wrong annotation", mounted("the model"), "which is no digest"),
        ("another init container", create(&with(cluster, "initContainers", "sh")), "init container `extra`"),
        ("a container to debug with", review("UPDATE", "Pod", &debugged), "ephemeral container `extra`"),
        ("a deployment of another", review("CREATE", "Deployment", &template(&bad)), NOBODY),
        ("a deployment without a template", review("CREATE", "Deployment", &good), "another kind"),
        (
            "a cron job of another shape",
            review("CREATE", "CronJob", &json!({})),
            "It has no spec.jobTemplate",
        ),
        ("a pod without containers", create(&pod(&[], None)), "It names no container"),
        ("no object", create(&Value::Null), "brings no object"),
        ("a kind without pods", review("CREATE", "ConfigMap", &json!({})), "is no kind whose pods are known"),
        ("an unknown operation", review("PATCH", "Pod", &good), "The operation `PATCH` is not known"),
        ("an older version", saying("apiVersion", json!("admission.k8s.io/v1beta1")), NO_REVIEW),
        ("another kind", saying("kind", json!("Pod")), NO_REVIEW),
        ("no kind", saying("kind", Value::Null), NO_REVIEW),
    ]
}

#[test]
fn a_cluster_runs_what_the_gate_allows_and_nothing_else() {
    let cluster = Cluster::new();
    let mut webhook = Webhook::start(&cluster);
    let client = Client::new(&webhook, &cluster.scene.place.path("tls.crt"), false);
    let good = Cluster::pod(&[cluster.model()]);
    let (allowed, denied) = (let_in(&cluster), kept_out(&cluster));
    for (what, review) in &allowed {
        let answer = client.judge(review);
        assert_eq!((&answer["allowed"], answer.get("warnings")), (&json!(true), None), "{what}: {answer:#}");
    }
    for (what, review, sentence) in &denied {
        let answer = client.judge(review);
        assert_eq!((&answer["allowed"], &answer["status"]["code"]), (&json!(false), &json!(403)), "{what}");
        let message = answer["status"]["message"].as_str().expect("a denial says why");
        assert!(message.contains(sentence), "{what}: {message}");
    }
    let told = fs::read_to_string(cluster.scene.place.path("stderr")).expect("talk is text");
    assert_eq!(
        told.lines().filter(|line| line.contains(" allows ") || line.contains(" denies ")).count(),
        allowed.len() + denied.len()
    );
    assert!(told.starts_with("bartizan: 1 decision counts\n"), "{told}");
    assert!(told.contains(" allows CREATE Pod prod/p uid 5cc0f9ab"), "{told}");

    // The folder is read anew each time: without decisions nothing runs, with them it does again.
    let folder = cluster.scene.place.path("decisions");
    let away = cluster.scene.place.path("away");
    fs::rename(&folder, &away).expect("a folder can be renamed");
    let gone = client.judge(&review("CREATE", "Pod", &good));
    assert!(
        gone["status"]["message"].as_str().expect("a denial says why").contains("cannot be judged"),
        "{gone}"
    );
    fs::create_dir(&folder).expect("a folder can be made");
    assert_eq!(client.judge(&review("CREATE", "Pod", &good))["allowed"], false);
    fs::remove_dir(&folder).expect("a folder can be removed");
    fs::rename(&away, &folder).expect("a folder can be renamed");
    assert_eq!(client.judge(&review("CREATE", "Pod", &good))["allowed"], true);
    assert_eq!(webhook.stop(), 0);
}

#[test]
fn whoever_connects_to_the_webhook_cannot_hold_it_up() {
    let cluster = Cluster::new();
    let mut webhook = Webhook::start(&cluster);
    let certificate_file = cluster.scene.place.path("tls.crt");
    let client = Client::new(&webhook, &certificate_file, false);
    let sound = review("CREATE", "Pod", &Cluster::pod(&[cluster.model()])).to_string();

    // Those who are slow: one says nothing, one stops in the handshake, one in the head, one in the body.
    let silent = TcpStream::connect(webhook.address).expect("it listens");
    let mut half = TcpStream::connect(webhook.address).expect("it listens");
    half.write_all(&[22, 3, 1]).expect("bytes can be sent");
    let mut head = client.connect();
    head.write_all(b"POST /admit HTTP/1.1\r\nHost: l").expect("bytes can be sent");
    let mut body = client.connect();
    body.write_all(
        b"POST /admit HTTP/1.1\r\nHost: l\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
    )
    .expect("bytes can be sent");
    let begun = Instant::now();

    // Fifty at once are each answered.
    let crowd: Vec<_> = (0..50)
        .map(|_| {
            let (client, sound) = (client.clone(), sound.clone());
            std::thread::spawn(move || client.post("/admit", "application/json", &sound))
        })
        .collect();
    for one in crowd {
        let (status, answer) = one.join().expect("nobody panics").expect("it answers");
        assert!(status == 200 && answer.contains("\"allowed\":true"), "{status} {answer}");
    }

    // What is asked in another way is told so, and never let through.
    let post = |path: &str, kind: &str, text: &str| client.post(path, kind, text).map(|(status, _)| status);
    assert_eq!(post("/admit", "application/json; charset=utf-8", &sound), Some(200));
    assert_eq!(post("/", "application/json", &sound), Some(404));
    assert_eq!(post("/admit/", "application/json", &sound), Some(404));
    assert_eq!(post("/admit", "text/plain", &sound), Some(415));
    for wrong in ["", "{", "[]", "{}", r#"{"request":{}}"#, r#"{"request":{"uid":""}}"#] {
        assert_eq!(post("/admit", "application/json", wrong), Some(400), "{wrong}");
    }
    let get = |path: &str| {
        client
            .raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
            .map(|(status, _)| status)
    };
    assert_eq!((get("/admit"), get("/healthz"), get("/nothing")), (Some(405), Some(200), Some(404)));
    assert_eq!(post("/healthz", "application/json", "{}"), Some(405));
    let long = format!("{{\"request\":{{\"uid\":\"1\"}},\"x\":\"{}\"}}", "x".repeat(1_100_000));
    assert!(matches!(post("/admit", "application/json", &long), None | Some(413)));
    let header = format!("GET /healthz HTTP/1.1\r\nHost: l\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    assert!(client.raw(header.as_bytes()).is_none_or(|(status, _)| status == 431));
    assert!(client.raw(b"\x00\xff\r\n\r\n").is_none_or(|(status, _)| status == 400));
    let two_lengths = "Content-Length: 2\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json";
    let smuggled = format!("POST /admit HTTP/1.1\r\nHost: l\r\n{two_lengths}\r\n\r\nzz\r\n");
    assert!(client.raw(smuggled.as_bytes()).is_none_or(|(status, _)| status == 400));

    // TLS 1.2 is spoken; plain HTTP is not.
    let older = Client::new(&webhook, &certificate_file, true);
    assert_eq!(older.post("/admit", "application/json", &sound).map(|(status, _)| status), Some(200));
    let mut plain = TcpStream::connect(webhook.address).expect("it listens");
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("bytes can be sent");
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1"), "{said:?}");

    // A new certificate is shown without a restart.
    certificate(&cluster.scene.place.path(""), "tls");
    std::thread::sleep(Duration::from_millis(1_200));
    let renewed = Client::new(&webhook, &certificate_file, false);
    assert_eq!(renewed.post("/admit", "application/json", &sound).map(|(status, _)| status), Some(200));
    assert_eq!(client.post("/admit", "application/json", &sound), None, "the old one is still shown");
    // One that cannot be used is not.
    fs::write(cluster.scene.place.path("tls.key"), "no key").expect("a file can be written");
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(renewed.post("/admit", "application/json", &sound).map(|(status, _)| status), Some(200));

    // Those who were slow have been sent away.
    for mut stream in [silent, half] {
        stream.set_read_timeout(Some(Duration::from_secs(25))).expect("a timeout can be set");
        assert!(stream.read_to_end(&mut Vec::new()).is_ok(), "a silent connection is held");
    }
    assert!(answered(&mut head).is_none_or(|(status, _)| status == 408));
    assert!(answered(&mut body).is_none_or(|(status, _)| status == 400));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!(webhook.stop(), 0);
}

#[test]
fn only_decisions_that_hold_open_anything() {
    let cluster = Cluster::new();
    let place = &cluster.scene.place;
    let good = Cluster::pod(&[cluster.model()]);
    assert_eq!(cluster.message(&good, &[]), "allowed");
    assert!(cluster.message(&good, &["--gate", "release"]).contains("it is a decision of the gate deploy"));
    // Another root, and no fingerprint at all.
    let review_text = review("CREATE", "Pod", &good).to_string();
    let stranger = [
        "gate",
        "admit",
        "--decisions",
        "decisions",
        "--root",
        "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];
    let mut command = place.command(&stranger);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("input is piped").write_all(review_text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"allowed\": false"));
    assert_eq!(place.run(&["gate", "admit", "--decisions", "decisions", "--root", "x"]).code, 2);
    // What is no review, or too long, is no answer.
    for wrong in ["", "{}", &format!("{{\"x\":\"{}\"}}", "x".repeat(1_100_000))] {
        let (code, out, _) = cluster.once(wrong, &[]);
        assert_eq!((code, out.as_str()), (2, ""));
    }

    // Mounted models alone.
    let mounted = pod(&["app:1"], Some(cluster.model()));
    assert!(cluster.message(&mounted, &[]).contains("is not named by digest"));
    assert_eq!(cluster.message(&mounted, &["--subjects-only"]), "allowed");
    assert!(cluster.message(&pod(&["app:1"], None), &["--subjects-only"]).contains("is not named by digest"));

    // Files that hold no decision do not open and do not shut anything.
    let file = place.path("decisions/deploy.decision");
    let sound = fs::read_to_string(&file).expect("a decision is text");
    fs::write(place.path("decisions/aaa"), "no decision").expect("a file can be written");
    fs::create_dir(place.path("decisions/folder")).expect("a folder can be made");
    assert_eq!(cluster.message(&good, &[]), "allowed");
    for (from, to) in [
        ("\"payload\": \"ey", "\"payload\": \"eX"),
        ("gate-pass/v1", "gate-pass/v2"),
        ("serial = 1", "serial = 2"),
    ] {
        let altered = sound.replace(from, to);
        assert_ne!(altered, sound, "{from}");
        fs::write(&file, altered).expect("a file can be written");
        assert!(cluster.message(&good, &[]).contains("deploy.decision does not count"), "{from}");
    }
    // As Kubernetes mounts it: links to a folder that begins with dots. One that leads out does not count.
    fs::remove_file(&file).expect("a file can be removed");
    place.write("decisions/..2026/deploy.decision", &sound);
    std::os::unix::fs::symlink("..2026/deploy.decision", &file).expect("a link can be made");
    assert_eq!(cluster.message(&good, &[]), "allowed");
    place.write("elsewhere/deploy.decision", &sound);
    fs::remove_file(&file).expect("a file can be removed");
    std::os::unix::fs::symlink("../elsewhere/deploy.decision", &file).expect("a link can be made");
    assert_ne!(cluster.message(&good, &[]), "allowed");
    fs::remove_file(&file).expect("a file can be removed");
    fs::write(&file, &sound).expect("a file can be written");
    assert_eq!(cluster.message(&good, &[]), "allowed");

    // A key that decided is revoked: a newer trust file beside the old decision ends it.
    let key = cluster.scene.run(&["trust", "show"], 0).out;
    let key = key.lines().find(|line| line.starts_with("local ")).expect("the collector is listed");
    let key = key.split_whitespace().last().expect("a collector has a key").to_owned();
    cluster.scene.run(&["trust", "revoke", &key, "--reason", "the machine was taken over"], 0);
    assert_eq!(cluster.message(&good, &[]), "allowed");
    cluster.scene.run(&["trust", "export", "../decisions/trust.json"], 0);
    assert!(cluster.message(&good, &[]).contains("revoked"), "{}", cluster.message(&good, &[]));

    // More files than are read: nothing is judged.
    for n in 0..1_001 {
        fs::write(place.path(&format!("decisions/{n}")), "").expect("a file can be written");
    }
    assert!(cluster.message(&good, &[]).contains("more than 1000 files"), "{}", cluster.message(&good, &[]));
}

#[test]
fn a_refusal_takes_the_place_of_what_was_allowed_before() {
    let cluster = Cluster::new();
    let good = Cluster::pod(&[cluster.model()]);
    assert_eq!(cluster.message(&good, &[]), "allowed");
    // What the gate rests on is weakened, and it is asked again about the same bytes.
    let config = cluster.scene.place.path("helpdesk/.mcp.json");
    fs::write(&config, "{\"mcpServers\": ").expect("a file can be written");
    cluster.scene.run(&["check", "--quiet"], 4);
    cluster.scene.run(&["gate", "deploy", "--export", "../decisions/again.decision"], 1);
    assert!(cluster.message(&good, &[]).contains("the gate did not allow it"));
    // And once more when it is mended, whatever the files are called.
    fs::remove_file(&config).expect("a file can be removed");
    cluster.scene.run(&["check", "--quiet"], 0);
    cluster.scene.run(&["gate", "deploy", "--export", "../decisions/a.decision"], 0);
    assert_eq!(cluster.message(&good, &[]), "allowed");
}

#[test]
fn a_break_glass_is_warned_of() {
    let scene = Scene::new();
    for person in ["mira", "tomas"] {
        scene.run_in("", &["key", "make", &format!("{person}.key")], 0);
        scene.run(&["trust", "add", &format!("{person}@example.com"), &format!("../{person}.key.pub")], 0);
    }
    let asked = scene.run(
        &[
            "exception",
            "add",
            "--break-glass",
            "deploy",
            "--lasts",
            "2h",
            "--reason",
            "outage",
            "--owner",
            "oncall",
            "--key",
            "../mira.key",
        ],
        0,
    );
    let id = asked.out.split_once("exception approve ").expect("the next step is told").1;
    let id = id.split_whitespace().next().expect("a request has an id").to_owned();
    scene.run(&["exception", "approve", &id, "--key", "../tomas.key"], 0);
    fs::create_dir(scene.place.path("decisions")).expect("a folder can be made");
    scene.run(&["gate", "deploy", "--export", "../decisions/deploy.decision"], 0);
    let subjects = subjects(&scene.place.path("decisions/deploy.decision"));
    let cluster = Cluster { root: scene.root(), scene, subjects };
    let (code, out, err) =
        cluster.once(&review("CREATE", "Pod", &Cluster::pod(&[cluster.model()])).to_string(), &[]);
    let answer: Value = serde_json::from_str(&out).expect("an answer is JSON");
    let warnings = answer["response"]["warnings"].as_array().expect("there is a warning");
    assert_eq!((code, warnings.len()), (0, 1), "{answer:#}");
    let warning = warnings[0].as_str().expect("a warning is text");
    assert!(warning.contains("by the break-glass") && warning.chars().count() <= 256, "{warning}");
    assert!(err.contains("; by break-glass"), "{err}");
}
