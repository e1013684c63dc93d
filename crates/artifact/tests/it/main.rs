//! Files built by code, and what the inspection says about them.

#[cfg(test)]
mod bypasses;
#[cfg(test)]
mod configs;
#[cfg(test)]
mod convert;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod files;
#[cfg(test)]
mod gguf;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod keras;
#[cfg(test)]
mod packed;
#[cfg(test)]
mod pass;
#[cfg(test)]
mod pickles;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod relate;
#[cfg(test)]
mod tars;
#[cfg(test)]
mod tensors;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod zips;

#[cfg(test)]
mod look {
    use std::{fmt::Write as _, ops::ControlFlow};

    use bartizan_artifact::{Inspection, Limits, inspect};

    /// Inspects bytes under a name.
    pub(crate) fn named(path: &str, bytes: &[u8]) -> Inspection {
        let seen = inspect(&bytes, path, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(seen.bytes_read, bytes.len() as u64, "each byte is read once");
        assert_eq!(seen.digest, Some(bartizan_finding::Digest::of(bytes)));
        seen
    }

    /// The codes of an inspection's problems, in the order of the file, each once.
    pub(crate) fn codes(seen: &Inspection) -> Vec<&str> {
        let mut codes: Vec<_> = seen.problems.iter().map(|problem| problem.rule.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// What a person reads about an inspection.
    pub(crate) fn text(seen: &Inspection) -> String {
        let mut text = format!("{}: {}\n", seen.format, seen.class);
        for problem in &seen.problems {
            let code = problem
                .variant
                .map_or(problem.rule.code.to_string(), |id| format!("{}/{id}", problem.rule.code));
            let (severity, place) = (problem.severity, &problem.location);
            let _ = writeln!(text, "{severity} {code} {place}: {}", problem.message);
        }
        for gap in &seen.unexamined {
            let _ = writeln!(text, "not examined: {}: {}", gap.location, gap.reason);
        }
        text
    }
}
