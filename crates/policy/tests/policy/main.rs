//! Policies as people write them, and as they should not.

mod deciding;
mod fixture;
mod hostile;
mod properties;
mod wrong;
