//! The policy of one gate.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use bartizan_finding::Digest;
use cedar_policy::{
    PolicySet,
    pst::{ActionConstraint, PrincipalConstraint, ResourceConstraint},
};

use crate::{
    facts::is_evidence,
    fault::{PolicyError, Source, printable, shown},
    read::{Effect, Rule, RuleSource, Statement, read as read_text},
    schema::Schema,
    stack::on_own_stack,
};

/// A gate whose policy can be used. There is no other: a text that is wrong in any way gives no gate.
#[derive(Clone)]
pub struct Gate {
    name: String,
    file: String,
    digest: Digest,
    schema: Schema,
    rules: Vec<Rule>,
    /// The base permit alone, to say whether the principal is let in at all.
    permit: PolicySet,
    /// The base permit, the gate's rules and the built-in ones.
    set: PolicySet,
    statements: BTreeMap<String, Statement>,
    base: String,
}

impl Gate {
    /// Reads the policy of the gate `name` from the text of `file`.
    ///
    /// It has exactly one `permit`, which names the gate's action or is narrowed in another way; every other rule is
    /// a `forbid` with `@id` and `@fix`; at least one of them reads evidence; nothing in it is a template, unknown,
    /// wrongly typed or impossible.
    pub fn parse(name: &str, file: &str, text: &str, schema: &Schema) -> Result<Self, PolicyError> {
        on_own_stack(|| Self::read(name, file, text, schema)).unwrap_or_else(|why| {
            let mut source = Source::new(file, text);
            source.fault(0, format!("it cannot be read: {why}"));
            Err(PolicyError::Gate { gate: name.to_owned(), faults: source.into_faults() })
        })
    }

    fn read(name: &str, file: &str, text: &str, schema: &Schema) -> Result<Self, PolicyError> {
        let mut source = Source::new(file, text);
        let mut named = BTreeMap::new();
        let mut statements = read_text(&mut source, schema.base(), &RuleSource::Gate, &mut named);
        let actions = &schema.base().vocabulary.actions;
        if !actions.contains(name) {
            let known = actions.iter().map(String::as_str);
            source.fault(0, format!("the project has no gate {}", shown(name))).nearest(name, known);
        } else if source.is_sound() || !statements.is_empty() {
            structure(&mut source, name, actions, &statements);
        }
        let faults =
            |source: Source<'_>| PolicyError::Gate { gate: name.to_owned(), faults: source.into_faults() };
        if !source.is_sound() {
            return Err(faults(source));
        }
        let base = statements.iter().find(|statement| statement.rule.effect == Effect::Permit);
        let Some(base) = base.map(|statement| statement.rule.id.clone()) else { return Err(faults(source)) };
        statements.extend_from_slice(schema.builtin());
        let all = PolicySet::from_policies(statements.iter().map(|statement| statement.policy.clone()));
        let permits = statements.iter().filter(|statement| statement.rule.id == base);
        let permit = PolicySet::from_policies(permits.map(|statement| statement.policy.clone()));
        let (set, permit) = match (all, permit) {
            (Ok(set), Ok(permit)) => (set, permit),
            (Err(error), _) | (_, Err(error)) => {
                source.fault(0, printable(&error.to_string(), 200));
                return Err(faults(source));
            }
        };
        let mut rules: Vec<_> = statements.iter().map(|statement| statement.rule.clone()).collect();
        rules.sort_by(|a, b| (&a.source, a.line).cmp(&(&b.source, b.line)));
        Ok(Self {
            name: name.to_owned(),
            file: source.file().to_owned(),
            digest: Digest::of(text.as_bytes()),
            schema: schema.clone(),
            rules,
            permit,
            set,
            statements: by_id(statements),
            base,
        })
    }

    /// Its name, which is the action that it decides about.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file of its policy, as the caller named it, made fit for a message.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The digest of its text.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The schema that its text was held against.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The rules that apply at it: built-in ones first, then its own in the order of the text.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) const fn permit(&self) -> &PolicySet {
        &self.permit
    }

    pub(crate) const fn set(&self) -> &PolicySet {
        &self.set
    }

    pub(crate) fn statement(&self, id: &str) -> Option<&Statement> {
        self.statements.get(id)
    }

    pub(crate) fn base(&self) -> Option<&Statement> {
        self.statements.get(&self.base)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("name", &self.name).field("digest", &self.digest).finish_non_exhaustive()
    }
}

pub(crate) fn by_id(statements: Vec<Statement>) -> BTreeMap<String, Statement> {
    statements.into_iter().map(|statement| (statement.rule.id.clone(), statement)).collect()
}

/// Checks what a gate has to be, beyond what each of its rules has to be.
fn structure(source: &mut Source<'_>, name: &str, actions: &BTreeSet<String>, statements: &[Statement]) {
    let permits: Vec<_> = statements.iter().filter(|s| s.rule.effect == Effect::Permit).collect();
    match permits.as_slice() {
        [] => {
            source
                .fault(0, "the policy permits nobody")
                .expected("exactly one `permit`, which says who may pass");
        }
        [permit] => {
            if is_wide(permit) {
                source
                    .fault(permit.at, "the `permit` lets everyone do everything")
                    .of(Some(&permit.rule.id))
                    .expected(format!(
                        "`action == Action::\"{}\"`, and a principal or a condition",
                        printable(name, 80)
                    ));
            }
        }
        [first, others @ ..] => {
            for other in others {
                source
                    .fault(other.at, format!("a second `permit`; the first is on line {}", first.rule.line))
                    .of(Some(&other.rule.id))
                    .expected("exactly one `permit`, and `forbid` rules for everything else");
            }
        }
    }
    for statement in statements {
        let named = match &statement.body.action {
            ActionConstraint::Any => &[],
            ActionConstraint::Eq(action) => std::slice::from_ref(action),
            ActionConstraint::In(actions) => actions.as_slice(),
        };
        // What is no action at all was found when the text was held against the schema.
        let foreign = named.iter().find(|action| action.eid != name && actions.contains(action.eid.as_str()));
        if let Some(foreign) = foreign {
            source
                .fault(statement.at, format!("the rule is about the action {}", shown(&foreign.eid)))
                .of(Some(&statement.rule.id))
                .expected(format!("`Action::\"{}\"`, the gate's own", printable(name, 80)));
        }
    }
    let mut forbids = statements.iter().filter(|s| s.rule.effect == Effect::Forbid);
    if !forbids.any(|forbid| forbid.mentions.context.iter().any(|attribute| is_evidence(attribute))) {
        source.fault(0, "no rule reads evidence, so the gate would let anything pass").expected(
            "at least one `forbid` that asks for a status or a count, such as \
             `unless { context.satisfied.contains(Control::\"model-scan\") }`",
        );
    }
}

/// Whether nothing narrows a `permit`: neither its scope nor a condition that asks for anything.
fn is_wide(permit: &Statement) -> bool {
    matches!(permit.body.principal, PrincipalConstraint::Any)
        && matches!(permit.body.action, ActionConstraint::Any)
        && matches!(permit.body.resource, ResourceConstraint::Any)
        && !permit.mentions.asks
}
