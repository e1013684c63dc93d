use std::{fs, path::Path};

use bartizan_engine::state;

use crate::{
    arguments::{Global, KeyCommand},
    environment::Environment,
    exit::Exit,
    output,
};

/// `bartizan key`
pub(crate) fn run(command: &KeyCommand, global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    if let KeyCommand::Make { file } = command {
        return make(file, environment);
    }
    let source = super::declared(global, environment)?;
    let folder = super::state_folder(&source, global);
    match command {
        KeyCommand::Make { .. } => {}
        KeyCommand::New => {
            let passphrase = environment.root_passphrase.as_deref();
            let name = &source.project.name;
            let made =
                state::establish(&folder, name, &super::seed()?, passphrase, Vec::new(), Environment::now())?;
            // Where the project file pins other keys, these are of no use before it pins them.
            if let Ok(state) = state::State::open(&folder, &source.project) {
                super::remember(&state, environment)?;
            }
            output::print(&format!(
                "Made keys in {}\n\n  root       {}  signs trust.toml and nothing else\n  collector  {}  signs what a check states\n  log        {}  signs the checkpoints of the log\n\nPin them in bartizan.toml, so that nobody who can write the state folder can replace them:\n\n[trust]\nroot = \"{}\"\nlog = \"{}\"\n",
                folder.display(),
                made.root,
                made.collector,
                made.log,
                made.root,
                made.log
            ))?;
            if !made.sealed {
                output::talk(
                    "The root key has no passphrase. Whoever can read this folder can say whom to trust: set BARTIZAN_ROOT_PASSPHRASE before making keys, or move keys/root.key to another machine.",
                );
            }
        }
        KeyCommand::Renew => {
            let passphrase = environment.root_passphrase.as_deref();
            let made = state::renew_collector(
                &folder,
                &source.project,
                &super::seed()?,
                passphrase,
                Environment::now(),
            )?;
            output::print(&format!(
                "The collector key is now {}; the trust file says so.\n",
                made.collector
            ))?;
        }
        KeyCommand::List => {
            let trust = state::open_trust(&folder, &source.project)?;
            let mut text =
                format!("root       {}{}\n", trust.root(), if trust.root_pinned() { "  pinned" } else { "" });
            text.push_str(&format!(
                "log        {}  {}\n",
                trust.log().key().fingerprint(),
                trust.log().name()
            ));
            for collector in trust.collectors() {
                let here = fs::exists(folder.join("keys/collector.key")).unwrap_or(false)
                    && collector.name == state::LOCAL_COLLECTOR;
                let place = if here { "here" } else { "elsewhere" };
                text.push_str(&format!(
                    "collector  {}  {} ({place}), until {}\n",
                    collector.key.fingerprint(),
                    collector.name,
                    collector.until
                ));
            }
            output::print(&text)?;
        }
    }
    Ok(Exit::Done)
}

/// Makes a key that belongs to no project yet.
fn make(file: &Path, environment: &Environment) -> anyhow::Result<Exit> {
    let key = state::make_key(file, &super::seed()?, environment.key_passphrase.as_deref())?;
    let mut public = file.as_os_str().to_owned();
    public.push(".pub");
    output::write_file(Path::new(&public), &key.to_pem())?;
    output::print(&format!(
        "Made {}, which only you can read, and {}\n\n  {}\n\nWhoever holds the root key of a project lets it sign:\n  bartizan trust add NAME {}\n",
        file.display(),
        Path::new(&public).display(),
        key.fingerprint(),
        Path::new(&public).display(),
    ))?;
    if environment.key_passphrase.is_none() {
        output::talk("The key has no passphrase; BARTIZAN_KEY_PASSPHRASE gives it one when it is made.");
    }
    Ok(Exit::Done)
}
