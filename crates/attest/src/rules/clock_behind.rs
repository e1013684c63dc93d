use bartizan_finding::Rule;

/// The clock is behind the newest verified entry of the ledger.
///
/// ## What it finds
/// A system clock that is more than five minutes earlier than the newest verified time in the ledger.
/// ## Why it matters
/// Expiry is judged by time. With a clock that was set back, expired evidence and expired exceptions would count
/// again; the run goes on with the ledger's time instead.
/// ## Example
/// The clock says 1 May, the newest entry was logged on 3 May.
/// ## Fix
/// Set the clock and keep it synchronised. Where the clock is right, look for the machine whose clock was ahead when
/// it appended the newest entry.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8633>
#[derive(Rule)]
#[rule(code = "TRU002", severity = "medium", confidence = "high", controls = ["evidence-log"])]
pub struct ClockBehind;
