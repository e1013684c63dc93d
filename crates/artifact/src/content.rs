//! What some bytes are, and the reader for them: the one place where formats are told apart and handed on, for a file and
//! for what lies inside one.

use crate::{
    Format,
    codec::Codec,
    foreign::{Foreign, WINDOW},
    formats::{
        catboost, checkpoint, compressed, config, coreml, executorch, ggml, gguf, hdf5, keras, lightgbm,
        llamafile, msgpack, numpy, onnx, orbax, pickle,
        protobuf::sniff,
        safetensors, sevenzip, tar, tensorflow, tensorrt, tflite, xgboost,
        xml::{self, Kind},
        zip,
    },
    read::{Halt, Pass, STEP},
    rules::{AlsoArchive, AlsoPickle, ExecutableFile, ForeignStart},
    scope::Scope,
    text::Utf8,
};

/// Why bytes were not looked at of which nothing is known.
pub(crate) const NO_SIGNATURE: &str = "format not supported: no known signature";

/// Reads bytes to their end, and says what they are.
///
/// # Errors
/// Where the pass gives no more bytes; a reader stops early only there.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>, format: &mut Format) -> Result<(), Halt> {
    let size = pass.size();
    #[cfg(test)]
    seen::note(pass, scope)?;
    let head = pass.peek(STEP)?;
    *format = Format::of(head, size);
    if matches!(format, Format::Other | Format::Text) {
        *format = sniff::promised(scope.name, head).unwrap_or(*format);
    }
    if matches!(format, Format::Zstd | Format::Other) && orbax::is_data(scope.name) {
        // Values lie behind one another, as they are, and say nothing of themselves.
        *format = Format::Ocdbt;
    }
    let also_pickle = !format.is_pickle() && pickle::has_effect(head);
    // Archives hold such files as members, at any place.
    let holds = matches!(format, Format::Hdf5 | Format::Zip | Format::Tar);
    let also_hdf5 = !holds && hdf5::find(head).is_some();
    let also_tar = *format != Format::Tar && tar::header::is_tar(head);
    if scope.depth > scope.limits.containers {
        scope.unexamined(0, size, "nested deeper than is followed");
        return Ok(());
    }
    let result = read_as(format, pass, scope);
    // A reader of bytes within others may be refused some of them, which only the pass around it would tell.
    if result.is_err() && scope.depth > 0 {
        scope.unexamined(pass.position(), size, "what could not be read, because reading ended early");
    }
    scope.outline.texts += u64::from(scope.depth > 0 && format.is_text());
    if also_hdf5 {
        let message = format!("the bytes are {format}, and the library of HDF5 opens them as well");
        scope.add(hdf5::rules::AlsoHdf5::META, 0, 0, message);
    }
    if also_pickle {
        let message = format!("the bytes are {format}, and Python's unpickler runs them as well");
        scope.add(AlsoPickle::META, 0, 0, message);
    }
    if also_tar {
        let message = format!("the bytes are {format}, and Python's tarfile reads them as an archive");
        scope.add(AlsoArchive::META, 0, 0, message);
    }
    if format.is_executable() {
        let what = if scope.depth == 0 { "file" } else { "member" };
        scope.add(ExecutableFile::META, 0, 0, format!("the {what} is a program: {format}"));
    }
    result
}

/// Lets the reader of the format have the pass.
fn read_as(format: &mut Format, pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    if *format == Format::Json {
        keras::glance(pass, scope)?;
    }
    let reason = match format {
        Format::Safetensors => return safetensors::read(pass, scope.limits, scope.outline, scope.problems),
        Format::Pickle | Format::PyTorchLegacy => {
            return pickle::read(pass, scope.limits, scope.outline, scope.problems);
        }
        Format::Gguf => return gguf::read(pass, scope.limits, scope.outline, scope.problems),
        Format::Onnx => return onnx::read(pass, scope),
        Format::SavedModel => return tensorflow::read_saved_model(pass, scope),
        Format::MetaGraph => return tensorflow::read_meta_graph(pass, scope),
        Format::GraphDef => return tensorflow::read_graph(pass, scope),
        Format::CoreMl => return coreml::read(pass, scope),
        Format::CoreMlWeights => return coreml::weights::read(pass, scope),
        Format::TfLite => return tflite::read(pass, scope),
        Format::ExecuTorch => return executorch::read(pass, scope),
        Format::CatBoost => return catboost::read(pass, scope),
        Format::TensorRt => return tensorrt::read(pass, scope),
        Format::Numpy => return numpy::read(pass, scope),
        Format::Zip => return zip::read(pass, format, scope),
        Format::Msgpack => return msgpack::read(pass, scope),
        Format::Ocdbt => return orbax::read(pass, scope),
        Format::Hdf5 => return hdf5::read(pass, format, scope),
        Format::Tar => return tar::read(pass, format, scope),
        Format::SevenZip => return sevenzip::read(pass, scope),
        Format::Gzip => return compressed::read(pass, Codec::Gzip, scope),
        Format::Bzip2 => return compressed::read(pass, Codec::Bzip2, scope),
        Format::Xz => return compressed::read(pass, Codec::Xz, scope),
        Format::Zstd => return compressed::read(pass, Codec::Zstd, scope),
        Format::Lz4 => return compressed::read(pass, Codec::Lz4, scope),
        Format::Zlib => return compressed::read(pass, Codec::Zlib, scope),
        Format::Lzma => return compressed::read(pass, Codec::Lzma, scope),
        Format::Json | Format::Text if config::is_config(scope.name) => {
            return config::read(pass, format, scope);
        }
        Format::Json | Format::Text if orbax::is_description(scope.name) => {
            return orbax::describe(pass, scope);
        }
        Format::Json if xgboost::is_json(pass.peek(STEP)?) => {
            *format = Format::XgboostJson;
            return xgboost::read_json(pass, scope);
        }
        Format::Text if lightgbm::is_model(pass.peek(STEP)?) => {
            *format = Format::LightGbm;
            return lightgbm::read(pass, scope);
        }
        Format::Json | Format::Text => {
            let Some(kind) = Kind::of(pass.peek(STEP)?) else { return read_text(pass, format, scope) };
            *format = match kind {
                Kind::Pmml => Format::Pmml,
                Kind::OpenVino => Format::OpenVino,
            };
            return xml::read(pass, kind, scope);
        }
        Format::Xgboost => return xgboost::read_binary(pass, scope),
        Format::Ggml => return ggml::read(pass, scope),
        Format::Empty => return Ok(()),
        Format::LfsPointer => "the file is a Git LFS pointer; fetch the file that it stands for".to_owned(),
        Format::Elf | Format::Pe | Format::MachO if llamafile::is_one(pass, scope.limits)? => {
            return llamafile::read(pass, format, scope);
        }
        Format::Rar => {
            let version = if pass.peek(7)?.last() == Some(&1) { ", version 5" } else { "" };
            format!("format not supported: RAR archive{version}")
        }
        Format::Other if let Some(what) = recognised(pass.peek(4)?) => {
            format!("format not supported: {what}")
        }
        Format::Other if checkpoint::is_index(pass)? => {
            *format = Format::TfCheckpoint;
            return checkpoint::read(pass, format, scope);
        }
        Format::Other => {
            look_at_start(pass, scope)?;
            NO_SIGNATURE.to_owned()
        }
        format => format!("format not supported: {format}"),
    };
    scope.unexamined(0, 0, reason);
    Ok(())
}

/// Looks at bytes of which nothing is known for the start of something else than numbers.
fn look_at_start(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let foreign = Foreign::at(pass.peek(WINDOW)?);
    // Of these two all formats are told.
    if let Some(foreign) = foreign.filter(|foreign| !matches!(foreign, Foreign::Pickle | Foreign::Tar)) {
        let place = scope.range(0, size);
        scope.problems.push(foreign.occurrence(ForeignStart::META, place, "bytes of no known format start"));
    }
    Ok(())
}

/// What bytes are that this crate has no reader for and no format.
fn recognised(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [0x1f, 0x9d, ..] => "compressed with compress (.Z)",
        [0x1f, 0x1e | 0xa0, ..] => "compressed with pack",
        [0x02, 0x21, 0x4c, 0x18] => "compressed with LZ4 in its first format",
        [0x37, 0xa4, 0x30, 0xec] => "a dictionary for Zstandard",
        [b'L', b'Z', b'I', b'P'] => "compressed with lzip",
        _ => return None,
    })
}

/// Checks that all of a file that starts as text is text.
fn read_text(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let limit = scope.limits.text_bytes;
    if size > limit {
        scope.unexamined(limit, size, format!("longer than the {limit} bytes that count as text"));
    }
    let mut utf8 = Utf8::strict();
    let mut zero = false;
    pass.each(size, &mut |piece| {
        utf8.push(piece);
        zero |= piece.contains(&0);
    })?;
    if zero || !utf8.finish() {
        *format = Format::Other;
        scope.unexamined(0, 0, "format not supported: starts as text and is not text in UTF-8");
    }
    Ok(())
}

/// What archives gave to be read, for tests that hold them against other readers.
#[cfg(test)]
pub(crate) mod seen {
    use std::cell::RefCell;

    use crate::{
        read::{Halt, Pass},
        scope::Scope,
    };

    /// Bytes of a member that are kept.
    pub(crate) const HEAD: usize = 64;

    thread_local! {
        static MEMBERS: RefCell<Vec<(String, u64, Vec<u8>)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(pass: &mut Pass<'_>, scope: &Scope<'_, '_>) -> Result<(), Halt> {
        if scope.depth == 1 {
            let member = (scope.name.to_owned(), pass.size(), pass.peek(HEAD)?.to_vec());
            MEMBERS.with_borrow_mut(|members| members.push(member));
        }
        Ok(())
    }

    /// The members that were read since the last call: name, length and first bytes.
    pub(crate) fn take() -> Vec<(String, u64, Vec<u8>)> {
        MEMBERS.take()
    }
}
