//! The console as `bartizan up` serves it, over real connections.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    process::{Child, ChildStdout, Stdio},
    time::{Duration, Instant},
};

use crate::run::Place;

/// A console that runs, and what it printed until it was ready.
struct Up {
    child: Child,
    out: BufReader<ChildStdout>,
    printed: String,
    /// `127.0.0.1:PORT`
    authority: String,
    /// `/enter?token=…`
    link: String,
}

impl Up {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(&[&["up"], arguments].concat());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("output is piped"));
        // From here on dropping it ends the program.
        let mut up =
            Self { child, out, printed: String::new(), authority: String::new(), link: String::new() };
        loop {
            let mut line = String::new();
            assert_ne!(up.out.read_line(&mut line).expect("output is UTF-8"), 0, "it ended: {}", up.printed);
            if let Some(url) = line.strip_prefix("Console: http://") {
                let (authority, path) = url.trim().split_once('/').expect("a link has a path");
                authority.clone_into(&mut up.authority);
                up.link = format!("/{path}");
                return up;
            }
            up.printed.push_str(&line);
        }
    }

    /// Where the link in force is kept for a console on this port.
    fn link_file(&self, place: &Place) -> std::path::PathBuf {
        let port = self.authority.rsplit(':').next().expect("an address has a port");
        place.path(&format!("h/.bartizan/console-{port}.link"))
    }

    /// Sends a request and returns status, head and body.
    fn ask(&self, request: &str, headers: &str) -> (u16, String, String) {
        self.send(&self.authority, request, headers, "")
    }

    fn send(&self, host: &str, request: &str, headers: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.authority).expect("the console listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout can be set");
        write!(stream, "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n{body}")
            .expect("a request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer is UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status =
            head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("an answer has a status");
        (status, head.to_owned(), body.to_owned())
    }

    /// Comes in by a link and returns the cookie.
    fn enter(&self, link: &str) -> String {
        let (status, head, _) = self.ask(&format!("GET {link}"), "");
        assert_eq!(status, 303, "{head}");
        let cookie = head.lines().find_map(|line| {
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        });
        let (_, cookie) = cookie.expect("a session is a cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        format!("Cookie: {}\r\n", cookie.split(';').next().expect("a cookie has a value"))
    }

    /// Asks it to stop and returns the exit code.
    fn stop(&mut self) -> i32 {
        self.stop_by(rustix::process::Signal::INT)
    }

    fn stop_by(&mut self, signal: rustix::process::Signal) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it still runs");
        let mut rest = String::new();
        let _ = self.out.read_to_string(&mut rest);
        self.child.wait().expect("it can be waited for").code().unwrap_or(-1)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_newcomer_sees_the_example_in_a_browser() {
    let place = Place::new();
    let mut up = Up::start(&place, &["--listen", "127.0.0.1:0"]);
    assert!(up.printed.contains("This is an example"), "{}", up.printed);
    let cookie = up.enter(&up.link);
    let (status, head, page) = up.ask("GET /", &cookie);
    assert_eq!(status, 200, "{head}");
    let (before, _) = up.printed.split_once(" satisfied").expect("the verdict counts the controls");
    let satisfied = before.rsplit(' ').next().expect("a count stands before the word");
    assert!(page.contains(&format!("{satisfied} satisfied")), "{page}");
    assert!(head.contains("default-src 'none'"), "{head}");
    assert_eq!(up.stop(), 0);
}

#[test]
fn a_link_works_once_and_the_next_stands_in_a_file_of_the_owner() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let mut up = Up::start(&place, &["h", "--listen", "127.0.0.1:0"]);
    let file = up.link_file(&place);
    let first = std::fs::read_to_string(&file).expect("the link is kept");
    assert_eq!(first.trim(), format!("http://{}{}", up.authority, up.link));
    let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    up.enter(&up.link);
    assert_eq!(up.ask(&format!("GET {}", up.link), "").0, 403, "a used link");
    assert_eq!(up.ask("GET /enter?token=AAAA", "").0, 403, "a wrong link");
    let second = std::fs::read_to_string(&file).expect("the next link is kept");
    assert_ne!(second, first);
    let path = second.trim().split_once(&up.authority).expect("the same console").1.to_owned();
    let cookie = up.enter(&path);
    assert_eq!(up.ask("GET /api/v1/summary", &cookie).0, 200);
    assert_eq!(up.ask("GET /api/v1/summary", "").0, 401);
    assert_eq!(up.send("evil.example", "GET /", &cookie, "").0, 421);
    assert_eq!(up.stop(), 0);
    assert!(!file.exists(), "nobody can come in any more");
}

#[test]
fn a_check_that_is_started_from_the_page_is_recorded() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let mut up = Up::start(&place, &["h", "--listen", "127.0.0.1:0"]);
    let cookie = up.enter(&up.link);
    let head = |up: &Up| -> serde_json::Value {
        serde_json::from_str(&up.ask("GET /api/v1/log", &cookie).2).expect("the log answers")
    };
    let before = head(&up)["size"].as_u64().expect("a size");
    let (_, _, page) = up.ask("GET /", &cookie);
    let csrf =
        page.split_once("name=\"csrf\" value=\"").expect("a form").1.split('"').next().expect("a value");
    let body = format!("csrf={csrf}");
    let headers = format!(
        "{cookie}Origin: http://{}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        up.authority,
        body.len()
    );
    assert_eq!(up.send(&up.authority, "POST /run", &headers, &body).0, 303);
    let deadline = Instant::now() + Duration::from_mins(1);
    while head(&up)["size"].as_u64() == Some(before) {
        assert!(Instant::now() < deadline, "the check does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(up.stop(), 0);
}

#[test]
fn an_address_that_cannot_be_had_is_said_before_the_work() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has an address").to_string();
    let ran = place.run(&["up", "--listen", &address]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(&address) && ran.err.contains("--listen"), "{ran:?}");
    assert!(!place.path("bartizan-demo").exists());

    let ran = place.run(&["up", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("--origin"), "{ran:?}");
}

#[test]
fn two_consoles_over_one_project_keep_their_links_apart() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let mut one = Up::start(&place, &["h", "--listen", "127.0.0.1:0"]);
    let mut two = Up::start(&place, &["h", "--listen", "127.0.0.1:0"]);
    let (first, second) = (one.link_file(&place), two.link_file(&place));
    assert_ne!(first, second);
    for (up, file) in [(&one, &first), (&two, &second)] {
        let link = std::fs::read_to_string(file).expect("the link is kept");
        assert_eq!(link.trim(), format!("http://{}{}", up.authority, up.link));
        up.enter(&up.link);
    }
    assert_eq!(one.stop_by(rustix::process::Signal::TERM), 0);
    assert!(!first.exists() && second.exists());
    assert_eq!(two.stop_by(rustix::process::Signal::HUP), 0);
    assert!(!second.exists());
}

#[test]
fn the_link_leads_to_the_address_that_is_listened_on() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    for (address, host) in [("127.0.0.2:0", "127.0.0.2"), ("[::1]:0", "[::1]")] {
        if TcpListener::bind(address).is_err() {
            continue; // Not every machine has this address.
        }
        let mut up = Up::start(&place, &["h", "--listen", address]);
        assert!(up.authority.starts_with(&format!("{host}:")), "{}", up.authority);
        up.enter(&up.link);
        assert_eq!(up.stop(), 0);
    }
    let origin = "http://localhost:8443/";
    let mut up = Up::start(&place, &["h", "--listen", "127.0.0.1:0", "--origin", origin]);
    assert_eq!(up.authority, "localhost:8443", "what people use comes first");
    assert_eq!(up.stop(), 0);
    let ran = place.run(&["up", "h", "--listen", "127.0.0.1:0", "--origin", "https://b.example.com/path"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("without a path"), "{ran:?}");
}
