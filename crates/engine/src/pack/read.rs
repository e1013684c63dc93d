//! The files of a pack, each read within its own limit.

use bartizan_attest::{Envelope, MAX_ENVELOPE, MAX_TRUST, Trust, VerifyingKey};
use bartizan_finding::Digest;
use bartizan_ledger::Archive;
use bartizan_project::Project;
use bartizan_report::v1;
use serde::de::DeserializeOwned;

use super::{Assets, Manifest, PAYLOAD, SCHEMA};

/// The most bytes of a report or a list of assets in a pack.
const MAX_JSON: u64 = 512 << 20;

/// An opened pack. Its signature is verified, its log is not.
pub(super) struct Opened {
    pub(super) archive: Archive,
    pub(super) trust: Trust,
    pub(super) manifest: Manifest,
    pub(super) project: Project,
    pub(super) assets: Assets,
    pub(super) report: v1::Report,
}

impl Opened {
    /// Opens a pack whose root key is `pinned`, or any where none is.
    pub(super) fn new(archive: Archive, pinned: Option<&str>) -> Result<Self, String> {
        if let Some(path) = archive.paths().find(|path| !is_of_a_pack(path)) {
            return Err(format!("it holds `{}`, which no pack has", bartizan_artifact::escape(path, 120)));
        }
        let trust = trust(&archive, pinned)?;
        let manifest: Manifest = from_json("pack.json", &file(&archive, "pack.json", 1 << 20)?)?;
        if manifest.schema != SCHEMA {
            return Err(format!("its schema is not {SCHEMA}"));
        }
        check_signature(&archive, &trust, &manifest)?;
        for name in ["assets.json", "bartizan.toml", "report.json"] {
            if !manifest.files.contains_key(name) {
                return Err(format!("pack.json does not bind {name}"));
            }
        }
        for (name, digest) in &manifest.files {
            if Digest::of(&file(&archive, name, MAX_JSON)?) != *digest {
                return Err(format!("{name} is not the file that was packed"));
            }
        }
        let text = file(&archive, "bartizan.toml", bartizan_project::MAX_BYTES)?;
        let text = String::from_utf8(text).map_err(|_| "bartizan.toml is not UTF-8".to_owned())?;
        let parsed = bartizan_project::parse(&text);
        let project = parsed.project.filter(|_| parsed.faults.is_empty());
        Ok(Self {
            project: project.ok_or("bartizan.toml has faults")?,
            assets: from_json("assets.json", &file(&archive, "assets.json", MAX_JSON)?)?,
            report: from_json("report.json", &file(&archive, "report.json", MAX_JSON)?)?,
            archive,
            trust,
            manifest,
        })
    }
}

/// Whether a pack has a file of this path. One that it has not is bound by nothing, and could be taken for a part of
/// what was verified.
fn is_of_a_pack(path: &str) -> bool {
    const NAMES: [&str; 8] = [
        "assets.json",
        "bartizan.toml",
        "pack.dsse",
        "pack.json",
        "report.json",
        "root.pub",
        "trust.toml",
        "trust.toml.dsse",
    ];
    // What lies in the two folders is held against the log.
    NAMES.contains(&path) || path.starts_with("ledger/") || path.starts_with("anchors/")
}

fn trust(archive: &Archive, pinned: Option<&str>) -> Result<Trust, String> {
    let pem = file(archive, "root.pub", 4096)?;
    let root = VerifyingKey::from_pem(&String::from_utf8_lossy(&pem)).map_err(|error| error.to_string())?;
    let pinned =
        pinned.map(str::parse).transpose().map_err(|_| "the root key to rest on is no fingerprint")?;
    let toml = file(archive, "trust.toml", MAX_TRUST as u64)?;
    let envelope = Envelope::parse(&file(archive, "trust.toml.dsse", MAX_ENVELOPE as u64)?);
    let envelope = envelope.map_err(|error| error.to_string())?;
    Trust::open(&toml, &envelope, pinned.as_ref(), &root).map_err(|error| error.to_string())
}

/// The manifest is signed by a collector that the trust file names, and whose key was valid then.
fn check_signature(archive: &Archive, trust: &Trust, manifest: &Manifest) -> Result<(), String> {
    let envelope = Envelope::parse(&file(archive, "pack.dsse", MAX_ENVELOPE as u64)?);
    let envelope = envelope.map_err(|error| error.to_string())?;
    if envelope.payload_type() != PAYLOAD || envelope.payload() != file(archive, "pack.json", 1 << 20)? {
        return Err("its signature is over another pack.json".to_owned());
    }
    let at = manifest.created;
    let mut signers = trust.collectors().iter().filter(|one| envelope.is_signed_by(&one.key));
    let Some(signer) = signers.next() else {
        return Err("it is signed by no collector that its trust file names".to_owned());
    };
    if signer.name != manifest.collector || signer.revoked.is_some() || at < signer.from || at >= signer.until
    {
        return Err(format!(
            "the key of `{}` that signed it is revoked or was not valid at {at}",
            signer.name
        ));
    }
    if manifest.project != trust.project() {
        return Err(format!("it is about another project than its trust file, `{}`", trust.project()));
    }
    Ok(())
}

fn file(archive: &Archive, name: &str, limit: u64) -> Result<Vec<u8>, String> {
    let bytes = archive.file(name).ok_or_else(|| format!("it holds no {name}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!("{name} is larger than {limit} bytes"));
    }
    Ok(bytes.to_vec())
}

fn from_json<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes)
        .map_err(|error| format!("{name} cannot be read: line {}, column {}", error.line(), error.column()))
}
