mod admit;

use std::path::Path;

use anyhow::Context as _;
use bartizan_engine::{
    Mode, Silent, files,
    gate::{
        self, Gates,
        pass::{self, AdmissionVerdict, Pass, Wanted},
    },
    people::Saying,
    state::{self, TrustFiles},
};
use bartizan_finding::{Digest, Severity};
use bartizan_report::text;
use serde_json::json;

use super::{check, exception};
use crate::{
    arguments::{AskArguments, GateArguments, GateCommand, Global, ListFormat, PassArguments},
    environment::Environment,
    exit::Exit,
    output,
};

/// `bartizan gate`
pub(crate) fn run(
    arguments: &GateArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    match &arguments.command {
        None => ask(&arguments.ask, global, environment),
        Some(GateCommand::Verify(pass)) => verify(pass),
        Some(GateCommand::Admit(arguments)) => admit::run(arguments),
        Some(GateCommand::Schema) => {
            let source = bartizan_engine::Source::declared(&environment.folder, global.config.as_deref())?;
            let schema = gate::schema(source.as_ref().map(|source| &source.project))?;
            output::print(schema.text())?;
            Ok(Exit::Done)
        }
        Some(GateCommand::Template { name }) => {
            let source = bartizan_engine::Source::declared(&environment.folder, global.config.as_deref())?;
            output::print(&gate::template(source.as_ref().map(|source| &source.project), name))?;
            Ok(Exit::Done)
        }
        Some(GateCommand::Approve { asset, author, key }) => {
            let (request, checked) = exception::assess(global, environment)?;
            let digest = checked.assets.get(asset).and_then(|bytes| bytes.whole).with_context(|| {
                format!("`{asset}` is no asset of this project whose bytes are here and can all be read")
            })?;
            let saying = Saying::Releases { asset: asset.to_string(), digest, author: author.clone() };
            let said = exception::say_with(&request, key, environment, &saying)?;
            output::print(&format!(
                "{} agrees to the release of {asset} ({digest}); entry {}.\n",
                said.person, said.index
            ))?;
            Ok(Exit::Done)
        }
    }
}

fn ask(arguments: &AskArguments, global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    let name = arguments.name.as_ref().context("name a gate")?;
    let path = environment.folder.clone();
    let mut request = check::request(path, Severity::High, global, environment.heads.clone())?;
    request.mode = Mode::Assess;
    request.organisation = environment.organisation(arguments.organisation.as_deref())?;
    let passphrase = environment.key_passphrase.as_deref();
    request.principal = arguments.key.as_ref().map(|key| state::read_key(key, passphrase)).transpose()?;
    let checked = bartizan_engine::check(&request, &Silent)?;
    let gates = Gates::new(&checked.source.project, request.organisation.as_deref())?;
    let mut ruled = gates.rule(&checked, &request, name, arguments.asset.as_ref())?;
    if !arguments.dry_run && checked.not_recorded.is_none() {
        let decision = gate::record(&checked, &request, &ruled)?;
        ruled.result.index = Some(decision.index);
        if let Some(file) = &arguments.export {
            let trust = TrustFiles::read(&super::state_folder(&checked.source, global))?;
            output::write_file(file, &super::json(&Pass::new(&decision, trust)?)?)?;
        }
    } else if arguments.export.is_some() {
        anyhow::bail!("there is no log to record the decision in, so there is nothing to hand on");
    }
    let shown = match arguments.format {
        ListFormat::Json => super::json(&ruled.result)?,
        ListFormat::Text => text::gate(&ruled.result, &check::text_options(global, environment, true)),
    };
    output::print(&shown)?;
    if let Some(why) = checked.not_recorded.as_ref().filter(|_| !arguments.dry_run) {
        output::talk(&format!("bartizan: the decision is not recorded: {why}"));
    }
    Ok(if ruled.result.verdict.passes() { Exit::Done } else { Exit::Code(1) })
}

fn verify(arguments: &PassArguments) -> anyhow::Result<Exit> {
    let file = &arguments.file;
    let bytes =
        files::read(file, pass::MAX_PASS).with_context(|| format!("cannot read {}", file.display()))?;
    let wanted = Wanted {
        root: &arguments.root,
        gate: &arguments.gate,
        subject: subject(&arguments.subject)?,
        project: arguments.project.as_deref(),
        organisation: arguments.organisation.as_deref().map(gate::organisation_digest).transpose()?,
        now: Environment::now(),
    };
    let admission = match Pass::parse(&bytes) {
        Ok(pass) => match &arguments.trust {
            Some(known) => pass.admit_by(&trust(known)?, &wanted),
            None => pass.admit(&wanted),
        },
        Err(why) => pass::not_believed(&why),
    };
    let shown = match arguments.format {
        ListFormat::Json => super::json(&json!({ "subject": wanted.subject, "admission": admission }))?,
        ListFormat::Text => {
            let mark = if admission.verdict == AdmissionVerdict::Allow { "●" } else { "■" };
            let asked = admission.principal.as_ref().map(|who| format!("  asked by {who}\n"));
            let sentence = bartizan_artifact::escape(&admission.sentence, 600);
            format!("{mark} {sentence}\n{}", asked.unwrap_or_default())
        }
    };
    output::print(&shown)?;
    Ok(match admission.verdict {
        AdmissionVerdict::Allow => Exit::Done,
        AdmissionVerdict::Deny => Exit::Code(1),
        AdmissionVerdict::NotBelieved => Exit::VerificationFailed,
    })
}

/// A trust file as `bartizan trust export` writes it.
fn trust(file: &Path) -> anyhow::Result<TrustFiles> {
    let bytes =
        files::read(file, pass::MAX_PASS).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is not what `bartizan trust export` writes", file.display()))
}

/// What is about to be deployed: a digest, or the bytes at a path.
fn subject(text: &str) -> anyhow::Result<Digest> {
    if text.starts_with("sha256:") {
        return text.parse().with_context(|| format!("`{text}` is no digest"));
    }
    bartizan_engine::digest_of(Path::new(text)).with_context(|| format!("cannot tell the digest of {text}"))
}
