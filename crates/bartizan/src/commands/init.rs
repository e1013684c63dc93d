//! `bartizan init`: a project file for what is in a folder.

mod table;

use std::{
    fs,
    io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use bartizan_artifact::escape;
use bartizan_engine::{
    files::{self, Ignore},
    inventory, state,
};
use bartizan_inventory::{Answers, Inventory, Pins, project_file};
use bartizan_project::{FILE_NAME, Project, ProjectRole};

use crate::{
    arguments::{Global, InitArguments},
    environment::Environment,
    exit::Exit,
    output,
};

const SCHEMA: &str = "bartizan.schema.json";

/// Files of variables that are looked for even where Git ignores them.
const ENVIRONMENTS: [&str; 4] = [".env", ".env.local", ".env.development", ".env.production"];

/// `bartizan init`
pub(crate) fn run(
    arguments: &InitArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let place = Place::of(arguments, global, environment)?;
    anyhow::ensure!(
        arguments.yes || io::stdin().is_terminal(),
        "there is no terminal to ask questions on; `bartizan init --yes` takes the defaults"
    );
    let mut listing = files::list(&place.folder, "", Ignore::GitIgnored);
    // What an earlier call wrote says nothing about the system.
    listing.files.retain(|file| file.name != SCHEMA && !file.name.starts_with(FILE_NAME));
    // Git ignores these files because of what they hold, which is why they are worth protecting.
    for name in ENVIRONMENTS {
        if fs::symlink_metadata(place.folder.join(name)).is_ok_and(|meta| meta.is_file())
            && !listing.files.iter().any(|file| file.name == name)
        {
            listing.files.extend(files::list(&place.folder, name, Ignore::Nothing).files);
        }
    }
    let found = inventory::take(&listing);
    output::print(&table::shown(&place.folder, &found, environment))?;
    let (name, mut answers) = place.answers(arguments, &found)?;

    let written = Written {
        new_state: !arguments.no_keys && fs::symlink_metadata(&place.state).is_err(),
        new_schema: fs::symlink_metadata(place.folder.join(SCHEMA)).is_err(),
    };
    let keys = place
        .write(arguments, &name, &mut answers, &found, environment)
        .inspect_err(|_| written.undo(&place))?;
    output::print(&place.summary(keys.as_ref()))?;
    Ok(Exit::Done)
}

/// Where things are written.
struct Place {
    folder: PathBuf,
    /// The name of the folder, for people.
    called: String,
    file: PathBuf,
    state: PathBuf,
    /// The project file that was there before, and where it is kept.
    before: Option<PathBuf>,
    /// Whether it is the folder that the program was called in.
    here: bool,
}

/// What a failed call takes back.
struct Written {
    /// Whether the state folder is one of ours.
    new_state: bool,
    /// Whether there was no schema before.
    new_schema: bool,
}

/// The keys, and whether they were made now.
struct Keys {
    pins: Pins,
    collector: Option<String>,
    sealed: bool,
}

impl Place {
    /// Refuses what cannot be written to before anything is done.
    fn of(arguments: &InitArguments, global: &Global, environment: &Environment) -> anyhow::Result<Self> {
        let asked = arguments.path.clone().unwrap_or_else(|| environment.folder.clone());
        let folder = fs::canonicalize(&asked)
            .with_context(|| format!("cannot open the folder {}", asked.display()))?;
        anyhow::ensure!(
            folder.is_dir(),
            "{} is not a folder; name the folder of the project",
            asked.display()
        );
        anyhow::ensure!(files::is_writable(&folder), "the folder {} cannot be written to", asked.display());
        let file = folder.join(FILE_NAME);
        let exists = fs::symlink_metadata(&file).is_ok();
        anyhow::ensure!(
            arguments.force || !exists,
            "{} exists already; `--force` writes a new one and keeps the old one as {FILE_NAME}.before",
            file.display()
        );
        let state = global.state.clone().unwrap_or_else(|| folder.join(state::STATE_FOLDER));
        let called = folder
            .file_name()
            .map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
        let before = exists.then(|| free_name(&folder)).transpose()?;
        let here = fs::canonicalize(&environment.folder).is_ok_and(|here| here == folder);
        Ok(Self { folder, called, file, state, before, here })
    }

    /// What people say, or the defaults.
    fn answers(&self, arguments: &InitArguments, found: &Inventory) -> anyhow::Result<(String, Answers)> {
        let name = arguments.name.clone().unwrap_or_else(|| self.called.clone());
        let role = arguments.role.as_deref().and_then(role_of).unwrap_or_else(|| found.likely_role());
        if arguments.yes {
            return Ok((name, Answers { role: Some(role), schema: true, ..Answers::default() }));
        }
        output::talk("Four questions; Enter takes what stands in brackets.");
        let name = ask("What is the project called?", &escape(&name, 80), &|answer| {
            (!answer.chars().any(char::is_control) && answer.chars().count() <= 80)
                .then(|| answer.to_owned())
                .ok_or_else(|| "A name has at most 80 characters.".to_owned())
        })?;
        let purpose = ask("What is it for, in one sentence?", "", &|answer| Ok(answer.to_owned()))?;
        let words: Vec<_> = ProjectRole::ALL.iter().map(|role| role.as_str()).collect();
        let question = format!("What does it do with models: {}?", words.join(", "));
        let role = ask(&question, role.as_str(), &|answer| {
            role_of(answer).ok_or_else(|| format!("It is one of {}.", words.join(", ")))
        })?;
        let owner = ask("Who answers for it, by e-mail address?", "nobody yet", &|answer| {
            let wrong = || "That is no e-mail address.".to_owned();
            match answer {
                "nobody yet" => Ok(None),
                answer if is_address(answer) => Ok(Some(answer.to_owned())),
                _ => Err(wrong()),
            }
        })?;
        let purpose = Some(purpose).filter(|purpose| !purpose.is_empty());
        Ok((name, Answers { purpose, role: Some(role), owner, schema: true, ..Answers::default() }))
    }

    /// Writes everything; the project file last, so that there is none where something else failed.
    fn write(
        &self,
        arguments: &InitArguments,
        name: &str,
        answers: &mut Answers,
        found: &Inventory,
        environment: &Environment,
    ) -> anyhow::Result<Option<Keys>> {
        let without_pins = project_file(found, name, answers);
        let project = parsed(&without_pins)?;
        let keys = if arguments.no_keys { None } else { Some(self.keys(&project, environment)?) };
        answers.pins = keys.as_ref().map(|keys| keys.pins.clone());
        let text = project_file(found, name, answers);
        let project = parsed(&text)?;
        if let Some(keys) = &keys
            && keys.collector.is_some()
        {
            super::remember(&state::State::open(&self.state, &project)?, environment)?;
        }
        let schema = self.folder.join(SCHEMA);
        if arguments.force || fs::symlink_metadata(&schema).is_err() {
            output::write_file(&schema, &super::json(&bartizan_project::schema())?)?;
        }
        if let Some(before) = &self.before {
            fs::rename(&self.file, before)
                .with_context(|| format!("cannot keep {} as {}", self.file.display(), before.display()))?;
        }
        let written = output::write_file(&self.file, &text);
        if let (Err(_), Some(before)) = (&written, &self.before) {
            let _ = fs::rename(before, &self.file);
        }
        written.map(|()| keys)
    }

    /// Makes keys, or takes those that are there.
    fn keys(&self, project: &Project, environment: &Environment) -> anyhow::Result<Keys> {
        if fs::symlink_metadata(&self.state).is_ok() {
            let trust = state::open_trust(&self.state, project).with_context(|| {
                format!("cannot use the keys in {}; `--no-keys` leaves them alone", self.state.display())
            })?;
            let pins =
                Pins { root: trust.root().to_string(), log: trust.log().key().fingerprint().to_string() };
            return Ok(Keys { pins, collector: None, sealed: true });
        }
        let passphrase = environment.root_passphrase.as_deref();
        let made = state::establish(
            &self.state,
            &project.name,
            &super::seed()?,
            passphrase,
            Vec::new(),
            Environment::now(),
        )?;
        let pins = Pins { root: made.root.to_string(), log: made.log.to_string() };
        Ok(Keys { pins, collector: Some(made.collector.to_string()), sealed: made.sealed })
    }

    /// What was written, and what to do next.
    fn summary(&self, keys: Option<&Keys>) -> String {
        let mut text = format!("\nWrote {}\n", self.file.display());
        if let Some(before) = &self.before {
            text.push_str(&format!("The old one is {}\n", before.display()));
        }
        match keys {
            None => text.push_str("No keys were made: a check works without them and records nothing. `bartizan key new` makes them.\n"),
            Some(Keys { collector: None, .. }) => {
                text.push_str(&format!("The keys in {} are kept, and pinned in the project file.\n", self.state.display()));
            }
            Some(Keys { pins, collector: Some(collector), sealed }) => {
                text.push_str(&format!(
                    "\nMade keys in {}, and pinned the first two in the project file:\n\n  \
                     root       {}\n             signs trust.toml, which says whose statements count; nothing else\n  \
                     log        {}\n             signs the checkpoints of the evidence log\n  \
                     collector  {collector}\n             signs what a check on this machine states\n\n",
                    self.state.display(),
                    pins.root,
                    pins.log
                ));
                text.push_str(
                    "Move keys/root.key to another machine or a password safe: it is needed again only when a key is\n\
                     renewed or somebody else's statements shall count. Until then reports say \"self-attested\".\n",
                );
                if !sealed {
                    text.push_str("It has no passphrase: BARTIZAN_ROOT_PASSPHRASE, set before keys are made, gives it one.\n");
                }
            }
        }
        text.push_str("\nNext:\n");
        if !self.here {
            text.push_str(&format!("  cd {}\n", shell_word(&self.folder.to_string_lossy())));
        }
        text.push_str("  bartizan check          look at everything that the file names\n");
        text.push_str("  bartizan threat list    what could go wrong, and which controls treat it\n");
        text.push_str("  bartizan up             see it in a browser\n");
        text
    }
}

impl Written {
    /// Removes what belongs to a project file that was not written.
    fn undo(&self, place: &Place) {
        if self.new_state {
            let _ = fs::remove_dir_all(&place.state);
        }
        if self.new_schema {
            let _ = fs::remove_file(place.folder.join(SCHEMA));
        }
    }
}

fn parsed(text: &str) -> anyhow::Result<Project> {
    let parsed = bartizan_project::parse(text);
    let faults: Vec<_> = parsed.faults.iter().take(3).map(ToString::to_string).collect();
    parsed
        .project
        .filter(|_| faults.is_empty())
        .with_context(|| format!("cannot describe this folder: {}", faults.join("; ")))
}

/// A name for the old project file that nothing has.
fn free_name(folder: &Path) -> anyhow::Result<PathBuf> {
    let name = |number: u32| match number {
        1 => format!("{FILE_NAME}.before"),
        number => format!("{FILE_NAME}.before-{number}"),
    };
    (1..1000)
        .map(|number| folder.join(name(number)))
        .find(|path| fs::symlink_metadata(path).is_err())
        .context("there are a thousand old project files here; remove some")
}

fn role_of(word: &str) -> Option<ProjectRole> {
    ProjectRole::ALL.iter().copied().find(|role| role.as_str() == word)
}

/// Whether the project file takes it as the address of a member.
fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._%+@-".contains(c);
    let file = format!(
        "format = 1\n[project]\nname = \"x\"\n[group.x]\nrole = \"executive\"\nmembers = [\"{text}\"]\n"
    );
    text.chars().all(plain) && bartizan_project::parse(&file).faults.is_empty()
}

/// Asks until the answer is one.
fn ask<T>(question: &str, default: &str, read: &dyn Fn(&str) -> Result<T, String>) -> anyhow::Result<T> {
    const LONGEST: u64 = 4096;
    loop {
        let mut err = io::stderr().lock();
        let _ = if default.is_empty() {
            write!(err, "{question} ")
        } else {
            write!(err, "{question} [{default}] ")
        };
        let _ = err.flush();
        let mut line = String::new();
        let count =
            io::stdin().lock().take(LONGEST).read_line(&mut line).context("cannot read the answer")?;
        anyhow::ensure!(count > 0, "the questions were not answered; nothing was written");
        let answer = line.trim();
        match read(if answer.is_empty() { default } else { answer }) {
            Ok(answer) => return Ok(answer),
            Err(why) => output::talk(&why),
        }
    }
}

/// A word that a shell takes as it is.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", escape(text, 1_000).replace("\\\\", "\\").replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_shell_words() {
        for (text, is) in [("ana@example.com", true), ("ana", false), ("a\"]@b.c", false), ("", false)] {
            assert_eq!(is_address(text), is, "{text}");
        }
        assert_eq!(shell_word("/a/b-c"), "/a/b-c");
        assert_eq!(shell_word("/a b/it's"), "'/a b/it'\\''s'");
    }
}
