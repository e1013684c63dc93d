//! Pickle: programs for the machine in Python's unpickler.
//!
//! A file is read by running that machine on types instead of objects, which finds what the program imports and
//! calls without importing or calling anything. Imports are denied by default: [`inert`] lists what is harmless,
//! [`capability`] names what is known to do harm, and all else asks for a person.

mod array;
mod capability;
pub(crate) mod graph;
mod inert;
mod judge;
mod literal;
mod machine;
mod memo;
mod opcode;
pub(crate) mod payload;
pub(crate) mod rules;
mod torch;
mod torch_tar;
mod value;
mod wrapped;

#[cfg(test)]
mod differential;

use std::{collections::BTreeMap, ops::ControlFlow};

use judge::Judge;
use machine::{Event, Machine, Outcome};
pub(crate) use torch_tar::{TorchPart, read_torch_part, starts_torch_part};
use value::Value;

use crate::{
    Limits, Outline,
    problems::Problems,
    read::{Halt, Pass},
};

/// A file of `PyTorch` before version 1.6: magic number, protocol, system, object and storage keys.
const TORCH_STREAMS: u64 = 5;
/// Bytes behind a stream that decide whether they are another one.
const GLANCE: usize = 4096;
/// Opcodes after which bytes that are still a running program are one.
const CONVINCING: u64 = 8;
/// Streams behind one another after which bytes are taken for such.
const CONVINCING_STREAMS: usize = 32;

/// Reads a file of this format to its end.
pub(crate) fn read(
    pass: &mut Pass<'_>,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    streams(pass, limits, &mut Judge::new(limits, outline, problems))
}

/// Reads a member of an archive to its end: the storages that it asks for, and their sizes in bytes. In a `TorchScript`
/// archive some names are not imports.
pub(crate) fn read_member(
    pass: &mut Pass<'_>,
    script: bool,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<BTreeMap<String, u64>, Halt> {
    let mut judge = Judge::new(limits, outline, problems);
    judge.script = script;
    streams(pass, limits, &mut judge)?;
    Ok(judge.storages)
}

fn streams(pass: &mut Pass<'_>, limits: &Limits, judge: &mut Judge<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut torch = false;
    for stream in 1..=limits.pickle_streams {
        match judge.stream(pass) {
            Outcome::Halted(halt) => return Err(halt),
            Outcome::Broken { .. } | Outcome::Limited { .. } => return Ok(()),
            Outcome::Stopped(value) => torch |= stream == 1 && matches!(value, Value::TorchMagic),
        }
        let position = pass.position();
        if position == size {
            return Ok(());
        }
        if torch && stream == TORCH_STREAMS {
            // Behind the streams lies each storage: its number of elements in eight bytes, and the elements.
            let stored =
                judge.storages.values().try_fold(0_u64, |sum, bytes| sum.checked_add(*bytes)?.checked_add(8));
            if stored == Some(size - position) {
                return Ok(());
            }
        }
        if !is_likely(pass.peek(GLANCE)?, size - position) {
            judge.trailing(position, size);
            return Ok(());
        }
    }
    judge.more_streams(pass.position(), size);
    Ok(())
}

/// What a trial run over the start of some bytes shows.
#[derive(Clone, Copy, Debug, Default)]
struct Trial {
    stopped: bool,
    ran_out: bool,
    imports: bool,
    calls: bool,
    opcodes: u64,
    consumed: u64,
}

impl Trial {
    fn run(head: &[u8]) -> Self {
        let mut trial = Self::default();
        let (mut imports, mut fails, mut calls) = (false, false, false);
        let limits = Limits {
            pickle_values: 1 << 16,
            pickle_kept_bytes: 1 << 20,
            nested_bytes: 0,
            ..Limits::default()
        };
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(&head, &mut watch);
        let mut sink = |event: Event<'_>| match event {
            Event::Import(global) if !global.may_exist() => fails = true,
            Event::Import(_) | Event::ComputedImport { .. } | Event::Extension { .. } => imports = true,
            Event::Call { .. } => calls = true,
            _ => {}
        };
        let mut machine = Machine::new(&mut pass, &limits, &mut sink);
        let outcome = machine.run();
        trial.opcodes = machine.opcodes;
        trial.consumed = pass.position();
        trial.stopped = matches!(outcome, Outcome::Stopped(_)) && !fails;
        // An opcode that failed for want of bytes was passed, and some of its argument with it.
        trial.ran_out = !trial.stopped && trial.consumed == head.len() as u64;
        (trial.imports, trial.calls) = (imports, calls);
        trial
    }
}

/// Whether bytes that start with `head` and are `size` long are a pickle.
///
/// From protocol 2 on a pickle says so itself. An older one is any text that happens to be a program; it counts when
/// it calls something, when it imports something and runs to its end, or when it and others like it are the whole
/// file.
pub(crate) fn is_likely(head: &[u8], size: u64) -> bool {
    if !starts(head) {
        return false;
    }
    let declared = matches!(head, [opcode::PROTO, 0..=opcode::HIGHEST_PROTOCOL, next, ..] if opcode::opcode(*next).is_some());
    if declared {
        return true;
    }
    let cut = (head.len() as u64) < size;
    let mut at = 0;
    for _ in 0..CONVINCING_STREAMS {
        let Some(rest) = head.get(at..).filter(|rest| starts(rest)) else { return false };
        let trial = Trial::run(rest);
        if trial.calls || trial.stopped && trial.imports {
            return true;
        }
        if !trial.stopped {
            return cut && trial.ran_out && trial.opcodes >= CONVINCING;
        }
        at += usize::try_from(trial.consumed).unwrap_or(usize::MAX);
        if at as u64 == size {
            return true;
        }
    }
    true
}

/// What `PyTorch` wrote as the first value of its files before version 1.6: an integer of ten bytes, little-endian.
const TORCH_MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// Whether bytes start with the pickle of the magic number alone, as `PyTorch` wrote it before version 1.6.
pub(crate) fn is_torch_legacy(head: &[u8]) -> bool {
    let [opcode::PROTO, _, rest @ ..] = head else { return false };
    let rest = match rest {
        [opcode::FRAME, rest @ ..] => rest.get(8..).unwrap_or_default(),
        rest => rest,
    };
    let value = rest.strip_prefix(&[opcode::LONG1, 10]).and_then(|rest| rest.strip_prefix(&TORCH_MAGIC));
    value.is_some_and(|rest| rest.first() == Some(&opcode::STOP))
}

/// Whether a byte string inside a pickle is a pickle. Strings are many and short, so this asks for more than
/// [`is_likely`]: that it runs to its end, or imports something, or calls something.
fn is_nested(data: &[u8]) -> bool {
    if !starts(data) {
        return false;
    }
    let trial = Trial::run(data);
    let declared = data.first() == Some(&opcode::PROTO);
    trial.calls || declared && (trial.stopped || trial.imports)
}

/// Whether a text is a pickle, or one that is encoded or compressed, in several layers or one.
pub(crate) fn is_hidden(text: &[u8], limits: &Limits) -> bool {
    let head = text.get(..wrapped::GLANCE).unwrap_or(text);
    (text.len() as u64) >= wrapped::least(true)
        && wrapped::is_candidate(head, true)
        && (is_nested(text) || is_wrapped(text, limits))
}

/// Whether a string holds a pickle under one layer or several, by the start of what comes out: each string costs little,
/// and there may be many.
fn is_wrapped(data: &[u8], limits: &Limits) -> bool {
    let mut decoded = data.to_vec();
    for _ in 0..=limits.nesting {
        let Some(next) = wrapped::unwrap(&decoded, GLANCE, limits) else { return false };
        if is_nested(&next) || next.len() >= GLANCE && goes_on(&next) {
            return true;
        }
        decoded = next;
    }
    // So many layers are an answer as well.
    true
}

/// Whether the start of some data is a program that has not come to its end.
fn goes_on(data: &[u8]) -> bool {
    let trial = Trial::run(data);
    starts(data) && trial.ran_out && trial.opcodes >= CONVINCING
}

/// What `module.name` is known to do to whoever calls it, as in "which …"; none where it is not known to do harm.
pub(crate) fn harm(module: &str, name: &str) -> Option<&'static str> {
    capability::capability(module, name).map(capability::Capability::does)
}

/// Whether making an object of `module.name` and filling it does nothing else.
pub(crate) fn is_inert(module: &str, name: &str) -> bool {
    matches!(inert::inert(module, name), Some(inert::Use::Called | inert::Use::Made))
}

/// Whether the unpickler, started on these bytes, gets as far as a call.
pub(crate) fn has_effect(head: &[u8]) -> bool {
    starts(head) && Trial::run(head).calls
}

fn starts(head: &[u8]) -> bool {
    head.first().is_some_and(|byte| opcode::opcode(*byte).is_some())
}
