//! Any settings in YAML and any model card end within limits, and a tag of Python that is put in front is told.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Inspection, Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fn look(name: &str, text: &[u8]) -> Inspection {
    let seen = inspect(&text, name, &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, text.len() as u64);
    seen
}

fuzz_target!(|text: &[u8]| {
    for name in ["model_config.yaml", "MLmodel", "conda.yaml", "README.md"] {
        for problem in &look(name, text).problems {
            assert_visible(&problem.message);
        }
    }
    let longer = [b"x: !!python/object/apply:os.system ['true']\n".as_slice(), text].concat();
    assert_ne!(look("model_config.yaml", &longer).class, FileClass::Clean);
});
