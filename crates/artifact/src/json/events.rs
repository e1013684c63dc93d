//! Shows a JSON text piece by piece, for readers that ask about whole objects.

use super::{Fault, Json, Scalar, Text};

/// A piece of a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// An object, or else an array, opens.
    Open {
        object: bool,
    },
    /// The one that opened last closes.
    Close,
    Key(Text),
    Value(Scalar),
}

/// Bytes of a key that are kept.
const KEY: usize = 256;

impl Json<'_, '_> {
    /// Shows a whole text without recursion, each piece with its offset. Of strings, the first `keep` bytes are kept.
    pub(crate) fn events(&mut self, keep: usize, show: &mut dyn FnMut(Event, u64)) -> Result<(), Fault> {
        let mut open: Vec<(u8, bool)> = Vec::new();
        loop {
            let first = self.ahead()?;
            let at = self.position();
            if let Some(mark @ (b'{' | b'[')) = first {
                self.eat(mark)?;
                let object = mark == b'{';
                open.push((if object { b'}' } else { b']' }, true));
                show(Event::Open { object }, at);
            } else {
                let value = self.scalar(keep)?;
                show(Event::Value(value), at);
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
                if self.another(first, close)? {
                    if close == b'}' {
                        self.ahead()?;
                        let at = self.position();
                        let key = self.key(KEY)?;
                        show(Event::Key(key), at);
                    }
                    break;
                }
                open.pop();
                show(Event::Close, self.position());
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
    fn each_piece_is_shown_in_order() {
        let text = br#" {"a": [1, {}], "b": "x"} "#.as_slice();
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::new(&text, &mut watch);
        let mut seen = Vec::new();
        let mut json = Json::new(&mut pass, text.len() as u64, 4);
        json.events(8, &mut |event, at| {
            seen.push(match event {
                Event::Open { object: true } => format!("{at} {{"),
                Event::Open { object: false } => format!("{at} ["),
                Event::Close => "close".to_owned(),
                Event::Key(text) | Event::Value(Scalar::Text(text)) => format!("{at} {}", text.start),
                Event::Value(_) => format!("{at} value"),
            });
        })
        .unwrap();
        let want = ["1 {", "2 a", "7 [", "8 value", "11 {", "close", "close", "16 b", "21 x", "close"];
        assert_eq!(seen, want);
    }
}
