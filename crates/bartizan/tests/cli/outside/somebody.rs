//! An authority, a witness, and whoever else answers over HTTP.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use bartizan_attest::{Note, NoteName, NoteVerifier, SigningKey, Witness, cosign};
use bartizan_finding::{Digest, Timestamp};
use bartizan_ledger::merkle::{empty_root, verify_consistency};
use base64::{Engine as _, engine::general_purpose::STANDARD};

pub(super) fn openssl(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output();
    output.expect("the openssl command is installed").status.success()
}

/// What somebody answers over HTTP.
#[derive(Clone)]
pub(super) enum Reply {
    Full(u16, &'static str, Vec<u8>),
    Redirect(String),
    /// The connection ends in the middle of the answer.
    Cut,
}

impl Reply {
    pub(super) fn text(status: u16, text: &str) -> Self {
        Self::Full(status, "text/plain", text.as_bytes().to_vec())
    }
}

/// Somebody who is asked over HTTP, on a port of this machine, for as long as the test runs.
pub(super) struct Service {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Service {
    pub(super) fn start(answer: impl Fn(&str, &[u8]) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = serve(stream.expect("somebody connects"), &answer, &noted);
            }
        });
        Self { url, asked }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

fn serve(
    stream: TcpStream,
    answer: &impl Fn(&str, &[u8]) -> Reply,
    noted: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut reader = BufReader::new(stream);
    let (mut request, mut kind, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut request)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().expect("a length is a number"),
            "content-type" => value.trim().clone_into(&mut kind),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let line = request.rsplit_once(' ').map_or("", |(line, _)| line).to_owned();
    noted.lock().expect("nobody panics with it").push(format!("{line} {kind}"));
    let mut stream = reader.into_inner();
    match answer(&line, &body) {
        Reply::Full(status, kind, body) => {
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            )?;
            stream.write_all(&body)
        }
        Reply::Redirect(to) => write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        Reply::Cut => write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhalf"),
    }
}

/// An authority made with `openssl`, in a folder of its own.
pub(super) struct Authority {
    pub(super) folder: tempfile::TempDir,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let authority = Self { folder: tempfile::tempdir().expect("a temporary folder can be made") };
        let folder = authority.folder.path();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("the folder is ours");
        write(
            "usage.cnf",
            "extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n",
        );
        write("serial", "01\n");
        let section = |name: &str, digests: &str| {
            format!(
                "[{name}]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = {digests}\n"
            )
        };
        write("ts.cnf", &format!("{}{}", section("tsa", "sha256"), section("picky", "sha512")));
        let subject = format!("/CN={name}");
        let key =
            ["req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", &subject];
        let root = [&key[..], &["-x509", "-days", "3", "-keyout", "root.key", "-out", "root.pem"]].concat();
        let signer = [&key[..], &["-keyout", "tsa.key", "-out", "tsa.csr"]].concat();
        let certified = "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 7 -days 3 -extfile usage.cnf -out tsa.pem";
        for made in [&root[..], &signer, &certified.split(' ').collect::<Vec<_>>()] {
            assert!(openssl(folder, made), "{made:?}");
        }
        authority
    }

    pub(super) fn certificate(&self) -> String {
        self.folder.path().join("root.pem").to_string_lossy().into_owned()
    }

    /// The answer to a request; `picky` refuses every one of ours.
    pub(super) fn answer(folder: &Path, section: &str, request: &[u8]) -> Vec<u8> {
        fs::write(folder.join("request.tsq"), request).expect("the folder is ours");
        // A refusal is an answer, too, with another exit code.
        openssl(
            folder,
            &[
                "ts",
                "-reply",
                "-config",
                "ts.cnf",
                "-section",
                section,
                "-queryfile",
                "request.tsq",
                "-out",
                "response.tsr",
            ],
        );
        fs::read(folder.join("response.tsr")).expect("openssl wrote it just now")
    }

    pub(super) fn serve(&self, section: &'static str) -> Service {
        let folder = self.folder.path().to_owned();
        Service::start(move |_, request| {
            Reply::Full(200, "application/timestamp-reply", Self::answer(&folder, section, request))
        })
    }
}

/// The logs that a witness knows, each with the size and root that it saw last.
type Logs = BTreeMap<String, (NoteVerifier, u64, Digest)>;

/// A witness (<https://c2sp.org/tlog-witness>).
#[derive(Clone)]
pub(super) struct Seer {
    pub(super) name: NoteName,
    pub(super) key: Arc<SigningKey>,
    logs: Arc<Mutex<Logs>>,
}

impl Seer {
    pub(super) fn new(name: &str, seed: u8, logs: &[NoteVerifier]) -> Self {
        let one = |log: &NoteVerifier| (log.name().to_string(), (log.clone(), 0, empty_root()));
        Self {
            name: name.parse().expect("it is a name"),
            key: Arc::new(SigningKey::from_seed([seed; 32])),
            logs: Arc::new(Mutex::new(logs.iter().map(one).collect())),
        }
    }

    pub(super) fn vkey(&self) -> String {
        Witness::new(self.name.clone(), self.key.verifying_key()).to_string()
    }

    pub(super) fn line(&self, text: &str) -> String {
        cosign(text, &self.name, &self.key, now()).expect("it is a checkpoint").to_string()
    }

    /// A checkpoint with its cosignature, as one who carries files brings it.
    pub(super) fn carried(&self, checkpoint: &[u8]) -> String {
        let mut note = Note::parse(checkpoint).expect("it is a note");
        note.push(cosign(note.text(), &self.name, &self.key, now()).expect("it is a checkpoint"));
        note.to_string()
    }

    pub(super) fn serve(&self) -> Service {
        let seer = self.clone();
        Service::start(move |line, body| match line {
            "POST /add-checkpoint" => seer.add_checkpoint(body),
            _ => Reply::text(404, "nothing here"),
        })
    }

    fn add_checkpoint(&self, body: &[u8]) -> Reply {
        let refused = |status| Reply::text(status, "refused");
        let Some((old, proof, checkpoint)) = parsed(body) else { return refused(400) };
        let Ok(note) = Note::parse(checkpoint.as_bytes()) else { return refused(400) };
        let mut lines = note.text().lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return refused(400);
        };
        let mut logs = self.logs.lock().expect("nobody panics with it");
        let Some((log, seen, seen_root)) = logs.get_mut(origin) else { return refused(404) };
        if note.verify(std::slice::from_ref(log)).is_err() {
            return refused(403);
        }
        let size: u64 = size.parse().expect("the log signs numbers");
        let root = Digest::from_bytes(STANDARD.decode(root).expect("base64").try_into().expect("32 bytes"));
        if old > size {
            return refused(400);
        }
        if old != *seen || (old == size && root != *seen_root) {
            return Reply::Full(409, "text/x.tlog.size", format!("{seen}\n").into_bytes());
        }
        if verify_consistency(old, seen_root, size, &root, &proof).is_err() {
            return refused(422);
        }
        (*seen, *seen_root) = (size, root);
        Reply::text(200, &format!("{}\n", self.line(note.text())))
    }
}

/// The size that is named, the proof and the checkpoint of a request.
fn parsed(body: &[u8]) -> Option<(u64, Vec<Digest>, &str)> {
    let (head, checkpoint) = std::str::from_utf8(body).ok()?.split_once("\n\n")?;
    let mut lines = head.lines();
    let old = lines.next()?.strip_prefix("old ")?.parse().ok()?;
    let hash = |line: &str| Some(Digest::from_bytes(STANDARD.decode(line).ok()?.try_into().ok()?));
    let proof: Vec<_> = lines.map(hash).collect::<Option<_>>()?;
    (proof.len() <= 63).then_some((old, proof, checkpoint))
}

pub(super) fn now() -> Timestamp {
    Timestamp::now()
}
