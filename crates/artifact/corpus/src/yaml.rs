//! Settings in YAML: of Hydra, `NeMo`, `MLflow`, and what unsafe loaders make of them.

use std::fmt::Write as _;

use crate::{
    Sample,
    zip::{Member, zip},
};

const FAMILY: &str = "yaml";

/// What it does, the document, the rule that tells, and the advisory.
const HOSTILE: &[(&str, &str, &str, &str)] = &[
    ("calls a function", "!!python/object/apply:posix.system\n- 'true'\n", "YML002", "CVE-2020-14343"),
    (
        "calls a function deep inside",
        "a:\n  b:\n  - c: !!python/object/apply:os.system ['true']\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "calls with the whole tag",
        "x: !<tag:yaml.org,2002:python/object/apply:os.system> ['true']\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "calls with a handle of its own",
        "%TAG !p! tag:yaml.org,2002:python/\n---\nx: !p!object/apply:os.system ['true']\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "calls with a mapping",
        "!!python/object/apply:subprocess.Popen\nargs: [['true']]\nkwds: {shell: true}\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "makes an object by new",
        "!!python/object/new:tuple\n- !!python/object/new:map\n  - !!python/name:eval\n  - ['1']\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "makes an object with a state",
        "!!python/object/new:type\nargs: ['z', !!python/tuple [], {'extend': !!python/name:exec }]\nlistitems: 'pass'\n",
        "YML002",
        "CVE-2020-14343",
    ),
    ("takes a module", "x: !!python/module:os\n", "YML002", "CVE-2020-14343"),
    ("takes a function", "x: !!python/name:os.system\n", "YML002", "CVE-2020-14343"),
    (
        "makes an object of an unknown class",
        "x: !!python/object:package.module.Class {a: 1}\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "in the second document",
        "a: 1\n---\n!!python/object/apply:os.system ['true']\n",
        "YML002",
        "CVE-2020-14343",
    ),
    (
        "behind an anchor",
        "a: &x !!python/object/apply:os.system ['true']\nb: *x\n",
        "YML002",
        "CVE-2020-14343",
    ),
    ("as a key", "? !!python/object/apply:os.system ['true']\n: 1\n", "YML002", "CVE-2020-14343"),
    (
        "has a program called",
        "model:\n  _target_: os.system\n  command: 'true'\n",
        "CFG004",
        "CVE-2025-23304",
    ),
    (
        "has a program called by another module",
        "_target_: posix.system\n_args_: ['true']\n",
        "CFG004",
        "CVE-2025-23304",
    ),
    (
        "has eval called",
        "trainer:\n  callbacks:\n  - _target_: builtins.eval\n    _args_: ['1']\n",
        "CFG004",
        "CVE-2025-23304",
    ),
    ("has exec called", "_target_: builtins.exec\n_args_: ['pass']\n", "CFG004", "CVE-2025-23249"),
    (
        "has a process started",
        "optim: {_target_: subprocess.run, args: ['true']}\n",
        "CFG004",
        "CVE-2025-23250",
    ),
    ("has a pickle loaded", "data:\n  _target_: pickle.load\n", "CFG004", "CVE-2025-23360"),
    ("has a checkpoint loaded", "data:\n  _target_: torch.load\n  f: x.pt\n", "CFG004", "CVE-2026-24157"),
    ("has a module imported", "_target_: importlib.import_module\nname: x\n", "CFG004", "CVE-2025-33253"),
    ("has a package installed", "_target_: pip.main\n_args_: [[install, x]]\n", "CFG004", "CVE-2025-23304"),
    ("has a library loaded", "_target_: ctypes.CDLL\nname: ./x.so\n", "CFG004", "CVE-2025-23304"),
    ("has a file deleted", "_target_: shutil.rmtree\npath: /tmp/x\n", "CFG004", "CVE-2025-23304"),
    ("has a function located", "_target_: pydoc.locate\npath: os.system\n", "CFG004", "CVE-2025-23304"),
    (
        "has a class by another key",
        "class_path: subprocess.Popen\ninit_args: {args: ['true']}\n",
        "CFG004",
        "CVE-2025-23304",
    ),
    (
        "has a target of older projects",
        "model:\n  target: os.system\n  params: {command: 'true'}\n",
        "CFG004",
        "CVE-2025-23304",
    ),
    ("has a value computed", "lr: ${eval:'__import__(\"os\").system(\"true\")'}\n", "YML004", ""),
    ("has a value computed in a list", "a:\n- x\n- ${python:os.system('true')}\n", "YML004", ""),
];

/// What it is, its name, and the document.
const BENIGN: &[(&str, &str, &str)] = &[
    (
        "settings of NeMo",
        "model_config.yaml",
        "sample_rate: 16000\nlabels: [' ', a, b]\npreprocessor:\n  _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor\n  normalize: per_feature\nencoder:\n  _target_: nemo.collections.asr.modules.ConformerEncoder\n  n_layers: 2\noptim:\n  name: adamw\n  lr: 0.001\n  betas: [0.9, 0.98]\ntarget: nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE\nnemo_version: 2.0.0\n",
    ),
    (
        "settings of a diffusion model",
        "v1-inference.yaml",
        "model:\n  base_learning_rate: 1.0e-04\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n  params:\n    unet_config:\n      target: ldm.modules.diffusionmodules.openaimodel.UNetModel\n      params: {image_size: 32, attention_resolutions: [4, 2, 1]}\n",
    ),
    (
        "settings of Hydra",
        "config.yaml",
        "defaults:\n- model: base\n- _self_\ndata:\n  path: ${oc.env:DATA}\n  size: ${model.size}\nmodel:\n  _target_: torch.nn.Linear\n  in_features: 4\n",
    ),
    (
        "model of MLflow",
        "MLmodel",
        "artifact_path: model\nflavors:\n  python_function:\n    env:\n      conda: conda.yaml\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    python_version: 3.11.4\nmlflow_version: 2.9.2\nmodel_uuid: 0123456789abcdef\n",
    ),
    (
        "environment",
        "conda.yaml",
        "channels:\n- conda-forge\ndependencies:\n- python=3.11.4\n- pip<=23.1\n- pip:\n  - mlflow==2.9.2\n  - torch==2.1.0\n  - --extra-index-url https://download.pytorch.org/whl/cu121\nname: mlflow-env\n",
    ),
    (
        "anchors and merged keys",
        "train.yml",
        "base: &base {lr: 0.1, steps: 10}\nrun:\n  <<: *base\n  lr: 0.2\ntext: |\n  !!python/object/apply is only text here\nother: >-\n  folded\n  text\n",
    ),
    (
        "tags of plain values",
        "a.yaml",
        "a: !!str 1\nb: !!float 1\nc: !!python/tuple [1, 2]\nd: !!set {x, y}\n",
    ),
    ("two documents", "b.yaml", "---\na: 1\n...\n---\nb: [x, {y: z}]\n"),
    ("nothing but comments", "c.yaml", "# nothing\n"),
];

/// A document of little length that stands for very much.
pub fn laughs() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        let list = vec![alias; 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{list}]").unwrap();
    }
    text
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (at, (what, document, code, source)) in HOSTILE.iter().enumerate() {
        let codes: &'static [&'static str] = match *code {
            "YML002" => &["YML002"],
            "YML004" => &["YML004"],
            _ => &["CFG004"],
        };
        let sample = if at % 4 == 3 {
            let archive = zip(&[Member::deflated("model_config.yaml", document.as_bytes())]);
            Sample::hostile(FAMILY, format!("{what}, in an archive"), "model.zip", archive, codes)
        } else {
            Sample::hostile(FAMILY, *what, "model/model_config.yaml", document.as_bytes().to_vec(), codes)
        };
        samples.push(if source.is_empty() { sample } else { sample.from_advisory(source) });
    }
    samples.push(Sample::hostile(
        FAMILY,
        "aliases of aliases",
        "model/x.yaml",
        laughs().into_bytes(),
        &["YML003"],
    ));
    samples.extend(BENIGN.iter().map(|(what, name, document)| {
        Sample::benign(FAMILY, *what, format!("model/{name}"), document.as_bytes().to_vec())
    }));
    samples
}
