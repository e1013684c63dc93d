//! Any source ends within limits, on a small stack, and a call that is put in front of it is told.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Inspection, Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fn look(text: &[u8]) -> Inspection {
    let seen = inspect(&text, "modeling_x.py", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, text.len() as u64);
    seen
}

fuzz_target!(|text: &[u8]| {
    let seen = look(text);
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
    let longer = [b"import os\nos.system('true')\n".as_slice(), text].concat();
    assert_ne!(look(&longer).class, FileClass::Clean);
});
