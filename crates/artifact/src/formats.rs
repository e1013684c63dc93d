//! One folder per format.

pub(crate) mod card;
pub(crate) mod compressed;
pub(crate) mod config;
pub(crate) mod gguf;
pub(crate) mod pickle;
pub(crate) mod python;
pub(crate) mod requirements;
pub(crate) mod safetensors;
pub(crate) mod template;
pub(crate) mod torch;
pub(crate) mod yaml;
pub(crate) mod zip;
