//! A console that listens, and a client that says exactly what a test wants said.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use bartizan_console::{Console, Limits, Options, Origin};
use tokio::sync::oneshot;

use crate::{
    host::{Check, FakeHost},
    reports::{SMALL, report},
};

/// No answer takes as long as this, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The console of one test.
pub(crate) struct Server {
    pub(crate) host: Arc<FakeHost>,
    pub(crate) console: Console,
    pub(crate) address: SocketAddr,
    /// What `Host` says unless a test says otherwise.
    pub(crate) authority: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Short enough for a test that runs into them.
pub(crate) fn limits() -> Limits {
    Limits {
        connections: 64,
        head: Duration::from_secs(5),
        body: Duration::from_millis(300),
        beat: Duration::from_millis(200),
        farewell: Duration::from_secs(2),
        ..Limits::default()
    }
}

impl Server {
    /// With a report, and checks that go in this way.
    pub(crate) fn new(check: Check) -> Self {
        let server = Self::with(check, limits(), &[]);
        server.console.show(report(SMALL));
        server
    }

    /// Without a report, with other limits, and with origins before those of this machine.
    pub(crate) fn with(check: Check, limits: Limits, origins: &[&str]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let host = Arc::new(FakeHost::new(check));
        let mut all: Vec<Origin> = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        all.extend(Origin::loopback(address.port()));
        let options = Options { origins: all, idle: Duration::from_hours(1) };
        let console = Console::with_limits(host.clone(), options, limits).unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = console.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stop = async move {
                    let _ = stopped.await;
                };
                served.serve(listener, stop).await.unwrap();
            });
            // A check that hears nothing would hold the runtime's end up otherwise.
            runtime.shutdown_background();
        });
        let authority = address.to_string();
        Self { host, console, address, authority, stop: Some(stop), thread: Some(thread) }
    }

    /// Asks for the end and waits for it.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends these bytes and takes what comes until the connection ends.
    pub(crate) fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that has heard enough may not listen to the end.
        let _ = stream.write_all(request);
        Answer::read(&mut stream)
    }

    pub(crate) fn get<'a>(&'a self, path: &'a str) -> Request<'a> {
        self.request("GET", path)
    }

    pub(crate) fn request<'a>(&'a self, method: &'a str, path: &'a str) -> Request<'a> {
        Request {
            server: self,
            method,
            path,
            host: Some(&self.authority),
            headers: String::new(),
            body: Vec::new(),
        }
    }

    /// The path of the one-time link in force.
    pub(crate) fn way_in(&self) -> String {
        let link = self.console.link();
        let (_, path) = link.split_once("/enter").unwrap();
        format!("/enter{path}")
    }

    /// Comes in.
    pub(crate) fn enter(&self) -> Visitor<'_> {
        let answer = self.get(&self.way_in()).send();
        assert_eq!(answer.status, 303, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let answer = self.get("/api/v1/runs").with("cookie", &cookie).send();
        assert_eq!(answer.status, 200, "{answer:?}");
        let csrf = answer.header("x-csrf-token").unwrap().to_owned();
        Visitor { server: self, cookie, csrf }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.host.go.store(true, std::sync::atomic::Ordering::SeqCst);
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking(), "the server has panicked");
        }
    }
}

/// Somebody who came in.
pub(crate) struct Visitor<'a> {
    server: &'a Server,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl<'a> Visitor<'a> {
    pub(crate) fn get(&self, path: &'a str) -> Request<'a> {
        self.server.get(path).with("cookie", &self.cookie)
    }

    /// As our own pages send it.
    pub(crate) fn request(&self, method: &'a str, path: &'a str) -> Request<'a> {
        let origin = format!("http://{}", self.server.authority);
        let request = self.server.request(method, path).with("cookie", &self.cookie);
        request.with("origin", &origin).with("sec-fetch-site", "same-origin")
    }

    /// The same with its proof.
    pub(crate) fn post(&self, path: &'a str) -> Request<'a> {
        self.request("POST", path).form(&format!("csrf={}", self.csrf))
    }

    pub(crate) fn json(&self, path: &'a str) -> serde_json::Value {
        let answer = self.get(path).send();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Waits until a run has ended.
    pub(crate) fn generation(&self, generation: u64) -> serde_json::Value {
        loop {
            let run = self.json("/api/v1/runs");
            if run["generation"].as_u64() >= Some(generation) && run["running"].is_null() {
                return run;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

pub(crate) struct Request<'a> {
    server: &'a Server,
    method: &'a str,
    path: &'a str,
    host: Option<&'a str>,
    headers: String,
    body: Vec<u8>,
}

impl<'a> Request<'a> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        write!(self.headers, "{name}: {value}\r\n").unwrap();
        self
    }

    pub(crate) fn host(mut self, host: Option<&'a str>) -> Self {
        self.host = host;
        self
    }

    pub(crate) fn form(self, body: &str) -> Self {
        let length = body.len().to_string();
        let mut request =
            self.with("content-type", "application/x-www-form-urlencoded").with("content-length", &length);
        body.as_bytes().clone_into(&mut request.body);
        request
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let host = self.host.map(|host| format!("host: {host}\r\n")).unwrap_or_default();
        let head = format!("{} {} HTTP/1.1\r\n{host}{}\r\n", self.method, self.path, self.headers);
        [head.as_bytes(), &self.body].concat()
    }

    pub(crate) fn send(self) -> Answer {
        let request = self.with("connection", "close");
        request.server.raw(&request.bytes())
    }

    /// Sends it and leaves the connection open.
    pub(crate) fn open(self) -> Events {
        let mut stream = self.server.connect();
        stream.write_all(&self.bytes()).unwrap();
        Events { stream, text: String::new() }
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, self.text())
    }
}

impl Answer {
    fn read(stream: &mut TcpStream) -> Self {
        let mut all = Vec::new();
        let mut part = [0; 16 * 1024];
        // A reset after the answer is an end too: the server may close before it has read everything.
        while let Ok(read @ 1..) = stream.read(&mut part) {
            all.extend_from_slice(&part[..read]);
        }
        Self::parse(&all)
    }

    fn parse(all: &[u8]) -> Self {
        let Some(end) = all.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            return Self { status: 0, headers: Vec::new(), body: all.to_owned() };
        };
        let head = std::str::from_utf8(&all[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let pairs = lines.map(|line| line.split_once(':').unwrap());
        let headers: Vec<_> =
            pairs.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
        Self { status, headers, body: all[end + 4..].to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name);
        let first = values.next();
        assert!(values.next().is_none(), "{name} stands twice");
        first.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A live stream.
pub(crate) struct Events {
    stream: TcpStream,
    text: String,
}

impl Events {
    /// The next line that starts with `start`; nothing if the stream ends before.
    pub(crate) fn line(&mut self, start: &str) -> Option<String> {
        let mut part = [0; 1024];
        loop {
            while let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.trim_end().to_owned(), rest.to_owned());
                self.text = rest;
                if line.starts_with(start) {
                    return Some(line);
                }
            }
            match self.stream.read(&mut part) {
                Ok(read @ 1..) => self.text.push_str(std::str::from_utf8(&part[..read]).unwrap()),
                _ => return None,
            }
        }
    }

    /// The next event and its data.
    pub(crate) fn event(&mut self) -> Option<(String, serde_json::Value)> {
        let name = self.line("event: ")?;
        let data = self.line("data: ")?;
        let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        Some((name.strip_prefix("event: ").unwrap().to_owned(), data))
    }
}
