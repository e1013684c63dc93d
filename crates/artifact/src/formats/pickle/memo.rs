//! The memo: what the stream put aside, by number.

use std::collections::HashMap;

use super::value::Value;

/// Picklers number their entries from zero without gaps, so those lie in a row; others are looked up.
#[derive(Debug, Default)]
pub(super) struct Memo {
    row: Vec<Option<Value>>,
    others: HashMap<u64, Value>,
    count: usize,
}

impl Memo {
    /// The number of entries, which is also the number that `MEMOIZE` gives to the next.
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, index: u64) -> Option<&Value> {
        let at = usize::try_from(index).ok()?;
        match self.row.get(at) {
            Some(value) => value.as_ref(),
            None => self.others.get(&index),
        }
    }

    pub(super) fn put(&mut self, index: u64, value: Value) {
        let row = self.row.len() as u64;
        let before = if index > row {
            self.others.insert(index, value)
        } else if index == row {
            self.row.push(Some(value));
            // What was put here while it lay beyond the row is replaced.
            if self.others.is_empty() { None } else { self.others.remove(&index) }
        } else {
            usize::try_from(index).ok().and_then(|at| self.row.get_mut(at)?.replace(value))
        };
        self.count += usize::from(before.is_none());
    }

    /// The types of the entries.
    #[cfg(test)]
    pub(super) fn types(&self) -> std::collections::BTreeMap<u64, &'static str> {
        let row =
            (0..).zip(&self.row).filter_map(|(index, value)| Some((index, value.as_ref()?.type_name())));
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
    }
}
