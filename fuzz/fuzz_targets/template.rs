//! Any chat template ends within limits, on a small stack, and a door to Python that is put in is told.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Inspection, Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fn look(text: &[u8]) -> Inspection {
    let seen = inspect(&text, "chat_template.jinja", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, text.len() as u64);
    seen
}

fuzz_target!(|text: &[u8]| {
    let seen = look(text);
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
    // What is clean was understood to its end, so that what follows it is understood as well.
    if seen.class == FileClass::Clean && seen.format == bartizan_artifact::Format::Jinja {
        let longer = [text, b"{{ x['__cla' ~ 'ss__'] }}"].concat();
        assert_ne!(look(&longer).class, FileClass::Clean);
    }
});
