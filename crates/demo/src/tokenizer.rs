use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Tokens that stand for no text.
const SPECIAL: [&str; 4] = ["<s>", "</s>", "<pad>", "<unk>"];

/// How many pairs are merged.
const MERGES: usize = 508;

/// A byte-level pair encoding (Sennrich, Haddow and Birch, ACL 2016), learned from a text: every text can be
/// encoded, since each of the 256 bytes is a token.
pub(crate) struct Tokenizer {
    vocabulary: Vec<String>,
    merges: Vec<(String, String)>,
}

impl Tokenizer {
    /// Learns the most frequent pairs of `text`; of equally frequent ones the first in alphabetical order.
    pub(crate) fn learn(text: &str) -> Self {
        let mut vocabulary: Vec<String> = SPECIAL.map(str::to_owned).into();
        vocabulary.extend((0..=255).map(letter).collect::<BTreeSet<_>>().into_iter().map(String::from));
        let mut ids: BTreeMap<String, usize> =
            vocabulary.iter().enumerate().map(|(id, token)| (token.clone(), id)).collect();
        let mut words: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
        for (at, word) in text.split_whitespace().enumerate() {
            let word = if at == 0 { word.to_owned() } else { format!(" {word}") };
            let letters = word.bytes().map(|byte| ids[&String::from(letter(byte))]).collect();
            *words.entry(letters).or_insert(0) += 1;
        }
        let mut words: Vec<_> = words.into_iter().collect();
        let mut merges = Vec::new();
        while merges.len() < MERGES {
            let mut pairs: BTreeMap<(usize, usize), u64> = BTreeMap::new();
            for (word, count) in &words {
                for pair in word.windows(2) {
                    *pairs.entry((pair[0], pair[1])).or_insert(0) += count;
                }
            }
            let spelled = |(left, right): (usize, usize)| (&vocabulary[left], &vocabulary[right]);
            let best = pairs
                .into_iter()
                .max_by(|(a, n), (b, m)| n.cmp(m).then_with(|| spelled(*b).cmp(&spelled(*a))));
            let Some(((left, right), _)) = best else { break };
            let (a, b) = (vocabulary[left].clone(), vocabulary[right].clone());
            // Two different merges can spell the same token, which the vocabulary holds once.
            let joined = *ids.entry(format!("{a}{b}")).or_insert_with_key(|token| {
                vocabulary.push(token.clone());
                vocabulary.len() - 1
            });
            for (word, _) in &mut words {
                merge(word, left, right, joined);
            }
            merges.push((a, b));
        }
        Self { vocabulary, merges }
    }

    /// How many tokens there are.
    pub(crate) fn len(&self) -> usize {
        self.vocabulary.len()
    }

    /// `tokenizer.json`, as the `tokenizers` library loads it.
    pub(crate) fn json(&self) -> Value {
        let vocabulary: serde_json::Map<_, _> =
            self.vocabulary.iter().enumerate().map(|(id, token)| (token.clone(), json!(id))).collect();
        let added: Vec<_> = SPECIAL.iter().enumerate().map(|(id, token)| special(id, token)).collect();
        let byte_level = json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true });
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": { "type": "NFC" },
            "pre_tokenizer": byte_level,
            "post_processor": byte_level,
            "decoder": byte_level,
            "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": false,
                "vocab": vocabulary,
                "merges": self.merges,
            },
        })
    }

    /// `tokenizer_config.json`.
    pub(crate) fn config() -> Value {
        let added: serde_json::Map<_, _> = SPECIAL
            .iter()
            .enumerate()
            .map(|(id, token)| {
                let mut entry = special(id, token);
                if let Some(entry) = entry.as_object_mut() {
                    entry.remove("id");
                }
                (id.to_string(), entry)
            })
            .collect();
        json!({
            "added_tokens_decoder": added,
            "bos_token": "<s>",
            "clean_up_tokenization_spaces": false,
            "eos_token": "</s>",
            "model_max_length": 1024,
            "pad_token": "<pad>",
            "tokenizer_class": "PreTrainedTokenizerFast",
            "unk_token": "<unk>",
        })
    }
}

fn special(id: usize, token: &str) -> Value {
    json!({
        "id": id,
        "content": token,
        "single_word": false,
        "lstrip": false,
        "rstrip": false,
        "normalized": false,
        "special": true,
    })
}

fn merge(word: &mut Vec<usize>, left: usize, right: usize, joined: usize) {
    let mut at = 0;
    while at + 1 < word.len() {
        if word[at] == left && word[at + 1] == right {
            word[at] = joined;
            word.remove(at + 1);
        }
        at += 1;
    }
}

/// The visible letter that stands for a byte in byte-level vocabularies: printable Latin-1 characters stand for
/// themselves, the others are moved behind U+0100 in order.
fn letter(byte: u8) -> char {
    let own = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if own(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|byte| !own(*byte)).count() as u32;
    char::from_u32(0x100 + before).expect("68 letters behind U+0100 are all assigned")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_pairs_become_tokens() {
        let tokenizer = Tokenizer::learn("low low lower lowest");
        assert_eq!(tokenizer.merges[0], ("l".to_owned(), "o".to_owned()));
        assert!(tokenizer.vocabulary.contains(&"Ġlow".to_owned()));
        let bytes: BTreeSet<_> = (0..=255).map(letter).collect();
        assert_eq!(bytes.len(), 256);
    }
}
