//! One folder per format.

pub(crate) mod compressed;
pub(crate) mod config;
pub(crate) mod gguf;
pub(crate) mod numpy;
pub(crate) mod pickle;
pub(crate) mod safetensors;
pub(crate) mod skops;
pub(crate) mod template;
pub(crate) mod torch;
pub(crate) mod zip;
