//! The rows of the rule over dangerous imports.

use bartizan_finding::Variant;

/// The rows of the rule.
pub(in crate::formats::pickle) const VARIANTS: &[Variant] = &[
    variant(
        "attribute",
        "Reaches any attribute of any object",
        || "builtins.getattr".to_owned(),
        || "builtins.dict".to_owned(),
    ),
    variant("code", "Runs Python code", || "builtins.eval".to_owned(), || "builtins.list".to_owned()),
    variant(
        "deserialise",
        "Reads another serialised object",
        || "pickle.loads".to_owned(),
        || "datetime.date".to_owned(),
    ),
    variant("file", "Reads, writes or deletes files", || "io.FileIO".to_owned(), || "uuid.UUID".to_owned()),
    variant(
        "import",
        "Imports or installs modules",
        || "importlib.import_module".to_owned(),
        || "decimal.Decimal".to_owned(),
    ),
    variant(
        "native",
        "Loads native code or touches memory",
        || "ctypes.CDLL".to_owned(),
        || "numpy.ndarray".to_owned(),
    ),
    variant(
        "network",
        "Talks to the network",
        || "socket.create_connection".to_owned(),
        || "torch.Size".to_owned(),
    ),
    variant("process", "Starts programs", || "posix.system".to_owned(), || "collections.deque".to_owned()),
];

const fn variant(
    id: &'static str,
    title: &'static str,
    hit: fn() -> String,
    miss: fn() -> String,
) -> Variant {
    Variant {
        id,
        title,
        reference: "https://docs.python.org/3/library/pickle.html#restricting-globals",
        hit,
        miss,
    }
}
