//! Why a rule refuses, in a clause that people read.
//!
//! A condition is explained by what makes it true or false: `unless { context.satisfied.contains(…) }` refuses
//! because the control is `unknown`. Only forms whose truth is plain from the question are explained; of any other
//! it is said that the condition does not hold, which Cedar has found.

use bartizan_finding::Status;
use cedar_policy::pst::{
    BinaryOp, Clause, EntityOrSlot, EntityType, EntityUID, Expr, Literal, PrincipalConstraint, UnaryOp, Var,
};

use crate::{
    facts::{COUNTS, FINDINGS, FINDINGS_RECORD, FLAGS, Facts},
    fault::printable,
    question::{Principal, Question, Resource},
    read::Statement,
    status,
    walk::{attribute, id_of, is_of, string},
};

/// Why a `forbid` that Cedar found to apply applies.
pub(crate) fn why(statement: &Statement, question: &Question) -> String {
    let clauses = statement.body.clauses();
    let Some(last) = clauses.last() else { return "it refuses without a condition".to_owned() };
    let mut words = Vec::new();
    for clause in clauses {
        let (expr, expected) = match clause {
            Clause::When(expr) => (expr, true),
            Clause::Unless(expr) => (expr, false),
        };
        match look(expr, question) {
            Some(seen) if seen.truth == expected => words.extend(seen.words),
            // Part of an explanation would be another reason than the rule's.
            _ => {
                words.clear();
                break;
            }
        }
    }
    let mut distinct: Vec<String> = Vec::new();
    for word in words {
        if !distinct.contains(&word) {
            distinct.push(word);
        }
    }
    match (distinct.is_empty(), last) {
        (true, Clause::When(_)) => "its condition holds".to_owned(),
        (true, Clause::Unless(_)) => "its condition does not hold".to_owned(),
        (false, _) => joined(&distinct, 6),
    }
}

/// Why the base permit does not let the principal in, and what to do.
pub(crate) fn nobody(base: &Statement, question: &Question) -> (String, String) {
    let name = printable(question.principal.name(), 100);
    let id = &base.rule.id;
    let (fits, asks) = scope(&base.body.principal, &question.principal);
    if !fits {
        let why = format!("nobody permits this to {name}: {id} asks for {asks}");
        return (why, format!("Have it asked for by {asks}."));
    }
    let unmet = base.body.clauses().iter().find_map(|clause| {
        let (expr, expected) = match clause {
            Clause::When(expr) => (expr, true),
            Clause::Unless(expr) => (expr, false),
        };
        look(expr, question).filter(|seen| seen.truth != expected && !seen.words.is_empty())
    });
    let because = match unmet {
        Some(seen) => joined(&seen.words, 6),
        None => format!("the resource or the condition of {id} does not fit"),
    };
    let fix = "Have it asked for by somebody, and for something, that the permit names.";
    (format!("nobody permits this to {name}: {because}"), fix.to_owned())
}

/// Whether the principal is one of those that the scope of a permit names, and who they are.
fn scope(constraint: &PrincipalConstraint, principal: &Principal) -> (bool, String) {
    let is_in = |who: &EntityOrSlot| matches!(who, EntityOrSlot::Entity(uid) if belongs(principal, uid));
    let is_a = |kind: &EntityType| kind.0.id.as_str() == principal.type_name();
    let a = |kind: &EntityType| format!("a {}", kind.0.id.as_str().to_lowercase());
    match constraint {
        PrincipalConstraint::Any => (true, String::new()),
        PrincipalConstraint::Eq(who) | PrincipalConstraint::In(who) => (is_in(who), whom(who)),
        PrincipalConstraint::Is(kind) => (is_a(kind), a(kind)),
        PrincipalConstraint::IsIn(kind, who) => {
            (is_a(kind) && is_in(who), format!("{} that is {}", a(kind), whom(who)))
        }
    }
}

/// Whether the principal is this entity, or in it.
fn belongs(principal: &Principal, to: &EntityUID) -> bool {
    let id = to.eid.as_str();
    (is_of(to, "Role") && principal.roles().contains(id))
        || (is_of(to, "Group") && principal.groups().is_some_and(|groups| groups.contains(id)))
        || (is_of(to, principal.type_name()) && principal.name() == id)
}

fn whom(who: &EntityOrSlot) -> String {
    let EntityOrSlot::Entity(uid) = who else { return "nobody".to_owned() };
    let id = printable(&uid.eid, 100);
    if is_of(uid, "Role") {
        format!("somebody in the role {id}")
    } else if is_of(uid, "Group") {
        format!("a member of the group {id}")
    } else {
        id
    }
}

/// Whether a condition holds, and what makes it so.
struct Seen {
    truth: bool,
    words: Vec<String>,
}

fn seen(truth: bool, words: impl IntoIterator<Item = String>) -> Seen {
    Seen { truth, words: words.into_iter().collect() }
}

/// `None` for a form that is not known. Recursion is bounded by what the scan lets through.
fn look(expr: &Expr, question: &Question) -> Option<Seen> {
    let facts = &question.facts;
    match expr {
        Expr::Literal(Literal::Bool(truth)) => Some(seen(*truth, [])),
        Expr::UnaryOp { op: UnaryOp::Not, expr } => {
            let inner = look(expr, question)?;
            Some(seen(!inner.truth, inner.words))
        }
        Expr::UnaryOp { op: UnaryOp::IsEmpty, expr } => {
            let status = status::of_set(&attribute(expr, &Var::Context)?)?;
            let of: Vec<_> = with(facts, status).collect();
            Some(seen(of.is_empty(), [standing(&of, status)]))
        }
        Expr::BinaryOp { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            both(look(left, question), look(right, question), *op == BinaryOp::And)
        }
        Expr::BinaryOp {
            op: op @ (BinaryOp::Contains | BinaryOp::ContainsAll | BinaryOp::ContainsAny),
            left,
            right,
        } => contains(*op, left, right, question),
        Expr::BinaryOp { op: op @ (BinaryOp::Eq | BinaryOp::NotEq), left, right } => {
            let equal =
                number_test(BinaryOp::Eq, left, right, facts).or_else(|| word_test(left, right, question))?;
            Some(seen(equal.truth == (*op == BinaryOp::Eq), equal.words))
        }
        Expr::BinaryOp { op: BinaryOp::In, left, right } => membership(left, right, question),
        Expr::BinaryOp { op, left, right } => number_test(*op, left, right, facts),
        Expr::Is { expr, entity_type, in_expr: None } => {
            let type_name = match &**expr {
                Expr::Var(Var::Principal) => question.principal.type_name(),
                Expr::Var(Var::Resource) => question.resource.type_name(),
                _ => return None,
            };
            Some(seen(entity_type.0.id.as_str() == type_name, []))
        }
        Expr::IfThenElse { cond, then_expr, else_expr } => {
            let cond = look(cond, question)?;
            let branch = look(if cond.truth { then_expr } else { else_expr }, question)?;
            Some(seen(branch.truth, cond.words.into_iter().chain(branch.words)))
        }
        Expr::GetAttr { .. } => {
            let name = attribute(expr, &Var::Context)?;
            let flag = FLAGS.iter().find(|flag| flag.name == name)?;
            let truth = (flag.of)(facts);
            let [no, yes] = flag.words;
            Some(seen(truth, [if truth { yes } else { no }.to_owned()]))
        }
        _ => None,
    }
}

/// `left && right`, or `left || right` where `all` is false: the part that decides is what explains.
fn both(left: Option<Seen>, right: Option<Seen>, all: bool) -> Option<Seen> {
    match (left, right) {
        (Some(left), Some(right)) => match (left.truth == all, right.truth == all) {
            (true, false) => Some(right),
            (false, true) => Some(left),
            (same, _) => Some(seen(same == all, left.words.into_iter().chain(right.words))),
        },
        (Some(one), None) | (None, Some(one)) => Some(one).filter(|one| one.truth != all),
        (None, None) => None,
    }
}

/// `context.satisfied.contains(Control::"a")` and its relatives; `["model"].contains(resource.kind)`.
fn contains(op: BinaryOp, set: &Expr, of: &Expr, question: &Question) -> Option<Seen> {
    let facts = &question.facts;
    if let (BinaryOp::Contains, Expr::Set(members)) = (op, set) {
        let (value, words) = word(of, question)?;
        let members: Option<Vec<_>> = members.iter().map(|member| string(member)).collect();
        return Some(seen(members?.contains(&value.as_str()), [words]));
    }
    let status = status::of_set(&attribute(set, &Var::Context)?)?;
    let asked: Vec<&str> = match (op, of) {
        (BinaryOp::Contains, one) => vec![id_of(one, "Control")?],
        (_, Expr::Set(members)) => {
            members.iter().map(|member| id_of(member, "Control")).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let is_in = |control: &&str| with(facts, status).any(|id| id == *control);
    let (inside, outside): (Vec<_>, Vec<_>) = asked.into_iter().partition(is_in);
    let truth = if op == BinaryOp::ContainsAny { !inside.is_empty() } else { outside.is_empty() };
    let speaking = if truth { inside } else { outside };
    Some(seen(truth, speaking.into_iter().map(|control| stands(facts, control))))
}

/// A comparison of counts. The words are the counts, whichever way it goes.
fn number_test(op: BinaryOp, left: &Expr, right: &Expr, facts: &Facts) -> Option<Seen> {
    let ((left, words), (right, more)) = (number(left, facts)?, number(right, facts)?);
    let truth = match op {
        BinaryOp::Eq => left == right,
        BinaryOp::Less => left < right,
        BinaryOp::LessEq => left <= right,
        BinaryOp::Greater => left > right,
        BinaryOp::GreaterEq => left >= right,
        _ => return None,
    };
    Some(seen(truth, words.into_iter().chain(more)))
}

fn number(expr: &Expr, facts: &Facts) -> Option<(i64, Vec<String>)> {
    match expr {
        Expr::Literal(Literal::Long(number)) => Some((*number, Vec::new())),
        Expr::BinaryOp { op: BinaryOp::Add, left, right } => {
            let ((left, mut words), (right, more)) = (number(left, facts)?, number(right, facts)?);
            words.extend(more);
            Some((left.checked_add(right)?, words))
        }
        Expr::GetAttr { expr: of, attr } => {
            let of_findings = attribute(of, &Var::Context).is_some_and(|name| name == FINDINGS_RECORD);
            let of_context = matches!(&**of, Expr::Var(Var::Context));
            let counts: &[_] = match (of_findings, of_context) {
                (true, _) => &FINDINGS,
                (_, true) => &COUNTS,
                _ => &[],
            };
            let count = counts.iter().find(|count| count.name == attr.as_str())?;
            Some(((count.of)(facts), vec![count.words(facts)]))
        }
        _ => None,
    }
}

/// `resource.kind == "model"`, `principal == Person::"a"`.
fn word_test(left: &Expr, right: &Expr, question: &Question) -> Option<Seen> {
    for (one, other) in [(left, right), (right, left)] {
        if let (Some((value, words)), Some(text)) = (word(one, question), string(other)) {
            return Some(seen(value == text, [words]));
        }
        if let Expr::Literal(Literal::EntityUID(uid)) = other {
            // Who asks, and for what, is known to whoever reads the refusal.
            let (type_name, id) = match one {
                Expr::Var(Var::Principal) => (question.principal.type_name(), question.principal.name()),
                Expr::Var(Var::Resource) => (question.resource.type_name(), question.resource.id()),
                _ => continue,
            };
            return Some(seen(is_of(uid, type_name) && uid.eid == id, []));
        }
    }
    None
}

/// What the kind or the classification of the resource is, with the words for it.
fn word(expr: &Expr, question: &Question) -> Option<(String, String)> {
    let Resource::Asset { kind, classification, .. } = &question.resource else { return None };
    let (what, value) = match attribute(expr, &Var::Resource)?.as_str() {
        "kind" => ("kind", kind),
        "classification" => ("classification", classification),
        _ => return None,
    };
    Some((value.clone(), format!("its {what} is {}", printable(value, 64))))
}

/// `principal in Role::"a"`, and in several.
fn membership(left: &Expr, right: &Expr, question: &Question) -> Option<Seen> {
    if *left != Expr::Var(Var::Principal) {
        return None;
    }
    let principal = &question.principal;
    let asked: Vec<&EntityUID> = match right {
        Expr::Literal(Literal::EntityUID(uid)) => vec![uid],
        Expr::Set(members) => members
            .iter()
            .map(|member| match &**member {
                Expr::Literal(Literal::EntityUID(uid)) => Some(uid),
                _ => None,
            })
            .collect::<Option<_>>()?,
        _ => return None,
    };
    let truth = asked.iter().any(|uid| belongs(principal, uid));
    let named = asked.iter().filter(|uid| !truth || belongs(principal, uid));
    let ids: Vec<_> = named.map(|uid| printable(&uid.eid, 100)).collect();
    let name = printable(principal.name(), 100);
    let joined = joined(&ids, 4);
    let words = match (truth, ids.len()) {
        (true, _) => format!("{name} is in {joined}"),
        (false, 1) => format!("{name} is not in {joined}"),
        (false, _) => format!("{name} is in none of {joined}"),
    };
    Some(seen(truth, [words]))
}

fn with(facts: &Facts, status: Status) -> impl Iterator<Item = &str> {
    facts.statuses.iter().filter(move |(_, stands)| **stands == status).map(|(id, _)| id.as_str())
}

/// `model-scan is unknown`.
fn stands(facts: &Facts, control: &str) -> String {
    let status = facts.statuses.iter().find(|(id, _)| id.as_str() == control).map(|(_, status)| *status);
    let control = printable(control, 64);
    match status {
        Some(status) => format!("{control} is {status}"),
        None => format!("{control} is not judged here"),
    }
}

/// `2 controls are failing: a and b`.
fn standing(controls: &[&str], status: Status) -> String {
    let ids: Vec<_> = controls.iter().map(|&id| id.to_owned()).collect();
    match controls {
        [] => format!("no control is {status}"),
        [only] => format!("{only} is {status}"),
        all => format!("{} controls are {status}: {}", all.len(), joined(&ids, 4)),
    }
}

/// Some of the parts in a sentence, and how many more there are.
fn joined(parts: &[String], most: usize) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [some @ .., last] if parts.len() <= most => format!("{} and {last}", some.join(", ")),
        _ => format!("{} and {} more", parts.get(..most).unwrap_or(parts).join(", "), parts.len() - most),
    }
}
