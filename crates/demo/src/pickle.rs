//! A pickle that shows what a malicious one looks like. It is built when the project is written, never stored, and
//! what it would run on loading is `true`, which does nothing.

/// What would be run: the shell's command that does nothing and succeeds.
const HARMLESS: &str = "true";

/// An optimiser's state with a call hidden in it, in protocol 4. The opcodes are those of Python's `pickletools`.
pub(crate) fn optimizer_state() -> Vec<u8> {
    let mut pickle = b"\x80\x04".to_vec(); // PROTO 4
    pickle.extend(b"}("); // EMPTY_DICT, MARK
    string(&mut pickle, "step");
    pickle.extend(b"M\xe8\x03"); // BININT2 1000
    string(&mut pickle, "lr");
    pickle.push(b'G'); // BINFLOAT
    pickle.extend(0.000_3_f64.to_be_bytes());
    string(&mut pickle, "param_groups");
    string(&mut pickle, "os");
    string(&mut pickle, "system");
    pickle.push(0x93); // STACK_GLOBAL
    string(&mut pickle, HARMLESS);
    pickle.extend(b"\x85R"); // TUPLE1, REDUCE
    pickle.extend(b"u."); // SETITEMS, STOP
    pickle
}

/// `SHORT_BINUNICODE`.
fn string(pickle: &mut Vec<u8>, text: &str) {
    let length = u8::try_from(text.len()).expect("the strings here are short");
    pickle.extend([0x8c, length]);
    pickle.extend(text.as_bytes());
}
