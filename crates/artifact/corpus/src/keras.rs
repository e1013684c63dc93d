//! Writes models as Keras saves them: HDF5 with a configuration in an attribute, and archives of Keras 3.

use std::fmt::Write as _;

use crate::{
    Sample,
    hdf5::{Group, layer, weights},
    pickle::{Pickle, system},
    torch::torch,
    zip::{Member, zip},
};

const FAMILY: &str = "keras";
/// Marshalled code of a function that returns its argument.
const CODE: &str =
    "4wEAAAAAAAAAAAAAAAIAAAADAAAA8wwAAACXAHwAZAF6AAAAUwApAk7pAQAAAKkAKQHaAXRzAQAA\\nACAAAAAA\\n";

/// An object of a configuration.
pub fn object(module: &str, class: &str, config: &str) -> String {
    format!(
        r#"{{"module": "{module}", "class_name": "{class}", "config": {config}, "registered_name": null}}"#
    )
}

/// The same without a module, as before Keras 3.
pub fn legacy(class: &str, config: &str) -> String {
    format!(r#"{{"class_name": "{class}", "config": {config}}}"#)
}

/// A function by name.
pub fn function(module: &str, name: &str) -> String {
    format!(
        r#"{{"module": "{module}", "class_name": "function", "config": "{name}", "registered_name": "{name}"}}"#
    )
}

fn dense(activation: &str) -> String {
    let policy = object("keras", "DTypePolicy", r#"{"name": "float32"}"#);
    let kernel = object("keras.initializers", "GlorotUniform", r#"{"seed": null}"#);
    let config = format!(
        r#"{{"name": "dense", "trainable": true, "dtype": {policy}, "units": 2, "activation": {activation}, "kernel_initializer": {kernel}}}"#
    );
    object("keras.layers", "Dense", &config)
}

/// A model of these layers.
pub fn sequential(layers: &[String]) -> String {
    object("keras", "Sequential", &format!(r#"{{"name": "sequential", "layers": [{}]}}"#, layers.join(", ")))
}

fn legacy_sequential(layers: &[String]) -> String {
    legacy("Sequential", &format!(r#"{{"name": "sequential", "layers": [{}]}}"#, layers.join(", ")))
}

/// An archive of Keras 3 with this configuration.
pub fn archive(config: &str, more: &[Member]) -> Vec<u8> {
    let metadata = br#"{"keras_version": "3.11.0", "date_saved": "2026-01-01@00:00:00"}"#;
    let mut members = vec![
        Member::stored("metadata.json", metadata),
        Member::stored("config.json", config.as_bytes()),
        Member::stored("model.weights.h5", &weights().old()),
    ];
    members.extend(more.iter().cloned());
    zip(&members)
}

/// An HDF5 file with this configuration.
pub fn h5(config: &str) -> Group {
    Group::new()
        .text("keras_version", "2.13.1")
        .text("backend", "tensorflow")
        .text("model_config", config)
        .group("model_weights", Group::new().group("dense", layer()))
}

/// A model with a `Lambda` layer in HDF5.
pub fn lambda_h5() -> Group {
    h5(&legacy_sequential(&[old_lambda("function")]))
}

fn old_lambda(under: &str) -> String {
    legacy(
        "Lambda",
        &format!(
            r#"{{"name": "lambda", "function": "x", "{under}": ["{CODE}", null, null], "function_type": "lambda", "arguments": {{}}}}"#
        ),
    )
}

fn new_lambda() -> String {
    let code = format!(
        r#"{{"class_name": "__lambda__", "config": {{"code": "{CODE}", "defaults": null, "closure": null}}}}"#
    );
    object(
        "keras.layers",
        "Lambda",
        &format!(r#"{{"name": "lambda", "function": {code}, "arguments": {{}}}}"#),
    )
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let mut three = [0; 4];
            three[1..=chunk.len()].copy_from_slice(chunk);
            let value = u32::from_be_bytes(three);
            (0..4).map(move |index| {
                let digit = value >> (18 - 6 * index) & 63;
                if index <= chunk.len() { char::from(DIGITS[digit as usize]) } else { '=' }
            })
        })
        .collect()
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    // Each configuration in an archive and in HDF5.
    let mut hostile = |what: &str,
                       layers: &[String],
                       codes: &'static [&'static str],
                       source: &'static str| {
        let config = sequential(layers);
        let samples = [
            Sample::hostile(FAMILY, format!("{what}, archive"), "model.keras", archive(&config, &[]), codes),
            Sample::hostile(FAMILY, format!("{what}, HDF5"), "model.h5", h5(&config).old(), codes),
        ];
        for sample in samples {
            all.push(if source.is_empty() { sample } else { sample.from_advisory(source) });
        }
    };
    hostile("Lambda with code", &[dense("\"relu\""), new_lambda()], &["KER001"], "CVE-2025-9905");
    hostile("Lambda with code as before Keras 3", &[old_lambda("function")], &["KER001"], "CVE-2024-3660");
    hostile("Lambda whose shape is code", &[old_lambda("output_shape")], &["KER001"], "CVE-2024-3660");
    hostile("Lambda whose mask is code", &[old_lambda("mask")], &["KER001"], "CVE-2024-3660");
    let bare = format!(r#"{{"class_name": "__lambda__", "config": {{"value": ["{CODE}", null, null]}}}}"#);
    hostile("code as an activation", &[dense(&bare)], &["KER001"], "CVE-2025-9906");
    let deep = (0..12).fold(new_lambda(), |inner, _| sequential(&[inner]));
    hostile("Lambda in twelve models", &[deep], &["KER001"], "CVE-2025-9905");
    for (module, name) in [
        ("builtins", "eval"),
        ("builtins", "exec"),
        ("builtins", "open"),
        ("importlib", "import_module"),
        ("marshal", "loads"),
        ("nt", "system"),
        ("os", "system"),
        ("pickle", "loads"),
        ("posix", "system"),
        ("pty", "spawn"),
        ("runpy", "run_path"),
        ("shutil", "rmtree"),
        ("socket", "create_connection"),
        ("subprocess", "Popen"),
        ("subprocess", "run"),
        ("urllib.request", "urlretrieve"),
    ] {
        let what = format!("activation {module}.{name}");
        hostile(&what, &[dense(&function(module, name))], &["KER002"], "CVE-2025-1550");
    }
    hostile(
        "layer of subprocess",
        &[object("subprocess", "Popen", r#"{"args": ["true"]}"#)],
        &["KER002"],
        "CVE-2025-1550",
    );
    for (module, name) in [
        ("keras.utils", "get_file"),
        ("keras.src.utils.file_utils", "get_file"),
        ("keras.src.utils.file_utils", "os"),
        ("keras.config", "enable_unsafe_deserialization"),
        ("keras.models", "load_model"),
        ("keras.saving", "deserialize_keras_object"),
        ("keras.utils", "image_dataset_from_directory"),
        ("tf_keras.utils", "get_file"),
        ("keras_hub.models.Backbone", "from_preset"),
    ] {
        let what = format!("activation {module}.{name}");
        hostile(&what, &[dense(&function(module, name))], &["KER002"], "CVE-2025-8747");
    }
    let archive_of = r#"{"fname": "x.tar", "origin": "https://example.invalid/x.tar", "untar": true}"#;
    hostile(
        "archive from an address",
        &[object("keras.utils", "get_file", archive_of)],
        &["KER002", "KER005"],
        "CVE-2025-12060",
    );
    let operation = |name: &str| legacy("TFOpLambda", &format!(r#"{{"name": "op", "function": "{name}"}}"#));
    for name in ["io.write_file", "raw_ops.ReadFile", "numpy_function", "py_function", "load_op_library"] {
        hostile(&format!("operation {name}"), &[operation(name)], &["KER002"], "");
    }
    let node = r#"{"name": "op", "node_def": "{\"name\": \"w\", \"op\": \"WriteFile\"}"}"#;
    hostile("operation of a graph", &[legacy("TensorFlowOpLayer", node)], &["KER002"], "");
    for (class, path) in [
        ("StringLookup", "/etc/hostname"),
        ("IntegerLookup", "file:///etc/hostname"),
        ("TextVectorization", "https://example.invalid/words.txt"),
        ("StringLookup", "gs://bucket.example.invalid/words"),
        ("StringLookup", "words.txt"),
    ] {
        let config = format!(r#"{{"name": "lookup", "vocabulary": "{path}", "mask_token": null}}"#);
        hostile(
            &format!("{class} of {path}"),
            &[object("keras.layers", class, &config)],
            &["KER005"],
            "CVE-2025-12058",
        );
    }
    let torch_module = torch(&[("0", &[0; 8])], &[Member::stored("archive/evil.pkl", &system().stop())]);
    let wrapper = |module: &str| {
        object("keras.layers", "TorchModuleWrapper", &format!(r#"{{"name": "torch", "module": {module}}}"#))
    };
    let text = format!("\"{}\"", base64(&torch_module));
    hostile("module of PyTorch", &[wrapper(&text)], &["KER004", "PKL001"], "CVE-2025-49655");
    let value =
        format!(r#"{{"class_name": "__bytes__", "config": {{"value": "{}"}}}}"#, base64(&system().stop()));
    hostile("module of PyTorch as bytes", &[wrapper(&value)], &["KER004", "PKL001"], "CVE-2025-49655");
    let twice = format!(
        r#"{{"class_name": "Lambda", "class_name": "Dense", "config": {{"name": "x", "function": ["{CODE}"]}}}}"#
    );
    hostile("two classes in one object", &[twice], &["KER001", "KER008"], "");
    let modules =
        r#"{"module": "os", "module": "keras.layers", "class_name": "function", "config": "system"}"#;
    hostile("two modules in one object", &[dense(modules)], &["KER002", "KER008"], "");

    let escaped = archive(&sequential(&[new_lambda()]).replace("__lambda__", "__l\\u0061mbda__"), &[]);
    let mut more =
        |what: &str, path: &str, bytes, codes| all.push(Sample::hostile(FAMILY, what, path, bytes, codes));
    more("Lambda in escapes", "model.keras", escaped, &["KER001"]);
    let alone = zip(&[Member::deflated("config.json", sequential(&[new_lambda()]).as_bytes())]);
    more("configuration without weights", "model.keras", alone, &["KER001"]);
    more("configuration alone", "model.json", sequential(&[new_lambda()]).into_bytes(), &["KER001"]);
    let both = sequential(&[new_lambda()]).replacen('{', r#"{"auto_map": {"AutoModel": "m.M"}, "#, 1);
    more("configuration beside the weights", "config.json", both.into_bytes(), &["CFG002", "KER001"]);
    let plain = sequential(&[dense("\"relu\"")]);
    let members =
        [Member::stored("assets/vocabulary.pkl", &system().stop()), Member::stored("setup.py", b"pass\n")];
    more("pickle among the assets", "model.keras", archive(&plain, &members), &["KER009", "PKL001"]);
    let linked =
        weights().link("x", crate::hdf5::Child::External("other.h5".to_owned(), "/x".to_owned())).old();
    let members =
        [Member::stored("config.json", plain.as_bytes()), Member::deflated("model.weights.h5", &linked)];
    more("weights that lead to another file", "model.keras", zip(&members), &["HDF003"]);
    let new_form = h5(&sequential(&[new_lambda()])).new_form();
    more("Lambda in the new form of HDF5", "model.h5", new_form, &["KER001"]);
    let training = format!(r#"{{"loss": {}}}"#, function("os", "system"));
    let group = h5(&plain).text("training_config", &training);
    more("loss os.system", "model.h5", group.old(), &["KER002"]);
    let own = sequential(&[
        object("acme.layers", "Gate", "{}"),
        r#"{"module": null, "class_name": "Gate", "config": {}, "registered_name": "Acme>Gate"}"#.to_owned(),
        new_lambda(),
    ]);
    more("classes of its own", "model.keras", archive(&own, &[]), &["KER001", "KER003", "KER006"]);
    let cut = sequential(&[new_lambda(), dense("\"relu\"")]);
    let cut = cut.get(..cut.len() - 40).unwrap();
    more("configuration that is cut", "model.keras", archive(cut, &[]), &["KER001", "KER007"]);
    let old = Pickle::old().raw(b"cposix\nsystem\n(S'true'\ntR").stop();
    let members = [Member::stored("config.json", &old), Member::stored("metadata.json", b"{}")];
    more("pickle as a configuration", "model.keras", zip(&members), &["PKL001"]);

    let mut benign = |what: &str, path: &str, bytes| all.push(Sample::benign(FAMILY, what, path, bytes));
    let mut layers = vec![dense("\"relu\""), dense("null"), dense(&function("builtins", "softmax"))];
    for (module, class, config) in [
        ("keras.layers", "InputLayer", r#"{"batch_shape": [null, 4], "dtype": "float32"}"#),
        ("keras.layers", "StringLookup", r#"{"vocabulary": ["a", "b/c", "../d"], "mask_token": null}"#),
        (
            "keras.layers",
            "TextVectorization",
            r#"{"vocabulary": null, "standardize": "lower_and_strip_punctuation"}"#,
        ),
        ("keras.src.ops.numpy", "Add", r#"{"name": "add"}"#),
        ("keras_hub.src.models.bert.bert_backbone", "BertBackbone", r#"{"vocabulary_size": 30522}"#),
        ("keras.layers", "Normalization", r#"{"axis": [-1], "mean": null, "variance": NaN}"#),
    ] {
        layers.push(object(module, class, config));
    }
    let config = sequential(&layers);
    benign("archive", "model.keras", archive(&config, &[]));
    let compiled = config.replacen(
        "\"registered_name\": null",
        &format!(
            r#""compile_config": {{"optimizer": {}, "loss": "mse", "metrics": ["accuracy"]}}, "registered_name": null"#,
            object("keras.optimizers", "Adam", r#"{"learning_rate": 0.001}"#)
        ),
        1,
    );
    benign("archive of a compiled model", "model.keras", archive(&compiled, &[]));
    let words = Member::deflated("assets/layers/string_lookup/vocabulary.txt", b"a\nb\nc\n");
    benign("archive with assets", "model.keras", archive(&config, &[words]));
    let members = [
        Member::deflated("metadata.json", br#"{"keras_version": "3.0.0"}"#),
        Member::deflated("config.json", config.as_bytes()),
        Member::deflated("model.weights.h5", &weights().new_form()),
    ];
    benign("archive that was packed again", "model.keras", zip(&members));
    let functional = object(
        "keras.src.models.functional",
        "Functional",
        r#"{"name": "f", "layers": [], "input_layers": [["a", 0, 0]], "tensors": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 4], "dtype": "float32", "keras_history": ["a", 0, 0]}}]}"#,
    );
    benign("functional model", "model.keras", archive(&functional, &[]));
    benign(
        "nested models",
        "model.keras",
        archive(&(0..6).fold(config.clone(), |inner, _| sequential(&[inner])), &[]),
    );
    let old = legacy_sequential(&[
        legacy("InputLayer", r#"{"batch_input_shape": [null, 4], "dtype": "float32"}"#),
        legacy(
            "Dense",
            r#"{"name": "dense", "units": 2, "activation": "relu", "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}}"#,
        ),
        legacy("TFOpLambda", r#"{"name": "tf.math.add", "function": "math.add"}"#),
        legacy("Activation", r#"{"activation": "softmax"}"#),
    ]);
    benign("HDF5, old form", "model.h5", h5(&old).old());
    benign("HDF5, new form", "model.h5", h5(&old).new_form());
    benign("HDF5 of Keras 3", "model.h5", h5(&config).old());
    let training = r#"{"optimizer_config": {"class_name": "Adam", "config": {"learning_rate": 0.001}}, "loss": "mse", "metrics": null}"#;
    benign("HDF5 of a compiled model", "model.hdf5", h5(&old).text("training_config", training).old());
    benign("configuration alone", "model.json", config.clone().into_bytes());
    let mut names = String::from("[");
    for index in 0..2000 {
        let _ = write!(names, "{{\"class_name\": \"class {index}\", \"count\": {index}}}, ");
    }
    names.push_str("1]");
    benign("JSON that speaks of classes", "labels.json", names.into_bytes());
    all
}
