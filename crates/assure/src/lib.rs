//! Controls and evidence to facts, status and posture.
