//! The source code in `TorchScript` archives: a part of Python that `PyTorch`'s own interpreter runs.
//!
//! It knows no imports and no functions of Python. What it can do besides computing stands in operators, and each operator
//! goes by a name: `torch.<operator>` or `ops.<namespace>.<operator>`.

use std::collections::BTreeSet;

use bartizan_finding::Severity;
use ruff_python_ast::{
    Expr, Stmt,
    visitor::{self, Visitor},
};

use super::{Said, parse, tell, text};
use crate::{
    escape,
    formats::{pickle, torch::rules},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// Operators that touch files.
const FILES: [&str; 6] = ["_load_from_file", "from_file", "load", "read_file", "save", "write_file"];
/// Namespaces of operators that `PyTorch` itself and its official libraries bring, and that compute.
const NAMESPACES: [&str; 20] = [
    "aten",
    "prim",
    "prims",
    "quantized",
    "quantized_decomposed",
    "torchvision",
    "image",
    "torchaudio",
    "torchtext",
    "fbgemm",
    "sparse",
    "profiler",
    "mkldnn",
    "mkldnn_prepacked",
    "prepacked",
    "xnnpack",
    "static_runtime",
    "cuda",
    "onednn",
    "internal",
];
/// Operators of `prim` that leave the interpreter.
const FOREIGN: [&str; 3] = ["PythonOp", "CallFunction", "ModuleContainerIndex"];
/// Namespaces of classes that `PyTorch` itself brings.
const CLASSES: [&str; 6] = ["quantized", "rnn", "sparse", "xnnpack", "mkldnn", "cuda"];

/// Reads a member of this kind to its end; whether all of it was looked at and only computes.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt> {
    let Some(source) = text(pass, scope)? else { return Ok(false) };
    let Some(parsed) = parse(&source, scope) else { return Ok(false) };
    let mut script = Script::default();
    script.visit_body(&parsed.syntax().body);
    let worst = script.said.iter().map(|said| said.severity).max();
    let inert = parsed.errors().is_empty() && worst < Some(Severity::Medium);
    tell(script.said, scope);
    Ok(inert)
}

#[derive(Default)]
struct Script {
    seen: BTreeSet<String>,
    said: Vec<Said>,
}

impl Script {
    fn judge(&mut self, dotted: &str, at: u32) {
        let parts: Vec<&str> = dotted.split('.').collect();
        let shown = escape(dotted, SHOWN);
        let (severity, message) = match parts.as_slice() {
            ["torch" | "aten" | "prim", operator] | ["ops", "aten" | "prim", operator]
                if FILES.contains(operator) =>
            {
                (Severity::High, format!("the program reads or writes a file with {shown}"))
            }
            ["ops", "prim", operator] | ["prim", operator] if FOREIGN.contains(operator) => {
                (Severity::High, format!("the program leaves its interpreter with {shown}"))
            }
            ["ops", "image", operator] if operator.contains("file") => {
                (Severity::High, format!("the program reads or writes a file with {shown}"))
            }
            ["torch", "ops", namespace, ..] | ["ops", namespace, ..] if !NAMESPACES.contains(namespace) => (
                Severity::Medium,
                format!("the program calls an operator of a library that is not PyTorch's: {shown}"),
            ),
            ["__torch__", "torch", "classes", namespace, ..] | ["torch", "classes", namespace, ..]
                if !CLASSES.contains(namespace) =>
            {
                (
                    Severity::Medium,
                    format!("the program makes an object of a library that is not PyTorch's: {shown}"),
                )
            }
            ["torch", first, .., last] if pickle::harm(&format!("torch.{first}"), last).is_some() => {
                (Severity::High, format!("the program names {shown}"))
            }
            [name]
                if matches!(
                    *name,
                    "eval" | "exec" | "compile" | "open" | "__import__" | "input" | "globals"
                ) =>
            {
                (Severity::High, format!("the program names {shown}, which no TorchScript has"))
            }
            [first @ ("os" | "sys" | "subprocess" | "builtins" | "socket" | "ctypes"), ..] => {
                (Severity::High, format!("the program names {shown} of {first}, which no TorchScript has"))
            }
            _ => return,
        };
        if self.seen.insert(dotted.to_owned()) {
            self.said.push(Said { rule: rules::Operator::META, severity, message, at });
        }
    }
}

/// The dotted name of an expression of names alone.
fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attr) => Some(format!("{}.{}", dotted(&attr.value)?, attr.attr)),
        _ => None,
    }
}

impl<'a> Visitor<'a> for Script {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Import(import) = stmt {
            for alias in &import.names {
                // The serialised form names the modules of its own types.
                if !alias.name.starts_with("__torch__") {
                    self.judge(&format!("{}.", alias.name), import.range.start().to_u32());
                }
            }
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let at = match expr {
            Expr::Name(name) => name.range.start().to_u32(),
            Expr::Attribute(attr) => attr.range.start().to_u32(),
            Expr::Call(call) => {
                if let Expr::Name(name) = &*call.func {
                    self.judge(name.id.as_str(), name.range.start().to_u32());
                }
                return visitor::walk_expr(self, expr);
            }
            _ => return visitor::walk_expr(self, expr),
        };
        match dotted(expr) {
            Some(name) if matches!(expr, Expr::Attribute(_)) => self.judge(&name, at),
            Some(_) => {}
            None => visitor::walk_expr(self, expr),
        }
    }
}
