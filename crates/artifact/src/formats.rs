//! One folder per format.

pub(crate) mod catboost;
pub(crate) mod compressed;
pub(crate) mod config;
pub(crate) mod coreml;
pub(crate) mod executorch;
pub(crate) mod flatbuffers;
pub(crate) mod gguf;
pub(crate) mod hdf5;
pub(crate) mod keras;
pub(crate) mod msgpack;
pub(crate) mod onnx;
pub(crate) mod orbax;
pub(crate) mod outside;
pub(crate) mod pickle;
pub(crate) mod protobuf;
pub(crate) mod safetensors;
pub(crate) mod template;
pub(crate) mod tensorflow;
pub(crate) mod tensorrt;
pub(crate) mod tflite;
pub(crate) mod torch;
pub(crate) mod zip;
