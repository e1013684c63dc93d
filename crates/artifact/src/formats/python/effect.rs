//! What functions of Python's own library and of others do to whoever calls them.
//!
//! Pickles are judged by modules, because nothing in them is ordinary; source is judged by functions, because all
//! model code imports `os`. Modules that model code has no use for are taken from the table for pickles.

use bartizan_finding::Severity;

use crate::formats::pickle;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Process,
    Exec,
    Eval,
    Install,
    Native,
    Network,
    Delete,
    Write,
    Deserialise,
    Hook,
    /// A module whose name is only known when it runs.
    Dynamic,
    /// What is known from pickles.
    Other(&'static str),
}

use Effect::{
    Delete, Deserialise, Dynamic, Eval, Exec, Hook, Install, Native, Network, Other, Process, Write,
};

impl Effect {
    /// As in "which …".
    pub(super) const fn does(self) -> &'static str {
        match self {
            Process => "starts programs",
            Exec => "runs Python code that is made when it runs",
            Eval => "computes what a text says",
            Install => "installs software",
            Native => "loads native code",
            Network => "talks to the network",
            Delete => "deletes or moves files",
            Write => "writes files",
            Deserialise => "reads a serialised object, which can run code",
            Hook => "changes what other code does",
            Dynamic => "imports a module whose name is only known when it runs",
            Other(does) => does,
        }
    }

    /// How bad it is when the file is imported, and when one of its functions is called.
    pub(super) const fn severity(self, on_import: bool) -> Option<Severity> {
        Some(match (self, on_import) {
            (Process | Exec | Install, true) => Severity::Critical,
            (Process | Exec | Install, false)
            | (Eval | Native | Network | Delete | Write | Deserialise | Other(_), true) => Severity::High,
            (Eval | Native | Network | Deserialise | Other(_), false) | (Hook, true) => Severity::Medium,
            (Delete | Hook | Dynamic, false) | (Dynamic, true) => Severity::Low,
            (Write, false) => return None,
        })
    }

    /// Whether a mention without a call is worth a word.
    pub(super) const fn is_told_by_name(self) -> bool {
        matches!(self, Process | Exec | Install)
    }
}

/// What the function of a dotted name does, where that is known to be more than computing.
pub(super) fn effect(dotted: &str) -> Option<Effect> {
    // A module that another one imported is an attribute of it: `torch.os.system`.
    let mut rest = dotted;
    loop {
        if let Some(effect) = whole(rest, rest.len() == dotted.len()) {
            return Some(effect);
        }
        rest = rest.split_once('.')?.1;
    }
}

fn whole(dotted: &str, is_all: bool) -> Option<Effect> {
    let (module, name) = dotted.rsplit_once('.')?;
    let top = dotted.split('.').next().unwrap_or_default();
    if !is_all && !FAMOUS.contains(&top) {
        return None;
    }
    // Exceptions and constants do nothing.
    let is_constant = name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !NATIVE.contains(&name);
    if name.ends_with("Error")
        || name.ends_with("Exception")
        || is_constant
        || matches!(name, "TimeoutExpired" | "CompletedProcess" | "Timeout" | "exceptions")
    {
        return None;
    }
    let below = |prefix: &str| {
        dotted.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let row = TABLE.iter().filter(|(prefix, _)| below(prefix)).max_by_key(|(prefix, _)| prefix.len());
    if let Some((_, effect)) = row {
        return *effect;
    }
    if top == "os" {
        let starts = ["exec", "popen", "posix_spawn", "spawn", "system", "startfile", "fork"];
        let is_own = dotted.matches('.').count() == 1;
        return (is_own && starts.iter().any(|start| name.starts_with(start))).then_some(Process);
    }
    (!ORDINARY.contains(&top)).then(|| pickle::harm(module, name).map(Other))?
}

/// Classes with the names of constants.
const NATIVE: [&str; 4] = ["CDLL", "FTP", "IMAP", "SMTP"];

/// Modules that are reached through others.
const FAMOUS: [&str; 12] = [
    "builtins",
    "ctypes",
    "importlib",
    "marshal",
    "os",
    "pickle",
    "posix",
    "pty",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
];

/// Modules that model code has a use for: only what the table names is told.
const ORDINARY: [&str; 71] = [
    "PIL",
    "_thread",
    "accelerate",
    "asyncio",
    "atexit",
    "bitsandbytes",
    "bz2",
    "code",
    "codecs",
    "collections",
    "concurrent",
    "contextlib",
    "dataclasses",
    "datasets",
    "diffusers",
    "django",
    "einops",
    "fileinput",
    "functools",
    "gc",
    "glob",
    "gzip",
    "http",
    "huggingface_hub",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "jinja2",
    "joblib",
    "keras",
    "librosa",
    "linecache",
    "logging",
    "lzma",
    "mistral_common",
    "multiprocessing",
    "numpy",
    "operator",
    "os",
    "pandas",
    "pathlib",
    "peft",
    "pkg_resources",
    "pkgutil",
    "platform",
    "safetensors",
    "sched",
    "scipy",
    "sentence_transformers",
    "sentencepiece",
    "signal",
    "site",
    "sklearn",
    "soundfile",
    "sqlite3",
    "ssl",
    "sys",
    "tarfile",
    "tempfile",
    "tensorflow",
    "test",
    "threading",
    "timm",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
    "typing",
    "zipfile",
];

/// Prefixes of dotted names, each with what lies below it; nothing where that is harmless.
const TABLE: &[(&str, Option<Effect>)] = &[
    ("asyncio.create_subprocess_exec", Some(Process)),
    ("asyncio.create_subprocess_shell", Some(Process)),
    ("asyncio.open_connection", Some(Network)),
    ("atexit.register", Some(Hook)),
    ("boto3", Some(Network)),
    ("builtins.__import__", None),
    ("builtins.compile", Some(Eval)),
    ("builtins.eval", Some(Eval)),
    ("builtins.exec", Some(Exec)),
    ("builtins.execfile", Some(Exec)),
    ("builtins.open", None),
    ("builtins", None),
    ("cloudpickle.dump", None),
    ("cloudpickle.dumps", None),
    ("code.InteractiveConsole", Some(Exec)),
    ("code.InteractiveInterpreter", Some(Exec)),
    ("code.interact", Some(Exec)),
    ("ctypes.c_void_p", None),
    ("ctypes.util", None),
    ("gdown", Some(Network)),
    ("http.client", Some(Network)),
    ("http.server", Some(Network)),
    ("huggingface_hub.HfApi", Some(Network)),
    ("huggingface_hub.create_repo", Some(Network)),
    ("huggingface_hub.upload_file", Some(Network)),
    ("huggingface_hub.upload_folder", Some(Network)),
    ("importlib.machinery.ExtensionFileLoader", Some(Native)),
    ("importlib.machinery.SourceFileLoader", Some(Exec)),
    ("joblib.load", Some(Deserialise)),
    ("keras.models.load_model", Some(Deserialise)),
    ("keras.utils.get_file", Some(Network)),
    ("marshal.dump", None),
    ("marshal.dumps", None),
    ("marshal.load", Some(Exec)),
    ("marshal.loads", Some(Exec)),
    ("multiprocessing.Process", Some(Hook)),
    ("numpy.ctypeslib.load_library", Some(Native)),
    ("numpy.f2py", Some(Exec)),
    ("numpy.testing.runstring", Some(Exec)),
    ("os.chmod", Some(Delete)),
    ("os.chown", Some(Delete)),
    ("os.remove", Some(Delete)),
    ("os.removedirs", Some(Delete)),
    ("os.rename", Some(Delete)),
    ("os.replace", Some(Delete)),
    ("os.rmdir", Some(Delete)),
    ("os.symlink", Some(Delete)),
    ("os.truncate", Some(Delete)),
    ("os.unlink", Some(Delete)),
    ("os.popen", Some(Process)),
    ("pandas.eval", Some(Eval)),
    ("pandas.read_pickle", Some(Deserialise)),
    ("pathlib.Path.chmod", Some(Delete)),
    ("pathlib.Path.rename", Some(Delete)),
    ("pathlib.Path.replace", Some(Delete)),
    ("pathlib.Path.rmdir", Some(Delete)),
    ("pathlib.Path.symlink_to", Some(Delete)),
    ("pathlib.Path.touch", Some(Write)),
    ("pathlib.Path.unlink", Some(Delete)),
    ("pathlib.Path.write_bytes", Some(Write)),
    ("pathlib.Path.write_text", Some(Write)),
    ("pickle.HIGHEST_PROTOCOL", None),
    ("pickle.dump", None),
    ("pickle.dumps", None),
    ("pip", Some(Install)),
    ("platform.popen", Some(Process)),
    ("pty", Some(Process)),
    ("setuptools.setup", None),
    ("shutil.chown", Some(Delete)),
    ("shutil.move", Some(Delete)),
    ("shutil.rmtree", Some(Delete)),
    ("shutil", None),
    ("signal.signal", Some(Hook)),
    ("subprocess", Some(Process)),
    ("sympy.parse_expr", Some(Eval)),
    ("sympy.sympify", Some(Eval)),
    ("sys.addaudithook", Some(Hook)),
    ("sys.meta_path", Some(Hook)),
    ("sys.path_hooks", Some(Hook)),
    ("sys.setprofile", Some(Hook)),
    ("sys.settrace", Some(Hook)),
    ("tensorflow.keras.models.load_model", Some(Deserialise)),
    ("tensorflow.load_library", Some(Native)),
    ("tensorflow.load_op_library", Some(Native)),
    ("threading.Thread", Some(Hook)),
    ("threading.Timer", Some(Hook)),
    ("tokenize", None),
    ("torch.classes.load_library", Some(Native)),
    ("torch.hub.download_url_to_file", Some(Network)),
    ("torch.hub.load", Some(Exec)),
    ("torch.hub.load_state_dict_from_url", Some(Network)),
    ("torch.ops.load_library", Some(Native)),
    ("torch.package.PackageImporter", Some(Deserialise)),
    ("torch.utils.collect_env", Some(Process)),
    ("torch.utils.cpp_extension.load", Some(Native)),
    ("torch.utils.cpp_extension.load_inline", Some(Native)),
    ("torch.utils.model_zoo.load_url", Some(Network)),
    ("types", None),
    ("types.CodeType", Some(Exec)),
    ("types.FunctionType", None),
    ("unittest", None),
    ("urllib.error", None),
    ("urllib.parse", None),
    ("urllib3.util", None),
    ("weakref", None),
    ("webbrowser", Some(Process)),
    ("wget.download", Some(Network)),
    ("yaml.full_load", Some(Deserialise)),
    ("yaml.unsafe_load", Some(Deserialise)),
    ("yaml", None),
];

/// Whether a function runs code by a dynamic name; its argument is looked at.
pub(super) fn imports(dotted: &str) -> bool {
    matches!(dotted, "builtins.__import__" | "importlib.import_module" | "importlib.__import__")
}

/// The effect of an import whose name is computed.
pub(super) const DYNAMIC: Effect = Dynamic;
/// The effect of opening a file to write.
pub(super) const WRITE: Effect = Write;
/// The effect of reading what can run code.
pub(super) const DESERIALISE: Effect = Deserialise;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_effects_that_they_have() {
        for (name, want) in [
            ("os.system", Some(Process)),
            ("os.execve", Some(Process)),
            ("os.path.join", None),
            ("os.environ.get", None),
            ("torch.os.system", Some(Process)),
            ("subprocess.run", Some(Process)),
            ("subprocess.CalledProcessError", None),
            ("subprocess.PIPE", None),
            ("builtins.eval", Some(Eval)),
            ("torch.nn.Linear", None),
            ("torch.load", None),
            ("requests.get", Some(Other("talks to the network"))),
            ("requests.Timeout", None),
            ("socket.socket.connect", Some(Other("talks to the network"))),
            ("functools.partial", None),
            ("urllib.parse.quote", None),
            ("urllib.request.urlopen", Some(Other("talks to the network"))),
            ("pathlib.Path.write_text", Some(Write)),
            ("pathlib.Path.read_text", None),
            ("ctypes.CDLL", Some(Other("loads native code or touches memory"))),
        ] {
            assert_eq!(effect(name), want, "{name}");
        }
    }
}
