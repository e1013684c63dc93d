//! Running the bench programs and writing `docs/performance.md`.
//!
//! A bench program is a `[[bench]]` with `harness = false` that prints one JSON line for each [`Figure`]. It takes
//! its own medians and measures whatever it compares with in the same run, since only ratios mean the same on two
//! machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::cargo::cargo;
use crate::host::Host;
use crate::run::{Call, say};
use crate::tools::peers;
use crate::{Exit, files};

/// Builds and runs the bench programs, those in `names` or all. A run of all writes the page; a bound that is not
/// kept fails the run either way.
pub(crate) fn run(host: &Host, names: &[String]) -> Result<Exit> {
    // Before the build, which would be most of the load.
    let machine = Machine::read(host)?;
    let programs = build(host, names)?;
    ensure!(!programs.is_empty(), "no bench program of that name");
    let mut sections = Vec::new();
    for Program { package, name, executable, folder } in programs {
        let mut call = Call::new(&executable, &folder).arg("--bench");
        if name == "artifacts" {
            call = call.env(peers::VARIABLE, peers::peers(host)?);
        }
        let printed = call.stdout()?;
        let figures = figures(&printed).with_context(|| format!("in what {package}/{name} printed"))?;
        sections.push(Section { title: format!("{package}: {name}"), rows: rows(&figures)? });
    }
    let tables: String = sections.iter().map(Section::markdown).collect();
    if names.is_empty() {
        let page = format!("{}{tables}", heading(&machine));
        files::write(&host.root.join("docs/performance.md"), page)?;
        say("wrote docs/performance.md");
    }
    say(&tables);
    let missed: Vec<_> =
        sections.iter().flat_map(|section| &section.rows).filter(|row| row.kept == Some(false)).collect();
    for Row { name, judged, bound, .. } in &missed {
        say(&format!("{name} is {judged}, and must be {bound}"));
    }
    Ok(if missed.is_empty() { Exit::Done } else { Exit::Failed })
}

/// A built bench program.
struct Program {
    package: String,
    name: String,
    executable: PathBuf,
    /// The folder of its package, in which cargo would run it.
    folder: PathBuf,
}

/// Builds the bench programs with the release profile and returns them in the order of their names.
fn build(host: &Host, names: &[String]) -> Result<Vec<Program>> {
    let mut call = cargo(host).args(["bench", "--workspace", "--no-run", "--quiet"]);
    call = call.args(["--message-format", "json-render-diagnostics"]);
    if names.is_empty() {
        call = call.args(["--bench", "*"]);
    }
    for name in names {
        call = call.args(["--bench", name]);
    }
    programs(&call.stdout()?)
}

/// The bench programs among the lines that cargo prints about what it built.
fn programs(printed: &str) -> Result<Vec<Program>> {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
        manifest_path: Option<PathBuf>,
        target: Option<Target>,
        executable: Option<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        kind: Vec<String>,
        name: String,
    }
    let mut programs = Vec::new();
    for line in printed.lines() {
        let message: Message = serde_json::from_str(line).context("cannot parse what cargo printed")?;
        let (Some(target), Some(executable), Some(manifest)) =
            (message.target, message.executable, message.manifest_path)
        else {
            continue;
        };
        if message.reason == "compiler-artifact" && target.kind == ["bench"] {
            let folder = manifest.parent().context("a manifest lies in a folder")?.to_owned();
            let package = folder.file_name().unwrap_or_default().display().to_string();
            programs.push(Program { package, name: target.name, executable, folder });
        }
    }
    programs.sort_by(|a, b| (&a.package, &a.name).cmp(&(&b.package, &b.name)));
    Ok(programs)
}

/// One measured figure: a line such as
/// `{"name": "hash and scan", "value": 1.2, "unit": "GB/s", "runs": 9, "ratio_to": "plain read", "at_least": 0.85}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    /// What was measured, unique within the program.
    name: String,
    /// The median over the runs, in `unit`.
    value: f64,
    unit: String,
    /// Over how many runs the median was taken.
    runs: u32,
    /// The figure of the same run with which this one is compared. The bounds are then those of the ratio.
    #[serde(default)]
    ratio_to: Option<String>,
    #[serde(default)]
    at_least: Option<f64>,
    #[serde(default)]
    at_most: Option<f64>,
}

/// The figures among the lines that a bench program printed. Other lines are talk.
fn figures(printed: &str) -> Result<Vec<Figure>> {
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    let figures: Vec<Figure> = lines
        .map(|line| serde_json::from_str(line).with_context(|| format!("no figure: {line}")))
        .collect::<Result<_>>()?;
    ensure!(!figures.is_empty(), "there is no figure");
    Ok(figures)
}

/// A program's table.
struct Section {
    title: String,
    rows: Vec<Row>,
}

/// A figure with its ratio and what was asked of it.
struct Row {
    name: String,
    value: String,
    ratio: String,
    bound: String,
    /// The number to which the bound applies.
    judged: String,
    /// Whether the bound is kept; nothing where there is none.
    kept: Option<bool>,
    runs: u32,
}

fn rows(figures: &[Figure]) -> Result<Vec<Row>> {
    let mut values = BTreeMap::new();
    for figure in figures {
        if values.insert(figure.name.as_str(), figure.value).is_some() {
            bail!("`{}` stands twice", figure.name);
        }
    }
    figures.iter().map(|figure| row(figure, &values)).collect()
}

fn row(figure: &Figure, values: &BTreeMap<&str, f64>) -> Result<Row> {
    let Figure { name, value, unit, runs, ratio_to, at_least, at_most } = figure;
    let ratio = ratio_to.as_deref().map(|base| {
        let against = values
            .get(base)
            .with_context(|| format!("`{name}` is compared with `{base}`, which is not there"))?;
        Ok::<_, anyhow::Error>((value / against, base))
    });
    let ratio = ratio.transpose()?;
    let judged = ratio.map_or(*value, |(ratio, _)| ratio);
    // Comparisons with what is not a number are false: such a figure keeps no bound.
    let kept = at_least.is_none_or(|bound| judged >= bound) && at_most.is_none_or(|bound| judged <= bound);
    let bounds = [
        at_least.map(|bound| format!("≥ {}", number(bound))),
        at_most.map(|bound| format!("≤ {}", number(bound))),
    ];
    let bound = bounds.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Ok(Row {
        name: name.clone(),
        value: format!("{} {unit}", number(*value)).trim_end().to_owned(),
        ratio: ratio.map(|(ratio, base)| format!("{} × {base}", number(ratio))).unwrap_or_default(),
        kept: (!bound.is_empty()).then_some(kept),
        bound,
        judged: number(judged),
        runs: *runs,
    })
}

impl Section {
    fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n", self.title);
        text.push_str("| figure | median | ratio | asked for | runs |\n|---|---:|---|---|---:|\n");
        for Row { name, value, ratio, bound, kept, runs, .. } in &self.rows {
            let asked = match kept {
                None => String::new(),
                Some(true) => format!("{bound}, kept"),
                Some(false) => format!("{bound}, **missed**"),
            };
            let cells = [name, value, ratio, &asked].map(|cell| cell.replace('|', "\\|")).join(" | ");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| {cells} | {runs} |");
        }
        text.push('\n');
        text
    }
}

/// A number with three significant digits, and thousands apart: `0.0124`, `1.25`, `98.7`, `12,345`.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    if digits < 3.0 {
        let decimals = (2.0 - digits).clamp(0.0, 12.0);
        #[expect(clippy::cast_sign_loss, reason = "clamped to 0 to 12 above")]
        return format!("{value:.*}", decimals as usize);
    }
    let whole = format!("{:.0}", value.abs());
    let mut text = String::from(if value < 0.0 { "-" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// On what the figures were measured.
struct Machine {
    date: String,
    commit: String,
    processor: String,
    cores: usize,
    memory: String,
    /// How many threads others kept busy over the last minute, on average.
    load: String,
    kernel: String,
    rustc: String,
}

impl Machine {
    fn read(host: &Host) -> Result<Self> {
        let ask = |program: &str, args: &[&str]| {
            Call::new(program, &host.root).args(args).ask().map(|answer| answer.trim().to_owned())
        };
        let changed = if ask("git", &["status", "--porcelain"])?.is_empty() { "" } else { ", with changes" };
        Ok(Self {
            date: ask("date", &["--utc", "+%Y-%m-%d"])?,
            commit: format!("{}{changed}", ask("git", &["rev-parse", "--short=12", "HEAD"])?),
            processor: field(&files::read_text(Path::new("/proc/cpuinfo"))?, "model name"),
            cores: std::thread::available_parallelism()?.get(),
            memory: field(&files::read_text(Path::new("/proc/meminfo"))?, "MemTotal"),
            load: files::read_text(Path::new("/proc/loadavg"))?
                .split(' ')
                .next()
                .unwrap_or("unknown")
                .to_owned(),
            kernel: files::read_text(Path::new("/proc/sys/kernel/osrelease"))?.trim().to_owned(),
            rustc: ask("rustc", &["--version"])?,
        })
    }
}

/// The value of `name` in a file of `name : value` lines, as the kernel writes them.
fn field(text: &str, name: &str) -> String {
    let value = text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name);
    value.map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn heading(machine: &Machine) -> String {
    let Machine { date, commit, processor, cores, memory, load, kernel, rustc } = machine;
    format!(
        "# Performance\n\n\
         Written by `cargo xtask bench`. Each figure is the median of its runs; a ratio compares with a figure of the\n\
         same run, and where there is one, what is asked for applies to the ratio. Where the machine had other work\n\
         (a load before the run that is not near zero), ratios still mean something and single times are too long.\n\n\
         | machine | |\n|---|---|\n\
         | date | {date} |\n| commit | {commit} |\n| processor | {processor} |\n| cores | {cores} |\n\
         | memory | {memory} |\n| load before the run | {load} |\n| kernel | {kernel} |\n| compiler | {rustc} |\n\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"warming up
{"name": "plain read", "value": 1.5, "unit": "GB/s", "runs": 9}
{"name": "hash and scan", "value": 1.2, "unit": "GB/s", "runs": 9, "ratio_to": "plain read", "at_least": 0.85}
{"name": "entries", "value": 12345.6, "unit": "1/s", "runs": 5, "at_least": 5000}
{"name": "p99", "value": 0.0123, "unit": "s", "runs": 5, "at_most": 0.05}
"#;

    #[test]
    fn figures_become_a_table() -> Result<()> {
        let section = Section { title: "artifact: bytes".into(), rows: rows(&figures(PRINTED)?)? };
        insta::assert_snapshot!(section.markdown(), @r"
        ## artifact: bytes

        | figure | median | ratio | asked for | runs |
        |---|---:|---|---|---:|
        | plain read | 1.50 GB/s |  |  | 9 |
        | hash and scan | 1.20 GB/s | 0.800 × plain read | ≥ 0.850, **missed** | 9 |
        | entries | 12,346 1/s |  | ≥ 5,000, kept | 5 |
        | p99 | 0.0123 s |  | ≤ 0.0500, kept | 5 |
        ");
        Ok(())
    }

    #[test]
    fn what_is_no_figure_is_an_error() {
        for (printed, why) in [
            ("all is well", "there is no figure"),
            (r#"{"name": "x", "value": 1}"#, "no figure: "),
            (r#"{"name": "x", "value": 1, "unit": "s", "runs": 1, "at_lest": 2}"#, "no figure: "),
        ] {
            assert!(figures(printed).is_err_and(|error| error.to_string().starts_with(why)), "{printed}");
        }
    }

    #[test]
    fn comparisons_need_what_they_compare_with() -> Result<()> {
        let line = r#"{"name": "x", "value": 1, "unit": "s", "runs": 1, "ratio_to": "y"}"#;
        let error = rows(&figures(line)?).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("`x` is compared with `y`, which is not there"));
        let line = r#"{"name": "x", "value": 1, "unit": "s", "runs": 1}"#;
        assert!(rows(&figures(&format!("{line}\n{line}"))?).is_err());
        Ok(())
    }

    #[test]
    fn a_ratio_to_nothing_keeps_no_bound() -> Result<()> {
        let printed = r#"{"name": "x", "value": 0, "unit": "s", "runs": 1, "ratio_to": "x", "at_most": 1}"#;
        assert_eq!(rows(&figures(printed)?)?[0].kept, Some(false));
        Ok(())
    }

    #[test]
    fn numbers_have_three_digits() {
        let cases = [
            (0.0, "0.00"),
            (0.012_44, "0.0124"),
            (1.25, "1.25"),
            (98.72, "98.7"),
            (100.0, "100"),
            (5000.0, "5,000"),
            (-1234.0, "-1,234"),
            (1_234_567.0, "1,234,567"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn programs_are_found_among_what_cargo_built() -> Result<()> {
        let printed = r#"{"reason":"compiler-artifact","manifest_path":"/p/crates/ledger/Cargo.toml","target":{"kind":["lib"],"name":"ledger"},"executable":null}
{"reason":"compiler-artifact","manifest_path":"/p/crates/ledger/Cargo.toml","target":{"kind":["bench"],"name":"append"},"executable":"/t/append-1"}
{"reason":"build-finished","success":true}"#;
        let found = programs(printed)?;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].package.as_str(), found[0].name.as_str()), ("ledger", "append"));
        assert_eq!(found[0].folder, Path::new("/p/crates/ledger"));
        Ok(())
    }

    #[test]
    fn fields_of_the_kernel_are_read() {
        assert_eq!(field("processor\t: 0\nmodel name\t: A: B\n", "model name"), "A: B");
        assert_eq!(field("", "model name"), "unknown");
    }
}
