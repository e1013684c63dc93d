//! The rules of an organisation, which no project can override.

use std::{collections::BTreeMap, fmt};

use bartizan_finding::{Digest, Hasher};
use cedar_policy::PolicySet;

use crate::{
    fault::{Fault, PolicyError, Source, printable},
    gate::by_id,
    read::{Effect, Rule, RuleSource, Statement, read as read_text},
    scan::MAX_RULES,
    schema::Schema,
    stack::on_own_stack,
};

/// The organisation's rules: `forbid` rules from any number of files, each for any action.
///
/// Where a file is wrong, or cannot be read, the value still exists and refuses at every gate: a caller who forgets
/// to ask [`Organisation::error`] has closed all gates, not opened one.
#[derive(Clone)]
#[must_use]
pub struct Organisation {
    schema: Option<Schema>,
    digest: Digest,
    rules: Vec<Rule>,
    set: PolicySet,
    statements: BTreeMap<String, Statement>,
    error: Option<PolicyError>,
}

/// What lets Cedar say yes where no rule of the organisation refuses. It permits nothing at a gate, whose own permit is
/// decided apart.
const OTHERWISE: &str = "permit (principal, action, resource);";

impl Organisation {
    /// No rules at all: nobody named a folder of them.
    pub fn none() -> Self {
        Self {
            schema: None,
            digest: Hasher::new().finish(),
            rules: Vec::new(),
            set: PolicySet::new(),
            statements: BTreeMap::new(),
            error: None,
        }
    }

    /// Reads all files, in the order of their names.
    pub fn parse(files: &[(String, String)], schema: &Schema) -> Self {
        on_own_stack(|| Self::read(files, schema)).unwrap_or_else(|why| Self::unusable("", &why))
    }

    fn read(files: &[(String, String)], schema: &Schema) -> Self {
        let mut files: Vec<_> = files.iter().collect();
        files.sort();
        let (mut faults, mut statements, mut named) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut digest = Hasher::new();
        for (name, text) in files {
            for part in [name, text] {
                digest.update(&(part.len() as u64).to_be_bytes());
                digest.update(part.as_bytes());
            }
            let mut source = Source::new(name, text);
            let whose = RuleSource::Organisation { file: source.file().to_owned() };
            let read = read_text(&mut source, schema.base(), &whose, &mut named);
            for statement in read.iter().filter(|statement| statement.rule.effect == Effect::Permit) {
                source
                    .fault(statement.at, "an organisation's rule cannot permit")
                    .expected("`forbid`; who may pass is for the gates to say");
            }
            if statements.len() + read.len() > MAX_RULES {
                source.fault(0, format!("there are more than {MAX_RULES} rules in all files"));
                faults.extend(source.into_faults());
                break;
            }
            faults.extend(source.into_faults());
            statements.extend(read);
        }
        if !faults.is_empty() {
            return Self::broken(digest.finish(), faults);
        }
        let set = OTHERWISE.parse().map_err(|error: cedar_policy::ParseErrors| error.to_string());
        let set = set.and_then(|mut set: PolicySet| {
            for statement in &statements {
                set.add(statement.policy.clone()).map_err(|error| error.to_string())?;
            }
            Ok(set)
        });
        match set {
            Ok(set) => Self {
                schema: Some(schema.clone()),
                digest: digest.finish(),
                rules: statements.iter().map(|statement| statement.rule.clone()).collect(),
                set,
                statements: by_id(statements),
                error: None,
            },
            Err(message) => Self::unusable("", &message),
        }
    }

    /// Rules that cannot be read: the folder is not there, a file is not text. Every gate refuses.
    pub fn unusable(file: &str, message: &str) -> Self {
        let mut source = Source::new(file, "");
        source.fault(0, printable(message, 200));
        Self::broken(Hasher::new().finish(), source.into_faults())
    }

    fn broken(digest: Digest, faults: Vec<Fault>) -> Self {
        Self { digest, error: Some(PolicyError::Organisation { faults }), ..Self::none() }
    }

    /// Why they cannot be used, where they cannot.
    pub fn error(&self) -> Option<&PolicyError> {
        self.error.as_ref()
    }

    /// The rules, by file and in the order of the text.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The digest over the names and texts of all files; that of nothing where there are none.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The schema that the rules were held against; none where there are no rules.
    pub(crate) fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }

    pub(crate) const fn set(&self) -> &PolicySet {
        &self.set
    }

    pub(crate) fn statement(&self, id: &str) -> Option<&Statement> {
        self.statements.get(id)
    }
}

impl fmt::Debug for Organisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Organisation")
            .field("digest", &self.digest)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
