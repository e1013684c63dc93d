//! Readers of training and tuning data, and their scan.
