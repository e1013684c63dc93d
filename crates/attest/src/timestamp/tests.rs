use proptest::prelude::*;

use super::*;
use forge::{CODE_SIGNING, Naming, Plan, TIME_STAMPING, authority, extension, good, int, seq, tlv, usages};

pub(crate) mod forge;

/// Changes a token that counts.
type Edit = fn(&mut Plan);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the root's owner makes of the token of `plan`.
fn verify(plan: &Plan) -> Result<Stamp, TimestampFault> {
    verify_with(plan, &[plan.root.as_authority("root")])
}

fn verify_with(plan: &Plan, authorities: &[TimestampAuthority]) -> Result<Stamp, TimestampFault> {
    let token = TimestampToken::parse(&plan.token())?;
    token.verify(&Digest::of(b"head"), Some(42), authorities)
}

#[test]
fn a_time_stamp_says_when_and_by_whom() {
    let plan = good();
    let stamp = verify(&plan).unwrap();
    let expected = Stamp {
        at: at("2026-05-01T12:00:00.25Z"),
        accuracy: Some(SignedDuration::from_millis(1500)),
        by: "root".to_owned(),
        serial: "abcdef".to_owned(),
        policy: "1.2.3.4".to_owned(),
    };
    assert_eq!(stamp, expected);
    assert_eq!(stamp.latest(), at("2026-05-01T12:00:01.75Z"));
    let kept = TimestampToken::from_response(&plan.response()).unwrap();
    assert_eq!(kept.to_der(), plan.token());
    assert_eq!(kept.verify(&Digest::of(b"head"), None, &[plan.root.as_authority("root")]), Ok(expected));
}

#[test]
fn an_authority_is_known_by_its_certificate() {
    let der = good().root.der();
    let authority = TimestampAuthority::new("root", &der).unwrap();
    assert_eq!(authority, good().root.as_authority("root"));
    assert_eq!(authority.subject().unwrap(), "CN=Root");
    for (name, certificate, words) in [
        ("root", der[1..].to_vec(), "has no certificate"),
        ("root", b"-----BEGIN CERTIFICATE-----\n".to_vec(), "certificate is malformed"),
        ("root", vec![0x30; MAX_TOKEN + 1], "larger than 65536 bytes"),
        ("", der.clone(), "the timestamp authority name `` is empty"),
    ] {
        let error = TimestampAuthority::new(name, &certificate).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
}

#[test]
fn these_count() {
    let cases: &[(&str, Edit)] = &[
        ("the older attribute", |plan| plan.naming = Naming::Old),
        ("both attributes", |plan| plan.naming = Naming::Both),
        ("SHA-256 of the content", |plan| plan.hash = forge::SHA_256),
        ("no accuracy", |plan| plan.accuracy = Vec::new()),
        ("an empty accuracy", |plan| plan.accuracy = seq(&[])),
        ("whole seconds", |plan| plan.time = "20260501120000Z"),
        ("ordered, with the authority's name", |plan| {
            plan.accuracy = tlv(0x01, &[0xff]);
            plan.rest = tlv(0xa0, &tlv(0x86, b"urn:x"));
        }),
        ("an extension that is not critical", |plan| {
            plan.rest = tlv(0xa1, &extension("1.2.3", false, b""));
        }),
        ("attributes out of order", |plan| plan.attributes = |attributes| attributes.reverse()),
        ("the signer by its key id", |plan| plan.by_key_id = true),
        ("certificates in another order, and more of them", |plan| {
            plan.sent = |plan| vec![plan.root.der(), plan.middle.der(), plan.signer.der()];
        }),
        ("an attribute certificate beside them", |plan| {
            plan.sent = |plan| vec![tlv(0xa1, b""), plan.middle.der(), plan.signer.der()];
        }),
        ("the first second of the certificate", |plan| plan.time = "20260101000000Z"),
        ("the last second of the certificate", |plan| plan.time = "20261231235959.9Z"),
        ("an issuer for any use", |plan| plan.middle.extensions.push(usages(false, &["2.5.29.37.0"]))),
    ];
    for (what, edit) in cases {
        let mut plan = good();
        edit(&mut plan);
        assert!(verify(&plan).is_ok(), "{what}: {:?}", verify(&plan));
    }
}

#[test]
fn any_certificate_of_the_chain_may_be_pinned() {
    let plan = good();
    for (name, pinned) in [("root", &plan.root), ("middle", &plan.middle), ("signer", &plan.signer)] {
        let other = TimestampAuthority { name: "other".to_owned(), certificate: good_but(|_| {}, 90) };
        let stamp = verify_with(&plan, &[other, pinned.as_authority(name)]).unwrap();
        assert_eq!(stamp.by, name);
    }
    // A pinned signer need not come with the token.
    let mut bare = plan.clone();
    bare.sent = |_| Vec::new();
    assert_eq!(verify_with(&bare, &[plan.signer.as_authority("signer")]).unwrap().by, "signer");
    assert_eq!(verify(&bare), Err(TimestampFault::OtherCertificate));
}

/// The root's certificate with another key.
fn good_but(edit: Edit, key: u8) -> Vec<u8> {
    let mut plan = good();
    edit(&mut plan);
    (plan.root.key, plan.root.by) = (key, key);
    plan.root.der()
}

/// Each refusal, in its words.
const REFUSED: &[(&str, Edit)] = &[
    ("over other bytes", |plan| plan.imprint = Digest::of(b"other")),
    ("over other bytes", |plan| plan.imprint_algorithm = "1.3.14.3.2.26"),
    ("its nonce differs", |plan| plan.nonce = Some(43)),
    ("its nonce differs", |plan| plan.nonce = None),
    ("its nonce differs", |plan| plan.nonce = Some(42 << 8)),
    ("the version of its content is not 1", |plan| plan.version = 2),
    ("its time is not a generalized time", |plan| plan.time = "20260501120000"),
    ("its time is not a generalized time", |plan| plan.time = "20260501120000.Z"),
    ("its time is not a generalized time", |plan| plan.time = "20260501120000.50Z"),
    ("its time is not a generalized time", |plan| plan.time = "20260501120000+0100"),
    ("its time is not a generalized time", |plan| plan.time = "20261301120000Z"),
    ("its time is not a generalized time", |plan| plan.time = "202605011200é0Z"),
    ("uses the critical extension 1.2.3", |plan| {
        plan.rest = tlv(0xa1, &extension("1.2.3", true, b""));
    }),
    ("time stamp is malformed", |plan| plan.rest = int(7)),
    // The envelope.
    ("it signs 1.2.3 and not a time stamp", |plan| plan.content_type = "1.2.3"),
    ("was changed after it was signed", |plan| plan.attribute_type = "1.2.3"),
    ("was changed after it was signed", |plan| {
        // The last digit of the seconds.
        plan.content = |content| {
            let place = content.windows(4).position(|part| part == b".25Z").unwrap() - 1;
            content[place] = b'1';
        };
    }),
    ("does not match its content", |plan| {
        plan.attributes = |attributes| attributes.push(seq(&[&forge::oid("1.2.3"), &tlv(0x31, &int(1))]));
    }),
    ("does not match its content", |plan| plan.signed_by = Some(99)),
    ("has no signed attribute signedAttrs", |plan| plan.unsigned = true),
    ("has no signed attribute contentType", |plan| plan.attributes = |all| drop(all.remove(0))),
    ("has no signed attribute messageDigest", |plan| plan.attributes = |all| drop(all.remove(1))),
    ("has no signed attribute signingCertificate", |plan| plan.naming = Naming::Missing),
    ("contentType has several values", |plan| plan.attributes = |all| all.push(all[0].clone())),
    ("messageDigest has several values", |plan| plan.attributes = |all| all.push(all[1].clone())),
    ("the certificate that it names", |plan| plan.naming = Naming::WrongHash),
    ("the certificate that it names", |plan| plan.naming = Naming::Torn),
    ("the certificate that it names", |plan| plan.naming = Naming::OtherIssuer),
    ("the certificate that it names", |plan| plan.sent = |plan| vec![plan.middle.der()]),
    ("has 2 signers", |plan| plan.signers = 2),
    ("has 0 signers", |plan| plan.signers = 0),
    ("more than 16 signers", |plan| plan.signers = 17),
    ("more than 16 certificates", |plan| plan.sent = |plan| vec![plan.signer.der(); 17]),
    ("uses the hash 1.3.14.3.2.26", |plan| plan.hash = "1.3.14.3.2.26"),
    ("uses the signature algorithm 1.2.840.113549.1.1.10", |plan| {
        plan.signature_algorithm = "1.2.840.113549.1.1.10";
    }),
    ("uses the signature algorithm 1.2.840.113549.1.1.11", |plan| {
        plan.signature_algorithm = "1.2.840.113549.1.1.11";
        plan.hash = forge::SHA_256;
    }),
    // The signer's certificate.
    ("it has no extended key usage", |plan| drop(plan.signer.extensions.remove(0))),
    ("its extended key usage is not critical", |plan| {
        plan.signer.extensions[0] = usages(false, &[TIME_STAMPING]);
    }),
    ("its extended key usage is not time stamping alone", |plan| {
        plan.signer.extensions[0] = usages(true, &[CODE_SIGNING]);
    }),
    ("its extended key usage is not time stamping alone", |plan| {
        plan.signer.extensions[0] = usages(true, &[TIME_STAMPING, CODE_SIGNING]);
    }),
    ("its key usage is not signatures", |plan| {
        plan.signer.extensions.push(extension("2.5.29.15", true, &tlv(0x03, &[2, 4])));
    }),
    ("a critical extension that is not understood", |plan| {
        plan.signer.extensions.push(extension("2.5.29.30", true, &seq(&[])));
    }),
    (
        "is not valid at 2026-05-01T12:00:00.25Z, only from 2026-01-01T00:00:00Z to 2026-05-01T11:59:59Z",
        |plan| {
            plan.signer.until = "260501115959Z";
        },
    ),
    ("is not valid at", |plan| plan.signer.from = "260501120001Z"),
    ("is not valid at 2027-01-01T00:00:00Z", |plan| plan.time = "20270101000000Z"),
    // The way to the authority.
    ("certificate of `CN=Signer` does not lead to an authority", |plan| {
        plan.sent = |plan| vec![plan.signer.der()];
    }),
    ("does not lead to an authority", |plan| plan.signer.by = 99),
    ("does not lead to an authority", |plan| plan.middle.by = 99),
    ("does not lead to an authority", |plan| plan.middle.issuer = "Rood"),
    ("does not lead to an authority", |plan| plan.middle.subject = "Meddle"),
    ("does not lead to an authority", |plan| plan.middle.extensions.clear()),
    ("does not lead to an authority", |plan| plan.middle.until = "260501115959Z"),
    ("does not lead to an authority", |plan| plan.root.until = "260501115959Z"),
    ("does not lead to an authority", |plan| plan.root.extensions.clear()),
    ("does not lead to an authority", |plan| plan.root.extensions = vec![authority(Some(0))]),
    ("does not lead to an authority", |plan| plan.middle.extensions.push(usages(false, &[CODE_SIGNING]))),
    ("does not lead to an authority", |plan| {
        plan.middle.extensions.push(extension("2.5.29.15", true, &tlv(0x03, &[7, 0x80])));
    }),
    ("does not lead to an authority", |plan| {
        plan.middle.extensions.push(extension("2.5.29.30", true, &seq(&[])));
    }),
];

#[test]
fn each_refusal_names_its_cause() {
    assert!(verify(&good()).is_ok());
    for (words, edit) in REFUSED {
        let mut plan = good();
        edit(&mut plan);
        let fault = verify(&plan).unwrap_err().to_string();
        assert!(fault.contains(words), "{words}: {fault}");
    }
    let plan = good();
    assert!(matches!(verify_with(&plan, &[]), Err(TimestampFault::UnknownAuthority { .. })));
    let stranger = TimestampAuthority { name: "root".to_owned(), certificate: good_but(|_| {}, 90) };
    assert!(matches!(verify_with(&plan, &[stranger]), Err(TimestampFault::UnknownAuthority { .. })));
}

/// Sixteen authorities of one name and key that all issued each other: the search ends.
#[test]
fn a_tangle_of_certificates_is_given_up() {
    let mut plan = good();
    plan.signer.issuer = "Tangle";
    plan.sent = |plan| {
        let tangled = (0..15).map(|serial| {
            let mut one = plan.middle.clone();
            (one.subject, one.issuer, one.by, one.serial) = ("Tangle", "Tangle", one.key, serial);
            one.extensions = vec![authority(None)];
            one.der()
        });
        tangled.chain([plan.signer.der()]).collect()
    };
    assert!(matches!(verify(&plan), Err(TimestampFault::UnknownAuthority { .. })));
}

#[test]
fn a_chain_has_at_most_four_certificates() {
    let names = ["Middle", "Second", "Third", "Root"];
    for (links, counts) in [(1, true), (2, true), (3, false)] {
        let mut plan = good();
        plan.sent = |plan| vec![plan.signer.der()];
        for n in 0..links {
            let mut link = plan.middle.clone();
            let last = n + 1 == links;
            (link.subject, link.issuer) = (names[n], if last { "Root" } else { names[n + 1] });
            (link.key, link.by) = (21 + 10 * n as u8, if last { 20 } else { 31 + 10 * n as u8 });
            link.extensions = vec![authority(None)];
            plan.more.push(link.der());
        }
        assert_eq!(verify(&plan).is_ok(), counts, "{links} issuers: {:?}", verify(&plan));
    }
}

#[test]
fn a_request_is_what_the_standard_shows() {
    let request = timestamp_request(&Digest::of(b"head"), 0x8000_0000_0000_0001);
    let algorithm = seq(&[&forge::oid(forge::SHA_256), &tlv(0x05, &[])]);
    let imprint = seq(&[&algorithm, &tlv(0x04, Digest::of(b"head").as_bytes())]);
    let nonce = tlv(0x02, &[0, 0x80, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(request, seq(&[&int(1), &imprint, &nonce, &tlv(0x01, &[0xff])]));
}

#[test]
fn a_refused_request_says_why() {
    let text = |text: &str| seq(&[&tlv(0x0c, text.as_bytes())]);
    let status = |number, rest: &[u8]| seq(&[&seq(&[&int(number), rest])]);
    let token = good().token();
    for (response, words) in [
        (status(2, &tlv(0x03, &[7, 0x80])), "rejection (the algorithm is not supported)"),
        (status(2, &tlv(0x03, &[1, 0, 2])), "rejection (the time source is not available)"),
        (
            status(2, &[text("busy\u{1b}"), tlv(0x03, &[6, 0, 0, 0, 0x40])].concat()),
            r"rejection (the authority has failed, `busy\u{1b}`)",
        ),
        (status(3, &[]), "waiting ()"),
        (status(9, &[]), "a status that is not known"),
        (status(0, &[]), "granted (there is no token)"),
        // A token beside a refusal is none.
        (seq(&[&seq(&[&int(2)]), &token]), "rejection"),
    ] {
        let fault = TimestampToken::from_response(&response).unwrap_err();
        assert!(matches!(fault, TimestampFault::NotGranted { .. }), "{fault}");
        assert!(fault.to_string().contains(words), "{words}: {fault}");
    }
    let modified = seq(&[&seq(&[&int(1)]), &token]);
    assert!(TimestampToken::from_response(&modified).is_ok());
}

#[test]
fn nothing_may_be_missing_or_stand_behind() {
    let (token, response) = (good().token(), good().response());
    for length in 0..token.len() {
        assert!(TimestampToken::parse(&token[..length]).is_err(), "{length} bytes");
    }
    for length in 0..response.len() {
        assert!(TimestampToken::from_response(&response[..length]).is_err(), "{length} bytes");
    }
    assert!(TimestampToken::parse(&[token.as_slice(), &[0]].concat()).is_err());
    assert!(TimestampToken::from_response(&[response.as_slice(), &[0]].concat()).is_err());
    let behind = seq(&[&seq(&[&int(0)]), &token, &int(0)]);
    assert!(TimestampToken::from_response(&behind).is_err());
    for large in [vec![0; MAX_TOKEN + 1], tlv(0x30, &vec![0; MAX_TOKEN])] {
        let fault = TimestampToken::from_response(&large).unwrap_err().to_string();
        assert!(fault.contains("is larger than 65536 bytes"), "{fault}");
        assert_eq!(
            TimestampToken::parse(&large).unwrap_err().to_string(),
            "time stamp is larger than 65536 bytes"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever is done to a token, what is believed is what the authority signed.
    #[test]
    fn no_changed_byte_is_believed(
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..3),
    ) {
        let plan = good();
        let mut token = plan.token();
        for (place, byte) in edits {
            let place = place.index(token.len());
            token[place] = byte;
        }
        let root = [plan.root.as_authority("root")];
        if let Ok(stamp) = TimestampToken::parse(&token)
            .and_then(|token| token.verify(&Digest::of(b"head"), Some(42), &root))
        {
            prop_assert_eq!(stamp, verify(&plan).unwrap());
        }
    }

    #[test]
    fn bytes_from_anywhere_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), tag in 0x30_u8..0x32) {
        let _ = TimestampToken::parse(&bytes);
        let _ = TimestampToken::from_response(&seq(&[&seq(&[&int(0)]), &tlv(tag, &bytes)]));
        let _ = Certificate::parse(&tlv(tag, &bytes));
    }
}
