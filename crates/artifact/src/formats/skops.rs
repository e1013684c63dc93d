//! skops archives: a ZIP archive with a tree of nodes in `schema.json`, and arrays beside it.
//!
//! Each node names a loader, a module and a class. The tree is read as skops reads it, and what it names is denied by
//! default: [`trusted`] lists what skops trusts itself, the tables of the pickle reader name what does harm.

pub(crate) mod rules;
mod trusted;

use std::collections::BTreeSet;

use bartizan_finding::{Occurrence, Severity};

use crate::{
    Format, escape,
    formats::{pickle, zip::kind::Kind},
    json::{Fault, Json, Scalar, Step},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// The member that makes an archive one of skops.
const SCHEMA: &str = "schema.json";
/// Bytes of a string that are kept. No module or class has a longer name.
const KEEP: usize = 512;

/// What is known of an archive as one of skops.
#[derive(Debug)]
pub(crate) struct Skops {
    members: BTreeSet<String>,
}

impl Kind for Skops {
    fn applies(&self) -> bool {
        self.members.contains(SCHEMA)
    }

    fn format(&self) -> Option<Format> {
        Some(Format::Skops)
    }

    fn member(&mut self, pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt> {
        if scope.name != SCHEMA {
            return Ok(false);
        }
        self.schema(pass, scope).map(|()| true)
    }

    fn settle(&mut self, _: &mut Scope<'_, '_>) {}
}

/// A value of the tree: most are nodes.
#[derive(Debug, Default)]
struct Node {
    class: Option<String>,
    module: Option<String>,
    loader: Option<String>,
    file: Option<String>,
    /// The method of a `MethodNode`, or the function of a `FunctionNode` in protocol 0.
    func: Option<String>,
    /// The module of a function in protocol 0.
    module_path: Option<String>,
    /// Module and class of a method's object.
    object: Option<(String, String)>,
    /// Whether it says something twice.
    twice: bool,
    /// Where it was last seen.
    at: u64,
}

impl Skops {
    /// Looks at the names of the members.
    pub(crate) fn of(members: &[(&str, u64)]) -> Self {
        Self { members: members.iter().map(|(name, _)| (*name).to_owned()).collect() }
    }

    /// Reads the description to its end.
    fn schema(&self, pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
        let size = pass.size();
        let depth = scope.limits.json_depth;
        let mut tree = Tree {
            skops: self,
            scope,
            open: vec![(Step::Index(0), Node::default())],
            nodes: 0,
            told: BTreeSet::new(),
        };
        let result = Json::new(pass, size, depth)
            .python()
            .walk(KEEP, &mut |path, value, at| tree.value(path, value, at));
        tree.close(0);
        let nodes = tree.nodes;
        scope.outline.fact("skops-nodes", &nodes.to_string());
        match result {
            Ok(()) => Ok(()),
            Err(Fault::Halt(Halt::End)) => {
                bad(scope, size, "it ends inside a value");
                Ok(())
            }
            Err(Fault::Halt(halt)) => Err(halt),
            Err(Fault::Syntax(at, why)) => {
                bad(scope, at, why);
                Ok(())
            }
        }
    }
}

fn bad(scope: &mut Scope<'_, '_>, at: u64, why: &str) {
    scope.add(rules::BadSchema::META, at, at, format!("the description of the model is no JSON: {why}"));
    scope.unexamined(at, at, "the description of the model behind the point where it is no JSON");
}

/// The tree as far as it was read: the values that lead to the last one.
struct Tree<'t, 's, 'f> {
    skops: &'t Skops,
    scope: &'t mut Scope<'s, 'f>,
    /// Each with the step that leads to it; the root stands first.
    open: Vec<(Step, Node)>,
    nodes: u64,
    /// Names that were reported.
    told: BTreeSet<String>,
}

/// Distinct names that are reported one by one.
const MOST_NAMES: usize = 1000;

impl Tree<'_, '_, '_> {
    fn value(&mut self, path: &[Step], value: Scalar, at: u64) {
        let Some((last, way)) = path.split_last() else { return };
        let same =
            way.iter().zip(self.open.iter().skip(1)).take_while(|(step, open)| **step == open.0).count();
        self.close(same + 1);
        for step in way.iter().skip(same) {
            self.open.push((step.clone(), Node::default()));
        }
        let Some(key) = last.key() else { return };
        // What the older loaders need lies one level below the node.
        let inner = matches!(key, "func" | "function" | "module_path")
            && way.last().and_then(Step::key) == Some("content");
        let index = self.open.len() - 1;
        let bit_generator = key == "content"
            && way.len() > 2
            && way.last().and_then(Step::key) == Some("bit_generator")
            && way.iter().rev().nth(1).and_then(Step::key) == Some("content");
        let text = match value {
            Scalar::Text(text) if text.length <= KEEP as u64 => text.start,
            Scalar::Text(_) => "a name too long to be one".to_owned(),
            _ => return,
        };
        if bit_generator && self.is_generator() {
            self.bit_generator(&text, at);
        }
        let Some((_, node)) =
            index.checked_sub(usize::from(inner)).and_then(|index| self.open.get_mut(index))
        else {
            return;
        };
        node.at = at;
        let place = match key {
            "__class__" => &mut node.class,
            "__module__" => &mut node.module,
            "__loader__" => &mut node.loader,
            "file" => &mut node.file,
            "module_path" if inner => &mut node.module_path,
            "func" | "function" if inner => &mut node.func,
            _ => return,
        };
        node.twice |= place.replace(text).is_some();
    }

    /// Judges the innermost values, until so many are left.
    fn close(&mut self, left: usize) {
        while self.open.len() > left {
            let Some((step, node)) = self.open.pop() else { return };
            if step.key() == Some("obj")
                && let Some(at) = self.open.len().checked_sub(2)
                && let Some((_, parent)) = self.open.get_mut(at)
            {
                parent.object = node.module.clone().zip(node.class.clone());
            }
            self.judge(&node);
        }
    }

    fn is_generator(&self) -> bool {
        self.open.iter().any(|(_, node)| node.loader.as_deref() == Some("RandomGeneratorNode"))
    }

    /// A name that skops looks up in `numpy.random` and calls.
    fn bit_generator(&mut self, text: &str, at: u64) {
        let name = text.trim_matches('"');
        if !trusted::is_trusted("numpy.random", name) {
            let message = format!("a random generator is made by {}, which is none", escape(name, SHOWN));
            self.scope.add(rules::ReachesByName::META, at, at, message);
        }
    }

    fn judge(&mut self, node: &Node) {
        let at = node.at;
        if let Some(file) = node.file.as_deref().filter(|file| !self.skops.members.contains(*file)) {
            let message = format!("the description names {}, which is no member", escape(file, SHOWN));
            self.scope.add(rules::MissingMember::META, at, at, message);
        }
        let (Some(module), Some(class), Some(loader)) = (&node.module, &node.class, &node.loader) else {
            if node.module.is_some() || node.class.is_some() || node.loader.is_some() {
                let message = "a node does not name its loader, module and class";
                self.scope.add(rules::BadSchema::META, at, at, message);
            }
            return;
        };
        self.nodes += 1;
        if node.twice {
            let place = self.scope.range(at, at);
            let message = "a node says twice what it is";
            let occurrence = Occurrence::new(rules::BadSchema::META, place, message);
            self.scope.problems.push(occurrence.severity(Severity::High));
        }
        match loader.as_str() {
            "OperatorFuncNode" => return self.operator(module, class, at),
            "MethodNode" => self.method(node, module, class),
            "FunctionNode" => {
                if let (Some(module), Some(function)) = (&node.module_path, &node.func) {
                    self.name(module, function, at);
                }
            }
            loader => {
                let name = format!("{module}.{class}");
                if !fits(loader, module, class) {
                    let message = format!("{} is to be loaded by {}", shown(&name), escape(loader, SHOWN));
                    self.scope.add(rules::LoaderDisagrees::META, at, at, message);
                }
            }
        }
        if loader != "CachedNode" {
            self.name(module, class, at);
        }
        if loader == "PartialNode" {
            let message = "a function is put together with arguments from the file (PartialNode)";
            self.scope.add(rules::Untrusted::META, at, at, message);
        }
    }

    /// `operator` has functions that call, set and delete; the three that skops writes reach attributes and items.
    fn operator(&mut self, module: &str, class: &str, at: u64) {
        let message = if module == "operator" {
            format!("loading the file calls operator.{}", escape(class, SHOWN))
        } else {
            let name = format!("{module}.{class}");
            format!("loading the file calls operator.{}, and it says {}", escape(class, SHOWN), shown(&name))
        };
        self.scope.add(rules::ReachesByName::META, at, at, message);
    }

    fn method(&mut self, node: &Node, module: &str, class: &str) {
        let at = node.at;
        let func = node.func.as_deref().unwrap_or_default();
        let same = node.object.as_ref().is_none_or(|(of, name)| of == module && name == class);
        let name = format!("{module}.{class}");
        if !same || func.starts_with('_') || func.contains('.') {
            let of =
                node.object.as_ref().map_or_else(String::new, |(module, class)| format!("{module}.{class}"));
            let message = format!(
                "the method {} of {} is taken, and it says {}",
                escape(func, SHOWN),
                shown(&of),
                shown(&name)
            );
            self.scope.add(rules::ReachesByName::META, at, at, message);
        } else {
            let message =
                format!("the method {} of {} is kept to be called", escape(func, SHOWN), shown(&name));
            self.scope.add(rules::Untrusted::META, at, at, message);
        }
    }

    /// Holds a name against what is trusted.
    fn name(&mut self, module: &str, class: &str, at: u64) {
        let name = shown(&format!("{module}.{class}"));
        if self.told.contains(&name) || self.told.len() >= MOST_NAMES {
            return;
        }
        if let Some(harm) =
            pickle::harm(module, class).filter(|_| (module, class) != ("functools", "partial"))
        {
            let message = format!("the file names {name}, which {harm}");
            self.scope.add(rules::Dangerous::META, at, at, message);
            self.told.insert(name);
        } else if !trusted::is_trusted(module, class)
            && !pickle::is_inert(module, class)
            && !is_partial(module, class)
        {
            let message = format!("the file names {name}, which skops does not trust by itself");
            self.scope.add(rules::Untrusted::META, at, at, message);
            self.told.insert(name);
        }
    }
}

fn is_partial(module: &str, class: &str) -> bool {
    (module, class) == ("functools", "partial")
}

fn shown(name: &str) -> String {
    escape(name, SHOWN)
}

/// Whether a loader is one of skops, and for such a type; some are for any.
fn fits(loader: &str, module: &str, class: &str) -> bool {
    let builtin = |names: &[&str]| module == "builtins" && names.contains(&class);
    match loader {
        "DictNode" => builtin(&["dict"]) || module == "collections" && class == "OrderedDict",
        "DefaultDictNode" => module == "collections" && class == "defaultdict",
        "ListNode" => builtin(&["list"]),
        "SetNode" => builtin(&["set", "frozenset"]),
        "BytesNode" => builtin(&["bytes"]),
        "BytearrayNode" => builtin(&["bytearray"]),
        "SliceNode" => builtin(&["slice"]),
        "JsonNode" => builtin(&["str", "int", "float", "bool", "NoneType"]),
        "PartialNode" => is_partial(module, class),
        "NdArrayNode" | "MaskedArrayNode" | "DTypeNode" => {
            module == "numpy" || module.starts_with("numpy.ma") || module == "numpy.dtypes"
        }
        "RandomStateNode" | "RandomGeneratorNode" => module.starts_with("numpy.random"),
        "SparseMatrixNode" => module.starts_with("scipy.sparse."),
        "TreeNode" | "LossNode" | "SGDNode" | "_DictWithDeprecatedKeysNode" => module.starts_with("sklearn."),
        "QuantileForestNode" => module.starts_with("quantile_forest."),
        // A tuple may be a named one, whose class is judged as others are.
        "TupleNode" | "TypeNode" | "ObjectNode" | "ConstructorFromReduceNode" | "CachedNode" => true,
        _ => false,
    }
}
