//! How fast text without matches is scanned, beside one regular expression over the same kinds. Ratios of one run
//! mean something; the figures alone depend on the machine and on what else it does.

#![expect(clippy::print_stdout, reason = "a bench reports")]
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock")]

use std::{hint::black_box, time::Instant};

use bartizan_detect::{Engine, Family, Selection};
use regex_automata::{meta::Regex, util::syntax};

/// What most scanners do: an alternation of one expression for each kind.
const ALTERNATION: &str = concat!(
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24}|\b(?:\d[ -]?){12,18}\d\b|\b[A-Z]{2}\d{2}[A-Z0-9 ]{11,38}\b|",
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b\d{3}-\d{2}-\d{4}\b|\b(?:AKIA|ASIA)[A-Z2-7]{16}\b|gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|",
    r"xox[abprs]-[\w-]{24,}|[sr]k_(?:live|test)_\w{24,}|sk-ant-[\w-]{80,}|hf_[A-Za-z]{34}|AIza[\w-]{35}|npm_\w{36}|dapi[a-f0-9]{32}|",
    r"eyJ[\w-]{12,}\.eyJ[\w-]{8,}\.[\w-]{16,}|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----|[a-z+]{3,20}://[^\s:@/]{1,128}:[^\s:@/]{1,256}@|",
    r#"(?i:api_?key|secret|passw|token)\w{0,24}["']?\s{0,4}[:=]\s{0,4}["']?[\w+/=.-]{16,128}"#,
);

fn main() {
    let sentence = "The committee met again in the spring, when the river had fallen and the road to the north was open; \
        of the 214 letters that had come in, most asked for the same thing, and the secretary read them aloud. ";
    let prose = sentence.repeat((16 << 20) / sentence.len());
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    let mut builder = Regex::builder();
    builder.syntax(bytes).configure(Regex::config().nfa_size_limit(Some(64 << 20)));
    let regex = builder.build(ALTERNATION).expect("the expression of the bench is well formed");
    let megabytes = prose.len() as f64 / 1e6;
    let report = |name: &str, seconds: f64| println!("{name:<24}{:>8.0} MB/s", megabytes / seconds);
    report("read once (sum)", median(|| black_box(prose.bytes().map(u64::from).sum::<u64>()) as usize));
    for (name, selection) in [
        ("all families", Selection::all()),
        ("personal data", Selection::none().with(Family::PersonalData)),
        ("secrets", Selection::none().with(Family::Secrets)),
        ("hidden text", Selection::none().with(Family::HiddenText)),
    ] {
        let engine = Engine::new(selection, None);
        report(name, median(|| engine.scan_all(prose.as_bytes()).len()));
    }
    report("one regular expression", median(|| regex.find_iter(prose.as_bytes()).count()));
}

/// Seconds of the middle of five runs.
fn median(mut run: impl FnMut() -> usize) -> f64 {
    let mut seconds: Vec<_> = (0..5)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[2]
}
