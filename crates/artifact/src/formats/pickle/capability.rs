//! What imports are known to do harm with, for a message that says so.
//!
//! The verdict does not rest on these tables: what is not inert is never passed. They tell a known way to run code from
//! a class that nobody has looked at. Their rows are the functions of the published scanner bypasses, the standard
//! library's own ways to the same ends, and those of the libraries that read models.

mod frameworks;
mod python;
mod services;
mod sinks;
mod variants;

pub(super) use variants::VARIANTS;

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

/// More components than any name has; each way to cut a name in two is looked at.
const COMPONENTS: usize = 16;

/// What an import is known to be able to do; `None` where it is unknown or inert.
///
/// `name` may be dotted, as `STACK_GLOBAL` allows: each component is an attribute of the one before. An attribute of a
/// module may be another module that it imports, so every part of the name that could be the name of a module is looked
/// up as one, with what follows as the name in it; and so is the module with each start of the name behind it. What is
/// left is judged by its last component: an attribute that is called `system` is taken for what it says. A name with
/// more than [`COMPONENTS`] is none that a pickler wrote.
pub(super) fn capability(module: &str, name: &str) -> Option<Capability> {
    let Some((_, last)) = name.rsplit_once('.') else {
        // A module that another one imported, taken from there. Classes are seldom called like these.
        let is_module = || sinks::MODULES.binary_search(&unaliased(name)).is_ok();
        return listed(module, name).or_else(|| is_module().then_some(Capability::Attribute));
    };
    if name.split('.').count() > COMPONENTS {
        return Some(Capability::Attribute);
    }
    // The first component is more often a part of the module itself: `io.pickle` in pandas is its own.
    splits(name)
        .find_map(|(_, rest)| imported(rest))
        .or_else(|| listed(module, name))
        .or_else(|| splits(name).find_map(|(head, rest)| listed(&format!("{module}.{head}"), rest)))
        .or_else(|| imported(name))
        .or_else(|| sinks::named(last))
        .or_else(|| name.split('.').any(is_special).then_some(Capability::Attribute))
}

/// What the tables say where a dotted name starts with a module that another one imported.
fn imported(name: &str) -> Option<Capability> {
    let (head, rest) = name.split_once('.')?;
    let head = unaliased(head);
    let below = || splits(rest).find_map(|(next, rest)| listed(&format!("{head}.{next}"), rest));
    listed(head, rest).or_else(below)
}

/// Each way to cut a dotted name in two.
fn splits(name: &str) -> impl Iterator<Item = (&str, &str)> {
    name.match_indices('.').filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)))
}

/// What the tables say of a name of a module: of the rows for the module and those it lies in, the innermost counts.
fn listed(module: &str, name: &str) -> Option<Capability> {
    let ends = std::iter::once(module.len()).chain(module.rmatch_indices('.').map(|(at, _)| at));
    let verdict = ends.filter_map(|end| module.get(..end)).find_map(|outer| {
        TABLES.iter().find_map(|table| {
            let start = table.partition_point(|row| row.module < outer);
            let mut rows = table[start..].iter().take_while(|row| row.module == outer);
            rows.find_map(|row| row.names.covers(name).map(|covered| covered.then_some(row.capability)))
        })
    });
    verdict.flatten()
}

/// The module behind the short name under which most libraries import it.
fn unaliased(name: &str) -> &str {
    match name {
        "_os" => "os",
        "_sys" => "sys",
        "np" | "_np" => "numpy",
        "pd" => "pandas",
        "sp" => "scipy",
        "tf" => "tensorflow",
        name => name,
    }
}

fn is_special(component: &str) -> bool {
    component.len() > 4 && component.starts_with("__") && component.ends_with("__")
}

/// The rows of each table are sorted by module.
const TABLES: [&[Row]; 3] = [python::ROWS, frameworks::ROWS, services::ROWS];

/// Names of a module and its submodules.
struct Row {
    module: &'static str,
    names: Names,
    capability: Capability,
}

enum Names {
    All,
    /// All but these, which are inert or unknown. An attribute of one of them is covered.
    AllBut(&'static [&'static str]),
    Only(&'static [&'static str]),
}

impl Names {
    /// Whether they cover the name; `None` where they say nothing of it.
    fn covers(&self, name: &str) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::AllBut(names) => Some(!names.contains(&name)),
            Self::Only(names) => name.split('.').any(|component| names.contains(&component)).then_some(true),
        }
    }
}

const fn all(module: &'static str, capability: Capability) -> Row {
    Row { module, names: Names::All, capability }
}

const fn but(module: &'static str, names: &'static [&'static str], capability: Capability) -> Row {
    Row { module, names: Names::AllBut(names), capability }
}

const fn only(module: &'static str, names: &'static [&'static str], capability: Capability) -> Row {
    Row { module, names: Names::Only(names), capability }
}

#[cfg(test)]
mod tests {
    use super::{Capability::*, *};

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
    fn tables_are_sorted_and_say_nothing_twice() {
        for table in TABLES {
            assert!(table.is_sorted_by(|a, b| a.module <= b.module));
        }
        let mut said = std::collections::BTreeSet::new();
        for row in TABLES.iter().copied().flatten() {
            match row.names {
                Names::All | Names::AllBut(_) => assert!(said.insert((row.module, "")), "{}", row.module),
                Names::Only(names) => {
                    for name in names {
                        assert!(said.insert((row.module, *name)), "{}.{name}", row.module);
                        assert_eq!(listed(row.module, name), Some(row.capability), "{}.{name}", row.module);
                    }
                }
            }
        }
        assert!(said.len() > 600, "{}", said.len());
    }

    #[test]
    fn dotted_names_are_followed_through_modules_and_attributes() {
        let cases = [
            ("logging", "os.system", Some(Process)),
            ("collections", "OrderedDict.__init__", Some(Attribute)),
            ("collections", "OrderedDict.__init__.__globals__", Some(Attribute)),
            ("collections", "abc.sys.modules", Some(Code)),
            ("torch", "os", Some(Attribute)),
            ("torch", "serialization.os.system", Some(Process)),
            ("torch", "serialization.load", Some(Deserialise)),
            ("torch", "_dynamo.guards.GuardBuilder.get", Some(Code)),
            ("somewhere", "torch._dynamo.guards.GuardBuilder.get", Some(Code)),
            ("numpy", "core.os.system", Some(Process)),
            ("numpy", "lib.npyio.load", Some(File)),
            ("sklearn.linear_model", "_base.np.load", Some(File)),
            ("sklearn", "linear_model._base.np.f2py.crackfortran.getlincoef", Some(Code)),
            ("pandas", "io.pickle.read_pickle", Some(Deserialise)),
            ("transformers", "utils.hub.subprocess.Popen", Some(Process)),
            ("somewhere", "Thing.system", Some(Process)),
            ("somewhere", "Thing.make.loads", Some(Deserialise)),
            ("zoneinfo", "ZoneInfo._unpickle", None),
            ("somewhere", "Outer.Inner", None),
            ("pathlib", "Path.write_text", Some(File)),
            ("pathlib", "PosixPath", None),
            ("pathlib", "Path", Some(File)),
            ("pathlib", "os.system", Some(File)),
            ("package.jobs", "test", None),
            ("asyncio.unix_events", "_UnixSubprocessTransport._start", Some(Process)),
            ("osmium", "system", None),
            ("sklearn.linear_model._base", "LinearRegression", None),
            ("torch.serialization", "load", Some(Deserialise)),
            ("", "", None),
            (".", "...", None),
        ];
        for (module, name, want) in cases {
            assert_eq!(capability(module, name), want, "{module} {name}");
        }
    }

    #[test]
    fn a_row_within_another_counts_first() {
        for (module, name, want) in [
            ("torch.hub", "load", Some(Code)),
            ("torch.storage", "_load_from_bytes", Some(Deserialise)),
            ("torch.storage", "load", Some(Deserialise)),
            ("http", "HTTPStatus", None),
            ("http.client", "HTTPConnection", Some(Network)),
            ("urllib.parse", "ParseResult", None),
            ("urllib.request", "urlopen", Some(Network)),
        ] {
            assert_eq!(capability(module, name), want, "{module} {name}");
        }
    }
}
