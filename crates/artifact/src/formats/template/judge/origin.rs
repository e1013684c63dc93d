//! What a value goes back to, and what a condition waits for.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, UnaryOpKind};

use super::{
    super::{
        fold::{fold, items, path},
        kind::{Kind, Origin},
        prose,
    },
    Judge, value_of,
};
use crate::escape;

/// Messages after which a template that writes something is waiting for them.
const LATE: u64 = 3;
/// Functions that give the date.
const DATES: [&str; 2] = ["now", "strftime_now"];
/// Tests that ask what a value is and not what it says.
const ABOUT: [&str; 14] = [
    "boolean",
    "callable",
    "defined",
    "false",
    "filter",
    "float",
    "integer",
    "iterable",
    "mapping",
    "none",
    "number",
    "sequence",
    "string",
    "undefined",
];
/// Methods and filters that look for a text in another.
const SEARCHES: [&str; 14] = [
    "__contains__",
    "contains",
    "containing",
    "count",
    "endswith",
    "find",
    "index",
    "match",
    "partition",
    "replace",
    "rfind",
    "search",
    "split",
    "startswith",
];

impl Judge {
    /// What somebody has to say, or when, for a condition to hold.
    pub(super) fn triggers_of(&self, expr: &Expr<'_>, found: &mut Vec<String>) {
        if let Some(trigger) = path(expr).and_then(|path| self.kinds.get(&path)?.trigger.clone()) {
            found.push(trigger);
        }
        match expr {
            Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => self.triggers_of(&op.expr, found),
            Expr::BinOp(op) => {
                self.triggers_of(&op.left, found);
                self.triggers_of(&op.right, found);
                self.compared(op.op, &op.left, &op.right, found);
            }
            Expr::Compare(compare) => {
                self.triggers_of(&compare.expr, found);
                for op in &compare.ops {
                    self.triggers_of(&op.expr, found);
                    self.compared(BinOpKind::Lt, &compare.expr, &op.expr, found);
                }
            }
            Expr::Test(test) if !ABOUT.contains(&test.name) => {
                self.triggers_of(&test.expr, found);
                self.searched(&test.expr, &test.args, found);
            }
            Expr::Filter(filter) => {
                if let Some(value) = &filter.expr {
                    self.triggers_of(value, found);
                    if SEARCHES.contains(&filter.name) || filter.name.contains("regex") {
                        self.searched(value, &filter.args, found);
                    } else if matches!(filter.name, "select" | "reject" | "selectattr" | "rejectattr") {
                        self.searched(value, &filter.args, found);
                        let mut args = filter.args.iter().map(value_of);
                        if args.any(|arg| self.kind(arg).origin >= Origin::Messages) {
                            self.phrases(value, found);
                        }
                    }
                }
            }
            Expr::Call(call) => {
                for arg in &call.args {
                    self.triggers_of(value_of(arg), found);
                }
                if let Expr::GetAttr(attr) = &call.expr {
                    self.triggers_of(&attr.expr, found);
                    if SEARCHES.contains(&attr.name) {
                        self.searched(&attr.expr, &call.args, found);
                    }
                }
            }
            Expr::GetItem(item) => self.triggers_of(&item.expr, found),
            Expr::GetAttr(attr) => self.triggers_of(&attr.expr, found),
            Expr::Slice(slice) => self.triggers_of(&slice.expr, found),
            Expr::IfExpr(choice) => {
                self.triggers_of(&choice.test_expr, found);
                self.triggers_of(&choice.true_expr, found);
                if let Some(other) = &choice.false_expr {
                    self.triggers_of(other, found);
                }
            }
            _ => {}
        }
    }

    fn searched(&self, value: &Expr<'_>, args: &[CallArg<'_>], found: &mut Vec<String>) {
        let origin = self.kind(value).origin;
        for arg in args {
            if origin >= Origin::Messages {
                self.phrases(value_of(arg), found);
            } else if origin == Origin::Date {
                found.push("the date".to_owned());
            }
        }
    }

    fn compared(&self, op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>, found: &mut Vec<String>) {
        use BinOpKind::{Eq, Gt, Gte, In, Lt, Lte, Ne};
        if !matches!(op, Eq | Ne | Lt | Lte | Gt | Gte | In) {
            return;
        }
        for (value, other) in [(left, right), (right, left)] {
            match self.kind(value).origin {
                Origin::Content | Origin::Messages => self.phrases(other, found),
                Origin::Date if !matches!(other, Expr::Const(value) if value.value.is_none()) => {
                    found.push("the date".to_owned());
                }
                Origin::Size => {
                    let number = fold(other, &self.constants).and_then(|text| text.parse::<u64>().ok());
                    if number.is_some_and(|number| number > LATE) {
                        found.push("how much was said".to_owned());
                    }
                }
                _ => {}
            }
        }
    }

    /// The phrases that an expression stands for, where messages are searched for them.
    fn phrases(&self, expr: &Expr<'_>, found: &mut Vec<String>) {
        let texts = items(expr, &self.constants).unwrap_or_default();
        if let Some(phrase) = texts.iter().find(|text| prose::is_phrase(text)) {
            found.push(format!("the words `{}` in a message", escape(phrase, 40)));
        }
    }

    /// Where a value comes from.
    pub(super) fn kind(&self, expr: &Expr<'_>) -> Kind {
        if let Some(kind) = path(expr).and_then(|path| self.kinds.get(&path)) {
            return kind.clone();
        }
        match expr {
            Expr::Var(var) => match var.id {
                "messages" | "message" | "conversation" => Kind::of(Origin::Messages),
                _ => Kind::default(),
            },
            Expr::GetAttr(attr) => self.under(&attr.expr, attr.name),
            Expr::GetItem(item) => match fold(&item.subscript_expr, &self.constants) {
                Some(key) if key.parse::<i64>().is_err() => self.under(&item.expr, &key),
                _ => self.kind(&item.expr),
            },
            Expr::Slice(slice) => self.kind(&slice.expr),
            Expr::UnaryOp(op) => self.kind(&op.expr),
            Expr::BinOp(op) if matches!(op.op, BinOpKind::Add | BinOpKind::Concat | BinOpKind::ScOr) => {
                self.kind(&op.left).and(self.kind(&op.right))
            }
            Expr::BinOp(op) if matches!(op.op, BinOpKind::Rem | BinOpKind::Sub) => self.kind(&op.left),
            Expr::IfExpr(choice) => {
                let other = choice.false_expr.as_ref().map(|other| self.kind(other)).unwrap_or_default();
                self.kind(&choice.true_expr).and(other)
            }
            Expr::Filter(filter) => {
                let base = filter.expr.as_ref().map(|value| self.kind(value)).unwrap_or_default();
                let attribute = filter.args.iter().find_map(|arg| match arg {
                    CallArg::Kwarg("attribute", expr) => fold(expr, &self.constants),
                    _ => None,
                });
                let origin = match attribute.filter(|_| filter.name == "map") {
                    Some(key) => base.origin.key(&key),
                    None => base.origin.through(filter.name),
                };
                Kind { origin, ..base }
            }
            Expr::Call(call) => match &call.expr {
                Expr::Var(var) if DATES.contains(&var.id) => Kind::of(Origin::Date),
                Expr::Var(var) if var.id == "len" => {
                    let arg = call.args.first().map(|arg| self.kind(value_of(arg))).unwrap_or_default();
                    Kind { origin: arg.origin.through("len"), ..arg }
                }
                Expr::Var(var) if self.own.contains(var.id) => call
                    .args
                    .iter()
                    .map(|arg| self.kind(value_of(arg)))
                    .filter(|kind| kind.origin != Origin::Messages)
                    .reduce(Kind::and)
                    .unwrap_or_default(),
                Expr::GetAttr(attr) => {
                    let key = call.args.first().and_then(|arg| fold(value_of(arg), &self.constants));
                    if let Some(key) = key.filter(|_| attr.name == "get") {
                        self.under(&attr.expr, &key)
                    } else {
                        let base = self.kind(&attr.expr);
                        Kind { origin: base.origin.through(attr.name), ..base }
                    }
                }
                _ => Kind::default(),
            },
            _ => Kind::default(),
        }
    }

    fn under(&self, base: &Expr<'_>, key: &str) -> Kind {
        let kind = self.kind(base);
        Kind { origin: kind.origin.key(key), ..kind }
    }
}
