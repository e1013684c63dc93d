//! What the bench programs share: clocks, medians, and the lines that `cargo xtask bench` reads.
//!
//! Programs that are compared take turns ([`interleave`]), so that whatever else the machine does falls on all of
//! them alike. [`Clock::Cpu`] counts the processor's time alone and is for work that waits for nothing;
//! [`Clock::Wall`] is for what a user waits for.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::time::{Duration, Instant};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike as _,
};
use serde::Serialize;

/// What counts as time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The time that passes.
    Wall,
    /// The time that the processor spends on this process, on all its threads together.
    Cpu,
    /// The time that the processor spends on programs that this process starts and waits for.
    CpuOfChildren,
}

impl Clock {
    /// How long `work` takes.
    pub fn time<T>(self, work: impl FnOnce() -> T) -> (Duration, T) {
        match self {
            Self::Wall => {
                let start = Instant::now();
                let value = work();
                (start.elapsed(), value)
            }
            Self::Cpu => {
                let start = cpu_time(UsageWho::RUSAGE_SELF);
                let value = work();
                (cpu_time(UsageWho::RUSAGE_SELF).saturating_sub(start), value)
            }
            Self::CpuOfChildren => {
                let start = cpu_time(UsageWho::RUSAGE_CHILDREN);
                let value = work();
                (cpu_time(UsageWho::RUSAGE_CHILDREN).saturating_sub(start), value)
            }
        }
    }
}

/// How long the same work took, run after run. There is at least one.
#[derive(Clone, Debug)]
pub struct Times {
    sorted: Vec<Duration>,
}

impl Times {
    /// Sorts the times of the runs.
    ///
    /// # Panics
    /// Without any.
    pub fn new(mut times: Vec<Duration>) -> Self {
        assert!(!times.is_empty(), "nothing was measured");
        times.sort_unstable();
        Self { sorted: times }
    }

    /// How many runs there were.
    pub fn runs(&self) -> u32 {
        u32::try_from(self.sorted.len()).unwrap_or(u32::MAX)
    }

    /// Seconds that so many percent of the runs did not exceed: the nearest rank, so always one that was measured.
    pub fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.sorted.len() * percent).div_ceil(100).clamp(1, self.sorted.len());
        self.sorted[rank - 1].as_secs_f64()
    }

    /// The median in seconds.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The median as a figure in seconds.
    pub fn seconds(&self, name: &str) -> Figure {
        Figure::new(name, self.median(), "s", self.runs())
    }

    /// The median as a figure in milliseconds.
    pub fn milliseconds(&self, name: &str) -> Figure {
        Figure::new(name, self.median() * 1e3, "ms", self.runs())
    }

    /// How much of `amount`, which every run dealt with, is dealt with in a second, as a figure.
    pub fn rate(&self, name: &str, amount: f64, unit: &'static str) -> Figure {
        Figure::new(name, amount / self.median(), unit, self.runs())
    }
}

/// Runs each program once to warm up and then `runs` times, in turns. The first error ends it.
pub fn interleave<const N: usize, E>(
    clock: Clock,
    runs: u32,
    mut programs: [&mut dyn FnMut() -> Result<(), E>; N],
) -> Result<[Times; N], E> {
    let mut times = [const { Vec::new() }; N];
    for run in 0..=runs {
        for (program, times) in programs.iter_mut().zip(&mut times) {
            let (time, outcome) = clock.time(program);
            outcome?;
            if run > 0 {
                times.push(time);
            }
        }
    }
    Ok(times.map(Times::new))
}

/// A measured figure, as one line of JSON for `cargo xtask bench`.
#[must_use = "a figure counts only when it is printed"]
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    runs: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
}

impl Figure {
    /// A figure whose `value` is in `unit` and the median of `runs` runs.
    pub fn new(name: &str, value: f64, unit: &'static str, runs: u32) -> Self {
        Self { name: name.to_owned(), value, unit, runs, ratio_to: None, at_least: None, at_most: None }
    }

    /// Compares it with another figure of the same run; bounds then apply to the ratio.
    pub fn ratio_to(self, name: &str) -> Self {
        Self { ratio_to: Some(name.to_owned()), ..self }
    }

    /// Asks for no less.
    pub fn at_least(self, bound: f64) -> Self {
        Self { at_least: Some(bound), ..self }
    }

    /// Asks for no more.
    pub fn at_most(self, bound: f64) -> Self {
        Self { at_most: Some(bound), ..self }
    }

    /// Prints the line.
    #[expect(clippy::print_stdout, reason = "the bench runner reads it from there")]
    pub fn print(self) {
        println!("{}", serde_json::to_string(&self).expect("text and numbers are always JSON"));
    }
}

/// The most memory that this process has held at one time, in bytes.
pub fn peak_memory() -> u64 {
    peak(UsageWho::RUSAGE_SELF)
}

/// The most memory that any one of the programs that this process has waited for held, in bytes.
pub fn peak_memory_of_children() -> u64 {
    peak(UsageWho::RUSAGE_CHILDREN)
}

fn peak(who: UsageWho) -> u64 {
    // Linux counts in KiB.
    u64::try_from(getrusage(who).expect("a process may ask about itself").max_rss()).unwrap_or(0) * 1024
}

fn cpu_time(who: UsageWho) -> Duration {
    let usage = getrusage(who).expect("a process may ask about itself");
    let micros = (usage.user_time() + usage.system_time()).num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = Times::new((1..=200).rev().map(Duration::from_secs).collect());
        for (percent, seconds) in [(0, 1.0), (1, 2.0), (50, 100.0), (99, 198.0), (100, 200.0)] {
            assert!((times.percentile(percent) - seconds).abs() < 1e-9, "{percent}");
        }
        assert!((Times::new(vec![Duration::from_secs(3)]).median() - 3.0).abs() < 1e-9);
    }

    #[test]
    fn programs_take_turns_after_a_warm_up() {
        let seen = std::cell::RefCell::new(String::new());
        let mut first = || {
            seen.borrow_mut().push('a');
            Ok::<_, ()>(())
        };
        let mut second = || {
            seen.borrow_mut().push('b');
            Ok::<_, ()>(())
        };
        let times = interleave(Clock::Wall, 2, [&mut first, &mut second]).unwrap();
        assert_eq!(times.map(|times| times.runs()), [2, 2]);
        assert_eq!(*seen.borrow(), "ababab");
    }

    #[test]
    fn an_error_ends_the_measurement() {
        let mut left = 2;
        let mut work = || {
            left -= 1;
            if left == 0 { Err("broken") } else { Ok(()) }
        };
        assert_eq!(interleave(Clock::Cpu, 9, [&mut work]).map(|_| ()), Err("broken"));
    }

    #[test]
    fn the_processor_is_not_charged_for_waiting() {
        let wait = || std::thread::sleep(Duration::from_millis(60));
        assert!(Clock::Wall.time(wait).0 >= Duration::from_millis(60));
        assert!(Clock::Cpu.time(wait).0 < Duration::from_millis(40));
    }

    #[test]
    fn a_figure_is_the_line_that_the_runner_reads() {
        let figure = Times::new(vec![Duration::from_millis(500)]).rate("scan", 3.0, "GB/s");
        let line = serde_json::to_string(&figure.ratio_to("read").at_least(0.85)).unwrap();
        assert_eq!(
            line,
            r#"{"name":"scan","value":6.0,"unit":"GB/s","runs":1,"ratio_to":"read","at_least":0.85}"#
        );
    }
}
