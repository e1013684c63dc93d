//! A stack of a known size for work that is as deep as its input.

use std::thread;

/// Measured: at the limits of the scan, Cedar built without optimisation needs less than half of it. Memory that is
/// not touched is not used.
const STACK: usize = 64 * 1024 * 1024;

/// Runs `work` on a thread of its own, so that what a text means does not depend on how much stack its caller has
/// left. An error says why it could not be run.
pub(crate) fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("policy".to_owned()).stack_size(STACK);
        let running =
            thread.spawn_scoped(scope, work).map_err(|error| format!("no thread can be started: {error}"))?;
        running.join().map_err(|_| "the policy engine gave up".to_owned())
    })
}
