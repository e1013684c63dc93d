//! Gates: from what is recorded to a ruling, its explanation, and the statement that a deployer verifies.

mod decision;
mod facts;
pub mod pass;

use std::{collections::BTreeSet, path::Path};

use bartizan_attest::Collector;
use bartizan_finding::{AssetId, Digest, GateId};
use bartizan_policy as policy;
use bartizan_project::{AssetKind, Classification, Project};
use bartizan_report::v1;

use crate::{
    check::{Checked, Request},
    error::EngineError,
    files, outcome, people,
    standing::MAX_POLICY,
};

pub use decision::{Decision, record};

/// The most policy files of an organisation that are read.
const MAX_FILES: usize = 256;

/// What decides at the gates of one project.
pub struct Gates {
    schema: policy::Schema,
    organisation: policy::Organisation,
    /// The digest over the organisation's files; nothing where no folder was named.
    organisation_digest: Option<Digest>,
}

/// A gate's ruling over one resource.
#[derive(Clone, Debug)]
pub struct Ruled {
    /// The gate.
    pub gate: GateId,
    /// The asset that would pass; nothing for the project as a whole.
    pub asset: Option<AssetId>,
    /// What it says, as a report shows it.
    pub result: v1::GateResult,
    /// The digest of its policy file, where that can be read.
    pub policy: Option<Digest>,
    /// The digest over the organisation's files that took part.
    pub organisation: Option<Digest>,
    /// What it was decided from.
    pub facts: policy::Facts,
}

/// What policies can name: the catalogue's controls, the project's gates, the lifecycle's roles.
pub fn schema(project: Option<&Project>) -> Result<policy::Schema, EngineError> {
    let gates = project.iter().flat_map(|project| project.gates.keys());
    let vocabulary = policy::Vocabulary {
        controls: bartizan_standards::controls().iter().map(|control| control.id.to_string()).collect(),
        actions: gates.map(ToString::to_string).collect(),
        roles: bartizan_standards::roles().iter().map(|role| role.id.clone()).collect(),
        asset_kinds: AssetKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect(),
        classifications: Classification::ALL.iter().map(|word| word.as_str().to_owned()).collect(),
    };
    Ok(policy::Schema::generate(&vocabulary)?)
}

/// A policy to start from: who may pass by the roles of the project, and the controls that every project has.
pub fn template(project: Option<&Project>, gate: &GateId) -> String {
    const ALWAYS: [&str; 4] = ["model-scan", "model-integrity", "data-secrets", "threat-model"];
    let roles =
        project.iter().flat_map(|project| project.groups.values()).map(|group| group.role.to_string());
    let mut roles: BTreeSet<_> = roles.filter(|role| RELEASING.contains(&role.as_str())).collect();
    if roles.is_empty() {
        roles.insert(RELEASING[0].to_owned());
    }
    let roles: Vec<_> = roles.iter().map(String::as_str).collect();
    policy::starter(gate.as_str(), &roles, &ALWAYS)
}

/// Roles that take something from one stage of the lifecycle to the next.
const RELEASING: [&str; 3] = ["platform-engineer", "release-manager", "product-owner"];

impl Gates {
    /// Reads the organisation's rules, where a folder of them is named.
    pub fn new(project: &Project, organisation: Option<&Path>) -> Result<Self, EngineError> {
        let schema = schema(Some(project))?;
        let Some(folder) = organisation else {
            return Ok(Self {
                schema,
                organisation: policy::Organisation::none(),
                organisation_digest: None,
            });
        };
        let organisation = policy::Organisation::parse(&rules_of(folder)?, &schema);
        // Every gate would refuse all the same; said as an error it is mended sooner.
        if let Some(error) = organisation.error() {
            return Err(EngineError::Policy(error.clone()));
        }
        let organisation_digest = Some(organisation.digest());
        Ok(Self { schema, organisation, organisation_digest })
    }

    /// What one gate says to whoever asks in `request`.
    pub fn rule(
        &self,
        checked: &Checked,
        request: &Request,
        gate: &GateId,
        asset: Option<&AssetId>,
    ) -> Result<Ruled, EngineError> {
        let project = &checked.source.project;
        let declared = project.gates.get(gate).ok_or_else(|| EngineError::no_such_gate(gate, project))?;
        let principal = principal(checked, request)?;
        let resource = resource(checked, asset)?;
        let facts = facts::of(checked, gate, asset);
        let path = declared.policy.as_str();
        let text = checked.standing.policies.get(gate).cloned();
        let text = text.unwrap_or_else(|| Err("it was not read".to_owned()));
        let digest = text.as_ref().ok().map(|text| Digest::of(text.as_bytes()));
        let mut result = v1::GateResult {
            gate: gate.to_string(),
            policy: path.to_owned(),
            verdict: v1::GateVerdict::Unusable,
            sentence: String::new(),
            principal: principal.name().to_owned(),
            resource: asset.map_or_else(|| "project".to_owned(), ToString::to_string),
            refusals: Vec::new(),
            break_glass: None,
            index: None,
        };
        match text.map_err(|why| format!("The policy {path} cannot be read: {why}.")) {
            Err(sentence) => result.sentence = sentence,
            Ok(text) => match policy::Gate::parse(gate.as_str(), path, &text, &self.schema) {
                Err(error) => result.sentence = format!("The policy cannot be used: {error}."),
                Ok(parsed) => {
                    let question = policy::Question {
                        action: gate.to_string(),
                        principal,
                        resource,
                        facts: facts.clone(),
                    };
                    let ruling = policy::decide(&parsed, &self.organisation, &question);
                    explain(&mut result, &ruling, checked, gate, asset);
                }
            },
        }
        Ok(Ruled {
            gate: gate.clone(),
            asset: asset.cloned(),
            result,
            policy: digest,
            organisation: self.organisation_digest,
            facts,
        })
    }
}

/// What every declared gate says about the project as a whole, for a report.
pub fn rulings(checked: &Checked, request: &Request) -> Result<Vec<Ruled>, EngineError> {
    let project = &checked.source.project;
    if project.gates.is_empty() {
        return Ok(Vec::new());
    }
    let gates = Gates::new(project, request.organisation.as_deref())?;
    project.gates.keys().map(|gate| gates.rule(checked, request, gate, None)).collect()
}

/// The digest over an organisation's rules, as decisions name it.
pub fn organisation_digest(folder: &Path) -> Result<Digest, EngineError> {
    Ok(policy::Organisation::parse(&rules_of(folder)?, &schema(None)?).digest())
}

fn explain(
    result: &mut v1::GateResult,
    ruling: &policy::Ruling,
    checked: &Checked,
    gate: &GateId,
    asset: Option<&AssetId>,
) {
    result.verdict = match ruling.verdict {
        policy::Verdict::Allow => v1::GateVerdict::Allow,
        policy::Verdict::BreakGlass => v1::GateVerdict::BreakGlass,
        policy::Verdict::Deny => v1::GateVerdict::Deny,
    };
    result.refusals = ruling.refusals.iter().map(refusal).collect();
    let broken = bartizan_assure::break_glass(&checked.standing.decided, gate, asset, checked.as_of);
    let broken = broken.filter(|_| ruling.verdict == policy::Verdict::BreakGlass);
    result.break_glass = broken.map(|decision| decision.id.clone());
    let rules = outcome::plural(result.refusals.len(), "rule");
    let who = &result.principal;
    result.sentence = match result.verdict {
        v1::GateVerdict::Allow => format!("Every rule is met: the gate {gate} lets {who} pass."),
        v1::GateVerdict::BreakGlass => {
            format!("A break-glass opens the gate {gate} for {who}, although {rules} would refuse.")
        }
        v1::GateVerdict::Deny | v1::GateVerdict::Unusable => match result.refusals.first() {
            Some(first) => {
                let more = result.refusals.len() - 1;
                let more = if more == 0 { String::new() } else { format!(", and {more} more") };
                format!("The gate {gate} does not let {who} pass: {}{more}.", first.why)
            }
            None => format!("The gate {gate} does not let {who} pass."),
        },
    };
}

fn refusal(refusal: &policy::Refusal) -> v1::GateRefusal {
    v1::GateRefusal {
        rule: refusal.rule.clone(),
        control: refusal.control.as_ref().map(ToString::to_string),
        status: refusal.status.map(outcome::status),
        why: refusal.why.clone(),
        fix: refusal.fix.clone(),
        organisation: matches!(refusal.source, policy::RuleSource::Organisation { .. }),
    }
}

/// Who asks: the holder of the key that was given, else the collector of this machine.
fn principal(checked: &Checked, request: &Request) -> Result<policy::Principal, EngineError> {
    let collector = match &request.principal {
        Some(key) => Some(valid(people::known(&checked.trust, key)?, checked)?),
        None => checked.trust.collector(&checked.collector),
    };
    let project = &checked.source.project;
    Ok(match collector {
        Some(person) if person.is_person() => {
            let groups = || project.groups.iter().filter(|(_, group)| is_member(group, &person.name));
            policy::Principal::Person {
                name: person.name.clone(),
                groups: groups().map(|(id, _)| id.to_string()).collect(),
                roles: groups().map(|(_, group)| group.role.to_string()).collect(),
            }
        }
        machine => policy::Principal::Collector {
            name: machine.map_or(crate::state::LOCAL_COLLECTOR, |one| one.name.as_str()).to_owned(),
            roles: BTreeSet::new(),
        },
    })
}

fn is_member(group: &bartizan_project::Group, name: &str) -> bool {
    group.members.iter().any(|member| member.as_str().eq_ignore_ascii_case(name))
}

/// A key that ran out or is revoked is nobody's.
fn valid<'t>(collector: &'t Collector, checked: &Checked) -> Result<&'t Collector, EngineError> {
    let now = checked.as_of;
    if collector.revoked.is_none() && collector.from <= now && now < collector.until {
        return Ok(collector);
    }
    Err(EngineError::NotEntitled {
        key: collector.key.fingerprint(),
        why: format!("the key of `{}` has run out or is revoked", collector.name),
    })
}

fn resource(checked: &Checked, asset: Option<&AssetId>) -> Result<policy::Resource, EngineError> {
    let project = &checked.source.project;
    let Some(id) = asset else {
        return Ok(policy::Resource::Project { name: project.name.clone() });
    };
    let declared = project.assets.get(id).ok_or_else(|| EngineError::NoSuchAsset(id.to_string()))?;
    let digest = checked.assets.get(id).and_then(|bytes| bytes.whole);
    Ok(policy::Resource::Asset {
        id: id.to_string(),
        kind: declared.kind.as_str().to_owned(),
        classification: declared.classification.as_str().to_owned(),
        owner: declared.owner.as_ref().map(ToString::to_string),
        digest: digest.map(|digest| digest.to_string()),
    })
}

/// The `.cedar` files of an organisation's folder, by name. A folder without any is an error: it was named for a
/// reason, and rules that are not there refuse nothing.
fn rules_of(folder: &Path) -> Result<Vec<(String, String)>, EngineError> {
    let failed = |why: String| EngineError::Organisation { folder: folder.to_owned(), why };
    let entries = std::fs::read_dir(folder).map_err(|error| failed(files::plain(&error)))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(files::plain(&error)))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.extension().is_some_and(|extension| extension == "cedar") {
            let bytes = files::read(&path, MAX_POLICY);
            let bytes = bytes.map_err(|error| failed(format!("{name}: {}", files::plain(&error))))?;
            let text = String::from_utf8(bytes).map_err(|_| failed(format!("{name} is not UTF-8")))?;
            found.push((name, text));
        }
    }
    found.sort();
    match found.len() {
        0 => Err(failed("it holds no file that ends in .cedar".to_owned())),
        more if more > MAX_FILES => Err(failed(format!("it holds more than {MAX_FILES} policies"))),
        _ => Ok(found),
    }
}
