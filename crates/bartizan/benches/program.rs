//! What a user waits for: `cargo xtask bench program`.

#![expect(clippy::disallowed_methods, reason = "a bench of the program starts it")]

use std::{
    error::Error,
    io::{BufRead, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use bartizan_measure::{Clock, Figure, interleave, peak_memory_of_children};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let run = |arguments: &[&str]| run(folder.path(), arguments);

    let [version] = interleave(Clock::Wall, 31, [&mut || run(&["--version"])])?;
    version.milliseconds("bartizan --version").at_most(20.0).print();

    let (cold, outcome) = Clock::Wall.time(|| {
        run(&["demo", "helpdesk", "helpdesk"])?;
        run(&["check", "helpdesk", "--quiet"])
    });
    outcome?;
    Figure::new("write the helpdesk and check it", cold.as_secs_f64(), "s", 1).print();
    let [warm] = interleave(Clock::Wall, 15, [&mut || run(&["check", "helpdesk", "--quiet"])])?;
    warm.seconds("check the helpdesk again").at_most(2.0).print();
    let most = peak_memory_of_children() as f64 / 1e6;
    Figure::new("peak memory of any of these", most, "MB", 1).at_most(200.0).print();

    let mut seen = Vec::new();
    let mut idle = Vec::new();
    for number in 0..5 {
        let place = folder.path().join(format!("up-{number}"));
        std::fs::create_dir(&place)?;
        let (seconds, megabytes) = console(&place)?;
        seen.push(seconds);
        idle.push(megabytes);
    }
    Figure::new("up in an empty folder, until the page shows the check", median(&mut seen), "s", 5)
        .at_most(5.0)
        .print();
    Figure::new("memory of the idle console", median(&mut idle), "MB", 5).at_most(60.0).print();
    Ok(())
}

/// Starts the console on an example of its own, comes in and reads the first page. Returns after how many seconds the
/// page was there, and how much memory the console holds (RSS, in MB) when it has been idle for a while.
fn console(place: &Path) -> Result<(f64, f64), Box<dyn Error>> {
    let (mut child, mut authority, mut cookie) = (None, String::new(), String::new());
    let (seen, outcome) = Clock::Wall.time(|| -> Result<(), Box<dyn Error>> {
        let mut up = Command::new(env!("CARGO_BIN_EXE_bartizan"))
            .args(["up", "--listen", "127.0.0.1:0"])
            .current_dir(place)
            .env_clear()
            .env("XDG_STATE_HOME", place.join("state-home"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let out = BufReader::new(up.stdout.take().ok_or("output is piped")?);
        child = Some((up, out));
        let (_, out) = child.as_mut().ok_or("it was started")?;
        let link = link(out)?;
        let (host, path) = link.split_once('/').ok_or("a link has a path")?;
        host.clone_into(&mut authority);
        let entered = ask(&authority, &format!("/{path}"), "")?;
        let set = entered.lines().find(|line| line.to_lowercase().starts_with("set-cookie"));
        let value = set.and_then(|line| line.split_once(": ")).ok_or("a session is a cookie")?.1;
        value.split(';').next().ok_or("a cookie has a value")?.clone_into(&mut cookie);
        let page = ask(&authority, "/", &format!("Cookie: {cookie}\r\n"))?;
        if page.contains("helpdesk") { Ok(()) } else { Err("the page does not show the project".into()) }
    });
    outcome?;
    for path in ["/threats", "/findings", "/controls", "/evidence", "/project", "/reports/html"] {
        ask(&authority, path, &format!("Cookie: {cookie}\r\n"))?;
    }
    std::thread::sleep(Duration::from_secs(5));
    let (mut up, _) = child.ok_or("it was started")?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", up.id()))?;
    up.kill()?;
    up.wait()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok((seen.as_secs_f64(), kilobytes.ok_or("the kernel tells the size")?.parse::<f64>()? / 1e3))
}

/// Host and path of the link that the program prints when the console is ready.
fn link(out: &mut impl BufRead) -> Result<String, Box<dyn Error>> {
    for line in out.lines() {
        if let Some(link) = line?.strip_prefix("Console: http://") {
            return Ok(link.trim().to_owned());
        }
    }
    Err("the console did not start".into())
}

fn ask(authority: &str, path: &str, headers: &str) -> Result<String, Box<dyn Error>> {
    let mut stream = TcpStream::connect(authority)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Runs the program to its end. Any other exit than 0 is an error.
fn run(folder: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env!("CARGO_BIN_EXE_bartizan"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("XDG_STATE_HOME", folder.join("state-home"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`bartizan {}`: {status}", arguments.join(" ")).into())
    }
}
