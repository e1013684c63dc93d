//! in-toto statements, DSSE envelopes, keys and trust.
