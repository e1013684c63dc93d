//! Progress on standard error, where it is a terminal.

use std::{
    io::{self, IsTerminal as _},
    sync::Arc,
    time::Duration,
};

use bartizan_engine::{Observer, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt::Interrupt;

/// Shows what a check does, and stops it when the user presses Ctrl-C.
pub(crate) struct Progress {
    bar: ProgressBar,
    interrupt: Arc<Interrupt>,
}

impl Progress {
    /// A bar, or none where nobody would see it.
    pub(crate) fn new(wanted: bool) -> Self {
        let bar = ProgressBar::new(0);
        let seen = wanted && io::stderr().is_terminal();
        bar.set_draw_target(if seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, interrupt: Interrupt::watched() }
    }

    /// Whether the user stopped the run.
    pub(crate) fn was_cancelled(&self) -> bool {
        self.interrupt.is_asked()
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn stage(&self, stage: Stage) {
        self.bar.set_message(stage.as_str());
    }

    fn planned(&self, _files: u64, bytes: u64) {
        self.bar.set_length(bytes);
    }

    fn read(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn cancelled(&self) -> bool {
        self.interrupt.is_asked()
    }
}
