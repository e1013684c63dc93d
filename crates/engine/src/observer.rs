use std::sync::atomic::{AtomicBool, Ordering};

/// Told what a check is doing; asked whether to go on. Called from several threads at once.
pub trait Observer: Sync {
    /// A stage begins.
    fn stage(&self, stage: Stage) {
        let _ = stage;
    }

    /// The plan is made: this much will be read.
    fn planned(&self, files: u64, bytes: u64) {
        let _ = (files, bytes);
    }

    /// This many more bytes were read.
    fn read(&self, bytes: u64) {
        let _ = bytes;
    }

    /// One more file is done.
    fn file_done(&self, path: &str) {
        let _ = path;
    }

    /// Whether to stop. Asked every 64 KiB; what is then left is reported as not examined.
    fn cancelled(&self) -> bool {
        false
    }
}

/// What a check does, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reads the project file or infers one.
    Load,
    /// Derives threats, risks and the controls they ask for.
    Derive,
    /// Lists the files of each asset.
    Plan,
    /// Reads and judges the files.
    Inspect,
    /// Signs the statements and records them.
    Record,
    /// Computes status from the evidence.
    Assess,
}

impl Stage {
    /// The word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Derive => "derive",
            Self::Plan => "plan",
            Self::Inspect => "inspect",
            Self::Record => "record",
            Self::Assess => "assess",
        }
    }

    /// What is being done, for a progress line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Load => "reading the project",
            Self::Derive => "deriving threats",
            Self::Plan => "listing files",
            Self::Inspect => "inspecting files",
            Self::Record => "recording evidence",
            Self::Assess => "computing status",
        }
    }
}

/// Says nothing and never stops.
#[derive(Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Stops when told to, for instance by a signal handler. Says nothing.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Observer for Cancel {
    fn cancelled(&self) -> bool {
        self.is_cancelled()
    }
}
