use anyhow::{Context as _, bail};
use bartizan_assure::{Asked, ClaimKind, ClaimScope, ExceptionScope, LossItem, Request, RuleName};
use bartizan_engine::{
    self as engine, Checked, Mode,
    people::{Said, Saying, say},
    record::Listed,
    state,
};
use bartizan_finding::{Digest, GroupId, Location, LossKind, Severity, Timestamp};
use bartizan_report::text;
use jiff::SignedDuration;

use super::check;
use crate::{
    arguments::{
        About, AcceptArguments, ExceptionArguments, ExceptionCommand, Global, KeyArgument, ListFormat, Terms,
    },
    environment::Environment,
    exit::Exit,
    output,
};

/// How long an exception holds where nobody says.
const USUAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a break-glass holds where nobody says.
const USUAL_BREAK_GLASS: SignedDuration = SignedDuration::from_hours(4);

/// `bartizan exception`
pub(crate) fn run(
    command: &ExceptionCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    match command {
        ExceptionCommand::Add(arguments) => add(arguments, global, environment),
        ExceptionCommand::Approve { id, key } => {
            let (request, checked) = assess(global, environment)?;
            let decided = find(&checked, id)?;
            let said = say_with(&request, key, environment, &Saying::Agrees(decided))?;
            output::print(&format!("{} agrees to {id}; entry {}.\n", said.person, said.index))?;
            Ok(Exit::Done)
        }
        ExceptionCommand::Revoke { id, reason, key } => {
            let (request, checked) = assess(global, environment)?;
            let saying = Saying::Revokes { request: find(&checked, id)?, reason: reason.clone() };
            let said = say_with(&request, key, environment, &saying)?;
            output::print(&format!("{} takes {id} back; entry {}.\n", said.person, said.index))?;
            Ok(Exit::Done)
        }
        ExceptionCommand::List { format } => {
            let (request, checked) = assess(global, environment)?;
            let report = engine::outcome::report(&request, &checked, Environment::now())?;
            let listed = match format {
                ListFormat::Json => super::json(&report.decisions)?,
                ListFormat::Text => {
                    let options = check::text_options(global, environment, true);
                    text::decisions(&report.decisions, &options) + &without_effect(&checked)
                }
            };
            output::print(&listed)?;
            Ok(Exit::Done)
        }
    }
}

/// What people have signed that does nothing, such as an approval of a request that is not recorded.
fn without_effect(checked: &Checked) -> String {
    let mut text = String::new();
    for fault in &checked.standing.faults {
        let why = bartizan_artifact::escape(&fault.why, 400);
        text.push_str(&format!("■ entry {} does nothing: {why}\n", fault.index));
    }
    text
}

/// The envelope of the request whose id begins with these digits.
fn find(checked: &Checked, id: &str) -> anyhow::Result<Digest> {
    let known = checked.standing.decided.iter().filter(|one| one.id.starts_with(&id.to_ascii_lowercase()));
    match known.collect::<Vec<_>>().as_slice() {
        [one] => Ok(one.envelope),
        several => bail!(
            "{} requests have an id that begins with `{id}`; `bartizan exception list` shows them",
            several.len()
        ),
    }
}

/// The project by what is recorded of it.
pub(super) fn assess(
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<(engine::Request, Checked)> {
    let path = environment.folder.clone();
    let mut request = check::request(path, Severity::High, global, environment.heads.clone())?;
    request.mode = Mode::Assess;
    request.organisation = environment.organisation(None)?;
    let (checked, _) = check::check_request(&request, global)?;
    Ok((request, checked))
}

/// Records what the holder of a key says.
pub(super) fn say_with(
    request: &engine::Request,
    key: &KeyArgument,
    environment: &Environment,
    saying: &Saying,
) -> anyhow::Result<Said> {
    let key = state::read_key(&key.key, environment.key_passphrase.as_deref())?;
    Ok(say(request, &key, saying)?)
}

fn add(arguments: &ExceptionArguments, global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    let (request, checked) = assess(global, environment)?;
    let asked = asked(&arguments.about, arguments.subject, &checked)?;
    ask(asked, &arguments.terms, &request, &checked, environment)
}

/// Asks to live with the finding that a threat is.
pub(super) fn accept(
    arguments: &AcceptArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let (request, checked) = assess(global, environment)?;
    let threat = checked.threats.threats.iter().find(|threat| threat.id.to_string() == arguments.threat);
    let threat = threat.with_context(|| {
        format!("there is no threat `{}`; `bartizan threat list` lists them", arguments.threat)
    })?;
    let elements = threat.path.iter().map(|node| node.as_str().to_owned()).collect();
    let place = Location::Model { elements }.place();
    let listed = checked.standing.listed.iter().find(|one| one.rule == threat.rule && one.place == place);
    let listed = listed.with_context(|| {
        format!("{} is no finding of the newest recorded check, so there is nothing to live with", threat.id)
    })?;
    ask(exception_for(listed)?, &arguments.terms, &request, &checked, environment)
}

/// Records a request and says what comes next.
fn ask(
    asked: Asked,
    terms: &Terms,
    request: &engine::Request,
    checked: &Checked,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let owner = checked.source.project.groups.keys().find(|group| group.as_str() == terms.owner);
    let Some(owner) = owner else {
        let known: Vec<_> = checked.source.project.groups.keys().map(GroupId::as_str).collect();
        bail!("the project has no group `{}` to own it; it has {}", terms.owner, known.join(", "));
    };
    let usual = if matches!(asked, Asked::BreakGlass { .. }) { USUAL_BREAK_GLASS } else { USUAL };
    let lasts = terms.lasts.as_deref().map(span).transpose()?.unwrap_or(usual);
    let asked = Request {
        asked,
        reason: terms.reason.clone(),
        owner: owner.clone(),
        compensating: terms.compensating.clone(),
        expires: checked.as_of.checked_add(lasts).unwrap_or(Timestamp::MAX),
    };
    let about = asked.about();
    let expires = asked.expires;
    let said = say_with(request, &terms.key, environment, &Saying::Asks(Box::new(asked)))?;
    output::print(&format!(
        "{} asks for {}: {about}, until {expires}.\nIt holds when somebody else agrees:\n  bartizan exception approve {} --key THEIR.key\n",
        said.person, said.id, said.id
    ))?;
    Ok(Exit::Done)
}

fn asked(about: &About, subject: Option<Digest>, checked: &Checked) -> anyhow::Result<Asked> {
    if let Some(fingerprint) = &about.finding {
        return finding(fingerprint, checked);
    }
    if let Some(control) = &about.control {
        known_control(control)?;
        let subject = match subject {
            Some(subject) => subject,
            None => only_subject(control, checked)?,
        };
        let scope = ExceptionScope {
            control: Some(control.clone()),
            subject: Some(subject),
            ..ExceptionScope::default()
        };
        return Ok(Asked::Exception(scope));
    }
    if let Some(gate) = &about.break_glass {
        if !checked.source.project.gates.contains_key(gate) {
            bail!("the project declares no gate `{gate}`");
        }
        return Ok(Asked::BreakGlass { gate: gate.clone(), asset: None });
    }
    for (control, kind) in
        [(&about.not_applicable, ClaimKind::NotApplicable), (&about.inherited, ClaimKind::Inherited)]
    {
        if let Some(control) = control {
            known_control(control)?;
            return Ok(Asked::Claim(ClaimScope { control: control.clone(), kind, subject, supplier: None }));
        }
    }
    let lost = about.lost.iter().map(|text| loss(text, checked)).collect::<anyhow::Result<_>>()?;
    Ok(Asked::Loss(lost))
}

fn known_control(control: &bartizan_finding::ControlId) -> anyhow::Result<()> {
    bartizan_standards::control(control)
        .map(|_| ())
        .with_context(|| format!("there is no control `{control}`; `bartizan standards` lists them"))
}

/// The finding with this fingerprint, or the only one that begins with it, among those of the newest recorded run.
fn finding(fingerprint: &str, checked: &Checked) -> anyhow::Result<Asked> {
    let listed: Vec<_> = checked
        .standing
        .listed
        .iter()
        .filter(|one| one.fingerprint.hex().starts_with(&fingerprint.to_ascii_lowercase()))
        .collect();
    let [one] = listed.as_slice() else {
        bail!(
            "{} findings of the newest recorded check begin with `{fingerprint}`; `bartizan check --format json` shows the fingerprints",
            listed.len()
        );
    };
    exception_for(one)
}

/// An exception for one finding, in the bytes that it is in.
fn exception_for(one: &Listed) -> anyhow::Result<Asked> {
    let finding = one.finding();
    Ok(Asked::Exception(ExceptionScope {
        rule: Some(RuleName::of(&finding)),
        fingerprint: Some(finding.fingerprint.hex().parse().context("a fingerprint is a digest")?),
        asset: finding.asset,
        place: Some(finding.place),
        subject: one.subject,
        ..ExceptionScope::default()
    }))
}

/// The subject of a control that has only one that is not satisfied.
fn only_subject(control: &bartizan_finding::ControlId, checked: &Checked) -> anyhow::Result<Digest> {
    let assessed = checked.assessment.controls.iter().find(|one| one.id == *control);
    let open = assessed.into_iter().flat_map(|one| &one.subjects);
    let open: Vec<_> = open.filter(|one| one.status != bartizan_assure::Status::Satisfied).collect();
    match open.as_slice() {
        [one] => one.digest.with_context(|| format!("the bytes of {} could not be read", one.label)),
        [] => bail!("`{control}` misses nothing"),
        several => {
            let rows: String = several
                .iter()
                .filter_map(|one| Some(format!("\n  {}  {}", one.digest?, one.label)))
                .collect();
            bail!("`{control}` misses something for several subjects; name one with --subject:{rows}")
        }
    }
}

/// Something that is gone, as `element/orders-api`.
fn loss(text: &str, checked: &Checked) -> anyhow::Result<LossItem> {
    let Some((kind, id)) = LossKind::parse(text) else {
        let kinds: Vec<_> = LossKind::ALL.iter().map(|kind| kind.as_str()).collect();
        bail!("`{text}` is not KIND/ID, where the kind is {}", kinds.join(", "));
    };
    let gone = checked.standing.lost.iter().find(|lost| lost.kind == kind && lost.id == id);
    if gone.is_none() {
        bail!("`{text}` is not gone: the project still has it, or never had it");
    }
    let digest = match kind {
        LossKind::GatePolicy => policy_digest(id, checked),
        _ => None,
    };
    Ok(LossItem { kind, id: id.to_owned(), digest })
}

fn policy_digest(gate: &str, checked: &Checked) -> Option<Digest> {
    let (_, text) = checked.standing.policies.iter().find(|(id, _)| id.as_str() == gate)?;
    text.as_ref().ok().map(|text| Digest::of(text.as_bytes()))
}

/// A span of time such as `30d` or `4h`.
fn span(text: &str) -> anyhow::Result<SignedDuration> {
    let (number, hours) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => (days, 24),
        (_, Some(hours)) => (hours, 1),
        _ => bail!("`{text}` is no span of time; write 30d or 4h"),
    };
    let number: u32 =
        number.parse().with_context(|| format!("`{text}` is no span of time; write 30d or 4h"))?;
    if number == 0 {
        bail!("`{text}` is over when it begins");
    }
    Ok(SignedDuration::from_hours(i64::from(number) * hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_days_or_hours() {
        assert_eq!(span("30d").unwrap(), SignedDuration::from_hours(720));
        assert_eq!(span("4h").unwrap(), SignedDuration::from_hours(4));
        for bad in ["", "4", "d", "0h", "-1d", "4m", "1.5h"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
