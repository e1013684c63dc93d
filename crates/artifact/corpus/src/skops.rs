//! Writes archives as skops does, with whatever nodes they are given.

use crate::{
    Sample,
    numpy::array,
    pickle::system,
    zip::{Member, zip},
};

const FAMILY: &str = "skops";

/// A node with more entries, each with a comma in front.
pub fn node(loader: &str, module: &str, class: &str, more: &str) -> String {
    format!(
        r#"{{"__class__": "{class}", "__module__": "{module}", "__loader__": "{loader}"{more}, "__id__": 1}}"#
    )
}

/// A value of JSON, which stands in a text of its own.
pub fn json(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    node("JsonNode", "builtins", "str", &format!(r#", "content": "{value}", "is_json": true"#))
}

/// An estimator with one attribute.
pub fn estimator(attribute: &str) -> String {
    let attributes = node(
        "DictNode",
        "builtins",
        "dict",
        &format!(
            r#", "content": {{"C": {attribute}}}, "key_types": {}"#,
            node(
                "ListNode",
                "builtins",
                "list",
                &format!(r#", "content": [{}]"#, node("TypeNode", "builtins", "str", ""))
            )
        ),
    );
    node(
        "ObjectNode",
        "sklearn.linear_model._logistic",
        "LogisticRegression",
        &format!(r#", "content": {attributes}"#),
    )
}

/// An archive of a schema, and members beside it.
pub fn archive(root: &str, protocol: u8, members: &[Member]) -> Vec<u8> {
    let schema = format!(
        "{}, \"protocol\": {protocol}, \"_skops_version\": \"0.13.0\"}}",
        root.strip_suffix('}').unwrap()
    );
    let mut all = members.to_vec();
    all.push(Member::stored("schema.json", schema.as_bytes()));
    zip(&all)
}

fn of(attribute: &str) -> Vec<u8> {
    archive(&estimator(attribute), 2, &[])
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = hostile();
    samples.extend(benign());
    samples
}

fn partial(module: &str, function: &str) -> String {
    let empty = node("TupleNode", "builtins", "tuple", r#", "content": []"#);
    let dict = node("DictNode", "builtins", "dict", r#", "content": {}"#);
    let func = node("FunctionNode", module, function, r#", "content": "x""#);
    node(
        "PartialNode",
        "functools",
        "partial",
        &format!(r#", "content": {{"func": {func}, "args": {empty}, "kwds": {dict}, "namespace": {dict}}}"#),
    )
}

fn method(module: &str, class: &str, func: &str, object: &str) -> String {
    node("MethodNode", module, class, &format!(r#", "content": {{"func": "{func}", "obj": {object}}}"#))
}

fn operator(module: &str, class: &str) -> String {
    let attrs = node("TupleNode", "builtins", "tuple", &format!(r#", "content": [{}]"#, json("\"x\"")));
    node("OperatorFuncNode", module, class, &format!(r#", "attrs": {attrs}"#))
}

fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.skops", bytes, codes);
    let object = |module: &str, class: &str| node("ObjectNode", module, class, r#", "content": null"#);
    let regression = ("sklearn.linear_model._base", "LinearRegression");
    let evil = system().stop();
    let mut samples = vec![
        hostile("operator that calls", of(&operator("operator", "call")), &["SKO003"]).from_advisory("CVE-2025-54412"),
        hostile("methodcaller", of(&operator("operator", "methodcaller")), &["SKO003"]).from_advisory("CVE-2025-54412"),
        hostile("attrgetter", of(&operator("operator", "attrgetter")), &["SKO003"]).from_advisory("CVE-2025-54412"),
        hostile("operator that says it is a number", of(&operator("builtins", "int")), &["SKO003"]).from_advisory("CVE-2025-54412"),
        hostile("operator that says it is an estimator", of(&operator("sklearn.svm._classes", "call")), &["SKO003"]).from_advisory("CVE-2025-54412"),
        hostile("method of another object", of(&method("builtins", "str", "format", &object("os", "environ"))), &["SKO002", "SKO003"]).from_advisory("CVE-2025-54413"),
        hostile("method that is special", of(&method(regression.0, regression.1, "__reduce__", &object(regression.0, regression.1))), &["SKO003"]).from_advisory("CVE-2025-54413"),
        hostile("method by a path", of(&method(regression.0, regression.1, "fit.__globals__", &object(regression.0, regression.1))), &["SKO003"]).from_advisory("CVE-2025-54413"),
        hostile("method of another class", of(&method(regression.0, regression.1, "predict", &object("sklearn.svm._classes", "SVC"))), &["SKO003"]).from_advisory("CVE-2025-54413"),
        hostile("partial of eval", of(&partial("builtins", "eval")), &["SKO001", "SKO002"]),
        hostile("partial of os.system", of(&partial("os", "system")), &["SKO001", "SKO002"]),
        hostile("loader of dictionaries for a function", of(&node("DictNode", "os", "system", r#", "content": {}"#)), &["SKO002", "SKO004"]).from_advisory("CVE-2025-54412"),
        hostile("loader of lists for a function", of(&node("ListNode", "package.tools", "launch", r#", "content": []"#)), &["SKO001", "SKO004"]),
        hostile("loader of sets for a class", of(&node("SetNode", "package.tools", "Launch", r#", "content": []"#)), &["SKO004"]),
        hostile("loader of texts for a class", of(&node("JsonNode", "package.tools", "Launch", r#", "content": "1", "is_json": true"#)), &["SKO004"]),
        hostile("loader of slices for a class", of(&node("SliceNode", "package.tools", "Launch", r#", "content": {"start": 1}"#)), &["SKO004"]),
        hostile("loader of arrays for a function", of(&node("NdArrayNode", "subprocess", "Popen", r#", "type": "numpy", "file": "schema.json""#)), &["SKO002", "SKO004"]),
        hostile("loader of generators for a class", of(&node("RandomStateNode", "package.tools", "Launch", "")), &["SKO004"]),
        hostile("loader of matrices for a class", of(&node("SparseMatrixNode", "package.tools", "Launch", "")), &["SKO004"]),
        hostile("loader of trees for a class", of(&node("TreeNode", "package.tools", "Launch", "")), &["SKO004"]),
        hostile("loader of losses for a class", of(&node("LossNode", "package.tools", "Launch", "")), &["SKO004"]),
        hostile("loader of defaults for a class", of(&node("DefaultDictNode", "package.tools", "Launch", "")), &["SKO004"]),
        hostile("loader of partials for a class", of(&node("PartialNode", "package.tools", "Launch", "")), &["SKO004"]),
        hostile("loader that nobody knows", of(&node("ShellNode", "builtins", "str", "")), &["SKO004"]),
        hostile("class that is said twice", of(&node("ObjectNode", "sklearn.svm._classes", "SVC", r#", "__class__": "NuSVC""#)), &["SKO005"]),
        hostile("loader that is said twice", of(&node("JsonNode", "builtins", "str", r#", "__loader__": "ObjectNode""#)), &["SKO005"]),
        hostile("node without a class, and a function", of(&format!(r#"{{"__loader__": "ObjectNode", "content": {}}}"#, partial("os", "system"))), &["SKO002", "SKO005"]),
        hostile("array outside the archive", of(&node("NdArrayNode", "numpy", "ndarray", r#", "type": "numpy", "file": "../../w.npy""#)), &["SKO006"]),
        hostile("bytes outside the archive", of(&node("BytesNode", "builtins", "bytes", r#", "file": "/etc/passwd""#)), &["SKO006"]),
        hostile("function of the oldest protocol", archive(&estimator(&node("FunctionNode", "builtins", "function", r#", "content": {"module_path": "os", "function": "system"}"#)), 0, &[]), &["SKO002"]),
        hostile("generator that is called", of(&node("RandomGeneratorNode", "numpy.random._generator", "Generator", &format!(r#", "content": {{"bit_generator": {}}}"#, node("DictNode", "builtins", "dict", &format!(r#", "content": {{"bit_generator": {}}}"#, json("\"seed\"")))))), &["SKO003"]),
        hostile("array of objects", archive(&estimator(&node("NdArrayNode", "numpy", "ndarray", r#", "type": "numpy", "file": "1.npy""#)), 2, &[Member::stored("1.npy", &array("'|O'", "(2,)", &evil))]), &["NPY002", "PKL001"]),
        hostile("pickle beside the schema", archive(&estimator(&json("1")), 2, &[Member::stored("model.pkl", &evil)]), &["PKL001"]),
        hostile("pickle under the name of an archive", evil.clone(), &["ART002", "PKL001"]).from_advisory("CVE-2025-54886"),
        hostile("description that breaks off, behind a function", zip(&[Member::stored("schema.json", format!(r#"{{"a": {}, "b": "#, partial("os", "system")).as_bytes())]), &["SKO002", "SKO005"]),
        hostile("construction by a function", of(&node("ConstructorFromReduceNode", "builtins", "exec", &format!(r#", "content": {}"#, json("\"pass\"")))), &["SKO002"]),
        hostile("entries in another order", of(&format!(r#"{{"attrs": {}, "__loader__": "OperatorFuncNode", "__module__": "operator", "__class__": "call"}}"#, json("1"))), &["SKO003"]),
        hostile("object in front of the method that it is not of", of(&format!(r#"{{"content": {{"obj": {}, "func": "system"}}, "__loader__": "MethodNode", "__module__": "builtins", "__class__": "str"}}"#, object("posix", "uname_result"))), &["SKO003"]).from_advisory("CVE-2025-54413"),
    ];
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "exec"),
        ("builtins", "getattr"),
        ("subprocess", "Popen"),
        ("importlib", "import_module"),
        ("pickle", "loads"),
        ("ctypes", "CDLL"),
        ("runpy", "run_path"),
        ("shutil", "rmtree"),
    ] {
        for loader in ["FunctionNode", "TypeNode", "ObjectNode"] {
            let bytes = of(&node(loader, module, name, r#", "content": null"#));
            samples.push(Sample::hostile(
                FAMILY,
                format!("{loader} of {module}.{name}"),
                "model.skops",
                bytes,
                &["SKO002"],
            ));
        }
    }
    samples
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.skops", bytes);
    let weights = Member::stored("1.npy", &array("'<f8'", "(2,)", &[0; 16]));
    let array = node("NdArrayNode", "numpy", "ndarray", r#", "type": "numpy", "file": "1.npy""#);
    let tuple = node(
        "TupleNode",
        "builtins",
        "tuple",
        &format!(r#", "content": [{}, {}]"#, json("\"scale\""), estimator(&array)),
    );
    let steps = node("ListNode", "builtins", "list", &format!(r#", "content": [{tuple}]"#));
    let dict = node("DictNode", "builtins", "dict", &format!(r#", "content": {{"steps": {steps}}}"#));
    let pipeline = node("ObjectNode", "sklearn.pipeline", "Pipeline", &format!(r#", "content": {dict}"#));
    let generator = node(
        "RandomGeneratorNode",
        "numpy.random._generator",
        "Generator",
        &format!(
            r#", "content": {{"bit_generator": {}}}"#,
            node(
                "DictNode",
                "builtins",
                "dict",
                &format!(r#", "content": {{"bit_generator": {}}}"#, json("\"PCG64\""))
            )
        ),
    );
    vec![
        benign("estimator", of(&json("1.0"))),
        benign("estimator with weights", archive(&estimator(&array), 2, std::slice::from_ref(&weights))),
        benign("pipeline", archive(&pipeline, 2, std::slice::from_ref(&weights))),
        benign(
            "elementwise function",
            of(&node("FunctionNode", "numpy", "log1p", r#", "content": "log1p""#)),
        ),
        benign(
            "special function",
            of(&node("FunctionNode", "scipy.special._ufuncs", "expit", r#", "content": "expit""#)).clone(),
        ),
        benign("element type", of(&node("TypeNode", "numpy", "float64", ""))),
        benign("random generator", of(&generator)),
        benign("older protocol", archive(&estimator(&array), 1, &[weights])),
        benign(
            "sparse matrix",
            archive(
                &estimator(&node(
                    "SparseMatrixNode",
                    "scipy.sparse._csr",
                    "csr_matrix",
                    r#", "type": "scipy", "file": "1.npz""#,
                )),
                2,
                &[Member::stored(
                    "1.npz",
                    &zip(&[Member::stored("data.npy", &crate::numpy::array("'<f8'", "(1,)", &[0; 8]))]),
                )],
            ),
        ),
    ]
}
