//! Witnesses, authorities, people, the edits of a trust file, and its history.

use super::*;
use crate::timestamp::tests::forge;

fn key(seed: u8) -> VerifyingKey {
    SigningKey::from_seed([seed; 32]).verifying_key()
}

fn witness(name: &str, seed: u8) -> Witness {
    Witness::new(name.parse().unwrap(), key(seed))
}

fn authority(name: &str, seed: u8) -> TimestampAuthority {
    let mut root = forge::good().root;
    (root.key, root.by) = (seed, seed);
    root.as_authority(name)
}

fn person(name: &str, seed: u8) -> Collector {
    Collector {
        name: name.to_owned(),
        key: key(seed),
        may: BTreeSet::from([PredicateKind::Exception, PredicateKind::Approval]),
        from: at("2026-01-01T00:00:00Z"),
        until: at("2027-01-01T00:00:00Z"),
        revoked: None,
    }
}

type Edit = fn(&mut TrustContent);

/// With one of each.
fn full() -> TrustContent {
    content()
        .with_collector(person("ana@example.com", 5))
        .and_then(|content| content.with_witness(witness("example.org/witness", 6)))
        .and_then(|content| content.with_authority(authority("example-tsa", 7)))
        .unwrap()
}

#[test]
fn who_is_outside_stands_behind_the_collectors() {
    let signed = full().sign(None, &root()).unwrap();
    let trust = opened(&signed);
    assert_eq!(*trust.content(), full());
    assert_eq!(trust.witnesses(), [witness("example.org/witness", 6)]);
    assert_eq!(trust.authorities(), [authority("example-tsa", 7)]);
    let (_, outside) = signed.toml.split_once("[[witness]]").unwrap();
    let (cut, _) = outside.split_once("certificate = \"M").unwrap();
    insta::assert_snapshot!(cut, @r#"

    name = "example.org/witness"
    key = "example.org/witness+6e2f1f81+BIqHX/8es4RRV3rNWv7kBUVlaN18ieCQhjoFV7x69J8X"

    [[timestamp_authority]]
    name = "example-tsa"
    "#);
    // A successor may drop them again.
    assert!(content().sign(Some(&trust), &root()).is_ok());
}

#[test]
fn who_is_outside_is_refused_in_these_words() {
    let refused = |edit: Edit| {
        let mut content = full();
        edit(&mut content);
        content.sign(None, &root()).unwrap_err().to_string()
    };
    let cases: &[(Edit, &str)] = &[
        (
            |content| content.witnesses = (0..17).map(|n| witness(&format!("w{n}"), 40 + n)).collect(),
            "more than 16 witnesses",
        ),
        (
            |content| content.authorities = (0..17).map(|n| authority(&format!("a{n}"), 40 + n)).collect(),
            "more than 16 timestamp authorities",
        ),
        (
            |content| content.witnesses.push(witness("example.org/witness", 8)),
            "the witness `example.org/witness` has a name that stands before it",
        ),
        (
            |content| content.witnesses.push(witness("example.com/helpdesk", 8)),
            "the witness `example.com/helpdesk` has a name that stands before it",
        ),
        (
            |content| content.authorities.push(authority("example-tsa", 8)),
            "the timestamp authority `example-tsa` has a name that stands before it",
        ),
        (
            |content| content.authorities[0].certificate.push(0),
            "the timestamp authority `example-tsa` has no certificate",
        ),
        (|content| content.authorities[0].certificate.clear(), "has no certificate"),
        (|content| content.authorities[0].name.clear(), "the timestamp authority name `` is empty"),
        (|content| content.witnesses.push(witness("w", 1)), "as root and as witness"),
        (|content| content.witnesses.push(witness("w", 2)), "as log and as witness"),
        (|content| content.witnesses.push(witness("w", 3)), "as collector and as witness"),
        (|content| content.witnesses.push(witness("w", 6)), "as witness and as witness"),
        (|content| content.authorities.push(authority("a", 1)), "as root and as timestamp authority"),
        (|content| content.authorities.push(authority("a", 6)), "as witness and as timestamp authority"),
    ];
    for (edit, words) in cases {
        let said = refused(*edit);
        assert!(said.contains(words), "{words}: {said}");
    }
    // A renewed certificate has the key of the one before it.
    let mut renewed = full();
    renewed.authorities.push(authority("example-tsa-2027", 7));
    assert!(renewed.sign(None, &root()).is_ok());
}

#[test]
fn a_written_file_with_a_fault_outside_is_refused() {
    let toml = full().sign(None, &root()).unwrap().toml;
    for (old, new, words) in [
        ("name = \"example.org/witness\"", "name = \"example.org/w\"", "has a key with the name"),
        ("key = \"example.org/witness+", "key = \"example.org/witness+0", "the id is not that"),
        ("[[witness]]", "[[witness]]\nuntil = 2027-01-01T00:00:00Z", "unknown field"),
        ("certificate = \"M", "certificate = \"%M", "is not base64"),
        ("certificate = \"M", "certificate = \"N", "has no certificate"),
        ("[[timestamp_authority]]", "[[timestamp_authority]]\nurl = \"x\"", "unknown field"),
    ] {
        assert!(toml.contains(old), "{old}");
        let changed = toml.replacen(old, new, 1);
        let envelope = Envelope::sign_bytes(TRUST_PAYLOAD, changed.clone().into_bytes(), &root());
        let fault = Trust::open(changed.as_bytes(), &envelope, None, &root().verifying_key()).unwrap_err();
        assert!(fault.to_string().contains(words), "{new}: {fault}");
    }
}

#[test]
fn decisions_are_those_of_people() {
    for (name, is_person) in [
        ("ana@example.com", true),
        ("a@b", true),
        ("ana", false),
        ("@example.com", false),
        ("ana@", false),
        ("ana@example@com", false),
        ("ana @example.com", false),
        ("ana@example.com\u{a0}", false),
    ] {
        assert_eq!(person(name, 5).is_person(), is_person, "{name}");
        let added = content().with_collector(person(name, 5));
        assert_eq!(added.is_ok(), is_person, "{name}: {added:?}");
    }
    let states = |name, kind| {
        let mut collector = person(name, 5);
        collector.may = BTreeSet::from([kind]);
        content().with_collector(collector).map(|_| ()).map_err(|fault| fault.to_string())
    };
    for kind in PredicateKind::ALL {
        use PredicateKind as Kind;
        let of_people =
            [Kind::Approval, Kind::Drill, Kind::Exception, Kind::GateDecision, Kind::TrainingRecord];
        let of_programs = !matches!(kind, Kind::Approval | Kind::Exception | Kind::Trust);
        assert_eq!(states("ana@example.com", kind).is_ok(), of_people.contains(&kind), "{kind}");
        assert_eq!(states("ci", kind).is_ok(), of_programs, "{kind}");
    }
    let [program, person] = [
        states("ci", PredicateKind::Exception).unwrap_err(),
        states("ana@example.com", PredicateKind::ModelScan).unwrap_err(),
    ];
    insta::assert_snapshot!(program, @"trust file is malformed: the collector `ci` may make exception statements, which only a person may, whose name is an e-mail address");
    insta::assert_snapshot!(person, @"trust file is malformed: the collector `ana@example.com` is a person and may make model-scan statements, which are made by programs");
}

#[test]
fn edits_say_what_stands_in_their_way() {
    let (ci, old) = (key(3).fingerprint(), key(4).fingerprint());
    let stranger = key(99).fingerprint();
    let revoke = |key, time: &str, reason: &str| content().with_revoked(key, at(time), reason).map(|_| ());
    let twice = |result: Result<TrustContent, EditFault>| result.unwrap_err().to_string();

    let same_key = Collector { name: "release".to_owned(), key: key(3), ..content().collectors[0].clone() };
    assert!(
        twice(content().with_collector(same_key)).starts_with("trust file already names the key `SHA256:")
    );
    let nothing = Collector { key: key(9), may: BTreeSet::new(), ..content().collectors[0].clone() };
    assert!(twice(content().with_collector(nothing)).contains("may state nothing"));
    let second_key = Collector { key: key(9), ..content().collectors[0].clone() };
    assert_eq!(content().with_collector(second_key).map(|content| content.collectors.len()), Ok(3));

    assert_eq!(revoke(&ci, "2026-03-01T00:00:00Z", "laptop lost"), Ok(()));
    assert_eq!(revoke(&ci, "2026-03-01T00:00:00Z", " "), Err(EditFault::NoReason));
    let absent = EditFault::Absent { what: "key", name: stranger.to_string() };
    assert_eq!(revoke(&stranger, "2026-03-01T00:00:00Z", "lost"), Err(absent));
    assert_eq!(revoke(&old, "2026-03-31T00:00:00Z", "earlier still"), Ok(()));
    let before = EditFault::RevokedBefore { key: old, at: at("2026-04-01T00:00:00Z") };
    assert_eq!(revoke(&old, "2026-04-01T00:00:00Z", "again"), Err(before));

    let ended = |time: &str| content().with_ended(&ci, at(time)).unwrap().collectors;
    assert_eq!(ended("2026-03-01T00:00:00Z")[0].until, at("2026-03-01T00:00:00Z"));
    assert_eq!(ended("2026-09-01T00:00:00Z"), content().collectors);
    assert_eq!(ended("2026-01-01T00:00:00Z"), content().collectors[1..]);
    // A revocation is not lost by an end.
    let kept = content().with_ended(&old, at("2026-01-01T00:00:00Z")).unwrap();
    assert_eq!(kept.collectors.len(), 2);

    let again = full().with_witness(witness("example.org/witness", 8)).unwrap_err();
    insta::assert_snapshot!(again, @"trust file already names the witness `example.org/witness`");
    let again = full().with_authority(authority("example-tsa", 8)).unwrap_err();
    insta::assert_snapshot!(again, @"trust file already names the timestamp authority `example-tsa`");
    let none = full().without_witness(&"example.org/w".parse().unwrap()).unwrap_err();
    insta::assert_snapshot!(none, @"trust file does not name the witness `example.org/w`");
    let none = full().without_authority("tsa\u{7}").unwrap_err();
    insta::assert_snapshot!(none, @r"trust file does not name the timestamp authority `tsa\u{7}`");
    let back = full()
        .without_witness(&"example.org/witness".parse().unwrap())
        .and_then(|content| content.without_authority("example-tsa"))
        .unwrap();
    assert_eq!((back.witnesses.len(), back.authorities.len()), (0, 0));
}

#[test]
fn a_history_is_verified_from_the_first_file_on() {
    let mut files: Vec<SignedTrust> = Vec::new();
    for content in [content(), full(), content()] {
        let before = files.last().map(opened);
        files.push(content.sign(before.as_ref(), &root()).unwrap());
    }
    let fork = full().sign(Some(&opened(&files[0])), &root()).map(|signed| {
        let mut other = full();
        other.self_attested = false;
        (signed, other.sign(Some(&opened(&files[0])), &root()).unwrap())
    });
    let (_, fork) = fork.unwrap();
    let open = |order: &[&SignedTrust]| {
        let key = root().verifying_key();
        let files = order.iter().map(|signed| (signed.toml.as_bytes(), &signed.envelope));
        Trust::open_chain(files, Some(&key.fingerprint()), &key)
    };
    let [first, second, third] = files.as_slice() else { panic!("three files") };
    assert_eq!(open(&[first]), Ok(opened(first)));
    assert_eq!(open(&[first, second, third]), Ok(opened(third)));
    assert_eq!(open(&[]), Err(TrustFault::NoFile));
    assert_eq!(open(&[second, third]), Err(TrustFault::Headless { serial: 2 }));
    assert_eq!(open(&[first, third]), Err(TrustFault::Gap { serial: 3, known: 1 }));
    assert_eq!(open(&[first, second, first]), Err(TrustFault::RolledBack { serial: 1, known: 2 }));
    assert_eq!(open(&[first, first]), Err(TrustFault::Forked { serial: 1 }));
    assert_eq!(open(&[first, &fork, third]), Err(TrustFault::Forked { serial: 3 }));
    let mut changed = second.clone();
    changed.toml.push('\n');
    assert_eq!(open(&[first, &changed, third]), Err(TrustFault::OtherBytes));
    let forged = SignedTrust {
        envelope: Envelope::sign_bytes(TRUST_PAYLOAD, second.toml.clone().into_bytes(), &collector_key()),
        toml: second.toml.clone(),
    };
    assert!(matches!(open(&[first, &forged]), Err(TrustFault::NotSigned { .. })));
}
