//! Looks at a parsed file: what happens on import, what happens in functions, and what hides.

use std::collections::BTreeSet;

use bartizan_finding::{RuleMeta, Severity};
use ruff_python_ast::{
    CmpOp, Decorator, Expr, ExprCall, Parameters, Stmt,
    visitor::{self, Visitor},
};

use super::{
    Said,
    effect::{self, Effect, effect},
    fold::fold,
    names::{Names, decodes},
    rules,
};
use crate::{escape, problems::SHOWN};

/// Characters of a literal that may be something encoded.
const ENCODED: usize = 2000;
/// Files that hold what only their owner should know.
const SECRETS: [&str; 14] = [
    "/.ssh/",
    ".ssh/id_",
    "id_rsa",
    "id_ed25519",
    "/etc/shadow",
    ".aws/credentials",
    ".config/gcloud",
    ".kube/config",
    ".docker/config.json",
    ".netrc",
    ".git-credentials",
    ".bash_history",
    "cache/huggingface/token",
    ".huggingface/token",
];
/// What only code that leaves a sandbox names.
const DOORS: [&str; 5] = ["__builtins__", "__globals__", "__subclasses__", "__code__", "__closure__"];

/// What the text says before it is parsed.
pub(super) fn of_text(source: &str) -> Vec<Said> {
    let mut said = Vec::new();
    let hidden = source.char_indices().find(
        |(_, c)| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0001}'..='\u{e007f}'),
    );
    if let Some((at, c)) = hidden {
        let message = format!(
            "the source holds the invisible character U+{:04X}, which reorders or hides it",
            u32::from(c)
        );
        said.push(tell(rules::HiddenText::META, Severity::High, at, message));
    }
    // PEP 263: one of the first two lines may name the encoding.
    let mut at = 0;
    for line in source.split_inclusive('\n').take(2) {
        let comment = line.trim_start().strip_prefix('#');
        let name = comment.and_then(|comment| comment.split_once("coding")).map(|(_, rest)| rest);
        if let Some(name) = name.and_then(|rest| rest.strip_prefix([':', '='])) {
            let name = name.trim_start().to_ascii_lowercase().replace('_', "-");
            let name: String =
                name.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')).collect();
            let plain = [
                "utf-8",
                "utf8",
                "ascii",
                "us-ascii",
                "latin-1",
                "latin1",
                "iso-8859-1",
                "utf-8-sig",
                "cp1252",
            ];
            if !name.is_empty() && !plain.contains(&name.as_str()) {
                let message = format!(
                    "the source says that it is in {}, so that Python reads other code",
                    escape(&name, 20)
                );
                said.push(tell(rules::Obfuscated::META, Severity::High, at, message));
            }
        }
        at += line.len();
    }
    // Comments of types were computed by `torch.jit` (CVE-2022-45907).
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        if let Some((before, comment)) = line.split_once("# type:") {
            let calls = ["__import__", "eval(", "exec(", "os.system", "subprocess", "getattr(", "open("];
            if calls.iter().any(|call| comment.contains(call)) {
                let message = "a comment that gives types holds a call, which `torch.jit.script` runs";
                said.push(tell(
                    rules::Obfuscated::META,
                    Severity::High,
                    at + before.len(),
                    message.to_owned(),
                ));
            }
        }
        at += line.len();
    }
    said
}

/// What the tree of a file says.
pub(super) fn of_tree(source: &str, body: &[Stmt]) -> Vec<Said> {
    let names = Names::of(body);
    let mut review = Review {
        names: &names,
        on_import: true,
        classes: Vec::new(),
        seen: BTreeSet::new(),
        said: Vec::new(),
    };
    review.visit_body(body);
    debug_assert!(review.said.iter().all(|said| said.at as usize <= source.len()));
    review.said
}

fn tell(rule: &'static RuleMeta, severity: Severity, at: usize, message: String) -> Said {
    Said { rule, severity, message, at: u32::try_from(at).unwrap_or(u32::MAX) }
}

struct Review<'n> {
    names: &'n Names,
    /// Whether this code runs when the file is imported.
    on_import: bool,
    /// The classes around, and whether a function is between.
    classes: Vec<String>,
    seen: BTreeSet<(u32, &'static str)>,
    said: Vec<Said>,
}

impl Review<'_> {
    fn say(&mut self, rule: &'static RuleMeta, severity: Severity, at: u32, message: String) {
        if self.seen.insert((at, rule.code.as_str())) {
            self.said.push(Said { rule, severity, message, at });
        }
    }

    /// Tells what a function does that is called, or only named.
    fn does(&mut self, name: &str, effect: Effect, at: u32, is_called: bool) {
        let Some(severity) = effect.severity(self.on_import) else { return };
        let severity = if is_called { severity } else { severity.min(Severity::High) };
        let shown = escape(name.strip_prefix("builtins.").unwrap_or(name), SHOWN);
        let does = effect.does();
        let (rule, message) = match (self.on_import, is_called) {
            (true, true) => {
                (rules::OnImport::META, format!("importing the file calls {shown}, which {does}"))
            }
            (true, false) => {
                (rules::OnImport::META, format!("importing the file takes {shown}, which {does}"))
            }
            (false, true) => (rules::InFunction::META, format!("a function calls {shown}, which {does}")),
            (false, false) => (rules::InFunction::META, format!("a function takes {shown}, which {does}")),
        };
        self.say(rule, severity, at, message);
    }

    fn hides(&mut self, at: u32, message: String) {
        let severity = if self.on_import { Severity::Critical } else { Severity::High };
        self.say(rules::Obfuscated::META, severity, at, message);
    }

    fn call(&mut self, call: &ExprCall) {
        let at = call.arguments.range.start().to_u32();
        let args = &call.arguments.args;
        let keyword = |name: &str| {
            call.arguments
                .keywords
                .iter()
                .find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name))
                .map(|keyword| &keyword.value)
        };
        let is = |expr: Option<&Expr>, want: bool| matches!(expr, Some(Expr::BooleanLiteral(value)) if value.value == want);
        if is(keyword("trust_remote_code"), true) {
            let message = "the code loads a model and lets it bring code from elsewhere".to_owned();
            self.say(rules::TrustsOthers::META, Severity::Medium, at, message);
        }
        let method = match &*call.func {
            Expr::Attribute(attr) => attr.attr.as_str(),
            _ => "",
        };
        if method == "exec_module" || method == "load_module" {
            self.does(&format!("loader.{method}"), effect::DYNAMIC, at, true);
        }
        for name in self.names.resolve(&call.func) {
            if effect::imports(&name) {
                match args.first().and_then(fold) {
                    Some((module, true)) => {
                        self.hides(
                            at,
                            format!("the code puts the name of the module {} together", escape(&module, 40)),
                        );
                    }
                    Some(_) => {}
                    None => match args.first() {
                        Some(arg) if decodes(arg, self.names) => {
                            self.hides(at, "the code imports a module whose name is encoded".to_owned());
                        }
                        _ => self.does(&name, effect::DYNAMIC, at, true),
                    },
                }
                continue;
            }
            match name.as_str() {
                "builtins.getattr" => self.getattr(args, at),
                "builtins.setattr" => {
                    let target = args.first().map(|arg| self.names.resolve(arg)).unwrap_or_default();
                    if target.iter().any(|name| name == "builtins" || name == "sys.modules") {
                        self.say(
                            rules::Obfuscated::META,
                            Severity::High,
                            at,
                            "the code replaces functions of Python itself".to_owned(),
                        );
                    }
                }
                "builtins.open" | "io.open" | "codecs.open" | "gzip.open" | "pathlib.Path.open" => {
                    let place = usize::from(name != "pathlib.Path.open");
                    let mode = keyword("mode").or_else(|| args.get(place)).and_then(fold);
                    if mode.is_some_and(|(mode, _)| mode.contains(['w', 'a', 'x', '+'])) {
                        self.does(&name, effect::WRITE, at, true);
                    }
                }
                "torch.load" => {
                    let answer = keyword("weights_only");
                    if is(answer, false) {
                        self.does("torch.load without weights_only", effect::DESERIALISE, at, true);
                    } else if answer.is_none() && self.on_import {
                        self.does("torch.load", effect::DESERIALISE, at, true);
                    }
                }
                "numpy.load" if is(keyword("allow_pickle"), true) => {
                    self.does("numpy.load with allow_pickle", effect::DESERIALISE, at, true);
                }
                "yaml.load" | "yaml.load_all" => {
                    let loader = keyword("Loader").or_else(|| args.get(1));
                    let names = loader.map(|loader| self.names.resolve(loader)).unwrap_or_default();
                    if !names.iter().any(|name| name.ends_with("SafeLoader") || name.ends_with("BaseLoader"))
                    {
                        self.does(&name, effect::DESERIALISE, at, true);
                    }
                }
                _ => self.known(&name, args, at),
            }
        }
    }

    fn known(&mut self, name: &str, args: &[Expr], at: u32) {
        let Some(effect) = effect(name) else { return };
        if matches!(effect, Effect::Exec | Effect::Eval)
            && args.first().is_some_and(|arg| decodes(arg, self.names))
        {
            let shown = escape(name.strip_prefix("builtins.").unwrap_or(name), SHOWN);
            self.hides(at, format!("{shown} runs code that is encoded in the source"));
        }
        // A number or a name is no program.
        let is_harmless = matches!(effect, Effect::Eval)
            && args.first().and_then(fold).is_some_and(|(text, _)| {
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" .+-*/,[]".contains(&byte))
            });
        if !is_harmless {
            self.does(name, effect, at, true);
        }
    }

    fn getattr(&mut self, args: &[Expr], at: u32) {
        let [object, name, ..] = args else { return };
        let bases = self.names.resolve(object);
        match fold(name) {
            Some((name, true)) => {
                if bases.iter().any(|base| effect(&format!("{base}.{name}")).is_some())
                    || DOORS.contains(&name.as_str())
                {
                    self.hides(at, format!("the code puts the name `{}` together", escape(&name, 40)));
                }
            }
            Some((name, false)) if DOORS.contains(&name.as_str()) => self.door(&name, at),
            Some(_) => {}
            None => {
                let dangerous =
                    ["builtins", "os", "posix", "subprocess", "importlib", "sys", "ctypes", "socket"];
                if let Some(base) = bases.iter().find(|base| dangerous.contains(&base.as_str())) {
                    let message = format!("the code takes what it computes the name of from {base}");
                    self.hides(at, message);
                }
            }
        }
    }

    fn door(&mut self, name: &str, at: u32) {
        // Functions are looked at by their code in many a library; these two lead to everything.
        if matches!(name, "__builtins__" | "__globals__") {
            let severity = if self.on_import { Severity::High } else { Severity::Medium };
            self.say(rules::Obfuscated::META, severity, at, format!("the code reaches through `{name}`"));
        }
    }

    fn literal(&mut self, text: &[u8], at: u32) {
        if let Ok(text) = std::str::from_utf8(text)
            && let Some(secret) = SECRETS.iter().find(|secret| text.contains(*secret))
            && text.len() < 200
        {
            let message = format!("the code names a file that holds secrets: {secret}");
            self.say(rules::TouchesSecrets::META, Severity::High, at, message);
        }
        if text.len() >= ENCODED && is_encoded(text) {
            let message = format!("{} characters of the source are encoded", text.len());
            self.say(rules::Obfuscated::META, Severity::Medium, at, message);
        }
    }

    /// Looks at what is assigned to: the tables of Python itself.
    fn target(&mut self, target: &Expr) {
        let (base, at) = match target {
            Expr::Subscript(item) => (&item.value, item.range.start().to_u32()),
            Expr::Attribute(attr) => (&attr.value, attr.range.start().to_u32()),
            _ => return,
        };
        for name in self.names.resolve(base) {
            let message = match name.as_str() {
                "builtins" => "the code replaces functions of Python itself".to_owned(),
                "sys.modules" => {
                    let Expr::Subscript(item) = target else { continue };
                    // A module that replaces itself is how lazy loading is done.
                    if matches!(&*item.slice, Expr::Name(name) if name.id.as_str() == "__name__") {
                        continue;
                    }
                    "the code replaces a module".to_owned()
                }
                _ => continue,
            };
            let severity = if name == "builtins" { Severity::High } else { Severity::Medium };
            self.say(rules::Obfuscated::META, severity, at, message);
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
            if let Some(annotation) = &parameter.parameter.annotation {
                self.visit_annotation(annotation);
            }
        }
    }

    fn later(&mut self, on_import: bool, look: impl FnOnce(&mut Self)) {
        let before = self.on_import;
        self.on_import &= on_import;
        look(self);
        self.on_import = before;
    }
}

impl<'a> Visitor<'a> for Review<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                function.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.parameters(&function.parameters);
                if let Some(returns) = &function.returns {
                    self.visit_annotation(returns);
                }
                let name = match self.classes.last() {
                    Some(class) if !class.is_empty() => format!("{class}.{}", function.name),
                    _ => function.name.to_string(),
                };
                let is_special = function.name.starts_with("__") && function.name.ends_with("__");
                let class = name.rsplit_once('.').map(|(class, _)| format!("{class}.__init__"));
                // An object that is made on import may have any of its special methods called.
                let starts = self.names.started.contains(&name)
                    || is_special && class.is_some_and(|class| self.names.started.contains(&class));
                self.classes.push(String::new());
                self.later(starts, |review| review.visit_body(&function.body));
                self.classes.pop();
            }
            Stmt::ClassDef(class) => {
                class.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                self.classes.push(class.name.to_string());
                self.visit_body(&class.body);
                self.classes.pop();
            }
            Stmt::If(part) if is_script(&part.test) => {
                self.later(false, |review| review.visit_body(&part.body));
                part.elif_else_clauses.iter().for_each(|clause| self.visit_elif_else_clause(clause));
            }
            Stmt::Expr(part) if matches!(&*part.value, Expr::StringLiteral(_)) => {}
            Stmt::Assign(part) => {
                part.targets.iter().for_each(|target| self.target(target));
                visitor::walk_stmt(self, stmt);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    /// A decorator is called.
    fn visit_decorator(&mut self, decorator: &'a Decorator) {
        match &decorator.expression {
            Expr::Lambda(lambda) => self.visit_expr(&lambda.body),
            expression => self.visit_expr(expression),
        }
    }

    /// Only a call in an annotation does something.
    fn visit_annotation(&mut self, expr: &'a Expr) {
        if let Expr::Call(_) = expr {
            self.visit_expr(expr);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => {
                self.call(call);
                if let Expr::Lambda(lambda) = &*call.func {
                    self.visit_expr(&lambda.body);
                }
                // The function itself was told as a call.
                match &*call.func {
                    Expr::Name(_) | Expr::Lambda(_) => {}
                    Expr::Attribute(attr) => {
                        if DOORS.contains(&attr.attr.as_str()) {
                            self.subclasses(
                                &attr.value,
                                attr.attr.as_str(),
                                call.arguments.range.start().to_u32(),
                            );
                        }
                        self.visit_expr(&attr.value);
                    }
                    other => self.visit_expr(other),
                }
                self.visit_arguments(&call.arguments);
                return;
            }
            Expr::Name(_) | Expr::Attribute(_) | Expr::Subscript(_) => {
                let at = match expr {
                    Expr::Name(name) => name.range.start().to_u32(),
                    Expr::Attribute(attr) => attr.range.start().to_u32(),
                    Expr::Subscript(item) => item.range.start().to_u32(),
                    _ => 0,
                };
                for name in self.names.resolve(expr) {
                    if let Some(effect) = effect(&name).filter(|effect| effect.is_told_by_name()) {
                        self.does(&name, effect, at, false);
                    }
                }
                if let Expr::Attribute(attr) = expr {
                    self.door(attr.attr.as_str(), at);
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                self.later(false, |review| review.visit_expr(&lambda.body));
                return;
            }
            Expr::StringLiteral(literal) => {
                self.literal(literal.value.to_str().as_bytes(), literal.range.start().to_u32());
            }
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().collect();
                self.literal(&bytes, literal.range.start().to_u32());
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}

impl Review<'_> {
    /// `x.__class__.__base__.__subclasses__()`
    fn subclasses(&mut self, base: &Expr, name: &str, at: u32) {
        let Expr::Attribute(attr) = base else { return };
        if name == "__subclasses__"
            && matches!(attr.attr.as_str(), "__base__" | "__bases__" | "__mro__" | "__class__")
        {
            self.hides(at, "the code looks for a class among all classes of Python".to_owned());
        }
    }
}

/// Whether a condition holds only where the file is started as a program, or is read by a checker of types.
fn is_script(test: &Expr) -> bool {
    match test {
        Expr::Compare(compare) => {
            matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__")
                && matches!(&*compare.ops, [CmpOp::Eq])
                && matches!(&*compare.comparators, [Expr::StringLiteral(name)] if name.value.to_str() == "__main__")
        }
        _ => false,
    }
}

/// Whether a literal is written in the letters of an encoding, and evenly.
fn is_encoded(text: &[u8]) -> bool {
    let is_digit =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\n');
    if !text.iter().all(is_digit) {
        return text.iter().filter(|byte| !byte.is_ascii_graphic() && !byte.is_ascii_whitespace()).count()
            > text.len() / 4
            && std::str::from_utf8(text).is_err();
    }
    let mut counts = [0_usize; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    // Of base64, each of 64 letters is about as frequent; of words and tables, a few are.
    let most = counts.iter().max().copied().unwrap_or(0);
    let kinds = counts.iter().filter(|count| **count > 0).count();
    kinds >= 16 && most * 8 < text.len()
}
