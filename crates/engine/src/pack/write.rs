use std::io::Write;

use bartizan_attest::Envelope;
use bartizan_finding::Digest;
use bartizan_ledger::{ArchiveWriter, log_files};
use bartizan_report::v1;

use super::{Assets, Manifest, PAYLOAD, SCHEMA};
use crate::{
    check::{Checked, Request},
    error::EngineError,
    outside,
    source::Origin,
    state::{State, TrustFiles},
};

/// Writes the pack of an assessed project.
pub fn write(
    checked: &Checked,
    request: &Request,
    report: &v1::Report,
    out: &mut dyn Write,
) -> Result<Manifest, EngineError> {
    checked.check_recording()?;
    let folder = request.state.clone().unwrap_or_else(|| checked.source.state_folder());
    let state = State::open(&folder, &checked.source.project)?;
    let view = state.ledger.view()?;
    let trust = TrustFiles::read(&folder)?;
    let named = [
        ("assets.json", json(&Assets::of(&checked.assets))),
        ("bartizan.toml", project_file(checked)?),
        ("report.json", json(report)),
    ];
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        project: checked.source.project.name.clone(),
        created: checked.as_of,
        version: request.version.to_owned(),
        collector: state.collector_name.clone(),
        size: view.len(),
        root: view.head().root,
        files: named.iter().map(|(name, bytes)| ((*name).to_owned(), Digest::of(bytes))).collect(),
    };
    let payload = json(&manifest);
    let envelope = Envelope::sign_bytes(PAYLOAD, payload.clone(), &state.collector);
    let mut archive = ArchiveWriter::new(out);
    let failed = |source| EngineError::Write { what: "the pack", source };
    // An archive's files stand in the order of their paths; what is large is read when its turn comes.
    for (path, bytes) in outside::files(&folder)? {
        archive.add(&format!("anchors/{path}"), &bytes).map_err(failed)?;
    }
    let [assets, project, report] = named;
    for (name, bytes) in [assets, project] {
        archive.add(name, &bytes).map_err(failed)?;
    }
    for file in log_files(&view, true)? {
        let (path, bytes) = file?;
        archive.add(&format!("ledger/{path}"), &bytes).map_err(failed)?;
    }
    for (name, bytes) in [
        ("pack.dsse", envelope.to_bytes()),
        ("pack.json", payload),
        report,
        ("root.pub", trust.root.into_bytes()),
        ("trust.toml", trust.toml.into_bytes()),
        ("trust.toml.dsse", trust.envelope.to_string().into_bytes()),
    ] {
        archive.add(name, &bytes).map_err(failed)?;
    }
    archive.finish().map_err(failed)?;
    Ok(manifest)
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("text, numbers and maps with text keys are always JSON")
}

fn project_file(checked: &Checked) -> Result<Vec<u8>, EngineError> {
    let Origin::Declared(path) = &checked.source.origin else {
        return Err(EngineError::NotDeclared(checked.source.root.clone()));
    };
    crate::files::read(path, bartizan_project::MAX_BYTES)
        .map_err(|source| EngineError::Read { path: path.clone(), source })
}
