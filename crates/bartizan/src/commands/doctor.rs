use std::path::Path;

use bartizan_engine::{Source, state};
use bartizan_ledger::fs::RealFs;

use crate::{arguments::Global, environment::Environment, exit::Exit, output};

/// What was looked at, and what is wrong with it.
struct Line {
    what: &'static str,
    result: Result<String, String>,
}

/// `bartizan doctor`
pub(crate) fn run(global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    let lines = examine(global, environment);
    let mut text = String::new();
    for line in &lines {
        let (mark, said) = match &line.result {
            Ok(said) => ('●', said),
            Err(said) => ('■', said),
        };
        text.push_str(&format!("{mark} {:<10} {said}\n", line.what));
    }
    let wrong = lines.iter().filter(|line| line.result.is_err()).count();
    text.push_str(&match wrong {
        0 => "A check can run and be recorded.\n".to_owned(),
        1 => "1 thing stands in the way of a recorded check.\n".to_owned(),
        _ => format!("{wrong} things stand in the way of a recorded check.\n"),
    });
    output::print(&text)?;
    Ok(if wrong == 0 { Exit::Done } else { Exit::Incomplete })
}

fn examine(global: &Global, environment: &Environment) -> Vec<Line> {
    let mut lines = vec![clock(), heads(environment)];
    let source = match Source::declared(&environment.folder, global.config.as_deref()) {
        Ok(None) => {
            lines.push(Line {
                what: "project",
                result: Err("there is no bartizan.toml here or above".to_owned()),
            });
            return lines;
        }
        Ok(Some(source)) => source,
        Err(error) => {
            lines.push(Line { what: "project", result: Err(error.to_string()) });
            return lines;
        }
    };
    let declared = &source.project;
    let said = format!(
        "{}: {} assets, {} elements, {} flows",
        declared.name,
        declared.assets.len(),
        declared.elements.len(),
        declared.flows.len()
    );
    lines.push(Line { what: "project", result: Ok(said) });
    let folder = super::state_folder(&source, global);
    lines.push(pins(&source));
    lines.push(keys(&folder, &source));
    lines.push(ledger(&folder, &source));
    lines
}

fn clock() -> Line {
    let now = Environment::now();
    let built: bartizan_finding::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap_or(now);
    let result = if now < built {
        Err(format!("the system clock says {now}, before this program was made"))
    } else {
        Ok(format!("{now}"))
    };
    Line { what: "clock", result }
}

fn heads(environment: &Environment) -> Line {
    let result = environment
        .heads
        .as_ref()
        .map(|folder| format!("the last head of each log is kept in {}", folder.display()));
    let result = result.ok_or_else(|| {
        "neither XDG_STATE_HOME nor HOME is set: a log that was cut cannot be noticed".to_owned()
    });
    Line { what: "heads", result }
}

fn pins(source: &Source) -> Line {
    let pinned = source.project.trust.root.is_some() && source.project.trust.log.is_some();
    let result = if pinned {
        Ok("root and log key are pinned in bartizan.toml".to_owned())
    } else {
        Err("root and log key are not pinned in bartizan.toml: who can write the state folder can replace them".to_owned())
    };
    Line { what: "pins", result }
}

fn keys(folder: &Path, source: &Source) -> Line {
    let result =
        state::open_trust(folder, &source.project).map_err(|error| error.to_string()).and_then(|trust| {
            let now = Environment::now();
            let ours = trust.collectors().iter().find(|collector| collector.name == state::LOCAL_COLLECTOR);
            match ours {
                None => Err("the trust file names no local collector".to_owned()),
                Some(collector) if collector.until <= now => {
                    Err(format!("the collector key ran out at {}", collector.until))
                }
                Some(collector) => Ok(format!("the collector key is valid until {}", collector.until)),
            }
        });
    Line { what: "keys", result }
}

fn ledger(folder: &Path, source: &Source) -> Line {
    let open = || -> Result<String, String> {
        RealFs::open(&folder.join("ledger")).map_err(|error| error.to_string())?;
        let state = state::State::open(folder, &source.project).map_err(|error| error.to_string())?;
        let head = state.ledger.head().map_err(|error| error.to_string())?;
        Ok(format!("{} entries, root {}", head.size, head.root))
    };
    Line { what: "ledger", result: open() }
}
