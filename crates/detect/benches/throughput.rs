//! How fast text without matches is scanned, beside one regular expression over the same kinds. Ratios of one run
//! mean something; the figures alone depend on the machine and on what else it does.

use std::{convert::Infallible, hint::black_box};

use bartizan_detect::{Engine, Family, Selection};
use bartizan_measure::{Clock, interleave};
use regex_automata::{meta::Regex, util::syntax};

/// What most scanners do: an alternation of one expression for each kind.
const ALTERNATION: &str = concat!(
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24}|\b(?:\d[ -]?){12,18}\d\b|\b[A-Z]{2}\d{2}[A-Z0-9 ]{11,38}\b|",
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b\d{3}-\d{2}-\d{4}\b|\b(?:AKIA|ASIA)[A-Z2-7]{16}\b|gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|",
    r"xox[abprs]-[\w-]{24,}|[sr]k_(?:live|test)_\w{24,}|sk-ant-[\w-]{80,}|hf_[A-Za-z]{34}|AIza[\w-]{35}|npm_\w{36}|dapi[a-f0-9]{32}|",
    r"eyJ[\w-]{12,}\.eyJ[\w-]{8,}\.[\w-]{16,}|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----|[a-z+]{3,20}://[^\s:@/]{1,128}:[^\s:@/]{1,256}@|",
    r#"(?i:api_?key|secret|passw|token)\w{0,24}["']?\s{0,4}[:=]\s{0,4}["']?[\w+/=.-]{16,128}"#,
);

const RUNS: u32 = 5;

fn main() {
    let sentence = "The committee met again in the spring, when the river had fallen and the road to the north was open; \
        of the 214 letters that had come in, most asked for the same thing, and the secretary read them aloud. ";
    let prose = sentence.repeat((16 << 20) / sentence.len());
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    let mut builder = Regex::builder();
    builder.syntax(bytes).configure(Regex::config().nfa_size_limit(Some(64 << 20)));
    let regex = builder.build(ALTERNATION).expect("the expression of the bench is well formed");
    let hidden_text = Engine::new(Selection::none().with(Family::HiddenText), None);
    let personal_data = Engine::new(Selection::none().with(Family::PersonalData), None);
    let secrets = Engine::new(Selection::none().with(Family::Secrets), None);
    let all = Engine::new(Selection::all(), None);
    let scan = |engine: &Engine| {
        black_box(engine.scan_all(prose.as_bytes()));
        Ok::<_, Infallible>(())
    };
    let mut read = || {
        black_box(prose.bytes().map(u64::from).sum::<u64>());
        Ok(())
    };
    let mut expression = || {
        black_box(regex.find_iter(prose.as_bytes()).count());
        Ok(())
    };
    let measured = interleave(
        Clock::Cpu,
        RUNS,
        [
            &mut read,
            &mut expression,
            &mut || scan(&hidden_text),
            &mut || scan(&personal_data),
            &mut || scan(&secrets),
            &mut || scan(&all),
        ],
    );
    let Ok([read, expression, ours @ ..]) = measured;

    let megabytes = prose.len() as f64 / 1e6;
    read.rate("read once (sum)", megabytes, "MB/s").print();
    expression.rate("one regular expression", megabytes, "MB/s").print();
    for (name, times) in ["hidden text", "personal data", "secrets", "all families"].into_iter().zip(ours) {
        times.rate(name, megabytes, "MB/s").ratio_to("one regular expression").print();
    }
}
