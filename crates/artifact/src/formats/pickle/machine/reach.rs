//! Opcodes that reach out of the stream, and those that say how to read it.

use std::{cell::Cell, rc::Rc};

use super::{
    super::{
        array::{Dtype, Wrapper, is_wrapper},
        opcode as op,
        opcode::HIGHEST_PROTOCOL,
        value::{Global, UNKNOWN_SIZE, Value, attribute_of_import},
    },
    Event, Fault, Machine, Step,
};

impl Machine<'_, '_> {
    pub(super) fn global(&mut self, byte: u8) -> Step {
        let (module, name) = if byte == op::GLOBAL {
            (self.name_line(false)?, self.name_line(false)?)
        } else {
            let name = self.pop()?;
            let module = self.pop()?;
            match (&module, &name) {
                (Value::Text(_), Value::Text(_)) => {}
                // CPython asks for strings exactly; whether an object is one depends on what was called.
                _ if (module.is_open() || matches!(module, Value::Text(_)))
                    && (name.is_open() || matches!(name, Value::Text(_))) =>
                {
                    self.depends = true;
                }
                _ => return Err(Fault::Broken("a module or name that is no string")),
            }
            (module.as_text().map(str::to_owned), name.as_text().map(str::to_owned))
        };
        let value = self.import(module, name);
        self.stack.push(value);
        Ok(())
    }

    /// Reads a name; `None` where it is too long to be one.
    pub(super) fn name_line(&mut self, ascii: bool) -> Result<Option<String>, Fault> {
        let line = self.line()?;
        if !line.whole {
            return Ok(None);
        }
        let text = String::from_utf8(line.kept).ok().filter(|text| !ascii || text.is_ascii());
        text.map(Some).ok_or(Fault::Broken("a name that is not text"))
    }

    pub(super) fn import(&mut self, module: Option<String>, name: Option<String>) -> Value {
        let (Some(module), Some(name)) = (module, name) else {
            (self.sink)(Event::ComputedImport { at: self.at });
            return Value::Unknown;
        };
        let global = Rc::new(Global { module, name, at: self.at, called: Cell::new(false) });
        (self.sink)(Event::Import(&global));
        self.joblib |= !self.plain && is_wrapper(&global.module, &global.name);
        Value::Global(global)
    }

    pub(super) fn call(&mut self, opcode: &'static str, callable: &Value, arguments: &Value) -> Step {
        if !callable.is_open() {
            return Err(Fault::Broken("a value that cannot be called"));
        }
        match arguments {
            Value::Tuple(_) => {}
            arguments if arguments.is_open() => self.depends = true,
            _ => return Err(Fault::Broken("arguments that are no tuple")),
        }
        if let Value::Global(global) = callable {
            global.called.set(true);
        } else {
            self.depends = true;
        }
        (self.sink)(Event::Call { opcode, callable, arguments, at: self.at });
        let attribute = match callable {
            Value::Global(global) => attribute_of_import(global, arguments),
            _ => None,
        };
        let result = match attribute {
            Some((module, name)) => self.import(Some(module), Some(name)),
            None => made(callable, arguments)
                .filter(|made| self.joblib || !matches!(made, Value::Wrapper(_)))
                .unwrap_or(Value::Object),
        };
        self.stack.push(result);
        Ok(())
    }

    pub(super) fn new_object(&mut self, byte: u8, name: &'static str) -> Step {
        if byte == op::NEWOBJ_EX {
            match self.pop()? {
                Value::Dict(_) | Value::State(_) => {}
                keywords if keywords.is_open() => self.depends = true,
                _ => return Err(Fault::Broken("keywords that are no dictionary")),
            }
        }
        let arguments = self.pop()?;
        let class = self.pop()?;
        self.call(name, &class, &arguments)
    }

    pub(super) fn instance(&mut self, byte: u8, name: &'static str) -> Step {
        let mark = self.marker()?;
        let (class, from) = if byte == op::INST {
            let (module, name) = (self.name_line(true)?, self.name_line(true)?);
            (self.import(module, name), mark)
        } else {
            let class = self.stack.get(mark).cloned().ok_or(Fault::Broken("the stack is empty"))?;
            (class, mark + 1)
        };
        self.push_tuple(from);
        let arguments = self.pop()?;
        self.stack.truncate(mark);
        self.call(name, &class, &arguments)
    }

    pub(super) fn build(&mut self) -> Step {
        let height = self.below(1)?;
        let state = self.pop()?;
        let target = self.stack.get(height - 1).cloned().ok_or(Fault::Broken("the stack is empty"))?;
        if target.is_open() {
            self.depends |= !matches!(target, Value::Object);
            // A state that something called gave, or the half of one, may hold whatever the stream says.
            let parts = state.items().filter(|parts| parts.len() == 2).unwrap_or_default();
            let special = self.special && (state.is_open() || parts.iter().any(Value::is_open));
            (self.sink)(Event::Build { target: &target, state: &state, special, at: self.at });
            match &target {
                Value::Dtype(dtype) => dtype.build(&state),
                Value::Wrapper(wrapper) => return self.array(&wrapper.build(&state)),
                _ => {}
            }
        } else {
            match &state {
                Value::None => {}
                Value::Tuple(None) => self.depends = true,
                Value::Tuple(Some(pair)) if pair.values.len() == 2 => self.depends = true,
                state if state.is_open() => self.depends = true,
                _ => return Err(Fault::Broken("a value that has no state")),
            }
        }
        Ok(())
    }

    pub(super) fn persistent(&mut self, byte: u8) -> Step {
        let id = if byte == op::PERSID {
            let line = self.any_line()?;
            if !line.kept.is_ascii() {
                return Err(Fault::Broken("a persistent id that is not ASCII"));
            }
            self.budget.text(std::str::from_utf8(&line.kept).unwrap_or_default())
        } else {
            self.pop()?
        };
        (self.sink)(Event::Persistent { id: &id, at: self.at });
        let elements = match id.items() {
            Some([_, _, _, _, Value::Int(elements)] | [_, _, _, _, Value::Int(elements), Value::None]) => {
                *elements
            }
            _ => UNKNOWN_SIZE,
        };
        self.stack.push(Value::Persistent(elements));
        Ok(())
    }

    pub(super) fn extension(&mut self, byte: u8) -> Step {
        let code = match byte {
            op::EXT1 => u32::from(self.pass.byte()?),
            op::EXT2 => u32::from(u16::from_le_bytes(self.pass.take()?)),
            _ => u32::from_le_bytes(self.pass.take()?),
        };
        if code == 0 || i32::try_from(code).is_err() {
            return Err(Fault::Broken("an extension code that cannot be"));
        }
        self.depends = true;
        (self.sink)(Event::Extension { code, at: self.at });
        self.stack.push(Value::Unknown);
        Ok(())
    }

    pub(super) fn proto(&mut self) -> Step {
        let protocol = self.pass.byte()?;
        if protocol > HIGHEST_PROTOCOL {
            return Err(Fault::Broken("a protocol that does not exist"));
        }
        if self.at != self.start {
            (self.sink)(Event::Protocol { what: "PROTO stands inside the stream", at: self.at });
        }
        self.protocol = protocol;
        Ok(())
    }

    /// `CPython`'s C unpickler reads a frame ahead and then forgets where it ends; the one in Python insists that
    /// opcodes end with it; the C unpickler of a file drops the rest of a frame when an argument reaches beyond it.
    /// A stream whose opcodes do not fit its frames therefore means different things to different unpicklers.
    pub(super) fn frame(&mut self) -> Step {
        let length = u64::from_le_bytes(self.pass.take()?);
        let position = self.pass.position();
        if length > self.pass.size() - position {
            return Err(Fault::Broken("a frame beyond the end of the stream"));
        }
        if self.frame_end.is_some() {
            self.frame_event("a frame starts inside another");
        }
        self.frame_end = (length > 0).then_some(position + length);
        Ok(())
    }

    pub(super) fn leave_frame(&mut self) {
        let position = self.pass.position();
        if let Some(end) = self.frame_end.filter(|end| position >= *end) {
            self.frame_end = None;
            if position > end {
                self.frame_event("an opcode reaches beyond its frame");
            }
        }
    }

    pub(super) fn frame_event(&mut self, what: &'static str) {
        (self.sink)(Event::Frame { what, at: self.at });
    }
}

/// What is known of the result of a call: an element type, or one of joblib's wrappers.
fn made(callable: &Value, arguments: &Value) -> Option<Value> {
    let Value::Global(global) = callable else { return None };
    let arguments = arguments.items();
    match (global.module.as_str(), global.name.as_str()) {
        ("numpy", "dtype") => match arguments? {
            [text, ..] => text.as_text().map(|text| Value::Dtype(Rc::new(Dtype::of(text)))),
            [] => None,
        },
        // As protocols 0 and 1 make an object.
        ("copyreg" | "copy_reg", "_reconstructor" | "__newobj__") => match arguments? {
            [Value::Global(class), ..] => wrapper(class),
            _ => None,
        },
        _ => wrapper(global),
    }
}

fn wrapper(class: &Global) -> Option<Value> {
    Wrapper::of(&class.module, &class.name).map(|wrapper| Value::Wrapper(Rc::new(wrapper)))
}
