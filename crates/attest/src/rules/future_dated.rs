use bartizan_finding::Rule;

/// Evidence is dated in the future.
///
/// ## What it finds
/// A statement that says it was collected, or its bytes were read, more than five minutes after the time of the run or
/// after the time when it was logged.
/// ## Why it matters
/// Evidence that is dated ahead expires later than it should. It does not count until its time has come and the log
/// has taken it in then.
/// ## Example
/// A scan that was collected on 3 June, in a ledger that recorded it on 1 May.
/// ## Fix
/// Set the collector's clock and collect the evidence again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/345.html>
#[derive(Rule)]
#[rule(code = "TRU004", severity = "medium", confidence = "high", controls = ["evidence-log"])]
pub struct FutureDated;
