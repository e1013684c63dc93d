//! Streaming text detectors: personal data, secrets, hidden text.
