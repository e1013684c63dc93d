//! Exit codes. They are part of the interface and never change their meaning; [`TABLE`] says what they mean.
//!
//! Where several apply, the first of 2, 5, 1, 4, 3, 0 wins.

/// Every code with what it means: for the help and the manual pages.
pub(crate) const TABLE: [(u8, &str); 6] = [
    (0, "done; nothing at or over --fail-on; required gates allow"),
    (1, "findings at or over --fail-on, or a required gate denies"),
    (2, "wrong usage or configuration"),
    (3, "nothing to check"),
    (4, "incomplete: part of the planned work could not be done"),
    (5, "verification failed: a signature, a digest or the log"),
];

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0
    Done,
    /// 2
    Usage,
    /// 3
    Nothing,
    /// 4
    Incomplete,
    /// 5
    VerificationFailed,
    /// What a report says, by the same table.
    Code(u8),
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Nothing => 3,
            Self::Incomplete => 4,
            Self::VerificationFailed => 5,
            Self::Code(code) => code,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
