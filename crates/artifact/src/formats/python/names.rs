//! Which dotted name an expression stands for, through imports, assignments and the usual detours.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{
    Expr, Stmt,
    visitor::{Visitor, walk_expr, walk_stmt},
};

use super::{effect, fold::fold};

/// Meanings that a name is followed to.
const MEANINGS: usize = 4;
/// Longest dotted name.
const LONGEST: usize = 200;
/// Functions of Python itself that are looked at, unless the file defines its own.
const BUILTINS: [&str; 16] = [
    "__build_class__",
    "__builtins__",
    "__import__",
    "__loader__",
    "breakpoint",
    "bytearray",
    "bytes",
    "compile",
    "delattr",
    "eval",
    "exec",
    "getattr",
    "globals",
    "open",
    "setattr",
    "vars",
];

/// What names of a file stand for.
#[derive(Debug, Default)]
pub(super) struct Names {
    meanings: BTreeMap<String, Vec<String>>,
    /// Functions and classes of the file, and what else it assigns to.
    own: BTreeSet<String>,
    /// Names of values that were decoded or decompressed.
    pub(super) decoded: BTreeSet<String>,
    /// What is called while the file is imported: functions, and classes with their constructors.
    pub(super) started: BTreeSet<String>,
}

impl Names {
    /// Gathers the names of a file.
    pub(super) fn of(body: &[Stmt]) -> Self {
        let mut gather = Gather { names: Self::default(), calls: BTreeMap::new(), inside: Vec::new() };
        gather.visit_body(body);
        let Gather { mut names, calls, .. } = gather;
        // What is called on import calls others.
        let mut open: Vec<String> = calls.get("").into_iter().flatten().cloned().collect();
        while let Some(name) = open.pop() {
            if names.started.insert(name.clone()) {
                open.extend(calls.get(&name).into_iter().flatten().cloned());
            }
        }
        names
    }

    fn mean(&mut self, name: &str, meaning: String) {
        let meanings = self.meanings.entry(name.to_owned()).or_default();
        if meanings.len() < MEANINGS && meaning.len() < LONGEST && !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }

    /// The dotted names that an expression may stand for; none for what the file itself makes.
    pub(super) fn resolve(&self, expr: &Expr) -> Vec<String> {
        let mut found = match expr {
            Expr::Name(name) => {
                self.meanings.get(name.id.as_str()).cloned().unwrap_or_else(|| self.builtin(&name.id))
            }
            Expr::Attribute(attr) => {
                let name = attr.attr.as_str();
                if name == "__dict__" || name == "__call__" || name == "__func__" {
                    return self.resolve(&attr.value);
                }
                self.resolve(&attr.value).into_iter().map(|base| format!("{base}.{name}")).collect()
            }
            Expr::Named(named) => self.resolve(&named.value),
            Expr::Await(wait) => self.resolve(&wait.value),
            Expr::Subscript(item) => match fold(&item.slice) {
                Some((key, _)) => {
                    self.resolve(&item.value).into_iter().map(|base| under(&base, &key)).collect()
                }
                None => Vec::new(),
            },
            Expr::If(choice) => [self.resolve(&choice.body), self.resolve(&choice.orelse)].concat(),
            Expr::BoolOp(op) => op.values.iter().flat_map(|value| self.resolve(value)).collect(),
            Expr::Call(call) => self.made(call),
            _ => Vec::new(),
        };
        found.truncate(MEANINGS);
        found.retain(|name| name.len() < LONGEST);
        found
    }

    fn builtin(&self, name: &str) -> Vec<String> {
        match name {
            "__builtins__" => vec!["builtins".to_owned()],
            name if BUILTINS.contains(&name) && !self.own.contains(name) => vec![format!("builtins.{name}")],
            _ => Vec::new(),
        }
    }

    /// What a call gives, as a name: a module, an attribute, or an object of a class.
    fn made(&self, call: &ruff_python_ast::ExprCall) -> Vec<String> {
        let args = &call.arguments.args;
        // `attrgetter('system')(os)`
        if let (Expr::Call(inner), [object]) = (&*call.func, &**args)
            && let Some((name, _)) = inner.arguments.args.first().and_then(fold)
            && self.resolve(&inner.func).iter().any(|name| name.ends_with("attrgetter"))
        {
            return self.resolve(object).into_iter().map(|base| format!("{base}.{name}")).collect();
        }
        let mut found = Vec::new();
        for function in self.resolve(&call.func) {
            if effect::imports(&function) {
                found.extend(args.first().and_then(fold).map(|(name, _)| name));
                continue;
            }
            match (function.as_str(), &**args) {
                ("builtins.getattr", [object, name, ..]) => {
                    if let Some((name, _)) = fold(name) {
                        found.extend(self.resolve(object).into_iter().map(|base| format!("{base}.{name}")));
                    }
                }
                ("builtins.vars", [object]) => found.extend(self.resolve(object)),
                ("builtins.globals", _) => found.push("globals".to_owned()),
                ("functools.partial", [function, ..]) => found.extend(self.resolve(function)),
                // The object of a class goes by the name of the class.
                (function, _) => {
                    let last = function.rsplit('.').next().unwrap_or_default();
                    if last.starts_with(|c: char| c.is_ascii_uppercase()) || last == "socket" {
                        found.push(function.to_owned());
                    } else if last == "__getattribute__" || last == "get" || last == "__getitem__" {
                        let base = function.strip_suffix(last).unwrap_or_default().trim_end_matches('.');
                        found.extend(args.first().and_then(fold).map(|(name, _)| under(base, &name)));
                    }
                }
            }
        }
        found
    }
}

fn under(base: &str, key: &str) -> String {
    match base {
        "sys.modules" => key.to_owned(),
        "globals" if key == "__builtins__" => "builtins".to_owned(),
        base => format!("{base}.{key}"),
    }
}

struct Gather {
    names: Names,
    /// What each function calls; the empty name is the file itself.
    calls: BTreeMap<String, BTreeSet<String>>,
    /// The functions and classes around.
    inside: Vec<(String, bool)>,
}

impl Gather {
    /// The function that is being looked at; a class runs with what is around it.
    fn function(&self) -> String {
        let function = self.inside.iter().rposition(|(_, is_class)| !is_class);
        let Some(at) = function else { return String::new() };
        match at.checked_sub(1).and_then(|at| self.inside.get(at)) {
            Some((class, true)) => format!("{class}.{}", self.inside[at].0),
            _ => self.inside[at].0.clone(),
        }
    }

    fn calls(&mut self, name: String) {
        let function = self.function();
        self.calls.entry(function).or_default().insert(name);
    }
}

/// Calls of these make what is decoded.
pub(super) const DECODERS: [&str; 16] = [
    "a2b_hex",
    "a85decode",
    "b16decode",
    "b32decode",
    "b64decode",
    "b85decode",
    "codecs",
    "decodebytes",
    "decompress",
    "decrypt",
    "fromhex",
    "loads",
    "standard_b64decode",
    "translate",
    "unhexlify",
    "urlsafe_b64decode",
];

/// Whether an expression decodes, decompresses or deciphers something.
pub(super) fn decodes(expr: &Expr, names: &Names) -> bool {
    struct Look<'n> {
        names: &'n Names,
        found: bool,
    }
    impl<'a> Visitor<'a> for Look<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            self.found |= match expr {
                Expr::Name(name) => self.names.decoded.contains(name.id.as_str()),
                Expr::Call(call) => match &*call.func {
                    Expr::Attribute(attr) => {
                        let is_codec =
                            matches!(&*attr.value, Expr::Name(name) if name.id.as_str() == "codecs");
                        DECODERS.contains(&attr.attr.as_str()) || attr.attr.as_str() == "decode" && is_codec
                    }
                    Expr::Name(name) => DECODERS.contains(&name.id.as_str()) || name.id.as_str() == "chr",
                    _ => false,
                },
                _ => false,
            };
            if !self.found {
                walk_expr(self, expr);
            }
        }
    }
    let mut look = Look { names, found: false };
    look.visit_expr(expr);
    look.found
}

impl<'a> Visitor<'a> for Gather {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.as_str();
                    let top = name.split('.').next().unwrap_or(name);
                    match &alias.asname {
                        Some(alias) => self.names.mean(alias.as_str(), name.to_owned()),
                        None => self.names.mean(top, top.to_owned()),
                    }
                }
            }
            Stmt::ImportFrom(import) if import.level == 0 => {
                let module =
                    import.module.as_ref().map(ruff_python_ast::Identifier::as_str).unwrap_or_default();
                for alias in &import.names {
                    let name = alias.name.as_str();
                    if name == "*" {
                        star(&mut self.names, module);
                        continue;
                    }
                    let local = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.names.mean(local, format!("{module}.{name}"));
                }
            }
            Stmt::Assign(assign) => {
                let meanings = self.names.resolve(&assign.value);
                let decoded = decodes(&assign.value, &self.names);
                for target in &assign.targets {
                    let Expr::Name(name) = target else { continue };
                    for meaning in &meanings {
                        self.names.mean(name.id.as_str(), meaning.clone());
                    }
                    if meanings.is_empty() {
                        self.names.own.insert(name.id.to_string());
                    }
                    if decoded {
                        self.names.decoded.insert(name.id.to_string());
                    }
                }
            }
            Stmt::With(with) => {
                for item in &with.items {
                    if let Some(Expr::Name(name)) = item.optional_vars.as_deref() {
                        for meaning in self.names.resolve(&item.context_expr) {
                            self.names.mean(name.id.as_str(), meaning);
                        }
                    }
                }
            }
            _ => {}
        }
        match stmt {
            Stmt::FunctionDef(function) => {
                if self.inside.is_empty() {
                    self.names.own.insert(function.name.to_string());
                }
                for decorator in &function.decorator_list {
                    if let Expr::Name(name) = &decorator.expression {
                        self.calls(name.id.to_string());
                    }
                }
                self.inside.push((function.name.to_string(), false));
                walk_stmt(self, stmt);
                self.inside.pop();
            }
            Stmt::ClassDef(class) => {
                let name = class.name.to_string();
                if self.inside.is_empty() {
                    self.names.own.insert(name.clone());
                }
                // Making a class runs these.
                for method in ["__init_subclass__", "__class_getitem__", "__set_name__"] {
                    self.calls(format!("{name}.{method}"));
                }
                let metaclass =
                    class.arguments.as_ref().and_then(|arguments| arguments.find_keyword("metaclass"));
                if let Some(Expr::Name(metaclass)) = metaclass.map(|keyword| &keyword.value) {
                    for method in ["__init__", "__new__", "__prepare__"] {
                        self.calls(format!("{}.{method}", metaclass.id));
                    }
                }
                self.inside.push((name, true));
                walk_stmt(self, stmt);
                self.inside.pop();
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            // Who takes a function may call it.
            let arguments = call.arguments.args.iter();
            for value in arguments.chain(call.arguments.keywords.iter().map(|keyword| &keyword.value)) {
                if let Expr::Name(name) = value {
                    self.calls(name.id.to_string());
                }
            }
        }
        match expr {
            Expr::Named(named) => {
                if let Expr::Name(name) = &*named.target {
                    for meaning in self.names.resolve(&named.value) {
                        self.names.mean(name.id.as_str(), meaning);
                    }
                }
            }
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) => {
                    self.calls(name.id.to_string());
                    for method in ["__init__", "__new__", "__post_init__"] {
                        self.calls(format!("{}.{method}", name.id));
                    }
                }
                Expr::Attribute(attr) => match &*attr.value {
                    // `Class().method()` and `Class.method()`
                    Expr::Name(class) => self.calls(format!("{}.{}", class.id, attr.attr)),
                    Expr::Call(made) => {
                        if let Expr::Name(class) = &*made.func {
                            self.calls(format!("{}.{}", class.id, attr.attr));
                        }
                    }
                    _ => {}
                },
                _ => {}
            },
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// What `from module import *` brings, of what is looked at.
fn star(names: &mut Names, module: &str) {
    let known: &[&str] = match module {
        "os" | "posix" => &["system", "popen", "execv", "execve", "fork", "remove", "unlink"],
        "subprocess" => &["run", "call", "check_call", "check_output", "Popen", "getoutput"],
        "socket" => &["socket", "create_connection"],
        "ctypes" => &["CDLL", "cdll", "pythonapi"],
        "pickle" | "marshal" => &["load", "loads"],
        "shutil" => &["rmtree", "move"],
        "base64" => &[],
        _ => return,
    };
    for name in known {
        names.mean(name, format!("{module}.{name}"));
    }
}
