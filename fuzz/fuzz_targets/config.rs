//! Any configuration ends within limits, and what is clean is JSON to others as well.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Format, Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 7] = [
    "config.json",
    "tokenizer.json",
    "model.safetensors.index.json",
    "model_index.json",
    "modules.json",
    "MAR-INF/MANIFEST.json",
    "requirements.txt",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, file)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    let seen = inspect(&file, name, &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
    let is_json = seen.format == Format::Json && name.ends_with("json");
    if is_json && seen.class == FileClass::Clean {
        let text = std::str::from_utf8(file).expect("clean, but not UTF-8");
        // Python's numbers that are none are the one difference, beside numbers beyond the range of a double.
        if !text.contains("NaN") && !text.contains("Infinity") && !text.contains(['e', 'E']) {
            let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err();
            assert!(error.is_none(), "clean, but refused: {error:?}");
        }
    }
});
