use serde_json::json;

use crate::random::Random;

/// The shape of the model: small enough to write in a moment, large enough to be read in pieces.
pub(crate) const SHAPE: Shape =
    Shape { hidden: 192, layers: 6, heads: 6, key_value_heads: 3, intermediate: 512, context: 1024 };

/// What a Llama-like decoder is made of.
pub(crate) struct Shape {
    hidden: usize,
    layers: usize,
    heads: usize,
    key_value_heads: usize,
    intermediate: usize,
    context: usize,
}

/// A tensor of 16-bit brain floats: its name and shape.
struct Tensor {
    name: String,
    shape: Vec<usize>,
}

impl Shape {
    /// The tensors as the `transformers` library names them, sorted by name.
    fn tensors(&self, vocabulary: usize) -> Vec<Tensor> {
        let width = self.hidden / self.heads * self.key_value_heads;
        let mut tensors = vec![
            tensor("model.embed_tokens.weight", &[vocabulary, self.hidden]),
            tensor("model.norm.weight", &[self.hidden]),
        ];
        for layer in 0..self.layers {
            for (name, shape) in [
                ("input_layernorm", &[self.hidden][..]),
                ("mlp.down_proj", &[self.hidden, self.intermediate]),
                ("mlp.gate_proj", &[self.intermediate, self.hidden]),
                ("mlp.up_proj", &[self.intermediate, self.hidden]),
                ("post_attention_layernorm", &[self.hidden]),
                ("self_attn.k_proj", &[width, self.hidden]),
                ("self_attn.o_proj", &[self.hidden, self.hidden]),
                ("self_attn.q_proj", &[self.hidden, self.hidden]),
                ("self_attn.v_proj", &[width, self.hidden]),
            ] {
                tensors.push(tensor(&format!("model.layers.{layer}.{name}.weight"), shape));
            }
        }
        tensors.sort_by(|a, b| a.name.cmp(&b.name));
        tensors
    }

    /// `config.json`.
    pub(crate) fn config(&self, vocabulary: usize) -> serde_json::Value {
        json!({
            "architectures": ["LlamaForCausalLM"],
            "attention_bias": false,
            "attention_dropout": 0.0,
            "bos_token_id": 0,
            "eos_token_id": 1,
            "head_dim": self.hidden / self.heads,
            "hidden_act": "silu",
            "hidden_size": self.hidden,
            "initializer_range": 0.02,
            "intermediate_size": self.intermediate,
            "max_position_embeddings": self.context,
            "mlp_bias": false,
            "model_type": "llama",
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "num_key_value_heads": self.key_value_heads,
            "pad_token_id": 2,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10_000.0,
            "tie_word_embeddings": true,
            "torch_dtype": "bfloat16",
            "use_cache": true,
            "vocab_size": vocabulary,
        })
    }

    /// `model.safetensors`: the length of the header, the header padded with spaces to a multiple of eight, and the
    /// tensors one after another (<https://github.com/huggingface/safetensors#format>).
    pub(crate) fn weights(&self, vocabulary: usize, random: &mut Random) -> Vec<u8> {
        let tensors = self.tensors(vocabulary);
        let mut data = Vec::new();
        let mut header = serde_json::Map::new();
        header.insert("__metadata__".to_owned(), json!({ "format": "pt" }));
        for tensor in &tensors {
            let begin = data.len();
            tensor.fill(random, &mut data);
            let entry =
                json!({ "dtype": "BF16", "shape": tensor.shape, "data_offsets": [begin, data.len()] });
            header.insert(tensor.name.clone(), entry);
        }
        safetensors(header, &data)
    }
}

/// `generation_config.json`.
pub(crate) fn generation_config() -> serde_json::Value {
    json!({
        "bos_token_id": 0,
        "do_sample": true,
        "eos_token_id": 1,
        "max_new_tokens": 256,
        "pad_token_id": 2,
        "temperature": 0.3,
        "top_p": 0.9,
    })
}

/// A small `LoRA` adapter for the first layer.
pub(crate) fn adapter(random: &mut Random) -> Vec<u8> {
    const RANK: usize = 8;
    let base = "base_model.model.model.layers.0.self_attn.q_proj";
    let mut data = Vec::new();
    let mut header = serde_json::Map::new();
    for (name, shape) in [("lora_A", [RANK, SHAPE.hidden]), ("lora_B", [SHAPE.hidden, RANK])] {
        let begin = data.len();
        tensor("lora", &shape).fill(random, &mut data);
        let entry = json!({ "dtype": "BF16", "shape": shape, "data_offsets": [begin, data.len()] });
        header.insert(format!("{base}.{name}.weight"), entry);
    }
    safetensors(header, &data)
}

fn safetensors(header: serde_json::Map<String, serde_json::Value>, data: &[u8]) -> Vec<u8> {
    let mut header = serde_json::Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.append(&mut header);
    file.extend_from_slice(data);
    file
}

fn tensor(name: &str, shape: &[usize]) -> Tensor {
    Tensor { name: name.to_owned(), shape: shape.to_vec() }
}

impl Tensor {
    /// Norms are ones; everything else is drawn with a deviation of 0.02, as such models start out.
    fn fill(&self, random: &mut Random, data: &mut Vec<u8>) {
        let count: usize = self.shape.iter().product();
        if self.shape.len() == 1 {
            data.extend(std::iter::repeat_n(brain(1.0), count).flatten());
            return;
        }
        // Every size here is a multiple of four.
        for _ in 0..count / 4 {
            data.extend(random.weights(0.02).map(brain).concat());
        }
    }
}

/// A brain float is the upper half of a 32-bit float.
fn brain(value: f32) -> [u8; 2] {
    let [_, _, low, high] = value.to_le_bytes();
    [low, high]
}
