use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    SigningKey, TRUST_PAYLOAD, TrustContent,
    envelope::tests::likely_bytes,
    statement::tests::sample,
    trust::tests::{at, collector_key, content, opened, root},
};

/// A case: the statement, how it is signed, and how it was seen. It starts as evidence that counts.
struct Case {
    trust: TrustContent,
    statement: Statement,
    keys: Vec<u8>,
    change: fn(Envelope) -> Vec<u8>,
    expect: Expect<'static>,
    seen: Seen,
}

/// Spoils a case, or tries to.
type Edit = fn(&mut Case);

fn good() -> Case {
    Case {
        trust: content(),
        statement: sample(),
        keys: vec![3],
        change: |envelope| envelope.to_bytes(),
        expect: Expect { project: "helpdesk", predicate: Some(PredicateKind::ModelScan) },
        seen: Seen {
            logged_at: Some(at("2026-05-01T12:00:01Z")),
            witnessed: None,
            as_of: at("2026-05-02T00:00:00Z"),
        },
    }
}

impl Case {
    fn judge(&self) -> Result<Verified, Refusal> {
        let trust = opened(&self.trust.sign(None, &root()).unwrap());
        let mut keys = self.keys.iter().map(|seed| SigningKey::from_seed([*seed; 32]));
        let mut envelope = Envelope::sign(&self.statement, &keys.next().unwrap()).unwrap();
        keys.for_each(|key| envelope.countersign(&key));
        let envelope = Envelope::parse(&(self.change)(envelope)).unwrap();
        trust.judge(&envelope, &self.expect, &self.seen)
    }
}

#[test]
fn evidence_of_an_entitled_collector_counts() {
    let verified = good().judge().unwrap();
    assert_eq!(verified.statement, sample());
    assert_eq!(verified.collector, "ci");
    assert_eq!(verified.key, collector_key().fingerprint());
}

/// What is accepted, edge by edge.
#[test]
fn these_count() {
    let cases: &[(&str, Edit)] = &[
        ("not logged yet", |c| c.seen.logged_at = None),
        ("no kind is asked for", |c| c.expect.predicate = None),
        ("expired: that is a matter of status", |c| c.seen.as_of = at("2027-01-01T00:00:00Z")),
        ("collected the moment the key becomes valid", |c| {
            date(&mut c.statement, "2026-01-01T00:00:00Z");
        }),
        ("logged the last moment it is valid", |c| {
            c.seen.logged_at = Some(at("2026-06-30T23:59:59.999Z"));
            c.seen.as_of = at("2026-08-01T00:00:00Z");
        }),
        ("five minutes ahead of the log", |c| c.seen.logged_at = Some(at("2026-05-01T11:55:00Z"))),
        ("five minutes ahead of the run", |c| {
            c.seen.logged_at = None;
            c.seen.as_of = at("2026-05-01T11:55:00Z");
        }),
        ("revoked, but witnessed before", |c| {
            by_old(c, "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z");
            c.seen.witnessed = c.seen.logged_at;
        }),
        ("an unknown key signed too", |c| c.keys = vec![9, 3]),
        ("a collector signed too that may not", |c| c.keys = vec![4, 3]),
        ("a forged line stands beside", |c| {
            c.keys = vec![3, 4];
            c.change = |envelope| {
                edit_json(&envelope, |v| v["signatures"][1]["sig"] = v["signatures"][0]["sig"].clone())
            };
        }),
        ("the hint names another collector", |c| {
            c.change = |envelope| {
                let other = SigningKey::from_seed([4; 32]).fingerprint().to_string();
                edit_json(&envelope, |v| v["signatures"][0]["keyid"] = json!(other))
            };
        }),
        ("there is no hint", |c| {
            c.change = |envelope| {
                edit_json(&envelope, |v| {
                    v["signatures"][0].as_object_mut().unwrap().remove("keyid");
                })
            };
        }),
    ];
    for (what, edit) in cases {
        let mut case = good();
        edit(&mut case);
        let verdict = case.judge();
        assert!(verdict.is_ok(), "{what}: {verdict:?}");
    }
}

/// Each refusal, by its rule and in its words.
const REFUSED: &[(&str, &str, Edit)] = &[
    ("TRU001", "it is not signed", |c| {
        c.change = |envelope| edit_json(&envelope, |v| v["signatures"] = json!([]));
    }),
    ("TRU001", "signed by the key SHA256:", |c| c.keys = vec![9]),
    ("TRU001", "signed by a key that the trust file does not name", |c| {
        c.keys = vec![9];
        c.change = |envelope| edit_json(&envelope, |v| v["signatures"][0]["keyid"] = json!("\u{1b}[2Jci"));
    }),
    ("TRU001", "that the trust file does not name", |c| c.trust.collectors.clear()),
    ("TRU001", "it says that it is by `release`, but the key is that of `ci`", |c| {
        c.statement.predicate.collector = "release".to_owned();
    }),
    ("TRU001", "`ci` may not make approval statements", |c| {
        c.statement.kind = PredicateKind::Approval;
        c.expect.predicate = Some(PredicateKind::Approval);
    }),
    ("TRU001", "`ci` may not make model-scan statements", |c| {
        c.trust.collectors[0].may = BTreeSet::from([PredicateKind::DataScan]);
    }),
    ("TRU001", "not valid at 2025-12-31T23:59:59Z", |c| date(&mut c.statement, "2025-12-31T23:59:59Z")),
    ("TRU001", "not valid at 2026-07-01T00:00:00Z", |c| {
        date(&mut c.statement, "2026-07-01T00:00:00Z");
        c.seen.logged_at = Some(at("2026-07-01T00:00:00Z"));
        c.seen.as_of = at("2026-07-02T00:00:00Z");
    }),
    ("TRU001", "not valid at 2026-07-01T00:00:00Z", |c| {
        c.seen.logged_at = Some(at("2026-07-01T00:00:00Z"));
        c.seen.as_of = at("2026-07-02T00:00:00Z");
    }),
    ("TRU001", "not valid at 2026-08-01T00:00:00Z", |c| {
        c.seen.logged_at = None;
        c.seen.as_of = at("2026-08-01T00:00:00Z");
    }),
    ("TRU008", "not by the key of `ci` that it names", |c| {
        c.change = |envelope| edit_json(&envelope, |v| v["payload"] = json!("e30="));
    }),
    ("TRU008", "not by the key of `ci` that it names", |c| {
        c.keys = vec![9];
        c.change = |envelope| {
            let ci = collector_key().fingerprint().to_string();
            edit_json(&envelope, |v| v["signatures"][0]["keyid"] = json!(ci))
        };
    }),
    ("TRU003", "its payload type is", |c| {
        c.change = |envelope| {
            Envelope::sign_bytes(TRUST_PAYLOAD, envelope.payload().to_vec(), &collector_key()).to_bytes()
        };
    }),
    ("TRU003", "it cannot be read: statement is malformed", |c| {
        c.change = |_| Envelope::sign_bytes(IN_TOTO_PAYLOAD, b"{}".to_vec(), &collector_key()).to_bytes();
    }),
    ("TRU003", "a model-scan statement where data-scan is called for", |c| {
        c.expect.predicate = Some(PredicateKind::DataScan);
    }),
    ("TRU007", "about the project `intranet` and not `helpdesk`", |c| {
        c.statement.predicate.project.name = "intranet".to_owned();
    }),
    ("TRU007", "about the project `intranet` and not `helpdesk`", |c| {
        c.trust.project = "intranet".to_owned();
    }),
    ("TRU007", "about the project `helpdesk` and not `intranet`", |c| c.expect.project = "intranet"),
    ("TRU004", "dated 2026-05-01T12:00:00Z, later than 2026-05-01T11:54:59Z", |c| {
        c.seen.logged_at = Some(at("2026-05-01T11:54:59Z"));
    }),
    ("TRU004", "dated 2026-05-01T12:00:00Z, later than 2026-05-01T11:54:59Z", |c| {
        c.seen.logged_at = None;
        c.seen.as_of = at("2026-05-01T11:54:59Z");
    }),
    ("TRU004", "dated 2026-05-02T00:05:01Z, later than 2026-05-02T00:00:00Z", |c| {
        c.seen.logged_at = Some(at("2026-05-02T00:05:01Z"));
    }),
    // Each step is within the tolerance, both together are not.
    ("TRU004", "dated 2026-05-01T12:00:00Z, later than 2026-05-01T11:53:00Z", |c| {
        c.seen.logged_at = Some(at("2026-05-01T11:57:00Z"));
        c.seen.as_of = at("2026-05-01T11:53:00Z");
    }),
    ("TRU005", "`old` is revoked from 2026-04-01T00:00:00Z", |c| {
        by_old(c, "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z");
    }),
    ("TRU005", "`old` is revoked", |c| {
        by_old(c, "2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z");
        c.seen.witnessed = Some(at("2026-03-31T23:59:59Z"));
    }),
    ("TRU005", "`old` is revoked", |c| {
        // The collector's clock ran ahead within the tolerance: its own word puts it after the compromise.
        by_old(c, "2026-04-01T00:00:00Z", "2026-03-31T23:59:59Z");
        c.seen.witnessed = Some(at("2026-03-31T23:59:59Z"));
    }),
    ("TRU005", "`old` is revoked", |c| {
        // The log says that it was there before; who saw it first from outside did so afterwards.
        by_old(c, "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z");
        c.seen.witnessed = Some(at("2026-04-01T00:00:00Z"));
    }),
    ("TRU005", "`old` is revoked", |c| {
        by_old(c, "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z");
        c.seen.logged_at = None;
        c.seen.witnessed = Some(at("2026-03-31T23:59:59Z"));
    }),
];

#[test]
fn each_refusal_names_its_cause() {
    let mut seen = BTreeSet::new();
    for (code, words, edit) in REFUSED {
        let mut case = good();
        edit(&mut case);
        let refusal = case.judge().unwrap_err();
        let variant = format!("{refusal:?}");
        seen.extend(variant.split([' ', '(']).next().map(str::to_owned));
        let occurrence = refusal.occurrence(Location::file("ledger"));
        assert_eq!(occurrence.rule.code.as_str(), *code, "{refusal}");
        assert!(occurrence.message.contains(words), "{words}: {}", occurrence.message);
        assert!(!occurrence.message.contains('\u{1b}'));
    }
    let seen: Vec<_> = seen.iter().map(String::as_str).collect();
    let all = "BadSignature FutureDated Malformed NotEntitled NotValidThen OtherCollector OtherPredicate \
               OtherProject Revoked UnknownKey Unsigned";
    assert_eq!(seen.join(" "), all);
}

/// What comes in a bundle is not logged yet: it is judged by the time of the import.
#[test]
fn what_is_imported_is_refused_by_name() {
    let cases: &[(&str, &str, Edit)] = &[
        ("TRU001", "it is not signed", |c| {
            c.change = |envelope| edit_json(&envelope, |v| v["signatures"] = json!([]));
        }),
        ("TRU001", "that the trust file does not name", |c| c.keys = vec![9]),
        ("TRU001", "`ci` may not make redteam-run statements", |c| {
            c.statement.kind = PredicateKind::RedteamRun;
        }),
        ("TRU001", "not valid at 2025-12-31T00:00:00Z, only from 2026-01-01T00:00:00Z", |c| {
            date(&mut c.statement, "2025-12-31T00:00:00Z");
        }),
        ("TRU001", "not valid at 2026-07-01T00:00:00Z, only from 2026-01-01T00:00:00Z until", |c| {
            c.seen.as_of = at("2026-07-01T00:00:00Z");
        }),
        ("TRU003", "a model-scan statement where data-scan is called for", |c| {
            c.expect.predicate = Some(PredicateKind::DataScan);
        }),
        ("TRU003", "its payload type is `application/vnd.bartizan.trust+toml`", |c| {
            c.change = |envelope| {
                Envelope::sign_bytes(TRUST_PAYLOAD, envelope.payload().to_vec(), &root()).to_bytes()
            };
        }),
        ("TRU004", "later than 2026-05-01T11:00:00Z when it was seen", |c| {
            c.seen.as_of = at("2026-05-01T11:00:00Z");
        }),
        ("TRU005", "`old` is revoked", |c| {
            c.keys = vec![4];
            c.statement.predicate.collector = "old".to_owned();
        }),
        ("TRU007", "about the project `intranet` and not `helpdesk`", |c| {
            c.statement.predicate.project.name = "intranet".to_owned();
        }),
        ("TRU008", "changed after signing, or forged", |c| {
            c.change = |envelope| edit_json(&envelope, |v| v["payload"] = json!("e30="));
        }),
    ];
    for (code, words, edit) in cases {
        let mut case = good();
        case.expect.predicate = None;
        case.seen.logged_at = None;
        assert!(case.judge().is_ok());
        edit(&mut case);
        let refusal = case.judge().unwrap_err();
        assert!(refusal.to_string().contains(words), "{words}: {refusal}");
        assert_eq!(refusal.rule().code.as_str(), *code, "{refusal}");
    }
}

#[test]
fn evidence_expires_by_its_own_word() {
    let verified = good().judge().unwrap();
    let expires = verified.statement.predicate.expires;
    assert!(!verified.is_expired(expires - jiff::SignedDuration::from_nanos(1)));
    assert!(verified.is_expired(expires));
}

#[test]
fn a_refusal_reads_like_this() {
    let mut case = good();
    case.statement.predicate.collector = "ci\u{202e}\u{7}".to_owned();
    assert!(Envelope::sign(&case.statement, &collector_key()).is_err());
    case.statement.predicate.collector = "ci\u{202e}".to_owned();
    let message = case.judge().unwrap_err().occurrence(Location::file("ledger")).message;
    insta::assert_snapshot!(message, @r#"This evidence does not count: it says that it is by `ci\u{202e}`, but the key is that of `ci`."#);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whatever is done to the bytes of an envelope, what counts is what the collector signed.
    #[test]
    fn only_what_was_signed_counts(
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), likely_bytes()), 1..4),
    ) {
        let case = good();
        let trust = opened(&case.trust.sign(None, &root()).unwrap());
        let mut bytes = Envelope::sign(&case.statement, &collector_key()).unwrap().to_bytes();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(envelope) = Envelope::parse(&bytes)
            && let Ok(verified) = trust.judge(&envelope, &case.expect, &case.seen)
        {
            prop_assert_eq!(verified.statement, case.statement);
        }
    }
}

/// Makes the case one of the collector `old`, whose key was revoked from April on.
fn by_old(case: &mut Case, collected: &str, logged: &str) {
    case.keys = vec![4];
    case.statement.predicate.collector = "old".to_owned();
    date(&mut case.statement, collected);
    case.seen.logged_at = Some(at(logged));
}

fn date(statement: &mut Statement, collected: &str) {
    statement.predicate.collected = at(collected);
    statement.predicate.bytes_read_at = at(collected);
    statement.predicate.expires = at("2026-12-31T00:00:00Z");
}

fn edit_json(envelope: &Envelope, edit: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(&envelope.to_bytes()).unwrap();
    edit(&mut value);
    serde_json::to_vec(&value).unwrap()
}
