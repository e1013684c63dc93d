//! `cargo xtask test`: every check there is, in the order in which a fault is found soonest.
//!
//! Clippy comes before the build; then everything is built once, with the same profile and features for the tests,
//! the doc tests and the program that writes the reference pages.

use std::io::Write as _;

use anyhow::{Result, bail};

use crate::cargo::cargo;
use crate::host::Host;
use crate::run::{Steps, quoted, say, say_all};
use crate::tools::{self, Judge};
use crate::{Exit, lint, pages};

/// Runs everything; a fault in one step does not keep the others from running.
pub(crate) fn run(host: &Host, install: bool, full: bool) -> Result<Exit> {
    if !prepared(host, install)? {
        return Ok(Exit::Missing);
    }
    let mut steps = Steps::default();
    let mut judges = Vec::new();
    steps.step("tools", || {
        tools::nextest(host)?;
        judges = tools::judges(host, full);
        say_all(&judges.iter().map(line).collect::<Vec<_>>());
        let absent = judges.iter().filter(|judge| judge.place.is_err()).count();
        if host.ci && absent > 0 {
            bail!("CI is set, and {absent} of {} judges cannot be had", judges.len());
        }
        Ok(())
    });
    lint::reading(host, &mut steps);
    steps.step("clippy", || lint::clippy(host));
    let built = steps.step("build", || cargo(host).args(["build", "--workspace", "--bins", "--tests"]).run());
    if built {
        steps.step("generated pages", || pages::check(host));
        steps.step("doc tests", || cargo(host).args(["test", "--doc", "--workspace", "--quiet"]).run());
        // Last, so that the summary of the tests stands right above the closing table.
        steps.step("tests", || nextest(host, &judges, full));
    } else {
        for name in ["generated pages", "doc tests", "tests"] {
            steps.skip(name, "the build failed");
        }
    }
    for Judge { id, place, .. } in &judges {
        if let Err(why) = place {
            steps.skip(&format!("interop_{id}"), why);
        }
    }
    Ok(if steps.close() { Exit::Done } else { Exit::Failed })
}

/// Installs the judges and prints a shell's `export` for each that could be had.
pub(crate) fn tools(host: &Host) -> Result<Exit> {
    let judges = tools::judges(host, false);
    say_all(&judges.iter().map(line).collect::<Vec<_>>());
    let mut out = std::io::stdout().lock();
    for judge in &judges {
        if let Ok(place) = &judge.place {
            writeln!(out, "export {}={}", judge.variable(), quoted(place.as_os_str()))?;
        }
    }
    Ok(if judges.iter().all(|judge| judge.place.is_ok()) { Exit::Done } else { Exit::Missing })
}

/// Whether the machine has what it takes, after installing it where that is allowed.
fn prepared(host: &Host, install: bool) -> Result<bool> {
    let packages = tools::missing_packages(host);
    let mut ready = true;
    if !packages.is_empty() {
        if host.superuser || install {
            tools::install_packages(host, &packages)?;
        } else {
            let list = packages.join(" ");
            say(&format!("missing system packages: {list}"));
            say(&format!("run `cargo xtask test --install`, or `sudo apt-get install {list}` yourself"));
            ready = false;
        }
    }
    let components = tools::missing_components(host);
    if !components.is_empty() {
        let list = components.join(" ");
        say(&format!("missing components of the toolchain: run `rustup component add {list}`"));
        ready = false;
    }
    Ok(ready)
}

/// One run over all tests, those against the judges included. The tests of a judge that is not there are filtered
/// out, which nextest counts as skipped.
fn nextest(host: &Host, judges: &[Judge], full: bool) -> Result<()> {
    let mut run = cargo(host).args(["nextest", "run", "--workspace"]);
    run = run.args(["--profile", if host.ci { "ci" } else { "xtask" }]);
    if full {
        run = run.args(["--run-ignored", "all"]);
    }
    if let Some(filter) = filter(judges) {
        run = run.args(["--filterset", &filter]);
    }
    for judge in judges {
        if let Ok(place) = &judge.place {
            run = run.env(&judge.variable(), place);
        }
    }
    run.run()
}

/// All tests but those of the judges that are not there; nothing when all judges are.
fn filter(judges: &[Judge]) -> Option<String> {
    let absent =
        judges.iter().filter(|judge| judge.place.is_err()).map(|judge| format!("not {}", judge.filter()));
    Some(absent.collect::<Vec<_>>().join(" and ")).filter(|filter| !filter.is_empty())
}

/// A judge with its place, or the reason why its tests are skipped.
fn line(Judge { id, what, place }: &Judge) -> String {
    match place {
        Ok(place) => format!("{id}: {what}, in {}", place.display()),
        Err(why) => format!("{id}: {what}, SKIPPED: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(id: &'static str, place: Result<&str, &str>) -> Judge {
        Judge { id, what: "a judge", place: place.map(Into::into).map_err(Into::into) }
    }

    #[test]
    fn absent_judges_take_out_their_own_tests_and_no_others() {
        let all = [judge("python", Ok("bin/python")), judge("real_model", Ok("real"))];
        assert_eq!(filter(&all), None);
        let some = [judge("python", Err("no Python")), judge("real_model", Ok("real"))];
        assert_eq!(filter(&some).as_deref(), Some("not test(/(^|::)interop_python_/)"));
        let none = [judge("python", Err("no Python")), judge("real_model", Err("no network"))];
        let expected = "not test(/(^|::)interop_python_/) and not test(/(^|::)interop_real_model_/)";
        assert_eq!(filter(&none).as_deref(), Some(expected));
    }

    #[test]
    fn a_skip_tells_why() {
        let line = line(&judge("python", Err("needs Python 3.12 or newer")));
        assert_eq!(line, "python: a judge, SKIPPED: needs Python 3.12 or newer");
    }
}
