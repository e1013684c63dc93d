//! The webhook while it runs, somebody who asks it, and what lies behind it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};

use crate::outside::Scene;

/// A project whose deploy gate allows it, with what was handed on in a folder of that name.
pub(super) struct Cluster {
    pub(super) scene: Scene,
    pub(super) root: String,
    /// What the decision is about, by name.
    pub(super) subjects: BTreeMap<String, String>,
}

impl Cluster {
    pub(super) fn new() -> Self {
        let scene = Scene::new();
        scene.run(&["check", "--quiet"], 0);
        fs::create_dir(scene.place.path("decisions")).expect("a folder can be made");
        scene.run(&["gate", "deploy", "--export", "../decisions/deploy.decision"], 0);
        let subjects = subjects(&scene.place.path("decisions/deploy.decision"));
        Self { root: scene.root(), scene, subjects }
    }

    /// The model, as something to run.
    pub(super) fn model(&self) -> &str {
        &self.subjects["assistant"]
    }

    /// A pod with images of these digests.
    pub(super) fn pod(digests: &[&str]) -> Value {
        let images: Vec<_> = digests.iter().map(|digest| format!("registry.example/x@{digest}")).collect();
        pod(&images.iter().map(String::as_str).collect::<Vec<_>>(), None)
    }

    /// Answers one review from standard input; the exit code and the answer.
    pub(super) fn once(&self, review: &str, more: &[&str]) -> (i32, String, String) {
        let arguments = [&["gate", "admit", "--decisions", "decisions", "--root", &self.root], more].concat();
        let mut command = self.scene.place.command(&arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // Whoever refuses a long review does not read it all.
        let _ = child.stdin.take().expect("input is piped").write_all(review.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("it is UTF-8");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    pub(super) fn message(&self, pod: &Value, more: &[&str]) -> String {
        let (code, out, err) = self.once(&review("CREATE", "Pod", pod).to_string(), more);
        let answer: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {err}"));
        let allowed = answer["response"]["allowed"].as_bool().expect("the answer decides");
        assert_eq!(code, i32::from(!allowed), "{answer:#}");
        if allowed {
            "allowed".to_owned()
        } else {
            answer["response"]["status"]["message"].as_str().expect("a denial says why").to_owned()
        }
    }
}

pub(super) fn subjects(decision: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(decision).expect("a decision is text");
    let pass: Value = serde_json::from_str(&text).expect("a decision is JSON");
    let payload = pass["decision"]["payload"].as_str().expect("an envelope has a payload");
    let payload = STANDARD.decode(payload).expect("the payload is base64");
    let statement: Value = serde_json::from_slice(&payload).expect("a statement is JSON");
    let rows = statement["subject"].as_array().expect("subjects are a list");
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    rows.iter()
        .map(|row| (text(&row["name"]), format!("sha256:{}", text(&row["digest"]["sha256"]))))
        .collect()
}

pub(super) fn pod(images: &[&str], annotation: Option<&str>) -> Value {
    let containers: Vec<_> = images.iter().map(|image| json!({ "name": "app", "image": image })).collect();
    let annotations = annotation.map_or(json!({}), |text| json!({ "bartizan.dev/subjects": text }));
    json!({ "kind": "Pod", "metadata": { "name": "p", "annotations": annotations }, "spec": { "containers": containers } })
}

pub(super) fn review(operation: &str, kind: &str, object: &Value) -> Value {
    let group = match kind {
        "Deployment" => "apps",
        "CronJob" => "batch",
        _ => "",
    };
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "5cc0f9ab-2ff7-4ce7-9bc1-4d7b3b3b3f01",
            "kind": { "group": group, "version": "v1", "kind": kind },
            "operation": operation, "namespace": "prod", "name": "p", "object": object,
        }
    })
}

/// A certificate for `localhost` that signs itself.
pub(super) fn certificate(folder: &Path, name: &str) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args([
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-days",
            "3",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")])
        .output();
    assert!(made.expect("the openssl command is installed").status.success());
}

/// The webhook, while it runs.
pub(super) struct Webhook {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(super) address: SocketAddr,
}

impl Webhook {
    pub(super) fn start(cluster: &Cluster) -> Self {
        let place = &cluster.scene.place;
        certificate(&place.path(""), "tls");
        let mut command = place.command(&[
            "gate",
            "admit",
            "--decisions",
            "decisions",
            "--root",
            &cluster.root,
            "--listen",
            "127.0.0.1:0",
            "--tls-certificate",
            "tls.crt",
            "--tls-key",
            "tls.key",
        ]);
        let errors = fs::File::create(place.path("stderr")).expect("a file can be made");
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("output is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("output is UTF-8");
        let address = line.split_once("https://").and_then(|(_, rest)| rest.trim().strip_suffix("/admit"));
        let address =
            address.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("no address: {line}"));
        Self { child, out, address }
    }

    pub(super) fn stop(&mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it still runs");
        let mut rest = String::new();
        let _ = self.out.read_to_string(&mut rest);
        self.child.wait().expect("it can be waited for").code().unwrap_or(-1)
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who believes one certificate.
#[derive(Clone)]
pub(super) struct Client {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

pub(super) type Stream = StreamOwned<ClientConnection, TcpStream>;

impl Client {
    pub(super) fn new(webhook: &Webhook, certificate: &Path, only_tls12: bool) -> Self {
        let mut roots = RootCertStore::empty();
        let der = CertificateDer::from_pem_file(certificate).expect("openssl made a certificate");
        roots.add(der).expect("it can be believed");
        let versions = if only_tls12 { &[&TLS12][..] } else { &[&TLS13][..] };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("ring knows both")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { address: webhook.address, config: Arc::new(config) }
    }

    pub(super) fn connect(&self) -> Stream {
        let name = "localhost".try_into().expect("it is a name");
        let connection = ClientConnection::new(Arc::clone(&self.config), name).expect("the name is one");
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout can be set");
        StreamOwned::new(connection, stream)
    }

    /// Sends a request as it is and returns status and body; `None` where the connection ends without an answer.
    pub(super) fn raw(&self, request: &[u8]) -> Option<(u16, String)> {
        let mut stream = self.connect();
        let _ = stream.write_all(request);
        answered(&mut stream)
    }

    pub(super) fn post(&self, path: &str, kind: &str, body: &str) -> Option<(u16, String)> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body.as_bytes()].concat())
    }

    pub(super) fn judge(&self, review: &Value) -> Value {
        let (status, body) =
            self.post("/admit", "application/json", &review.to_string()).expect("it answers");
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).expect("an answer is JSON");
        assert_eq!(answer["apiVersion"], "admission.k8s.io/v1");
        assert_eq!(answer["kind"], "AdmissionReview");
        assert_eq!(answer["response"]["uid"], review["request"]["uid"]);
        answer["response"].clone()
    }
}

pub(super) fn answered(stream: &mut Stream) -> Option<(u16, String)> {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).expect("an answer is text");
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
