//! One folder per format.

pub(crate) mod compressed;
pub(crate) mod config;
pub(crate) mod ggml;
pub(crate) mod gguf;
pub(crate) mod lightgbm;
pub(crate) mod numpy;
pub(crate) mod openvino;
pub(crate) mod pickle;
pub(crate) mod pmml;
pub(crate) mod safetensors;
pub(crate) mod skops;
pub(crate) mod template;
pub(crate) mod torch;
pub(crate) mod trees;
pub(crate) mod xgboost;
pub(crate) mod xml;
pub(crate) mod zip;
