//! Turns what a stream does into problems.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    rc::Rc,
};

use bartizan_finding::{Location, Occurrence, RuleMeta, Severity};

use super::{
    capability::{Capability, capability},
    inert::{TEXT_CODECS, is_inert, is_torch_script, torch_storage},
    machine::{Event, Machine, Outcome},
    rules,
    value::{Global, Value},
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
    Inert,
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
    pub(super) fn foreign(&mut self, rule: &'static RuleMeta, start: u64, end: u64, message: String) {
        self.add(rule, start, end, message);
        let place = self.place(start, end);
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
            Event::Build { target, state, at } => self.build(target, state, at),
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
            Event::Frame { what, at } => self.add(rules::FrameDisagrees::META, at, at + 1, what),
            Event::Protocol { what, at } => self.add(rules::ProtocolDisagrees::META, at, at + 1, what),
        }
    }

    fn import(&mut self, global: &Rc<Global>) {
        note(&mut self.outline.globals, shown(global));
        match self.standing(global) {
            Standing::Inert => {}
            Standing::Dangerous(capability) => {
                if self.dangerous.len() < self.limits.problems_per_rule {
                    self.dangerous.push((Rc::clone(global), capability));
                }
            }
            Standing::Unknown => {
                if self.unknown.len() < UNKNOWN_NAMES && self.unknown.insert(global.path()) {
                    let message =
                        format!("the pickle imports {}, which is not known to be inert", shown(global));
                    self.add(rules::UnknownGlobal::META, global.at, global.at + 1, message);
                }
            }
        }
    }

    fn call(&mut self, opcode: &str, callable: &Value, arguments: &Value, at: u64) {
        let Value::Global(global) = callable else {
            self.effect.get_or_insert(at);
            let message = format!("the pickle calls something that it computed ({opcode})");
            return self.add(rules::ComputedName::META, at, at + 1, message);
        };
        match self.standing(global) {
            Standing::Inert => {
                if global.module == "_codecs" && !is_text_codec(arguments) {
                    let message = "the pickle calls _codecs.encode with a codec that is not one for text";
                    self.add(rules::UnusualArguments::META, at, at + 1, message);
                }
            }
            Standing::Dangerous(capability) => {
                self.effect.get_or_insert(at);
                let message =
                    format!("loading the file calls {}, which {}", shown(global), capability.does());
                let place = self.place(at, at + 1);
                let occurrence = Occurrence::new(rules::DangerousGlobal::META, place, message);
                self.problems.push(occurrence.variant(capability.id()));
            }
            // The import was reported already.
            Standing::Unknown => {
                self.effect.get_or_insert(at);
            }
        }
    }

    fn build(&mut self, target: &Value, state: &Value, at: u64) {
        let special = match state {
            Value::Dict(special) => special.get(),
            Value::Tuple(Some(pair)) => {
                pair.values.iter().any(|part| matches!(part, Value::Dict(special) if special.get()))
            }
            _ => false,
        };
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

    fn nested(&mut self, data: &[u8], at: u64) {
        if !super::is_nested(data) {
            return;
        }
        let end = at + data.len() as u64;
        if self.depth >= self.limits.nesting {
            let place = self.place(at, end);
            return self.problems.unexamined(place, "a pickle inside a byte string, nested too deep");
        }
        self.add(rules::NestedPickle::META, at, end, "a byte string of the pickle is itself a pickle");
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
        if is_inert(module, name)
            || self.script && is_torch_script(module, name)
            || self.tar && is_tensor(module, name)
        {
            Standing::Inert
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

fn shown(global: &Global) -> String {
    escape(&global.path(), SHOWN)
}
