//! Hostile and benign model files, built by code, and what should be said about each.
//!
//! Payloads are inert: the only command is `true`, the only address one that nobody can have. Each family is a file with
//! its builders and a `samples` function; [`samples`] is all of them. The files are made when they are asked for and
//! never committed.

#![expect(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    clippy::new_without_default,
    clippy::unwrap_used,
    reason = "builders are named after what they write, and are given what they can write"
)]

pub mod card;
pub mod catboost;
pub mod checkpoint;
pub mod checksum;
pub mod compressed;
pub mod config;
pub mod coreml;
pub mod executorch;
pub mod flatbuffers;
pub mod ggml;
pub mod gguf;
pub mod hdf5;
pub mod joblib;
pub mod keras;
pub mod lightgbm;
pub mod llamafile;
pub mod msgpack;
pub mod numpy;
pub mod oci;
pub mod onnx;
pub mod openvino;
pub mod orbax;
pub mod pickle;
pub mod pmml;
pub mod protobuf;
pub mod python;
pub mod safetensors;
pub mod sevenzip;
pub mod skops;
pub mod tar;
pub mod template;
pub mod tensorflow;
pub mod tensorrt;
pub mod tflite;
pub mod torch;
pub mod torchscript;
pub mod xgboost;
pub mod yaml;
pub mod zip;

/// What a file is in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does nothing but load.
    Benign,
    /// Loading it does what its author wants.
    Hostile,
}

/// A file of the corpus.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The builders that it comes from, such as `pickle`.
    pub family: &'static str,
    /// What it is, in a few words.
    pub what: String,
    /// The name that it goes by, which decides how loaders and other scanners treat it.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    pub truth: Truth,
    /// Rules of which each must fire; none where a benign file is to be clean.
    pub codes: &'static [&'static str],
    /// The advisory that it goes back to, where there is one.
    pub source: Option<&'static str>,
}

impl Sample {
    /// A file that must be a finding by these rules.
    pub fn hostile(
        family: &'static str,
        what: impl Into<String>,
        path: impl Into<String>,
        bytes: Vec<u8>,
        codes: &'static [&'static str],
    ) -> Self {
        let (what, path) = (what.into(), path.into());
        Self { family, what, path, bytes, truth: Truth::Hostile, codes, source: None }
    }

    /// A file that must be clean.
    pub fn benign(
        family: &'static str,
        what: impl Into<String>,
        path: impl Into<String>,
        bytes: Vec<u8>,
    ) -> Self {
        let (what, path) = (what.into(), path.into());
        Self { family, what, path, bytes, truth: Truth::Benign, codes: &[], source: None }
    }

    /// The advisory that it goes back to.
    #[must_use]
    pub fn from_advisory(mut self, source: &'static str) -> Self {
        self.source = Some(source);
        self
    }
}

/// All files.
pub fn samples() -> Vec<Sample> {
    let families: [fn() -> Vec<Sample>; 33] = [
        card::samples,
        catboost::samples,
        checkpoint::samples,
        compressed::samples,
        config::samples,
        coreml::samples,
        executorch::samples,
        ggml::samples,
        hdf5::samples,
        joblib::samples,
        keras::samples,
        lightgbm::samples,
        llamafile::samples,
        msgpack::samples,
        numpy::samples,
        oci::samples,
        onnx::samples,
        openvino::samples,
        orbax::samples,
        pickle::samples,
        pmml::samples,
        python::samples,
        sevenzip::samples,
        skops::samples,
        tar::samples,
        template::samples,
        tensorflow::samples,
        tensorrt::samples,
        tflite::samples,
        torchscript::samples,
        xgboost::samples,
        yaml::samples,
        zip::samples,
    ];
    families.iter().flat_map(|samples| samples()).collect()
}
