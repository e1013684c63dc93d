//! A trust file opens with the root's signature over these bytes alone; what it says can be written, and says the
//! same.

#![no_main]

use bartizan_attest::{Envelope, SigningKey, TRUST_PAYLOAD, Trust, TrustFault};
use bartizan_fuzz::{assert_visible, collector, root};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = root().verifying_key();
    let sign = |key: &SigningKey| Envelope::sign_bytes(TRUST_PAYLOAD, bytes.to_vec(), key);
    let forged = Trust::open(bytes, &sign(&collector()), None, &key);
    assert!(matches!(forged, Err(TrustFault::NotSigned { .. })), "{forged:?}");
    let changed = [bytes, b"\n"].concat();
    let changed = Trust::open(&changed, &sign(&root()), None, &key);
    assert!(matches!(changed, Err(TrustFault::OtherBytes)), "{changed:?}");

    match Trust::open(bytes, &sign(&root()), Some(&root().fingerprint()), &key) {
        Ok(trust) => {
            assert!(trust.follows(&trust.head()).is_ok() && trust.succeeds(&trust).is_ok());
            for one in trust.collectors() {
                assert!(one.from < one.until && !one.may.is_empty());
                assert_eq!(trust.collector(&one.key.fingerprint()), Some(one), "one key, one collector");
            }
            let next = trust.content().sign(Some(&trust), &root()).expect("it may follow itself");
            let next = Trust::open(next.toml.as_bytes(), &next.envelope, None, &key).expect("just signed");
            assert_eq!(next.content(), trust.content());
            assert!(next.succeeds(&trust).is_ok() && trust.succeeds(&next).is_err());
        }
        Err(fault) => assert_visible(&fault.to_string()),
    }
});
