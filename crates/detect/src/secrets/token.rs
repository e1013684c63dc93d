use bartizan_finding::{Confidence, Severity};

use super::{
    checks::{base_64, changes_case, distinct, github_checksum, placeholder, random_enough},
    span::Span,
};
use crate::{
    detector::Bounds,
    view::{View, alnum, digit, url64, word},
};

/// A secret with a fixed start.
#[derive(Debug)]
pub(crate) struct Token {
    /// Its starts, any of which the parts follow.
    pub(crate) starts: &'static [&'static str],
    pub(crate) parts: &'static [Part],
    pub(crate) check: Check,
}

/// What follows the start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// This text.
    Is(&'static str),
    /// At least and at most so many bytes of a class; it takes as many as there are.
    Of(fn(u8) -> bool, usize, usize),
}

/// What must be true beyond the form.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    /// The part after the start is as mixed as random text.
    Random,
    /// The same, and letters change case as they do not in names of code.
    RandomCase,
    /// The last six characters are a checksum of those before; otherwise it is no live token.
    GithubChecksum,
    /// Ends so.
    EndsWith(&'static str),
    /// Holds a group of at least so many digits and is as mixed as random text.
    Digits(usize),
    /// The start continues to the left, and the marker stands in the middle.
    Openai,
    /// The first part is a JSON object with `alg`.
    JwtHeader,
    /// Digits before the start are the number of a bot.
    Telegram,
    /// Three characters stand before the start.
    Azure,
}

/// Before an `OpenAI` marker stand at most this many characters.
const OPENAI_LEAD: usize = 180;
/// Before the `:` of a Telegram token stand 8 to 10 digits.
const TELEGRAM_LEAD: usize = 10;
/// Before the digit of a Microsoft Entra secret stand three characters.
const AZURE_LEAD: usize = 3;

impl Token {
    pub(crate) const fn bounds(&self) -> Bounds {
        let (mut most, mut i) = (0, 0);
        while i < self.starts.len() {
            if self.starts[i].len() > most {
                most = self.starts[i].len();
            }
            i += 1;
        }
        i = 0;
        while i < self.parts.len() {
            most += match self.parts[i] {
                Part::Is(text) => text.len(),
                Part::Of(_, _, max) => max,
            };
            i += 1;
        }
        let lead = match self.check {
            Check::Openai => OPENAI_LEAD,
            Check::Telegram => TELEGRAM_LEAD,
            Check::Azure => AZURE_LEAD,
            _ => 0,
        };
        Bounds { lead, max_match: lead + most, context: 2 }
    }

    /// The first two characters, where all starts share them.
    pub(crate) fn preview(&self) -> Option<&'static str> {
        let preview = self.starts.first()?.get(..2)?;
        let shared = !matches!(self.check, Check::Openai | Check::Telegram | Check::Azure);
        (shared && self.starts.iter().all(|start| start.starts_with(preview))).then_some(preview)
    }

    pub(crate) fn find(&self, view: &View<'_>) -> Option<Span> {
        let at = view.anchor;
        let start = match self.check {
            Check::Openai => {
                let start = view.back(at, OPENAI_LEAD, url64);
                view.stands(start, b"sk-").then_some(start)?
            }
            Check::Telegram => {
                let start = view.back(at, TELEGRAM_LEAD, digit);
                (at - start >= 8).then_some(start)?
            }
            Check::Azure => {
                let start = view.back(at, AZURE_LEAD, |byte| word(byte) || matches!(byte, b'.' | b'~'));
                (at - start == AZURE_LEAD).then_some(start)?
            }
            _ => at,
        };
        if view.was(start, word) {
            return None;
        }
        self.starts.iter().filter(|text| view.stands(at, text.as_bytes())).find_map(|text| {
            let body = at + text.len();
            let end = self.parts(view, body)?;
            let (severity, confidence) = self.verdict(view.slice(body, end), view.slice(start, end))?;
            Some(Span { start, end, severity, confidence })
        })
    }

    fn parts(&self, view: &View<'_>, mut at: usize) -> Option<usize> {
        let mut last: fn(u8) -> bool = alnum;
        for part in self.parts {
            match *part {
                Part::Is(text) => at = view.stands(at, text.as_bytes()).then_some(at + text.len())?,
                Part::Of(class, min, max) => {
                    let end = view.run(at, max, class);
                    if end - at < min {
                        return None;
                    }
                    (at, last) = (end, class);
                }
            }
        }
        // A longer word or run of the same alphabet is something else, such as encoded binary data.
        (!view.is(at, |byte| last(byte) || alnum(byte))).then_some(at)
    }

    fn verdict(&self, body: &[u8], whole: &[u8]) -> Option<(Option<Severity>, Confidence)> {
        let sure = (None, Confidence::High);
        let holds = match self.check {
            Check::Random | Check::Telegram | Check::Azure => random_enough(body),
            Check::RandomCase => random_enough(body) && changes_case(body),
            Check::EndsWith(end) => body.ends_with(end.as_bytes()) && random_enough(body),
            Check::Openai => random_enough(whole),
            Check::GithubChecksum => {
                if github_checksum(body) {
                    return Some(sure);
                }
                // The issuer would refuse it: a typing error or an invention, but worth a look.
                return (random_enough(body) && distinct(body) > 12)
                    .then_some((Some(Severity::Low), Confidence::Low));
            }
            Check::Digits(least) => {
                let most = body.split(|byte| !digit(*byte)).map(<[u8]>::len).max().unwrap_or(0);
                most >= least && distinct(body) > 8 && !body.ends_with(b"-") && !placeholder(body)
            }
            Check::JwtHeader => {
                let header = base_64(whole);
                header.starts_with(b"{\"") && header.windows(6).any(|window| window == b"\"alg\":")
            }
        };
        holds.then_some(sure)
    }
}
