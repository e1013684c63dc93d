//! What is read of an envelope or a statement can be written and reads the same; what counts as evidence is what a
//! named collector signed.

#![no_main]

use std::sync::LazyLock;

use bartizan_attest::{Envelope, Expect, IN_TOTO_PAYLOAD, Seen, Statement, Trust};
use bartizan_fuzz::{assert_visible, collector, log, now, root, trust};
use libfuzzer_sys::fuzz_target;

static TRUST: LazyLock<Trust> = LazyLock::new(trust);

fuzz_target!(|bytes: &[u8]| {
    let expect = Expect { project: "helpdesk", predicate: None };
    let seen = Seen { logged_at: None, witnessed: None, as_of: now() };
    match Envelope::parse(bytes) {
        Ok(envelope) => {
            let again = Envelope::parse(&envelope.to_bytes()).expect("what was written can be read");
            assert_eq!(again, envelope);
            assert!(!envelope.is_signed_by(&root().verifying_key()), "nothing here was signed by the root");
            if let Err(refusal) = TRUST.judge(&envelope, &expect, &seen) {
                assert_visible(&refusal.to_string());
            }
        }
        Err(error) => assert_visible(&error.to_string()),
    }
    let statement = Statement::parse(bytes);
    match &statement {
        Ok(statement) => {
            let written = statement.to_bytes().expect("what was read can be written");
            let again = Statement::parse(&written).expect("what was written can be read");
            assert_eq!(again.to_bytes().as_ref(), Ok(&written), "the canonical form has one spelling");
        }
        Err(error) => assert_visible(&error.to_string()),
    }
    // Signed by a collector, the same bytes count where they are a statement that it may make, and nowhere else.
    let signed = Envelope::sign_bytes(IN_TOTO_PAYLOAD, bytes.to_vec(), &collector());
    match TRUST.judge(&signed, &expect, &seen) {
        Ok(verified) => {
            assert_eq!(Ok(&verified.statement), statement.as_ref());
            assert_eq!(verified.statement.predicate.collector, "ci");
            assert_eq!(verified.statement.predicate.project.name, "helpdesk");
            assert!(TRUST.collectors()[0].may.contains(&verified.statement.kind));
        }
        Err(refusal) => assert_visible(&refusal.to_string()),
    }
    let forged = Envelope::sign_bytes(IN_TOTO_PAYLOAD, bytes.to_vec(), &log());
    assert!(TRUST.judge(&forged, &expect, &seen).is_err(), "the log's key is no collector's");
});
