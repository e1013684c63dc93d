//! One folder per format.

pub(crate) mod compressed;
pub(crate) mod config;
pub(crate) mod gguf;
pub(crate) mod hdf5;
pub(crate) mod keras;
pub(crate) mod msgpack;
pub(crate) mod orbax;
pub(crate) mod pickle;
pub(crate) mod safetensors;
pub(crate) mod template;
pub(crate) mod torch;
pub(crate) mod zip;
