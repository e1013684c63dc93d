//! `chromedriver` and how one talks to it: W3C `WebDriver`, which is JSON over HTTP.
//!
//! The protocol as used here is one request with one answer on a connection of its own, which takes a page of code and
//! leaves the tests without a runtime. A client library (fantoccini 0.22) would bring 35 more packages to every build
//! of the tests, a dozen of them second versions of what is there and one under a licence that `deny.toml` refuses.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::place::judge;

/// The longest that any one request may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running `chromedriver`; it ends with this value.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(judge().join("chromedriver"))
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            line.strip_suffix('.')?.rsplit_once("started successfully on port ")?.1.parse().ok()
        });
        let port = port.expect("chromedriver says its port");
        Self { process, port }
    }

    /// Asks for something that has to work.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.attempt(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Asks for something that may be refused. The error begins with the word of `WebDriver` for it.
    pub(crate) fn attempt(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let (status, answer) = exchange(self.port, method, path, &body).map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        if status == 200 {
            return Ok(answer["value"].clone());
        }
        let said = |name: &str| answer["value"][name].as_str().unwrap_or_default().to_owned();
        Err(format!("{}: {}", said("error"), said("message").lines().next().unwrap_or_default()))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browser was closed with its session; a driver that is gone already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn exchange(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default();
    let mut length = None;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let mut answer = Vec::new();
    reader.take(length.unwrap_or(u64::MAX)).read_to_end(&mut answer)?;
    Ok((status, answer))
}
