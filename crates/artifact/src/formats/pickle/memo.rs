//! The memo: what the stream put aside, by number.

use std::{cmp::Ordering, collections::HashMap};

use super::value::Value;

/// Picklers number their entries from zero without gaps, so those lie in a row; others are looked up.
#[derive(Debug, Default)]
pub(super) struct Memo<'b> {
    row: Vec<Value>,
    others: HashMap<u64, Value>,
    /// What another reading of the stream starts from, and does not change.
    below: Option<&'b Memo<'b>>,
    /// How many entries there are beside those.
    fresh: usize,
}

impl<'b> Memo<'b> {
    /// A memo that starts with the entries of another.
    pub(super) fn over(below: &'b Memo<'b>) -> Self {
        Self { below: Some(below), ..Self::default() }
    }

    /// The number of entries, which is also the number that `MEMOIZE` gives to the next.
    pub(super) fn len(&self) -> usize {
        match self.below {
            None => self.row.len() + self.others.len(),
            Some(below) => below.len() + self.fresh,
        }
    }

    pub(super) fn get(&self, index: u64) -> Option<&Value> {
        let at = usize::try_from(index).ok()?;
        self.row
            .get(at)
            .or_else(|| self.others.get(&index))
            .or_else(|| self.below.and_then(|below| below.get(index)))
    }

    pub(super) fn put(&mut self, index: u64, value: Value) {
        if self.below.is_some() {
            self.fresh += usize::from(self.get(index).is_none());
            self.others.insert(index, value);
            return;
        }
        match index.cmp(&(self.row.len() as u64)) {
            Ordering::Less => {
                let at = usize::try_from(index).unwrap_or(usize::MAX);
                if let Some(old) = self.row.get_mut(at) {
                    *old = value;
                }
            }
            Ordering::Equal => {
                self.row.push(value);
                // What was put here while it lay beyond the row is replaced.
                self.others.remove(&index);
            }
            Ordering::Greater => {
                self.others.insert(index, value);
            }
        }
    }

    /// The types of the entries.
    #[cfg(test)]
    pub(super) fn types(&self) -> std::collections::BTreeMap<u64, &'static str> {
        let row = (0..).zip(self.row.iter().map(Value::type_name));
        row.chain(self.others.iter().map(|(index, value)| (*index, value.type_name()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_counted_once_wherever_they_lie() {
        let mut memo = Memo::default();
        for (index, value) in
            [(2, Value::List), (0, Value::None), (1, Value::Set), (2, Value::Float), (2, Value::Bool)]
        {
            memo.put(index, value);
        }
        memo.put(1 << 40, Value::Bytes);
        let types: Vec<_> = memo.types().into_iter().collect();
        assert_eq!(types, [(0, "NoneType"), (1, "set"), (2, "bool"), (1 << 40, "bytes")]);
        assert_eq!(memo.len(), 4);
        assert!(memo.get(3).is_none());
        let mut over = Memo::over(&memo);
        over.put(0, Value::List);
        over.put(3, Value::List);
        assert_eq!(over.len(), 5);
        assert!(matches!((over.get(0), over.get(1)), (Some(Value::List), Some(Value::Set))));
        assert!(matches!(memo.get(0), Some(Value::None)));
    }
}
