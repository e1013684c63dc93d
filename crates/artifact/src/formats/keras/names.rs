//! What the names in a configuration lead to.

use crate::formats::pickle;

/// Packages whose classes are layers and the like. What else they hold is in [`GADGETS`].
const FRAMEWORKS: [&str; 11] = [
    "keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "keras_rs",
    "tensorflow.keras",
    "tensorflow.python.keras",
    "tensorflow.python.framework",
    "tensorflow_addons",
    "tf_keras",
];

/// Packages under which those register classes.
const REGISTERED: [&str; 9] = [
    "Addons",
    "builtins",
    "keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "keras_rs",
    "tf_keras",
];

/// Functions of the frameworks that a configuration has no use for, and what they do, as in "which …".
const GADGETS: [(&[&str], &str); 5] = [
    (
        &["get_file", "from_preset", "from_pretrained", "upload_preset"],
        "fetches a file from an address of the caller's choice",
    ),
    (
        &["enable_unsafe_deserialization", "SafeModeScope", "disable_safe_mode"],
        "allows code in every model that is loaded afterwards",
    ),
    (
        &[
            "load_model",
            "load_weights",
            "model_from_config",
            "model_from_json",
            "model_from_yaml",
            "deserialize_keras_object",
            "func_load",
            "import_module",
            "run_path",
            "TorchModuleWrapper",
        ],
        "reads another serialised object, which can run code",
    ),
    (
        &[
            "audio_dataset_from_directory",
            "image_dataset_from_directory",
            "text_dataset_from_directory",
            "extract_archive",
            "extract_open_archive",
            "load_img",
            "save_img",
            "load_data",
            "save_model",
            "save_weights",
            "export",
            "plot_model",
            "CSVLogger",
            "ModelCheckpoint",
            "BackupAndRestore",
            "TensorBoard",
        ],
        "reads, writes or deletes files",
    ),
    (&["RemoteMonitor"], "talks to the network"),
];

/// Functions of TensorFlow that a layer for an operation must not call, in all their spellings without underscores.
const OPERATIONS: [(&[&str], &str); 3] = [
    (&["pyfunc", "pyfunction", "numpyfunction", "eagerpyfunc", "pyfuncstateless"], "runs Python code"),
    (&["loadlibrary", "loadoplibrary", "loadfilesystemlibrary"], "loads native code or touches memory"),
    (
        &[
            "readfile",
            "writefile",
            "matchingfiles",
            "save",
            "savev2",
            "saveslices",
            "restore",
            "restorev2",
            "mergev2checkpoints",
            "mergecheckpoints",
            "wholefilereader",
            "fixedlengthrecordreader",
            "textlinereader",
            "printv2",
            "debugidentity",
        ],
        "reads, writes or deletes files",
    ),
];

/// Functions that `builtins` stands for: those of Keras' own modules, which are looked up there by name alone.
const FUNCTIONS: [&str; 83] = [
    "accuracy",
    "bce",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "celu",
    "circle",
    "constant",
    "cosine_similarity",
    "ctc",
    "dice",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "he_normal",
    "he_uniform",
    "hinge",
    "huber",
    "identity",
    "kl_divergence",
    "kld",
    "l1",
    "l1_l2",
    "l2",
    "leaky_relu",
    "lecun_normal",
    "lecun_uniform",
    "linear",
    "log_cosh",
    "log_sigmoid",
    "log_softmax",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mish",
    "mse",
    "msle",
    "ones",
    "orthogonal",
    "poisson",
    "random_normal",
    "random_uniform",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparse_top_k_categorical_accuracy",
    "sparsemax",
    "squared_hinge",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
    "top_k_categorical_accuracy",
    "zeros",
];

/// What a module and a name lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// A layer or another part of a model.
    Known,
    /// Something that does harm, as in "which …".
    Harm(&'static str),
    /// Nobody knows.
    Unknown,
}

/// Looks up a name of a module.
pub(super) fn lead(module: &str, name: &str, is_function: bool) -> Lead {
    if module == "builtins" {
        return match pickle::harm(module, name) {
            Some(harm) => Lead::Harm(harm),
            None if is_function && FUNCTIONS.contains(&name) => Lead::Known,
            None => Lead::Unknown,
        };
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    let below = |package: &str| {
        module.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if FRAMEWORKS.iter().any(|package| below(package)) {
        let gadget = GADGETS.iter().find(|(names, _)| names.contains(&name) || names.contains(&last));
        if let Some((_, harm)) = gadget {
            return Lead::Harm(harm);
        }
        // A module that one of the framework's own has imported is one of its names.
        let harm = pickle::harm("keras_module", name).or_else(|| pickle::harm(last_module(module), name));
        return harm.map_or(Lead::Known, Lead::Harm);
    }
    pickle::harm(module, name).map_or(Lead::Unknown, Lead::Harm)
}

/// The last component of a module: `keras.src.utils.os` is the module `os`.
fn last_module(module: &str) -> &str {
    let last = module.rsplit('.').next().unwrap_or(module);
    // Names of Keras' own modules that are also modules of Python.
    if ["test", "code", "keras", "io", "tensorflow", "trace", "random", "this"].contains(&last) {
        ""
    } else {
        last
    }
}

/// Whether a package registers classes that come with a framework.
pub(super) fn is_registered(package: &str) -> bool {
    REGISTERED.contains(&package)
}

/// What a function of TensorFlow does, where it is one that a model must not call.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    name.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find_map(|part| {
        let part: String = part.chars().filter(|c| *c != '_').collect::<String>().to_ascii_lowercase();
        OPERATIONS.iter().find(|(names, _)| names.contains(&part.as_str())).map(|(_, harm)| *harm)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_where_keras_would_go() {
        for (module, name, function, want) in [
            ("keras.layers", "Dense", false, Some(true)),
            ("keras.src.ops.numpy", "Add", false, Some(true)),
            ("keras.src.models.functional", "Functional", false, Some(true)),
            ("keras.utils", "get_file", true, Some(false)),
            ("keras.src.utils.file_utils", "os", true, Some(false)),
            ("keras.src.utils.os", "system", true, Some(false)),
            ("keras.config", "enable_unsafe_deserialization", true, Some(false)),
            ("builtins", "relu", true, Some(true)),
            ("builtins", "eval", true, Some(false)),
            ("builtins", "myact", true, None),
            ("subprocess", "run", true, Some(false)),
            ("os", "system", false, Some(false)),
            ("my.package", "Layer", false, None),
            ("keraslike", "Layer", false, None),
        ] {
            let want = want.map_or("Unknown", |known| if known { "Known" } else { "Harm" });
            assert!(format!("{:?}", lead(module, name, function)).starts_with(want), "{module} {name}");
        }
        assert!(operation("io.write_file").is_some() && operation("raw_ops.PyFunc").is_some());
        assert_eq!(operation("math.add"), None);
        assert!(FUNCTIONS.is_sorted());
    }
}
