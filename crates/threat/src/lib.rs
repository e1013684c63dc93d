//! Rules over the system model, attack paths, risk.
