//! Only what is in the log can be proven: whatever is done to a proof, it shows the entry of its index or nothing.

#![no_main]

use std::sync::LazyLock;

use bartizan_fuzz::{assert_visible, ledger, log_verifier};
use bartizan_ledger::{View, prove, verify_proof, verify_self_contained};
use libfuzzer_sys::fuzz_target;

static LOG: LazyLock<(View, Vec<String>)> = LazyLock::new(|| {
    let (_, ledger, _) = ledger(11).expect("memory takes any log");
    let view = ledger.view().expect("just written");
    let proofs = (0..view.len()).map(|index| prove(&view, index).expect("it is in the log")).collect();
    (view, proofs)
});

fuzz_target!(|edits: &[u8]| {
    let (view, proofs) = &*LOG;
    check(view, &String::from_utf8_lossy(edits));
    // As many edits as the input has room for: where, and what stands there instead.
    let [which, edits @ ..] = edits else { return };
    let mut bytes = proofs[usize::from(*which) % proofs.len()].clone().into_bytes();
    for edit in edits.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % bytes.len();
        bytes[at] = edit[2];
    }
    check(view, &String::from_utf8_lossy(&bytes));
});

fn check(view: &View, proof: &str) {
    let keys = [log_verifier()];
    match verify_self_contained(proof, &keys) {
        Ok((proven, record)) => {
            let entry = view.entry_bytes(proven.index).expect("what is proven is in the log");
            assert_eq!(record.to_bytes(), Ok(entry.clone()));
            assert!(verify_proof(proof, &entry, &keys).is_ok());
            let mut other = entry;
            other[0] ^= 1;
            assert!(verify_proof(proof, &other, &keys).is_err(), "one proof, two entries");
        }
        Err(fault) => assert_visible(&fault.to_string()),
    }
}
