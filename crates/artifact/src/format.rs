//! What a file is, by its bytes.

use std::fmt;

use serde::Serialize;

use crate::{
    formats::{coreml, hdf5, msgpack, orbax, pickle, protobuf::sniff, tar, tensorrt, xgboost},
    text::Utf8,
};

/// What the bytes of a file are. The name of a file never decides this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// Tensors behind a JSON header.
    Safetensors,
    /// Programs for Python's unpickler.
    Pickle,
    /// A JSON document; left to text detectors.
    Json,
    /// Other text in UTF-8; left to text detectors.
    Text,
    /// No bytes at all.
    Empty,
    /// A note that stands where a large file should be.
    LfsPointer,
    /// A ZIP archive; `PyTorch` and `NumPy` save models as such.
    Zip,
    /// A ZIP archive in which `PyTorch` saved tensors and a pickle, since version 1.6.
    PyTorch,
    /// A ZIP archive in which `PyTorch` saved a program for its own interpreter beside the tensors.
    TorchScript,
    /// Pickles behind one another and then tensors, as `PyTorch` saved before version 1.6.
    PyTorchLegacy,
    /// GGUF, as llama.cpp reads it.
    Gguf,
    /// What llama.cpp read before GGUF.
    Ggml,
    /// HDF5, as Keras writes it.
    Hdf5,
    /// A `NumPy` array.
    Numpy,
    /// A TensorFlow Lite model.
    TfLite,
    /// A Parquet table.
    Parquet,
    /// A `SQLite` database.
    Sqlite,
    /// Compressed with gzip.
    Gzip,
    /// Compressed with bzip2.
    Bzip2,
    /// Compressed with xz.
    Xz,
    /// Compressed with Zstandard.
    Zstd,
    /// Compressed with LZ4.
    Lz4,
    /// Compressed with zlib, as joblib does.
    Zlib,
    /// Compressed with lzma, in the format before xz.
    Lzma,
    /// A 7-Zip archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// A tar archive.
    Tar,
    /// A program or library for Linux.
    Elf,
    /// A program or library for Windows.
    Pe,
    /// A program or library for macOS.
    MachO,
    /// A WebAssembly module.
    Wasm,
    /// An image.
    Image,
    /// A PDF document.
    Pdf,
    /// A program for `ExecuTorch`.
    ExecuTorch,
    /// A ZIP archive of `NumPy` arrays.
    Npz,
    /// A ZIP archive in which skops saved an estimator.
    Skops,
    /// A ZIP archive in which Keras 3 saved a model.
    Keras,
    /// HDF5 in which Keras saved a model.
    KerasHdf5,
    /// An ONNX model.
    Onnx,
    /// The graphs of a TensorFlow `SavedModel`.
    SavedModel,
    /// A TensorFlow graph with what belongs to it.
    MetaGraph,
    /// A TensorFlow graph alone.
    GraphDef,
    /// A Core ML model.
    CoreMl,
    /// The weights of a Core ML package.
    CoreMlWeights,
    /// The index of a TensorFlow checkpoint.
    TfCheckpoint,
    /// Plain numbers, which another file describes.
    RawData,
    /// `MessagePack`, as Flax writes it.
    Msgpack,
    /// A part of a database in which Orbax keeps arrays.
    Ocdbt,
    /// The graph of an `OpenVINO` model, in XML.
    OpenVino,
    /// A `TensorRT` engine.
    TensorRt,
    /// An `XGBoost` model in binary form.
    Xgboost,
    /// An `XGBoost` model in JSON.
    XgboostJson,
    /// A `LightGBM` model, in text.
    LightGbm,
    /// A `CatBoost` model.
    CatBoost,
    /// A PMML document.
    Pmml,
    /// A program with the weights that it serves.
    Llamafile,
    /// A tar archive in which `NeMo` saved a model.
    Nemo,
    /// A ZIP archive for `TorchServe`.
    TorchServe,
    /// A tar archive of a container image.
    OciLayout,
    /// Python source.
    Python,
    /// A chat template.
    Jinja,
    /// A model card.
    ModelCard,
    /// Settings in YAML.
    Yaml,
    /// Something else.
    Other,
}

/// Signatures at fixed offsets. A signature of two bytes, such as `MZ`, is checked further in [`Format::of`].
const MAGIC: [(usize, &[u8], Format); 34] = [
    (0, b"PK\x03\x04", Format::Zip),
    (0, b"PK\x05\x06", Format::Zip),
    (0, b"ggjt", Format::Ggml),
    (0, b"tjgg", Format::Ggml),
    (0, b"lmgg", Format::Ggml),
    (0, b"fmgg", Format::Ggml),
    (0, b"algg", Format::Ggml),
    (0, b"nsgg", Format::Ggml),
    (0, b"\x89HDF\r\n\x1a\n", Format::Hdf5),
    (0, b"\x93NUMPY", Format::Numpy),
    (4, b"TFL3", Format::TfLite),
    (0, b"PAR1", Format::Parquet),
    (0, b"SQLite format 3\0", Format::Sqlite),
    (0, b"\x1f\x8b\x08", Format::Gzip),
    (0, b"BZh", Format::Bzip2),
    (0, b"\xfd7zXZ\0", Format::Xz),
    (0, b"\x28\xb5\x2f\xfd", Format::Zstd),
    (0, b"\x04\x22\x4d\x18", Format::Lz4),
    (0, b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    (0, b"Rar!\x1a\x07", Format::Rar),
    (257, b"ustar", Format::Tar),
    (0, b"\x7fELF", Format::Elf),
    // Programs for several systems at once (Actually Portable Executable, section "APE format").
    (0, b"MZqFpD='", Format::Pe),
    (0, b"jartsr='", Format::Elf),
    (0, b"\xfe\xed\xfa\xce", Format::MachO),
    (0, b"\xfe\xed\xfa\xcf", Format::MachO),
    (0, b"\xce\xfa\xed\xfe", Format::MachO),
    (0, b"\xcf\xfa\xed\xfe", Format::MachO),
    (0, b"\xca\xfe\xba\xbe", Format::MachO),
    (0, b"\0asm", Format::Wasm),
    (0, b"\x89PNG\r\n\x1a\n", Format::Image),
    (0, b"\xff\xd8\xff", Format::Image),
    (0, b"GIF8", Format::Image),
    (0, b"%PDF-", Format::Pdf),
];

impl Format {
    /// What a file is whose first bytes are `head` (up to 64 KiB) and which has `size` bytes in all.
    ///
    /// Structure goes before signatures where a signature could stand by chance: a safetensors file starts with the
    /// length of its header, which may spell anything.
    pub fn of(head: &[u8], size: u64) -> Self {
        if head.is_empty() {
            return Self::Empty;
        }
        // No reader of safetensors accepts the length that these bytes would be, 1.2 GB or more.
        if head.starts_with(b"GGUF") {
            return Self::Gguf;
        }
        if is_safetensors(head) {
            return Self::Safetensors;
        }
        if head.starts_with(b"version https://git-lfs.github.com/spec/") && size < 1024 {
            return Self::LfsPointer;
        }
        let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        if let Some((.., format)) = MAGIC.iter().find(|(offset, magic, _)| at(*offset, magic)) {
            return *format;
        }
        if head.starts_with(b"binf") || xgboost::is_ubjson(head) {
            return Self::Xgboost;
        }
        if is_pe(head) {
            return Self::Pe;
        }
        // The digits are a version; texts have none between the offset in front and the rest.
        if let Some([b'E', b'T', b'0'..=b'9', b'0'..=b'9']) = head.get(4..8)
            && head.get(1..4).is_some_and(|offset| offset.contains(&0))
        {
            return Self::ExecuTorch;
        }
        if head.starts_with(b"CBM1")
            && head.get(4..).is_none_or(|rest| rest.iter().take(64).any(|byte| *byte < 9))
        {
            return Self::CatBoost;
        }
        if coreml::weights::is_weights(head) {
            return Self::CoreMlWeights;
        }
        if tensorrt::is_engine(head) {
            return Self::TensorRt;
        }
        // Archives of before POSIX have no signature but their checksum.
        if tar::header::is_tar(head) {
            return Self::Tar;
        }
        if is_zlib(head) {
            return Self::Zlib;
        }
        if is_lzma(head) {
            return Self::Lzma;
        }
        if pickle::is_torch_legacy(head) {
            return Self::PyTorchLegacy;
        }
        if pickle::is_likely(head, size) {
            return Self::Pickle;
        }
        if orbax::is_part(head, size) {
            return Self::Ocdbt;
        }
        if msgpack::is_likely(head, size) {
            return Self::Msgpack;
        }
        if let Some(format) = sniff::format(head, size) {
            return format;
        }
        // Behind a block for the user's own bytes.
        if hdf5::find(head).is_some() {
            return Self::Hdf5;
        }
        let mut utf8 = Utf8::strict();
        let whole = head.len() as u64 == size;
        if head.contains(&0) || !utf8.push(head) || (whole && !utf8.finish()) {
            return Self::Other;
        }
        let mut marks = head.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
        match (marks.next(), marks.next()) {
            (Some(b'{'), Some(b'"' | b'}'))
            | (Some(b'['), Some(b'"' | b'{' | b'[' | b']' | b'-' | b'0'..=b'9')) => Self::Json,
            _ => Self::Text,
        }
    }

    /// Whether the file is text, and text detectors should read it.
    pub const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Json
                | Self::Text
                | Self::LfsPointer
                | Self::Python
                | Self::Jinja
                | Self::ModelCard
                | Self::Yaml
                | Self::XgboostJson
                | Self::LightGbm
                | Self::Pmml
                | Self::OpenVino
        )
    }

    /// Whether this crate looks inside files of this format.
    pub const fn is_inspected(self) -> bool {
        matches!(
            self,
            Self::Safetensors
                | Self::Pickle
                | Self::Gguf
                | Self::Zip
                | Self::PyTorch
                | Self::TorchScript
                | Self::TorchServe
                | Self::PyTorchLegacy
                | Self::Hdf5
                | Self::KerasHdf5
                | Self::Keras
                | Self::Msgpack
                | Self::Ocdbt
                | Self::Onnx
                | Self::SavedModel
                | Self::MetaGraph
                | Self::GraphDef
                | Self::CoreMl
                | Self::CoreMlWeights
                | Self::TfCheckpoint
                | Self::RawData
                | Self::TfLite
                | Self::ExecuTorch
                | Self::CatBoost
                | Self::Numpy
                | Self::Npz
                | Self::Skops
                | Self::Xgboost
                | Self::XgboostJson
                | Self::LightGbm
                | Self::Pmml
                | Self::OpenVino
                | Self::Ggml
                | Self::Tar
                | Self::Nemo
                | Self::OciLayout
                | Self::SevenZip
                | Self::Llamafile
                | Self::Gzip
                | Self::Bzip2
                | Self::Xz
                | Self::Zstd
                | Self::Lz4
                | Self::Zlib
                | Self::Lzma
        )
    }

    /// Whether a file of this format can run code in whoever loads it; `None` where that depends on what is inside
    /// and this crate does not look there.
    pub const fn carries_code(self) -> Option<bool> {
        match self {
            Self::Safetensors
            | Self::Gguf
            | Self::Ggml
            | Self::Xgboost
            | Self::XgboostJson
            | Self::LightGbm
            | Self::Pmml
            | Self::OpenVino
            | Self::Json
            | Self::Text
            | Self::Jinja
            | Self::ModelCard
            | Self::Empty
            | Self::LfsPointer
            | Self::Msgpack
            | Self::Ocdbt
            | Self::CoreMlWeights
            | Self::TfCheckpoint
            | Self::RawData
            | Self::CatBoost => Some(false),
            Self::Pickle
            | Self::PyTorch
            | Self::TorchScript
            | Self::TorchServe
            | Self::PyTorchLegacy
            | Self::SavedModel
            | Self::MetaGraph
            | Self::GraphDef
            | Self::ExecuTorch
            | Self::TensorRt
            | Self::Python
            | Self::Elf
            | Self::Pe
            | Self::MachO
            | Self::Wasm
            | Self::Keras
            | Self::KerasHdf5
            | Self::Llamafile => Some(true),
            _ => None,
        }
    }

    /// Whether the file is a picture, a document or a program: nothing that a model is loaded from, and nothing
    /// that holds further files.
    pub const fn is_opaque(self) -> bool {
        matches!(
            self,
            Self::Image | Self::Pdf | Self::Elf | Self::Pe | Self::MachO | Self::Wasm | Self::Other
        )
    }

    /// Whether the bytes are a ZIP archive, whatever is in it.
    pub(crate) const fn is_zip(self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::PyTorch
                | Self::TorchScript
                | Self::Keras
                | Self::TorchServe
                | Self::Npz
                | Self::Skops
                | Self::Llamafile
        )
    }

    /// Whether the file is an archive each of whose bytes belongs to a member that is looked at, or to a problem.
    pub(crate) const fn accounts_for_members(self) -> bool {
        matches!(self, Self::Tar | Self::Nemo | Self::OciLayout | Self::SevenZip)
    }

    /// Whether the bytes are pickles from the start of the file.
    pub(crate) const fn is_pickle(self) -> bool {
        matches!(self, Self::Pickle | Self::PyTorchLegacy)
    }

    /// Whether the bytes are machine code in a container that an operating system starts.
    pub(crate) const fn is_executable(self) -> bool {
        matches!(self, Self::Elf | Self::Pe | Self::MachO | Self::Llamafile)
    }

    /// The name that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Pickle => "pickle",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::Empty => "empty file",
            Self::LfsPointer => "Git LFS pointer",
            Self::Zip => "ZIP archive",
            Self::PyTorch => "PyTorch archive",
            Self::TorchScript => "TorchScript archive",
            Self::PyTorchLegacy => "PyTorch file of before version 1.6",
            Self::Gguf => "GGUF",
            Self::Ggml => "GGML",
            Self::Hdf5 => "HDF5",
            Self::Numpy => "NumPy array",
            Self::TfLite => "TensorFlow Lite model",
            Self::Parquet => "Parquet",
            Self::Sqlite => "SQLite database",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "Zstandard",
            Self::Lz4 => "LZ4",
            Self::Zlib => "zlib",
            Self::Lzma => "lzma",
            Self::SevenZip => "7-Zip archive",
            Self::Rar => "RAR archive",
            Self::Tar => "tar archive",
            Self::Elf => "ELF executable",
            Self::Pe => "Windows executable",
            Self::MachO => "Mach-O executable",
            Self::Wasm => "WebAssembly module",
            Self::Image => "image",
            Self::Pdf => "PDF document",
            Self::ExecuTorch => "ExecuTorch program",
            Self::Npz => "NumPy archive",
            Self::Skops => "skops archive",
            Self::Keras => "Keras archive",
            Self::KerasHdf5 => "Keras HDF5",
            Self::Onnx => "ONNX",
            Self::SavedModel => "TensorFlow SavedModel",
            Self::MetaGraph => "TensorFlow MetaGraph",
            Self::GraphDef => "TensorFlow GraphDef",
            Self::CoreMl => "Core ML model",
            Self::CoreMlWeights => "Core ML weights",
            Self::TfCheckpoint => "TensorFlow checkpoint index",
            Self::RawData => "raw tensor data",
            Self::Msgpack => "MessagePack",
            Self::Ocdbt => "OCDBT",
            Self::OpenVino => "OpenVINO graph",
            Self::TensorRt => "TensorRT engine",
            Self::Xgboost => "XGBoost model",
            Self::XgboostJson => "XGBoost JSON",
            Self::LightGbm => "LightGBM model",
            Self::CatBoost => "CatBoost model",
            Self::Pmml => "PMML",
            Self::Llamafile => "llamafile",
            Self::Nemo => "NeMo archive",
            Self::TorchServe => "TorchServe archive",
            Self::OciLayout => "OCI image",
            Self::Python => "Python source",
            Self::Jinja => "Jinja template",
            Self::ModelCard => "model card",
            Self::Yaml => "YAML",
            Self::Other => "unknown binary format",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A length below 2³² and then the brace of a JSON object, with white space between as the reference reader allows;
/// or a length that no text starts with, and the start of a JSON object with a key.
fn is_safetensors(head: &[u8]) -> bool {
    let Some((bytes, header)) = head.split_first_chunk::<8>() else { return false };
    let length = u64::from_le_bytes(*bytes);
    let is_text = |byte: &u8| *byte != 0xff && (!byte.is_ascii_control() || byte.is_ascii_whitespace());
    let first = header.iter().find(|byte| !byte.is_ascii_whitespace());
    (2..1 << 32).contains(&length) && first == Some(&b'{')
        || header.starts_with(b"{\"") && !bytes.iter().all(is_text)
}

/// The two bytes of a header of RFC 1950 with the window that everybody uses, and the start of a block that can be
/// decompressed.
fn is_zlib(head: &[u8]) -> bool {
    let [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), ..] = head else { return false };
    let mut scratch = [0; 64];
    let mut stream = flate2::Decompress::new(true);
    debug_assert!((0x7800 + u16::from(*flags)).is_multiple_of(31), "the header has its check");
    stream.decompress(head, &mut scratch, flate2::FlushDecompress::None).is_ok()
}

/// The properties that everybody uses, a window that is a power of two or the sum of two, and a length that is left open
/// or below 2^48.
fn is_lzma(head: &[u8]) -> bool {
    let [0x5d, d0, d1, d2, d3, length @ ..] = head else { return false };
    let window = u32::from_le_bytes([*d0, *d1, *d2, *d3]);
    let Some(length) = length.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes)) else {
        return false;
    };
    window >= 4096
        && window.count_ones() <= 2
        && (length == u64::MAX || length < 1 << 48)
        && head.get(13) == Some(&0)
}

/// `MZ` at the start and `PE` where the field at 0x3c points (Microsoft PE format, section "MS-DOS Stub").
pub(crate) fn is_pe(head: &[u8]) -> bool {
    let Some(pointer) = head.get(0x3c..0x40).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()) else {
        return false;
    };
    let at = usize::try_from(u32::from_le_bytes(pointer)).unwrap_or(usize::MAX);
    head.starts_with(b"MZ") && head.get(at..).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(bytes: &[u8]) -> Format {
        Format::of(bytes, bytes.len() as u64)
    }

    #[test]
    fn bytes_decide_what_a_file_is() {
        let mut tar = vec![b'x'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let mut pe = vec![0; 128];
        pe[..2].copy_from_slice(b"MZ");
        pe[0x3c] = 0x60;
        pe[0x60..0x64].copy_from_slice(b"PE\0\0");
        let cases: &[(&[u8], Format)] = &[
            (b"", Format::Empty),
            (b"\x02\0\0\0\0\0\0\0{}", Format::Safetensors),
            (b"\x03\0\0\0\0\0\0\0 {}", Format::Safetensors),
            (b"PK\x03\x04rest", Format::Zip),
            (b"GGUF\x03\0\0\0", Format::Gguf),
            // As many tensors as spell the start of a JSON object.
            (b"GGUF\x03\0\0\0{\"\0\0\0\0\0\0", Format::Gguf),
            (b"tjgg\x03\0\0\0", Format::Ggml),
            (b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", Format::PyTorchLegacy),
            (b"7z\xbc\xaf\x27\x1c\0", Format::SevenZip),
            (&tar, Format::Tar),
            (&pe, Format::Pe),
            (b"MZ is a note about executables", Format::Text),
            (b" {\"a\": 1}", Format::Json),
            (b"# Model card", Format::Text),
            (b"[PAD]\n[unused0]\n", Format::Text),
            (b"[{\"a\": 1}]", Format::Json),
            (b"{\"a\":  {\"b\": 1}}", Format::Json),
            (b"\xff\xff\0\0\0\0\0\0{\"a\"", Format::Safetensors),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff{\"a\"", Format::Safetensors),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", Format::LfsPointer),
            ("Größe".as_bytes(), Format::Text),
            (b"Gr\xf6\xdfe", Format::Other),
            (b"text\0", Format::Other),
            (b"\x80\x04N.", Format::Pickle),
            (b"(lp0\n.", Format::Pickle),
            (b"N.B. a note that happens to start like a pickle", Format::Text),
            (b"cat\ndog\nbird\n", Format::Text),
            (b"N.(lp0\n.", Format::Pickle),
            (b"N.cposix\nsystem\n(S'true'\ntR.", Format::Pickle),
        ];
        for (bytes, want) in cases {
            assert_eq!(format(bytes), *want, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_header_length_that_looks_like_a_pickle_is_still_a_header_length() {
        let mut bytes = 0x0280_u64.to_le_bytes().to_vec();
        bytes.extend(b"{\"a\"");
        assert_eq!(format(&bytes), Format::Safetensors);
    }
}
