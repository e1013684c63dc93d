//! What an expression of constants comes to: names that are put together from parts.

use std::collections::BTreeMap;

use minijinja::{
    Value,
    machinery::ast::{BinOpKind, CallArg, Expr, UnaryOpKind},
};

/// Longest text that is put together. Names are short.
const LONGEST: usize = 4096;

/// What is known of variables.
pub(super) type Constants = BTreeMap<String, Option<String>>;

/// The text that an expression comes to, where only constants are in it.
pub(super) fn fold(expr: &Expr<'_>, known: &Constants) -> Option<String> {
    let text = match expr {
        Expr::Const(value) => scalar(&value.value)?,
        Expr::Var(var) => known.get(var.id)?.clone()?,
        Expr::GetAttr(_) => known.get(&path(expr)?)?.clone()?,
        Expr::BinOp(op) => {
            let left = fold(&op.left, known)?;
            match op.op {
                BinOpKind::Add | BinOpKind::Concat => left + &fold(&op.right, known)?,
                BinOpKind::Mul => {
                    let times: usize = fold(&op.right, known)?.parse().ok()?;
                    (left.len().checked_mul(times)? <= LONGEST).then(|| left.repeat(times))?
                }
                BinOpKind::Rem => format_percent(&left, &items(&op.right, known)?),
                _ => return None,
            }
        }
        Expr::Filter(filter) => {
            let args = arguments(&filter.args, known);
            match (filter.name, filter.expr.as_ref()?) {
                ("join", list) => items(list, known)?.join(args.first().map_or("", String::as_str)),
                ("first", list) => items(list, known)?.into_iter().next()?,
                ("last", list) => items(list, known)?.pop()?,
                (name, value) => method(name, fold(value, known)?, &args)?,
            }
        }
        Expr::Call(call) => {
            let Expr::GetAttr(attr) = &call.expr else { return None };
            if attr.name == "join" {
                let [CallArg::Pos(list)] = call.args.as_slice() else { return None };
                items(list, known)?.join(&fold(&attr.expr, known)?)
            } else {
                method(attr.name, fold(&attr.expr, known)?, &arguments(&call.args, known))?
            }
        }
        Expr::Slice(slice) => {
            let text: Vec<char> = fold(&slice.expr, known)?.chars().collect();
            let at = |expr: &Option<Expr<'_>>, whole: usize| match expr {
                None => Some(whole),
                Some(expr) => position(&fold(expr, known)?, text.len()),
            };
            match slice.step.as_ref().map(|step| fold(step, known)) {
                Some(Some(step)) if step == "-1" => text.iter().rev().collect(),
                Some(Some(step)) => {
                    text.iter().step_by(step.parse::<usize>().ok().filter(|step| *step > 0)?).collect()
                }
                Some(None) => return None,
                None => text.get(at(&slice.start, 0)?..at(&slice.stop, text.len())?)?.iter().collect(),
            }
        }
        Expr::GetItem(item) => {
            let text: Vec<char> = fold(&item.expr, known)?.chars().collect();
            let at = position(&fold(&item.subscript_expr, known)?, text.len())?;
            text.get(at)?.to_string()
        }
        Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Neg) => format!("-{}", fold(&op.expr, known)?),
        _ => return None,
    };
    (text.len() <= LONGEST).then_some(text)
}

/// The texts of a list of constants; of a text, its characters are not meant, so that it stands for itself.
pub(super) fn items(expr: &Expr<'_>, known: &Constants) -> Option<Vec<String>> {
    let list = match expr {
        Expr::List(list) => &list.items,
        Expr::Tuple(tuple) => &tuple.items,
        Expr::Filter(filter) if filter.name == "reverse" || filter.name == "list" => {
            let mut list = items(filter.expr.as_ref()?, known)?;
            if filter.name == "reverse" {
                list.reverse();
            }
            return Some(list);
        }
        expr => return Some(vec![fold(expr, known)?]),
    };
    (list.len() <= LONGEST).then_some(())?;
    list.iter().map(|item| fold(item, known)).collect()
}

/// The dotted name of a variable or its attribute.
pub(super) fn path(expr: &Expr<'_>) -> Option<String> {
    match expr {
        Expr::Var(var) => Some(var.id.to_owned()),
        Expr::GetAttr(attr) => match &attr.expr {
            Expr::Var(var) => Some(format!("{}.{}", var.id, attr.name)),
            _ => None,
        },
        _ => None,
    }
}

fn scalar(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return (text.len() <= LONGEST).then(|| text.to_owned());
    }
    value.is_number().then(|| value.to_string())
}

fn arguments(args: &[CallArg<'_>], known: &Constants) -> Vec<String> {
    let mut texts = Vec::new();
    for arg in args {
        let (CallArg::Pos(expr) | CallArg::Kwarg(_, expr)) = arg else { break };
        let Some(text) = fold(expr, known) else { break };
        texts.push(text);
    }
    texts
}

/// A filter or method of texts.
fn method(name: &str, text: String, args: &[String]) -> Option<String> {
    Some(match (name, args) {
        ("lower" | "casefold", _) => text.to_lowercase(),
        ("upper", _) => text.to_uppercase(),
        ("trim" | "strip", []) => text.trim().to_owned(),
        ("trim" | "strip", [cut]) => text.trim_matches(|c| cut.contains(c)).to_owned(),
        ("lstrip", [cut]) => text.trim_start_matches(|c| cut.contains(c)).to_owned(),
        ("rstrip", [cut]) => text.trim_end_matches(|c| cut.contains(c)).to_owned(),
        ("string" | "safe" | "escape" | "e", _) => text,
        ("reverse", _) => text.chars().rev().collect(),
        ("replace", [from, to, ..]) if !from.is_empty() => {
            let longer =
                to.len().saturating_sub(from.len()).saturating_mul(text.matches(from.as_str()).count());
            (text.len() + longer <= LONGEST).then(|| text.replace(from.as_str(), to))?
        }
        ("removeprefix", [cut]) => text.strip_prefix(cut.as_str()).unwrap_or(&text).to_owned(),
        ("removesuffix", [cut]) => text.strip_suffix(cut.as_str()).unwrap_or(&text).to_owned(),
        // The filter formats with percent signs, the method with braces.
        ("format", args) if text.contains('%') => format_percent(&text, args),
        ("format", args) => format_braces(&text, args),
        _ => return None,
    })
}

fn format_percent(text: &str, args: &[String]) -> String {
    let mut args = args.iter();
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('c') => {
                let code = args.next().map(String::as_str).unwrap_or_default();
                out.extend(code.parse().ok().and_then(char::from_u32));
            }
            Some('%') | None => out.push('%'),
            Some(_) => out.push_str(args.next().map(String::as_str).unwrap_or_default()),
        }
        if out.len() > LONGEST {
            break;
        }
    }
    out
}

fn format_braces(text: &str, args: &[String]) -> String {
    let mut next = 0;
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let Some((field, behind)) = behind.split_once('}') else { break };
        let index = field.parse().unwrap_or(next);
        next += 1;
        out.push_str(args.get(index).map(String::as_str).unwrap_or_default());
        rest = behind;
        if out.len() > LONGEST {
            break;
        }
    }
    out.push_str(rest);
    out
}

fn position(text: &str, length: usize) -> Option<usize> {
    let at: i64 = text.parse().ok()?;
    let back = usize::try_from(at.unsigned_abs()).ok()?;
    Some(if at < 0 { length.saturating_sub(back) } else { back.min(length) })
}
