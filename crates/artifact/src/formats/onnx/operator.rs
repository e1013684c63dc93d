//! What an operator of a node can do, by its domain and name.

use bartizan_finding::Severity;

use super::rules;
use crate::formats::{
    outside,
    protobuf::{Text, Wire, shown},
};

/// Domains whose operators compute: of the standard, and of the runtimes and exporters that most people use. What they
/// name is in the runtime itself.
const KNOWN: &[&str] = &[
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
    "ai.onnx.training",
    "com.microsoft",
    "com.microsoft.dml",
    "com.microsoft.experimental",
    "com.microsoft.mlfeaturizers",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
    "onnx.quantization",
    "org.openvinotoolkit",
    "org.pytorch._caffe2",
    "org.pytorch.aten",
    "pkg.onnxscript.torch_lib",
    "pkg.onnxscript.torch_lib.common",
];

/// Domains of onnxruntime-extensions, whose operators are in a library that the user installs and registers.
const EXTENSIONS: &[&str] = &["ai.onnx.contrib", "com.microsoft.extensions"];

/// Operators of onnxruntime-extensions that compute: text, audio and images in front of and behind a model.
const EXTENSION_OPERATORS: &[&str] = &[
    "AddBoundingBoxes",
    "AudioDecoder",
    "BasicTokenizer",
    "BertTokenizer",
    "BertTokenizerDecoder",
    "BlingFireSentenceBreaker",
    "BpeDecoder",
    "CLIPTokenizer",
    "DecodeImage",
    "DrawBoundingBoxes",
    "EncodeImage",
    "GPT2Tokenizer",
    "GaussianBlur",
    "HfBertTokenizer",
    "HfJsonTokenizer",
    "ImageDecoder",
    "ImageReader",
    "Inverse",
    "MaskedFill",
    "NegPos",
    "RaggedTensorToDense",
    "RaggedTensorToSparse",
    "RobertaTokenizer",
    "SegmentExtraction",
    "SegmentSum",
    "SentencepieceDecoder",
    "SentencepieceTokenizer",
    "SpmTokenizer",
    "StftNorm",
    "StringConcat",
    "StringECMARegexReplace",
    "StringECMARegexSplitWithOffsets",
    "StringEqual",
    "StringHash",
    "StringHashFast",
    "StringJoin",
    "StringLength",
    "StringLower",
    "StringMapping",
    "StringRaggedTensorToDense",
    "StringRegexReplace",
    "StringRegexSplitWithOffsets",
    "StringSlice",
    "StringSplit",
    "StringStrip",
    "StringToHashBucket",
    "StringToHashBucketFast",
    "StringToVector",
    "StringUpper",
    "TrieDetokenizer",
    "TrieTokenizer",
    "VectorToString",
    "WordpieceTokenizer",
];

/// Operators that hand over to Python or to a program outside of the graph: their names, the severity, and what they do.
/// An empty domain stands for any.
const NATIVE: &[(&str, &str, Severity, &str)] = &[
    ("", "PyOp", Severity::High, "runs a function of Python"),
    ("", "PyCustomOp", Severity::High, "runs a function of Python"),
    ("", "PythonOp", Severity::High, "runs a function of Python"),
    ("", "PythonOpGrad", Severity::High, "runs a function of Python"),
    ("", "PythonFunction", Severity::High, "runs a function of Python"),
    ("", "PyFunc", Severity::High, "runs a function of Python"),
    ("", "TorchScriptOp", Severity::High, "runs a program for TorchScript"),
    ("", "TritonOp", Severity::High, "compiles and runs a kernel that Python defines"),
    ("", "ExternalGradient", Severity::High, "runs a function of Python"),
    ("", "AzureTextToText", Severity::High, "sends its input to a server on the network"),
    ("", "AzureAudioToText", Severity::High, "sends its input to a server on the network"),
    ("", "AzureTritonInvoker", Severity::High, "sends its input to a server on the network"),
    ("", "OpenAIAudioToText", Severity::High, "sends its input to a server on the network"),
    ("", "OpenAIEmbeddings", Severity::High, "sends its input to a server on the network"),
    ("", "OpenAIChat", Severity::High, "sends its input to a server on the network"),
    ("", "TRT_Plugin", Severity::Medium, "runs a plug-in of TensorRT"),
    ("", "EPContext", Severity::Medium, "hands over to a program that was compiled for a device"),
    ("com.microsoft", "ExternalCall", Severity::High, "calls a program outside of the graph"),
];

/// What is known of a node when all its fields were read.
#[derive(Default)]
pub(super) struct Node {
    pub(super) operator: Option<Text>,
    pub(super) domain: Option<Text>,
    /// Attributes with a text, as name and values.
    attributes: Vec<(Text, Vec<Text>)>,
}

/// Words in the names of attributes that name a file.
const FILE_WORDS: [&str; 7] = ["path", "file", "library", "ep_cache_context", "url", "uri", "dll"];

/// Attributes of one node that are kept.
const MOST_ATTRIBUTES: usize = 16;

impl Node {
    pub(super) fn operator(&self) -> &str {
        self.operator.as_ref().map_or("", |text| &text.start)
    }

    pub(super) fn domain(&self) -> &str {
        self.domain.as_ref().map_or("", |text| &text.start)
    }

    /// Takes note of an attribute.
    pub(super) fn attribute(&mut self, name: Text, values: Vec<Text>) {
        let lower = name.start.to_ascii_lowercase();
        let names_file = FILE_WORDS.iter().any(|word| lower.contains(word));
        if names_file && !values.is_empty() && self.attributes.len() < MOST_ATTRIBUTES {
            self.attributes.push((name, values));
        }
    }

    /// Tells what the operator does; whether nothing is known about it.
    pub(super) fn judge(&self, wire: &mut Wire<'_, '_, '_, '_>, at: u64) -> bool {
        let (domain, operator) = (self.domain(), self.operator());
        let native = NATIVE.iter().find(|(of, name, ..)| {
            *name == operator && (of.is_empty() || *of == domain) && !is_standard(domain)
        });
        if let Some((.., severity, does)) = native {
            let message = format!("the operator {operator} {does}");
            wire.add_as(rules::NativeOperator::META, *severity, at, message);
        }
        if !is_standard(domain) {
            self.paths(wire);
        }
        native.is_none()
            && !KNOWN.contains(&domain)
            && !(EXTENSIONS.contains(&domain) && EXTENSION_OPERATORS.contains(&operator))
    }

    /// Looks at attributes that name files: context binaries, libraries, profiles.
    fn paths(&self, wire: &mut Wire<'_, '_, '_, '_>) {
        for (name, values) in &self.attributes {
            for value in values {
                if !value.is_utf8 || value.length > 4096 {
                    continue;
                }
                let library = [".so", ".dll", ".dylib"].iter().any(|ending| value.start.ends_with(ending));
                if let Some(why) = outside::leaves(&value.start) {
                    let message = format!(
                        "the attribute {} of {} names {}: {why}",
                        shown(name),
                        crate::escape(self.operator(), 80),
                        shown(value)
                    );
                    wire.add(rules::Outside::META, value.at, message);
                } else if library {
                    let message = format!("the attribute {} names the library {}", shown(name), shown(value));
                    wire.add(rules::NativeOperator::META, value.at, message);
                }
            }
        }
    }
}

/// Whether a domain is one of the standard itself.
pub(super) fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx" | "ai.onnx.ml")
}
