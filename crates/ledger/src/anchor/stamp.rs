//! Time stamps of checkpoints.

use bartizan_attest::{TimestampAuthority, TimestampFault, TimestampToken};
use bartizan_finding::{Digest, Timestamp};

use super::AnchorWrong;

/// Who stamped `text`, and the latest moment at which that can have been: a time stamp may say how far its clock may
/// be off.
pub(super) fn verify(
    der: &[u8],
    text: &str,
    authorities: &[TimestampAuthority],
) -> Result<(String, Timestamp), AnchorWrong> {
    let imprint = Digest::of(text.as_bytes());
    let stamp = TimestampToken::parse(der).and_then(|token| token.verify(&imprint, None, authorities));
    let stamp = stamp.map_err(|fault| match fault {
        // Whoever may put a file here may put one of an authority of their own here: that is no fault of the log.
        TimestampFault::UnknownAuthority { .. } | TimestampFault::NotUnderstood { .. } => {
            AnchorWrong::NotUnderstood(fault.to_string())
        }
        fault => AnchorWrong::Stamp(fault.to_string()),
    })?;
    let latest = stamp.accuracy.and_then(|accuracy| stamp.at.checked_add(accuracy).ok());
    Ok((stamp.by, latest.unwrap_or(stamp.at)))
}
