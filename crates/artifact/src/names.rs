//! What a file's name promises.

use bartizan_finding::Severity;

use crate::Format;

/// What follows the last dot of the last component, where there is one.
pub(crate) fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, extension)| extension)
}

/// How bad it is that a file of this format has this name; `None` where the two agree or the name promises nothing.
///
/// A name that promises an inert format over a format that runs code is high: people and loaders choose by name.
pub(crate) fn disagree(path: &str, format: Format) -> Option<Severity> {
    use Format::{
        Bzip2, CatBoost, CoreMl, Empty, ExecuTorch, Gguf, GraphDef, Gzip, Hdf5, Json, Keras, KerasHdf5,
        LfsPointer, LightGbm, Llamafile, Lz4, Lzma, MetaGraph, Msgpack, Nemo, Npz, Numpy, Ocdbt, OciLayout,
        Onnx, Other, Parquet, Pickle, Pmml, PyTorch, PyTorchLegacy, Rar, Safetensors, SavedModel, SevenZip,
        Skops, Tar, TensorRt, Text, TfLite, TorchScript, TorchServe, Xgboost, XgboostJson, Xz, Zip, Zstd,
    };
    // A pointer stands for the promised file, and says so.
    if format == LfsPointer {
        return None;
    }
    let promised: &[Format] = match extension(path)?.to_ascii_lowercase().as_str() {
        "safetensors" => &[Safetensors],
        "json" | "jsonl" | "ndjson" => &[Json, Text, XgboostJson],
        "txt" | "md" | "jinja" | "toml" | "yaml" | "yml" | "csv" | "tsv" | "py" => &[Text, Json, LightGbm],
        "gguf" => &[Gguf],
        "h5" | "hdf5" => &[Hdf5, KerasHdf5],
        "keras" => &[Keras, KerasHdf5],
        "msgpack" => &[Msgpack],
        "ocdbt" => &[Ocdbt],
        "npy" => &[Numpy],
        "zip" => &[Zip, Keras, Npz, Skops, TorchServe],
        "mar" => &[TorchServe, Zip],
        "npz" => &[Npz, Zip],
        "ubj" => &[Xgboost],
        "pmml" => &[Pmml],
        "skops" => &[Skops, Zip],
        "parquet" => &[Parquet],
        "onnx" => &[Onnx],
        "pb" => &[SavedModel, MetaGraph, GraphDef, Onnx, CoreMl, Other],
        "mlmodel" => &[CoreMl],
        "tflite" => &[TfLite],
        "pte" => &[ExecuTorch],
        "cbm" => &[CatBoost],
        "engine" => &[TensorRt],
        "tar" => &[Tar, Nemo, OciLayout],
        "nemo" => &[Nemo, Tar, Gzip],
        "7z" => &[SevenZip],
        "rar" => &[Rar],
        "gz" | "tgz" => &[Gzip],
        "bz2" | "tbz2" => &[Bzip2],
        "xz" | "txz" => &[Xz],
        "lzma" => &[Lzma],
        "zst" | "zstd" => &[Zstd],
        "lz4" => &[Lz4],
        "llamafile" => &[Llamafile],
        // The archive formats that loaders of these names do not read were used to hide from scanners.
        "pt" | "pth" | "ckpt" | "bin" if !format.is_archive() => return None,
        "pt" | "pth" | "ckpt" => &[Zip, PyTorch, TorchScript, Tar],
        "bin" => &[Zip, PyTorch, TorchScript, Tar, Gzip, Zstd, Bzip2, Xz, Lz4],
        "pkl" | "pickle" => &[Pickle, PyTorchLegacy, PyTorch, Gzip, Bzip2, Xz, Lz4, Zstd],
        _ => return None,
    };
    // Text may be empty; and text in an old encoding is not told from other bytes, which is said elsewhere.
    let text = promised.contains(&Text);
    let format = if text && format.is_text() { Text } else { format };
    if promised.contains(&format) || text && matches!(format, Empty | Other) {
        None
    } else if format.is_pickle() || format.is_archive() || format.is_executable() {
        Some(Severity::High)
    } else {
        Some(Severity::Medium)
    }
}

impl Format {
    /// Whether files of this format hold other files or streams.
    const fn is_archive(self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::PyTorch
                | Self::TorchScript
                | Self::Keras
                | Self::TorchServe
                | Self::Npz
                | Self::Skops
                | Self::Gzip
                | Self::Bzip2
                | Self::Xz
                | Self::Zstd
                | Self::Lz4
                | Self::Zlib
                | Self::Lzma
                | Self::SevenZip
                | Self::Rar
                | Self::Tar
                | Self::Nemo
                | Self::OciLayout
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_held_to_its_promise() {
        let cases = [
            ("model.safetensors", Format::Safetensors, None),
            ("model.safetensors", Format::Pickle, Some(Severity::High)),
            ("model.SafeTensors", Format::Text, Some(Severity::Medium)),
            ("config.json", Format::Json, None),
            ("config.json", Format::Elf, Some(Severity::High)),
            ("latin1.txt", Format::Other, None),
            ("v1.0/LICENSE", Format::Text, None),
            ("pytorch_model.bin", Format::Zip, None),
            ("pytorch_model.bin", Format::Other, None),
            ("pytorch_model.bin", Format::SevenZip, Some(Severity::High)),
            ("model.pt", Format::Gzip, Some(Severity::High)),
            ("model.pt", Format::TorchScript, None),
            ("model.pth", Format::PyTorchLegacy, None),
            ("model.npz", Format::PyTorch, Some(Severity::High)),
            ("model.safetensors", Format::PyTorchLegacy, Some(Severity::High)),
            ("model.pkl", Format::Gzip, None),
            ("model.safetensors", Format::LfsPointer, None),
            ("model.safetensors", Format::Empty, Some(Severity::Medium)),
            ("added_tokens.json", Format::Empty, None),
        ];
        for (path, format, want) in cases {
            assert_eq!(disagree(path, format), want, "{path} {format}");
        }
    }
}
