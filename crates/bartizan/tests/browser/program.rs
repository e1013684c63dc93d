//! The program as people start it: `bartizan up`, with a project of its own.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A folder with a home for what the program remembers.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A place with one of the example projects in the folder `project`.
    pub(crate) fn with_demo(kind: &str) -> Self {
        let place = Self::new();
        let output = place.command(&["demo", kind, "project"]).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder"))
            .expect("the folder can be made");
        std::fs::write(path, content).expect("the file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file can be read")
    }

    /// Serves the folder `project` until the value is dropped.
    pub(crate) fn up(self) -> Console {
        let arguments = ["up", "project", "--listen", "127.0.0.1:0", "--no-progress"];
        let mut process = self
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut talk = process.stderr.take().expect("stderr is piped");
        // A pipe that nobody reads would stop the program.
        let talk = std::thread::spawn(move || std::io::read_to_string(&mut talk).unwrap_or_default());
        let mut lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        let mut said = Vec::new();
        let link = lines.by_ref().map_while(Result::ok).find_map(|line| {
            said.push(line.clone());
            line.strip_prefix("Console: ").map(str::to_owned)
        });
        let Some(link) = link else {
            let talk = talk.join().unwrap_or_default();
            panic!("the program ended without a console:\n{}\n{talk}", said.join("\n"));
        };
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Console { process, link, place: self }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bartizan"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("XDG_STATE_HOME", self.path("state-home"))
            .stdin(Stdio::null());
        command
    }
}

/// A running console; it ends with this value.
pub(crate) struct Console {
    process: Child,
    /// The one-time link that was printed.
    pub(crate) link: String,
    pub(crate) place: Place,
}

impl Console {
    /// An example project, checked and served.
    pub(crate) fn demo(kind: &str) -> Self {
        Place::with_demo(kind).up()
    }

    /// The address of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        let origin = self.link.split("/enter").next().unwrap_or_default();
        format!("{origin}{path}")
    }

    /// The link that is in force now, as the file beside the project tells it.
    pub(crate) fn next_link(&self) -> String {
        let authority = self.link.split("/enter").next().unwrap_or_default();
        let port = authority.rsplit(':').next().unwrap_or_default();
        self.place.read(&format!("project/.bartizan/console-{port}.link")).trim().to_owned()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
