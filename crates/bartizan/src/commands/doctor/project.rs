//! The project file: its faults, what rules say about it, and the keys that it pins.

use bartizan_engine::{EngineError, Source};
use bartizan_finding::Timestamp;
use bartizan_project::{Project, ProjectError};
use jiff::tz::TimeZone;

use super::{Line, chain, counted};
use crate::{arguments::Global, environment::Environment};

/// The project of this folder, with a line about it; nothing where there is none that can be checked.
pub(super) fn find(global: &Global, environment: &Environment, lines: &mut Vec<Line>) -> Option<Source> {
    match Source::declared(&environment.folder, global.config.as_deref()) {
        Ok(Some(source)) => {
            lines.push(summary(&source.project));
            Some(source)
        }
        Ok(None) => {
            lines.push(Line::wrong(
                "project",
                "there is no bartizan.toml here or above",
                "`bartizan init` writes one; --config FILE names one elsewhere",
            ));
            None
        }
        Err(error) => {
            lines.push(unreadable(&error));
            None
        }
    }
}

fn summary(project: &Project) -> Line {
    let says = format!(
        "{}: {}, {}, {}",
        project.name,
        counted(project.assets.len(), "asset", "assets"),
        counted(project.elements.len(), "element", "elements"),
        counted(project.flows.len(), "flow", "flows")
    );
    Line::good("project", says)
}

fn unreadable(error: &EngineError) -> Line {
    let remedy = "mend the project file; `bartizan check` shows each fault with its line";
    match error {
        EngineError::Project(ProjectError::Faulty { path, faults, .. }) => {
            let first = faults.first().map_or_else(String::new, |fault| format!("; the first is {fault}"));
            let count = counted(faults.len(), "fault", "faults");
            Line::wrong("project", format!("{} has {count}{first}", path.display()), remedy)
        }
        error => Line::wrong("project", chain(error), "name a file that can be read with --config FILE"),
    }
}

/// What rules say about the file, and whether it pins the keys.
pub(super) fn look(project: &Project, now: Timestamp, lines: &mut Vec<Line>) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let notes = bartizan_project::check(project, today);
    if let Some(first) = notes.first() {
        let count = counted(notes.len(), "thing", "things");
        lines.push(Line::hint(
            "notes",
            format!(
                "{count} in the project file could be better; the first is {}: {}",
                first.rule.code, first.message
            ),
            format!("`bartizan check` lists them, `bartizan explain {}` says more", first.rule.code),
        ));
    }
    lines.push(if project.trust.root.is_some() && project.trust.log.is_some() {
        Line::good("pins", "root and log key are pinned in bartizan.toml")
    } else {
        Line::hint(
            "pins",
            "root and log key are not pinned in bartizan.toml: who can write the state folder can replace them",
            "`bartizan key list` prints both; put them into the table [trust], as root and log",
        )
    });
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};

    #[test]
    fn faults_are_counted_and_the_first_is_told() {
        let text = "format = 1\n[project]\nname = \"x\"\nrole = \"acquirer\"\n[asset.a]\nkind = \"modle\"\n[asset.b]\nkind = \"x\"\n";
        let faults = bartizan_project::parse(text).faults;
        assert!(faults.len() > 1, "{faults:?}");
        let error = ProjectError::Faulty { path: "bartizan.toml".into(), text: text.into(), faults };
        let line = unreadable(&EngineError::Project(error));
        assert_eq!(line.state, Health::Wrong);
        assert!(line.says.starts_with("bartizan.toml has "), "{line:?}");
        assert!(line.says.contains("; the first is 6:"), "{line:?}");
    }

    #[test]
    fn notes_and_missing_pins_are_hints() {
        let text = "format = 1\n[project]\nname = \"x\"\nrole = \"acquirer\"\n[group.g]\nrole = \"incident-responder\"\n";
        let parsed = bartizan_project::parse(text);
        let project = parsed.project.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        let mut lines = Vec::new();
        look(&project, "2026-05-01T12:00:00Z".parse().unwrap(), &mut lines);
        let told: Vec<_> = lines.iter().map(|line| (line.id, line.state)).collect();
        assert_eq!(told, [("notes", Health::Hint), ("pins", Health::Hint)], "{lines:?}");
    }
}
