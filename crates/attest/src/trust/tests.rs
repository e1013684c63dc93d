use proptest::prelude::*;

use super::*;

pub(crate) fn root() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

pub(crate) fn collector_key() -> SigningKey {
    SigningKey::from_seed([3; 32])
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `ci` may scan models and data from January to July; `old` was revoked from April on.
pub(crate) fn content() -> TrustContent {
    let collector = |name: &str, seed, revoked| Collector {
        name: name.to_owned(),
        key: SigningKey::from_seed([seed; 32]).verifying_key(),
        may: BTreeSet::from([PredicateKind::ModelScan, PredicateKind::DataScan]),
        from: at("2026-01-01T00:00:00Z"),
        until: at("2026-07-01T00:00:00Z"),
        revoked,
    };
    let revoked = Revocation { at: at("2026-04-01T00:00:00Z"), reason: "laptop lost".to_owned() };
    TrustContent {
        project: "helpdesk".to_owned(),
        self_attested: true,
        log: NoteVerifier::new(
            "example.com/helpdesk".parse().unwrap(),
            SigningKey::from_seed([2; 32]).verifying_key(),
        ),
        collectors: vec![collector("ci", 3, None), collector("old", 4, Some(revoked))],
        witnesses: Vec::new(),
        authorities: Vec::new(),
    }
}

pub(crate) fn opened(signed: &SignedTrust) -> Trust {
    let key = root().verifying_key();
    Trust::open(signed.toml.as_bytes(), &signed.envelope, Some(&key.fingerprint()), &key).unwrap()
}

#[test]
fn a_trust_file_reads_like_this() {
    let first = content().sign(None, &root()).unwrap();
    insta::assert_snapshot!(first.toml, @r#"
    # Whose evidence counts. The root key signs these exact bytes in trust.toml.dsse.
    format = 1
    project = "helpdesk"
    serial = 1
    self_attested = true

    [log]
    name = "example.com/helpdesk"
    key = "MCowBQYDK2VwAyEAgTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q="
    fingerprint = "SHA256:R96ljqAPrpQX7hnXZ1W/72kImQIRMu/7BP4fnk8MgFk"

    [[collector]]
    name = "ci"
    key = "MCowBQYDK2VwAyEA7UkoxijRwsbq6QM4kFmVYSlZJzpcY/k2NsFGFKyHN9E="
    fingerprint = "SHA256:jO8GW3r4NmkVC30ycE09PnXD6a7g1PZ0BUTGjoGzd6o"
    may = ["data-scan", "model-scan"]
    from = 2026-01-01T00:00:00Z
    until = 2026-07-01T00:00:00Z

    [[collector]]
    name = "old"
    key = "MCowBQYDK2VwAyEAypOsFwUYcHHWe4PH/w7+gQjo7EUwV113JoeTM9vavnw="
    fingerprint = "SHA256:0BbfPYM3NhfAa14dY1nKoG7rqLOvLHB3I08QnyGUUWw"
    may = ["data-scan", "model-scan"]
    from = 2026-01-01T00:00:00Z
    until = 2026-07-01T00:00:00Z

    [collector.revoked]
    at = 2026-04-01T00:00:00Z
    reason = "laptop lost"
    "#);
    let trust = opened(&first);
    assert_eq!(*trust.content(), content());
    assert!(trust.self_attested() && trust.root_pinned());
    let (log, other) = (content().log.key().fingerprint(), root().fingerprint());
    assert_eq!(trust.check_log(&log), Ok(()));
    assert_eq!(trust.check_log(&other), Err(TrustFault::OtherLog { pinned: other, found: log }));
    let unpinned =
        Trust::open(first.toml.as_bytes(), &first.envelope, None, &root().verifying_key()).unwrap();
    assert!(!unpinned.root_pinned());
}

#[test]
fn only_the_exact_bytes_that_the_pinned_root_signed_are_believed() {
    let signed = content().sign(None, &root()).unwrap();
    let (bytes, key) = (signed.toml.as_bytes(), root().verifying_key());
    let pinned = key.fingerprint();
    let open = |bytes: &[u8], envelope: &Envelope, key: &VerifyingKey| {
        Trust::open(bytes, envelope, Some(&pinned), key).unwrap_err()
    };
    let other = SigningKey::from_seed([9; 32]);
    let found = other.fingerprint();
    assert_eq!(
        open(bytes, &signed.envelope, &other.verifying_key()),
        TrustFault::OtherRoot { pinned, found }
    );

    let by_other = Envelope::sign_bytes(TRUST_PAYLOAD, bytes.to_vec(), &other);
    assert_eq!(open(bytes, &by_other, &key), TrustFault::NotSigned { root: pinned });
    // A collector's statement type is not the trust file's, even under the root key.
    let other_type = Envelope::sign_bytes(crate::IN_TOTO_PAYLOAD, bytes.to_vec(), &root());
    assert_eq!(open(bytes, &other_type, &key), TrustFault::NotSigned { root: pinned });

    let spaced = format!("{}\n", signed.toml);
    assert_eq!(open(spaced.as_bytes(), &signed.envelope, &key), TrustFault::OtherBytes);
}

#[test]
fn each_file_follows_the_one_before() {
    let first = opened(&content().sign(None, &root()).unwrap());
    let second = opened(&content().sign(Some(&first), &root()).unwrap());
    let third = opened(&content().sign(Some(&second), &root()).unwrap());
    let mut changed = content();
    changed.self_attested = false;
    let fork = opened(&changed.sign(Some(&first), &root()).unwrap());
    let after_fork = opened(&content().sign(Some(&fork), &root()).unwrap());

    for (newer, known, expected) in [
        (&first, &first, Ok(())),
        (&second, &first, Ok(())),
        (&third, &second, Ok(())),
        (&first, &second, Err(TrustFault::RolledBack { serial: 1, known: 2 })),
        (&second, &third, Err(TrustFault::RolledBack { serial: 2, known: 3 })),
        (&third, &first, Err(TrustFault::Gap { serial: 3, known: 1 })),
        (&fork, &second, Err(TrustFault::Forked { serial: 2 })),
        (&after_fork, &second, Err(TrustFault::Forked { serial: 3 })),
    ] {
        assert_eq!(newer.follows(&known.head()), expected, "{} after {}", newer.serial, known.serial);
    }
}

#[test]
fn a_revocation_stands_in_all_later_files() {
    let first = opened(&content().sign(None, &root()).unwrap());
    let key = SigningKey::from_seed([4; 32]).fingerprint();
    let with = |time: Option<&str>| {
        let mut next = content();
        next.collectors[1].revoked =
            time.map(|time| Revocation { at: at(time), reason: "laptop lost".to_owned() });
        next.sign(Some(&first), &root()).map(|_| ())
    };
    assert_eq!(with(Some("2026-04-01T00:00:00Z")), Ok(()));
    assert_eq!(with(Some("2026-03-01T00:00:00Z")), Ok(()));
    assert_eq!(with(Some("2026-04-01T00:00:01Z")), Err(TrustFault::Unrevoked { key }));
    assert_eq!(with(None), Err(TrustFault::Unrevoked { key }));
    let mut without = content();
    without.collectors.truncate(1);
    assert!(without.sign(Some(&first), &root()).is_ok());
    without.project = "intranet".to_owned();
    assert_eq!(without.sign(Some(&first), &root()), Err(TrustFault::Forked { serial: 2 }));
}

#[test]
fn a_key_has_one_role() {
    let twice = |edit: fn(&mut TrustContent)| {
        let mut content = content();
        edit(&mut content);
        match content.sign(None, &root()) {
            Err(TrustFault::KeyUsedTwice { one, other, .. }) => Some((one, other)),
            _ => None,
        }
    };
    assert_eq!(twice(|_| {}), None);
    let log =
        |content: &mut TrustContent, key| content.log = NoteVerifier::new(content.log.name().clone(), key);
    assert_eq!(
        twice(|content| content.collectors[0].key = root().verifying_key()),
        Some((KeyRole::Root, KeyRole::Collector))
    );
    let mut content = content();
    log(&mut content, root().verifying_key());
    assert!(matches!(content.sign(None, &root()), Err(TrustFault::KeyUsedTwice { other: KeyRole::Log, .. })));
    assert_eq!(
        twice(|content| content.collectors[0].key = *content.log.key()),
        Some((KeyRole::Log, KeyRole::Collector))
    );
    assert_eq!(
        twice(|content| content.collectors[0].key = content.collectors[1].key),
        Some((KeyRole::Collector, KeyRole::Collector))
    );
}

#[test]
fn a_file_that_is_not_understood_in_full_is_refused() {
    let toml = content().sign(None, &root()).unwrap().toml;
    let first_from = "from = 2026-01-01T00:00:00Z";
    for (old, new, why) in [
        ("format = 1", "format = 2", "its format is 2"),
        ("serial = 1", "serial = 2", "every later one has"),
        ("serial = 1", "serial = 0", "every later one has"),
        ("serial = 1", "serial = -1", "invalid value"),
        ("self_attested", "self_atested", "unknown field"),
        ("may = [", "unless = [\"model-scan\"]\nmay = [", "unknown field"),
        ("reason =", "except = 1\nreason =", "unknown field"),
        ("\"model-scan\"", "\"modelscan\"", "unknown variant"),
        ("\"model-scan\"", "\"data-scan\"", "one kind stands twice"),
        ("may = [\"data-scan\", \"model-scan\"]", "may = []", "may state nothing"),
        ("\"model-scan\"", "\"trust\"", "which the root key alone may"),
        (first_from, "from = 2026-01-01", "no date, time or offset"),
        (first_from, "from = 2026-01-01T00:00:00", "no date, time or offset"),
        (first_from, "from = 2026-07-01T00:00:00Z", "ends before it begins"),
        ("key = \"MCow", "key = \"MCox", "not an Ed25519 key"),
        ("key = \"MCow", "key = \"%", "not the base64 of a key"),
        ("name = \"ci\"", "name = \"\"", "the collector name"),
        ("name = \"ci\"", "name = \"c\\u001bi\"", "the collector name"),
        ("fingerprint = \"SHA256:", "fingerprint = \"SHA256:A", "key fingerprint"),
        ("project =", "project = \"x\"\nproject =", "duplicate key"),
    ] {
        assert!(toml.contains(old), "{old}");
        let changed = toml.replacen(old, new, 1);
        let envelope = Envelope::sign_bytes(TRUST_PAYLOAD, changed.clone().into_bytes(), &root());
        let fault = Trust::open(changed.as_bytes(), &envelope, None, &root().verifying_key()).unwrap_err();
        assert!(fault.to_string().contains(why), "{new}: {fault}");
    }
    let fingerprints: Vec<_> = toml.lines().filter(|line| line.starts_with("fingerprint")).collect();
    let swapped = toml.replacen(fingerprints[0], fingerprints[1], 1);
    let envelope = Envelope::sign_bytes(TRUST_PAYLOAD, swapped.clone().into_bytes(), &root());
    let fault = Trust::open(swapped.as_bytes(), &envelope, None, &root().verifying_key()).unwrap_err();
    assert!(fault.to_string().contains("is not that of its key"), "{fault}");
}

#[test]
fn the_finding_says_what_happened() {
    let fault = TrustFault::RolledBack { serial: 3, known: 4 };
    let occurrence = fault.occurrence(Location::file("trust.toml"));
    assert_eq!(occurrence.rule.code.as_str(), "TRU006");
    insta::assert_snapshot!(occurrence.message, @"No evidence can be judged: trust file was rolled back: it has serial 3, and serial 4 has been seen.");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Under the true root key, bytes and envelope both from outside: nothing that was changed is believed.
    #[test]
    fn no_changed_file_is_believed(at: proptest::sample::Index, flip in 1_u8.., which: bool) {
        let signed = content().sign(None, &root()).unwrap();
        let mut bytes = signed.toml.clone().into_bytes();
        let mut envelope = signed.envelope.to_bytes();
        let changed = if which { &mut bytes } else { &mut envelope };
        let at = at.index(changed.len());
        changed[at] ^= flip;
        let Ok(envelope) = Envelope::parse(&envelope) else { return Ok(()) };
        match Trust::open(&bytes, &envelope, None, &root().verifying_key()) {
            // Only the envelope's hint or the spelling of its base64 can have changed.
            Ok(trust) => prop_assert_eq!((trust.content(), which), (&content(), false)),
            Err(fault) => {
                let expected = matches!(fault, TrustFault::NotSigned { .. } | TrustFault::OtherBytes);
                prop_assert!(expected, "{fault}");
            }
        }
    }

    /// What a careless root key signs is read without a panic, whatever it is.
    #[test]
    fn a_signed_but_mangled_file_never_panics(
        at: proptest::sample::Index,
        insert in "[\\[\\]{}\"=.\n #a-z0-9\u{0}-\u{1f}]{0,12}",
    ) {
        let mut toml = content().sign(None, &root()).unwrap().toml;
        toml.insert_str(at.index(toml.len()), &insert);
        let envelope = Envelope::sign_bytes(TRUST_PAYLOAD, toml.clone().into_bytes(), &root());
        let _ = Trust::open(toml.as_bytes(), &envelope, None, &root().verifying_key());
    }
}

mod outside;
