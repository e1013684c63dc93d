//! What is clean here loads in the reference library, and each byte is read once.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Limits, inspect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The length of the header is put in front, so that the fuzzer need not guess it: a header ends at a zero byte.
    let header = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let mut file = (header as u64).to_le_bytes().to_vec();
    file.extend(&bytes[..header]);
    file.extend(bytes.get(header + 1..).unwrap_or_default());
    for file in [bytes, &file] {
        let seen =
            inspect(&file, "model.safetensors", &Limits::default(), &mut |_| ControlFlow::Continue(()));
        let seen = seen.expect("memory can always be read");
        assert_eq!(seen.bytes_read, file.len() as u64);
        if seen.class == FileClass::Clean {
            safetensors::SafeTensors::deserialize(file).expect("clean, but refused by the reference library");
        }
    }
});
