//! A token, a response and an authority's certificate from anywhere: each is read without a panic, and no authority has
//! signed it.

#![no_main]

use bartizan_attest::{TimestampAuthority, TimestampToken};
use bartizan_finding::Digest;
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8])| {
    let (bytes, certificate) = input;
    let authority = TimestampAuthority { name: "anyone".to_owned(), certificate: certificate.to_vec() };
    let imprint = Digest::of(b"a head that nobody has stamped");
    for token in [TimestampToken::parse(bytes), TimestampToken::from_response(bytes)] {
        match token {
            Ok(token) => {
                assert_eq!(TimestampToken::parse(token.to_der()).as_ref(), Ok(&token));
                for authorities in [&[][..], std::slice::from_ref(&authority)] {
                    let fault = token.verify(&imprint, None, authorities).expect_err("nobody has stamped it");
                    assert_visible(&fault.to_string());
                }
            }
            Err(fault) => assert_visible(&fault.to_string()),
        }
    }
});
