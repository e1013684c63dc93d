//! Starting other programs, and the steps in which that happens.
//!
//! Each program is echoed before it runs, each step is timed, and a table closes the run.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Prints a line for people. All talk goes to stderr, so that stdout holds what the programs themselves say.
pub(crate) fn say(line: &str) {
    // A closed stderr leaves nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Prints lines under the one before.
pub(crate) fn say_all(lines: &[String]) {
    for line in lines {
        say(&format!("  {line}"));
    }
}

/// `1 fault`, `2 faults`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A program with its arguments, not yet started.
pub(crate) struct Call {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(String, OsString)>,
    folder: PathBuf,
}

impl Call {
    /// `program` in `folder`.
    pub(crate) fn new(program: impl AsRef<OsStr>, folder: &Path) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            folder: folder.to_owned(),
        }
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Echoes the program and runs it on the terminal; an exit code other than 0 is an error.
    pub(crate) fn run(&self) -> Result<()> {
        say(&format!("$ {self}"));
        let status = self
            .command()
            .stdin(Stdio::null())
            .status()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if !status.success() {
            bail!("{} ended with {status}", self.name());
        }
        Ok(())
    }

    /// Echoes the program, runs it and returns its stdout; its stderr stays on the terminal.
    pub(crate) fn stdout(&self) -> Result<String> {
        say(&format!("$ {self}"));
        self.capture(Stdio::inherit())
    }

    /// Runs the program and returns its stdout, saying nothing: for asking what is on the machine.
    pub(crate) fn ask(&self) -> Result<String> {
        self.capture(Stdio::null())
    }

    fn capture(&self, stderr: Stdio) -> Result<String> {
        let output = self
            .command()
            .stdin(Stdio::null())
            .stderr(stderr)
            .output()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        if !output.status.success() {
            bail!("{} ended with {}", self.name(), output.status);
        }
        String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", self.name()))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where xtask starts other programs")]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.folder);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The program and its first argument, enough to recognise it in a message.
    fn name(&self) -> String {
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        let first = self.args.first().map(|arg| format!(" {}", arg.display())).unwrap_or_default();
        format!("{}{first}", program.display())
    }
}

impl std::fmt::Display for Call {
    /// What one would type in the workspace's folder, with the tools on the path.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told = |name: &str| name != "PATH" && name != "CARGO_TARGET_DIR";
        for (name, value) in self.env.iter().filter(|(name, _)| told(name)) {
            write!(f, "{name}={} ", quoted(value))?;
        }
        f.write_str(&quoted(&self.program))?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", quoted(arg)))
    }
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The steps of a run, in order, with how each ended.
#[derive(Default)]
pub(crate) struct Steps {
    rows: Vec<Row>,
}

struct Row {
    name: String,
    outcome: Outcome,
    took: Duration,
}

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

impl Steps {
    /// Runs a step and says whether it passed. A failure is kept, and the run goes on: one run shows all faults.
    #[expect(clippy::disallowed_methods, reason = "the one place where xtask measures time")]
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> bool {
        say(&format!("\n== {name}"));
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        let passed = result.is_ok();
        let outcome = match result {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                let why = format!("{error:#}");
                say(&format!("{name} failed: {why}"));
                // The step has said everything; the table has room for a line.
                Outcome::Failed(why.lines().next().unwrap_or_default().to_owned())
            }
        };
        self.rows.push(Row { name: name.to_owned(), outcome, took });
        passed
    }

    /// Notes a step that could not run, and why.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        self.rows.push(Row {
            name: name.to_owned(),
            outcome: Outcome::Skipped(why.to_owned()),
            took: Duration::ZERO,
        });
    }

    /// Prints the closing table and says whether no step failed.
    pub(crate) fn close(self) -> bool {
        say(&format!("\n{}", self.table()));
        !self.rows.iter().any(|row| matches!(row.outcome, Outcome::Failed(_)))
    }

    fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        let mut table = String::new();
        for Row { name, outcome, took } in &self.rows {
            let (word, why) = match outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::Skipped(why) => ("skipped", why.as_str()),
            };
            let line = format!("{name:width$}  {:>8}  {word:7}  {why}", clock(*took));
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{}", line.trim_end());
        }
        let total = self.rows.iter().map(|row| row.took).sum();
        let _ = write!(table, "{:width$}  {:>8}", "all steps", clock(total));
        table
    }
}

/// A duration as people read it: `7.4 s`, `3:05 min`.
fn clock(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{}:{:02} min", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echo_can_be_typed() {
        let call = Call::new("cargo", Path::new("/")).args(["nextest", "-E", "not test(/a b/)"]);
        assert_eq!(call.to_string(), "cargo nextest -E 'not test(/a b/)'");
        assert_eq!(Call::new("it's", Path::new("/")).arg("").to_string(), r"'it'\''s' ''");
    }

    #[test]
    fn environment_is_echoed_but_for_the_path() {
        let call = Call::new("true", Path::new("/")).env("PATH", "/bin").env("COLUMNS", "100");
        assert_eq!(call.to_string(), "COLUMNS=100 true");
    }

    #[test]
    fn exit_codes_are_told() -> Result<()> {
        assert_eq!(Call::new("printf", Path::new("/")).arg("a b").ask()?, "a b");
        let error = Call::new("false", Path::new("/")).ask().err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("false ended with exit status: 1"));
        let absent = Call::new("no-such-program-here", Path::new("/")).ask();
        assert!(absent.is_err_and(|error| error.to_string().contains("cannot start no-such-program-here")));
        Ok(())
    }

    #[test]
    fn a_failed_step_fails_the_run_and_does_not_stop_it() {
        let mut steps = Steps::default();
        assert!(!steps.step("first", || bail!("one thing\nand its details")));
        assert!(steps.step("second", || Ok(())));
        steps.skip("third", "no judge");
        let outcomes: Vec<_> = steps.rows.iter().map(|row| &row.outcome).collect();
        let expected =
            [Outcome::Failed("one thing".into()), Outcome::Passed, Outcome::Skipped("no judge".into())];
        assert_eq!(outcomes, expected.iter().collect::<Vec<_>>());
        assert!(!steps.close());
    }

    #[test]
    fn table_reads_well() {
        let row = |name: &str, outcome, millis| Row {
            name: name.into(),
            outcome,
            took: Duration::from_millis(millis),
        };
        let rows = vec![
            row("format", Outcome::Passed, 1_250),
            row("clippy", Outcome::Failed("cargo clippy ended with exit status: 101".into()), 185_000),
            row("interop", Outcome::Skipped("no Python".into()), 0),
        ];
        insta::assert_snapshot!(Steps { rows }.table(), @r"
        format      1.2 s  passed
        clippy   3:05 min  FAILED   cargo clippy ended with exit status: 101
        interop     0.0 s  skipped  no Python
        all steps  3:06 min
        ");
    }
}
