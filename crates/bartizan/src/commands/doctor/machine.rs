//! The machine: program, terminal, port of the console, memory of heads, clock, disk.

use std::{
    io::{self, IsTerminal as _},
    net::{SocketAddr, TcpListener},
    path::Path,
};

use bartizan_engine::registry;
use bartizan_finding::Timestamp;
use jiff::Unit;

use super::{Line, chain};
use crate::{arguments::Global, environment::Environment, output};

/// With less free space a batch of statements may not find room.
const TOO_LITTLE: u64 = 16 << 20;

/// With less free space the log of a busy project can run out of room within weeks.
const LITTLE: u64 = 1 << 30;

/// No honest clock is before the year in which this version was made.
const MADE: &str = "2026-01-01T00:00:00Z";

pub(super) fn version() -> Line {
    let sets: Vec<_> = registry::rule_sets()
        .into_iter()
        .map(|(name, version)| format!("{} {version}", name.trim_start_matches("bartizan-")))
        .collect();
    Line::good("version", format!("bartizan {}; rule sets: {}", crate::commands::VERSION, sets.join(", ")))
}

pub(super) fn terminal(global: &Global, environment: &Environment) -> Line {
    let colour = if output::colour(global, environment) { "with colour" } else { "without colour" };
    let says = match (io::stdout().is_terminal(), environment.columns) {
        (true, Some(columns)) => format!("standard output is a terminal of {columns} columns, {colour}"),
        (true, None) => format!("standard output is a terminal that does not tell its width, {colour}"),
        (false, _) => format!("standard output is not a terminal; results are written {colour}"),
    };
    Line::good("terminal", says)
}

/// Whether `bartizan up` could serve its console. Nothing is sent, and the port is given back at once.
pub(super) fn console(address: SocketAddr) -> Line {
    match TcpListener::bind(address) {
        Ok(_) => Line::good("console", format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Line::hint(
            "console",
            format!("{address} is taken, perhaps by a console that is running"),
            "`bartizan up` then takes any other port; --listen says which",
        ),
        Err(error) => Line::hint(
            "console",
            format!("{address} cannot be listened on: {error}"),
            "`bartizan up` needs it; `bartizan check` does not",
        ),
    }
}

pub(super) fn heads(folder: Option<&Path>) -> Line {
    match folder {
        Some(folder) => {
            Line::good("heads", format!("the last head of each log is kept in {}", folder.display()))
        }
        None => Line::hint(
            "heads",
            "neither XDG_STATE_HOME nor HOME is set: a log that was cut cannot be noticed",
            "set XDG_STATE_HOME to a folder that outlives the run",
        ),
    }
}

/// The clock against the year of the program and the newest entry of the log.
pub(super) fn clock(now: Timestamp, newest: Option<Timestamp>) -> Line {
    const REMEDY: &str = "set the clock; what is collected meanwhile carries a wrong time";
    if MADE.parse().is_ok_and(|made: Timestamp| now < made) {
        return Line::wrong("clock", format!("it is {now}, before this program was made"), REMEDY);
    }
    let as_of = bartizan_attest::as_of(now, newest);
    match (as_of.clock_behind, newest) {
        (Some(behind), _) => {
            let behind = behind.round(Unit::Second).unwrap_or(behind);
            Line::wrong(
                "clock",
                format!("it is {now}, {behind:#} behind the newest entry of the log"),
                REMEDY,
            )
        }
        (None, Some(newest)) => Line::good("clock", format!("it is {now}; the newest entry is of {newest}")),
        (None, None) => Line::good("clock", format!("it is {now}")),
    }
}

/// The free space where the log grows.
pub(super) fn space(folder: &Path) -> Line {
    match rustix::fs::statvfs(folder) {
        Ok(system) => space_of(system.f_bavail.saturating_mul(system.f_frsize), folder),
        Err(error) => Line::hint(
            "space",
            format!("the free space of {} is not told: {}", folder.display(), chain(&io::Error::from(error))),
            "see that there is room for the log to grow",
        ),
    }
}

fn space_of(free: u64, folder: &Path) -> Line {
    let says = format!("{} are free at {}", bytes(free), folder.display());
    if free < TOO_LITTLE {
        Line::wrong("space", says, "make room; a batch that does not fit is not recorded")
    } else if free < LITTLE {
        Line::hint("space", says, "make room before the log needs it")
    } else {
        Line::good("space", says)
    }
}

fn bytes(count: u64) -> String {
    let mib = count >> 20;
    if mib < 10 * 1024 { format!("{mib} MiB") } else { format!("{} GiB", mib / 1024) }
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};

    #[test]
    fn a_port_that_is_taken_is_a_hint() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let line = console(address);
        assert_eq!(line.state, Health::Hint, "{line:?}");
        assert!(line.says.contains("is taken"), "{line:?}");
        drop(taken);
        let free = SocketAddr::new(address.ip(), 0);
        assert_eq!(console(free).state, Health::Good);
    }

    #[test]
    fn a_clock_that_is_wrong_is_noticed() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let newest = Some(at("2026-05-01T12:00:00Z"));
        for (now, newest, state, says) in [
            ("2020-01-01T00:00:00Z", None, Health::Wrong, "before this program was made"),
            ("2026-05-01T12:00:00Z", None, Health::Good, "it is 2026-05-01T12:00:00Z"),
            ("2026-05-01T11:56:00Z", newest, Health::Good, "the newest entry is of 2026-05-01T12:00:00Z"),
            ("2026-05-01T11:00:00Z", newest, Health::Wrong, "1h behind the newest entry"),
            ("2026-06-01T11:00:00Z", newest, Health::Good, "the newest entry is of 2026-05-01T12:00:00Z"),
        ] {
            let line = clock(at(now), newest);
            assert_eq!(line.state, state, "{line:?}");
            assert!(line.says.contains(says), "{line:?}");
        }
    }

    #[test]
    fn little_space_is_a_hint_and_too_little_is_wrong() {
        for (free, state, says) in [
            (0, Health::Wrong, "0 MiB are free at x"),
            (TOO_LITTLE - 1, Health::Wrong, "15 MiB are free at x"),
            (TOO_LITTLE, Health::Hint, "16 MiB are free at x"),
            (LITTLE, Health::Good, "1024 MiB are free at x"),
            (u64::MAX, Health::Good, "17179869183 GiB are free at x"),
        ] {
            let line = space_of(free, Path::new("x"));
            assert_eq!((line.state, line.says.as_str()), (state, says));
        }
        assert!(!space(Path::new(env!("CARGO_MANIFEST_DIR"))).says.contains("not told"));
        assert_eq!(space(Path::new("/no/such/folder")).state, Health::Hint);
    }

    #[test]
    fn without_a_home_heads_are_a_hint() {
        assert_eq!(heads(None).state, Health::Hint);
        assert_eq!(heads(Some(Path::new("/x/heads"))).state, Health::Good);
    }
}
