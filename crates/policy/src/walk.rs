//! What the conditions of a rule speak of.

use std::collections::BTreeSet;

use cedar_policy::pst::{BinaryOp, Clause, EntityUID, Expr, Literal, Template, Var};

/// Everything in the conditions that is checked or explained without evaluating them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mentions {
    /// Attributes of the context that are read.
    pub(crate) context: BTreeSet<String>,
    /// Controls that are named.
    pub(crate) controls: BTreeSet<String>,
    /// Kinds of assets that the resource's is compared with.
    pub(crate) kinds: BTreeSet<String>,
    /// Classifications that the resource's is compared with.
    pub(crate) classifications: BTreeSet<String>,
    /// Whether `principal`, `resource` or `context` occurs at all.
    pub(crate) asks: bool,
}

/// Walks the conditions of a rule. Recursion is bounded by what the scan lets through.
pub(crate) fn mentions(rule: &Template) -> Mentions {
    let mut mentions = Mentions::default();
    for clause in rule.clauses() {
        let (Clause::When(expr) | Clause::Unless(expr)) = clause;
        mentions.walk(expr);
    }
    mentions
}

/// The attribute, where the expression reads one of this variable.
pub(crate) fn attribute(expr: &Expr, of: &Var) -> Option<String> {
    match expr {
        Expr::GetAttr { expr, attr } if matches!(&**expr, Expr::Var(var) if var == of) => {
            Some(attr.as_str().to_owned())
        }
        _ => None,
    }
}

/// The id, where the expression is an entity of this type.
pub(crate) fn id_of<'e>(expr: &'e Expr, type_name: &str) -> Option<&'e str> {
    match expr {
        Expr::Literal(Literal::EntityUID(uid)) if is_of(uid, type_name) => Some(uid.eid.as_str()),
        _ => None,
    }
}

pub(crate) fn is_of(uid: &EntityUID, type_name: &str) -> bool {
    uid.ty.0.namespace.is_empty() && uid.ty.0.id.as_str() == type_name
}

pub(crate) fn string(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(Literal::String(text)) => Some(text.as_str()),
        _ => None,
    }
}

impl Mentions {
    fn walk(&mut self, expr: &Expr) {
        match expr {
            Expr::Var(var) => self.asks |= *var != Var::Action,
            Expr::UnaryOp { expr: of, .. } | Expr::Like { expr: of, .. } | Expr::HasAttr { expr: of, .. } => {
                self.walk(of);
            }
            Expr::GetAttr { expr: of, .. } => {
                self.context.extend(attribute(expr, &Var::Context));
                self.walk(of);
            }
            Expr::BinaryOp { op, left, right } => {
                self.compare(*op, left, right);
                self.walk(left);
                self.walk(right);
            }
            Expr::Is { expr, in_expr, .. } => {
                self.walk(expr);
                if let Some(within) = in_expr {
                    self.walk(within);
                }
            }
            Expr::IfThenElse { cond, then_expr, else_expr } => {
                for expr in [cond, then_expr, else_expr] {
                    self.walk(expr);
                }
            }
            Expr::Set(members) => members.iter().for_each(|member| self.walk(member)),
            Expr::Record(fields) => fields.values().for_each(|field| self.walk(field)),
            _ => self.controls.extend(id_of(expr, "Control").map(str::to_owned)),
        }
    }

    /// Notes what `resource.kind` and `resource.classification` are compared with.
    fn compare(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        for (one, other) in [(left, right), (right, left)] {
            let words = match attribute(one, &Var::Resource).as_deref() {
                Some("kind") => &mut self.kinds,
                Some("classification") => &mut self.classifications,
                _ => continue,
            };
            match (op, other) {
                (BinaryOp::Eq | BinaryOp::NotEq, word) => words.extend(string(word).map(str::to_owned)),
                (BinaryOp::Contains, Expr::Set(members)) => {
                    words.extend(members.iter().filter_map(|member| string(member)).map(str::to_owned));
                }
                _ => {}
            }
        }
    }
}
