//! The published ways past other scanners that apply to a pickle as such, each built anew with a command that does
//! nothing.

use bartizan_artifact::FileClass;
use bartizan_finding::Severity;

use crate::look::{codes, named, text};
use bartizan_corpus::pickle::{Pickle, system};

/// Advisory, module and name of a function that runs what it is given.
const GADGETS: &[(&str, &str, &str)] = &[
    ("CVE-2025-1716", "pip", "main"),
    ("CVE-2025-1716", "pip._internal.cli.main", "main"),
    ("CVE-2025-10157", "asyncio.unix_events", "_UnixSubprocessTransport._start"),
    ("GHSA-4r9r-ch6f-vxmx", "torch.utils.bottleneck.__main__", "run_cprofile"),
    ("GHSA-4whj-rm5r-c2v8", "torch.utils.bottleneck.__main__", "run_autograd_prof"),
    ("GHSA-86cj-95qr-2p4f", "torch._dynamo.guards", "GuardBuilder.get"),
    ("GHSA-f745-w6jp-hpxx", "torch.utils.collect_env", "run"),
    ("GHSA-h3qp-7fh3-f8h4", "torch.utils.data.datapipes.utils.decoder", "basichandlers"),
    ("GHSA-vv6j-3g6g-2pvj", "torch.fx.experimental.symbolic_shapes", "ShapeEnv.evaluate_guards_expression"),
    ("GHSA-f4x7-rfwp-v3xw", "torch.jit.unsupported_tensor_ops", "execWrapper"),
    ("GHSA-vr7h-p6mm-wpmh", "torch.utils._config_module", "ConfigModule.load_config"),
    ("GHSA-5qwp-399c-mjwf", "trace", "Trace.runctx"),
    ("GHSA-g344-hcph-8vgg", "profile", "Profile.run"),
    ("GHSA-x696-vm39-cp64", "cProfile", "runctx"),
    ("GHSA-6vqj-c2q5-j97w", "code", "InteractiveInterpreter"),
    ("GHSA-7wx9-6375-f5wh", "doctest", "debug_script"),
    ("GHSA-49gj-c84q-6qm9", "ensurepip", "_run_pip"),
    ("GHSA-v7x6-rv5q-mhwc", "timeit", "timeit"),
    ("GHSA-9w88-8rmg-7g2p", "pty", "spawn"),
    ("GHSA-cj3c-v495-4xqh", "pydoc", "pipepager"),
    ("GHSA-fqq6-7vqf-w3fg", "pydoc", "locate"),
    ("GHSA-vvpj-8cmc-gx39", "pkgutil", "resolve_name"),
    ("GHSA-3vg9-h568-4w9m", "idlelib.pyshell", "ModifiedInterpreter.runcode"),
    ("GHSA-6w4w-5w54-rjvr", "lib2to3.pgen2.grammar", "Grammar.loads"),
    ("GHSA-7cq8-mj8x-j263", "lib2to3.pgen2.pgen", "ParserGenerator.make_label"),
    ("GHSA-r8g5-cgf2-4m4m", "numpy.f2py.crackfortran", "getlincoef"),
    ("GHSA-r8g5-cgf2-4m4m", "numpy.f2py.crackfortran", "_eval_length"),
    ("GHSA-r8g5-cgf2-4m4m", "numpy.testing._private.utils", "runstring"),
    ("GHSA-955r-x9j8-7rhh", "_operator", "methodcaller"),
    ("GHSA-46h3-79wf-xr6c", "operator", "attrgetter"),
    ("GHSA-m273-6v24-x4m4", "distutils.file_util", "write_file"),
    ("GHSA-9726-w42j-3qjr", "io", "FileIO"),
    ("GHSA-m7j5-r2p5-c39r", "urllib.request", "urlopen"),
    ("GHSA-4675-36f9-wf6r", "ctypes", "CDLL"),
    ("GHSA-4675-36f9-wf6r", "logging", "FileHandler"),
    ("picklescan, partial", "codecs", "open"),
    ("picklescan, partial", "pathlib", "Path.write_text"),
    ("picklescan, partial", "gzip", "open"),
    ("picklescan, partial", "sqlite3", "connect"),
    ("GHSA-9m3x-qqw2-h32h", "cloudpickle.cloudpickle", "_make_function"),
    ("GHSA-9m3x-qqw2-h32h", "types", "CodeType"),
    ("GHSA-g38g-8gr9-h9xp", "uuid", "_get_command_stdout"),
    ("GHSA-g38g-8gr9-h9xp", "_osx_support", "_read_output"),
    ("GHSA-g38g-8gr9-h9xp", "_aix_support", "_read_cmd_output"),
    ("GHSA-g38g-8gr9-h9xp", "imaplib", "IMAP4_stream"),
    ("GHSA-g38g-8gr9-h9xp", "_pyrepl.pager", "pipe_pager"),
    ("GHSA-g38g-8gr9-h9xp", "test.support.script_helper", "assert_python_ok"),
    ("GHSA-565g-hwwr-4pp3", "marshal", "loads"),
    ("GHSA-565g-hwwr-4pp3", "types", "FunctionType"),
    ("GHSA-wfq2-52f7-7qvj", "runpy", "run_path"),
    ("GHSA-q5qq-mvfm-j35x", "importlib", "import_module"),
    ("GHSA-p523-jq9w-64x9", "multiprocessing.util", "spawnv_passfds"),
    ("GHSA-5hvc-6wx8-mvv4", "builtins", "__import__"),
    ("GHSA-5j3x-jp52-966f", "_interpreters", "run_string"),
    ("GHSA-h4rm-mm56-xf63", "socket", "create_connection"),
    ("GHSA-mxhj-88fx-4pcv", "logging", "os.system"),
    ("CVE-2024-5480", "torch.distributed.rpc", "rpc_sync"),
    ("CVE-2024-34997", "joblib.numpy_pickle", "load"),
    ("CVE-2020-13092", "joblib", "load"),
    ("CVE-2019-6446", "numpy", "load"),
    ("CVE-2022-45907", "torch.jit.annotations", "parse_type_line"),
    ("CVE-2025-32434", "torch.serialization", "load"),
    ("CVE-2024-48063", "torch.distributed.rpc", "RemoteModule"),
    ("CVE-2025-1550", "keras.src.saving.serialization_lib", "deserialize_keras_object"),
    ("CVE-2025-8747", "keras.utils", "get_file"),
    ("CVE-2025-9905", "keras.models", "load_model"),
    ("CVE-2025-54412", "operator", "methodcaller"),
    ("GHSA-86cj-95qr-2p4f", "torch", "_dynamo.guards.GuardBuilder.get"),
    // The standard library's own ways to the same ends.
    ("builtins", "builtins", "eval"),
    ("builtins", "builtins", "exec"),
    ("builtins", "builtins", "getattr"),
    ("builtins", "__builtin__", "execfile"),
    ("builtins", "builtins", "open"),
    ("builtins", "builtins", "type"),
    ("processes", "posix", "system"),
    ("processes", "nt", "popen"),
    ("processes", "os", "execv"),
    ("processes", "subprocess", "Popen"),
    ("processes", "commands", "getoutput"),
    ("processes", "_posixsubprocess", "fork_exec"),
    ("processes", "webbrowser", "open"),
    ("processes", "platform", "popen"),
    ("code", "bdb", "Bdb.run"),
    ("code", "pdb", "run"),
    ("code", "codeop", "compile_command"),
    ("code", "unittest.loader", "TestLoader.loadTestsFromName"),
    ("code", "weakref", "finalize"),
    ("code", "atexit", "register"),
    ("code", "threading", "Timer"),
    ("code", "typing", "get_type_hints"),
    ("code", "collections", "namedtuple"),
    ("code", "logging.config", "dictConfig"),
    ("code", "functools", "reduce"),
    ("imports", "zipimport", "zipimporter"),
    ("imports", "imp", "load_source"),
    ("imports", "importlib.machinery", "SourceFileLoader"),
    ("imports", "site", "addsitedir"),
    ("native", "_ctypes", "dlopen"),
    ("native", "mmap", "mmap"),
    ("objects", "shelve", "open"),
    ("objects", "_pickle", "loads"),
    ("objects", "dill", "loads"),
    ("objects", "yaml", "unsafe_load"),
    ("files", "_io", "open_code"),
    ("files", "_io", "FileIO"),
    ("files", "compileall", "compile_file"),
    ("files", "py_compile", "compile"),
    ("files", "shutil", "rmtree"),
    ("files", "tarfile", "open"),
    ("network", "xmlrpc.client", "ServerProxy"),
    ("network", "ftplib", "FTP"),
    ("network", "smtplib", "SMTP"),
    // Ways through the libraries of models.
    ("numpy", "numpy.core", "_ufunc_reconstruct"),
    ("numpy", "numpy._core", "_ufunc_reconstruct"),
    ("numpy", "numpy.ctypeslib", "load_library"),
    ("numpy", "numpy", "memmap"),
    ("numpy", "numpy", "vectorize"),
    ("numpy", "numpy.distutils.exec_command", "exec_command"),
    ("pandas", "pandas", "read_pickle"),
    ("pandas", "pandas.io.pickle", "read_pickle"),
    ("pandas", "pandas.core.computation.eval", "eval"),
    ("scikit-learn", "sklearn.utils._joblib", "load"),
    ("scikit-learn", "sklearn.datasets", "load_files"),
    ("torch", "torch.hub", "load"),
    ("torch", "torch.package", "PackageImporter"),
    ("torch", "torch._inductor.codecache", "PyCodeCache.load"),
    ("torch", "torch.utils.cpp_extension", "load_inline"),
    ("torch", "torch.storage", "_load_from_bytes"),
    ("torch", "torch.fx.graph_module", "reduce_graph_module"),
    ("torch", "torch._C", "import_ir_module_from_buffer"),
    ("torch", "torch.ops", "load_library"),
    ("transformers", "transformers", "pipeline"),
    ("transformers", "transformers.dynamic_module_utils", "get_class_from_dynamic_module"),
    ("transformers", "transformers.utils.import_utils", "define_import_structure"),
    ("hub", "huggingface_hub", "hf_hub_download"),
    ("hub", "huggingface_hub.file_download", "hf_hub_download"),
    ("datasets", "datasets.load", "load_dataset"),
    ("tensorflow", "tensorflow", "py_function"),
    ("tensorflow", "tensorflow.io.gfile", "remove"),
    ("spaCy", "spacy.tokens.doc", "unpickle_doc"),
    ("mlflow", "mlflow.pyfunc", "load_model"),
    ("ray", "ray.cloudpickle", "loads"),
    ("dask", "dask.core", "get"),
    ("files elsewhere", "fsspec", "open"),
    ("files elsewhere", "smart_open", "open"),
    ("files elsewhere", "pyarrow", "memory_map"),
    ("clouds", "boto3", "client"),
    ("git", "git.repo.base", "Repo.clone_from"),
    ("sympy", "sympy.core.sympify", "sympify"),
    ("numba", "numba.core.serialize", "_rebuild_reduction"),
    // The same through the modules that other modules import.
    ("dotted", "torch", "serialization.os.system"),
    ("dotted", "numpy", "core.os.system"),
    ("dotted", "sklearn.linear_model", "_base.np.load"),
    ("dotted", "collections", "OrderedDict.__init__.__globals__"),
    ("dotted", "somewhere.unheard.of", "Thing.system"),
];

#[test]
fn there_are_many_gadgets_and_none_is_listed_twice() {
    let all: std::collections::BTreeSet<_> = GADGETS.iter().map(|(_, module, name)| (module, name)).collect();
    assert!(all.len() >= 150, "{}", all.len());
}

/// What the inert list allows and what it does not, with the same names.
#[test]
fn a_name_is_inert_only_for_what_picklers_do_with_it() {
    let made = ("xgboost.core", "Booster");
    let held = ("numpy", "asarray");
    let cases = [
        ("made", Pickle::proto(2).global(made.0, made.1).raw(b")\x81}b").stop(), &[][..]),
        ("called", Pickle::proto(2).global(made.0, made.1).call("path").stop(), &["PKL002"]),
        ("called by OBJ", Pickle::proto(2).raw(b"(").global(made.0, made.1).raw(b"o").stop(), &["PKL002"]),
        ("called by INST", Pickle::old().raw(b"(ixgboost.core\nBooster\n").stop(), &["PKL002"]),
        (
            "made as before protocol 2",
            Pickle::old()
                .global("copy_reg", "_reconstructor")
                .raw(b"(")
                .global(made.0, made.1)
                .global("__builtin__", "object")
                .raw(b"NtR")
                .stop(),
            &[],
        ),
        (
            "initialised as the base of another",
            Pickle::old()
                .global("copy_reg", "_reconstructor")
                .raw(b"(")
                .global("argparse", "Namespace")
                .global(made.0, made.1)
                .raw(b"NtR")
                .stop(),
            &["PKL002"],
        ),
        (
            "handed to what calls it",
            Pickle::proto(2).global("collections", "defaultdict").global(made.0, made.1).raw(b"\x85R").stop(),
            &["PKL002"],
        ),
        ("held", Pickle::proto(2).raw(b"]").global(held.0, held.1).raw(b"a").stop(), &[]),
        ("held and called", Pickle::proto(2).global(held.0, held.1).call("x").stop(), &["PKL002"]),
        (
            "held for later",
            Pickle::proto(2).global("functools", "partial").global(held.0, held.1).raw(b"\x85R").stop(),
            &[],
        ),
        (
            "something computed for later",
            Pickle::proto(2)
                .global("functools", "partial")
                .global("operator", "itemgetter")
                .call("x")
                .raw(b"\x85R")
                .stop(),
            &["PKL003"],
        ),
        ("the type of None", Pickle::proto(2).global("builtins", "type").raw(b"N\x85R").stop(), &[]),
        (
            "an attribute before protocol 4",
            Pickle::proto(2)
                .global("builtins", "getattr")
                .global("collections", "OrderedDict")
                .text("fromkeys")
                .raw(b"\x86R")
                .stop(),
            &["PKL002"],
        ),
        (
            "a module of a module before protocol 4",
            Pickle::proto(2)
                .global("builtins", "getattr")
                .global("builtins", "getattr")
                .global("torch", "serialization")
                .text("os")
                .raw(b"\x86R")
                .text("system")
                .raw(b"\x86R")
                .call("true")
                .stop(),
            &["PKL001", "PKL002"],
        ),
    ];
    for (what, bytes, want) in cases {
        let seen = named("model.pkl", &bytes);
        assert_eq!(codes(&seen), want, "{what}\n{}", text(&seen));
    }
}

#[test]
fn known_gadgets_are_critical_however_they_are_called() {
    for (advisory, module, name) in GADGETS {
        let spellings = [
            ("REDUCE", Pickle::proto(4).stack_global(module, name).call("true").stop()),
            ("OBJ and POP", Pickle::proto(4).raw(b"(").global(module, name).text("true").raw(b"o0N").stop()),
            ("NEWOBJ", Pickle::proto(2).global(module, name).text("true").raw(b"\x85\x81").stop()),
            ("INST", Pickle::old().raw(b"(S'true'\ni").raw(format!("{module}\n{name}\n").as_bytes()).stop()),
        ];
        for (how, bytes) in spellings {
            let seen = named("model.bin", &bytes);
            let worst = seen.problems.iter().find(|problem| problem.severity == Severity::Critical);
            let code = worst.map(|problem| problem.rule.code.as_str());
            assert_eq!(code, Some("PKL001"), "{advisory} {module}.{name} by {how}\n{}", text(&seen));
            assert_eq!(seen.class, FileClass::Finding);
        }
    }
}

/// What the stream does, how it is built, and which rules must fire.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn structural() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let long_frame =
        |frame: u64, body: &[u8]| Pickle::proto(4).raw(b"\x95").raw(&frame.to_le_bytes()).raw(body).0;
    let magic = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    vec![
        (
            "exec before a parse error (GHSA-9gvj-pp9x-gcfr)",
            system().raw(b"\xff").0,
            &["PKL001", "PKL006", "PKL007"],
        ),
        ("exec in a file that is cut off", system().0, &["PKL001", "PKL006", "PKL007"]),
        (
            "magic number made by eval (GHSA-97f8-7cmv-76j2)",
            Pickle::proto(2).global("builtins", "eval").call("1").stop(),
            &["PKL001"],
        ),
        (
            "second stream after a harmless one",
            [b"\x80\x02N.".as_slice(), &system().stop()].concat(),
            &["PKL001"],
        ),
        (
            "behind PyTorch's magic number",
            [b"\x80\x02".as_slice(), magic, &system().stop()].concat(),
            &["PKL001"],
        ),
        (
            "name from the memo",
            Pickle::proto(4)
                .text("posix")
                .raw(b"\x940")
                .text("system")
                .raw(b"\x940h\x00h\x01\x93")
                .call("true")
                .stop(),
            &["PKL001"],
        ),
        (
            "memo entry of another type",
            Pickle::proto(4).raw(b"K\x01q\x000").text("posix").raw(b"h\x00\x93").stop(),
            &["PKL006"],
        ),
        ("missing memo entry", Pickle::proto(4).raw(b"h\x09").stop(), &["PKL006"]),
        (
            "memo entry overwritten",
            Pickle::proto(4)
                .text("math")
                .raw(b"q\x000")
                .text("posix")
                .raw(b"q\x000h\x00")
                .text("system")
                .raw(b"\x93")
                .call("true")
                .stop(),
            &["PKL001"],
        ),
        (
            "octal and hexadecimal escapes",
            Pickle::old().raw(b"S'\\160osix'\nS'sy\\x73tem'\n\x93(S'true'\ntR").stop(),
            &["PKL001", "PKL010"],
        ),
        (
            "unicode escapes",
            Pickle::old().raw(b"V\\u0070osix\nVsystem\n\x93(S'true'\ntR").stop(),
            &["PKL001", "PKL010"],
        ),
        ("frame boundary inside an opcode", long_frame(3, b"X\x01\0\0\0a."), &["PKL011"]),
        ("frame behind STOP", long_frame(4, b"N.NN"), &["PKL008", "PKL011"]),
        ("frame in a frame", long_frame(12, b"\x95\x01\0\0\0\0\0\0\0NN."), &["PKL011"]),
        ("frame beyond the file", long_frame(1 << 40, b"N."), &["PKL006"]),
        (
            "BUILD on a function (modelscan #85)",
            Pickle::proto(2)
                .global("collections", "OrderedDict")
                .raw(b"N}")
                .text("__reduce__")
                .text("x")
                .raw(b"s\x86b")
                .stop(),
            &["PKL012"],
        ),
        (
            "slot state with a special name",
            Pickle::proto(2)
                .global("collections", "OrderedDict")
                .raw(b")RN}")
                .text("__class__")
                .text("x")
                .raw(b"s\x86b")
                .stop(),
            &["PKL012"],
        ),
        (
            "getattr chain (modelscan #331)",
            Pickle::proto(4)
                .global("builtins", "getattr")
                .global("collections", "OrderedDict")
                .raw(b")R")
                .text("x")
                .raw(b"\x86R)R")
                .stop(),
            &["PKL001", "PKL003"],
        ),
        (
            "name made by a call",
            Pickle::proto(4)
                .text("posix")
                .global("builtins", "str")
                .call("system")
                .raw(b"\x93")
                .call("true")
                .stop(),
            &["PKL003"],
        ),
        (
            "dangerous callable as an argument",
            Pickle::proto(4)
                .global("collections", "defaultdict")
                .global("posix", "system")
                .raw(b"\x85R")
                .stop(),
            &["PKL001"],
        ),
        ("extension registry", Pickle::proto(2).raw(b"\x82\x07)R").stop(), &["PKL003", "PKL004"]),
        (
            "attribute of a harmless class",
            Pickle::proto(4)
                .stack_global("collections", "OrderedDict.__init__.__globals__")
                .raw(b")R")
                .stop(),
            &["PKL001"],
        ),
        ("nested in bytes", Pickle::proto(3).bytes(&system().stop()).stop(), &["PKL001", "PKL009"]),
        (
            "nested twice",
            Pickle::proto(3).bytes(&Pickle::proto(3).bytes(&system().stop()).stop()).stop(),
            &["PKL001", "PKL009"],
        ),
        (
            "nested in protocol 0",
            Pickle::proto(3).bytes(b"cposix\nsystem\n(S'true'\ntR.").stop(),
            &["PKL001", "PKL009"],
        ),
        (
            "codec that is not for text",
            Pickle::proto(2).global("_codecs", "encode").text("x").text("zlib").raw(b"\x86R").stop(),
            &["PKL013"],
        ),
        ("Python 2 names", Pickle::old().global("__builtin__", "eval").raw(b"(S'1'\ntR").stop(), &["PKL001"]),
        (
            "name too long to be one",
            Pickle::old().global(&"a".repeat(2000), "b").raw(b")R").stop(),
            &["PKL003"],
        ),
        ("call that is popped", system().raw(b"0N").stop(), &["PKL001"]),
        ("persistent id", Pickle::old().raw(b"Pmodule-7\n").stop(), &["PKL005"]),
        ("bytes behind the stream", Pickle::proto(2).raw(b"N.\x00\x01\x02").0, &["PKL008"]),
    ]
}

#[test]
fn structural_bypasses_are_found() {
    for (what, bytes, want) in structural() {
        let seen = named("model.pkl", &bytes);
        assert_eq!(codes(&seen), want, "{what}\n{}", text(&seen));
        assert_ne!(seen.class, FileClass::Clean, "{what}");
    }
}

#[test]
fn a_break_or_a_tail_is_not_looked_past_in_silence() {
    for (what, bytes, _) in structural() {
        let seen = named("model.pkl", &bytes);
        let broken = codes(&seen).iter().any(|code| matches!(*code, "PKL006" | "PKL008"));
        assert_eq!(!seen.unexamined.is_empty(), broken, "{what}\n{}", text(&seen));
    }
}

#[test]
fn what_a_person_reads() {
    let nested = Pickle::proto(3).bytes(&system().raw(b"\xff").0).stop();
    insta::assert_snapshot!(text(&named("model.bin", &nested)), @r"
    pickle: finding
    low PKL009 model.bin at byte 7: a byte string of the pickle is itself a pickle
    critical PKL001/process model.bin!nested pickle at byte 33: loading the file calls posix.system, which starts programs
    medium PKL006 model.bin!nested pickle at byte 34: the pickle breaks off: an unknown opcode
    high PKL007 model.bin!nested pickle at byte 33: the pickle calls something at byte 33 and then breaks off
    not examined: model.bin!nested pickle at byte 34: behind the point where the pickle breaks off: an unknown opcode
    ");
}
