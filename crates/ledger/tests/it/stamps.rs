//! A checkpoint that an authority of the `openssl` command has stamped. Where the command is missing, this fails.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]
#![expect(
    clippy::disallowed_methods,
    reason = "the authority is another program, which reads and writes files"
)]

use std::{fs, path::Path, process::Command, sync::Arc};

use bartizan_attest::{TimestampAuthority, TimestampToken, timestamp_request};
use bartizan_ledger::{AnchorFault, AnchorKind, Anchors, MemoryFs, anchor::imprint, fs::Fs as _};

use crate::{
    anchors::{cosigned, trust_with},
    support::{at, drafts, filled},
};

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let output =
        command.current_dir(folder).args(arguments.split(' ')).output().expect("openssl is installed");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority that signs its own certificate.
fn establish(folder: &Path) -> TimestampAuthority {
    fs::write(folder.join("serial"), "01\n").unwrap();
    let settings = "[tsa]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n\
        default_policy = 1.2.3.4.1\ndigests = sha256\naccuracy = secs:2\ness_cert_id_alg = sha256\n";
    fs::write(folder.join("ts.cnf"), settings).unwrap();
    openssl(
        folder,
        "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 30 -subj /CN=TSA \
         -addext extendedKeyUsage=critical,timeStamping -keyout tsa.key -out tsa.pem",
    );
    TimestampAuthority::new("tsa", &fs::read(folder.join("tsa.pem")).unwrap()).unwrap()
}

/// The token that the authority gives for a checkpoint.
fn stamped(folder: &Path, checkpoint: &[u8]) -> TimestampToken {
    let request = timestamp_request(&imprint(checkpoint).unwrap(), 7);
    fs::write(folder.join("request.tsq"), request).unwrap();
    openssl(folder, "ts -reply -config ts.cnf -section tsa -queryfile request.tsq -out response.tsr");
    TimestampToken::from_response(&fs::read(folder.join("response.tsr")).unwrap()).unwrap()
}

#[test]
fn openssl_stamps_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let trust = trust_with(vec![establish(folder.path())]);
    let (_, ledger) = filled(3);
    let head = ledger.head().unwrap();
    let token = stamped(folder.path(), head.note.as_bytes());
    let fs = MemoryFs::new();
    let anchors = Anchors::open(Arc::new(fs.clone()));
    // Kept with cosignatures, it is over the same text.
    anchors.keep_stamp(&cosigned(&head, "one", 11, at(5)), token.to_der()).unwrap();
    ledger.append(&drafts(3..9), at(10)).unwrap();
    let view = ledger.view().unwrap();
    let (found, faults) = anchors.verified(&view, &trust).unwrap();
    assert_eq!(faults, []);
    let kinds: Vec<_> = found.iter().map(|anchor| (anchor.size, anchor.kind, anchor.by.as_str())).collect();
    assert!(
        kinds.contains(&(3, AnchorKind::Timestamp, "tsa"))
            && kinds.contains(&(3, AnchorKind::Witness, "one"))
    );
    let stamp =
        token.verify(&imprint(head.note.as_bytes()).unwrap(), None, &trust.content().authorities).unwrap();
    let anchor = found.iter().find(|anchor| anchor.kind == AnchorKind::Timestamp).unwrap();
    assert_eq!(
        anchor.at.duration_since(stamp.at).as_secs(),
        2,
        "the latest moment that the accuracy leaves open"
    );

    // An authority that nobody named is a note; a stamp of another checkpoint is a fault.
    let (_, faults) = anchors.verified(&view, &crate::anchors::trust()).unwrap();
    assert_eq!(faults.iter().map(AnchorFault::counts).collect::<Vec<_>>(), [false], "{faults:?}");
    let other = stamped(folder.path(), ledger.head().unwrap().note.as_bytes());
    let path = fs.files().into_iter().find(|path| path.contains(".tsr")).unwrap();
    fs.put(&path, other.to_der().to_vec());
    let (_, faults) = anchors.verified(&view, &trust).unwrap();
    assert_eq!(faults.iter().map(AnchorFault::counts).collect::<Vec<_>>(), [true], "{faults:?}");
    assert!(fs.read(&path, 70_000).is_ok());
}
