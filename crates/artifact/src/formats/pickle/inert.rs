//! What a pickle may import and call: names that build a value and do nothing else.
//!
//! Everything here is an exception from a denial, so each name is written out: a module and a name in it, never the
//! start of a module and never an attribute of a name. What is not here is unknown, and a person has to look. The
//! lists are judged by how seldom an honest pickle needs a person, not by their length.
//!
//! # What makes a name inert
//!
//! A stream can do more with a class than call it. A name is listed where nothing that follows opens a file, imports a
//! module by name, evaluates a text, starts a program or a thread, talks to the network or loads native code, whatever
//! the arguments are:
//!
//! 1. a call with any arguments (`REDUCE`, `OBJ`, `INST`): `__new__` and `__init__`;
//! 2. an object without a call (`NEWOBJ`): `__new__`;
//! 3. a state (`BUILD`): `__setstate__`, or the setters of properties;
//! 4. items (`APPENDS`, `SETITEMS`, `ADDITEMS`): `append`, `extend`, `add`, `__setitem__`;
//! 5. keys: `__hash__` and `__eq__`; and the end of the object's life: `__del__`;
//! 6. what other inert names ask of an object that they are given: its length, items, text, number, or its call.
//!
//! A name gets no more than picklers need of it, which [`Use`] says: most classes are made without a call and filled,
//! and a function that a model keeps for later is not called at all. What uses them otherwise is not passed.
//!
//! The list is closed: what an inert name calls of its arguments is an import of the stream, which is judged by
//! itself, or a method of an object that inert names built. Names that may not be called are not handed to what may
//! call them ([`takes`]), and what calls its first argument is given an import, never the result of a call
//! ([`calls_first`]).
//!
//! Memory and time are not counted: any pickle can ask for a list without end.

mod learners;
mod misc;
mod numpy;
mod pandas;
mod python;
mod scipy;
mod sklearn_table;
mod torch_table;
mod transformers;

/// The version of this list. It changes with every name that comes or goes, because a verdict rests on it.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "for the reader, until a report says by which list it judged")
)]
const VERSION: u32 = 2;

/// What a stream may do with an inert name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// Call it with any arguments, and all that follows.
    Called,
    /// Keep it as a value and nothing else.
    Held,
    /// Make an object of it without calling its initialiser, and fill that.
    Made,
}

/// Names of one module that are inert for the same reason.
struct Family {
    module: &'static str,
    /// Sorted.
    names: &'static [&'static str],
    usage: Use,
    /// Why they are inert.
    #[cfg_attr(not(test), expect(dead_code, reason = "written for the reader and held by a test"))]
    reason: &'static str,
}

const fn called(module: &'static str, names: &'static [&'static str], reason: &'static str) -> Family {
    Family { module, names, usage: Use::Called, reason }
}

const fn held(module: &'static str, names: &'static [&'static str], reason: &'static str) -> Family {
    Family { module, names, usage: Use::Held, reason }
}

const fn made(module: &'static str, names: &'static [&'static str], reason: &'static str) -> Family {
    Family { module, names, usage: Use::Made, reason }
}

/// Each table is sorted by module.
const TABLES: [&[Family]; 9] = [
    python::FAMILIES,
    numpy::FAMILIES,
    torch_table::FAMILIES,
    sklearn_table::FAMILIES,
    scipy::FAMILIES,
    pandas::FAMILIES,
    transformers::FAMILIES,
    learners::FAMILIES,
    misc::FAMILIES,
];

/// The tables that may name the modules of a package; a package lies in one table.
fn tables(package: &str) -> &'static [&'static [Family]] {
    let [_, numpy, torch, sklearn, scipy, pandas, ..] = &TABLES;
    match package {
        "numpy" => std::slice::from_ref(numpy),
        "torch" | "torchvision" => std::slice::from_ref(torch),
        "sklearn" => std::slice::from_ref(sklearn),
        "scipy" => std::slice::from_ref(scipy),
        "pandas" => std::slice::from_ref(pandas),
        _ => &TABLES,
    }
}

/// What a stream may do with `module.name`; `None` where it is not inert.
pub(super) fn inert(module: &str, name: &str) -> Option<Use> {
    let package = module.split('.').next().unwrap_or_default();
    tables(package).iter().find_map(|table| {
        let start = table.partition_point(|family| family.module < module);
        let families = table[start..].iter().take_while(|family| family.module == module);
        let mut named = families.filter(|family| family.names.binary_search(&name).is_ok());
        named.next().map(|family| family.usage)
    })
}

/// Whether the function calls its first argument, at once or later: that has to be an import, and not the result of a
/// call that nobody can follow.
pub(super) fn calls_first(module: &str, name: &str) -> bool {
    is_partial(module, name)
        || matches!(
            (module, name),
            ("torch._tensor" | "torch.tensor", "_rebuild_from_type_v2")
                | ("jax._src.array", "_reconstruct_array")
        )
}

/// Whether the function may be given a name of this use as the argument of this index: what makes an object of a class
/// without its initialiser takes a class that may only be made so, and what keeps a function for later takes one that
/// may only be held.
pub(super) fn takes(module: &str, name: &str, index: usize, usage: Use) -> bool {
    let classes = match (module, name) {
        ("copyreg" | "copy_reg", "_reconstructor" | "__newobj__")
        | ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct")
        | ("numpy", "dtype")
        | ("pandas.core.indexes.base" | "pandas.core.index" | "pandas.indexes.base", "_new_Index")
        | ("pandas.core.indexes.datetimes", "_new_DatetimeIndex")
        | ("pandas.core.indexes.timedeltas", "_new_TimedeltaIndex")
        | ("pandas.core.indexes.period", "_new_PeriodIndex")
        | ("pandas.core.indexes.interval", "_new_IntervalIndex")
        | ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked")
        | ("pandas._libs.interval", "__pyx_unpickle_IntervalMixin") => 1,
        ("numpy.ma.core", "_mareconstruct") => 2,
        _ => 0,
    };
    match usage {
        Use::Called => true,
        Use::Made => index < classes,
        Use::Held => index == 0 && ((module, name) == ("numpy", "dtype") || is_partial(module, name)),
    }
}

fn is_partial(module: &str, name: &str) -> bool {
    matches!(module, "functools" | "_functools") && name == "partial"
}

/// Whether the name, in a pickle of a `TorchScript` archive, is a class of the archive's own code or one of the marks by
/// which `torch.jit.save` keeps the types of lists. `torch.jit.load` looks the former up among the code, not among
/// modules, and the latter give back what they are given.
pub(super) fn is_torch_script(module: &str, name: &str) -> bool {
    let own = module.strip_prefix("__torch__").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    own || module == "torch.jit._pickle"
        && matches!(
            name,
            "build_boollist"
                | "build_doublelist"
                | "build_intlist"
                | "build_tensor_from_id"
                | "build_tensorlist"
                | "restore_type_tag"
        )
}

/// Whether the name is a storage class of `PyTorch`, as its persistent ids name them; and the bytes of an element.
pub(super) fn torch_storage(module: &str, name: &str) -> Option<u64> {
    if !matches!(module, "torch" | "torch.storage" | "torch.cuda") {
        return None;
    }
    Some(match name {
        "ByteStorage" | "CharStorage" | "BoolStorage" | "UntypedStorage" | "QInt8Storage"
        | "QUInt8Storage" => 1,
        "ShortStorage" | "HalfStorage" | "BFloat16Storage" => 2,
        "IntStorage" | "FloatStorage" | "QInt32Storage" => 4,
        "LongStorage" | "DoubleStorage" | "ComplexFloatStorage" => 8,
        "ComplexDoubleStorage" => 16,
        _ => return None,
    })
}

/// Text codecs: `_codecs.encode` looks others up by name and may import a module for them.
pub(super) const TEXT_CODECS: [&str; 6] = ["latin1", "latin-1", "iso-8859-1", "utf-8", "utf8", "ascii"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::formats::pickle::capability::capability;

    fn families() -> impl Iterator<Item = &'static Family> {
        TABLES.iter().copied().flatten()
    }

    #[test]
    fn tables_are_sorted_so_that_a_search_finds_what_they_hold() {
        for table in TABLES {
            assert!(table.is_sorted_by(|a, b| (a.module, a.usage) <= (b.module, b.usage)));
        }
        for Family { module, names, .. } in families() {
            assert!(!names.is_empty() && names.is_sorted_by(|a, b| a < b), "{module}");
        }
    }

    #[test]
    fn each_name_stands_once_and_is_found() {
        let mut seen = BTreeMap::new();
        for family in families() {
            for name in family.names {
                assert_eq!(
                    seen.insert((family.module, name), family.usage),
                    None,
                    "{}.{name}",
                    family.module
                );
                assert_eq!(inert(family.module, name), Some(family.usage), "{}.{name}", family.module);
            }
        }
        // Whoever changes the list changes its version, and both here.
        assert_eq!((VERSION, seen.len()), (2, 4001));
    }

    #[test]
    fn nothing_inert_is_dangerous_and_each_name_has_its_reason() {
        for family in families() {
            assert!(family.reason.split(' ').count() > 2, "{}", family.module);
            for name in family.names {
                assert_eq!(capability(family.module, name), None, "{}.{name}", family.module);
            }
        }
    }

    #[test]
    fn names_are_exact_and_no_attribute_of_a_name_is_inert() {
        for family in families() {
            for name in family.names {
                assert!(!name.contains('.'), "{}.{name}", family.module);
                assert_eq!(inert(family.module, &format!("{name}.__init__")), None);
                assert_eq!(inert(&format!("{}.x", family.module), name), None);
            }
        }
        assert_eq!(inert("collections", "OrderedDict.fromkeys"), None);
        assert_eq!(inert("sklearn", "linear_model._base.LinearRegression"), None);
        assert_eq!(inert("", ""), None);
    }

    /// What evaluates its state, opens what it is given, or calls by name stays out, however common it is.
    #[test]
    fn what_only_looks_like_data_is_not_inert() {
        for (module, name) in [
            ("scipy.stats._continuous_distns", "norm_gen"),
            ("scipy.stats._distn_infrastructure", "rv_continuous_frozen"),
            ("numpy.core", "_ufunc_reconstruct"),
            ("numpy", "memmap"),
            ("numpy", "fromfile"),
            ("numpy", "vectorize"),
            ("sklearn.datasets._base", "load_files"),
            ("sklearn.utils._testing", "TempMemmap"),
            ("joblib.memory", "MemorizedFunc"),
            ("pandas", "read_pickle"),
            ("pandas.core.computation.expr", "Expr"),
            ("torch.utils.data.dataloader", "DataLoader"),
            ("torchvision.transforms.transforms", "Lambda"),
            ("transformers.trainer", "Trainer"),
            ("xgboost.core", "DMatrix"),
            ("statsmodels.base.data", "PandasData"),
            ("zoneinfo", "ZoneInfo"),
            ("dateutil.tz.tz", "tzfile"),
            ("sklearn.neighbors._dist_metrics", "PyFuncDistance"),
            ("typing", "NamedTuple"),
            ("collections", "namedtuple"),
        ] {
            assert_eq!(inert(module, name), None, "{module}.{name}");
        }
    }

    #[test]
    fn storages_are_inert_and_have_a_size() {
        for name in ["BFloat16Storage", "BoolStorage", "FloatStorage", "LongStorage", "QUInt8Storage"] {
            assert!(inert("torch", name).is_some() && torch_storage("torch", name).is_some(), "{name}");
        }
        assert_eq!(torch_storage("os", "FloatStorage"), None);
    }

    #[test]
    fn what_takes_an_import_to_call_or_make_is_itself_inert() {
        for (module, name) in [
            ("functools", "partial"),
            ("torch._tensor", "_rebuild_from_type_v2"),
            ("jax._src.array", "_reconstruct_array"),
        ] {
            assert!(calls_first(module, name) && !takes(module, name, 0, Use::Made));
            assert_eq!(inert(module, name), Some(Use::Called));
        }
        for (module, name) in [
            ("copyreg", "_reconstructor"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy.ma.core", "_mareconstruct"),
            ("pandas.core.indexes.base", "_new_Index"),
        ] {
            assert!(!calls_first(module, name) && takes(module, name, 0, Use::Made));
            assert!(!takes(module, name, 0, Use::Held) && !takes(module, name, 2, Use::Made));
            assert_eq!(inert(module, name), Some(Use::Called));
        }
    }
}
