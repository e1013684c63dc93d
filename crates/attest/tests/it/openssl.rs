//! Time stamps of authorities that the `openssl` command runs. It is part of every Debian and of the runners of CI;
//! where it is missing, these tests fail.

use std::{
    path::Path,
    process::{Command, Output},
};

use bartizan_attest::{TimestampAuthority, TimestampFault, TimestampToken, timestamp_request};
use bartizan_finding::Digest;
use jiff::SignedDuration;

const NONCE: u64 = 0xfedc_ba98_7654_3210;

/// How an authority signs: its key, the hash, the hash that its certificate is signed with, and the hash that names
/// its certificate.
struct Kind {
    root: &'static [&'static str],
    key: &'static [&'static str],
    digest: &'static str,
    certified_with: &'static str,
    named_by: &'static str,
}

const RSA: &[&str] = &["rsa:2048"];
const P256: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"];

#[expect(clippy::disallowed_methods, reason = "the authority is another program")]
fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments).output().expect("the openssl command is installed")
}

fn run(folder: &Path, arguments: &[&str]) {
    let output = openssl(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[expect(clippy::disallowed_methods, reason = "openssl wrote it just now")]
fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).expect("openssl wrote it just now")
}

/// Makes a root and an authority under it.
fn establish(folder: &Path, kind: &Kind) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("the folder is ours");
    write("usage.cnf", "extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n");
    write("serial", "01\n");
    let (digest, named_by) = (kind.digest, kind.named_by);
    write(
        "ts.cnf",
        &format!(
            "[tsa]\nserial = serial\nsigner_cert = tsa.pem\ncerts = root.pem\nsigner_key = tsa.key\n\
             signer_digest = {digest}\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n\
             accuracy = secs:1, millisecs:500, microsecs:100\nordering = yes\ntsa_name = yes\n\
             clock_precision_digits = 3\ness_cert_id_chain = no\ness_cert_id_alg = {named_by}\n\
             [picky]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = {digest}\n\
             default_policy = 1.2.3.4.1\ndigests = sha512\n"
        ),
    );
    let certified_with = format!("-{}", kind.certified_with);
    let new = |key: &'static [&'static str], more: &[&'static str]| {
        let made = [&["req", "-nodes", "-newkey"], key, more].concat();
        run(folder, &made);
    };
    new(
        kind.root,
        &["-x509", "-days", "30", "-subj", "/CN=Test Root", "-keyout", "root.key", "-out", "root.pem"],
    );
    new(kind.key, &["-subj", "/CN=Test TSA", "-keyout", "tsa.key", "-out", "tsa.csr"]);
    run(
        folder,
        &[
            "x509",
            "-req",
            "-in",
            "tsa.csr",
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-set_serial",
            "7",
            "-days",
            "30",
            "-extfile",
            "usage.cnf",
            "-out",
            "tsa.pem",
            &certified_with,
        ],
    );
    for name in ["root", "tsa"] {
        run(
            folder,
            &["x509", "-in", &format!("{name}.pem"), "-outform", "DER", "-out", &format!("{name}.der")],
        );
    }
}

/// The authority's answer to our request.
fn answer(folder: &Path, section: &str, imprint: &Digest) -> Vec<u8> {
    std::fs::write(folder.join("request.tsq"), timestamp_request(imprint, NONCE))
        .expect("the folder is ours");
    // A refusal is an answer too, with another exit code.
    openssl(
        folder,
        &[
            "ts",
            "-reply",
            "-config",
            "ts.cnf",
            "-section",
            section,
            "-queryfile",
            "request.tsq",
            "-out",
            "response.tsr",
        ],
    );
    read(folder, "response.tsr")
}

fn authority(folder: &Path, name: &str) -> TimestampAuthority {
    let [pem, der] = ["pem", "der"].map(|form| read(folder, &format!("{name}.{form}")));
    let authority = TimestampAuthority::new(name, &pem).expect("openssl made a certificate");
    assert_eq!(authority.certificate, der, "either form gives the same");
    authority
}

#[test]
fn time_stamps_of_openssl_verify() {
    let kind =
        |root, key, digest, certified_with, named_by| Kind { root, key, digest, certified_with, named_by };
    let [imprint, other] = [b"checkpoint".as_slice(), b"other"].map(Digest::of);
    for (at, kind) in [
        kind(RSA, RSA, "sha256", "sha256", "sha1"),
        kind(P384, RSA, "sha512", "sha384", "sha256"),
        kind(RSA, P256, "sha256", "sha512", "sha256"),
        kind(P256, P384, "sha384", "sha256", "sha384"),
    ]
    .iter()
    .enumerate()
    {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        establish(folder, kind);
        let response = answer(folder, "tsa", &imprint);
        let token = TimestampToken::from_response(&response).unwrap();
        let [root, tsa] = ["root", "tsa"].map(|name| authority(folder, name));

        let stamp = token.verify(&imprint, Some(NONCE), std::slice::from_ref(&root));
        let stamp = stamp.unwrap_or_else(|fault| panic!("case {at}: {fault}"));
        assert_eq!((stamp.by.as_str(), stamp.policy.as_str()), ("root", "1.2.3.4.1"));
        assert_eq!(stamp.accuracy, Some(SignedDuration::from_micros(1_500_100)));
        assert_eq!(stamp.serial, "02", "the first serial behind 01");
        assert_eq!(token.verify(&imprint, None, &[tsa]).map(|stamp| stamp.by), Ok("tsa".to_owned()));

        let stamp = |imprint, nonce| token.verify(imprint, nonce, std::slice::from_ref(&root));
        assert_eq!(stamp(&other, None), Err(TimestampFault::OtherImprint));
        assert_eq!(stamp(&imprint, Some(1)), Err(TimestampFault::OtherNonce));
        assert!(matches!(token.verify(&imprint, None, &[]), Err(TimestampFault::UnknownAuthority { .. })));

        // Each byte of the signature and of the signed time counts.
        let der = token.to_der();
        for place in (der.len() - 40)..der.len() {
            let mut changed = der.to_vec();
            changed[place] ^= 1;
            let verdict = TimestampToken::parse(&changed)
                .and_then(|token| token.verify(&imprint, None, std::slice::from_ref(&root)));
            assert!(verdict.is_err(), "case {at}, byte {place}: {verdict:?}");
        }
    }
}

#[test]
fn a_refusal_of_openssl_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let kind = Kind { root: P256, key: P256, digest: "sha256", certified_with: "sha256", named_by: "sha256" };
    establish(folder, &kind);
    let fault =
        TimestampToken::from_response(&answer(folder, "picky", &Digest::of(b"checkpoint"))).unwrap_err();
    let TimestampFault::NotGranted { status, why } = &fault else { panic!("{fault}") };
    assert_eq!(*status, "rejection");
    assert!(why.contains("the algorithm is not supported"), "{fault}");

    // The authority of one project is a stranger to another.
    let other = tempfile::tempdir().unwrap();
    establish(other.path(), &kind);
    let imprint = Digest::of(b"checkpoint");
    let token = TimestampToken::from_response(&answer(folder, "tsa", &imprint)).unwrap();
    let verdict = token.verify(&imprint, Some(NONCE), &[authority(other.path(), "root")]);
    assert!(matches!(verdict, Err(TimestampFault::UnknownAuthority { .. })), "{verdict:?}");
}

/// The command itself understands what we ask.
#[test]
fn a_request_of_ours_reads() {
    let folder = tempfile::tempdir().unwrap();
    let imprint = Digest::of(b"checkpoint");
    std::fs::write(folder.path().join("request.tsq"), timestamp_request(&imprint, NONCE)).unwrap();
    let output = openssl(folder.path(), &["ts", "-query", "-in", "request.tsq", "-text"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Hash Algorithm: sha256") && text.contains("Nonce: 0xFEDCBA9876543210"), "{text}");
    assert!(text.contains("Certificate required: yes"), "{text}");
}
