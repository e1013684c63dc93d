//! What an operator of a TensorFlow graph can do.
//!
//! A graph is a program, and the operators are its functions. Most compute; those are listed by name, as TensorFlow's own
//! registry of version 2.21 has them, with those of the common libraries for text and trees. Some reach out of the graph;
//! those are told with what they do. One that is in neither list is not known to do nothing.

use std::{collections::BTreeSet, sync::LazyLock};

use bartizan_finding::Severity;

/// Names of operators that compute or hold state within the graph, one a line. Operators whose attributes or inputs
/// decide are among them, and are asked further in [`conditional`] and [`sink`].
static COMPUTE: LazyLock<BTreeSet<&str>> = LazyLock::new(|| include_str!("operators.txt").lines().collect());

/// What an operator does outside of its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Python,
    WritesFile,
    ReadsFile,
    Network,
    Native,
    Stops,
    RunsGraph,
}

impl Effect {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "runs a function of Python",
            Self::WritesFile => "writes files",
            Self::ReadsFile => "reads files",
            Self::Network => "talks to other machines",
            Self::Native => "runs native code that is not of TensorFlow",
            Self::Stops => "ends the process",
            Self::RunsGraph => "runs a graph that a text holds",
        }
    }

    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Python | Self::WritesFile => Severity::Critical,
            Self::ReadsFile | Self::Network | Self::Native | Self::Stops | Self::RunsGraph => Severity::High,
        }
    }
}

/// What is known of an operator by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Computes,
    Does(Effect),
    No,
}

/// Looks an operator up.
pub(crate) fn known(name: &str) -> Known {
    let effect = EFFECTS.iter().find(|(_, names)| names.contains(&name));
    match effect {
        Some((effect, _)) => Known::Does(*effect),
        None if COMPUTE.contains(name) => Known::Computes,
        None => Known::No,
    }
}

const EFFECTS: &[(Effect, &[&str])] = &[
    (Effect::Python, &["PyFunc", "PyFuncStateless", "EagerPyFunc"]),
    (
        Effect::WritesFile,
        &[
            "WriteFile",
            "DumpTensor",
            "CalibrationStatisticsSaver",
            "SaveDataset",
            "SaveDatasetV2",
            "DistributedSave",
            "DatasetToTFRecord",
            "ExperimentalDatasetToTFRecord",
            "SnapshotDataset",
            "SnapshotDatasetV2",
            "Snapshot",
            "CreateSummaryFileWriter",
            "CreateSummaryDbWriter",
        ],
    ),
    (
        Effect::ReadsFile,
        &[
            "ReadFile",
            "MatchingFiles",
            "MatchingFilesDataset",
            "ExperimentalMatchingFilesDataset",
            "ImmutableConst",
            "RecordInput",
            "Skipgram",
            "TextLineDataset",
            "TFRecordDataset",
            "TFRecordDatasetV2",
            "FixedLengthRecordDataset",
            "FixedLengthRecordDatasetV2",
            "CSVDataset",
            "CSVDatasetV2",
            "ExperimentalCSVDataset",
            "LMDBDataset",
            "ExperimentalLMDBDataset",
            "SqlDataset",
            "ExperimentalSqlDataset",
            "LoadDataset",
            "SnapshotDatasetReader",
            "SnapshotNestedDatasetReader",
            "SnapshotChunkDataset",
            "ListSnapshotChunksDataset",
            "TextLineReader",
            "TextLineReaderV2",
            "TFRecordReader",
            "TFRecordReaderV2",
            "FixedLengthRecordReader",
            "FixedLengthRecordReaderV2",
            "WholeFileReader",
            "WholeFileReaderV2",
            "LMDBReader",
        ],
    ),
    (
        Effect::Network,
        &[
            "RpcServer",
            "RpcServerStart",
            "RpcServerRegister",
            "RpcClient",
            "RpcCall",
            "Rpc",
            "TryRpc",
            "RemoteCall",
            "DataServiceDataset",
            "DataServiceDatasetV2",
            "DataServiceDatasetV3",
            "DataServiceDatasetV4",
            "RegisterDataset",
            "RegisterDatasetV2",
            "FileSystemSetConfiguration",
            "BigQueryReader",
            "GenerateBigQueryReaderPartitions",
        ],
    ),
    (Effect::Native, &["XlaCustomCall", "XlaCustomCallV2", "TRTEngineOp", "RemoteFusedGraphExecute"]),
    (Effect::Stops, &["Abort"]),
    (Effect::RunsGraph, &["DatasetFromGraph"]),
];

/// Operators whose attributes decide whether they reach out: the operator, the attribute, and what it then does.
const CONDITIONAL: &[(&str, &str, Effect)] = &[
    ("PrintV2", "output_stream", Effect::WritesFile),
    ("DebugIdentity", "debug_urls", Effect::WritesFile),
    ("DebugIdentityV2", "debug_urls", Effect::WritesFile),
    ("DebugIdentityV3", "debug_urls", Effect::WritesFile),
    ("DebugNanCount", "debug_urls", Effect::WritesFile),
    ("DebugNumericSummary", "debug_urls", Effect::WritesFile),
    ("Copy", "debug_ops_spec", Effect::WritesFile),
    ("CopyHost", "debug_ops_spec", Effect::WritesFile),
    ("DecodeProtoV2", "descriptor_source", Effect::ReadsFile),
    ("EncodeProto", "descriptor_source", Effect::ReadsFile),
    ("FixedUnigramCandidateSampler", "vocab_file", Effect::ReadsFile),
];

/// What an operator does by the value of one of its attributes.
pub(crate) fn conditional(operator: &str, attribute: &str, value: &str) -> Option<Effect> {
    let (.., effect) = CONDITIONAL.iter().find(|(of, name, _)| *of == operator && *name == attribute)?;
    let harmless = match attribute {
        "output_stream" => ["stdout", "stderr", "log(info)", "log(warning)", "log(error)"].contains(&value),
        "debug_ops_spec" => !value.contains("://"),
        "descriptor_source" => {
            value.is_empty() || value.starts_with("local://") || value.starts_with("bytes://")
        }
        _ => value.is_empty(),
    };
    (!harmless).then_some(*effect)
}

/// What an operator takes as the name of a file: the index of that input, and whether a file within the model is fine
/// as it is for tables and checkpoints.
pub(crate) fn sink(operator: &str) -> Option<Sink> {
    let (input, effect) = match operator {
        "InitializeTableFromTextFile"
        | "InitializeTableFromTextFileV2"
        | "SimpleMLLoadModelFromPathWithHandle"
        | "SimpleMLLoadModelFromPath" => (1, Effect::ReadsFile),
        "GenerateVocabRemapping"
        | "LoadAndRemapMatrix"
        | "Restore"
        | "RestoreSlice"
        | "RestoreV2"
        | "DTensorRestoreV2" => (0, Effect::ReadsFile),
        "Save" | "SaveSlices" | "SaveV2" => (0, Effect::WritesFile),
        "MergeV2Checkpoints" | "CacheDataset" | "CacheDatasetV2" => (1, Effect::WritesFile),
        _ => return None,
    };
    Some(Sink { input, effect })
}

/// An input of an operator that names a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sink {
    pub(crate) input: usize,
    pub(crate) effect: Effect,
}

/// Operators that hand a name on, whole or as a part.
pub(crate) fn forwards(operator: &str) -> bool {
    matches!(
        operator,
        "Identity"
            | "StringJoin"
            | "ShardedFilename"
            | "ShardedFilespec"
            | "Pack"
            | "Reshape"
            | "ExpandDims"
            | "PlaceholderWithDefault"
            | "Select"
            | "SelectV2"
            | "MergeV2Checkpoints"
            | "ConcatV2"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_in_one_list() {
        let names: Vec<_> = include_str!("operators.txt").lines().collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        for (_, effects) in EFFECTS {
            assert!(effects.iter().all(|name| !COMPUTE.contains(name)));
        }
        for (name, ..) in CONDITIONAL {
            assert_eq!(known(name), Known::Computes, "{name}");
        }
    }

    #[test]
    fn attributes_decide() {
        assert_eq!(conditional("PrintV2", "output_stream", "stderr"), None);
        assert_eq!(conditional("PrintV2", "output_stream", "file:///tmp/x"), Some(Effect::WritesFile));
        assert_eq!(conditional("DecodeProtoV2", "descriptor_source", "local://"), None);
        assert_eq!(conditional("DecodeProtoV2", "descriptor_source", "/x"), Some(Effect::ReadsFile));
    }
}
