//! Group commit: appends of several threads, made durable together.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use bartizan_finding::Timestamp;

use crate::{Draft, Ledger, LedgerError, Receipt};

/// How much waits to be committed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// The most drafts in a batch.
    pub most: usize,
    /// How long the first of a batch waits for others. Zero is a good choice: while one batch is being synced, the
    /// next gathers by itself.
    pub linger: Duration,
    /// The most requests that wait; who brings one more waits until there is room.
    pub queue: usize,
}

impl Default for Batching {
    fn default() -> Self {
        Self { most: 1000, linger: Duration::ZERO, queue: 4096 }
    }
}

/// Commits what several threads bring, in one batch after the other, on a thread of its own.
///
/// Dropping it commits what was brought and waits for the thread.
#[derive(Debug)]
pub struct Committer {
    sender: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
}

/// Receipts to come.
#[derive(Debug)]
pub struct Pending(Receiver<Outcome>);

type Outcome = Result<Vec<Receipt>, LedgerError>;

#[derive(Debug)]
struct Request {
    drafts: Vec<Draft>,
    answer: SyncSender<Outcome>,
}

impl Committer {
    /// Starts the thread. `clock` gives the time of recording of each batch.
    pub fn start(
        ledger: Arc<Ledger>,
        batching: Batching,
        clock: impl Fn() -> Timestamp + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(batching.queue);
        let thread = std::thread::Builder::new()
            .name("ledger-commit".to_owned())
            .spawn(move || run(&ledger, batching, &clock, &receiver))?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Brings drafts, which are recorded together or not at all. What is not fit to be recorded is refused here, so
    /// that it cannot spoil the batch of others.
    pub fn submit(&self, drafts: Vec<Draft>) -> Result<Pending, LedgerError> {
        drafts.iter().try_for_each(Draft::check)?;
        // The thread has room for the answer whether or not anybody waits for it.
        let (answer, pending) = sync_channel(1);
        let sender = self.sender.as_ref().ok_or(LedgerError::Poisoned)?;
        sender.send(Request { drafts, answer }).map_err(|_| LedgerError::Poisoned)?;
        Ok(Pending(pending))
    }
}

impl Pending {
    /// Waits until the drafts are durable.
    pub fn wait(self) -> Result<Vec<Receipt>, LedgerError> {
        self.0.recv().unwrap_or(Err(LedgerError::Poisoned))
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // It panics only if appending does; then each `Pending` has said so.
            let _ = thread.join();
        }
    }
}

fn run(ledger: &Ledger, batching: Batching, clock: &dyn Fn() -> Timestamp, receiver: &Receiver<Request>) {
    let mut left_over = None;
    while let Some(first) = left_over.take().or_else(|| receiver.recv().ok()) {
        let mut answers = vec![(first.answer, first.drafts.len())];
        let mut drafts = first.drafts;
        while drafts.len() < batching.most {
            let Some(next) = next(receiver, batching.linger) else { break };
            if drafts.len() + next.drafts.len() > batching.most {
                left_over = Some(next);
                break;
            }
            answers.push((next.answer, next.drafts.len()));
            drafts.extend(next.drafts);
        }
        let outcome = ledger.append(&drafts, clock());
        let mut receipts = outcome.as_deref().unwrap_or_default();
        for (answer, count) in answers {
            let mine = match &outcome {
                Ok(_) => {
                    let (mine, rest) = receipts.split_at(count.min(receipts.len()));
                    receipts = rest;
                    Ok(mine.to_vec())
                }
                Err(error) => Err(error.clone()),
            };
            // Whoever brought it may have gone.
            let _ = answer.send(mine);
        }
    }
}

fn next(receiver: &Receiver<Request>, linger: Duration) -> Option<Request> {
    match receiver.try_recv() {
        Ok(request) => Some(request),
        Err(_) if linger.is_zero() => None,
        Err(_) => receiver.recv_timeout(linger).ok(),
    }
}
