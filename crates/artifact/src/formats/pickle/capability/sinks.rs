//! Names that say what they do, whatever carries them.

use super::Capability::{self, Attribute, Code, Deserialise, File, Import, Native, Network, Process};

/// Modules from which any harm is one attribute away. Sorted.
pub(super) const MODULES: [&str; 28] = [
    "_io",
    "_posixsubprocess",
    "_thread",
    "builtins",
    "cffi",
    "cloudpickle",
    "commands",
    "ctypes",
    "dill",
    "ftplib",
    "imp",
    "importlib",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pickle",
    "pkgutil",
    "posix",
    "pty",
    "runpy",
    "shutil",
    "smtplib",
    "socket",
    "subprocess",
    "sys",
    "urllib",
    "zipimport",
];

/// What the last component of a dotted name says, where nothing else is known of it.
pub(super) fn named(component: &str) -> Option<Capability> {
    SINKS.binary_search_by_key(&component, |(name, _)| name).ok().map(|at| SINKS[at].1)
}

/// Sorted.
const SINKS: [(&str, Capability); 61] = [
    ("CDLL", Native),
    ("Popen", Process),
    ("__import__", Import),
    ("__reduce__", Attribute),
    ("__reduce_ex__", Attribute),
    ("__setstate__", Attribute),
    ("_load_from_bytes", Deserialise),
    ("attrgetter", Attribute),
    ("call", Process),
    ("check_call", Process),
    ("check_output", Process),
    ("compile", Code),
    ("connect", Network),
    ("create_connection", Network),
    ("delattr", Attribute),
    ("dlopen", Native),
    ("download", Network),
    ("eval", Code),
    ("exec", Code),
    ("exec_module", Import),
    ("execfile", Code),
    ("execl", Process),
    ("execle", Process),
    ("execlp", Process),
    ("execv", Process),
    ("execve", Process),
    ("execvp", Process),
    ("execvpe", Process),
    ("fork", Process),
    ("getattr", Attribute),
    ("getoutput", Process),
    ("getstatusoutput", Process),
    ("import_module", Import),
    ("load", Deserialise),
    ("load_library", Native),
    ("load_module", Import),
    ("loads", Deserialise),
    ("methodcaller", Attribute),
    ("open", File),
    ("open_code", File),
    ("popen", Process),
    ("posix_spawn", Process),
    ("read_pickle", Deserialise),
    ("remove", File),
    ("rmtree", File),
    ("run", Process),
    ("run_module", Code),
    ("run_path", Code),
    ("runcode", Code),
    ("runctx", Code),
    ("runsource", Code),
    ("setattr", Attribute),
    ("spawn", Process),
    ("spawnv", Process),
    ("spawnve", Process),
    ("startfile", Process),
    ("system", Process),
    ("unlink", File),
    ("urlopen", Network),
    ("urlretrieve", Network),
    ("write_bytes", File),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_so_that_a_search_finds_what_they_hold() {
        assert!(MODULES.is_sorted_by(|a, b| a < b));
        assert!(SINKS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!((named("system"), named("fit")), (Some(Process), None));
    }
}
