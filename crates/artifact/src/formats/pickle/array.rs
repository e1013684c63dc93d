//! What joblib keeps of an array in a stream: a wrapper with shape and element type, and the elements as raw bytes behind
//! the `BUILD` that fills it in.
//!
//! `joblib.load` takes those bytes from the stream before it goes on (`NumpyUnpickler.load_build` in
//! `joblib/numpy_pickle.py`); `pickle.load` goes on at once, and takes the same bytes for opcodes.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use super::value::Value;
use crate::formats::numpy::dtype::Dtype as Layout;

/// The type of an array's elements.
#[derive(Debug)]
pub(super) struct Dtype {
    /// Bytes of an element, where they are known.
    size: Cell<Option<u64>>,
    /// Whether elements are Python objects, which are kept as a pickle.
    objects: Cell<bool>,
}

/// The flag of `numpy.dtype` for elements that hold references (`NPY_ITEM_REFCOUNT`).
const REFCOUNT: i64 = 1;

impl Dtype {
    /// What `numpy.dtype` makes of its first argument.
    pub(super) fn of(text: &str) -> Self {
        let layout = Layout::of_text(text);
        Self {
            size: Cell::new(layout.as_ref().and_then(|layout| layout.size)),
            // What nobody can read may be anything, and a size is not known then either.
            objects: Cell::new(layout.is_some_and(|layout| layout.objects)),
        }
    }

    /// Takes the state of `numpy.dtype.__reduce__`: version, order, subtype, names, fields, size, alignment, flags.
    pub(super) fn build(&self, state: &Value) {
        let Some([_, _, subtype, names, _, size, _, flags, ..]) = state.items() else {
            self.size.set(None);
            return;
        };
        match size {
            Value::Int(size @ 1..) => self.size.set(u64::try_from(*size).ok()),
            Value::Int(_) if matches!((subtype, names), (Value::None, Value::None)) => {}
            _ => self.size.set(None),
        }
        match flags {
            Value::Int(flags) if flags & REFCOUNT == 0 => {}
            _ => self.objects.set(true),
        }
    }
}

/// What a wrapper is told.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether one of the keys is a special name such as `__class__`.
    pub(super) special: Cell<bool>,
    /// The number of elements.
    count: Cell<Option<u64>>,
    dtype: RefCell<Option<Rc<Dtype>>>,
    /// Whether the bytes are aligned, and preceded by padding.
    aligned: Cell<bool>,
    filename: RefCell<Option<Box<str>>>,
}

impl State {
    /// Takes a key and its value.
    pub(super) fn set(&self, key: &str, value: &Value) {
        match key {
            "shape" => self.count.set(elements(value)),
            "dtype" => {
                *self.dtype.borrow_mut() = match value {
                    Value::Dtype(dtype) => Some(Rc::clone(dtype)),
                    _ => None,
                };
            }
            "numpy_array_alignment_bytes" => self.aligned.set(!matches!(value, Value::None)),
            "filename" => *self.filename.borrow_mut() = value.as_text().map(Into::into),
            _ => {}
        }
    }

    /// Takes what another one was told.
    fn take(&self, other: &Self) {
        self.count.set(other.count.get());
        self.dtype.borrow_mut().clone_from(&other.dtype.borrow());
        self.aligned.set(other.aligned.get());
        self.filename.borrow_mut().clone_from(&other.filename.borrow());
    }
}

/// The product of a shape.
fn elements(shape: &Value) -> Option<u64> {
    let side = |value: &Value| match value {
        Value::Int(side) => u64::try_from(*side).ok(),
        _ => None,
    };
    shape.items()?.iter().try_fold(1_u64, |product, value| product.checked_mul(side(value)?))
}

/// Where the elements of an array are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Elements {
    /// So many bytes follow in the stream, behind padding where they are aligned.
    Raw { bytes: u64, aligned: bool },
    /// A pickle follows in the stream.
    Pickle,
    /// In another file, of this name where it is plain.
    File(Option<Box<str>>),
    /// The stream does not tell plainly.
    Unknown,
}

/// An object of one of joblib's classes.
#[derive(Debug)]
pub(super) struct Wrapper {
    /// Whether the elements are in another file, as joblib before version 0.10 wrote them.
    elsewhere: bool,
    state: State,
}

impl Wrapper {
    /// For a class that joblib knows as one of its wrappers.
    pub(super) fn of(module: &str, name: &str) -> Option<Self> {
        let module = module.strip_prefix("sklearn.externals.").unwrap_or(module);
        let elsewhere = match (module, name) {
            ("joblib.numpy_pickle", "NumpyArrayWrapper") => false,
            ("joblib.numpy_pickle" | "joblib.numpy_pickle_compat", "NDArrayWrapper" | "ZNDArrayWrapper") => {
                true
            }
            _ => return None,
        };
        Some(Self { elsewhere, state: State::default() })
    }

    /// Fills it in, and says where the elements are.
    pub(super) fn build(&self, state: &Value) -> Elements {
        let Value::State(told) = state else { return Elements::Unknown };
        self.state.take(told);
        if self.elsewhere {
            return Elements::File(self.state.filename.borrow().clone());
        }
        let dtype = self.state.dtype.borrow();
        let Some(dtype) = dtype.as_ref() else { return Elements::Unknown };
        if dtype.objects.get() {
            return Elements::Pickle;
        }
        let bytes =
            self.state.count.get().zip(dtype.size.get()).and_then(|(count, size)| count.checked_mul(size));
        bytes.map_or(Elements::Unknown, |bytes| Elements::Raw { bytes, aligned: self.state.aligned.get() })
    }
}

/// Whether the name is one of joblib's wrappers, which do nothing but keep what they are told.
pub(super) fn is_wrapper(module: &str, name: &str) -> bool {
    Wrapper::of(module, name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::pickle::value::Budget;

    #[test]
    fn a_wrapper_says_where_its_elements_are() {
        let budget = Budget::new(1 << 16);
        let told = Rc::new(State::default());
        let wrapper = Wrapper::of("joblib.numpy_pickle", "NumpyArrayWrapper").unwrap();
        assert_eq!(wrapper.build(&Value::State(Rc::clone(&told))), Elements::Unknown);
        told.set("shape", &budget.tuple([Value::Int(3), Value::Int(2)].into_iter()));
        told.set("dtype", &Value::Dtype(Rc::new(Dtype::of("f8"))));
        let state = Value::State(Rc::clone(&told));
        assert_eq!(wrapper.build(&state), Elements::Raw { bytes: 48, aligned: false });
        told.set("numpy_array_alignment_bytes", &Value::Int(16));
        assert_eq!(wrapper.build(&state), Elements::Raw { bytes: 48, aligned: true });
        told.set("shape", &budget.tuple([Value::Int(i64::MAX), Value::Int(4)].into_iter()));
        assert_eq!(wrapper.build(&state), Elements::Unknown);
        told.set("dtype", &Value::Dtype(Rc::new(Dtype::of("O8"))));
        assert_eq!(wrapper.build(&state), Elements::Pickle);
        assert_eq!(wrapper.build(&Value::Object), Elements::Unknown);
    }

    #[test]
    fn older_wrappers_name_a_file() {
        let wrapper = Wrapper::of("sklearn.externals.joblib.numpy_pickle", "NDArrayWrapper").unwrap();
        let told = State::default();
        let budget = Budget::new(1 << 16);
        told.set("filename", &budget.text("model.pkl_01.npy"));
        let told = Value::State(Rc::new(told));
        assert_eq!(wrapper.build(&told), Elements::File(Some("model.pkl_01.npy".into())));
        assert!(!is_wrapper("joblib", "NumpyArrayWrapper"));
    }
}
