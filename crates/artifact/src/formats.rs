//! One folder per format.

pub(crate) mod compressed;
pub(crate) mod config;
#[cfg(test)]
mod differential;
pub(crate) mod gguf;
pub(crate) mod llamafile;
pub(crate) mod pickle;
pub(crate) mod safetensors;
pub(crate) mod sevenzip;
pub(crate) mod tar;
pub(crate) mod template;
pub(crate) mod torch;
pub(crate) mod zip;
