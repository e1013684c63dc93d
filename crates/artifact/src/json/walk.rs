//! Walks a JSON text from value to value.

use super::{Fault, Json, Scalar};

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The start of a key.
    Key(String),
    Index(u64),
}

impl Step {
    /// The key, where it is one.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Index(_) => None,
        }
    }
}

/// Bytes of a key that are kept on a walk.
const KEY: usize = 256;

impl Json<'_, '_> {
    /// Walks a whole text without recursion: shows each value that is no array or object with the keys and indices that
    /// lead to it. Of strings, the first `keep` bytes are kept.
    pub(crate) fn walk(
        &mut self,
        keep: usize,
        show: &mut dyn FnMut(&[Step], Scalar, u64),
    ) -> Result<(), Fault> {
        let mut open: Vec<(u8, bool)> = Vec::new();
        let mut path: Vec<Step> = Vec::new();
        loop {
            if self.eat(b'{')? {
                open.push((b'}', true));
                path.push(Step::Key(String::new()));
            } else if self.eat(b'[')? {
                open.push((b']', true));
                path.push(Step::Index(0));
            } else {
                self.ahead()?;
                let at = self.position();
                let value = self.scalar(keep)?;
                show(&path, value, at);
            }
            if open.len() > self.depth {
                return Err(self.fault("nested too deep"));
            }
            loop {
                let Some((close, first)) = open.last_mut() else {
                    return match self.ahead()? {
                        None => Ok(()),
                        Some(_) => Err(self.fault("something follows the value")),
                    };
                };
                let close = *close;
                let is_first = *first;
                if self.another(first, close)? {
                    match path.last_mut() {
                        Some(Step::Key(key)) => *key = self.key(KEY)?.start,
                        Some(Step::Index(index)) => *index += u64::from(!is_first),
                        None => {}
                    }
                    break;
                }
                open.pop();
                path.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::read::Pass;

    #[test]
    fn a_walk_shows_each_value_with_its_path() {
        let text = br#" {"a": [1, {"b": "x"}, [], -Infinity], "c": {}, "d": NaN, "e": true} "#.as_slice();
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::new(&text, &mut watch);
        let mut seen = Vec::new();
        let mut show = |path: &[Step], value: Scalar, _| {
            let path: Vec<_> = path
                .iter()
                .map(|step| match step {
                    Step::Key(key) => key.clone(),
                    Step::Index(index) => index.to_string(),
                })
                .collect();
            let value = match value {
                Scalar::Text(text) => text.start,
                other => format!("{other:?}"),
            };
            seen.push(format!("{} {value}", path.join("/")));
        };
        let mut json = Json::new(&mut pass, text.len() as u64, 4).python();
        json.walk(8, &mut show).unwrap();
        assert_eq!(seen, ["a/0 Unsigned(1)", "a/1/b x", "a/3 Other", "d Other", "e Bool(true)"]);
    }
}
