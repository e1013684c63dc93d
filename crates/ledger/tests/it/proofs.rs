use bartizan_finding::Digest;
use bartizan_ledger::{Content, ProofFault, merkle, prove, verify_proof, verify_self_contained};
use proptest::prelude::*;

use crate::support::{at, drafts, envelope, filled, keys};

#[test]
fn a_proof_stands_alone() {
    let (_, ledger) = filled(600);
    let view = ledger.view().unwrap();
    for index in [0, 1, 255, 256, 511, 512, 598, 599] {
        let proof = prove(&view, index).unwrap();
        let (proven, record) = verify_self_contained(&proof, &keys()).unwrap();
        assert_eq!((proven.index, &proven.head), (index, view.head()));
        let Content::Statement(statement) = record.content else { panic!("a statement was appended") };
        assert_eq!(statement.envelope, Digest::of(&envelope(index)));
        assert!(verify_proof(&proof, b"another entry", &keys()).is_err());
    }
    assert!(prove(&view, 600).is_err());
}

#[test]
fn a_proof_has_the_form_of_the_specification() {
    let (_, ledger) = filled(3);
    let proof = prove(&ledger.view().unwrap(), 2).unwrap();
    let lines: Vec<_> = proof.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra "));
    assert_eq!(lines[2], "index 2");
    assert_eq!((lines[3].len(), lines[4]), (44, ""));
    assert_eq!(lines[5..7], ["bartizan.example/helpdesk", "3"]);
    let without_extra = proof.replacen(&format!("{}\n", lines[1]), "", 1);
    assert_eq!(
        verify_self_contained(&without_extra, &keys()),
        Err(ProofFault::Malformed("it does not hold the entry"))
    );
    for (from, to) in [
        ("@v1", "@v2"),
        ("index 2", "index 02"),
        ("index 2", "index -1"),
        ("index 2", "index 1"),
        ("extra ", "extra !"),
    ] {
        assert!(verify_self_contained(&proof.replacen(from, to, 1), &keys()).is_err(), "{to}");
    }
}

#[test]
fn a_log_is_a_continuation_of_each_of_its_heads() {
    let (_, ledger) = filled(0);
    let mut heads = vec![ledger.head().unwrap()];
    for (start, end) in [(0, 1), (1, 255), (255, 256), (256, 257), (257, 700)] {
        ledger.append(&drafts(start..end), at(0)).unwrap();
        heads.push(ledger.head().unwrap());
    }
    let view = ledger.view().unwrap();
    for old in heads {
        let proof = view.consistency(old.size).unwrap();
        let new = view.head();
        assert_eq!(merkle::verify_consistency(old.size, &old.root, new.size, &new.root, &proof), Ok(()));
        assert_eq!(view.root_at(old.size).unwrap(), old.root);
    }
    assert!(view.consistency(701).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_proof_proves_nothing(at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
        let (_, ledger) = filled(7);
        let proof = prove(&ledger.view().unwrap(), 4).unwrap();
        let mut changed = proof.clone().into_bytes();
        let at = at.index(changed.len());
        prop_assume!(changed[at].is_ascii() && changed[at] != byte);
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(verify_self_contained(&changed, &keys()).is_err(), "{changed}");
    }

    #[test]
    fn any_text_is_no_proof(text in "(c2sp.org/tlog-proof@v1\n)?(extra [a-z=]{0,9}\n)?(index [0-9]{1,3}\n)?([A-Za-z+/]{43}=\n){0,3}\n?.{0,80}") {
        prop_assert!(verify_self_contained(&text, &keys()).is_err());
    }
}
