//! One folder per format.

pub(crate) mod pickle;
pub(crate) mod safetensors;
