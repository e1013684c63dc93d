//! What a gate says to a question.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bartizan_finding::Status;
use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use serde::Serialize;

use crate::{
    explain::{nobody, why},
    facts::{BREAK_GLASS, COUNTS, FINDINGS, FINDINGS_RECORD, FLAGS, Facts},
    fault::{printable, shown},
    gate::Gate,
    organisation::Organisation,
    question::{Principal, Question, Resource},
    read::{RuleSource, Statement},
    schema::{Schema, entity},
    stack::on_own_stack,
    status,
};

/// What a gate says, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// What it says.
    pub verdict: Verdict,
    /// Each rule that refuses: the organisation's first, then built-in ones, then the gate's, each by id. Empty where
    /// the verdict is [`Verdict::Allow`]; kept where a break-glass overrides them.
    pub refusals: Vec<Refusal>,
    /// Whether the gate's `permit` lets this principal in, whatever the other rules say.
    pub permitted: bool,
    /// What could not be evaluated. Each is a refusal too.
    pub errors: Vec<String>,
}

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The permit lets the principal in, and nothing refuses or errs.
    Allow,
    /// A rule refuses or errs, or nothing permits.
    Deny,
    /// The permit lets the principal in, and a break-glass in force overrides what refuses.
    BreakGlass,
}

/// A rule that refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Refusal {
    /// Whose rule it is.
    pub source: RuleSource,
    /// The id of the rule, as [`Gate::rules`] and [`Organisation::rules`] have it.
    pub rule: String,
    /// The control that it asks about.
    pub control: Option<String>,
    /// Where that control stands, where anything says so.
    pub status: Option<Status>,
    /// Why it refuses: a clause without a full stop, such as `model-scan is unknown`.
    pub why: String,
    /// What to do about it.
    pub fix: String,
}

/// Decides.
///
/// Everything that is not in order denies: an action that is not the gate's, a role or control that the schema does
/// not know, organisation rules that could not be read or were held against another schema, a rule that errs.
pub fn decide(gate: &Gate, organisation: &Organisation, question: &Question) -> Ruling {
    on_own_stack(|| rule_on(gate, organisation, question)).unwrap_or_else(|why| {
        let mut ruling = Ruling::new();
        ruling.not_in_order(why);
        ruling
    })
}

fn rule_on(gate: &Gate, organisation: &Organisation, question: &Question) -> Ruling {
    let mut ruling = Ruling::new();
    if let Some(error) = organisation.error() {
        for fault in error.faults() {
            ruling.refuse(
                RuleSource::Organisation { file: fault.file.clone() },
                "organisation",
                format!("its text cannot be used: {fault}"),
                "Mend the file, or have whoever answers for the organisation's rules mend it.",
            );
        }
        ruling.errors.push(error.to_string());
    }
    if let Err(message) = in_order(gate, organisation, question) {
        ruling.not_in_order(message);
        return ruling.sorted();
    }
    // A rule of the gate that could see the break-glass could open the gate without it being said.
    let without = asked(gate.schema(), question, false);
    let with = asked(gate.schema(), question, question.facts.break_glass);
    let (own, theirs) = match (without, with) {
        (Ok(own), Ok(theirs)) => (own, theirs),
        (Err(message), _) | (_, Err(message)) => {
            ruling.not_in_order(message);
            return ruling.sorted();
        }
    };
    ruling.permitted = own.put(gate.permit()).allows;
    let answer = own.put(gate.set());
    ruling.take(&answer, |id| gate.statement(id), question);
    if let Some(base) = gate.base()
        && !ruling.permitted
        && !answer.erred.contains_key(&base.rule.id)
    {
        let (why, fix) = nobody(base, question);
        let fix = if base.rule.fix.is_empty() { fix } else { base.rule.fix.clone() };
        ruling.refuse(RuleSource::Gate, &base.rule.id, why, &fix);
    }
    let mut cedar_allows = answer.allows;
    if organisation.schema().is_some() {
        let answer = theirs.put(organisation.set());
        ruling.take(&answer, |id| organisation.statement(id), question);
        cedar_allows &= answer.allows;
    }
    let above = |refusal: &Refusal| matches!(refusal.source, RuleSource::Organisation { .. });
    let out_of_order = |refusal: &Refusal| refusal.rule == OUT_OF_ORDER;
    ruling.verdict = if cedar_allows && ruling.errors.is_empty() && ruling.refusals.is_empty() {
        Verdict::Allow
    } else if question.facts.break_glass
        && ruling.permitted
        && !ruling.refusals.iter().any(|refusal| above(refusal) || out_of_order(refusal))
    {
        Verdict::BreakGlass
    } else {
        Verdict::Deny
    };
    ruling.sorted()
}

/// The refusal of a question that no rule was asked about. It cannot be overridden.
const OUT_OF_ORDER: &str = "bartizan.question";

impl Ruling {
    fn new() -> Self {
        Self { verdict: Verdict::Deny, refusals: Vec::new(), permitted: false, errors: Vec::new() }
    }

    fn refuse(&mut self, source: RuleSource, rule: &str, why: String, fix: &str) {
        let (rule, fix) = (rule.to_owned(), fix.to_owned());
        self.refusals.push(Refusal { source, rule, control: None, status: None, why, fix });
    }

    fn not_in_order(&mut self, message: String) {
        let fix =
            "Ask the gate about its own action, with names that the catalogue and the project file have.";
        self.refuse(RuleSource::BuiltIn, OUT_OF_ORDER, message.clone(), fix);
        self.errors.push(message);
    }

    /// Takes the rules that refuse and those that err.
    fn take<'s>(
        &mut self,
        answer: &Answer,
        statement: impl Fn(&str) -> Option<&'s Statement>,
        question: &Question,
    ) {
        let refusing = answer.forbade.iter().map(|id| (id, None));
        let erring = answer.erred.iter().map(|(id, error)| (id, Some(error)));
        for (id, error) in refusing.chain(erring) {
            if let Some(error) = error {
                self.errors.push(format!("{id}: {error}"));
            }
            let Some(Statement { rule, .. }) = statement(id) else { continue };
            let control = rule.control.clone();
            let known = |(id, _): &(&bartizan_finding::ControlId, _)| Some(id.as_str()) == control.as_deref();
            let status = question.facts.statuses.iter().find(known).map(|(_, status)| *status);
            let why = match error {
                Some(error) => format!("it cannot be evaluated: {error}"),
                None => statement(id).map(|statement| why(statement, question)).unwrap_or_default(),
            };
            let mend =
                if rule.fix.is_empty() { "Mend the rule: it errs with these facts." } else { &rule.fix };
            let (source, rule, fix) = (rule.source.clone(), rule.id.clone(), mend.to_owned());
            self.refusals.push(Refusal { source, rule, control, status, why, fix });
        }
    }

    fn sorted(mut self) -> Self {
        self.refusals.sort();
        self.refusals.dedup();
        self.errors.sort();
        self.errors.dedup();
        self
    }
}

/// Whether the question is one for this gate, under these rules.
fn in_order(gate: &Gate, organisation: &Organisation, question: &Question) -> Result<(), String> {
    if question.action != gate.name() {
        return Err(format!(
            "the gate {} is not asked about {}",
            shown(gate.name()),
            shown(&question.action)
        ));
    }
    if organisation.schema().is_some_and(|schema| schema.digest() != gate.schema().digest()) {
        return Err("the organisation's rules were held against another schema than the gate".to_owned());
    }
    let known = &gate.schema().base().vocabulary;
    let role = question.principal.roles().iter().find(|role| !known.roles.contains(*role));
    if let Some(role) = role {
        return Err(format!("there is no role {}", shown(role)));
    }
    let control = question.facts.statuses.keys().find(|control| !known.controls.contains(control.as_str()));
    match control {
        Some(control) => Err(format!("there is no control {}", shown(control.as_str()))),
        None => Ok(()),
    }
}

/// A question as Cedar takes it.
struct Asked {
    request: Request,
    entities: Entities,
}

/// What Cedar answers about one set of rules.
struct Answer {
    allows: bool,
    forbade: BTreeSet<String>,
    erred: BTreeMap<String, String>,
}

impl Asked {
    fn put(&self, set: &PolicySet) -> Answer {
        let response = Authorizer::new().is_authorized(&self.request, set, &self.entities);
        let erred: BTreeMap<_, _> = response
            .diagnostics()
            .errors()
            .map(|AuthorizationError::PolicyEvaluationError(error)| {
                (error.policy_id().to_string(), printable(&error.inner().to_string(), 200))
            })
            .collect();
        let decision = response.decision();
        let reasons = response.diagnostics().reason().map(ToString::to_string);
        let forbade = if decision == Decision::Deny { reasons.collect() } else { BTreeSet::new() };
        Answer { allows: decision == Decision::Allow && erred.is_empty(), forbade, erred }
    }
}

fn asked(schema: &Schema, question: &Question, break_glass: bool) -> Result<Asked, String> {
    let cedar = &schema.base().cedar;
    let principal = principal(&question.principal);
    let resource = resource(&question.resource)?;
    let context = context(&question.facts, break_glass)?;
    let action = entity("Action", &question.action);
    let request = Request::new(principal.uid(), action, resource.uid(), context, Some(cedar));
    let request = request.map_err(|error| text(&error))?;
    let entities =
        Entities::from_entities([principal, resource], Some(cedar)).map_err(|error| text(&error))?;
    Ok(Asked { request, entities })
}

fn principal(principal: &Principal) -> Entity {
    let roles = principal.roles().iter().map(|role| entity("Role", role));
    let groups = principal.groups().into_iter().flatten().map(|group| entity("Group", group));
    let parents: HashSet<EntityUid> = roles.chain(groups).collect();
    Entity::new_no_attrs(entity(principal.type_name(), principal.name()), parents)
}

fn resource(resource: &Resource) -> Result<Entity, String> {
    let mut attributes = HashMap::new();
    if let Resource::Asset { kind, classification, owner, digest, .. } = resource {
        let text = |text: &String| RestrictedExpression::new_string(text.clone());
        attributes.insert("kind".to_owned(), text(kind));
        attributes.insert("classification".to_owned(), text(classification));
        let owner = owner.as_ref().map(|owner| RestrictedExpression::new_entity_uid(entity("Group", owner)));
        attributes.extend(owner.map(|owner| ("owner".to_owned(), owner)));
        attributes.extend(digest.as_ref().map(|digest| ("digest".to_owned(), text(digest))));
    }
    let uid = entity(resource.type_name(), resource.id());
    Entity::new(uid, attributes, HashSet::new()).map_err(|error| text(&error))
}

fn context(facts: &Facts, break_glass: bool) -> Result<Context, String> {
    let long = |of: fn(&Facts) -> i64| RestrictedExpression::new_long(of(facts));
    let sets = status::ORDER.into_iter().map(|status| {
        let controls = facts.statuses.iter().filter(|(_, stands)| **stands == status);
        let controls =
            controls.map(|(id, _)| RestrictedExpression::new_entity_uid(entity("Control", id.as_str())));
        (status::set(status), RestrictedExpression::new_set(controls))
    });
    let findings = FINDINGS.iter().map(|count| (count.name.to_owned(), long(count.of)));
    let findings = RestrictedExpression::new_record(findings).map_err(|error| text(&error))?;
    let counts = COUNTS.iter().map(|count| (count.name, long(count.of)));
    let flags = FLAGS.iter().map(|flag| {
        let value = if flag.name == BREAK_GLASS { break_glass } else { (flag.of)(facts) };
        (flag.name, RestrictedExpression::new_bool(value))
    });
    let all = sets.chain([(FINDINGS_RECORD, findings)]).chain(counts).chain(flags);
    Context::from_pairs(all.map(|(name, value)| (name.to_owned(), value))).map_err(|error| text(&error))
}

/// What Cedar says, made fit for a message.
fn text(error: &dyn std::fmt::Display) -> String {
    printable(&error.to_string(), 200)
}
