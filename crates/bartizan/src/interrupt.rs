//! What the user asks by Ctrl-C, or the system by a termination signal.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// What shells report for a program that Ctrl-C has ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Whether the program was asked to stop. The first time it finishes what it is doing; the second time it ends at
/// once, which the ledger survives at every moment.
#[derive(Debug, Default)]
pub(crate) struct Interrupt {
    asked: AtomicBool,
    wake: Notify,
}

impl Interrupt {
    /// The one of this process; from the first call on the program is no longer ended by the signal itself.
    pub(crate) fn watched() -> Arc<Self> {
        static ONE: OnceLock<Arc<Interrupt>> = OnceLock::new();
        let one = ONE.get_or_init(|| {
            let interrupt = Arc::new(Self::default());
            let handler = Arc::clone(&interrupt);
            // Without a handler the signal ends the program, as it does by default.
            let _ = ctrlc::set_handler(move || handler.ask());
            interrupt
        });
        Arc::clone(one)
    }

    fn ask(&self) {
        if self.asked.swap(true, Ordering::SeqCst) {
            // Not an abort: an image of the memory, which the system may keep then, holds keys and links.
            std::process::exit(INTERRUPTED);
        }
        self.wake.notify_one();
    }

    /// Whether it was asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Ends when the program is asked to stop.
    pub(crate) async fn wait(&self) {
        if !self.is_asked() {
            self.wake.notified().await;
        }
    }
}
