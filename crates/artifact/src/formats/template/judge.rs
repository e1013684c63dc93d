//! Judges the tree of a template: what is written under which condition, and what is reached or called.

mod origin;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{RuleMeta, Severity};
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Spanned, Stmt};

use super::{
    Said,
    fold::{Constants, fold, items, path},
    kind::{Kind, Origin},
    prose, rules, words,
};
use crate::escape;

/// Turns of a loop, or characters of a text, that nothing in a conversation needs.
const MOST_TURNS: u64 = 1_000_000;
/// Words that make an instruction, where a message or the date decides whether they are written.
const INSTRUCTION: usize = 3;
/// Functions that loaders of Hugging Face, llama.cpp and vLLM offer to templates.
const OFFERED: [&str; 18] = [
    "caller",
    "cycler",
    "dict",
    "joiner",
    "len",
    "lipsum",
    "loop",
    "namespace",
    "now",
    "raise_exception",
    "range",
    "strftime_now",
    "super",
    "tojson",
    "zip",
    "enumerate",
    "debug",
    "fromjson",
];
/// What web frameworks put into templates, and what leads from there to their settings.
const FRAMEWORK: [&str; 6] = ["config", "current_app", "g", "request", "session", "application"];

/// What is to be told about a template.
pub(super) fn judge(tree: &Stmt<'_>) -> Vec<Said> {
    let mut judge = Judge::default();
    judge.gather(tree);
    judge.statement(tree);
    judge.said
}

#[derive(Default)]
struct Judge {
    constants: Constants,
    kinds: BTreeMap<String, Kind>,
    /// Names that the template itself defines.
    own: BTreeSet<String>,
    /// What the statements that are looked at depend on, outermost first.
    triggers: Vec<String>,
    /// The user's turn is being written.
    user_turn: bool,
    /// The system's turn is being written.
    system_turn: bool,
    /// The last text that was written in this block ends with the mark of a system turn.
    system_mark: bool,
    /// Turns of the loops around.
    turns: u64,
    said: Vec<Said>,
}

impl Judge {
    fn say(&mut self, rule: &'static RuleMeta, severity: Severity, message: String) {
        self.said.push(Said { rule, severity, message });
    }

    /// Notes the names that are defined anywhere, so that a use before its definition is known.
    fn gather(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => template.children.iter().for_each(|child| self.gather(child)),
            Stmt::ForLoop(part) => {
                part.body.iter().chain(&part.else_body).for_each(|child| self.gather(child));
            }
            Stmt::IfCond(part) => {
                part.true_body.iter().chain(&part.false_body).for_each(|child| self.gather(child));
            }
            Stmt::WithBlock(part) => part.body.iter().for_each(|child| self.gather(child)),
            Stmt::SetBlock(part) => part.body.iter().for_each(|child| self.gather(child)),
            Stmt::FilterBlock(part) => part.body.iter().for_each(|child| self.gather(child)),
            Stmt::AutoEscape(part) => part.body.iter().for_each(|child| self.gather(child)),
            Stmt::Block(part) => part.body.iter().for_each(|child| self.gather(child)),
            Stmt::Macro(part) => {
                self.own.insert(part.name.to_owned());
                part.body.iter().for_each(|child| self.gather(child));
            }
            _ => {}
        }
    }

    fn body(&mut self, statements: &[Stmt<'_>]) {
        self.system_mark = false;
        for statement in statements {
            self.statement(statement);
        }
        self.system_mark = false;
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.body(&template.children),
            Stmt::EmitRaw(raw) => self.writes(raw.raw),
            Stmt::EmitExpr(emit) => {
                self.expression(&emit.expr);
                self.written(&emit.expr);
            }
            Stmt::ForLoop(part) => self.for_loop(part),
            Stmt::IfCond(part) => {
                self.expression(&part.expr);
                let mut triggers = Vec::new();
                self.triggers_of(&part.expr, &mut triggers);
                let depth = self.triggers.len();
                self.triggers.extend(triggers);
                let before = (self.user_turn, self.system_turn);
                self.user_turn |= is_role(&part.expr, &["user"]);
                self.system_turn |= is_role(&part.expr, &["system", "developer"]);
                self.body(&part.true_body);
                (self.user_turn, self.system_turn) = before;
                self.body(&part.false_body);
                self.triggers.truncate(depth);
            }
            Stmt::WithBlock(part) => {
                for (target, value) in &part.assignments {
                    self.expression(value);
                    self.assign(target, value);
                }
                self.body(&part.body);
            }
            Stmt::Set(set) => {
                self.expression(&set.expr);
                self.assign(&set.target, &set.expr);
                if !self.triggers.is_empty() {
                    self.written(&set.expr);
                }
            }
            Stmt::SetBlock(part) => {
                if let Some(filter) = &part.filter {
                    self.expression(filter);
                }
                self.body(&part.body);
                let kind = Kind { origin: Origin::Other, trigger: self.triggers.last().cloned() };
                self.bind(&part.target, None, &kind);
            }
            Stmt::AutoEscape(part) => self.body(&part.body),
            Stmt::FilterBlock(part) => {
                self.expression(&part.filter);
                self.body(&part.body);
            }
            Stmt::Block(part) => self.body(&part.body),
            Stmt::Import(part) => self.expression(&part.expr),
            Stmt::FromImport(part) => self.expression(&part.expr),
            Stmt::Extends(part) => self.expression(&part.name),
            Stmt::Include(part) => self.expression(&part.name),
            Stmt::Macro(part) => self.definition(part),
            Stmt::CallBlock(part) => {
                self.call(&part.call);
                self.definition(&part.macro_decl);
            }
            Stmt::Do(part) => self.call(&part.call),
            Stmt::Continue(_) | Stmt::Break(_) => {}
        }
    }

    fn for_loop(&mut self, part: &Spanned<minijinja::machinery::ast::ForLoop<'_>>) {
        self.expression(&part.iter);
        let list = match &part.iter {
            Expr::List(_) | Expr::Tuple(_) => items(&part.iter, &self.constants),
            _ => None,
        };
        let kind = self.kind(&part.iter);
        let first = list.and_then(|list| list.into_iter().find(|item| prose::is_phrase(item)));
        self.bind(&part.target, first, &kind);
        let before = self.turns;
        let turns = turns(&part.iter, &self.constants).unwrap_or(1).max(1);
        self.turns = before.max(1).saturating_mul(turns);
        if self.turns > MOST_TURNS {
            let message = format!("the chat template loops {} times", self.turns);
            self.say(rules::Endless::META, Severity::High, message);
            self.turns = 0;
        }
        let mut triggers = Vec::new();
        if let Some(filter) = &part.filter_expr {
            self.expression(filter);
            self.triggers_of(filter, &mut triggers);
        }
        self.triggers_of(&part.iter, &mut triggers);
        let depth = self.triggers.len();
        self.triggers.extend(triggers);
        self.body(&part.body);
        self.body(&part.else_body);
        self.triggers.truncate(depth);
        self.turns = before;
    }

    fn definition(&mut self, part: &Spanned<minijinja::machinery::ast::Macro<'_>>) {
        for arg in &part.args {
            if let Expr::Var(var) = arg {
                self.bind(arg, None, &Kind::of(Origin::named(var.id)));
            }
        }
        part.defaults.iter().for_each(|default| self.expression(default));
        self.body(&part.body);
    }

    fn assign(&mut self, target: &Expr<'_>, value: &Expr<'_>) {
        let mut kind = self.kind(value);
        let mut triggers = Vec::new();
        self.triggers_of(value, &mut triggers);
        kind.trigger = kind.trigger.or(triggers.pop()).or_else(|| self.triggers.last().cloned());
        // The fields of a namespace are variables of their own.
        if let (Expr::Var(var), Expr::Call(call)) = (target, value)
            && matches!(&call.expr, Expr::Var(function) if function.id == "namespace")
        {
            for arg in &call.args {
                if let CallArg::Kwarg(name, expr) = arg {
                    let kind = self.kind(expr);
                    self.note(format!("{}.{name}", var.id), fold(expr, &self.constants), kind);
                }
            }
        }
        let text = fold(value, &self.constants);
        self.bind(target, text, &kind);
    }

    /// Notes what is known of a variable, or of each of several.
    fn bind(&mut self, target: &Expr<'_>, text: Option<String>, kind: &Kind) {
        match target {
            Expr::List(list) => list.items.iter().for_each(|item| self.bind(item, None, kind)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.bind(item, None, kind)),
            target => {
                if let Some(name) = path(target) {
                    self.own.insert(name.clone());
                    self.note(name, text, kind.clone());
                }
            }
        }
    }

    fn note(&mut self, name: String, text: Option<String>, kind: Kind) {
        self.constants.insert(name.clone(), text);
        // What was once true of a variable may still be, on another way through the template.
        let before = self.kinds.remove(&name).unwrap_or_default();
        self.kinds.insert(name, kind.and(before));
    }

    /// Looks at an expression and all in it.
    fn expression(&mut self, expr: &Expr<'_>) {
        if matches!(expr, Expr::BinOp(_) | Expr::Filter(_) | Expr::Call(_) | Expr::Slice(_))
            && let Some(text) = fold(expr, &self.constants)
        {
            if let Some(door) = door(&text) {
                self.reaches(door);
            }
            if let Some((severity, what)) = prose::hidden(&text) {
                self.say(rules::HiddenText::META, severity, format!("the chat template writes {what}"));
            }
        }
        match expr {
            Expr::Var(_) => {}
            Expr::Const(value) => {
                if let Some((severity, what)) = value.value.as_str().and_then(prose::hidden) {
                    self.say(rules::HiddenText::META, severity, format!("the chat template writes {what}"));
                }
            }
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                for part in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expression(part);
                }
            }
            Expr::UnaryOp(op) => self.expression(&op.expr),
            Expr::BinOp(op) => {
                self.expression(&op.left);
                self.expression(&op.right);
                self.repeats(op.op, &op.left, &op.right);
            }
            Expr::Compare(compare) => {
                self.expression(&compare.expr);
                compare.ops.iter().for_each(|op| self.expression(&op.expr));
            }
            Expr::IfExpr(choice) => self.choice(choice),
            Expr::Filter(filter) => {
                if let Some(value) = &filter.expr {
                    self.expression(value);
                }
                self.arguments(&filter.args);
                self.filter(filter);
            }
            Expr::Test(test) => {
                self.expression(&test.expr);
                self.arguments(&test.args);
            }
            Expr::GetAttr(attr) => {
                self.expression(&attr.expr);
                self.of_framework(&attr.expr);
            }
            Expr::GetItem(item) => {
                self.expression(&item.expr);
                self.expression(&item.subscript_expr);
                self.of_framework(&item.expr);
                // A name that is put together is told above; one that stands in a variable is told here.
                if let Some(text) = fold(&item.subscript_expr, &self.constants) {
                    self.names(&text, &item.subscript_expr);
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => {
                map.keys.iter().chain(&map.values).for_each(|item| self.expression(item));
            }
        }
    }

    fn choice(&mut self, choice: &Spanned<minijinja::machinery::ast::IfExpr<'_>>) {
        self.expression(&choice.test_expr);
        let mut triggers = Vec::new();
        self.triggers_of(&choice.test_expr, &mut triggers);
        let depth = self.triggers.len();
        self.triggers.extend(triggers);
        for side in std::iter::once(&choice.true_expr).chain(&choice.false_expr) {
            self.expression(side);
            if self.triggers.len() > depth {
                self.written(side);
            }
        }
        self.triggers.truncate(depth);
    }

    fn arguments(&mut self, args: &[CallArg<'_>]) {
        for arg in args {
            self.expression(value_of(arg));
        }
    }

    fn filter(&mut self, filter: &Spanned<minijinja::machinery::ast::Filter<'_>>) {
        match (filter.name, filter.args.first(), &filter.expr) {
            ("attr", Some(arg), _) => {
                if let Some(text) = fold(value_of(arg), &self.constants) {
                    self.names(&text, value_of(arg));
                } else {
                    let message =
                        "the chat template reaches an attribute whose name is only known when it runs";
                    self.say(rules::ReachesPython::META, Severity::High, message.to_owned());
                }
            }
            (
                "map" | "selectattr" | "rejectattr" | "groupby" | "sort" | "unique" | "sum" | "min" | "max",
                Some(_),
                _,
            ) => {
                for arg in &filter.args {
                    let is_name = matches!(arg, CallArg::Kwarg("attribute", _))
                        || matches!(arg, CallArg::Pos(_)) && filter.name.ends_with("attr");
                    if let Some(text) =
                        fold(value_of(arg), &self.constants).filter(|_| is_name || filter.name == "map")
                    {
                        for part in text.split('.') {
                            if words::is_door(part) || words::ATTRIBUTES.contains(&part) {
                                self.reaches(part);
                            }
                        }
                    }
                }
            }
            ("replace", Some(_), Some(value)) => self.replaces(value, &filter.args),
            ("center" | "indent" | "ljust" | "rjust" | "zfill", Some(arg), _) => {
                let width = fold(value_of(arg), &self.constants).and_then(|text| text.parse().ok());
                if width.is_some_and(|width: u64| width > MOST_TURNS) {
                    let message = "the chat template writes millions of characters".to_owned();
                    self.say(rules::Endless::META, Severity::High, message);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &Spanned<minijinja::machinery::ast::Call<'_>>) {
        self.arguments(&call.args);
        match &call.expr {
            Expr::Var(var) => {
                if !self.own.contains(var.id) && !OFFERED.contains(&var.id) && !words::is_told(var.id) {
                    let message = format!(
                        "the chat template calls `{}`, which loaders do not offer",
                        escape(var.id, 40)
                    );
                    self.say(rules::UnusualConstruct::META, Severity::Low, message);
                }
                if var.id == "range" {
                    let count = turns_of_range(&call.args, &self.constants);
                    if count.is_some_and(|count| count > MOST_TURNS) {
                        let message = "the chat template counts to millions".to_owned();
                        self.say(rules::Endless::META, Severity::High, message);
                    }
                }
            }
            Expr::GetAttr(attr) => {
                self.expression(&attr.expr);
                self.of_framework(&attr.expr);
                if attr.name == "replace" {
                    self.replaces(&attr.expr, &call.args);
                }
                let is_format = attr.name == "format" || attr.name == "format_map";
                if let Some(text) = fold(&attr.expr, &self.constants).filter(|_| is_format)
                    && text.split('{').skip(1).any(|field| door(field).is_some())
                {
                    self.reaches("format");
                }
            }
            other => self.expression(other),
        }
    }

    /// A name by which something is reached. One that is written out was told word by word already, in the same words.
    fn names(&mut self, text: &str, expr: &Expr<'_>) {
        if !words::is_door(text) && !words::ATTRIBUTES.contains(&text) {
            return;
        }
        if matches!(expr, Expr::Const(_)) {
            let message = format!("the chat template names `{}` in a string", escape(text, 40));
            self.say(rules::ReachesPython::META, Severity::High, message);
        } else {
            self.reaches(text);
        }
    }

    fn reaches(&mut self, name: &str) {
        let message = format!("the chat template puts the name `{}` together", escape(name, 40));
        self.say(rules::ReachesPython::META, Severity::High, message);
    }

    fn of_framework(&mut self, base: &Expr<'_>) {
        if let Expr::Var(var) = base
            && FRAMEWORK.contains(&var.id)
            && !self.own.contains(var.id)
        {
            let message = format!("the chat template reaches into `{}`, an object of web frameworks", var.id);
            self.say(rules::UnusualConstruct::META, Severity::Medium, message);
        }
    }

    /// A text that is made very long.
    fn repeats(&mut self, op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) {
        let number = |expr| fold(expr, &self.constants).and_then(|text| text.parse::<u64>().ok());
        let (left, right) = (number(left), number(right));
        let most = match op {
            BinOpKind::Mul => left.unwrap_or(1).max(1).saturating_mul(right.unwrap_or(1).max(1)),
            BinOpKind::Pow => u64::from(right.is_some_and(|right| right > 64)).saturating_mul(u64::MAX),
            _ => 0,
        };
        if most > MOST_TURNS {
            let message = "the chat template multiplies something by millions".to_owned();
            self.say(rules::Endless::META, Severity::High, message);
        }
    }

    /// A text that is replaced in what messages say.
    fn replaces(&mut self, value: &Expr<'_>, args: &[CallArg<'_>]) {
        if self.kind(value).origin < Origin::Messages {
            return;
        }
        let text = |at: usize| args.get(at).and_then(|arg| fold(value_of(arg), &self.constants));
        let (Some(from), to) = (text(0), text(1)) else { return };
        if !prose::is_phrase(&from) {
            return;
        }
        // What the operator of a service writes is adapted to the model at times; what users write is not.
        let severity = match &to {
            Some(to) if !to.contains(char::is_alphabetic) || self.system_turn => Severity::Medium,
            _ => Severity::High,
        };
        let message = format!(
            "the chat template replaces `{}` in messages by `{}`",
            escape(&from, 30),
            escape(to.as_deref().unwrap_or("what it computes"), 30)
        );
        self.say(rules::RewritesMessages::META, severity, message);
    }

    /// What an expression writes.
    fn written(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Const(value) => {
                if let Some(text) = value.value.as_str() {
                    self.writes(text);
                }
            }
            Expr::BinOp(op) if matches!(op.op, BinOpKind::Add | BinOpKind::Concat | BinOpKind::ScOr) => {
                self.written(&op.left);
                self.written(&op.right);
            }
            Expr::IfExpr(choice) => {
                for side in std::iter::once(&choice.true_expr).chain(&choice.false_expr) {
                    self.written(side);
                }
            }
            Expr::Filter(filter) => {
                if let Some(value) = &filter.expr {
                    self.written(value);
                }
                if matches!(filter.name, "default" | "d") {
                    filter.args.iter().for_each(|arg| self.written(value_of(arg)));
                }
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.written(item)),
            Expr::Map(map) => map.values.iter().for_each(|item| self.written(item)),
            expr => {
                if self.system_mark && self.user_turn && self.kind(expr).origin == Origin::Content {
                    let message = "the chat template writes what users say as the system's turn".to_owned();
                    self.say(rules::SpoofsRole::META, Severity::High, message);
                }
                self.system_mark = false;
                if let Some(text) = path(expr).and_then(|path| self.constants.get(&path).cloned().flatten())
                    && !self.triggers.is_empty()
                {
                    self.writes(&text);
                }
            }
        }
    }

    /// Text that is written as it stands here.
    fn writes(&mut self, text: &str) {
        self.system_mark = ends_as_system(text) || self.system_mark && text.trim().is_empty();
        let words = prose::words(text);
        let address = prose::address(text);
        if let Some(trigger) = self.triggers.last().cloned() {
            let severity = match (words, address) {
                (_, Some(_)) | (INSTRUCTION.., _) => Severity::High,
                (1.., None) => Severity::Medium,
                (0, None) => return,
            };
            let message =
                format!("the chat template writes `{}` depending on {trigger}", escape(text.trim(), 60));
            self.say(rules::Backdoor::META, severity, message);
            return;
        }
        if let Some(address) = address {
            let message = format!("the chat template writes the address or mark `{}`", escape(address, 60));
            self.say(rules::WritesAddress::META, Severity::Medium, message);
        }
        if let Some(phrase) = prose::conceals(text) {
            let message = format!("the chat template tells the model: {phrase}");
            self.say(rules::Backdoor::META, Severity::Medium, message);
        }
    }
}

/// Whether a condition says whose turn it is.
fn is_role(expr: &Expr<'_>, roles: &[&str]) -> bool {
    match expr {
        Expr::BinOp(op) if matches!(op.op, BinOpKind::Eq) => {
            let is = |expr: &Expr<'_>| matches!(expr, Expr::Const(value) if value.value.as_str().is_some_and(|role| roles.contains(&role)));
            is(&op.left) || is(&op.right)
        }
        Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
            is_role(&op.left, roles) || is_role(&op.right, roles)
        }
        _ => false,
    }
}

/// Whether a text ends with what opens a system's turn.
fn ends_as_system(text: &str) -> bool {
    let text = text.trim_end();
    let ends = [
        "<|im_start|>system",
        "<|start_header_id|>system<|end_header_id|>",
        "<|system|>",
        "<|start|>system<|message|>",
        "[SYSTEM_PROMPT]",
        "<|turn>system",
        "<start_of_turn>system",
        "<|im_system|>system<|im_middle|>",
    ];
    ends.iter().any(|end| text.ends_with(end))
}

const fn value_of<'e, 'a>(arg: &'e CallArg<'a>) -> &'e Expr<'a> {
    match arg {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => expr,
    }
}

/// The special name of Python that a text holds.
fn door(text: &str) -> Option<&'static str> {
    words::DOORS.into_iter().find(|door| text.contains(door))
}

/// How often a loop over an expression turns, where that is known.
fn turns(iter: &Expr<'_>, known: &Constants) -> Option<u64> {
    let Expr::Call(call) = iter else { return None };
    matches!(&call.expr, Expr::Var(var) if var.id == "range").then(|| turns_of_range(&call.args, known))?
}

fn turns_of_range(args: &[CallArg<'_>], known: &Constants) -> Option<u64> {
    let number = |expr: &Expr<'_>| match expr {
        Expr::BinOp(op) if matches!(op.op, BinOpKind::Pow | BinOpKind::Mul) => {
            let base: u64 = fold(&op.left, known)?.parse().ok()?;
            let other: u32 = fold(&op.right, known)?.parse().ok()?;
            Some(match op.op {
                BinOpKind::Pow => base.saturating_pow(other),
                _ => base.saturating_mul(other.into()),
            })
        }
        expr => fold(expr, known)?.parse::<u64>().ok(),
    };
    let [first, rest @ ..] = args else { return None };
    match rest {
        [] => number(value_of(first)),
        [second, ..] => Some(number(value_of(second))?.saturating_sub(number(value_of(first)).unwrap_or(0))),
    }
}
