//! What imports are known to do harm with, for a message that says so.
//!
//! The verdict does not rest on this table: what is not inert is never passed. The table tells a known way to run
//! code from a class that nobody has looked at. Its rows are the modules of the published scanner bypasses and the
//! standard library's own ways to the same ends.

use bartizan_finding::Variant;

/// What a dangerous import gives to whoever wrote the pickle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Capability {
    Code,
    Process,
    Attribute,
    Import,
    Native,
    Deserialise,
    File,
    Network,
}

impl Capability {
    /// The variant of the rule.
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Process => "process",
            Self::Attribute => "attribute",
            Self::Import => "import",
            Self::Native => "native",
            Self::Deserialise => "deserialise",
            Self::File => "file",
            Self::Network => "network",
        }
    }

    /// What it does, as in "which …".
    pub(super) const fn does(self) -> &'static str {
        match self {
            Self::Code => "runs Python code",
            Self::Process => "starts programs",
            Self::Attribute => "reaches any attribute of any object",
            Self::Import => "imports or installs modules",
            Self::Native => "loads native code or touches memory",
            Self::Deserialise => "reads another serialised object, which can run code",
            Self::File => "reads, writes or deletes files",
            Self::Network => "talks to the network",
        }
    }
}

/// What an import is known to be able to do; `None` where it is unknown or inert.
///
/// `name` may be dotted, as `STACK_GLOBAL` allows: each component is looked at, because each is an attribute of the
/// one before, and a module that another one imports is an attribute of it.
pub(super) fn capability(module: &str, name: &str) -> Option<Capability> {
    let listed = TABLE.iter().filter(|row| row.covers(module, name)).max_by_key(|row| row.module.len());
    if let Some(row) = listed {
        return Some(row.capability);
    }
    if !name.contains('.') {
        // A module that another one imported, taken from there. Classes are seldom called like these.
        return MODULES.contains(&name).then_some(Attribute);
    }
    name.split('.').find_map(|component| {
        let row = TABLE.iter().find(|row| row.names.is_empty() && row.module == component);
        row.map(|row| row.capability).or_else(|| component.starts_with('_').then_some(Attribute))
    })
}

/// Modules from which any harm is one attribute away.
const MODULES: [&str; 12] = [
    "builtins",
    "ctypes",
    "importlib",
    "marshal",
    "os",
    "pickle",
    "posix",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
    "sys",
];

/// Names of a module and its submodules; no names means all.
struct Row {
    module: &'static str,
    names: &'static [&'static str],
    capability: Capability,
}

impl Row {
    fn covers(&self, module: &str, name: &str) -> bool {
        let rest = module.strip_prefix(self.module);
        let below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        below && (self.names.is_empty() || name.split('.').any(|component| self.names.contains(&component)))
    }
}

const fn all(module: &'static str, capability: Capability) -> Row {
    Row { module, names: &[], capability }
}

const fn some(module: &'static str, names: &'static [&'static str], capability: Capability) -> Row {
    Row { module, names, capability }
}

const BUILTIN_CODE: &[&str] = &["eval", "exec", "execfile", "compile", "breakpoint", "help", "exit", "quit"];
const BUILTIN_ATTRIBUTE: &[&str] = &[
    "getattr",
    "setattr",
    "delattr",
    "vars",
    "globals",
    "locals",
    "dir",
    "apply",
    "map",
    "filter",
    "reduce",
    "type",
    "super",
    "classmethod",
    "staticmethod",
    "property",
    "memoryview",
    "iter",
    "next",
    "sorted",
    "min",
    "max",
    "hasattr",
];
const BUILTIN_FILE: &[&str] = &["open", "file", "input", "raw_input"];
const BUILTIN_IMPORT: &[&str] = &["__import__", "__build_class__", "__loader__", "__spec__", "reload"];

use Capability::{Attribute, Code, Deserialise, File, Import, Native, Network, Process};

const TABLE: &[Row] = &[
    some("builtins", BUILTIN_CODE, Code),
    some("builtins", BUILTIN_ATTRIBUTE, Attribute),
    some("builtins", BUILTIN_FILE, File),
    some("builtins", BUILTIN_IMPORT, Import),
    some("__builtin__", BUILTIN_CODE, Code),
    some("__builtin__", BUILTIN_ATTRIBUTE, Attribute),
    some("__builtin__", BUILTIN_FILE, File),
    some("__builtin__", BUILTIN_IMPORT, Import),
    // Code, directly or through an interpreter, debugger, profiler or test runner of the standard library.
    all("_interpreters", Code),
    all("_interpqueues", Code),
    all("_pyrepl", Code),
    all("_xxsubinterpreters", Code),
    all("bdb", Code),
    all("cProfile", Code),
    all("code", Code),
    all("codeop", Code),
    all("concurrent", Code),
    all("doctest", Code),
    all("idlelib", Code),
    all("interpreters", Code),
    all("lib2to3", Code),
    all("pdb", Code),
    all("profile", Code),
    all("pydoc", Code),
    all("runpy", Code),
    all("test", Code),
    all("this", Code),
    all("timeit", Code),
    all("trace", Code),
    all("unittest", Code),
    all("turtledemo", Code),
    some(
        "types",
        &["CodeType", "FunctionType", "LambdaType", "MethodType", "BuiltinFunctionType", "ModuleType"],
        Code,
    ),
    some("typing", &["get_type_hints", "ForwardRef"], Code),
    some("annotationlib", &["ForwardRef", "call_evaluate_function"], Code),
    some("dataclasses", &["make_dataclass"], Code),
    some("collections", &["namedtuple"], Code),
    some("threading", &["Thread", "Timer"], Code),
    all("_thread", Code),
    all("thread", Code),
    all("sched", Code),
    all("atexit", Code),
    all("signal", Code),
    all("weakref", Code),
    all("sys", Code),
    some("logging", &["config", "dictConfig", "fileConfig"], Code),
    all("tkinter", Code),
    // Programs.
    all("os", Process),
    all("posix", Process),
    all("nt", Process),
    all("subprocess", Process),
    all("_posixsubprocess", Process),
    all("_winapi", Process),
    all("commands", Process),
    all("popen2", Process),
    all("pty", Process),
    all("asyncio", Process),
    all("multiprocessing", Process),
    all("_osx_support", Process),
    all("_aix_support", Process),
    all("webbrowser", Process),
    all("antigravity", Process),
    all("pexpect", Process),
    all("sh", Process),
    all("ptyprocess", Process),
    all("plumbum", Process),
    some("platform", &["popen", "_syscmd_file", "_syscmd_ver", "_syscmd_uname"], Process),
    some("uuid", &["_get_command_stdout", "_ifconfig_getnode", "_find_mac_near_keyword"], Process),
    // Attributes and calls by name.
    some(
        "operator",
        &["attrgetter", "itemgetter", "methodcaller", "call", "setitem", "delitem", "getitem"],
        Attribute,
    ),
    some(
        "_operator",
        &["attrgetter", "itemgetter", "methodcaller", "call", "setitem", "delitem", "getitem"],
        Attribute,
    ),
    all("functools", Attribute),
    all("_functools", Attribute),
    all("inspect", Attribute),
    all("gc", Attribute),
    all("itertools", Attribute),
    all("contextlib", Attribute),
    // Modules.
    all("importlib", Import),
    all("_frozen_importlib", Import),
    all("_frozen_importlib_external", Import),
    all("imp", Import),
    all("_imp", Import),
    all("zipimport", Import),
    all("pkgutil", Import),
    all("pkg_resources", Import),
    all("site", Import),
    all("pip", Import),
    all("_pip", Import),
    all("ensurepip", Import),
    all("venv", Import),
    all("setuptools", Import),
    all("distutils", Import),
    all("modulefinder", Import),
    // Memory and native code.
    all("ctypes", Native),
    all("_ctypes", Native),
    all("cffi", Native),
    all("_cffi_backend", Native),
    all("mmap", Native),
    // Other serialised objects.
    all("pickle", Deserialise),
    all("_pickle", Deserialise),
    all("cPickle", Deserialise),
    all("marshal", Deserialise),
    all("shelve", Deserialise),
    all("dill", Deserialise),
    all("cloudpickle", Deserialise),
    some("joblib", &["load", "_load", "_unpickle", "read_array"], Deserialise),
    some("yaml", &["load", "load_all", "unsafe_load", "full_load"], Deserialise),
    some("pandas", &["read_pickle", "eval", "query"], Deserialise),
    all("jsonpickle", Deserialise),
    // Files.
    all("io", File),
    all("_io", File),
    all("_pyio", File),
    all("pathlib", File),
    all("shutil", File),
    all("tempfile", File),
    all("glob", File),
    all("fileinput", File),
    all("linecache", File),
    all("zipfile", File),
    all("tarfile", File),
    all("gzip", File),
    all("bz2", File),
    all("lzma", File),
    all("sqlite3", File),
    all("_sqlite3", File),
    all("dbm", File),
    all("py_compile", File),
    all("compileall", File),
    some("codecs", &["open", "EncodedFile"], File),
    some("logging", &["FileHandler", "basicConfig"], File),
    all("logging.handlers", File),
    // Network.
    all("socket", Network),
    all("_socket", Network),
    all("socketserver", Network),
    all("SocketServer", Network),
    all("ssl", Network),
    all("http", Network),
    all("httplib", Network),
    all("urllib", Network),
    all("urllib2", Network),
    all("ftplib", Network),
    all("telnetlib", Network),
    all("smtplib", Network),
    all("imaplib", Network),
    all("poplib", Network),
    all("nntplib", Network),
    all("xmlrpc", Network),
    all("requests", Network),
    all("aiohttp", Network),
    all("httpx", Network),
    all("urllib3", Network),
    all("paramiko", Network),
    all("websocket", Network),
    // Ways through numerical libraries.
    all("numpy.f2py", Code),
    all("numpy.testing", Code),
    all("numpy.distutils", Code),
    all("numpy.ctypeslib", Native),
    some(
        "numpy",
        &["load", "loadtxt", "genfromtxt", "save", "savetxt", "fromfile", "memmap", "DataSource"],
        File,
    ),
    some("numpy", &["fromregex", "vectorize", "frompyfunc", "apply_along_axis", "piecewise"], Attribute),
    all("torch._dynamo", Code),
    all("torch._inductor", Code),
    all("torch.fx", Code),
    all("torch.jit", Code),
    all("torch.hub", Code),
    all("torch.package", Code),
    all("torch.distributed", Code),
    all("torch.multiprocessing", Code),
    all("torch.testing", Code),
    all("torch.utils.bottleneck", Code),
    all("torch.utils.collect_env", Process),
    all("torch.utils.cpp_extension", Native),
    all("torch.utils._config_module", Code),
    all("torch.utils.data.datapipes", Code),
    all("torch.utils.model_zoo", Network),
    all("torch.ops", Native),
    all("torch._ops", Native),
    all("torch.classes", Native),
    some("torch.storage", &["_load_from_bytes"], Deserialise),
    some("torch", &["load", "save"], Deserialise),
    some("torch", &["compile"], Code),
    some("torch.serialization", &["load", "save", "_load", "_legacy_load", "_open_file_like"], Deserialise),
    all("scipy.weave", Native),
    some("tensorflow", &["py_function", "numpy_function", "load_library", "load_op_library"], Native),
    some("keras", &["Lambda", "load_model", "get_file", "deserialize"], Code),
    some("sympy", &["sympify", "lambdify", "parse_expr"], Code),
    all("numexpr", Code),
    all("IPython", Code),
    all("jinja2", Code),
    all("mako", Code),
    all("nltk.app", Code),
    some("django", &["execute_from_command_line", "shell"], Code),
];

/// The rows of the rule.
pub(super) const VARIANTS: &[Variant] = &[
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variant_hits_and_misses_as_it_says() {
        for variant in VARIANTS {
            let split = |path: String| {
                path.rsplit_once('.').map(|(module, name)| capability(module, name).map(Capability::id))
            };
            assert_eq!(split((variant.hit)()), Some(Some(variant.id)));
            assert_eq!(split((variant.miss)()), Some(None), "{}", variant.id);
        }
    }

    #[test]
    fn dotted_names_are_followed_through_modules_and_attributes() {
        let cases = [
            ("logging", "os.system", Some(Process)),
            ("collections", "OrderedDict.__init__", Some(Attribute)),
            ("torch", "os", Some(Attribute)),
            ("package.jobs", "test", None),
            ("asyncio.unix_events", "_UnixSubprocessTransport._start", Some(Process)),
            ("osmium", "system", None),
            ("sklearn.linear_model._base", "LinearRegression", None),
            ("torch.serialization", "load", Some(Deserialise)),
        ];
        for (module, name, want) in cases {
            assert_eq!(capability(module, name), want, "{module} {name}");
        }
    }
}
