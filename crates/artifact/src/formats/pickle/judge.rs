//! Turns what a stream does into problems.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    rc::Rc,
};

use bartizan_finding::{Location, Occurrence, RuleMeta, Severity};

use super::{
    array::is_wrapper,
    capability::{Capability, capability},
    inert::{TEXT_CODECS, Use, calls_first, inert, is_torch_script, takes, torch_storage},
    machine::{Event, Machine, Outcome},
    payload, rules, torch,
    value::{Global, Value, attribute_of_import},
    wrapped,
};
use crate::{
    Limits, Outline, escape,
    outline::note,
    problems::{Problems, SHOWN},
    read::Pass,
};

/// Distinct unknown names that are reported one by one; the others count as more of the same.
const UNKNOWN_NAMES: usize = 1000;

/// What an import is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Inert(Use),
    Dangerous(Capability),
    Unknown,
}

/// Judges the streams of one file.
pub(super) struct Judge<'j, 'f> {
    limits: &'j Limits,
    outline: &'j mut Outline,
    problems: &'j mut Problems<'f>,
    /// How many byte strings the stream lies in, and where the innermost starts in the file.
    depth: usize,
    base: u64,
    unknown: BTreeSet<String>,
    /// Dangerous imports of the stream that is being judged.
    dangerous: Vec<(Rc<Global>, Capability)>,
    /// Bytes that encoded strings were decoded to, at most.
    decoded: u64,
    /// The first call of the stream that is not known to be inert.
    effect: Option<u64>,
    /// Whether the stream is one of a `TorchScript` archive.
    pub(super) script: bool,
    /// Whether the stream is one of the tar archives that `PyTorch` first wrote.
    pub(super) tar: bool,
    /// Bytes of each storage that `PyTorch` keeps behind the streams or in another member.
    pub(super) storages: BTreeMap<String, u64>,
}

impl<'j, 'f> Judge<'j, 'f> {
    pub(super) fn new(limits: &'j Limits, outline: &'j mut Outline, problems: &'j mut Problems<'f>) -> Self {
        Self {
            limits,
            outline,
            problems,
            depth: 0,
            base: 0,
            unknown: BTreeSet::new(),
            dangerous: Vec::new(),
            decoded: 0,
            effect: None,
            script: false,
            tar: false,
            storages: BTreeMap::new(),
        }
    }

    /// Runs one stream and judges it.
    pub(super) fn stream(&mut self, pass: &mut Pass<'_>) -> Outcome {
        let limits = self.limits;
        let start = pass.position();
        let mut sink = |event: Event<'_>| self.event(&event);
        let mut machine = Machine::new(pass, limits, &mut sink);
        let outcome = machine.run();
        let opcodes = machine.opcodes;
        self.outline.pickles += 1;
        self.outline.opcodes += opcodes;
        self.settle(&outcome, start, pass);
        outcome
    }

    /// Says that bytes follow the last stream.
    pub(super) fn trailing(&mut self, start: u64, end: u64) {
        let message = format!("{} bytes follow the pickle", end - start);
        self.add(rules::TrailingData::META, start, end, message);
        let place = self.place(start, end);
        self.problems.unexamined(place, "bytes that follow the pickle");
    }

    /// Says that there are more streams than are looked at.
    pub(super) fn more_streams(&mut self, start: u64, end: u64) {
        let reason = format!("more than {} pickles behind one another", self.limits.pickle_streams);
        let place = self.place(start, end);
        self.problems.unexamined(place, reason);
    }

    /// Counts a tensor that is described beside the streams.
    pub(super) fn note_tensor(&mut self) {
        self.outline.tensors += 1;
    }

    /// Adds a problem of bytes beside the streams, which nobody looked at.
    pub(super) fn foreign(
        &mut self,
        rule: &'static RuleMeta,
        start: u64,
        end: u64,
        foreign: crate::foreign::Foreign,
    ) {
        let place = self.place(start, end);
        self.problems.push(foreign.occurrence(rule, place.clone(), "the bytes start"));
        self.problems.unexamined(place, "bytes of another format in a storage");
    }

    fn settle(&mut self, outcome: &Outcome, start: u64, pass: &Pass<'_>) {
        for (global, capability) in std::mem::take(&mut self.dangerous) {
            if !global.called.get() {
                let message = format!("the pickle imports {}, which {}", shown(&global), capability.does());
                let place = self.place(global.at, global.at + 1);
                let occurrence = Occurrence::new(rules::DangerousGlobal::META, place, message);
                self.problems.push(occurrence.variant(capability.id()).severity(Severity::High));
            }
        }
        let effect = self.effect.take();
        match outcome {
            Outcome::Stopped(_) | Outcome::Halted(_) => {}
            Outcome::Limited { at, why } => {
                let place = self.place(*at, pass.size());
                self.problems.unexamined(place, *why);
            }
            Outcome::Broken { at, why } => {
                self.add(rules::BrokenStream::META, *at, *at + 1, format!("the pickle breaks off: {why}"));
                if let Some(effect) = effect {
                    let message = format!(
                        "the pickle calls something at byte {} and then breaks off",
                        self.base + effect
                    );
                    self.add(rules::EffectBeforeBreak::META, effect, *at, message);
                }
                let place = self.place((*at).max(start), pass.size());
                self.problems
                    .unexamined(place, format!("behind the point where the pickle breaks off: {why}"));
            }
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        match *event {
            Event::Import(global) => self.import(global),
            Event::ComputedImport { at } => {
                self.effect.get_or_insert(at);
                self.add(rules::ComputedName::META, at, at + 1, "the pickle imports a name that it computes");
            }
            Event::Call { opcode, callable, arguments, at } => self.call(opcode, callable, arguments, at),
            Event::Build { target, state, special, at } => self.build(target, state, special, at),
            Event::Extension { code, at } => {
                let message = format!("the pickle imports what is registered as extension {code}");
                self.add(rules::ExtensionRegistry::META, at, at + 1, message);
            }
            Event::Persistent { id, at } => self.persistent(id, at),
            Event::OutOfBand { at } => {
                let place = self.place(at, at + 1);
                self.problems.unexamined(place, "bytes that the loader takes from elsewhere");
            }
            Event::Nested { data, at } => self.nested(data, at),
            Event::NestedTooLong { at, end } => {
                let place = self.place(at, end);
                let reason = format!(
                    "a byte string that starts like a pickle, behind its first {} bytes",
                    self.limits.nested_bytes
                );
                self.problems.unexamined(place, reason);
            }
            Event::Array => self.outline.tensors += 1,
            Event::OtherFile { name, at } => self.other_file(name, at),
            Event::Otherwise { event, base, objects } => self.otherwise(event, base, objects),
            Event::OtherwiseTooLong { at } => {
                let place = self.place(at, at);
                self.problems.unexamined(place, "what pickle.load makes of the bytes of an array");
            }
            Event::Frame { what, at } => self.add(rules::FrameDisagrees::META, at, at + 1, what),
            Event::Protocol { what, at } => self.add(rules::ProtocolDisagrees::META, at, at + 1, what),
        }
    }

    fn import(&mut self, global: &Rc<Global>) {
        note(&mut self.outline.globals, shown(global));
        match self.standing(global) {
            Standing::Inert(_) => {}
            Standing::Dangerous(capability) => {
                if self.dangerous.len() < self.limits.problems_per_rule {
                    self.dangerous.push((Rc::clone(global), capability));
                }
            }
            Standing::Unknown => self.unknown(global, "imports", global.at, "which is not known to be inert"),
        }
    }

    fn call(&mut self, opcode: &str, callable: &Value, arguments: &Value, at: u64) {
        let Value::Global(global) = callable else {
            self.effect.get_or_insert(at);
            let message = format!("the pickle calls something that it computed ({opcode})");
            return self.add(rules::ComputedName::META, at, at + 1, message);
        };
        match self.standing(global) {
            Standing::Inert(usage) => {
                self.inert_call(opcode, (global, usage), arguments, at);
                if let Some(message) = torch::outside(global, arguments) {
                    self.add(rules::TensorOutside::META, at, at + 1, message);
                }
            }
            Standing::Dangerous(_) if is_type_of_singleton(global, arguments) => {}
            Standing::Dangerous(_) if attribute_of_import(global, arguments).is_some() => {}
            Standing::Dangerous(capability) => {
                self.effect.get_or_insert(at);
                let does = rebuilds(global).unwrap_or(capability.does());
                let message = format!("loading the file calls {}, which {does}", shown(global));
                let place = self.place(at, at + 1);
                let occurrence = Occurrence::new(rules::DangerousGlobal::META, place, message);
                self.problems.push(occurrence.variant(capability.id()));
            }
            // The import was reported already.
            Standing::Unknown => {
                self.effect.get_or_insert(at);
                if let Some(what) = order(arguments, self.limits) {
                    let message = format!("the pickle calls {} with {what}", shown(global));
                    self.add(rules::OrderInArguments::META, at, at + 1, message);
                }
            }
        }
    }

    /// A call of an inert name: whether it stays within what the name is inert for.
    fn inert_call(&mut self, opcode: &str, (global, usage): (&Global, Use), arguments: &Value, at: u64) {
        let Global { module, name, .. } = global;
        let makes = matches!(opcode, "NEWOBJ" | "NEWOBJ_EX");
        if usage == Use::Held || usage == Use::Made && !makes {
            self.effect.get_or_insert(at);
            return self.unknown(
                global,
                "calls",
                at,
                "which is known to be inert only where it is not called",
            );
        }
        if module == "_codecs" && !is_text_codec(arguments) {
            let message = "the pickle calls _codecs.encode with a codec that is not one for text";
            self.add(rules::UnusualArguments::META, at, at + 1, message);
        }
        let items = arguments.items().unwrap_or_default();
        if calls_first(module, name) && !matches!(items.first(), Some(Value::Global(_))) {
            self.effect.get_or_insert(at);
            let message = format!("the pickle has {} call something that it computed", shown(global));
            return self.add(rules::ComputedName::META, at, at + 1, message);
        }
        for (index, item) in items.iter().enumerate() {
            if let Value::Global(item) = item
                && let Standing::Inert(usage) = self.standing(item)
                && !takes(module, name, index, usage)
            {
                self.effect.get_or_insert(at);
                let why = "which is known to be inert only where it is not called, and may be called there";
                self.unknown(item, "hands over", at, why);
            }
        }
    }

    /// Reports what is done with a name that is not inert for it, once for each name.
    fn unknown(&mut self, global: &Global, what: &str, at: u64, why: &str) {
        if self.unknown.len() < UNKNOWN_NAMES && self.unknown.insert(format!("{what} {}", global.path())) {
            let message = format!("the pickle {what} {}, {why}", shown(global));
            self.add(rules::UnknownGlobal::META, at, at + 1, message);
        }
    }

    fn build(&mut self, target: &Value, state: &Value, special: bool, at: u64) {
        let parts = state.items().unwrap_or_default();
        let special = special || state.is_special() || parts.iter().any(Value::is_special);
        let message = match target {
            Value::Global(global) => format!("the pickle sets attributes of {} itself", shown(global)),
            _ if special => "the pickle sets a special attribute of an object".to_owned(),
            _ => return,
        };
        self.effect.get_or_insert(at);
        self.add(rules::AttributeWrite::META, at, at + 1, message);
    }

    /// `PyTorch` asks for storages: `('storage', class, key, location, elements)`, and a view before version 1.6.
    fn persistent(&mut self, id: &Value, at: u64) {
        if let Some([kind, Value::Global(class), key, location, Value::Int(elements), rest @ ..]) = id.items()
            && kind.as_text() == Some("storage")
            && let Some(size) = torch_storage(&class.module, &class.name)
            && let Some(key) = key.as_text()
            && location.as_text().is_some()
            && let Some(bytes) = u64::try_from(*elements).ok().and_then(|elements| elements.checked_mul(size))
            && rest.len() <= 1
        {
            if self.storages.len() < self.limits.tensors {
                // Where a storage is asked for twice, the larger claim counts.
                let claim = self.storages.entry(key.to_owned()).or_insert(bytes);
                *claim = bytes.max(*claim);
            }
        } else if self.tar && id.as_text().is_some_and(|key| key.bytes().all(|byte| byte.is_ascii_digit())) {
            // The number of a tensor or storage, as version 0.1 wrote it.
        } else {
            let message = "the pickle asks the loader for an object in a form that PyTorch does not use";
            self.add(rules::ForeignPersistentId::META, at, at + 1, message);
        }
    }

    /// joblib before version 0.10 kept each array in a file of its own beside the pickle.
    fn other_file(&mut self, name: Option<&str>, at: u64) {
        let (severity, message) = match name {
            Some(name) if is_beside(name) => {
                let message = format!("joblib.load reads the array {} as well", escape(name, SHOWN));
                (Severity::Medium, message)
            }
            Some(name) => {
                let message =
                    format!("joblib.load reads {}, outside the model's folder", escape(name, SHOWN));
                (Severity::High, message)
            }
            None => (
                Severity::High,
                "joblib.load reads a file whose name the stream does not tell plainly".to_owned(),
            ),
        };
        let occurrence = Occurrence::new(rules::OtherFile::META, self.place(at, at + 1), message);
        self.problems.push(occurrence.severity(severity));
    }

    /// What `pickle.load` does with the bytes of an array. Bytes that look like an import by chance are passed over: the
    /// name has to be one that can exist, and known for its harm or called. The pickle of an array of objects takes its own
    /// memo's names from the outer memo then, so that only what does harm counts.
    fn otherwise(&mut self, event: &Event<'_>, base: u64, objects: bool) {
        let (what, at) = match *event {
            Event::Import(global) => match self.standing(global) {
                Standing::Dangerous(_) if global.may_exist() => {
                    (format!("imports {}", shown(global)), global.at)
                }
                _ => return,
            },
            Event::Call { callable: Value::Global(global), at, .. } => match self.standing(global) {
                Standing::Inert(_) => return,
                Standing::Unknown
                    if objects || self.unknown.contains(&global.path()) || !global.may_exist() =>
                {
                    return;
                }
                _ => (format!("calls {}", shown(global)), at),
            },
            Event::ComputedImport { at } if !objects => ("imports a name that it computes".to_owned(), at),
            _ => return,
        };
        let message = format!(
            "the bytes of an array are opcodes as well: pickle.load {what} where joblib.load does not"
        );
        self.add(rules::ReadTwoWays::META, base + at, base + at + 1, message);
    }

    /// A string that may be a pickle, or hold one.
    fn nested(&mut self, data: &[u8], at: u64) {
        let most = usize::try_from(self.limits.nested_bytes).unwrap_or(usize::MAX);
        if super::is_nested(data) {
            return self.inner(data, at, "is itself a pickle");
        }
        if !super::is_wrapped(data, self.limits) {
            return;
        }
        self.decoded += self.limits.nested_bytes;
        if self.decoded > self.limits.decoded_bytes {
            let place = self.place(at, at + data.len() as u64);
            return self.problems.unexamined(place, "a string that is encoded, behind many others");
        }
        let mut decoded = data.to_vec();
        for layer in 0.. {
            let Some(next) = wrapped::unwrap(&decoded, most, self.limits) else { return };
            if layer >= self.limits.nesting {
                let place = self.place(at, at + data.len() as u64);
                return self.problems.unexamined(place, "a string that is encoded too often");
            }
            if super::is_nested(&next) {
                return self.inner(&next, at, "is an encoded pickle");
            }
            decoded = next;
        }
    }

    /// Runs a pickle that a string holds.
    fn inner(&mut self, data: &[u8], at: u64, what: &str) {
        let end = at + data.len() as u64;
        if self.depth >= self.limits.nesting {
            let place = self.place(at, end);
            return self.problems.unexamined(place, "a pickle inside a byte string, nested too deep");
        }
        self.add(rules::NestedPickle::META, at, end, format!("a byte string of the pickle {what}"));
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(&data, &mut watch);
        let outer =
            (std::mem::take(&mut self.dangerous), self.effect.take(), std::mem::take(&mut self.storages));
        self.depth += 1;
        self.base += at;
        self.stream(&mut pass);
        self.base -= at;
        self.depth -= 1;
        (self.dangerous, self.effect, self.storages) = outer;
    }

    fn standing(&self, global: &Global) -> Standing {
        let Global { module, name, .. } = global;
        if let Some(usage) = inert(module, name) {
            Standing::Inert(usage)
        } else if is_wrapper(module, name)
            || self.script && is_torch_script(module, name)
            || self.tar && is_tensor(module, name)
        {
            Standing::Inert(Use::Called)
        } else {
            capability(module, name).map_or(Standing::Unknown, Standing::Dangerous)
        }
    }

    fn add(&mut self, rule: &'static RuleMeta, start: u64, end: u64, message: impl Into<String>) {
        let place = self.place(start, end);
        self.problems.add(rule, place, message);
    }

    fn place(&self, start: u64, end: u64) -> Location {
        let members = vec!["nested pickle"; self.depth];
        self.problems.range(&members, self.base + start, self.base + end)
    }
}

/// Picklers write the types of `None`, `...` and `NotImplemented` as a call of `type`, which otherwise makes classes.
fn is_type_of_singleton(callable: &Global, arguments: &Value) -> bool {
    let is_type = callable.is_builtin() && callable.name == "type";
    is_type
        && match arguments.items() {
            Some([Value::None]) => true,
            Some([Value::Global(only)]) => {
                only.is_builtin() && matches!(&*only.name, "Ellipsis" | "NotImplemented")
            }
            _ => false,
        }
}

/// Whether a name is that of a class of tensors, which `PyTorch` wrote beside each tensor before version 0.4.
fn is_tensor(module: &str, name: &str) -> bool {
    matches!(module, "torch" | "torch.cuda")
        && name.strip_suffix("Tensor").is_some_and(|kind| {
            matches!(kind, "Byte" | "Char" | "Short" | "Int" | "Long" | "Half" | "Float" | "Double")
        })
}

fn is_text_codec(arguments: &Value) -> bool {
    match arguments.items() {
        Some([Value::Text(_)]) => true,
        Some([Value::Text(_), codec]) => {
            codec.as_text().is_some_and(|codec| TEXT_CODECS.contains(&codec.to_ascii_lowercase().as_str()))
        }
        _ => false,
    }
}

/// What a call is told to do, where one of its arguments is a text that is an order.
fn order(arguments: &Value, limits: &Limits) -> Option<String> {
    arguments.items()?.iter().find_map(|argument| match argument {
        Value::Script => Some("a long text that is an order".to_owned()),
        Value::Tuple(_) => order(argument, limits),
        argument => {
            let text = argument.as_text()?;
            let decoded = || {
                let decoded = wrapped::decode(text.as_bytes(), limits)?;
                payload::speaks(&decoded).map(|what| format!("{what}, encoded"))
            };
            payload::speaks(text.as_bytes()).map(|what| format!("{what} as its argument")).or_else(decoded)
        }
    })
}

/// What dill and cloudpickle call to put code together that lies in the file.
fn rebuilds(global: &Global) -> Option<&'static str> {
    let package = global.module.split('.').next().unwrap_or_default();
    if !matches!(package, "dill" | "cloudpickle") {
        return None;
    }
    let name = global.name.as_str();
    Some(if name.contains("code") || name == "_builtin_type" {
        "makes code objects from byte code in the file"
    } else if name.contains("function") || name.contains("cell") || name.contains("fill") {
        "makes a Python function from byte code in the file"
    } else if name == "_load_type" {
        "gives any type of the standard library by its name"
    } else if name.contains("class") || name.contains("type") {
        "makes a class from code in the file"
    } else if name.contains("module") || name == "subimport" || name.contains("import") {
        "imports modules by names in the file"
    } else {
        return None;
    })
}

/// Whether a file lies in the folder of the one that names it.
fn is_beside(name: &str) -> bool {
    let drive = name.get(1..2) == Some(":");
    !drive && !name.contains(['/', '\\']) && name != ".."
}

fn shown(global: &Global) -> String {
    escape(&global.path(), SHOWN)
}
