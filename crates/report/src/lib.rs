//! Findings, posture and runs as text, JSON and SARIF.
